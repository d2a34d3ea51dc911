"""The waterfall: bars, counts over all patients, and no subject in the file."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import pytest
from patient_cases import (
    HOSTILE,
    Courses,
    arms,
    check_layout,
    counted,
    filled,
    invented,
    plate,
    texts,
)
from test_figures_geometry import text_boxes

from hepatica.errors import AnalysisError
from hepatica.present.figures.courses import Course
from hepatica.present.figures.strips import Strip
from hepatica.present.figures.waterfall import WaterfallSpec, figure_waterfall
from hepatica.present.theme import LIGHT


def spec(courses: Courses, *names: str, **changes: object) -> WaterfallSpec:
    made = WaterfallSpec(
        plate=plate("waterfall"),
        groups=arms(*(names or ("Anlotinib", "Placebo"))),
        counts=counted(courses),
        criteria="RECIST 1.1, investigator",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def course(best: float | None, response: str, **more: object) -> Course:
    changes = () if best is None else ((40, best + 5.0), (80, best))
    words = {"name": "X-1", "group": "Anlotinib", "response": response, "changes": changes}
    return Course(**(words | more))  # type: ignore[arg-type]


FEW = (
    course(-60.0, "PR"),
    course(30.0, "PD", group="Placebo"),
    course(None, "MISSING"),
    course(-10.0, "SD", ongoing=True),
)


def test_bars_fall_from_the_left_and_are_as_long_as_the_best_change() -> None:
    drawing = figure_waterfall(FEW, spec(FEW))
    responder = max(filled(drawing, LIGHT["response-pr"]), key=lambda box: box.height)
    grown = max(filled(drawing, LIGHT["response-pd"]), key=lambda box: box.height)
    stable = max(filled(drawing, LIGHT["response-sd"]), key=lambda box: box.height)
    assert grown.x1 < stable.x0 < stable.x1 < responder.x0
    assert responder.height / grown.height == pytest.approx(2.0, rel=0.01)
    assert responder.height / stable.height == pytest.approx(6.0, rel=0.01)
    assert responder.y0 == pytest.approx(grown.y1, abs=0.01)


def test_counts_are_over_all_patients_those_without_a_bar_included() -> None:
    drawing = figure_waterfall(FEW, spec(FEW))
    shown = texts(drawing)
    assert shown.count("1 (25)") == 4
    assert "3 of 4 patients; 1 without a measurement after baseline" in " ".join(shown)
    assert len(drawing.row_ids) == 12


def test_counts_that_are_not_those_of_the_patients_are_refused() -> None:
    with pytest.raises(AnalysisError, match=r"the results count 2, the datasets 1; .* is 1"):
        figure_waterfall(FEW, spec((*FEW, course(-50.0, "PR"))))


def test_bars_above_a_doubling_are_cut_and_say_their_value() -> None:
    high = (*FEW, course(143.0, "PD"), course(220.4, "PD"))
    drawing = figure_waterfall(high, spec(high))
    shown = texts(drawing)
    assert {"+143", "+220"} <= set(shown)
    heights = sorted(box.height for box in filled(drawing, LIGHT["response-pd"]))
    assert heights[-1] == heights[-2] == pytest.approx(heights[-3] * 100 / 30, rel=0.01)


def test_signs_say_new_lesions_and_unconfirmed_responses() -> None:
    signed = (*FEW, course(5.0, "PD", new_lesion=True), course(-40.0, "SD", unconfirmed=True))
    shown = texts(figure_waterfall(signed, spec(signed)))
    assert (shown.count("†"), shown.count("‡")) == (1, 1)
    assert "† Progression with a new lesion. ‡ Response not confirmed." in " ".join(shown)


@pytest.mark.parametrize("number", [1, 5, 50, 130, 500])
@pytest.mark.parametrize("width", [180, 85])
def test_nothing_overlaps(number: int, width: int) -> None:
    long = "A very long name of an arm that no strip can hold in a figure"
    for names in (("Cohort 1", "Cohort 2"), (HOSTILE, long, "中文")):
        courses = tuple(
            one if one.best is not None else replace(one, response="MISSING")
            for one in invented(number, arms=names)
        )
        drawing = figure_waterfall(courses, spec(courses, *names), width_mm=width)  # type: ignore[arg-type]
        check_layout(drawing)
        assert "<script" not in drawing.svg + drawing.page_svg


def test_no_subject_is_named_anywhere() -> None:
    courses = invented(50)
    for width in (180, 85):
        drawing = figure_waterfall(courses, spec(courses), width_mm=width)
        for text in (drawing.svg, drawing.page_svg, drawing.alt, " ".join(drawing.row_ids)):
            assert "SUBJECT" not in text
        assert b"SUBJECT" not in drawing.png


def test_five_hundred_patients_are_bars_only() -> None:
    courses = invented(500)
    shown = texts(figure_waterfall(courses, spec(courses)))
    assert "Ongoing" not in shown
    assert "†" not in shown
    assert "Placebo" not in shown


def test_alternative_text_has_kind_numbers_and_status() -> None:
    assert figure_waterfall(FEW, spec(FEW)).alt == (
        "Waterfall of the best change in the sum of target lesions from baseline, 3 of 4 patients, "
        "from +30% to −60%. Best overall response: partial response 1 (25%), stable disease 1 "
        "(25%), progressive disease 1 (25%), missing 1 (25%). Constructed patients."
    )


def test_same_patients_give_the_same_bytes() -> None:
    courses = invented(50)
    assert figure_waterfall(courses, spec(courses)) == figure_waterfall(courses, spec(courses))


def test_without_a_measurement_there_is_no_figure() -> None:
    nobody = (course(None, "MISSING"),)
    with pytest.raises(AnalysisError, match="No patient"):
        figure_waterfall(nobody, spec(nobody))


HIGH, LOW = "400 ng/mL or more", "Below 400 ng/mL"
MARKERS = (Strip("Alpha-fetoprotein", LOW, HIGH), Strip("CXCL1", "CXCL1 low", "CXCL1 high", True))


def marked(number: int) -> Courses:
    """Return patients above and below two cut-points; a third lacks the second marker."""
    second = ("CXCL1 high", "CXCL1 low", None)
    return tuple(
        replace(one, categories=(HIGH if place % 2 else LOW, second[place % 3]))
        for place, one in enumerate(invented(number, seed=4))
    )


def test_markers_have_signs_below_the_bars_and_the_note_explains_them() -> None:
    courses = marked(30)
    drawing = figure_waterfall(courses, spec(courses, strips=MARKERS))
    shown = texts(drawing)
    drawn = [one for one in courses if one.best is not None]
    assert {"Alpha-fetoprotein", "CXCL1"} <= set(shown)
    above = sum((one.categories[0] == HIGH) + (one.categories[1] == "CXCL1 high") for one in drawn)
    assert shown.count("+") == above
    assert shown.count("?") == sum(one.categories[1] is None for one in drawn)
    note = " ".join(shown)
    assert "Alpha-fetoprotein: + 400 ng/mL or more, − below 400 ng/mL." in note
    assert "? not measured; the cut-point was chosen from these data: exploratory." in note


@pytest.mark.parametrize("number", [1, 5, 50, 130, 500])
@pytest.mark.parametrize("width", [180, 85])
def test_nothing_overlaps_with_markers(number: int, width: Literal[85, 180]) -> None:
    courses = marked(number)
    drawing = figure_waterfall(courses, spec(courses, strips=MARKERS), width_mm=width)
    check_layout(drawing)
    if number == 50 and width == 85:
        shown = texts(drawing)
        assert tuple(one for one in shown if "lpha" in one or "feto" in one)[:2] == (
            "Alpha-",
            "fetoprotein",
        )


@pytest.mark.parametrize("width", [180, 85])
def test_values_of_cut_bars_stand_clear_of_the_table(width: Literal[85, 180]) -> None:
    courses = tuple(
        course(best, "PD" if best > 20 else "SD") for best in (144, 140, 138, *range(20, -24, -1))
    )
    drawing = figure_waterfall(courses, spec(courses), width_mm=width)
    swatches = [
        box
        for box in filled(drawing, LIGHT["response-pd"])
        if box.width == pytest.approx(3.3, abs=0.05)
    ]
    values = [box for text, box in text_boxes(drawing) if text in {"+144", "+140", "+138"}]
    assert len(values) == 3
    assert not any(value.grown(0.5).meets(one) for value in values for one in swatches)
