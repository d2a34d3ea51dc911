"""Robust variance of a weighted curve: the infinitesimal jackknife over subjects.

Sources: Efron, The Jackknife, the Bootstrap and Other Resampling Plans, SIAM 1982, chapter 6;
for survival curves Therneau and Grambsch, Modeling Survival Data, Springer 2000, section 7.1;
Xie and Liu, Stat Med 2005;24:3089 (inverse-probability weights).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from hepatica.stats._checks import FloatArray, IntArray
from hepatica.stats.survival._tally import SAME_TIME, BoolArray

NumberArray = npt.NDArray[Any]


def jackknife_variance(
    event: BoolArray,
    weights: NumberArray,
    entry: FloatArray,
    index: IntArray,
    time: FloatArray,
    compensator: FloatArray,
    jump: FloatArray,
) -> FloatArray:
    """Return the variance after each time of an estimate that is a sum over times.

    Parameters
    ----------
    event, weights, entry, index : array (n,)
        Of each subject: event, weight, time of entry (empty when all are followed from 0), and
        row of its time.
    time : float array (m,)
        Times of the rows.
    compensator, jump : float array (m,)
        What being at risk up to and including a row adds to the derivative of the estimate by the
        weight of a subject, and what having the event there takes from it.

    Notes
    -----
    The derivative at t of a subject followed from e to T is C(min(t, T)) - C(min(t, e)) - (jump
    at T, if T is an event and T <= t). For the logarithm of survival C is Greenwood's sum of
    events / (risk x left) and the jump 1 / left; for the cumulative hazard C is the sum of events /
    risk^2 and the jump 1 / risk. The variance is the sum of squares of weight times derivative; it
    is built from those who have left by t, and those still followed.
    """
    m = len(time)
    squares = weights.astype(np.float64) ** 2
    with np.errstate(invalid="ignore"):
        final = compensator[index] - np.where(event, jump[index], 0.0)
        if not len(entry):
            gone = np.cumsum(np.bincount(index, squares * final * final, minlength=m))
            later = np.bincount(index, squares, minlength=m)[:0:-1].cumsum()[::-1]
            variance: FloatArray = gone + compensator * compensator * np.append(later, 0.0)
            return variance
        first = np.searchsorted(time * (1.0 - SAME_TIME), entry, side="right")
        before = np.concatenate(([0.0], compensator))[first]
        total: FloatArray = np.cumsum(
            np.bincount(index, squares * (final - before) ** 2, minlength=m)
        )
        # The square of C(t) - C(e) summed over those still followed, by powers of C(e).
        for power, factor in enumerate((compensator * compensator, -2.0 * compensator, 1.0)):
            value = squares * before**power
            entering = np.bincount(first, value, minlength=m)
            total += factor * np.cumsum(entering - np.bincount(index, value, minlength=m))
        return total
