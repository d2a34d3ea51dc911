"""Sizes for a stated precision of a proportion.

Sources: Wilson, J Am Stat Assoc 1927;22:209; Clopper and Pearson, Biometrika 1934;26:404; Newcombe,
Confidence Intervals for Proportions, 2012, chapter 8.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv, ndtri

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray
from hepatica.stats.design._binomial import LARGEST_SIZE


@dataclass(frozen=True, slots=True)
class PrecisionDesign:
    """A size that gives limits of a stated half-width.

    Attributes
    ----------
    n : int
        Patients.
    events : float
        Expected events, n times the rate; limits are taken there though it is no whole number.
    lower, upper : float
        Limits at that count.
    half_width : float
        Half their distance.
    half_width_asked : float
        As asked.
    rate : float
        Expected rate.
    conf_level : float
        Two-sided confidence level; `alpha` is the rest.
    alpha : float
        1 - conf_level.
    method : str
        As given.
    """

    n: int
    events: float
    lower: float
    upper: float
    half_width: float
    half_width_asked: float
    rate: float
    conf_level: float
    alpha: float
    method: str


def precision_of_proportion(
    rate: float, half_width: float, *, conf_level: float = 0.95, method: str = "wilson"
) -> PrecisionDesign:
    """Return the smallest size whose limits of a proportion are narrow enough.

    Parameters
    ----------
    rate : float
        Expected rate, strictly between 0 and 1.
    half_width : float
        Half the distance of the limits, above 0 and below one half.
    conf_level : float
        Two-sided confidence level.
    method : {"wilson", "clopper-pearson", "wald"}
        Kind of limits.

    Raises
    ------
    InputError
        If a number cannot be used, or more than a million patients are needed.

    Examples
    --------
    >>> [precision_of_proportion(0.3, 0.1, method=kind).n
    ...  for kind in ("wald", "wilson", "clopper-pearson")]
    [81, 78, 89]
    """
    share = _checks.check_probability("rate", rate)
    level = _checks.check_conf_level(conf_level)
    half = _checks.number("half_width", half_width)
    _checks.check_option("method", method, _LIMITS)
    if not 0.0 < half < 0.5:
        raise InputError(f"half_width must lie between 0 and 0.5; it is {half:g}.")
    limits = _LIMITS[method]

    def widths(sizes: FloatArray) -> FloatArray:
        lower, upper = limits(sizes, share, level)
        return (upper - lower) / 2.0

    n = _first_narrow(widths, half)
    lower, upper = limits(np.array([float(n)]), share, level)
    return PrecisionDesign(
        n=n,
        events=n * share,
        lower=float(lower[0]),
        upper=float(upper[0]),
        half_width=float(upper[0] - lower[0]) / 2.0,
        half_width_asked=half,
        rate=share,
        conf_level=level,
        alpha=1.0 - level,
        method=method,
    )


def _first_narrow(widths: Callable[[FloatArray], FloatArray], half: float) -> int:
    """Return the first size that is narrow enough; the width falls as the size grows."""
    low, high = 0, 1
    while widths(np.array([float(high)]))[0] > half:
        low, high = high, 2 * high
        if high > 2 * LARGEST_SIZE:
            raise InputError(
                f"Limits so narrow need more than {LARGEST_SIZE:,} patients; allow a larger "
                "half_width."
            )
    while high - low > 1:
        middle = (low + high) // 2
        narrow = widths(np.array([float(middle)]))[0] <= half
        low, high = (low, middle) if narrow else (middle, high)
    return high


def _wilson(n: FloatArray, rate: float, level: float) -> tuple[FloatArray, FloatArray]:
    z = float(ndtri(0.5 + level / 2.0))
    centre = (n * rate + z * z / 2.0) / (n + z * z)
    half = z / (n + z * z) * np.sqrt(n * rate * (1.0 - rate) + z * z / 4.0)
    return centre - half, centre + half


def _clopper_pearson(n: FloatArray, rate: float, level: float) -> tuple[FloatArray, FloatArray]:
    tail, x = (1.0 - level) / 2.0, n * rate
    return betaincinv(x, n - x + 1.0, tail), betaincinv(x + 1.0, n - x, 1.0 - tail)


def _wald(n: FloatArray, rate: float, level: float) -> tuple[FloatArray, FloatArray]:
    half = float(ndtri(0.5 + level / 2.0)) * np.sqrt(rate * (1.0 - rate) / n)
    return rate - half, rate + half


_LIMITS: dict[str, Callable[[FloatArray, float, float], tuple[FloatArray, FloatArray]]] = {
    "wilson": _wilson,
    "clopper-pearson": _clopper_pearson,
    "wald": _wald,
}
