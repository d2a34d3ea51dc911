"""How far the answer moves with the software: by hand, in rows, table and terminal."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from hepatica.dialect import POOLING_DIALECTS
from hepatica.present.dialects_text import dialect_lines
from hepatica.present.tables.dialects import table_dialects
from hepatica.results import Results
from hepatica.single.pool import PooledEvidence, plan_of, pool_evidence

PLAN = """
review: {{id: R-1, title: A review}}
files: [{{file: extracted.csv}}]
dialect: {dialect}
{model}
outcomes: [{{id: x, label: An outcome, {outcome}}}]
"""
# Two equal tables: every software has the same ratio of 2.
TABLES = (
    "study,arm,role,outcome,events,total\n"
    "A,new,arm,x,20,100\nA,old,control,x,10,100\n"
    "B,new,arm,x,40,200\nB,old,control,x,20,200\n"
)
RATES = "study,outcome,events,total\nA,x,5,10\nB,x,5,10\nC,x,10,10\n"


def pooled(
    folder: Path, table: str, outcome: str, dialect: str = "hepatica", model: str = ""
) -> PooledEvidence:
    text = PLAN.format(outcome=outcome, dialect=dialect, model=model)
    (folder / "review.yaml").write_text(text, encoding="utf-8")
    (folder / "extracted.csv").write_text(table, encoding="utf-8")
    return pool_evidence(plan_of(folder))


def by_dialect(results: Results, statistic: str) -> dict[str, float | None]:
    rows = results.where(analysis="x", variable="dialect", statistic=statistic)
    return {row.variable_level: row.value for row in rows}


def common(results: Results, statistic: str) -> float:
    row = results.one(analysis="x", variable="pooled", variable_level="common", statistic=statistic)
    assert row.value is not None
    return row.value


def test_equal_studies_give_every_software_the_same_ratio(tmp_path: Path) -> None:
    results = pooled(tmp_path, TABLES, "measure: risk_ratio").results
    estimates = by_dialect(results, "estimate")
    assert list(estimates) == [one.name for one in POOLING_DIALECTS]
    assert list(estimates.values()) == pytest.approx([2.0] * 5)
    assert by_dialect(results, "spread") == {"": pytest.approx(1.0)}


def test_each_software_has_its_own_scale_whatever_the_plan_says(tmp_path: Path) -> None:
    results = pooled(
        tmp_path,
        RATES,
        "measure: proportion, scale: arcsine",
        model="model: {effects: common, ci: t}",
    ).results
    estimates = by_dialect(results, "estimate")
    weight = 1.0 / (1.0 / 10.5 + 1.0 / 0.5)
    logit = weight * math.log(21.0) / (5.0 + weight)
    expected = {
        "hepatica": 1.0 / (1.0 + math.exp(-logit)),
        "stata": 0.5,
        "metafor": 1.0 / (1.0 + math.exp(-logit)),
        "meta": 20.0 / 30.0,
        "revman": 0.5,
    }
    assert estimates == pytest.approx(expected, rel=1e-6)
    spread = by_dialect(results, "spread")[""]
    assert spread == pytest.approx(20.0 / 30.0 - 0.5, rel=1e-6)
    assert by_dialect(results, "data_sets")["stata"] == 2.0
    assert by_dialect(results, "data_sets")["metafor"] == 3.0


def test_a_software_that_has_too_few_studies_says_so(tmp_path: Path) -> None:
    table = "study,outcome,events,total\nA,x,5,10\nB,x,10,10\n"
    found = pooled(tmp_path, table, "measure: proportion")
    rows = found.results.where(analysis="x", variable="dialect", statistic="estimate")
    status = {row.variable_level: row.status for row in rows}
    assert status["stata"] == status["revman"] == "not_estimable"
    assert status["metafor"] == "ok"
    table_rows = table_dialects(found.results, found.review).rows
    messages = [row.label for row in table_rows if row.kind == "message"]
    assert messages[0] == "Stata, metan: Fewer than 2 studies have usable numbers."
    assert any("RevMan 5      Fewer than" in line for line in dialect_lines(*told(found)))


def told(found: PooledEvidence) -> tuple:
    return found.results, found.review


def test_an_outcome_that_is_not_pooled_has_no_dialects(tmp_path: Path) -> None:
    table = "study,outcome,events,total\nA,x,5,10\n"
    found = pooled(tmp_path, table, "measure: proportion")
    assert not found.results.where(analysis="x", variable="dialect")
    assert not table_dialects(found.results, found.review).rows
    assert list(dialect_lines(*told(found))) == []


def test_the_table_states_the_spread_once_an_outcome(tmp_path: Path) -> None:
    found = pooled(tmp_path, RATES, "measure: proportion", model="model: {effects: common}")
    table = table_dialects(found.results, found.review)
    head, *levels = table.rows
    assert head.label == "An outcome"
    assert head.cells["spread"].text == "16.7"
    assert [row.label for row in levels] == [
        *("Hepatica", "Stata, metan", "R, metafor", "R, meta", "RevMan 5"),
    ]
    assert levels[1].cells["estimate"].text == "50.0 (28.1–71.9)"
    assert table.folded
    lines = list(dialect_lines(*told(found)))
    assert lines[-2] == "  spread of the estimates: 16.7"


#: One arm has no event in either study: without correcting cells there is no ratio.
EMPTY = (
    "study,arm,role,outcome,events,total\n"
    "A,new,arm,x,4,40\nA,old,control,x,0,40\nB,new,arm,x,3,30\nB,old,control,x,0,30\n"
)


def test_an_arm_without_any_event_is_corrected_after_all(tmp_path: Path) -> None:
    results = pooled(tmp_path, EMPTY, "measure: risk_ratio", "stata").results
    # (4.5 * 41 + ...) by hand: sum of a n2/N over sum of c n1/N, with a half in each cell.
    up = 4.5 * 41.0 / 82.0 + 3.5 * 31.0 / 62.0
    down = 0.5 * 41.0 / 82.0 + 0.5 * 31.0 / 62.0
    assert common(results, "estimate") == pytest.approx(up / down)


TWO_REGIMENS = (
    "study,arm,role,outcome,events,total\n"
    "A,new,arm,x,20,100\nA,newer,arm,x,20,100\nA,old,control,x,10,100\n"
    "B,new,arm,x,40,200\nB,old,control,x,20,200\n"
)


@pytest.mark.parametrize(
    ("dialect", "information"),
    [("metafor", 1.0 / 0.11 + 1.0 / 0.065), ("hepatica", 1.0 / 0.11 + 1.0 / 0.065)],
)
def test_a_shared_control_counts_once_where_software_can(
    tmp_path: Path, dialect: str, information: float
) -> None:
    results = pooled(tmp_path, TWO_REGIMENS, "measure: risk_ratio", dialect).results
    assert common(results, "effect_std_error") ** 2 == pytest.approx(1.0 / information)


def test_a_shared_control_counts_twice_in_software_that_knows_rows_only(tmp_path: Path) -> None:
    results = pooled(tmp_path, TWO_REGIMENS, "measure: risk_ratio", "stata").results
    once = pooled(tmp_path, TWO_REGIMENS, "measure: risk_ratio", "metafor").results
    assert common(results, "effect_std_error") < common(once, "effect_std_error")
    row = results.one(
        analysis="x", variable="pooled", variable_level="common", statistic="estimate"
    )
    assert "share a control as independent" in row.method


def test_a_group_without_any_event_says_why_it_has_no_logit(tmp_path: Path) -> None:
    table = "study,design,outcome,events,total\nA,P,x,0,10\nB,P,x,0,12\nC,R,x,2,9\nD,R,x,2,19\n"
    groups = "groupings: [{id: design, label: Design}]"
    results = pooled(tmp_path, table, "measure: proportion", "meta", groups).results
    place = {"analysis": "x", "variable_level": "random", "subgroup": "design"}
    row = results.one(**place, variable="pooled", subgroup_level="P", statistic="estimate")
    assert row.status == "not_estimable"
    assert "nobody had the event in all studies" in row.message
    [test] = results.where(analysis="x", variable="subgroup_test", statistic="p_value")
    assert test.message == "A group has no estimate or no error."
    assert common(results, "estimate") == pytest.approx(4.0 / 50.0, rel=1e-6)
