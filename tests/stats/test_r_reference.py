"""Agreement with the pinned answers of R in validation/r-survival."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hepatica.stats.contingency import chi_square, fisher_exact
from hepatica.stats.proportions import binomial_test, proportion_ci
from hepatica.stats.quantiles import quantile
from hepatica.stats.survival import cox, kaplan_meier, logrank, reverse_kaplan_meier

PINNED = Path(__file__).parents[2] / "validation" / "r-survival" / "reference.json"
CLOSED = 1e-10
NEWTON = 1e-8

DATA = (
    "ties",
    "days",
    "heavy_censoring",
    "months",
    "continuous",
    "all_events",
    "no_events",
    "one_event",
    "time_zero",
    "flat_then_event",
    "flat_then_censored",
    "flat_then_both",
    "last_is_event",
)
MODELLED = DATA[:6]
CURVES = [
    (conf_type, conf_level)
    for conf_level in (0.95, 0.9)
    for conf_type in ("log-log", "log", "plain", "logit", "arcsine")
]
LOG_RANK = {
    "pair": ("pair", False),
    "group": ("group", False),
    "pair_strata": ("pair", True),
    "group_strata": ("group", True),
}
COX = {
    "pair": (("pair",), False),
    "x1": (("x1",), False),
    "three": (("pair", "x1", "x2"), False),
    "three_strata": (("pair", "x1", "x2"), True),
}
TIES = ("efron", "breslow")


@cache
def pinned() -> dict[str, Any]:
    return json.loads(PINNED.read_text(encoding="utf-8"))


@cache
def case(name: str) -> dict[str, Any]:
    return next(case for case in pinned()["survival"] if case["name"] == name)


def column(name: str, key: str) -> np.ndarray:
    return np.asarray(case(name)["data"][key])


def floats(values: object) -> np.ndarray:
    return np.atleast_1d(np.asarray(values, dtype=np.float64))


def same(ours: object, theirs: object, bound: float = CLOSED) -> None:
    np.testing.assert_allclose(floats(ours), floats(theirs), rtol=bound, atol=bound / 1000)


def test_the_whole_grid_is_present() -> None:
    assert [case["name"] for case in pinned()["survival"]] == list(DATA)
    for name in DATA:
        found = [(curve["conf_type"], curve["conf_level"]) for curve in case(name)["curves"]]
        assert found == CURVES
        modelled = name in MODELLED
        assert list(case(name)["logrank"]) == (list(LOG_RANK) if modelled else [])
        assert list(case(name)["cox"]) == (list(COX) if modelled else [])
        if modelled:
            for model in COX:
                assert [fit["ties"] for fit in case(name)["cox"][model]] == list(TIES)
    assert len(pinned()["proportions"]) == 24
    assert len(pinned()["contingency"]) == 13
    assert len(pinned()["quantiles"]) == 5
    assert pinned()["versions"]["survival"] == "3.5.3"


@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("index", range(len(CURVES)), ids=lambda i: "-".join(map(str, CURVES[i])))
def test_kaplan_meier(name: str, index: int) -> None:
    theirs = case(name)["curves"][index]
    ours = kaplan_meier(
        column(name, "time"),
        column(name, "event"),
        conf_type=theirs["conf_type"],
        conf_level=theirs["conf_level"],
    )
    for key in ("time", "at_risk", "events", "censored", "survival", "std_error"):
        same(getattr(ours, key), theirs[key])
    same(ours.lower, theirs["lower"])
    same(ours.upper, theirs["upper"])
    same([ours.median.estimate, ours.median.lower, ours.median.upper], theirs["median"])
    asked = floats(theirs["asked"])
    inside = asked <= ours.last_time
    read = ours.at(asked)
    same(asked[inside], theirs["at"]["time"])
    for key in ("survival", "std_error", "lower", "upper", "at_risk"):
        same(getattr(read, key)[inside], theirs["at"][key])


@pytest.mark.parametrize("name", DATA)
def test_follow_up(name: str) -> None:
    ours = reverse_kaplan_meier(column(name, "time"), column(name, "event")).median
    same([ours.estimate, ours.lower, ours.upper], case(name)["follow_up"])


@pytest.mark.parametrize("name", MODELLED)
@pytest.mark.parametrize("test", LOG_RANK)
def test_logrank(name: str, test: str) -> None:
    group, stratified = LOG_RANK[test]
    strata = column(name, "stratum") if stratified else None
    ours = logrank(column(name, "time"), column(name, "event"), column(name, group), strata=strata)
    theirs = case(name)["logrank"][test]
    for key in ("statistic", "df", "p_value", "observed", "expected"):
        same(getattr(ours, key), theirs[key])
    same(ours.variance.ravel(), np.ravel(theirs["variance"]))


@pytest.mark.parametrize("name", MODELLED)
@pytest.mark.parametrize("model", COX)
@pytest.mark.parametrize("ties", TIES)
def test_cox(name: str, model: str, ties: str) -> None:
    covariates, stratified = COX[model]
    ours = cox(
        column(name, "time"),
        column(name, "event"),
        np.column_stack([column(name, key) for key in covariates]),
        ties=ties,
        strata=column(name, "stratum") if stratified else None,
    )
    theirs = case(name)["cox"][model][TIES.index(ties)]
    assert ours.converged
    same(ours.coef, theirs["coef"], NEWTON)
    same(ours.vcov.ravel(), np.ravel(theirs["vcov"]), NEWTON)
    same(np.column_stack([ours.lower, ours.upper]).ravel(), np.ravel(theirs["limits"]), NEWTON)
    same(ours.z, theirs["z"], NEWTON)
    same(ours.p_value, theirs["p_value"], NEWTON)
    same([ours.loglik_null, ours.loglik], theirs["loglik"])
    same([ours.score_test.statistic, ours.score_test.p_value], np.take(theirs["score"], [0, 2]))
    same([ours.lr_test.statistic, ours.lr_test.p_value], np.take(theirs["lr"], [0, 2]))
    assert ours.wald_test.df == theirs["wald"][1]
    same(ours.wald_test.statistic, theirs["wald"][0], NEWTON)


@pytest.mark.parametrize("index", range(24))
def test_proportions(index: int) -> None:
    theirs = pinned()["proportions"][index]
    x, n = theirs["x"], theirs["n"]
    for method in ("clopper-pearson", "wilson", "jeffreys", "agresti-coull"):
        ours = proportion_ci(x, n, method=method, conf_level=theirs["conf_level"])
        same([ours.lower, ours.upper], theirs[method.replace("-", "_")])
    for test in theirs["tests"]:
        same(binomial_test(x, n, test["null"]).p_value, test["two"])
        same(binomial_test(x, n, test["null"], sides=1).p_value, test["one"])


@pytest.mark.parametrize("index", range(13))
def test_contingency(index: int) -> None:
    theirs = pinned()["contingency"][index]
    pearson = chi_square(theirs["table"])
    same([pearson.statistic, pearson.df], [theirs["statistic"], theirs["df"]])
    same(pearson.p_value, theirs["pearson"])
    same(pearson.smallest_expected, theirs["smallest_expected"])
    same(fisher_exact(theirs["table"]).p_value, theirs["fisher"])


@pytest.mark.parametrize("index", range(5))
@pytest.mark.parametrize("definition", ["average", "linear", "weibull"])
def test_quantiles(index: int, definition: str) -> None:
    theirs = pinned()["quantiles"][index]
    values = floats(theirs["values"])
    shares = [0, 0.1, 0.25, 1 / 3, 0.5, 0.75, 0.9, 1]
    same([quantile(values, p, definition=definition) for p in shares], theirs[definition])
