"""Reading the result rows of one time-to-event analysis into what a figure draws."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hepatica.errors import AnalysisError
from hepatica.present.figures.text import clean
from hepatica.results import ResultRow, Results

DAYS_PER_MONTH = 30.4375

#: A band is drawn while at least this many are at risk.
BAND_AT_RISK = 5

_CURVE_STATISTICS = ("survival", "survival_lower", "survival_upper", "at_risk", "censored")

#: Rows of an analysis by level, variable and statistic.
RowIndex = dict[tuple[str, str, str], list[ResultRow]]


@dataclass(frozen=True, slots=True)
class CurveGroup:
    """A group of patients in a figure.

    Attributes
    ----------
    level : str
        Label of the group in the rows; empty for all patients.
    slot : int
        Colour slot, 1 to 6; ink (6) for all patients together.
    name : str
        What the reader sees; the level when not given.
    """

    level: str
    slot: int
    name: str = ""

    @property
    def shown(self) -> str:
        """The name that the reader sees."""
        return clean(self.name or self.level) or "All patients"


@dataclass(frozen=True, slots=True)
class Curve:
    """One Kaplan-Meier curve and the numbers beside it.

    Attributes
    ----------
    group : CurveGroup
        Name and colour.
    days, survival, lower, upper, at_risk, censored : ndarray of float, shape (n_times,)
        The rows of the curve in order of time; limits are NaN where not estimable.
    n, events, missing, median, median_lower, median_upper : ResultRow or None
        Rows as they were found.
    entered : ResultRow or None
        Row of the patients who were followed, where they entered late.
    risk : dict of float to tuple of ResultRow or None
        Rows of the numbers at risk, and of cumulative events, by day.
    """

    group: CurveGroup
    days: NDArray[np.float64]
    survival: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    at_risk: NDArray[np.float64]
    censored: NDArray[np.float64]
    n: ResultRow | None
    events: ResultRow | None
    missing: ResultRow | None
    median: ResultRow | None
    median_lower: ResultRow | None
    median_upper: ResultRow | None
    risk: dict[float, tuple[ResultRow, ResultRow | None]]
    entered: ResultRow | None = None

    @property
    def median_days(self) -> float | None:
        """Median in days, or ``None`` when it is not estimable."""
        row = self.median
        return None if row is None or row.status != "ok" else row.value

    @property
    def followed(self) -> ResultRow | None:
        """Row of the patients whose times make the curve: all, or those at risk on day 0."""
        if self.entered is not None:
            return self.entered
        if self.missing is None or not self.missing.value or 0.0 not in self.risk:
            return self.n
        return self.risk[0.0][0]

    def banded(self) -> NDArray[np.bool_]:
        """Return, for the step that begins at each time, whether its band is drawn."""
        after = np.append(self.at_risk[1:], 0.0)
        known = np.isfinite(self.lower) & np.isfinite(self.upper)
        return known & (after >= BAND_AT_RISK)


@dataclass(frozen=True, slots=True)
class HazardRatio:
    """A hazard ratio with its limits; ``lower`` and ``upper`` may be missing."""

    level: str
    reference: str
    estimate: ResultRow
    lower: ResultRow | None
    upper: ResultRow | None


@dataclass(frozen=True, slots=True)
class SurvivalFigureData:
    """All that a Kaplan-Meier figure reads, and the ids of the rows it came from.

    ``corrected`` is the P value that stands before that of the test, where the patients chose the
    cut-point by which they are grouped.
    """

    curves: tuple[Curve, ...]
    hazard_ratios: tuple[HazardRatio, ...]
    test: ResultRow | None
    method: str
    row_ids: tuple[str, ...]
    corrected: ResultRow | None = None

    @property
    def last_day(self) -> float:
        """Last follow-up of anybody, in days; 0 when nobody was followed."""
        return max((float(curve.days[-1]) for curve in self.curves if len(curve.days)), default=0.0)

    @property
    def risk_days(self) -> tuple[float, ...]:
        """Days at which numbers at risk are known, in order."""
        return tuple(sorted({day for curve in self.curves for day in curve.risk}))


def read_survival(
    results: Results, analysis: str, groups: tuple[CurveGroup, ...], *, compare: bool
) -> SurvivalFigureData:
    """Return what a Kaplan-Meier figure draws.

    Raises
    ------
    AnalysisError
        If the analysis failed, or has no curve for any of the groups.
    """
    rows = results.where(analysis=analysis)
    failed = next((row for row in rows if row.statistic == "analysis"), None)
    if failed is not None:
        raise AnalysisError(f"There is no figure of {analysis}: {failed.message}")
    index: RowIndex = {}
    for row in rows:
        index.setdefault((row.level, row.variable, row.statistic), []).append(row)
    curves = tuple(_curve(index, group) for group in groups)
    if not any(len(curve.days) for curve in curves):
        raise AnalysisError(f"There is no figure of {analysis}: it has no survival curve.")
    ratios = _hazard_ratios(index, groups) if compare else ()
    test = _first(index, "", "logrank", "p_value") if compare and len(groups) > 1 else None
    ids = [row.id for group in groups for row in _drawn(index, group.level)]
    ids += [
        row.id for ratio in ratios for row in _present(ratio.estimate, ratio.lower, ratio.upper)
    ]
    maximal = _first(index, "", "maximally_selected", "p_value")
    corrected = maximal if test is not None else None
    ids += [row.id for row in _present(corrected, test)]
    named = (row for row in rows if row.variable == "curve" or row.statistic == "median")
    method = next((row.method for row in named if row.method), "")
    return SurvivalFigureData(curves, ratios, test, method, tuple(ids), corrected)


def _present(*rows: ResultRow | None) -> list[ResultRow]:
    return [row for row in rows if row is not None]


def _first(index: RowIndex, level: str, variable: str, statistic: str) -> ResultRow | None:
    return next(iter(index.get((level, variable, statistic), ())), None)


def _drawn(index: RowIndex, level: str) -> Iterable[ResultRow]:
    for statistic in ("n", "events", "missing", "median", "median_lower", "median_upper"):
        yield from index.get((level, "", statistic), ())[:1]
    for statistic in _CURVE_STATISTICS:
        yield from index.get((level, "curve", statistic), ())
    for statistic in ("at_risk", "cumulative_events"):
        yield from index.get((level, "risk_table", statistic), ())


def _curve(index: RowIndex, group: CurveGroup) -> Curve:
    level = group.level
    by_day: dict[str, dict[float, float]] = {}
    for statistic in _CURVE_STATISTICS:
        rows = index.get((level, "curve", statistic), ())
        by_day[statistic] = {
            row.time: math.nan if row.value is None else row.value
            for row in rows
            if row.time is not None
        }
    days = sorted(day for day, value in by_day["survival"].items() if math.isfinite(value))
    columns = {
        statistic: np.array([values.get(day, math.nan) for day in days], dtype=float)
        for statistic, values in by_day.items()
    }
    cumulative = {
        row.time: row for row in index.get((level, "risk_table", "cumulative_events"), ())
    }
    risk = {
        row.time: (row, cumulative.get(row.time))
        for row in index.get((level, "risk_table", "at_risk"), ())
        if row.time is not None
    }
    return Curve(
        group=group,
        days=np.array(days, dtype=float),
        survival=columns["survival"],
        lower=columns["survival_lower"],
        upper=columns["survival_upper"],
        at_risk=columns["at_risk"],
        censored=columns["censored"],
        n=_first(index, level, "", "n"),
        events=_first(index, level, "", "events"),
        missing=_first(index, level, "", "missing"),
        median=_first(index, level, "", "median"),
        median_lower=_first(index, level, "", "median_lower"),
        median_upper=_first(index, level, "", "median_upper"),
        risk=risk,
        entered=next(
            (
                row
                for row in index.get((level, "entry", "n"), ())
                if row.variable_level == "followed"
            ),
            None,
        ),
    )


def _hazard_ratios(index: RowIndex, groups: tuple[CurveGroup, ...]) -> tuple[HazardRatio, ...]:
    found = []
    for group in groups:
        for estimate in index.get((group.level, "cox", "hazard_ratio"), ()):
            limits = [
                next(
                    (
                        row
                        for row in index.get((group.level, "cox", f"hazard_ratio_{side}"), ())
                        if row.reference == estimate.reference
                    ),
                    None,
                )
                for side in ("lower", "upper")
            ]
            found.append(HazardRatio(group.level, estimate.reference, estimate, *limits))
    return tuple(found)
