"""The partial likelihood of very many rows at few distinct times, without putting them in order.

What joins each risk set is summed by time in the order of the rows, as a product with a sparse
matrix of one entry a row; the columns are read where they are, not copied. The result is that of
`PartialLikelihood`.
"""

from __future__ import annotations

import numpy as np

from hepatica.stats._checks import FloatArray, IntArray
from hepatica.stats.survival._cox_data import CoxData
from hepatica.stats.survival._cox_input import centred_offset
from hepatica.stats.survival._cox_order import lattice
from hepatica.stats.survival._partial_likelihood import PartialLikelihood
from hepatica.stats.survival._running import running
from hepatica.stats.survival._ties import Derivatives, Ties, Weights, mean_products

_FEWEST_ROWS = 20_000
_ROWS_A_CELL = 8
#: A column whose mean is so many standard deviations from 0 is centred beforehand.
_FAR_FROM_ZERO = 30.0
#: Values of a block of columns, and rows of a block of single values: what near caches hold.
_BLOCK = 1 << 14
_ROWS = 1 << 15
#: Linear predictors between which no weight and no sum of weights is lost.
_LOW, _HIGH = -30.0, 300.0


def stream(data: CoxData, centre: FloatArray, ties: str) -> StreamedLikelihood | None:
    """Return the likelihood of rows that need no order; None where an order is better."""
    n = len(data.time)
    if n < _FEWEST_ROWS or len(data.entry) or len(data.cluster):
        return None
    day = lattice(data.time)
    if day is None:
        return None
    n_strata = int(data.stratum.max()) + 1
    width = int(day.max()) + 1
    if n_strata * width * _ROWS_A_CELL > n:
        return None
    return StreamedLikelihood(data, (width - 1) - day, width, centre, ties)


class StreamedLikelihood:
    """Rows as they were given, and the cell of each.

    Parameters
    ----------
    data : CoxData
        Checked input without entries, with at least one event.
    back : int array (n,)
        Time of each row, counted back from the last.
    width : int
        One more than the largest of them.
    centre : float array (p,)
        Mean of each covariate.
    ties : {"efron", "breslow"}
        Handling of ties.
    """

    __slots__ = (
        "_case_weight",
        "_cell",
        "_centre",
        "_data",
        "_event_total",
        "_first_cell",
        "_first_from_end",
        "_given",
        "_half",
        "_known",
        "_offset",
        "_pointer",
        "_ties",
        "_ties_name",
        "_x",
    )

    def __init__(
        self, data: CoxData, back: IntArray, width: int, centre: FloatArray, ties: str
    ) -> None:
        self._data, self._given, self._ties_name = data, centre, ties
        self._x, self._centre = _rows_of_columns(data.X, centre)
        self._offset = centred_offset(data) if len(data.offset) else None
        self._case_weight = data.weights if len(data.weights) else None
        n_strata = int(data.stratum.max()) + 1
        key = back + data.stratum * np.int64(width) if n_strata > 1 else back
        deaths = np.bincount(key[data.event], minlength=n_strata * width)
        cell_key = np.flatnonzero(deaths)
        n_cells = len(cell_key)
        # Each key belongs to the next event time going back; what has none belongs to no cell.
        present = (deaths > 0).astype(np.int64)
        belongs: IntArray = np.cumsum(present) - present
        stratum_of_cell = np.append(cell_key // width, -1)
        lost = stratum_of_cell[belongs] != np.arange(len(deaths)) // width
        belongs[lost] = n_cells
        cell = belongs.astype(np.int32)[key]
        cell += data.event * np.int32(n_cells + 1)
        self._cell = cell
        self._half = n_cells + 1
        self._first_cell = np.flatnonzero(np.diff(stratum_of_cell[:-1], prepend=-1))
        ends = np.append(self._first_cell[1:], n_cells)
        self._first_from_end = n_cells - ends[::-1]
        each = np.ones(1) if self._case_weight is None else self._case_weight
        each = np.where(data.event, each, 0.0)
        self._event_total: FloatArray = each @ self._x - self._centre * each.sum()
        self._known = 0.0 if self._offset is None else float(each @ self._offset)
        weight = deaths[cell_key].astype(np.float64)
        if self._case_weight is not None:
            weight = self._by_cell(each)[1]
        self._ties = Ties(deaths[cell_key], weight, ties == "efron", closed=True)
        self._pointer = np.arange(len(cell) + 1, dtype=np.int32)

    def _by_cell(self, values: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return sums over all rows of each cell, and over its events."""
        half = self._half
        sums: FloatArray = np.bincount(self._cell, values, minlength=2 * half).astype(np.float64)
        return (sums[:half] + sums[half:])[:-1], sums[half:-1]

    def _weights(self, coef: FloatArray) -> Weights:
        """Return what all else follows from; `hazard` is that of each cell, without the weight."""
        weight, sums, top = self._risks(coef, float(self._centre @ coef))
        half = self._half
        added, tied = (sums[:half] + sums[half:])[:-1], sums[half:-1]
        at_risk = running(added, self._first_cell)
        log, step, step_square, spared = self._ties.sums(at_risk, tied)
        rising = running(step[::-1], self._first_from_end)[::-1]
        none = np.zeros(1)
        own = rising if spared is None else rising - spared
        lost = float(self._ties.weight.sum()) * (top - float(self._centre @ coef))
        return Weights(
            loglik=float(self._event_total @ coef) + self._known - lost - log,
            weight=weight,
            hazard=np.concatenate((rising, none, own, none)),
            at_risk=at_risk,
            tied=tied,
            step=step,
            step_square=step_square,
        )

    def _risks(self, coef: FloatArray, top: float) -> tuple[FloatArray, FloatArray, float]:
        """Return the weights of rows, their sums by cell, and what came off the predictor.

        Rows go by blocks that stay in the nearest cache from the columns to the sums.
        """
        n, width = len(self._cell), 2 * self._half
        weight, sums = np.empty(n), np.zeros(width)
        largest = -np.inf
        for begin in range(0, n, _ROWS):
            rows = slice(begin, begin + _ROWS)
            part = np.matmul(self._x[rows], coef, out=weight[rows])
            if self._offset is not None:
                part += self._offset[rows]
            part -= top
            largest = max(largest, float(part.max()))
            if largest > _HIGH:
                break
            np.exp(part, out=part)
            if self._case_weight is not None:
                part *= self._case_weight[rows]
            sums += np.bincount(self._cell[rows], part, minlength=width)
        if not np.isfinite(largest):
            return np.full(n, np.nan), np.full(width, np.nan), top
        if _LOW <= largest <= _HIGH:
            return weight, sums, top
        eta = self._x @ coef if self._offset is None else self._x @ coef + self._offset
        return self._risks(coef, float(eta.max()))

    def slope(self, coef: FloatArray) -> tuple[float, FloatArray]:
        """Return the log partial likelihood and its score."""
        found = self._weights(coef)
        expected, total = np.zeros(len(coef)), 0.0
        for begin in range(0, len(self._cell), _ROWS):
            rows = slice(begin, begin + _ROWS)
            hazard = self._hazard(found, rows)
            expected += hazard @ self._x[rows]
            total += float(hazard.sum())
        return found.loglik, self._event_total - (expected - self._centre * total)

    def _hazard(self, found: Weights, rows: slice) -> FloatArray:
        hazard: FloatArray = found.hazard.take(self._cell[rows])
        hazard *= found.weight[rows]
        return hazard

    def at(self, coef: FloatArray) -> Derivatives:
        """Return the log partial likelihood and its first two derivatives."""
        found = self._weights(coef)
        added, tied = self._columns_by_cell(found)
        sums = running(added.T, self._first_cell)
        means = mean_products(self._ties, sums, tied.T, found, slice(None))
        square, expected, total = self._products(found)
        expected = expected - self._centre * total
        shift = np.outer(self._centre, expected)
        square -= shift + shift.T + np.outer(self._centre, self._centre) * total
        return Derivatives(
            loglik=found.loglik,
            score=self._event_total - expected,
            information=square - means,
            weighted_square=np.diag(square).copy(),
        )

    def _columns_by_cell(self, found: Weights) -> tuple[FloatArray, FloatArray]:
        # Slow to import, and needed for large data alone.
        from scipy.sparse import csc_array  # noqa: PLC0415

        half = self._half
        shape = (2 * half, len(self._cell))
        sums = csc_array((found.weight, self._cell, self._pointer), shape=shape) @ self._x
        events = sums[half:-1] - self._centre * found.tied[:, None]
        others = np.diff(found.at_risk, prepend=0.0)
        others[self._first_cell] = found.at_risk[self._first_cell]
        added = sums[: half - 1] + sums[half:-1] - self._centre * others[:, None]
        return added, events

    def _products(self, found: Weights) -> tuple[FloatArray, FloatArray, float]:
        """Return sums over the rows of hazards times products of columns, columns, and 1."""
        n, p = self._x.shape
        size = max(_BLOCK // p, 1)
        work = np.empty((size, p))
        square, expected, total = np.zeros((p, p)), np.zeros(p), 0.0
        for begin in range(0, n, _ROWS):
            rows = slice(begin, begin + _ROWS)
            x, hazard = self._x[rows], self._hazard(found, rows)
            expected += hazard @ x
            total += float(hazard.sum())
            column = hazard[:, None]
            for first in range(0, len(x), size):
                some = slice(first, first + size)
                room = np.multiply(x[some], column[some], out=work[: len(x) - first])
                square += room.T @ x[some]
        return (square + square.T) / 2.0, expected, total

    def _ordered(self) -> PartialLikelihood:
        return PartialLikelihood(self._data, self._given, self._ties_name)

    def event_weight(self) -> float:
        """Return the number of events, or the sum of their weights."""
        return float(self._ties.weight.sum())

    def rising_column(self, direction: FloatArray) -> int | None:
        """Return a column whose coefficient can grow for ever without loss, if one is found."""
        return self._ordered().rising_column(direction)

    def time_column(self) -> int | None:
        """Return a column that orders the rows as their time does, if there is one."""
        return self._ordered().time_column()


def _rows_of_columns(x: FloatArray, centre: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return columns as a C-ordered array, and what is still to be taken off them."""
    some = x[:: max(len(x) // 4096, 1)]
    far = np.abs(centre) > _FAR_FROM_ZERO * some.std(axis=0)
    if far.any():
        return np.subtract(x, centre, order="C"), np.zeros_like(centre)
    return np.ascontiguousarray(x), centre
