"""Sums of weights by rank over ranges of positions, for many queries at once.

The items are split by the bits of their rank from the highest down, keeping their order (the
"wavelet matrix" of Claude, Navarro and Ordóñez, Inf Syst 2015;47:15). A range stays a range at
each level, so a query costs a few look-ups a bit, and all queries are one array operation:
O((m + q) log k) for k ranks.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from hepatica.stats._checks import FloatArray, IntArray


def range_rank_sums(
    rank: IntArray,
    weight: FloatArray | None,
    left: IntArray,
    right: IntArray,
    query_rank: IntArray,
) -> tuple[FloatArray, FloatArray]:
    """Sum weights of items in ranges, of a lower rank and of the same rank.

    Parameters
    ----------
    rank : int array (m,)
        Rank of each item, from 0, in the order of positions.
    weight : float array (m,), optional
        Weight of each item; 1 without it.
    left, right : int array (q,)
        Range of positions of each query, `right` not included.
    query_rank : int array (q,)
        Rank to compare with.

    Returns
    -------
    below, equal : float array (q,)
        Sums over items of the range with a lower rank, and with the same.
    """
    items = rank.astype(np.int32)
    asked = query_rank.astype(np.int32)
    begin, end = left.astype(np.int32), right.astype(np.int32)
    below = np.zeros(len(asked))
    highest = max(int(items.max(initial=0)), int(asked.max(initial=0)))
    for bit in reversed(range(highest.bit_length())):
        low = (items >> bit) & 1 == 0
        zeros: npt.NDArray[np.int32] = _prefix(low.astype(np.int32))
        goes_up = ((asked >> bit) & 1).astype(np.bool_)
        zeros_begin, zeros_end = zeros[begin], zeros[end]
        if weight is None:
            passed = (zeros_end - zeros_begin).astype(np.float64)
        else:
            sums = _prefix(np.where(low, weight, 0.0))
            passed = sums[end] - sums[begin]
        below += np.where(goes_up, passed, 0.0)
        n_low = zeros[-1]
        begin = np.where(goes_up, n_low + begin - zeros_begin, zeros_begin)
        end = np.where(goes_up, n_low + end - zeros_end, zeros_end)
        items = np.concatenate((items[low], items[~low]))
        if weight is not None:
            weight = np.concatenate((weight[low], weight[~low]))
    if weight is None:
        return below, (end - begin).astype(np.float64)
    sums = _prefix(weight)
    return below, sums[end] - sums[begin]


def _prefix(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    found = np.zeros(len(values) + 1, dtype=values.dtype)
    np.cumsum(values, out=found[1:], dtype=values.dtype)
    return found
