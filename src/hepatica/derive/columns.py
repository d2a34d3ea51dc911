"""What a frame is to a derivation, and tests of a text column."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

#: A frame of any engine, in memory or not.
Frame = nw.DataFrame[Any] | nw.LazyFrame[Any]


def mentions(text: nw.Expr, word: str) -> nw.Expr:
    """Return whether a text holds a word; a missing text does not.

    Examples
    --------
    >>> import polars as pl
    >>> frame = nw.from_native(pl.DataFrame({"T": ["PLACEBO PATCH", None]}))
    >>> frame.select(mentions(nw.col("T"), "PLACEBO"))["T"].to_list()
    [True, False]
    """
    return text.str.contains(word, literal=True).fill_null(value=False)
