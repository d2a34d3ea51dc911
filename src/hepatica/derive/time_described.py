"""The record of a time: its end, its length, whether it was censored, and why."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from hepatica.derive.portable import day_number
from hepatica.derive.time_records import SOURCE, LazyFrame
from hepatica.protocol.endpoints import TimeToEvent

#: What CNSDTDSC adds when the censoring date was before the origin.
BEFORE_ORIGIN = ", before the time origin"


def described(endpoint: TimeToEvent, times: LazyFrame) -> LazyFrame:
    """Return the records of ADTTE.

    Parameters
    ----------
    endpoint : TimeToEvent
        Its parameter and label.
    times : frame
        STARTDT, the event (_DAY, _DESC and its source; null without one), and the censoring
        record, its columns ending in _C, with the place of its rule (_RULE).
    """
    event = ~nw.col("_DAY").is_null()
    day = nw.coalesce(nw.col("_DAY"), nw.col("_DAY_C"))
    times = times.with_columns(day.alias("ADT"), event.alias("_EVENT"))
    early = nw.col("ADT") < nw.col("STARTDT")
    times = times.with_columns(
        nw.when(early).then(nw.col("STARTDT")).otherwise(nw.col("ADT")).alias("ADT"),
        nw.when(early).then(nw.lit(BEFORE_ORIGIN)).otherwise(nw.lit("")).alias("_SAID"),
    )
    days = day_number(nw.col("ADT")) - day_number(nw.col("STARTDT")) + 1
    reason = nw.concat_str(nw.col("_DESC_C"), nw.col("_SAID"))
    return times.select(
        "USUBJID",
        nw.lit(endpoint.parameter).alias("PARAMCD"),
        nw.lit(endpoint.label).alias("PARAM"),
        "STARTDT",
        "ADT",
        days.cast(nw.Float64).alias("AVAL"),
        nw.when(nw.col("_EVENT"))
        .then(nw.lit(0))
        .otherwise(nw.col("_RULE"))
        .cast(nw.Int64)
        .alias("CNSR"),
        nw.col("_DESC").alias("EVNTDESC"),
        nw.when(~nw.col("_EVENT")).then(reason).alias("CNSDTDSC"),
        *(
            nw.when(nw.col("_EVENT")).then(nw.col(name)).otherwise(nw.col(f"{name}_C")).alias(name)
            for name in SOURCE
        ),
    )
