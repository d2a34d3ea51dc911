"""Figures of designs, measured on the finished file: marks at their places, no texts that touch."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from drawn import areas, clashes, named, outside, texts

from hepatica.errors import AnalysisError
from hepatica.present.design_answer import DesignAnswer, answer_document, answer_figure
from hepatica.present.figures.design_bounds import figure_bounds
from hepatica.present.figures.design_power import figure_power
from hepatica.present.plan import document_html
from hepatica.present.plan.word import document_docx
from hepatica.single.design import ErrorRates, TimeOfTrial
from hepatica.single.design_proportions import one_proportion
from hepatica.single.design_sequential import looks_of_trial, monitoring, threshold_design
from hepatica.single.design_survival import single_arm_logrank
from hepatica.single.design_two_arms import two_arms
from hepatica.stats.design import Futility, group_sequential

ERRORS = ErrorRates()
ONE_SIDED = ErrorRates(0.025, 0.9, 1)
TIME = TimeOfTrial(12, 18)
ANSWERS = {
    "sawtooth": one_proportion(0.65, 0.80, ERRORS, also=(0.75, 0.85)),
    "one arm": single_arm_logrank((0.65, 0.8), 3, TIME, ERRORS, also=(0.75, 0.77, 0.83, 0.85, 0.9)),
    "two arms": two_arms(0.7, 6, TIME, ERRORS, also=(0.6,)),
    "two looks": looks_of_trial(2, ERRORS, bounds="pocock"),
    "five looks": looks_of_trial(5, ERRORS),
    "futility": looks_of_trial((0.3, 0.5, 0.55, 1.0), ONE_SIDED, futility=Futility("pocock")),
    "many looks": looks_of_trial(20, ERRORS, bounds="obrien-fleming"),
    "counts": monitoring((0.2, 0.4), (10, 20, 30, 40), thresholds=(0.05, 0.99, 0.95)),
    "each patient": monitoring((0.2, 0.4), tuple(range(10, 37)), rule="predictive"),
    "bop2": threshold_design((0.2, 0.4), (10, 20, 30, 40)),
}


@pytest.mark.parametrize("width", [180, 85])
@pytest.mark.parametrize("name", ANSWERS)
def test_nothing_touches_and_nothing_leaves_the_page(name: str, width: int) -> None:
    figure = answer_figure(ANSWERS[name])
    assert figure is not None
    drawing = figure.wide if width == 180 else figure.narrow
    assert drawing is not None
    assert drawing.width_mm == width
    assert clashes(drawing) == []
    assert outside(drawing) == []
    assert drawing.height_mm < 235
    assert drawing.png.startswith(b"\x89PNG")


def test_points_stand_at_the_size_and_its_power() -> None:
    spec = ANSWERS["sawtooth"].power
    assert spec is not None
    drawing = figure_power(spec)
    assert [one.needed for one in spec.curves] == [73, 167, 41]
    assert ("0.8: n = 73") in [text for text, _ in texts(drawing)]
    ticks = {text: box for text, box in texts(drawing) if text in ("0", "100", "200")}
    per_patient = (ticks["200"].x0 - ticks["100"].x0) / 100
    middle = (ticks["100"].x0 + ticks["100"].x1) / 2
    circle = areas(drawing, "arm-1")
    # A square of the key, and the point: the last one.
    point = circle[-1][1]
    assert (point.x0 + point.x1) / 2 == pytest.approx(middle + (73 - 100) * per_patient, abs=0.05)


def test_the_sawtooth_falls_and_rises() -> None:
    spec = ANSWERS["sawtooth"].power
    assert spec is not None
    power = spec.curves[0].power
    falls = [after < before for before, after in pairwise(power[20:])]
    assert any(falls)
    assert not all(falls)
    assert len(named(figure_power(spec), "power-1")) == len(power)


def test_bounds_are_drawn_at_their_looks() -> None:
    spec = ANSWERS["five looks"].bounds
    assert spec is not None
    drawing = figure_bounds(spec)
    upper, lower = (named(drawing, f"bound-1-{side}") for side in ("upper", "lower"))
    assert len(upper) == len(lower) == 5
    middle = (upper[0][1] + lower[0][1]) / 2
    values = group_sequential(5).upper
    heights = [middle - y for _, y in upper]
    assert heights == pytest.approx([heights[0] * v / values[0] for v in values], rel=1e-3)
    shown = [text for text, _ in texts(drawing)]
    assert {"4.88", "3.36", "2.68", "2.29", "2.03", "Nominal P"} <= set(shown)


def test_a_missing_bound_is_said() -> None:
    spec = ANSWERS["counts"].bounds
    assert spec is not None
    assert "–" in [text for text, _ in texts(figure_bounds(spec))]
    assert "Stop for futility: 0 at 20, 2 at 30, 12 at 40." in figure_bounds(spec).alt


def test_what_cannot_be_drawn_is_refused() -> None:
    power, bounds = ANSWERS["sawtooth"].power, ANSWERS["two looks"].bounds
    assert power is not None
    assert bounds is not None
    with pytest.raises(AnalysisError, match="one to 6"):
        figure_power(replace(power, curves=()))
    with pytest.raises(AnalysisError, match="no bound"):
        figure_bounds(replace(bounds, bounds=()))


def test_the_page_and_the_word_file_hold_the_figure() -> None:
    answer = ANSWERS["futility"]
    document = answer_document(answer, answer_figure(answer))
    page = document_html(document)
    assert page.count("<svg") >= 2
    assert "O&#39;Brien–Fleming" in page
    assert b"word/media/image1.png" in document_docx(document)


def test_a_design_without_a_figure_has_a_page() -> None:
    answer = DesignAnswer(id="x", title="<b>", asked={"n": None}, found={"n": 12480, "power": 0.8})
    page = document_html(answer_document(answer, answer_figure(answer)))
    assert "&lt;b&gt;" in page
    assert "12\u2009480" in page
