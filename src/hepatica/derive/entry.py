"""Delayed entry: the day from which a patient is at risk, beside her time to an event."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from hepatica.derive.portable import day_number
from hepatica.protocol.endpoints import TimeToEvent

LazyFrame = nw.LazyFrame[Any]


def with_entry(times: LazyFrame, endpoint: TimeToEvent, adsl: LazyFrame) -> LazyFrame:
    """Add ENTRYDT and AENTRY to the records of an endpoint.

    Parameters
    ----------
    times : LazyFrame
        USUBJID, STARTDT and what else ADTTE holds.
    endpoint : TimeToEvent
        Without ``entry`` both columns are null.
    adsl : LazyFrame
        Holds the date of entry.

    Returns
    -------
    LazyFrame
        ENTRYDT, the day of entry; AENTRY, the days from the origin to it, 0 where it is not after
        the origin.

    Notes
    -----
    AVAL counts both ends, so that an event on the day of entry has AVAL = AENTRY + 1: a patient
    is at risk on her day of entry, and where entry and origin are one day the analysis is the
    same as without delayed entry.
    """
    if endpoint.entry is None:
        return times.with_columns(
            nw.lit(None, dtype=nw.Date).alias("ENTRYDT"),
            nw.lit(None, dtype=nw.Float64).alias("AENTRY"),
        )
    entries = adsl.select("USUBJID", nw.col(endpoint.entry.variable).cast(nw.Date).alias("ENTRYDT"))
    joined = times.join(entries, on="USUBJID", how="left")
    days = day_number(nw.col("ENTRYDT")) - day_number(nw.col("STARTDT"))
    after = nw.when(days < 0).then(nw.lit(0)).otherwise(days)
    return joined.with_columns(after.cast(nw.Float64).alias("AENTRY"))
