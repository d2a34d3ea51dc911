"""The spider plot: lines over time, by arm for many patients, deciles for very many."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Literal

import pytest
from patient_cases import HOSTILE, Courses, arms, check_layout, counted, invented, plate, texts
from rows_report import row

from hepatica.analyse.spider_deciles import MOST_LINES, change_deciles
from hepatica.errors import AnalysisError
from hepatica.present.figures.courses import Course
from hepatica.present.figures.spider import SpiderSpec, figure_spider
from hepatica.results import ResultRow

FEW = (
    Course(name="A", group="Anlotinib", response="PR", changes=((42, -40.0), (84, -60.0))),
    Course(name="B", group="Placebo", response="PD", changes=((42, 30.0),), new_lesion=True),
    Course(
        name="C", group="Placebo", response="PD", changes=((42, 50.0), (84, 250.0), (90, 300.0))
    ),
    Course(name="D", group="Placebo", response="MISSING"),
)


def spec(courses: Courses, *names: str) -> SpiderSpec:
    named = names or ("Anlotinib", "Placebo")
    many = len(courses) > MOST_LINES
    deciles = tuple(one for name in (*named, "") for one in rows(courses, name)) if many else ()
    return SpiderSpec(
        plate=plate("spider"), groups=arms(*named), counts=counted(courses), deciles=deciles
    )


def rows(courses: Courses, name: str) -> list[ResultRow]:
    """Return the rows of deciles of a group, as the analysis gives them."""
    members = [one for one in courses if name in {one.group, ""}]
    changes = [change for one in members for change in one.changes]
    where = {"dataset": "ADTR", "parameter": "SDIAM", "variable": "change_deciles"}
    return [
        row("response", f"p{10 * place}", value, level=name, time=day, **where)
        for day, _, values in change_deciles(changes, "average")
        for place, value in enumerate(values, start=1)
    ]


def test_what_is_drawn_is_said() -> None:
    shown = " ".join(texts(figure_spider(FEW, spec(FEW))))
    assert "3 of 4 patients; 1 without a measurement after baseline not drawn." in shown
    assert "Ring: progression with a new lesion." in shown
    assert "Arrow heads: above +150%, not followed further." in shown
    assert "drawn)" not in shown  # one plot, not one for each arm


@pytest.mark.parametrize(("number", "panels"), [(30, 0), (90, 2), (400, 2)])
def test_arms_stand_apart_where_there_are_many(number: int, panels: int) -> None:
    courses = invented(number)
    shown = texts(figure_spider(courses, spec(courses)))
    assert sum(text.endswith(" drawn)") for text in shown) == panels
    assert ("Deciles" in " ".join(shown)) == (number > 150)


@pytest.mark.parametrize("number", [1, 30, 90, 400])
@pytest.mark.parametrize("width", [180, 85])
def test_nothing_overlaps_and_nobody_is_named(number: int, width: Literal[85, 180]) -> None:
    long = "A very long name of an arm that goes on for longer than any figure is wide, and more"
    for names in (("Cohort 1", "Cohort 2"), (HOSTILE, long, "中文")):
        courses = invented(number, seed=2, arms=names)
        drawing = figure_spider(courses, spec(courses, *names), width_mm=width)
        check_layout(drawing)
        assert "<script" not in drawing.svg + drawing.page_svg
        assert "SUBJECT" not in drawing.svg + drawing.alt


def test_deciles_are_drawn_from_rows_and_nothing_else() -> None:
    courses = invented(400)
    made = spec(courses)
    drawing = figure_spider(courses, made)
    shown = [one for one in made.deciles if one.level]
    assert {one.id for one in shown} <= set(drawing.row_ids)
    flat = tuple(replace(one, value=-30.0) for one in made.deciles)
    level = figure_spider(courses, replace(made, deciles=flat))
    assert level.svg != drawing.svg
    # All nine lines of both arms run from the baseline to the lower guide and along it.
    guides = re.findall(r'guide-\d-30" d="M[\d.]+ ([\d.]+)H', level.svg)
    runs = re.findall(r'decile-\d-\d" d="M[\d.]+ [\d.]+L[\d.]+ ([\d.]+)H[\d.]+', level.svg)
    assert len(runs) == 18
    assert set(runs) == set(guides)
    assert len(set(guides)) == 1


def test_alternative_text_has_kind_numbers_and_status() -> None:
    assert figure_spider(FEW, spec(FEW)).alt == (
        "Spider plot of the change in the sum of target lesions from baseline over 3 months, 3 of "
        "4 patients. Best overall response: partial response 1 (25%), progressive disease 2 (50%), "
        "missing 1 (25%). Constructed patients."
    )


def test_same_patients_give_the_same_bytes() -> None:
    courses = invented(30)
    assert figure_spider(courses, spec(courses)) == figure_spider(courses, spec(courses))


def test_without_a_measurement_there_is_no_figure() -> None:
    with pytest.raises(AnalysisError, match="No patient"):
        figure_spider(FEW[3:], spec(FEW[3:]))
