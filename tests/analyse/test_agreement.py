"""Two readings of six patients, one of them outside the set, counted by hand."""

from __future__ import annotations

import polars as pl
import pytest
from few_patients import carried_out, failure, frame, plan

from hepatica.analyse.readings import of_reading
from hepatica.results import Results

PLAN = plan(
    {"kind": "agreement", "readings": ["main", "irc"], "parameter": "CBOR"},
    "DM",
    "TR",
    assessments={
        "every_days": 42,
        "window_days": 7,
        "criteria": "RECIST 1.1",
        "readings": [{"id": "irc", "label": "Independent review", "evaluator": "IRC"}],
    },
)
SUBJECTS = frame(
    "USUBJID FASFL TRT01P",
    *((str(n), "Y" if n < 6 else "N", "A" if n < 3 else "B") for n in range(1, 7)),
)
FIRST = frame(
    "USUBJID PARAMCD AVALC ADT",
    ("1", "CBOR", "PR", "2020-03-01"),
    ("2", "CBOR", "SD", "2020-03-01"),
    ("3", "CBOR", "SD", "2020-03-01"),
    ("4", "CBOR", "PD", "2020-03-01"),
    ("6", "CBOR", "CR", "2020-03-01"),
    ("1", "PD", "Y", "2020-06-01"),
    ("2", "PD", "Y", "2020-06-01"),
    ("3", "PD", "Y", "2020-06-01"),
    ("4", "PD", "Y", "2020-03-01"),
    ("5", "PD", "N", None),
)
SECOND = frame(
    "USUBJID PARAMCD AVALC ADT",
    ("1", "CBOR", "SD", "2020-03-01"),
    ("2", "CBOR", "SD", "2020-03-01"),
    ("3", "CBOR", "SD", "2020-03-01"),
    ("4", "CBOR", "PD", "2020-03-01"),
    ("5", "CBOR", "SD", "2020-03-01"),
    ("1", "PD", "Y", "2020-06-01"),
    ("2", "PD", "Y", "2020-05-22"),
    ("3", "PD", "Y", "2020-06-05"),
    ("4", "PD", "N", None),
    ("5", "PD", "Y", "2020-06-05"),
)


@pytest.fixture(scope="module")
def rows() -> Results:
    return carried_out(PLAN, ADSL=SUBJECTS, ADRS=FIRST, ADRSIRC=SECOND)


def value(rows: Results, statistic: str, **columns: str) -> float | None:
    return rows.one(analysis="one", statistic=statistic, **columns).value


def test_best_responses_stand_in_a_cross_table(rows: Results) -> None:
    found = {
        (row.variable_level, row.reference): row.value
        for row in rows.where(analysis="one", variable="cross_table")
        if row.value
    }
    assert found == {
        ("PR", "SD"): 1,
        ("SD", "SD"): 2,
        ("PD", "PD"): 1,
        ("MISSING", "SD"): 1,
    }


def test_agreement_and_kappa(rows: Results) -> None:
    """By chance: SD 2/5 x 4/5 and PD 1/5 x 1/5, 0.36; observed 0.6; kappa 0.24 / 0.64."""
    assert value(rows, "n_agree", variable="best_response") == 3
    assert value(rows, "percent_agree", variable="best_response") == pytest.approx(60)
    assert value(rows, "kappa", variable="best_response") == pytest.approx(0.375)


def test_responses_by_irecist_are_compared_with_those_by_recist() -> None:
    words = {"SD": "iSD", "PD": "iUPD"}
    immune = SECOND.with_columns(pl.col("AVALC").replace(words))
    rows = carried_out(PLAN, ADSL=SUBJECTS, ADRS=FIRST, ADRSIRC=immune)
    assert value(rows, "n_agree", variable="best_response") == 3
    same = rows.one(
        analysis="one", statistic="n", variable="cross_table", variable_level="PD", reference="PD"
    )
    assert same.value == 1
    assert same.message.startswith("Responses by iRECIST count as")


def test_progression_by_both_readings(rows: Results) -> None:
    found = {
        row.variable_level: row.value
        for row in rows.where(analysis="one", variable="progression", statistic="n")
    }
    assert found == {
        "both": 3,
        "first_only": 1,
        "second_only": 1,
        "neither": 0,
        "same_day": 1,
        "first_earlier": 1,
        "second_earlier": 1,
    }
    apart = {"variable": "progression", "variable_level": "days_apart"}
    assert (value(rows, "median", **apart), value(rows, "max", **apart)) == (7, 10)


def test_one_and_the_same_category_has_no_kappa() -> None:
    same = FIRST.with_columns(pl.when(pl.col("PARAMCD") == "CBOR").then(pl.lit("SD"))
                              .otherwise(pl.col("AVALC")).alias("AVALC"))  # fmt: skip
    few = SUBJECTS.filter(pl.col("USUBJID") < "5")
    rows = carried_out(PLAN, ADSL=few, ADRS=same, ADRSIRC=same)
    row = rows.one(analysis="one", statistic="kappa", variable="best_response")
    assert (row.status, row.value) == ("not_estimable", None)


def test_a_reading_without_responses_is_named() -> None:
    rows = carried_out(PLAN, ADSL=SUBJECTS, ADRS=FIRST)
    assert failure(rows).startswith("The reading irc has no responses.")


def test_a_reading_stands_in_for_the_main_one() -> None:
    read = of_reading({"ADSL": SUBJECTS, "ADRS": FIRST, "ADRSIRC": SECOND}, "irc")
    assert read["ADRS"].equals(SECOND)
    assert set(read) == {"ADSL", "ADRS", "ADRSIRC"}
