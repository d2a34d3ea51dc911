"""A sheet with one row for each patient, as hospitals keep cohorts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from hepatica.protocol.model import Protocol
from hepatica.records import Records, read_records

SHEET = """Patient;Sex;Age;Stage;OS status;OS time;PFS status;PFS time;Name
P1;F;61;II;dead;20.5;progressed;10.1;x
P2;M;54;III;alive;44;no progression;40;x
P3;M;;II;alive;12.2;progressed;6.3;x
P4;F;70;?;dead;3;dead;3;x
"""


def endpoint(identifier: str, status: str, time: str, events: list[str], free: str) -> Any:
    return {
        "kind": "time_to_event",
        "id": identifier,
        "label": {"os": "Overall survival", "pfs": "Progression-free survival"}[identifier],
        "parameter": identifier.upper(),
        "origin": {"label": "diagnosis", "variable": "DIAGDT"},
        "events": [{"id": "event", "sentence": "The event.", "description": "Event"}],
        "sheet": {
            "time": time,
            "unit": "months",
            "event": {status: events},
            "censored": {status: free},
        },
    }


def mapping() -> dict[str, Any]:
    columns = {
        "USUBJID": "Patient",
        "SEX": "Sex",
        "AGE": {"name": "Age", "type": "number"},
        "STAGE": "Stage",
        "OSST": "OS status",
        "OST": "OS time",
        "PFSST": "PFS status",
        "PFST": "PFS time",
    }
    table = {"file": "s.csv", "delimiter": "semicolon", "missing": ["?"], "columns": columns}
    return {
        "study": {"id": "S", "title": "A cohort"},
        "data": {"tables": {"PATIENTS": table}},
        "arms": [{"id": "all", "label": "All patients"}],
        "analysis_sets": [{"id": "all", "label": "All patients", "flag": "FASFL"}],
        "endpoints": [
            endpoint("os", "OSST", "OST", ["dead"], "alive"),
            endpoint("pfs", "PFSST", "PFST", ["progressed", "dead"], "no progression"),
        ],
        "variables": [
            {"id": "age", "label": "Age", "column": "AGE", "kind": "measured"},
            {
                "id": "stage",
                "label": "Stage",
                "column": "STAGE",
                "kind": "categorical",
                "levels": ["II", "III"],
            },
        ],
        "analyses": [
            {"id": "b", "kind": "baseline", "set": "all", "variables": ["age", "stage"]},
            {"id": "os", "kind": "time_to_event", "set": "all", "endpoint": "os"},
            {"id": "pfs", "kind": "time_to_event", "set": "all", "endpoint": "pfs"},
        ],
    }


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Records]:
    def run(sheet: str = SHEET, protocol: dict[str, Any] | None = None) -> Records:
        (tmp_path / "data").mkdir(exist_ok=True)
        (tmp_path / "data" / "s.csv").write_text(sheet, encoding="utf-8")
        return read_records(Protocol.model_validate(protocol or mapping()), tmp_path)

    return run


def rules(records: Records) -> list[str]:
    return [one.rule for one in records.problems]


def test_a_good_sheet(read: Callable[..., Records]) -> None:
    records = read()
    assert records.problems == ()
    frame = records.tables["PATIENTS"].frame
    assert frame.columns == ["USUBJID", "SEX", "AGE", "STAGE", "OSST", "OST", "PFSST", "PFST"]
    assert frame["AGE"].to_list() == [61, 54, None, 70]
    assert frame["STAGE"].to_list() == ["II", "III", "II", None]
    assert frame["OST"].dtype == pl.Float64


def test_exchanged_conditions_are_named(read: Callable[..., Records]) -> None:
    protocol = mapping()
    sheet = protocol["endpoints"][0]["sheet"]
    sheet["event"], sheet["censored"] = sheet["censored"], sheet["event"]
    (problem,) = read(protocol=protocol).problems
    assert (
        problem.rule == "The words of the status of Overall survival agree with event and censored."
    )
    assert problem.found == "4 of 4 rows"
    assert "look exchanged" in problem.do


def test_an_unknown_status_is_counted(read: Callable[..., Records]) -> None:
    records = read(SHEET.replace("alive;44", "moved;44"))
    (note,) = records.problems
    assert note.severity == "note"
    assert note.subjects == ("P2",)


def test_a_status_that_matches_both_conditions(read: Callable[..., Records]) -> None:
    protocol = mapping()
    protocol["endpoints"][0]["sheet"]["censored"] = {"OST": {"ge": 20}}
    problems = read(protocol=protocol).problems
    (problem,) = (one for one in problems if one.severity == "problem")
    assert problem.subjects == ("P1",)
    assert problem.rule.endswith("not both.")


def test_a_death_before_progression(read: Callable[..., Records]) -> None:
    records = read(SHEET.replace("dead;20.5", "dead;9.5").replace("alive;44", "alive;39"))
    assert rules(records) == [
        "Nobody dies before PFS ends.",
        "Overall survival is known for as long as PFS.",
    ]
    assert [one.subjects for one in records.problems] == [("P1",), ("P2",)]


def test_a_negative_time(read: Callable[..., Records]) -> None:
    records = read(SHEET.replace("12.2", "-12.2"))
    assert rules(records) == ["A time of Overall survival is not negative."]


def test_a_patient_twice(read: Callable[..., Records]) -> None:
    assert rules(read(SHEET.replace("P2", "P1"))) == ["Each subject has one row."]


def test_a_column_that_is_not_mapped(read: Callable[..., Records]) -> None:
    protocol = mapping()
    del protocol["data"]["tables"]["PATIENTS"]["columns"]["STAGE"]
    (problem,) = read(protocol=protocol).problems
    assert problem.rule == "The table has the column STAGE."
    assert "Did you mean 'Stage'?" in problem.do


def test_two_arms_need_their_column(read: Callable[..., Records]) -> None:
    protocol = mapping()
    protocol["arms"] = [{"id": "f", "label": "F"}, {"id": "m", "label": "M"}]
    assert rules(read(protocol=protocol)) == ["The table has the column TRT01P."]
    protocol["analysis_sets"][0]["arm_variable"] = "SEX"
    assert read(protocol=protocol).problems == ()


def test_screening_failures_need_no_arm(read: Callable[..., Records]) -> None:
    protocol = mapping()
    protocol["arms"] = [{"id": "m", "label": "Men", "value": "M"}, {"id": "o", "label": "O"}]
    protocol["analysis_sets"][0].update(arm_variable="SEX", where={"SEX": ["M", "F"]})
    assert rules(read(protocol=protocol)) == ["SEX names an arm of the protocol."]
    protocol["screening"] = {"failure": {"SEX": "F"}}
    assert read(protocol=protocol).problems == ()


def test_a_time_of_a_century_is_in_another_unit(read: Callable[..., Records]) -> None:
    """Days read as months would draw numbers at risk for each year of millennia."""
    records = read(SHEET.replace("alive;44;", "alive;1339;"))
    assert rules(records) == ["A time of Overall survival is shorter than a hundred years."]
    assert records.problems[0].subjects == ("P2",)
