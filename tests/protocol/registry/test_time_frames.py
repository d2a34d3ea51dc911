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


@pytest.mark.parametrize(
    ("text", "every", "at", "up_to"),
    [
        ("Weeks 4, 8, 12 and 24", None, (28, 56, 84, 168), None),
        ("Days 1, 8, and 15 of each 28-day cycle", 28, (1, 8, 15), None),
        ("3, 6 and 12 months", None, (3 * DAYS_PER_MONTH, 6 * DAYS_PER_MONTH, 365.25), None),
        ("1-year, 3-year and 5-year", None, (365.25, 3 * 365.25, 5 * 365.25), None),
        ("12/24 months", None, (365.25, 730.5), None),
        ("1 hr, 2 hr and 4 hr", None, (1 / 24, 2 / 24, 4 / 24), None),
        ("Baseline and 12 weeks", None, (84,), None),
        ("Baseline to Week 52", None, (), 364),
        ("from week 1 to week 24", None, (), 168),
        ("day -7 to day 28", None, (), 28),
        ("at 6 months", None, (6 * DAYS_PER_MONTH,), None),
        ("Day 0, Day 7, Day 14 (+/- 3 days)", None, (0, 7, 14), None),
        ("Day 14 ± 3 days", None, (14,), None),
        ("every 6±1 weeks", 42, (), None),
        ("every six to eight weeks", 42, (), None),
        ("Every 2 cycles (each cycle is 21 days)", 42, (), None),
        ("up to 6 cycles (each cycle is 28 days)", None, (), 168),
        ("Cycle 1, Day 1; Cycle 2, Day 1 (21-day cycles)", None, (1, 22), None),
        ("Cycle 1 (28 days)", None, (), 28),
        ("every 12 weeks (Q12W) up to 3 years", 84, (), 3 * 365.25),
        ("Every 9 weeks (63 days)", 63, (), None),
        ("Quarterly for 2 years", 3 * DAYS_PER_MONTH, (), 730.5),
        ("twenty-four months", None, (), 730.5),
        ("one and a half years", None, (), 1.5 * 365.25),
        ("no more than 2 years", None, (), 730.5),
        ("up to 1,000 days", None, (), 1000),
        ("D1, D8, D15", None, (1, 8, 15), None),
        ("From randomisation to death, whichever comes first, up to 5 years", None, (), 5 * 365.25),
    ],
)
def test_other_phrasings_are_read_whole(
    text: str, every: float | None, at: tuple[float, ...], up_to: float | None
) -> None:
    frame = parse_time_frame(text)
    assert (frame.every, frame.up_to) == (every, up_to)
    assert frame.at == pytest.approx(at)
    assert not frame.unread


def test_an_interval_that_changes_is_read_in_order() -> None:
    frame = parse_time_frame("every 8 weeks for the first year, then every 12 weeks, up to 3 years")
    assert (frame.every, frame.later, frame.changes) == (56, (84,), (365.25,))
    assert frame.up_to == 3 * 365.25
    frame = parse_time_frame("every 6 weeks through week 24, every 9 weeks thereafter")
    assert (frame.every, frame.later, frame.changes, frame.up_to) == (42, (63,), (168,), None)


@pytest.mark.parametrize(
    ("text", "days", "up_to"),
    [
        ("From Day 1 until 90 days after the last dose", 90, None),
        ("Up to 30 days after last dose, up to 27 months", 30, 27 * DAYS_PER_MONTH),
        ("Until 30 day safety follow-up visit", 30, None),
        ("1 month after the end of treatment", DAYS_PER_MONTH, None),
    ],
)
def test_days_after_the_last_dose_are_no_days_from_the_start(
    text: str, days: float, up_to: float | None
) -> None:
    frame = parse_time_frame(text)
    assert frame.understood
    assert (frame.after_end, frame.up_to, frame.at) == (days, up_to, ())


@pytest.mark.parametrize(
    ("text", "unread"),
    [
        ("C1D1, C1D8, C2D1", ("c1d1", "c1d8", "c2d1")),
        ("24 months after the last patient is enrolled", ("24 months after the last patient",)),
        ("at least 2 years", ("at least 2 years",)),
        ("twice a week", ("twice a week",)),
        ("biweekly", ("biweekly",)),
        ("Each visit", ("each visit",)),
        ("Visit 3 (Day 30-60)", ("visit 3", "day 30-60")),
        ("every 0 days", ("0 days",)),
        ("99999999999 years", ("3.6525e+13 days",)),
        ("up to cycle 6", ("cycle 6",)),
    ],
)
def test_what_is_not_understood_is_named(text: str, unread: tuple[str, ...]) -> None:
    frame = parse_time_frame(text)
    assert not frame.understood
    assert frame.unread == unread


def test_a_text_of_any_length_is_answered_at_once() -> None:
    for text in ("every " * 170_000, " " * 1_000_000 + "x", "12 weeks and " * 80_000):
        assert parse_time_frame(text).unread == ("more than 2000 characters",)
