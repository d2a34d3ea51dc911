"""Rows that explain a pooled estimate, by hand, from a table on disk."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from hepatica.present.tables.leave_one_out import leave_one_out, table_leave_one_out
from hepatica.protocol.review import Review
from hepatica.results import ResultRow, Results
from hepatica.single.pool import plan_of, pool_evidence

PLAN = """
review: {{id: R-1, title: A review}}
files: [{{file: extracted.csv}}]
groupings: [{{id: design, label: Design{tau2}}}]
dialect: stata
model: {model}
outcomes:
  - {{id: x, label: An outcome, measure: generic}}
"""
# Means 1 and 5 of two designs, all errors 1; the years run against the order of the table.
TABLE = """study,year,design,outcome,estimate,std_error
A,2024,P,x,0,1
B,2023,P,x,2,1
C,2022,R,x,4,1
D,2021,R,x,6,1
"""
COMMON = "{effects: common}"
RANDOM = "{effects: random, tau2: DL, ci: wald}"


def pooled(folder: Path, table: str, model: str, tau2: str = "") -> Results:
    (folder / "review.yaml").write_text(PLAN.format(model=model, tau2=tau2), encoding="utf-8")
    (folder / "extracted.csv").write_text(table, encoding="utf-8")
    return pool_evidence(plan_of(folder)).results


def plan(folder: Path) -> Review:
    return plan_of(folder).review


def row(results: Results, variable: str, statistic: str, **columns: str) -> ResultRow:
    columns = {"subgroup": "", **columns}
    return results.one(analysis="x", variable=variable, statistic=statistic, **columns)


def values(results: Results, variable: str, statistic: str) -> dict[str, float | None]:
    found = results.where(analysis="x", variable=variable, statistic=statistic)
    return {one.variable_level: one.value for one in found}


def test_each_study_is_left_out(tmp_path: Path) -> None:
    results = pooled(tmp_path, TABLE, COMMON)
    left = values(results, "leave_one_out", "estimate")
    assert left == pytest.approx({"A": 4.0, "B": 10 / 3, "C": 8 / 3, "D": 2.0})
    upper = row(results, "leave_one_out", "estimate_upper", variable_level="A")
    assert upper.value == pytest.approx(4.0 + 1.959963984540054 / math.sqrt(3.0))
    # without A: 2, 4, 6 about 4, Q = 8 on 2 degrees of freedom
    assert row(results, "leave_one_out", "i2", variable_level="A").value == pytest.approx(0.75)
    assert set(values(results, "leave_one_out", "tau2").values()) == {0.0}


def test_studies_are_added_by_year(tmp_path: Path) -> None:
    results = pooled(tmp_path, TABLE, COMMON)
    found = values(results, "cumulative", "estimate")
    assert list(found) == ["D", "C", "B", "A"]
    assert list(found.values()) == pytest.approx([6.0, 5.0, 4.0, 3.0])
    assert row(results, "cumulative", "year", variable_level="C").text == "2022"
    assert row(results, "cumulative", "data_sets", variable_level="B").value == 3.0
    assert "D" not in values(results, "cumulative", "i2")


def test_an_order_needs_every_year(tmp_path: Path) -> None:
    results = pooled(tmp_path, TABLE.replace("2022", ""), COMMON)
    (only,) = results.where(analysis="x", variable="cumulative")
    assert only.status == "not_estimable"
    assert "1 of 4 data sets have no year" in only.message
    assert len(values(results, "leave_one_out", "estimate")) == 4


def test_influence(tmp_path: Path) -> None:
    results = pooled(tmp_path, TABLE, COMMON)
    # A deviates from the mean 4 of the others with variance 1 + 1/3, and moves it from 4 to 3
    assert values(results, "influence", "rstudent")["A"] == pytest.approx(-4 / (4 / 3) ** 0.5)
    assert values(results, "influence", "cooks_distance")["A"] == pytest.approx(4.0)
    assert values(results, "influence", "dffits")["A"] == pytest.approx(-2.0)
    assert set(values(results, "influence", "hat").values()) == {0.25}
    # the changes are 1, 1/3, 1/3 and 1 with an error of 1/2
    flags = values(results, "influence", "flagged")
    assert flags == {"A": 1.0, "B": 0.0, "C": 0.0, "D": 1.0}


def test_meta_regression_on_the_groups(tmp_path: Path) -> None:
    results = pooled(tmp_path, TABLE, RANDOM)
    # residual tau2 is 4/2 - 1 = 1, without groups 20/3 - 1; difference 4 with variance 2
    place = {"subgroup": "design"}
    assert row(results, "meta_regression", "tau2", **place).value == pytest.approx(1.0)
    assert row(results, "meta_regression", "test_statistic", **place).value == pytest.approx(8.0)
    assert row(results, "meta_regression", "df", **place).value == 1.0
    assert row(results, "meta_regression", "r2", **place).value == pytest.approx(14 / 17)
    # of the six ways to choose two of four, the table's and its mirror image lie farthest apart
    exchanged = row(results, "meta_regression", "permutation_p_value", **place)
    assert exchanged.value == pytest.approx(2 / 6)
    assert "all 6 permutations" in exchanged.method
    p_value = row(results, "meta_regression", "p_value", **place).value
    assert p_value == pytest.approx(math.erfc(2.0))


def test_a_regression_needs_more_studies_than_groups(tmp_path: Path) -> None:
    results = pooled(tmp_path, "\n".join(TABLE.splitlines()[i] for i in (0, 1, 3)), RANDOM)
    (only,) = results.where(analysis="x", variable="meta_regression")
    assert only.status == "not_estimable"
    assert "needs more than 2 data sets; there are 2" in only.message
    assert not results.where(analysis="x", variable="leave_one_out")
    assert not results.where(analysis="x", variable="influence")


@pytest.mark.parametrize("tau2", ["separate", "common"])
def test_groups_with_one_variance(tmp_path: Path, tau2: str) -> None:
    uneven = TABLE + "E,2020,R,x,5,1\n"
    results = pooled(tmp_path, uneven, RANDOM, f", tau2: {tau2}")
    found = {
        one.subgroup_level: one.value
        for one in results.where(
            analysis="x", variable="pooled", variable_level="random", statistic="tau2"
        )
        if one.subgroup == "design"
    }
    # P has squares 2 on one degree of freedom, R 2 on two; together 4 on three
    apart = {"P": 1.0, "R": 0.0}
    assert found == pytest.approx(apart if tau2 == "separate" else dict.fromkeys("PR", 1 / 3))
    test = row(results, "subgroup_test", "test_statistic", subgroup="design").value
    variance = 4 / 3 * (1 / 2 + 1 / 3) if tau2 == "common" else 1.0 + 1 / 3
    assert test == pytest.approx(16.0 / variance)
    method = row(
        results, "pooled", "estimate", variable_level="random", subgroup="design",
        subgroup_level="P",
    ).method  # fmt: skip
    assert ("common to all groups" in method) == (tau2 == "common")


def test_models_without_a_common_variance_pool_each_group_by_itself(tmp_path: Path) -> None:
    results = pooled(tmp_path, TABLE, COMMON, ", tau2: common")
    one = row(
        results, "pooled", "estimate", variable_level="common", subgroup="design",
        subgroup_level="P",
    )  # fmt: skip
    assert one.value == pytest.approx(1.0)
    assert "common to all groups" not in one.method


def test_the_table_of_left_out_studies(tmp_path: Path) -> None:
    results = pooled(tmp_path, TABLE, COMMON)
    (table,) = leave_one_out(results, plan(tmp_path))
    assert [one.label for one in table.rows] == ["An outcome", "A *", "B", "C", "D *"]
    assert [one.kind for one in table.rows] == ["head", *["level"] * 4]
    assert table.folded
    first, second = (one.cells["estimate"].text for one in table.rows[:2])
    assert first == "3.00 (2.02–3.98)"
    assert second == "4.00 (2.87–5.13)"
    assert table.rows[1].cells["cook"].text == "4.00"
    # every number of the table leads to its result row
    known = {one.id for one in results}
    assert set(table.row_ids) <= known
    assert len(table.row_ids) == 5 * 5 + 4 * 2
    assert any("Viechtbauer" in note for note in table.footnotes)


def test_no_table_without_three_studies(tmp_path: Path) -> None:
    results = pooled(tmp_path, "\n".join(TABLE.splitlines()[:3]), COMMON)
    assert leave_one_out(results, plan(tmp_path)) == ()
    assert table_leave_one_out(results, plan(tmp_path)).rows == ()


def test_a_run_of_our_own_has_its_place_in_the_order(tmp_path: Path) -> None:
    own = Results(
        [
            ResultRow(study="S", analysis="x", statistic=name, value=number)
            for name, number in (("estimate", 8.0), ("estimate_lower", 6.0), ("estimate_upper", 10))
        ]
    )
    (tmp_path / "own" / "output").mkdir(parents=True)
    own.to_polars().write_parquet(tmp_path / "own" / "output" / "results.parquet")
    study = "studies: [{{folder: own, label: Ours,{year} outcomes: {{x: {{analysis: x}}}}}}]\n"
    for year, order in ((" year: 2023,", ["C", "Ours", "A"]), ("", [""])):
        text = PLAN.format(model=COMMON, tau2="").replace(
            "files:", f"{study.format(year=year)}files:"
        )
        (tmp_path / "review.yaml").write_text(text, encoding="utf-8")
        two = "\n".join(TABLE.splitlines()[at] for at in (0, 1, 3))
        (tmp_path / "extracted.csv").write_text(two, encoding="utf-8")
        results = pool_evidence(plan_of(tmp_path)).results
        assert list(values(results, "cumulative", "estimate")) == order
