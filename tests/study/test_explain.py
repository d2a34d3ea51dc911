"""One patient's path: from a collected study, from ready datasets, and ids that are not there."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from hepatica.errors import CommandError
from hepatica.present.explain import LesionSize, patient_path
from hepatica.present.explain_text import path_json, path_lines
from hepatica.protocol.model import Protocol
from hepatica.protocol.presets import preset_mapping
from hepatica.study.explain import derive_study, explain_subject

ROOT = Path(__file__).resolve().parents[2]
PROTOCOL = Protocol.model_validate(
    {
        "study": {
            "id": "S",
            "title": "T",
            "data_status": "constructed",
            "status_note": "Nobody here exists.",
        },
        "data": {"tables": {"DM": {"file": "dm.csv"}}},
        "arms": [{"id": "a", "label": "A"}],
        "analysis_sets": [{"id": "full", "label": "Full", "flag": "FASFL"}],
        "endpoints": [dict(preset_mapping("endpoints", name)) for name in ("os", "pfs")],
        "analyses": [{"id": "b", "kind": "baseline", "set": "full", "variables": ["age"]}],
    }
)


def test_a_reading_that_is_not_planned_is_named() -> None:
    folder = ROOT / "studies" / "alter-0802"
    with pytest.raises(CommandError, match=r"no further reading .irc.\. It plans none\."):
        explain_subject(folder, "S1-01", "irc")


def datasets() -> dict[str, pl.DataFrame]:
    first, second = date(2020, 1, 1), date(2020, 2, 12)
    lesion = {"USUBJID": "S-1", "PARAMCD": "LDIAM1", "TRLNKID": "T01"}
    other = lesion | {"PARAMCD": "LDIAM2", "TRLNKID": "T02"}
    total = {"USUBJID": "S-1", "PARAMCD": "SDIAM", "BASE": 40.0}
    baseline = {"AVISIT": "Baseline", "AVISITN": 1.0, "ADT": date(2019, 12, 30)}
    week = {"AVISIT": "Week 6", "AVISITN": 2.0, "ADT": second}
    adtr: list[dict[str, Any]] = [
        lesion | baseline | {"AVAL": 25.0},
        other | baseline | {"AVAL": 15.0},
        total | baseline | {"AVAL": 40.0},
        lesion | week | {"AVAL": 20.5},
        other | week | {"AVAL": None},
        total | week | {"AVAL": 20.5, "NADIR": 40.0, "PCHG": -48.75, "PCHGNAD": -48.75},
    ]
    adrs = [
        {"USUBJID": "S-1", "PARAMCD": "OVR", "AVALC": "PR", "RULE": "Half of it is gone."} | week,
        {"USUBJID": "S-1", "PARAMCD": "TRG", "AVALC": "PR", "RULE": "Smaller."} | week,
        {"USUBJID": "S-1", "PARAMCD": "BOR", "PARAM": "Best response", "AVALC": "PR",
         "RULE": "A partial response."} | week,
        {"USUBJID": "S-2", "PARAMCD": "BOR", "PARAM": "Best response", "AVALC": "PD"} | week,
    ]  # fmt: skip
    adtte = [
        {"USUBJID": "S-1", "PARAMCD": "PFS", "STARTDT": first, "ADT": second, "AVAL": 43.0,
         "CNSR": 3, "CNSDTDSC": "Last tumour assessment", "SRCDOM": "RS", "SRCVAR": "RSDTC",
         "SRCSEQ": 7},
        {"USUBJID": "S-1", "PARAMCD": "OS", "STARTDT": first, "ADT": first, "AVAL": 1.0,
         "CNSR": 0, "EVNTDESC": "Death"},
    ]  # fmt: skip
    adsl = [
        {"USUBJID": "S-1", "TRT01P": "A", "TRT01A": "B", "TRTSDT": first, "TRTDURD": 43},
        {"USUBJID": "S-2", "TRT01P": "A", "TRT01A": "A", "TRTSDT": None, "TRTDURD": None},
    ]
    return {
        "ADSL": pl.DataFrame(adsl),
        "ADTR": pl.DataFrame(adtr),
        "ADRS": pl.DataFrame(adrs),
        "ADTTE": pl.DataFrame(adtte),
    }


LINES = """\
S-1  S
Constructed patients. Nobody here exists.

  Arm                   A; received B
  First dose            2020-01-01
  Days on treatment     43

Assessments
  Baseline              2019-12-30  study day -2
    lesions, mm           T01 25, T02 15
    sum                   40 mm
  Week 6                2020-02-12  study day 43
    lesions, mm           T01 20.5, T02 not measured
    sum                   20.5 mm, -48.8% from baseline 40 mm, -48.8% from nadir
                          40 mm
    parts                 target lesions PR
    overall response      PR: Half of it is gone.

Response
  Best response: PR  2020-02-12
    rule                  A partial response.

Times
  Progression-free survival: 43 days, censored
    from                  2020-01-01, first dose
    to                    2020-02-12
    because               Last tumour assessment
    rule                  A patient alive without progression is censored at the
                          last adequate tumour assessment.
    source                RS record 7, RSDTC
  Overall survival: 1 day, event
    from                  2020-01-01, first dose
    to                    2020-01-01
    because               Death
    rule                  Death from any cause, on the day of death.
"""


def test_the_path_of_a_patient_reads_from_top_to_bottom() -> None:
    lines = path_lines(patient_path(PROTOCOL, datasets(), "S-1"))
    assert "\n".join(lines) == LINES.rstrip("\n")
    assert max(len(line) for line in lines) <= 80


def test_a_patient_without_records_is_told_so() -> None:
    only = {name: frame for name, frame in datasets().items() if name != "ADTR"}
    lines = path_lines(patient_path(PROTOCOL, only, "S-2"))
    assert lines[3:5] == ("  Arm                   A", "")
    assert lines.count("  No records.") == 2
    assert "S-1" not in " ".join(lines)


def test_the_same_path_as_json() -> None:
    path = patient_path(PROTOCOL, datasets(), "S-1")
    told = json.loads(json.dumps(path_json(path)))
    assert told["status"] == "Constructed patients. Nobody here exists."
    assert told["facts"]["First dose"] == "2020-01-01"
    assert told["visits"][1]["lesions"] == [
        {"lesion": "T01", "mm": 20.5},
        {"lesion": "T02", "mm": None},
    ]
    assert told["visits"][1]["parts"] == {"target lesions": "PR"}
    assert told["times"][0]["event"] is False
    assert path.visits[1].lesions[1] == LesionSize("T02", None)


def test_ready_datasets_show_what_there_is() -> None:
    path = explain_subject(ROOT / "tests" / "ready", "S1-06")
    assert path.visits == ()
    assert {one.parameter for one in path.times} == {"OS", "PFS", "TTP"}
    assert all(one.rule and one.start and one.end for one in path.times)


@pytest.mark.parametrize(
    ("asked", "named"),
    [("S1-6", "S1-06"), ("-06", "S1-06"), ("s1-06", "S1-06"), ("xyz", "The first are S1-")],
)
def test_an_unknown_subject_names_those_that_come_close(asked: str, named: str) -> None:
    with pytest.raises(CommandError) as refused:
        explain_subject(ROOT / "tests" / "ready", asked)
    assert f"There is no subject '{asked}' among 50 subjects." in str(refused.value)
    assert named in str(refused.value)


def hepatica(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hepatica", "explain", str(ROOT / "tests" / "ready"), *words],
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
    )


def test_the_command_prints_the_path() -> None:
    shown = hepatica("S1-06")
    assert shown.returncode == 0
    assert "Progression-free survival: 123 days, censored" in shown.stdout
    assert shown.stderr == ""
    as_json = hepatica("S1-06", "--format", "json")
    assert json.loads(as_json.stdout)["subject"] == "S1-06"


def test_the_command_refuses_kindly() -> None:
    unknown = hepatica("S1-6")
    assert unknown.returncode == 2
    assert "Did you mean" in unknown.stdout + unknown.stderr
    assert hepatica("S1-06", "--format", "csv").returncode == 2


@pytest.mark.shared
def test_a_study_derived_from_domains_goes_from_lesions_to_times(shared: Path) -> None:
    protocol, derived = derive_study(ROOT / "studies" / "cdisc-onco")
    path = patient_path(protocol, derived, "01-701-1133")
    week_9 = next(one for one in path.visits if one.name == "WEEK 9")
    assert (week_9.sum_mm, week_9.nadir_mm, week_9.base_mm) == (5.0, 0.0, 60.0)
    assert (week_9.response, week_9.study_day) == ("PD", 64)
    pfs = next(one for one in path.times if one.parameter == "PFS")
    assert (pfs.days, pfs.event, pfs.end) == (64.0, True, week_9.day)
    assert pfs.source == "RS record 9, RSSTRESC"
    assert pfs.rule.startswith("Disease progression")
