"""Small-study effects of a pooled outcome as result rows, and the table of them."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from hepatica.present.tables.small_studies import small_studies, table_small_studies
from hepatica.protocol.review_read import read_review
from hepatica.results import Results
from hepatica.single.pool import plan_of, pool_evidence
from hepatica.stats.meta.small_study_tests import begg, egger
from hepatica.stats.meta.trim_and_fill import trim_and_fill

PLAN = """
review: {{id: R-1, title: A review}}
files: [{{file: extracted.csv}}]
groupings: [{{id: design, label: Design}}]
dialect: {dialect}
{model}
outcomes:
  - {{id: x, label: An outcome, {outcome}}}
"""
EVENTS = ((12, 60), (9, 30), (30, 200), (7, 15), (11, 40), (6, 12))


def table(count: int = 6) -> str:
    lines = [f"S{at},P,x,{events},{total}" for at, (events, total) in enumerate(EVENTS[:count])]
    return "study,design,outcome,events,total\n" + "\n".join(lines) + "\n"


def pooled(
    folder: Path, text: str, outcome: str, *, dialect: str = "stata", model: str = ""
) -> Results:
    plan = PLAN.format(outcome=outcome, dialect=dialect, model=model)
    (folder / "review.yaml").write_text(plan, encoding="utf-8")
    (folder / "extracted.csv").write_text(text, encoding="utf-8")
    return pool_evidence(plan_of(folder)).results


def effects() -> tuple[np.ndarray, np.ndarray]:
    events, total = np.array(EVENTS, dtype=float).T
    share = events / total
    return share, share * (1.0 - share) / total


def bias(results: Results, variable: str) -> dict[str, float | str | None]:
    rows = results.where(analysis="x", variable=variable)
    return {row.statistic: row.text or row.value for row in rows}


def test_rows_follow_the_dialect(tmp_path: Path) -> None:
    results = pooled(tmp_path, table(), "measure: proportion, scale: raw")
    yi, vi = effects()
    assert bias(results, "egger")["p_value"] == pytest.approx(egger(yi, vi).p_value, rel=1e-12)
    told = begg(yi, vi, method="continuity-corrected")
    assert bias(results, "begg")["p_value"] == pytest.approx(told.p_value, rel=1e-12)
    other = pooled(tmp_path, table(), "measure: proportion, scale: raw", dialect="metafor")
    random = egger(yi, vi, method="random-effects", tau2="REML")
    assert bias(other, "egger")["p_value"] == pytest.approx(random.p_value, rel=1e-8)
    exact = begg(yi, vi, method="exact")
    assert bias(other, "begg")["p_value"] == pytest.approx(exact.p_value, rel=1e-10)


def test_a_filled_proportion_stays_a_proportion(tmp_path: Path) -> None:
    for scale in ("raw", "logit", "log", "arcsine", "freeman-tukey"):
        results = pooled(tmp_path, table(), f"measure: proportion, scale: {scale}", dialect="meta")
        found = bias(results, "trim_and_fill")
        assert found["filled"]
        for end in ("estimate", "estimate_lower", "estimate_upper"):
            assert isinstance(found[end], float)
            assert 0.0 < found[end] < 1.0  # exp of a proportion would lie above 1
        plain = results.one(
            analysis="x", variable="pooled", statistic="estimate", variable_level="random",
            subgroup="",
        )  # fmt: skip
        assert plain.value is not None
        assert (found["estimate"] < plain.value) == (found["side"] == "left")


def test_a_filled_ratio_goes_back_by_its_exponential(tmp_path: Path) -> None:
    ratios = "study,design,outcome,estimate,lower,upper\nA,P,x,0.9,0.8,1.0125\nB,P,x,0.5,0.25,1\n"
    ratios += "C,R,x,0.4,0.16,1\nD,R,x,0.3,0.09,1\n"
    results = pooled(tmp_path, ratios, "measure: hazard_ratio", model="model: {effects: common}")
    logs = np.log([0.9, 0.5, 0.4, 0.3])
    wide = np.log([1.0125 / 0.8, 4.0, 1 / 0.16, 1 / 0.09]) / (2 * 1.959963984540054)
    ours = trim_and_fill(logs, wide**2, method="common", side="left", convention="stata")
    found = bias(results, "trim_and_fill")
    assert found["side"] == "left"
    assert found["filled"] == ours.k0
    assert found["estimate"] == pytest.approx(math.exp(ours.pooled.estimate), rel=1e-10)


def test_few_studies_are_told_and_two_have_no_rows(tmp_path: Path) -> None:
    results = pooled(tmp_path, table(), "measure: proportion, scale: raw")
    rows = results.where(analysis="x", variable="egger")
    assert {row.message for row in rows} == {
        "Fewer than 10 data sets: a large P says nothing about small studies."
    }
    results = pooled(tmp_path, table(2), "measure: proportion, scale: raw")
    for variable in ("egger", "begg", "trim_and_fill"):
        assert not list(results.where(analysis="x", variable=variable))
    assert small_studies(results, read_review(tmp_path / "review.yaml")) == ()


def test_one_precision_says_why_there_is_no_test(tmp_path: Path) -> None:
    ratios = "study,design,outcome,estimate,lower,upper\n"
    ratios += "".join(f"{one},P,x,{m},{m / 2},{m * 2}\n" for one, m in zip("ABC", (1, 2, 4)))  # noqa: B905
    results = pooled(tmp_path, ratios, "measure: hazard_ratio")
    row = results.one(analysis="x", variable="egger", statistic="p_value")
    assert row.status == "not_estimable"
    assert "different precision" in row.message


def test_the_table_shows_each_row(tmp_path: Path) -> None:
    results = pooled(tmp_path, table(), "measure: proportion, scale: raw")
    shown = table_small_studies(results, read_review(tmp_path / "review.yaml"))
    (row,) = shown.rows
    assert row.cells["sets"].text == "6"
    assert row.cells["filled"].text == f"{bias(results, 'trim_and_fill')['filled']:.0f}" + (
        ", left" if bias(results, "trim_and_fill")["filled"] else ""
    )
    assert any(note.startswith("Fewer than 10") for note in shown.footnotes)


def test_a_print_beside_the_pool(tmp_path: Path) -> None:
    pooled(tmp_path, table(), "measure: proportion, scale: raw")
    (tmp_path / "printed.yaml").write_text(
        'source: A journal\nresults:\n  - {outcome: x, estimate: "1.33", lower: "1.26", '
        'upper: "1.41", kind: trim_and_fill}\n',
        encoding="utf-8",
    )
    found = pool_evidence(plan_of(tmp_path), tmp_path / "out")
    page = (found.out / "report.html").read_text(encoding="utf-8") if found.out else ""
    assert 'id="printed"' in page
    assert "is a proportion that was exponentiated: 28.5%" in page
    assert (tmp_path / "out" / "tables" / "small-studies.csv").is_file()
