"""Proportional hazards regression from sums per day, for any number of subjects.

The partial likelihood needs the rows only through sums: for each stratum and day, of the weight
exp(x'b), of weight times covariate and of weight times the product of two covariates, over those
who leave on the day without and with the event, and over those who enter. Whoever holds the rows
(a table of distinct patterns, a data base, a cluster) adds them up once for each Newton step.

Sources: Cox, J R Stat Soc B 1972;34:187; Efron, J Am Stat Assoc 1977;72:557; Breslow, Biometrics
1974;30:89. Efron's sums over ties are taken in closed form (see `_tied_sums`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats.chi_square import TestResult, chi_square_test
from hepatica.stats.survival._day_likelihood import DayDerivatives, DayLikelihood
from hepatica.stats.survival.cox import NoFiniteEstimateError

TIES = ("efron", "breslow")

#: What a cell counts: rows that leave without the event, with it, and rows that enter.
CENSORED, EVENT, ENTRY = 0, 1, 2

#: Coefficients in, sums (cells, 1 + p + p (p + 1) / 2) and the logarithm that was taken off out.
SumsAt = Callable[[FloatArray], tuple[FloatArray, float]]

_MAX_STEPS = 60
_MAX_HALVINGS = 30
_DEGENERATE = 1e-11


@dataclass(frozen=True, slots=True, eq=False)
class CoxCells:
    """Which rows each sum is over; arrays of one length, a cell each, in any order.

    Attributes
    ----------
    stratum, day : int array (c,)
        Code of the stratum; the whole day on which the rows leave, or after which they enter.
    kind : int array (c,)
        `CENSORED`, `EVENT` or `ENTRY`.
    n : int array (c,)
        Rows.
    """

    stratum: IntArray
    day: IntArray
    kind: IntArray
    n: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class CoxSumsFit:
    """A fitted proportional hazards model; as `CoxFit`, without the rows it was fitted to.

    Attributes
    ----------
    coef, std_error : float array (p,)
        Log hazard ratios and their standard errors.
    vcov : float array (p, p)
        Their covariance matrix, the inverse of the observed information.
    hazard_ratio, lower, upper : float array (p,)
        Hazard ratios with Wald limits.
    z, p_value : float array (p,)
        Wald statistics and two-sided p-values.
    loglik_null, loglik : float
        Log partial likelihood without and with the covariates.
    score_test, wald_test, lr_test : TestResult
        Tests that all coefficients are 0.
    converged : bool
        Whether the iteration ended by its criterion.
    iterations, n, n_events : int
        Newton steps, subjects, events.
    ties : str
        As given.
    conf_level : float
        As given.
    """

    coef: FloatArray
    std_error: FloatArray
    vcov: FloatArray
    hazard_ratio: FloatArray
    lower: FloatArray
    upper: FloatArray
    z: FloatArray
    p_value: FloatArray
    loglik_null: float
    loglik: float
    score_test: TestResult
    wald_test: TestResult
    lr_test: TestResult
    converged: bool
    iterations: int
    n: int
    n_events: int
    ties: str
    conf_level: float


def cox_from_sums(
    cells: CoxCells,
    sums_at: SumsAt,
    scale: npt.ArrayLike,
    *,
    ties: str = "efron",
    conf_level: float = 0.95,
) -> CoxSumsFit:
    """Fit a proportional hazards model whose rows are seen through sums alone.

    Parameters
    ----------
    cells : CoxCells
        Which rows each sum is over.
    sums_at : callable
        Takes p coefficients b. Returns, for each cell, the sums of w, of w x_k, and of w x_k x_l
        for k <= l (in the order of `numpy.triu_indices`), with w = exp(x'b - s), and s.
        Covariates should be centred and of size about 1.
    scale : float array (p,)
        Size of a unit of each covariate, by which coefficients are turned back.
    ties : {"efron", "breslow"}
        Handling of tied event times; a row that stands for several subjects counts as several.
    conf_level : float
        Confidence level of the limits.

    Raises
    ------
    NoFiniteEstimateError
        If the likelihood rises without end.
    InputError
        If there is no event, or a column does not vary or follows from the others.

    Examples
    --------
    With events in the order 1, 0, 1 the score is zero at a hazard ratio of 1 / sqrt(2).

    >>> x = np.array([1.0, 0.0, 1.0])
    >>> cells = CoxCells(np.zeros(3, int), np.array([1, 2, 3]), np.ones(3, int), np.ones(3, int))
    >>> def sums_at(b):
    ...     w = np.exp(x * b)
    ...     return np.stack([w, w * x, w * x * x], axis=1), 0.0
    >>> round(cox_from_sums(cells, sums_at, [1.0]).hazard_ratio.item(), 4)
    0.7071
    """
    _checks.check_option("ties", ties, TIES)
    _checks.check_conf_level(conf_level)
    units = np.asarray(scale, dtype=np.float64)
    events = int(cells.n[cells.kind == EVENT].sum())
    if not events:
        raise InputError("The model needs at least one event; there is none.")
    likelihood = DayLikelihood(cells.stratum, cells.day, cells.kind, cells.n, ties == "efron")
    found = _maximise(likelihood, sums_at, len(units))
    return _summarise(found, units, (int(cells.n[cells.kind != ENTRY].sum()), events), ties,
                      float(conf_level))  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class _Maximum:
    coef: FloatArray
    start: DayDerivatives
    end: DayDerivatives
    steps: int
    converged: bool


def _maximise(likelihood: DayLikelihood, sums_at: SumsAt, p: int) -> _Maximum:
    coef = np.zeros(p)
    start = now = likelihood.at(coef, *sums_at(coef))
    _refuse_singular(start)
    step = _step(now, coef)
    for steps in range(1, _MAX_STEPS + 1):
        coef, now = _climb(likelihood, sums_at, coef, now, step)
        step = _step(now, coef)
        if np.abs(step).max() <= 1e-10 * (1.0 + np.abs(coef).max()):
            # Too small to be worth another pass over the rows, but taken: it costs nothing.
            return _Maximum(coef + step, start, now, steps, converged=True)
    if float(step @ now.score) > 1e-8:
        _refuse_diverging(coef)
    return _Maximum(coef, start, now, _MAX_STEPS, converged=False)


def _climb(
    likelihood: DayLikelihood,
    sums_at: SumsAt,
    coef: FloatArray,
    now: DayDerivatives,
    step: FloatArray,
) -> tuple[FloatArray, DayDerivatives]:
    slack = 1e-11 * (1.0 + abs(now.loglik))
    for _ in range(_MAX_HALVINGS):
        with np.errstate(all="ignore"):
            found = likelihood.at(coef + step, *sums_at(coef + step))
        if np.isfinite(found.loglik) and found.loglik >= now.loglik - slack:
            return coef + step, found
        step = step / 2.0
    return coef, now


def _step(now: DayDerivatives, coef: FloatArray) -> FloatArray:
    spread = np.sqrt(np.abs(np.diag(now.information)))
    if not (spread > 1e-7).all():
        _refuse_diverging(coef)
    try:
        return np.asarray(np.linalg.solve(now.information, now.score), dtype=np.float64)
    except np.linalg.LinAlgError:
        _refuse_diverging(coef)
        raise


def _refuse_diverging(coef: FloatArray) -> None:
    column = int(np.abs(coef).argmax())
    raise NoFiniteEstimateError(
        f"The hazard ratio of column {column} has no finite estimate: the likelihood rises "
        f"without end as coefficients grow."
    )


def _refuse_singular(start: DayDerivatives) -> None:
    """Refuse columns that carry nothing, found by a Cholesky factor in the order of columns."""
    left = start.information.copy()
    for column in range(len(left)):
        pivot = left[column, column]
        limit = _DEGENERATE * start.weighted_square[column]
        if start.information[column, column] <= limit:
            raise InputError(
                f"Column {column} of X is the same for all subjects at risk at each event."
            )
        if pivot <= limit:
            raise InputError(f"Column {column} of X follows from the columns before it.")
        left -= np.outer(left[:, column], left[column]) / pivot


def _summarise(
    found: _Maximum, scale: FloatArray, counted: tuple[int, int], ties: str, conf_level: float
) -> CoxSumsFit:
    information = found.end.information
    score_statistic = float(
        found.start.score @ np.linalg.solve(found.start.information, found.start.score)
    )
    inverse = np.asarray(np.linalg.inv(information), dtype=np.float64)
    if not (np.diag(inverse) > 0).all():
        _refuse_diverging(found.coef)
    coef = found.coef / scale
    vcov = (inverse + inverse.T) / 2.0 / np.outer(scale, scale)
    std_error = np.sqrt(np.diag(vcov))
    half = float(ndtri(0.5 + conf_level / 2.0)) * std_error
    z = coef / std_error
    df = len(coef)
    with np.errstate(over="ignore"):
        ratio, lower, upper = np.exp(coef), np.exp(coef - half), np.exp(coef + half)
    return CoxSumsFit(
        coef=freeze(coef),
        std_error=freeze(std_error),
        vcov=freeze(vcov),
        hazard_ratio=freeze(ratio),
        lower=freeze(lower),
        upper=freeze(upper),
        z=freeze(z),
        p_value=freeze(2.0 * ndtr(-np.abs(z))),
        loglik_null=found.start.loglik,
        loglik=found.end.loglik,
        score_test=chi_square_test(score_statistic, df),
        wald_test=chi_square_test(float(found.coef @ information @ found.coef), df),
        lr_test=chi_square_test(2.0 * (found.end.loglik - found.start.loglik), df),
        converged=found.converged,
        iterations=found.steps,
        n=counted[0],
        n_events=counted[1],
        ties=ties,
        conf_level=conf_level,
    )
