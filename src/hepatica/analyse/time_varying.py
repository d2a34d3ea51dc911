"""An exposure that starts during follow-up, as a covariate that changes on its day."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hepatica.analyse.curve_rows import at_risk_times, curve_rows, risk_table_rows
from hepatica.analyse.later_days import (
    days_of,
    times_of,
    useful_columns,
    without_covariate,
)
from hepatica.analyse.predictor_rows import hazard_ratio_of
from hepatica.analyse.selection import Selection, select
from hepatica.analyse.times import Times, endpoint_columns, endpoint_named
from hepatica.derive import Datasets
from hepatica.dialect import trial_dialect
from hepatica.protocol.base import DAYS_PER_MONTH
from hepatica.protocol.model import Protocol
from hepatica.protocol.time_traps import TimeVaryingAnalysis
from hepatica.results import ResultRow
from hepatica.stats.counting_process import ExposureRows, split_at_exposure
from hepatica.stats.survival import kaplan_meier

#: What the rows are grouped by.
GROUP = "exposure"


def exposure_labels(analysis: TimeVaryingAnalysis) -> tuple[str, str]:
    """Return what time before and after the exposure starts is called."""
    label = analysis.exposure.label
    # An abbreviation keeps its capitals.
    small = label if label[1:2].isupper() else label[:1].lower() + label[1:]
    return f"No {small} so far", f"After {small}"


def analyse_time_varying(
    protocol: Protocol, datasets: Datasets, analysis: TimeVaryingAnalysis
) -> list[ResultRow]:
    """Estimate the hazard ratio of an exposure from the day on which it starts.

    Parameters
    ----------
    protocol : Protocol
        Defines endpoint and covariates.
    datasets : mapping
        ADSL and ADTTE are read.
    analysis : TimeVaryingAnalysis
        The planned analysis.

    Returns
    -------
    list of ResultRow
        As ``docs/results.md`` lists for ``time_varying``.

    Raises
    ------
    AnalysisError
        If there are no times, or ADSL lacks the column of the day.
    """
    endpoint = endpoint_named(protocol, analysis.endpoint)
    selection = select(protocol, datasets, analysis)
    times, rows = times_of(selection, datasets, endpoint)
    selection = replace(selection, group=GROUP, levels=exposure_labels(analysis))
    start = days_of(selection, times.records, analysis.exposure)
    # A time of 0 days has no stretch in which anything could be seen.
    lasting = times.time > (0.0 if times.entry is None else times.entry)
    place = endpoint_columns(endpoint)
    rows = [selection.row("n", float(len(lasting)), format="integer", **place), *rows]
    rows += _counted(selection, times, start, place)
    times, start = times.where(lasting), start[lasting]
    split = split_at_exposure(times.time, times.event, start, entry=times.entry)
    rows += _states(selection, split, place)
    rows += _curves(protocol, selection, split, place)
    return rows + _models(protocol, selection, analysis, (times, start, split), place)


def _counted(
    selection: Selection, times: Times, start: NDArray[np.float64], place: dict[str, Any]
) -> list[ResultRow]:
    """Count when the exposure started; on or after the last day it counts as never."""
    known = np.isfinite(start)
    begin = np.zeros(len(start)) if times.entry is None else times.entry
    late = known & (start >= times.time)
    counts = {
        "never": ~known,
        "during": known & ~late & (start > begin),
        "from_start": known & ~late & (start <= begin),
        "at_end": late,
    }
    return [
        selection.row(
            "n",
            float(chosen.sum()),
            variable="exposure",
            variable_level=name,
            format="integer",
            denominator=len(start),
            **place,
        )
        for name, chosen in counts.items()
    ]


def _states(selection: Selection, split: ExposureRows, place: dict[str, Any]) -> list[ResultRow]:
    """Return patients, time under observation, events and rate before and after the start."""
    rows = []
    for state, level in enumerate(selection.levels):
        own = split.exposed == state
        days = float((split.time - split.entry)[own].sum())
        events = int(split.event[own].sum())
        common = place | {"level": level}
        rows += [
            selection.row("n", float(own.sum()), format="integer", **common),
            selection.row("events", float(events), format="integer", **common),
            selection.row("person_time", days, unit="days", format="months", **common),
        ]
        per: dict[str, Any] = {
            "unit": "per 100 patient-months",
            "format": "decimal1",
            "variable": "rate",
        }
        if days:
            value = 100.0 * events / (days / DAYS_PER_MONTH)
            rows.append(selection.row("rate", value, **per, **common))
        else:
            message = "No time under observation."
            told = per | {"status": "not_estimable", "message": message}
            rows.append(selection.row("rate", **told, **common))
    return rows


def _curves(
    protocol: Protocol, selection: Selection, split: ExposureRows, place: dict[str, Any]
) -> list[ResultRow]:
    """Return curves in which patients move from one group to the other (Simon and Makuch 1984)."""
    dialect = trial_dialect(protocol.dialect)
    risk_times = at_risk_times(float(split.time.max()))
    rows = []
    for state, level in enumerate(selection.levels):
        own = split.exposed == state
        if not own.any():
            continue
        curve = kaplan_meier(
            split.time[own],
            split.event[own],
            entry=split.entry[own],
            conf_type=dialect.conf_type,
            conf_level=protocol.conf_level,
            median_rule=dialect.median_rule,
        )
        own_place = place | {"level": level}
        rows += curve_rows(selection, curve, dialect, own_place)
        rows += risk_table_rows(selection, curve, risk_times, own_place)
    return rows


def _models(
    protocol: Protocol,
    selection: Selection,
    analysis: TimeVaryingAnalysis,
    data: tuple[Times, NDArray[np.float64], ExposureRows],
    place: dict[str, Any],
) -> list[ResultRow]:
    times, start, split = data
    ties, level = trial_dialect(protocol.dialect).ties, protocol.conf_level
    common = place | {"level": selection.levels[1], "reference": selection.levels[0]}
    exposed = split.exposed.astype(np.float64)[:, None]
    whole = (split.time, split.event, split.entry)
    said = " with a covariate that changes with time (counting process)"
    told = common | {"variable": "counting_process"}
    called = [selection.levels[1]]
    rows = hazard_ratio_of(selection, whole, exposed, told, (said, ties, level), called)
    if analysis.covariates:
        matrix, kept, left_out = useful_columns(protocol, selection, times.records, analysis)
        complete = matrix.complete[split.patient]
        x = np.concatenate([exposed, matrix.x[split.patient][:, kept]], axis=1)[complete]
        some = (split.time[complete], split.event[complete], split.entry[complete])
        told = common | {"variable": "counting_process_adjusted"}
        held = [matrix.columns[place] for place in kept]
        used = dict.fromkeys(one.variable for one in held)
        labels = dict(zip(matrix.names, matrix.labels, strict=True))
        if used:
            said += f", adjusted for {', '.join(labels[name] for name in used)}"
        names = [selection.levels[1], *(one.label for one in held)]
        rows += left_out + without_covariate(selection, int((~matrix.complete).sum()))
        rows += hazard_ratio_of(selection, some, x, told, (said, ties, level), names)
    ever = (start < times.time).astype(np.float64)[:, None]
    told = common | {
        "variable": "naive",
        "message": (
            "Biased, shown as a caution: patients had to live until the exposure started, and "
            "that time counts as exposed here (immortal time)."
        ),
    }
    how = (" of ever against never exposed", ties, level)
    return rows + hazard_ratio_of(
        selection, (times.time, times.event, times.entry), ever, told, how, ["Ever exposed"]
    )
