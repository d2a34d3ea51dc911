"""From subjects to counts at distinct times: the step that all estimators share.

Times on a lattice (whole days, or months to two decimals) are counted block by block, without a
sort and without a copy of the data. Other times are sorted once for all groups, with the group and
the event packed below the bits of the time, so that no index is sorted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hepatica.stats._checks import FloatArray, IntArray

#: Times nearer than this share of their size are the same time: it absorbs the rounding of
#: arithmetic such as 0.1 + 0.2 against 0.3, and no measured difference.
SAME_TIME = 1e-12

BoolArray = npt.NDArray[np.bool_]

#: Steps of a lattice to a unit: whole numbers, and two decimals.
_SCALES = (1, 100)

#: Rows that are counted at a time: their cells stay in the cache of the processor.
_BLOCK = 1 << 15

#: Whole numbers above this cannot be told apart from their neighbours after scaling.
_LARGEST = 1e15

#: Values looked at first, to leave a lattice early that is none.
_GLANCE = 64

#: The smallest normal number read as an integer. Keys above it sort as numbers do.
_NORMAL = np.int64(1) << np.int64(52)


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


def tally(time: npt.NDArray[Any], event: BoolArray, position: IntArray, k: int) -> Tally:
    """Count events and censorings of `k` groups at each distinct time.

    Parameters
    ----------
    time : array (n,)
        Checked times.
    event : bool array (n,)
        Events.
    position : int array (n,)
        Group of each subject, 0 to k - 1; not read when `k` is 1.
    k : int
        Number of groups.
    """
    longest = float(time.max())
    for scale in (1,) if time.dtype.kind == "i" else _SCALES:
        width = longest * scale + 1.5
        if 2 * k * width > max(1 << 16, 4 * len(time)):
            break
        counts = _count(time, event, position, k, int(width), scale)
        if counts is not None:
            return compress(counts, scale)
    return _tally_by_sorting(time.astype(np.float64, copy=False), event, position, k)


def dense_counts(
    whole: IntArray, event: BoolArray, position: IntArray, k: int, width: int
) -> IntArray:
    """Count subjects by group, event (0 censored, 1 event) and whole time: (k, 2, width)."""
    counts = _count(whole, event, position, k, width, 1)
    if counts is None:
        raise ValueError("Whole times are on their lattice.")
    return counts


def _count(
    time: npt.NDArray[Any], event: BoolArray, position: IntArray, k: int, width: int, scale: int
) -> IntArray | None:
    """Return counts (k, 2, width), or nothing when a time is not on the lattice."""
    whole = _whole_ints if time.dtype.kind == "i" else _whole_floats
    if whole(time[:_GLANCE], scale) is None:
        return None
    cells = 2 * k * width
    # A block is not shorter than the table: adding tables would cost more than counting.
    step = max(_BLOCK, cells)
    if len(time) <= step:
        counts = _count_block(time, event, position, k, width, scale, whole)
    else:
        counts = np.zeros(cells, dtype=np.int64)
        for start in range(0, len(time), step):
            block = slice(start, start + step)
            part = _count_block(time[block], event[block], position[block], k, width, scale, whole)
            if part is None:
                return None
            counts += part
    return None if counts is None else counts.reshape(k, width, 2).transpose(0, 2, 1)


def _count_block(
    time: npt.NDArray[Any],
    event: BoolArray,
    position: IntArray,
    k: int,
    width: int,
    scale: int,
    whole: Callable[[npt.NDArray[Any], int], IntArray | None],
) -> IntArray | None:
    steps = whole(time, scale)
    if steps is None:
        return None
    if k > 1:
        cell = position * np.int64(width)
        cell += steps
        cell <<= 1
    else:
        cell = steps << 1
    cell |= event
    counts: IntArray = np.bincount(cell, minlength=2 * k * width)
    return counts


def _whole_ints(time: npt.NDArray[Any], _scale: int) -> IntArray | None:
    return time


def _whole_floats(time: FloatArray, scale: int) -> IntArray | None:
    whole = np.rint(time * scale) if scale > 1 else np.rint(time)
    if not np.array_equal(whole / scale if scale > 1 else whole, time):
        return None
    return whole.astype(np.int64)


def compress(counts: IntArray, scale: int = 1) -> Tally:
    """Keep the times at which somebody has an event or is censored."""
    censored, events = counts[:, 0], counts[:, 1]
    removed = events | censored
    used = np.flatnonzero(removed[0] if len(counts) == 1 else removed.any(axis=0))
    time = used / scale if scale > 1 else used.astype(np.float64)
    return Tally(time=time, events=events[:, used], censored=censored[:, used])


def _tally_by_sorting(time: FloatArray, event: BoolArray, position: IntArray, k: int) -> Tally:
    bits = (2 * k - 1).bit_length()
    base = _base(time)
    if (_bits(float(time.max())) - base) >> (61 - bits):
        # Times of so wide a range, or groups so many, that no bits are free.
        order = np.argsort(time)
        code = event[order].astype(np.int64)
        if k > 1:
            code += position[order] << 1
        return _tally_of_sorted(time[order], code, k)
    keys = _keys(time, event, position, k, base, bits)
    # The order of positive numbers is that of their bits, and numbers sort faster.
    keys.view(np.float64).sort()
    keys -= _NORMAL
    code = keys & np.int64((1 << bits) - 1)
    keys >>= bits
    at_zero = np.searchsorted(keys, 1)
    keys += base
    keys[:at_zero] = 0
    return _tally_of_sorted(keys.view(np.float64), code, k)


def _bits(value: float) -> int:
    return int(np.float64(value).view(np.int64))


def _base(time: FloatArray) -> int:
    """Return a number just below the bits of the smallest positive time."""
    positive = float(np.min(time, where=time > 0.0, initial=np.inf))
    return _bits(positive) - 1 if positive < np.inf else 0


def _keys(
    time: FloatArray, event: BoolArray, position: IntArray, k: int, base: int, bits: int
) -> IntArray:
    """Return time, group and event of each subject in one integer; a time of 0 becomes 0."""
    keys: IntArray = np.maximum(time.view(np.int64), base)
    keys -= base
    keys <<= bits
    if k > 1:
        keys += position << 1
    keys += event
    keys += _NORMAL
    return keys


def _tally_of_sorted(ordered: FloatArray, code: IntArray, k: int) -> Tally:
    first = new_times(ordered)
    n, m = len(ordered), int(np.count_nonzero(first))
    if k == 1:
        if m == n:
            return Tally(time=ordered, events=code[None], censored=(1 - code)[None])
        starts = np.flatnonzero(first)
        events = np.add.reduceat(code, starts)
        removed = np.diff(starts, append=n)
        return Tally(time=ordered[starts], events=events[None], censored=(removed - events)[None])
    cell: IntArray = np.cumsum(first)
    cell -= 1
    cell *= 2 * k
    cell += code
    counts = np.bincount(cell, minlength=2 * k * m).reshape(m, k, 2)
    return Tally(
        time=ordered[first],
        events=np.ascontiguousarray(counts[:, :, 1].T),
        censored=np.ascontiguousarray(counts[:, :, 0].T),
    )


def new_times(ordered: FloatArray) -> BoolArray:
    """Return, for each of rising times, whether it is later than the one before."""
    first = np.empty(len(ordered), dtype=np.bool_)
    first[:1] = True
    later = ordered[1:]
    np.greater(later - ordered[:-1], SAME_TIME * later, out=first[1:])
    return first


def at_risk(removed: IntArray) -> IntArray:
    """Return how many subjects are left just before each time (last axis)."""
    # Everyone at a time is at risk there: events come before censorings.
    left: IntArray = np.cumsum(removed[..., ::-1], axis=-1)[..., ::-1]
    return left
