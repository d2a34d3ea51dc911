"""Texts of few values as lists (enumerations) within a derivation, on engines that profit from it.

A list compares, joins, groups and sorts as its texts do, at the cost of small whole numbers. Polars
alone needs it: elsewhere, and where a text has many values, everything stays as it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from hepatica.derive.portable import typed

# More texts than these are no list.
_MOST = 10_000


def listed(
    tables: Mapping[str, nw.DataFrame[Any]],
    columns: Mapping[str, str],
    more: Collection[str] = (),
    *,
    unless: str | None = None,
) -> dict[str, nw.DataFrame[Any]]:
    """Return the tables with one list for texts that stand in several of them.

    Parameters
    ----------
    tables : mapping of str to frame
        Frames by name.
    columns : mapping of str to str
        Name of a table to its column; tables and columns that are not there are passed over.
    more : collection of str
        Texts that a derivation adds to those recorded.
    unless : str, optional
        A pattern; where a text matches it, all stay texts.

    Returns
    -------
    dict
        All tables. The list is in alphabetical order.
    """
    frames = dict(tables)
    own = {
        name: column
        for name, column in columns.items()
        if name in frames and column in frames[name].columns
    }
    natives = {name: frames[name].to_native() for name in own}
    if not all(isinstance(one, pl.DataFrame) for one in natives.values()):
        return frames
    distinct = [natives[name][column].cast(pl.String).unique() for name, column in own.items()]
    texts = pl.concat([*distinct, pl.Series(list(more), dtype=pl.String)]).unique().drop_nulls()
    if not 0 < len(texts) <= _MOST or (unless is not None and texts.str.contains(unless).any()):
        return frames
    kind = pl.Enum(texts.sort())
    for name, column in own.items():
        frames[name] = nw.from_native(
            natives[name].with_columns(pl.col(column).cast(pl.String).cast(kind)), eager_only=True
        )
    return frames


def is_listed(kind: Any) -> bool:
    """Return whether a column of this type is a list."""
    return isinstance(kind, nw.Enum)


def list_of(frame: nw.LazyFrame[Any], texts: Iterable[str]) -> Any:
    """Return the type of a column that holds some of these texts: a list on Polars."""
    if frame.implementation.is_polars():
        return nw.Enum(sorted(set(texts)))
    return nw.String


def with_texts(
    frame: nw.LazyFrame[Any],
    place: str,
    texts: Mapping[str, Sequence[str]],
    kinds: Mapping[str, Any],
) -> nw.LazyFrame[Any]:
    """Return the frame with the texts that stand at a place, null where there is no place.

    Parameters
    ----------
    frame : narwhals.LazyFrame
        Has the column of places.
    place : str
        Column of whole numbers from 0 on.
    texts : mapping of str to sequence of str
        Name of each new column to its texts.
    kinds : mapping of str to Narwhals data type
        Type of each new column; see `list_of`.
    """
    if frame.implementation.is_polars():
        rows: pl.LazyFrame = frame.to_native()
        at = pl.col(place)
        columns = [
            pl.lit(_series(values, kinds.get(name))).gather(at).alias(name)
            for name, values in texts.items()
        ]
        return nw.from_native(rows.with_columns(columns))
    chosen = {name: nw.lit(None, dtype=nw.String) for name in texts}
    for name, values in texts.items():
        for position, text in enumerate(values):
            here = nw.when(nw.col(place) == position)
            chosen[name] = here.then(nw.lit(text)).otherwise(chosen[name])
    return frame.with_columns(*(value.alias(name) for name, value in chosen.items()))


def _series(values: Sequence[str], kind: Any) -> pl.Series:
    listed = is_listed(kind)
    return pl.Series(values, dtype=pl.Enum(kind.categories) if listed else pl.String)


def with_combined(
    frame: nw.DataFrame[Any], name: str, value: nw.Expr, of: Sequence[str]
) -> nw.DataFrame[Any]:
    """Return the frame with a column that depends on few others, worked out once for each case.

    Parameters
    ----------
    frame : frame
        On Polars the cases are joined back; elsewhere each row is worked out.
    name : str
        The new column.
    value : narwhals.Expr
        What it is.
    of : sequence of str
        The columns that it depends on; missing values count as a case.
    """
    native = frame.to_native()
    if not isinstance(native, pl.DataFrame):
        return frame.with_columns(value.alias(name))
    cases = nw.from_native(native.select(of).unique(), eager_only=True)
    known: pl.DataFrame = cases.with_columns(value.alias(name)).to_native()
    rows = native.join(known, on=list(of), how="left", nulls_equal=True, maintain_order="left")
    return nw.from_native(rows, eager_only=True)


def together(parts: Iterable[nw.LazyFrame[Any]], kinds: Mapping[str, Any]) -> nw.LazyFrame[Any]:
    """Return the rows of all parts in the named types.

    A text that is the same list in all parts that have it stays that list.

    Parameters
    ----------
    parts : frames
        Columns that a part does not have are missing values.
    kinds : mapping of str to Narwhals data type
        The columns wanted, as for `hepatica.derive.portable.typed`.
    """
    parts = list(parts)
    found: dict[str, list[Any]] = {}
    for part in parts:
        for name, kind in part.collect_schema().items():
            found.setdefault(name, []).append(kind)
    wanted, mixed = dict(kinds), []
    for name, kind in kinds.items():
        own = found.get(name, [])
        if kind == nw.String and any(is_listed(one) for one in own):
            if all(one == own[0] for one in own):
                wanted[name] = own[0]
            else:
                mixed.append(name)
    return nw.concat([typed(_as_texts(part, mixed), wanted) for part in parts])


def _as_texts(part: nw.LazyFrame[Any], names: Collection[str]) -> nw.LazyFrame[Any]:
    own = [name for name in part.collect_schema().names() if name in names] if names else []
    return part.with_columns(nw.col(name).cast(nw.String) for name in own) if own else part


def split_by_repetition(
    frame: nw.LazyFrame[Any], key: Sequence[str]
) -> tuple[nw.LazyFrame[Any] | None, nw.LazyFrame[Any] | None]:
    """Return the rows whose key no other row has, and the others; None for what there is none of.

    Only Polars, with a key of whole numbers and lists, finds out: elsewhere every row may be one
    of several.
    """
    kinds = frame.collect_schema()
    if not frame.implementation.is_polars() or not all(
        is_listed(kinds[name]) or kinds[name].is_integer() for name in key
    ):
        return None, frame
    rows: pl.DataFrame = frame.to_native().collect(engine="streaming")
    packed = rows.select(packed_key(rows, key)).to_series()
    if packed.n_unique() == len(packed):
        return nw.from_native(rows.lazy()), None
    again = packed.is_duplicated()
    return nw.from_native(rows.filter(~again).lazy()), nw.from_native(rows.filter(again).lazy())


def packed_key(rows: pl.DataFrame, key: Sequence[str]) -> pl.Expr:
    """Return one whole number for each combination of whole numbers from 0 on and lists."""
    packed = pl.lit(0, dtype=pl.Int64)
    for name in key:
        kind = rows.schema[name]
        if isinstance(kind, pl.Enum):
            place, size = pl.col(name).to_physical(), len(kind.categories)
        else:
            place, size = pl.col(name), int(rows[name].max() or 0) + 1  # type: ignore[arg-type]
        packed = packed * size + place.cast(pl.Int64)
    return packed.alias("KEY")
