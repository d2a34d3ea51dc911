"""What becomes of each record of a table: counted, set aside, or against a rule."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import narwhals.stable.v2 as nw

from hepatica.protocol.conditions import Condition, condition_columns
from hepatica.records.conditions import condition_expr
from hepatica.records.engine_numbers import AS_WRITTEN
from hepatica.stats.survival.counts import MAX_DAY

#: Columns that `placed` adds.
GROUP, EVENT, STANDING = "__group", "__event", "__standing"


class Standing(IntEnum):
    """What becomes of a row; the first that applies."""

    COUNTED = 0
    FRACTION = 1
    TIME_UNREADABLE = 2
    TIME_NOT_FINITE = 3
    TIME_NEGATIVE = 4
    TIME_TOO_LONG = 5
    ENTRY_UNREADABLE = 6
    ENTRY_NOT_FINITE = 7
    EVENT_UNREADABLE = 8
    NO_GROUP = 9
    NO_TIME = 10
    NO_EVENT = 11
    NO_ENTRY = 12
    ENTRY_NOT_BEFORE = 13


#: Standings that break a rule of the data; the others are counted or set aside and told.
BROKEN = tuple(
    one for one in Standing if Standing.TIME_UNREADABLE <= one <= Standing.EVENT_UNREADABLE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SurvivalColumns:
    """What the columns of a table mean.

    Attributes
    ----------
    time : str
        Days to the event or to censoring.
    event : Condition
        When the time ends with the event; unknown where a value it reads is missing.
    group : str
        What subjects are grouped by; empty for all together.
    strata : tuple of str
        Columns whose combinations are the strata.
    entry : str
        Day of delayed entry; empty when all are followed from day 0.
    """

    time: str
    event: Condition
    group: str = ""
    strata: tuple[str, ...] = ()
    entry: str = ""


def placed(frame: nw.LazyFrame[Any], columns: SurvivalColumns) -> nw.LazyFrame[Any]:
    """Return the frame with `__group`, `__event` (0 or 1) and `__standing` of each row."""
    schema = dict(frame.collect_schema())
    event = condition_expr(columns.event, schema)
    group = nw.col(columns.group) if columns.group else nw.lit("")
    standing = nw.lit(int(Standing.COUNTED))
    for one, applies in reversed(_standings(columns, schema, event, group)):
        standing = (
            nw.when(applies.fill_null(value=False)).then(nw.lit(int(one))).otherwise(standing)
        )
    return frame.with_columns(
        group.alias(GROUP),
        event.fill_null(value=False).cast(nw.Int64).alias(EVENT),
        standing.cast(nw.Int64).alias(STANDING),
    )


def strata_names(columns: SurvivalColumns) -> tuple[str, ...]:
    """Return the names under which the strata stand in the cells."""
    return tuple(f"__stratum{place}" for place in range(len(columns.strata)))


def _standings(
    columns: SurvivalColumns, schema: dict[str, Any], event: nw.Expr, group: nw.Expr
) -> list[tuple[Standing, nw.Expr]]:
    time = nw.col(columns.time)
    unread = _unread(columns.time, schema)
    whole = bool(schema[columns.time].is_integer())
    rules = [
        (Standing.TIME_UNREADABLE, unread),
        *([] if whole else [(Standing.TIME_NOT_FINITE, _not_finite(time))]),
        (Standing.TIME_NEGATIVE, time < 0),
        (Standing.TIME_TOO_LONG, time > MAX_DAY),
    ]
    if columns.entry:
        entry = nw.col(columns.entry)
        rules += [
            (Standing.ENTRY_UNREADABLE, _unread(columns.entry, schema)),
            (Standing.ENTRY_NOT_FINITE, _not_finite(entry)),
        ]
    rules += [
        (Standing.EVENT_UNREADABLE, _event_unread(columns, schema)),
        (Standing.NO_GROUP, group.is_null()),
        (Standing.NO_TIME, time.is_null()),
        (Standing.NO_EVENT, event.is_null()),
    ]
    if columns.entry:
        rules += [
            (Standing.NO_ENTRY, entry.is_null()),
            (Standing.ENTRY_NOT_BEFORE, (entry >= time) & (entry > 0)),
        ]
        # Who enters at the origin is followed from it, as without delayed entry.
        rules.append((Standing.FRACTION, (entry > 0) & (entry.cast(nw.Float64) % 1 != 0)))
    if not whole:
        rules.append((Standing.FRACTION, time.cast(nw.Float64) % 1 != 0))
    return rules


def _not_finite(column: nw.Expr) -> nw.Expr:
    # Of NaN and infinity alone the difference with itself is not 0; engines order NaN differently.
    number = column.cast(nw.Float64)
    return ~((number - number) == 0)


def _unread(column: str, schema: dict[str, Any]) -> nw.Expr:
    """Return whether a text was there that spells no number."""
    if column + AS_WRITTEN not in schema:
        return nw.lit(value=False)
    return nw.col(column).is_null() & ~nw.col(column + AS_WRITTEN).is_null()


def _event_unread(columns: SurvivalColumns, schema: dict[str, Any]) -> nw.Expr:
    unread = [_unread(one, schema) for one in condition_columns(columns.event)]
    return nw.any_horizontal(*unread, ignore_nulls=True)
