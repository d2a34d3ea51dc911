"""Hodges-Lehmann estimates of a location and of a shift, with limits.

Sources: Hodges and Lehmann, Ann Math Stat 1963;34:598; Walsh, Ann Math Stat 1949;20:64; Moses, in
Walker and Lev, Statistical Inference 1953 (limits of a shift); Hollander and Wolfe, Nonparametric
Statistical Methods; Noether, Ann Math Stat 1967;38:1786 (ties).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray
from hepatica.stats.signed_rank import MAX_EXACT, signed_rank_distribution

METHODS = ("exact", "normal")

#: More averages or differences than this are not sorted.
MAX_PAIRS = 5_000_000

#: The exact distribution of a shift is refused for more differences than this.
MAX_EXACT_PAIRS = 10_000


@dataclass(frozen=True, slots=True)
class HodgesLehmann:
    """A location or shift with limits.

    Attributes
    ----------
    estimate : float
        Median of the averages of all pairs, or of the differences of all pairs.
    lower, upper : float
        Limits; NaN when there are too few observations for the level.
    conf_level : float
        As asked for.
    coverage : float
        Probability of the exact limits without ties, at least `conf_level`; NaN for ``normal``
        and where there are no limits.
    method : {"exact", "normal"}
        As given.
    """

    estimate: float
    lower: float
    upper: float
    conf_level: float
    coverage: float
    method: str


def hodges_lehmann(
    difference: npt.ArrayLike, *, conf_level: float = 0.95, method: str = "exact"
) -> HodgesLehmann:
    """Estimate the centre of symmetric differences: the pseudomedian.

    Parameters
    ----------
    difference : array (n,)
        Differences, one a pair; zeros count like any other.
    conf_level : float
        Confidence level.
    method : {"exact", "normal"}
        Limits are the k-th lowest and highest of the n(n + 1)/2 averages of two differences
        (Walsh averages, each with itself too); k comes from the signed-rank distribution, or from
        its normal approximation with continuity correction.

    Raises
    ------
    InputError
        If the array or options cannot be used, or there are too many differences.

    Notes
    -----
    The distribution is that without ties; with ties the closed interval covers at least as often.

    Examples
    --------
    >>> found = hodges_lehmann([3, -1, 4, -2, 6, 7, -2, 8])
    >>> found.estimate, found.lower, found.upper, found.coverage
    (3.0, -1.5, 7.0, 0.9609375)
    """
    _check(conf_level, method)
    values = _checks.numbers("difference", difference).astype(np.float64)
    n = len(values)
    _check_pairs(n * (n + 1) // 2)
    first, second = np.triu_indices(n)
    averages = np.sort((values[first] + values[second]) / 2.0)
    if method == "normal":
        return _normal(averages, n * (n + 1) * (2 * n + 1) / 24.0, conf_level)
    if n > MAX_EXACT:
        raise InputError(_too_many(MAX_EXACT, "differences", n))
    return _exact(averages, signed_rank_distribution(np.arange(1, n + 1)), conf_level)


def hodges_lehmann_shift(
    x: npt.ArrayLike, y: npt.ArrayLike, *, conf_level: float = 0.95, method: str = "exact"
) -> HodgesLehmann:
    """Estimate by how much `x` is shifted against `y` (x less y).

    Parameters
    ----------
    x, y : array (m,), array (n,)
        Two independent samples.
    conf_level : float
        Confidence level.
    method : {"exact", "normal"}
        Limits are the k-th lowest and highest of the m n differences; k comes from the
        distribution of the rank sum, or from its normal approximation with continuity correction.

    Raises
    ------
    InputError
        If the arrays or options cannot be used, or there are too many observations.

    Notes
    -----
    The distribution is that without ties; with ties the closed interval covers at least as often.

    Examples
    --------
    >>> found = hodges_lehmann_shift([5, 6, 8, 9], [1, 2, 4, 4])
    >>> found.estimate, found.lower, found.upper
    (4.0, 1.0, 8.0)
    """
    _check(conf_level, method)
    one = _checks.numbers("x", x).astype(np.float64)
    other = _checks.numbers("y", y).astype(np.float64)
    m, n = len(one), len(other)
    _check_pairs(m * n)
    differences = np.sort(np.subtract.outer(one, other), axis=None)
    if method == "normal":
        return _normal(differences, m * n * (m + n + 1) / 12.0, conf_level)
    if m * n > MAX_EXACT_PAIRS:
        raise InputError(_too_many(MAX_EXACT_PAIRS, "pairs", m * n))
    return _exact(differences, _rank_sum_distribution(m, n), conf_level)


def _check(conf_level: float, method: str) -> None:
    _checks.check_conf_level(conf_level)
    _checks.check_option("method", method, METHODS)


def _check_pairs(pairs: int) -> None:
    if pairs > MAX_PAIRS:
        raise InputError(f"The estimate takes up to {MAX_PAIRS:,} pairs; there are {pairs:,}.")


def _too_many(most: int, what: str, found: int) -> str:
    return (
        f"The exact distribution is worked out for up to {most} {what}; there are {found}. "
        f'Use method "normal".'
    )


def _exact(ordered: FloatArray, probability: FloatArray, conf_level: float) -> HodgesLehmann:
    """Take limits from the distribution of how many pairs are above the centre."""
    tail = (1.0 - conf_level) / 2.0
    below = np.cumsum(probability)
    # The k lowest counts together are no more probable than the tail, to rounding.
    k = int(np.searchsorted(below, tail * (1.0 + 1e-12), side="right"))
    coverage = 1.0 - 2.0 * float(below[k - 1]) if k else math.nan
    return _between(ordered, k, conf_level, coverage, "exact")


def _normal(ordered: FloatArray, variance: float, conf_level: float) -> HodgesLehmann:
    z = float(ndtri(0.5 + conf_level / 2.0))
    k = math.floor(len(ordered) / 2.0 + 0.5 - z * math.sqrt(variance))
    return _between(ordered, k, conf_level, math.nan, "normal")


def _between(
    ordered: FloatArray, k: int, conf_level: float, coverage: float, method: str
) -> HodgesLehmann:
    return HodgesLehmann(
        estimate=float(np.median(ordered)),
        lower=float(ordered[k - 1]) if k >= 1 else math.nan,
        upper=float(ordered[-k]) if k >= 1 else math.nan,
        conf_level=float(conf_level),
        coverage=coverage,
        method=method,
    )


def _rank_sum_distribution(m: int, n: int) -> FloatArray:
    """Return the null probabilities of the count of pairs with x above y, 0 to m n."""
    few, many = min(m, n), max(m, n)
    # Row i: i of the smaller sample placed so far; each placed one is above those of the other
    # sample that came before it.
    ways = np.zeros((few + 1, m * n + 1))
    ways[0, 0] = 1.0
    for placed in range(m + n):
        for i in range(min(placed, few - 1), max(-1, placed - many - 1), -1):
            above = placed - i
            ways[i + 1, above:] += ways[i, : ways.shape[1] - above]
    total = ways[few]
    distribution: FloatArray = total / total.sum()
    return distribution
