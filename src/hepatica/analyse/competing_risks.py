"""Competing risks: cumulative incidence of each cause by group, and comparisons of groups."""

from __future__ import annotations

from typing import Any

import numpy as np

from hepatica.analyse.cause_codes import cause_codes
from hepatica.analyse.cause_comparison import compare_causes
from hepatica.analyse.curve_rows import at_risk_times
from hepatica.analyse.selection import Selection, select
from hepatica.analyse.survival_rows import estimate_rows
from hepatica.analyse.times import endpoint_columns, endpoint_named, required_times
from hepatica.derive import Datasets
from hepatica.errors import AnalysisError
from hepatica.protocol.competing_risks_analysis import Cause, CompetingRisksAnalysis
from hepatica.protocol.model import Protocol
from hepatica.results import ResultRow
from hepatica.stats._checks import FloatArray, IntArray
from hepatica.stats.survival import (
    CumulativeIncidence,
    cumulative_incidence,
    kaplan_meier,
)

METHOD = "Aalen–Johansen cumulative incidence, log-log interval"
OVERSTATES = (
    "One minus Kaplan–Meier counts who had another cause as if the cause could still come: it "
    "overstates the cumulative incidence."
)
_PAST = "Past the last follow-up of the group."
_NO_LIMITS = "No limits where the incidence is 0 or 1."


def analyse_competing_risks(
    protocol: Protocol, datasets: Datasets, analysis: CompetingRisksAnalysis
) -> list[ResultRow]:
    """Estimate the cumulative incidence of competing causes, and compare groups.

    Parameters
    ----------
    protocol : Protocol
        Defines the endpoint.
    datasets : mapping
        ADSL and ADTTE are read.
    analysis : CompetingRisksAnalysis
        The planned analysis.

    Returns
    -------
    list of ResultRow
        As ``docs/results.md`` lists for ``competing_risks``.

    Raises
    ------
    AnalysisError
        If there is no ADTTE, no patient with a time, or an event that belongs to no cause.
    """
    endpoint = endpoint_named(protocol, analysis.endpoint)
    if endpoint.entry is not None:
        raise AnalysisError(
            "Competing risks are not analysed where patients enter late. Name an endpoint without "
            "entry."
        )
    selection = select(protocol, datasets, analysis)
    times = required_times(selection, datasets, endpoint)
    code = cause_codes(selection, times, endpoint, analysis.causes)
    place = endpoint_columns(endpoint)
    at = np.array([point.days for point in analysis.at])
    risk_times = at_risk_times(float(times.time.max()))
    rows = selection.sizes() + selection.ungrouped()
    for number, level in enumerate(selection.levels):
        chosen = times.group == number
        here = place | {"level": level}
        rows += _counts(selection, code[chosen], analysis.causes, here)
        if not chosen.any():
            continue
        days, causes = times.time[chosen], code[chosen]
        curve = cumulative_incidence(
            days, causes, n_causes=len(analysis.causes), conf_level=protocol.conf_level
        )
        rows += _landmarks(selection, curve, at, analysis.causes, here)
        rows += _naive(selection, (days, causes), at, analysis.causes, here)
        rows += _curves(selection, curve, analysis.causes, here)
        rows += _at_risk(selection, curve, risk_times, here)
    rows += compare_causes(protocol, selection, analysis, times, code, place)
    return rows


def _counts(
    selection: Selection, code: IntArray, causes: tuple[Cause, ...], place: dict[str, Any]
) -> list[ResultRow]:
    """Return events of each cause, censorings, and who has no time."""
    size = selection.size(place["level"])
    rows = [
        selection.row("missing", size - len(code), format="integer", denominator=size, **place),
        selection.row(
            "censored",
            int(np.count_nonzero(code == 0)),
            format="integer",
            denominator=len(code),
            **place,
        ),
    ]
    for number, cause in enumerate(causes, start=1):
        events = int(np.count_nonzero(code == number))
        rows.append(
            selection.row(
                "events",
                events,
                variable="cause",
                variable_level=cause.label,
                format="integer",
                denominator=len(code),
                message="" if events else f"Nobody in {place['level']} had {cause.label}.",
                **place,
            )
        )
    return rows


def _landmarks(
    selection: Selection,
    curve: CumulativeIncidence,
    at: FloatArray,
    causes: tuple[Cause, ...],
    place: dict[str, Any],
) -> list[ResultRow]:
    if not len(at):
        return []
    read = curve.at(at)
    rows = []
    for number, cause in enumerate(causes):
        for point, day in enumerate(at.tolist()):
            parts = (read.incidence, read.lower, read.upper)
            rows += estimate_rows(
                selection,
                "cumulative_incidence",
                tuple(float(part[number, point]) for part in parts),  # type: ignore[arg-type]
                _PAST if np.isnan(read.incidence[number, point]) else _NO_LIMITS,
                time=day,
                variable="cause",
                variable_level=cause.label,
                format="fraction",
                method=METHOD,
                conf_level=curve.conf_level,
                **place,
            )
    return rows


def _naive(
    selection: Selection,
    followed: tuple[FloatArray, IntArray],
    at: FloatArray,
    causes: tuple[Cause, ...],
    place: dict[str, Any],
) -> list[ResultRow]:
    """Return one minus Kaplan-Meier at the times, which a reader may know from elsewhere."""
    if not len(at):
        return []
    rows = []
    for number, cause in enumerate(causes, start=1):
        curve = kaplan_meier(followed[0], followed[1] == number)
        for day, survival in zip(at.tolist(), curve.at(at).survival.tolist(), strict=True):
            known = not np.isnan(survival)
            rows.append(
                selection.row(
                    "one_minus_survival",
                    1.0 - survival if known else None,
                    time=day,
                    variable="one_minus_kaplan_meier",
                    variable_level=cause.label,
                    format="fraction",
                    status="ok" if known else "not_estimable",
                    message=OVERSTATES if known else _PAST,
                    **place,
                )
            )
    return rows


def _curves(
    selection: Selection,
    curve: CumulativeIncidence,
    causes: tuple[Cause, ...],
    place: dict[str, Any],
) -> list[ResultRow]:
    """Return the incidence of each cause at every time, with limits and who is left after it."""
    rows = []
    after = np.append(curve.at_risk, 0)[1:].tolist()
    for number, cause in enumerate(causes):
        for step in range(len(curve.time)):
            triple = (
                float(curve.incidence[number, step]),
                float(curve.lower[number, step]),
                float(curve.upper[number, step]),
            )
            common = {
                "time": float(curve.time[step]),
                "variable": "cumulative_incidence",
                "variable_level": cause.label,
            }
            rows += estimate_rows(
                selection,
                "incidence",
                triple,
                _NO_LIMITS,
                format="fraction",
                conf_level=curve.conf_level,
                **common,
                **place,
            )
            left = float(after[step])
            rows.append(selection.row("at_risk_after", left, format="integer", **common, **place))
    return rows


def _at_risk(
    selection: Selection, curve: CumulativeIncidence, days: FloatArray, place: dict[str, Any]
) -> list[ResultRow]:
    """Return how many are without any event, on the days of a risk table."""
    row = np.searchsorted(curve.time, days, side="left")
    left = np.append(curve.at_risk, 0)[row]
    return [
        selection.row(
            "at_risk", float(n), time=day, variable="risk_table", format="integer", **place
        )
        for day, n in zip(days.tolist(), left.tolist(), strict=True)
    ]
