"""Rank tests of independent groups: Wilcoxon's rank sum of two, Kruskal and Wallis for several.

Sources: Wilcoxon, Biometrics Bull 1945;1:80; Mann and Whitney, Ann Math Stat 1947;18:50 (the
distribution without ties); Lehmann, Nonparametrics, 1975, 1.4 (ties, continuity); Kruskal and
Wallis, J Am Stat Assoc 1952;47:583.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, ndtr

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray
from hepatica.stats._ranks import doubled_mid_ranks, tied_groups

METHODS = ("auto", "exact", "normal")

#: The exact distribution is taken where both groups are smaller, and nothing is tied.
EXACT_BELOW = 50


@dataclass(frozen=True, slots=True)
class RankTest:
    """A rank test of independent groups.

    Attributes
    ----------
    statistic : float
        Of two groups W, the number of pairs in which the value of the first is larger, ties as one
        half; of several the chi-square statistic of Kruskal and Wallis, corrected for ties.
    df : int
        Degrees of freedom of the chi-square statistic; 0 for two groups.
    p_value : float
        Two-sided p-value; 1 where all values are equal.
    method : {"exact", "normal", "chi_square"}
        The distribution that the p-value comes from.
    """

    statistic: float
    df: int
    p_value: float
    method: str


def rank_sum(first: npt.ArrayLike, second: npt.ArrayLike, *, method: str = "auto") -> RankTest:
    """Test whether values of one group tend to be larger than those of another.

    Parameters
    ----------
    first, second : float array (n1,), (n2,)
        Values of two groups.
    method : {"auto", "exact", "normal"}
        ``exact``: all ways to share out the ranks, refused where values are tied. ``normal``: with
        the variance of tied ranks and a continuity correction. ``auto``: exact where both groups
        have fewer than 50 values and nothing is tied.

    Raises
    ------
    InputError
        If the arrays or options cannot be used.

    Examples
    --------
    >>> test = rank_sum([1.1, 2.3, 4.0, 5.5], [0.3, 0.9, 1.6])
    >>> test.statistic, test.method, round(test.p_value, 4)
    (11.0, 'exact', 0.1143)
    """
    _checks.check_option("method", method, METHODS)
    x = _checks.numbers("first", first).astype(np.float64)
    y = _checks.numbers("second", second).astype(np.float64)
    together = np.concatenate([x, y])
    ties = tied_groups(together, 0.0)
    tied = int(ties.max()) + 1 < len(together)
    statistic = (int(doubled_mid_ranks(ties)[: len(x)].sum()) - len(x) * (len(x) + 1)) / 2.0
    if method == "exact" and tied:
        raise InputError('The exact distribution is that of values without ties; use "normal".')
    small = max(len(x), len(y)) < EXACT_BELOW and not tied
    if method == "exact" or (method == "auto" and small):
        return RankTest(statistic, 0, _exact(round(statistic), len(x), len(y)), "exact")
    return RankTest(statistic, 0, _normal(statistic, ties, len(x), len(y)), "normal")


def kruskal_wallis(values: npt.ArrayLike, group: npt.ArrayLike) -> RankTest:
    """Test whether the values of several groups come from one distribution.

    Parameters
    ----------
    values : float array (n,)
        Values.
    group : int array (n,)
        Codes of the groups; at least two occur.

    Raises
    ------
    InputError
        If the arrays cannot be used.

    Examples
    --------
    >>> test = kruskal_wallis([1, 2, 4, 5, 7, 6, 9, 8.5, 7], [0, 0, 0, 1, 1, 1, 2, 2, 2])
    >>> round(test.statistic, 4), test.df, round(test.p_value, 4)
    (6.8796, 2, 0.0321)
    """
    given = _checks.numbers("values", values).astype(np.float64)
    levels, code = _checks.codes("group", group, len(given))
    if len(levels) < 2:
        raise InputError("group must have at least two groups.")
    ties = tied_groups(given, 0.0)
    ranks = doubled_mid_ranks(ties) / 2.0
    n = len(given)
    size = np.bincount(code)
    center = (n + 1) / 2.0
    spread = float((size * (np.bincount(code, ranks) / size - center) ** 2).sum())
    total = float(((ranks - center) ** 2).sum())
    df = len(levels) - 1
    if total == 0.0:
        return RankTest(0.0, df, 1.0, "chi_square")
    statistic = (n - 1) * spread / total
    return RankTest(statistic, df, float(chdtrc(df, statistic)), "chi_square")


def rank_sum_distribution(n_first: int, n_second: int) -> FloatArray:
    """Return the null probabilities of W from 0 to ``n_first * n_second``, without ties.

    Examples
    --------
    >>> rank_sum_distribution(2, 1).tolist()
    [0.3333333333333333, 0.3333333333333333, 0.3333333333333333]
    """
    # Share of the ways in which so many of the ranks so far belong to the first group, by the sum
    # of what each of them lies above; adding ranks one by one keeps all terms positive.
    n = n_first + n_second
    ways = np.zeros((n_first + 1, n_first * n_second + 1))
    ways[0, 0] = 1.0
    for rank in range(n):
        for taken in range(min(rank + 1, n_first), 0, -1):
            # The one that is taken lies above the ranks before it that are not.
            above = rank - (taken - 1)
            if above <= n_second:
                ways[taken, above:] += ways[taken - 1, : ways.shape[1] - above]
    found: FloatArray = ways[n_first] / ways[n_first].sum()
    return found


def _exact(statistic: int, n_first: int, n_second: int) -> float:
    probability = rank_sum_distribution(n_first, n_second)
    # Symmetric about half the largest value.
    low = min(statistic, n_first * n_second - statistic)
    return min(1.0, 2.0 * float(probability[: low + 1].sum()))


def _normal(statistic: float, ties: IntArray, n_first: int, n_second: int) -> float:
    n = n_first + n_second
    size = np.bincount(ties).astype(np.float64)
    pairs = n_first * n_second
    tied = float((size**3 - size).sum()) / (n * (n - 1.0)) if n > 1 else 0.0
    variance = pairs / 12.0 * (n + 1.0 - tied)
    # All values equal: their variance is 0 but for rounding.
    if len(size) == 1:
        return 1.0
    distance = statistic - pairs / 2.0
    corrected = distance - math.copysign(0.5, distance) if distance else 0.0
    return min(1.0, 2.0 * float(ndtr(-abs(corrected) / math.sqrt(variance))))
