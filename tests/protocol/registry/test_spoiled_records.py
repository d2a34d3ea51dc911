"""Spoiled registry files: refused in words, or read with what is odd named."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hepatica.errors import CommandError
from hepatica.protocol.read import parse_protocol
from hepatica.protocol.registry import RegistryRecord, read_record
from hepatica.protocol.registry.api_record import api_record
from hepatica.protocol.registry.record import (
    Criterion,
    Intervention,
    Outcome,
    RegisteredArm,
    clean_text,
)
from hepatica.protocol.registry.skeleton import protocol_skeleton
from hepatica.protocol.registry.time_frame import parse_time_frame

HEAD = "NCT Number,Study Title,Conditions,Interventions,Primary Outcome Measures,Enrollment\n"
ROW = 'NCT2,T,HCC,DRUG: X,"PFS, up to 2 years",28\n'


def _study(**modules: Any) -> bytes:
    section = {"identificationModule": {"nctId": "NCT1", "briefTitle": "T"}, **modules}
    return json.dumps({"protocolSection": section}).encode()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04\x00", "is no text"),
        (b"[" * 50_000, "nested deeper"),
        (b'{"protocolSection":' + b'{"a":' * 50_000 + b"1" + b"}" * 50_001, "nested deeper"),
        (b"Hello", "is no registry record"),
        (b"study:\n  id: X\n  title: Y\n", "is no registry record"),
        (b"USUBJID,AGE\n1,2\n3,4\n", "is no registry record"),
        (b"word " * 200_000, "is no registry record"),
        ((HEAD + 'NCT2,"T\n').encode(), "no whole CSV table at line 2"),
        ((HEAD + ROW.strip() + ",x\n").encode(), "line 2 has more cells"),
        ((HEAD + ",,,,,\n").encode(), "no study below it"),
    ],
)
def test_a_spoiled_file_is_refused_in_words(content: bytes, words: str) -> None:
    with pytest.raises(CommandError, match=words):
        read_record(content, "file")


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + (HEAD + ROW).replace("\n", "\r\n").encode(),
        (HEAD.lower() + ROW).encode(),
        (HEAD.replace("Study Title", "Title") + ROW).encode(),
        (HEAD.replace(",", ";") + 'NCT2;T;HCC;DRUG: X;"PFS, up to 2 years";28\n').encode(),
        (HEAD.replace(",", "\t") + "NCT2\tT\tHCC\tDRUG: X\tPFS, up to 2 years\t28.0\n").encode(),
    ],
)
def test_other_spellings_of_the_export_are_read(content: bytes) -> None:
    record = read_record(content, "export.csv")
    assert (record.id, record.public_title, record.enrolment) == ("NCT2", "T", 28)
    assert record.outcomes[0].time_frame.up_to == 730.5


def test_a_long_cell_is_read_whole() -> None:
    record = read_record((HEAD + ROW.replace("HCC", "x" * 200_000)).encode(), "export.csv")
    assert len(record.conditions[0]) == 200_000


@pytest.mark.parametrize("count", [-5, True, "many", 10**30, [28]])
def test_a_number_of_participants_that_is_none_is_named(count: object) -> None:
    record = read_record(_study(designModule={"enrollmentInfo": {"count": count}}), "odd.json")
    assert record.enrolment is None
    assert record.unread == ("designModule.enrollmentInfo.count",)


def test_signs_that_no_text_has_are_left_out() -> None:
    title = {"briefTitle": "A\u0000 <b>\u001b\ttitle\ud800"}
    record = read_record(_study(identificationModule=title), "odd.json")
    assert record.public_title == "A <b> title"
    assert parse_protocol(protocol_skeleton(record).text).registration == record


def test_arms_of_one_name_get_names_of_their_own() -> None:
    arms = [{"label": "A"}, {"label": "A"}, {"label": "A (2)"}]
    record = read_record(_study(armsInterventionsModule={"armGroups": arms}), "arms.json")
    labels = [arm.label for arm in parse_protocol(protocol_skeleton(record).text).arms]
    assert labels == ["A", "A (3)", "A (2)"]


_TEXT = st.text(max_size=30).map(clean_text)
_NAMED = _TEXT.filter(bool)
_OUTCOME = st.builds(
    Outcome,
    role=st.sampled_from(["primary", "secondary", "other"]),
    measure=_NAMED,
    description=_TEXT,
    time_frame=st.one_of(st.just("every 6 weeks up to 2 years"), _TEXT).map(parse_time_frame),
)
_RECORD = st.builds(
    RegistryRecord,
    registry=st.just("ClinicalTrials.gov"),
    id=st.just("NCT00000001"),
    secondary_ids=st.lists(_NAMED, max_size=2).map(tuple),
    public_title=_TEXT,
    summary=_TEXT,
    conditions=st.lists(_NAMED, max_size=2).map(tuple),
    study_type=st.just("INTERVENTIONAL"),
    phases=st.lists(st.sampled_from(["PHASE2", "PHASE3"]), max_size=2).map(tuple),
    enrolment=st.none() | st.integers(0, 10**8),
    arms=st.lists(
        st.builds(RegisteredArm, label=_NAMED, interventions=st.tuples(_NAMED)), max_size=2
    ).map(tuple),
    interventions=st.lists(
        st.builds(Intervention, name=_NAMED, kind=st.just("DRUG")), max_size=2
    ).map(tuple),
    outcomes=st.lists(_OUTCOME, max_size=4).map(
        lambda some: tuple(
            sorted(some, key=lambda one: ("primary", "secondary", "other").index(one.role))
        )
    ),
    eligibility=st.just(
        (Criterion(kind="inclusion", text="HCC"), Criterion(kind="exclusion", text="Pregnancy"))
    ),
    healthy_volunteers=st.none() | st.booleans(),
)


@settings(max_examples=60, deadline=None)
@given(record=_RECORD)
def test_what_is_written_is_read_again(record: RegistryRecord) -> None:
    assert read_record(json.dumps(api_record(record)).encode(), "again.json") == record


@settings(max_examples=25, deadline=None)
@given(record=_RECORD)
def test_any_record_becomes_a_protocol_that_holds_it(record: RegistryRecord) -> None:
    assert parse_protocol(protocol_skeleton(record).text).registration == record
