"""What stands beside a survival probability at a fixed time: the window's end, plain counting.

A scan planned for the time may come late, so that a progression that was there is first seen
within the window of that scan.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hepatica.analyse.selection import Selection
from hepatica.analyse.survival_rows import curve_method, estimate_rows
from hepatica.analyse.times import Times
from hepatica.dialect import TrialDialect, trial_dialect
from hepatica.protocol.endpoints import TimeToEvent
from hepatica.protocol.model import Protocol
from hepatica.results import ResultRow
from hepatica.stats.proportions import proportion_ci
from hepatica.stats.survival import KaplanMeier


def fixed_time_rows(
    protocol: Protocol,
    endpoint: TimeToEvent,
    selection: Selection,
    times: Times,
    chosen: NDArray[np.bool_],
    curve: KaplanMeier,
    place: dict[str, Any],
) -> list[ResultRow]:
    """Return survival at the end of the window, events in between, and the plain proportion.

    Parameters
    ----------
    protocol : Protocol
        The window of an assessment, and the dialect.
    endpoint : TimeToEvent
        Its time points; only events seen at assessments have a window.
    selection : Selection
        Patients and groups.
    times : Times
        Usable times.
    chosen : ndarray of bool
        Those of the group.
    curve : KaplanMeier
        Of the group.
    place : dict
        Columns that the rows share.

    Returns
    -------
    list of ResultRow
        For each landmark: ``window_end`` where assessments have a window, and ``plain``.
    """
    rows: list[ResultRow] = []
    dialect = trial_dialect(protocol.dialect)
    seen = any(rule.dataset == "ADRS" for rule in endpoint.events)
    window = protocol.assessments.window_days if protocol.assessments is not None and seen else 0
    time, event = times.time[chosen], times.event[chosen] == 1
    for day in (float(point.days) for point in endpoint.time_points):
        if window:
            rows += _window_end(selection, curve, time, event, (day, window), dialect, place)
        rows += _plain(protocol, selection, time, event, day, dialect, place)
    return rows


def _window_end(
    selection: Selection,
    curve: KaplanMeier,
    time: NDArray[np.float64],
    event: NDArray[np.bool_],
    at: tuple[float, int],
    dialect: TrialDialect,
    place: dict[str, Any],
) -> list[ResultRow]:
    day, end = at[0], at[0] + at[1]
    place = place | {"variable": "window_end", "time": day, "variable_level": f"day {end:g}"}
    between = int((event & (time > day) & (time <= end)).sum())
    found = curve.at(np.array([end]))
    triple = (float(found.survival[0]), float(found.lower[0]), float(found.upper[0]))
    why = "Past the last follow-up, or no limits because nobody or everybody had the event."
    return [
        selection.row("events", between, format="integer", **place),
        *estimate_rows(
            selection,
            "survival",
            triple,
            why,
            format="fraction",
            method=curve_method(dialect, curve),
            conf_level=curve.conf_level,
            **place,
        ),
    ]


def _plain(
    protocol: Protocol,
    selection: Selection,
    time: NDArray[np.float64],
    event: NDArray[np.bool_],
    day: float,
    dialect: TrialDialect,
    place: dict[str, Any],
) -> list[ResultRow]:
    """Count who is event-free at the day; undefined when somebody was censored before it."""
    place = place | {"variable": "plain", "time": day, "denominator": len(time)}
    shown: dict[str, Any] = {"unit": "%", "format": "percent"}
    earlier = int((~event & (time < day)).sum())
    if earlier:
        message = f"Undefined: {earlier} of {len(time)} patients were censored earlier."
        return [selection.row("percent", status="not_estimable", message=message, **shown, **place)]
    free = int(len(time) - (event & (time <= day)).sum())
    interval = proportion_ci(
        free, len(time), method=dialect.proportion_method, conf_level=protocol.conf_level
    )
    shown |= {"method": dialect.proportion_method, "conf_level": protocol.conf_level}
    return [
        selection.row("percent", 100 * interval.estimate, **shown, **place),
        selection.row("percent_lower", 100 * interval.lower, **shown, **place),
        selection.row("percent_upper", 100 * interval.upper, **shown, **place),
    ]
