"""Extracted results: one broken rule a test, told with study, line and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from hepatica.protocol.review_read import parse_review
from hepatica.records.extractions import Extractions, read_extractions

REVIEW = parse_review("""
review: {id: R-1, title: A review}
files: [{file: extracted.csv}]
groupings: [{id: design, label: Design}]
outcomes:
  - {id: orr, label: Objective response, measure: proportion}
  - {id: hr, label: Overall survival, measure: hazard_ratio}
""")
COLUMNS = [
    *("study", "registration", "centre", "recruited_from", "recruited_to", "arm", "role"),
    *("outcome", "criteria", "events", "total", "estimate", "lower", "upper", "unit"),
    *("upper_limit", "use", "reason", "design"),
]


def read(folder: Path, *rows: dict[str, str]) -> Extractions:
    lines = [",".join(COLUMNS)]
    lines += [",".join({"design": "P", **row}.get(one, "") for one in COLUMNS) for row in rows]
    (folder / "extracted.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_extractions(REVIEW, folder)


def orr(study: str, **columns: str) -> dict[str, str]:
    return {"study": study, "outcome": "orr", "events": "3", "total": "10", **columns}


def share(study: str, estimate: str, lower: str, upper: str, unit: str = "") -> dict[str, str]:
    numbers = {"estimate": estimate, "lower": lower, "upper": upper, "unit": unit}
    return {"study": study, "outcome": "orr", **numbers}


def ratio(study: str, estimate: str, lower: str, upper: str) -> dict[str, str]:
    return {"study": study, "outcome": "hr", "estimate": estimate, "lower": lower, "upper": upper}


def test_good_rows_are_read_without_a_word(tmp_path: Path) -> None:
    found = read(tmp_path, orr("A"), orr("B"), ratio("A", "0.69", "0.55", "0.87"))
    assert found.problems == ()
    assert found.frame.get_column("events").to_list() == [3.0, 3.0, None]


@pytest.mark.parametrize(
    ("rows", "rule", "severity"),
    [
        ([orr("B", events="11")], "Events are a whole number from 0 to total.", "problem"),
        ([orr("B", events="0", total="0")], "A total is a whole number above 0.", "problem"),
        ([orr("B", total="")], "Events come with the number of patients", "problem"),
        ([ratio("B", "0.5", "0.7", "0.9")], "Limits lie on both sides", "problem"),
        ([ratio("B", "-0.5", "-0.7", "0.9")], "A ratio and its limits are above 0.", "problem"),
        ([ratio("B", "0.69", "0.55", "0.97")], "centred on it in logarithms", "note"),
        ([orr("B", events="", total="", estimate="33.8")], "between 0 and 1", "problem"),
        ([orr("B", unit="%", estimate="133.8")], "A percentage lies between 0 and 100", "problem"),
        ([orr("B"), orr("B")], "A study gives one result for an arm", "problem"),
        ([orr("B", registration="N1"), orr("C", registration="N1")], "enters once", "problem"),
        ([orr("B", use="no")], "A result that is not pooled has its reason.", "problem"),
        ([ratio("B", "0.69", "0.69", "0.69")], "The limits of an estimate differ.", "problem"),
        ([orr("B", events="33.8")], "Events are a whole number from 0 to total.", "problem"),
        ([share("B", "0.338", "0.268", "40.7")], "between 0 and 1", "problem"),
        ([share("B", "0.338", "0.268", "0.407", unit="%")], "written as 33.8", "note"),
        (
            [orr("B", events="30", total="100"), orr("C", events="30", total="100")],
            "Different studies have different numbers.",
            "note",
        ),
        (
            [ratio("B", "0.69", "0.55", "0.87"), ratio("C", "0.69", "0.55", "0.87")],
            "Different studies have different numbers.",
            "note",
        ),
        ([orr("B", use="maybe")], "The column use is empty or one of", "problem"),
        ([orr("B", outcome="dcr")], "The outcome is one of the plan's.", "note"),
    ],
)
def test_a_broken_rule_names_its_study(
    tmp_path: Path, rows: list[dict[str, str]], rule: str, severity: str
) -> None:
    [problem] = read(tmp_path, orr("A"), *rows).problems
    assert rule in problem.rule
    assert problem.severity == severity
    assert problem.subjects == tuple(dict.fromkeys(row["study"] for row in rows))
    assert problem.where.startswith("extracted.csv, line")


def test_a_publication_that_is_set_aside_may_repeat_its_trial(tmp_path: Path) -> None:
    later = orr("C", registration="N1", use="no", reason="interim analysis of B")
    assert read(tmp_path, orr("B", registration="N1"), later).problems == ()


@pytest.mark.parametrize(("until", "notes"), [("2019-05", 0), ("2019-06", 1), ("", 1)])
def test_overlapping_cohorts_of_one_centre_are_noted(
    tmp_path: Path, until: str, notes: int
) -> None:
    first = orr("A", centre="X", recruited_from="2018-01", recruited_to=until)
    second = orr("B", centre="X", recruited_from="2019-06", recruited_to="2020-01")
    assert len(read(tmp_path, first, second).problems) == notes


def test_a_missing_column_names_the_plan(tmp_path: Path) -> None:
    (tmp_path / "extracted.csv").write_text("study,outcome,events\nA,orr,3\n", encoding="utf-8")
    told = read_extractions(REVIEW, tmp_path).problems
    assert any("files[0].columns in review.yaml" in one.do for one in told)
