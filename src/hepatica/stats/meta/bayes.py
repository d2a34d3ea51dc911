"""Bayesian normal-normal model with a half-normal prior on tau, by quadrature: no sampling.

Given tau the mean is normal, so only tau is integrated numerically: 16-point Gauss-Legendre rules
on panels that widen from 0 to where the posterior has fallen by exp(-45). Densities are smooth
there, and figures are exact to about 1e-9. Sources: Gelman, Bayesian Anal 2006;1:515 (half-normal
and its kin); Roever, J Stat Softw 2020;93(6) (the same integrals).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray
from hepatica.stats.meta._studies import read_studies

PANELS, POINTS = 60, 16
#: Fall of the logarithm of the posterior at which the integration ends.
FALL = 45.0
SEARCH = 2000


@dataclass(frozen=True, slots=True)
class BayesPooled:
    """Posterior of the mean effect, of tau, and of the effect in a new study.

    Attributes
    ----------
    k : int
        Studies.
    estimate, std_error, median, lower, upper : float
        Mean, standard deviation, median and central interval of the posterior of the mean effect.
    probability_above_0 : float
        Posterior probability that the mean effect is above 0.
    tau, tau_median, tau_lower, tau_upper : float
        Mean, median and central interval of tau (not tau2).
    prediction_median, prediction_lower, prediction_upper : float
        Median and central interval of the effect in a new study.
    tau_scale, conf_level : float
        As given.
    """

    k: int
    estimate: float
    std_error: float
    median: float
    lower: float
    upper: float
    probability_above_0: float
    tau: float
    tau_median: float
    tau_lower: float
    tau_upper: float
    prediction_median: float
    prediction_lower: float
    prediction_upper: float
    tau_scale: float
    conf_level: float


@dataclass(frozen=True, slots=True)
class _Model:
    y: FloatArray
    v: FloatArray
    prior_mean: float
    prior_precision: float
    tau_scale: float

    def conditional(self, tau: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return log posterior of tau (unscaled), and mean and variance of the mean given tau."""
        spread = self.v + tau[:, None] ** 2
        w = 1.0 / spread
        precision = w.sum(axis=1) + self.prior_precision
        mean = (w @ self.y + self.prior_precision * self.prior_mean) / precision
        away = (w * (self.y - mean[:, None]) ** 2).sum(axis=1)
        away += self.prior_precision * (mean - self.prior_mean) ** 2
        log = -0.5 * (np.log(spread).sum(axis=1) + np.log(precision) + away)
        return log - 0.5 * (tau / self.tau_scale) ** 2, mean, 1.0 / precision


def bayes_pool(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    *,
    tau_scale: float = 0.5,
    prior_mean: float = 0.0,
    prior_sd: float = float("inf"),
    conf_level: float = 0.95,
) -> BayesPooled:
    """Return the posterior of a random-effects model.

    Parameters
    ----------
    yi, vi : float array (k,)
        Estimates and variances, as in `pool`.
    tau_scale : float
        Scale of the half-normal prior of tau, in units of yi; 0.5 is a usual weak choice for log
        ratios and needs thought on any other scale.
    prior_mean, prior_sd : float
        Normal prior of the mean effect; flat if the standard deviation is infinite.
    conf_level : float
        Probability of the central intervals.

    Raises
    ------
    InputError
        As in `pool`, or if a prior cannot be used.

    Examples
    --------
    >>> found = bayes_pool([-0.5, -0.1, -0.9], [0.04, 0.05, 0.09])
    >>> round(found.estimate, 3), round(found.tau_median, 3)
    (-0.467, 0.302)
    """
    _checks.check_conf_level(conf_level)
    if not (0.0 < tau_scale < np.inf and prior_sd > 0.0 and np.isfinite(prior_mean)):
        raise InputError("tau_scale and prior_sd must be positive, prior_mean finite.")
    studies = read_studies(yi, vi, 1)
    here = studies.present[:, 0]
    y, v = studies.y[here, 0], studies.v[here, 0]
    model = _Model(y, v, float(prior_mean), float(prior_sd) ** -2.0, float(tau_scale))
    top, height = _range(model)
    tau, weights = _panels(top, float(np.sqrt(v.min())))
    log, mean, spread = model.conditional(tau)
    share = weights * np.exp(log - height)
    area = float(share.sum())
    share = share / area
    centre = float(share @ mean)
    error = float(np.sqrt(share @ (spread + (mean - centre) ** 2)))
    tail = (1.0 - conf_level) / 2.0
    sd, sd_new = np.sqrt(spread), np.sqrt(spread + tau**2)
    own = [_mixture_quantile(p, share, mean, sd) for p in (tail, 0.5, 1.0 - tail)]
    new = [_mixture_quantile(p, share, mean, sd_new) for p in (tail, 0.5, 1.0 - tail)]
    taus = [_tau_quantile(p, model, top, height, area) for p in (tail, 0.5, 1.0 - tail)]
    return BayesPooled(
        k=len(y),
        estimate=centre,
        std_error=error,
        median=own[1],
        lower=own[0],
        upper=own[2],
        probability_above_0=float(share @ ndtr(mean / sd)),
        tau=float(share @ tau),
        tau_median=taus[1],
        tau_lower=taus[0],
        tau_upper=taus[2],
        prediction_median=new[1],
        prediction_lower=new[0],
        prediction_upper=new[2],
        tau_scale=float(tau_scale),
        conf_level=float(conf_level),
    )


def _range(model: _Model) -> tuple[float, float]:
    """Return a tau beyond which the posterior is negligible, and its highest logarithm."""
    tau = np.concatenate(([0.0], np.geomspace(1e-6, 10.0, SEARCH) * model.tau_scale))
    log = model.conditional(tau)[0]
    height = float(log.max())
    last = int(np.flatnonzero(log > height - FALL)[-1])
    return float(tau[min(last + 1, SEARCH)]), height


def _panels(top: float, smallest: float) -> tuple[FloatArray, FloatArray]:
    """Return nodes and weights on 0 to `top`, dense where the smallest variance shows."""
    first = min(smallest / 4.0, top / 4.0)
    edges = np.concatenate(([0.0], np.geomspace(first, top, PANELS)))
    at, weights = np.polynomial.legendre.leggauss(POINTS)
    half = 0.5 * np.diff(edges)
    nodes = (edges[:-1] + half)[:, None] + half[:, None] * at
    return nodes.ravel(), (half[:, None] * weights).ravel()


def _mixture_quantile(p: float, share: FloatArray, mean: FloatArray, sd: FloatArray) -> float:
    reach = abs(float(ndtri(p))) + 40.0
    low, high = float((mean - reach * sd).min()), float((mean + reach * sd).max())
    scale = float(sd.min())
    return float(
        brentq(lambda x: float(share @ ndtr((x - mean) / sd)) - p, low, high, xtol=1e-13 * scale)
    )


def _tau_quantile(p: float, model: _Model, top: float, height: float, area: float) -> float:
    smallest = float(np.sqrt(model.v.min()))

    def below(tau: float) -> float:
        if tau <= 0.0:
            return -p
        nodes, weights = _panels(tau, smallest)
        return float(weights @ np.exp(model.conditional(nodes)[0] - height)) / area - p

    return float(brentq(below, 0.0, top, xtol=1e-14 * top, rtol=1e-13))
