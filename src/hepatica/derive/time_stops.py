"""What stops a time before its event: another occurrence, or assessments that were missed."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from hepatica.derive.planned_visits import last_before_missed, longest_gap
from hepatica.derive.portable import first_of_subject, held
from hepatica.derive.time_records import SOURCE, LazyFrame, RuleRecords


def with_stop(found: RuleRecords, times: LazyFrame) -> LazyFrame:
    """Add _STOP and _STOPRULE where something came before the event, and clear the event."""
    stops = [
        found.by_cut_off(found.matching(rule.before), "_DAY")
        .group_by("USUBJID")
        .agg(nw.col("_DAY").min().alias("_STOP"))
        .with_columns(nw.lit(place).cast(nw.Int64).alias("_STOPRULE"))
        for place, rule in found.censoring()
        if rule.before is not None and rule.dataset is not None
    ]
    if not stops:
        empty = nw.lit(None, dtype=nw.Date).alias("_STOP")
        return times.with_columns(empty, nw.lit(None, dtype=nw.Int64).alias("_STOPRULE"))
    stop = stops[0] if len(stops) == 1 else nw.concat(stops)
    if len(stops) > 1:
        stop = first_of_subject(stop, ("_STOP", "_STOPRULE"))
    joined = times.join(stop, on="USUBJID", how="left")
    stopped = ~nw.col("_STOP").is_null() & (nw.col("_STOP") < nw.col("_RECORDED")).fill_null(
        nw.col("_DAY").is_null()
    )
    joined = joined.with_columns(stopped.alias("_STOPPED"))
    cleared = ("_DAY", "_DESC", *SOURCE)
    return joined.with_columns(
        *(nw.when(~nw.col("_STOPPED")).then(nw.col(name)).alias(name) for name in cleared),
        *(
            nw.when(nw.col("_STOPPED")).then(nw.col(name)).alias(name)
            for name in ("_STOP", "_STOPRULE")
        ),
    ).drop("_STOPPED")


def after_missed(found: RuleRecords, times: LazyFrame) -> LazyFrame:
    """Clear the events that come after missed assessments, and say which rule did."""
    for place, rule in found.censoring():
        if rule.missed is not None and found.schedule is not None:
            seen = found.by_cut_off(found.taken(place, rule), "_DAY")
            since = last_before_missed(times, seen, longest_gap(found.schedule, rule.missed))
            times = held(_stopped(times.join(since, on="USUBJID", how="left"), place))
    return times


def _stopped(times: LazyFrame, place: int) -> LazyFrame:
    """Clear the event of subjects with _SINCE, who are stopped there by the rule at a place."""
    missed = ~nw.col("_SINCE").is_null()
    return times.with_columns(
        *(nw.when(~missed).then(nw.col(name)).alias(name) for name in ("_DAY", "_DESC", *SOURCE)),
        nw.when(missed).then(nw.col("_SINCE")).otherwise(nw.col("_STOP")).alias("_STOP"),
        nw.when(missed)
        .then(place)
        .otherwise(nw.col("_STOPRULE"))
        .cast(nw.Int64)
        .alias("_STOPRULE"),
    ).drop("_SINCE")
