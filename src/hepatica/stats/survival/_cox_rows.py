"""The partial likelihood of many data sets at once, and its derivatives.

Subjects stand along one axis, from the latest time to the earliest, and data sets along the last
one, so that each sum over a risk set is a running sum of whole vectors. The formulas are those of
`_partial_likelihood`; what a tied time adds is kept at the last subject of that time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hepatica.stats._checks import FloatArray, IntArray

_RUN = 8

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Subjects of b data sets, from the latest time to the earliest.

    Attributes
    ----------
    x : float array (p, m, b) or (p, m)
        Covariates; without a last axis all data sets share them.
    count : float array (m, b)
        How often a subject is in a data set.
    event : bool array (m, b)
        Whether it has the event and is in the data set.
    last : bool array (m, b)
        Whether the next subject has another time.
    """

    x: FloatArray
    count: FloatArray
    event: BoolArray
    last: BoolArray

    def chosen(self, sets: BoolArray) -> Rows:
        """Return some of the data sets."""
        return Rows(
            x=self.x if self.x.ndim == 2 else np.ascontiguousarray(self.x[:, :, sets]),
            count=np.ascontiguousarray(self.count[:, sets]),
            event=np.ascontiguousarray(self.event[:, sets]),
            last=np.ascontiguousarray(self.last[:, sets]),
        )


@dataclass(frozen=True, slots=True, eq=False)
class RowDerivatives:
    """What `Derivatives` holds, of each data set: (b,), (b, p), (b, p, p) and (b, p)."""

    loglik: FloatArray
    score: FloatArray
    information: FloatArray
    weighted_square: FloatArray

    def where(self, taken: BoolArray, other: RowDerivatives) -> RowDerivatives:
        """Return these of the data sets that are taken, and the others elsewhere."""
        return RowDerivatives(
            np.where(taken, self.loglik, other.loglik),
            np.where(taken[:, None], self.score, other.score),
            np.where(taken[:, None, None], self.information, other.information),
            np.where(taken[:, None], self.weighted_square, other.weighted_square),
        )

    def chosen(self, sets: BoolArray) -> RowDerivatives:
        """Return those of some data sets."""
        return RowDerivatives(
            self.loglik[sets],
            self.score[sets],
            self.information[sets],
            self.weighted_square[sets],
        )


@dataclass(frozen=True, slots=True, eq=False)
class _TiedTimes:
    """Times at which a data set has several events, and the rows and steps of these.

    Attributes
    ----------
    at : int array (t,)
        Flat position, in (m, b), of each such time.
    deaths : float array (t,)
        Events.
    row, time_of_row : int array
        Flat positions of the subjects with these events, and the time of each.
    time_of_step : int array
        The time of each step of Efron's method, one for each event.
    share : float array
        What each step leaves out of the events.
    alone : bool
        Whether each time has one subject, who is in the data set several times.
    """

    at: IntArray
    deaths: FloatArray
    row: IntArray
    time_of_row: IntArray
    time_of_step: IntArray
    share: FloatArray
    alone: bool

    def by_time(self, values: FloatArray) -> FloatArray:
        """Return sums over the subjects of each time."""
        if self.alone:
            return values
        return np.bincount(self.time_of_row, values, minlength=len(self.at))

    def by_step(self, values: FloatArray) -> FloatArray:
        """Return sums over the steps of each time."""
        return np.bincount(self.time_of_step, values, minlength=len(self.at))


class RowLikelihood:
    """What stays the same between iterations.

    Parameters
    ----------
    rows : Rows
        Data sets with at least one event each.
    efron : bool
        Efron's method for tied times instead of Breslow's.
    """

    __slots__ = ("_deaths", "_event_total", "_single", "_squares", "_tied", "rows")

    def __init__(self, rows: Rows, efron: bool) -> None:
        self.rows = rows
        counts = np.where(rows.event, rows.count, 0.0)
        self._event_total = self._over_rows(counts)
        deaths, group, position = _deaths(counts, rows.last)
        self._tied = _tied_times(rows, deaths, group, position) if efron else None
        self._deaths = deaths
        self._single = np.where(deaths == 1.0, deaths, 0.0) if efron else deaths
        self._squares = np.empty(0)
        if rows.x.ndim == 2:
            left, right = np.triu_indices(len(rows.x))
            self._squares = rows.x[left] * rows.x[right]

    def _over_rows(self, values: FloatArray) -> FloatArray:
        """Return sums (b, p) over the subjects of covariates times values (m, b)."""
        x = self.rows.x
        sums: FloatArray = values.T @ x.T if x.ndim == 2 else np.einsum("pmb,mb->bp", x, values)
        return sums

    def _square(self, hazard: FloatArray) -> FloatArray:
        """Return sums (b, p, p) over the subjects of products of covariates times a hazard."""
        x = self.rows.x
        if x.ndim == 3:
            return _products(x * hazard, x)
        p = len(x)
        square = np.empty((hazard.shape[1], p, p))
        left, right = np.triu_indices(p)
        square[:, left, right] = hazard.T @ self._squares.T
        square[:, right, left] = square[:, left, right]
        return square

    def _eta(self, coef: FloatArray) -> FloatArray:
        x = self.rows.x
        if x.ndim == 2:
            return x.T @ coef.T
        return np.einsum("pmb,bp->mb", x, coef)

    def at(self, coef: FloatArray) -> RowDerivatives:
        """Return the log partial likelihoods and their derivatives; coef is (b, p)."""
        rows = self.rows
        eta = self._eta(coef)
        top = eta.max(axis=0, where=rows.count > 0, initial=-np.inf)
        eta -= top
        np.minimum(eta, 0.0, out=eta)
        weight = np.exp(eta, out=eta)
        weight *= rows.count
        at_risk = running_rows(weight)
        x = rows.x if rows.x.ndim == 3 else rows.x[:, :, None]
        weighted = x * weight
        sums = running_rows(weighted)
        deaths = self._single
        own = np.where(deaths > 0, at_risk, 1.0)
        log = (deaths * np.log(own)).sum(axis=0)
        step = deaths / own
        means = _products(sums * (step / own), sums)
        spared = np.empty(0)
        tied = self._tied
        if tied is not None and len(tied.at):
            more_log, spared = self._add_tied(tied, weight, weighted, at_risk, sums, step, means)
            log += more_log
        hazard = running_rows(step[::-1])[::-1] * weight
        if tied is not None and len(tied.at):
            flat = hazard.reshape(-1)
            flat[tied.row] -= spared[tied.time_of_row] * weight.reshape(-1)[tied.row]
        square = self._square(hazard)
        lost = self._deaths.sum(axis=0) * top
        return RowDerivatives(
            loglik=np.einsum("bp,bp->b", self._event_total, coef) - lost - log,
            score=self._event_total - self._over_rows(hazard),
            information=square - means,
            weighted_square=np.einsum("bpp->bp", square).copy(),
        )

    def _add_tied(
        self,
        tied: _TiedTimes,
        weight: FloatArray,
        weighted: FloatArray,
        at_risk: FloatArray,
        sums: FloatArray,
        step: FloatArray,
        means: FloatArray,
    ) -> tuple[FloatArray, FloatArray]:
        """Add what Efron's method makes of tied times to `step` and `means`.

        Returns the sums of logarithms by data set, and the hazard spared to the events by time.
        """
        b = weight.shape[1]
        p = len(weighted)
        total = at_risk.reshape(-1)[tied.at]
        inside = tied.by_time(weight.reshape(-1)[tied.row])
        left = total[tied.time_of_step] - tied.share * inside[tied.time_of_step]
        inverse = 1.0 / left
        by_step = tied.by_step(inverse)
        step.reshape(-1)[tied.at] = by_step
        owner = tied.at % b
        rest = sums.reshape(p, -1)[:, tied.at]
        mean = np.empty_like(rest)
        flat = weighted.reshape(p, -1)
        for column in range(p):
            mean[column] = tied.by_time(flat[column].take(tied.row)) / inside
        rest -= mean * total
        cross = mean * by_step
        again = rest * tied.by_step(inverse * inverse)
        for i in range(p):
            for j in range(i, p):
                each = mean[i] * (tied.deaths * mean[j] + by_step * rest[j])
                each += rest[i] * (cross[j] + again[j])
                means[:, i, j] += np.bincount(owner, each, minlength=b)
                means[:, j, i] = means[:, i, j]
        log = np.bincount(owner, tied.by_step(np.log(left)), minlength=b)
        return log, tied.by_step(inverse * tied.share)

    def rises(self, direction: FloatArray, slack: float) -> BoolArray:
        """Return whether each event has the highest value in its risk set, of directions (b, p)."""
        rows = self.rows
        values = self._eta(direction)
        there = rows.count > 0
        largest = np.abs(values).max(axis=0, where=there, initial=0.0)
        values = np.where(there, values, -np.inf)
        highest = np.maximum.accumulate(values, axis=0)
        # The highest value of a time is at its last subject, who stands further on.
        later = np.where(rows.last, highest, np.inf)[::-1]
        own = np.minimum.accumulate(later, axis=0)[::-1]
        low = rows.event & (values < own - slack * np.where(largest > 0, largest, 1.0))
        rising: BoolArray = ~low.any(axis=0)
        return rising


def running_rows(values: FloatArray) -> FloatArray:
    """Return running sums along the last axis but one, whose length is a multiple of 8.

    Runs of 8 are summed side by side, then what came before each run is added: whole vectors are
    added instead of single values.
    """
    *front, m, b = values.shape
    if m <= _RUN:
        return np.cumsum(values, axis=-2)
    runs = m // _RUN
    sums = np.empty(values.shape)
    by_run = sums.reshape(*front, runs, _RUN, b)
    given = values.reshape(*front, runs, _RUN, b)
    by_run[..., 0, :] = given[..., 0, :]
    for place in range(1, _RUN):
        np.add(by_run[..., place - 1, :], given[..., place, :], out=by_run[..., place, :])
    ends = by_run[..., :-1, -1, :]
    padded = np.zeros((*front, -(-(runs - 1) // _RUN) * _RUN, b))
    padded[..., : runs - 1, :] = ends
    before = running_rows(padded)[..., : runs - 1, :]
    by_run[..., 1:, :, :] += before[..., None, :]
    return sums


def rows_needed(n: int) -> int:
    """Return the number of rows, with empty ones at the end, that running sums ask for."""
    return -(-n // _RUN) * _RUN


def _products(left: FloatArray, right: FloatArray) -> FloatArray:
    """Return sums (b, p, p) over the middle axis of products that are alike both ways."""
    p, _, b = left.shape
    products = np.empty((b, p, p))
    for i in range(p):
        for j in range(i, p):
            products[:, i, j] = np.einsum("mb,mb->b", left[i], right[j])
            products[:, j, i] = products[:, i, j]
    return products


def _deaths(counts: FloatArray, last: BoolArray) -> tuple[FloatArray, IntArray, IntArray]:
    """Return events at the last subject of each time, and the time of each subject and where it is.

    Times are numbered over all data sets, one after the other; both are by data set, (b, m).
    """
    m, b = counts.shape
    ends = np.flatnonzero(last.T)
    starts = np.concatenate(([0], ends[:-1] + 1))
    sums = np.add.reduceat(counts.T.reshape(-1), starts)
    deaths = np.zeros((b, m))
    deaths.reshape(-1)[ends] = sums
    group = np.repeat(np.arange(len(ends)), np.diff(ends, prepend=-1)).reshape(b, m)
    position = (ends % m) * b + ends // m
    return np.ascontiguousarray(deaths.T), group, position


def _tied_times(rows: Rows, deaths: FloatArray, group: IntArray, position: IntArray) -> _TiedTimes:
    m, b = deaths.shape
    many = deaths.reshape(-1)[position] > 1.0
    at = position[many]
    number = np.cumsum(many) - 1
    # By data set and time, so that the rows of a time stand together.
    chosen = rows.event.T & many[group]
    place = np.flatnonzero(chosen)
    time_of_row = number[group.reshape(-1)[place]]
    size = deaths.reshape(-1)[at]
    whole = size.astype(np.int64)
    time_of_step = np.repeat(np.arange(len(at)), whole)
    first = np.cumsum(whole) - whole
    within = np.arange(len(time_of_step)) - first[time_of_step]
    return _TiedTimes(
        at=at,
        deaths=size,
        row=(place % m) * b + place // m,
        time_of_row=time_of_row,
        time_of_step=time_of_step,
        share=within / size[time_of_step],
        alone=len(time_of_row) == len(at),
    )
