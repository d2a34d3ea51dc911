"""What differs between engines, one tested function each.

Inside `derive` a date is a day number: engines disagree on the type of a difference of dates, but
not on integers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import count
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from hepatica.derive.running import numbered

_EPOCH = date(1970, 1, 1)
_HELD = count()
_DECIMALS = 10


def day_number_of(day: date) -> int:
    """Return the days from 1970-01-01 to ``day``.

    Examples
    --------
    >>> day_number_of(date(1970, 1, 2)), day_number_of(date(1969, 12, 31))
    (1, -1)
    """
    return (day - _EPOCH).days


def day_number(column: nw.Expr) -> nw.Expr:
    """Return the days from 1970-01-01 of a date column, as Int64.

    Counts civil days from the year, month and day, with the year starting in March so that the
    leap day comes last.
    """
    month = column.dt.month().cast(nw.Int64)
    year = column.dt.year().cast(nw.Int64) - (month <= 2).cast(nw.Int64)
    era = (year - year % 400) // 400
    year_of_era = year - era * 400
    month_from_march = (month + 9) % 12
    day_of_year = (153 * month_from_march + 2) // 5 + column.dt.day().cast(nw.Int64) - 1
    leap_days = year_of_era // 4 - year_of_era // 100
    return era * 146097 + year_of_era * 365 + leap_days + day_of_year - 719468


def with_date(frame: nw.LazyFrame[Any], number: str, name: str) -> nw.LazyFrame[Any]:
    """Return the frame with the date of a day number, the inverse of `day_number`.

    The civil date is counted in integers, one step a column, and read from its text: no engine but
    Polars makes a date from a number.

    Parameters
    ----------
    frame : narwhals.LazyFrame
        Has the column.
    number : str
        Column of day numbers; null stays null.
    name : str
        Column of the date.
    """
    n = nw.col
    steps: tuple[dict[str, nw.Expr], ...] = (
        {"_Z": n(number).cast(nw.Int64) + 719468},
        {"_ERA": n("_Z") // 146097},
        {"_DOE": n("_Z") - n("_ERA") * 146097},
        {"_C": n("_DOE") // 36524, "_L": n("_DOE") // 146096, "_F": n("_DOE") // 1460},
        {"_YOE": (n("_DOE") - n("_F") + n("_C") - n("_L")) // 365},
        {"_DOY": n("_DOE") - (365 * n("_YOE") + n("_YOE") // 4 - n("_YOE") // 100)},
        {"_MP": (5 * n("_DOY") + 2) // 153},
        {"_LATE": (n("_MP") >= 10).cast(nw.Int64), "_DAY0": (153 * n("_MP") + 2) // 5},
        {
            "_D": n("_DOY") - n("_DAY0") + 1,
            "_M": n("_MP") + 3 - 12 * n("_LATE"),
            "_Y": n("_YOE") + n("_ERA") * 400 + n("_LATE"),
        },
    )
    rows = frame
    for step in steps:
        rows = rows.with_columns(*(value.cast(nw.Int64).alias(key) for key, value in step.items()))
    year, month, day = (n(key).cast(nw.String) for key in ("_Y", "_M", "_D"))
    text = nw.concat_str([year, month.str.zfill(2), day.str.zfill(2)], separator="-")
    rows = rows.with_columns(text.str.to_date("%Y-%m-%d").alias(name))
    return rows.drop(*(key for step in steps for key in step))


def shifted(column: nw.Expr, *steps: str) -> nw.Expr:
    """Return a date moved by whole days, months or years, one step after the other.

    Parameters
    ----------
    column : narwhals.Expr
        Date.
    *steps : str
        As ``offset_by`` writes them: ``14d``, ``1mo``, ``-1d``. Some engines answer with a
        timestamp, so each step ends as a date.
    """
    for step in steps:
        column = column.dt.offset_by(step).cast(nw.Date)
    return column


def typed(frame: nw.LazyFrame[Any], kinds: Mapping[str, Any]) -> nw.LazyFrame[Any]:
    """Return the named columns in the named types; a column that is not there is missing values.

    Parameters
    ----------
    frame : narwhals.LazyFrame
        A collected table.
    kinds : mapping of str to Narwhals data type
        The columns wanted, in order. None stands for a subject: a whole number, as a derivation
        has it, or else a text. A text may be a list, see `hepatica.derive.lists`.
    """
    present = frame.collect_schema()
    return frame.select(*(_typed(name, kind, present) for name, kind in kinds.items()))


def _typed(name: str, kind: Any, present: Mapping[str, Any]) -> nw.Expr:
    if kind is None:
        return nw.col(name) if present[name].is_integer() else nw.col(name).cast(nw.String)
    if name not in present:
        return nw.lit(None, dtype=kind).alias(name)
    listed = kind == nw.String and isinstance(present[name], nw.Enum)
    return nw.col(name) if listed else nw.col(name).cast(kind)


def held(frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Return the frame computed once, so that what reads it twice does not compute it twice.

    On Polars the rows are in memory, on DuckDB in a temporary table of the same connection, on
    Spark in the cluster. Other engines are left as they are.
    """
    native: Any = frame.to_native()
    if frame.implementation.is_polars():
        native = native.collect(engine="streaming").lazy()
    elif frame.implementation.is_duckdb():
        table = f"hepatica_held_{next(_HELD)}"
        # The answer of the first query has no history; a query on the rows themselves would carry
        # the whole text that made them, which is planned again with every later step.
        made = native.query("rows_to_hold", f"create temporary table {table} as from rows_to_hold")
        native = made.query("rows_made", f"from {table}")
    elif frame.implementation.is_spark_like():
        native = native.localCheckpoint(eager=False)
    lazy: nw.LazyFrame[Any] = nw.from_native(native)
    return lazy


def first_of_subject(frame: nw.LazyFrame[Any], order_by: Sequence[str]) -> nw.LazyFrame[Any]:
    """Return one record for each subject: the lowest by ``order_by``, a missing value first.

    ``first`` is not to be had on every engine.
    """
    if not frame.implementation.is_polars():
        return _first_by_place(frame, order_by)
    # Most subjects have one record, which needs no order.
    rows: pl.DataFrame = frame.to_native().collect(engine="streaming")
    several = rows["USUBJID"].is_duplicated()
    alone = nw.from_native(rows.filter(~several).lazy())
    if not several.any():
        return alone
    rest = nw.from_native(rows.filter(several).lazy())
    return nw.concat([alone, _first_by_place(rest, order_by)])


def _first_by_place(frame: nw.LazyFrame[Any], order_by: Sequence[str]) -> nw.LazyFrame[Any]:
    places = numbered(frame, "_PLACE", ("USUBJID",), order_by)
    return places.filter(nw.col("_PLACE") == 1).drop("_PLACE")


def quotient(top: nw.Expr, bottom: nw.Expr | int) -> nw.Expr:
    """Return ``top / bottom`` to ten decimals, the same on every engine and for any rows beside it.

    Polars multiplies by the reciprocal of a constant, and a column of one row, or a portion of
    one row that a thread was given, counts as a constant. The result then differs in the last
    digit of a double; rounding takes that digit away.
    """
    divisor = bottom if isinstance(bottom, int) else bottom.cast(nw.Float64)
    return (top.cast(nw.Float64) / divisor).round(_DECIMALS)
