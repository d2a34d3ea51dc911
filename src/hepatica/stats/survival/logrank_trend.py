"""Trend of hazards over ordered groups, from a log-rank test.

Source: Tarone, Biometrika 1975;62:679 (scores along a covariate).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, freeze
from hepatica.stats.survival.logrank import LogRank


@dataclass(frozen=True, slots=True, eq=False)
class LogRankTrend:
    """Test for trend.

    Attributes
    ----------
    z : float
        Normal statistic, positive when groups with higher scores have more events than expected.
    statistic : float
        Its square, chi-square with one degree of freedom.
    p_value : float
        Its p-value.
    sides : int
        2, or 1 against "more events with higher scores".
    scores : float array (k,)
        Score of each group.
    """

    z: float
    statistic: float
    p_value: float
    sides: int
    scores: FloatArray


def logrank_trend(
    test: LogRank, scores: npt.ArrayLike | None = None, *, sides: int = 2
) -> LogRankTrend:
    """Test for a trend of the hazards over groups in order.

    Parameters
    ----------
    test : LogRank
        Test of the groups, of any weight, with strata or not.
    scores : array (k,), optional
        Score of each group in the order of `test.groups`; without it 0, 1, ..., k - 1.
    sides : {2, 1}
        Two-sided, or one-sided against "more events with higher scores".

    Raises
    ------
    InputError
        If there is not one score a group, or all groups with events expected have one score.

    Notes
    -----
    The statistic is c'(O - E) over the root of c'Vc, with scores c. With two groups its square is
    the log-rank statistic.

    Examples
    --------
    >>> from hepatica.stats.survival import logrank
    >>> test = logrank([1, 2, 3, 4, 5, 6], [1] * 6, [2, 1, 2, 1, 0, 0])
    >>> round(logrank_trend(test).z, 3)
    2.132
    """
    _checks.check_sides(sides)
    k = len(test.groups)
    if scores is None:
        values = np.arange(k, dtype=np.float64)
    else:
        values = _checks.numbers("scores", scores).astype(np.float64)
        if len(values) != k:
            raise InputError(f"scores must have one value for each group: {k}.")
    # The origin of the scores is free: about their middle nothing is lost by rounding.
    centred = values - values.mean()
    variance = float(centred @ test.variance @ centred)
    compared = test.expected > 0.0
    if np.ptp(values[compared]) == 0.0 or variance <= 0.0:
        raise InputError("The groups that are compared must differ in their scores.")
    z = float(centred @ (test.observed - test.expected)) / math.sqrt(variance)
    return LogRankTrend(
        z=z,
        statistic=z * z,
        p_value=sides * float(ndtr(-z if sides == 1 else -abs(z))),
        sides=sides,
        scores=freeze(values.copy()),
    )
