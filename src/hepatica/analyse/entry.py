"""Delayed entry: who is at risk from when, and who never was."""

from __future__ import annotations

import narwhals.stable.v2 as nw
import numpy as np

from hepatica.analyse.selection import Selection
from hepatica.analyse.times import Times, endpoint_columns
from hepatica.errors import AnalysisError
from hepatica.protocol.endpoints import TimeToEvent
from hepatica.results import ResultRow
from hepatica.stats.survival import KaplanMeier, follows_entry

#: Levels of the variable ``entry``.
FOLLOWED, UNKNOWN, NOT_AFTER = "followed", "unknown", "not_after"
FEWEST = "fewest_at_risk"


def with_entry(
    selection: Selection, times: Times, endpoint: TimeToEvent
) -> tuple[Times, list[ResultRow]]:
    """Return the times of patients who were at risk at some time, with their days of entry.

    Parameters
    ----------
    selection : Selection
        Patients and groups.
    times : Times
        Usable times with their records, of which AENTRY is read.
    endpoint : TimeToEvent
        The endpoint; without ``entry`` the times are returned as they are.

    Returns
    -------
    tuple of Times and list of ResultRow
        The times with ``entry``: a patient is at risk at t where entry < t <= time. The rows
        count, for each group, patients who are followed, whose entry is not known, and whose time
        ended before entry.

    Raises
    ------
    AnalysisError
        If ADTTE has no AENTRY, or nobody was at risk.
    """
    if endpoint.entry is None:
        return times, []
    if "AENTRY" not in times.records.columns:
        raise AnalysisError(
            f"ADTTE has no AENTRY, the days from {endpoint.origin.label} to "
            f"{endpoint.entry.label}, so nobody's entry is known."
        )
    days = times.records["AENTRY"].cast(nw.Float64).to_numpy().astype(np.float64)
    known = ~np.isnan(days)
    entry = np.where(known, np.maximum(days, 0.0), 0.0)
    at_risk = known & follows_entry(times.time, entry)
    if not at_risk.any():
        raise AnalysisError(
            f"No patient of the analysis was followed after {endpoint.entry.label}, so there is "
            f"no time for {endpoint.parameter}."
        )
    rows: list[ResultRow] = []
    for code, level in enumerate(selection.levels):
        own = times.group == code
        counts = {
            FOLLOWED: own & at_risk,
            UNKNOWN: own & ~known,
            NOT_AFTER: own & known & ~at_risk,
        }
        rows += [
            _count(selection, endpoint, level, name, int(chosen.sum()))
            for name, chosen in counts.items()
        ]
    return times.entering(entry).where(at_risk), rows


def fewest_at_risk(
    selection: Selection, endpoint: TimeToEvent, level: str, curve: KaplanMeier
) -> list[ResultRow]:
    """Return the smallest number at risk at an event up to the last entry, if there is such.

    Before all have entered, a few patients at risk can move the whole curve.
    """
    if endpoint.entry is None:
        return []
    early = (curve.events > 0) & (curve.time <= curve.entry[-1])
    if not early.any():
        return []
    return [_count(selection, endpoint, level, FEWEST, int(curve.at_risk[early].min()))]


def _count(selection: Selection, endpoint: TimeToEvent, level: str, name: str, n: int) -> ResultRow:
    place = endpoint_columns(endpoint) | {
        "variable": "entry",
        "variable_level": name,
    }
    return selection.row("n", float(n), level=level, format="integer", **place)
