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


def log_variance(
    event: BoolArray,
    weights: NumberArray,
    entry: FloatArray,
    index: IntArray,
    time: FloatArray,
    events: NumberArray,
    risk: NumberArray,
    left: NumberArray,
) -> FloatArray:
    """Return the variance of the logarithm of survival after each time.

    Parameters
    ----------
    event, weights, entry, index : array (n,)
        Of each subject: event, weight, time of entry (empty when all are followed from 0), and
        row of its time.
    time, events, risk, left : array (m,)
        Rows: time, and weight with an event, at risk, and at risk without event.

    Notes
    -----
    The derivative of log S(t) by the weight of subject i, followed from e to T, is
    G(min(t, T)) - G(min(t, e)) - (1 / left at T, if T is an event and T <= t), where G is
    Greenwood's sum of events / (risk x left). The variance is the sum of squares of weight times
    derivative; it is built from those who have left by t, and those still followed.
    """
    m = len(time)
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(events / (risk * left.astype(np.float64)))
        hazard = 1.0 / left
        squares = weights.astype(np.float64) ** 2
        final = greenwood[index] - np.where(event, hazard[index], 0.0)
        if not len(entry):
            gone = np.cumsum(np.bincount(index, squares * final * final, minlength=m))
            later = np.bincount(index, squares, minlength=m)[:0:-1].cumsum()[::-1]
            variance: FloatArray = gone + greenwood * greenwood * np.append(later, 0.0)
            return variance
        first = np.searchsorted(time * (1.0 - SAME_TIME), entry, side="right")
        before = np.concatenate(([0.0], greenwood))[first]
        total: FloatArray = np.cumsum(
            np.bincount(index, squares * (final - before) ** 2, minlength=m)
        )
        # The square of G(t) - G(e) summed over those still followed, by powers of G(e).
        for power, factor in enumerate((greenwood * greenwood, -2.0 * greenwood, 1.0)):
            value = squares * before**power
            entering = np.bincount(first, value, minlength=m)
            total += factor * np.cumsum(entering - np.bincount(index, value, minlength=m))
        return total
