"""Proportions that were exponentiated, as if they were logarithms of ratios."""

from __future__ import annotations

import math
from dataclasses import dataclass

from hepatica.errors import InputError


@dataclass(frozen=True, slots=True)
class Exponentiated:
    """What a printed "ratio" of a proportion would be if it were exp(proportion).

    Attributes
    ----------
    possible : bool
        Whether all three numbers are exponentials of proportions, that is lie between 1 and e.
        A ratio can do so too: only the outcome tells whether it should have been a proportion.
    estimate, lower, upper : float
        Logarithms of the printed numbers: the proportion; NaN when not possible.
    estimate_lower, estimate_upper : float
        The proportion's range within the rounding of the printed estimate.
    symmetric : bool
        Whether the limits lie symmetrically about it within rounding, as normal limits of a raw
        proportion do.
    """

    possible: bool
    estimate: float
    lower: float
    upper: float
    estimate_lower: float
    estimate_upper: float
    symmetric: bool


def exponentiated_proportion(
    estimate: float, lower: float, upper: float, *, step: float = 0.01
) -> Exponentiated:
    """Read a printed estimate of a proportion as one that was exponentiated.

    Parameters
    ----------
    estimate, lower, upper : float
        As printed.
    step : float
        Unit of the last printed digit.

    Raises
    ------
    InputError
        If the numbers are not finite, or the limits do not enclose the estimate.

    Examples
    --------
    >>> found = exponentiated_proportion(1.33, 1.26, 1.41)
    >>> found.possible, round(found.estimate, 3), round(found.lower, 3), round(found.upper, 3)
    (True, 0.285, 0.231, 0.344)
    """
    if not lower <= estimate <= upper or not math.isfinite(upper - lower):
        raise InputError("The limits have to enclose the estimate; check whether they are swapped.")
    half = step / 2.0
    if not (lower > 1.0 and upper < math.e and estimate - half > 0.0):
        gone = math.nan
        return Exponentiated(False, gone, gone, gone, gone, gone, False)
    below = [math.log(one - half) for one in (estimate, lower, upper)]
    above = [math.log(one + half) for one in (estimate, lower, upper)]
    narrow = (below[0] - above[1], below[2] - above[0])
    wide = (above[0] - below[1], above[2] - below[0])
    return Exponentiated(
        possible=True,
        estimate=math.log(estimate),
        lower=math.log(lower),
        upper=math.log(upper),
        estimate_lower=below[0],
        estimate_upper=above[0],
        symmetric=narrow[0] <= wide[1] and narrow[1] <= wide[0],
    )
