"""Deaths of seven patients around the limit of 30 days, one of them outside the set."""

from __future__ import annotations

import polars as pl
from few_patients import carried_out, counts, failure, frame, plan

PLAN = plan({"kind": "deaths", "days_after_last_dose": 30}, "DM")
SUBJECTS = frame(
    "USUBJID FASFL TRT01P TRTSDT TRTEDT DTHFL DTHDT DTHCAUS",
    ("1", "Y", "A", "2020-01-01", "2020-03-01", "Y", "2020-03-01", "Sepsis"),
    ("2", "Y", "A", "2020-01-01", "2020-03-01", "Y", "2020-03-31", "Sepsis"),
    ("3", "Y", "A", "2020-01-01", "2020-03-01", "Y", "2020-04-01", None),
    ("4", "Y", "A", "2020-01-01", "2020-03-01", None, None, None),
    ("5", "Y", "B", "2020-01-01", "2020-03-01", "Y", None, "Hepatic failure"),
    ("6", "Y", "B", None, None, "Y", "2020-04-01", "Not recorded"),
    ("7", "N", "B", "2020-01-01", "2020-03-01", "Y", "2020-03-01", "Sepsis"),
)


def test_deaths_by_time_and_cause() -> None:
    rows = carried_out(PLAN, ADSL=SUBJECTS)
    assert counts(rows, "death") == {"": ["3/4 75", "2/2 100", "5/6 83.3333"]}
    assert counts(rows, "death_time") == {
        "WITHIN": ["2/4 50", "0/2 0", "2/6 33.3333"],
        "LATER": ["1/4 25", "0/2 0", "1/6 16.6667"],
        "UNTREATED": ["0/4 0", "1/2 50", "1/6 16.6667"],
        "UNKNOWN": ["0/4 0", "1/2 50", "1/6 16.6667"],
    }
    assert counts(rows, "death_cause") == {
        "Hepatic failure": ["0/4 0", "1/2 50", "1/6 16.6667"],
        "Not recorded": ["1/4 25", "1/2 50", "2/6 33.3333"],
        "Sepsis": ["2/4 50", "0/2 0", "2/6 33.3333"],
    }


def test_the_limit_is_the_one_of_the_plan() -> None:
    later = plan({"kind": "deaths", "days_after_last_dose": 31}, "DM")
    rows = carried_out(later, ADSL=SUBJECTS)
    assert counts(rows, "death_time")["WITHIN"] == ["3/4 75", "0/2 0", "3/6 50"]


def test_nobody_died_and_nobody_is_in_a_group() -> None:
    alive = SUBJECTS.filter(pl.col("TRT01P") == "A").with_columns(
        pl.lit(None, dtype=pl.String).alias("DTHFL")
    )
    rows = carried_out(PLAN, ADSL=alive)
    assert counts(rows, "death") == {"": ["0/4 0", "0/0 NE", "0/4 0"]}
    assert counts(rows, "death_cause") == {}


def test_unknown_deaths_are_told() -> None:
    assert "DTHFL" in failure(carried_out(PLAN, ADSL=SUBJECTS.drop("DTHFL")))


def test_what_is_not_recorded_is_said_so() -> None:
    bare = SUBJECTS.select("USUBJID", "FASFL", "TRT01P", "DTHFL")
    rows = carried_out(PLAN, ADSL=bare)
    assert counts(rows, "death_time")["UNKNOWN"] == ["3/4 75", "2/2 100", "5/6 83.3333"]
    assert list(counts(rows, "death_cause")) == ["Not recorded"]
