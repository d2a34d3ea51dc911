"""Firth's penalty: by algebra, and against direct maximisation of the penalised likelihood."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy.optimize import brentq, minimize
from scipy.special import chdtri

from hepatica.errors import InputError
from hepatica.stats.survival import NoFiniteEstimateError, cox, cox_firth

Objective = Callable[[np.ndarray], float]


def direct(
    time: np.ndarray, event: np.ndarray, X: np.ndarray, ties: str, strata: np.ndarray | None = None
) -> Objective:
    """Return the penalised log likelihood, event by event over whole risk sets."""
    stratum = np.zeros(len(time)) if strata is None else strata

    def loglik(coef: np.ndarray) -> float:
        risk = np.exp(X @ coef)
        total, information = 0.0, np.zeros((X.shape[1],) * 2)
        for code in np.unique(stratum):
            for moment in np.unique(time[(stratum == code) & event]):
                inside = (stratum == code) & (time >= moment)
                tied = inside & event & (time == moment)
                total += float((X[tied] @ coef).sum())
                for j in range(int(tied.sum())):
                    share = j / tied.sum() if ties == "efron" else 0.0
                    weight = risk * inside * (1.0 - share * tied)
                    total -= math.log(weight.sum())
                    mean = weight @ X / weight.sum()
                    spread = (X * weight[:, None]).T @ X / weight.sum()
                    information += spread - np.outer(mean, mean)
        return total + 0.5 * float(np.linalg.slogdet(information)[1])

    return loglik


def separated(ties: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(11)
    X = np.column_stack([np.repeat([1.0, 0.0], [8, 16]), rng.normal(size=24)])
    time = rng.integers(1, 9, 24) if ties else rng.permutation(24) + 1
    return time, np.repeat([False, True], [8, 16]), X


def test_two_subjects() -> None:
    # 1.5 log r - 2 log(1 + r) is highest at r = 3, where the information is 3/16.
    fit = cox_firth([1, 2], [1, 0], [1, 0])
    assert fit.hazard_ratio[0] == pytest.approx(3.0, rel=1e-12)
    assert fit.vcov[0, 0] == pytest.approx(16 / 3, rel=1e-12)
    highest = 1.5 * math.log(3) - 2 * math.log(4)
    assert fit.loglik == pytest.approx(highest)
    assert fit.loglik_null == pytest.approx(-2 * math.log(2))
    assert fit.lr_test.statistic == pytest.approx(2 * (highest + 2 * math.log(2)))
    assert fit.statistic[0] == pytest.approx(fit.lr_test.statistic)

    def gap(b: float) -> float:
        return 2 * (highest - 1.5 * b + 2 * math.log1p(math.exp(b))) - chdtri(1, 0.05)

    assert fit.lower[0] == pytest.approx(math.exp(brentq(gap, -20, 1, xtol=1e-13)), rel=1e-9)
    assert fit.upper[0] == pytest.approx(math.exp(brentq(gap, 1.1, 20, xtol=1e-13)), rel=1e-9)


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("stratified", [False, True])
def test_monotone_likelihood_against_direct_maximisation(
    tied: bool, ties: str, stratified: bool
) -> None:
    time, event, X = separated(tied)
    strata = np.arange(24) % 2 if stratified else None
    with pytest.raises(NoFiniteEstimateError):
        cox(time, event, X, ties=ties, strata=strata)
    fit = cox_firth(time, event, X, ties=ties, strata=strata)
    assert fit.converged
    loglik = direct(time, event, X, ties, strata)
    best = minimize(lambda b: -loglik(b), fit.coef + 0.1, method="BFGS", options={"gtol": 1e-7})
    np.testing.assert_allclose(fit.coef, best.x, atol=2e-6)
    assert fit.loglik == pytest.approx(loglik(fit.coef), rel=1e-12)
    assert fit.loglik >= -best.fun - 1e-12
    # At a limit the other coefficient is at its best, and the loss is the quantile.
    for limit in (math.log(fit.lower[0]), math.log(fit.upper[0])):
        other = minimize(lambda b, at=limit: -loglik(np.array([at, b[0]])), fit.coef[1:])
        assert 2 * (fit.loglik + other.fun) == pytest.approx(chdtri(1, 0.05), abs=1e-8)
    held = minimize(lambda b: -loglik(np.array([0.0, b[0]])), fit.coef[1:])
    assert fit.statistic[0] == pytest.approx(2 * (fit.loglik + held.fun), abs=1e-8)


def test_large_samples_come_near_the_unpenalised_fit() -> None:
    rng = np.random.default_rng(2)
    X = rng.normal(size=(4000, 2))
    time = rng.exponential(np.exp(-X @ [0.5, -0.3]))
    event = rng.random(4000) < 0.8
    np.testing.assert_allclose(cox_firth(time, event, X).coef, cox(time, event, X).coef, atol=1e-3)


def test_scale_and_order_do_not_matter() -> None:
    time, event, X = separated(True)
    fit = cox_firth(time, event, X)
    back = cox_firth(time[::-1], event[::-1], X[::-1] * [1.0, 1000.0] + [5.0, -3.0])
    np.testing.assert_allclose(back.coef * [1.0, 1000.0], fit.coef, rtol=1e-9)
    np.testing.assert_allclose(back.p_value, fit.p_value, rtol=1e-7)


def test_refusals() -> None:
    with pytest.raises(InputError, match="ties must be one of efron, breslow"):
        cox_firth([1, 2], [1, 0], [1, 0], ties="exact")
    with pytest.raises(InputError, match="Column 0 of X is the same for all subjects"):
        cox_firth([1, 2], [1, 0], [1, 1])
    with pytest.raises(InputError, match="at least one event"):
        cox_firth([1, 2], [0, 0], [1, 0])
