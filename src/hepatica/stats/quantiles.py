"""Sample quantiles by named definitions.

Source: Hyndman and Fan, Am Stat 1996;50:361.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray

DEFINITIONS = ("average", "linear", "weibull")


def quantile(values: npt.ArrayLike, p: float, *, definition: str = "average") -> float:
    """Return a sample quantile.

    Parameters
    ----------
    values : array (n,)
        Finite values.
    p : float
        Share of values at or below, from 0 to 1.
    definition : {"average", "linear", "weibull"}
        ``average``: step function with averaging (SAS definition 5, R type 2); ``linear``: R
        type 7; ``weibull``: R type 6, used by SPSS.

    Raises
    ------
    InputError
        If values or options cannot be used.

    Examples
    --------
    >>> values = [1, 2, 3, 4, 5, 6, 7, 8, 9, 20]
    >>> [quantile(values, 0.25, definition=name) for name in ("average", "linear", "weibull")]
    [3.0, 3.25, 2.75]
    """
    _checks.check_option("definition", definition, DEFINITIONS)
    if not 0.0 <= p <= 1.0:
        raise InputError(f"p must lie between 0 and 1; it is {p!r}.")
    ordered = np.sort(_checks.numbers("values", values).astype(np.float64))
    n = len(ordered)
    if definition == "average":
        return _average(ordered, n * p)
    # Position counted from 1.
    return _between(ordered, 1.0 + (n - 1) * p if definition == "linear" else (n + 1) * p)


def _average(ordered: FloatArray, position: float) -> float:
    whole, share = _split(position)
    last = len(ordered) - 1
    high = float(ordered[min(whole, last)])
    return high if share else (float(ordered[max(whole - 1, 0)]) + high) / 2.0


def _between(ordered: FloatArray, position: float) -> float:
    whole, share = _split(position)
    last = len(ordered) - 1
    low = float(ordered[min(max(whole - 1, 0), last)])
    return low + share * (float(ordered[min(whole, last)]) - low)


def _split(position: float) -> tuple[int, float]:
    """Return the whole part and the rest; a miss by rounding is no rest, as in R."""
    near = round(position)
    if abs(position - near) <= 4.0 * np.finfo(np.float64).eps * max(1.0, abs(position)):
        return near, 0.0
    whole = math.floor(position)
    return whole, position - whole
