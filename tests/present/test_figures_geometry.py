"""Nothing overlaps: measured on the finished file, not on what the layout believes."""

from __future__ import annotations

import itertools
import re
from functools import cache
from xml.etree import ElementTree

import pytest
from cases import CASES

from hepatica.present.figures.boxes import Box, stroke_boxes
from hepatica.present.figures.canvas import Drawing
from hepatica.present.figures.kaplan_meier import figure_kaplan_meier
from hepatica.present.figures.text import text_width
from hepatica.present.theme import MM_PER_PT

SVG = "{http://www.w3.org/2000/svg}"
# Capitals and digits reach this high; the box of layout is a little taller.
CAP, DEPTH = 0.70, 0.20


@cache
def figure(name: str, width: int) -> Drawing:
    results, spec = CASES[name]()
    return figure_kaplan_meier(results, spec, width_mm=width)  # type: ignore[arg-type]


def text_boxes(drawing: Drawing) -> list[tuple[str, Box]]:
    found = []
    for element in ElementTree.fromstring(drawing.svg).iter(f"{SVG}text"):
        text = element.text or ""
        size = float(element.get("font-size", "0")) / 10
        width = text_width(text, size / MM_PER_PT, element.get("font-weight") == "bold")
        x, y = (float(element.get(axis, "nan")) / 10 for axis in ("x", "y"))
        shift = {"start": 0.0, "middle": 0.5, "end": 1.0}[element.get("text-anchor", "start")]
        left = x - shift * width
        depth = DEPTH if re.search(r"[gjpqy(),;]", text) else 0.02
        if element.get("transform"):
            low = y + shift * width
            found.append((text, Box(x - CAP * size, low - width, x + depth * size, low)))
            continue
        found.append((text, Box(left, y - CAP * size, left + width, y + depth * size)))
    return found


def strokes(drawing: Drawing, names: str) -> list[tuple[str, Box]]:
    found = []
    for element in ElementTree.fromstring(drawing.svg).iter(f"{SVG}path"):
        name = element.get("id", "")
        if not re.search(names, name):
            continue
        width = float(element.get("stroke-width", "0")) / 10
        for run in element.get("d", "").split("M")[1:]:
            points = _points(run)
            found += [(name, box) for box in stroke_boxes(points, width)]
    return found


def _points(run: str) -> list[tuple[float, float]]:
    start, *moves = re.findall(r"[HV]?[^HVL]+", run)
    x, y = (float(number) / 10 for number in start.split(" "))
    points = [(x, y)]
    for move in moves:
        value = float(move[1:]) / 10
        x, y = (value, y) if move[0] == "H" else (x, value)
        points.append((x, y))
    return points


EVERY = [(name, width) for name in CASES for width in (180, 85)]


@pytest.mark.parametrize(("name", "width"), EVERY)
def test_no_two_texts_overlap(name: str, width: int) -> None:
    boxes = text_boxes(figure(name, width))
    assert len(boxes) > 10
    clashes = [
        (first, second)
        for (first, one), (second, two) in itertools.combinations(boxes, 2)
        if one.meets(two)
    ]
    assert clashes == []


@pytest.mark.parametrize(("name", "width"), EVERY)
def test_no_text_touches_a_curve_a_tick_or_a_line(name: str, width: int) -> None:
    drawing = figure(name, width)
    lines = strokes(drawing, r"-(curve|censored|median|half|axes)(-\d)?$")
    assert any("-curve-" in line for line, _ in lines)
    clashes = [
        (text, line)
        for text, box in text_boxes(drawing)
        for line, stroke in lines
        if box.meets(stroke)
    ]
    assert clashes == []


@pytest.mark.parametrize(("name", "width"), EVERY)
def test_everything_stands_on_the_page(name: str, width: int) -> None:
    drawing = figure(name, width)
    page = Box(0.5, 0.5, drawing.width_mm - 0.5, drawing.height_mm - 0.5)
    outside = [text for text, box in text_boxes(drawing) if not box.within(page)]
    assert outside == []
    assert drawing.height_mm <= 235


@pytest.mark.parametrize("name", ["reference", "three", "four", "six", "not_reached", "cohorts"])
def test_names_stand_at_their_curves_where_there_is_room(name: str) -> None:
    results, spec = CASES[name]()
    shown = [text for text, _ in text_boxes(figure(name, 180))]
    for group in spec.groups:
        assert shown.count(group.shown) == 3
    assert len(list(results)) > 0


def test_names_move_to_keys_where_curves_cannot_be_told_apart() -> None:
    boxes = dict(text_boxes(figure("same_curves", 180)))
    title = boxes["Patients without progression (%)"]
    arms = [box for text, box in text_boxes(figure("same_curves", 180)) if text == "Arm A"]
    assert any(box.x0 < 20 and title.y1 < box.y0 < title.y1 + 4 for box in arms)
