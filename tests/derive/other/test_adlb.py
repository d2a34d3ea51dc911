"""ADLB: one subject per rule, the expected record by hand beside it.

The first dose was on 10 March 2020 at 08:30.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tables import ENGINES, derived, subjects, table

from hepatica.derive.adlb import derive_adlb

COLUMNS = "USUBJID LBTESTCD LBTEST LBSTRESN LBSTRESU LBDTC LBBLFL VISIT VISITNUM LBSEQ"

#: Name, results (value, unit, date, flag, visit number), number of the baseline record (from 1),
#: BASE, and CHG of each record.
CASES: dict[str, tuple[list[tuple[Any, ...]], int | None, float | None, list[float | None]]] = {
    "last before the first dose": (
        [
            (40.0, "g/L", "2020-03-01", None, 1),
            (42.0, "g/L", "2020-03-09", None, 2),
            (30.0, "g/L", "2020-04-01", None, 3),
        ],
        2,
        42,
        [None, None, -12],
    ),
    "day of the first dose": (
        [(40.0, "g/L", "2020-03-09", None, 1), (42.0, "g/L", "2020-03-10", None, 2)],
        2,
        42,
        [None, None],
    ),
    "day after the first dose": (
        [(40.0, "g/L", "2020-03-09", None, 1), (42.0, "g/L", "2020-03-11", None, 2)],
        1,
        40,
        [None, 2],
    ),
    "same day, before the dose": (
        [(40.0, "g/L", "2020-03-01", None, 1), (42.0, "g/L", "2020-03-10T08:30", None, 2)],
        2,
        42,
        [None, None],
    ),
    "same day, a minute after the dose": (
        [(40.0, "g/L", "2020-03-01", None, 1), (42.0, "g/L", "2020-03-10T08:31", None, 2)],
        1,
        40,
        [None, 2],
    ),
    "value missing on the last day": (
        [
            (40.0, "g/L", "2020-03-01", None, 1),
            (None, "g/L", "2020-03-09", None, 2),
            (44.0, "g/L", "2020-04-01", None, 3),
        ],
        1,
        40,
        [None, None, 4],
    ),
    "two on one day, later time": (
        [(40.0, "g/L", "2020-03-09T10:00", None, 1), (42.0, "g/L", "2020-03-09T09:00", None, 1)],
        1,
        40,
        [None, None],
    ),
    "two on one day, later visit": (
        [(40.0, "g/L", "2020-03-09", None, 2), (42.0, "g/L", "2020-03-09", None, 1)],
        1,
        40,
        [None, None],
    ),
    "two on one day, higher sequence": (
        [(40.0, "g/L", "2020-03-09", None, 1), (42.0, "g/L", "2020-03-09", None, 1)],
        2,
        42,
        [None, None],
    ),
    "flagged, but not the last": (
        [(40.0, "g/L", "2020-03-01", "Y", 1), (42.0, "g/L", "2020-03-09", None, 2)],
        2,
        42,
        [None, None],
    ),
    "flagged, after the first dose, nothing before": (
        [(40.0, "g/L", "2020-03-12", "Y", 1), (42.0, "g/L", "2020-03-20", None, 2)],
        1,
        40,
        [None, 2],
    ),
    "nothing before": (
        [(40.0, "g/L", "2020-03-12", None, 1), (42.0, "g/L", "2020-03-20", None, 2)],
        None,
        None,
        [None, None],
    ),
    "month only": (
        [(40.0, "g/L", "2020-02", None, 1), (42.0, "g/L", "2020-03-20", None, 2)],
        None,
        None,
        [None, None],
    ),
    "other unit": (
        [(40.0, "g/L", "2020-03-01", None, 1), (4.2, "g/dL", "2020-04-01", None, 2)],
        1,
        40,
        [None, None],
    ),
    "no unit": (
        [(5.5, None, "2020-03-01", None, 1), (6.0, None, "2020-04-01", None, 2)],
        1,
        5.5,
        [None, 0.5],
    ),
    "unscheduled, before the dose, before the baseline": (
        [(38.0, "g/L", "2020-02-01", None, 1.1), (40.0, "g/L", "2020-03-01", None, 2)],
        2,
        40,
        [None, None],
    ),
}


@cache
def results(engine: str, *, recorded: bool = False) -> pl.DataFrame:
    rows = [
        (name, "ALB", "Albumin", value, unit, taken, flag, f"V{visit}", float(visit), number)
        for name, case in CASES.items()
        for number, (value, unit, taken, flag, visit) in enumerate(case[0], start=1)
    ]
    adsl = subjects(
        *((name, "2020-03-10", None, "2020-03-10T08:30") for name in CASES), extra="RFXSTDTC"
    )

    def derive(*arguments: Any) -> Any:
        return derive_adlb(*arguments, recorded_baseline=recorded)

    return derived(derive, engine, table(COLUMNS, rows), adsl)


@ENGINES
@pytest.mark.parametrize("name", CASES)
def test_baseline_and_change(name: str, engine: str) -> None:
    _, number, base, changes = CASES[name]
    rows = results(engine).filter(pl.col("USUBJID") == name).sort("LBSEQ")
    assert rows.filter(pl.col("ABLFL") == "Y")["LBSEQ"].to_list() == [number] * (number is not None)
    assert rows["BASE"].to_list() == [base] * rows.height
    assert rows["CHG"].to_list() == changes


@ENGINES
def test_recorded_baseline_can_stand_first(engine: str) -> None:
    rows = results(engine, recorded=True).filter(pl.col("USUBJID") == "flagged, but not the last")
    assert rows["BASE"].to_list() == [40, 40]
    others = [name for name in CASES if name != "flagged, but not the last"]
    kept = pl.col("USUBJID").is_in(others)
    assert results(engine, recorded=True).filter(kept).equals(results(engine).filter(kept))


def test_engines_agree() -> None:
    assert results("polars").equals(results("duckdb"))


@ENGINES
def test_reference_range_parameter_and_percent(engine: str) -> None:
    """Limits are normal; one limit is enough; a baseline of 0 has no per cent."""
    columns = (
        "USUBJID LBTESTCD LBTEST LBSTRESN LBSTRESU LBSTNRLO LBSTNRHI LBDTC VISIT VISITNUM LBSEQ"
    )
    given_results = [
        (32.9, 33.0, 49.0, "LOW"),
        (33.0, 33.0, 49.0, "NORMAL"),
        (49.0, 33.0, 49.0, "NORMAL"),
        (49.1, 33.0, 49.0, "HIGH"),
        (49.1, 33.0, None, "NORMAL"),
        (0.0, None, 5.0, "NORMAL"),
        (5.1, None, 5.0, "HIGH"),
        (5.1, None, None, None),
        (None, 33.0, 49.0, None),
    ]
    rows = [
        ("1", f"T{n}", "Test", one[0], "g/L", one[1], one[2], "2020-03-01", "V", 1.0, n)
        for n, one in enumerate(given_results)
    ]
    rows += [
        ("1", "T5", "Test", 2.0, "g/L", None, None, "2020-04-01", "V", 2.0, 20),
        ("1", "T9", "Base excess", -4.0, "mmol/L", None, None, "2020-03-01", "V", 1.0, 18),
        ("1", "T9", "Base excess", -2.0, "mmol/L", None, None, "2020-04-01", "V", 1.0, 23),
        ("1", "T0", "Test", 16.45, None, None, None, "2020-04-01", "V", 2.0, 21),
        ("1", "T1", "Test", 16.5, "g/L", None, None, "2020-04-01", "V", 2.0, 22),
    ]
    result = derived(
        derive_adlb, engine, table(columns, rows), subjects(("1", "2020-03-10", None))
    ).sort("LBSEQ")
    assert result["ANRIND"].to_list()[:9] == [one[3] for one in given_results]
    assert result["PARAM"].to_list()[8:] == [
        "Test (g/L)",
        "Base excess (mmol/L)",
        "Test (g/L)",
        "Test",
        "Test (g/L)",
        "Base excess (mmol/L)",
    ]
    later = result.filter(pl.col("LBSEQ") >= 20)
    assert later.select("CHG", "PCHG").rows() == [(2, None), (None, None), (-16.5, -50), (2, 50)]


@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.one_of(st.none(), st.integers(0, 99))),
        min_size=1,
        max_size=12,
    )
)
@settings(max_examples=40, deadline=None)
def test_baseline_is_the_last_value_up_to_the_first_dose(records: list[tuple[int, Any]]) -> None:
    """Against a loop: days 1 to 9, first dose on day 5."""
    rows = [
        ("1", "A", "A", None if value is None else float(value), "u", f"2020-03-0{day}", None, n)
        for n, (day, value) in enumerate(records, start=1)
        if day > 0
    ]
    if not any(row[3] is not None for row in rows):
        return
    columns = "USUBJID LBTESTCD LBTEST LBSTRESN LBSTRESU LBDTC LBBLFL LBSEQ"
    result = derived(
        derive_adlb, "polars", table(columns, rows), subjects(("1", "2020-03-05", None))
    )
    usable = [(row[5], row[7]) for row in rows if row[3] is not None and row[5] <= "2020-03-05"]
    flagged = result.filter(pl.col("ABLFL") == "Y").select("LBDTC", "LBSEQ").rows()
    assert flagged == ([max(usable)] if usable else [])
