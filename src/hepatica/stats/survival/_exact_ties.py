"""The conditional logistic likelihood of tied times, by a recursion over the number tied.

At a time with d events among the rows at risk, the likelihood is the product of the weights of the
events over the sum of such products for all choices of d rows. With B(d, m) that sum over the first
m rows, B(d, m) = B(d, m - 1) + w_m B(d - 1, m - 1): for each d it is one running sum over the rows,
and so are its derivatives. Risk sets of a stratum are the first rows of its order, so that one
recursion serves all its times; with delayed entry each time has a recursion of its own.

Source: Gail, Lubin and Rubinstein, Biometrika 1981;68:703.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hepatica.errors import InputError
from hepatica.stats._checks import FloatArray, IntArray
from hepatica.stats.survival._cox_data import CoxData
from hepatica.stats.survival._cox_input import centred_offset
from hepatica.stats.survival._cox_order import Order, last_cells, order_rows
from hepatica.stats.survival._divergence import rising_column, time_column
from hepatica.stats.survival._partial_likelihood import columns_in_order
from hepatica.stats.survival._ties import Derivatives

#: Numbers held at a time, and products of the recursion: beyond it minutes and gibibytes.
_MOST_HELD = 4e7
_MOST_PRODUCTS = 1e9


@dataclass(frozen=True, slots=True, eq=False)
class _Runs:
    """Runs of rows of about one length, filled up with rows of weight 0.

    Attributes
    ----------
    rows : int array (b, l)
        Places in the order.
    inside : bool array (b, l)
        Whether the place is a row and no filling.
    run, place, deaths : int array (c,)
        For each event time: its run, the last row of its risk set there, and its events.
    """

    rows: IntArray
    inside: FloatArray
    run: IntArray
    place: IntArray
    deaths: IntArray


class ExactLikelihood:
    """The rows of a model with ties that are exact; its use is that of `PartialLikelihood`."""

    __slots__ = (
        "_groups",
        "_left",
        "_right",
        "_time",
        "event_total",
        "events",
        "offset",
        "order",
        "x",
    )

    def __init__(self, data: CoxData, centre: FloatArray) -> None:
        self.order = order_rows(data)
        self.x = columns_in_order(data.X, self.order.rows, centre)
        self.offset = centred_offset(data)[self.order.rows] if len(data.offset) else None
        self.events = np.flatnonzero(data.event[self.order.rows])
        self.event_total = self.x[:, self.events].sum(axis=1)
        self._time = data.time
        self._left, self._right = np.triu_indices(len(self.x))
        runs = _by_cell(self.order) if len(self.order.late) else _by_stratum(self.order)
        _refuse_large(runs, len(self.x))
        self._groups = _filled(runs)

    def event_weight(self) -> float:
        """Return the number of events, or the sum of their weights."""
        return float(len(self.events))

    def rising_column(self, direction: FloatArray) -> int | None:
        """Return a column whose coefficient can grow for ever without loss, if one is found."""
        return rising_column(self.x, self.order, self.events, direction, against_tied=False)

    def time_column(self) -> int | None:
        """Return a column that orders the rows as their time does, if there is one."""
        return time_column(self.x, self._time[self.order.rows])

    def at(self, coef: FloatArray) -> Derivatives:
        """Return the log likelihood and its first two derivatives."""
        p = len(self.x)
        eta = coef @ self.x
        if self.offset is not None:
            eta += self.offset
        loglik = float(eta[self.events].sum())
        score = self.event_total.copy()
        upper, products = np.zeros(len(self._left)), np.zeros((p, p))
        for group in self._groups:
            log, mean, second = self._group(group, eta)
            loglik -= log
            score -= mean.sum(axis=1)
            upper += second
            products += mean @ mean.T
        square = np.zeros((p, p))
        square[self._left, self._right] = upper
        square += np.triu(square, 1).T
        return Derivatives(
            loglik=loglik,
            score=score,
            information=square - products,
            weighted_square=np.diag(square).copy(),
        )

    def _group(self, runs: _Runs, eta: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        """Return the sum of log B, the means (p, c) and the sum of second moments (pairs,)."""
        most = int(runs.deaths.max())
        risk = eta[runs.rows]
        top = np.where(runs.inside, risk, -np.inf).max(axis=1)
        weight = np.where(runs.inside, np.exp(np.minimum(risk - top[:, None], 0.0)), 0.0)
        # On this scale sums over choices are neither too large nor too small for a number.
        scale = np.e / most * weight.sum(axis=1)
        weight /= scale[:, None]
        shift = top + np.log(scale)
        log = float((runs.deaths * shift[runs.run]).sum())
        x = self.x[:, runs.rows]
        mean = np.empty((len(x), len(runs.deaths)))
        second = np.zeros(len(self._left))
        none, one, two = (
            np.ones_like(weight),
            np.zeros_like(x),
            np.zeros((len(second), *weight.shape)),
        )
        for d in range(1, most + 1):
            # Rows after the last time with as many events are not asked for.
            n = int(runs.place[runs.deaths >= d].max()) + 1
            w, xs = weight[:, :n], x[..., :n]
            none, one, two = none[..., :n], one[..., :n], two[..., :n]
            cross = xs[self._left] * (one[self._right] + xs[self._right] * none)
            cross += xs[self._right] * one[self._left] + two
            one = np.cumsum(w * (xs * none + one), axis=-1)
            two = np.cumsum(w * cross, axis=-1)
            none = np.cumsum(w * none, axis=-1)
            here = np.flatnonzero(runs.deaths == d)
            at = (runs.run[here], runs.place[here])
            total = none[at]
            log += float(np.log(total).sum())
            mean[:, here] = one[:, *at] / total
            second += (two[:, *at] / total).sum(axis=1)
            none, one, two = _one_later(none), _one_later(one), _one_later(two)
        return log, mean, second


def _one_later(values: FloatArray) -> FloatArray:
    later = np.zeros_like(values)
    later[..., 1:] = values[..., :-1]
    return later


_Run = tuple[IntArray, IntArray, IntArray]


def _by_stratum(order: Order) -> list[_Run]:
    """Return for each stratum its rows, the last rows of its risk sets, and its events."""
    deaths = order.end - order.event_start
    stops = np.append(order.first_cell[1:], len(deaths))
    found = []
    for first, stop in zip(order.first_cell, stops, strict=True):
        rows = np.arange(order.start[first], order.end[stop - 1])
        found.append((rows, order.end[first:stop] - rows[0] - 1, deaths[first:stop]))
    return found


def _by_cell(order: Order) -> list[_Run]:
    """Return for each event time the rows of its risk set, its last row, and its events."""
    deaths = order.end - order.event_start
    stop = last_cells(order)
    cell = np.repeat(np.arange(len(deaths)), order.end - order.start)
    found = []
    for at in range(len(deaths)):
        rows = np.flatnonzero((cell <= at) & (at < stop))
        found.append((rows, np.array([len(rows) - 1]), deaths[at : at + 1]))
    return found


def _refuse_large(runs: list[_Run], p: int) -> None:
    pairs = (p + 1) * (p + 2) // 2
    held = sum(len(rows) for rows, _, _ in runs) * pairs
    products = sum(len(rows) * pairs * int(deaths.max()) for rows, _, deaths in runs)
    if held > _MOST_HELD or products > _MOST_PRODUCTS:
        most = max(int(deaths.max()) for _, _, deaths in runs)
        raise InputError(
            f"ties exact is too large here: up to {most} events at one time among "
            f"{max(len(rows) for rows, _, _ in runs)} rows, with {p} covariates. "
            f"Use ties efron, which is close to it."
        )


def _filled(runs: list[_Run]) -> list[_Runs]:
    """Put runs of about one length side by side."""
    size = np.array([len(rows) for rows, _, _ in runs])
    power = np.frexp(size - 0.5)[1]
    groups = []
    for level in np.unique(power):
        chosen = [runs[at] for at in np.flatnonzero(power == level)]
        length = max(len(rows) for rows, _, _ in chosen)
        rows = np.zeros((len(chosen), length), dtype=np.int64)
        inside = np.zeros(rows.shape, dtype=bool)
        for at, (places, _, _) in enumerate(chosen):
            rows[at, : len(places)] = places
            inside[at, : len(places)] = True
        count = [len(ends) for _, ends, _ in chosen]
        groups.append(
            _Runs(
                rows=rows,
                inside=inside,
                run=np.repeat(np.arange(len(chosen)), count),
                place=np.concatenate([ends for _, ends, _ in chosen]),
                deaths=np.concatenate([deaths for _, _, deaths in chosen]),
            )
        )
    return groups
