"""Selection model: studies are published with a probability that steps with their P value.

Each study has density delta(p) phi(y; mu, v + tau2) / A, where delta is 1 up to the first cut point
of P and a free number in each interval behind it, and A makes it a density. Source: Hedges, Stat
Sci 1992;7:246; Vevea and Hedges, Psychometrika 1995;60:419. Maximum likelihood.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import chdtrc, ndtr, ndtri

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats.meta._studies import read_studies
from hepatica.stats.meta.pool import pool

ALTERNATIVES = ("greater", "less", "two-sided")
#: Logarithms of the largest selection that is looked for, either way.
EDGE = np.log(1e4)
#: Relative steps by which the slope is differenced, and Newton's steps to full precision.
DIFFERENCE, STEPS = 1e-5, 30


@dataclass(frozen=True, slots=True)
class SelectionModel:
    """A selection model with steps.

    Attributes
    ----------
    k : int
        Studies with the outcome.
    estimate, std_error, lower, upper, p_value : float
        Mean effect of all studies, published or not, with normal limits.
    tau2, tau2_std_error : float
        Variance between studies; the error is NaN at 0.
    steps : float array (m,)
        Cut points of P, and 1.
    weights, weights_std_error : float arrays (m,)
        Probability of publication relative to the first interval; the first is 1 with error NaN.
    counts : int array (m,)
        Studies in each interval.
    loglik, loglik_unselected : float
        With selection, and with all weights 1 (maximum likelihood).
    lrt, lrt_df, lrt_p_value : float, int, float
        Likelihood-ratio test of no selection.
    status : {"ok", "boundary", "not_converged"}
        "boundary": a weight runs off to 0 or beyond ten thousand, or tau2 is 0.
    alternative : str
        As given.
    """

    k: int
    estimate: float
    std_error: float
    lower: float
    upper: float
    p_value: float
    tau2: float
    tau2_std_error: float
    steps: FloatArray
    weights: FloatArray
    weights_std_error: FloatArray
    counts: IntArray
    loglik: float
    loglik_unselected: float
    lrt: float
    lrt_df: int
    lrt_p_value: float
    status: str
    alternative: str


@dataclass(frozen=True, slots=True)
class _Data:
    y: FloatArray
    v: FloatArray
    cuts: FloatArray  # (m - 1,) least z of each interval but the last
    interval: IntArray  # (k,)
    counts: IntArray  # (m,)
    both: bool


def selection_model(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    *,
    steps: Sequence[float] = (0.025,),
    alternative: str = "greater",
    conf_level: float = 0.95,
) -> SelectionModel:
    """Fit a step-function selection model by maximum likelihood.

    Parameters
    ----------
    yi, vi : float array (k,)
        Estimates and variances; NaN in both for a study without the outcome.
    steps : sequence of float
        Cut points of P, rising, between 0 and 1.
    alternative : {"greater", "less", "two-sided"}
        What P is about: large effects, small ones, or either; one-sided P for the first two.
    conf_level : float
        Level of the limits.

    Raises
    ------
    InputError
        If cut points do not rise, or an interval between them holds no study.

    Examples
    --------
    >>> found = selection_model(
    ...     [0.9, 0.8, 0.7, 0.6, 0.9, 0.1, 0.2, 0.5], [0.1, 0.05, 0.04, 0.03, 0.15, 0.01, 0.05, 0.1]
    ... )
    >>> found.counts.tolist(), found.lrt_df
    ([5, 3], 1)
    """
    _checks.check_option("alternative", alternative, ALTERNATIVES)
    _checks.check_conf_level(conf_level)
    data = _data(yi, vi, steps, alternative)
    sign = -1.0 if alternative == "less" else 1.0
    theta, ended = _maximise(data)
    height = _loglik(data, theta)[0]
    plain = pool(data.y, data.v, method="ML")
    size = len(data.counts)
    unselected = _loglik(data, np.array([plain.estimate, plain.tau2, *np.zeros(size - 1)]))[0]
    error = _errors(data, theta)
    lrt = max(2.0 * (height - unselected), 0.0)
    half = float(ndtri(0.5 + conf_level / 2.0)) * error[0]
    estimate, weights = sign * float(theta[0]), np.exp(np.concatenate(((0.0,), theta[2:])))
    edge = theta[1] <= 0.0 or (np.abs(theta[2:]) >= EDGE - 1e-6).any()
    return SelectionModel(
        k=len(data.y),
        estimate=estimate,
        std_error=float(error[0]),
        lower=estimate - half,
        upper=estimate + half,
        p_value=2.0 * float(ndtr(-abs(estimate) / error[0])),
        tau2=float(theta[1]),
        tau2_std_error=float(error[1]),
        steps=freeze(np.array([*steps, 1.0])),
        weights=freeze(weights),
        weights_std_error=freeze(np.concatenate(((np.nan,), error[2:] * weights[1:]))),
        counts=freeze(data.counts),
        loglik=height,
        loglik_unselected=unselected,
        lrt=lrt,
        lrt_df=size - 1,
        lrt_p_value=float(chdtrc(size - 1, lrt)),
        status="boundary" if edge else ("ok" if ended else "not_converged"),
        alternative=alternative,
    )


def _data(yi: npt.ArrayLike, vi: npt.ArrayLike, steps: Sequence[float], alternative: str) -> _Data:
    studies = read_studies(yi, vi, 1)
    there = studies.present[:, 0]
    y, v = studies.y[there, 0], studies.v[there, 0]
    at = np.asarray(steps, dtype=np.float64)
    rising = at.ndim == 1 and len(at) > 0 and (np.diff(at) > 0.0).all()
    if not rising or not (at > 0.0).all() or not (at < 1.0).all():
        raise InputError("Cut points of P have to rise and lie strictly between 0 and 1.")
    y = -y if alternative == "less" else y
    z = y / np.sqrt(v)
    both = alternative == "two-sided"
    p = 2.0 * ndtr(-np.abs(z)) if both else ndtr(-z)
    interval = np.searchsorted(at, p, side="left")
    counts = np.bincount(interval, minlength=len(at) + 1)
    if (counts == 0).any():
        edges = [0.0, *at.tolist(), 1.0]
        empty = ", ".join(f"{edges[j]:g} to {edges[j + 1]:g}" for j in np.flatnonzero(counts == 0))
        raise InputError(
            f"No study has a P in {empty}: its weight cannot be told. Leave out a cut point or "
            "choose another alternative."
        )
    cuts = -ndtri(at / 2.0 if both else at)
    return _Data(y, v, cuts, interval, counts, both)


def _loglik(data: _Data, theta: FloatArray) -> tuple[float, FloatArray]:
    """Return the log-likelihood and its slope in mu, tau2 and the logarithms of the weights."""
    mu, tau2 = float(theta[0]), float(theta[1])
    delta = np.exp(np.concatenate(((0.0,), theta[2:])))
    s2 = data.v + tau2
    s, r = np.sqrt(s2), data.y - mu
    edge = np.sqrt(data.v)[:, None] * data.cuts
    tail, by_mu, by_s = _tail((mu - edge) / s[:, None], s)
    if data.both:
        other, other_mu, other_s = _tail((-mu - edge) / s[:, None], s)
        tail, by_mu, by_s = tail + other, by_mu - other_mu, by_s + other_s
    share = _between(tail, 1.0)
    total = share @ delta
    out = np.log(delta)[data.interval] - 0.5 * (np.log(2.0 * np.pi * s2) + r * r / s2)
    height = float((out - np.log(total)).sum())
    slope_mu = r / s2 - _between(by_mu, 0.0) @ delta / total
    slope_tau2 = 0.5 * (r * r / s2 - 1.0) / s2 - _between(by_s, 0.0) @ delta / total / (2.0 * s)
    slope = data.counts - (share * delta / total[:, None]).sum(axis=0)
    return height, np.array([slope_mu.sum(), slope_tau2.sum(), *slope[1:]])


def _tail(u: FloatArray, s: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the probability beyond each edge, and its slopes in mu and in s."""
    density = np.exp(-0.5 * u * u) / np.sqrt(2.0 * np.pi) / s[:, None]
    return ndtr(u), density, -u * density


def _between(tail: FloatArray, whole: float) -> FloatArray:
    ends = np.full((len(tail), 1), whole)
    return np.diff(np.concatenate((np.zeros((len(tail), 1)), tail, ends), axis=1), axis=1)


def _maximise(data: _Data) -> tuple[FloatArray, bool]:
    plain = pool(data.y, data.v, method="ML")
    free = len(data.counts) - 1
    spread = float(np.var(data.y)) + 1e-8
    scale = np.array([np.sqrt(spread), spread, *[1.0] * free])
    bounds = [(None, None), (0.0, 1e4), *[(-EDGE, EDGE)] * free]

    def fall(x: FloatArray) -> tuple[float, FloatArray]:
        height, slope = _loglik(data, scale * x)
        return -height, -scale * slope

    best = np.array([plain.estimate, plain.tau2, *[0.0] * free])
    # the likelihood can have several maxima: no selection, much, and the other way round
    for start, tau2 in ((0.0, plain.tau2), (-2.5, 0.5 * spread), (1.5, plain.tau2)):
        found = minimize(
            fall,
            np.array([plain.estimate, tau2, *[start] * free]) / scale,
            jac=True,
            method="L-BFGS-B",
            bounds=bounds,
            options={"maxiter": 500, "ftol": 1e-11, "gtol": 1e-7},
        )
        if _loglik(data, scale * found.x)[0] > _loglik(data, best)[0]:
            best = scale * found.x
    return _polish(data, best)


def _free(theta: FloatArray) -> IntArray:
    inside = np.ones(len(theta), dtype=np.bool_)
    inside[1] = theta[1] > 0.0
    inside[2:] = np.abs(theta[2:]) < EDGE - 1e-6
    return np.flatnonzero(inside)


def _curvature(data: _Data, theta: FloatArray, at: IntArray) -> FloatArray:
    """Return second derivatives in the free parameters, by differences of the slope."""
    out = np.empty((len(at), len(at)))
    for row, place in enumerate(at):
        size = DIFFERENCE * max(abs(theta[place]), 1e-2)
        if place == 1:
            size = min(size, 0.5 * theta[1])
        step = np.zeros(len(theta))
        step[place] = size
        up, down = _loglik(data, theta + step)[1], _loglik(data, theta - step)[1]
        out[row] = (up - down)[at] / (2.0 * size)
    return 0.5 * (out + out.T)


def _polish(data: _Data, theta: FloatArray) -> tuple[FloatArray, bool]:
    """Take Newton's steps to full precision; keep what was found where they do not help."""
    for _ in range(STEPS):
        at = _free(theta)
        slope = _loglik(data, theta)[1][at]
        try:
            move = np.linalg.solve(_curvature(data, theta, at), -slope)
        except np.linalg.LinAlgError:
            return theta, False
        new = theta.copy()
        new[at] += move
        worse = _loglik(data, np.maximum(new, [-np.inf, 0.0, *[-np.inf] * (len(new) - 2)]))[0]
        if new[1] < 0.0 or worse < _loglik(data, theta)[0] - 1e-9:
            return theta, bool(np.abs(slope).max() < 1e-6)
        theta = new
        if np.abs(move).max() <= 1e-12 * max(np.abs(theta).max(), 1.0):
            return theta, True
    return theta, bool(np.abs(_loglik(data, theta)[1][_free(theta)]).max() < 1e-8)


def _errors(data: _Data, theta: FloatArray) -> FloatArray:
    at, out = _free(theta), np.full(len(theta), np.nan)
    try:
        variance = np.diag(np.linalg.inv(-_curvature(data, theta, at)))
    except np.linalg.LinAlgError:
        return out
    out[at] = np.sqrt(np.where(variance > 0.0, variance, np.nan))
    return out
