"""Early response where later values and responses stand in records: the same rows as of a sheet."""

from __future__ import annotations

import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from hepatica.analyse import analyse
from hepatica.derive import derive_datasets
from hepatica.protocol.model import Protocol
from hepatica.results import Results

sys.path.insert(0, str(Path(__file__).resolve().parent))
from test_early_response import PATIENTS, carried_out

START = date(2020, 1, 1)
NAMES = [f"{n:02d}" for n in range(len(PATIENTS))]
LIMIT = 5.0
PLAN: dict[str, Any] = {
    "study": {"id": "S", "title": "T"},
    "data": {"tables": {"ADSL": {"file": "a.csv"}, "ADTTE": {"file": "t.csv"}}},
    "arms": [{"id": "a", "label": "A"}],
    "analysis_sets": [{"id": "full", "label": "Full", "flag": "FASFL"}],
    "biomarkers": [
        {"id": "afp", "label": "Alpha-fetoprotein", "column": "AFPBL", "unit": "ng/mL",
         "parameter": "AFP", "lower_limit_of_detection": LIMIT}
    ],
    "endpoints": [
        {"id": "pfs", "kind": "time_to_event", "label": "Progression-free survival",
         "parameter": "PFS", "origin": {"label": "first dose", "variable": "TRTSDT"},
         "events": [{"id": "pd", "sentence": "Progression.", "description": "PD"}]},
        {"id": "dcr", "kind": "response", "label": "Disease control", "parameter": "BOR",
         "counted": ["CR", "PR", "SD"]},
    ],
    "analyses": [
        {"id": "early", "kind": "early_response", "set": "full", "marker": "afp", "at": "4 weeks",
         "window": "2 weeks", "floors": [20], "response": "dcr", "endpoints": ["pfs"]}
    ],
}  # fmt: skip


def day(study_day: int) -> date:
    return START + timedelta(days=study_day - 1)


def later_records(*, extra: bool) -> pl.DataFrame:
    """One later value a patient; with `extra` one farther from the time too, and another marker."""
    rows = []
    for name, (_, later, when, *_rest) in zip(NAMES, PATIENTS, strict=True):
        if later is None:
            continue
        below = later < LIMIT
        rows.append((name, "AFP", day(when), None if below else float(later), below))
        if extra and 14 <= when <= 42:
            away = 42 if when <= 28 else 14
            rows.append((name, "AFP", day(away if away != when else 41), 1e6, False))
            rows.append((name, "CEA", day(28), 1e-3, False))
    return pl.DataFrame(
        {
            "USUBJID": [row[0] for row in rows],
            "PARAMCD": [row[1] for row in rows],
            "ADT": [row[2] for row in rows],
            "AVAL": pl.Series([row[3] for row in rows], dtype=pl.Float64),
            "BLOQFL": ["Y" if row[4] else None for row in rows],
            "LLOQ": [LIMIT] * len(rows),
        }
    )


def assessments() -> pl.DataFrame:
    """A scan in week 3 that shows a response in all, which does not count, and those after."""
    told = [(name, "OVR", day(20), "PR") for name in NAMES]
    told += [
        (name, "OVR", day(60 + 7 * n), value)
        for name, patient in zip(NAMES, PATIENTS, strict=True)
        if patient[5] is not None
        for n, value in enumerate((patient[5], "PD"))
    ]
    return pl.DataFrame(told, schema=["USUBJID", "PARAMCD", "ADT", "AVALC"], orient="row")


def from_records(*, extra: bool = False) -> Results:
    plan = Protocol.model_validate(PLAN)
    adsl = pl.DataFrame(
        {
            "USUBJID": NAMES,
            "FASFL": ["Y"] * len(NAMES),
            "TRTSDT": [START] * len(NAMES),
            "AFPBL": pl.Series([one[0] for one in PATIENTS], dtype=pl.Float64, strict=False),
        }
    )
    adtte = pl.DataFrame(
        {
            "USUBJID": NAMES,
            "PARAMCD": ["PFS"] * len(NAMES),
            "AVAL": [float(one[3]) for one in PATIENTS],
            "CNSR": [1 - one[4] for one in PATIENTS],
        }
    )
    datasets = dict(derive_datasets(plan, {"ADSL": adsl, "ADTTE": adtte}))
    return analyse(plan, {**datasets, "ADBM": later_records(extra=extra), "ADRS": assessments()})


def numbers(found: Results) -> dict[tuple[Any, ...], float | str | None]:
    keys = ("statistic", "level", "variable", "variable_level", "subgroup", "subgroup_level",
            "time", "reference", "parameter", "status")  # fmt: skip
    return {
        tuple(getattr(row, key) for key in keys): row.value for row in found.where(analysis="early")
    }


@pytest.mark.parametrize("extra", [False, True])
def test_records_give_the_rows_of_the_sheet(extra: bool) -> None:
    sheet, records = numbers(carried_out()), numbers(from_records(extra=extra))
    assert len(sheet) > 50
    assert records == sheet


def test_without_records_the_reason_is_a_row() -> None:
    plan = Protocol.model_validate(PLAN)
    adsl = pl.DataFrame({"USUBJID": ["1"], "FASFL": ["Y"], "TRTSDT": [START], "AFPBL": [100.0]})
    adtte = pl.DataFrame({"USUBJID": ["1"], "PARAMCD": ["PFS"], "AVAL": [90.0], "CNSR": [0]})
    found = analyse(plan, derive_datasets(plan, {"ADSL": adsl, "ADTTE": adtte}))
    (row,) = [one for one in found if one.status == "failed"]
    assert "add BM under data.tables, or name the column of the later value" in row.message
