"""The parts that figures are made of: text, boxes, axis, strip."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath

from hepatica.present.figures.axis import named_every, tick_days
from hepatica.present.figures.boxes import Box, Obstacles
from hepatica.present.figures.text import (
    FONTS,
    clean,
    drawable,
    font_file,
    shorten,
    text_width,
    wrap,
)
from hepatica.present.theme import MM_PER_PT

MONTH = 30.4375
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
PLACES = st.one_of(st.none(), st.floats(-1, 2), st.just(float("nan")))


def test_the_font_comes_with_its_licence() -> None:
    licence = (FONTS / "LICENSE").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert "Reserved Font Name Liberation" in licence
    for bold in (False, True):
        data = font_file(bold).read_bytes()
        assert "SIL Open Font License".encode("utf-16-be") in data or b"SIL Open Font" in data


@pytest.mark.parametrize("bold", [False, True])
@pytest.mark.parametrize("text", ["0123456789", "Patients at risk (%)", "µmol/L − 95% CI"])
def test_width_is_what_matplotlib_draws(text: str, bold: bool) -> None:
    font = FontProperties(fname=str(font_file(bold)), size=100)
    drawn, _, _ = TextToPath().get_text_width_height_descent(text, font, ismath=False)
    assert text_width(text, 100, bold) / MM_PER_PT == pytest.approx(drawn, rel=0.02)


def test_digits_are_of_one_width() -> None:
    assert len({text_width(digit, 7.5) for digit in "0123456789"}) == 1


@given(text=WORDS, width=st.floats(5, 80))
def test_lines_are_never_wider_than_asked(text: str, width: float) -> None:
    shown = clean(text)
    for line in wrap(shown, 7.5, width):
        assert text_width(line, 7.5) <= width or line == "…"
    assert len(wrap(shown, 7.5, width, lines=2)) <= 2
    short = shorten(shown, 7.5, width)
    assert text_width(short, 7.5) <= width or short == "…"


@given(text=WORDS)
def test_clean_text_is_valid_xml(text: str) -> None:
    shown = clean(text)
    assert "\n" not in shown
    element = ElementTree.Element("a")
    element.text = shown
    assert ElementTree.fromstring(ElementTree.tostring(element, "unicode")).text == (shown or None)


def test_signs_that_the_font_lacks_do_not_stop_a_picture() -> None:
    assert drawable("n = 5 中", bold=False) == "n = 5 □"
    assert drawable("12\u2009480 ≥ µ −", bold=True) == "12\u2009480 ≥ µ −"


@given(last=st.floats(0, 6000))
def test_axis_ends_at_the_first_tick_past_the_last_follow_up(last: float) -> None:
    days = tick_days(last)
    steps = np.diff(days)
    assert days[0] == 0
    assert days[-1] >= last - 1e-3
    assert days[-2] < max(last, 1.0)
    months = last / MONTH
    step = 3 if months <= 24 else 6 if months <= 60 else 12
    assert steps == pytest.approx(step * MONTH)


def test_no_more_ticks_are_named_than_fit() -> None:
    days = tick_days(120 * MONTH)
    assert named_every(days, 5.0, 150.0) == 1
    assert named_every(days, 14.0, 68.0) == 5
    assert named_every(days[:8], 8.0, 50.0) == 2


def test_obstacles_know_what_is_free() -> None:
    obstacles = Obstacles([Box(0, 0, 2, 2)])
    assert not obstacles.free(Box(1, 1, 3, 3))
    assert obstacles.free(Box(2, 2, 3, 3))
    obstacles.add(Box(2, 2, 4, 4))
    assert not obstacles.free(Box(2, 2, 3, 3))
    assert Obstacles().free(Box(0, 0, 1, 1))
