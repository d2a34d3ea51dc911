"""Presets: all of them fit the model, and keys beside ``like`` override them."""

from __future__ import annotations

from pathlib import Path

import pytest

from hepatica.errors import ProtocolError
from hepatica.protocol import parse_protocol
from hepatica.protocol.endpoints import TimeToEvent
from hepatica.protocol.presets import preset_mapping, preset_names

BASE = (Path(__file__).parent / "base.yaml").read_text(encoding="utf-8")

SECTIONS = ("adverse_events", "analysis_sets", "assessments", "endpoints", "treatments")
ALL = [(section, name) for section in SECTIONS for name in preset_names(section)]
MINIMAL = """
study: {id: S-1, title: A study}
data: {tables: {ADSL: {file: adsl.csv}}}
arms: [{id: one, label: One}]
analysis_sets: [{like: full}]
variables: [{id: age, label: Age, column: AGE, kind: measured}]
analyses: [{id: baseline, kind: baseline, set: full, variables: [age]}]
"""
NEEDED = {
    "assessments": "every_days: 42, window_days: 7",
    "adverse_events": "follow_up_days: 30",
}
#: Endpoints that count missed visits, or patients at one visit: the study plans its assessments.
SCHEDULED = (
    "dcr-at-week",
    "pfs-fda-table-a",
    "pfs-fda-table-a-one-missed",
    "pfs-fda-table-b",
    "pfs-fda-table-c",
)


def test_these_presets_exist() -> None:
    assert {section: preset_names(section) for section in SECTIONS} == {
        "adverse_events": ("ctcae-5.0",),
        "analysis_sets": ("evaluable", "full", "safety"),
        "assessments": ("recist-1.1",),
        "endpoints": (
            "cbr",
            "dcr",
            "dcr-at-week",
            "dor",
            "ipfs",
            "orr",
            "os",
            "pfs",
            "pfs-ema",
            "pfs-fda-table-a",
            "pfs-fda-table-a-one-missed",
            "pfs-fda-table-b",
            "pfs-fda-table-c",
            "time-on-treatment",
            "ttp",
            "ttr",
            "ttup",
        ),
        "treatments": (
            "anlotinib-12mg-2-of-3-weeks",
            "lenvatinib-by-weight",
            "sorafenib-400mg-twice-daily",
        ),
    }


@pytest.mark.parametrize(("section", "name"), ALL, ids=[name for _, name in ALL])
def test_a_preset_needs_nothing_but_what_is_the_study_s_own(section: str, name: str) -> None:
    own = f", {NEEDED[section]}" if section in NEEDED else ""
    item = f"{{like: {name}{own}}}"
    text = f"{MINIMAL}\n{section}: {item if own else f'[{item}]'}\n"
    if name in SCHEDULED:
        text += f"assessments: {{like: recist-1.1, {NEEDED['assessments']}}}\n"
    if section == "analysis_sets":
        text = MINIMAL.replace("[{like: full}]", f"[{{like: {name}, id: full}}]")
    protocol = parse_protocol(text)
    value = getattr(protocol, section)
    assert (value if own else value[0]) is not None


def test_survival_endpoints_say_what_adtte_says() -> None:
    endpoints = {
        endpoint.id: endpoint
        for endpoint in parse_protocol(
            MINIMAL + "endpoints: [{like: os}, {like: pfs}, {like: ttp}]\n"
        ).endpoints
        if isinstance(endpoint, TimeToEvent)
    }
    told = {
        name: ([rule.description for rule in one.events], [r.description for r in one.censoring])
        for name, one in endpoints.items()
    }
    assert told == {
        "os": (["Death"], ["Alive at last contact"]),
        "pfs": (
            ["Disease progression", "Death"],
            ["No assessment after baseline", "New anticancer therapy", "Last tumour assessment"],
        ),
        "ttp": (
            ["Disease progression"],
            [
                "No assessment after baseline",
                "New anticancer therapy",
                "Death without progression",
                "Last tumour assessment",
            ],
        ),
    }
    assert all(one.origin.variable == "TRTSDT" for one in endpoints.values())


def test_anlotinib_as_the_trial_gave_it() -> None:
    drug = parse_protocol(BASE).treatments[0]
    assert (drug.id, drug.dose.amount, drug.dose.unit) == ("drug", 12, "mg")
    assert drug.schedule.model_dump() == {
        "first_day": 1,
        "last_day": 14,
        "cycle_days": 21,
        "per_day": 1,
    }
    assert [reduction.dose.amount for reduction in drug.reductions] == [10, 8]


def test_mappings_merge_by_key_and_lists_replace() -> None:
    text = BASE.replace(
        "  - like: os\n",
        "  - like: os\n    label: Survival\n    origin: {variable: RANDDT}\n"
        "    censoring: [{id: end, sentence: At the end., description: End}]\n",
    )
    endpoint = parse_protocol(text).endpoints[1]
    assert endpoint.label == "Survival"
    assert (endpoint.origin.label, endpoint.origin.variable) == ("first dose", "RANDDT")
    assert [rule.id for rule in endpoint.censoring] == ["end"]
    assert [rule.id for rule in endpoint.events] == ["death"]


def test_a_preset_is_not_changed_by_its_use() -> None:
    before = preset_mapping("endpoints", "pfs")
    parse_protocol(BASE)
    assert preset_mapping("endpoints", "pfs") == before
    assert before["id"] == "pfs"


def test_all_presets_are_listed_by_file_name() -> None:
    assert preset_names("nothing") == ()
    assert len(ALL) == 25


@pytest.mark.parametrize("name", SCHEDULED)
def test_a_preset_that_counts_visits_says_that_it_needs_them(name: str) -> None:
    with pytest.raises(ProtocolError, match="add assessments with"):
        parse_protocol(f"{MINIMAL}\nendpoints: [{{like: {name}}}]\n")


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ("parameter: BOR", "BOR is another parameter of ADRS"),
        ("counted: [CR, PR]", "write .Y."),
    ],
)
def test_a_share_at_one_visit_has_a_parameter_of_its_own(own: str, said: str) -> None:
    plan = f"assessments: {{like: recist-1.1, {NEEDED['assessments']}}}"
    with pytest.raises(ProtocolError, match=said):
        parse_protocol(f"{MINIMAL}\nendpoints: [{{like: dcr-at-week, {own}}}]\n{plan}\n")


def test_two_shares_at_visits_have_two_parameters() -> None:
    plan = f"assessments: {{like: recist-1.1, {NEEDED['assessments']}}}"
    second = "{like: dcr-at-week, id: week-24, at: 24 weeks"
    text = f"{MINIMAL}\n{plan}\nendpoints: [{{like: dcr-at-week}}, {second}"
    with pytest.raises(ProtocolError, match="DCWEEK is another parameter"):
        parse_protocol(text + "}]\n")
    protocol = parse_protocol(text + ", parameter: DCW24}]\n")
    assert [one.parameter for one in protocol.endpoints] == ["DCWEEK", "DCW24"]
