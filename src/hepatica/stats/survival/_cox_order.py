"""Rows of a proportional hazards model put in the order of their risk sets.

Rows go by stratum, and within it from the latest time to the earliest, so that a risk set is a run
of rows from the start of the stratum. A "cell" is what joins the risk set at one event time: the
rows whose time lies between it and the next later event time; its events stand last in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hepatica.stats._checks import FloatArray, IntArray
from hepatica.stats.survival._cox_data import CoxData
from hepatica.stats.survival._tally import SAME_TIME

_HALF = 1 << 16
_LARGEST = 1e12


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """The order of m rows in C cells of S strata; rows in no risk set of an event are left out.

    Attributes
    ----------
    rows : int array (m,)
        Which row of the input stands where.
    start, event_start, end : int array (C,)
        First row, first event, and one past the last row of each cell.
    first_cell : int array (S,)
        First cell of each stratum.
    late : int array (l,)
        Places in the order of the rows that enter after the first event time of their stratum,
        by `late_cell`.
    late_cell : int array (l,)
        The cell from which such a row, going back in time, is not at risk any more.
    """

    rows: IntArray
    start: IntArray
    event_start: IntArray
    end: IntArray
    first_cell: IntArray
    late: IntArray
    late_cell: IntArray


def order_rows(data: CoxData) -> Order:
    """Put the rows of a model in order; there is at least one event."""
    rank, entry_rank = _ranks(data.time, data.entry)
    width = int(rank.max()) + 1
    n_strata = int(data.stratum.max()) + 1 if len(data.stratum) else 1
    key = (width - 1) - rank
    if n_strata > 1:
        key += data.stratum * np.int64(width)
    rows = _sort_by(2 * key + data.event, 2 * n_strata * width)
    key = key[rows]
    events = np.flatnonzero(data.event[rows])
    kept = _up_to_last_event(key // width if n_strata > 1 else None, events, len(rows))
    if kept is not None:
        rows, key = rows[kept], key[kept]
        events = np.flatnonzero(data.event[rows])
    event_key = key[events]
    begins = np.flatnonzero(event_key[1:] != event_key[:-1]) + 1
    end = np.empty(len(begins) + 1, dtype=np.int64)
    end[:-1] = events[begins - 1] + 1
    end[-1] = len(rows)
    start = np.zeros_like(end)
    start[1:] = end[:-1]
    begins = np.concatenate(([0], begins))
    cell_key = event_key[begins]
    first_cell = np.zeros(1, dtype=np.int64)
    if n_strata > 1:
        first_cell = np.append(first_cell, np.flatnonzero(np.diff(cell_key // width)) + 1)
    late = late_cell = np.empty(0, dtype=np.int64)
    if entry_rank is not None:
        # Going back in time, a row leaves at the first event time that is not after its entry.
        shown = key + (rank - entry_rank)[rows]
        leaves = np.minimum(np.searchsorted(cell_key, shown), _stops(first_cell, start, end))
        late = np.flatnonzero(leaves < _stops(first_cell, start, end))
        late = late[np.argsort(leaves[late], kind="stable")]
        late_cell = leaves[late]
    return Order(rows, start, events[begins], end, first_cell, late, late_cell)


def _up_to_last_event(
    stratum: IntArray | None, events: IntArray, n: int
) -> IntArray | slice | None:
    """Return which rows are at risk at an event; None for all."""
    if stratum is None:
        last = int(events[-1]) + 1
        return slice(0, last) if last < n else None
    last_event = np.full(int(stratum[-1]) + 1, -1)
    last_event[stratum[events]] = events
    kept = np.flatnonzero(np.arange(n) <= last_event[stratum])
    return kept if len(kept) < n else None


def _stops(first_cell: IntArray, start: IntArray, end: IntArray) -> IntArray:
    """Return one past the last cell of each row's stratum."""
    stops = np.append(first_cell[1:], len(start))
    by_cell = np.repeat(stops, stops - first_cell)
    return np.repeat(by_cell, end - start)


def _ranks(time: FloatArray, entry: FloatArray) -> tuple[IntArray, IntArray | None]:
    """Return whole numbers in the order of the times and entries; the same time has the same."""
    n = len(time)
    # An entry before time 0 is before all events, however long before.
    both = np.concatenate((time, np.maximum(entry, -1.0))) if len(entry) else time
    rank = lattice(both)
    if rank is None:
        order = np.argsort(both, kind="stable")
        ordered = both[order]
        new = np.diff(ordered) > SAME_TIME * np.abs(ordered[1:])
        rank = np.zeros(len(both), dtype=np.int64)
        rank[order[1:]] = np.cumsum(new)
    return rank[:n], rank[n:] if len(entry) else None


def lattice(values: FloatArray) -> IntArray | None:
    """Return days, or hundredths, as whole numbers from 0 or above; None for other times."""
    for scale in (1, 100):
        if float(values.max()) * scale > _LARGEST:
            continue
        whole = (values if scale == 1 else np.rint(values * scale)).astype(np.int64)
        if np.array_equal(whole if scale == 1 else whole / scale, values):
            low = int(whole.min())
            return whole - low if low < 0 else whole
    return None


def _sort_by(key: IntArray, width: int) -> IntArray:
    """Return the stable order of whole numbers below `width`, by radix where they are small."""
    if width <= _HALF:
        return np.argsort(key.astype(np.uint16), kind="stable")
    if width <= _HALF * _HALF:
        low = np.argsort(key.astype(np.uint16), kind="stable")
        high = (key >> 16).astype(np.uint16)
        return low[np.argsort(high[low], kind="stable")]
    return np.argsort(key, kind="stable")


def last_cells(order: Order) -> IntArray:
    """Return one past the last cell at whose event time each row is at risk."""
    stop = _stops(order.first_cell, order.start, order.end)
    stop[order.late] = order.late_cell
    return stop
