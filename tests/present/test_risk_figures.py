"""Figures of competing risks and prognostic models: what is drawn, and that nothing overlaps."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from functools import cache

import pytest
from test_figures_geometry import text_boxes

from hepatica.errors import AnalysisError
from hepatica.present.figures.calibration import CalibrationSpec, figure_calibration
from hepatica.present.figures.canvas import Drawing
from hepatica.present.figures.cumulative_incidence import (
    IncidenceSpec,
    figure_cumulative_incidence,
)
from hepatica.present.figures.curves import CurveGroup
from hepatica.present.figures.furniture import Plate
from hepatica.present.figures.nomogram import NomogramSpec, figure_nomogram, place_labels
from hepatica.present.figures.text import text_width
from hepatica.present.theme import TYPE
from hepatica.results import ResultRow, Results

PLATE = Plate(id="one", title="Figure", study="S", status="Constructed patients")
CAUSES = ("Progression", "Death without progression")
ARMS = ("Lenvatinib plus PD-1", "Regorafenib")


def row(statistic: str, value: float | None, **columns: object) -> ResultRow:
    return ResultRow(study="S", analysis="one", statistic=statistic, value=value, **columns)  # type: ignore[arg-type]


def incidence_rows() -> Results:
    rows = []
    for cause, reach in zip(CAUSES, (0.7, 0.25), strict=True):
        rows.append(row("p_value", 0.021, variable="gray", variable_level=cause, format="p_value"))
        for arm, factor in zip(ARMS, (1.0, 0.8), strict=True):
            for step in range(1, 21):
                share = factor * reach * (1 - math.exp(-step / 6))
                place = {
                    "variable": "cumulative_incidence",
                    "variable_level": cause,
                    "level": arm,
                    "time": 30.0 * step,
                    "format": "fraction",
                }
                rows += [
                    row("incidence", share, **place),
                    row("incidence_lower", 0.8 * share, conf_level=0.95, **place),
                    row("incidence_upper", 1.2 * share, conf_level=0.95, **place),
                    row("at_risk_after", 40.0 - 2 * step, **place),
                ]
    rows += [
        row(
            "at_risk",
            40.0 - 4 * n,
            variable="risk_table",
            level=arm,
            time=91.3125 * n,
            format="integer",
        )
        for arm in ARMS
        for n in range(8)
    ]
    return Results(rows)


def model_rows() -> Results:
    rows = []
    for variable, levels in {
        "stage": {"Stage I": 0.0, "Stage II": 1.5, "Stage III": 3.0, "Stage IV": 100.0},
        "age": {str(30 + 10 * n): 4.0 * n for n in range(6)},
    }.items():
        rows += [
            row("points", points, variable=variable, variable_level=level, level="prognostic")
            for level, points in levels.items()
        ]
    rows.append(row("points_per_unit", 0.4, variable="age", level="prognostic"))
    for day in (182.625, 365.25):
        for total in range(0, 121, 10):
            share = 0.95 ** math.exp(0.03 * total + day / 365)
            rows.append(
                row(
                    "survival",
                    share,
                    variable="total_points",
                    variable_level=str(total),
                    time=day,
                    format="fraction",
                )
            )
        for share in (0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2):
            total = (math.log(math.log(share) / math.log(0.95)) - day / 365) / 0.03
            if 0 <= total <= 120:
                rows.append(
                    row(
                        "total_points",
                        total,
                        variable="survival",
                        variable_level=f"{share:g}",
                        time=day,
                        format="decimal1",
                    )
                )
        for n in range(1, 5):
            place = {"variable_level": str(n), "time": day, "format": "fraction"}
            rows += [
                row("predicted", n / 5, variable="calibration_group", **place),
                row("observed", n / 5 + 0.02, variable="calibration_group", **place),
                row("observed_lower", n / 5 - 0.1, variable="calibration_group", **place),
                row("observed_upper", n / 5 + 0.1, variable="calibration_group", **place),
                row("predicted", n / 5, variable="calibration_curve", **place),
                row("observed", n / 5, variable="calibration_curve", **place),
                row("observed_corrected", n / 5 - 0.01, variable="calibration_curve", **place),
            ]
    return Results(rows)


TIMES = (("6 months", 182.625), ("12 months", 365.25))
INCIDENCE = IncidenceSpec(
    plate=PLATE,
    analysis="one",
    causes=CAUSES,
    groups=(CurveGroup(ARMS[0], 1), CurveGroup(ARMS[1], 2)),
    x_title="Months since first dose",
)
NOMOGRAM = NomogramSpec(
    plate=PLATE,
    analysis="one",
    covariates=(("stage", "Pathological stage of the tumour at diagnosis"), ("age", "Age, years")),
    times=TIMES,
    outcome="survival",
)


@cache
def drawn(kind: str, width: int) -> Drawing:
    if kind == "incidence":
        return figure_cumulative_incidence(incidence_rows(), INCIDENCE, width_mm=width)  # type: ignore[arg-type]
    if kind == "nomogram":
        return figure_nomogram(model_rows(), NOMOGRAM, width_mm=width)  # type: ignore[arg-type]
    spec = CalibrationSpec(plate=PLATE, analysis="one", times=TIMES)
    return figure_calibration(model_rows(), spec, width_mm=width)  # type: ignore[arg-type]


@pytest.mark.parametrize("width", [180, 85])
@pytest.mark.parametrize("kind", ["incidence", "nomogram", "calibration"])
def test_no_text_touches_another_or_leaves_the_page(kind: str, width: int) -> None:
    drawing = drawn(kind, width)
    boxes = text_boxes(drawing)
    for (one, first), (other, second) in itertools.combinations(boxes, 2):
        apart = (
            first.x1 <= second.x0
            or second.x1 <= first.x0
            or first.y1 <= second.y0
            or second.y1 <= first.y0
        )
        assert apart, (one, other)
    for text, box in boxes:
        assert box.x0 >= 0, text
        assert box.x1 <= width, text
        assert box.y1 <= drawing.height_mm, text


@pytest.mark.parametrize("width", [180, 85])
def test_each_arm_has_a_curve_and_each_cause_a_dash(width: int) -> None:
    svg = drawn("incidence", width).svg
    for arm in (1, 2):
        for cause in (0, 1):
            assert svg.count(f'curve-{arm}-{cause}"') == 1
    (solid,) = (line for line in svg.split("<") if 'curve-1-0"' in line)
    (dashed,) = (line for line in svg.split("<") if 'curve-1-1"' in line)
    assert "stroke-dasharray" not in solid
    assert "stroke-dasharray" in dashed


def test_the_same_rows_give_the_same_bytes() -> None:
    again = figure_nomogram(model_rows(), NOMOGRAM, width_mm=180)
    assert again.svg == drawn("nomogram", 180).svg


def test_every_category_is_named_and_rows_are_known() -> None:
    drawing = drawn("nomogram", 85)
    texts = {text for text, _ in text_boxes(drawing)}
    assert {"Stage I", "Stage II", "Stage III", "Stage IV"} <= texts
    assert drawing.row_ids
    assert set(drawing.row_ids) <= {one.id for one in model_rows()}


def test_labels_that_touch_get_lanes_and_numbers_may_go_unnamed() -> None:
    width = text_width("Stage II", TYPE.text)
    places = [10.0 + n * width / 3 for n in range(5)]
    lanes = place_labels(places, ["Stage II"] * 5, 80.0)
    assert len(set(lanes)) == 4
    numbers = place_labels([10.0 + n for n in range(20)], ["500"] * 20, 80.0, all_named=False)
    assert numbers[0] == (1, 0)
    assert numbers[-1] == (1, 0)
    assert numbers.count((0, 0)) > 5


def test_without_rows_there_is_no_figure() -> None:
    nothing = Results([row("n", 3.0)])
    with pytest.raises(AnalysisError, match="no curve"):
        figure_cumulative_incidence(nothing, INCIDENCE)
    with pytest.raises(AnalysisError, match="no points"):
        figure_nomogram(nothing, NOMOGRAM)
    with pytest.raises(AnalysisError, match="no calibration"):
        figure_calibration(nothing, CalibrationSpec(plate=PLATE, analysis="one", times=TIMES))


def test_the_status_stands_in_the_description() -> None:
    assert drawn("calibration", 180).alt.endswith("Constructed patients.")
    bare = replace(NOMOGRAM, plate=replace(PLATE, status=""))
    assert "Constructed" not in figure_nomogram(model_rows(), bare).alt
