"""Recorded dates: whole or in part, as ISO 8601 writes them, beside the earliest day they allow."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from hepatica.records.findings import Outcome, Place, Rule, broken_rows
from hepatica.records.sas import sas_dates

_WIDE = dict(zip("０１２３４５６７８９－−：", "0123456789--:", strict=True))
_TIME = r"[T ](?:[01]\d|2[0-4])(?::[0-5]\d(?::[0-5]\d(?:\.\d+)?)?)?(?:Z|[+-]\d\d:?\d\d)?"
_ISO = rf"^(\d{{4}})(?:-(\d{{2}})(?:-(\d{{2}})(?:{_TIME})?)?)?$"
#: A day or time with the part before it left out, or letters in the place of what is not known.
_GAP = r"(?i)^(?:\d{4}|UN(?:K|KN)?|-)-(?:-|UNK?|\d{1,2})?(?:-(?:-|UNK?|\d{1,2})?)*$"
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
#: A number above this in a SAS date column counts seconds: as days it would be the year 4698.
_SECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class RecordedDate:
    """A column ``--DTC`` with its ``--DT`` and ``--DTP``, and the outcome of each rule."""

    columns: tuple[pl.Series, pl.Series, pl.Series]
    outcomes: tuple[Outcome, ...]


def cast_recorded_date(
    frame: pl.DataFrame, column: str, place: Place, *, sas_numbers: bool = False
) -> RecordedDate:
    """Return a recorded date as text, earliest day and exactness.

    Parameters
    ----------
    frame : polars.DataFrame
        The table.
    column : str
        A column whose name ends in ``DTC``: text, dates, or numbers of SAS.
    place : Place
        For messages.
    sas_numbers : bool
        Whether a number counts days (or seconds) from 1960-01-01.

    Returns
    -------
    RecordedDate
        Text stays as written; dates of other formats are written as ISO 8601. What is no date
        has neither day nor exactness.
    """
    text, lost = _as_text(frame.get_column(column), sas_numbers=sas_numbers)
    # Times repeat within a study, so each distinct text is read once.
    distinct = pl.DataFrame({"text": text.unique()}).lazy().select("text", *_parts()).collect()
    read = pl.DataFrame({"text": text}).join(
        distinct, on="text", how="left", maintain_order="left", nulls_equal=True
    )
    gap, impossible, shape = _rules(column)
    outcomes = (
        broken_rows(place, gap, frame, read.get_column("gap")),
        broken_rows(place, impossible, frame, read.get_column("impossible")),
        broken_rows(place, shape, frame, read.get_column("other") | lost),
    )
    name = column[:-1]
    columns = (
        text.alias(column),
        read.get_column("day").alias(name),
        read.get_column("exact").alias(f"{name}P"),
    )
    return RecordedDate(columns, outcomes)


def _as_text(series: pl.Series, *, sas_numbers: bool) -> tuple[pl.Series, pl.Series]:
    """Return the column as ISO 8601 text, and which values could not be turned into it."""
    nothing = pl.Series([False]).new_from_index(0, len(series))
    if series.dtype == pl.String:
        return series.str.replace_many(_WIDE), nothing
    if series.dtype == pl.Date:
        return series.dt.to_string("%Y-%m-%d"), nothing
    if isinstance(series.dtype, pl.Datetime):
        day = series.dt.to_string("%Y-%m-%d")
        whole = (series.dt.truncate("1d") == series).fill_null(value=True)
        return day.zip_with(whole, series.dt.to_string("%Y-%m-%dT%H:%M:%S")), nothing
    empty = pl.Series(series.name, [None], pl.String).new_from_index(0, len(series))
    if series.dtype.is_float():
        series = series.fill_nan(None)
    if sas_numbers and series.dtype.is_numeric():
        seconds = (series.abs() > _SECONDS).fill_null(value=False)
        days = sas_dates(series, in_seconds=False)
        days = sas_dates(series, in_seconds=True).zip_with(seconds, days)
        return days.dt.to_string("%Y-%m-%d"), series.is_not_null() & days.is_null()
    if series.dtype.is_integer() or series.dtype.is_float():
        # A year on its own is read as a number by some formats.
        year = series.cast(pl.Int64, strict=False)
        known = ((year == series) & year.is_between(1000, 9999)).fill_null(value=False)
        return year.cast(pl.String).zip_with(known, empty), series.is_not_null() & ~known
    return empty, series.is_not_null()


def _parts() -> tuple[pl.Expr, ...]:
    text = pl.col("text")
    parts = text.str.extract_groups(_ISO).struct
    year, month, day = (parts.field(str(n)) for n in (1, 2, 3))
    earliest = pl.concat_str(
        year, pl.lit("-"), month.fill_null("01"), pl.lit("-"), day.fill_null("01")
    ).str.to_date("%Y-%m-%d", strict=False)
    inside = year.cast(pl.Int32, strict=False).is_between(_FIRST_YEAR, _LAST_YEAR)
    known = pl.when(inside).then(earliest)
    exact = (
        pl.when(known.is_null())
        .then(None)
        .when(day.is_not_null())
        .then(pl.lit("D"))
        .when(month.is_not_null())
        .then(pl.lit("M"))
        .otherwise(pl.lit("Y"))
    )
    formed = year.is_not_null()
    gap = text.str.contains(_GAP) & ~formed
    return (
        known.alias("day"),
        exact.alias("exact"),
        gap.fill_null(value=False).alias("gap"),
        (formed & known.is_null()).fill_null(value=False).alias("impossible"),
        (text.is_not_null() & ~formed & ~gap).fill_null(value=False).alias("other"),
    )


def _rules(name: str) -> tuple[Rule, Rule, Rule]:
    return (
        Rule(
            f"{name} leaves out what is not known, from the right: 2019-04 or 2019.",
            "Write the year and the month, or the year alone, without signs for what is missing.",
            name,
        ),
        Rule(
            f"{name} is a day of the calendar between {_FIRST_YEAR} and {_LAST_YEAR}.",
            "Correct the day, the month or the year.",
            name,
        ),
        Rule(
            f"{name} is written as year, month and day, as in 2019-12-18 or 2019-12-18T10:30.",
            "Write the date as ISO 8601, or leave the cell empty.",
            name,
        ),
    )
