"""Planned comparisons of groups: log-rank test and hazard ratio."""

from __future__ import annotations

from functools import cache
from typing import Any

from hepatica.analyse.centre_models import (
    clustered_rows,
    firth_rows,
    frailty_rows,
    hazard_columns,
    indicators,
)
from hepatica.analyse.chosen_comparison import compare_all_cut_points
from hepatica.analyse.comparison_rows import hazard_ratio_rows, logrank_rows
from hepatica.analyse.proportional_hazards import proportionality_rows
from hepatica.analyse.selection import Selection
from hepatica.analyse.strata import stratum_codes
from hepatica.analyse.times import Times, endpoint_columns
from hepatica.analyse.unequal_hazards import (
    Compared,
    max_combo_rows,
    restricted_mean_rows,
    weighted_rows,
)
from hepatica.dialect import trial_dialect
from hepatica.errors import AnalysisError, InputError
from hepatica.protocol.analyses import TimeToEventAnalysis
from hepatica.protocol.comparison import Comparison
from hepatica.protocol.endpoints import TimeToEvent
from hepatica.protocol.model import Protocol
from hepatica.results import ResultRow
from hepatica.stats.survival import CoxFit, NoFiniteEstimateError, cox, logrank


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
    place = endpoint_columns(endpoint)
    everybody = Compared(protocol, selection, plan, times, None, place).unstratified(times)
    rows = []
    strata = None
    if plan.strata:
        strata, _ = stratum_codes(selection, times.records, plan.strata)
    if strata is not None and (strata < 0).any():
        rows = [_without_stratum(selection, int((strata < 0).sum()), place)]
        times, strata = times.where(strata >= 0), strata[strata >= 0]
    compared = Compared(protocol, selection, plan, times, strata, place)
    corrected = compare_all_cut_points(protocol, selection, analysis, times, place)
    caution = "Not corrected for the choice of the cut-point." if corrected else ""
    rows += corrected
    rows += _logrank(compared, "logrank", caution)
    both = strata is not None and plan.stratified == "both"
    if both:
        rows += _logrank(everybody, "logrank_unstratified", caution)
    rows += weighted_rows(compared) + max_combo_rows(compared)
    rows += restricted_mean_rows(everybody)
    if plan.hazard_ratio and plan.reference is not None:
        rows += _hazard_ratios(compared, "cox")
        if both:
            rows += _hazard_ratios(everybody, "cox_unstratified")
        rows += clustered_rows(compared) + frailty_rows(compared)
    return rows


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


def _logrank(compared: Compared, variable: str, caution: str) -> list[ResultRow]:
    common = compared.place | {
        "group": compared.selection.group,
        "variable": variable,
        "method": compared.named("log-rank test, two-sided"),
        "message": caution,
    }
    times = compared.times
    return logrank_rows(
        compared.selection,
        lambda: logrank(
            times.time, times.event, times.group, strata=compared.strata, entry=times.entry
        ),
        common,
    )


def _hazard_ratios(compared: Compared, variable: str) -> list[ResultRow]:
    selection, plan, times = compared.selection, compared.plan, compared.times
    if plan.reference not in selection.levels:
        raise AnalysisError(
            f"The reference {plan.reference} is not a group; groups are "
            f"{', '.join(selection.levels)}."
        )
    ties = trial_dialect(compared.protocol.dialect).ties
    levels, x = indicators(compared)
    method = f"proportional hazards model, {ties.title()} ties, Wald interval"
    common = hazard_columns(compared, variable, method)

    @cache
    def fit() -> CoxFit:
        return cox(
            times.time,
            times.event,
            x,
            ties=ties,
            strata=compared.strata,
            entry=times.entry,
            conf_level=compared.protocol.conf_level,
        )

    try:
        fit()
    except NoFiniteEstimateError:
        message = _without_end(compared)
        rows = [
            selection.row(
                "hazard_ratio", level=level, status="not_estimable", message=message, **common
            )
            for level in levels
        ]
        rows += firth_rows(compared) if variable == "cox" else []
    except InputError:
        rows = hazard_ratio_rows(selection, levels, fit, common)
    else:
        rows = hazard_ratio_rows(selection, levels, fit, common)
    if plan.proportionality and variable == "cox":
        rows += proportionality_rows(compared, levels, fit)
    return rows


def _without_end(compared: Compared) -> str:
    """Say why the likelihood rises without end, and what to read instead."""
    levels, times = compared.selection.levels, compared.times
    without = [
        levels[code] for code in compared.present if not times.event[times.group == code].any()
    ]
    why = (
        f"there is no event in {' and in '.join(without)}"
        if without
        else "all events of a group come before or after those of another"
    )
    return (
        f"A hazard ratio has no finite estimate: {why}. Read the hazard ratio with Firth's penalty "
        "beside it, or the difference of restricted means."
    )
