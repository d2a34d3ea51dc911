"""Planned comparisons of groups: log-rank test and hazard ratio."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hepatica.analyse.chosen_comparison import compare_all_cut_points
from hepatica.analyse.comparison_rows import hazard_ratio_rows, logrank_rows
from hepatica.analyse.selection import Selection
from hepatica.analyse.times import Times
from hepatica.derive.adsl import category_column
from hepatica.dialect import trial_dialect
from hepatica.errors import AnalysisError
from hepatica.protocol.analyses import TimeToEventAnalysis
from hepatica.protocol.comparison import Comparison
from hepatica.protocol.endpoints import TimeToEvent
from hepatica.protocol.model import Protocol
from hepatica.results import ResultRow
from hepatica.stats.survival import cox, logrank


def compare_groups(
    protocol: Protocol,
    selection: Selection,
    analysis: TimeToEventAnalysis,
    endpoint: TimeToEvent,
    times: Times,
) -> list[ResultRow]:
    """Compare the groups of an analysis as it plans.

    Parameters
    ----------
    protocol : Protocol
        Gives dialect and confidence level.
    selection : Selection
        Patients and groups.
    analysis : TimeToEventAnalysis
        Holds the planned comparison.
    endpoint : TimeToEvent
        What is compared.
    times : Times
        Usable times.

    Returns
    -------
    list of ResultRow
        Where the patients chose the cut-point that makes the groups, the corrected test first;
        the log-rank test over all groups, and hazard ratios against the reference group; what
        cannot be estimated is a row that says why.
    """
    plan = analysis.compare or Comparison()
    place = {
        "dataset": "ADTTE",
        "parameter": endpoint.parameter,
        "time_origin": endpoint.origin.label,
    }
    strata = _strata(selection, times, plan)
    rows = []
    if strata is not None and (strata < 0).any():
        rows = [_without_stratum(selection, int((strata < 0).sum()), place)]
        times, strata = times.where(strata >= 0), strata[strata >= 0]
    corrected = compare_all_cut_points(protocol, selection, analysis, times, place)
    caution = "Not corrected for the choice of the cut-point." if corrected else ""
    rows += corrected
    rows += _logrank(selection, times, strata, plan, place | {"message": caution})
    if plan.hazard_ratio and plan.reference is not None:
        rows += _hazard_ratios(protocol, selection, times, strata, plan, place)
    return rows


def _strata(selection: Selection, times: Times, plan: Comparison) -> NDArray[np.int64] | None:
    if not plan.strata:
        return None
    columns = [category_column(name) for name in plan.strata]
    joined = times.records.select("USUBJID").join(
        selection.members.select("USUBJID", *columns), on="USUBJID", how="left"
    )
    found = list(joined.select(*columns).iter_rows())
    known = sorted({values for values in found if None not in values})
    code = {values: place for place, values in enumerate(known)}
    return np.array([code.get(values, -1) for values in found], dtype=np.int64)


def _without_stratum(selection: Selection, n: int, place: dict[str, Any]) -> ResultRow:
    return selection.row(
        "n",
        float(n),
        variable="strata",
        variable_level="Missing",
        format="integer",
        message="Patients without a known stratum are not in the comparison.",
        **place,
    )


def _named(method: str, plan: Comparison) -> str:
    return f"{method}, stratified by {', '.join(plan.strata)}" if plan.strata else method


def _logrank(
    selection: Selection,
    times: Times,
    strata: NDArray[np.int64] | None,
    plan: Comparison,
    place: dict[str, Any],
) -> list[ResultRow]:
    common = place | {
        "group": selection.group,
        "variable": "logrank",
        "method": _named("log-rank test, two-sided", plan),
    }
    return logrank_rows(
        selection,
        lambda: logrank(times.time, times.event, times.group, strata=strata),
        common,
    )


def _hazard_ratios(
    protocol: Protocol,
    selection: Selection,
    times: Times,
    strata: NDArray[np.int64] | None,
    plan: Comparison,
    place: dict[str, Any],
) -> list[ResultRow]:
    if plan.reference not in selection.levels:
        raise AnalysisError(
            f"The reference {plan.reference} is not a group; groups are "
            f"{', '.join(selection.levels)}."
        )
    reference = selection.levels.index(plan.reference)
    present = [code for code in np.unique(times.group).tolist() if code != reference]
    ties = trial_dialect(protocol.dialect).ties
    common = place | {
        "reference": plan.reference,
        "variable": "cox",
        "method": _named(f"proportional hazards model, {ties.title()} ties, Wald interval", plan),
        "conf_level": protocol.conf_level,
    }
    indicator = (times.group[:, None] == np.array(present)[None, :]).astype(np.float64)
    return hazard_ratio_rows(
        selection,
        tuple(selection.levels[code] for code in present),
        lambda: cox(
            times.time,
            times.event,
            indicator,
            ties=ties,
            strata=strata,
            conf_level=protocol.conf_level,
        ),
        common,
    )
