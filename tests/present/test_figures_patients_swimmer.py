"""The swimmer plot: bars as long as treatment, marks where events were, rows by arm."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import pytest
from patient_cases import HOSTILE, Courses, arms, check_layout, filled, invented, plate, texts
from rows_report import row

from hepatica.errors import AnalysisError
from hepatica.present.figures.courses import Course
from hepatica.present.figures.swimmer import SwimmerSpec, figure_swimmer, swimmer_pages
from hepatica.present.theme import LIGHT

FEW = (
    Course(name="A-1", group="Anlotinib", response="PR", treated=300, followed=400, partial=60),
    Course(name="A-2", group="Anlotinib", response="SD", treated=100, followed=100, ongoing=True),
    Course(name="B-1", group="Placebo", response="PD", treated=50, followed=90, progressed=45,
           died=90),
    Course(name="B-2", group="Placebo", response="MISSING", followed=10),
)  # fmt: skip


def spec(courses: Courses, *names: str) -> SwimmerSpec:
    named = names or ("Anlotinib", "Placebo")
    sizes = tuple(
        row(
            "response", "n", sum(one.group == name for one in courses), level=name, format="integer"
        )
        for name in named
    )
    return SwimmerSpec(plate=plate("swimmer"), groups=arms(*named), sizes=sizes)


def test_bars_are_as_long_as_treatment_and_the_longest_comes_first() -> None:
    drawing = figure_swimmer(FEW, spec(FEW))
    key, first, second = filled(drawing, LIGHT["arm-1-bar"])
    other = filled(drawing, LIGHT["arm-2-bar"])[1]
    assert first.y1 < second.y0 < other.y0
    assert first.x0 == second.x0 == other.x0
    assert first.width == pytest.approx(3 * second.width, rel=0.01)
    assert first.width == pytest.approx(6 * other.width, rel=0.01)
    assert key.y1 < first.y0


def test_death_stands_at_its_day() -> None:
    drawing = figure_swimmer(FEW, spec(FEW))
    bar = filled(drawing, LIGHT["arm-2-bar"])[1]
    _, death = filled(drawing, LIGHT["ink"])
    middle = (death.x0 + death.x1) / 2
    assert middle - bar.x0 == pytest.approx(bar.width * 90 / 50, rel=0.01)


def test_marks_of_nearby_days_stand_above_each_other_each_on_its_day() -> None:
    near = replace(FEW[2], progressed=88)
    apart = figure_swimmer(FEW, spec(FEW))
    close = figure_swimmer((*FEW[:2], near), spec((*FEW[:2], near)))
    before, after = filled(apart, LIGHT["ink"])[1], filled(close, LIGHT["ink"])[1]
    assert (before.x0 + before.x1) / 2 == pytest.approx((after.x0 + after.x1) / 2, abs=0.02)
    assert after.y0 > before.y0
    assert after.width < before.width


def test_only_what_happened_is_in_the_key_and_who_is_not_drawn_is_said() -> None:
    shown = texts(figure_swimmer(FEW, spec(FEW)))
    assert {"First partial response", "Progression", "Death", "Treatment ongoing"} <= set(shown)
    assert "First complete response" not in shown
    assert {"A-1", "A-2", "B-1"} <= set(shown)
    assert "B-2" not in shown
    assert "1 without a first dose or an arm not drawn." in " ".join(shown)
    assert "alive at last contact" in " ".join(shown)


@pytest.mark.parametrize("number", [1, 5, 50, 130])
@pytest.mark.parametrize("width", [180, 85])
def test_nothing_overlaps(number: int, width: Literal[85, 180]) -> None:
    long = "A very long name of an arm that goes on for longer than any figure is wide, and more"
    for names in (("Cohort 1", "Cohort 2"), (HOSTILE, long, "中文")):
        courses = tuple(
            replace(one, name=f"{HOSTILE} {one.name}") for one in invented(number, arms=names)
        )
        drawing = figure_swimmer(courses, spec(courses, *names), width_mm=width)
        check_layout(drawing)
        assert "<script" not in drawing.svg + drawing.page_svg


def test_subjects_stand_in_the_column_of_names_and_nowhere_else() -> None:
    courses = invented(50)
    drawing = figure_swimmer(courses, spec(courses))
    assert drawing.svg.count("SUBJECT") == sum("SUBJECT" in text for text in texts(drawing)) == 50
    assert "SUBJECT" not in drawing.alt + " ".join(drawing.row_ids)
    assert b"SUBJECT" not in drawing.png
    for many, width in ((invented(61), 180), (courses, 85)):
        dense = figure_swimmer(many, spec(many), width_mm=width)  # type: ignore[arg-type]
        assert "SUBJECT" not in dense.svg


def test_alternative_text_has_kind_numbers_and_status() -> None:
    assert figure_swimmer(FEW, spec(FEW)).alt == (
        "Swimmer plot of 3 patients over 15 months: 2 in Anlotinib and 1 in Placebo. Patients with "
        "first partial response 1, first complete response 0, progression 1, dose reduced 0, "
        "death 1, treatment ongoing 1. Constructed patients."
    )


def test_same_patients_give_the_same_bytes() -> None:
    courses = invented(30)
    assert figure_swimmer(courses, spec(courses)) == figure_swimmer(courses, spec(courses))


@pytest.mark.parametrize("number", [0, 541])
def test_too_many_patients_or_none_are_refused(number: int) -> None:
    courses = invented(number)
    assert swimmer_pages(courses, spec(courses)) == 0
    with pytest.raises(AnalysisError, match=f"1 to 540 patients, not {number}"):
        figure_swimmer(courses, spec(courses))


def test_a_reduction_has_an_open_triangle_at_its_day() -> None:
    reduced = replace(FEW[0], reduced=200)
    courses = (reduced, *FEW[1:])
    drawing = figure_swimmer(courses, spec(courses))
    assert "Dose reduced" in texts(drawing)
    assert "Dose reduced" not in texts(figure_swimmer(FEW, spec(FEW)))
    bar = filled(drawing, LIGHT["arm-1-bar"])[1]
    marks = [
        box for box in filled(drawing, LIGHT["ink"]) if box.y0 > bar.y0 - 1 and box.y1 < bar.y1 + 1
    ]
    (mark,) = marks
    assert (mark.x0 + mark.x1) / 2 - bar.x0 == pytest.approx(bar.width * 200 / 300, rel=0.01)
    holes = [box for box in filled(drawing, LIGHT["bg"]) if box.within(mark)]
    assert len(holes) == 1


def test_an_ongoing_treatment_ends_in_its_arrow_without_a_line_behind_it() -> None:
    lines = [
        figure_swimmer((FEW[0], one), spec((FEW[0], one))).svg.count(f'stroke="{LIGHT["rule"]}"')
        for one in (replace(FEW[1], followed=250), replace(FEW[1], followed=250, ongoing=False))
    ]
    assert lines[1] - lines[0] == 1


def test_three_marks_of_nearby_days_are_told_apart() -> None:
    near = (replace(FEW[2], reduced=86, progressed=88), *FEW[:2])
    drawing = figure_swimmer(near, spec(near))
    bar = filled(drawing, LIGHT["arm-2-bar"])[1]
    ink = [box for box in filled(drawing, LIGHT["ink"]) if abs(box.y0 - bar.y0) < 3]
    middles = [(box.y0 + box.y1) / 2 for box in ink]
    cross = [box for box in filled(drawing, LIGHT["bg"]) if abs(box.y0 - bar.y0) < 3]
    assert len(ink) == 2
    assert cross
    # Reduced, progressed and died: up, down and up again.
    assert max(middles) - min(middles) < 0.3


def test_more_patients_than_a_page_holds_take_pages_of_one_axis() -> None:
    most = invented(500)
    assert swimmer_pages(most, spec(most)) == 6
    courses = invented(131, seed=3)
    made = spec(courses)
    assert swimmer_pages(courses, made) == 2
    drawings = [figure_swimmer(courses, made, page=page) for page in (1, 2)]
    bars = [
        len(filled(one, LIGHT["arm-1-bar"])) + len(filled(one, LIGHT["arm-2-bar"])) - 2
        for one in drawings
    ]
    assert bars == [66, 65]
    months = []
    for number, one in enumerate(drawings, start=1):
        check_layout(one)
        shown = texts(one)
        assert f"page {number} of 2" in " ".join(shown)
        assert any(text.endswith(", continued") for text in shown) == (number == 2)
        months.append([text for text in shown if text.isdigit()])
    assert months[0] == months[1]
    with pytest.raises(AnalysisError):
        figure_swimmer(courses, made, page=3)
