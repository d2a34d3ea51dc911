"""A cut-point chosen from the data by the log-rank statistic, with its corrected p-value.

Sources: Lausen and Schumacher, Biometrics 1992;48:73 (p-value of the maximum); Lausen, Sauerbrei
and Schumacher, in Dirschedl and Ostermann (eds), Computational Statistics 1994;483 (improved
Bonferroni); Hothorn and Lausen, Comput Stat Data Anal 2003;43:121 (scores, permutation).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats._ranks import tied_groups
from hepatica.stats.survival._tally import SAME_TIME

#: Scores held at once while permuting.
_BATCH = 1 << 22


@dataclass(frozen=True, slots=True, eq=False)
class MaximallySelected:
    """The cut-point with the largest standardised log-rank statistic.

    Attributes
    ----------
    cut_point : float
        A recorded marker value; the groups are at or below it, and above. The lowest of several.
    statistic : float
        Largest absolute standardised statistic.
    p_value_unadjusted : float
        Two-sided p-value as if the cut-point had been fixed beforehand: too small.
    p_lau92, p_lau94 : float
        Corrected p-values: of the maximum over all shares (1992), improved Bonferroni over the
        candidates (1994).
    p_permutation : float
        Corrected p-value by random permutation, (1 + reached) / (1 + replicates); NaN without a
        generator.
    replicates : int
        Permutations made.
    candidates : float array (k,)
        Marker values that were tried, rising.
    n_low : int array (k,)
        Subjects at or below each.
    statistics : float array (k,)
        Absolute standardised statistic of each.
    min_share : float
        As given.
    """

    cut_point: float
    statistic: float
    p_value_unadjusted: float
    p_lau92: float
    p_lau94: float
    p_permutation: float
    replicates: int
    candidates: FloatArray
    n_low: IntArray
    statistics: FloatArray
    min_share: float


def maximally_selected_logrank(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    marker: npt.ArrayLike,
    *,
    min_share: float = 0.1,
    generator: np.random.Generator | None = None,
    replicates: int = 9999,
) -> MaximallySelected:
    """Find the cut-point of a marker that separates survival best, and correct its p-value.

    Parameters
    ----------
    time, event : array (n,)
        As in `kaplan_meier`.
    marker : array (n,)
        Marker values, finite.
    min_share : float
        Smallest share of subjects on either side, above 0 and below one half.
    generator : numpy.random.Generator, optional
        Source of permutations; without it there is no permutation p-value.
    replicates : int
        Permutations to make.

    Raises
    ------
    InputError
        If the arrays cannot be used, no marker value leaves `min_share` on both sides, or all
        scores are the same.

    Notes
    -----
    Statistics are those of log-rank scores under permutation, (sum of scores at or below the
    cut-point - its mean) / its standard deviation. The square is near the log-rank chi-square but
    not equal to it. Among tied times those at risk are the subjects with a later time and one
    more, as in Hothorn and Lausen.

    Examples
    --------
    >>> found = maximally_selected_logrank(
    ...     [1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 1, 1, 1, 1, 1, 0], [9, 8, 9, 7, 2, 3, 1, 2])
    >>> found.cut_point, round(found.statistic, 3), round(found.p_lau94, 3)
    (3.0, 2.066, 0.144)
    """
    if not 0.0 < min_share < 0.5:
        raise InputError(f"min_share must lie above 0 and below 0.5; it is {min_share!r}.")
    values, scores = _checked(time, event, marker)
    n = len(values)
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    n_low = _candidates(ordered, min_share)
    mean, deviation = _moments(scores, n_low)
    statistics = np.abs(np.cumsum(scores[order])[n_low - 1] - mean) / deviation
    # Equally good to rounding: the lowest.
    best = int(np.flatnonzero(statistics >= statistics.max() * (1.0 - 1e-12) - 1e-12)[0])
    statistic = float(statistics.max())
    p_permutation = math.nan
    if generator is not None:
        reached = _permuted_reached(scores, n_low, statistic, generator, replicates)
        p_permutation = (1 + reached) / (1 + replicates)
    return MaximallySelected(
        cut_point=float(ordered[n_low[best] - 1]),
        statistic=statistic,
        p_value_unadjusted=float(2.0 * ndtr(-statistic)),
        p_lau92=_p_lau92(statistic, min_share),
        p_lau94=_p_lau94(statistic, n_low, n),
        p_permutation=p_permutation,
        replicates=replicates if generator is not None else 0,
        candidates=freeze(ordered[n_low - 1]),
        n_low=freeze(n_low),
        statistics=freeze(statistics),
        min_share=float(min_share),
    )


def logrank_scores(time: npt.ArrayLike, event: npt.ArrayLike) -> FloatArray:
    """Return the log-rank score of each subject: event less cumulative hazard; they sum to 0.

    Without ties the hazard is that of Nelson and Aalen; among tied times those at risk are the
    subjects with a later time and one more.

    Examples
    --------
    >>> logrank_scores([1, 2, 3], [1, 0, 1]).round(3).tolist()
    [0.667, -0.333, -0.333]
    """
    checked = _checks.times(time).astype(np.float64)
    flags = _checks.events(event, len(checked))
    group = tied_groups(checked, SAME_TIME * float(checked.max()))
    size = np.bincount(group)
    later = len(checked) - np.cumsum(size)
    hazard = np.cumsum(np.bincount(group, weights=flags) / (later + 1.0))
    scores: FloatArray = flags - hazard[group]
    return freeze(scores)


def _checked(
    time: npt.ArrayLike, event: npt.ArrayLike, marker: npt.ArrayLike
) -> tuple[FloatArray, FloatArray]:
    scores = logrank_scores(time, event)
    values = _checks.numbers("marker", marker).astype(np.float64)
    _checks.check_length("marker", values, len(scores))
    if np.ptp(scores) == 0.0:
        raise InputError("There is nothing to select by: all subjects have the same score.")
    return values, scores


def _candidates(ordered: FloatArray, min_share: float) -> IntArray:
    """Return how many subjects are at or below each marker value that may be a cut-point."""
    n = len(ordered)
    n_low = np.flatnonzero(np.diff(ordered) > 0.0) + 1
    # A whole number of subjects missed by rounding of the share still counts.
    fewest = max(1, math.floor(n * min_share + 1e-9))
    most = math.floor(n * (1.0 - min_share) + 1e-9)
    kept = n_low[(n_low >= fewest) & (n_low <= most)]
    if not len(kept):
        raise InputError(f"No cut-point leaves a share of {min_share} on both sides.")
    return kept.astype(np.int64, copy=False)


def _moments(scores: FloatArray, n_low: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return mean and standard deviation of the sum of `n_low` scores drawn at random."""
    n = len(scores)
    low: FloatArray = n_low.astype(np.float64)
    variance: FloatArray = low * (n - low) / n * float(scores.var(ddof=1))
    return low * float(scores.mean()), np.sqrt(variance)


def _p_lau92(b: float, min_share: float) -> float:
    if b < 1.0:
        return 1.0
    density = math.exp(-b * b / 2.0) / math.sqrt(2.0 * math.pi)
    odds = 2.0 * math.log((1.0 - min_share) / min_share)
    return min(1.0, density * (4.0 / b + (b - 1.0 / b) * odds))


def _p_lau94(b: float, n_low: IntArray, n: int) -> float:
    low, high = n_low[:-1].astype(np.float64), n_low[1:].astype(np.float64)
    t = np.sqrt(1.0 - low * (n - high) / ((n - low) * high))
    added = math.exp(-b * b / 2.0) / math.pi * (t - (b * b / 4.0 - 1.0) * t**3 / 6.0)
    return min(1.0, max(0.0, 2.0 * float(ndtr(-b)) + float(added.sum())))


def _permuted_reached(
    scores: FloatArray,
    n_low: IntArray,
    statistic: float,
    generator: np.random.Generator,
    replicates: int,
) -> int:
    if replicates < 1:
        raise InputError(f"replicates must be at least 1; it is {replicates!r}.")
    mean, deviation = _moments(scores, n_low)
    rows = max(1, _BATCH // len(scores))
    reached = 0
    for start in range(0, replicates, rows):
        block = np.tile(scores, (min(rows, replicates - start), 1))
        generator.permuted(block, axis=1, out=block)
        sums = np.cumsum(block, axis=1)[:, n_low - 1]
        largest = (np.abs(sums - mean) / deviation).max(axis=1)
        reached += int(np.count_nonzero(largest >= statistic * (1.0 - 1e-9)))
    return reached
