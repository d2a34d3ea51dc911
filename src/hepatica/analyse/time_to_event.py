"""Times to events by group: curves, medians, landmarks, follow-up and reasons."""

from __future__ import annotations

import numpy as np

from hepatica.analyse.comparison import compare_groups
from hepatica.analyse.curve_rows import (
    at_risk_times,
    curve_rows,
    follow_up_rows,
    last_rows,
    risk_table_rows,
)
from hepatica.analyse.entry import fewest_at_risk, with_entry
from hepatica.analyse.fixed_times import fixed_time_rows
from hepatica.analyse.historical import compare_survival
from hepatica.analyse.landmark import with_landmark
from hepatica.analyse.selection import select
from hepatica.analyse.survival_rows import (
    count_rows,
    landmark_rows,
    median_rows,
)
from hepatica.analyse.times import endpoint_columns, endpoint_named, required_times
from hepatica.derive import Datasets
from hepatica.dialect import trial_dialect
from hepatica.protocol.analyses import TimeToEventAnalysis
from hepatica.protocol.landmark import from_landmark
from hepatica.protocol.model import Protocol
from hepatica.results import ResultRow
from hepatica.stats.survival import kaplan_meier, reverse_kaplan_meier


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
    endpoint = endpoint_named(protocol, analysis.endpoint)
    selection = select(protocol, datasets, analysis)
    times = required_times(selection, datasets, endpoint)
    times, entries = with_entry(selection, times, endpoint)
    endpoint = from_landmark(endpoint, analysis.landmark)
    ungrouped = selection.ungrouped()
    selection, times, before = with_landmark(selection, times, endpoint, analysis.landmark)
    dialect = trial_dialect(protocol.dialect)
    landmarks = np.array([point.days for point in endpoint.time_points])
    risk_times = at_risk_times(float(times.time.max()))
    rows = selection.sizes() + ungrouped + entries + before
    for code, level in enumerate(selection.levels):
        chosen = times.group == code
        place = endpoint_columns(endpoint) | {"level": level}
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
        followed = reverse_kaplan_meier(
            (times.time if times.entry is None else times.time - times.entry)[chosen],
            times.event[chosen],
            conf_type=dialect.conf_type,
            conf_level=protocol.conf_level,
            median_rule=dialect.median_rule,
        )
        rows += follow_up_rows(
            selection, followed, dialect, place, from_entry=times.entry is not None
        )
        rows += last_rows(selection, curve, place)
        rows += landmark_rows(selection, curve, landmarks, dialect, place)
        if times.entry is None:
            rows += fixed_time_rows(protocol, endpoint, selection, times, chosen, curve, place)
        rows += curve_rows(selection, curve, dialect, place)
        rows += risk_table_rows(selection, curve, risk_times, place)
        if endpoint.historical is not None and analysis.by == "arm":
            rows += compare_survival(protocol, selection, endpoint, level, curve)
    if analysis.compare is not None:
        rows += compare_groups(protocol, selection, analysis, endpoint, times)
    return rows
