"""Logistic regression with Firth's penalty, finite where outcomes are separated.

Sources: Firth, Biometrika 1993;80:27; Heinze and Schemper, Stat Med 2002;21:2409 (profile limits
and tests of the penalised likelihood).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
from scipy.linalg import solve_triangular
from scipy.special import chdtrc, chdtri

from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, freeze
from hepatica.stats._logistic_data import LogisticData, check_logistic, derivatives
from hepatica.stats._penalised import Penalised, PenalisedProfile, climb
from hepatica.stats.chi_square import TestResult, chi_square_test

__all__ = ["LogisticFirthFit", "logistic_firth"]


@dataclass(frozen=True, slots=True, eq=False)
class LogisticFirthFit:
    """A logistic model with an intercept and p covariates and Firth's penalty.

    Attributes
    ----------
    intercept : float
        Log odds where all covariates are 0.
    coef, std_error : float array (p,)
        Log odds ratios, and standard errors from the information at them.
    vcov : float array (1 + p, 1 + p)
        Inverse of the information at the estimate, the intercept first.
    odds_ratio, lower, upper : float array (p,)
        Odds ratios with limits of the profile penalised likelihood.
    statistic, p_value : float array (p,)
        Penalised likelihood-ratio test of each coefficient, chi-square with one degree of freedom:
        the coefficient is held at 0, the penalty stays that of the whole model.
    loglik_null, loglik : float
        Penalised log likelihood with all covariates held at 0, and at the estimate.
    lr_test : TestResult
        Penalised likelihood-ratio test that all odds ratios are 1.
    probability : float array (n,)
        Fitted probability of the event.
    converged : bool
        Whether the estimate and all limits were found to full precision.
    iterations, n, n_events : int
        Steps, rows and events.
    conf_level : float
        As given.
    """

    intercept: float
    coef: FloatArray
    std_error: FloatArray
    vcov: FloatArray
    odds_ratio: FloatArray
    lower: FloatArray
    upper: FloatArray
    statistic: FloatArray
    p_value: FloatArray
    loglik_null: float
    loglik: float
    lr_test: TestResult
    probability: FloatArray
    converged: bool
    iterations: int
    n: int
    n_events: int
    conf_level: float


def logistic_firth(
    event: npt.ArrayLike, X: npt.ArrayLike, *, conf_level: float = 0.95
) -> LogisticFirthFit:
    """Fit a logistic model with Firth's penalty.

    The log likelihood has half the logarithm of the determinant of the information added
    (Jeffreys' prior), the intercept among the parameters. Estimates are finite where outcomes are
    separated, and less biased in small samples.

    Parameters
    ----------
    event, X, conf_level
        As in `logistic`.

    Raises
    ------
    InputError
        If the arrays cannot be used, all outcomes are the same, or a column does not vary or
        follows from the others.

    Examples
    --------
    In a table of two by two the penalty adds half a subject to each cell.

    >>> fit = logistic_firth([1, 1, 0, 0], [1, 1, 0, 0])
    >>> round(fit.odds_ratio.item(), 8)
    25.0
    """
    _checks.check_conf_level(conf_level)
    data = check_logistic(event, X, None)
    at = partial(_penalised, data)
    zero = np.zeros(data.design.shape[1])
    best = climb(at, zero, np.zeros(len(zero), dtype=bool))
    vcov = np.asarray(np.linalg.inv(best.found.information), dtype=np.float64)
    profile = PenalisedProfile(at, best, np.sqrt(np.diag(vcov)), float(chdtri(1, 1.0 - conf_level)))
    # A profile of a scaled coefficient is that of the coefficient: only its unit differs.
    places = range(1, len(zero))
    limits = np.array([[profile.limit(place, sign) for sign in (-1, 1)] for place in places])
    limits = limits / data.scale[:, None]
    statistic = np.array([profile.statistic(place) for place in places])
    held = np.ones(len(zero), dtype=bool)
    held[0] = False
    null = climb(at, zero, held)
    overall = 2.0 * (best.found.loglik - null.found.loglik)
    own, covariance = data.unscaled(best.coef, vcov)
    # The determinant of the information of unscaled columns is larger by the square of each scale.
    shift = float(np.log(data.scale).sum())
    with np.errstate(over="ignore"):
        odds, lower, upper = np.exp(own[1:]), np.exp(limits[:, 0]), np.exp(limits[:, 1])
    return LogisticFirthFit(
        intercept=float(own[0]),
        coef=freeze(own[1:].copy()),
        std_error=freeze(np.sqrt(np.diag(covariance))[1:].copy()),
        vcov=freeze((covariance + covariance.T) / 2.0),
        odds_ratio=freeze(odds),
        lower=freeze(lower),
        upper=freeze(upper),
        statistic=freeze(statistic),
        p_value=freeze(np.asarray(chdtrc(1, statistic))),
        loglik_null=null.found.loglik + shift,
        loglik=best.found.loglik + shift,
        lr_test=chi_square_test(overall, len(zero) - 1),
        probability=freeze(derivatives(data, best.coef).probability),
        converged=best.converged and null.converged and profile.converged,
        iterations=best.iterations,
        n=len(data.event),
        n_events=int(np.count_nonzero(data.event)),
        conf_level=float(conf_level),
    )


def _penalised(data: LogisticData, coef: FloatArray) -> Penalised:
    """Return the penalised log likelihood and its score; -inf where it has none.

    The derivative of half the log determinant is the sum of h (1/2 - p) x, h being the leverage.
    """
    plain = derivatives(data, coef)
    try:
        factor = np.linalg.cholesky(plain.information)
    except np.linalg.LinAlgError:
        return Penalised(-np.inf, plain.score, plain.information)
    p = plain.probability
    whitened = solve_triangular(factor, data.design.T, lower=True)
    leverage = np.einsum("ij,ij->j", whitened, whitened) * p * (1.0 - p)
    score = plain.score + data.design.T @ (leverage * (0.5 - p))
    return Penalised(plain.loglik + float(np.log(np.diag(factor)).sum()), score, plain.information)
