"""Pairs of subjects that a score orders as their events, in many resamples at once.

Each resample has scores of its own, so that the order of the subjects differs. They are dealt into
nodes by the bits of their rank from the highest down, keeping the order of time (the "wavelet
matrix" of Claude, Navarro and Ordóñez, Inf Syst 2015;47:15); a suffix sum inside each node counts
the later subjects with a lower rank, of the resample and of the whole sample in one number.
O(n log n) a resample, and no step for each.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hepatica.stats._checks import FloatArray, IntArray
from hepatica.stats.survival._batch import BoolArray

_HALF = 32
_LOW = (1 << _HALF) - 1


@dataclass(frozen=True, slots=True, eq=False)
class PairOrder:
    """What resamples share: subjects stand by time, at one time the events before censorings.

    Attributes
    ----------
    pattern : int array (n,)
        Whose scores are equal in every resample.
    within : int array (n,)
        Place of a subject among those of its pattern.
    size : int array (k,)
        Subjects of each pattern.
    group : int array (n,)
        Rising code of (time, event).
    later : int array (n,)
        How many stand up to the end of a subject's group.
    by_pattern : int array (n,)
        Subjects by pattern, in each by time.
    after, end : int array (n,)
        For each subject the places in `by_pattern` of the first of its pattern after its group,
        and of the end of the pattern.
    several : bool
        Whether some time has several events.
    """

    pattern: IntArray
    within: IntArray
    size: IntArray
    group: IntArray
    later: IntArray
    by_pattern: IntArray
    after: IntArray
    end: IntArray
    several: bool


def pair_order(tick: IntArray, event: BoolArray, pattern: IntArray) -> PairOrder:
    """Return what resamples share, of subjects that stand by time and events first."""
    n = len(tick)
    group = np.unique(2 * tick + ~event, return_inverse=True)[1].astype(np.int64)
    by_pattern = np.argsort(pattern, kind="stable")
    size = np.bincount(pattern)
    first = np.cumsum(size) - size
    within = np.empty(n, dtype=np.int64)
    within[by_pattern] = np.arange(n) - first[pattern[by_pattern]]
    width = int(group.max()) + 2
    key = pattern * width + group
    after = np.searchsorted(key[by_pattern], key, side="right")
    return PairOrder(
        pattern=pattern,
        within=within,
        size=size,
        group=group,
        later=np.searchsorted(group, group, side="right"),
        by_pattern=by_pattern,
        after=after,
        end=(first + size)[pattern],
        several=bool((np.bincount(group[event], minlength=1) > 1).any()),
    )


def later_pairs(
    order: PairOrder, rank: IntArray, counts: IntArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
    """Count those after each subject by their score against its own.

    Parameters
    ----------
    order : PairOrder
        Of n subjects and k patterns.
    rank : int array (b, k)
        Rank of each pattern by its score, different for each.
    counts : int array (b, n)
        How often a subject is in each resample.

    Returns
    -------
    below, same, total : float array (b, n)
        In each resample those after a subject's time with a lower score, with the same, and all.
    below_once : float array (b, n)
        Those with a lower score where each subject counts once.
    same_once : float array (n,)
        Those with the same score, each once.
    """
    n = counts.shape[1]
    sizes = np.zeros_like(rank)
    np.put_along_axis(sizes, rank, np.broadcast_to(order.size, rank.shape), axis=1)
    start = np.cumsum(sizes, axis=1) - sizes
    place = np.take_along_axis(start, rank, axis=1)[:, order.pattern] + order.within
    packed = counts.astype(np.int64) + (1 << _HALF)
    if order.several:
        # Of events at one time the lowest score stands first, so that none is below another.
        turn = np.argsort(order.group * n + place, axis=1)
        by_rank = _below(
            np.take_along_axis(place, turn, axis=1), np.take_along_axis(packed, turn, axis=1)
        )
    else:
        by_rank = _below(place, packed)
    below = np.take_along_axis(by_rank, place, axis=1)
    left = _suffix(counts)
    mine = _suffix(counts[:, order.by_pattern])
    same = mine[:, order.after] - mine[:, order.end]
    once = (order.end - order.after).astype(np.float64)
    return (
        (below & _LOW).astype(np.float64),
        same.astype(np.float64),
        left[:, order.later].astype(np.float64),
        (below >> _HALF).astype(np.float64),
        once,
    )


def _suffix(values: IntArray) -> IntArray:
    """Return sums from each place to the end, with 0 behind the last."""
    b, n = values.shape
    sums = np.zeros((b, n + 1), dtype=np.int64)
    np.cumsum(values[:, ::-1], axis=1, out=sums[:, n - 1 :: -1] if n else sums)
    return sums


def _below(rank: IntArray, weight: IntArray) -> IntArray:
    """Return for each rank the weight of those that stand later and have a lower rank.

    Ranks of a row are 0 to n - 1 in the order of places; the answer is in the order of ranks.
    """
    b, n = rank.shape
    levels = max(1, (n - 1).bit_length())
    whole = 1 << levels
    # From the latest on, so that what stands later is what was passed.
    ranks = np.empty((b, whole), dtype=np.int32)
    ranks[:, whole - n :] = rank[:, ::-1]
    ranks[:, : whole - n] = np.arange(n, whole)
    weights = np.zeros((b, whole), dtype=np.int64)
    weights[:, whole - n :] = weight[:, ::-1]
    ranks, weights = ranks.reshape(-1), weights.reshape(-1)
    found = np.zeros(b * whole, dtype=np.int64)
    sums = np.zeros(b * whole + 1, dtype=np.int64)
    for bit in reversed(range(levels)):
        half = 1 << bit
        lower = (ranks & half) == 0
        low, high = np.flatnonzero(lower), np.flatnonzero(~lower)
        np.cumsum(weights * lower, out=sums[1:])
        passed = sums.take(high) - np.repeat(sums[: -1 : 2 * half], half)
        found = _dealt(found.take(low), found.take(high) + passed, half)
        if bit:
            ranks = _dealt(ranks.take(low), ranks.take(high), half)
            weights = _dealt(weights.take(low), weights.take(high), half)
    return found.reshape(b, whole)[:, :n]


def _dealt(lows: IntArray, highs: IntArray, half: int) -> IntArray:
    """Put the lower and the higher of each node behind each other."""
    both = np.empty((len(lows) // half, 2, half), dtype=lows.dtype)
    both[:, 0] = lows.reshape(-1, half)
    both[:, 1] = highs.reshape(-1, half)
    return both.reshape(-1)
