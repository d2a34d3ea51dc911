"""Tests of proportional hazards.

Sources: Grambsch and Therneau, Biometrika 1994;81:515 (the score test of a coefficient that
changes as b + c g(t), and its approximation by the slope of scaled Schoenfeld residuals on g);
Therneau and Grambsch, Modeling Survival Data, Springer 2000, chapter 6 (choices of g).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats._ranks import doubled_mid_ranks
from hepatica.stats.chi_square import TestResult
from hepatica.stats.survival._cox_steps import HazardSteps, distinct_times, hazard_steps
from hepatica.stats.survival.cox import CoxFit
from hepatica.stats.survival.cox_residuals import schoenfeld_residuals

TRANSFORMS = ("km", "rank", "identity", "log")


@dataclass(frozen=True, slots=True, eq=False)
class ProportionalityTest:
    """Tests that coefficients do not change with time; arrays are read-only.

    Attributes
    ----------
    term : int array (k,)
        Code of each term.
    statistic : float array (k,)
        Chi-square statistic of each term.
    df : int array (k,)
        Its degrees of freedom, the columns of the term.
    p_value : float array (k,)
        Its p-value.
    overall : TestResult
        Test of all columns at once.
    transform : str
        As given.
    time, transformed : float array (d,)
        Time of each event by stratum and time, and g(time): the horizontal axis of a plot.
    row : int array (d,)
        Row of each event.
    scaled : float array (d, p)
        Scaled Schoenfeld residuals, not multiplied by case weights: the vertical axis of a plot.
    """

    term: IntArray
    statistic: FloatArray
    df: IntArray
    p_value: FloatArray
    overall: TestResult
    transform: str
    time: FloatArray
    transformed: FloatArray
    row: IntArray
    scaled: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class ProportionalityCorrelation:
    """The older test by the slope of scaled Schoenfeld residuals on g(time).

    Attributes
    ----------
    rho : float array (p,)
        Correlation of each column's scaled residuals with g(time).
    statistic, p_value : float array (p,)
        Chi-square statistic with 1 degree of freedom of each column, and its p-value.
    overall : TestResult
        Test of all columns at once.
    transform : str
        As given.
    """

    rho: FloatArray
    statistic: FloatArray
    p_value: FloatArray
    overall: TestResult
    transform: str


def proportionality_test(
    fit: CoxFit, *, transform: str = "km", terms: npt.ArrayLike | None = None
) -> ProportionalityTest:
    """Test proportional hazards by the score test of coefficients that change with g(time).

    Parameters
    ----------
    fit : CoxFit
        A model with p covariates.
    transform : {"km", "rank", "identity", "log"}
        g: one less the Kaplan-Meier curve of all rows just before the time (without weights or
        strata), rank among the times of all rows, the time, or its logarithm.
    terms : array (p,), optional
        Whole-number code of each column; columns of one code (a categorical covariate) are
        tested together. Without it each column is a term.

    Raises
    ------
    InputError
        If the fit has exact ties, all events are at one time, or an event at time 0 has no
        logarithm.

    Notes
    -----
    The variance is that of the model, also where the fit has a robust one.

    Examples
    --------
    >>> from hepatica.stats.survival import cox
    >>> fit = cox([1, 2, 3, 4, 5], [1, 1, 1, 1, 0], [1, 0, 1, 0, 1])
    >>> test = proportionality_test(fit, transform="rank")
    >>> test.df.tolist(), round(test.overall.p_value, 3)
    ([1], 0.4)
    """
    steps = hazard_steps(fit)
    p = steps.X.shape[1]
    columns = np.arange(p) if terms is None else _terms(terms, p)
    found, position = _checks.codes("terms", columns, p)
    g = _transformed(fit, steps, transform)[steps.cell]
    # Centred, so that the score of the slopes is not rounded away beside that of the means.
    centred = g - g.mean()
    score = _slope_score(steps, centred)
    variance = _slope_variance(steps, centred)
    statistic = np.empty(len(found))
    df = np.bincount(position)
    for term in range(len(found)):
        own = np.flatnonzero(position == term)
        statistic[term] = score[own] @ np.linalg.solve(variance[np.ix_(own, own)], score[own])
    overall = float(score @ np.linalg.solve(variance, score))
    residuals = schoenfeld_residuals(fit)
    return ProportionalityTest(
        term=freeze(np.array(found)),
        statistic=freeze(statistic),
        df=freeze(df),
        p_value=freeze(np.asarray(chdtrc(df, statistic))),
        overall=TestResult(statistic=overall, df=p, p_value=float(chdtrc(p, overall))),
        transform=transform,
        time=residuals.time,
        transformed=freeze(g),
        row=residuals.row,
        scaled=residuals.scaled,
    )


def proportionality_correlation(
    fit: CoxFit, *, transform: str = "km"
) -> ProportionalityCorrelation:
    """Test proportional hazards by the slope of scaled Schoenfeld residuals on g(time).

    It takes the information to be the same at all event times; `proportionality_test` does not.
    Parameters and errors are those of `proportionality_test`.

    Examples
    --------
    >>> from hepatica.stats.survival import cox
    >>> fit = cox([1, 2, 3, 4, 5], [1, 1, 1, 1, 0], [1, 0, 1, 0, 1])
    >>> proportionality_correlation(fit, transform="rank").rho.round(3).tolist()
    [-0.483]
    """
    steps = hazard_steps(fit)
    g = _transformed(fit, steps, transform)[steps.cell]
    weight = steps.weight[steps.rows]
    total = float(weight.sum())
    centred = g - weight @ g / total
    square = float(weight @ centred**2)
    vcov = steps.vcov()
    scaled = total * schoenfeld_residuals(fit).residual @ vcov
    slope = (weight * centred) @ scaled
    statistic = slope**2 / (np.diag(vcov) * total * square)
    overall = float(slope @ np.linalg.solve(vcov, slope)) / (total * square)
    # Weighted by the case weights, the residuals have a mean of 0 at the estimate.
    spread = weight @ scaled**2
    p = len(slope)
    return ProportionalityCorrelation(
        rho=freeze(slope / np.sqrt(square * spread)),
        statistic=freeze(statistic),
        p_value=freeze(np.asarray(chdtrc(1, statistic))),
        overall=TestResult(statistic=overall, df=p, p_value=float(chdtrc(p, overall))),
        transform=transform,
    )


def _terms(terms: npt.ArrayLike, p: int) -> npt.NDArray[np.generic]:
    array = _checks.numbers("terms", terms)
    if len(array) != p:
        raise InputError(f"terms must have one code for each covariate: {p}; it has {len(array)}.")
    return array


def _slope_score(steps: HazardSteps, g: FloatArray) -> FloatArray:
    """Return the score of the slopes of coefficients on g at zero, shape (p,)."""
    mean = steps.per_cell(steps.mean) / steps.deaths[:, None]
    residual = steps.X[steps.rows] - mean[steps.cell]
    found: FloatArray = (steps.weight[steps.rows] * g) @ residual
    return found


def _slope_variance(steps: HazardSteps, g: FloatArray) -> FloatArray:
    """Return the variance of that score, the coefficients being estimated."""
    level = steps.information(np.ones(len(g)))
    cross = steps.information(g)
    slope = steps.information(g**2)
    return np.asarray(slope - cross @ np.linalg.solve(level, cross))


def _transformed(fit: CoxFit, steps: HazardSteps, transform: str) -> FloatArray:
    """Return g at the time of each cell; events at one time only have no slope."""
    _checks.check_option("transform", transform, TRANSFORMS)
    if np.unique(steps.time).size < 2:
        raise InputError("The test needs events at two or more times; all are at one time.")
    if transform == "identity":
        return steps.time
    if transform == "log":
        if steps.time.min() <= 0.0:
            raise InputError("An event at time 0 has no logarithm; choose another transform.")
        return np.log(steps.time)
    if transform == "rank":
        upper, tick = distinct_times(fit.data.time)
        ranks = np.empty(len(upper))
        ranks[tick] = doubled_mid_ranks(tick) / 2.0
        return ranks[np.searchsorted(upper, steps.time)]
    return _failed_before(fit, steps)


def _failed_before(fit: CoxFit, steps: HazardSteps) -> FloatArray:
    """Return one less the Kaplan-Meier curve of all rows just before the time of each cell."""
    data = fit.data
    upper, tick = distinct_times(data.time)
    deaths = np.bincount(tick[data.event], minlength=len(upper))
    leaving = np.bincount(tick, minlength=len(upper))
    risk = np.cumsum(leaving[::-1])[::-1]
    if data.entry.size:
        entered = np.searchsorted(np.sort(data.entry), upper * (1.0 - 1e-12), side="left")
        risk = risk - len(tick) + entered
    survival = np.cumprod(np.where(risk > 0, 1.0 - deaths / np.maximum(risk, 1), 1.0))
    before = np.append(1.0, survival[:-1])
    found: FloatArray = 1.0 - before[np.searchsorted(upper, steps.time)]
    return found
