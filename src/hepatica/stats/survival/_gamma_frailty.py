"""The penalised partial likelihood of shared gamma frailties, and its marginal likelihood.

With frailties exp(w) of mean 1 and variance theta, the penalised log likelihood is the partial one
plus (w - exp(w)) / theta summed over the clusters. Its maximum is that of the marginal likelihood
at this theta, whose value differs by a closed form of the events of each cluster.

Sources: Therneau and Grambsch, Modeling Survival Data, Springer 2000, section 9.2; Therneau,
Grambsch and Pankratz, J Comput Graph Stat 2003;12:156.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hepatica.stats._checks import FloatArray, IntArray
from hepatica.stats.survival._partial_likelihood import PartialLikelihood

_MAX_STEPS = 100
_MAX_HALVINGS = 40
_PRECISE = 1e-12
#: Below it a difference of a logarithm and its first terms is taken from its series.
_SMALL = 1e-2


@dataclass(frozen=True, slots=True, eq=False)
class Penalised:
    """The maximum of the penalised likelihood at one variance of the frailties.

    Attributes
    ----------
    coef : float array (p,)
        Log hazard ratios.
    log_frailty : float array (q,)
        Logarithms of the frailties.
    information : float array (p + q, p + q)
        Information of both, with the penalty.
    loglik : float
        Log marginal likelihood, on the scale of the partial likelihood without frailties.
    slope : float
        Its derivative with respect to the variance.
    iterations : int
        Newton steps.
    converged : bool
        Whether the steps became as small as rounding.
    """

    coef: FloatArray
    log_frailty: FloatArray
    information: FloatArray
    loglik: float
    slope: float
    iterations: int
    converged: bool


def maximise_penalised(
    likelihood: PartialLikelihood,
    events: IntArray,
    theta: float,
    begin: FloatArray,
) -> Penalised:
    """Maximise by Newton's method; the penalised likelihood is concave.

    Parameters
    ----------
    likelihood : PartialLikelihood
        Of p covariates and then q indicators of the clusters.
    events : int array (q,)
        Events of each cluster.
    theta : float
        Variance of the frailties, above 0.
    begin : float array (p + q,)
        Where to begin.
    """
    q = len(events)
    at = begin
    now = likelihood.at(at)
    height = now.loglik + penalty(at[-q:], theta)
    converged = False
    iterations = 0
    while not converged and iterations < _MAX_STEPS:
        iterations += 1
        score = now.score.copy()
        score[-q:] -= np.expm1(at[-q:]) / theta
        step = np.linalg.solve(_information(now.information, at[-q:], theta), score)
        converged = bool(np.abs(step).max() <= _PRECISE * max(1.0, np.abs(at).max()))
        for _ in range(_MAX_HALVINGS):
            found = likelihood.at(at + step)
            new = found.loglik + penalty((at + step)[-q:], theta)
            # Near the top rounding decides; a step that is no climb is small there.
            if new >= height - 1e-13 * abs(height):
                break
            step = step / 2.0
        at, now, height = at + step, found, new
    log_frailty = at[-q:]
    return Penalised(
        coef=at[:-q],
        log_frailty=log_frailty,
        information=_information(now.information, log_frailty, theta),
        loglik=height + marginal_less_penalised(events, theta),
        slope=_slope(log_frailty, events, theta),
        iterations=iterations,
        converged=converged,
    )


def _information(information: FloatArray, log_frailty: FloatArray, theta: float) -> FloatArray:
    found = information.copy()
    q = len(log_frailty)
    own = np.arange(len(found) - q, len(found))
    found[own, own] += np.exp(log_frailty) / theta
    return found


def penalty(log_frailty: FloatArray, theta: float) -> float:
    """Return the sum of (w - exp(w) + 1) / theta, never above 0."""
    return -float(_above_line(log_frailty).sum()) / theta


def marginal_less_penalised(events: IntArray, theta: float) -> float:
    """Return what the marginal log likelihood has beyond the penalised one.

    For a cluster of d events it is log(Gamma(v + d) / Gamma(v)) + v log v - (v + d) log(v + d) + d
    with v = 1 / theta; it goes to 0 with theta.
    """
    d = events.astype(np.float64)
    # log1p(d theta) / theta - d is -d u / 2 and so on for small u = d theta.
    first = d * d * theta * _log_series(d * theta)
    rising = np.concatenate(([0.0], np.cumsum(np.log1p(theta * np.arange(int(events.max()))))))
    return float((rising[events] - d * np.log1p(d * theta) - first).sum())


def _slope(log_frailty: FloatArray, events: IntArray, theta: float) -> float:
    d = events.astype(np.float64)
    steps = np.arange(int(events.max()), dtype=np.float64)
    rising = np.concatenate(([0.0], np.cumsum(steps / (1.0 + steps * theta))))
    spread = _above_line(log_frailty) / theta**2
    return float((spread + rising[events] + d * d * _log_series(d * theta)).sum())


def _above_line(w: FloatArray) -> FloatArray:
    """Return exp(w) - 1 - w without the loss of digits near 0."""
    near = np.abs(w) < _SMALL
    x = np.where(near, w, 0.0)
    series = x * x * (1 / 2 + x * (1 / 6 + x * (1 / 24 + x * (1 / 120 + x / 720))))
    return np.where(near, series + x**7 / 5040.0, np.expm1(w) - w)


def _log_series(u: FloatArray) -> FloatArray:
    """Return (log(1 + u) - u) / u**2 without the loss of digits near 0; at 0 it is -1/2."""
    near = u < _SMALL
    x = np.where(near, u, 0.0)
    series = np.zeros_like(x)
    for power in range(9, -1, -1):
        series = series * x + (-1.0) ** (power + 1) / (power + 2.0)
    far = np.where(near, 1.0, u)
    return np.where(near, series, (np.log1p(far) - far) / far**2)
