"""Small steps that several derivations share, on frames of any engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import narwhals.stable.v2 as nw

from hepatica.derive.columns import Frame, mentions

__all__ = [
    "Frame",
    "LazyFrame",
    "flag",
    "flag_one",
    "holds_one_of",
    "known",
    "lent",
    "null_text",
    "upper",
    "with_absent",
    "with_subject",
]

#: A frame as a derivation returns it; the job materialises it once.
LazyFrame = nw.LazyFrame[Any]


def with_absent(frame: Frame, columns: Mapping[str, Any]) -> LazyFrame:
    """Add, all null, those of the columns that the frame does not have.

    A column that is there becomes text where text is wanted, and a number of the kind that is
    wanted if it is a number; anything else stays as it is.

    Examples
    --------
    >>> import polars as pl
    >>> frame = nw.from_native(pl.DataFrame({"USUBJID": ["1"], "VISIT": [2]}))
    >>> with_absent(frame, {"AESEQ": nw.Int64, "VISIT": nw.String}).collect().rows()
    [('1', '2', None)]
    """
    kinds = frame.lazy().collect_schema()
    read = [
        nw.col(name).cast(kind) if name in kinds else nw.lit(None, dtype=kind).alias(name)
        for name, kind in columns.items()
        if name not in kinds or _is_cast(kinds[name], kind)
    ]
    return frame.lazy().with_columns(*read) if read else frame.lazy()


def _is_cast(kind: Any, wanted: Any) -> bool:
    """Tell whether a column is cast: never text to a number, which can fail on a value."""
    if kind == wanted:
        return False
    if kind == nw.Unknown or wanted == nw.String:  # all missing, or text is wanted
        return not bool(kind.is_temporal())
    return bool(kind.is_numeric() and wanted.is_numeric())


def lent(frame: Frame, columns: Mapping[str, Any]) -> tuple[str, ...]:
    """Return those of the columns that the frame does not have, to be dropped at the end."""
    present = set(frame.lazy().collect_schema().names())
    return tuple(name for name in columns if name not in present)


def with_subject(frame: Frame, adsl: Frame, columns: Mapping[str, Any]) -> LazyFrame:
    """Join columns of ADSL to the records of a subject, each under ``_`` and its name.

    Columns that ADSL does not have are null, as are those of a subject that it does not hold.
    """
    subjects = with_absent(adsl, columns).select(
        "USUBJID", *(nw.col(name).alias(f"_{name}") for name in columns)
    )
    return frame.lazy().join(subjects, on="USUBJID", how="left")


def known(condition: nw.Expr) -> nw.Expr:
    """Return the condition with unknown as false.

    Examples
    --------
    >>> import polars as pl
    >>> frame = nw.from_native(pl.DataFrame({"X": [1, None]}))
    >>> frame.select(known(nw.col("X") == 1))["X"].to_list()
    [True, False]
    """
    return condition.fill_null(value=False)


def flag(condition: nw.Expr) -> nw.Expr:
    """Return ``Y`` where the condition is true, null where it is false or unknown."""
    return nw.when(known(condition)).then(nw.lit("Y"))


def null_text() -> nw.Expr:
    """Return a missing text."""
    return nw.lit(None, dtype=nw.String)


def upper(column: str) -> nw.Expr:
    """Return a text column in capitals."""
    return nw.col(column).str.to_uppercase()


def holds_one_of(column: str, words: Sequence[str]) -> nw.Expr:
    """Return whether a text holds one of the words (capitals); a missing text holds none."""
    found = [mentions(upper(column), word) for word in words]
    return nw.any_horizontal(*found, ignore_nulls=True)


def flag_one(
    frame: LazyFrame,
    name: str,
    among: nw.Expr,
    *,
    within: Sequence[str],
    by: Sequence[str],
    last: bool = False,
) -> LazyFrame:
    """Flag the first (or last) record of each group among those that a condition chooses.

    Parameters
    ----------
    frame : LazyFrame
        Records.
    name : str
        Column that takes ``Y`` or null.
    among : narwhals.Expr
        Records that can be chosen; unknown is no.
    within : sequence of str
        Columns that make a group.
    by : sequence of str
        Columns in whose order the records stand, a missing value first; together they should
        tell the records of a group apart.
    last : bool
        Whether the last record is flagged.

    Returns
    -------
    LazyFrame
        The records with the flag.
    """
    chosen = frame.with_columns(known(among).cast(nw.Int64).alias("_CHOSEN"))
    counted = nw.col("_CHOSEN").cum_sum(reverse=last).over(*within, order_by=list(by))
    return (
        chosen.with_columns(counted.cast(nw.Int64).alias("_COUNTED"))
        .with_columns(flag((nw.col("_CHOSEN") == 1) & (nw.col("_COUNTED") == 1)).alias(name))
        .drop("_CHOSEN", "_COUNTED")
    )
