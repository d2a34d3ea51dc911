"""Protocols begun from records, and accounts of one trial compared."""

from __future__ import annotations

from pathlib import Path

import pytest

from hepatica.protocol.read import parse_protocol
from hepatica.protocol.registry import read_record, read_records_of
from hepatica.protocol.registry.compare import compare_records
from hepatica.protocol.registry.concepts import concept_of, pairs_of
from hepatica.protocol.registry.planned import planned_record
from hepatica.protocol.registry.record import (
    Criterion,
    Intervention,
    Outcome,
    RegisteredArm,
    RegistryRecord,
)
from hepatica.protocol.registry.skeleton import protocol_skeleton
from hepatica.protocol.registry.time_frame import parse_time_frame
from hepatica.protocol.registry.who_set import who_items


def _outcome(role: str, measure: str, frame: str = "") -> Outcome:
    return Outcome(role=role, measure=measure, time_frame=parse_time_frame(frame))


RECORD = RegistryRecord(
    registry="ClinicalTrials.gov",
    id="NCT00000001",
    public_title="A trial",
    phases=("PHASE2",),
    allocation="RANDOMIZED",
    enrolment=60,
    arms=(
        RegisteredArm(label="Anlotinib", interventions=("Drug: Anlotinib",)),
        RegisteredArm(label="Sorafenib", interventions=("Drug: Sorafenib",)),
    ),
    interventions=(Intervention(name="Anlotinib"), Intervention(name="Best care")),
    outcomes=(
        _outcome("primary", "PFS", "every 56 days up to 2 years"),
        _outcome("secondary", "Objective response rate", "every 56 days"),
        _outcome("secondary", "Serum cholesterol", "on admission"),
    ),
    eligibility=(
        Criterion(kind="inclusion", text="BCLC B or C"),
        Criterion(kind="", text="Adults"),
    ),
    minimum_age="18 Years",
    maximum_age="75 Years",
)


def test_a_record_becomes_a_protocol_that_validates() -> None:
    protocol = parse_protocol(protocol_skeleton(RECORD).text)
    assert protocol.registration == RECORD
    assert [arm.label for arm in protocol.arms] == ["Anlotinib", "Sorafenib"]
    assert [(one.id, one.role) for one in protocol.endpoints] == [
        ("pfs", "primary"),
        ("orr", "secondary"),
    ]
    assert protocol.assessments is not None
    assert protocol.assessments.every_days == 56
    assert protocol.study.randomised
    assert [one.id for one in protocol.eligibility] == ["age", "inclusion-1"]


def test_what_has_no_place_is_told() -> None:
    notes = "\n".join(protocol_skeleton(RECORD).notes)
    for words in (
        "kept under registration: Serum cholesterol",
        "Time frame not understood (“on admission”): Serum cholesterol",
        "Best care: write its dose and schedule",
        "left out of eligibility: Adults",
        "How the 60 participants divide into arms is not registered",
    ):
        assert words in notes


def test_the_protocol_of_a_record_agrees_with_it() -> None:
    record = RECORD.model_copy(update={"outcomes": RECORD.outcomes[:2]})
    planned = planned_record(parse_protocol(protocol_skeleton(record).text))
    verdicts = {(one.what, one.name): one.verdict for one in compare_records(record, planned)}
    # The skeleton plans adverse events besides.
    assert verdicts.pop(("outcome", "Adverse events")) == "added"
    assert set(verdicts.values()) == {"same"}


def test_a_changed_protocol_differs_from_its_registration() -> None:
    text = protocol_skeleton(RECORD).text
    text = text.replace("every_days: 56", "every_days: 42").replace(
        "role: primary", "role: secondary"
    )
    planned = planned_record(parse_protocol(text))
    verdicts = {(one.what, one.name): one.verdict for one in compare_records(RECORD, planned)}
    assert verdicts["outcome", "PFS"] == "switched"
    assert verdicts["time frame", "PFS"] == "changed"
    assert verdicts["outcome", "Serum cholesterol"] == "dropped"


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        ("every 42 days up to 2 years", "each 6 weeks, up to 24 months", "same"),
        ("every 42 days", "every 56 days", "changed"),
        ("up to 2 years", "up to 3 years", "changed"),
        ("12 weeks", "", "not told"),
        ("week 12", "week 24", "changed"),
    ],
)
def test_time_frames_are_compared_by_their_days(before: str, after: str, verdict: str) -> None:
    found = compare_records(
        RegistryRecord(outcomes=(_outcome("primary", "PFS", before),)),
        RegistryRecord(outcomes=(_outcome("primary", "Progression-free survival", after),)),
    )
    assert [one.verdict for one in found if one.what == "time frame"] == [verdict]


def test_the_items_of_the_who_are_filled_from_the_record() -> None:
    items = {one.number: one.value for one in who_items(RECORD)}
    assert len(items) == 24
    assert items[1] == "ClinicalTrials.gov NCT00000001"
    assert items[17] == "60"
    assert items[19] == "PFS [every 56 days up to 2 years]"
    assert "BCLC B or C" in items[14]
    assert items[21] == ""


@pytest.mark.shared
def test_every_shared_record_becomes_a_protocol(shared: Path) -> None:
    (extract,) = (shared / "seeds").glob("003_*.txt")
    records = [read_record(extract.read_bytes(), extract.name)]
    for file in sorted((shared / "data" / "registry").glob("*.json")):
        records += read_records_of(file.read_bytes(), file.name)
    assert len(records) == 21
    for record in records:
        skeleton = protocol_skeleton(record)
        protocol = parse_protocol(skeleton.text)
        assert protocol.registration == record
        told = "\n".join(skeleton.notes)
        for field in record.unread:
            assert field in told
        for outcome in record.outcomes:
            name = concept_of(outcome.measure)
            planned = {one.id for one in protocol.endpoints} | {"adverse-events"}
            assert name in planned or outcome.measure in told


@pytest.mark.parametrize(
    ("measure", "concept"),
    [
        ("PFS2", ""),
        ("Progression-free survival on next line of therapy", ""),
        ("Intracranial objective response rate", ""),
        ("Time to deterioration of quality of life", ""),
        ("Correlation of AFP with PFS", ""),
        ("Overall survival and progression-free survival", ""),
        ("Duration of disease control", ""),
        ("Adverse event-free survival", ""),
        ("Dose-limiting toxicities", ""),
        ("Time to treatment failure", ""),
        ("Disease progression", ""),
        ("Objective Response Duration", "dor"),
        ("OS rate at 12 months", "os"),
        ("ORR by mRECIST", "orr"),
        ("Incidence of SAEs", "adverse-events"),
    ],
)
def test_a_measure_names_a_concept_only_where_it_is_that(measure: str, concept: str) -> None:
    assert concept_of(measure) == concept


def test_outcomes_of_one_concept_are_told_apart_by_their_details() -> None:
    recist, modified = "ORR by RECIST 1.1", "ORR by mRECIST"
    assert pairs_of([recist, modified], [modified, recist]) == [(0, 1), (1, 0)]
    assert pairs_of([recist], [modified]) == []
    assert pairs_of(["6-month PFS rate"], ["12-month PFS rate"]) == []
    assert pairs_of(["PFS"], ["PFS by mRECIST", "PFS"]) == [(0, 1)]


def test_names_that_differ_in_a_letter_are_other_outcomes() -> None:
    assert pairs_of(["Change in AFP at 3 months"], ["Change in ALP at 3 months"]) == []
    assert pairs_of(["RSV-A titre"], ["RSV-B titre"]) == []
    assert pairs_of(["Serum cholesterol"], ["Serum cholesterol levels"]) == [(0, 0)]


def test_a_detail_that_one_account_leaves_out_is_shown() -> None:
    found = compare_records(
        RegistryRecord(outcomes=(_outcome("primary", "ORR by mRECIST"),)),
        RegistryRecord(outcomes=(_outcome("primary", "Objective response rate"),)),
    )
    assert [(one.what, one.before, one.verdict) for one in found] == [
        ("outcome", "primary", "same"),
        ("criteria", "mRECIST", "not told"),
    ]


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        ("12 weeks", "at 12 weeks", "same"),
        ("up to 2 years", "at 12 weeks", "not told"),
        ("up to 8 weeks", "at 12 weeks", "changed"),
        ("every 8 weeks, then every 12 weeks", "every 8 weeks", "changed"),
        ("every 8 weeks for 24 weeks, then every 12 weeks", "every 8 weeks, then every 9 weeks",
         "changed"),
        ("day 1, visit 3", "day 1, visit 4", "changed"),
    ],
)  # fmt: skip
def test_parts_of_time_frames_are_compared(before: str, after: str, verdict: str) -> None:
    found = compare_records(
        RegistryRecord(outcomes=(_outcome("primary", "PFS", before),)),
        RegistryRecord(outcomes=(_outcome("primary", "PFS", after),)),
    )
    assert [one.verdict for one in found if one.what == "time frame"] == [verdict]


def test_days_after_the_last_dose_are_the_follow_up_of_adverse_events() -> None:
    outcomes = (
        _outcome("secondary", "Adverse events", "until death, up to 24 months"),
        _outcome("secondary", "Serious adverse events", "to 28 days after the last dose"),
    )
    for some, days in ((outcomes[:1], 30), (outcomes, 28)):
        text = protocol_skeleton(RegistryRecord(public_title="T", outcomes=some)).text
        events = parse_protocol(text).adverse_events
        assert events is not None
        assert events.follow_up_days == days
