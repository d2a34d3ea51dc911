"""Exact distribution of the sum of scores drawn without replacement.

Sources: Streitberg and Roehmel, Stat Softw Newsl 1986;12:10 (convolution); van de Wiel,
J Stat Comput Simul 2001;69:193 (two halves, for scores that are not whole numbers).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb

import numpy as np

from hepatica.errors import InputError
from hepatica.stats._checks import FloatArray, IntArray

#: Scores are whole multiples of this share of the largest: sums of them are exact.
_GRID = float(1 << 44)

#: Most states of half of the subjects.
MAX_STATES = 1 << 20


@dataclass(frozen=True, slots=True, eq=False)
class _Half:
    """Ways to draw from half of the subjects: `size` drawn with sum `total`, in `ways` ways."""

    size: IntArray
    total: IntArray
    ways: FloatArray


def exact_tails(scores: FloatArray, m: int, observed: float) -> tuple[float, float, float]:
    """Return P(T <= t), P(T >= t) and P(T as far from its mean as t) of a sum of `m` scores.

    Parameters
    ----------
    scores : float array (n,)
        Scores, not all equal.
    m : int
        How many are drawn.
    observed : float
        The sum t that was seen.

    Raises
    ------
    InputError
        If there are too many different sums.
    """
    centred = scores - scores.mean()
    unit = float(np.abs(centred).max()) / _GRID
    whole = np.rint(centred / unit).astype(np.int64)
    seen = round((observed - m * float(scores.mean())) / unit)
    values, counts = np.unique(_merged(whole, len(scores)), return_counts=True)
    # Frequent scores first: they make few states, and the halves are balanced.
    order = np.argsort(-counts, kind="stable")
    halves = [_draws(values[order[start::2]], counts[order[start::2]], m) for start in (0, 1)]
    below, above, apart = 0.0, 0.0, 0.0
    # Sums that differ by the rounding of their parts are equal.
    slack = 4 * len(scores) + 64
    for size in range(m + 1):
        one, other = _of_size(halves[0], size), _of_size(halves[1], m - size)
        if not (len(one[0]) and len(other[0])):
            continue
        below += _ways_up_to(one, other, seen + slack)
        above += _ways_from(one, other, seen - slack)
        if abs(seen) <= slack:
            apart += float(one[1].sum() * other[1].sum())
        else:
            far = abs(seen) - slack
            apart += _ways_up_to(one, other, -far) + _ways_from(one, other, far)
    everything = float(comb(len(scores), m))
    return below / everything, above / everything, min(1.0, apart / everything)


def _merged(whole: IntArray, n: int) -> IntArray:
    """Give scores that differ by rounding alone one value."""
    order = np.argsort(whole, kind="stable")
    ordered = whole[order]
    new = np.diff(ordered, prepend=ordered[:1]) > 4 * n + 64
    merged = np.empty_like(whole)
    starts = np.flatnonzero(np.concatenate(([True], new[1:])))
    merged[order] = ordered[starts][np.cumsum(new)]
    return merged


def _draws(values: IntArray, counts: IntArray, m: int) -> _Half:
    half = _Half(np.zeros(1, np.int64), np.zeros(1, np.int64), np.ones(1))
    for value, count in zip(values.tolist(), counts.tolist(), strict=True):
        drawn = np.arange(min(count, m) + 1)
        ways = np.array([comb(count, k) for k in drawn.tolist()], dtype=np.float64)
        if len(half.size) * len(drawn) > 4 * MAX_STATES:
            raise InputError(_TOO_MANY)
        size = (half.size[:, np.newaxis] + drawn).ravel()
        total = (half.total[:, np.newaxis] + drawn * value).ravel()
        many = (half.ways[:, np.newaxis] * ways).ravel()
        half = _collapsed(size, total, many, m)
    return half


_TOO_MANY = (
    "There are too many different sums for the exact distribution; use logrank_permutation, "
    "which draws permutations at random."
)


def _collapsed(size: IntArray, total: IntArray, ways: FloatArray, m: int) -> _Half:
    kept = size <= m
    size, total, ways = size[kept], total[kept], ways[kept]
    order = np.lexsort((total, size))
    size, total, ways = size[order], total[order], ways[order]
    new = np.concatenate(([True], (np.diff(size) != 0) | (np.diff(total) != 0)))
    starts = np.flatnonzero(new)
    if len(starts) > MAX_STATES:
        raise InputError(_TOO_MANY)
    return _Half(size[starts], total[starts], np.add.reduceat(ways, starts))


def _of_size(half: _Half, size: int) -> tuple[IntArray, FloatArray]:
    """Return sums, rising, and the ways to reach them, of those of one size."""
    low, high = np.searchsorted(half.size, [size, size + 1])
    return half.total[low:high], half.ways[low:high]


def _ways_up_to(
    one: tuple[IntArray, FloatArray], other: tuple[IntArray, FloatArray], bound: int
) -> float:
    cumulative = np.concatenate(([0.0], np.cumsum(other[1])))
    return float(one[1] @ cumulative[np.searchsorted(other[0], bound - one[0], side="right")])


def _ways_from(
    one: tuple[IntArray, FloatArray], other: tuple[IntArray, FloatArray], bound: int
) -> float:
    # Counted from above, so that a small tail is not a difference of large numbers.
    from_above = np.concatenate((np.cumsum(other[1][::-1])[::-1], [0.0]))
    return float(one[1] @ from_above[np.searchsorted(other[0], bound - one[0], side="left")])
