"""Efron's sums over tied events in closed form, so that a million ties cost as much as one.

With S the weight of the risk set and E that of its d tied events, Efron's method needs

    sum of log D, of 1 / D and of 1 / D^2,    D = S - (j / d) E,    j = 0, ..., d - 1.

With a = d S / E and b = a - d, D = (E / d) (b + i) for i = 1, ..., d: the sums are differences of
the logarithm of the gamma function and its derivatives. Taken at half-integers, the leading terms
of such a difference are logarithms of one plus a small number, so nothing cancels (Abramowitz and
Stegun 1964, formulas 6.3.18, 6.4.12 and 6.1.40, moved to the midpoint).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hepatica.stats._checks import FloatArray, IntArray

#: From here on six terms of the expansions leave less than a rounding error.
_FAR = 20.0

# Bernoulli polynomials at one half: B2 to B10, each divided as its expansion asks.
_LOG_TERMS = (-1 / 24, 7 / 2880, -31 / 40320, 127 / 215040, -511 / 608256)
_FIRST_TERMS = (1 / 24, -7 / 960, 31 / 8064, -127 / 30720, 511 / 67584)
_SECOND_TERMS = (-1 / 12, 7 / 240, -31 / 1344, 127 / 3840, -2555 / 33792)


@dataclass(frozen=True, slots=True, eq=False)
class TiedSums:
    """Sums over the tied events of each day: of log D, 1 / D and 1 / D squared."""

    log: FloatArray
    inverse: FloatArray
    inverse_square: FloatArray


def tied_sums(at_risk: FloatArray, tied: FloatArray, deaths: IntArray) -> TiedSums:
    """Return Efron's sums for each day.

    Parameters
    ----------
    at_risk, tied : float array (m,)
        Weight of the risk set and of its events, positive; rounding apart, the first is the
        larger.
    deaths : int array (m,)
        Events, at least 1.

    Examples
    --------
    >>> sums = tied_sums(np.array([6.0]), np.array([2.0]), np.array([2]))
    >>> round(sums.inverse.item(), 12) == round(1 / 6 + 1 / 5, 12)
    True
    """
    d = deaths.astype(np.float64)
    unit = tied / d
    below = np.maximum(at_risk / unit - d, 0.0)
    left = d.copy()
    log, inverse, square = (np.zeros(len(d)) for _ in range(3))
    # The expansions hold far from zero: near it the first terms are added one by one.
    while (near := np.flatnonzero((below < _FAR) & (left > 0))).size:
        below[near] += 1.0
        left[near] -= 1.0
        log[near] += np.log(below[near])
        inverse[near] += 1.0 / below[near]
        square[near] += 1.0 / below[near] ** 2
    many = np.flatnonzero(left > 0)
    _add_far(many, below[many] + 0.5, left[many], (log, inverse, square))
    return TiedSums(
        log=log + d * np.log(unit), inverse=inverse / unit, inverse_square=square / unit**2
    )


def _add_far(
    rows: npt.NDArray[np.intp],
    low: FloatArray,
    n: FloatArray,
    sums: tuple[FloatArray, FloatArray, FloatArray],
) -> None:
    """Add the sums over low + 1/2, ..., low + n - 1/2."""
    high = low + n
    growth = np.log1p(n / low)
    log, inverse, square = sums
    log[rows] += n * (np.log(high) - 1.0) + low * growth
    inverse[rows] += growth
    square[rows] += n / (low * high)
    for k in range(5):
        odd = 2 * k + 1
        log[rows] += _LOG_TERMS[k] * (high**-odd - low**-odd)
        inverse[rows] += _FIRST_TERMS[k] * (high ** -(odd + 1) - low ** -(odd + 1))
        square[rows] -= _SECOND_TERMS[k] * (high ** -(odd + 2) - low ** -(odd + 2))
