"""Rows of one group of a time to an event: counts, reasons, median and landmarks."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray

from hepatica.analyse.counts import count_by
from hepatica.analyse.selection import RowMaker, Selection
from hepatica.analyse.times import Times
from hepatica.dialect import TrialDialect
from hepatica.results import ResultRow
from hepatica.stats.survival import KaplanMeier

_MEDIAN_RULES = {
    "midpoint_or_missing": "middle of a flat step",
    "midpoint_or_first": "middle of a flat step, its start if the curve ends there",
    "first_time": "first time at or below",
}


def count_rows(
    selection: Selection, times: Times, chosen: NDArray[np.bool_], place: dict[str, Any]
) -> list[ResultRow]:
    """Return events and censorings of a group, with their reasons, and who has no time."""
    size, n = selection.size(place["level"]), int(chosen.sum())
    rows = number_rows(selection, (size, n, int(times.event[chosen].sum())), place)
    return rows + _reasons(selection, times, size, place)


def number_rows(
    selection: RowMaker, numbers: tuple[int, int, int], place: dict[str, Any]
) -> list[ResultRow]:
    """Return events, censorings and who has no time, of a group's size, times and events."""
    size, n, events = numbers
    counts = {"events": events, "censored": n - events, "missing": size - n}
    rows = [
        selection.row(name, float(value), format="integer", denominator=size, **place)
        for name, value in counts.items()
    ]
    for name in ("events", "censored"):
        share = 100.0 * counts[name] / size if size else 0.0
        rows.append(
            selection.row(
                f"{name}_percent", share, unit="%", format="percent", denominator=size, **place
            )
        )
    return rows


def _reasons(
    selection: Selection, times: Times, size: int, place: dict[str, Any]
) -> list[ResultRow]:
    """Count each reason that occurs in any group, so that a group without it shows 0."""
    had_event = nw.col("CNSR").cast(nw.Int64) == 0
    parts = {
        "event_reason": ("EVNTDESC", had_event),
        "censoring_reason": ("CNSDTDSC", ~had_event),
    }
    rows = []
    for variable, (column, chosen) in parts.items():
        if column not in times.records.columns:
            continue
        counted = count_by(times.records.filter(chosen), ["__group__", column])
        tally = {(group, reason): n for group, reason, n in counted.iter_rows()}
        rows += [
            selection.row(
                "n",
                float(tally.get((place["level"], reason), 0)),
                variable=variable,
                variable_level=reason or "No reason recorded",
                format="integer",
                denominator=size,
                **place,
            )
            for reason in dict.fromkeys(reason for _, reason in sorted(tally, key=str))
        ]
    return rows


def estimate_rows(
    selection: RowMaker,
    statistic: str,
    triple: tuple[float, float, float],
    why: str,
    **columns: Any,
) -> list[ResultRow]:
    """Return a statistic and its limits; NaN becomes a row that says why there is no value."""
    rows = []
    for suffix, value in zip(("", "_lower", "_upper"), triple, strict=True):
        if np.isnan(value):
            rows.append(
                selection.row(
                    f"{statistic}{suffix}", status="not_estimable", message=why, **columns
                )
            )
        else:
            rows.append(selection.row(f"{statistic}{suffix}", float(value), **columns))
    return rows


def median_rows(
    selection: RowMaker, curve: KaplanMeier, dialect: TrialDialect, place: dict[str, Any]
) -> list[ResultRow]:
    """Return the median of a curve with its limits."""
    median = curve.median
    method = (
        f"Kaplan–Meier median{_late(curve)} ({_MEDIAN_RULES[dialect.median_rule]}), "
        f"Brookmeyer–Crowley {dialect.conf_type} interval"
    )
    return estimate_rows(
        selection,
        "median",
        (median.estimate, median.lower, median.upper),
        "The curve or its limit does not reach 50% within follow-up.",
        unit="days",
        format="months",
        method=method,
        conf_level=curve.conf_level,
        **place,
    )


def landmark_rows(
    selection: RowMaker,
    curve: KaplanMeier,
    landmarks: NDArray[np.float64],
    dialect: TrialDialect,
    place: dict[str, Any],
) -> list[ResultRow]:
    """Return the survival at each landmark with its limits."""
    if not len(landmarks):
        return []
    at = curve.at(landmarks)
    rows = []
    for i, day in enumerate(landmarks):
        rows += estimate_rows(
            selection,
            "survival",
            (float(at.survival[i]), float(at.lower[i]), float(at.upper[i])),
            "Past the last follow-up, or no limits because nobody or everybody had the event.",
            time=float(day),
            format="fraction",
            method=curve_method(dialect, curve),
            conf_level=curve.conf_level,
            **place,
        )
    return rows


def curve_method(dialect: TrialDialect, curve: KaplanMeier) -> str:
    """Return the name of the method behind a curve."""
    return f"Kaplan–Meier{_late(curve)}, {dialect.conf_type} interval"


def _late(curve: KaplanMeier) -> str:
    return " with delayed entry" if len(curve.entry) else ""
