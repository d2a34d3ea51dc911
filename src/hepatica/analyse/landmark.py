"""Who is under observation without the event at a landmark, and times counted from it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hepatica.analyse.selection import Selection
from hepatica.analyse.times import Times
from hepatica.errors import AnalysisError
from hepatica.protocol.base import TimePoint
from hepatica.protocol.endpoints import TimeToEvent
from hepatica.results import ResultRow

#: Levels of the variable ``landmark``.
FOLLOWED, EVENT_BEFORE, CENSORED_BEFORE = "followed", "event_before", "censored_before"
NO_TIME = "no_time"


def standing_at(times: Times, day: float) -> dict[str, NDArray[np.bool_]]:
    """Return whose time goes on after a day, who had the event by then, and who was censored.

    An event or a censoring on the day itself lies before: no time is left after it.
    """
    over = times.time <= day
    had = times.event == 1
    return {FOLLOWED: ~over, EVENT_BEFORE: over & had, CENSORED_BEFORE: over & ~had}


def after(times: Times, day: float) -> Times:
    """Return the times of those who are followed past a day, counted from it."""
    kept = times.where(times.time > day)
    entry = None if kept.entry is None else np.maximum(kept.entry - day, 0.0)
    return replace(kept, time=kept.time - day, entry=entry)


def with_landmark(
    selection: Selection, times: Times, endpoint: TimeToEvent, landmark: TimePoint | None
) -> tuple[Selection, Times, list[ResultRow]]:
    """Return patients and times from a landmark, and who is left out, by group.

    Parameters
    ----------
    selection : Selection
        Patients and groups.
    times : Times
        Usable times from the origin.
    endpoint : TimeToEvent
        The endpoint as `hepatica.protocol.landmark.from_landmark` returns it.
    landmark : TimePoint, optional
        Without it patients and times are returned as they are.

    Returns
    -------
    tuple of Selection, Times and list of ResultRow
        Patients who are followed past the landmark, and their times. The rows count them, and
        those who had the event by then, were censored by then, or have no time.

    Raises
    ------
    AnalysisError
        If nobody is followed past the landmark.
    """
    if landmark is None:
        return selection, times, []
    standing = standing_at(times, landmark.days)
    if not standing[FOLLOWED].any():
        raise AnalysisError(
            f"No patient of the analysis was followed past {landmark.text}, so there is no time "
            f"for {endpoint.parameter} from there. Choose an earlier landmark."
        )
    rows = []
    for code, level in enumerate(selection.levels):
        own = times.group == code
        counts = {name: int((chosen & own).sum()) for name, chosen in standing.items()}
        counts[NO_TIME] = selection.size(level) - int(own.sum())
        rows += [
            selection.row(
                "n",
                float(n),
                level=level,
                dataset="ADTTE",
                parameter=endpoint.parameter,
                time_origin=endpoint.origin.label,
                variable="landmark",
                variable_level=name,
                format="integer",
            )
            for name, n in counts.items()
        ]
    left = after(times, landmark.days)
    members = selection.members.join(left.records.select("USUBJID"), on="USUBJID", how="semi")
    return replace(selection, members=members), left, rows
