"""Why a partial likelihood has no maximum: what can grow for ever, and a covariate that is time."""

from __future__ import annotations

import numpy as np

from hepatica.stats._checks import FloatArray, IntArray
from hepatica.stats.survival._cox_order import Order, last_cells

_SLACK = 1e-7


def rising_column(
    x: FloatArray,
    order: Order,
    events: IntArray,
    direction: FloatArray,
    *,
    against_tied: bool = True,
) -> int | None:
    """Return a column whose coefficient can grow for ever without loss, if one is found.

    That is so when each event has the highest value in its risk set, of a column or of a
    combination of columns.

    Parameters
    ----------
    x : float array (p, m)
        Covariates in order.
    order : Order
        Order of the rows.
    events : int array (e,)
        Places of the events.
    direction : float array (p,)
        A combination of columns to look at besides each of them.
    against_tied : bool
        Whether the events of one time compete with each other; they do not where ties are exact.
    """
    cell = np.repeat(np.arange(len(order.start)), order.end - order.start)
    first = cell.copy()
    if not against_tied:
        first[events] += 1
    stop = last_cells(order)

    def never_falls(values: FloatArray) -> bool:
        highest = _highest(values, first, stop, len(order.start))
        slack = _SLACK * (float(np.abs(values).max()) or 1.0)
        return bool((values[events] >= highest[cell[events]] - slack).all())

    for column, values in enumerate(x):
        if never_falls(values) or never_falls(-values):
            return column
    if np.isfinite(direction).all() and never_falls(direction @ x):
        return int((np.abs(direction) * x.std(axis=1)).argmax())
    return None


def _highest(values: FloatArray, first: IntArray, stop: IntArray, n_cells: int) -> FloatArray:
    """Return the highest value in each cell of rows that cover the cells [first, stop).

    Each run of cells is two runs of a length that is a power of 2; these are then halved.
    """
    seen = stop > first
    if not seen.any():
        return np.full(n_cells, -np.inf)
    values, first, stop = values[seen], first[seen], stop[seen]
    level = np.frexp(stop - first)[1] - 1
    found = np.full((int(level.max()) + 1, n_cells), -np.inf)
    np.maximum.at(found, (level, first), values)
    np.maximum.at(found, (level, stop - (1 << level)), values)
    for high in range(len(found) - 1, 0, -1):
        half = 1 << (high - 1)
        np.maximum(found[high - 1], found[high], out=found[high - 1])
        np.maximum(found[high - 1, half:], found[high, :-half], out=found[high - 1, half:])
    highest: FloatArray = found[0]
    return highest


def time_column(x: FloatArray, time: FloatArray) -> int | None:
    """Return a column that rises, or falls, whenever time does.

    Parameters
    ----------
    x : float array (p, m)
        Covariates.
    time : float array (m,)
        Times of the same rows.
    """
    order = np.argsort(time, kind="stable")
    later = np.diff(time[order]) > 0
    for column, values in enumerate(x):
        change = np.diff(values[order])
        for sign in (1.0, -1.0):
            if (sign * change[later] > 0).all() and (sign * change[~later] >= 0).all():
                return column
    return None
