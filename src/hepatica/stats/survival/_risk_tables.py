"""Events and subjects at risk of each stratum and group at distinct times.

Few strata share one axis of times. With many strata that axis would be almost empty in each, so
that each stratum has its own times and strata of like length stand together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray
from hepatica.stats.survival._tally import SAME_TIME, at_risk, dense_counts, tally
from hepatica.stats.survival.kaplan_meier import follows_entry

#: Cells (stratum and group) that share one axis of times whatever the times are.
_FEW_CELLS = 16

#: Up to this many subjects, and cells of group and whole time, all times are kept.
_FEW_SUBJECTS = 1 << 14

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class RiskTable:
    """Counts of some strata.

    Attributes
    ----------
    events, risk : int array (s, k, m)
        Events at, and subjects at risk just before, each time of a stratum. Rows after the last
        time of a stratum are 0.
    """

    events: IntArray
    risk: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Which stratum and group each subject is in.

    Attributes
    ----------
    group, stratum : int array (n,)
        Positions from 0; `stratum` is empty when there is one.
    k, n_strata : int
        Numbers of groups and strata.
    """

    group: IntArray
    k: int
    stratum: IntArray
    n_strata: int


def layout(group: npt.ArrayLike, strata: npt.ArrayLike | None, n: int) -> tuple[Layout, IntArray]:
    """Return the positions of subjects, and the codes of the groups."""
    found, position = _checks.codes("group", group, n)
    if strata is None:
        return Layout(position, len(found), np.empty(0, np.int64), 1), found
    codes, stratum = _checks.codes("strata", strata, n)
    return Layout(position, len(found), stratum, len(codes)), found


def unread_events(event: npt.ArrayLike, n: int) -> BoolArray | IntArray:
    """Return events as booleans, or integers as given whose values `risk_tables` checks.

    Integers are then read once.
    """
    array = _checks.as_array("event", event)
    if array.dtype == np.int64 and array.shape == (n,):
        return array
    return _checks.events(array, n)


def checked_entry(entry: npt.ArrayLike | None, time: npt.NDArray[Any]) -> FloatArray:
    """Return times of delayed entry, each before the subject's time; empty without entry."""
    if entry is None:
        return np.empty(0)
    entered = _checks.numbers("entry", entry).astype(np.float64)
    _checks.check_length("entry", entered, len(time))
    if entered.min() < 0:
        raise InputError("entry must not be negative.")
    late = int(np.count_nonzero(~follows_entry(time.astype(np.float64), entered)))
    if late:
        raise InputError(f"entry must lie before time; {late} of {len(time)} values do not.")
    return entered


def risk_tables(
    time: npt.NDArray[Any], event: BoolArray | IntArray, where: Layout, entry: FloatArray
) -> list[RiskTable]:
    """Count events and subjects at risk; `entry` is empty when all are followed from 0."""
    cells = where.k * where.n_strata
    few = cells <= max(_FEW_CELLS, where.k)
    if few or (time.dtype.kind == "i" and 2 * cells * (int(time.max()) + 1) <= 4 * len(time)):
        return [_shared_times(time, event, where, entry)]
    flags = _checks.events(event, len(time))
    return _own_times(time.astype(np.float64, copy=False), flags, where, entry)


def _shared_times(
    time: npt.NDArray[Any], event: BoolArray | IntArray, where: Layout, entry: FloatArray
) -> RiskTable:
    position = where.group
    if where.n_strata > 1:
        position = position + where.k * where.stratum
    cells = where.k * where.n_strata
    if time.dtype.kind == "i" and len(time) <= _FEW_SUBJECTS and not len(entry):
        width = int(time.max()) + 1
        if cells * width <= _FEW_SUBJECTS:
            return _whole_times(time, _checks.events(event, len(time)), position, where, width)
    counts = tally(time, event, position, cells)
    risk = at_risk(counts.events + counts.censored)
    if len(entry):
        first = np.searchsorted(counts.time * (1.0 - SAME_TIME), entry, side="right")
        risk = risk - _not_entered(position, first, cells, len(counts.time))
    shape = (where.n_strata, where.k, len(counts.time))
    return RiskTable(counts.events.reshape(shape), risk.reshape(shape))


def _whole_times(
    time: IntArray, event: BoolArray, position: IntArray, where: Layout, width: int
) -> RiskTable:
    """Count on every whole time: for few subjects, looking for the used ones costs more."""
    counts = dense_counts(time, event, position, where.k * where.n_strata, width)
    shape = (where.n_strata, where.k, width)
    events = np.ascontiguousarray(counts[:, 1])
    return RiskTable(events.reshape(shape), at_risk(events + counts[:, 0]).reshape(shape))


def _not_entered(cell: IntArray, first: IntArray, cells: int, m: int) -> IntArray:
    """Count subjects of each cell who enter at or after each of `m` times.

    `first` is the first time at which a subject is at risk.
    """
    entered = np.bincount(cell * (m + 1) + first, minlength=cells * (m + 1)).reshape(cells, m + 1)
    later: IntArray = np.cumsum(entered[:, :0:-1], axis=1)[:, ::-1]
    return later


def _own_times(
    time: FloatArray, event: BoolArray, where: Layout, entry: FloatArray
) -> list[RiskTable]:
    distinct, index = time_index(time)
    width = len(distinct) + 1
    rows, row = np.unique(where.stratum * width + index, return_inverse=True)
    stratum_of_row = rows // width
    start = np.searchsorted(stratum_of_row, np.arange(where.n_strata), side="left")
    length = np.bincount(stratum_of_row, minlength=where.n_strata)
    local = row - start[where.stratum]
    first = np.empty(0, np.int64)
    if len(entry):
        after = np.searchsorted(distinct * (1.0 - SAME_TIME), entry, side="right")
        first = np.searchsorted(rows, where.stratum * width + after) - start[where.stratum]
    # Strata whose numbers of times have the same number of bits waste at most half of the cells.
    bits = np.frexp(length)[1]
    tables = []
    for size in np.unique(bits):
        chosen = np.flatnonzero(bits == size)
        place = np.full(where.n_strata, -1)
        place[chosen] = np.arange(len(chosen))
        inside = np.flatnonzero(place[where.stratum] >= 0)
        cell = place[where.stratum[inside]] * where.k + where.group[inside]
        shape = (len(chosen), where.k, int(length[chosen].max()))
        entered = first[inside] if len(entry) else first
        tables.append(_local_table(local[inside], event[inside], cell, entered, shape))
    return tables


def _local_table(
    local: IntArray, event: BoolArray, cell: IntArray, first: IntArray, shape: tuple[int, int, int]
) -> RiskTable:
    strata, k, m = shape
    flat = cell * m + local
    events = np.bincount(flat[event], minlength=strata * k * m).reshape(shape)
    removed = np.bincount(flat, minlength=strata * k * m).reshape(shape)
    risk = at_risk(removed)
    if len(first):
        risk = risk - _not_entered(cell, first, strata * k, m).reshape(shape)
    return RiskTable(events, risk)


def time_index(time: FloatArray) -> tuple[FloatArray, IntArray]:
    """Return distinct times, rising, and the position of each subject's time among them."""
    order = np.argsort(time, kind="stable")
    ordered = time[order]
    new = np.concatenate(([True], np.diff(ordered) > SAME_TIME * ordered[1:]))
    index = np.empty(len(time), dtype=np.int64)
    index[order] = np.cumsum(new) - 1
    return ordered[new], index
