"""Subjects as whole numbers within a derivation: faster to join, group and sort than their names.

The numbers follow the names in alphabetical order, so that records stand in the same order by
either.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals.stable.v2 as nw

Frame = nw.DataFrame[Any]


def with_numbers(tables: Mapping[str, Frame]) -> tuple[dict[str, Frame], nw.Series[Any]]:
    """Return the tables with whole numbers from 0 on in USUBJID, and the names they stand for.

    Parameters
    ----------
    tables : mapping of str to frame
        ADSL, and tables with USUBJID. Records of subjects that ADSL does not know are left out.

    Returns
    -------
    tuple of dict and narwhals.Series
        The tables, and the names in order: number 0 stands for the first.

    Examples
    --------
    >>> import polars as pl
    >>> adsl = nw.from_native(pl.DataFrame({"USUBJID": ["S2", "S1"]}), eager_only=True)
    >>> numbered, names = with_numbers({"ADSL": adsl})
    >>> sorted(numbered["ADSL"]["USUBJID"]), names.to_list()
    ([0, 1], ['S1', 'S2'])
    """
    names = tables["ADSL"]["USUBJID"].drop_nulls().unique().sort()
    numbers = names.to_frame().with_row_index("_NUMBER")
    numbers = numbers.select("USUBJID", nw.col("_NUMBER").cast(nw.Int32))
    return {name: _numbered(frame, numbers) for name, frame in tables.items()}, names


def _numbered(frame: Frame, numbers: Frame) -> Frame:
    rows = frame.join(numbers, on="USUBJID", how="inner").drop("USUBJID")
    return rows.rename({"_NUMBER": "USUBJID"})


def numbers_of(adsl: nw.LazyFrame[Any]) -> nw.LazyFrame[Any] | None:
    """Return USUBJID and _NUMBER of the subjects; None on engines that do not profit from it."""
    if not adsl.implementation.is_polars():
        return None
    names = adsl.select("USUBJID").filter(~nw.col("USUBJID").is_null()).collect()
    numbered = names.unique().sort("USUBJID").with_row_index("_NUMBER")
    return numbered.select("USUBJID", nw.col("_NUMBER").cast(nw.Int32)).lazy()


def numbered_by(frame: nw.LazyFrame[Any], numbers: nw.LazyFrame[Any] | None) -> nw.LazyFrame[Any]:
    """Return the frame with the number of each subject in USUBJID, where there are numbers."""
    if numbers is None:
        return frame
    rows = frame.join(numbers, on="USUBJID", how="inner").drop("USUBJID")
    return rows.rename({"_NUMBER": "USUBJID"})


def named_by(frame: nw.LazyFrame[Any], numbers: nw.LazyFrame[Any] | None) -> nw.LazyFrame[Any]:
    """Return the frame with names in USUBJID again, the inverse of `numbered_by`."""
    if numbers is None:
        return frame
    columns = frame.collect_schema().names()
    rows = frame.rename({"USUBJID": "_NUMBER"}).join(numbers, on="_NUMBER", how="inner")
    return rows.select(*columns)


def with_names(frame: Frame, names: nw.Series[Any]) -> Frame:
    """Return the frame with the names in USUBJID that its numbers stand for."""
    return frame.with_columns(names[frame["USUBJID"]].alias("USUBJID"))
