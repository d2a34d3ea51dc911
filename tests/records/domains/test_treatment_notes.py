"""Notes about the end of treatment and later therapies: one subject on either side of each."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from hepatica.errors import Problem
from hepatica.protocol.model import Protocol
from hepatica.records import read_records

CUT_OFF = date(2020, 6, 30)
FIRST = date(2019, 1, 1)


def problems(tmp_path: Path, **tables: list[dict[str, Any]]) -> dict[str, Problem]:
    """Return the notes of these tables by the start of their rule."""
    folder = tmp_path / "data"
    folder.mkdir()
    for name, rows in tables.items():
        pl.DataFrame(rows, infer_schema_length=None).write_csv(folder / f"{name.lower()}.csv")
    protocol = Protocol.model_validate(
        {
            "study": {"id": "S", "title": "T", "data_cut_off": CUT_OFF},
            "data": {"tables": {name: {"file": f"{name.lower()}.csv"} for name in tables}},
            "arms": [{"id": "a", "label": "A"}],
            "analysis_sets": [{"id": "full", "label": "Full", "flag": "FASFL"}],
            "analyses": [{"id": "b", "kind": "baseline", "set": "full", "variables": ["age"]}],
        }
    )
    return {one.rule: one for one in read_records(protocol, tmp_path).problems}


def subjects(*names: str, dead: str = "") -> list[dict[str, Any]]:
    return [
        {
            "USUBJID": name,
            "ARM": "A",
            "RFICDTC": "2018-12-20",
            "DTHFL": "Y" if name == dead else None,
            "DTHDTC": "2019-06-30" if name == dead else None,
            "AGE": 60,
        }
        for name in names
    ]


def doses(**last: date) -> list[dict[str, Any]]:
    return [
        {
            "USUBJID": name,
            "EXTRT": "ANLOTINIB",
            "EXDOSE": 12.0,
            "EXDOSU": "mg",
            "EXSTDTC": FIRST.isoformat(),
            "EXENDTC": day.isoformat(),
            "EXSEQ": 1,
        }
        for name, day in last.items()
    ]


def end(name: str, category: str) -> dict[str, Any]:
    return {"USUBJID": name, "DSDECOD": "COMPLETED", "DSCAT": category, "DSSTDTC": "2019-03-01"}


def test_treatment_that_ended_long_ago_without_a_record_is_noted(tmp_path: Path) -> None:
    old, recent = CUT_OFF - timedelta(91), CUT_OFF - timedelta(90)
    found = problems(
        tmp_path,
        DM=subjects("old", "recent", "ended", "dead", "milestone", dead="dead"),
        EX=doses(old=old, recent=recent, ended=old, dead=date(2019, 6, 1), milestone=old),
        DS=[end("ended", "DISPOSITION EVENT"), end("milestone", "PROTOCOL MILESTONE")],
    )
    note = next(one for rule, one in found.items() if rule.startswith("Subjects last treated"))
    assert note.severity == "note"
    assert set(note.subjects) == {"old", "milestone"}


def test_a_later_therapy_before_the_first_dose_is_noted(tmp_path: Path) -> None:
    therapy = {"CMTRT": "REGORAFENIB", "CMCAT": "SUBSEQUENT ANTICANCER THERAPY", "CMSEQ": 1}
    found = problems(
        tmp_path,
        DM=subjects("before", "after", "prior"),
        EX=doses(before=CUT_OFF, after=CUT_OFF, prior=CUT_OFF),
        CM=[
            therapy | {"USUBJID": "before", "CMSTDTC": "2018-12-31"},
            therapy | {"USUBJID": "after", "CMSTDTC": "2019-01-01"},
            therapy | {"USUBJID": "prior", "CMSTDTC": "2018-06-01", "CMCAT": "PRIOR THERAPY"},
        ],
    )
    note = next(one for rule, one in found.items() if rule.startswith("A therapy recorded as"))
    assert note.severity == "note"
    assert set(note.subjects) == {"before"}
