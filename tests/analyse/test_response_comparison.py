"""Rows that compare response: planned tests, empty cells, strata."""

from __future__ import annotations

from typing import Any

import pytest
from compared_groups import carried_out, responders, study, value

from hepatica.results import Results
from hepatica.stats.stratified_tables import cochran_mantel_haenszel

PLACE = {"level": "A", "reference": "B", "variable_level": "orr"}


def compared(rows: list[dict[str, Any]], **plan: Any) -> Results:
    analysis = {
        "kind": "response",
        "endpoints": ["orr"],
        "compare": {"reference": "B"} | plan.pop("compare", {}),
    }
    return carried_out(study(analysis, **plan), rows)


@pytest.mark.parametrize(
    ("counts", "p_value", "smallest", "planned"),
    [
        ((("A", 8, 41), ("B", 2, 27)), 0.2943, 3.97, "fisher"),
        ((("A", 30, 41), ("B", 12, 27)), 0.0171, 10.32, "pearson"),
        ((("A", 12, 41), ("B", 4, 27)), 0.169, 6.35, "pearson"),
    ],
)
def test_the_expected_count_plans_the_test(
    counts: tuple[tuple[str, int, int], ...], p_value: float, smallest: float, planned: str
) -> None:
    rows = compared(responders(*counts))
    common = PLACE | {"variable": "comparison"}
    assert value(rows, "p_value", **common) == pytest.approx(p_value, abs=6e-4)
    assert round(value(rows, "smallest_expected", **common), 2) == smallest
    assert rows.one(analysis="one", statistic="planned_test", **common).text == planned
    tests = PLACE | {"variable": "comparison_tests"}
    assert value(rows, f"{planned}_p_value", **tests) == value(rows, "p_value", **common)
    other = {"fisher": "pearson", "pearson": "fisher"}[planned]
    assert value(rows, f"{other}_p_value", **tests) != value(rows, "p_value", **common)
    odds = rows.one(analysis="one", statistic="odds_ratio", **common)
    assert ("exact" in odds.method) == (planned == "fisher")
    why = rows.one(analysis="one", statistic="p_value", **common).method
    assert "expected count is below 5" in why
    assert ("no expected" in why) == (planned == "pearson")


def test_estimates_with_limits() -> None:
    rows = compared(responders(("A", 30, 41), ("B", 12, 27)))
    common = PLACE | {"variable": "comparison"}
    assert value(rows, "risk_difference", **common) == pytest.approx(100 * (30 / 41 - 12 / 27))
    assert value(rows, "risk_ratio", **common) == pytest.approx(30 * 27 / (41 * 12))
    assert value(rows, "odds_ratio", **common) == pytest.approx(30 * 15 / (11 * 12))
    difference = rows.one(analysis="one", statistic="risk_difference_lower", **common)
    assert difference.method.startswith("Newcombe")
    assert (difference.unit, difference.conf_level) == ("%", 0.95)


@pytest.mark.parametrize(("dialect", "name"), [("sas", "Wald"), ("spss", "Newcombe")])
def test_the_dialect_names_the_limits(dialect: str, name: str) -> None:
    rows = compared(responders(("A", 30, 41), ("B", 12, 27)), dialect=dialect)
    found = rows.one(analysis="one", statistic="risk_difference", **PLACE, variable="comparison")
    assert found.method.startswith(name)


def test_an_empty_cell_is_a_row_that_says_why() -> None:
    patients = responders(("A", 12, 50), ("B", 0, 50))
    rows = compared(patients, compare={"odds_ratio": "woolf"})
    common = PLACE | {"variable": "comparison"}
    odds = rows.one(analysis="one", statistic="odds_ratio", **common)
    assert (odds.status, odds.value) == ("not_estimable", None)
    assert "Choose exact limits" in odds.message
    ratio = rows.one(analysis="one", statistic="risk_ratio", **common)
    assert (ratio.status, "score limits" in ratio.message) == ("not_estimable", True)
    assert value(rows, "risk_difference", **common) == 24.0
    exact = compared(patients, compare={"odds_ratio": "exact", "ratio": "score"})
    for statistic in ("odds_ratio", "risk_ratio"):
        assert exact.one(analysis="one", statistic=statistic, **common).status == "not_estimable"
        assert value(exact, f"{statistic}_lower", **common) > 1.0
        upper = exact.one(analysis="one", statistic=f"{statistic}_upper", **common)
        assert "not finite" in upper.message


def test_nobody_responds() -> None:
    rows = compared(responders(("A", 0, 9), ("B", 0, 8)))
    common = PLACE | {"variable": "comparison"}
    for statistic in ("p_value", "risk_ratio", "odds_ratio"):
        found = rows.one(analysis="one", statistic=statistic, **common)
        assert (found.status, "obody" in found.message) == ("not_estimable", True)
    assert value(rows, "risk_difference", **common) == 0.0


def test_a_group_without_patients() -> None:
    rows = compared(responders(("A", 3, 9)))
    found = rows.one(analysis="one", statistic="risk_difference", **PLACE, variable="comparison")
    assert (found.status, "no patient" in found.message) == ("not_estimable", True)


def test_strata() -> None:
    patients = [
        *responders(("A", 8, 10), ("B", 4, 10), sex="Male"),
        *responders(("A", 4, 10), ("B", 2, 10), sex="Female"),
        *responders(("A", 1, 2)),
    ]
    rows = compared(patients, compare={"strata": ["sex"]})
    common = PLACE | {"variable": "stratified_comparison"}
    test = cochran_mantel_haenszel([4, 8], [10, 10], [2, 4], [10, 10])
    assert value(rows, "p_value", **common) == test.p_value
    assert (value(rows, "n_strata", **common), value(rows, "missing", **common)) == (2, 2)
    assert value(rows, "risk_difference", **common) == pytest.approx(30.0)
    assert value(rows, "odds_ratio", **common) == pytest.approx(
        ((8 * 6 + 4 * 8) / 20) / ((2 * 4 + 6 * 2) / 20)
    )
    everybody = PLACE | {"variable": "comparison"}
    assert value(rows, "risk_difference", **everybody) == pytest.approx(100 * (13 / 22 - 6 / 20))


def test_each_of_several_groups_is_compared() -> None:
    analysis = {"kind": "response", "endpoints": ["orr", "dcr"], "compare": {"reference": "B"}}
    patients = responders(("A", 3, 9), ("B", 4, 8), ("C", 5, 7))
    rows = carried_out(study(analysis, arms=("A", "B", "C")), patients)
    found = rows.where(analysis="one", variable="comparison", statistic="p_value")
    assert [(one.level, one.variable_level) for one in found] == [
        ("A", "orr"),
        ("C", "orr"),
        ("A", "dcr"),
        ("C", "dcr"),
    ]
