"""Test of survival at one time against a rate fixed beforehand.

Source: Klein et al., Stat Med 2007;26:4505 (transformations for tests at a fixed time).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import ndtr

from hepatica.stats import _checks
from hepatica.stats.survival.kaplan_meier import KaplanMeier


@dataclass(frozen=True, slots=True)
class MilestoneTest:
    """One-sample test of survival at a time.

    Attributes
    ----------
    time : float
        The time.
    estimate : float
        Kaplan-Meier estimate there.
    null : float
        Survival under the hypothesis.
    statistic : float
        Normal statistic, positive when the estimate is above the hypothesis; NaN when it cannot
        be had.
    p_value : float
        Its p-value.
    sides : int
        2, or 1 against "survival is higher".
    """

    time: float
    estimate: float
    null: float
    statistic: float
    p_value: float
    sides: int


def milestone_test(
    curve: KaplanMeier, time: float, null: float, *, sides: int = 2
) -> MilestoneTest:
    """Test survival at a time against a historical rate on the log-log scale.

    Parameters
    ----------
    curve : KaplanMeier
        The curve.
    time : float
        The time, in the unit of the curve.
    null : float
        Historical survival there, strictly between 0 and 1.
    sides : {2, 1}
        Two-sided, or one-sided against "survival is higher".

    Returns
    -------
    MilestoneTest
        With NaN where the estimate is 0, 1 or not estimable.

    Notes
    -----
    Wald test with Greenwood's variance at the estimate, as the log-log limits use it: a two-sided
    test rejects at 5 % exactly when the 95 % log-log limits exclude the rate.

    Examples
    --------
    >>> from hepatica.stats.survival import kaplan_meier
    >>> curve = kaplan_meier([1, 2, 3, 4], [1, 1, 1, 1])
    >>> round(milestone_test(curve, 2, 0.25).statistic, 4)
    0.9609
    """
    _checks.check_probability("null", null)
    _checks.check_sides(sides)
    point = curve.at([time])
    estimate = float(point.survival[0])
    statistic = _statistic(estimate, float(point.std_error[0]), null)
    tail = -statistic if sides == 1 else -abs(statistic)
    return MilestoneTest(
        time=float(time),
        estimate=estimate,
        null=float(null),
        statistic=statistic,
        p_value=sides * float(ndtr(tail)),
        sides=sides,
    )


def _statistic(estimate: float, std_error: float, null: float) -> float:
    if not 0.0 < estimate < 1.0:
        return math.nan
    spread = std_error / (estimate * -math.log(estimate))
    return (math.log(-math.log(null)) - math.log(-math.log(estimate))) / spread
