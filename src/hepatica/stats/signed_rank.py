"""Wilcoxon's signed-rank test of paired differences, exact with ties and zeros.

Sources: Wilcoxon, Biometrics Bull 1945;1:80; Pratt, J Am Stat Assoc 1959;54:655 (zeros);
Hollander and Wolfe, Nonparametric Statistical Methods (ties); Iman, J Am Stat Assoc 1974;69:795
(the approximation by t).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, stdtr

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray
from hepatica.stats._ranks import doubled_mid_ranks, tied_groups

ZEROS = ("drop", "pratt")
METHODS = ("exact", "exact_or_t", "normal")

#: The exact distribution is refused for more differences than this.
MAX_EXACT = 500

#: Absolute differences nearer than this share of the largest are tied, and a difference nearer
#: to 0 than it is a zero: 5.3 - 5.1 and 0.2 are the same difference.
SAME_DIFFERENCE = 1e-10

_EXACT_UP_TO = 20


@dataclass(frozen=True, slots=True)
class SignedRank:
    """Signed-rank test.

    Attributes
    ----------
    n : int
        Differences that are not zero.
    n_zero : int
        Differences that are zero.
    statistic : float
        Sum of the ranks of positive differences less its expectation (S of SAS).
    positive_rank_sum : float
        Sum of the ranks of positive differences (V of R).
    p_value : float
        Two-sided; NaN when all differences are zero.
    zeros : {"drop", "pratt"}
        As given.
    method : {"exact", "t", "normal"}
        The distribution that the p-value comes from.
    """

    n: int
    n_zero: int
    statistic: float
    positive_rank_sum: float
    p_value: float
    zeros: str
    method: str


def signed_rank(
    difference: npt.ArrayLike, *, zeros: str = "drop", method: str = "exact"
) -> SignedRank:
    """Test whether differences are symmetric about zero.

    Tied absolute differences have mid-ranks, and the exact distribution is that of all signs
    given those ranks.

    Parameters
    ----------
    difference : array (n,)
        Differences, one a pair.
    zeros : {"drop", "pratt"}
        Zeros are left out before ranking, or ranked with the others and then left out.
    method : {"exact", "exact_or_t", "normal"}
        ``exact``: all 2**n signs. ``exact_or_t``: exact for up to 20 differences that are not zero,
        above that t = S sqrt((n - 1) / (n V - S**2)) on n - 1 degrees of freedom; drops zeros.
        ``normal``: with continuity correction and the variance of the tied ranks.

    Raises
    ------
    InputError
        If the arrays or options cannot be used, or there are too many differences for the exact
        distribution (`MAX_EXACT`).

    Examples
    --------
    >>> test = signed_rank([3, -1, 4, -2, 6, 7, -2, 8])
    >>> test.n, test.statistic, round(test.p_value, 4)
    (8, 12.0, 0.1016)
    """
    _checks.check_option("zeros", zeros, ZEROS)
    _checks.check_option("method", method, METHODS)
    if method == "exact_or_t" and zeros != "drop":
        raise InputError('method "exact_or_t" is defined for zeros "drop" alone.')
    values = _checks.numbers("difference", difference).astype(np.float64)
    sign, ranks = _signs_and_ranks(values, zeros)
    n = len(ranks)
    positive = int(ranks[sign > 0].sum())
    doubled = 2 * positive - int(ranks.sum())
    used = _distribution(method, n)
    return SignedRank(
        n=n,
        n_zero=len(values) - n,
        statistic=doubled / 4.0,
        positive_rank_sum=positive / 2.0,
        p_value=_p_value(ranks, doubled, used),
        zeros=zeros,
        method=used,
    )


def signed_rank_distribution(doubled_ranks: IntArray) -> FloatArray:
    """Return the null probabilities of the doubled sum of positive ranks, from 0 to their sum.

    Parameters
    ----------
    doubled_ranks : int array (n,)
        Twice the ranks of the absolute differences.

    Examples
    --------
    >>> signed_rank_distribution(np.array([2, 4])).tolist()
    [0.25, 0.0, 0.25, 0.0, 0.25, 0.0, 0.25]
    """
    probability = np.zeros(int(doubled_ranks.sum()) + 1)
    probability[0] = 1.0
    reached = 0
    for rank in np.sort(doubled_ranks).tolist():
        part = probability[: reached + 1] / 2.0
        probability[: reached + 1] = part
        probability[rank : reached + rank + 1] += part
        reached += rank
    return probability


def _signs_and_ranks(values: FloatArray, zeros: str) -> tuple[FloatArray, IntArray]:
    """Return signs and doubled mid-ranks of the differences that are not zero."""
    size = np.abs(values)
    tolerance = SAME_DIFFERENCE * float(size.max())
    kept = size > tolerance
    if zeros == "drop":
        values, size = values[kept], size[kept]
        return np.sign(values), doubled_mid_ranks(tied_groups(size, tolerance))
    size[~kept] = 0.0
    return np.sign(values[kept]), doubled_mid_ranks(tied_groups(size, tolerance))[kept]


def _distribution(method: str, n: int) -> str:
    if method == "exact_or_t":
        return "exact" if n <= _EXACT_UP_TO else "t"
    if method == "exact" and n > MAX_EXACT:
        raise InputError(
            f"The exact distribution is worked out for up to {MAX_EXACT} differences; there are "
            f'{n}. Use method "normal".'
        )
    return method


def _p_value(ranks: IntArray, doubled: int, method: str) -> float:
    n = len(ranks)
    if n == 0:
        return math.nan
    if method == "exact":
        # Symmetric: twice the tail at least as far out, whose start is a whole doubled rank sum.
        start = (int(ranks.sum()) + abs(doubled)) // 2
        return min(1.0, 2.0 * float(signed_rank_distribution(ranks)[start:].sum()))
    statistic = doubled / 4.0
    variance = float((ranks.astype(np.float64) ** 2).sum()) / 16.0
    if method == "normal":
        corrected = statistic - 0.5 * np.sign(statistic)
        return float(2.0 * ndtr(-abs(corrected) / math.sqrt(variance)))
    rest = n * variance - statistic**2
    t = abs(statistic) * math.sqrt((n - 1) / rest) if rest > 0.0 else math.inf
    return float(2.0 * stdtr(n - 1, -t))
