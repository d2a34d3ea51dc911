"""One endpoint under several sets of rules, side by side."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import numpy as np

from hepatica.analyse.intervals import interval_rows
from hepatica.analyse.selection import Selection, select
from hepatica.analyse.survival_rows import count_rows, landmark_rows, median_rows
from hepatica.analyse.times import Times, endpoint_columns, endpoint_named, usable_times
from hepatica.derive import Datasets
from hepatica.dialect import trial_dialect
from hepatica.errors import AnalysisError
from hepatica.protocol.analyses import SensitivityAnalysis
from hepatica.protocol.model import Protocol
from hepatica.results import ResultRow
from hepatica.stats.survival import kaplan_meier


def analyse_sensitivity(
    protocol: Protocol, datasets: Datasets, analysis: SensitivityAnalysis
) -> list[ResultRow]:
    """Estimate several endpoints by group, and count what differs from the first.

    Parameters
    ----------
    protocol : Protocol
        Defines the endpoints.
    datasets : mapping
        ADSL and ADTTE are read; for intervals also ADRS.
    analysis : SensitivityAnalysis
        The endpoints; landmarks are those of the first.

    Returns
    -------
    list of ResultRow
        As ``docs/results.md`` lists for ``sensitivity``.

    Raises
    ------
    AnalysisError
        If there is no ADTTE, no patient with a time for the first endpoint, or intervals cannot
        be had.
    """
    if "ADTTE" not in datasets:
        raise AnalysisError("There is no ADTTE table. Add it under data.tables.")
    selection = select(protocol, datasets, analysis)
    endpoints = [endpoint_named(protocol, one) for one in analysis.endpoints]
    every = [usable_times(selection, datasets, one) for one in endpoints]
    if not len(every[0].time):
        raise AnalysisError(f"No patient of the analysis has a time for {endpoints[0].parameter}.")
    landmarks = np.array([point.days for point in endpoints[0].time_points])
    rows = selection.sizes()
    for endpoint, times in zip(endpoints, every, strict=True):
        for code, level in enumerate(selection.levels):
            place = endpoint_columns(endpoint) | {"level": level}
            rows += _estimates(protocol, selection, times, code, landmarks, place)
            rows += _changed(selection, every[0], times, level, place)
    if analysis.interval_censored:
        rows += interval_rows(protocol, datasets, selection, endpoints[0], every[0])
    return rows


def _estimates(
    protocol: Protocol,
    selection: Selection,
    times: Times,
    code: int,
    landmarks: Any,
    place: dict[str, Any],
) -> list[ResultRow]:
    dialect = trial_dialect(protocol.dialect)
    chosen = times.group == code
    rows = count_rows(selection, times, chosen, place)
    if not chosen.any():
        message = "No patient with a time in this group."
        return [*rows, selection.row("median", status="not_estimable", message=message, **place)]
    curve = kaplan_meier(
        times.time[chosen],
        times.event[chosen],
        conf_type=dialect.conf_type,
        conf_level=protocol.conf_level,
        median_rule=dialect.median_rule,
    )
    rows += median_rows(selection, curve, dialect, place)
    return rows + landmark_rows(selection, curve, landmarks, dialect, place)


def _changed(
    selection: Selection, first: Times, other: Times, level: str, place: dict[str, Any]
) -> list[ResultRow]:
    """Count the patients whose time, or whose event, is not that of the first endpoint."""
    columns = ["USUBJID", "__group__", "AVAL", "CNSR"]
    kept = [
        one.records.select(*columns)
        .filter(nw.col("__group__") == level)
        .with_columns((nw.col("CNSR").cast(nw.Int64) == 0).alias("EVENT"))
        for one in (first, other)
    ]
    both = kept[0].join(kept[1], on="USUBJID", how="inner", suffix="_2")
    time = (both["AVAL"] != both["AVAL_2"]).to_numpy()
    event = (both["EVENT"] != both["EVENT_2"]).to_numpy()
    counts = {"changed_time": int(time.sum()), "changed_event": int(event.sum())}
    counts["changed"] = int((time | event).sum())
    return [
        selection.row("n", count, variable=name, format="integer", denominator=len(both), **place)
        for name, count in counts.items()
    ]
