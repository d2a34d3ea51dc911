"""Limits and tests from the profile of the partial likelihood.

Sources: Cox and Hinkley, Theoretical Statistics, 1974, section 9.3 (tests with the rest of the
coefficients estimated); Venzon and Moolgavkar, Appl Stat 1988;37:87 (profile limits).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.special import chdtri

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats.chi_square import TestResult, chi_square_test
from hepatica.stats.survival._cox_input import middle, rows_with_weight
from hepatica.stats.survival._exact_ties import ExactLikelihood
from hepatica.stats.survival._partial_likelihood import Derivatives, PartialLikelihood
from hepatica.stats.survival.cox import CoxFit

_Likelihood: TypeAlias = PartialLikelihood | ExactLikelihood

_MAX_STEPS = 100
_MAX_HALVINGS = 40
_PRECISE = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class ProfileLimits:
    """Limits of k coefficients by profile likelihood; arrays are read-only.

    Attributes
    ----------
    column : int array (k,)
        Columns of the covariates.
    coef, lower, upper : float array (k,)
        Log hazard ratio and its limits.
    hazard_ratio, hazard_ratio_lower, hazard_ratio_upper : float array (k,)
        The same as hazard ratios.
    conf_level : float
        As given.
    """

    column: IntArray
    coef: FloatArray
    lower: FloatArray
    upper: FloatArray
    hazard_ratio: FloatArray
    hazard_ratio_lower: FloatArray
    hazard_ratio_upper: FloatArray
    conf_level: float


@dataclass(frozen=True, slots=True, eq=False)
class SubsetTest:
    """Tests that some coefficients are 0, the others being estimated.

    Attributes
    ----------
    column : int array (k,)
        Columns whose coefficients are tested.
    wald, score, likelihood_ratio : TestResult
        Chi-square tests with k degrees of freedom. The Wald test follows the covariance of the fit
        (robust with clusters); the others are those of the model.
    """

    column: IntArray
    wald: TestResult
    score: TestResult
    likelihood_ratio: TestResult


def profile_limits(
    fit: CoxFit, *, columns: npt.ArrayLike | None = None, conf_level: float = 0.95
) -> ProfileLimits:
    """Return the coefficients at which the likelihood-ratio test is just not significant.

    Parameters
    ----------
    fit : CoxFit
        A model with p covariates.
    columns : array (k,), optional
        Columns to give limits for; all without it.
    conf_level : float
        Confidence level.

    Raises
    ------
    InputError
        If a column does not exist.

    Examples
    --------
    >>> from hepatica.stats.survival import cox
    >>> fit = cox([1, 2, 3, 4], [1, 1, 1, 1], [1, 0, 1, 0])
    >>> limits = profile_limits(fit)
    >>> limits.lower.round(2).tolist(), limits.upper.round(2).tolist()
    ([-1.43], [4.03])
    """
    _checks.check_conf_level(conf_level)
    chosen = _columns(fit, columns)
    likelihood = _likelihood(fit)
    reach = float(np.sqrt(chdtri(1, 1.0 - conf_level)))
    found = np.array(
        [[_limit(fit, likelihood, int(k), sign * reach) for sign in (-1.0, 1.0)] for k in chosen]
    )
    coef = fit.coef[chosen]
    with np.errstate(over="ignore"):
        ratios = np.exp(np.column_stack([coef, found]))
    return ProfileLimits(
        column=freeze(chosen),
        coef=freeze(coef),
        lower=freeze(found[:, 0].copy()),
        upper=freeze(found[:, 1].copy()),
        hazard_ratio=freeze(ratios[:, 0].copy()),
        hazard_ratio_lower=freeze(ratios[:, 1].copy()),
        hazard_ratio_upper=freeze(ratios[:, 2].copy()),
        conf_level=float(conf_level),
    )


def subset_test(fit: CoxFit, columns: npt.ArrayLike) -> SubsetTest:
    """Test that the coefficients of some columns are all 0.

    Parameters
    ----------
    fit : CoxFit
        A model with p covariates.
    columns : array (k,)
        Columns to test.

    Raises
    ------
    InputError
        If a column does not exist.

    Examples
    --------
    >>> from hepatica.stats.survival import cox
    >>> fit = cox([1, 2, 3, 4], [1, 1, 1, 1], [1, 0, 1, 0])
    >>> test = subset_test(fit, [0])
    >>> test.likelihood_ratio == fit.lr_test, test.score == fit.score_test
    (True, True)
    """
    chosen = _columns(fit, columns)
    likelihood = _likelihood(fit)
    start = fit.coef.copy()
    start[chosen] = 0.0
    free = np.setdiff1d(np.arange(len(start)), chosen)
    _, null = _climb(likelihood, start, free)
    score, information = null.score[chosen], null.information
    variance = information[np.ix_(chosen, chosen)]
    if len(free):
        cross = information[np.ix_(free, chosen)]
        variance = variance - cross.T @ np.linalg.solve(information[np.ix_(free, free)], cross)
    coef = fit.coef[chosen]
    df = len(chosen)
    return SubsetTest(
        column=freeze(chosen),
        wald=chi_square_test(_quadratic(fit.vcov[np.ix_(chosen, chosen)], coef), df),
        score=chi_square_test(_quadratic(variance, score), df),
        likelihood_ratio=chi_square_test(2.0 * (fit.loglik - null.loglik), df),
    )


def nested_comparison(smaller: CoxFit, larger: CoxFit) -> TestResult:
    """Compare two models of the same data by the likelihood ratio.

    Raises
    ------
    InputError
        If the fits differ in times, events, entries, weights, strata or ties, or the second has no
        more covariates.

    Notes
    -----
    Whether the covariates of the first are among those of the second, or follow from them, is for
    the caller to know.

    Examples
    --------
    >>> from hepatica.stats.survival import cox
    >>> time, event, x = [1, 2, 3, 4, 5], [1, 1, 1, 1, 0], [1, 0, 1, 0, 1]
    >>> both = [[1, 2], [0, 5], [1, 1], [0, 1], [1, 3]]
    >>> smaller, larger = cox(time, event, x), cox(time, event, both)
    >>> nested_comparison(smaller, larger).df
    1
    """
    df = len(larger.coef) - len(smaller.coef)
    if df < 1:
        raise InputError("The second model must have more covariates than the first.")
    names = ("time", "event", "entry", "weights", "offset", "stratum")
    same = smaller.ties == larger.ties and all(
        np.array_equal(getattr(smaller.data, name), getattr(larger.data, name)) for name in names
    )
    if not same:
        raise InputError(
            "Both models must be fitted to the same times, events, entries, weights, offsets and "
            "strata with the same ties."
        )
    return chi_square_test(2.0 * (larger.loglik - smaller.loglik), df)


def _columns(fit: CoxFit, columns: npt.ArrayLike | None) -> IntArray:
    p = len(fit.coef)
    if columns is None:
        return np.arange(p)
    array = _checks.numbers("columns", columns)
    refusal = f"columns must hold columns of the covariates, 0 to {p - 1}."
    whole = _checks.whole(array, refusal)
    if whole.min() < 0 or whole.max() >= p:
        raise InputError(refusal)
    if len(np.unique(whole)) != len(whole):
        raise InputError("columns must name each column once.")
    return whole


def _likelihood(fit: CoxFit) -> _Likelihood:
    used = rows_with_weight(fit.data)
    if fit.ties == "exact":
        return ExactLikelihood(used, middle(used.X))
    return PartialLikelihood(used, middle(used.X), fit.ties)


def _climb(
    likelihood: _Likelihood, coef: FloatArray, free: IntArray
) -> tuple[FloatArray, Derivatives]:
    """Maximise over the free coefficients by Newton's method, the others held."""
    now = likelihood.at(coef)
    if not len(free):
        return coef, now
    for _ in range(_MAX_STEPS):
        step = np.zeros_like(coef)
        step[free] = np.linalg.solve(now.information[np.ix_(free, free)], now.score[free])
        gain = float(step @ now.score)
        if gain <= _PRECISE * 1e-6 * (1.0 + abs(now.loglik)):
            break
        coef, now = _ascend(likelihood, coef, now, step)
    return coef, now


def _ascend(
    likelihood: _Likelihood, coef: FloatArray, now: Derivatives, step: FloatArray
) -> tuple[FloatArray, Derivatives]:
    slack = 1e-13 * (1.0 + abs(now.loglik))
    for _ in range(_MAX_HALVINGS):
        with np.errstate(all="ignore"):
            found = likelihood.at(coef + step)
        if np.isfinite(found.loglik) and found.loglik >= now.loglik - slack:
            return coef + step, found
        step = step / 2.0
    return coef, now


def _limit(fit: CoxFit, likelihood: _Likelihood, column: int, target: float) -> float:
    """Return where the signed root of the likelihood ratio of a coefficient reaches a value.

    The root is nearly a straight line, so that Newton's method on it needs few steps; it is kept
    between the bounds found so far.
    """
    free = np.delete(np.arange(len(fit.coef)), column)
    best = _climb(likelihood, fit.coef.copy(), np.arange(len(fit.coef)))[1].loglik
    coef = fit.coef.copy()
    step = target * float(np.sqrt(fit.naive_vcov[column, column]))
    inside, outside = float(coef[column]), np.sign(target) * np.inf
    for _ in range(_MAX_STEPS):
        moved = coef.copy()
        moved[column] += step
        coef, now = _climb(likelihood, moved, free)
        root = float(np.sign(target) * np.sqrt(max(2.0 * (best - now.loglik), 0.0)))
        if abs(root) < abs(target):
            inside = float(coef[column])
        else:
            outside = float(coef[column])
        # The profile's slope is the score of the coefficient held: root' = -score / root.
        wanted = float(coef[column] + (target - root) * root / -now.score[column])
        if not min(inside, outside) <= wanted <= max(inside, outside):
            wanted = (inside + outside) / 2.0
        step = wanted - float(coef[column])
        if abs(step) <= _PRECISE * (1.0 + abs(wanted)):
            break
    return wanted


def _quadratic(matrix: FloatArray, vector: FloatArray) -> float:
    return float(vector @ np.linalg.solve(matrix, vector))
