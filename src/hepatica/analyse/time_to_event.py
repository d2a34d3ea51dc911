"""Times to events by group: curves, medians, landmarks, follow-up and reasons."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray

from hepatica.analyse.comparison import compare_groups
from hepatica.analyse.counts import count_by
from hepatica.analyse.entry import fewest_at_risk, with_entry
from hepatica.analyse.historical import compare_survival
from hepatica.analyse.selection import Selection, select
from hepatica.analyse.times import Times, usable_times
from hepatica.derive import Datasets
from hepatica.dialect import TrialDialect, trial_dialect
from hepatica.errors import AnalysisError
from hepatica.protocol.analyses import TimeToEventAnalysis
from hepatica.protocol.base import DAYS_PER_MONTH
from hepatica.protocol.endpoints import TimeToEvent
from hepatica.protocol.model import Protocol
from hepatica.results import ResultRow
from hepatica.stats.survival import KaplanMeier, kaplan_meier, reverse_kaplan_meier

_MEDIAN_RULES = {
    "midpoint_or_missing": "middle of a flat step",
    "midpoint_or_first": "middle of a flat step, its start if the curve ends there",
    "first_time": "first time at or below",
}


def analyse_time_to_event(
    protocol: Protocol, datasets: Datasets, analysis: TimeToEventAnalysis
) -> list[ResultRow]:
    """Estimate an endpoint by group, and compare the groups where that is planned.

    Parameters
    ----------
    protocol : Protocol
        Defines the endpoint.
    datasets : mapping
        ADSL and ADTTE are read.
    analysis : TimeToEventAnalysis
        The planned analysis.

    Returns
    -------
    list of ResultRow
        As ``docs/results.md`` lists for ``time_to_event``, comparison and historical rate.

    Raises
    ------
    AnalysisError
        If there is no ADTTE, or no patient with a time.
    """
    if "ADTTE" not in datasets:
        raise AnalysisError("There is no ADTTE table. Add it under data.tables.")
    endpoint = next(
        one
        for one in protocol.endpoints
        if isinstance(one, TimeToEvent) and one.id == analysis.endpoint
    )
    selection = select(protocol, datasets, analysis)
    times = usable_times(selection, datasets, endpoint)
    if not len(times.time):
        raise AnalysisError(f"No patient of the analysis has a time for {endpoint.parameter}.")
    times, entries = with_entry(selection, times, endpoint)
    dialect = trial_dialect(protocol.dialect)
    landmarks = np.array([point.days for point in endpoint.time_points])
    risk_times = at_risk_times(float(times.time.max()))
    rows = selection.sizes() + _ungrouped(selection) + entries
    for code, level in enumerate(selection.levels):
        chosen = times.group == code
        place: dict[str, Any] = {
            "dataset": "ADTTE",
            "parameter": endpoint.parameter,
            "time_origin": endpoint.origin.label,
            "level": level,
        }
        rows += _counts(selection, times, chosen, place)
        if not chosen.any():
            message = "No patient with a time in this group."
            rows.append(selection.row("median", status="not_estimable", message=message, **place))
            continue
        curve = kaplan_meier(
            times.time[chosen],
            times.event[chosen],
            entry=None if times.entry is None else times.entry[chosen],
            conf_type=dialect.conf_type,
            conf_level=protocol.conf_level,
            median_rule=dialect.median_rule,
        )
        rows += fewest_at_risk(selection, endpoint, level, curve)
        rows += _median(selection, curve, dialect, place)
        rows += _follow_up(selection, times, chosen, dialect, protocol, place)
        rows += _landmarks(selection, curve, landmarks, dialect, place)
        rows += _curve(selection, curve, dialect, place)
        rows += _risk_table(selection, curve, risk_times, place)
        if endpoint.historical is not None and analysis.by == "arm":
            rows += compare_survival(protocol, selection, endpoint, level, curve)
    if analysis.compare is not None:
        if times.entry is not None:
            raise AnalysisError("Groups are not compared where patients enter late.")
        rows += compare_groups(protocol, selection, analysis, endpoint, times)
    return rows


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


def _ungrouped(selection: Selection) -> list[ResultRow]:
    without = selection.size() - sum(selection.size(level) for level in selection.levels)
    if not without:
        return []
    return [
        selection.row(
            "n",
            float(without),
            variable="group",
            variable_level="Missing",
            format="integer",
            message="Patients without a known group are not in the analysis.",
        )
    ]


def _counts(
    selection: Selection, times: Times, chosen: NDArray[np.bool_], place: dict[str, Any]
) -> list[ResultRow]:
    size, n = selection.size(place["level"]), int(chosen.sum())
    events = int(times.event[chosen].sum())
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
    return rows + _reasons(selection, times, size, place)


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


def _estimate(
    selection: Selection,
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


def _median(
    selection: Selection, curve: KaplanMeier, dialect: TrialDialect, place: dict[str, Any]
) -> list[ResultRow]:
    median = curve.median
    method = (
        f"Kaplan–Meier median{_late(curve)} ({_MEDIAN_RULES[dialect.median_rule]}), "
        f"Brookmeyer–Crowley {dialect.conf_type} interval"
    )
    return _estimate(
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


def _follow_up(
    selection: Selection,
    times: Times,
    chosen: NDArray[np.bool_],
    dialect: TrialDialect,
    protocol: Protocol,
    place: dict[str, Any],
) -> list[ResultRow]:
    days = times.time if times.entry is None else times.time - times.entry
    median = reverse_kaplan_meier(
        days[chosen],
        times.event[chosen],
        conf_type=dialect.conf_type,
        conf_level=protocol.conf_level,
        median_rule=dialect.median_rule,
    ).median
    rows = _estimate(
        selection,
        "follow_up_median",
        (median.estimate, median.lower, median.upper),
        "Fewer than half of the follow-up times are known to have ended by censoring.",
        unit="days",
        format="months",
        method=(
            f"reverse Kaplan–Meier{'' if times.entry is None else ' from entry'}, "
            f"{dialect.conf_type} interval"
        ),
        conf_level=protocol.conf_level,
        **place,
    )
    last = float(times.time[chosen].max())
    return [*rows, selection.row("time_max", last, unit="days", format="months", **place)]


def _landmarks(
    selection: Selection,
    curve: KaplanMeier,
    landmarks: NDArray[np.float64],
    dialect: TrialDialect,
    place: dict[str, Any],
) -> list[ResultRow]:
    if not len(landmarks):
        return []
    at = curve.at(landmarks)
    rows = []
    for i, day in enumerate(landmarks):
        rows += _estimate(
            selection,
            "survival",
            (float(at.survival[i]), float(at.lower[i]), float(at.upper[i])),
            "Past the last follow-up, or no limits because nobody or everybody had the event.",
            time=float(day),
            format="fraction",
            method=_curve_method(dialect, curve),
            conf_level=curve.conf_level,
            **place,
        )
    return rows


def _curve_method(dialect: TrialDialect, curve: KaplanMeier) -> str:
    return f"Kaplan–Meier{_late(curve)}, {dialect.conf_type} interval"


def _late(curve: KaplanMeier) -> str:
    return " with delayed entry" if len(curve.entry) else ""


def _curve(
    selection: Selection, curve: KaplanMeier, dialect: TrialDialect, place: dict[str, Any]
) -> list[ResultRow]:
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
        rows += _estimate(
            selection,
            "survival",
            (survival, lower, upper),
            "No limits where the estimate is 0.",
            time=time,
            format="fraction",
            method=_curve_method(dialect, curve),
            conf_level=curve.conf_level,
            **place,
        )
    return rows


def _risk_table(
    selection: Selection,
    curve: KaplanMeier,
    risk_times: NDArray[np.float64],
    place: dict[str, Any],
) -> list[ResultRow]:
    place = place | {"variable": "risk_table"}
    at = curve.at(risk_times)
    rows = []
    for i, day in enumerate(risk_times.tolist()):
        common = {"time": day, "format": "integer", **place}
        rows.append(selection.row("at_risk", float(at.at_risk[i]), **common))
        rows.append(selection.row("cumulative_events", float(at.cumulative_events[i]), **common))
    return rows
