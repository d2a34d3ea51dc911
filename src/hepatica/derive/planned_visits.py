"""Planned assessments: the one that an event belongs to, and events after some were missed.

Assessments are planned every so many days from the time origin, each with a window.
"""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from hepatica.derive.portable import day_number, with_date
from hepatica.protocol.model import Assessments

LazyFrame = nw.LazyFrame[Any]


def longest_gap(schedule: Assessments, missed: int) -> int:
    """Return the most days between two assessments with fewer than ``missed`` missed in between.

    After the last day of the window of the assessment that would have come next, ``missed`` of
    them have been missed.

    Examples
    --------
    >>> plan = Assessments(every_days=42, window_days=7, criteria="RECIST 1.1")
    >>> longest_gap(plan, 2), longest_gap(plan, 1)
    (91, 49)
    """
    return missed * schedule.every_days + schedule.window_days


def with_next_planned(events: LazyFrame, schedule: Assessments) -> LazyFrame:
    """Return the events with _PLANNED: the planned assessment that _DAY belongs to, or the next.

    Parameters
    ----------
    events : frame
        STARTDT, the time origin, and _DAY; both dates.
    schedule : Assessments
        Interval and window.
    """
    every, first = schedule.every_days, day_number(nw.col("STARTDT"))
    late = day_number(nw.col("_DAY")) - first - schedule.window_days
    rows = events.with_columns(late.alias("_LATE_BY"), first.alias("_FIRST"))
    visits = nw.when(nw.col("_LATE_BY") > 0).then((nw.col("_LATE_BY") + every - 1) // every)
    rows = rows.with_columns(visits.otherwise(nw.lit(1)).cast(nw.Int64).alias("_VISIT"))
    rows = rows.with_columns((nw.col("_FIRST") + nw.col("_VISIT") * every).alias("_NUMBER"))
    rows = with_date(rows, "_NUMBER", "_PLANNED")
    return rows.drop("_LATE_BY", "_FIRST", "_VISIT", "_NUMBER")


def last_before_missed(times: LazyFrame, seen: LazyFrame, longest: int) -> LazyFrame:
    """Return USUBJID and _SINCE of subjects whose event comes after too long a gap.

    Parameters
    ----------
    times : frame
        USUBJID, STARTDT, _DAY, the day of the event (null without one), and _RECORDED, the day
        of its record.
    seen : frame
        USUBJID and _DAY of each adequate assessment.
    longest : int
        Most days that may lie between the last of them, or the origin, and the event.

    Returns
    -------
    narwhals.LazyFrame
        _SINCE is the last adequate assessment before the event, or the origin without one.
    """
    event = nw.col("_RECORDED").alias("_DAY")
    events = times.filter(~nw.col("_DAY").is_null()).select("USUBJID", "STARTDT", event)
    assessed = seen.select("USUBJID", nw.col("_DAY").alias("_SEEN"))
    before = assessed.join(events, on="USUBJID", how="inner")
    before = before.filter(
        (nw.col("_SEEN") < nw.col("_DAY")) & (nw.col("_SEEN") >= nw.col("STARTDT"))
    )
    latest = before.group_by("USUBJID").agg(nw.col("_SEEN").max())
    rows = events.join(latest, on="USUBJID", how="left").with_columns(
        nw.coalesce(nw.col("_SEEN"), nw.col("STARTDT")).alias("_SINCE")
    )
    gap = day_number(nw.col("_DAY")) - day_number(nw.col("_SINCE"))
    return rows.filter(gap > longest).select("USUBJID", "_SINCE")
