"""Registry records from the API, the CSV export and lines of text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hepatica.errors import CommandError
from hepatica.protocol.registry import RegistryRecord, read_record, read_records_of
from hepatica.protocol.registry.api_record import api_record
from hepatica.protocol.registry.eligibility_text import split_eligibility
from hepatica.protocol.registry.outcome_cell import outcomes_of_cell

DAYS_PER_MONTH = 30.4375
STUDY = {
    "protocolSection": {
        "identificationModule": {"nctId": "NCT00000001", "briefTitle": "A trial"},
        "statusModule": {
            "overallStatus": "COMPLETED",
            "startDateStruct": {"date": "2020-01", "type": "ACTUAL"},
        },
        "designModule": {
            "studyType": "INTERVENTIONAL",
            "phases": ["PHASE2", "PHASE3"],
            "designInfo": {"allocation": "RANDOMIZED", "maskingInfo": {"masking": "NONE"}},
            "enrollmentInfo": {"count": 120, "type": "ESTIMATED"},
        },
        "armsInterventionsModule": {
            "armGroups": [
                {"label": "A", "type": "EXPERIMENTAL", "interventionNames": ["Drug: Anlotinib"]},
                {"label": "B", "type": "ACTIVE_COMPARATOR"},
            ],
            "interventions": [{"type": "DRUG", "name": "Anlotinib", "otherNames": ["AL3818"]}],
        },
        "outcomesModule": {
            "primaryOutcomes": [{"measure": "PFS", "timeFrame": "every 42 days up to 2 years"}],
            "secondaryOutcomes": [{"measure": "OS"}],
        },
        "eligibilityModule": {
            "eligibilityCriteria": "Inclusion Criteria:\n\n* Age \\>= 18\n* BCLC B\n\n  * or C\n\n"
            "Exclusion Criteria:\n\n1. Pregnancy\n2. Other cancer",
            "minimumAge": "18 Years",
        },
        "oversightModule": {"oversightHasDmc": True},
    }
}
HEAD = (
    "NCT Number,Study Title,Study Status,Conditions,Interventions,Primary Outcome Measures,"
    "Secondary Outcome Measures,Phases,Enrollment,Study Type,Study Design,Age,Study URL\n"
)
ROW = (
    'NCT00000002,"Title, with comma",RECRUITING,HCC|Cirrhosis,DRUG: Anlotinib|DRUG: TACE,'
    '"PFS, time, to event, each 42 days up to 24 months",'
    '"OS, up to 3 years|ORR, 4, 8, and 12 weeks",'
    'PHASE2,28,INTERVENTIONAL,"Allocation: NA|Intervention Model: SINGLE_GROUP|Masking: NONE",'
    '"ADULT, OLDER_ADULT",https://example.org\n'
)


def _json(content: object) -> bytes:
    return json.dumps(content).encode()


def test_a_study_of_the_api_is_read() -> None:
    record = read_record(_json(STUDY), "study.json")
    assert (record.id, record.enrolment, record.enrolment_kind) == ("NCT00000001", 120, "estimated")
    assert [one.label for one in record.arms] == ["A", "B"]
    assert record.interventions[0].description == "Also called AL3818."
    assert [(one.role, one.measure) for one in record.outcomes] == [
        ("primary", "PFS"),
        ("secondary", "OS"),
    ]
    assert record.outcomes[0].time_frame.every == 42
    assert [(one.kind, one.text) for one in record.eligibility] == [
        ("inclusion", "Age >= 18"),
        ("inclusion", "BCLC B – or C"),
        ("exclusion", "Pregnancy"),
        ("exclusion", "Other cancer"),
    ]
    assert record.start is not None
    assert (record.start.date, record.start.kind) == ("2020-01", "actual")


def test_fields_without_a_place_are_listed() -> None:
    assert read_record(_json(STUDY), "x").unread == ("oversightModule.oversightHasDmc",)


def test_what_is_written_is_read_again() -> None:
    record = read_record(_json(STUDY), "study.json")
    again = read_record(_json(api_record(record)), "again.json")
    assert again.model_copy(update={"unread": record.unread}) == record


def test_a_csv_export_is_read() -> None:
    record = read_record((HEAD + ROW).encode(), "export.csv")
    assert record.public_title == "Title, with comma"
    assert record.conditions == ("HCC", "Cirrhosis")
    assert [one.name for one in record.interventions] == ["Anlotinib", "TACE"]
    first, second, third = record.outcomes
    assert (first.measure, first.description) == ("PFS", "time, to event")
    assert first.time_frame.every == 42
    assert second.time_frame.up_to == pytest.approx(3 * 365.25)
    assert third.time_frame.at == (28, 56, 84)
    assert (record.minimum_age, record.maximum_age) == ("18 Years", "")
    assert record.unread == ("Study URL",)
    assert [one.label for one in record.arms] == ["Anlotinib and TACE"]


def test_several_records_ask_for_a_number() -> None:
    content = _json([STUDY, STUDY | {"protocolSection": {"identificationModule": {"nctId": "N2"}}}])
    with pytest.raises(CommandError, match=r"holds 2 records: NCT00000001, N2\. Choose one"):
        read_record(content, "two.json")
    assert read_record(content, "two.json", "N2").id == "N2"
    with pytest.raises(CommandError, match="holds no record N3"):
        read_record(content, "two.json", "N3")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"{", "no valid JSON at line 1"),
        (b"[]", "holds no study"),
        (b"[1]", "holds no study"),
        (b"<?xml version='1.0'?><clinical_study/>", "a page or XML"),
        (_json({"FullStudy": {}}), "first version"),
        (_json({"protocolSection": 3}), "no protocolSection"),
        (HEAD.encode(), "no study below it"),
    ],
)
def test_a_file_of_another_kind_or_version_is_refused_in_words(content: bytes, words: str) -> None:
    with pytest.raises(CommandError, match=words):
        read_records_of(content, "file.json")


def test_values_of_another_kind_than_expected_do_not_stop_the_reading() -> None:
    section = {
        "designModule": {"enrollmentInfo": {"count": "many"}, "phases": "PHASE2"},
        "outcomesModule": {"primaryOutcomes": [{"timeFrame": None}, "text"]},
        "eligibilityModule": None,
    }
    record = read_record(_json({"protocolSection": section}), "odd.json")
    assert record.enrolment is None
    assert record.phases == ()
    assert [one.measure for one in record.outcomes] == ["Unnamed outcome"]


@pytest.mark.parametrize(
    ("cell", "measure", "frame"),
    [
        ("Overall survival", "Overall survival", ""),
        ("Quality of life, EORTC score", "Quality of life", ""),
        ("OS, to the date, at which patients are censored., up to 2 years", "OS", "up to 2 years"),
        ("FeNO, ppb, Baseline, Week 16", "FeNO", "Baseline, Week 16"),
        ("Pain, scale 0 to 10, On admission, 3 weeks", "Pain", "3 weeks"),
    ],
)
def test_parts_of_an_outcome_are_told_apart(cell: str, measure: str, frame: str) -> None:
    (one,) = outcomes_of_cell(cell, "primary")
    assert (one.measure, one.time_frame.text) == (measure, frame)


def test_nothing_of_a_cell_is_lost() -> None:
    cell = "A, b, c, up to 2 years|D, e"
    whole = " ".join(
        " ".join((one.measure, one.description, one.time_frame.text))
        for one in outcomes_of_cell(cell, "secondary")
    )
    assert {"A", "b", "c", "D", "e", "up", "to", "2", "years"} <= set(
        whole.replace(",", "").split()
    )


def test_criteria_without_a_head_have_no_kind() -> None:
    assert {one.kind for one in split_eligibility("* Healthy\n* Adult")} == {""}


@pytest.mark.parametrize(
    "text",
    [
        "Inclusion Criteria:\n\n  * A\n  * B\n\nExclusion Criteria:\n\n  * C",
        "Patients must meet all of the following:\n1. A\n2. B\nPatients are excluded if:\n1. C",
        "Eligible patients:\n- A\n- B\nIneligible patients:\n- C",
        "1. Inclusion criteria\n1.1 A\n1.2 B\n2. Exclusion criteria\n2.1 C",
        "**Inclusion Criteria**\n● A\n● B\n## Exclusion Criteria\n● C",
        "Criteria for inclusion:\no A\no B\nCriteria for exclusion\no C",
        "Inclusion criteria:\n ① A\n ② B\nNon-inclusion criteria:\n ① C",
        "INCLUSION\nA\nB\nEXCLUSION\nC",
        "Inclusion Criteria:\r\n\r\n(1) A\r\n(2) B\r\n\r\nExclusion:\r\n(1) C",
    ],
)
def test_heads_and_bullets_of_many_kinds_are_known(text: str) -> None:
    found = [(one.kind, one.text) for one in split_eligibility(text)]
    assert found == [("inclusion", "A"), ("inclusion", "B"), ("exclusion", "C")]


def test_a_criterion_that_begins_like_a_head_stays_a_criterion() -> None:
    text = "Inclusion Criteria:\n* A\n* Exclusion of other cancers by biopsy\n* B"
    assert [(one.kind, one.text) for one in split_eligibility(text)] == [
        ("inclusion", "A"),
        ("inclusion", "Exclusion of other cancers by biopsy"),
        ("inclusion", "B"),
    ]


@pytest.mark.shared
def test_the_registered_extract_of_anlotinib_after_lenvatinib_is_read(shared: Path) -> None:
    (file,) = (shared / "seeds").glob("003_*.txt")
    record = read_record(file.read_bytes(), file.name)
    assert record.enrolment == 28
    assert record.conditions == ("Hepatocellular Carcinoma",)
    assert [one.name for one in record.interventions] == ["Anlotinib"]
    assert [one.role for one in record.outcomes] == ["primary", *["secondary"] * 4]
    primary = record.outcomes[0].time_frame
    assert (primary.every, primary.up_to) == (42, 24 * DAYS_PER_MONTH)
    assert record.description.startswith("Anlotinib is a novel")
    assert not record.unread


@pytest.mark.shared
def test_every_shared_record_is_read_and_written_without_loss(shared: Path) -> None:
    records = [
        one
        for file in sorted((shared / "data" / "registry").glob("*.json"))
        for one in read_records_of(file.read_bytes(), file.name)
    ]
    assert len(records) == 20
    for record in records:
        assert record.outcomes
        assert record.eligibility
        again = read_record(_json(api_record(record)), record.id)
        assert _comparable(again) == _comparable(record)


def _comparable(record: RegistryRecord) -> RegistryRecord:
    """Leave out what is told of a file and not of a trial, and how texts are broken into items."""
    return record.model_copy(
        update={
            "unread": (),
            "results_posted": False,
            "interventions": tuple(one.name for one in record.interventions),
            "eligibility": tuple(
                (one.kind, one.text) for one in sorted(record.eligibility, key=lambda one: one.kind)
            ),
        }
    )
