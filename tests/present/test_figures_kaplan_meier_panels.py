"""Kaplan-Meier panels: a plot for each group, all on the same axes, and nothing overlaps."""

from __future__ import annotations

import re
from collections import Counter
from typing import Literal
from xml.etree import ElementTree

import pytest
from cases import CASES
from patient_cases import texts
from pydantic import ValidationError
from rows_report import protocol
from test_figures_geometry import SVG, strokes, text_boxes

from hepatica.errors import AnalysisError
from hepatica.present.figures.boxes import Box
from hepatica.present.figures.kaplan_meier import figure_kaplan_meier
from hepatica.present.figures.kaplan_meier_panels import (
    MOST_STACKED,
    figure_kaplan_meier_panels,
)
from hepatica.present.study_figures import study_figures
from hepatica.protocol.analyses import TimeToEventAnalysis

DRAWN = [
    (name, width)
    for name, case in CASES.items()
    for width in (180, 85)
    if width == 180 or len(case()[1].groups) <= MOST_STACKED
]


@pytest.mark.parametrize(("name", "width"), DRAWN)
def test_texts_touch_neither_each_other_nor_a_line(name: str, width: Literal[85, 180]) -> None:
    rows, spec = CASES[name]()
    drawing = figure_kaplan_meier_panels(rows, spec, width_mm=width)
    boxes = text_boxes(drawing)
    page = Box(0.3, 0.3, drawing.width_mm - 0.3, drawing.height_mm - 0.3)
    assert [text for text, box in boxes if not box.within(page)] == []
    lines = strokes(drawing, r"-(curve|censored|median|half|axes)(-\d)?$")
    marks = boxes + [(name, box) for name, box in lines]
    clashes = [
        (text, other)
        for place, (text, box) in enumerate(boxes)
        for other, mark in marks[place + 1 :]
        if box.meets(mark)
    ]
    assert clashes == []
    assert drawing.height_mm <= 235
    assert "<script" not in drawing.svg + drawing.page_svg
    ids = [one.get("id") for one in ElementTree.fromstring(drawing.svg).iter() if one.get("id")]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(("name", "columns"), [("cohorts", 2), ("six", 2), ("one_patient", 1)])
def test_there_is_a_panel_for_each_group_on_the_same_axes(name: str, columns: int) -> None:
    rows, spec = CASES[name]()
    drawing = figure_kaplan_meier_panels(rows, spec)
    axes = [box for _, box in strokes(drawing, r"-axes-\d$") if box.width > 20]
    assert len(axes) == len(spec.groups)
    assert len({round(box.width, 2) for box in axes}) == 1
    assert len({round(box.x0, 2) for box in axes}) == columns
    shown = texts(drawing)
    assert [one for one in shown if re.fullmatch("[a-f]", one)] == list("abcdef")[: len(axes)]
    heads = [one for one in shown if one == "No. at risk (cumulative events)"]
    assert len(heads) == len(axes)
    assert Counter(shown)["100"] == -(-len(axes) // columns)


def test_a_panel_says_median_limits_and_events_as_its_rows_do() -> None:
    rows, spec = CASES["reference"]()
    drawing = figure_kaplan_meier_panels(rows, spec)
    shown = " ".join(texts(drawing))
    assert "Median 11.0 months (95% CI 5.6–16.4); events 15/24" in shown
    assert "Median 5.3 months (95% CI 3.9–5.6); events 22/25" in shown
    assert "Hazard ratio 0.39 (95% CI 0.20–0.77) Log-rank P = 0.005" in shown
    wanted = {"median", "events", "at_risk", "hazard_ratio", "p_value"}
    root = ElementTree.fromstring(drawing.svg)
    named = {one.get("data-row", "") for one in root.iter(f"{SVG}text")} - {""}
    assert wanted <= {row.rpartition("/")[2] for row in named}
    assert named <= set(drawing.row_ids)
    assert drawing.alt.startswith(
        "Kaplan–Meier panels, one for each group, of time to progression over 23 months"
    )


def test_a_median_that_is_not_reached_is_ne_without_months() -> None:
    rows, spec = CASES["no_events"]()
    assert "Median NE;" in texts(figure_kaplan_meier_panels(rows, spec))


def test_same_rows_give_the_same_bytes() -> None:
    rows, spec = CASES["reference"]()
    assert figure_kaplan_meier_panels(rows, spec) == figure_kaplan_meier_panels(rows, spec)


def test_a_single_column_refuses_more_panels_than_it_holds() -> None:
    rows, spec = CASES["six"]()
    with pytest.raises(AnalysisError, match="1 to 4 panels"):
        figure_kaplan_meier_panels(rows, spec, width_mm=85)


@pytest.mark.parametrize(("figure", "panels"), [(True, False), ("panels", True), (False, None)])
def test_the_plan_chooses_one_plot_panels_or_none(figure: bool | str, panels: bool | None) -> None:
    rows, _ = CASES["cohorts"]()
    plan = protocol()
    analysis = next(one for one in plan.analyses if one.id == "time-to-progression")
    named = analysis.model_copy(update={"id": "pfs", "figure": figure})
    figures = study_figures(
        rows, plan.model_copy(update={"analyses": (named,)}), digest="", version=""
    )
    assert list(figures) == ([] if panels is None else ["pfs"])
    for drawn in figures.values():
        assert drawn.narrow is not None
        assert ("panels" in drawn.wide.alt) == ("panels" in drawn.narrow.alt) == panels


@pytest.mark.parametrize("figure", ["panel", "yes", 1, None])
def test_another_word_is_refused_with_what_can_be_written(figure: object) -> None:
    plan = {"id": "a", "kind": "time_to_event", "set": "full", "endpoint": "os"}
    with pytest.raises(ValidationError, match="Write true, false or panels"):
        TimeToEventAnalysis.model_validate(plan | {"figure": figure})


def test_one_plot_is_as_it_was() -> None:
    rows, spec = CASES["cohorts"]()
    drawing = figure_kaplan_meier(rows, spec)
    assert len([box for _, box in strokes(drawing, r"-axes$") if box.width > 20]) == 1
