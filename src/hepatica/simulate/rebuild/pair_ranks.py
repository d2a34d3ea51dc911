"""The signed-rank test again and again on a few whole numbers, for a search.

`hepatica.stats.signed_rank` gives the same p-values; here the tails are kept for each pattern of
ties, as a search meets few patterns many times.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from hepatica.stats.signed_rank import signed_rank_distribution


def p_value_of(differences: Sequence[int]) -> float:
    """Return the exact two-sided p-value: zeros dropped, ties with mid-ranks.

    Parameters
    ----------
    differences : sequence of int
        One for each pair; without any but zeros the value is 1.

    Examples
    --------
    >>> round(p_value_of([3, -1, 4, -2, 6, 7, -2, 8]), 4)
    0.1016
    """
    sizes = sorted(abs(one) for one in differences if one)
    groups: dict[int, int] = {}
    for size in sizes:
        groups[size] = groups.get(size, 0) + 1
    ranks: dict[int, int] = {}
    below = 0
    for size, many in groups.items():
        ranks[size] = 2 * below + many + 1
        below += many
    positive = sum(ranks[one] for one in differences if one > 0)
    return tails(tuple(groups.values()))[positive]


def departures(differences: Sequence[int]) -> int:
    """Return how many differences are zero or tied in size with an earlier one.

    Examples
    --------
    >>> departures([5, 0, -5, 3])
    2
    """
    return len(differences) - len({abs(one) for one in differences if one})


@lru_cache(maxsize=4096)
def tails(tied: tuple[int, ...]) -> tuple[float, ...]:
    """Return the two-sided p-value of each doubled sum of positive ranks.

    Parameters
    ----------
    tied : tuple of int
        How many differences share each size, from the smallest size on.

    Examples
    --------
    >>> tails((1, 1))
    (0.5, 0.5, 1.0, 1.0, 1.0, 0.5, 0.5)
    """
    if not tied:
        return (1.0,)
    ranks = []
    below = 0
    for many in tied:
        ranks += [2 * below + many + 1] * many
        below += many
    lower = np.cumsum(signed_rank_distribution(np.array(ranks, dtype=np.int64)))
    found: list[float] = np.minimum(1.0, 2.0 * np.minimum(lower, lower[::-1])).tolist()
    return tuple(found)
