"""Curves of many data sets, and where they and their limits cross a level."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hepatica.stats._checks import FloatArray, IntArray
from hepatica.stats.survival._batch import BoolArray, sorted_rows
from hepatica.stats.survival._crossing import ON_THE_LEVEL
from hepatica.stats.survival._limits import pointwise_limits
from hepatica.stats.survival._tally import SAME_TIME


@dataclass(frozen=True, slots=True, eq=False)
class BatchOptions:
    """What is asked of each curve."""

    p: float
    at: FloatArray
    conf_type: str
    conf_level: float
    z: float
    median_rule: str


@dataclass(frozen=True, slots=True, eq=False)
class CurveRows:
    """Curves of a block: `time` (b, m) or (1, m); `valid` marks the ends of tied times."""

    time: FloatArray
    survival: FloatArray
    log_std_error: FloatArray
    valid: BoolArray
    first_time: FloatArray
    last_time: FloatArray


def curve_rows(block: npt.NDArray[Any], event: BoolArray, group: IntArray, scale: int) -> CurveRows:
    """Make the curve of each row of subjects."""
    rows = sorted_rows(block, event, group, 1)
    n = block.shape[1]
    left = np.arange(n, 0, -1, dtype=np.float64)
    # Tied events leave one after the other: the product and the sum telescope to the tied ones.
    one = rows.event.astype(np.float64)
    survival: FloatArray = np.cumprod(1.0 - one / left, axis=1, dtype=np.float64)
    one *= 1.0 / (left * np.maximum(left - 1.0, 1.0))
    log_std_error = np.sqrt(np.cumsum(one, axis=1))
    ordered = rows.time if scale == 1 else rows.time / scale
    return CurveRows(
        time=ordered,
        survival=survival,
        log_std_error=log_std_error,
        valid=rows.last,
        first_time=ordered[:, 0].astype(np.float64),
        last_time=ordered[:, -1].astype(np.float64),
    )


def weighted_curve_rows(time: FloatArray, events: FloatArray, removed: FloatArray) -> CurveRows:
    """Make curves on common times (m,) from numbers of events and of subjects who leave (b, m)."""
    risk = np.cumsum(removed[:, ::-1], axis=1)[:, ::-1]
    safe = np.maximum(risk, 1.0)
    survival: FloatArray = np.cumprod((safe - events) / safe, axis=1, dtype=np.float64)
    left = np.maximum(risk - events, 1.0)
    # Where all have the event survival is 0, and the standard error is not used.
    log_std_error = np.sqrt(np.cumsum(events / (safe * left), axis=1))
    highest = removed.shape[1] - 1 - (removed[:, ::-1] > 0.0).argmax(axis=1)
    return CurveRows(
        time=time[np.newaxis],
        survival=survival,
        log_std_error=log_std_error,
        valid=np.ones((1, len(time)), dtype=np.bool_),
        first_time=time[(removed > 0.0).argmax(axis=1)],
        last_time=time[highest],
    )


def crossings(curves: CurveRows, options: BatchOptions) -> FloatArray:
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


def _crossing(
    curves: CurveRows, reached: BoolArray, which: int, options: BatchOptions
) -> FloatArray:
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
    curves: CurveRows, place: tuple[IntArray, ...], which: int, options: BatchOptions
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
        margin: FloatArray = MARGINS[conf_type](survival, level)
    return margin


def _log_log_margin(survival: FloatArray, level: float) -> FloatArray:
    log_survival: FloatArray = np.log(survival)
    return log_survival * (np.log(-log_survival) - math.log(-math.log(level)))


def _logit_margin(survival: FloatArray, level: float) -> FloatArray:
    logit: FloatArray = np.log(survival / (1.0 - survival))
    return (1.0 - survival) * (logit - math.log(level / (1.0 - level)))


def _arcsine_margin(survival: FloatArray, level: float) -> FloatArray:
    arc: FloatArray = np.arcsin(np.sqrt(survival)) - math.asin(math.sqrt(level))
    return 2.0 * np.sqrt((1.0 - survival) / survival) * arc


def _wilson_margin(survival: FloatArray, level: float) -> FloatArray:
    odds: FloatArray = np.sqrt((1.0 - survival) / survival)
    return odds * (survival - level) / math.sqrt(level * (1.0 - level))


def _log_margin(survival: FloatArray, level: float) -> FloatArray:
    margin: FloatArray = np.log(survival) - math.log(level)
    return margin


def _plain_margin(survival: FloatArray, level: float) -> FloatArray:
    return (survival - level) / survival


MARGINS: dict[str, Callable[[FloatArray, float], FloatArray]] = {
    "log-log": _log_log_margin,
    "log": _log_margin,
    "plain": _plain_margin,
    "logit": _logit_margin,
    "arcsine": _arcsine_margin,
    "rothman-wilson": _wilson_margin,
}


def landmark_rows(curves: CurveRows, wanted: float, options: BatchOptions) -> FloatArray:
    """Return survival, standard error and limits at one time: `KaplanMeier.at` by row."""
    before = np.count_nonzero(curves.time <= wanted * (1.0 + SAME_TIME), axis=1)
    row = np.arange(len(curves.survival))
    place = np.broadcast_to(np.maximum(before - 1, 0), row.shape)
    started = curves.first_time <= wanted * (1.0 + SAME_TIME)
    survival = np.where(started, curves.survival[row, place], 1.0)
    log_std_error = np.where(started, curves.log_std_error[row, place], 0.0)
    lower, upper = pointwise_limits(survival, log_std_error, options.z, options.conf_type)
    missing = survival == 0.0
    if options.conf_type not in ("log", "plain"):
        missing |= survival == 1.0
    lower[missing], upper[missing] = np.nan, np.nan
    std_error = np.where(survival > 0.0, survival * log_std_error, np.nan)
    past = (wanted > curves.last_time * (1.0 + SAME_TIME)) & (curves.survival[:, -1] > 0.0)
    # Before the first row the curve is 1 without doubt.
    lower[~started], upper[~started] = 1.0, 1.0
    answer = np.stack([survival, std_error, lower, upper])
    answer[:, past] = np.nan
    return answer
