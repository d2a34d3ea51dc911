"""Kaplan-Meier medians and landmarks of many data sets at once.

The same answers as `kaplan_meier` for each row, without a loop over rows. Sources are those of
`kaplan_meier`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats.survival._batch import blocks, events_of_rows, times_of_rows
from hepatica.stats.survival._batch_curves import (
    MARGINS,
    BatchOptions,
    CurveRows,
    crossings,
    curve_rows,
    landmark_rows,
    weighted_curve_rows,
)
from hepatica.stats.survival._crossing import MEDIAN_RULES
from hepatica.stats.survival._risk_tables import time_index

#: Shares nearer to 0 or 1 would come near to the tolerance of being on a level.
_SMALLEST_SHARE = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class KaplanMeierBatch:
    """What r curves say; NaN is "not estimable" as for one curve.

    Attributes
    ----------
    n, n_events : int array (r,)
        Subjects and events of each data set.
    p : float
        The share of the quantile, 0.5 for the median.
    estimate, lower, upper : float array (r,)
        Time by which the share has had the event, with Brookmeyer-Crowley limits.
    time : float array (t,)
        Landmarks.
    survival, std_error, survival_lower, survival_upper : float array (r, t)
        Survival at the landmarks with Greenwood's standard error and pointwise limits.
    conf_type, conf_level, median_rule
        As given.
    """

    n: IntArray
    n_events: IntArray
    p: float
    estimate: FloatArray
    lower: FloatArray
    upper: FloatArray
    time: FloatArray
    survival: FloatArray
    std_error: FloatArray
    survival_lower: FloatArray
    survival_upper: FloatArray
    conf_type: str
    conf_level: float
    median_rule: str


def kaplan_meier_batch(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    *,
    landmarks: npt.ArrayLike = (),
    p: float = 0.5,
    conf_type: str = "log-log",
    conf_level: float = 0.95,
    median_rule: str = "midpoint_or_first",
) -> KaplanMeierBatch:
    """Estimate a quantile and landmarks of each of r data sets of n subjects.

    Parameters
    ----------
    time, event : array (r, n)
        As in `kaplan_meier`, one data set a row.
    landmarks : array (t,)
        Times at which survival is read.
    p : float
        The share of the quantile.
    conf_type, conf_level, median_rule
        As in `kaplan_meier`.

    Raises
    ------
    InputError
        If the arrays or options cannot be used.

    Notes
    -----
    Times that are neither whole numbers nor whole hundredths lose their last binary digit.

    Examples
    --------
    >>> batch = kaplan_meier_batch([[1, 2, 3, 4], [4, 3, 2, 2]], [[1, 1, 0, 1], [1, 0, 1, 1]],
    ...                            landmarks=[2])
    >>> batch.estimate.tolist(), batch.survival.ravel().tolist()
    ([3.0, 3.0], [0.5, 0.5])
    """
    options = _options(landmarks, p, conf_type, conf_level, median_rule)
    times = times_of_rows(time)
    flags = events_of_rows(event, times.shape)
    rows, n = times.shape
    scale = _scale(times)
    made = _Made(rows, options)
    nobody = np.zeros((1, 1), dtype=np.int64)
    for part in blocks(rows, n):
        block = times[part]
        if scale:
            block = np.rint(block * scale).astype(np.int64) if block.dtype.kind == "f" else block
        made.fill(part, curve_rows(block, flags[part], nobody, scale or 1), options)
    n_events = np.count_nonzero(flags, axis=1)
    return made.value(np.full(rows, n), n_events, options)


def kaplan_meier_bootstrap(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    weights: npt.ArrayLike,
    *,
    landmarks: npt.ArrayLike = (),
    p: float = 0.5,
    conf_type: str = "log-log",
    conf_level: float = 0.95,
) -> KaplanMeierBatch:
    """Estimate a quantile and landmarks of r resamples of one data set.

    Parameters
    ----------
    time, event : array (n,)
        As in `kaplan_meier`.
    weights : array (r, n)
        How often each subject is in each resample: whole numbers, not negative. Drawn indices
        become weights by `resample_weights`.
    landmarks, p, conf_type, conf_level
        As in `kaplan_meier_batch`; the rule for flat steps is ``midpoint_or_first``.

    Raises
    ------
    InputError
        If the arrays or options cannot be used, or a resample is empty.

    Examples
    --------
    >>> batch = kaplan_meier_bootstrap([1, 2, 3], [1, 1, 0], [[1, 1, 1], [0, 2, 1]], landmarks=[2])
    >>> batch.survival.ravel().round(3).tolist(), batch.estimate.tolist()
    ([0.333, 0.333], [2.0, 2.0])
    """
    options = _options(landmarks, p, conf_type, conf_level, "midpoint_or_first")
    checked = _checks.times(time).astype(np.float64)
    flags = _checks.events(event, len(checked))
    counts = _whole_weights(weights, len(checked))
    distinct, index = time_index(checked)
    order = np.argsort(index, kind="stable")
    starts = np.searchsorted(index[order], np.arange(len(distinct)))
    made = _Made(len(counts), options)
    for part in blocks(*counts.shape):
        block = counts[part][:, order].astype(np.float64)
        removed = np.add.reduceat(block, starts, axis=1)
        events = np.add.reduceat(block * flags[order], starts, axis=1)
        made.fill(part, weighted_curve_rows(distinct, events, removed), options)
    return made.value(counts.sum(axis=1), counts @ flags.astype(np.int64), options)


def resample_weights(indices: npt.ArrayLike, n: int) -> IntArray:
    """Count how often each of n subjects is in each resample.

    Parameters
    ----------
    indices : int array (r, m)
        Positions of the drawn subjects, 0 to n - 1.
    n : int
        Subjects.

    Examples
    --------
    >>> resample_weights([[0, 0, 2]], 3).tolist()
    [[2, 0, 1]]
    """
    drawn, n = _checks.numbers("indices", indices, 2), _checks.count("n", n)
    if drawn.dtype.kind not in "iu" or drawn.min() < 0 or drawn.max() >= n:
        raise InputError(f"indices must be whole numbers from 0 to {n - 1}.")
    rows = len(drawn)
    cell = drawn.astype(np.int64) + n * np.arange(rows)[:, np.newaxis]
    counts: IntArray = np.bincount(cell.ravel(), minlength=rows * n).reshape(rows, n)
    return freeze(counts.astype(np.int64, copy=False))


def _options(
    landmarks: npt.ArrayLike, p: float, conf_type: str, conf_level: float, median_rule: str
) -> BatchOptions:
    _checks.check_option("conf_type", conf_type, MARGINS)
    _checks.check_option("median_rule", median_rule, MEDIAN_RULES)
    level = _checks.check_conf_level(conf_level)
    given = np.atleast_1d(_checks.as_array("landmarks", landmarks))
    # A copy: it is kept read-only, and the caller's own array is not.
    at = _checks.times(given).astype(np.float64) if given.size else np.empty(0)
    z = float(ndtri(0.5 + level / 2.0))
    if not _SMALLEST_SHARE <= _checks.number("p", p) <= 1.0 - _SMALLEST_SHARE:
        raise InputError(
            f"p must lie between {_SMALLEST_SHARE} and {1.0 - _SMALLEST_SHARE}; it is {p!r}."
        )
    return BatchOptions(float(p), at, conf_type, level, z, median_rule)


def _scale(times: npt.NDArray[Any]) -> int:
    """Return what makes the times whole numbers, 0 when nothing does."""
    if times.dtype.kind == "i":
        return 1
    for scale in (1, 100):
        if float(times.max()) * scale < 1e15:
            # The first rows tell most of the time that the others need no look.
            probe = times[:1]
            if np.array_equal(np.rint(probe * scale) / scale, probe) and np.array_equal(
                np.rint(times * scale) / scale, times
            ):
                return scale
    return 0


def _whole_weights(weights: npt.ArrayLike, n: int) -> IntArray:
    array = _checks.numbers("weights", weights, 2)
    if array.shape[1] != n:
        raise InputError(f"weights must have one column for each time: {n}.")
    whole = _checks.whole(array, "weights must be whole numbers, not negative.")
    if whole.min() < 0:
        raise InputError("weights must be whole numbers, not negative.")
    empty = int(np.count_nonzero(~whole.any(axis=1)))
    if empty:
        raise InputError(f"Every resample needs a subject; {empty} of {len(whole)} have none.")
    return whole


class _Made:
    """Answers, filled block by block."""

    __slots__ = ("landmark", "quantile")

    def __init__(self, rows: int, options: BatchOptions) -> None:
        self.quantile = np.empty((3, rows))
        self.landmark = np.empty((4, rows, len(options.at)))

    def fill(self, part: slice, curves: CurveRows, options: BatchOptions) -> None:
        self.quantile[:, part] = crossings(curves, options)
        for column, wanted in enumerate(options.at.tolist()):
            self.landmark[:, part, column] = landmark_rows(curves, wanted, options)

    def value(self, n: IntArray, n_events: IntArray, options: BatchOptions) -> KaplanMeierBatch:
        for array in (n, n_events, self.quantile, self.landmark):
            freeze(array)
        return KaplanMeierBatch(
            n=n.astype(np.int64, copy=False),
            n_events=n_events.astype(np.int64, copy=False),
            p=options.p,
            estimate=self.quantile[0],
            lower=self.quantile[1],
            upper=self.quantile[2],
            time=freeze(options.at),
            survival=self.landmark[0],
            std_error=self.landmark[1],
            survival_lower=self.landmark[2],
            survival_upper=self.landmark[3],
            conf_type=options.conf_type,
            conf_level=options.conf_level,
            median_rule=options.median_rule,
        )
