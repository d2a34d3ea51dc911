"""ADEX: one subject per rule, the expected record by hand beside it."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tables import ANLOTINIB, ENGINES, derived, parsed, protocol, subjects, table

from hepatica.derive.adex import derive_adex

COLUMNS = "USUBJID EXTRT EXDOSE EXDOSU EXDOSFRQ EXSTDTC EXENDTC EXSEQ"


def interval(drug: str, dose: float | None, start: str, end: str | None, **more: Any) -> Any:
    return (drug, dose, more.get("unit", "mg"), more.get("often"), start, end)


#: Name, dosing intervals, weight, last dose, expected values by parameter.
CASES: dict[str, tuple[list[Any], float | None, str, dict[str, float | None]]] = {
    # Three cycles of two weeks on, one week off: 42 days at 12 mg; the last day off is not counted.
    "as planned": (
        [
            interval("ANLOTINIB", 12, "2020-01-01", "2020-01-14"),
            interval("Anlotinib", 12, "2020-01-22", "2020-02-04"),
            interval("anlotinib", 12, "2020-02-12", "2020-02-25"),
        ],
        70,
        "2020-02-25",
        {"DURD": 56, "CYCLES": 3, "TDOSE": 504, "ADOSE": 504, "RDI": 100, "REDUCT": 0, "LDOSE": 12},
    ),
    # 14 x 12 + 14 x 10 + 14 x 8 = 420 of 504 mg.
    "two reductions": (
        [
            interval("Anlotinib", 12, "2020-01-01", "2020-01-14"),
            interval("Anlotinib", 10, "2020-01-22", "2020-02-04"),
            interval("Anlotinib", 8, "2020-02-12", "2020-02-25"),
        ],
        70,
        "2020-02-25",
        {"TDOSE": 420, "ADOSE": 504, "RDI": 83.3333333333, "REDUCT": 2, "LDOSE": 8},
    ),
    # 12, 10, 12, 10: a dose that was raised again and lowered again was lowered twice.
    "reduced twice to the same dose": (
        [
            interval("Anlotinib", 12, "2020-01-01", "2020-01-03"),
            interval("Anlotinib", 10, "2020-01-04", "2020-01-06"),
            interval("Anlotinib", 12, "2020-01-07", "2020-01-09"),
            interval("Anlotinib", 10, "2020-01-10", "2020-01-12"),
        ],
        70,
        "2020-01-12",
        {"DURD": 12, "CYCLES": 1, "TDOSE": 132, "ADOSE": 144, "REDUCT": 2, "LDOSE": 10},
    ),
    # Two whole cycles in one record: 28 days on, not 42.
    "days off within one record": (
        [interval("Anlotinib", 12, "2020-01-01", "2020-02-11")],
        70,
        "2020-02-11",
        {"DURD": 42, "CYCLES": 2, "TDOSE": 336, "ADOSE": 336, "RDI": 100},
    ),
    # The second cycle came a week late: 28 days on within 42 planned ones... 14 + 7 (days 29-35
    # are planned as off days of nothing): duration 42 days plans 28.
    "delayed cycle": (
        [
            interval("Anlotinib", 12, "2020-01-01", "2020-01-14"),
            interval("Anlotinib", 12, "2020-01-29", "2020-02-11"),
        ],
        70,
        "2020-02-11",
        {"DURD": 42, "CYCLES": 2, "TDOSE": 336, "ADOSE": 336, "RDI": 100},
    ),
    # A third cycle begun on day 43 counts as started: 43 = 2 x 21 + 1.
    "first day of the third cycle": (
        [
            interval("Anlotinib", 12, "2020-01-01", "2020-01-14"),
            interval("Anlotinib", 12, "2020-01-22", "2020-02-04"),
            interval("Anlotinib", 12, "2020-02-12", "2020-02-12"),
        ],
        70,
        "2020-02-12",
        {"DURD": 43, "CYCLES": 3, "TDOSE": 348, "ADOSE": 348, "RDI": 100},
    ),
    # 0 mg of the drug is an interruption: no dose, no reduction, not the lowest dose.
    "interruption": (
        [
            interval("Anlotinib", 12, "2020-01-01", "2020-01-07"),
            interval("Anlotinib", 0, "2020-01-08", "2020-01-10"),
            interval("Anlotinib", 12, "2020-01-11", "2020-01-14"),
        ],
        70,
        "2020-01-14",
        {"DURD": 14, "TDOSE": 132, "ADOSE": 168, "REDUCT": 0, "LDOSE": 12},
    ),
    # The interruption after the last dose is not part of the duration.
    "interruption at the end": (
        [
            interval("Anlotinib", 12, "2020-01-01", "2020-01-14"),
            interval("Anlotinib", 0, "2020-01-22", "2020-02-04"),
        ],
        70,
        "2020-01-14",
        {"DURD": 14, "CYCLES": 1, "TDOSE": 168, "RDI": 100},
    ),
    "dose in grams": (
        [interval("Anlotinib", 0.012, "2020-01-01", "2020-01-14", unit="g")],
        70,
        "2020-01-14",
        {"TDOSE": 168, "LDOSE": 12, "RDI": 100},
    ),
    "unit that does not fit": (
        [interval("Anlotinib", 12, "2020-01-01", "2020-01-14", unit="TABLET")],
        70,
        "2020-01-14",
        {"DURD": 14, "TDOSE": None, "ADOSE": 168, "RDI": None, "REDUCT": None, "LDOSE": None},
    ),
    "dose not recorded": (
        [
            interval("Anlotinib", 12, "2020-01-01", "2020-01-07"),
            interval("Anlotinib", None, "2020-01-08", "2020-01-14"),
        ],
        70,
        "2020-01-14",
        {"DURD": 14, "TDOSE": None, "ADOSE": 168, "RDI": None, "LDOSE": None},
    ),
    # Ends: the day before the next interval, then the last dose of ADSL.
    "ends not recorded": (
        [
            interval("Anlotinib", 12, "2020-01-01", None),
            interval("Anlotinib", 10, "2020-01-05", None),
        ],
        70,
        "2020-01-10",
        {"DURD": 10, "TDOSE": 4 * 12 + 6 * 10, "REDUCT": 1, "LDOSE": 10},
    ),
    "start not known": (
        [interval("Anlotinib", 12, "2020-01", "2020-01-14")],
        70,
        "2020-01-14",
        {"DURD": None, "CYCLES": None, "TDOSE": None, "ADOSE": None, "RDI": None, "LDOSE": 12},
    ),
    # Lenvatinib: 8 mg below 60 kg, 12 mg from 60 kg.
    "59.9 kg": (
        [interval("Lenvatinib", 8, "2020-01-01", "2020-01-28")],
        59.9,
        "2020-01-28",
        {"DURD": 28, "CYCLES": 1, "TDOSE": 224, "ADOSE": 224, "RDI": 100},
    ),
    "60 kg": (
        [interval("Lenvatinib", 8, "2020-01-01", "2020-01-28")],
        60,
        "2020-01-28",
        {"TDOSE": 224, "ADOSE": 336, "RDI": 66.6666666667},
    ),
    "weight not known": (
        [interval("Lenvatinib", 8, "2020-01-01", "2020-01-28")],
        None,
        "2020-01-28",
        {"TDOSE": 224, "ADOSE": None, "RDI": None},
    ),
    # Twice daily by the schedule, once daily as recorded.
    "twice daily": (
        [interval("Sorafenib", 400, "2020-01-01", "2020-01-10")],
        70,
        "2020-01-10",
        {"TDOSE": 8000, "ADOSE": 8000, "RDI": 100},
    ),
    "once daily as recorded": (
        [interval("Sorafenib", 400, "2020-01-01", "2020-01-10", often="QD")],
        70,
        "2020-01-10",
        {"TDOSE": 4000, "ADOSE": 8000, "RDI": 50},
    ),
    "every other day as recorded": (
        [interval("Sorafenib", 400, "2020-01-01", "2020-01-09", often="QOD")],
        70,
        "2020-01-09",
        {"TDOSE": 2000, "ADOSE": 7200},
    ),
    # What the protocol does not plan: duration and total.
    "placebo": (
        [interval("Placebo", 0, "2020-01-01", "2020-01-10")],
        70,
        "2020-01-10",
        {"DURD": 10, "TDOSE": 0},
    ),
    "infusion every three weeks": (
        [interval("Pembrolizumab", 200, "2020-01-01", "2020-01-22", often="Q3W")],
        70,
        "2020-01-22",
        {"DURD": 22, "TDOSE": 400},
    ),
}


def case_tables(names: list[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    rows = [
        (name, *one, number) for name in names for number, one in enumerate(CASES[name][0], start=1)
    ]
    adsl = subjects(
        *((name, "2020-01-01", CASES[name][2], CASES[name][1]) for name in names),
        extra="WEIGHTBL",
    )
    return table(COLUMNS, rows), adsl.with_columns(pl.col("WEIGHTBL").cast(pl.Float64))


@cache
def exposure(engine: str) -> pl.DataFrame:
    """Return the records of all subjects, derived together."""
    return derived(derive_adex, engine, *case_tables(list(CASES)))


@ENGINES
@pytest.mark.parametrize("name", CASES)
def test_exposure_of_one_subject(name: str, engine: str) -> None:
    result = exposure(engine).filter(pl.col("USUBJID") == name)
    values = dict(zip(result["PARAMCD"], result["AVAL"], strict=True))
    expected = CASES[name][3]
    assert {code: values[code] for code in expected} == expected


#: Day of treatment, date and interval of the first lower dose.
REDUCED = {
    "two reductions": (22, date(2020, 1, 22), 2),
    # 12, 10, 12, 10: the first of two.
    "reduced twice to the same dose": (4, date(2020, 1, 4), 2),
    "ends not recorded": (5, date(2020, 1, 5), 2),
}


@ENGINES
def test_the_first_lower_dose_is_dated_with_its_interval(engine: str) -> None:
    result = exposure(engine).filter(pl.col("PARAMCD") == "REDDT")
    found = {one["USUBJID"]: (one["AVAL"], one["ADT"], one["SRCSEQ"]) for one in result.to_dicts()}
    assert found == REDUCED
    others = exposure(engine).filter(pl.col("PARAMCD") != "REDDT")
    assert others["ADT"].null_count() == others["SRCSEQ"].null_count() == others.height


@ENGINES
def test_an_interruption_before_a_lower_dose_is_not_its_first_day(engine: str) -> None:
    doses = [
        interval("Anlotinib", 12, "2020-01-01", "2020-01-07"),
        interval("Anlotinib", 0, "2020-01-08", "2020-01-10"),
        interval("Anlotinib", 10, "2020-01-11", "2020-01-14"),
        interval("Anlotinib", 8, "2020-01-22", "2020-02-04"),
    ]
    # Rows of the file in another order than the doses.
    rows = [("1", *one, number) for number, one in enumerate(doses, start=1)][::-1]
    adsl = subjects(("1", "2020-01-01", "2020-02-04"))
    result = derived(derive_adex, engine, table(COLUMNS, rows), adsl)
    first = result.filter(pl.col("PARAMCD") == "REDDT").to_dicts()
    assert [(one["AVAL"], one["ADT"], one["SRCSEQ"]) for one in first] == [
        (11, date(2020, 1, 11), 3)
    ]


@pytest.mark.parametrize("name", ["placebo", "infusion every three weeks"])
def test_a_drug_that_is_not_planned_has_duration_and_total_only(name: str) -> None:
    result = exposure("polars").filter(pl.col("USUBJID") == name)
    assert result["PARAMCD"].to_list() == ["DURD", "TDOSE"]


def test_engines_agree_on_all_cases_together() -> None:
    first, second = exposure("polars"), exposure("duckdb")
    assert first.equals(second)
    assert first["AVALU"].null_count() == 0
    keys = first.select("USUBJID", "EXTRT", "PARAMCD")
    assert keys.is_unique().all()


@ENGINES
def test_one_drug_in_two_arms_is_planned_by_arm(engine: str) -> None:
    low = {**ANLOTINIB, "id": "low", "dose": {"amount": 8, "unit": "mg"}}
    plan = protocol(
        treatments=[ANLOTINIB, low],
        arms=[
            {"id": "a", "label": "A", "treatments": ["anlotinib"]},
            {"id": "b", "label": "B", "treatments": ["low"]},
        ],
    )
    ex = table(
        COLUMNS,
        [
            ("1", *interval("Anlotinib", 8, "2020-01-01", "2020-01-14"), 1),
            ("2", *interval("Anlotinib", 8, "2020-01-01", "2020-01-14"), 1),
        ],
    )
    adsl = subjects(
        ("1", "2020-01-01", "2020-01-14", "A"),
        ("2", "2020-01-01", "2020-01-14", "B"),
        extra="TRT01A",
    )
    result = derived(derive_adex, engine, ex, adsl, plan=plan)
    planned = result.filter(pl.col("PARAMCD") == "ADOSE")
    assert planned["AVAL"].to_list() == [168, 112]


@ENGINES
def test_few_columns_are_enough(engine: str) -> None:
    ex = table("USUBJID EXTRT EXDOSE EXSTDTC", [("1", "Anlotinib", 12.0, "2020-01-01")])
    result = derived(derive_adex, engine, ex, subjects(("1", "2020-01-01", "2020-01-03")))
    values = dict(zip(result["PARAMCD"], result["AVAL"], strict=True))
    assert (values["DURD"], values["TDOSE"], values["ADOSE"]) == (3, 36, 36)


@given(st.integers(1, 30), st.integers(0, 20))
@settings(max_examples=25, deadline=None)
def test_one_long_record_and_its_cycles_give_the_same_dose(cycles: int, rest: int) -> None:
    """Splitting one record into its cycles changes no total."""
    start = pl.date(2020, 1, 1)
    whole = pl.DataFrame({"A": [0], "B": [21 * cycles + rest - 1]})
    parts = pl.DataFrame(
        {
            "A": [21 * one for one in range(cycles + (rest > 0))],
            "B": [
                *(21 * one + 20 for one in range(cycles)),
                *([21 * cycles + rest - 1] if rest else []),
            ],
        }
    )
    totals = []
    for frame in (whole, parts):
        ex = frame.select(
            pl.lit("1").alias("USUBJID"),
            pl.lit("Anlotinib").alias("EXTRT"),
            pl.lit(12.0).alias("EXDOSE"),
            (start + pl.duration(days="A")).dt.to_string("%Y-%m-%d").alias("EXSTDTC"),
            (start + pl.duration(days="B")).dt.to_string("%Y-%m-%d").alias("EXENDTC"),
        )
        result = derived(derive_adex, "polars", parsed(ex), subjects(("1", "2020-01-01", None)))
        values = dict(zip(result["PARAMCD"], result["AVAL"], strict=True))
        totals.append((values["DURD"], values["TDOSE"], values["RDI"], values["CYCLES"]))
    assert totals[0] == totals[1]
    assert totals[0][2] == 100
