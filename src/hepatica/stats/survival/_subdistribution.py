"""The weighted partial likelihood of the subdistribution hazard, and its robust variance.

A subject with a competing event stays in the risk set with weight G(t-) / G(T-), where G is the
Kaplan-Meier curve of censoring (of the subject's group). So a risk set is a sum over those still
followed, taken from behind, and a sum over those who had a competing event, taken from the front
and multiplied by G(t-): no pair of subjects is ever looked at.

Source: Fine and Gray, J Am Stat Assoc 1999;94:496.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hepatica.stats._checks import FloatArray, IntArray
from hepatica.stats.survival._partial_likelihood import Derivatives
from hepatica.stats.survival._tally import SAME_TIME


@dataclass(frozen=True, slots=True, eq=False)
class _Sums:
    """Risk-set sums at each time with an event of the cause (e of them)."""

    weight: FloatArray  # (n,) exp(eta - top)
    top: float
    eta: FloatArray  # (n,)
    total: FloatArray  # (e,)
    mean: FloatArray  # (e, p)


class WeightedRiskSets:
    """Subjects in order of time, and what stays the same between iterations.

    Parameters
    ----------
    time : float array (n,)
        Times.
    kind : int array (n,)
        0 censored, 1 event of the cause, 2 competing event.
    X : float array (n, p)
        Centred and scaled covariates.
    group : int array (n,)
        Position of the group within which censoring is alike, 0 to k - 1.
    k : int
        Number of such groups.
    """

    __slots__ = (
        "X",
        "_at_events",
        "_cell",
        "_competing",
        "_event_cells",
        "_event_rows",
        "_events",
        "_free",
        "_free_own",
        "_group",
        "_k",
        "_kind",
        "_start",
        "_sum_of_events",
        "times",
    )

    def __init__(
        self, time: FloatArray, kind: IntArray, X: FloatArray, group: IntArray, k: int
    ) -> None:
        order = np.argsort(time, kind="stable")
        ordered = time[order]
        new = np.concatenate(([True], np.diff(ordered) > SAME_TIME * ordered[1:]))
        self.X = np.ascontiguousarray(X[order])
        self._kind, self._group, self._k = kind[order], group[order], k
        self._cell = np.cumsum(new) - 1
        self._start = np.flatnonzero(new)
        self._event_rows = np.flatnonzero(self._kind == 1)
        self._event_cells, events = np.unique(self._cell[self._event_rows], return_counts=True)
        self._events = events.astype(np.float64)
        self.times = ordered[self._start[self._event_cells]]
        self._sum_of_events = self.X[self._event_rows].sum(axis=0)
        self._free = self._censoring_curves()
        self._free_own = self._free[self._group, self._cell]
        # Rows with a competing event of each group, and how many of them precede each event time.
        self._competing = [np.flatnonzero((self._kind == 2) & (self._group == g)) for g in range(k)]
        self._at_events = [
            np.searchsorted(self._cell[rows], self._event_cells, side="left")
            for rows in self._competing
        ]

    def _censored_and_at_risk(self) -> tuple[FloatArray, FloatArray]:
        shape = (self._k, len(self._start))
        cell = self._group * shape[1] + self._cell
        removed = np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape)
        gone = np.bincount(cell[self._kind == 0], minlength=removed.size).reshape(shape)
        risk = np.cumsum(removed[:, ::-1], axis=1)[:, ::-1]
        return gone.astype(np.float64), risk.astype(np.float64)

    def _censoring_curves(self) -> FloatArray:
        """Return the probability of being uncensored just before each cell, (k, cells)."""
        gone, risk = self._censored_and_at_risk()
        step = 1.0 - np.divide(gone, risk, out=np.zeros_like(gone), where=risk > 0)
        free = np.concatenate((np.ones((self._k, 1)), np.cumprod(step, axis=1)[:, :-1]), axis=1)
        # Past the last follow-up of a group nothing is known of its censoring.
        return np.where(risk > 0, free, 0.0)

    def _sums(self, coef: FloatArray) -> _Sums:
        eta = self.X @ coef
        top = float(eta.max())
        weight = np.exp(eta - top)
        parts = np.column_stack((weight, self.X * weight[:, None]))
        followed = np.cumsum(parts[::-1], axis=0)[::-1][self._start[self._event_cells]]
        for g, rows in enumerate(self._competing):
            if len(rows):
                lifted = parts[rows] / self._free_own[rows, None]
                kept = _cumulated(lifted)[self._at_events[g]]
                followed = followed + self._free[g, self._event_cells, None] * kept
        total = followed[:, 0]
        return _Sums(weight, top, eta, total, followed[:, 1:] / total[:, None])

    def at(self, coef: FloatArray) -> Derivatives:
        """Return the log pseudo-likelihood and its derivatives."""
        sums = self._sums(coef)
        hazard = self._own_hazard(self._events / sums.total)
        square = self.X.T @ (self.X * (sums.weight * hazard)[:, None])
        loglik = (sums.eta[self._event_rows] - sums.top).sum() - self._events @ np.log(sums.total)
        return Derivatives(
            loglik=float(loglik),
            score=self._sum_of_events - self._events @ sums.mean,
            information=square - (sums.mean * self._events[:, None]).T @ sums.mean,
            weighted_square=np.diag(square).copy(),
        )

    def _own_hazard(self, step: FloatArray) -> FloatArray:
        """Return the weighted cumulative hazard that each row has met, given its steps."""
        reached = np.searchsorted(self._event_cells, self._cell, side="right")
        hazard: FloatArray = _cumulated(step)[reached]
        for g, rows in enumerate(self._competing):
            later = _cumulated(self._free[g, self._event_cells] * step)
            hazard[rows] += (later[-1] - later[reached[rows]]) / self._free_own[rows]
        return hazard

    def baseline(self, coef: FloatArray) -> FloatArray:
        """Return the steps of the cumulative subdistribution hazard at X = 0, at `times`."""
        sums = self._sums(coef)
        return np.asarray(self._events / sums.total * np.exp(-sums.top))

    def residuals(self, coef: FloatArray) -> FloatArray:
        """Return what each subject adds to the score, (n, p), in order of time.

        It has two parts: the subject's own weighted residual, and what the subject's censoring
        (or follow-up without it) does to the weights of those with competing events.
        """
        sums = self._sums(coef)
        step = self._events / sums.total
        reached = np.searchsorted(self._event_cells, self._cell, side="right")
        met = _cumulated(sums.mean * step[:, None])[reached]
        own = self.X * _cumulated(step)[reached][:, None] - met
        for g, rows in enumerate(self._competing):
            free = self._free[g, self._event_cells]
            later = _cumulated(free * step)
            means = _cumulated(sums.mean * (free * step)[:, None])
            ahead = (later[-1] - later)[reached[rows]], (means[-1] - means)[reached[rows]]
            lift = 1.0 / self._free_own[rows]
            own[rows] += (self.X[rows] * ahead[0][:, None] - ahead[1]) * lift[:, None]
        result = -own * sums.weight[:, None]
        result[self._event_rows] += (
            self.X[self._event_rows] - sums.mean[reached[self._event_rows] - 1]
        )
        gone, risk = self._censored_and_at_risk()
        for g in range(self._k):
            self._add_censoring(result, g, sums, step, gone[g], risk[g])
        return result

    def _add_censoring(
        self,
        result: FloatArray,
        g: int,
        sums: _Sums,
        step: FloatArray,
        gone: FloatArray,
        risk: FloatArray,
    ) -> None:
        rows = self._competing[g]
        cells = np.flatnonzero(gone)
        if not (len(rows) and len(cells)):
            return
        free = self._free[g, self._event_cells] * step
        later, means = _cumulated(free), _cumulated(sums.mean * free[:, None])
        # Censoring at u changes the weights from u on of those whose competing event came before.
        reached = np.searchsorted(self._event_cells, cells, side="left")
        ahead = (later[-1] - later)[reached], (means[-1] - means)[reached]
        lifted = (sums.weight / self._free_own)[rows]
        parts = np.column_stack((lifted, self.X[rows] * lifted[:, None]))
        held = _cumulated(parts)[np.searchsorted(self._cell[rows], cells, side="left")]
        pull = held[:, 1:] * ahead[0][:, None] - held[:, :1] * ahead[1]
        at_risk = risk[cells][:, None]
        spent = _cumulated(pull * gone[cells][:, None] / at_risk**2)
        inside = np.flatnonzero(self._group == g)
        result[inside] -= spent[np.searchsorted(cells, self._cell[inside], side="right")]
        censored = inside[self._kind[inside] == 0]
        result[censored] += (pull / at_risk)[np.searchsorted(cells, self._cell[censored])]

    def event_weight(self) -> float:
        """Return the number of events, or the sum of their weights."""
        return float(self._events.sum())

    def rising_column(self, direction: FloatArray) -> int | None:
        """Return a column whose coefficient can grow for ever without loss, if one is found."""
        for column, values in enumerate(self.X.T):
            if self._never_falls(values) or self._never_falls(-values):
                return column
        usable = bool(np.isfinite(direction).all() and direction.any())
        if usable and self._never_falls(self.X @ direction):
            return int(np.abs(direction).argmax())
        return None

    def time_column(self) -> int | None:
        """Return None: a column that is the time is named as one without a finite estimate."""
        return None

    def _never_falls(self, value: FloatArray) -> bool:
        """Return whether each event has the highest value in its risk set."""
        highest = np.maximum.accumulate(value[::-1])[::-1][self._start[self._event_cells]]
        for g, rows in enumerate(self._competing):
            before = np.concatenate(([-np.inf], np.maximum.accumulate(value[rows])))
            inside = self._free[g, self._event_cells] > 0.0
            kept = np.where(inside, before[self._at_events[g]], -np.inf)
            highest = np.maximum(highest, kept)
        slack = 1e-7 * (float(np.abs(value).max()) or 1.0)
        at = np.searchsorted(self._event_cells, self._cell[self._event_rows])
        return bool((value[self._event_rows] >= highest[at] - slack).all())


def _cumulated(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return running sums that start with 0."""
    return np.concatenate((np.zeros((1, *values.shape[1:])), np.cumsum(values, axis=0)))
