"""Criteria of collected subjects: columns they need, and what IE recorded beside them."""

from __future__ import annotations

from typing import Any

from hepatica.derive import derive_datasets
from hepatica.errors import Problem

FAILS = "Who fails a criterion that is screened has a record of it in IE."
RECORDED = "Who has a criterion not met in IE fails one that is screened."


def problems(collected: Any, **where: Any) -> dict[str, Problem]:
    collected.mapping["eligibility"] = [
        {"id": f"c{n}", "kind": "inclusion", "text": name, "where": {name: condition}}
        for n, (name, condition) in enumerate(where.items())
    ]
    return {one.rule: one for one in collected.read().problems}


def test_a_recorded_criterion_that_fails_is_no_news(collected: Any) -> None:
    """C4 is 70 years old and has a record in IE; nobody else fails."""
    assert problems(collected, AGE={"le": 68}) == problems(collected)


def test_failing_without_a_record_is_noted(collected: Any) -> None:
    (row,) = collected.rows("DM", "C1")
    row["AGE"] = "69"
    found = problems(collected, AGE={"le": 68})
    assert found[FAILS].subjects == ("C1",)
    assert found[FAILS].severity == "note"
    assert RECORDED not in found


def test_a_record_without_failing_is_noted(collected: Any) -> None:
    found = problems(collected, AGE={"le": 75})
    assert found[RECORDED].subjects == ("C4",)
    assert FAILS not in found


def test_a_record_of_a_criterion_met_counts_for_nothing(collected: Any) -> None:
    collected.add("IE", USUBJID="C2", IETESTCD="E1", IECAT="EXCLUSION", IEORRES="N")
    assert FAILS not in problems(collected, AGE={"le": 68})


def test_a_column_that_is_not_there_is_named(collected: Any) -> None:
    found = problems(collected, AGEE={"le": 75})
    assert "Did you mean 'AGE'?" in found["The table has the column AGEE."].do


def test_what_is_derived_or_measured_needs_no_column(collected: Any) -> None:
    """AFP stands in BM and TRTSDT comes from EX; C4 was never treated."""
    collected.mapping["biomarkers"][0]["parameter"] = "AFP"
    found = problems(collected, AFP={"lt": 400}, TRTSDT={"ge": "2019-01-01"})
    assert not [one for one in found.values() if one.severity == "problem"]
    records = collected.read()
    adsl = derive_datasets(
        collected.protocol(), {name: table.frame for name, table in records.tables.items()}
    )["ADSL"]
    assert adsl.select("USUBJID", "ENRLFL", "SCRFREAS").rows() == [
        ("C1", "Y", None),
        ("C2", "Y", None),
        ("C3", "Y", None),
        ("C4", "N", "Not met: Bilirubin below 34"),
    ]
