"""What plain words of study.yaml are read as: what the reader sees, and nothing else."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from hepatica.protocol import parse_protocol
from hepatica.protocol.nodes import plain, read_nodes

BASE = (Path(__file__).parent / "base.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("NO", "NO"),
        ("no", "no"),
        ("on", "on"),
        ("Y", "Y"),
        ("12:30", "12:30"),
        ("1:20:30", "1:20:30"),
        ("012", "012"),
        ("0o14", "0o14"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("2019-12-18", "2019-12-18"),
        ("1e3", 1000.0),
        ("0", 0),
        ("-7", -7),
        ("4.10", 4.1),
        ("true", True),
        ("null", None),
        ("~", None),
        ("None", "None"),
        (".inf", ".inf"),
        ('"12"', "12"),
        ("12345678901234567890", "12345678901234567890"),
    ],
)
def test_a_plain_word(written: str, read: object) -> None:
    node, problems = read_nodes(f"a: {written}\n")
    assert node is not None
    assert not problems
    value = plain(node)["a"]
    assert value == read
    assert type(value) is type(read)


def test_keys_are_always_words() -> None:
    node, _ = read_nodes("NO: 1\n012: 2\ntrue: 3\n")
    assert node is not None
    assert plain(node) == {"NO": 1, "012": 2, "true": 3}


def test_anchors_stand_for_their_values() -> None:
    text = BASE.replace("time_points: [12 weeks]", "time_points: &points [12 weeks]").replace(
        "  - like: os\n", "  - like: os\n    time_points: *points\n"
    )
    protocol = parse_protocol(text)
    assert protocol.endpoints[1].time_points == protocol.endpoints[0].time_points


@pytest.mark.parametrize(
    ("written", "version"), [("4.0", "4.0"), ("4.10", "4.10"), ("5", "5"), ('"5.0"', "5.0")]
)
def test_a_number_where_text_is_due_is_taken_as_it_is_written(written: str, version: str) -> None:
    text = BASE.replace("follow_up_days: 30", f"follow_up_days: 30, version: {written}")
    assert parse_protocol(text).adverse_events.version == version


def test_numbers_among_levels_are_words() -> None:
    levels = parse_protocol(BASE.replace("[M, F]", "[0, 1, 2.50]")).variables[1].levels
    assert [(level.label, level.recorded) for level in levels] == [
        ("0", "0"),
        ("1", "1"),
        ("2.50", "2.50"),
    ]


@pytest.mark.parametrize("written", ["2019-12-18", '"2019-12-18"'])
def test_a_date_is_read_quoted_or_not(written: str) -> None:
    text = BASE.replace("2019-12-18", written)
    assert parse_protocol(text).study.data_cut_off == date(2019, 12, 18)


@pytest.mark.parametrize(("written", "value"), [("no", False), ("yes", True), ("true", True)])
def test_yes_and_no_are_read_where_true_or_false_is_due(written: str, value: bool) -> None:
    text = BASE.replace("  id: S-1\n", f"  id: S-1\n  randomised: {written}\n")
    assert parse_protocol(text).study.randomised is value


def test_a_span_keeps_its_words_and_its_days() -> None:
    text = BASE.replace(
        "- like: os\n", "- like: os\n    time_points: [1 day, 2 weeks, 6 months, 1 year]\n"
    )
    points = parse_protocol(text).endpoints[1].time_points
    assert [(point.text, point.days) for point in points] == [
        ("1 day", 1.0),
        ("2 weeks", 14.0),
        ("6 months", 182.625),
        ("1 year", 365.25),
    ]
