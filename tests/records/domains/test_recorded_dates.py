"""Whole and partial dates, case by case."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from hepatica.records.dates import cast_recorded_date
from hepatica.records.findings import ROW, Place

PLACE = Place("AE", "ae.csv")
GOOD = [
    ("2019", date(2019, 1, 1), "Y"),
    ("2019-04", date(2019, 4, 1), "M"),
    ("2019-04-17", date(2019, 4, 17), "D"),
    ("2019-04-17T10:30", date(2019, 4, 17), "D"),
    ("2019-04-17T10", date(2019, 4, 17), "D"),
    ("2019-04-17T10:30:05.250+08:00", date(2019, 4, 17), "D"),
    ("2019-04-17 00:00:00", date(2019, 4, 17), "D"),
    ("2019-04-17T24:00Z", date(2019, 4, 17), "D"),
    ("2020-02-29", date(2020, 2, 29), "D"),
    ("1900", date(1900, 1, 1), "Y"),
    ("2100-12-31", date(2100, 12, 31), "D"),
    ("２０１９-０４-１７", date(2019, 4, 17), "D"),
]
GAPS = ["2019---17", "2019-UN-UN", "2019-04-UNK", "2019-04--", "2019-04-", "UNK-04-17", "2019-UN"]
IMPOSSIBLE = ["2019-02-29", "2019-13", "2019-00-10", "2019-04-31", "1899-12-31", "2101", "0019-04"]
OTHER = [
    "17/04/2019", "17APR2019", "20190417", "43572", "April 2019", "2019-04-17T25:00", "19-04-17",
    "2019-04-17T10:61", "x", "2019-04-17x",
]  # fmt: skip


def read(series: pl.Series, *, sas_numbers: bool = False):
    frame = pl.DataFrame({"AESTDTC": series}).with_row_index(ROW)
    return cast_recorded_date(frame, "AESTDTC", PLACE, sas_numbers=sas_numbers)


@pytest.mark.parametrize(("text", "day", "exact"), GOOD)
def test_good_dates(text: str, day: date, exact: str) -> None:
    found = read(pl.Series([text, None]))
    dtc, dt, dtp = found.columns
    assert [one.name for one in found.columns] == ["AESTDTC", "AESTDT", "AESTDTP"]
    assert (dt.to_list(), dtp.to_list()) == ([day, None], [exact, None])
    assert dtc[1] is None
    assert found.outcomes == (None, None, None)
    assert (dt.dtype, dtp.dtype, dtc.dtype) == (pl.Date, pl.String, pl.String)


@pytest.mark.parametrize(
    ("texts", "place"), [(GAPS, 0), (IMPOSSIBLE, 1), (OTHER, 2)], ids=["gap", "calendar", "form"]
)
def test_dates_that_are_told(texts: list[str], place: int) -> None:
    for text in texts:
        found = read(pl.Series([text, "2019-04-17"]))
        told = [one is not None for one in found.outcomes]
        assert told == [n == place for n in range(3)], text
        assert found.columns[1].to_list() == [None, date(2019, 4, 17)]
        assert found.columns[2].to_list() == [None, "D"]
        assert all(text not in repr(one) for one in found.outcomes if len(text) > 1)


def test_dates_of_other_formats_become_text() -> None:
    days = read(pl.Series([date(2019, 4, 17), None]))
    assert days.columns[0].to_list() == ["2019-04-17", None]
    texts = pl.Series(["2019-04-17T00:00", "2019-04-17T10:30"])
    times = read(texts.str.to_datetime("%Y-%m-%dT%H:%M"))
    assert times.columns[0].to_list() == ["2019-04-17", "2019-04-17T10:30:00"]
    assert times.columns[2].to_list() == ["D", "D"]


def test_numbers_of_sas_count_days_or_seconds_from_1960() -> None:
    found = read(pl.Series([21656.0, 21656.0 * 86_400, float("nan")]), sas_numbers=True)
    assert found.columns[0].to_list() == ["2019-04-17", "2019-04-17", None]
    assert found.outcomes == (None, None, None)


def test_a_column_of_years_read_as_numbers() -> None:
    found = read(pl.Series([2019, 1998, None]))
    assert found.columns[0].to_list() == ["2019", "1998", None]
    assert found.columns[2].to_list() == ["Y", "Y", None]
    (_, _, other) = read(pl.Series([43572])).outcomes
    assert other is not None


def test_an_empty_column() -> None:
    found = read(pl.Series([None, None], dtype=pl.Null))
    assert [one.to_list() for one in found.columns] == [[None, None]] * 3
    assert found.outcomes == (None, None, None)
