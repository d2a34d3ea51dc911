"""Mid-ranks, and which values count as equal."""

from __future__ import annotations

import numpy as np

from hepatica.stats._checks import FloatArray, IntArray


def tied_groups(values: FloatArray, tolerance: float) -> IntArray:
    """Return for each value the number of its group of equal values, from 0 for the lowest.

    Parameters
    ----------
    values : float array (n,)
        Finite values.
    tolerance : float
        Sorted neighbours no further apart than this are equal; it absorbs rounding of arithmetic.
    """
    order = np.argsort(values, kind="stable")
    group = np.empty(len(values), dtype=np.int64)
    group[order] = np.cumsum(np.diff(values[order], prepend=values[order[:1]]) > tolerance)
    return group


def doubled_mid_ranks(group: IntArray) -> IntArray:
    """Return twice the mid-rank of each value from its group (see `tied_groups`): whole numbers."""
    size = np.bincount(group)
    last = np.cumsum(size)
    doubled: IntArray = (2 * last - size + 1)[group]
    return doubled
