"""ADSL from domains: one subject for each rule, the expected values beside it.

The data cut-off is 2020-06-30. Every subject has a row in DM unless the table says otherwise.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
from collected_tables import ENGINES, collected, on_engine, table

from hepatica.derive.adsl_from_domains import derive_adsl_from_domains
from hepatica.protocol.model import Protocol

CUT_OFF = "2020-06-30"


def protocol(**parts: Any) -> Protocol:
    return Protocol.model_validate(
        {
            "study": {"id": "S", "title": "T", "data_cut_off": CUT_OFF},
            "data": {"tables": {"DM": {"file": "dm.csv"}}},
            "arms": [{"id": "a", "label": "A"}],
            "analysis_sets": [{"id": "full", "label": "Full", "flag": "FASFL"}],
            "dates": {"death": "mid", "end": "last"},
            "analyses": [{"id": "b", "kind": "baseline", "set": "full", "variables": ["age"]}],
        }
        | parts
    )


def ex(start: str | None, end: str | None, dose: float | None = 12.0, drug: str = "A") -> Any:
    return "EX", {"EXTRT": drug, "EXDOSE": dose, "EXSTDTC": start, "EXENDTC": end}


def ds(decoded: str, day: str | None, category: str = "DISPOSITION EVENT", **more: Any) -> Any:
    return "DS", {"DSDECOD": decoded, "DSSTDTC": day, "DSCAT": category} | more


def ae(day: str | None, **more: Any) -> Any:
    return "AE", {"AEENDTC": day} | more


def lb(day: str) -> Any:
    return "LB", {"LBDTC": day}


def dm(**more: Any) -> Any:
    return "DM", more


MILESTONE = "PROTOCOL MILESTONE"
FIRST = ex("2020-01-01", "2020-01-14")

# What was collected, and what ADSL then holds.
SUBJECTS: dict[str, tuple[list[Any], dict[str, Any]]] = {
    "one interval": (
        [FIRST],
        {"TRTSDT": "2020-01-01", "TRTEDT": "2020-01-14", "TRTDURD": 14, "SAFFL": "Y",
         "FASFL": "Y", "ENRLFL": "Y", "EOTSTT": "ONGOING", "EOSSTT": "ONGOING", "CUTOFFFL": "Y"},
    ),
    "two intervals, written backwards": (
        [ex("2020-01-22", "2020-02-04"), FIRST],
        {"TRTSDT": "2020-01-01", "TRTEDT": "2020-02-04", "TRTDURD": 35},
    ),
    "an interval without a dose": (
        [FIRST, ex("2020-01-15", "2020-01-21", 0.0)],
        {"TRTEDT": "2020-01-14"},
    ),
    "a dose that is not known": (
        [ex("2020-01-01", "2020-01-14", None)],
        {"TRTSDT": None, "SAFFL": "N"},
    ),
    "placebo has the dose 0": (
        [ex("2020-01-01", "2020-01-14", 0.0, "Placebo tablet")],
        {"TRTSDT": "2020-01-01", "TRTEDT": "2020-01-14", "SAFFL": "Y"},
    ),
    "nothing but the dose 0": (
        [ex("2020-01-01", "2020-01-14", 0.0)],
        {"TRTSDT": None, "TRTDURD": None, "SAFFL": "N", "FASFL": "N", "EOTSTT": None},
    ),
    "first dose on the cut-off": (
        [ex("2020-06-30", "2020-06-30")],
        {"TRTSDT": "2020-06-30", "TRTDURD": 1},
    ),
    "first dose the day after the cut-off": (
        [ex("2020-07-01", "2020-07-02")],
        {"TRTSDT": None, "SAFFL": "N"},
    ),
    "an interval across the cut-off": (
        [ex("2020-06-01", "2020-07-14")],
        {"TRTEDT": "2020-06-30", "TRTDURD": 30, "LSTALVDT": "2020-06-30"},
    ),
    "treatment without an end, nothing said: to the cut-off": (
        [ex("2020-06-01", None)],
        {"TRTEDT": "2020-06-30", "TRTDURD": 30, "EOTSTT": "ONGOING", "CUTOFFFL": "Y"},
    ),
    "treatment without an end, stopped: the last known day of dosing": (
        [FIRST, ex("2020-01-22", None), ds("ADVERSE EVENT", "2020-02-02")],
        {"TRTEDT": "2020-01-22", "EOTSTT": "DISCONTINUED", "DCTREAS": "ADVERSE EVENT",
         "CUTOFFFL": None},
    ),
    "a partial first dose is no first dose": (
        [ex("2020-01", "2020-01-14")],
        {"TRTSDT": None, "TRTEDT": "2020-01-14", "SAFFL": "N"},
    ),
    "randomised": (
        [ds("RANDOMIZED", "2019-12-30", MILESTONE), FIRST],
        {"RANDDT": "2019-12-30", "EOSSTT": "ONGOING"},
    ),
    "completed": (
        [FIRST, ds("COMPLETED", "2020-03-01")],
        {"EOSSTT": "COMPLETED", "EOSDT": "2020-03-01", "DCSREAS": None, "EOTSTT": "COMPLETED",
         "EOTDT": "2020-03-01",
         "DCTREAS": None, "CUTOFFFL": None},
    ),
    "left the study": (
        [FIRST, ds("WITHDRAWAL BY SUBJECT", "2020-03-01")],
        {"EOSSTT": "DISCONTINUED", "EOSDT": "2020-03-01", "DCSREAS": "WITHDRAWAL BY SUBJECT"},
    ),
    "stopped treatment, still in the study": (
        [FIRST, ds("PROGRESSIVE DISEASE", "2020-02-01", "STUDY TREATMENT")],
        {"EOTSTT": "DISCONTINUED", "DCTREAS": "PROGRESSIVE DISEASE", "EOSSTT": "ONGOING",
         "EOTDT": "2020-02-01", "EOSDT": None, "DCSREAS": None, "CUTOFFFL": None},
    ),
    "treatment and study end apart": (
        [FIRST, ds("ADVERSE EVENT", "2020-02-01", DSSCAT="STUDY TREATMENT"),
         ds("LOST TO FOLLOW-UP", "2020-05-01", DSSCAT="STUDY PARTICIPATION")],
        {"DCTREAS": "ADVERSE EVENT", "DCSREAS": "LOST TO FOLLOW-UP", "EOSDT": "2020-05-01",
         "EOTDT": "2020-02-01", "LSTALVDT": "2020-02-01"},
    ),
    "left the study on the cut-off": (
        [FIRST, ds("WITHDRAWAL BY SUBJECT", "2020-06-30")],
        {"EOSSTT": "DISCONTINUED", "EOSDT": "2020-06-30"},
    ),
    "left the study the day after the cut-off": (
        [FIRST, ds("WITHDRAWAL BY SUBJECT", "2020-07-01")],
        {"EOSSTT": "ONGOING", "EOSDT": None, "EOTDT": None, "CUTOFFFL": "Y"},
    ),
    "left in a month that is all that is known": (
        [FIRST, ds("WITHDRAWAL BY SUBJECT", "2020-02")],
        {"EOSDT": "2020-02-29"},
    ),
    "died, as DM says": (
        [FIRST, dm(DTHDTC="2020-03-05", DTHFL="Y"), lb("2020-03-01")],
        {"DTHFL": "Y", "DTHDT": "2020-03-05", "DTHDTF": None, "DTHDOM": "DM",
         "LSTALVDT": "2020-03-01", "EOSSTT": "DISCONTINUED", "DCSREAS": "DEATH",
         "EOSDT": "2020-03-05", "EOTDT": "2020-03-05", "DCTREAS": "DEATH",
         "CUTOFFFL": None},
    ),
    "died, as DS says": (
        [FIRST, ds("DEATH", "2020-03-05")],
        {"DTHFL": "Y", "DTHDT": "2020-03-05", "DTHDOM": "DS", "DCSREAS": "DEATH",
         "LSTALVDT": "2020-01-14"},
    ),
    "died of an adverse event": (
        [FIRST, ae("2020-03-05", AEOUT="FATAL")],
        {"DTHFL": "Y", "DTHDT": "2020-03-05", "DTHDOM": "AE"},
    ),
    "an adverse event of grade 5": (
        [FIRST, ae("2020-03-05", AETOXGR="5")],
        {"DTHFL": "Y", "DTHDT": "2020-03-05", "DTHDOM": "AE"},
    ),
    "an adverse event of grade 4": (
        [FIRST, ae("2020-03-05", AETOXGR="4", AEOUT="NOT RECOVERED/NOT RESOLVED")],
        {"DTHFL": None, "DTHDT": None, "LSTALVDT": "2020-03-05"},
    ),
    "found dead at follow-up": (
        [FIRST, ("SS", {"SSTESTCD": "SURVSTAT", "SSSTRESC": "DEAD", "SSDTC": "2020-04-01"})],
        {"DTHFL": "Y", "DTHDT": "2020-04-01", "DTHDOM": "SS", "LSTALVDT": "2020-01-14"},
    ),
    "alive at follow-up": (
        [FIRST, ("SS", {"SSTESTCD": "SURVSTAT", "SSSTRESC": "ALIVE", "SSDTC": "2020-04-01"})],
        {"DTHFL": None, "LSTALVDT": "2020-04-01"},
    ),
    "a whole date of death goes before a partial one": (
        [FIRST, dm(DTHDTC="2020-03", DTHFL="Y"), ds("DEATH", "2020-03-05")],
        {"DTHDT": "2020-03-05", "DTHDTF": None, "DTHDOM": "DS"},
    ),
    "DM goes before DS": (
        [FIRST, dm(DTHDTC="2020-03-04", DTHFL="Y"), ds("DEATH", "2020-03-05")],
        {"DTHDT": "2020-03-04", "DTHDOM": "DM"},
    ),
    "died in a month": (
        [FIRST, dm(DTHDTC="2020-03", DTHFL="Y")],
        {"DTHDT": "2020-03-15", "DTHDTF": "D"},
    ),
    "died in a month, seen alive late in it": (
        [FIRST, dm(DTHDTC="2020-03", DTHFL="Y"), lb("2020-03-20")],
        {"DTHDT": "2020-03-20", "DTHDTF": "D", "LSTALVDT": "2020-03-20"},
    ),
    "died in a year, imputed not past the cut-off": (
        [FIRST, dm(DTHDTC="2020", DTHFL="Y")],
        {"DTHDT": "2020-06-30", "DTHDTF": "M"},
    ),
    "died, date unknown": (
        [FIRST, dm(DTHFL="Y")],
        {"DTHFL": "Y", "DTHDT": None, "DTHDTF": None, "DCSREAS": "DEATH", "EOSDT": None},
    ),
    "died on the cut-off": (
        [FIRST, dm(DTHDTC="2020-06-30", DTHFL="Y")],
        {"DTHFL": "Y", "DTHDT": "2020-06-30"},
    ),
    "died the day after the cut-off": (
        [FIRST, dm(DTHDTC="2020-07-01", DTHFL="Y"), ae(None, AEOUT="FATAL")],
        {"DTHFL": None, "DTHDT": None, "EOSSTT": "ONGOING"},
    ),
    "a record after death does not show life": (
        [FIRST, dm(DTHDTC="2020-03-05", DTHFL="Y"), lb("2020-03-09")],
        {"LSTALVDT": "2020-03-05"},
    ),
    "a partial date shows life on its first day": (
        [FIRST, lb("2020-03")],
        {"LSTALVDT": "2020-03-01"},
    ),
    "to be lost is no contact": (
        [FIRST, ds("LOST TO FOLLOW-UP", "2020-05-01")],
        {"LSTALVDT": "2020-01-14", "DCSREAS": "LOST TO FOLLOW-UP"},
    ),
    "screening failed, as DS says": (
        [ds("SCREEN FAILURE", "2019-12-20", DSTERM="Child-Pugh class C")],
        {"ENRLFL": "N", "SCRFREAS": "Child-Pugh class C", "EOSSTT": None, "SAFFL": "N",
         "EOTSTT": None, "CUTOFFFL": None},
    ),
    "screening failed, by a criterion": (
        [("IE", {"IETEST": "ECOG 0 or 1", "IECAT": "INCLUSION", "IEORRES": "N"}),
         ds("SCREEN FAILURE", "2019-12-20", DSTERM="Screen failure")],
        {"ENRLFL": "N", "SCRFREAS": "Not met: ECOG 0 or 1"},
    ),
    "a criterion met": (
        [("IE", {"IETEST": "Brain metastases", "IECAT": "EXCLUSION", "IEORRES": "N"})],
        {"ENRLFL": "Y", "SCRFREAS": None},
    ),
    "a criterion not met, never treated": (
        [("IE", {"IETEST": "Brain metastases", "IECAT": "EXCLUSION", "IEORRES": "Y"})],
        {"ENRLFL": "N", "SCRFREAS": "Brain metastases"},
    ),
    "a criterion not met, treated all the same": (
        [("IE", {"IETEST": "Brain metastases", "IECAT": "EXCLUSION", "IEORRES": "Y"}), FIRST],
        {"ENRLFL": "Y", "SCRFREAS": None, "SAFFL": "Y"},
    ),
    "the arm says that screening failed": (
        [dm(ARM="Screen Failure")],
        {"ENRLFL": "N", "TRT01P": "Screen Failure"},
    ),
    "treated otherwise than planned": (
        [dm(ARM="Drug A", ACTARM="Drug B")],
        {"TRT01P": "Drug A", "TRT01A": "Drug B"},
    ),
    "actual arm not recorded": ([dm(ARM="Drug A")], {"TRT01P": "Drug A", "TRT01A": "Drug A"}),
}  # fmt: skip

COLUMNS = {
    "DM": ("ARM", "ACTARM", "DTHDTC", "DTHFL", "RFICDTC"),
    "EX": ("EXTRT", "EXDOSE", "EXSTDTC", "EXENDTC"),
    "DS": ("DSDECOD", "DSTERM", "DSCAT", "DSSCAT", "DSSTDTC", "DSSEQ"),
    "AE": ("AEOUT", "AESDTH", "AETOXGR", "AESTDTC", "AEENDTC", "AESEQ"),
    "IE": ("IETEST", "IECAT", "IEORRES"),
    "SS": ("SSTESTCD", "SSSTRESC", "SSDTC"),
    "LB": ("LBDTC",),
}


def tables() -> dict[str, pl.DataFrame]:
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in COLUMNS}
    for subject, (records, _) in SUBJECTS.items():
        subject_dm = {"ARM": None} | next((r for name, r in records if name == "DM"), {})
        rows["DM"].append({"USUBJID": subject} | subject_dm)
        for place, (name, record) in enumerate(records, start=1):
            if name != "DM":
                rows[name].append({"USUBJID": subject, f"{name}SEQ": place} | record)
    return {name: table(rows[name], *COLUMNS[name]) for name in COLUMNS}


def derived(engine: str = "polars", **parts: Any) -> dict[str, dict[str, Any]]:
    frame = collected(derive_adsl_from_domains(protocol(**parts), on_engine(tables(), engine)))
    return {row["USUBJID"]: row for row in frame.to_dicts()}


@pytest.fixture(scope="module", params=ENGINES)
def adsl(request: pytest.FixtureRequest) -> dict[str, dict[str, Any]]:
    return derived(request.param)


def test_there_is_one_record_for_each_subject(adsl: dict[str, dict[str, Any]]) -> None:
    assert sorted(adsl) == sorted(SUBJECTS)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_each_subject_has_the_expected_values(
    adsl: dict[str, dict[str, Any]], subject: str
) -> None:
    expected = SUBJECTS[subject][1]
    found = {
        name: value.isoformat() if isinstance(value := adsl[subject][name], date) else value
        for name in expected
    }
    assert found == expected


def test_a_partial_date_of_death_is_not_imputed_unless_declared() -> None:
    found = derived(dates={})
    assert found["died in a month"]["DTHFL"] == "Y"
    assert found["died in a month"]["DTHDT"] is None
    assert found["left in a month that is all that is known"]["EOSDT"] is None


def test_without_doses_the_first_and_last_exposure_of_dm_are_used() -> None:
    subjects = [{"USUBJID": "1", "RFXSTDTC": "2020-01-01", "RFXENDTC": "2020-07-05"}]
    frame = collected(
        derive_adsl_from_domains(protocol(), on_engine({"DM": table(subjects)}, "polars"))
    )
    row = frame.to_dicts()[0]
    assert (row["TRTSDT"], row["TRTEDT"]) == (date(2020, 1, 1), date(2020, 6, 30))
    assert (row["ENRLFL"], row["SAFFL"], row["EOSSTT"]) == ("Y", "Y", "ONGOING")


def test_without_amounts_every_record_of_a_dose_is_one() -> None:
    made = tables()
    made["EX"] = made["EX"].drop("EXDOSE")
    frame = collected(derive_adsl_from_domains(protocol(), on_engine(made, "polars")))
    started = dict(frame.select("USUBJID", "TRTSDT").iter_rows())
    assert started["one interval"] == date(2020, 1, 1)


def test_collected_flags_and_the_conditions_of_the_protocol_go_first() -> None:
    subjects = [{"USUBJID": "1", "SAFFL": "N", "TRT01P": "A", "RFXSTDTC": "2020-01-01"}]
    sets = [{"id": "full", "label": "F", "flag": "FASFL", "where": {"AGE": {"ge": 18}}}]
    frame = collected(
        derive_adsl_from_domains(
            protocol(analysis_sets=sets), on_engine({"DM": table(subjects)}, "polars")
        )
    )
    assert frame["SAFFL"].to_list() == ["N"]
    assert "FASFL" not in frame.columns


def test_the_full_set_of_a_randomised_study_holds_those_randomised() -> None:
    found = derived(study={"id": "S", "title": "T", "randomised": True, "data_cut_off": CUT_OFF})
    never = [name for name, row in found.items() if row["RANDDT"] is None and not row["TRTSDT"]]
    assert {found[name]["FASFL"] for name in never} == {"N"}
    assert found["randomised"]["FASFL"] == "Y"


def test_the_condition_of_the_protocol_tells_screen_failures() -> None:
    found = derived(screening={"failure": {"TRT01P": "Drug A"}})
    assert found["actual arm not recorded"]["ENRLFL"] == "N"
    assert found["one interval"]["ENRLFL"] == "Y"
