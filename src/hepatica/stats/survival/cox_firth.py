"""Proportional hazards regression with Firth's penalty, finite where the likelihood is monotone.

Sources: Heinze and Schemper, Biometrics 2001;57:114; Heinze and Dunkler, Stat Med 2008;27:6455
(profile limits, delayed entry); Firth, Biometrika 1993;80:27.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, chdtri

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, freeze
from hepatica.stats._penalised import PenalisedProfile, climb
from hepatica.stats.chi_square import TestResult, chi_square_test
from hepatica.stats.survival._cox_data import CoxData
from hepatica.stats.survival._cox_input import check_cox, middle, refuse_constant, rows_with_weight
from hepatica.stats.survival._firth import penalised
from hepatica.stats.survival._newton import refuse_singular
from hepatica.stats.survival._partial_likelihood import PartialLikelihood

__all__ = ["FirthFit", "cox_firth"]

#: With heavier rows a change of the penalised likelihood is lost in its rounding.
_HEAVIEST = 10_000


@dataclass(frozen=True, slots=True, eq=False)
class FirthFit:
    """A proportional hazards model fitted with Firth's penalty; arrays are read-only.

    Attributes
    ----------
    coef, std_error : float array (p,)
        Log hazard ratios, and standard errors from the information at them.
    vcov : float array (p, p)
        Inverse of the information at the estimate.
    hazard_ratio, lower, upper : float array (p,)
        Hazard ratios with limits of the profile penalised likelihood.
    statistic, p_value : float array (p,)
        Penalised likelihood-ratio test of each coefficient, chi-square with one degree of freedom:
        the coefficient is held at 0, the penalty stays that of the whole model.
    loglik_null, loglik : float
        Penalised log partial likelihood at 0 and at the estimate.
    lr_test : TestResult
        Penalised likelihood-ratio test that all coefficients are 0.
    converged : bool
        Whether the estimate and all limits were found to full precision.
    iterations, n, n_events : int
        Steps, rows and events of weight above 0.
    ties : str
        As given.
    conf_level : float
        As given.
    data : CoxData
        What was fitted.
    """

    coef: FloatArray
    std_error: FloatArray
    vcov: FloatArray
    hazard_ratio: FloatArray
    lower: FloatArray
    upper: FloatArray
    statistic: FloatArray
    p_value: FloatArray
    loglik_null: float
    loglik: float
    lr_test: TestResult
    converged: bool
    iterations: int
    n: int
    n_events: int
    ties: str
    conf_level: float
    data: CoxData


def cox_firth(  # noqa: PLR0913  the arguments of `cox`
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    X: npt.ArrayLike,
    *,
    ties: str = "efron",
    strata: npt.ArrayLike | None = None,
    weights: npt.ArrayLike | None = None,
    entry: npt.ArrayLike | None = None,
    offset: npt.ArrayLike | None = None,
    conf_level: float = 0.95,
) -> FirthFit:
    """Fit a proportional hazards model with Firth's penalty.

    The log partial likelihood has half the logarithm of the determinant of the information added
    (Jeffreys' prior). Estimates are finite under monotone likelihood, and less biased in small
    samples.

    Parameters
    ----------
    time, event, X, strata, weights, entry, offset, conf_level
        As in `cox`.
    ties : {"efron", "breslow"}
        Handling of tied event times, in the likelihood and in its information.

    Raises
    ------
    InputError
        If the arrays cannot be used, there is no event, or a column does not vary or follows
        from the others.

    Examples
    --------
    All events are in one group, so that the likelihood rises without end; with two subjects the
    penalised estimate is log 3.

    >>> fit = cox_firth([1, 2], [1, 0], [1, 0])
    >>> round(fit.hazard_ratio.item(), 10)
    3.0
    """
    _checks.check_option("ties", ties, ("efron", "breslow"))
    _checks.check_conf_level(conf_level)
    data = check_cox(time, event, X, strata=strata, weights=weights, entry=entry, offset=offset)
    used = rows_with_weight(data)
    _check_penalty(used)
    likelihood = PartialLikelihood(used, middle(used.X), ties)
    zero = np.zeros(data.X.shape[1])
    try:
        refuse_singular(likelihood.at(zero))
    except InputError:
        refuse_constant(used.X)
        raise
    none_held = np.zeros(len(zero), dtype=bool)
    penalised_at = partial(penalised, likelihood)
    best = climb(penalised_at, zero, none_held)
    vcov = np.linalg.inv(best.found.information)
    vcov = (vcov + vcov.T) / 2.0
    std_error = np.sqrt(np.diag(vcov))
    profile = PenalisedProfile(penalised_at, best, std_error, float(chdtri(1, 1.0 - conf_level)))
    limits = np.array([[profile.limit(at, sign) for sign in (-1, 1)] for at in range(len(zero))])
    statistic = np.array([profile.statistic(at) for at in range(len(zero))])
    null = penalised_at(zero).loglik
    overall = 2.0 * (best.found.loglik - null)
    with np.errstate(over="ignore"):
        ratio, lower, upper = np.exp(best.coef), np.exp(limits[:, 0]), np.exp(limits[:, 1])
    return FirthFit(
        coef=freeze(best.coef),
        std_error=freeze(std_error),
        vcov=freeze(vcov),
        hazard_ratio=freeze(ratio),
        lower=freeze(lower),
        upper=freeze(upper),
        statistic=freeze(statistic),
        p_value=freeze(np.asarray(chdtrc(1, statistic))),
        loglik_null=null,
        loglik=best.found.loglik,
        lr_test=chi_square_test(overall, len(zero)),
        converged=best.converged and profile.converged,
        iterations=best.iterations,
        n=len(used.time),
        n_events=int(np.count_nonzero(used.event)),
        ties=ties,
        conf_level=float(conf_level),
        data=data,
    )


def _check_penalty(used: CoxData) -> None:
    """Refuse weights that are no numbers of subjects: the penalty knows subjects, not shares."""
    if not len(used.weights):
        return
    if used.weights[used.event].sum() < 1.0:
        raise InputError(
            "The weights of the events sum to less than one event, so that Firth's penalty would "
            "outweigh the data; scale the weights to a mean of 1."
        )
    if used.weights.mean() > _HEAVIEST:
        raise InputError(
            f"The mean of the weights must not be above {_HEAVIEST}; scale the weights to a mean "
            f"of 1, or fit without Firth's penalty, which is nothing beside so many subjects."
        )
