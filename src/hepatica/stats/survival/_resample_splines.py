"""Smooth calibration in many resamples at once: a restricted cubic spline of the score.

Sources: Harrell, Regression Modeling Strategies, 2nd ed., Springer 2015, section 2.4.5 (the spline
with linear tails); Austin, Harrell and van Klaveren, Stat Med 2020;39:2714 (calibration curve of
survival by a spline of the complementary log-log of the prediction, with three knots).
"""

from __future__ import annotations

import numpy as np

from hepatica.stats._checks import FloatArray, IntArray
from hepatica.stats.survival._cox_rows import RowLikelihood, Rows
from hepatica.stats.survival._cox_rows_newton import CoxStatus, RowEstimates, maximise_rows
from hepatica.stats.survival.cox_batch import Resampled

_SHARES = (0.1, 0.5, 0.9)
#: Knots nearer than this share of their range count as one.
_APART = 1e-9


def knots_of(score: FloatArray, counts: IntArray) -> FloatArray:
    """Return the 10th, 50th and 90th percentile of the score in each resample: (b, 3).

    Parameters
    ----------
    score : float array (b, n)
        Score of each subject.
    counts : int array (b, n)
        How often it is in the resample.

    Notes
    -----
    Linear between order statistics, as R's ``quantile`` of the drawn subjects.
    """
    order = np.argsort(score, axis=1)
    ordered = np.take_along_axis(score, order, axis=1)
    upto = np.cumsum(np.take_along_axis(counts, order, axis=1), axis=1)
    total = upto[:, -1]
    found = np.empty((len(score), len(_SHARES)))
    row = np.arange(len(score))
    for column, share in enumerate(_SHARES):
        # As R's quantile has it: rounding must not take the next order statistic.
        place = (total - 1) * share
        low = np.floor(place + 4 * np.finfo(float).eps)
        part = np.where(np.abs(place - low) < 1e-12 * np.maximum(place, 1.0), 0.0, place - low)
        first = (upto > low[:, None]).argmax(axis=1)
        second = (upto > np.minimum(low + 1, total - 1)[:, None]).argmax(axis=1)
        lower, upper = ordered[row, first], ordered[row, second]
        found[:, column] = np.where(part == 0.0, lower, (1.0 - part) * lower + part * upper)
    return found


def basis(score: FloatArray, knots: FloatArray) -> FloatArray:
    """Return the two columns of the spline: (b, n, 2); the second is 0 where knots coincide."""
    first, middle, last = (knots[:, place, None] for place in range(3))
    width = last - first
    scale = np.maximum(np.abs(knots).max(axis=1, keepdims=True), 1e-300)
    apart = np.minimum(middle - first, last - middle) > _APART * np.maximum(width, _APART * scale)
    with np.errstate(divide="ignore", invalid="ignore"):
        curved = (
            _cube(score - first)
            - _cube(score - middle) * width / (last - middle)
            + _cube(score - last) * (middle - first) / (last - middle)
        ) / width**2
    return np.stack((score, np.where(apart, curved, 0.0)), axis=-1)


def _cube(values: FloatArray) -> FloatArray:
    found: FloatArray = np.maximum(values, 0.0) ** 3
    return found


def fit_scores(shared: Resampled, columns: FloatArray, counts: IntArray, efron: bool) -> FloatArray:
    """Return coefficients (b, p) of columns that differ between resamples (b, n, p).

    They begin at 1 and 0, where a calibrated score ends; NaN without a finite estimate.
    """
    b, _, p = columns.shape
    rows = shared.resampled(counts)
    centred = columns - columns.mean(axis=1, keepdims=True)
    x = np.zeros((p, len(shared.end), b))
    x[:, shared.there] = centred[:, shared.subject].transpose(2, 1, 0)
    end = np.ascontiguousarray(np.broadcast_to(shared.end[:, None], (len(shared.end), b)))
    made = RowEstimates.empty(b, p)
    begin = np.zeros((b, p))
    begin[:, 0] = 1.0
    likelihood = RowLikelihood(
        Rows(runs=rows.runs, x=x, count=rows.count, event=rows.event, end=end), efron
    )
    with np.errstate(all="ignore"):
        maximise_rows(likelihood, begin, efron, made, np.arange(b))
    return np.where(made.status[:, None] == CoxStatus.FITTED, made.coef, np.nan)
