"""Comparison of groups under competing risks: Gray's test, and the two hazard ratios."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hepatica.analyse.column_names import named_columns
from hepatica.analyse.comparison_rows import HazardRatios, shown_columns
from hepatica.analyse.model_matrix import ModelMatrix, model_matrix, places_of
from hepatica.analyse.selection import Selection
from hepatica.analyse.times import Times
from hepatica.dialect import trial_dialect
from hepatica.errors import AnalysisError, InputError
from hepatica.protocol.competing_risks_analysis import CompetingRisksAnalysis
from hepatica.protocol.model import Protocol
from hepatica.results import ResultRow
from hepatica.stats._checks import FloatArray, IntArray
from hepatica.stats.survival import cox, fine_gray, gray_test

_FINE_GRAY = "Fine–Gray model of the subdistribution hazard, robust Wald interval"
_SPECIFIC = "cause-specific proportional hazards model, {ties} ties, Wald interval"
_NOBODY = (
    "Nobody in {who} had {cause}, so that the ratio has no finite estimate. Read the cumulative "
    "incidences and Gray's test instead."
)


def compare_causes(
    protocol: Protocol,
    selection: Selection,
    analysis: CompetingRisksAnalysis,
    times: Times,
    code: IntArray,
    place: dict[str, Any],
) -> list[ResultRow]:
    """Compare groups cause by cause.

    Parameters
    ----------
    protocol : Protocol
        Gives dialect and confidence level.
    selection : Selection
        Patients and groups.
    analysis : CompetingRisksAnalysis
        Names the reference and the covariates.
    times : Times
        Usable times.
    code : int array (n,)
        Cause of each time; 0 for a censoring.
    place : dict
        Columns that all rows share.

    Returns
    -------
    list of ResultRow
        For each cause Gray's test; against the reference the subdistribution and the
        cause-specific hazard ratios, then both adjusted. What cannot be estimated is a row that
        says why.
    """
    if len(np.unique(times.group)) < 2:
        return []
    rows: list[ResultRow] = []
    for number, cause in enumerate(analysis.causes, start=1):
        common = place | {"variable_level": cause.label}
        rows += _gray(selection, times, code, number, common)
    if analysis.reference is None:
        return rows
    if analysis.reference not in selection.levels:
        raise AnalysisError(
            f"The reference {analysis.reference} is not a group; groups are "
            f"{', '.join(selection.levels)}."
        )
    adjusted, complete = _adjustment(protocol, selection, analysis, times)
    if adjusted is not None and not complete.all():
        rows.append(
            selection.row(
                "n",
                int(np.count_nonzero(~complete)),
                variable="covariates",
                variable_level="Missing",
                format="integer",
                message="Patients without a covariate are not in the adjusted models.",
                **place,
            )
        )
    for number, cause in enumerate(analysis.causes, start=1):
        common = place | {"variable_level": cause.label, "reference": analysis.reference}
        everybody = np.ones(len(code), dtype=np.bool_)
        rows += _ratios(protocol, selection, times, code, (number, None, everybody), common)
        if adjusted is not None:
            chosen = (number, adjusted, complete)
            rows += _ratios(protocol, selection, times, code, chosen, common)
    return rows


def _gray(
    selection: Selection, times: Times, code: IntArray, number: int, common: dict[str, Any]
) -> list[ResultRow]:
    common = common | {
        "group": selection.group,
        "variable": "gray",
        "method": "Gray's test of equal cumulative incidences",
    }
    if not (code == number).any():
        message = f"Nobody had {common['variable_level']}, so that there is nothing to compare."
        return [selection.row("p_value", status="not_estimable", message=message, **common)]
    try:
        test = gray_test(times.time, code, times.group, cause_of_interest=number)
    except InputError as error:
        return [selection.row("p_value", status="not_estimable", message=str(error), **common)]
    return [
        selection.row("test_statistic", test.statistic, format="statistic", **common),
        selection.row("df", test.df, format="integer", **common),
        selection.row("p_value", test.p_value, format="p_value", **common),
    ]


def _adjustment(
    protocol: Protocol, selection: Selection, analysis: CompetingRisksAnalysis, times: Times
) -> tuple[ModelMatrix | None, NDArray[np.bool_]]:
    """Return the covariates beside the groups, and who has all of them."""
    names = [name for name in analysis.covariates if name != selection.group]
    if not names:
        return None, np.ones(len(times.time), dtype=np.bool_)
    matrix = model_matrix(protocol, selection, names, analysis.references)
    matrix = matrix.rows(places_of(selection, times.records))
    return matrix, matrix.complete


def _ratios(
    protocol: Protocol,
    selection: Selection,
    times: Times,
    code: IntArray,
    chosen: tuple[int, ModelMatrix | None, NDArray[np.bool_]],
    common: dict[str, Any],
) -> list[ResultRow]:
    """Return both ratios of a cause, unadjusted or adjusted."""
    number, matrix, kept = chosen
    group, cause, time = times.group[kept], code[kept], times.time[kept]
    reference = selection.levels.index(common["reference"])
    present = [one for one in np.unique(group).tolist() if one != reference]
    x = (group[:, None] == np.array(present, dtype=np.int64)[None, :]).astype(np.float64)
    suffix, said = "", ""
    if matrix is not None:
        x = np.concatenate((x, matrix.x[kept]), axis=1)
        suffix, said = "_adjusted", f", adjusted for {', '.join(matrix.labels)}"
    ties = trial_dialect(protocol.dialect).ties
    level = protocol.conf_level
    levels = tuple(selection.levels[one] for one in present)
    groups = [selection.levels[one] for one in np.unique(group).tolist()]
    nobody = [
        label
        for label in groups
        if not (cause[group == selection.levels.index(label)] == number).any()
    ]
    names = levels if matrix is None else (*levels, *(one.label for one in matrix.columns))
    why = _NOBODY.format(who=" and ".join(nobody), cause=common["variable_level"])
    ways: tuple[tuple[str, str, str, Callable[[], HazardRatios]], ...] = (
        (
            "fine_gray",
            "subdistribution_hazard_ratio",
            _FINE_GRAY,
            lambda: fine_gray(time, cause, x, cause_of_interest=number, conf_level=level),
        ),
        (
            "cause_specific",
            "hazard_ratio",
            _SPECIFIC.format(ties=ties.title()),
            lambda: cox(time, cause == number, x, ties=ties, conf_level=level),
        ),
    )
    rows: list[ResultRow] = []
    for variable, statistic, method, fit in ways:
        columns = common | {
            "variable": variable + suffix,
            "method": method + said,
            "conf_level": level,
        }
        rows += _rows_of(selection, levels, fit, (statistic, why if nobody else "", names), columns)
    return rows


def _rows_of(
    selection: Selection,
    levels: tuple[str, ...],
    fit: Callable[[], HazardRatios],
    told: tuple[str, str, tuple[str, ...]],
    columns: dict[str, Any],
) -> list[ResultRow]:
    """Return the ratio of each group; without events in a group there is a row that says so."""
    statistic, why, names = told
    message = why
    if not why:
        try:
            found = fit()
        except InputError as error:
            message = (
                f"{named_columns(str(error), names)} Leave out the covariate, or join its levels."
            )
    if message:
        return [
            selection.row(
                statistic, level=level, status="not_estimable", message=message, **columns
            )
            for level in levels
        ]
    return [
        selection.row(
            name.replace("hazard_ratio", statistic),
            _value(values, place),
            format=shown,
            level=level,
            **columns,
            **_state(values, place),
        )
        for place, level in enumerate(levels)
        for name, values, shown in shown_columns(found)
    ]


def _value(values: FloatArray, place: int) -> float | None:
    value = float(values[place])
    return value if np.isfinite(value) else None


def _state(values: FloatArray, place: int) -> dict[str, str]:
    if np.isfinite(values[place]):
        return {}
    return {"status": "not_estimable", "message": "Too few events for a robust variance."}
