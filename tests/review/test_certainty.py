"""The arithmetic of certainty, by hand and for every sum of steps."""

from __future__ import annotations

import itertools

import pytest

from hepatica.protocol.certainty import (
    CERTAINTY_WORDS,
    Certainty,
    Judgement,
    RatedDown,
    RatedUp,
    certainty_of,
    certainty_word,
)


@pytest.mark.parametrize(
    ("start", "down", "up", "word"),
    [
        ("high", 0, 0, "high"),
        ("high", 1, 0, "moderate"),
        ("high", 2, 0, "low"),
        ("high", 3, 0, "very low"),
        ("high", 4, 0, "very low"),
        ("high", 0, 1, "high"),
        ("low", 0, 0, "low"),
        ("low", 1, 0, "very low"),
        ("low", 0, 1, "moderate"),
        ("low", 0, 2, "high"),
        ("low", 0, 5, "high"),
    ],
)
def test_the_word_by_hand(start: str, down: int, up: int, word: str) -> None:
    assert certainty_word(start, down, up) == word


def test_never_above_high_or_below_very_low_and_never_raised_by_a_step_down() -> None:
    for start, down, up in itertools.product(("high", "low"), range(11), range(7)):
        here = CERTAINTY_WORDS.index(certainty_word(start, down, up))
        assert CERTAINTY_WORDS.index(certainty_word(start, down + 1, up)) <= here
        assert CERTAINTY_WORDS.index(certainty_word(start, down, up + 1)) >= here


@pytest.mark.parametrize(("start", "down", "up"), [("middle", 0, 0), ("high", -1, 0)])
def test_what_is_no_rating_is_refused(start: str, down: int, up: int) -> None:
    with pytest.raises(ValueError, match="start is high or low"):
        certainty_word(start, down, up)


def test_steps_of_all_domains_are_summed() -> None:
    one, two = Judgement(steps=1, reason="a"), Judgement(steps=2, reason="b")
    down = RatedDown(risk_of_bias=one, publication_bias=one)
    assert certainty_of(Certainty(start="high", down=down)) == "low"
    assert certainty_of(Certainty(start="low", up=RatedUp(large_effect=two))) == "high"
