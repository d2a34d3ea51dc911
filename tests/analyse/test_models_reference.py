"""Rows of planned models beside R, on the constructed patients of validation/r-models."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from model_patients import COVARIATES, PINNED, carried_out, value

from hepatica.results import Results

NEWTON = 1e-8
DIALECTS = {"efron": "r", "breslow": "sas"}
COLUMNS = {
    "armB": ("arm", "B", "A"),
    "age": ("age", "", ""),
    "sexFemale": ("sex", "Female", "Male"),
    "ecog1": ("ecog", "1", "0"),
    "ecog2": ("ecog", "2", "0"),
    "afp": ("afp", "", ""),
}


@cache
def cox_rows(ties: str) -> Results:
    analysis = {
        "kind": "cox",
        "endpoint": "os",
        "covariates": COVARIATES,
        "select": {"p_below": 0.05},
        "alternatives": ["prespecified", "penalised", "firth"],
        "interactions": [["arm", "sex"]],
        "functional_form": ["age"],
        "centre": {"variable": "centre", "as": ["stratum", "cluster", "frailty"]},
    }
    return carried_out(analysis, PINNED["patients"], dialect=DIALECTS[ties])


@cache
def logistic_rows() -> Results:
    analysis = {
        "kind": "logistic",
        "endpoint": "orr",
        "covariates": COVARIATES,
        "alternatives": ["firth"],
    }
    return carried_out(analysis, PINNED["patients"])


def compared(rows: Results, level: str, wanted: dict[str, Any], ratio: str) -> None:
    """Compare every column of a model: coefficient, standard error, ratio and limits."""
    terms = np.atleast_1d(wanted["terms"]).tolist()
    for at, term in enumerate(terms):
        name, label, reference = COLUMNS[term]
        place = {"variable": name, "variable_level": label, "reference": reference}
        found = {
            one: value(rows, one, level, **place)
            for one in ("coef", "std_error", ratio, f"{ratio}_lower", f"{ratio}_upper")
        }
        expected = [float(np.atleast_1d(wanted[one])[at]) for one in ("coef", "std_error")]
        expected += [np.exp(expected[0])]
        expected += [float(np.atleast_1d(wanted[one])[at]) for one in ("lower", "upper")]
        np.testing.assert_allclose(list(found.values()), expected, rtol=NEWTON)


def compared_tests(rows: Results, level: str, wanted: dict[str, Any]) -> None:
    for name, test in wanted["wald"].items():
        if test["df"] > 1:
            found = [
                value(rows, one, level, variable=name, variable_level="")
                for one in ("test_statistic", "df", "p_value")
            ]
            np.testing.assert_allclose(found, list(test.values()), rtol=NEWTON)


@pytest.mark.parametrize("ties", DIALECTS)
@pytest.mark.parametrize("name", COVARIATES)
def test_each_covariate_alone_is_that_of_coxph(ties: str, name: str) -> None:
    rows, wanted = cox_rows(ties), reference(ties)["univariable"][name]
    assert value(rows, "n", "univariable", variable=name, variable_level="") == wanted["n"]
    events = value(rows, "events", "univariable", variable=name, variable_level="")
    assert events == wanted["events"]
    compared(rows, "univariable", wanted, "hazard_ratio")
    compared_tests(rows, "univariable", wanted)


def reference(ties: str) -> dict[str, Any]:
    (found,) = [one for one in PINNED["cox"] if one["ties"] == ties]
    return dict(found)


@pytest.mark.parametrize("ties", DIALECTS)
def test_the_rule_selects_as_r_does(ties: str) -> None:
    rows = cox_rows(ties).where(analysis="one", statistic="selected")
    assert [row.variable for row in rows if row.text == "yes"] == reference(ties)["chosen"]
    assert [row.variable for row in rows] == COVARIATES


@pytest.mark.parametrize("ties", DIALECTS)
@pytest.mark.parametrize(
    ("level", "model"),
    [
        ("multivariable", "selected"),
        ("prespecified", "all"),
        ("stratified", "stratified"),
        ("clustered", "clustered"),
    ],
)
def test_models_of_several_covariates_are_those_of_coxph(ties: str, level: str, model: str) -> None:
    rows, wanted = cox_rows(ties), reference(ties)[model]
    whole = {"variable": "", "variable_level": ""}
    assert value(rows, "n", level, **whole) == wanted["n"]
    assert value(rows, "events", level, **whole) == wanted["events"]
    compared(rows, level, wanted, "hazard_ratio")
    compared_tests(rows, level, wanted)
    if model != "clustered":
        found = value(rows, "test_statistic", level, **whole)
        np.testing.assert_allclose(found, wanted["lr"]["statistic"], rtol=NEWTON)
    share = value(rows, "events_per_variable", level)
    assert share == wanted["events"] / len(wanted["coef"])


@pytest.mark.parametrize("ties", DIALECTS)
def test_concordance_interaction_and_curve_are_those_of_r(ties: str) -> None:
    rows, wanted = cox_rows(ties), reference(ties)
    c = value(rows, "concordance", "multivariable")
    np.testing.assert_allclose(c, wanted["concordance"]["c"], rtol=NEWTON)
    half = value(rows, "concordance_upper", "multivariable") - c
    np.testing.assert_allclose(
        half, 1.959963984540054 * wanted["concordance"]["std_error"], rtol=NEWTON
    )
    pair = {"variable": "arm:sex"}
    found = value(rows, "test_statistic", "interaction", **pair)
    np.testing.assert_allclose(found, wanted["interaction"]["lr"]["statistic"], rtol=1e-7)
    ratio = value(rows, "ratio_of_hazard_ratios", "interaction", **pair)
    np.testing.assert_allclose(np.log(ratio), wanted["interaction"]["coef"], rtol=NEWTON)
    curve = value(rows, "test_statistic", "functional_form", variable="age")
    np.testing.assert_allclose(curve, wanted["spline"]["lr"]["statistic"], rtol=1e-7)
    assert value(rows, "knots", "functional_form", variable="age") == 4


@pytest.mark.parametrize("name", [*COVARIATES, "all"])
def test_logistic_models_are_those_of_glm(name: str) -> None:
    rows = logistic_rows()
    if name == "all":
        wanted, level = PINNED["logistic"]["all"], "multivariable"
        auc = value(rows, "auc", level)
        np.testing.assert_allclose(auc, wanted["auc"], rtol=1e-10)
        fewest = min(wanted["events"], wanted["n"] - wanted["events"])
        assert value(rows, "events_per_variable", level) == fewest / len(wanted["coef"])
    else:
        wanted, level = PINNED["logistic"]["univariable"][name], "univariable"
    compared(rows, level, wanted, "odds_ratio")
    compared_tests(rows, level, wanted)


def test_firth_beside_the_logistic_model_is_that_of_r() -> None:
    rows, wanted = logistic_rows(), PINNED["logistic"]["firth"]
    for at, term in enumerate(wanted["terms"]):
        name, label, base = COLUMNS[term]
        place = {"variable": name, "variable_level": label, "reference": base}
        np.testing.assert_allclose(
            value(rows, "coef", "firth", **place), wanted["coef"][at], rtol=NEWTON
        )
        lower = value(rows, "odds_ratio_lower", "firth", **place)
        np.testing.assert_allclose(np.log(lower), wanted["lower"][at], rtol=1e-7)


def test_the_lasso_has_no_limits_and_says_so() -> None:
    rows = cox_rows("efron").where(analysis="one", level="penalised")
    ratios = [row for row in rows if row.statistic == "hazard_ratio"]
    assert len(ratios) == 6
    assert all("No limits" in row.message for row in ratios)
    assert not [row for row in rows if row.statistic.startswith(("hazard_ratio_", "p_value"))]
    assert [row for row in ratios if row.value == 1.0]


def test_a_robust_variance_of_six_centres_is_called_too_small() -> None:
    rows = cox_rows("efron").where(analysis="one", level="clustered", statistic="hazard_ratio")
    assert {row.message for row in rows} == {
        "With 6 clusters the robust variance is too small, and limits too narrow."
    }


def test_the_whole_grid_of_the_reference_is_there() -> None:
    assert [one["ties"] for one in PINNED["cox"]] == ["efron", "breslow"]
    for one in PINNED["cox"]:
        assert list(one["univariable"]) == COVARIATES
        assert len(one["all"]["coef"]) == len(COLUMNS)
        assert one["chosen"] == ["arm", "ecog", "afp"]
    assert list(PINNED["logistic"]["univariable"]) == COVARIATES
    assert len(PINNED["patients"]) == 180
    assert len(PINNED["endometrial"]["data"]) == 79
