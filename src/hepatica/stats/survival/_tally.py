"""From subjects to counts at distinct times: the step that all estimators share.

Times on a lattice (whole days, or months to two decimals) are counted, not sorted. Other times
are sorted once for each group, without an index sort.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hepatica.stats._checks import FloatArray, IntArray

#: Times nearer than this share of their size are the same time: it absorbs the rounding of
#: arithmetic such as 0.1 + 0.2 against 0.3, and no measured difference.
SAME_TIME = 1e-12

_DECIMALS = (1, 100)


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """Events and censorings at distinct times.

    Attributes
    ----------
    time : float array (m,)
        Distinct times at which somebody of any group has an event or is censored, rising.
    events, censored : int array (k, m)
        Subjects of each group.
    """

    time: FloatArray
    events: IntArray
    censored: IntArray


def tally(
    time: npt.NDArray[Any], event: npt.NDArray[np.bool_], position: IntArray, k: int
) -> Tally:
    """Count events and censorings of `k` groups at each distinct time.

    Parameters
    ----------
    time : array (n,)
        Checked times.
    event : bool array (n,)
        Events.
    position : int array (n,)
        Group of each subject, 0 to k - 1.
    k : int
        Number of groups.
    """
    for scale in _DECIMALS:
        whole = _lattice(time, scale)
        if whole is None:
            continue
        width = int(whole.max()) + 1
        if 2 * k * width <= max(1 << 16, 4 * len(time)):
            return compress(dense_counts(whole, event, position, k, width), scale)
    return _tally_by_sorting(time.astype(np.float64, copy=False), event, position, k)


def dense_counts(
    whole: IntArray, event: npt.NDArray[np.bool_], position: IntArray, k: int, width: int
) -> IntArray:
    """Count subjects by group, event (0 censored, 1 event) and whole time: (k, 2, width)."""
    cell = whole + event * np.int64(width)
    if k > 1:
        cell += position * np.int64(2 * width)
    counts = np.bincount(cell, minlength=2 * k * width)
    return counts.astype(np.int64, copy=False).reshape(k, 2, width)


def compress(counts: IntArray, scale: int = 1) -> Tally:
    """Keep the times at which somebody has an event or is censored."""
    used = np.flatnonzero(counts.sum(axis=(0, 1)))
    kept = counts[:, :, used]
    return Tally(time=used / scale, events=kept[:, 1], censored=kept[:, 0])


def _lattice(time: npt.NDArray[Any], scale: int) -> IntArray | None:
    if time.dtype.kind == "i":
        return time
    if float(time.max()) * scale > 1e15:
        return None
    whole = np.rint(time * scale).astype(np.int64)
    return whole if np.array_equal(whole / scale, time) else None


def _tally_by_sorting(
    time: FloatArray, event: npt.NDArray[np.bool_], position: IntArray, k: int
) -> Tally:
    ordered = np.sort(time)
    step = np.diff(ordered)
    last = np.append(step > SAME_TIME * ordered[1:], True)
    # The last of a run of equal times is its upper end, so that a search "right" finds them all.
    upper = ordered[last]
    first = np.concatenate(([True], last[:-1]))
    events = np.empty((k, len(upper)), dtype=np.int64)
    censored = np.empty_like(events)
    for group in range(k):
        inside = position == group
        events[group] = _count_up_to(time[inside & event], upper)
        censored[group] = _count_up_to(time[inside & ~event], upper)
    return Tally(time=ordered[first], events=events, censored=censored)


def _count_up_to(time: FloatArray, upper: FloatArray) -> IntArray:
    reached = np.searchsorted(np.sort(time), upper, side="right")
    return np.diff(reached, prepend=0).astype(np.int64, copy=False)


def at_risk(removed: IntArray) -> IntArray:
    """Return how many subjects are left just before each time (last axis)."""
    # Everyone at a time is at risk there: events come before censorings.
    left: IntArray = np.cumsum(removed[..., ::-1], axis=-1)[..., ::-1]
    return left
