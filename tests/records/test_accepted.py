"""Broken rules that the protocol accepts with a reason become notes; nothing else does."""

from __future__ import annotations

from typing import Any

from hepatica.errors import Problem
from hepatica.protocol.model import Protocol
from hepatica.records.accepted import accept

RULE = "No record of a living subject is dated after death."


def protocol(*accepted: dict[str, str]) -> Protocol:
    base: dict[str, Any] = {
        "study": {"id": "S", "title": "T"},
        "data": {"tables": {"DM": {"file": "dm.csv"}}, "accepted": list(accepted)},
        "arms": [{"id": "a", "label": "A"}],
        "analysis_sets": [{"id": "full", "label": "Full", "flag": "FASFL"}],
        "analyses": [{"id": "b", "kind": "baseline", "set": "full", "variables": ["age"]}],
    }
    return Protocol.model_validate(base)


def broken(table: str = "SV", rule: str = RULE, subjects: tuple[str, ...] = ("S1",)) -> Problem:
    return Problem(table=table, rule=rule, do="Correct it.", subjects=subjects)


ENTRY = {"table": "SV", "rule": RULE, "reason": "Published data."}


def test_an_accepted_problem_is_a_note_with_the_reason() -> None:
    (told,) = accept(protocol(ENTRY), (broken(),))
    assert (told.severity, told.do) == ("note", "Accepted by the protocol: Published data.")


def test_other_tables_rules_and_whole_files_stay_problems() -> None:
    others = (broken("AE"), broken(rule="Another."), broken(subjects=()))
    told = accept(protocol(ENTRY), others)
    assert [one.severity for one in told] == ["problem", "problem", "problem"]


def test_an_entry_that_nothing_breaks_is_told() -> None:
    (told,) = accept(protocol(ENTRY), ())
    assert (told.severity, told.where) == ("note", "study.yaml")
    assert "Remove it" in told.do
