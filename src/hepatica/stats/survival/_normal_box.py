"""Probability that correlated normal variables exceed a bound, by a one-dimensional integral.

Sources: Plackett, Biometrika 1954;41:351 (derivative by a correlation); Owen, Ann Math Stat
1956;27:1075 (the bivariate distribution); Takahasi and Mori, Publ RIMS 1974;9:721 (the rule of
integration, exact to rounding although the integrand may be steep at its ends).
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from scipy.special import ndtr, owens_t

from hepatica.stats._checks import FloatArray

#: Variables for which the derivative by a correlation has a closed form.
MAX_VARIABLES = 4

_TINY = 1e-300


def exceedance(bound: float, correlation: FloatArray, sides: int) -> float:
    """Return the probability that any of m standard normal variables exceeds a bound.

    Parameters
    ----------
    bound : float
        The bound q: any ``|Z| >= q`` with two sides (q above 0), any ``Z >= q`` with one.
    correlation : float array (m, m)
        Correlation matrix, which may be singular; m from 1 to `MAX_VARIABLES`. No two variables
        may be the same.
    sides : {2, 1}
        Sides.

    Notes
    -----
    The correlations grow from 0, where the answer is a product, to their values; the derivative
    on the way has a closed form. The error is below 1e-11, and small against the answer itself
    in the tails.
    """
    m = len(correlation)
    single = float(ndtr(-bound)) * sides
    if single >= 1.0:
        return 1.0
    independent = float(-np.expm1(m * np.log1p(-single)))
    if m == 1:
        return single
    t, weight = _double_exponential()
    total = np.zeros_like(t)
    for i, j in combinations(range(m), 2):
        rest = [index for index in range(m) if index not in (i, j)]
        rho = float(correlation[i, j])
        r = rho * t
        # Both at the bound; with two sides also one at each bound, with the sign turned.
        for sign in (1.0, -1.0)[:sides]:
            density = np.exp(-bound * bound / (1.0 + sign * r))
            density /= 2.0 * np.pi * np.sqrt((1.0 - r) * (1.0 + r))
            inside = _conditional(bound, sign, correlation, (i, j), rest, t, sides)
            total += sign * sides * rho * density * inside
    return min(1.0, max(0.0, independent - float(weight @ total)))


def _double_exponential() -> tuple[FloatArray, FloatArray]:
    """Return nodes in (0, 1), and weights."""
    x = np.arange(-112, 113) / 32.0
    half = 0.5 * np.pi
    t = 1.0 / (1.0 + np.exp(-2.0 * half * np.sinh(x)))
    weight = half * np.cosh(x) / 2.0 / np.cosh(half * np.sinh(x)) ** 2 / 32.0
    inner = t < 1.0
    return t[inner], weight[inner]


def _conditional(
    bound: float,
    sign: float,
    correlation: FloatArray,
    pair: tuple[int, int],
    rest: list[int],
    t: FloatArray,
    sides: int,
) -> FloatArray:
    """Return the probability that the rest is inside, given the pair at the bound."""
    if not rest:
        return np.ones_like(t)
    i, j = pair
    r = correlation[i, j] * t
    determinant = (1.0 - r) * (1.0 + r)
    bounds, slopes = [], []
    deviation = []
    for k in rest:
        a, b = correlation[k, i] * t, correlation[k, j] * t
        slope = ((a - r * b) / determinant, (b - r * a) / determinant)
        mean = bound * (slope[0] + sign * slope[1])
        spread = np.sqrt(np.maximum(1.0 - slope[0] * a - slope[1] * b, _TINY))
        lower = (-bound - mean) / spread if sides == 2 else np.full_like(t, -np.inf)
        bounds.append((lower, (bound - mean) / spread))
        slopes.append((slope, (a, b)))
        deviation.append(spread)
    if len(rest) == 1:
        lower, upper = bounds[0]
        return _between(lower, upper)
    (slope, _), (_, (a, b)) = slopes
    covariance = correlation[rest[0], rest[1]] * t - slope[0] * a - slope[1] * b
    partial = np.clip(covariance / (deviation[0] * deviation[1]), -1.0, 1.0)
    return _rectangle(bounds[0], bounds[1], partial)


def _between(lower: FloatArray, upper: FloatArray) -> FloatArray:
    # Both in the lower tail, so that their difference is not lost to rounding.
    turned = lower > 0.0
    difference: FloatArray = ndtr(np.where(turned, -lower, upper)) - ndtr(
        np.where(turned, -upper, lower)
    )
    return difference


def _rectangle(
    one: tuple[FloatArray, FloatArray], other: tuple[FloatArray, FloatArray], rho: FloatArray
) -> FloatArray:
    total = _bivariate(one[1], other[1], rho)
    if np.isfinite(one[0]).all():
        total = total - _bivariate(one[0], other[1], rho) - _bivariate(one[1], other[0], rho)
        total = total + _bivariate(one[0], other[0], rho)
    return np.clip(total, 0.0, 1.0)


def _bivariate(h: FloatArray, k: FloatArray, rho: FloatArray) -> FloatArray:
    """Return P(X <= h, Y <= k) of standard normal variables with correlation rho."""
    h, k = (np.where(np.abs(x) < _TINY, _TINY, np.clip(x, -1e100, 1e100)) for x in (h, k))
    root = np.sqrt(np.maximum((1.0 - rho) * (1.0 + rho), _TINY))
    opposite = np.where(h * k < 0.0, 0.5, 0.0)
    answer: FloatArray = (
        0.5 * (ndtr(h) + ndtr(k))
        - owens_t(h, (k / h - rho) / root)
        - owens_t(k, (h / k - rho) / root)
        - opposite
    )
    return answer
