"""Counting patients and records, written once for every engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw

from hepatica.analyse.standing import SurvivalColumns
from hepatica.analyse.survival_counts import CountedSurvival, survival_counts

__all__ = [
    "CountedSurvival",
    "SurvivalColumns",
    "count_by",
    "distinct",
    "survival_counts",
    "tally",
]


def count_by(
    frame: nw.DataFrame[Any] | nw.LazyFrame[Any], keys: Sequence[str]
) -> nw.DataFrame[Any]:
    """Count the rows for each combination of the key columns.

    Parameters
    ----------
    frame : frame
        Any frame that Narwhals knows, eager or lazy.
    keys : sequence of str
        Columns to count by; a missing value is a key of its own.

    Returns
    -------
    DataFrame
        The keys and ``n`` (Int64), sorted by the keys.
    """
    counted = (
        frame.lazy()
        .group_by(*keys)
        .agg(nw.len().alias("n"))
        .with_columns(nw.col("n").cast(nw.Int64))
        .sort(*keys)
    )
    return counted.collect()


def distinct(frame: nw.DataFrame[Any], keys: Sequence[str]) -> nw.DataFrame[Any]:
    """Return each combination of the key columns once."""
    return frame.select(*keys).unique(subset=list(keys)).sort(*keys)


def tally(frame: nw.DataFrame[Any], column: str) -> dict[tuple[str, Any], int]:
    """Count the rows by group and value, for each group and for all rows together.

    Parameters
    ----------
    frame : DataFrame
        Has ``__group__``; rows without a group count among all rows only.
    column : str
        What is counted; a missing value is counted under ``None``.

    Returns
    -------
    dict
        (label of the group, value) to number; the label of all rows together is empty.
    """
    counted: dict[tuple[str, Any], int] = {}
    for group, value, n in count_by(frame, ["__group__", column]).iter_rows():
        for level in ("",) if group is None else (group, ""):
            counted[level, value] = counted.get((level, value), 0) + n
    return counted
