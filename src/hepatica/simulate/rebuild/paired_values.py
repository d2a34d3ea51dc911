"""Differences of pairs whose quartiles and signed-rank p-value equal the printed ones.

A search over decimal differences: values that no quartile fixes are changed one at a time, and a
change is kept when the exact p-value comes no further from the printed one. Ties and zeros are
allowed only as far as nothing is found without them; a further decimal only after that.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from hepatica.errors import InputError
from hepatica.simulate.draw import Whole
from hepatica.simulate.rebuild.pair_ranks import departures, p_value_of, tails

#: Quartiles as shares of the differences.
_SHARES = (0.25, 0.5, 0.75)
#: Ties and zeros that are allowed, further decimals, and how often to begin; in order of trial.
_STAGES = ((0, 0, 20), (1, 0, 120), (2, 0, 80), (3, 0, 80), (0, 1, 20), (2, 1, 40))
_STEPS = 300
#: Steps without coming nearer after which a climb ends, for each difference.
_PATIENCE = 4
#: How far beyond a quartile the outer values are drawn, in distances between the quartiles.
_TAIL = 0.6


@dataclass(frozen=True, slots=True)
class PrintedChange:
    """What is printed of the differences of one group.

    Attributes
    ----------
    n : int
        Pairs.
    median, lower, upper : float
        Median and quartiles (definition ``average``, that of SAS).
    p_value : float
        Exact signed-rank test, zeros dropped, ties with mid-ranks.
    decimals, p_decimals : int
        To how many decimals they are printed.
    """

    n: int
    median: float
    lower: float
    upper: float
    p_value: float
    decimals: int = 1
    p_decimals: int = 4


@dataclass(frozen=True, slots=True)
class Differences:
    """Differences that were found.

    Attributes
    ----------
    units : int array (n,)
        Differences in units of the last decimal, in ascending order.
    decimals : int
        Decimals of the differences.
    """

    units: Whole
    decimals: int


def find_differences(printed: PrintedChange, rng: np.random.Generator) -> Differences:
    """Find differences with the printed median, quartiles and p-value.

    Parameters
    ----------
    printed : PrintedChange
        What is to hold, to the decimals printed.
    rng : numpy.random.Generator
        The same state finds the same differences.

    Raises
    ------
    InputError
        If the search finds none.

    Examples
    --------
    >>> found = find_differences(PrintedChange(4, 7.4, 2.4, 16.0, 0.125), np.random.default_rng(1))
    >>> found.units[:2].sum() / 20, found.units[1:3].sum() / 20, found.units[2:].sum() / 20
    (np.float64(2.4), np.float64(7.4), np.float64(16.0))
    """
    if not printed.lower <= printed.median <= printed.upper:
        raise InputError(
            f"The median {printed.median} does not lie between the quartiles {printed.lower} and "
            f"{printed.upper}. Correct the order of the printed values."
        )
    for irregular, further, starts in _STAGES:
        search = _Search(printed, irregular, further, rng)
        if search.is_hopeless():
            continue
        for _ in range(starts):
            units = search.climb()
            if units is not None:
                return Differences(np.array(sorted(units)), printed.decimals + further)
    raise InputError(
        f"No {printed.n} differences were found with median {printed.median}, quartiles "
        f"{printed.lower} and {printed.upper} and p-value {printed.p_value}. Check the printed "
        "values."
    )


class _Search:
    """One search: how many ties and zeros may occur, and to how many decimals values go."""

    def __init__(
        self, printed: PrintedChange, irregular: int, further: int, rng: np.random.Generator
    ) -> None:
        self.printed, self.irregular, self.rng = printed, irregular, rng
        scale = 10 ** (printed.decimals + further)
        quartiles = (printed.lower, printed.median, printed.upper)
        self.targets = [round(one * scale) for one in quartiles]
        # With further decimals a quartile may lie anywhere within its rounding.
        self.slack = 10**further * 2 // 5
        self.spread = max(self.targets[2] - self.targets[0], 4)
        self.free, self.fixed, self.pairs = _positions(printed.n)

    def climb(self) -> list[int] | None:
        """Return differences that hold, or nothing when this climb ends elsewhere."""
        state = self._start()
        if state is None:
            return None
        distance, idle = self._distance(state), 0
        for _ in range(_STEPS):
            if distance == 0.0:
                return state
            proposed = self._changed(state)
            found = self._distance(proposed) if self._allowed(proposed) else math.inf
            idle = 0 if found < distance else idle + 1
            if found <= distance:
                state, distance = proposed, found
            if idle > _PATIENCE * self.printed.n:
                break
        return state if distance == 0.0 else None

    def _start(self) -> list[int] | None:
        for _ in range(_PATIENCE * self.printed.n):
            state = [0] * self.printed.n
            for place in self.free:
                state[place] = self._drawn(place)
            self._settle(state)
            if self._allowed(state):
                return state
        return None

    def _changed(self, state: list[int]) -> list[int]:
        """Return the differences with one redrawn, or made equal in size to another."""
        changed = state.copy()
        if self.free:
            place = self.free[int(self.rng.integers(len(self.free)))]
            if self.irregular and self.rng.random() < 0.3:
                other = int(self.rng.integers(-1, len(state)))
                size = 0 if other < 0 else state[other]
                changed[place] = size if self.rng.random() < 0.5 else -size
            else:
                changed[place] = self._drawn(place)
        self._settle(changed)
        return changed

    def _drawn(self, place: int) -> int:
        """Draw a value from the quarter of the differences that it belongs to."""
        quarter = min(place * 4 // self.printed.n, 3)
        low, middle, high = self.targets
        if quarter in (1, 2):
            bounds = (low, middle) if quarter == 1 else (middle, high)
            return int(self.rng.integers(bounds[0], bounds[1] + 1))
        beyond = int(_TAIL * self.spread * self.rng.exponential())
        drawn: int = low - beyond if quarter == 0 else high + beyond
        return drawn

    def _settle(self, state: list[int]) -> None:
        """Set the values that a quartile fixes, given the others."""
        quartiles, slack = self.targets, self.slack
        if slack:
            moved = self.rng.integers(-slack, slack + 1, size=len(quartiles)).tolist()
            quartiles = [one + by for one, by in zip(quartiles, moved, strict=True)]
        for place, which in self.fixed:
            state[place] = quartiles[which]
        for place, which in self.pairs:
            state[place + 1] = 2 * quartiles[which] - state[place]

    def _allowed(self, state: list[int]) -> bool:
        ordered = sorted(state)
        doubled = [(2 * ordered[place], which) for place, which in self.fixed]
        doubled += [(ordered[place] + ordered[place + 1], which) for place, which in self.pairs]
        near = (abs(one - 2 * self.targets[which]) <= 2 * self.slack for one, which in doubled)
        return all(near) and departures(state) <= self.irregular

    def _distance(self, state: list[int]) -> float:
        p_value = p_value_of(state)
        if self._is_printed(p_value):
            return 0.0
        least = 10.0**-self.printed.p_decimals / 2
        return abs(math.log(max(p_value, least) / max(self.printed.p_value, least)))

    def _is_printed(self, p_value: float) -> bool:
        decimals = self.printed.p_decimals
        return f"{p_value:.{decimals}f}" == f"{self.printed.p_value:.{decimals}f}"

    def is_hopeless(self) -> bool:
        """Return whether no signs give the p-value, whatever the differences are."""
        n = self.printed.n
        if self.printed.p_value < 2.0 ** (1 - n) - 10.0**-self.printed.p_decimals:
            return True
        if self.irregular:
            return False
        return not any(map(self._is_printed, set(tails((1,) * n))))


def _positions(n: int) -> tuple[list[int], list[tuple[int, int]], list[tuple[int, int]]]:
    """Return free places, fixed places with their quartile, and pairs that average to one."""
    fixed, pairs = [], []
    for which, share in enumerate(_SHARES):
        whole, rest = divmod(n * share, 1.0)
        if rest:
            fixed.append((int(whole), which))
        else:
            pairs.append((int(whole) - 1, which))
    settled = {place for place, _ in fixed} | {place + 1 for place, _ in pairs}
    return [place for place in range(n) if place not in settled], fixed, pairs
