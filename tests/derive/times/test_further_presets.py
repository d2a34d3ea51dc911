"""Time to response, its duration, untreatable progression, and iRECIST: one patient for each rule.

Days are study days, day 1 is the first dose. The data cut-off is day 400.
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
from hepatica.derive.time_rules import left_out_rules
from hepatica.protocol.model import Protocol
from hepatica.protocol.presets import preset_mapping

PRESETS = {"ttr": "TTR", "dor": "DOR", "ttup": "TTUP", "ipfs": "IPFS"}
NONE, THERAPY, LAST = (
    "No assessment after baseline",
    "New anticancer therapy",
    "Last tumour assessment",
)
PD, DEATH = "Disease progression", "Death"
RESPONSE, NO_RESPONSE = "Response", "Progression without response"
UNTREATABLE, STOPPED = "Untreatable progression", "Treatment ended for another reason"
Expected = tuple[float, int, str]


@dataclass(frozen=True)
class Patient:
    """What happened, and days, place of the censoring rule (0: event) and reason."""

    name: str
    visits: tuple[tuple[int, str], ...] = ()
    response: int | None = None
    progression: int | None = None
    death: int | None = None
    therapy: int | None = None
    ended: tuple[int, str | None] | None = None
    expected: Expected | None = None


# 1 no assessment, 2 new therapy, 3 progression, 4 last assessment.
TTR = (
    Patient("response", ((43, "PR"), (85, "CR")), response=43, expected=(43, 0, RESPONSE)),
    Patient("response later", ((43, "SD"), (85, "PR")), response=85, expected=(85, 0, RESPONSE)),
    Patient("progression", ((43, "SD"), (85, "PD")), expected=(85, 3, NO_RESPONSE)),
    Patient(
        "progression, assessed further",
        ((43, "SD"), (85, "PD"), (127, "SD")),
        expected=(85, 3, NO_RESPONSE),
    ),
    Patient(
        "response recorded the day after progression",
        ((43, "PD"), (44, "PR")),
        response=44,
        expected=(43, 3, NO_RESPONSE),
    ),
    Patient(
        "response on the day of progression", ((43, "PD"),), response=43, expected=(43, 0, RESPONSE)
    ),
    Patient("stable", ((43, "SD"), (85, "SD")), expected=(85, 4, LAST)),
    Patient("stable, then not evaluable", ((43, "SD"), (85, "NE")), expected=(43, 4, LAST)),
    Patient("death without response", ((43, "SD"),), death=60, expected=(43, 4, LAST)),
    Patient("never assessed", expected=(1, 1, NONE)),
    Patient(
        "therapy the day before response",
        ((43, "SD"), (85, "PR")),
        response=85,
        therapy=84,
        expected=(43, 2, THERAPY),
    ),
    Patient(
        "therapy on the day of response",
        ((43, "SD"), (85, "PR")),
        response=85,
        therapy=85,
        expected=(85, 0, RESPONSE),
    ),
)
# 1 new therapy, 2 last assessment.
DOR = (
    Patient("no response: no record", ((43, "SD"), (85, "PD"))),
    Patient("then progression", ((43, "PR"), (85, "PD")), response=43, expected=(43, 0, PD)),
    Patient("then death", ((43, "PR"),), response=43, death=44, expected=(2, 0, DEATH)),
    Patient(
        "progression before response does not count",
        ((40, "PD"), (43, "PR"), (85, "SD")),
        response=43,
        expected=(43, 2, LAST),
    ),
    Patient("response at the last visit", ((43, "CR"),), response=43, expected=(1, 2, LAST)),
    Patient(
        "therapy the day before progression",
        ((43, "PR"), (64, "PR"), (85, "PD")),
        response=43,
        therapy=84,
        expected=(22, 1, THERAPY),
    ),
    Patient(
        "therapy on the day of progression",
        ((43, "PR"), (85, "PD")),
        response=43,
        therapy=85,
        expected=(43, 0, PD),
    ),
    Patient(
        "still responding",
        ((43, "PR"), (85, "SD"), (127, "NE")),
        response=43,
        expected=(43, 2, LAST),
    ),
)
# 1 no assessment, 2 new therapy, 3 stopped, 4 last assessment.
TTUP = (
    Patient(
        "treated again after progression",
        ((43, "PD"), (85, "PD"), (127, "SD")),
        expected=(127, 4, LAST),
    ),
    Patient(
        "stopped for progression",
        ((43, "PD"), (85, "PD")),
        ended=(90, "PROGRESSIVE DISEASE"),
        expected=(90, 0, UNTREATABLE),
    ),
    Patient(
        "stopped for progression that no scan shows",
        ((43, "SD"),),
        ended=(60, "CLINICAL PROGRESSION"),
        expected=(60, 0, UNTREATABLE),
    ),
    Patient(
        "stopped for toxicity, progression later",
        ((43, "SD"), (85, "PD")),
        ended=(60, "ADVERSE EVENT"),
        expected=(60, 3, STOPPED),
    ),
    Patient("died", ((43, "SD"),), death=60, ended=(60, "DEATH"), expected=(60, 3, STOPPED)),
    Patient(
        "other therapy the day before the decision",
        ((43, "SD"), (85, "PD")),
        therapy=89,
        ended=(90, "PROGRESSIVE DISEASE"),
        expected=(85, 2, THERAPY),
    ),
    Patient(
        "other therapy on the day of the decision",
        ((43, "SD"), (85, "PD")),
        therapy=90,
        ended=(90, "PROGRESSIVE DISEASE"),
        expected=(90, 0, UNTREATABLE),
    ),
    Patient("on treatment, not assessed", expected=(1, 1, NONE)),
    Patient(
        "stopped for progression after the cut-off",
        ((379, "SD"),),
        ended=(401, "PROGRESSIVE DISEASE"),
        expected=(379, 4, LAST),
    ),
    Patient("completed", ((43, "SD"),), ended=(60, None), expected=(60, 3, STOPPED)),
)
# 1 no assessment, 2 new therapy, 3 last assessment; the date of progression comes from PD.
IPFS = (
    Patient(
        "confirmed, dated when first seen",
        ((43, "iSD"), (85, "iUPD"), (127, "iCPD")),
        progression=85,
        expected=(85, 0, PD),
    ),
    Patient(
        "dropped by a response",
        ((43, "iUPD"), (85, "iPR"), (127, "NE")),
        expected=(85, 3, LAST),
    ),
    Patient(
        "not confirmed, at the end",
        ((43, "iSD"), (85, "iUPD")),
        progression=85,
        expected=(85, 0, PD),
    ),
    Patient(
        "dropped, the last adequate visit",
        ((43, "iUPD"), (50, "NE")),
        expected=(43, 3, LAST),
    ),
    Patient("lesions not measured", ((43, "NON-iCR/NON-iUPD"),), expected=(43, 3, LAST)),
    Patient("complete", ((43, "iCR"),), expected=(43, 3, LAST)),
    Patient("confirmed, without its date in PD", ((43, "iCPD"),), expected=(43, 3, LAST)),
    Patient("death", ((43, "iSD"),), death=60, expected=(60, 0, DEATH)),
    Patient(
        "other therapy before",
        ((43, "iSD"), (85, "iUPD")),
        progression=85,
        therapy=84,
        expected=(43, 2, THERAPY),
    ),
    Patient("never assessed", expected=(1, 1, NONE)),
)
SCENARIOS = {"ttr": TTR, "dor": DOR, "ttup": TTUP, "ipfs": IPFS}


def protocol(endpoint: dict[str, Any]) -> Protocol:
    return Protocol.model_validate(
        {
            "study": {"id": "S", "title": "T", "data_cut_off": on(400)},
            "data": {"tables": {"DM": {"file": "dm.csv"}}},
            "arms": [{"id": "a", "label": "A"}],
            "analysis_sets": [{"id": "full", "label": "Full", "flag": "FASFL"}],
            "endpoints": [endpoint],
            "analyses": [{"id": "b", "kind": "baseline", "set": "full", "variables": ["age"]}],
        }
    )


def datasets(patients: tuple[Patient, ...]) -> dict[str, pl.DataFrame]:
    def day(number: int | None) -> date | None:
        return None if number is None else on(number)

    adsl = [
        {
            "USUBJID": one.name,
            "TRTSDT": on(1),
            "EOTSTT": "ONGOING" if one.ended is None else "DISCONTINUED",
            "EOTDT": None if one.ended is None else on(one.ended[0]),
            "DCTREAS": None if one.ended is None else one.ended[1],
            "DTHFL": None if one.death is None else "Y",
            "DTHDT": day(one.death),
        }
        for one in patients
    ]
    adrs = [
        {"USUBJID": one.name, "PARAMCD": "OVR", "AVALC": response, "ADT": on(number)}
        for one in patients
        for number, response in one.visits
    ]
    for code, part in (("RSP", "response"), ("PD", "progression")):
        adrs += [
            {
                "USUBJID": one.name,
                "PARAMCD": code,
                "AVALC": "N" if getattr(one, part) is None else "Y",
                "ADT": day(getattr(one, part)),
            }
            for one in patients
        ]
    adcm = [
        {"USUBJID": one.name, "ASTDT": day(one.therapy), "NEWTHFL": "Y"}
        for one in patients
        if one.therapy is not None
    ]
    kinds = {"EOTDT": pl.Date, "DTHDT": pl.Date, "DCTREAS": pl.String, "DTHFL": pl.String}
    return {
        "ADSL": pl.DataFrame(adsl, schema_overrides=kinds),
        "ADRS": pl.DataFrame(adrs, schema_overrides={"ADT": pl.Date}),
        "ADCM": pl.DataFrame(adcm),
    }


def told(name: str, endpoint: dict[str, Any], engine: str = "polars") -> dict[str, Expected]:
    derived = derive_adtte(protocol(endpoint), on_engine(datasets(SCENARIOS[name]), engine))
    assert derived is not None
    return {
        row["USUBJID"]: (row["AVAL"], row["CNSR"], row["EVNTDESC"] or row["CNSDTDSC"])
        for row in collected(derived).to_dicts()
        if row["PARAMCD"] == PRESETS[name]
    }


def expected(name: str) -> dict[str, Expected]:
    return {one.name: one.expected for one in SCENARIOS[name] if one.expected is not None}


def preset(name: str) -> dict[str, Any]:
    return dict(preset_mapping("endpoints", name))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", PRESETS)
def test_each_patient_has_the_expected_record(name: str, engine: str) -> None:
    assert told(name, preset(name), engine) == expected(name)


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        (name, rule["id"])
        for name in PRESETS
        for rule in (*preset(name)["events"], *preset(name)["censoring"])
        if len(preset(name)["events"]) > 1 or rule not in preset(name)["events"]
    ],
)
def test_a_removed_rule_changes_a_patient(name: str, rule: str) -> None:
    whole = preset(name)
    parts = {
        key: [one for one in whole[key] if one["id"] != rule] for key in ("events", "censoring")
    }
    assert told(name, whole | parts) != expected(name)


def test_untreatable_progression_needs_the_day_of_the_decision() -> None:
    """The last treatment is no stand-in for it: a patient could still be treated then."""
    tables = datasets(TTUP)
    tables["ADSL"] = tables["ADSL"].drop("EOTDT")
    (lack,) = left_out_rules(protocol(preset("ttup")), on_engine(tables, "polars"))
    assert (lack.endpoint, lack.rule, lack.lacks) == ("ttup", "", "ADSL.EOTDT")
