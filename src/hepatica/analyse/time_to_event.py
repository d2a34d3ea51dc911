"""Times to events by group: curves, medians, landmarks, follow-up and reasons."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hepatica.analyse.comparison import compare_groups
from hepatica.analyse.entry import fewest_at_risk, with_entry
from hepatica.analyse.fixed_times import fixed_time_rows
from hepatica.analyse.historical import compare_survival
from hepatica.analyse.selection import Selection, select
from hepatica.analyse.survival_rows import (
    count_rows,
    curve_method,
    estimate_rows,
    landmark_rows,
    median_rows,
)
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
        rows += count_rows(selection, times, chosen, place)
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
        rows += median_rows(selection, curve, dialect, place)
        rows += _follow_up(selection, times, chosen, dialect, protocol, place)
        rows += landmark_rows(selection, curve, landmarks, dialect, place)
        if times.entry is None:
            rows += fixed_time_rows(protocol, endpoint, selection, times, chosen, curve, place)
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
    rows = estimate_rows(
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
