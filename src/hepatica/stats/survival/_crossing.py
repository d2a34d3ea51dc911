"""When a falling step curve reaches a level: the rules for flat steps."""

from __future__ import annotations

import math

import numpy as np

from hepatica.stats._checks import FloatArray

#: A curve this near to the level is on it; R uses the same tolerance.
ON_THE_LEVEL = float(np.sqrt(np.finfo(np.float64).eps))

MEDIAN_RULES = ("midpoint_or_missing", "midpoint_or_first", "first_time")


def crossing_time(time: FloatArray, curve: FloatArray, level: float, rule: str) -> float:
    """Return the time at which a step curve reaches a level, NaN when it never does.

    Parameters
    ----------
    time, curve : float array (m,)
        Steps; the curve may hold NaN where it does not exist.
    level : float
        The level, for a median 0.5.
    rule : str
        One of `MEDIAN_RULES`: what a flat step on the level means.
    """
    reached = np.flatnonzero(curve < level + ON_THE_LEVEL)
    if reached.size == 0:
        return math.nan
    first = reached[0]
    start = float(time[first])
    on_the_level = curve[first] > level - ON_THE_LEVEL
    if rule == "first_time" or not on_the_level:
        return start
    below = np.flatnonzero(curve < level - ON_THE_LEVEL)
    if below.size:
        return (start + float(time[below[0]])) / 2.0
    return start if rule == "midpoint_or_first" else math.nan
