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
from hepatica.stats.survival._batch import (
    BoolArray,
    blocks,
    events_of_rows,
    sorted_rows,
    times_of_rows,
)
from hepatica.stats.survival._crossing import MEDIAN_RULES, ON_THE_LEVEL
from hepatica.stats.survival._limits import CONF_TYPES, pointwise_limits
from hepatica.stats.survival._risk_tables import time_index
from hepatica.stats.survival._tally import SAME_TIME


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


@dataclass(frozen=True, slots=True, eq=False)
class _Options:
    p: float
    at: FloatArray
    conf_type: str
    conf_level: float
    z: float
    median_rule: str


@dataclass(frozen=True, slots=True, eq=False)
class _Curves:
    """Curves of a block: `time` (b, m) or (1, m); `valid` marks the ends of tied times."""

    time: FloatArray
    survival: FloatArray
    log_std_error: FloatArray
    valid: BoolArray
    first_time: FloatArray
    last_time: FloatArray


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
        made.fill(part, _curves(block, flags[part], nobody, scale or 1), options)
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
        made.fill(part, _weighted_curves(distinct, events, removed), options)
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
    drawn = _checks.numbers("indices", indices, 2)
    if drawn.dtype.kind not in "iu" or drawn.min() < 0 or drawn.max() >= n:
        raise InputError(f"indices must be whole numbers from 0 to {n - 1}.")
    rows = len(drawn)
    cell = drawn.astype(np.int64) + n * np.arange(rows)[:, np.newaxis]
    counts: IntArray = np.bincount(cell.ravel(), minlength=rows * n).reshape(rows, n)
    return freeze(counts.astype(np.int64, copy=False))


def _options(
    landmarks: npt.ArrayLike, p: float, conf_type: str, conf_level: float, median_rule: str
) -> _Options:
    _checks.check_option("conf_type", conf_type, CONF_TYPES)
    _checks.check_option("median_rule", median_rule, MEDIAN_RULES)
    level = _checks.check_conf_level(conf_level)
    at = np.atleast_1d(np.asarray(landmarks, dtype=np.float64))
    at = _checks.times(at).astype(np.float64) if at.size else at
    z = float(ndtri(0.5 + level / 2.0))
    return _Options(_checks.check_probability("p", p), at, conf_type, level, z, median_rule)


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
    whole: IntArray = array.astype(np.int64, copy=False)
    if array.min() < 0 or (array.dtype.kind == "f" and not np.array_equal(whole, array)):
        raise InputError("weights must be whole numbers, not negative.")
    empty = int(np.count_nonzero(~whole.any(axis=1)))
    if empty:
        raise InputError(f"Every resample needs a subject; {empty} of {len(whole)} have none.")
    return whole


def _curves(block: npt.NDArray[Any], event: BoolArray, group: IntArray, scale: int) -> _Curves:
    rows = sorted_rows(block, event, group, 1)
    n = block.shape[1]
    left = np.arange(n, 0, -1, dtype=np.float64)
    # Tied events leave one after the other: the product and the sum telescope to the tied ones.
    one = rows.event.astype(np.float64)
    survival = np.cumprod(1.0 - one / left, axis=1)
    one *= 1.0 / (left * np.maximum(left - 1.0, 1.0))
    log_std_error = np.sqrt(np.cumsum(one, axis=1))
    ordered = rows.time if scale == 1 else rows.time / scale
    return _Curves(
        time=ordered,
        survival=survival,
        log_std_error=log_std_error,
        valid=rows.last,
        first_time=ordered[:, 0].astype(np.float64),
        last_time=ordered[:, -1].astype(np.float64),
    )


def _weighted_curves(time: FloatArray, events: FloatArray, removed: FloatArray) -> _Curves:
    risk = np.cumsum(removed[:, ::-1], axis=1)[:, ::-1]
    safe = np.maximum(risk, 1.0)
    survival = np.cumprod((safe - events) / safe, axis=1)
    left = np.maximum(risk - events, 1.0)
    # Where all have the event survival is 0, and the standard error is not used.
    log_std_error = np.sqrt(np.cumsum(events / (safe * left), axis=1))
    highest = removed.shape[1] - 1 - (removed[:, ::-1] > 0.0).argmax(axis=1)
    return _Curves(
        time=time[np.newaxis],
        survival=survival,
        log_std_error=log_std_error,
        valid=np.ones((1, len(time)), dtype=np.bool_),
        first_time=time[(removed > 0.0).argmax(axis=1)],
        last_time=time[highest],
    )


class _Made:
    """Answers, filled block by block."""

    __slots__ = ("quantile", "landmark")

    def __init__(self, rows: int, options: _Options) -> None:
        self.quantile = np.empty((3, rows))
        self.landmark = np.empty((4, rows, len(options.at)))

    def fill(self, part: slice, curves: _Curves, options: _Options) -> None:
        self.quantile[:, part] = _quantile(curves, options)
        for column, wanted in enumerate(options.at.tolist()):
            self.landmark[:, part, column] = _read(curves, wanted, options)

    def value(self, n: IntArray, n_events: IntArray, options: _Options) -> KaplanMeierBatch:
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


def _quantile(curves: _Curves, options: _Options) -> FloatArray:
    """Return when each curve and its limits reach the level: `crossing_time` by row."""
    level = 1.0 - options.p
    spread = options.z * curves.log_std_error
    # The limit at S lies below the level when the spread exceeds the margin between them: that
    # spares the way back from the scale of the limits.
    margin = _margin(curves.survival, level + ON_THE_LEVEL, options.conf_type)
    there = curves.valid & (curves.survival > 0.0)
    reached = (
        (curves.survival < level + ON_THE_LEVEL) & curves.valid,
        (spread > margin) & there,
        (spread < -margin) & there,
    )
    return np.stack([_crossing(curves, one, sign, options) for sign, one in enumerate(reached)])


def _crossing(curves: _Curves, reached: BoolArray, which: int, options: _Options) -> FloatArray:
    """Return the time of the first `True`, or what the rule makes of a flat step there.

    `which` is 0 for the curve, 1 and 2 for its lower and upper limit.
    """
    first = reached.argmax(axis=1)
    row = np.arange(len(reached))
    line = row if len(curves.time) > 1 else np.zeros_like(row)
    found = reached[row, first]
    crossing = np.where(found, curves.time[line, first], np.nan)
    if options.median_rule == "first_time":
        return crossing
    on_the_level = found & ~_is_below(curves, (row, first), which, options)
    flat = np.flatnonzero(on_the_level)
    if not len(flat):
        return crossing
    valid = curves.valid[flat] if len(curves.valid) > 1 else curves.valid
    below = _is_below(curves, (flat,), which, options) & valid
    second = below.argmax(axis=1)
    ends = below[np.arange(len(flat)), second]
    middle = (crossing[flat] + curves.time[line[flat], second]) / 2.0
    open_end = crossing[flat] if options.median_rule == "midpoint_or_first" else np.nan
    crossing[flat] = np.where(ends, middle, open_end)
    return crossing


def _is_below(
    curves: _Curves, place: tuple[IntArray, ...], which: int, options: _Options
) -> BoolArray:
    """Return whether the curve, or a limit, is below the level by more than rounding."""
    level = 1.0 - options.p - ON_THE_LEVEL
    survival = curves.survival[place]
    if which == 0:
        below: BoolArray = survival < level
        return below
    spread = options.z * curves.log_std_error[place]
    margin = _margin(survival, level, options.conf_type)
    below = (spread > margin) if which == 1 else (spread < -margin)
    return below & (survival > 0.0)


def _margin(survival: FloatArray, level: float, conf_type: str) -> FloatArray:
    """Return the spread of log survival at which a lower limit would be the level.

    It is what `pointwise_limits` solves for the limit, solved for the spread; negative below the
    level.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        if conf_type == "plain":
            return (survival - level) / survival
        if conf_type == "arcsine":
            odds = np.sqrt((1.0 - survival) / survival)
            arc: FloatArray = np.arcsin(np.sqrt(survival)) - np.arcsin(np.sqrt(level))
            return 2.0 * odds * arc
        if conf_type == "logit":
            logit = np.log(survival / (1.0 - survival)) - np.log(level / (1.0 - level))
            return (1.0 - survival) * logit
        log_survival: FloatArray = np.log(survival)
        if conf_type == "log":
            return log_survival - np.log(level)
        theta = np.log(-log_survival) - np.log(-np.log(level))
        return log_survival * theta


def _read(curves: _Curves, wanted: float, options: _Options) -> FloatArray:
    """Return survival, standard error and limits at one time: `KaplanMeier.at` by row."""
    before = np.count_nonzero(curves.time <= wanted * (1.0 + SAME_TIME), axis=1)
    row = np.arange(len(curves.survival))
    place = np.broadcast_to(np.maximum(before - 1, 0), row.shape)
    started = curves.first_time <= wanted * (1.0 + SAME_TIME)
    survival = np.where(started, curves.survival[row, place], 1.0)
    log_std_error = np.where(started, curves.log_std_error[row, place], 0.0)
    lower, upper = pointwise_limits(survival, log_std_error, options.z, options.conf_type)
    std_error = np.where(survival > 0.0, survival * log_std_error, np.nan)
    past = (wanted > curves.last_time * (1.0 + SAME_TIME)) & (curves.survival[:, -1] > 0.0)
    # Before the first row the curve is 1 without doubt.
    lower[~started], upper[~started] = 1.0, 1.0
    answer = np.stack([survival, std_error, lower, upper])
    answer[:, past] = np.nan
    return answer
