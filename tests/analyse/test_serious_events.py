"""Serious events of four patients, one of them outside the set."""

from __future__ import annotations

import polars as pl
import pytest
from few_patients import carried_out, counts, frame, plan

from hepatica.results import Results

SEVERITY = {"column": "ATOXGR", "at_least": 3, "label": "Grade 3 or higher"}
PLAN = plan({"kind": "adverse_events", "severity": SEVERITY}, "AE")
SUBJECTS = frame(
    "USUBJID FASFL TRT01P",
    *(("1", "Y", "A"), ("2", "Y", "A"), ("3", "Y", "B"), ("4", "N", "B")),
)
EVENTS = frame(
    "USUBJID AEDECOD ATOXGR TRTEMFL AESER AEREL",
    ("1", "Bleeding", 3, "Y", "Y", "Probably related"),
    ("1", "Bleeding", 4, "Y", "Y", "NOT RELATED"),
    ("1", "Anaemia", 2, "Y", "Y", "NOT RELATED"),
    ("1", "Nausea", 1, "Y", "N", "RELATED"),
    ("2", "Bleeding", 3, "N", "Y", "RELATED"),  # before treatment
    ("3", "Bleeding", 2, "Y", "Y", " possible "),
    ("4", "Bleeding", 3, "Y", "Y", "RELATED"),  # not in the set
)


def events(rows: Results, variable: str) -> dict[str, list[float | None]]:
    """Return each term with the numbers of events in A, B and all patients."""
    found: dict[str, list[float | None]] = {}
    for row in rows.where(analysis="one", variable=variable, statistic="events"):
        assert row.denominator is None
        found.setdefault(row.variable_level, []).append(row.value)
    return found


def test_patients_count_once_and_events_each_time() -> None:
    rows = carried_out(PLAN, ADSL=SUBJECTS, ADAE=EVENTS)
    assert counts(rows, "serious") == {
        "": ["1/2 50", "1/1 100", "2/3 66.6667"],
        "Anaemia": ["1/2 50", "0/1 0", "1/3 33.3333"],
        "Bleeding": ["1/2 50", "1/1 100", "2/3 66.6667"],
    }
    assert events(rows, "serious") == {"": [3, 1, 4], "Anaemia": [1, 0, 1], "Bleeding": [2, 1, 3]}


def test_related_are_events_that_the_record_calls_so() -> None:
    rows = carried_out(PLAN, ADSL=SUBJECTS, ADAE=EVENTS)
    both = ["1/2 50", "1/1 100", "2/3 66.6667"]
    assert counts(rows, "serious_related") == {"": both, "Bleeding": both}
    assert events(rows, "serious_related") == {"": [1, 1, 2], "Bleeding": [1, 1, 2]}
    assert counts(rows, "serious_relation_unknown") == {}
    assert counts(rows, "seriousness_unknown") == {}


@pytest.mark.parametrize("word", [None, "To be assessed"])
def test_another_word_is_neither_related_nor_unrelated(word: str | None) -> None:
    relation = pl.when(pl.col("USUBJID") == "3").then(pl.lit(word)).otherwise("AEREL")
    other = EVENTS.with_columns(relation.alias("AEREL"))
    rows = carried_out(PLAN, ADSL=SUBJECTS, ADAE=other)
    assert events(rows, "serious")[""] == [3, 1, 4]
    assert events(rows, "serious_related")[""] == [1, 0, 1]
    assert events(rows, "serious_relation_unknown") == {"": [0, 1, 1], "Bleeding": [0, 1, 1]}


def test_an_event_that_nobody_judged_is_counted_apart() -> None:
    serious = pl.when(pl.col("AEDECOD") != "Nausea").then("AESER")
    rows = carried_out(PLAN, ADSL=SUBJECTS, ADAE=EVENTS.with_columns(serious.alias("AESER")))
    assert events(rows, "serious")[""] == [3, 1, 4]
    assert events(rows, "seriousness_unknown") == {"": [1, 0, 1], "Nausea": [1, 0, 1]}


def test_nobody_with_a_serious_event_is_a_zero() -> None:
    rows = carried_out(PLAN, ADSL=SUBJECTS, ADAE=EVENTS.with_columns(AESER=pl.lit("N")))
    assert counts(rows, "serious") == {"": ["0/2 0", "0/1 0", "0/3 0"]}
    assert events(rows, "serious_related") == {"": [0, 0, 0]}


def test_what_was_not_recorded_is_not_counted_as_none() -> None:
    empty = EVENTS.with_columns(AESER=pl.lit(None, dtype=pl.String))
    for table in (EVENTS.drop("AESER"), empty):
        rows = carried_out(PLAN, ADSL=SUBJECTS, ADAE=table)
        assert {row.variable for row in rows.where(analysis="one")} == {"", "any", "severe"}
    rows = carried_out(PLAN, ADSL=SUBJECTS, ADAE=EVENTS.drop("AEREL"))
    assert events(rows, "serious")[""] == [3, 1, 4]
    assert events(rows, "serious_related") == {}
