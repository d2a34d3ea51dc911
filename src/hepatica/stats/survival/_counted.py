"""One group counted: what the estimators of a curve are given, however it was counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray
from hepatica.stats.survival._entry import check_entries, entered_before
from hepatica.stats.survival._jackknife import jackknife_variance
from hepatica.stats.survival._tally import BoolArray, new_times, tally

NumberArray = npt.NDArray[Any]

#: Squares of larger weights could not be summed.
_LARGEST_WEIGHT = 1e100
#: Sums over those who are still followed hold no digit of a weight so much smaller than another.
_WIDEST_WEIGHTS = 1e6

#: No delayed entry, and no variance beyond the counts.
NONE: FloatArray = np.empty(0)
NOBODY: IntArray = np.empty(0, dtype=np.int64)
NONE.flags.writeable = NOBODY.flags.writeable = False


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """Events, censorings and subjects at risk of one group; every row has somebody leaving.

    Attributes
    ----------
    time : float array (m,)
        Distinct times, rising.
    events, censored, risk, left : array (m,)
        Subjects or sums of weights: with an event, censored, at risk, and at risk without event.
        `left` is exactly 0 where all at risk have the event.
    n, n_events : int
        Subjects, and those with an event.
    entry, entered : array (e,)
        Distinct times of delayed entry and who enters then; empty when all are there from 0.
    number : int array (m,)
        Subjects with an event, never weighted.
    log_variance, hazard_variance : float array (m,) or (0,)
        Robust variance of the logarithm of survival and of the cumulative hazard, when it was
        asked for.
    """

    time: FloatArray
    events: NumberArray
    censored: NumberArray
    risk: NumberArray
    left: NumberArray
    n: int
    n_events: int
    entry: FloatArray
    entered: NumberArray
    number: IntArray
    log_variance: FloatArray
    hazard_variance: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Subjects:
    """Checked subjects; `weights` and `entry` are empty when there are none.

    Attributes
    ----------
    time, event, weights, entry : array (n,)
        In the order given.
    """

    time: npt.NDArray[Any]
    event: BoolArray
    weights: NumberArray
    entry: FloatArray

    def reversed(self) -> Subjects:
        """Return the subjects with censoring as the event."""
        return Subjects(self.time, ~self.event, self.weights, self.entry)

    def chosen(self, inside: BoolArray) -> Subjects:
        """Return some of the subjects."""
        return Subjects(
            self.time[inside],
            self.event[inside],
            self.weights[inside] if len(self.weights) else NONE,
            self.entry[inside] if len(self.entry) else NONE,
        )


def check_subjects(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    weights: npt.ArrayLike | None,
    entry: npt.ArrayLike | None,
) -> Subjects:
    """Return checked arrays."""
    checked = _checks.times(time)
    flags = _checks.events(event, len(checked))
    if weights is None and entry is None:
        return Subjects(checked, flags, NONE, NONE)
    return Subjects(
        checked,
        flags,
        NONE if weights is None else check_weights(weights, len(checked)),
        NONE if entry is None else check_entries(entry, checked),
    )


def check_weights(weights: npt.ArrayLike, n: int) -> NumberArray:
    """Return weights as int64 or float64; they are not negative, and not all 0."""
    array = _checks.numbers("weights", weights)
    _checks.check_length("weights", array, n)
    if array.min() < 0:
        bad = int(np.count_nonzero(array < 0))
        raise InputError(f"weights must not be negative; {bad} of {n} values are.")
    if array.max() == 0:
        raise InputError("weights must not all be 0.")
    if array.max() > _LARGEST_WEIGHT:
        raise InputError("weights must be below 1e100; scale them to a mean of 1.")
    return array.astype(np.float64 if array.dtype.kind == "f" else np.int64, copy=False)


def count_plain(time: npt.ArrayLike, event: npt.ArrayLike) -> Counted:
    """Check and count subjects without weights and delayed entry, reading each array once."""
    checked = _checks.times(time)
    flags = _unread_events(event, len(checked))
    counts = tally(checked, flags, NOBODY, 1)
    rows = (counts.time, counts.events[0], counts.censored[0])
    return _whole_counts(len(checked), *rows, NONE, NOBODY)


def count_plain_groups(
    time: npt.ArrayLike, event: npt.ArrayLike, group: npt.ArrayLike
) -> tuple[IntArray, list[Counted]]:
    """Return the codes of groups, and each counted, as `count_plain` does."""
    checked = _checks.times(time)
    flags = _unread_events(event, len(checked))
    found, position = _checks.codes("group", group, len(checked))
    counts = tally(checked, flags, position, len(found))
    pairs = zip(counts.events, counts.censored, strict=True)
    return found, [from_counts(counts.time, events, censored) for events, censored in pairs]


def _unread_events(event: npt.ArrayLike, n: int) -> BoolArray | IntArray:
    """Return checked events, or integers of the right shape that `tally` checks as it counts."""
    if isinstance(event, np.ndarray) and event.dtype == np.int64 and event.shape == (n,):
        return event
    return _checks.events(event, n)


def count_one(subjects: Subjects, *, robust: bool = False) -> Counted:
    """Count subjects as one group."""
    if len(subjects.weights) or robust:
        return _count_weighted(subjects, robust=robust)
    counts = tally(subjects.time, subjects.event, NOBODY, 1)
    rows = (counts.time, counts.events[0], counts.censored[0])
    return _whole_counts(len(subjects.time), *rows, *_starts(subjects.entry))


def count_each(
    subjects: Subjects, position: IntArray, k: int, *, robust: bool = False
) -> list[Counted]:
    """Count subjects of each of `k` groups."""
    return [count_one(subjects.chosen(position == group), robust=robust) for group in range(k)]


def from_counts(
    time: FloatArray,
    events: IntArray,
    censored: IntArray,
    entry: FloatArray = NONE,
    entered: IntArray = NOBODY,
) -> Counted:
    """Make the value from whole numbers of subjects; rows without any are dropped."""
    removed = events + censored
    if not removed.all():
        rows = np.flatnonzero(removed)
        time, events, censored = time[rows], events[rows], censored[rows]
    return _whole_counts(int(removed.sum()), time, events, censored, entry, entered)


def _whole_counts(
    n: int,
    time: FloatArray,
    events: IntArray,
    censored: IntArray,
    entry: FloatArray,
    entered: IntArray,
) -> Counted:
    if not len(entry) and n == len(time):
        # Nobody leaves at the time of another.
        risk: IntArray = np.arange(n, 0, -1)
    else:
        risk = (events + censored)[::-1].cumsum()[::-1]
    if len(entry):
        # Those who leave at or after a time, less those who enter at or after it.
        risk = risk - n + entered_before(entry, entered, time)
    left = risk - events
    n_events = int(events.sum())
    return Counted(
        time, events, censored, risk, left, n, n_events, entry, entered, events, NONE, NONE
    )


def _starts(entry: FloatArray) -> tuple[FloatArray, IntArray]:
    if not len(entry):
        return NONE, NOBODY
    starts, number = np.unique(entry, return_counts=True)
    return starts, number.astype(np.int64, copy=False)


def _count_weighted(subjects: Subjects, *, robust: bool) -> Counted:
    if not len(subjects.weights):
        ones = np.ones(len(subjects.time), dtype=np.int64)
        subjects = Subjects(subjects.time, subjects.event, ones, subjects.entry)
    elif subjects.weights.min() == 0:
        # A subject of weight 0 is not there: its time is no row.
        subjects = subjects.chosen(subjects.weights > 0)
        if not len(subjects.time):
            raise InputError("In each group some weights must be above 0.")
    if robust and len(subjects.entry):
        _check_spread(subjects.weights)
    time, index = _time_index(subjects.time)
    m, event, weights = len(time), subjects.event, subjects.weights
    events = _sums(index[event], weights[event], m)
    censored = _sums(index[~event], weights[~event], m)
    entry, entered = NONE, weights[:0]
    if len(subjects.entry):
        entry, place = np.unique(subjects.entry, return_inverse=True)
        entered = _sums(place, weights, len(entry))
        risk, left = _late_risk(subjects, index, time, events, censored)
    else:
        removed = events + censored
        risk = removed[::-1].cumsum()[::-1]
        # Not risk less events: when few weigh little, that difference would be rounding.
        left = risk - removed + censored
        left[:-1] = risk[1:] + censored[:-1]
        left[-1] = censored[-1]
    n, number = len(event), np.bincount(index[event], minlength=m)
    log_variance = hazard_variance = NONE
    if robust:
        with np.errstate(divide="ignore"):
            subject = (event, weights, subjects.entry, index, time)
            greenwood = np.cumsum(events / (risk * left.astype(np.float64)))
            log_variance = jackknife_variance(*subject, greenwood, 1.0 / left)
            summed = np.cumsum(events / risk.astype(np.float64) ** 2)
            hazard_variance = jackknife_variance(*subject, summed, 1.0 / risk)
    return Counted(
        time=time,
        events=events,
        censored=censored,
        risk=risk,
        left=left,
        n=n,
        n_events=int(number.sum()),
        entry=entry,
        entered=entered,
        number=number,
        log_variance=log_variance,
        hazard_variance=hazard_variance,
    )


def _check_spread(weights: NumberArray) -> None:
    if weights.max() > _WIDEST_WEIGHTS * weights.min():
        raise InputError(
            "With delayed entry and a robust variance the largest weight must be at most a million "
            "times the smallest; truncate the weights."
        )


def _late_risk(
    subjects: Subjects,
    index: IntArray,
    time: FloatArray,
    events: NumberArray,
    censored: NumberArray,
) -> tuple[NumberArray, NumberArray]:
    """Return the weight at risk, and at risk without event, with delayed entry."""
    whole = from_counts(
        time,
        np.bincount(index[subjects.event], minlength=len(time)),
        np.bincount(index[~subjects.event], minlength=len(time)),
        *_starts(subjects.entry),
    )
    entry, place = np.unique(subjects.entry, return_inverse=True)
    entered = _sums(place, subjects.weights, len(entry))
    removed = events + censored
    risk = entered_before(entry, entered, time) - (removed.cumsum() - removed)
    left = risk - events
    # Sums of weights that cancel leave rounding; the numbers of subjects say where nobody is left.
    nobody = whole.left == 0
    risk[nobody] = events[nobody]
    left[nobody] = 0
    return risk, left


def _sums(index: IntArray, weights: NumberArray, m: int) -> NumberArray:
    total: NumberArray = np.bincount(index, weights=weights, minlength=m)
    return np.rint(total).astype(np.int64) if weights.dtype.kind == "i" else total


def _time_index(time: npt.NDArray[Any]) -> tuple[FloatArray, IntArray]:
    """Return distinct times, rising, and the row of each subject among them."""
    if time.dtype.kind == "i":
        longest = int(time.max())
        if longest < max(1 << 16, 4 * len(time)):
            present = np.bincount(time, minlength=longest + 1) > 0
            return np.flatnonzero(present).astype(np.float64), (np.cumsum(present) - 1)[time]
    floats = time.astype(np.float64, copy=False)
    order = np.argsort(floats)
    ordered = floats[order]
    first = new_times(ordered)
    index = np.empty(len(time), dtype=np.int64)
    index[order] = np.cumsum(first) - 1
    return ordered[first], index
