"""Real tables made by others keep the rules, and what is odd in them is found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from hepatica.protocol.model import Protocol
from hepatica.records import Records, read_records, require

pytestmark = pytest.mark.shared


def times(identifier: str, parameter: str, **more: Any) -> dict[str, Any]:
    events = [{"id": "death", "sentence": "Death.", "description": "Death"}]
    return {
        "kind": "time_to_event", "id": identifier, "label": identifier, "parameter": parameter,
        "origin": {"label": "start", "variable": "RANDDT"}, "events": events, **more,
    }  # fmt: skip


def read(mapping: dict[str, Any], shared: Path, below: str) -> Records:
    mapping["data"]["folder"] = str(shared / below)
    return read_records(Protocol.model_validate(mapping), Path("study"))


def cdisc() -> dict[str, Any]:
    arms = ("Placebo", "Xanomeline Low Dose", "Xanomeline High Dose")
    failure = {"TRT01P": "Screen Failure"}
    return {
        "study": {"id": "CDISC", "title": "Pilot"},
        "data": {
            "tables": {
                "ADSL": {"file": "adsl.parquet"},
                "ADTTE": {"file": "adtte_onco.parquet"},
                "ADRS": {"file": "adrs_onco.parquet"},
                "ADAE": {"file": "adae.parquet"},
            }
        },
        "arms": [{"id": f"arm{n}", "label": label} for n, label in enumerate(arms)],
        "screening": {"failure": failure},
        "analysis_sets": [
            {"id": "full", "label": "Full", "flag": "FASFL", "where": {"not": failure}},
            {"id": "safety", "label": "Safety", "flag": "SAFFL", "arm_variable": "TRT01A"},
        ],
        "endpoints": [
            times("os", "OS"),
            times("pfs", "PFS"),
            {"kind": "response", "id": "orr", "label": "R", "parameter": "CBOR", "counted": ["CR"]},
        ],
        "analyses": [
            {"id": "os", "kind": "time_to_event", "set": "full", "endpoint": "os"},
            {"id": "pfs", "kind": "time_to_event", "set": "full", "endpoint": "pfs"},
            {"id": "r", "kind": "response", "set": "full", "endpoints": ["orr"]},
            {
                "id": "ae",
                "kind": "adverse_events",
                "set": "safety",
                "severity": {"column": "ASEVN", "at_least": 3, "label": "Severe"},
            },
        ],
    }


def test_cdisc_pilot(shared: Path) -> None:
    records = require(read(cdisc(), shared, "data/cdisc/adam"))
    rows = {name: table.rows for name, table in records.tables.items()}
    assert rows == {"ADSL": 306, "ADTTE": 512, "ADRS": 3694, "ADAE": 1191}
    adtte = records.tables["ADTTE"].frame
    assert (adtte["ADT"].dtype, adtte["CNSR"].dtype) == (pl.Date, pl.Int64)
    assert adtte.filter(pl.col("PARAMCD") == "OS")["CNSR"].to_list().count(0) == 3
    # One subject is last known alive 9 days before the last tumour assessment.
    told = [one.subjects for one in records.problems if one.column == "AVAL"]
    assert told == [("01-701-1115",)]
    assert {one.column for one in records.problems} <= {"AVAL", "EVNTDESC", "CNSDTDSC"}


def test_cdisc_pilot_without_screening(shared: Path) -> None:
    mapping = cdisc()
    del mapping["screening"]
    problems = read(mapping, shared, "data/cdisc/adam").problems
    arms = [one for one in problems if one.column in ("TRT01P", "TRT01A")]
    assert [(one.column, one.found) for one in arms] == [
        ("TRT01P", "52 of 306 rows"),
        ("TRT01A", "52 of 306 rows"),
    ]


def lihc() -> dict[str, Any]:
    number = {"type": "number"}
    columns = {
        "USUBJID": "PATIENT_ID", "SEX": "SEX", "AGE": {"name": "AGE", **number},
        "CHILD": "CHILD_PUGH_CLASSIFICATION", "AFP": {"name": "AFP_AT_PROCUREMENT", **number},
        "OSST": "OS_STATUS", "OST": {"name": "OS_MONTHS", **number},
    }  # fmt: skip
    missing = ["[Not Available]", "[Unknown]", "[Discrepancy]", "[Not Applicable]"]
    sheet = {
        "time": "OST", "unit": "months",
        "event": {"OSST": "1:DECEASED"}, "censored": {"OSST": "0:LIVING"},
    }  # fmt: skip
    return {
        "study": {"id": "LIHC", "title": "Cohort"},
        "data": {
            "tables": {
                "PATIENTS": {
                    "file": "data_clinical_patient.txt",
                    "comment": "#",
                    "missing": missing,
                    "columns": columns,
                }
            }
        },
        "arms": [{"id": "all", "label": "All"}],
        "analysis_sets": [{"id": "all", "label": "All", "flag": "FASFL"}],
        "endpoints": [times("os", "OS", sheet=sheet)],
        "variables": [
            {"id": "child", "label": "Child-Pugh", "column": "CHILD", "kind": "categorical",
             "levels": ["A", "B", "C"]},
            {"id": "sex", "label": "Sex", "column": "SEX", "kind": "categorical",
             "levels": ["Female", "Male"]},
        ],
        "biomarkers": [{"id": "afp", "label": "AFP", "column": "AFP", "unit": "ng/mL"}],
        "analyses": [
            {"id": "b", "kind": "baseline", "set": "all", "variables": ["child", "sex", "afp"]},
            {"id": "os", "kind": "time_to_event", "set": "all", "endpoint": "os"},
        ],
    }  # fmt: skip


def test_sheet_of_liver_cancer(shared: Path) -> None:
    records = require(read(lihc(), shared, "data/hcc/lihc_tcga"))
    frame = records.tables["PATIENTS"].frame
    assert frame.shape == (377, 7)
    assert set(frame["CHILD"].drop_nulls()) == {"A", "B", "C"}
    (note,) = records.problems
    assert (note.found, note.subjects) == ("1 of 377 rows", ("TCGA-2V-A95S",))
    # Four lines of comment and one of names stand above the first patient.
    assert note.where.endswith("data_clinical_patient.txt, line 6")


def test_a_forgotten_missing_word_is_found(shared: Path) -> None:
    mapping = lihc()
    mapping["data"]["tables"]["PATIENTS"]["missing"] = []
    columns = {one.column for one in read(mapping, shared, "data/hcc/lihc_tcga").problems}
    assert columns == {"CHILD", "AFP", "AGE", "OST"}


def test_exchanged_status_of_liver_cancer(shared: Path) -> None:
    mapping = lihc()
    sheet = mapping["endpoints"][0]["sheet"]
    sheet["event"], sheet["censored"] = sheet["censored"], sheet["event"]
    problems = read(mapping, shared, "data/hcc/lihc_tcga").problems
    (problem,) = (one for one in problems if one.severity == "problem")
    assert problem.found == "377 of 377 rows"
