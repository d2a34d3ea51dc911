"""A small study whose tables are good, to be spoiled one thing at a time."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hepatica.errors import Problem
from hepatica.protocol.model import Protocol
from hepatica.records import Records, read_records

Row = dict[str, str]

ADSL = """
USUBJID TRT01P      FASFL AGE STAGE AFP    TRTSDT     DTHFL DTHDT
S1-01   Anlotinib   Y     61  B     12.5   2019-01-07 Y     2019-06-30
S1-02   Anlotinib   Y     54  C     410    2019-01-21 -     -
S1-03   Anlotinib   Y     47  C     3.1    2019-02-11 Y     2019-12-01
S2-01   Comparator  Y     70  B     -      2019-02-18 -     -
S2-02   Comparator  Y     66  C     88     2019-03-04 Y     2019-05-12
S2-03   Comparator  N     58  -     1210.7 2019-03-18 -     -
"""
ADTTE = """
USUBJID PARAMCD AVAL CNSR STARTDT    ADT        EVNTDESC    CNSDTDSC
S1-01   OS      175  0    2019-01-07 2019-06-30 Death       -
S1-02   OS      345  1    2019-01-21 2019-12-31 -           Alive
S1-03   OS      294  0    2019-02-11 2019-12-01 Death       -
S2-01   OS      317  1    2019-02-18 2019-12-31 -           Alive
S2-02   OS      70   0    2019-03-04 2019-05-12 Death       -
S2-03   OS      289  1    2019-03-18 2019-12-31 -           Alive
S1-01   PFS     85   0    2019-01-07 2019-04-01 Progression -
S1-02   PFS     254  1    2019-01-21 2019-10-01 -           Free
S1-03   PFS     294  0    2019-02-11 2019-12-01 Death       -
S2-01   PFS     43   0    2019-02-18 2019-04-01 Progression -
S2-02   PFS     70   0    2019-03-04 2019-05-12 Death       -
S2-03   PFS     198  1    2019-03-18 2019-10-01 -           Free
"""
ADRS = """
USUBJID PARAMCD AVALC ADT
S1-01   BOR     PR    2019-04-01
S1-02   BOR     SD    2019-05-01
S1-03   BOR     CR    2019-05-01
S2-01   BOR     PD    2019-04-01
S2-02   BOR     NE    -
S2-03   BOR     SD    2019-05-01
"""
ADAE = """
USUBJID AEDECOD      AETOXGR TRTEMFL ASTDT
S1-01   Hypertension 3       Y       2019-02-01
S1-01   Fatigue      1       Y       2019-02-14
S2-01   Hypertension 2       Y       2019-03-11
S2-02   Proteinuria  -       Y       2019-04-11
"""
FILES = {"ADSL": "adsl", "ADTTE": "adtte", "ADRS": "adrs", "ADAE": "adae"}


def parse(text: str) -> list[Row]:
    header, *lines = (line.split() for line in text.strip().splitlines())
    return [
        {name: "" if value == "-" else value for name, value in zip(header, line, strict=True)}
        for line in lines
    ]


def time_to_event(identifier: str, label: str, events: list[str], reason: str) -> dict[str, Any]:
    return {
        "kind": "time_to_event",
        "id": identifier,
        "label": label,
        "parameter": identifier.upper(),
        "origin": {"label": "first dose", "variable": "TRTSDT"},
        "events": [
            {"id": one.lower(), "sentence": f"{one}.", "description": one} for one in events
        ],
        "censoring": [{"id": "free", "sentence": f"{reason}.", "description": reason}],
    }


def protocol_mapping() -> dict[str, Any]:
    return {
        "study": {"id": "S", "title": "A study", "data_cut_off": "2019-12-31"},
        "data": {"tables": {name: {"file": f"{file}.csv"} for name, file in FILES.items()}},
        "arms": [{"id": "anlotinib", "label": "Anlotinib"}, {"id": "other", "label": "Comparator"}],
        "analysis_sets": [{"id": "full", "label": "Full analysis set", "flag": "FASFL"}],
        "endpoints": [
            time_to_event("os", "Overall survival", ["Death"], "Alive"),
            time_to_event("pfs", "Progression-free survival", ["Progression", "Death"], "Free"),
            {"kind": "response", "id": "orr", "label": "Response", "counted": ["CR", "PR"]},
        ],
        "variables": [
            {"id": "age", "label": "Age", "column": "AGE", "kind": "measured"},
            {
                "id": "stage",
                "label": "Stage",
                "column": "STAGE",
                "kind": "categorical",
                "levels": ["B", "C"],
            },
        ],
        "biomarkers": [{"id": "afp", "label": "AFP", "column": "AFP", "unit": "ng/mL"}],
        "analyses": [
            {"id": "b", "kind": "baseline", "set": "full", "variables": ["age", "stage", "afp"]},
            {"id": "os", "kind": "time_to_event", "set": "full", "endpoint": "os"},
            {"id": "pfs", "kind": "time_to_event", "set": "full", "endpoint": "pfs"},
            {"id": "r", "kind": "response", "set": "full", "endpoints": ["orr"]},
            {
                "id": "ae",
                "kind": "adverse_events",
                "set": "full",
                "severity": {"column": "AETOXGR", "at_least": 3, "label": "Grade 3 or higher"},
            },
        ],
    }


class Study:
    """Tables and protocol as mutable values; `read` writes the files and reads the records."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mapping = protocol_mapping()
        self.tables = {
            "ADSL": parse(ADSL), "ADTTE": parse(ADTTE), "ADRS": parse(ADRS), "ADAE": parse(ADAE)
        }  # fmt: skip
        self.files: dict[str, bytes | None] = {}

    def path(self, table: str) -> Path:
        return self.folder / "data" / self.mapping["data"]["tables"][table]["file"]

    def text(self, table: str) -> str:
        rows = self.tables[table]
        out = io.StringIO()
        writer = csv.DictWriter(out, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        return out.getvalue()

    def put(self, table: str, content: bytes | str | None, file: str | None = None) -> None:
        """Replace the file of a table; None leaves it out."""
        if file is not None:
            self.mapping["data"]["tables"][table]["file"] = file
        self.files[table] = content.encode() if isinstance(content, str) else content

    def protocol(self) -> Protocol:
        return Protocol.model_validate(self.mapping)

    def write(self) -> None:
        (self.folder / "data").mkdir(exist_ok=True)
        for table in self.mapping["data"]["tables"]:
            written = self.files[table] if table in self.files else self.text(table).encode()
            if written is not None:
                self.path(table).write_bytes(written)

    def read(self) -> Records:
        self.write()
        return read_records(self.protocol(), self.folder)


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return Study(tmp_path)


def told(problem: Problem) -> str:
    """Return a problem as plain lines."""
    lines = [f"{problem.severity} {problem.table} {problem.rule}"]
    entries = {
        "column": problem.column,
        "found": problem.found,
        "who": ", ".join(problem.subjects),
        "where": problem.where,
        "do": problem.do,
    }
    return "\n".join(lines + [f"  {name:7}{text}" for name, text in entries.items() if text])


@pytest.fixture
def tell() -> Callable[[Records], str]:
    return lambda records: "\n\n".join(map(told, records.problems)) + "\n"
