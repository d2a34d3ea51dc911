"""Rows of subjects sorted by time, many data sets at once.

Time, event and group are packed into one whole number and sorted by row: no index is made. The
work goes through blocks of rows that stay near the processor.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray
from hepatica.stats.survival._tally import SAME_TIME

#: Values of a block: arrays of 64 KiB are made without asking the system for memory each time.
_BLOCK = 1 << 13

#: The most groups that are packed beside a time without touching what tells times apart.
MAX_GROUPS = 256

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class SortedRows:
    """Subjects of each row by time, events before censorings.

    Attributes
    ----------
    time : array (b, n)
        Times, whole numbers or not; tied ones are equal.
    event : bool array (b, n)
        Events.
    group : int array (b, n)
        Groups, 0 when there are none.
    last : bool array (b, n)
        Whether the next subject of the row has a later time.
    """

    time: npt.NDArray[Any]
    event: BoolArray
    group: IntArray
    last: BoolArray


def times_of_rows(time: npt.ArrayLike) -> npt.NDArray[Any]:
    """Return times (r, n) as int64 or float64; they are finite and not negative."""
    array = _checks.numbers("time", time, 2)
    if array.min() < 0:
        bad = int(np.count_nonzero(array < 0))
        raise InputError(f"time must not be negative; {bad} of {array.size} values are.")
    if array.dtype.kind == "f":
        return array.astype(np.float64, copy=False)
    if array.max() > 1 << 52:
        raise InputError("time must be below 2**52 when it is whole; check the unit.")
    return array.astype(np.int64, copy=False)


def events_of_rows(event: npt.ArrayLike, shape: tuple[int, ...]) -> BoolArray:
    """Return events as booleans of the shape of the times."""
    array = _checks.numbers("event", event, len(shape))
    if array.shape != shape:
        raise InputError(f"event must have the shape of time, {shape}; it has {array.shape}.")
    if array.dtype.kind == "b":
        return array
    flags: BoolArray = array == 1
    bad = array.size - int(np.count_nonzero(flags)) - int(np.count_nonzero(array == 0))
    if bad:
        raise InputError(f"event must be 0 or 1; {bad} of {array.size} values are not.")
    return flags


def blocks(rows: int, n: int) -> Iterator[slice]:
    """Yield slices of rows that hold about `_BLOCK` values."""
    step = max(1, _BLOCK // n)
    for start in range(0, rows, step):
        yield slice(start, min(rows, start + step))


def sorted_rows(time: npt.NDArray[Any], event: BoolArray, group: IntArray, k: int) -> SortedRows:
    """Sort each row by time, events first; `group` holds positions below `k`."""
    bits = (k - 1).bit_length()
    if time.dtype.kind == "i":
        key = _key(time << (bits + 1), event, group, bits)
        key.sort(axis=1)
        whole = key >> (bits + 1)
        return _unpacked(whole, whole[:, 1:] != whole[:, :-1], key, bits)
    key = _key(_float_bits(time, bits), event, group, bits)
    key.sort(axis=1)
    ordered, new = _float_times(key, bits)
    if np.array_equal(new, ordered[:, 1:] != ordered[:, :-1]):
        return _unpacked(ordered, new, key, bits)
    # Times that differ by rounding alone become one, so that their events come first.
    together = np.zeros_like(ordered)
    together[:, 0] = ordered[:, 0]
    together[:, 1:] = np.where(new, ordered[:, 1:], 0.0)
    together = np.maximum.accumulate(together, axis=1)
    key = together.view(np.int64) | (key & ((2 << bits) - 1))
    key.sort(axis=1)
    ordered, new = _float_times(key, bits)
    return _unpacked(ordered, new, key, bits)


def _key(base: IntArray, event: BoolArray, group: IntArray, bits: int) -> IntArray:
    base |= (~event).astype(np.int64) << bits
    if bits:
        base |= group
    return base


def _float_bits(time: FloatArray, bits: int) -> IntArray:
    # Floats that are not negative sort like their bits; adding 0 removes the sign of -0.0.
    whole: IntArray = (time + 0.0).view(np.int64)
    whole &= ~((2 << bits) - 1)
    return whole


def _float_times(key: IntArray, bits: int) -> tuple[FloatArray, BoolArray]:
    ordered: FloatArray = (key & ~((2 << bits) - 1)).view(np.float64)
    later = ordered[:, 1:]
    return ordered, later - ordered[:, :-1] > SAME_TIME * later


def _unpacked(ordered: npt.NDArray[Any], new: BoolArray, key: IntArray, bits: int) -> SortedRows:
    last = np.ones(key.shape, dtype=np.bool_)
    last[:, :-1] = new
    return SortedRows(
        time=ordered,
        event=(key & (1 << bits)) == 0,
        group=key & ((1 << bits) - 1),
        last=last,
    )
