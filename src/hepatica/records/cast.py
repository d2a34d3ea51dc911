"""Tolerant casts: a column takes the type the protocol needs; what does not fit is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import polars as pl

from hepatica.records.findings import Outcome, Place, Rule, broken_rows
from hepatica.records.sas import sas_dates

#: What a column holds; ``any`` leaves it as it was read. ``dtc`` is a date, whole or in part.
Kind = Literal["text", "number", "whole", "date", "dtc", "any"]
#: Signs of wide input to the plain ones.
WIDE = dict(zip("０１２３４５６７８９．，－＋−", "0123456789.,-+-", strict=True))
_COMMA = r"^[+-]?[\d.]*\d(,\d+)+$"
_ISO = r"^(\d{4}-\d{2}-\d{2})(?:[T ].*)?$"
_PARTIAL = r"(?i)^(\d{4}|UN(K|KN)?)(-(\d{1,2}|UNK?|-)(-(UNK?|-)?)?|---\d{2})?([T ].*)?$"
#: What to write where the values have a fixed meaning.
_WRITE = {"CNSR": "Write 0 for an event, and 1 or a higher number for a censored time."}
#: A number above this in a SAS date column counts seconds: as days it would be the year 4698.
_SECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Cast:
    """A column in its type, and the outcome of each rule about its values."""

    series: pl.Series
    outcomes: tuple[Outcome, ...]


def cast_column(
    frame: pl.DataFrame, column: str, kind: Kind, place: Place, *, sas_numbers: bool = False
) -> Cast:
    """Cast one column; values that do not fit become null and are reported.

    Parameters
    ----------
    frame : polars.DataFrame
        The table, with USUBJID where known.
    column : str
        Name of the column.
    kind : str
        What it has to hold.
    place : Place
        For messages.
    sas_numbers : bool
        Whether a number can stand for a date.

    Returns
    -------
    Cast
        A column of String, Float64, Int64 or Date, or as it was for ``any``.
    """
    series = frame.get_column(column)
    if series.dtype == pl.Null:
        series = series.cast(pl.String)
    match kind:
        case "text":
            return Cast(as_text(series), ())
        case "number":
            return _number(frame, series, place)
        case "whole":
            number = _number(frame, series, place)
            value = number.series
            rule = Rule(f"{column} is a whole number.", f"Write {column} without decimals.", column)
            broken = value.is_not_null() & (value != value.round())
            whole = value.set(broken.fill_null(value=False), None).cast(pl.Int64, strict=False)
            return Cast(whole, (*number.outcomes, broken_rows(place, rule, frame, broken)))
        case "date":
            return _date(frame, series, place, sas_numbers=sas_numbers)
        case "dtc" | "any":
            return Cast(series.fill_nan(None) if series.dtype.is_float() else series, ())


def as_text(series: pl.Series) -> pl.Series:
    """Return a column as text; whole numbers without decimals.

    Examples
    --------
    >>> as_text(pl.Series([101.0, 2.5, None])).to_list()
    ['101', '2.5', None]
    """
    if series.dtype.is_float():
        value = series.fill_nan(None)
        whole = value.cast(pl.Int64, strict=False)
        return whole.cast(pl.String).zip_with(whole == value, value.cast(pl.String))
    return series.cast(pl.String, strict=False)


def _number(frame: pl.DataFrame, series: pl.Series, place: Place) -> Cast:
    name = series.name
    comma = Rule(
        f"{name} is written with a decimal point.",
        "Replace the decimal comma by a point, and leave out marks between thousands.",
        name,
    )
    rule = Rule(
        f"{name} is a number.",
        _WRITE.get(name)
        or "Write a number, leave the cell empty, or name the word that means a missing value "
        f"under {place.at('missing')}.",
        name,
    )
    if series.dtype == pl.String:
        plain = series.str.replace_many(WIDE)
        value = plain.cast(pl.Float64, strict=False)
        with_comma = plain.str.contains(_COMMA).fill_null(value=False)
    elif series.dtype.is_numeric() or series.dtype == pl.Boolean:
        value = series.cast(pl.Float64)
        series = series.fill_nan(None) if series.dtype.is_float() else series
        with_comma = pl.Series([False]).new_from_index(0, len(series))
    else:
        value = pl.Series(name, [None], pl.Float64).new_from_index(0, len(series))
        with_comma = pl.Series([False]).new_from_index(0, len(series))
    finite = value.is_finite().fill_null(value=False)
    wrong = series.is_not_null() & ~finite & ~with_comma
    return Cast(
        value.set(~finite, None).alias(name),
        (broken_rows(place, comma, frame, with_comma), broken_rows(place, rule, frame, wrong)),
    )


def _date(frame: pl.DataFrame, series: pl.Series, place: Place, *, sas_numbers: bool) -> Cast:
    name = series.name
    if series.dtype == pl.Date:
        return Cast(series, (None, None, None))
    if isinstance(series.dtype, pl.Datetime):
        return Cast(series.dt.date(), (None, None, None))
    partial, impossible, shape = _date_rules(name)
    if series.dtype != pl.String:
        return _date_numbers(frame, series, place, shape, sas_numbers=sas_numbers)
    day = series.str.replace_many(WIDE).str.extract(_ISO, 1)
    value = day.str.to_date("%Y-%m-%d", strict=False)
    no_day = day.is_not_null() & value.is_null()
    in_part = (day.is_null() & series.str.contains(_PARTIAL)).fill_null(value=False)
    other = series.is_not_null() & day.is_null() & ~in_part
    outcomes = (
        broken_rows(place, partial, frame, in_part),
        broken_rows(place, impossible, frame, no_day),
        broken_rows(place, shape, frame, other),
    )
    return Cast(value.alias(name), outcomes)


def _date_rules(name: str) -> tuple[Rule, Rule, Rule]:
    return (
        Rule(
            f"{name} is a whole date: year, month and day.",
            "Complete the date, or leave the cell empty.",
            name,
        ),
        Rule(f"{name} is a day of the calendar.", "Correct the day or the month.", name),
        Rule(
            f"{name} is written as year, month and day, as in 2019-12-18.",
            "Write the date as ISO 8601 (2019-12-18), or leave the cell empty.",
            name,
        ),
    )


def _date_numbers(
    frame: pl.DataFrame, series: pl.Series, place: Place, rule: Rule, *, sas_numbers: bool
) -> Cast:
    nothing = pl.Series(series.name, [None], pl.Date).new_from_index(0, len(series))
    if series.dtype.is_float():
        series = series.fill_nan(None)
    if sas_numbers and series.dtype.is_numeric():
        seconds = (series.abs() > _SECONDS).fill_null(value=False)
        days = sas_dates(series, in_seconds=False)
        nothing = sas_dates(series, in_seconds=True).zip_with(seconds, days).alias(series.name)
    wrong = series.is_not_null() & nothing.is_null()
    return Cast(nothing, (None, None, broken_rows(place, rule, frame, wrong)))
