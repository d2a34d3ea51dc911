"""The figures of a review, from a plan and a table on disk to drawings."""

from __future__ import annotations

from pathlib import Path

import pytest
from drawn import clashes, outside, texts

from hepatica.present.content import Figure
from hepatica.present.review_figures import forest_spec, review_figures
from hepatica.protocol.review import Review
from hepatica.results import Results
from hepatica.single.pool import plan_of, pool_evidence

PLAN = """
review: {id: R-1, title: A review}
files: [{file: extracted.csv}]
groupings: [{id: design, label: Design}]
appraisal: [{id: bias, label: Randomisation}]
dialect: metafor
figure: {layout: LAYOUT, sort: ORDER}
outcomes:
  - id: x
    label: Response
    measure: risk_ratio
    better: higher
    figures: [bubble, baujat, radial, labbe, drapery, gosh, leave_one_out, cumulative]
"""
TABLE = """study,label,year,design,bias,arm,role,comparator,outcome,events,total
A,Alpha 2019,2019,P,Low,Drug,arm,Old,x,30,100
A,Alpha 2019,2019,P,Low,Old,control,,x,20,100
B,Beta 2016,2016,P,High,Drug,arm,Old,x,50,300
B,Beta 2016,2016,P,High,Old,control,,x,40,290
C,Gamma 2022,2022,R,Some concerns,Drug,arm,Old,x,9,40
C,Gamma 2022,2022,R,Some concerns,Old,control,,x,2,41
D,Delta 2017,2017,R,Low,Drug,arm,Old,x,33,150
D,Delta 2017,2017,R,Low,Old,control,,x,12,148
"""


def review(folder: Path, layout: str = "classic", order: str = "given") -> tuple[Results, Review]:
    text = PLAN.replace("LAYOUT", layout).replace("ORDER", order)
    (folder / "review.yaml").write_text(text, encoding="utf-8")
    (folder / "extracted.csv").write_text(TABLE, encoding="utf-8")
    found = pool_evidence(plan_of(folder))
    return found.results, found.review


def drawn(folder: Path) -> dict[str, Figure]:
    results, plan = review(folder)
    figures = review_figures(results, plan, status="", digest="d", version="0")["x"]
    return {figure.wide.id: figure for figure in figures}


def test_every_figure_that_a_plan_asks_for_is_drawn(tmp_path: Path) -> None:
    figures = drawn(tmp_path)
    names = ("forest", "funnel", "bubble", "baujat", "radial", "labbe", "drapery", "gosh")
    assert list(figures) == [f"{name}-x" for name in (*names, "leave-one-out", "cumulative")]
    for figure in figures.values():
        assert clashes(figure.wide) == []
        assert outside(figure.wide) == []
        assert figure.wide.row_ids
        assert figure.wide.alt
    shown = [text for text, _ in texts(figures["cumulative-x"].wide)]
    added = [text for text in shown if text.startswith("+ ")]
    assert added == ["+ Beta 2016", "+ Delta 2017", "+ Alpha 2019", "+ Gamma 2022"]


def test_numbers_of_figures_come_from_rows(tmp_path: Path) -> None:
    results, plan = review(tmp_path)
    known = {row.id for row in results}
    for figure in review_figures(results, plan, status="", digest="d", version="0")["x"]:
        assert set(figure.wide.row_ids) <= known


@pytest.mark.parametrize(
    ("order", "first"),
    [
        ("given", "Alpha 2019"),
        ("year", "Beta 2016"),
        ("effect", "Beta 2016"),
        ("weight", "Beta 2016"),
    ],
)
def test_studies_are_ordered_within_their_groups(tmp_path: Path, order: str, first: str) -> None:
    results, plan = review(tmp_path, order=order)
    lines = list(forest_spec(results, plan, plan.outcomes[0]).lines)
    studies = [one.label for one in lines if one.kind == "study"]
    assert studies[0] == first
    assert set(studies[:2]) == {"Alpha 2019", "Beta 2016"}
    given = ["Gamma 2022", "Delta 2017"]
    assert studies[2:] == (given if order == "given" else given[::-1])


def test_the_words_below_follow_the_layout(tmp_path: Path) -> None:
    results, plan = review(tmp_path, layout="revman")
    below = forest_spec(results, plan, plan.outcomes[0]).below
    assert below[0].startswith("Heterogeneity: Tau² ")
    assert below[1].startswith("Test for subgroup differences: Chi² = ")
    assert below[2].startswith("Test for overall effect: Z = ")
    results, plan = review(tmp_path)
    below = forest_spec(results, plan, plan.outcomes[0]).below
    assert below[1].startswith("Design: Q = ")
    assert below[2].startswith("Overall effect: P ")


def test_a_variance_of_zero_reads_0(tmp_path: Path) -> None:
    results, plan = review(tmp_path)
    notes = [one.label for one in forest_spec(results, plan, plan.outcomes[0]).lines]
    assert any(one.startswith("Heterogeneity: τ² = 0, I² = 0%") for one in notes)


def test_counts_of_subtotals_and_of_the_whole_are_sums(tmp_path: Path) -> None:
    results, plan = review(tmp_path)
    lines = forest_spec(results, plan, plan.outcomes[0]).lines
    counts = {one.label: one.counts for one in lines if one.kind in ("subtotal", "total")}
    assert counts["Subtotal"] == ("42/190", "14/189")  # of Gamma and Delta, the last group
    assert counts["All studies, random effects"] == ("122/590", "74/579")


def test_the_line_over_years_is_that_of_its_rows(tmp_path: Path) -> None:
    results, _ = review(tmp_path)
    slope = results.one(analysis="x", variable="year_regression", statistic="slope")
    ends = [
        results.one(analysis="x", variable="year_line", variable_level=year, statistic="effect")
        for year in ("2016", "2022")
    ]
    assert slope.value is not None
    assert ends[0].value is not None
    assert ends[1].value == pytest.approx(ends[0].value + 6.0 * slope.value)
