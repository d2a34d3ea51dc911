"""Times of delayed entry (left truncation): at risk at t are those with entry < t <= time."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray
from hepatica.stats.survival._tally import SAME_TIME


def follows_entry(time: FloatArray, entry: FloatArray) -> npt.NDArray[np.bool_]:
    """Return, for each subject, whether there is follow-up between entry and time.

    A time of entry that differs by rounding alone from the time is no follow-up.

    Examples
    --------
    >>> follows_entry(np.array([5.0, 5.0, 5.0]), np.array([0.0, 4.0, 5.0])).tolist()
    [True, True, False]
    """
    followed: npt.NDArray[np.bool_] = entry < time * (1.0 - SAME_TIME)
    return followed


def check_entries(entry: npt.ArrayLike, time: npt.NDArray[Any]) -> FloatArray:
    """Return times of delayed entry as they stand; each is before the subject's time."""
    entered = _checks.numbers("entry", entry).astype(np.float64, copy=False)
    _checks.check_length("entry", entered, len(time))
    late = len(time) - int(np.count_nonzero(follows_entry(time, entered)))
    if late:
        raise InputError(f"entry must lie before time; {late} of {len(time)} values do not.")
    if entered.min() < 0:
        raise InputError("entry must not be negative.")
    return entered


def entered_before(
    entry: FloatArray, entered: npt.NDArray[Any], time: FloatArray
) -> npt.NDArray[Any]:
    """Return how many have entered before each time, from distinct entries and their numbers.

    Those who enter at 0 are followed from the start, as all are without delayed entry.
    """
    total = np.concatenate(([0], np.cumsum(entered)))
    at_zero = np.searchsorted(entry, 0.0, side="right")
    before = np.searchsorted(entry, time * (1.0 - SAME_TIME), side="left")
    return total[np.maximum(before, at_zero)]
