"""Tests of equal survival of two groups at one time.

Source: Klein et al., Stat Med 2007;26:4505.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from scipy.special import ndtr

from hepatica.stats import _checks
from hepatica.stats.survival.kaplan_meier import KaplanMeier


@dataclass(frozen=True, slots=True)
class MilestoneComparison:
    """Two groups at a time.

    Attributes
    ----------
    time : float
        The time.
    first, second : float
        Kaplan-Meier estimates there; NaN past the last follow-up.
    scale : str
        Scale on which they are compared.
    difference, std_error : float
        Second less first on the scale, signed so that it is positive when the second is higher;
        NaN where it cannot be had.
    statistic, p_value : float
        Normal statistic and its p-value.
    sides : int
        2, or 1 against "survival of the second is higher".
    """

    time: float
    first: float
    second: float
    scale: str
    difference: float
    std_error: float
    statistic: float
    p_value: float
    sides: int


def milestone_comparison(
    first: KaplanMeier,
    second: KaplanMeier,
    time: float,
    *,
    scale: str = "log-log",
    sides: int = 2,
) -> MilestoneComparison:
    """Test whether two independent groups have the same survival at a time.

    Parameters
    ----------
    first, second : KaplanMeier
        Curves of the groups.
    time : float
        The time, in the unit of the curves.
    scale : {"log-log", "log", "plain", "logit", "arcsine"}
        ``plain`` tests the difference, ``log`` the ratio of survival, ``log-log`` the ratio of
        cumulative hazards, ``logit`` the odds ratio.
    sides : {2, 1}
        Two-sided, or one-sided against "survival of the second is higher".

    Returns
    -------
    MilestoneComparison
        With NaN where an estimate is 0, 1 or not estimable on the scale.

    Notes
    -----
    Variances are Greenwood's, by the delta method. In the simulations of the source ``log-log``
    kept its level best, with ``arcsine`` and ``logit`` near to it, while ``plain`` rejected too
    often in small samples.

    Examples
    --------
    >>> from hepatica.stats.survival import kaplan_meier
    >>> one, other = kaplan_meier([1, 2, 3, 4], [1] * 4), kaplan_meier([2, 3, 4, 5], [1] * 4)
    >>> test = milestone_comparison(one, other, 2, scale="plain")
    >>> test.difference, round(test.statistic, 4)
    (0.25, 0.7559)
    """
    _checks.check_option("scale", scale, SCALES)
    _checks.check_sides(sides)
    points = [curve.at([time]) for curve in (first, second)]
    survival = [float(point.survival[0]) for point in points]
    spread = [float(point.std_error[0]) for point in points]
    difference, std_error = _difference(survival, spread, scale)
    statistic = difference / std_error if std_error > 0.0 else math.nan
    tail = -statistic if sides == 1 else -abs(statistic)
    return MilestoneComparison(
        time=float(time),
        first=survival[0],
        second=survival[1],
        scale=scale,
        difference=difference,
        std_error=std_error,
        statistic=statistic,
        p_value=sides * float(ndtr(tail)),
        sides=sides,
    )


def _difference(survival: list[float], spread: list[float], scale: str) -> tuple[float, float]:
    # At 0 and 1 Greenwood's variance is 0 or missing whatever the number of subjects.
    if not all(0.0 < value < 1.0 for value in survival):
        return math.nan, math.nan
    value, slope = SCALES[scale]
    parts = [slope(s) * error for s, error in zip(survival, spread, strict=True)]
    return value(survival[1]) - value(survival[0]), math.hypot(*parts)


_Function = Callable[[float], float]

#: Each scale, rising with survival, and its slope.
SCALES: dict[str, tuple[_Function, _Function]] = {
    "log-log": (lambda s: -math.log(-math.log(s)), lambda s: -1.0 / (s * math.log(s))),
    "log": (math.log, lambda s: 1.0 / s),
    "plain": (lambda s: s, lambda _: 1.0),
    "logit": (lambda s: math.log(s / (1.0 - s)), lambda s: 1.0 / (s * (1.0 - s))),
    "arcsine": (
        lambda s: math.asin(math.sqrt(s)),
        lambda s: 0.5 / math.sqrt(s * (1.0 - s)),
    ),
}
