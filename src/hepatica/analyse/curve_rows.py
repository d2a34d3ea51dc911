"""Rows of a survival curve: its steps, numbers at risk, and follow-up."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hepatica.analyse.selection import RowMaker
from hepatica.analyse.survival_rows import curve_method, estimate_rows
from hepatica.dialect import TrialDialect
from hepatica.protocol.base import DAYS_PER_MONTH
from hepatica.results import ResultRow
from hepatica.stats.survival import KaplanMeier


def at_risk_times(last: float) -> NDArray[np.float64]:
    """Return the days at which numbers at risk are given, up to the first past the last follow-up.

    Every 3 months up to 24, every 6 up to 60, every 12 beyond.

    Examples
    --------
    >>> (at_risk_times(365.0) / 30.4375).tolist()
    [0.0, 3.0, 6.0, 9.0, 12.0]
    """
    months = last / DAYS_PER_MONTH
    step = next((step for step, until in ((3, 24), (6, 60)) if months <= until), 12)
    ticks = max(int(np.ceil(months / step - 1e-9)), 1)
    return np.arange(ticks + 1, dtype=np.float64) * (step * DAYS_PER_MONTH)


def follow_up_rows(
    selection: RowMaker,
    followed: KaplanMeier,
    dialect: TrialDialect,
    place: dict[str, Any],
    *,
    from_entry: bool,
) -> list[ResultRow]:
    """Return the median follow-up with its limits, from a reverse curve."""
    median = followed.median
    return estimate_rows(
        selection,
        "follow_up_median",
        (median.estimate, median.lower, median.upper),
        "Fewer than half of the follow-up times are known to have ended by censoring.",
        unit="days",
        format="months",
        method=(
            f"reverse Kaplan–Meier{' from entry' if from_entry else ''}, "
            f"{dialect.conf_type} interval"
        ),
        conf_level=followed.conf_level,
        **place,
    )


def last_rows(selection: RowMaker, curve: KaplanMeier, place: dict[str, Any]) -> list[ResultRow]:
    """Return the last follow-up."""
    return [selection.row("time_max", curve.last_time, unit="days", format="months", **place)]


def curve_rows(
    selection: RowMaker, curve: KaplanMeier, dialect: TrialDialect, place: dict[str, Any]
) -> list[ResultRow]:
    """Return every step of a curve: survival with limits, at risk, events, censored."""
    place = place | {"variable": "curve"}
    rows = []
    steps = zip(
        curve.time.tolist(),
        curve.at_risk.tolist(),
        curve.events.tolist(),
        curve.censored.tolist(),
        curve.survival.tolist(),
        curve.lower.tolist(),
        curve.upper.tolist(),
        strict=True,
    )
    for time, at_risk, events, censored, survival, lower, upper in steps:
        for name, count in (("at_risk", at_risk), ("events", events), ("censored", censored)):
            rows.append(selection.row(name, float(count), time=time, format="integer", **place))
        rows += estimate_rows(
            selection,
            "survival",
            (survival, lower, upper),
            "No limits where the estimate is 0.",
            time=time,
            format="fraction",
            method=curve_method(dialect, curve),
            conf_level=curve.conf_level,
            **place,
        )
    return rows


def risk_table_rows(
    selection: RowMaker,
    curve: KaplanMeier,
    risk_times: NDArray[np.float64],
    place: dict[str, Any],
) -> list[ResultRow]:
    """Return numbers at risk and cumulative events on the days of a risk table."""
    place = place | {"variable": "risk_table"}
    at = curve.at(risk_times)
    rows = []
    for i, day in enumerate(risk_times.tolist()):
        common = {"time": day, "format": "integer", **place}
        rows.append(selection.row("at_risk", float(at.at_risk[i]), **common))
        rows.append(selection.row("cumulative_events", float(at.cumulative_events[i]), **common))
    return rows
