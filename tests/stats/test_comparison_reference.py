"""Agreement of comparisons of groups with the pinned answers of R in validation/r-comparison."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

PLACE = Path(__file__).parents[2] / "validation" / "r-comparison" / "agreement.py"
CLOSED, NEWTON = 1e-10, 1e-8
#: R's fisher.test searches with a tolerance of 1.2e-4 on a scale of 0 to 1.
SEARCHED = 2e-2
COHORTS = ("several", "ties", "three_groups", "none", "strong", "many")
COMPARED = {
    "newcombe": 64,
    "miettinen-nurminen": 64,
    "wald": 20,
    "katz": 24,
    "score": 28,
    "woolf": 20,
    "Pearson": 28,
    "smallest expected": 14,
    "Fisher": 14,
    "exact": 36,
    "fisher.test": 36,
}


def _loaded() -> ModuleType:
    spec = importlib.util.spec_from_file_location("r_comparison_agreement", PLACE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


AGREEMENT = _loaded()


def differences(pairs: Any) -> dict[str, tuple[int, float]]:
    """Return how many values were compared and the largest difference, by topic."""
    found: dict[str, tuple[int, float]] = {}
    for topic, theirs, ours in pairs:
        size, worst = found.get(topic, (0, 0.0))
        try:
            count = len(theirs)
        except TypeError:
            count = 1
        found[topic] = size + count, max(worst, AGREEMENT.difference(theirs, ours))
    return found


def test_proportions() -> None:
    found = differences(AGREEMENT.proportion_pairs())
    assert {topic: size for topic, (size, _) in found.items()} == COMPARED
    for topic, (_, worst) in found.items():
        assert worst < (SEARCHED if topic == "fisher.test" else CLOSED), topic


def test_strata() -> None:
    found = differences(AGREEMENT.strata_pairs())
    assert {topic: size for topic, (size, _) in found.items()} == {
        "CMH": 8,
        "MH odds ratio": 12,
        "MH difference": 12,
    }
    assert max(worst for _, worst in found.values()) < CLOSED


@pytest.mark.parametrize("name", COHORTS)
def test_survival(name: str) -> None:
    found = differences(AGREEMENT.survival_pairs(name))
    closed = ("restricted mean", "weighted log-rank")
    assert set(found) == {*closed, "cox.zph", "interaction", "robust", "within levels"}
    for topic, (_, worst) in found.items():
        assert worst < (CLOSED if topic in closed else NEWTON), topic


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("name", COHORTS)
def test_frailty_of_a_known_variance(name: str, ties: str) -> None:
    found = differences(AGREEMENT.frailty_pairs(name, ties))
    assert len(found) == 4
    assert max(worst for _, worst in found.values()) < NEWTON


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("name", COHORTS)
def test_frailty_of_the_best_variance(name: str, ties: str) -> None:
    """R stops its search early: ours is near, and its likelihood is not below R's."""
    theirs, fit = AGREEMENT.best_frailty(name, ties)
    assert fit.theta == pytest.approx(theirs["theta"], rel=2e-4, abs=1e-6)
    assert fit.coef.tolist() == pytest.approx(theirs["coef"], rel=1e-3, abs=1e-6)
    # Near 0 R's formula rounds; elsewhere the likelihood of the maximum is the largest.
    slack = 1e-5 if theirs["theta"] < 1e-6 else 1e-10
    assert fit.loglik >= theirs["loglik"] - slack


def test_the_grid_is_whole() -> None:
    pinned = AGREEMENT.pinned()
    assert tuple(pinned["survival"]) == COHORTS
    assert (len(pinned["proportions"]), len(pinned["strata"])) == (16, 4)
    for name in COHORTS:
        for ties in ("efron", "breslow"):
            thetas = [one["theta"] for one in pinned["survival"][name]["frailty"][ties]]
            assert thetas == [0.1, 0.5, 1.5]
