"""Disposition of seven patients, one of them outside the set; the expected rows beside them."""

from __future__ import annotations

import polars as pl
import pytest
from few_patients import carried_out, counts, failure, frame, plan

from hepatica.results import Results

PLAN = plan({"kind": "disposition"}, "DM", "DS")
COLUMNS = "USUBJID FASFL TRT01P TRTSDT EOTSTT DCTREAS EOSSTT DCSREAS"
SUBJECTS = frame(
    COLUMNS,
    ("1", "Y", "A", "2020-01-01", "DISCONTINUED", "DEATH", "DISCONTINUED", "DEATH"),
    ("2", "Y", "A", "2020-01-01", "DISCONTINUED", "PROGRESSIVE DISEASE", "ONGOING", None),
    ("3", "Y", "A", "2020-01-01", "Discontinued", None, "COMPLETED", None),
    ("4", "Y", "A", None, None, None, "ONGOING", None),
    ("5", "Y", "B", "2020-01-01", "ONGOING", None, "ONGOING", None),
    ("6", "Y", "B", "2020-01-01", None, None, None, None),
    ("7", "N", "B", "2020-01-01", "COMPLETED", None, "COMPLETED", None),
)


def rows(subjects: pl.DataFrame = SUBJECTS) -> Results:
    return carried_out(PLAN, ADSL=subjects)


def test_treatment_ends_once_for_each_patient() -> None:
    assert counts(rows(), "treated") == {"": ["3/4 75", "2/2 100", "5/6 83.3333"]}
    assert counts(rows(), "treatment") == {
        "ONGOING": ["0/4 0", "1/2 50", "1/6 16.6667"],
        "COMPLETED": ["0/4 0", "0/2 0", "0/6 0"],
        "DISCONTINUED": ["3/4 75", "0/2 0", "3/6 50"],
        "UNTREATED": ["1/4 25", "0/2 0", "1/6 16.6667"],
        "MISSING": ["0/4 0", "1/2 50", "1/6 16.6667"],
    }
    assert counts(rows(), "treatment_reason") == {
        "DEATH": ["1/4 25", "0/2 0", "1/6 16.6667"],
        "Not recorded": ["1/4 25", "0/2 0", "1/6 16.6667"],
        "PROGRESSIVE DISEASE": ["1/4 25", "0/2 0", "1/6 16.6667"],
    }


def test_study_ends_once_for_each_patient() -> None:
    assert counts(rows(), "study") == {
        "ONGOING": ["2/4 50", "1/2 50", "3/6 50"],
        "COMPLETED": ["1/4 25", "0/2 0", "1/6 16.6667"],
        "DISCONTINUED": ["1/4 25", "0/2 0", "1/6 16.6667"],
        "MISSING": ["0/4 0", "1/2 50", "1/6 16.6667"],
    }
    assert counts(rows(), "study_reason") == {"DEATH": ["1/4 25", "0/2 0", "1/6 16.6667"]}


def test_a_group_without_patients_counts_none_of_none() -> None:
    only_b = SUBJECTS.filter(pl.col("TRT01P") == "B")
    assert counts(rows(only_b), "treatment")["ONGOING"] == ["0/0 NE", "1/2 50", "1/2 50"]


@pytest.mark.parametrize("tables", [("DM",), ("DM", "EX")])
def test_without_dispositions_nobody_is_called_ongoing(tables: tuple[str, ...]) -> None:
    message = failure(carried_out(plan({"kind": "disposition"}, *tables), ADSL=SUBJECTS))
    assert "data.tables.DS" in message


def test_subject_records_that_say_nothing_are_told() -> None:
    ready = plan({"kind": "disposition"}, "ADSL")
    silent = SUBJECTS.select("USUBJID", "FASFL", "TRT01P")
    assert "EOTSTT" in failure(carried_out(ready, ADSL=silent))
    told = SUBJECTS.drop("EOTSTT", "DCTREAS", "DCSREAS")
    assert counts(carried_out(ready, ADSL=told), "treatment") == {}
    assert list(counts(carried_out(ready, ADSL=told), "study_reason")) == ["Not recorded"]


def test_screening_failures_are_counted_by_reason() -> None:
    screened = frame(
        "USUBJID FASFL TRT01P ENRLFL SCRFREAS EOTSTT",
        ("1", "Y", "A", "Y", None, "ONGOING"),
        ("2", "N", None, "N", "Child-Pugh score above 7", None),
        ("3", "N", None, "N", None, None),
        ("4", "N", None, "N", "Child-Pugh score above 7", None),
    )
    found = rows(screened).where(analysis="sets", population="")
    assert [(one.variable, one.variable_level, one.statistic, one.value) for one in found] == [
        ("", "", "n", 1),
        ("", "", "screened", 4),
        ("", "", "screening_failures", 3),
        ("screening_failure", "Child-Pugh score above 7", "n", 2),
        ("screening_failure", "Not recorded", "n", 1),
    ]
    assert [one.statistic for one in rows().where(analysis="sets", population="")] == ["n"]
