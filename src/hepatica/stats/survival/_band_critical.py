"""Critical values of simultaneous bands, computed, not looked up.

Hall and Wellner's bands need the supremum of a Brownian bridge between two of its times, bands of
equal precision that of a stationary Ornstein-Uhlenbeck process over a length of time.

Sources: Hall and Wellner, Biometrika 1980;67:133; Chung, Ann Stat 1986;14:1 (bridge on a part of
the unit interval); Nair, Technometrics 1984;26:265; Borodin and Salminen, Handbook of Brownian
Motion, 2nd edition, Birkhaeuser 2002 (both processes with absorbing walls).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
from numpy.polynomial import Polynomial
from numpy.polynomial.legendre import leggauss, legvander
from scipy.linalg import eigh
from scipy.optimize import brentq
from scipy.special import log_ndtr, ndtr, ndtri

from hepatica.stats._checks import FloatArray

#: Normal deviates beyond this add less than 1e-17.
_FAR = 9.0

#: A length of time is short below this, and below this share of the level squared: the expansion
#: for it leaves out exp(-level^2 / length).
_SHORT, _SHORT_SHARE = 0.06, 1.0 / 40.0

#: Terms of that expansion, and even polynomials for the eigenfunctions.
_ORDERS = 30
_BASIS = 64


def bridge_critical_value(first: float, last: float, conf_level: float) -> float:
    """Return k with P(|W(u)| <= k for all u between `first` and `last`) = `conf_level`.

    Parameters
    ----------
    first, last : float
        Part of the unit interval, 0 <= first <= last < 1.
    conf_level : float
        The probability.

    Notes
    -----
    W is a Brownian bridge. With both at 0 and nearly 1 this is Kolmogorov's distribution.

    Examples
    --------
    >>> round(bridge_critical_value(0.1, 0.6, 0.95), 4)
    1.3211
    """
    largest = last if last < 0.5 else max(first, 0.5)
    single = ndtri(0.5 + conf_level / 2.0) * math.sqrt(largest * (1.0 - largest))
    return _solve(lambda k: bridge_inside(k, first, last), single, 2.5, conf_level)


def stationary_critical_value(length: float, conf_level: float) -> float:
    """Return e with P(|X(s)| <= e for all s from 0 to `length`) = `conf_level`.

    Parameters
    ----------
    length : float
        Length of time, at least 0.
    conf_level : float
        The probability.

    Notes
    -----
    X is the stationary normal process with correlation exp(-s) (Ornstein-Uhlenbeck). The bridge
    divided by its standard deviation between a and b is X over log(b (1 - a) / (a (1 - b))) / 2.

    Examples
    --------
    >>> import math
    >>> round(stationary_critical_value(0.5 * math.log(0.6 * 0.9 / (0.1 * 0.4)), 0.95), 4)
    2.8873
    """
    single = float(ndtri(0.5 + conf_level / 2.0))
    return _solve(lambda e: stationary_inside(e, length), single, 12.0, conf_level)


def _solve(
    probability: Callable[[float], float], low: float, high: float, conf_level: float
) -> float:
    # The level of one time is too low for more than one, but for rounding.
    low *= 1.0 - 1e-9
    return float(brentq(lambda level: probability(level) - conf_level, low, high, xtol=1e-14))


def bridge_inside(level: float, first: float, last: float) -> float:
    """Return the probability that a Brownian bridge stays within +-`level` on a stretch."""
    length = last - first
    if length <= 0.0:
        return _normal_inside(level, math.sqrt(first * (1.0 - first)))
    start, weight = _starts(level, first, length)
    # From x at `first`, the bridge ends at `last` about x (1 - last) / (1 - first).
    shrink = (1.0 - last) / (1.0 - first)
    sd = math.sqrt(length * shrink)
    total = np.zeros_like(start)
    for image, sign in _images(level, length):
        # A path started at the image of x carries the ratio of the densities of its end.
        begin = image + sign * start
        log_ratio = (start * start - begin * begin) / (2.0 * (1.0 - first))
        centre = begin * shrink
        total += sign * _weighted_inside(log_ratio, (level - centre) / sd, (-level - centre) / sd)
    return float(weight @ total)


def _images(level: float, length: float) -> Iterator[tuple[float, int]]:
    """Yield shift and sign of the images of a point between two walls that matter."""
    reach = 2 + math.ceil(_FAR * math.sqrt(length) / (4.0 * level))
    for j in range(-reach, reach + 1):
        yield 4.0 * level * j, 1
        yield 4.0 * level * j + 2.0 * level, -1


def _weighted_inside(log_weight: FloatArray, upper: FloatArray, lower: FloatArray) -> FloatArray:
    """Return exp(log_weight) times the normal probability between two deviates."""
    # In the upper tail the difference is taken of the small probabilities.
    flip = lower > 0.0
    high, low = np.where(flip, -lower, upper), np.where(flip, -upper, lower)
    inside: FloatArray = np.exp(log_weight + log_ndtr(high)) - np.exp(log_weight + log_ndtr(low))
    return inside


def _starts(level: float, first: float, length: float) -> tuple[FloatArray, FloatArray]:
    """Return nodes and weights for the bridge at `first`, dense near the walls."""
    sd = math.sqrt(first * (1.0 - first))
    if sd == 0.0:
        return np.zeros(1), np.ones(1)
    end = min(level, _FAR * sd)
    layer = min(math.sqrt(length), end)
    # Panels halve towards the walls until one is a part of what the process moves meanwhile.
    depth = 2 + max(0, math.ceil(math.log2(end / layer)))
    edges = end * (1.0 - np.concatenate((0.5 ** np.arange(depth + 2), [0.0])))
    edges = np.concatenate((-edges[:0:-1], edges))
    node, weight = leggauss(40)
    half = np.diff(edges) / 2.0
    nodes = ((edges[:-1] + half)[:, None] + half[:, None] * node).ravel()
    density = np.exp(-0.5 * (nodes / sd) ** 2) / (sd * math.sqrt(2.0 * math.pi))
    return nodes, (half[:, None] * weight).ravel() * density


def _normal_inside(level: float, sd: float) -> float:
    return float(1.0 - 2.0 * ndtr(-level / sd)) if sd > 0.0 else 1.0


def stationary_inside(level: float, length: float) -> float:
    """Return the probability that the stationary process stays within +-`level` for a time."""
    if length <= min(_SHORT, _SHORT_SHARE * level * level):
        return _stationary_short(level, length)
    return _stationary_long(level, length)


def _stationary_short(level: float, length: float) -> float:
    """Return the probability by the expansion in powers of the square root of the length.

    The Laplace transform over time is P(|X| <= e) / s - 2 phi(e) w(e) / s^2, where w = f' / f for
    the even solution of f'' - x f' = s f. But for exp(-2 e sqrt(s)), which a short time does not
    see, w is a series in powers of sqrt(s) whose terms follow from w' + w^2 - x w = s, and each
    power of s is the transform of a power of the time.
    """
    inside = _normal_inside(level, 1.0)
    density = math.exp(-0.5 * level * level) / math.sqrt(2.0 * math.pi)
    total = math.sqrt(length) / math.gamma(1.5)
    for order, term in enumerate(_series(level)):
        power = 1.0 + order / 2.0
        total += term * length**power / math.gamma(power + 1.0)
    return inside - 2.0 * density * total


def _series(level: float) -> list[float]:
    return [float(term(level)) for term in _expansion()]


@cache
def _expansion() -> tuple[Polynomial, ...]:
    x = Polynomial([0.0, 1.0])
    terms = [x / 2.0]
    for _ in range(_ORDERS):
        product = sum((a * b for a, b in zip(terms, terms[::-1], strict=True)), Polynomial([0.0]))
        terms.append((x * terms[-1] - terms[-1].deriv() - product) / 2.0)
    return tuple(terms)


def _stationary_long(level: float, length: float) -> float:
    """Return the probability by the eigenfunctions of the process between the walls.

    With the square root of the normal density taken into the functions, the generator is that of
    the harmonic oscillator, -g'' + (x^2 / 4 - 1 / 2) g, which even polynomials that are 0 at the
    walls diagonalise to rounding.
    """
    node, weight, basis, mass, stiffness, moment = _walls()
    # One is added to every rate, so that the smallest is well above 0 however wide the walls are.
    energy = stiffness / level + 0.25 * level**3 * moment + 0.5 * level * mass
    size, vectors = eigh(level * mass, energy)
    root = np.exp(-0.25 * (level * node) ** 2) / (2.0 * math.pi) ** 0.25
    start = vectors.T @ (basis.T @ (level * weight * root))
    # Energies are scaled to 1, so that rates are 1 / size - 1 and norms the roots of size.
    return float(np.exp(-length * (1.0 / size - 1.0)) @ (start * start / size))


@cache
def _walls() -> tuple[FloatArray, ...]:
    """Return nodes, weights, basis, and its products: as it is, of slopes, and with x squared."""
    node, weight = leggauss(2 * _BASIS + 8)
    polynomials = legvander(node, 2 * _BASIS)
    degree = np.arange(0, 2 * _BASIS, 2)
    # P(n) - P(n + 2) has the derivative -(2 n + 3) P(n + 1), scaled here to one size.
    scale = np.sqrt(1.0 / (4.0 * degree + 6.0))
    basis = (polynomials[:, :-2:2] - polynomials[:, 2::2]) * scale
    slopes = polynomials[:, 1::2] * ((2.0 * degree + 3.0) * scale)
    products = ((basis, weight), (slopes, weight), (basis, weight * node * node))
    return (node, weight, basis, *((one.T * measure) @ one for one, measure in products))
