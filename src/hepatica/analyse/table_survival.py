"""Rows of a time to an event that was counted in a table, by group."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from hepatica.analyse.comparison_rows import logrank_rows
from hepatica.analyse.curve_rows import (
    at_risk_times,
    curve_rows,
    follow_up_rows,
    last_rows,
    risk_table_rows,
)
from hepatica.analyse.entry import FOLLOWED, NOT_AFTER, UNKNOWN
from hepatica.analyse.selection import Grouping
from hepatica.analyse.standing import Standing
from hepatica.analyse.survival_counts import CountedSurvival
from hepatica.analyse.survival_data import SurvivalData
from hepatica.analyse.survival_rows import (
    estimate_rows,
    landmark_rows,
    median_rows,
    number_rows,
)
from hepatica.dialect import TrialDialect
from hepatica.errors import InputError
from hepatica.results import ResultRow
from hepatica.stats.survival import KaplanMeier
from hepatica.stats.survival.restricted_mean import restricted_mean, restricted_mean_difference

#: Steps of a curve that are listed; figures do not show more.
MOST_STEPS = 20_000

_MISSING = (Standing.NO_TIME, Standing.NO_EVENT, Standing.NO_ENTRY, Standing.ENTRY_NOT_BEFORE)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableAnalysis:
    """What is asked of a counted table.

    Attributes
    ----------
    parameter : str
        What the time is of.
    strata : tuple of str
        Names of the stratum columns.
    at : tuple of float
        Days at which survival is given.
    tau : float or None
        Day up to which the restricted mean is taken; none without it.
    dialect : TrialDialect
        Names of the methods.
    conf_level : float
        Confidence level.
    reference : str
        The group that others are compared with.
    """

    parameter: str
    strata: tuple[str, ...]
    at: tuple[float, ...]
    tau: float | None
    dialect: TrialDialect
    conf_level: float
    reference: str


def table_rows(
    grouping: Grouping, counted: CountedSurvival, data: SurvivalData, asked: TableAnalysis
) -> list[ResultRow]:
    """Return counts, medians, survival, curves, restricted means and the test of the groups.

    Parameters
    ----------
    grouping : Grouping
        Makes the rows.
    counted : CountedSurvival
        What was found when the table was counted.
    data : SurvivalData
        The usable times.
    asked : TableAnalysis
        What is wanted.

    Returns
    -------
    list of ResultRow
        As ``docs/results.md`` lists for ``time_to_event`` and comparison.
    """
    shared = {"parameter": asked.parameter}
    rows = list(_sizes(grouping, counted))
    curves: list[KaplanMeier] = []
    last = 0.0
    for code in range(len(counted.groups)):
        curves.append(data.curve(code, asked.dialect, asked.conf_level))
        last = max(last, curves[-1].last_time)
    risk_times = at_risk_times(last)
    for code, (level, curve) in enumerate(zip(counted.groups, curves, strict=True)):
        place: dict[str, Any] = shared | ({"level": level} if grouping.group else {})
        n, events = data.n(code)
        rows += number_rows(grouping, (_size(counted, level), n, events), place)
        rows += _entry_rows(grouping, counted, data, level, place)
        rows += median_rows(grouping, curve, asked.dialect, place)
        followed = data.followed(code, asked.dialect, asked.conf_level)
        rows += follow_up_rows(grouping, followed, asked.dialect, place, from_entry=data.delayed)
        rows += last_rows(grouping, curve, place)
        rows += landmark_rows(grouping, curve, np.array(asked.at), asked.dialect, place)
        rows += _restricted_rows(grouping, curve, asked, place)
        rows += _steps(grouping, curve, asked, place)
        rows += risk_table_rows(grouping, curve, risk_times, place)
    if grouping.group:
        rows += _comparison(grouping, counted, data, asked, curves)
    return rows


def _size(counted: CountedSurvival, level: str) -> int:
    """Return the records of a group: usable, and lacking a value."""
    kinds = (Standing.COUNTED, Standing.FRACTION, *_MISSING)
    return sum(counted.by_group.get((kind, level), 0) for kind in kinds)


def _sizes(grouping: Grouping, counted: CountedSurvival) -> Iterator[ResultRow]:
    sizes = [_size(counted, level) for level in counted.groups]
    if grouping.group:
        for level, size in zip(counted.groups, sizes, strict=True):
            yield grouping.row("n", float(size), level=level, format="integer")
    without = counted.standing.get(Standing.NO_GROUP, 0)
    yield grouping.row("n", float(sum(sizes) + without), format="integer")
    if without:
        yield grouping.row(
            "n",
            float(without),
            variable="group",
            variable_level="Missing",
            format="integer",
            message="Records without a known group are not in the analysis.",
        )


def _entry_rows(
    grouping: Grouping,
    counted: CountedSurvival,
    data: SurvivalData,
    level: str,
    place: dict[str, Any],
) -> list[ResultRow]:
    unknown, not_after = (
        counted.by_group.get((one, level), 0)
        for one in (Standing.NO_ENTRY, Standing.ENTRY_NOT_BEFORE)
    )
    if not (data.delayed or unknown or not_after):
        return []
    followed = data.n(counted.groups.index(level))[0]
    found = {FOLLOWED: followed, UNKNOWN: unknown, NOT_AFTER: not_after}
    return [
        grouping.row(
            "n", float(n), variable="entry", variable_level=name, format="integer", **place
        )
        for name, n in found.items()
    ]


def _steps(
    grouping: Grouping, curve: KaplanMeier, asked: TableAnalysis, place: dict[str, Any]
) -> list[ResultRow]:
    if len(curve.time) <= MOST_STEPS:
        return curve_rows(grouping, curve, asked.dialect, place)
    message = f"The curve has {len(curve.time)} steps; up to {MOST_STEPS} are listed."
    return [
        grouping.row(
            "survival", status="not_estimable", message=message, **(place | {"variable": "curve"})
        )
    ]


def _restricted_rows(
    grouping: Grouping, curve: KaplanMeier, asked: TableAnalysis, place: dict[str, Any]
) -> list[ResultRow]:
    if asked.tau is None:
        return []
    columns: dict[str, Any] = place | {
        "time": asked.tau,
        "unit": "days",
        "format": "months",
        "method": "area under the Kaplan–Meier curve, Greenwood variance, Wald interval",
        "conf_level": asked.conf_level,
    }
    nan = (float("nan"),) * 3
    try:
        found = restricted_mean(curve, asked.tau)
    except InputError as error:
        return estimate_rows(grouping, "restricted_mean", nan, str(error), **columns)
    triple = (found.estimate, found.lower, found.upper)
    return [
        *estimate_rows(grouping, "restricted_mean", triple, "", **columns),
        grouping.row("restricted_mean_std_error", found.std_error, **columns),
    ]


def _comparison(
    grouping: Grouping,
    counted: CountedSurvival,
    data: SurvivalData,
    asked: TableAnalysis,
    curves: list[KaplanMeier],
) -> list[ResultRow]:
    shared: dict[str, Any] = {"parameter": asked.parameter}
    rows = []
    if counted.unstratified:
        rows.append(
            grouping.row(
                "n",
                float(counted.unstratified),
                variable="strata",
                variable_level="Missing",
                format="integer",
                message="Records without a known stratum are not in the comparison.",
                **shared,
            )
        )
    common = shared | {
        "group": grouping.group,
        "variable": "logrank",
        "method": stratified("log-rank test, two-sided", asked.strata),
    }
    rows += logrank_rows(grouping, data.logrank, common)
    if asked.tau is not None and asked.reference in counted.groups:
        control = curves[counted.groups.index(asked.reference)]
        for level, curve in zip(counted.groups, curves, strict=True):
            if level != asked.reference:
                rows += _restricted_difference(grouping, (curve, control), level, asked)
    return rows


def stratified(method: str, strata: tuple[str, ...]) -> str:
    """Return the name of a method with the strata it is stratified by.

    Examples
    --------
    >>> stratified("log-rank test", ("REGION",))
    'log-rank test, stratified by REGION'
    """
    return f"{method}, stratified by {', '.join(strata)}" if strata else method


def _restricted_difference(
    grouping: Grouping,
    curves: tuple[KaplanMeier, KaplanMeier],
    level: str,
    asked: TableAnalysis,
) -> list[ResultRow]:
    columns: dict[str, Any] = {
        "parameter": asked.parameter,
        "level": level,
        "reference": asked.reference,
        "time": asked.tau,
        "unit": "days",
        "format": "months",
        "method": "difference of restricted means, Greenwood variance, Wald interval",
        "conf_level": asked.conf_level,
    }
    name = "restricted_mean_difference"
    try:
        found = restricted_mean_difference(*curves, asked.tau, conf_level=asked.conf_level)
    except InputError as error:
        return estimate_rows(grouping, name, (float("nan"),) * 3, str(error), **columns)
    one = found.difference
    shown = columns | {"format": "p_value", "unit": ""}
    return [
        *estimate_rows(
            grouping, name, (one.estimate, one.lower, one.upper), "No variance.", **columns
        ),
        grouping.row(f"{name}_p_value", one.p_value, **shown)
        if np.isfinite(one.p_value)
        else grouping.row(
            f"{name}_p_value", status="not_estimable", message="No variance.", **shown
        ),
    ]
