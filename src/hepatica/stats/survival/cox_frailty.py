"""Proportional hazards with a gamma frailty that the subjects of a cluster share.

Sources: Therneau and Grambsch, Modeling Survival Data, Springer 2000, chapter 9; Nielsen, Gill,
Andersen and Sorensen, Scand J Stat 1992;19:25 (the profile of the marginal likelihood); Self and
Liang, J Am Stat Assoc 1987;82:605 (the test on the boundary).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.special import chdtrc, ndtr, ndtri

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats.chi_square import TestResult
from hepatica.stats.survival._cox_input import middle
from hepatica.stats.survival._gamma_frailty import Penalised, maximise_penalised
from hepatica.stats.survival._partial_likelihood import PartialLikelihood
from hepatica.stats.survival.cox import CoxFit, cox

__all__ = ["FrailtyFit", "cox_frailty"]

#: Variances at which the slope of the profile is looked at before its root is sought.
_LOOKED_AT = (1e-5, 1e-3, 0.03, 0.3, 3.0)


@dataclass(frozen=True, slots=True, eq=False)
class FrailtyFit:
    """A proportional hazards model with p covariates and q clusters; arrays are read-only.

    Attributes
    ----------
    coef, std_error : float array (p,)
        Log hazard ratios and their standard errors, the variance of the frailties held.
    vcov : float array (p, p)
        Their covariance matrix: of the inverse of the penalised information, the part of them.
    hazard_ratio, lower, upper : float array (p,)
        Hazard ratios with Wald limits.
    z, p_value : float array (p,)
        Wald statistics and two-sided p-values.
    theta : float
        Variance of the frailties, whose mean is 1; 0 where no frailty fits best.
    clusters, n_events : int array (q,)
        Codes of the clusters, rising, and their events.
    frailty : float array (q,)
        Estimated frailty of each cluster.
    loglik : float
        Log marginal likelihood.
    loglik_without : float
        Log partial likelihood of the model without frailties, on the same scale.
    frailty_test : TestResult
        Likelihood-ratio test that theta is 0: under it the statistic is 0 in half of all samples
        and chi-square with 1 degree of freedom in the other half.
    converged : bool
        Whether the estimate was found to full precision.
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
    theta: float
    clusters: IntArray
    n_events: IntArray
    frailty: FloatArray
    loglik: float
    loglik_without: float
    frailty_test: TestResult
    converged: bool
    ties: str
    conf_level: float


def cox_frailty(  # noqa: PLR0913  all that a fit depends on is said in one call
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    X: npt.ArrayLike,
    cluster: npt.ArrayLike,
    *,
    theta: float | None = None,
    ties: str = "efron",
    strata: npt.ArrayLike | None = None,
    entry: npt.ArrayLike | None = None,
    conf_level: float = 0.95,
) -> FrailtyFit:
    """Fit a proportional hazards model with a gamma frailty that a cluster shares.

    The variance of the frailties maximises the profile of the marginal likelihood; at each
    variance coefficients and frailties maximise the penalised partial likelihood.

    Parameters
    ----------
    time, event, X, strata, entry, conf_level
        As in `cox`.
    cluster : array (n,)
        Whole-number code of each row's cluster, at least two.
    theta : float, optional
        Variance of the frailties, above 0, if it is known.
    ties : {"efron", "breslow"}
        Handling of tied event times.

    Raises
    ------
    NoFiniteEstimateError
        As `cox`: the model without frailties has no finite estimate.
    InputError
        If the arrays cannot be used, or there are fewer than two clusters with events at risk.

    Notes
    -----
    The information matrix holds a row for each cluster, so that memory grows with rows times
    clusters. R's ``coxph(... + frailty(cluster))`` maximises the same profile; its standard errors
    are these with ``sparse = FALSE``, and leave out part of the matrix with more than five
    clusters otherwise. With tied times by Efron's method the marginal likelihood is R's extension
    of that for Breslow's.

    Examples
    --------
    >>> time, event = [1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 1, 1, 1, 0, 1, 1]
    >>> x, centre = [1, 0, 1, 0, 1, 0, 0, 1], [1, 1, 1, 2, 2, 2, 2, 1]
    >>> fit = cox_frailty(time, event, x, centre, theta=0.5)
    >>> fit.frailty.round(3).tolist(), round(float(fit.frailty.mean()), 6)
    ([1.19, 0.81], 1.0)
    """
    _checks.check_option("ties", ties, ("efron", "breslow"))
    if theta is not None and not _checks.number("theta", theta) > 0.0:
        raise InputError("theta must be above 0; without frailties use cox.")
    plain = cox(
        time, event, X, ties=ties, strata=strata, entry=entry, cluster=None, conf_level=conf_level
    )
    data = plain.data
    codes, place = _checks.codes("cluster", cluster, len(data.time))
    if len(codes) < 2:
        raise InputError("A shared frailty needs at least two clusters; there is one.")
    q = len(codes)
    indicator = (place[:, None] == np.arange(q)[None, :]).astype(np.float64)
    joined = replace(data, X=np.hstack([data.X, indicator]))
    centre = np.concatenate([middle(data.X), np.zeros(q)])
    likelihood = PartialLikelihood(joined, centre, ties)
    events = np.bincount(place[data.event], minlength=q).astype(np.int64)
    profile = _Profile(likelihood, events, np.concatenate([plain.coef, np.zeros(q)]))
    best = profile.at(theta) if theta is not None else profile.highest()
    return _summarise(plain, best, theta or profile.theta, codes, events)


class _Profile:
    """The marginal likelihood as a function of the variance; each fit begins at the last."""

    def __init__(self, likelihood: PartialLikelihood, events: IntArray, begin: FloatArray) -> None:
        self._likelihood = likelihood
        self._events = events
        self._begin = begin
        self.theta = 0.0

    def at(self, theta: float) -> Penalised:
        found = maximise_penalised(self._likelihood, self._events, theta, self._begin)
        self._begin = np.concatenate([found.coef, found.log_frailty])
        return found

    def highest(self) -> Penalised | None:
        """Return the fit at the best variance, or nothing where that is 0."""
        rising = [theta for theta in _LOOKED_AT if self.at(theta).slope > 0.0]
        if not rising:
            return None
        low = rising[-1]
        high = low * 3.0
        while self.at(high).slope > 0.0:
            low, high = high, high * 3.0
            if high > 1e8:
                raise InputError(
                    "The variance of the frailties grows without end: events are in one cluster "
                    "only. Use strata instead."
                )
        log_theta = brentq(
            lambda at: self.at(math.exp(at)).slope * math.exp(at),
            math.log(low),
            math.log(high),
            xtol=1e-14,
            rtol=1e-14,
        )
        self.theta = math.exp(log_theta)
        return self.at(self.theta)


def _summarise(
    plain: CoxFit, best: Penalised | None, theta: float, codes: IntArray, events: IntArray
) -> FrailtyFit:
    p = len(plain.coef)
    if best is None:
        coef, vcov, loglik, theta = plain.coef.copy(), plain.vcov.copy(), plain.loglik, 0.0
        frailty = np.ones(len(codes))
    else:
        coef, loglik = best.coef, best.loglik
        whole = np.linalg.inv(best.information)
        vcov = (whole[:p, :p] + whole[:p, :p].T) / 2.0
        frailty = np.exp(best.log_frailty)
    std_error = np.sqrt(np.diag(vcov))
    half = float(ndtri(0.5 + plain.conf_level / 2.0)) * std_error
    z = coef / std_error
    statistic = max(2.0 * (loglik - plain.loglik), 0.0)
    p_value = 0.5 * float(chdtrc(1, statistic)) if statistic > 0.0 else 1.0
    with np.errstate(over="ignore"):
        ratio, lower, upper = np.exp(coef), np.exp(coef - half), np.exp(coef + half)
    return FrailtyFit(
        coef=freeze(coef),
        std_error=freeze(std_error),
        vcov=freeze(vcov),
        hazard_ratio=freeze(ratio),
        lower=freeze(lower),
        upper=freeze(upper),
        z=freeze(z),
        p_value=freeze(2.0 * ndtr(-np.abs(z))),
        theta=theta,
        clusters=freeze(np.array(codes, dtype=np.int64)),
        n_events=freeze(events),
        frailty=freeze(frailty),
        loglik=loglik,
        loglik_without=plain.loglik,
        frailty_test=TestResult(statistic=statistic, df=1, p_value=p_value),
        converged=plain.converged and (best is None or best.converged),
        ties=plain.ties,
        conf_level=plain.conf_level,
    )
