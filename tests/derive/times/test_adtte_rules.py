"""Times to events: one patient for each rule and boundary, and each rule removed in turn."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from collected_tables import ENGINES, collected, on_engine
from time_scenarios import CUT_OFF_DAY, PATIENTS, on

from hepatica.derive.adtte_rules import derive_adtte
from hepatica.derive.time_rules import LeftOut, left_out_rules
from hepatica.protocol.model import Protocol
from hepatica.protocol.presets import preset_mapping

ENDPOINTS = ("os", "pfs", "ttp", "dor")


def presets() -> list[dict[str, Any]]:
    return [dict(preset_mapping("endpoints", name)) for name in ENDPOINTS]


def protocol(endpoints: list[dict[str, Any]]) -> Protocol:
    return Protocol.model_validate(
        {
            "study": {"id": "S", "title": "T", "data_cut_off": on(CUT_OFF_DAY)},
            "data": {"tables": {"DM": {"file": "dm.csv"}}},
            "arms": [{"id": "a", "label": "A"}],
            "analysis_sets": [{"id": "full", "label": "Full", "flag": "FASFL"}],
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
            "RANDDT": on(-2),
            "TRTSDT": day(one.first_dose),
            "DTHFL": None if one.death is None else "Y",
            "DTHDT": day(one.death),
            "LSTALVDT": day(one.alive),
        }
        for one in PATIENTS
    ]
    visits = [
        {"USUBJID": one.name, "PARAMCD": "OVR", "AVALC": response, "ADT": on(number)}
        for one in PATIENTS
        for number, response in one.visits
    ]
    responses = [
        {
            "USUBJID": one.name,
            "PARAMCD": "RSP",
            "AVALC": "N" if one.response is None else "Y",
            "ADT": day(one.response),
        }
        for one in PATIENTS
    ]
    adrs = [
        row | {"SRCDOM": "RS", "SRCVAR": "RSDTC", "SRCSEQ": place}
        for place, row in enumerate([*visits, *responses], start=1)
    ]
    adcm = [
        {"USUBJID": one.name, "ASTDT": on(one.therapy), "NEWTHFL": "Y"}
        for one in PATIENTS
        if one.therapy is not None
    ]
    adcm += [{"USUBJID": one.name, "ASTDT": on(2), "NEWTHFL": None} for one in PATIENTS]
    return {"ADSL": pl.DataFrame(adsl), "ADRS": pl.DataFrame(adrs), "ADCM": pl.DataFrame(adcm)}


def told(endpoints: list[dict[str, Any]], engine: str = "polars", **other: Any) -> dict[Any, Any]:
    derived = derive_adtte(protocol(endpoints), on_engine(datasets() | other, engine))
    assert derived is not None
    return {(row["USUBJID"], row["PARAMCD"]): row for row in collected(derived).to_dicts()}


def short(row: dict[str, Any]) -> tuple[float, int, str]:
    assert (row["EVNTDESC"] is None) != (row["CNSDTDSC"] is None)
    assert (row["CNSR"] == 0) == (row["EVNTDESC"] is not None)
    return row["AVAL"], row["CNSR"], row["EVNTDESC"] or row["CNSDTDSC"]


@pytest.mark.parametrize("engine", ENGINES)
def test_each_patient_has_the_expected_records(engine: str) -> None:
    found = told(presets(), engine)
    expected = {
        (one.name, parameter): record
        for one in PATIENTS
        for parameter, record in one.expected.items()
    }
    assert {key: short(row) for key, row in found.items()} == expected


@pytest.mark.parametrize("engine", ENGINES)
def test_dates_count_both_ends_and_no_time_passes_the_cut_off(engine: str) -> None:
    for (name, parameter), row in told(presets(), engine).items():
        assert row["ADT"] == row["STARTDT"] + timedelta(row["AVAL"] - 1), (name, parameter)
        assert row["STARTDT"] <= row["ADT"] <= on(CUT_OFF_DAY)


def test_the_source_is_the_collected_record() -> None:
    found = told(presets())
    adrs = datasets()["ADRS"]
    name = "progression at an assessment"
    sequence = adrs.filter(USUBJID=name, AVALC="PD")["SRCSEQ"].item()
    source = ("SRCDOM", "SRCVAR", "SRCSEQ")
    assert [found[name, "PFS"][one] for one in source] == ["RS", "RSDTC", sequence]
    assert [found[name, "OS"][one] for one in source] == ["ADSL", "LSTALVDT", None]
    assert [found["no assessment", "PFS"][one] for one in source] == ["ADSL", "TRTSDT", None]
    died = found["death without progression", "PFS"]
    assert [died[one] for one in source] == ["ADSL", "DTHDT", None]


RULES = [
    (name, kind, rule["id"])
    for name in ENDPOINTS
    for kind in ("events", "censoring")
    for rule in preset_mapping("endpoints", name)[kind]
]


@pytest.mark.parametrize(("name", "kind", "rule"), RULES)
def test_without_a_rule_some_record_changes(name: str, kind: str, rule: str) -> None:
    whole = preset_mapping("endpoints", name)
    # A rule in its place that never has a record, so that the places of the others stay.
    never = {"dataset": "ADSL", "where": {"DTHFL": "never"}, "date": "DTHDT"}
    silent = next(one for one in whole[kind] if one["id"] == rule)
    silent = {k: v for k, v in silent.items() if k != "before"} | never
    places = [silent if one["id"] == rule else one for one in whole[kind]]
    before = told([dict(whole)])
    after = told([dict(whole) | {kind: places}])
    changed = [key for key in before if short(before[key]) != short(after[key])]
    assert changed, f"no patient needs the rule {rule} of {name}"


def test_rules_on_one_day_go_by_their_order() -> None:
    pfs = dict(preset_mapping("endpoints", "pfs"))
    turned = pfs | {"events": list(reversed(pfs["events"]))}
    row = told([turned])["death on the day of progression", "PFS"]
    assert short(row) == (43, 0, "Death")


def test_each_endpoint_counts_from_its_own_origin() -> None:
    randomised = dict(preset_mapping("endpoints", "os")) | {
        "origin": {"label": "randomisation", "variable": "RANDDT"}
    }
    rest = [dict(preset_mapping("endpoints", name)) for name in ("pfs", "dor")]
    found = told([randomised, *rest])
    name = "response, then progression"
    starts = {key[1]: row["STARTDT"] for key, row in found.items() if key[0] == name}
    assert starts == {"OS": on(-2), "PFS": on(1), "DOR": on(43)}
    days = {key[1]: row["AVAL"] for key, row in found.items() if key[0] == name}
    assert days == {"OS": 92, "PFS": 85, "DOR": 43}
    assert ("never treated: no origin, no record", "OS") in found
    assert ("never treated: no origin, no record", "PFS") not in found


def test_death_may_censor_time_to_progression_on_its_day() -> None:
    ttp = dict(preset_mapping("endpoints", "ttp"))
    on_the_day = {"dataset": "ADSL", "where": {"DTHFL": "Y"}, "date": "DTHDT"}
    rules = [one | on_the_day if one["id"] == "death" else one for one in ttp["censoring"]]
    found = told([ttp | {"censoring": rules}])
    assert short(found["death without progression", "TTP"]) == (60, 3, "Death without progression")
    assert short(found["death before any assessment", "TTP"])[0] == 20


def test_a_study_without_other_therapies_skips_the_rules_about_them() -> None:
    tables = {name: one for name, one in datasets().items() if name != "ADCM"}
    lazy = on_engine(tables, "polars")
    derived = derive_adtte(protocol(presets()), lazy)
    assert derived is not None
    found = {(r["USUBJID"], r["PARAMCD"]): r for r in collected(derived).to_dicts()}
    assert short(found["other therapy the day before progression", "PFS"]) == (
        85,
        0,
        "Disease progression",
    )
    assert left_out_rules(protocol(presets()), lazy) == (
        LeftOut("pfs", "new-therapy", "ADCM"),
        LeftOut("ttp", "new-therapy", "ADCM"),
        LeftOut("dor", "new-therapy", "ADCM"),
    )


def test_an_endpoint_is_left_out_when_its_events_cannot_be_seen() -> None:
    lazy = on_engine({"ADSL": datasets()["ADSL"].drop("LSTALVDT")}, "polars")
    derived = derive_adtte(protocol(presets()), lazy)
    assert derived is not None
    assert set(collected(derived)["PARAMCD"]) == {"OS"}
    assert left_out_rules(protocol(presets()), lazy) == (
        LeftOut("os", "alive", "ADSL.LSTALVDT"),
        LeftOut("pfs", "", "ADRS"),
        LeftOut("ttp", "", "ADRS"),
        LeftOut("dor", "", "ADRS"),
    )


def test_unstructured_endpoints_are_not_derived() -> None:
    os = dict(preset_mapping("endpoints", "os"))
    bare = [{key: os["events"][0][key] for key in ("id", "sentence", "description")}]
    lazy = on_engine(datasets(), "polars")
    assert derive_adtte(protocol([os | {"events": bare}]), lazy) is None
    assert left_out_rules(protocol([os | {"events": bare}]), lazy) == ()


def test_a_rule_that_names_no_dataset_but_needs_one_is_told() -> None:
    pfs = dict(preset_mapping("endpoints", "pfs"))
    bare = {"id": "seen", "sentence": "Seen.", "description": "Seen"}
    stopped = bare | {"id": "stopped", "before": pfs["censoring"][1]["before"]}
    lazy = on_engine(datasets(), "polars")
    whole = protocol([pfs | {"censoring": [*pfs["censoring"], bare, stopped]}])
    assert left_out_rules(whole, lazy) == (
        LeftOut("pfs", "seen", ""),
        LeftOut("pfs", "stopped", ""),
    )
    derived = derive_adtte(whole, lazy)
    assert derived is not None
    found = {row["USUBJID"]: short(row) for row in collected(derived).to_dicts()}
    assert found["no assessment"] == (1, 1, "No assessment after baseline")
    first = protocol([pfs | {"censoring": [stopped, *pfs["censoring"]]}])
    assert LeftOut("pfs", "stopped", "") in left_out_rules(first, lazy)
    derived = derive_adtte(first, lazy)
    assert derived is not None
    found = {row["USUBJID"]: short(row) for row in collected(derived).to_dicts()}
    assert found["no assessment"] == (1, 2, "No assessment after baseline")
