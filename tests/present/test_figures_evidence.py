"""Plots of studies, measured on the finished file: marks at their places, no texts that touch."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from unittest.mock import patch

import pytest
from drawn import areas, clashes, named, outside, texts
from forest_cases import NAMES

from hepatica.errors import AnalysisError
from hepatica.present.figures.baujat import BaujatSpec, figure_baujat
from hepatica.present.figures.bubble import BubbleSpec, figure_bubble
from hepatica.present.figures.canvas import Drawing
from hepatica.present.figures.drapery import DraperySpec, figure_drapery, p_value_at
from hepatica.present.figures.evidence_plot import effect_axis, plain_axis
from hepatica.present.figures.funnel import LITTLE_POWER, FunnelSpec, figure_funnel
from hepatica.present.figures.furniture import Plate
from hepatica.present.figures.gosh_plot import GoshSpec, figure_gosh
from hepatica.present.figures.labbe import LabbeSpec, figure_labbe, treated_risk
from hepatica.present.figures.radial import RadialSpec, figure_radial

PLATE = Plate(
    id="plot",
    title="Overall survival",
    study="R-1",
    status="Constructed patients",
    footnotes=("Overall survival.", "Log hazard ratios, tau2 by REML."),
)


class Studies:
    """Constructed studies, from a seed of their number, kind of name and spread."""

    def __init__(self, k: int, names: str, spread: float) -> None:
        draw = random.Random(f"{k}-{names}-{spread}")
        self.names = tuple(NAMES[names].format(n=n + 1, year=2010 + n % 15) for n in range(k))
        self.effects = tuple(draw.gauss(-0.2, spread) for _ in range(k))
        self.errors = tuple(draw.uniform(0.08, 0.5) for _ in range(k))
        self.patients = tuple(draw.randint(30, 900) for _ in range(k))
        self.control = tuple(draw.uniform(0.05, 0.5) for _ in range(k))
        self.treated = tuple(min(0.95, one * draw.uniform(0.5, 1.9)) for one in self.control)
        self.other = tuple(draw.uniform(0.0, 9.0) for _ in range(k))


def funnel(of: Studies) -> FunnelSpec:
    return FunnelSpec(
        plate=PLATE,
        effects=of.effects,
        std_errors=of.errors,
        pooled=-0.2,
        measure="Hazard ratio",
        ratio=True,
        filled_effects=(0.9, 1.1),
        filled_std_errors=(0.3, 0.4),
        test="Egger: P = 0.12; Begg: P = 0.30",
        row_ids=("S/effect",),
    )


def baujat(of: Studies) -> BaujatSpec:
    return BaujatSpec(plate=PLATE, names=of.names, heterogeneity=of.other, influence=of.control)


def radial(of: Studies) -> RadialSpec:
    return RadialSpec(
        plate=PLATE,
        names=of.names,
        effects=of.effects,
        std_errors=of.errors,
        pooled=-0.2,
        shown="hazard ratio 0.82 (0.70–0.95)",
    )


def labbe(of: Studies) -> LabbeSpec:
    return LabbeSpec(
        plate=PLATE,
        names=of.names,
        treated=of.treated,
        control=of.control,
        patients=of.patients,
        measure="risk_ratio",
        pooled=1.2,
        shown="risk ratio 1.20 (1.01–1.42)",
    )


def drapery(of: Studies) -> DraperySpec:
    return DraperySpec(
        plate=PLATE,
        effects=of.effects,
        std_errors=of.errors,
        pooled=-0.2,
        pooled_std_error=0.07,
        shown="hazard ratio 0.82 (0.70–0.95)",
        measure="Hazard ratio",
        ratio=True,
    )


def bubble(of: Studies) -> BubbleSpec:
    values = tuple(float(n) for n in range(-2, 14))
    return BubbleSpec(
        plate=PLATE,
        moderator="Share of patients with hepatitis B, %",
        values=of.other,
        effects=of.effects,
        weights=of.patients,
        line_values=values,
        line_effects=tuple(-0.2 + 0.01 * one for one in values),
        line_lower=tuple(-0.4 + 0.01 * one for one in values),
        line_upper=tuple(0.01 * one for one in values),
        measure="Hazard ratio",
        ratio=True,
        sentences=("14 data sets, slope 0.01 (−0.02 to 0.04), P = 0.51, R² 4%",),
    )


def gosh(of: Studies) -> GoshSpec:
    draw = random.Random(7)
    return GoshSpec(
        plate=PLATE,
        effects=tuple(draw.gauss(-0.2, 0.1) for _ in range(3000)),
        i2=tuple(draw.random() for _ in range(3000)),
        pooled=-0.2,
        pooled_i2=0.4,
        measure="Hazard ratio",
        ratio=True,
        studies=len(of.names),
    )


PLOTS: dict[str, tuple[Callable[..., object], Callable[..., Drawing]]] = {
    "funnel": (funnel, figure_funnel),
    "baujat": (baujat, figure_baujat),
    "radial": (radial, figure_radial),
    "labbe": (labbe, figure_labbe),
    "drapery": (drapery, figure_drapery),
    "bubble": (bubble, figure_bubble),
    "gosh": (gosh, figure_gosh),
}
SHAPES = [("plain", 0.3), ("long", 0.3), ("chinese", 0.3), ("plain", 2.2)]
EVERY = [
    (plot, k, names, spread)
    for plot in PLOTS
    for k in (3, 14, 40, 60)
    for names, spread in SHAPES
    if plot != "gosh" or (k, names) == (14, "plain")
]


@cache
def drawn(plot: str, k: int, names: str = "plain", spread: float = 0.3) -> Drawing:
    spec, figure = PLOTS[plot]
    with patch("hepatica.present.figures.furniture.render_png", return_value=b""):
        return figure(spec(Studies(k, names, spread)))


@pytest.mark.parametrize(("plot", "k", "names", "spread"), EVERY)
def test_no_texts_overlap_and_nothing_leaves_the_page(
    plot: str, k: int, names: str, spread: float
) -> None:
    drawing = drawn(plot, k, names, spread)
    assert len(texts(drawing)) > 8
    assert clashes(drawing) == []
    assert outside(drawing) == []
    assert (drawing.width_mm, drawing.height_mm <= 235.0) == (180.0, True)


@pytest.mark.parametrize("plot", PLOTS)
def test_twice_the_same_bytes_with_an_alternative_text(plot: str) -> None:
    spec, figure = PLOTS[plot]
    one, two = (figure(spec(Studies(14, "plain", 0.3))) for _ in range(2))
    assert (one.svg, one.png) == (two.svg, two.png)
    assert one.alt.endswith("Constructed patients.")
    assert "<desc" in one.svg
    assert "<text" in one.svg


def dots(drawing: Drawing, token: str) -> list[tuple[float, float]]:
    """Return the centres of round marks of a colour."""
    return [
        ((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2)
        for _, box in areas(drawing, token)
        if math.isclose(box.width, box.height, abs_tol=0.02) and box.width < 7.0
    ]


def ticks(drawing: Drawing, *, across: bool) -> dict[float, float]:
    """Return values and places of the names of ticks."""
    found = {}
    labels = [(text.replace("−", "-"), box) for text, box in texts(drawing)]
    numbers = [(text, box) for text, box in labels if text.replace(".", "").lstrip("-").isdigit()]
    lowest = max(box.y1 for _, box in numbers)
    for text, box in numbers:
        if across == (box.y1 > lowest - 1.0):
            middle = (box.x0 + box.x1) / 2 if across else (box.y0 + box.y1) / 2
            found[float(text)] = middle
    return found


def place(marks: dict[float, float], value: float, *, logarithmic: bool = False) -> float:
    """Return the place of a value between the first and the last tick."""
    f = math.log if logarithmic else float
    low, high = min(marks), max(marks)
    share = (f(value) - f(low)) / (f(high) - f(low))
    return marks[low] + share * (marks[high] - marks[low])


def test_a_funnel_shows_each_study_at_its_effect_and_error_and_imputed_ones_open() -> None:
    of = Studies(14, "plain", 0.3)
    drawing = drawn("funnel", 14)
    across, down = ticks(drawing, across=True), ticks(drawing, across=False)
    solid = dots(drawing, "arm-1")
    assert len(solid) == 16
    wanted = [
        (place(across, math.exp(one), logarithmic=True), place(down, error))
        for one, error in zip(of.effects, of.errors, strict=True)
    ]
    for x, y in wanted:
        assert any(math.hypot(x - a, y - b) < 0.1 for a, b in solid)
    assert down[0.0] < max(down.values())
    # A hole of background in the two that are imputed, besides the ring round each point.
    rings = [box.width for _, box in areas(drawing, "bg")]
    assert sum(width == pytest.approx(1.4, abs=0.02) for width in rings) == 2


def test_contours_meet_at_no_effect_and_have_their_slopes() -> None:
    drawing = drawn("funnel", 14)
    across, down = ticks(drawing, across=True), ticks(drawing, across=False)
    [cone] = [box for _, box in areas(drawing, "band") if box.height > 20.0]
    assert cone.y0 == pytest.approx(place(down, 0.0), abs=0.3)
    most = max(down)
    reach = place(across, math.exp(1.959963984540054 * most), logarithmic=True)
    edge = max(across.values())
    assert cone.x1 == pytest.approx(min(reach, edge), abs=0.3)


def test_few_studies_are_named_as_too_few_for_a_test() -> None:
    few = " ".join(text for text, _ in texts(drawn("funnel", 3))).casefold()
    many = " ".join(text for text, _ in texts(drawn("funnel", 14)))
    assert LITTLE_POWER in few
    assert "Egger" not in few
    assert "Egger: P = 0.12" in many


def test_a_funnel_of_one_group_has_limits_and_no_contours() -> None:
    spec = replace(funnel(Studies(14, "plain", 0.3)), null=None, ratio=False)
    drawing = figure_funnel(spec)
    assert named(drawing, "limits")
    assert "P &lt; 0.01" not in drawing.svg
    with pytest.raises(AnalysisError, match="no study"):
        figure_funnel(replace(spec, effects=(), std_errors=()))


def test_areas_of_bubbles_are_weights() -> None:
    of = Studies(14, "plain", 0.3)
    sizes = sorted(box.width for _, box in areas(drawn("bubble", 14), "arm-1-bar"))
    weights = sorted(of.patients)
    for width, weight in zip(sizes, weights, strict=True):
        assert width / sizes[-1] == pytest.approx(math.sqrt(weight / weights[-1]), abs=0.01)


def test_the_line_of_a_bubble_plot_stays_within_the_data() -> None:
    of = Studies(14, "plain", 0.3)
    drawing = drawn("bubble", 14)
    across = ticks(drawing, across=True)
    fit = named(drawing, "fit")
    assert min(x for x, _ in fit) >= place(across, min(of.other)) - 0.1
    assert max(x for x, _ in fit) <= place(across, max(of.other)) + 0.1


def test_the_diagonal_of_labbe_is_no_effect_and_points_stand_at_their_risks() -> None:
    of = Studies(14, "plain", 0.3)
    drawing = drawn("labbe", 14)
    across, down = ticks(drawing, across=True), ticks(drawing, across=False)
    found = dots(drawing, "arm-1-bar")
    for one, two in zip(of.control, of.treated, strict=True):
        x, y = place(across, 100.0 * one), place(down, 100.0 * two)
        assert any(math.hypot(x - a, y - b) < 0.2 for a, b in found)
    (x0, y0), (x1, y1) = named(drawing, "null")
    assert x1 - x0 == pytest.approx(y0 - y1, abs=0.01)


@pytest.mark.parametrize(
    ("measure", "pooled", "risk"),
    [("risk_ratio", 2.0, 0.4), ("risk_difference", 0.1, 0.3), ("odds_ratio", 4.0, 0.5)],
)
def test_the_dashed_line_of_labbe_by_hand(measure: str, pooled: float, risk: float) -> None:
    assert treated_risk(0.2, measure, pooled) == pytest.approx(risk)


def test_a_p_value_function_is_one_at_its_estimate_and_5_percent_at_its_limits() -> None:
    assert p_value_at(0.3, 0.3, 0.1) == 1.0
    assert p_value_at(0.3 + 1.959963984540054 * 0.1, 0.3, 0.1) == pytest.approx(0.05)
    top = min(y for _, y in named(drawn("drapery", 14), "pooled"))
    assert top == pytest.approx(14.0, abs=0.01)


def test_outliers_of_a_radial_plot_are_counted() -> None:
    of = Studies(14, "plain", 0.3)
    beyond = sum(
        abs(one / error + 0.2 / error) > 1.959963984540054
        for one, error in zip(of.effects, of.errors, strict=True)
    )
    assert f"; {beyond} outside the band of 95%." in drawn("radial", 14).alt


def test_subsets_that_share_a_place_are_one_cell_and_all_are_drawn() -> None:
    drawing = drawn("gosh", 14)
    assert "3000 subsets" in drawing.svg
    assert named(drawing, "cells-1")
    assert named(drawing, "all")


def test_axes_of_ratios_are_named_by_ratios_and_hold_their_values() -> None:
    axis = effect_axis([math.log(0.5), math.log(2.0)], "Hazard ratio", ratio=True)
    assert "1" in axis.names
    assert axis.scale.low <= math.log(0.5)
    assert axis.scale.high >= math.log(2.0)
    assert len(axis.names) >= 4
    assert plain_axis(-1.0, 1.0, "Effect").names[0].startswith("−")
