"""Time frames: what words tell of intervals, days and ends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hepatica.protocol.registry.time_frame import parse_time_frame

DAYS_PER_MONTH = 30.4375


@pytest.mark.parametrize(
    ("text", "every", "at", "up_to"),
    [
        ("each 42 days up to PD or death (up to 24 months)", 42, (), 24 * DAYS_PER_MONTH),
        ("every 6-8 weeks until progression, up to 2 years", 42, (), 730.5),
        ("every other week", 14, (), None),
        ("4, 8, and 12 weeks after administration", None, (28, 56, 84), None),
        ("Baseline, Week 16", None, (112,), None),
        ("Day 14 to 17", None, (), 17),
        ("Day 29-31", None, (), 31),
        ("Up to 7 (± 1) days after the day of study intervention", None, (), 7),
        ("Within 30 days, vaccine administered on Day 30-60", None, (), 30),
        ("Through study completion, an average of 1 year", None, (), 365.25),
        ("from predose until 12 hr post dose", None, (), 0.5),
        ("six months", None, (), 6 * DAYS_PER_MONTH),
        ("Until 30 day safety follow-up visit", None, (), 30),
    ],
)
def test_words_are_read_as_days(
    text: str, every: float | None, at: tuple[float, ...], up_to: float | None
) -> None:
    frame = parse_time_frame(text)
    assert frame.understood
    assert (frame.every, frame.at, frame.up_to) == (every, at, up_to)


@pytest.mark.parametrize("text", ["", "On admission", "at the clinic", "cycle 2"])
def test_words_without_a_length_are_said_not_to_be_understood(text: str) -> None:
    frame = parse_time_frame(text)
    assert not frame.understood
    assert frame.text == text


def test_events_that_end_a_time_frame_are_named() -> None:
    frame = parse_time_frame("From randomisation until progression or death, up to 100 months")
    assert frame.until == ("progression", "death")


@given(
    every=st.integers(1, 200),
    end=st.integers(1, 60),
    unit=st.sampled_from(["days", "weeks", "months", "years"]),
)
def test_an_interval_and_an_end_are_told_apart(every: int, end: int, unit: str) -> None:
    length = {"days": 1, "weeks": 7, "months": DAYS_PER_MONTH, "years": 365.25}[unit]
    frame = parse_time_frame(f"every {every} days, up to {end} {unit}")
    assert frame.every == every
    assert frame.up_to == pytest.approx(end * length)
    assert frame.at == ()


@given(st.text(max_size=80))
def test_any_text_is_kept(text: str) -> None:
    assert parse_time_frame(text).text == text.strip()
