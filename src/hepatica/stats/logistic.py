"""Logistic regression by maximum likelihood.

Sources: McCullagh and Nelder, Generalized Linear Models, 1989, chapter 4; Albert and Anderson,
Biometrika 1984;71:1 (where there is no estimate).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, freeze
from hepatica.stats._logistic_data import (
    LogisticData,
    LogisticDerivatives,
    check_logistic,
    derivatives,
    separating_column,
)
from hepatica.stats.chi_square import TestResult, chi_square_test
from hepatica.stats.survival.cox import NoFiniteEstimateError

__all__ = ["LogisticFit", "NoFiniteEstimateError", "logistic"]

_MAX_ITERATIONS = 60
_MAX_HALVINGS = 30
_PRECISE = 1e-11
#: A fit that has not ended by then is looked at for separation.
_SUSPICIOUS = 9


@dataclass(frozen=True, slots=True, eq=False)
class LogisticFit:
    """A fitted logistic model with an intercept and p covariates; arrays are read-only.

    Attributes
    ----------
    intercept, intercept_std_error : float
        Log odds where all covariates are 0, and its standard error.
    coef, std_error : float array (p,)
        Log odds ratios and their standard errors.
    vcov : float array (1 + p, 1 + p)
        Covariance matrix, the intercept first: the inverse of the information.
    odds_ratio, lower, upper : float array (p,)
        Odds ratios with Wald limits.
    z, p_value : float array (p,)
        Wald statistics and two-sided p-values.
    loglik_null, loglik : float
        Log likelihood with the intercept alone, and of the model.
    score_test, wald_test, lr_test : TestResult
        Tests that all odds ratios are 1.
    probability : float array (n,)
        Fitted probability of the event for each row of weight above 0.
    converged : bool
        Whether the iteration ended by its criterion.
    iterations, n, n_events : int
        Newton steps, rows and events of weight above 0.
    conf_level : float
        As given.
    """

    intercept: float
    intercept_std_error: float
    coef: FloatArray
    std_error: FloatArray
    vcov: FloatArray
    odds_ratio: FloatArray
    lower: FloatArray
    upper: FloatArray
    z: FloatArray
    p_value: FloatArray
    loglik_null: float
    loglik: float
    score_test: TestResult
    wald_test: TestResult
    lr_test: TestResult
    probability: FloatArray
    converged: bool
    iterations: int
    n: int
    n_events: int
    conf_level: float


def logistic(
    event: npt.ArrayLike,
    X: npt.ArrayLike,
    *,
    weights: npt.ArrayLike | None = None,
    conf_level: float = 0.95,
) -> LogisticFit:
    """Fit a logistic model.

    Parameters
    ----------
    event : array (n,)
        1 with the event, 0 without.
    X : array (n, p) or (n,)
        Covariates, one column each; no column for the intercept.
    weights : array (n,), optional
        Case weights, not negative; a row of weight 0 is as if it were not there.
    conf_level : float
        Confidence level of the limits.

    Raises
    ------
    NoFiniteEstimateError
        If the outcomes are separated, wholly or in part, so that an odds ratio grows for ever.
    InputError
        If the arrays cannot be used, all outcomes are the same, or a column does not vary or
        follows from the others.

    Examples
    --------
    The odds ratio of a table of two by two is that of its counts.

    >>> fit = logistic([1, 1, 1, 0, 1, 0, 0, 0], [1, 1, 1, 1, 0, 0, 0, 0])
    >>> round(fit.odds_ratio.item(), 10), round(fit.std_error.item() ** 2, 10)
    (9.0, 2.6666666667)
    """
    _checks.check_conf_level(conf_level)
    data = check_logistic(event, X, weights)
    start = np.zeros(data.design.shape[1])
    mass = data.weights if len(data.weights) else np.ones(len(data.event))
    share = float(mass[data.event].sum() / mass.sum())
    start[0] = np.log(share / (1.0 - share))
    null = derivatives(data, start)
    inside = null.information[1:, 1:]
    score_statistic = float(null.score[1:] @ np.linalg.solve(inside, null.score[1:]))
    coef, now, iterations, converged = _climb(data, start, null)
    vcov = np.asarray(np.linalg.inv(now.information), dtype=np.float64)
    wald = float(coef[1:] @ np.linalg.solve(vcov[1:, 1:], coef[1:]))
    df = len(coef) - 1
    tests = (score_statistic, wald, 2.0 * (now.loglik - null.loglik))
    score, wald_test, ratio = (chi_square_test(one, df) for one in tests)
    own, covariance = data.unscaled(coef, vcov)
    std_error = np.sqrt(np.diag(covariance))
    half = float(ndtri(0.5 + conf_level / 2.0)) * std_error[1:]
    z = own[1:] / std_error[1:]
    with np.errstate(over="ignore"):
        odds, lower, upper = np.exp(own[1:]), np.exp(own[1:] - half), np.exp(own[1:] + half)
    return LogisticFit(
        intercept=float(own[0]),
        intercept_std_error=float(std_error[0]),
        coef=freeze(own[1:].copy()),
        std_error=freeze(std_error[1:].copy()),
        vcov=freeze((covariance + covariance.T) / 2.0),
        odds_ratio=freeze(odds),
        lower=freeze(lower),
        upper=freeze(upper),
        z=freeze(z),
        p_value=freeze(2.0 * ndtr(-np.abs(z))),
        loglik_null=null.loglik,
        loglik=now.loglik,
        score_test=score,
        wald_test=wald_test,
        lr_test=ratio,
        probability=freeze(now.probability),
        converged=converged,
        iterations=iterations,
        n=len(data.event),
        n_events=int(np.count_nonzero(data.event)),
        conf_level=float(conf_level),
    )


def _climb(
    data: LogisticData, coef: FloatArray, now: LogisticDerivatives
) -> tuple[FloatArray, LogisticDerivatives, int, bool]:
    """Maximise by Newton's method with step halving; refuse outcomes that are separated."""
    for iteration in range(1, _MAX_ITERATIONS + 1):
        if iteration == _SUSPICIOUS:
            _refuse_separated(data)
        try:
            step = np.asarray(np.linalg.solve(now.information, now.score), dtype=np.float64)
        except np.linalg.LinAlgError:
            _refuse_separated(data)
            raise
        if float(np.abs(step).max()) <= _PRECISE * (1.0 + float(np.abs(coef).max())):
            coef = coef + step
            return coef, derivatives(data, coef), iteration, True
        coef, now = _halve(data, coef, now, step)
    _refuse_separated(data)
    return coef, now, _MAX_ITERATIONS, False


def _halve(
    data: LogisticData, coef: FloatArray, now: LogisticDerivatives, step: FloatArray
) -> tuple[FloatArray, LogisticDerivatives]:
    slack = 1e-12 * (1.0 + abs(now.loglik))
    for _ in range(_MAX_HALVINGS):
        found = derivatives(data, coef + step)
        if np.isfinite(found.loglik) and found.loglik >= now.loglik - slack:
            return coef + step, found
        step = step / 2.0
    return coef, now


def _refuse_separated(data: LogisticData) -> None:
    column = separating_column(data)
    if column is not None:
        raise NoFiniteEstimateError(
            f"The odds ratio of column {column} has no finite estimate: the outcomes are separated "
            f"by it, alone or with others, as where all events are at one end of its range. "
            f"Firth's method (logistic_firth) gives an estimate."
        )
