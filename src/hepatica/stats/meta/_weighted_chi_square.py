"""Distribution of a weighted sum of independent chi-square variables with 1 degree of freedom.

Source: Ruben, Ann Math Stat 1962;33:542: with the scale at the smallest weight the distribution is
a mixture of chi-square distributions, whose coefficients follow by recursion. The coefficients
not used sum to 1 less the sum of those used, which bounds the error.
"""

from __future__ import annotations

import numpy as np
from scipy.special import chdtr

from hepatica.stats._checks import FloatArray

#: Terms at most; a bound of 1e-13 is reached long before unless weights differ 1,000-fold.
TERMS = 20_000
ENOUGH = 1e-13


def weighted_chi_square(x: float, weights: FloatArray) -> float:
    """Return P(sum of weights times chi-square <= x); NaN if the series does not end."""
    scale = float(weights.min())
    gaps = 1.0 - scale / weights
    coefficients = np.zeros(TERMS)
    powers = np.zeros(TERMS)
    coefficients[0] = float(np.exp(0.5 * np.log(scale / weights).sum()))
    n, at = len(weights), x / scale
    used, total = coefficients[0], coefficients[0] * chdtr(n, at)
    power = np.ones(n)
    for k in range(1, TERMS):
        power = power * gaps
        powers[k] = power.sum()
        coefficients[k] = np.dot(powers[k:0:-1], coefficients[:k]) / (2.0 * k)
        share = chdtr(n + 2 * k, at)
        total += coefficients[k] * share
        used += coefficients[k]
        if (1.0 - used) * share < ENOUGH:
            return float(total)
    return float("nan")
