"""From subjects to counts at distinct times: the step that all estimators share.

Times on a lattice (whole days, or months to two decimals) are counted block by block, without a
sort and without a copy of the data. Other times are sorted once for all groups, with the group and
the event packed below the bits of the time, so that no index is sorted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hepatica.stats import _checks
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


def tally(time: npt.NDArray[Any], event: BoolArray | IntArray, position: IntArray, k: int) -> Tally:
    """Count events and censorings of `k` groups at each distinct time.

    Parameters
    ----------
    time : array (n,)
        Checked times, int64 or float64.
    event : bool or int64 array (n,)
        Events; integers other than 0 and 1 are refused here, so that they are read once.
    position : int array (n,)
        Group of each subject, 0 to k - 1; not read when `k` is 1.
    k : int
        Number of groups.

    Raises
    ------
    InputError
        If `event` holds integers other than 0 and 1.
    """
    longest = float(time.max())
    for scale in (1,) if time.dtype.kind == "i" else _SCALES:
        width = longest * scale + 1.5
        if 2 * k * width > max(1 << 16, 4 * len(time)):
            break
        cells = _count(time, event, position, k, int(width), scale)
        if cells is not None:
            return _compress(cells, scale)
    flags = _checks.events(event, len(time))
    return _tally_by_sorting(time.astype(np.float64, copy=False), flags, position, k)


def dense_counts(
    whole: IntArray, event: BoolArray, position: IntArray, k: int, width: int
) -> IntArray:
    """Count subjects by group, event (0 censored, 1 event) and whole time: (k, 2, width)."""
    cells = _count(whole, event, position, k, width, 1)
    if cells is None:
        raise ValueError("Whole times are on their lattice.")
    return cells.transpose(1, 2, 0)


def _count(
    time: npt.NDArray[Any],
    event: BoolArray | IntArray,
    position: IntArray,
    k: int,
    width: int,
    scale: int,
) -> IntArray | None:
    """Return counts (width, k, 2), or nothing when a time or an event is not what it must be."""
    whole = _whole_ints if time.dtype.kind == "i" else _whole_floats
    if whole(time[:_GLANCE], scale) is None:
        return None
    cells = 2 * k * width
    # A block is not shorter than the table: adding tables would cost more than counting.
    step = max(_BLOCK, cells)
    total: IntArray | None = None
    for start in range(0, len(time), step):
        block = slice(start, start + step)
        flags, steps = event[block], whole(time[block], scale)
        # Integers are all 0 or 1 when no other bit is set in any of them.
        if steps is None or (flags.dtype.kind == "i" and np.bitwise_or.reduce(flags) not in (0, 1)):
            return None
        cell = steps << 1 if k == 1 else (steps * k + position[block]) << 1
        cell |= flags
        counts = np.bincount(cell, minlength=cells)
        total = counts if total is None else np.add(total, counts, out=total)
    return None if total is None else total.reshape(width, k, 2)


def _whole_ints(time: npt.NDArray[Any], _scale: int) -> IntArray | None:
    return time


def _whole_floats(time: FloatArray, scale: int) -> IntArray | None:
    whole = np.rint(time * scale) if scale > 1 else np.rint(time)
    if not np.array_equal(whole / scale if scale > 1 else whole, time):
        return None
    return whole.astype(np.int64)


def _compress(cells: IntArray, scale: int) -> Tally:
    """Keep the times at which somebody has an event or is censored."""
    used = np.flatnonzero(cells.any(axis=(1, 2)) if cells.shape[1] > 1 else _either(cells[:, 0]))
    kept = cells.take(used, axis=0)
    time = used / scale if scale > 1 else used.astype(np.float64)
    return Tally(time=time, events=kept[:, :, 1].T, censored=kept[:, :, 0].T)


def _either(pairs: IntArray) -> IntArray:
    either: IntArray = pairs[:, 0] | pairs[:, 1]
    return either


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
    for start in range(1, len(ordered), _BLOCK):
        later = ordered[start : start + _BLOCK]
        step = later - ordered[start - 1 : start - 1 + len(later)]
        np.greater(step, SAME_TIME * later, out=first[start : start + _BLOCK])
    return first


def at_risk(removed: IntArray) -> IntArray:
    """Return how many subjects are left just before each time (last axis)."""
    # Everyone at a time is at risk there: events come before censorings.
    left: IntArray = np.cumsum(removed[..., ::-1], axis=-1)[..., ::-1]
    return left
