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
from hepatica.stats.design._binomial import ROUNDING, mass, more_than

#: n_first, futility_first, n, futility.
Found: TypeAlias = tuple[int, int, int, int]
#: No two-stage trial of one proportion is larger.
LARGEST = 1_000
_TOO_LARGE = (
    f"A two-stage design would need more than {LARGEST:,} patients; choose an alternative farther "
    "from the null, or a smaller power."
)


def search(
    null: float, alternative: float, alpha: float, power: float
) -> list[tuple[float, Found]]:
    """Return (EN, design) with the least EN of each n, from minimax until EN is least of all."""
    found: list[tuple[float, Found]] = []
    best = np.inf
    tables = _Tables(null, alternative, power)
    for n in range(_smallest(null, alternative, alpha, power), LARGEST + 1):
        tables.grow(n)
        if found and tables.floor(n, best) >= best:
            return [one for one in found if one[1][2] <= _least(found)[1][2]]
        one = _best_of_size(n, best if found else np.inf, tables, (alpha, power))
        if one is not None:
            found.append(one)
            best = min(best, one[0])
    raise InputError(_TOO_LARGE)


def _least(found: list[tuple[float, Found]]) -> tuple[float, Found]:
    return min(found, key=lambda one: (one[0], one[1][2]))


def _smallest(null: float, alternative: float, alpha: float, power: float) -> int:
    """Return the first size at which a randomised test of level alpha has the power.

    More patients never take power from the most powerful test, so the first size is found by
    halving.
    """

    def enough(n: int) -> bool:
        counts = np.arange(-1, n + 1)
        tail, tail_alternative = more_than(n, counts, null), more_than(n, counts, alternative)
        # Tails fall along the counts; between two of them a randomised test lies on their line.
        return bool(np.interp(alpha, tail[::-1], tail_alternative[::-1]) >= power - ROUNDING)

    if not enough(LARGEST):
        raise InputError(_TOO_LARGE)
    short, found = 1, LARGEST
    while found - short > 1:
        middle = (short + found) // 2
        short, found = (short, middle) if enough(middle) else (middle, found)
    return found


class _Tables:
    """Binomial probabilities of every stage size, and what each first stage can do.

    `mass` and `tail` hold P(X = k) and P(X > k), shape (sizes, counts), rows from size 0; tails
    have `pad` columns of ones before the column of k = 0, for counts below it.
    """

    __slots__ = ("_power", "alternative", "mass", "null", "pad", "stop", "stop_null", "tail")

    def __init__(self, null: float, alternative: float, power: float) -> None:
        self.null, self.alternative, self._power = null, alternative, power
        self.pad = 0
        self.mass: tuple[FloatArray, ...] = ()
        self.tail: tuple[FloatArray, ...] = ()
        self.stop: IntArray = np.empty(0, dtype=np.int64)
        self.stop_null: FloatArray = np.empty(0)

    def grow(self, n: int) -> None:
        """Hold stages of up to n patients; stops of the first stage stand at index size - 1."""
        if n <= self.pad:
            return
        self.pad = max(n + n // 2, 64)
        sizes = np.arange(self.pad + 1)
        self.mass = tuple(
            mass(sizes[:, None], sizes, rate) for rate in (self.null, self.alternative)
        )
        self.tail = tuple(self._tails(table) for table in self.mass)
        allowed = 1.0 - self._power + ROUNDING
        keeps = 1.0 - self.tail[1][1:, self.pad :] <= allowed
        keeps &= sizes < sizes[1:, None]
        self.stop = keeps.sum(axis=1) - 1
        at = self.pad + np.maximum(self.stop, 0)
        early = 1.0 - self.tail[0][sizes[1:], at]
        self.stop_null = np.where(self.stop < 0, 0.0, early)

    def _tails(self, table: FloatArray) -> FloatArray:
        """Return P(X > k), added from the small end, after columns of ones."""
        above = np.zeros_like(table)
        above[:, :-1] = np.cumsum(table[:, :0:-1], axis=1)[:, ::-1]
        return np.concatenate([np.ones((len(table), self.pad)), above], axis=1)

    def floor(self, n: int, below: float) -> float:
        """Return the least EN that a design of n or more patients could have, up to `below`."""
        first = np.arange(1, min(n - 1, int(np.ceil(below))) + 1)
        reachable = first + (1.0 - self.stop_null[first - 1]) * (n - first)
        return float(reachable.min())


def _best_of_size(
    n: int, below: float, tables: _Tables, errors: tuple[float, float]
) -> tuple[float, Found] | None:
    """Return the design of n patients with the least EN, if one is below the bound."""
    alpha, power = errors
    first = np.arange(1, n)
    reachable = first + (1.0 - tables.stop_null[: n - 1]) * (n - first)
    first = first[(tables.stop[: n - 1] >= 0) & (reachable < below)]
    if not first.size:
        return None
    last = _second_limits(n, float(tables.stop_null[first - 1].max()), tables, errors)
    if not last.size:
        return None
    counts = np.arange(int(first.max()) + 1)
    under_null = _rejections(n, first, counts, last, tables, 0)
    under_alternative = _rejections(n, first, counts, last, tables, 1)
    # The entry at count x is the probability of rejecting with more than x - 1 events passing on.
    stop = counts - 1
    allowed = (stop >= 0) & (stop <= tables.stop[first - 1][:, None])
    keeps = (under_null <= alpha + ROUNDING) & (under_alternative >= power - ROUNDING)
    good = keeps & allowed[:, :, None] & (stop[:, None] <= last)
    rows, passing = np.nonzero(good.any(axis=2))
    if not rows.size:
        return None
    early = 1.0 - tables.tail[0][first[rows], tables.pad + passing - 1]
    expected = first[rows] + (1.0 - early) * (n - first[rows])
    at = int(expected.argmin())
    if expected[at] >= below:
        return None
    row, count = int(rows[at]), int(passing[at])
    chosen = int(last[good[row, count].argmax()])
    return float(expected[at]), (int(first[row]), count - 1, n, chosen)


def _second_limits(
    n: int, early_stop: float, tables: _Tables, errors: tuple[float, float]
) -> IntArray:
    """Return the r that a design of n patients can have."""
    counts = np.arange(n)
    tail, tail_alternative = (table[n, tables.pad : tables.pad + n] for table in tables.tail)
    spared = (1.0 - early_stop) * tail <= errors[0] + ROUNDING
    single = int((tail > errors[0] + ROUNDING).sum())
    powered = tail_alternative >= errors[1] - ROUNDING
    return np.flatnonzero(spared & powered & (counts <= single))


def _rejections(
    n: int, first: IntArray, counts: IntArray, last: IntArray, tables: _Tables, rate: int
) -> FloatArray:
    """Return P(X1 >= x, X > r), shape (first stages, counts x, limits r)."""
    passing = tables.mass[rate][first][:, : len(counts)]
    # P(X2 > k) for every second stage and every k that occurs, then picked by n - n1 and r - x.
    low = tables.pad + int(last[0]) - int(counts[-1])
    tails = tables.tail[rate][n - first, low : tables.pad + int(last[-1]) + 1]
    window = np.lib.stride_tricks.sliding_window_view(tails, len(last), axis=1)
    joint = passing[:, :, None] * window[:, ::-1, :]
    reached: FloatArray = np.cumsum(joint[:, ::-1, :], axis=1)[:, ::-1, :]
    return reached
