"""Text that spells numbers as numbers, on every engine; what does not spell one becomes null."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

#: Ending of the column that keeps the text of a column that was read as numbers.
AS_WRITTEN = "__as_written"


def with_numbers(frame: nw.LazyFrame[Any], columns: Sequence[str]) -> nw.LazyFrame[Any]:
    """Return the frame with text columns as Float64, their text kept beside them.

    Parameters
    ----------
    frame : LazyFrame
        Of Polars, DuckDB or Spark.
    columns : sequence of str
        Columns that should hold numbers; those that are not text stay as they are.

    Returns
    -------
    LazyFrame
        A text column ``X`` is a number; ``X`` and `AS_WRITTEN` is its text without white space
        around it, null where there was none. No engine's strict cast is used: its error would
        quote the value.

    Examples
    --------
    >>> frame = nw.from_native(pl.LazyFrame({"AVAL": ["84", " ", "soon"]}))
    >>> with_numbers(frame, ["AVAL"]).collect().rows()
    [(84.0, '84'), (None, None), (None, 'soon')]
    """
    schema = frame.collect_schema()
    texts = [name for name in dict.fromkeys(columns) if schema[name] == nw.String]
    if not texts:
        return frame
    trimmed = {name: nw.col(name).str.strip_chars() for name in texts}
    kept = frame.with_columns(
        *(nw.when(text != "").then(text).alias(name + AS_WRITTEN) for name, text in trimmed.items())
    )
    native: Any = kept.to_native()
    if kept.implementation.is_polars():
        native = native.with_columns(
            pl.col(name + AS_WRITTEN).cast(pl.Float64, strict=False).alias(name) for name in texts
        )
    elif kept.implementation.is_duckdb():
        native = _duckdb(native, schema.names(), texts)
    else:
        native = _spark(native, texts)
    lazy: nw.LazyFrame[Any] = nw.from_native(native)
    return lazy


def _duckdb(relation: Any, names: Sequence[str], texts: Sequence[str]) -> Any:
    casts = [f"try_cast({_quoted(name + AS_WRITTEN)} as double) as {_quoted(name)}"
             for name in texts]  # fmt: skip
    rest = [_quoted(name) for name in names if name not in texts]
    kept = [_quoted(name + AS_WRITTEN) for name in texts]
    return relation.project(", ".join([*rest, *casts, *kept]))


def _spark(frame: Any, texts: Sequence[str]) -> Any:
    from pyspark.sql import functions  # noqa: PLC0415 (an extra)

    casts = {name: functions.col(f"`{name}{AS_WRITTEN}`").try_cast("double") for name in texts}
    return frame.withColumns(casts)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
