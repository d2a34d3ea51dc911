"""The partial likelihood of Breslow and Efron, and its derivatives.

The information matrix needs no second moments of risk sets: it is one weighted product
X' diag(w A) X, where A is the cumulative hazard at each row's own time, less the products of the
risk-set means at each event. Of these, Efron's are taken together for each time: with S and E the
weights of the risk set and of its tied events, D = S - (j / d) E, and u the mean of the events,
each mean is u + (s - S u) / D, so sums of 1 / D and 1 / D^2 suffice.

Sources: Efron, J Am Stat Assoc 1977;72:557; Breslow, Biometrics 1974;30:89; Andersen and Gill,
Ann Stat 1982;10:1100 (rows with an entry).
"""

from __future__ import annotations

import numpy as np

from hepatica.stats._checks import FloatArray, IntArray
from hepatica.stats.survival._cox_data import CoxData
from hepatica.stats.survival._cox_input import centred_offset
from hepatica.stats.survival._cox_order import Order, order_rows
from hepatica.stats.survival._divergence import rising_column, time_column
from hepatica.stats.survival._running import running
from hepatica.stats.survival._ties import Derivatives, Ties, Weights, mean_products

__all__ = ["Derivatives", "PartialLikelihood", "columns_in_order"]

#: Rows times columns that are worked on at a time: what the nearest cache holds.
_BLOCK = 1 << 17
#: Runs shorter than it are summed faster by other ways than `np.add.reduceat`.
_SHORT = 200


class PartialLikelihood:
    """The rows of a model in order, and what stays the same between iterations.

    Parameters
    ----------
    data : CoxData
        Checked input with at least one event; weights are above zero.
    centre : float array (p,)
        What is taken off each covariate, so that nothing cancels.
    ties : {"efron", "breslow"}
        Handling of ties.
    """

    __slots__ = (
        "_alone",
        "_event_runs",
        "_known",
        "_time",
        "case_weight",
        "event_total",
        "events",
        "first_from_end",
        "offset",
        "order",
        "ties",
        "x",
    )

    def __init__(self, data: CoxData, centre: FloatArray, ties: str) -> None:
        self.order = order = order_rows(data)
        self._time = data.time
        self.x = columns_in_order(data.X, order.rows, centre)
        self.offset = centred_offset(data)[order.rows] if len(data.offset) else None
        self.case_weight = data.weights[order.rows] if len(data.weights) else None
        self.events = np.flatnonzero(data.event[order.rows])
        deaths = order.end - order.event_start
        self._alone = len(order.first_cell) == 1
        # Where the events of each cell begin and end, for sums over every second run.
        runs = np.empty(2 * len(deaths) if len(order.late) else 0, dtype=np.int64)
        if len(order.late):
            runs[::2], runs[1::2] = order.event_start, order.end
        self._event_runs = runs[:-1]
        ends = np.append(order.first_cell[1:], len(deaths))
        self.first_from_end = len(deaths) - ends[::-1]
        each = (
            np.ones(len(self.events))
            if self.case_weight is None
            else (self.case_weight[self.events])
        )
        self._known = 0.0 if self.offset is None else float(each @ self.offset[self.events])
        self.event_total = _sum_at(self.x, self.events, each)
        weight = deaths.astype(np.float64)
        if self.case_weight is not None:
            owner = np.repeat(np.arange(len(deaths)), deaths)
            weight = np.bincount(owner, each).astype(np.float64)
        self.ties = Ties(deaths, weight, ties == "efron")

    def weights(self, coef: FloatArray) -> Weights:
        """Return what all else follows from; it takes one product with the columns."""
        order = self.order
        eta = coef @ self.x
        if self.offset is not None:
            eta += self.offset
        top = float(eta.max())
        eta -= top
        weight = np.exp(eta, out=eta)
        if self.case_weight is not None:
            weight *= self.case_weight
        at_risk = run_sums(weight, order.start, order.end, self._alone)
        tied = at_risk
        if self.ties.efron:
            tied = self.ties.by_cell(weight[self.events])
        elif len(order.late):
            tied = np.add.reduceat(weight, self._event_runs)[::2]
        if len(order.late):
            at_risk -= np.bincount(order.late_cell, weight[order.late], minlength=len(at_risk))
        at_risk = running(at_risk, order.first_cell)
        if len(order.late):
            # Events are at risk themselves, whatever rounding left of those who came and went.
            at_risk = np.maximum(at_risk, tied)
        log, step, step_square, spared = self.ties.sums(at_risk, tied)
        lost = float(self.ties.weight.sum()) * top
        hazard = self._own_hazard(step, spared)
        hazard *= weight
        return Weights(
            loglik=float(self.event_total @ coef) + self._known - lost - log,
            weight=weight,
            hazard=hazard,
            at_risk=at_risk,
            tied=tied,
            step=step,
            step_square=step_square,
        )

    def _own_hazard(self, step: FloatArray, spared: FloatArray | None) -> FloatArray:
        """Return the cumulative hazard of each row over its time at risk."""
        order = self.order
        rising = running(step[::-1], self.first_from_end)[::-1]
        hazard: FloatArray = np.repeat(rising, order.end - order.start)
        if spared is not None:
            # Under Efron's method an event leaves its own tied set by steps.
            hazard[self.events] -= np.repeat(spared, self.ties.deaths)
        if len(order.late):
            hazard[order.late] -= rising[order.late_cell]
        return hazard

    def saturated(self) -> float:
        """Return the log likelihood of a model that puts all weight on the events, alike."""
        return -self.ties.sums(self.ties.weight, self.ties.weight)[0]

    def passed(self, values: FloatArray) -> FloatArray:
        """Return sums over the events at which each row is at risk, of values (q, e) of events.

        Under Efron's method there is a value for each tied event, otherwise one for each time.
        """
        ties, order = self.ties, self.order
        step = np.add.reduceat(values, ties.start, axis=1) if ties.efron else values
        ahead = running(step[:, ::-1], self.first_from_end)[:, ::-1]
        rows: FloatArray = np.repeat(ahead, order.end - order.start, axis=1)
        if ties.efron:
            spared = np.add.reduceat(values * ties.share, ties.start, axis=1)
            rows[:, self.events] -= np.repeat(spared, ties.deaths, axis=1)
        rows[:, order.late] -= ahead[:, order.late_cell]
        return rows

    def event_weight(self) -> float:
        """Return the number of events, or the sum of their weights."""
        return float(self.ties.weight.sum())

    def rising_column(self, direction: FloatArray) -> int | None:
        """Return a column whose coefficient can grow for ever without loss, if one is found."""
        return rising_column(self.x, self.order, self.events, direction)

    def time_column(self) -> int | None:
        """Return a column that orders the rows as their time does, if there is one."""
        return time_column(self.x, self._time[self.order.rows])

    def slope(self, coef: FloatArray) -> tuple[float, FloatArray]:
        """Return the log partial likelihood and its score."""
        found = self.weights(coef)
        return found.loglik, self.event_total - self.x @ found.hazard

    def at(self, coef: FloatArray) -> Derivatives:
        """Return the log partial likelihood and its first two derivatives."""
        found = self.weights(coef)
        p = len(self.x)
        if self._alone and not len(self.order.late) and self.x.size <= _BLOCK:
            return self._small(found)
        square, means, carry = np.zeros((p, p)), np.zeros((p, p)), np.zeros(p)
        work = np.empty(0)
        for first, last in blocks(self.order, max(_BLOCK // p, 1)):
            rows = slice(self.order.start[first], self.order.end[last - 1])
            x = self.x[:, rows]
            if work.size < x.size:
                work = np.empty(x.size)
            room = work[: x.size].reshape(x.shape)
            sums, tied = self.cell_sums(self.x, first, last, found.weight)
            carry = _carry_on(sums, carry, self.order.first_cell, first)
            means += mean_products(self.ties, sums, tied, found, slice(first, last))
            np.multiply(x, np.sqrt(np.maximum(found.hazard[rows], 0.0)), out=room)
            square += room @ room.T
        return Derivatives(
            loglik=found.loglik,
            score=self.event_total - self.x @ found.hazard,
            information=square - means,
            weighted_square=np.diag(square),
        )

    def _small(self, found: Weights) -> Derivatives:
        """Return the derivatives of one stratum without entries, in as few steps as can be."""
        weighted = self.x * found.weight
        sums = weighted.cumsum(axis=1).take(self.order.end - 1, axis=1)
        tied = sums
        if self.ties.efron:
            last = self.ties.start + self.ties.deaths - 1
            tied = weighted.take(self.events, axis=1).cumsum(axis=1).take(last, axis=1)
            tied[:, 1:] -= tied[:, :-1].copy()
        square = np.multiply(self.x, found.hazard, out=weighted) @ self.x.T
        return Derivatives(
            loglik=found.loglik,
            score=self.event_total - weighted.sum(axis=1),
            information=square - mean_products(self.ties, sums, tied, found, slice(None)),
            weighted_square=square.diagonal(),
        )

    def cell_sums(
        self, x: FloatArray, first: int, last: int, weight: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return what each cell adds to the weighted sums of risk sets, and what its events hold.

        Parameters
        ----------
        x : float array (q, m)
            What is summed, in order.
        first, last : int
            The run of cells.
        weight : float array (m,)
            Weight of each row.
        """
        order = self.order
        begin = order.start[first]
        rows = slice(begin, order.end[last - 1])
        weighted = x[:, rows] * weight[rows]
        sums = weighted
        if last - first < weighted.shape[1]:
            start, end = order.start[first:last] - begin, order.end[first:last] - begin
            sums = run_sums(weighted, start, end, self._alone)
        tied = sums
        if self.ties.efron:
            at = self.ties.start[first]
            end = self.ties.start[first:last] + self.ties.deaths[first:last] - at
            chosen = weighted.take(self.events[at : at + end[-1]] - begin, axis=1)
            tied = run_sums(chosen, self.ties.start[first:last] - at, end, self._alone)
        low, high = np.searchsorted(order.late_cell, (first, last))
        if high > low:
            late, cells = order.late[low:high], order.late_cell[low:high] - first
            new = np.flatnonzero(np.diff(cells, prepend=-1))
            sums = sums.copy()
            sums[:, cells[new]] -= np.add.reduceat(x[:, late] * weight[late], new, axis=1)
        return sums, tied


def run_sums(values: FloatArray, start: IntArray, end: IntArray, alone: bool) -> FloatArray:
    """Return sums over adjoining runs along the last axis, from 0 on.

    `alone` says that all rows are of one stratum: then short runs are differences of running
    sums, which is faster, and no sum of another stratum can drown them.
    """
    if not alone or len(start) * _SHORT < values.shape[-1]:
        return np.add.reduceat(values, start, axis=-1)
    sums: FloatArray = values.cumsum(axis=-1).take(end - 1, axis=-1)
    sums[..., 1:] -= sums[..., :-1].copy()
    return sums


def columns_in_order(x: FloatArray, rows: IntArray, centre: FloatArray) -> FloatArray:
    """Return centred columns as rows of an array (p, m), with one copy and no more."""
    p = x.shape[1]
    ordered = np.empty((p, len(rows)))
    if x.flags.f_contiguous:
        for at, values in enumerate(x.T):
            # Rows are known to be inside: "clip" only spares the look.
            np.take(values, rows, out=ordered[at], mode="clip")
            ordered[at] -= centre[at]
        return ordered
    size = max(_BLOCK // p, 1)
    for begin in range(0, len(rows), size):
        part = slice(begin, begin + size)
        np.subtract(x[rows[part]].T, centre[:, None], out=ordered[:, part])
    return ordered


def blocks(order: Order, size: int) -> list[tuple[int, int]]:
    """Return runs of cells of about `size` rows."""
    if order.end[-1] <= size:
        return [(0, len(order.end))]
    edges = np.searchsorted(order.end, np.arange(size, order.end[-1], size))
    edges = np.unique(np.concatenate(([0], edges, [len(order.end)])))
    return list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))


def _sum_at(x: FloatArray, events: IntArray, weight: FloatArray) -> FloatArray:
    every = np.zeros(x.shape[1])
    every[events] = weight
    return x @ every


def _carry_on(sums: FloatArray, carry: FloatArray, first_cell: IntArray, first: int) -> FloatArray:
    """Make sums of cells running sums within strata, in place; return the last one."""
    last = first + sums.shape[1]
    inside = first_cell[np.searchsorted(first_cell, first, "right") :]
    inside = inside[: np.searchsorted(inside, last)] - first
    if first not in first_cell:
        sums[:, 0] += carry
    if inside.size:
        sums[:] = running(sums, np.concatenate(([0], inside)))
    else:
        np.cumsum(sums, axis=1, out=sums)
    return sums[:, -1].copy()
