"""The log-rank test of many data sets at once, and of many permutations of the groups of one.

The same answers as `logrank` for each row, without a loop over rows. Sources are those of
`logrank`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import IntArray, freeze
from hepatica.stats.survival._batch import (
    MAX_GROUPS,
    blocks,
    events_of_rows,
    sorted_rows,
    times_of_rows,
)
from hepatica.stats.survival._batch_sums import LogRankBatch, LogRankSums, RiskCounter
from hepatica.stats.survival._tally import tally


def logrank_batch(time: npt.ArrayLike, event: npt.ArrayLike, group: npt.ArrayLike) -> LogRankBatch:
    """Test the groups of each of r data sets of n subjects.

    Parameters
    ----------
    time, event : array (r, n)
        As in `kaplan_meier`, one data set a row.
    group : array (r, n) or (n,)
        Whole-number codes; one row serves all data sets.

    Raises
    ------
    InputError
        If the arrays cannot be used or there is one group only in all data sets together.

    Examples
    --------
    >>> batch = logrank_batch([[1, 2, 3, 4], [4, 3, 2, 1]], [[1, 1, 1, 1]] * 2, [0, 0, 1, 1])
    >>> batch.statistic.round(4).tolist(), batch.observed.tolist()
    ([2.8824, 2.8824], [[2.0, 2.0], [2.0, 2.0]])
    """
    times = times_of_rows(time)
    flags = events_of_rows(event, times.shape)
    groups, position = _positions(group, times.shape)
    rows, n = times.shape
    sums = LogRankSums(rows, len(groups))
    for part in blocks(rows, n):
        block = position if position.ndim == 1 else position[part]
        ordered = sorted_rows(times[part], flags[part], block, len(groups))
        sums.add_rows(part, ordered.event, ordered.group, ordered.last)
    return sums.tested(groups)


def logrank_permutations(
    time: npt.ArrayLike, event: npt.ArrayLike, group: npt.ArrayLike
) -> LogRankBatch:
    """Test r assignments of the subjects of one data set to groups.

    Parameters
    ----------
    time, event : array (n,)
        As in `kaplan_meier`.
    group : array (r, n)
        Whole-number codes, one assignment a row; see `permuted_groups`.

    Raises
    ------
    InputError
        If the arrays cannot be used or there is one group only in all assignments together.

    Examples
    --------
    >>> batch = logrank_permutations([1, 2, 3, 4], [1, 1, 1, 1], [[0, 0, 1, 1], [0, 1, 0, 1]])
    >>> batch.statistic.round(4).tolist()
    [2.8824, 0.6154]
    """
    times = _checks.times(time)
    n = len(times)
    flags = _checks.events(event, n)
    array = _checks.numbers("group", group, 2)
    groups, position = _positions(array, (len(array), n))
    counts = tally(times, flags, np.zeros(n, dtype=np.int64), 1)
    used = np.flatnonzero(counts.events[0])
    d = counts.events[0, used].astype(np.float64)
    holder = RiskCounter(times.astype(np.float64), counts.time[used])
    sums = LogRankSums(len(array), len(groups))
    for part in blocks(*array.shape):
        sums.add_permutations(part, position[part], flags, d, holder)
    return sums.tested(groups)


def permuted_groups(
    group: npt.ArrayLike, replicates: int, generator: np.random.Generator
) -> IntArray:
    """Draw random permutations of the codes of the groups.

    Parameters
    ----------
    group : array (n,)
        Whole-number codes.
    replicates : int
        Number of permutations r.
    generator : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    int array (r, n)
        One permutation a row.

    Examples
    --------
    >>> drawn = permuted_groups([0, 0, 1, 1], 3, np.random.default_rng(1))
    >>> drawn.sum(axis=1).tolist()
    [2, 2, 2]
    """
    codes = _checks.numbers("group", group)
    groups, position = _checks.codes("group", codes, len(codes))
    replicates = _checks.count("replicates", replicates)
    _checks.check_generator(generator)
    _check_groups(len(groups))
    bits = (len(groups) - 1).bit_length()
    drawn = np.empty((replicates, len(codes)), dtype=np.int64)
    for part in blocks(*drawn.shape):
        shape = (part.stop - part.start, len(codes))
        # Random numbers with the group in their lowest bits, sorted, bring the groups into random
        # order; two of 2**56 and more that are equal are not to be expected.
        key = generator.integers(0, 2**64 - 1, shape, dtype=np.uint64, endpoint=True)
        key >>= np.uint64(bits)
        key <<= np.uint64(bits)
        key |= position.astype(np.uint64)
        key.sort(axis=1)
        key &= np.uint64((1 << bits) - 1)
        drawn[part] = key
    if not np.array_equal(groups, np.arange(len(groups))):
        drawn = groups[drawn]
    return freeze(drawn)


def _positions(group: npt.ArrayLike, shape: tuple[int, ...]) -> tuple[IntArray, IntArray]:
    array = _checks.as_array("group", group)
    array = _checks.numbers("group", array, 1 if array.ndim == 1 else 2)
    if array.shape not in (shape, shape[1:]):
        raise InputError(
            f"group must have the shape of time, {shape}, or one row of it; it has {array.shape}."
        )
    if array.dtype.kind in "iu" and array.min() == 0 and array.max() == 1:
        # A code that nobody has would be seen below: no expected count.
        return np.arange(2), array.astype(np.int64, copy=False)
    flat = array.ravel()
    groups, position = _checks.codes("group", flat, len(flat))
    _check_groups(len(groups))
    return groups, position.reshape(array.shape)


def _check_groups(k: int) -> None:
    if k < 2:
        raise InputError("The log-rank test compares at least two groups; there is one.")
    if k > MAX_GROUPS:
        raise InputError(f"At most {MAX_GROUPS} groups can be compared at once; there are {k}.")
