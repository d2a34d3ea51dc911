"""Measured values whose medians and ranges are the printed ones, in each group and in all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hepatica.errors import InputError
from hepatica.simulate.draw import Real
from hepatica.stats.quantiles import quantile

_TRIALS = 4000
_TRIES = 12
#: After so many trials the two middle values of a group may lie as far apart as its range allows.
_WIDEST = 60
#: Values are drawn on a logarithmic scale when the largest is so many times the smallest.
_SKEWED = 50.0


@dataclass(frozen=True, slots=True)
class PrintedRange:
    """What is printed of the values of a group.

    Attributes
    ----------
    n : int
        Patients.
    median, low, high : float
        Median (definition ``average``), smallest and largest value.
    at_or_above : tuple of (float, int)
        Thresholds, and how many patients lie at or above each.
    """

    n: int
    median: float
    low: float
    high: float
    at_or_above: tuple[tuple[float, int], ...] = ()


def find_values(
    groups: Mapping[str, PrintedRange],
    overall_median: float | None,
    decimals: int,
    rng: np.random.Generator,
) -> dict[str, Real]:
    """Find values of each group that give its median, range and counts, and the median of all.

    How far the two middle values of a group lie apart is drawn anew, from wider and wider limits,
    until the median of all patients holds; the other values follow no pattern but the printed
    bounds.

    Parameters
    ----------
    groups : mapping of str to PrintedRange
        What is printed of each group.
    overall_median : float, optional
        Median of all groups together; not looked at when not given.
    decimals : int
        Decimals of a value.

    Raises
    ------
    InputError
        If no values are found.

    Examples
    --------
    >>> groups = {"A": PrintedRange(4, 3.0, 1.0, 9.0), "B": PrintedRange(4, 5.0, 2.0, 8.0)}
    >>> found = find_values(groups, 3.0, 1, np.random.default_rng(1))
    >>> [quantile(values, 0.5) for values in found.values()]
    [3.0, 5.0]
    >>> quantile(np.concatenate(list(found.values())), 0.5)
    3.0
    """
    for trial in range(_TRIALS):
        reach = min(trial / _WIDEST, 1.0)
        found = {}
        for name, one in groups.items():
            values = _group(one, reach, decimals, rng)
            if values is None:
                break
            found[name] = values
        if len(found) == len(groups) and _is_median(found, overall_median):
            return found
    asked = "; ".join(
        f"{name}: median {one.median}, {one.low} to {one.high}" for name, one in groups.items()
    )
    raise InputError(
        f"No values were found with the printed medians, ranges and counts ({asked}; all: median "
        f"{overall_median}). Check them in published.yaml."
    )


def _is_median(found: Mapping[str, Real], overall: float | None) -> bool:
    return overall is None or quantile(np.concatenate(list(found.values())), 0.5) == overall


def _group(
    printed: PrintedRange, reach: float, decimals: int, rng: np.random.Generator
) -> Real | None:
    for _ in range(_TRIES):
        values = _draw(printed, reach, decimals, rng)
        if _holds(values, printed):
            return values
    return None


def _draw(printed: PrintedRange, reach: float, decimals: int, rng: np.random.Generator) -> Real:
    n, half = printed.n, printed.n // 2
    room = min(printed.median - printed.low, printed.high - printed.median)
    gap = reach * room * float(rng.random())
    if n % 2:
        lower = upper = printed.median
        middle = [printed.median]
    else:
        lower = round(printed.median - gap, decimals)
        upper = round(2 * printed.median - lower, decimals)
        middle = [lower, upper]
    below = max(half - (n + 1) % 2, 0)
    ends = [printed.low, printed.high] if below else []
    inner = max(below - 1, 0)
    skewed = printed.low > 0 and printed.high / printed.low > _SKEWED
    parts = [
        _between(lower, printed.low, inner, rng, skewed=skewed),
        _between(upper, printed.high, inner, rng, skewed=skewed),
    ]
    return np.sort(np.round(np.concatenate([middle, ends, *parts]), decimals))


def _between(inner: float, outer: float, n: int, rng: np.random.Generator, *, skewed: bool) -> Real:
    """Draw values between the middle and an end, the more the nearer to the middle."""
    share = rng.random(n) ** 1.5
    if skewed:
        drawn: Real = inner * (outer / inner) ** share
        return drawn
    return inner + share * (outer - inner)


def _holds(values: Real, printed: PrintedRange) -> bool:
    counted = all((values >= at).sum() == count for at, count in printed.at_or_above)
    bounds = (float(values[0]), float(values[-1])) == (printed.low, printed.high)
    return counted and bounds and quantile(values, 0.5) == printed.median
