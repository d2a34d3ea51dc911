"""Tolerant casts of single columns."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from hepatica.records.cast import Kind, cast_column
from hepatica.records.findings import ROW, Place

PLACE = Place("ADSL", "data/adsl.csv")


def cast(values: list[Any], kind: Kind, **options: bool) -> tuple[list[Any], list[str]]:
    frame = pl.DataFrame({"X": pl.Series(values, strict=False)}).with_row_index(ROW, offset=2)
    found = cast_column(frame, "X", kind, PLACE, **options)
    return found.series.to_list(), [one.rule for one in found.outcomes if one is not None]


WHOLE_DATE = "X is a whole date: year, month and day."
CALENDAR = "X is a day of the calendar."
WRITTEN = "X is written as year, month and day, as in 2019-12-18."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", 1.0),
        ("-2.50", -2.5),
        ("1e3", 1000.0),
        ("１２．５", 12.5),
        ("−3", -3.0),
        (".5", 0.5),
    ],
)
def test_numbers(text: str, expected: float) -> None:
    assert cast([text, None], "number") == ([expected, None], [])


@pytest.mark.parametrize("text", ["x", "1 2", "NaN", "inf", "<5", "1_000", "0x1A", "12 mg"])
def test_no_numbers(text: str) -> None:
    assert cast([text], "number") == ([None], ["X is a number."])


@pytest.mark.parametrize("text", ["12,5", "1,234", "1.234,5", "1,234,567", "-3,0"])
def test_commas(text: str) -> None:
    assert cast([text], "number") == ([None], ["X is written with a decimal point."])


def test_missing_numbers_of_other_programs() -> None:
    assert cast([1.5, float("nan"), None], "number") == ([1.5, None, None], [])
    assert cast([float("inf")], "number") == ([None], ["X is a number."])
    assert cast([True, False], "number") == ([1.0, 0.0], [])
    assert cast([date(2020, 1, 1)], "number") == ([None], ["X is a number."])


def test_whole_numbers() -> None:
    assert cast(["1", "2.0", None], "whole") == ([1, 2, None], [])
    assert cast(["1.5"], "whole") == ([None], ["X is a whole number."])


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("2020-02-29", []),
        ("2020-02-29T10:30", []),
        ("2020-02-29 10:30:00", []),
        ("2019-02-29", [CALENDAR]),
        ("2019-13-01", [CALENDAR]),
        ("2019-02-29T10:30", [CALENDAR]),
        ("2019", [WHOLE_DATE]),
        ("2019-02", [WHOLE_DATE]),
        ("2019-02-UN", [WHOLE_DATE]),
        ("2019-UN-UN", [WHOLE_DATE]),
        ("2019---", [WHOLE_DATE]),
        ("2019---15", [WHOLE_DATE]),
        ("01FEB2019", [WRITTEN]),
        ("2/1/2019", [WRITTEN]),
        ("20190201", [WRITTEN]),
        ("43832", [WRITTEN]),
        ("2019-2-1", [WRITTEN]),
        ("soon", [WRITTEN]),
    ],
)
def test_dates(text: str, rules: list[str]) -> None:
    day = None if rules else date(2020, 2, 29)
    assert cast([text, None], "date") == ([day, None], rules)


def test_numbers_are_dates_in_sas_files_only() -> None:
    assert cast([21916.0, 21916 * 86400.0, float("nan")], "date", sas_numbers=True) == (
        [date(2020, 1, 2), date(2020, 1, 2), None],
        [],
    )
    assert cast([21916.0], "date") == ([None], [WRITTEN])


def test_text() -> None:
    assert cast([101.0, 2.5, float("nan")], "text") == (["101", "2.5", None], [])
    assert cast([None, None], "text") == ([None, None], [])
    assert cast([date(2020, 1, 2)], "text") == (["2020-01-02"], [])
