"""Complete search of two-stage designs.

A design is (n1, r1, n, r). Bounds make the search small without losing a design:

- n is at least the size at which the most powerful randomised test of level alpha has the power;
- r is at most the smallest that a single stage would need, since stopping early only spares error,
  and at least the smallest with (1 - c) P0(X > r) <= alpha, where c is the largest probability of
  an early stop that keeps the power: X1 > r1 and X > r are positively associated;
- a trial of more than N patients expects at least n1 + (1 - c(n1)) (N + 1 - n1), which grows with
  N, so at some N the best design found is the best of all.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from hepatica.errors import InputError
from hepatica.stats._checks import FloatArray, IntArray
from hepatica.stats.design._binomial import ROUNDING, at_most, mass, more_than

#: n_first, futility_first, n, futility.
Found: TypeAlias = tuple[int, int, int, int]
#: No two-stage trial of one proportion is larger.
LARGEST = 1_000


def search(
    null: float, alternative: float, alpha: float, power: float
) -> list[tuple[float, Found]]:
    """Return (EN, design) with the least EN of each n, from minimax until EN is least of all."""
    found: list[tuple[float, Found]] = []
    best = np.inf
    tables = _FirstStages(null, alternative, power)
    for n in range(_smallest(null, alternative, alpha, power), LARGEST + 1):
        tables.grow(n)
        if found and tables.floor(n, best) >= best:
            return [one for one in found if one[1][2] <= _least(found)[1][2]]
        one = _best_of_size(n, best if found else np.inf, tables, (alpha, power))
        if one is not None:
            found.append(one)
            best = min(best, one[0])
    raise InputError(
        f"A two-stage design would need more than {LARGEST:,} patients; choose an alternative "
        "farther from the null, or a smaller power."
    )


def _least(found: list[tuple[float, Found]]) -> tuple[float, Found]:
    return min(found, key=lambda one: (one[0], one[1][2]))


def _smallest(null: float, alternative: float, alpha: float, power: float) -> int:
    """Return the first size at which a randomised test of level alpha has the power."""
    for n in range(2, LARGEST + 1):
        counts = np.arange(-1, n + 1)
        tail, tail_alternative = more_than(n, counts, null), more_than(n, counts, alternative)
        # Tails fall along the counts; between two of them a randomised test lies on their line.
        if np.interp(alpha, tail[::-1], tail_alternative[::-1]) >= power - ROUNDING:
            return n
    raise InputError(
        f"A two-stage design would need more than {LARGEST:,} patients; choose an alternative "
        "farther from the null, or a smaller power."
    )


class _FirstStages:
    """What each size of first stage can do: largest r1 that keeps the power, and its early stop."""

    __slots__ = ("_power", "alternative", "null", "stop", "stop_null")

    def __init__(self, null: float, alternative: float, power: float) -> None:
        self.null, self.alternative, self._power = null, alternative, power
        self.stop: IntArray = np.empty(0, dtype=np.int64)
        self.stop_null: FloatArray = np.empty(0)

    def grow(self, n: int) -> None:
        """Hold first stages of 1 to n - 1 patients, at index size - 1."""
        have = len(self.stop)
        if have >= n - 1:
            return
        sizes = np.arange(have + 1, max(n, 2 * have, 64) + 1)
        counts = np.arange(sizes[-1])
        keeps = at_most(sizes[:, None], counts, self.alternative) <= 1.0 - self._power + ROUNDING
        keeps &= counts < sizes[:, None]
        largest = keeps.sum(axis=1) - 1
        self.stop = np.concatenate([self.stop, largest])
        self.stop_null = np.concatenate([self.stop_null, at_most(sizes, largest, self.null)])

    def floor(self, n: int, below: float) -> float:
        """Return the least EN that a design of n or more patients could have, up to `below`."""
        first = np.arange(1, min(n - 1, int(np.ceil(below))) + 1)
        reachable = first + (1.0 - self.stop_null[first - 1]) * (n - first)
        return float(reachable.min())


def _best_of_size(
    n: int, below: float, tables: _FirstStages, errors: tuple[float, float]
) -> tuple[float, Found] | None:
    """Return the design of n patients with the least EN, if one is below the bound."""
    alpha, power = errors
    null, alternative = tables.null, tables.alternative
    first = np.arange(1, n)
    reachable = first + (1.0 - tables.stop_null[: n - 1]) * (n - first)
    first = first[(tables.stop[: n - 1] >= 0) & (reachable < below)]
    if not first.size:
        return None
    last = _second_limits(n, tables.stop_null[first - 1].max(), (null, alternative), errors)
    if not last.size:
        return None
    counts = np.arange(int(first.max()) + 1)
    under_null = _rejections(n, first, counts, last, null)
    under_alternative = _rejections(n, first, counts, last, alternative)
    # The entry at count x is the probability of rejecting with more than x - 1 events passing on.
    stop = counts - 1
    allowed = (stop >= 0) & (stop <= tables.stop[first - 1][:, None])
    keeps = (under_null <= alpha + ROUNDING) & (under_alternative >= power - ROUNDING)
    good = keeps & allowed[:, :, None] & (stop[:, None] <= last)
    rows, passing = np.nonzero(good.any(axis=2))
    if not rows.size:
        return None
    early = at_most(first[rows], passing - 1, null)
    expected = first[rows] + (1.0 - early) * (n - first[rows])
    at = int(expected.argmin())
    if expected[at] >= below:
        return None
    row, count = int(rows[at]), int(passing[at])
    chosen = int(last[good[row, count].argmax()])
    return float(expected[at]), (int(first[row]), count - 1, n, chosen)


def _second_limits(
    n: int, early_stop: float, rates: tuple[float, float], errors: tuple[float, float]
) -> IntArray:
    """Return the r that a design of n patients can have."""
    counts = np.arange(n)
    tail = more_than(n, counts, rates[0])
    spared = (1.0 - early_stop) * tail <= errors[0] + ROUNDING
    single = int((tail > errors[0] + ROUNDING).sum())
    powered = more_than(n, counts, rates[1]) >= errors[1] - ROUNDING
    return np.flatnonzero(spared & powered & (counts <= single))


def _rejections(
    n: int, first: IntArray, counts: IntArray, last: IntArray, rate: float
) -> FloatArray:
    """Return P(X1 >= x, X > r), shape (first stages, counts x, limits r)."""
    passing = mass(first[:, None], counts, rate)
    # P(X2 > k) for every second stage and every k that occurs, then picked by n - n1 and r - x.
    low = int(last[0]) - int(counts[-1])
    needed = np.arange(low, int(last[-1]) + 1)
    tails = more_than((n - first)[:, None], needed, rate)
    window = np.lib.stride_tricks.sliding_window_view(tails, len(last), axis=1)
    joint = passing[:, :, None] * window[:, ::-1, :]
    reached: FloatArray = np.cumsum(joint[:, ::-1, :], axis=1)[:, ::-1, :]
    return reached
