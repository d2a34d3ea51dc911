"""Forest plots measured on the finished file: every layout, every size, every kind of name."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from functools import cache
from unittest.mock import patch

import pytest
from drawn import areas, clashes, named, outside, rectangles, texts
from forest_cases import DOMAINS, forest_case

from hepatica.errors import AnalysisError
from hepatica.present.figures.boxes import Box
from hepatica.present.figures.canvas import Drawing
from hepatica.present.figures.forest import figures_forest
from hepatica.present.figures.forest_axis import ForestAxis, axis_of, named_ticks
from hepatica.present.figures.forest_columns import columns_of
from hepatica.present.figures.forest_lines import ForestLine
from hepatica.present.figures.forest_signs import appraised, sign_of
from hepatica.present.figures.forest_spec import LOOKS, ForestSpec, Layout
from hepatica.present.figures.forest_words import equation

LAYOUTS: tuple[Layout, ...] = ("classic", "revman", "jama")
SHAPES = {
    "plain": {},
    "long names": {"names": "long"},
    "Chinese names": {"names": "chinese"},
    "extreme ratios": {"spread": 2.2},
    "groups": {"groups": 3},
    "judged": {"domains": 7},
    "all at once": {"names": "long", "spread": 2.2, "groups": 3, "domains": 7},
    "one count": {"arms": 1},
    "no counts": {"arms": 0},
}
EVERY = list(itertools.product(LAYOUTS, (3, 14, 40, 60), SHAPES))


@cache
def drawn(layout: Layout, k: int, shape: str) -> tuple[ForestSpec, tuple[Drawing, ...]]:
    spec = forest_case(k, layout, **SHAPES[shape])  # type: ignore[arg-type]
    # Geometry is read from the vector file; pictures would take most of the time.
    with patch("hepatica.present.figures.furniture.render_png", return_value=b""):
        return spec, figures_forest(spec)


@pytest.mark.parametrize(("layout", "k", "shape"), EVERY)
def test_no_texts_overlap_and_nothing_leaves_the_page(layout: Layout, k: int, shape: str) -> None:
    _, pages = drawn(layout, k, shape)
    for page in pages:
        assert len(texts(page)) > 10
        assert clashes(page) == []
        assert outside(page) == []
        assert page.height_mm <= 235.0


@pytest.mark.parametrize(("layout", "k", "shape"), EVERY)
def test_every_study_is_drawn_once_with_its_square(layout: Layout, k: int, shape: str) -> None:
    spec, pages = drawn(layout, k, shape)
    assert [name for page in pages for name in page.row_ids] == [
        f"S/{n}/estimate" for n in range(k)
    ]
    shown = [text for page in pages for text, _ in texts(page)]
    for line in spec.lines:
        if line.kind == "study":
            assert line.shown in shown
    axis = _axis(spec, pages[0])
    inside = [
        line
        for line in spec.lines
        if line.kind == "study" and line.estimate is not None and axis.inside(line.estimate)
    ]
    assert len(_squares(pages, layout)) == len(inside)


def _axis(spec: ForestSpec, page: Drawing) -> ForestAxis:
    """Return the axis that a drawing shows, from the ends of its line."""
    (left, _), (right, _), *_ = named(page, "axis")
    return axis_of(spec.lines, spec.scale, left, right)


def _squares(pages: tuple[Drawing, ...], layout: Layout) -> list[Box]:
    """Return the squares of studies from the top of the first page."""
    return [box for page in pages for box in rectangles(page, LOOKS[layout].square)]


@pytest.mark.parametrize(("layout", "k"), [(one, k) for one in LAYOUTS for k in (3, 14, 40, 60)])
def test_areas_are_weights_and_marks_stand_at_their_values(layout: Layout, k: int) -> None:
    spec, pages = drawn(layout, k, "plain")
    studies = [line for line in spec.lines if line.kind == "study"]
    pairs = list(zip(_squares(pages, layout), studies, strict=True))
    largest = max(line.weight or 0.0 for line in studies)
    side = max(box.width for box, _ in pairs)
    for box, line in pairs:
        # Two decimals of a tenth of a millimetre are written.
        assert box.width == pytest.approx(box.height, abs=0.003)
        share = (line.weight or 0.0) / largest
        assert box.width / side == pytest.approx(math.sqrt(share), abs=0.002)
        where = _axis(spec, pages[0]).x(line.estimate or 1.0)
        assert (box.x0 + box.x1) / 2 == pytest.approx(where, abs=0.003)
    tops = [box.y0 for box, _ in pairs]
    assert len(pages) > 1 or tops == sorted(tops)


def test_the_null_line_stands_at_one_whatever_the_density() -> None:
    for layout, k in itertools.product(LAYOUTS, (3, 60)):
        _, pages = drawn(layout, k, "plain")
        for page in pages:
            [(x, _), (other, _)] = named(page, "null")
            assert x == other
            ticks = {text: (box.x0 + box.x1) / 2 for text, box in texts(page)}
            assert ticks["1"] == pytest.approx(x, abs=0.02)


def test_the_same_figure_twice_has_the_same_bytes_and_an_alternative_text() -> None:
    spec = forest_case(14, "revman", domains=5)
    one, two = figures_forest(spec), figures_forest(spec)
    assert [(page.svg, page.png) for page in one] == [(page.svg, page.png) for page in two]
    assert one[0].alt == (
        "Forest plot of 14 data sets, hazard ratio. All studies, random effects: "
        "0.80 (0.70–0.92). 95% prediction interval: (0.40–1.60). Constructed patients."
    )


def test_a_page_more_repeats_the_heads_and_names_the_group_again() -> None:
    _, pages = drawn("classic", 60, "all at once")
    assert len(pages) == 2
    assert [page.title for page in pages] == [
        "Overall survival, page 1 of 2",
        "Overall survival, page 2 of 2",
    ]
    for page in pages:
        words = [text for text, _ in texts(page)]
        assert "Study" in words
        assert "Hazard ratio" in words
    assert "Continued on the next page." in [text for text, _ in texts(pages[0])]
    assert any(text.endswith(", continued") for text, _ in texts(pages[1]))


def test_layouts_differ_as_their_journals_do() -> None:
    shown = {
        layout: [text for text, _ in texts(drawn(layout, 3, "plain")[1][0])] for layout in LAYOUTS
    }
    assert shown["revman"].count("Total") == 2
    assert shown["classic"].count("events/n") == 2
    places = {
        layout: [place.kind for place in columns_of(forest_case(3, layout), 7.5).places]
        for layout in LAYOUTS
    }
    assert places["revman"].index("weight") < places["revman"].index("estimate")
    assert places["revman"][-1] == "plot"
    assert places["jama"].index("estimate") < places["jama"].index("plot")
    jama = drawn("jama", 14, "judged")[1][0]
    assert all(colour not in jama.svg for colour in ("#232C94", "#2E9488", "#B8432B", "#F3B65B"))
    # The sides of "no effect" stand above the lines there, and below them elsewhere.
    for layout in LAYOUTS:
        page = drawn(layout, 3, "plain")[1][0]
        [base] = [box.y0 for text, box in texts(page) if text == "Favours control"]
        assert (base < 14.2) == (layout == "jama")


def test_judgements_are_signs_with_letters_and_a_legend() -> None:
    spec, pages = drawn("revman", 14, "judged")
    shown = [text for text, _ in texts(pages[0])]
    judged = [word for line in spec.lines for word in line.judgements]
    for sign in ("+", "?", "−"):
        assert shown.count(sign) == sum(sign_of(word) == sign for word in judged) > 0
    assert "A" in shown
    note = " ".join(shown)
    assert all(name in note for name in DOMAINS)
    assert "high risk of bias" in note
    # Words that are no judgement of risk stay words.
    [column] = appraised(("Quality",), [("NOS 7",), ("Low",)])
    assert (column.signs, column.head) == (False, "Quality")


def test_an_interval_beyond_the_axis_ends_in_an_arrow() -> None:
    spec = forest_case(3)
    far = replace(spec.lines[0], lower=1e-9, upper=1e9)
    [page] = figures_forest(replace(spec, lines=(far, *spec.lines[1:])))
    plot = columns_of(spec, 7.5).one("plot")
    arrows = [box for _, box in areas(page, "ink")]
    assert min(box.x0 for box in arrows) == pytest.approx(plot.left - 0.3, abs=1.5)
    assert len(arrows) == 2


def test_names_of_ticks_keep_a_distance_and_name_no_effect() -> None:
    lines = [ForestLine(kind="study", label="A", estimate=1.0, lower=0.01, upper=100.0)]
    axis = axis_of(lines, "ratio", 0.0, 7.0)
    assert "1" in [name for _, name in named_ticks(axis, 7.5)]
    assert len(named_ticks(axis, 7.5)) < len(axis.ticks)


def test_extreme_ratios_are_held_by_the_axis() -> None:
    lines = [
        ForestLine(kind="study", label=str(one), estimate=one, lower=one / 2, upper=one * 2)
        for one in (0.01, 1.0, 100.0)
    ]
    axis = axis_of(lines, "ratio", 0.0, 50.0)
    assert axis.low <= 0.005
    assert axis.high >= 200.0
    assert axis.x(1.0) == pytest.approx(25.0)


def test_a_plot_without_studies_is_refused() -> None:
    spec = forest_case(3)
    with pytest.raises(AnalysisError, match="no study"):
        figures_forest(replace(spec, lines=spec.lines[3:]))


def test_a_p_value_has_one_sign() -> None:
    assert equation("P", "> 0.99") == "P > 0.99"
