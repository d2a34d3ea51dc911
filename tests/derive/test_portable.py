"""Day numbers: civil days on every engine."""

from __future__ import annotations

from datetime import date, timedelta

import duckdb
import narwhals.stable.v2 as nw
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hepatica.derive.portable import day_number, day_number_of, with_date

DAYS = [
    date(1970, 1, 1),
    date(1969, 12, 31),
    date(2000, 2, 29),
    date(2019, 12, 18),
    date(1900, 3, 1),
]


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_day_numbers_are_civil_days(engine: str) -> None:
    frame = pl.DataFrame({"DAY": DAYS})
    native = frame if engine == "polars" else duckdb.sql("select * from frame")
    counted = nw.from_native(native).with_columns(day_number(nw.col("DAY")).alias("N")).lazy()
    rows = counted.collect().rows(named=True)
    assert {row["DAY"]: row["N"] for row in rows} == {day: day_number_of(day) for day in DAYS}


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_a_date_comes_back_from_its_number(engine: str) -> None:
    frame = pl.DataFrame({"DAY": [*DAYS, date(2024, 12, 31), date(2100, 2, 28)]})
    native = frame if engine == "polars" else duckdb.sql("select * from frame")
    numbers = nw.from_native(native).with_columns(day_number(nw.col("DAY")).alias("N")).lazy()
    rows = with_date(numbers, "N", "BACK").collect().rows(named=True)
    assert all(row["BACK"] == row["DAY"] for row in rows)


def test_every_date_of_centuries_comes_back() -> None:
    days = [date(1600, 1, 1) + timedelta(97 * n) for n in range(3000)]
    numbers = pl.DataFrame({"N": [day_number_of(day) for day in days]}).lazy()
    back = with_date(nw.from_native(numbers), "N", "BACK").collect()
    assert back["BACK"].to_list() == days


@given(st.dates(min_value=date(1800, 1, 1), max_value=date(2200, 1, 1)), st.integers(0, 4000))
def test_difference_of_day_numbers_is_the_number_of_days(day: date, after: int) -> None:
    frame = nw.from_native(pl.DataFrame({"DAY": [day, day + timedelta(after)]}), eager_only=True)
    first, last = frame.select(day_number(nw.col("DAY")).alias("N"))["N"].to_list()
    assert last - first == after
    assert first == day_number_of(day)
