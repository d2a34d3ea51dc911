"""Test of equal medians of k groups with censoring.

Source: Brookmeyer and Crowley, J Am Stat Assoc 1982;77:433.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc

from hepatica.errors import InputError
from hepatica.stats._checks import FloatArray, freeze
from hepatica.stats.survival._crossing import crossing_time
from hepatica.stats.survival._tally import SAME_TIME
from hepatica.stats.survival.kaplan_meier import KaplanMeier


@dataclass(frozen=True, slots=True, eq=False)
class MedianTest:
    """Test of equal medians.

    Attributes
    ----------
    median : float
        Common median.
    survival, std_error : float array (k,)
        Survival of each group at it, with Greenwood's standard error.
    statistic : float
        Chi-square statistic.
    df : int
        Groups less one.
    p_value : float
        Two-sided (for two groups) p-value.
    """

    median: float
    survival: FloatArray
    std_error: FloatArray
    statistic: float
    df: int
    p_value: float


def median_test(curves: Sequence[KaplanMeier]) -> MedianTest:
    """Test whether k independent groups have the same median.

    Parameters
    ----------
    curves : sequence of KaplanMeier
        Curve of each group, at least two.

    Raises
    ------
    InputError
        If there are fewer than two curves, the common median is not reached, or a curve ends
        before it or is 0 or 1 there.

    Notes
    -----
    The common median is the first time at which the mean of the curves, weighted by subjects, is
    at most one half; a flat step is not interpolated. There the curves are compared by a
    chi-square of their differences, with Greenwood's variances. That the median is itself
    estimated cancels out of the differences when the densities at the median are equal.

    Examples
    --------
    >>> from hepatica.stats.survival import kaplan_meier
    >>> one = kaplan_meier([1, 2, 3, 4, 9, 9], [1, 1, 1, 1, 0, 0])
    >>> other = kaplan_meier([3, 5, 6, 8, 9, 9], [1, 1, 1, 1, 0, 0])
    >>> test = median_test([one, other])
    >>> test.median, test.survival.round(3).tolist(), round(test.statistic, 3)
    (5.0, [0.333, 0.667], 1.5)
    """
    if not all(isinstance(one, KaplanMeier) for one in curves):
        raise InputError("curves must be a list of curves, as kaplan_meier gives them.")
    if len(curves) < 2:
        raise InputError("The median test compares at least two groups; there is one or none.")
    time = np.unique(np.concatenate([curve.time for curve in curves]))
    share = np.array([curve.n for curve in curves], dtype=np.float64)
    steps = np.stack([_carried(curve, time) for curve in curves])
    pooled = (share / share.sum()) @ steps
    median = crossing_time(time, pooled, 0.5, "first_time")
    if np.isnan(median):
        raise InputError("The common median is not reached, so that it cannot be tested.")
    points = [curve.at([median]) for curve in curves]
    survival = np.array([point.survival[0] for point in points])
    std_error = np.array([point.std_error[0] for point in points])
    if not ((survival > 0.0) & (survival < 1.0)).all():
        raise InputError(
            "Every group must be followed to the common median, with survival between 0 and 1 "
            "there."
        )
    # Chi-square of the values about their mean, each weighted by its precision.
    precision = std_error**-2.0
    centre = float(precision @ survival) / float(precision.sum())
    statistic = float(precision @ (survival - centre) ** 2)
    df = len(curves) - 1
    return MedianTest(
        median=median,
        survival=freeze(survival),
        std_error=freeze(std_error),
        statistic=statistic,
        df=df,
        p_value=float(chdtrc(df, statistic)),
    )


def _carried(curve: KaplanMeier, time: FloatArray) -> FloatArray:
    """Return the curve at times; past its last follow-up its last value."""
    row = np.searchsorted(curve.time, time * (1.0 + SAME_TIME), side="right")
    return np.concatenate(([1.0], curve.survival))[row]
