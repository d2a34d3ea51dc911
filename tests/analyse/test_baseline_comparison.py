"""Comparisons at baseline: which test, said by name, and what cannot be compared."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import polars as pl
import pytest
from few_patients import carried_out, plan

from hepatica.derive.adsl import derive_adsl
from hepatica.protocol.read import parse_protocol
from hepatica.results import ResultRow, Results
from hepatica.stats.contingency import chi_square, fisher_exact
from hepatica.stats.rank_sum import kruskal_wallis, rank_sum
from hepatica.stats.standardised_difference import (
    standardised_category_difference,
    standardised_mean_difference,
    standardised_rank_difference,
)
from hepatica.stats.t_test import compare_means, t_test

VARIABLES: list[dict[str, Any]] = [
    {"id": "age", "label": "Age", "column": "AGE", "kind": "measured", "summary": "mean_sd"},
    {"id": "alt", "label": "ALT", "column": "ALT", "kind": "measured"},
    {"id": "sex", "label": "Sex", "column": "SEX", "kind": "categorical", "levels": ["F", "M"]},
    {
        "id": "stage",
        "label": "Stage",
        "column": "STAGE",
        "kind": "categorical",
        "levels": ["A", "B", "C", "D"],
    },
]
BOTH = {"tests": True, "standardised_differences": True}
AGE = [50, 61, 47, 70, 66, 58, 62, 71, 49, 55, None, 64]
ALT = [20.0, 30.5, 41.0, 18.0, 77.0, 26.0, 33.0, 45.0, 52.0, 61.0, 29.5, None]
SEX = ["F", "M", "M", "M", "F", "M", "M", "M", "F", "M", "M", None]
STAGE = ["A", "B", "B", "A", "B", "A", "C", "C", "B", "C", "C", "A"]


def patients(times: int = 1, arms: str = "AAAAAABBBBBB") -> pl.DataFrame:
    n = 12 * times
    return pl.DataFrame(
        {
            "USUBJID": [f"P{number:03}" for number in range(n)],
            "FASFL": ["Y"] * n,
            "TRT01P": list(arms) * times,
            "AGE": AGE * times,
            "ALT": ALT * times,
            "SEX": SEX * times,
            "STAGE": STAGE * times,
        }
    )


def rows_of(adsl: pl.DataFrame | None = None, **parts: Any) -> Results:
    compare = parts.pop("compare", BOTH)
    analysis = {
        "kind": "baseline",
        "variables": ["age", "alt", "sex", "stage"],
        "compare": compare,
    }
    protocol = plan(analysis, "ADSL", variables=VARIABLES, **parts)
    given = (patients() if adsl is None else adsl).with_columns(pl.lit("Y").alias("ENRLFL"))
    derived = derive_adsl(protocol, nw.from_native(given, eager_only=True))
    return carried_out(protocol, ADSL=derived.to_native())


def one(rows: Results, variable: str, statistic: str) -> ResultRow:
    (found,) = [
        row
        for row in rows.where(analysis="one")
        if (row.variable, row.statistic, row.level, row.variable_level)
        == (variable, statistic, "", "")
    ]
    return found


def known(values: list[Any], places: range) -> list[Any]:
    return [values[at] for at in places if values[at] is not None]


def test_each_variable_has_the_test_of_its_kind() -> None:
    rows = rows_of()
    a, b = range(6), range(6, 12)
    assert one(rows, "age", "p_value").method == "Welch t test"
    welch = t_test(known(AGE, a), known(AGE, b))
    assert one(rows, "age", "p_value").value == welch.p_value
    assert one(rows, "age", "test_statistic").value == welch.statistic
    assert one(rows, "age", "df").value == welch.df
    assert one(rows, "alt", "p_value").method == "Wilcoxon rank-sum test, exact"
    assert one(rows, "alt", "p_value").value == rank_sum(known(ALT, a), known(ALT, b)).p_value
    assert one(rows, "sex", "p_value").method.startswith("Fisher exact test")
    assert one(rows, "sex", "p_value").value == fisher_exact([[2, 4], [1, 4]]).p_value
    # Nobody has stage D: the table has three rows.
    assert one(rows, "stage", "p_value").method.startswith("Fisher–Freeman–Halton")
    counts = [[3, 3, 0], [1, 1, 4]]
    assert one(rows, "stage", "p_value").value == pytest.approx(fisher_exact(counts).p_value)


def test_large_counts_have_pearsons_test_and_ties_the_normal_approximation() -> None:
    rows = rows_of(patients(10))
    stage = one(rows, "stage", "p_value")
    pearson = chi_square([[30, 30, 0], [10, 10, 40]])
    assert stage.method == "Pearson chi-square test without continuity correction"
    assert stage.value == pytest.approx(pearson.p_value)
    assert one(rows, "stage", "df").value == 2
    assert "normal approximation" in one(rows, "alt", "p_value").method


def test_differences_are_those_of_known_values() -> None:
    rows = rows_of()
    a, b = range(6), range(6, 12)
    name = "standardised_difference"
    expected = standardised_mean_difference(known(AGE, a), known(AGE, b))
    assert one(rows, "age", name).value == expected.estimate
    expected = standardised_rank_difference(known(ALT, a), known(ALT, b))
    assert one(rows, "alt", name).value == expected.estimate
    assert one(rows, "alt", f"{name}_lower").value == expected.lower
    assert one(rows, "alt", f"{name}_upper").value == expected.upper
    expected = standardised_category_difference([[3, 1], [3, 1], [0, 4]])
    assert one(rows, "stage", name).value == pytest.approx(expected.estimate)


def test_three_groups_have_tests_of_several_and_the_largest_difference() -> None:
    adsl = patients(arms="AAAABBBBCCCC")
    arms = [{"id": name.lower(), "label": name} for name in "ABC"]
    rows = rows_of(adsl, arms=arms)
    groups = [known(AGE, range(at, at + 4)) for at in (0, 4, 8)]
    codes = [code for code, group in enumerate(groups) for _ in group]
    means = compare_means([value for group in groups for value in group], codes)
    age = one(rows, "age", "p_value")
    assert (age.value, age.method) == (means.p_value, "Welch test of several means")
    assert one(rows, "age", "df_error").value == means.df_error
    groups = [known(ALT, range(at, at + 4)) for at in (0, 4, 8)]
    codes = [code for code, group in enumerate(groups) for _ in group]
    alt = one(rows, "alt", "p_value")
    expected = kruskal_wallis([value for group in groups for value in group], codes).p_value
    assert (alt.value, alt.method) == (expected, "Kruskal–Wallis test")
    pairs = [
        standardised_rank_difference(groups[x], groups[y]) for x, y in ((0, 1), (0, 2), (1, 2))
    ]
    found = one(rows, "alt", "standardised_difference")
    assert found.value == max(pair.estimate for pair in pairs)
    assert found.method.endswith("the largest of all pairs of groups")
    assert not [row for row in rows if row.statistic == "standardised_difference_lower"]


@pytest.mark.parametrize(
    ("dialect", "method"),
    [("hepatica", "Welch"), ("r", "Welch"), ("sas", "Student"), ("spss", "Student")],
)
def test_the_dialect_says_whose_variance(dialect: str, method: str) -> None:
    assert one(rows_of(dialect=dialect), "age", "p_value").method == f"{method} t test"


def test_only_what_is_asked_for() -> None:
    names = {row.statistic for row in rows_of(compare={"tests": True})}
    assert "p_value" in names
    assert "standardised_difference" not in names
    names = {row.statistic for row in rows_of(compare={"standardised_differences": True})}
    assert "p_value" not in names
    assert "standardised_difference" in names
    assert list(rows_of(compare={})) == list(rows_of(compare=None))


def test_what_cannot_be_compared_is_a_row_that_says_why() -> None:
    adsl = patients().with_columns(
        pl.when(pl.col("TRT01P") == "A").then(pl.col("AGE")).alias("AGE"),
        pl.lit("F").alias("SEX"),
        pl.when(pl.col("TRT01P") == "A").then(pl.lit("A")).otherwise(pl.lit("B")).alias("STAGE"),
    )
    rows = rows_of(adsl)
    age = one(rows, "age", "p_value")
    assert (age.status, age.message) == (
        "not_estimable",
        "Fewer than two groups have patients with a known value.",
    )
    assert one(rows, "age", "standardised_difference").status == "not_estimable"
    assert one(rows, "sex", "p_value").message == ("All patients with a known value have the same.")
    assert one(rows, "sex", "standardised_difference").value == 0.0
    stage = one(rows, "stage", "standardised_difference")
    assert stage.status == "not_estimable"
    assert "no spread" in stage.message


STUDY = """
study: {{id: X, title: X, randomised: {randomised}}}
data: {{tables: {{ADSL: {{file: adsl.csv}}}}}}
arms: [{arms}]
analysis_sets: [{{like: full, id: full}}]
variables: [{{id: age, label: Age, column: AGE, kind: measured}}]
analyses:
  - {{id: base, kind: baseline, set: full, variables: [age], compare: {{tests: true}}}}
"""


def test_a_randomised_study_has_no_tests_at_baseline() -> None:
    from hepatica.errors import ProtocolError

    arms = "{id: a, label: A}, {id: b, label: B}"
    parse_protocol(STUDY.format(randomised="false", arms=arms))
    with pytest.raises(ProtocolError, match=r"Chance made the arms.*Remove 'tests'"):
        parse_protocol(STUDY.format(randomised="true", arms=arms))
    with pytest.raises(ProtocolError, match="There is one group only"):
        parse_protocol(STUDY.format(randomised="false", arms="{id: a, label: A}"))
