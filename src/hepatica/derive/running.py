"""Along the records of a subject, in time: counts so far, the smallest before, the last known.

Other engines take a window for each. Polars sorts within every window, so there the rows are put
in order once and each value comes from whole columns: ten times as fast.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import narwhals.stable.v2 as nw
import polars as pl

#: ``sum``: of this record and all before; the others leave this record out. ``before``: of the
#: record just before; ``earlier``, ``later``: of the nearest one that has a value; ``least``: the
#: smallest value of all before.
Kind = Literal["sum", "before", "earlier", "later", "least"]

_FIRST = "_FIRST_OF_SUBJECT"
_NEVER = 2**40  # stands in for 'no value so far'; in hundredths of a millimetre 11,000 km


def numbered(
    frame: nw.LazyFrame[Any], name: str, by: Sequence[str], order_by: Sequence[str]
) -> nw.LazyFrame[Any]:
    """Return the frame with ``name``: 1, 2, ... within ``by`` in the order of ``order_by``.

    The order has to be unique within ``by``, or engines number ties differently.
    """
    if frame.implementation.is_polars():
        rows = frame.to_native().collect(engine="streaming")
        rows = rows.sort(*by, *order_by, maintain_order=True)
        start = pl.when(_changes(by)).then(pl.int_range(pl.len())).forward_fill()
        place = (pl.int_range(pl.len()) - start + 1).cast(pl.Int64).alias(name)
        lazy: nw.LazyFrame[Any] = nw.from_native(rows.with_columns(place).lazy())
        return lazy
    one = frame.with_columns(nw.lit(1).cast(nw.Int64).alias(name))
    counted = nw.col(name).cum_sum().over(*by, order_by=list(order_by))
    return one.with_columns(counted.cast(nw.Int64).alias(name))


def running(
    frame: nw.LazyFrame[Any], order: str, steps: Mapping[str, tuple[Kind, str]]
) -> nw.LazyFrame[Any]:
    """Return the frame with a column for each step along the records of every subject.

    Parameters
    ----------
    frame : narwhals.LazyFrame
        Has USUBJID.
    order : str
        Whole numbers, unique within a subject and never missing; they need not start at 1.
    steps : mapping of str to (kind, column)
        Name of the new column, what it is, and of which column. A column that is summed has
        no missing values; one whose least is sought holds whole numbers from 0 on.
    """
    if frame.implementation.is_polars():
        rows = _in_order(frame.to_native().collect(engine="streaming"), order)
        rows = rows.with_columns(_changes(("USUBJID",)).alias(_FIRST))
        columns = [_COLUMNS[kind](pl.col(name)).alias(new) for new, (kind, name) in steps.items()]
        lazy: nw.LazyFrame[Any] = nw.from_native(rows.with_columns(columns).drop(_FIRST).lazy())
        return lazy
    return _by_windows(frame, order, steps)


def _in_order(rows: pl.DataFrame, order: str) -> pl.DataFrame:
    """Return the rows by subject and order; mostly they are already."""
    subject, place = pl.col("USUBJID"), pl.col(order)
    back = (subject < subject.shift(1)) | ((subject == subject.shift(1)) & (place < place.shift(1)))
    if rows.select(back.any()).item():
        return rows.sort("USUBJID", order)
    return rows


def _changes(by: Sequence[str]) -> pl.Expr:
    """Return whether a row is the first of its subject."""
    changed = [pl.col(name).ne_missing(pl.col(name).shift(1)) for name in by]
    return pl.any_horizontal(*changed) | (pl.int_range(pl.len()) == 0)


def _last() -> pl.Expr:
    return pl.col(_FIRST).shift(-1, fill_value=True)


def _sum(value: pl.Expr) -> pl.Expr:
    total = value.cum_sum()
    return (total - pl.when(_FIRST).then(total - value).forward_fill()).cast(pl.Int64)


def _before(value: pl.Expr) -> pl.Expr:
    return pl.when(~pl.col(_FIRST)).then(value.shift(1))


def _earlier(value: pl.Expr) -> pl.Expr:
    """Return the last value before, unless it lies before the first row of the subject."""
    row, before = pl.int_range(pl.len()), _before(value)
    since = pl.when(before.is_not_null()).then(row).forward_fill()
    start = pl.when(_FIRST).then(row).forward_fill()
    return pl.when(since >= start).then(before.forward_fill())


def _later(value: pl.Expr) -> pl.Expr:
    row, after = pl.int_range(pl.len()), pl.when(~_last()).then(value.shift(-1))
    until = pl.when(after.is_not_null()).then(row).backward_fill()
    end = pl.when(_last()).then(row).backward_fill()
    return pl.when(until <= end).then(after.backward_fill())


def _least(value: pl.Expr) -> pl.Expr:
    """Return the smallest before, by one cumulative minimum over all subjects.

    Every subject's values are moved below those of the subjects before.
    """
    below = pl.col(_FIRST).cum_sum().cast(pl.Int64) * _NEVER
    known = _before(value).clip(upper_bound=_NEVER - 1).fill_null(_NEVER)
    so_far = (known - below).cum_min() + below
    return pl.when(so_far != _NEVER).then(so_far)


_COLUMNS = {
    "sum": _sum, "before": _before, "earlier": _earlier, "later": _later, "least": _least,
}  # fmt: skip


def _by_windows(
    frame: nw.LazyFrame[Any], order: str, steps: Mapping[str, tuple[Kind, str]]
) -> nw.LazyFrame[Any]:
    back, columns, then = f"_{order}_BACK", [], []
    for new, (kind, name) in steps.items():
        along = back if kind == "later" else order
        here, own = nw.col(name), nw.col(new)
        if kind == "sum":
            value = here.cum_sum().over("USUBJID", order_by=[along]).cast(nw.Int64)
        else:
            value = here.shift(1).over("USUBJID", order_by=[along])
        columns.append(value.alias(new))
        if kind == "least":
            # The smallest so far is missing where the value is; the next step fills it.
            own = own.cum_min().over("USUBJID", order_by=[along])
            then.append((new, along, own.alias(new)))
        elif kind in ("earlier", "later"):
            then.append((new, along, own.alias(new)))
    rows = frame.with_columns((-nw.col(order)).alias(back)).with_columns(*columns)
    rows = rows.with_columns(*(value for _, _, value in then)) if then else rows
    filled = [
        nw.col(new).fill_null(strategy="forward").over("USUBJID", order_by=[along]).alias(new)
        for new, along, _ in then
    ]
    rows = rows.with_columns(*filled) if filled else rows
    return rows.drop(back)
