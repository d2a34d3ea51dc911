"""Progression-free survival under each preset: one patient for each rule, by hand.

Days are study days, day 1 is the first dose. Assessments are planned every 42 days with a window of
7: on days 43, 85, 127, ... The data cut-off is day 400.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
import pytest
from collected_tables import ENGINES, collected, on_engine
from time_scenarios import on

from hepatica.derive.adtte_rules import derive_adtte
from hepatica.protocol.model import Protocol
from hepatica.protocol.presets import preset_mapping

PRESETS = {
    "pfs": "PFS",
    "pfs-fda-table-a": "PFSFDAA",
    "pfs-fda-table-a-one-missed": "PFSFDAA1",
    "pfs-fda-table-b": "PFSFDAB",
    "pfs-fda-table-c": "PFSFDAC",
    "pfs-ema": "PFSEMA",
}
PD, DEATH, CLINICAL = "Disease progression", "Death", "Clinical progression"
NONE, THERAPY, LAST = (
    "No assessment after baseline",
    "New anticancer therapy",
    "Last tumour assessment",
)
TWO = "Two assessments or more missed before the event"
ONE = "One assessment or more missed before the event"


@dataclass(frozen=True)
class Patient:
    """What happened, and for each preset the days, whether it is an event, and the reason."""

    name: str
    visits: tuple[tuple[int, str], ...]
    expected: dict[str, tuple[float, str]]
    death: int | None = None
    therapy: int | None = None
    stopped: tuple[int, str] | None = None


def _all(days: float, reason: str, **other: tuple[float, str]) -> dict[str, tuple[float, str]]:
    named = {name.replace("_", "-"): value for name, value in other.items()}
    return dict.fromkeys(PRESETS, (days, reason)) | named


PATIENTS = (
    Patient(
        "progression at a planned assessment",
        ((43, "SD"), (85, "PD")),
        _all(85, PD),
    ),
    Patient(
        "progression on the last day of a window belongs to that assessment",
        ((43, "SD"), (92, "PD")),
        _all(92, PD, pfs_fda_table_b=(85, PD), pfs_fda_table_c=(85, PD)),
    ),
    Patient(
        "progression the day after the window belongs to the next assessment",
        ((43, "SD"), (93, "PD")),
        _all(
            93,
            PD,
            pfs_fda_table_a_one_missed=(43, ONE),
            pfs_fda_table_b=(127, PD),
            pfs_fda_table_c=(127, PD),
        ),
    ),
    Patient(
        "progression before the first assessment",
        ((20, "PD"),),
        _all(20, PD, pfs_fda_table_b=(43, PD), pfs_fda_table_c=(43, PD)),
    ),
    Patient(
        "one interval and a window without an assessment",
        ((43, "SD"), (92, "SD"), (141, "PD")),
        _all(141, PD, pfs_fda_table_b=(169, PD), pfs_fda_table_c=(169, PD)),
    ),
    Patient(
        "one assessment missed",
        ((43, "SD"), (127, "PD")),
        _all(127, PD, pfs_fda_table_a_one_missed=(43, ONE)),
    ),
    Patient(
        "two intervals and a window without an assessment",
        ((43, "SD"), (134, "PD")),
        _all(
            134,
            PD,
            pfs_fda_table_a_one_missed=(43, ONE),
            pfs_fda_table_b=(127, PD),
            pfs_fda_table_c=(127, PD),
        ),
    ),
    Patient(
        "two assessments missed",
        ((43, "SD"), (135, "PD")),
        _all(
            43,
            TWO,
            pfs=(135, PD),
            pfs_ema=(135, PD),
            pfs_fda_table_a_one_missed=(43, ONE),
        ),
    ),
    Patient(
        "death after two assessments missed",
        ((43, "SD"),),
        _all(43, TWO, pfs=(200, DEATH), pfs_ema=(200, DEATH), pfs_fda_table_a_one_missed=(43, ONE)),
        death=200,
    ),
    Patient(
        "death before the first assessment",
        (),
        _all(30, DEATH),
        death=30,
    ),
    Patient(
        "death long after the first dose, never assessed",
        (),
        _all(1, NONE, pfs=(200, DEATH), pfs_ema=(200, DEATH)),
        death=200,
    ),
    Patient(
        "an assessment that was not evaluable is missed",
        ((43, "SD"), (85, "NE"), (127, "NE"), (169, "PD")),
        _all(43, TWO, pfs=(169, PD), pfs_ema=(169, PD), pfs_fda_table_a_one_missed=(43, ONE)),
    ),
    Patient(
        "another therapy before progression",
        ((43, "SD"), (85, "PD")),
        _all(43, THERAPY, pfs_ema=(85, PD)),
        therapy=60,
    ),
    Patient(
        "another therapy within a long gap",
        ((43, "SD"), (200, "PD")),
        _all(43, THERAPY, pfs_ema=(200, PD)),
        therapy=150,
    ),
    Patient(
        "another therapy between progression and the day it is counted on",
        ((43, "SD"), (93, "PD")),
        _all(
            93,
            PD,
            pfs_fda_table_a_one_missed=(43, ONE),
            pfs_fda_table_b=(127, PD),
            pfs_fda_table_c=(127, PD),
        ),
        therapy=100,
    ),
    Patient(
        "stopped for progression that no assessment shows",
        ((43, "SD"),),
        _all(43, LAST, pfs_fda_table_c=(85, CLINICAL)),
        stopped=(60, "PROGRESSIVE DISEASE"),
    ),
    Patient(
        "stopped for toxicity",
        ((43, "SD"),),
        _all(43, LAST),
        stopped=(60, "ADVERSE EVENT"),
    ),
    Patient("alive without progression", ((43, "SD"), (85, "PR")), _all(85, LAST)),
    Patient("never assessed, alive", (), _all(1, NONE)),
    Patient(
        "planned after the cut-off: counts on the cut-off",
        ((379, "SD"), (395, "PD")),
        _all(
            395,
            PD,
            pfs_fda_table_b=(400, PD),
            pfs_fda_table_c=(400, PD),
        ),
    ),
)


def preset(name: str, **changes: Any) -> dict[str, Any]:
    return dict(preset_mapping("endpoints", name)) | changes


def protocol(endpoints: list[dict[str, Any]]) -> Protocol:
    return Protocol.model_validate(
        {
            "study": {"id": "S", "title": "T", "data_cut_off": on(400)},
            "data": {"tables": {"DM": {"file": "dm.csv"}}},
            "arms": [{"id": "a", "label": "A"}],
            "analysis_sets": [{"id": "full", "label": "Full", "flag": "FASFL"}],
            "assessments": {"every_days": 42, "window_days": 7, "criteria": "RECIST 1.1"},
            "endpoints": endpoints,
            "analyses": [{"id": "b", "kind": "baseline", "set": "full", "variables": ["age"]}],
        }
    )


def datasets() -> dict[str, pl.DataFrame]:
    def day(number: int | None) -> date | None:
        return None if number is None else on(number)

    adsl = [
        {
            "USUBJID": one.name,
            "TRTSDT": on(1),
            "TRTEDT": on(one.stopped[0]) if one.stopped else on(400),
            "DCTREAS": one.stopped[1] if one.stopped else None,
            "DTHFL": None if one.death is None else "Y",
            "DTHDT": day(one.death),
        }
        for one in PATIENTS
    ]
    adrs = [
        {"USUBJID": one.name, "PARAMCD": "OVR", "AVALC": response, "ADT": on(number)}
        for one in PATIENTS
        for number, response in one.visits
    ]
    adcm = [
        {"USUBJID": one.name, "ASTDT": on(one.therapy), "NEWTHFL": "Y"}
        for one in PATIENTS
        if one.therapy is not None
    ]
    return {"ADSL": pl.DataFrame(adsl), "ADRS": pl.DataFrame(adrs), "ADCM": pl.DataFrame(adcm)}


def told(endpoints: list[dict[str, Any]], engine: str = "polars") -> dict[Any, tuple[float, str]]:
    derived = derive_adtte(protocol(endpoints), on_engine(datasets(), engine))
    assert derived is not None
    return {
        (row["USUBJID"], row["PARAMCD"]): (row["AVAL"], row["EVNTDESC"] or row["CNSDTDSC"])
        for row in collected(derived).to_dicts()
    }


def expected(name: str) -> dict[Any, tuple[float, str]]:
    return {(one.name, PRESETS[name]): one.expected[name] for one in PATIENTS}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", PRESETS)
def test_each_patient_has_the_expected_record(name: str, engine: str) -> None:
    assert told([preset(name)], engine) == expected(name)


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        (name, rule["id"])
        for name in PRESETS
        for rule in (*preset(name)["events"], *preset(name)["censoring"])
        if rule["id"] != "no-assessment"
    ],
)
def test_a_removed_rule_changes_a_patient(name: str, rule: str) -> None:
    whole = preset(name)
    parts = {
        key: [one for one in whole[key] if one["id"] != rule] for key in ("events", "censoring")
    }
    assert told([whole | parts]) != expected(name)


def test_no_patient_is_described_without_the_rule_for_nobody_assessed() -> None:
    whole = preset("pfs-fda-table-a")
    left = [one for one in whole["censoring"] if one["id"] != "no-assessment"]
    found = told([whole | {"censoring": left}])
    assert found["never assessed, alive", "PFSFDAA"] == (
        1,
        "No record that a censoring rule takes",
    )
