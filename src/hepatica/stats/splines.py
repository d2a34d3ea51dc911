"""Restricted cubic splines: smooth curves of a number that are straight beyond the outer knots.

Source: Harrell, Regression Modeling Strategies, 2nd edition, 2015, sections 2.4.5 and 2.4.6.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, freeze
from hepatica.stats.quantiles import quantile

#: Quantiles at which Harrell puts so many knots.
_SHARES = {
    3: (0.1, 0.5, 0.9),
    4: (0.05, 0.35, 0.65, 0.95),
    5: (0.05, 0.275, 0.5, 0.725, 0.95),
}
#: Below so many values the outer knots are the fifth smallest and the fifth largest.
_FEW = 100
_FIFTH = 5


def harrell_knots(x: npt.ArrayLike, n: int = 4) -> FloatArray:
    """Return the knots that Harrell advises, at fixed quantiles (linear interpolation).

    Parameters
    ----------
    x : array (n,)
        Known values.
    n : {3, 4, 5}
        Number of knots. With fewer than 100 values the outer knots are the fifth smallest and
        largest value.

    Raises
    ------
    InputError
        If the values are too few, or so many are equal that knots coincide.

    Examples
    --------
    >>> harrell_knots(range(1, 102), 3).tolist()
    [11.0, 51.0, 91.0]
    """
    if n not in _SHARES:
        raise InputError(f"The number of knots must be 3, 4 or 5; it is {n}.")
    values = np.sort(_checks.numbers("x", x).astype(np.float64))
    if len(values) < 2 * _FIFTH:
        raise InputError(f"Knots need at least {2 * _FIFTH} values; there are {len(values)}.")
    knots = np.array([quantile(values, share, definition="linear") for share in _SHARES[n]])
    if len(values) < _FEW:
        knots[0], knots[-1] = values[_FIFTH - 1], values[-_FIFTH]
    if not (np.diff(knots) > 0).all():
        raise InputError("Too many values are equal, so that knots coincide. Take fewer knots.")
    return freeze(knots)


def restricted_cubic_spline(x: npt.ArrayLike, knots: npt.ArrayLike) -> FloatArray:
    """Return the columns of a restricted cubic spline beside the value itself.

    Parameters
    ----------
    x : array (n,)
        Values.
    knots : array (k,)
        Rising knots, three or more.

    Returns
    -------
    float array (n, k - 2)
        Columns that are 0 below the first knot and a straight line above the last, divided by the
        square of the distance of the outer knots, so that they have the unit of the value.

    Examples
    --------
    Between the first knots it is a cube: (2 - 1)^3 / (4 - 1)^2.

    >>> round(restricted_cubic_spline([0.0, 2.0], [1.0, 3.0, 4.0])[:, 0][1].item(), 12)
    0.111111111111
    """
    values = _checks.numbers("x", x).astype(np.float64)
    t = _checks.numbers("knots", knots).astype(np.float64)
    if len(t) < 3 or not (np.diff(t) > 0).all():
        raise InputError("knots must be three or more rising numbers.")
    inner, before, last = t[:-2], t[-2], t[-1]

    def cubed(at: npt.NDArray[np.float64]) -> FloatArray:
        over: FloatArray = np.maximum(values[:, None] - at, 0.0) ** 3
        return over

    columns = cubed(inner)
    columns -= cubed(np.array([before])) * (last - inner) / (last - before)
    columns += cubed(np.array([last])) * (before - inner) / (last - before)
    return freeze(columns / (last - t[0]) ** 2)
