"""Measured values whose medians and ranges are the printed ones, in each group and in all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hepatica.errors import InputError
from hepatica.simulate.draw import Real
from hepatica.stats.quantiles import quantile

_TRIES = 20_000
#: Values are drawn on a logarithmic scale when the largest is so many times the smallest.
_SKEWED = 50.0
_GROUP = "No values were found with median {0.median}, range {0.low} to {0.high}{1}."


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

    How far the two middle values of a group lie apart is drawn anew until the median of all
    patients holds; the other values follow no pattern but the printed bounds.

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
    for _ in range(_TRIES):
        found = {name: _group(one, decimals, rng) for name, one in groups.items()}
        together = np.concatenate(list(found.values()))
        if overall_median is None or quantile(together, 0.5) == overall_median:
            return found
    raise InputError(
        f"No values were found whose medians are those printed of the groups and {overall_median} "
        "of all. Check the printed medians."
    )


def _group(printed: PrintedRange, decimals: int, rng: np.random.Generator) -> Real:
    for _ in range(_TRIES):
        values = _draw(printed, decimals, rng)
        if _holds(values, printed):
            return values
    counts = "".join(f", {count} at or above {at}" for at, count in printed.at_or_above)
    raise InputError(_GROUP.format(printed, counts) + " Check the printed values.")


def _draw(printed: PrintedRange, decimals: int, rng: np.random.Generator) -> Real:
    n, half = printed.n, printed.n // 2
    gap = float(rng.random() ** 2) * min(
        printed.median - printed.low, printed.high - printed.median
    )
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
