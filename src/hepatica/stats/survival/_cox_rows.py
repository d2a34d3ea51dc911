"""The partial likelihood of many data sets at once, and its derivatives.

Subjects stand along one axis and data sets along the last one, so that each sum over a risk set is
a running sum of whole vectors. From the latest time to the earliest they are dealt out in runs of
one length: first stands the first of each run, then the second of each run, so that long stretches
of memory are added at once. The formulas are those of `_partial_likelihood`; what a tied time adds
is kept at the last subject of that time.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt

import numpy as np
import numpy.typing as npt

from hepatica.stats._checks import FloatArray, IntArray

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Subjects of b data sets, dealt out as `dealt` says.

    Attributes
    ----------
    runs : int
        Number of runs.
    x : float array (p, m, b) or (p, m)
        Covariates; without a last axis all data sets share them.
    count : float array (m, b)
        How often a subject is in a data set.
    event : bool array (m, b)
        Whether it has the event and is in the data set.
    end : int array (m, b) or (m,)
        Place of the last subject of the same time; it has a last axis where `x` has.
    """

    runs: int
    x: FloatArray
    count: FloatArray
    event: BoolArray
    end: IntArray

    def chosen(self, sets: BoolArray) -> Rows:
        """Return some of the data sets."""
        return Rows(
            runs=self.runs,
            x=self.x if self.x.ndim == 2 else np.ascontiguousarray(self.x[:, :, sets]),
            count=np.ascontiguousarray(self.count[:, sets]),
            event=np.ascontiguousarray(self.event[:, sets]),
            end=self.end if self.end.ndim == 1 else np.ascontiguousarray(self.end[:, sets]),
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
        return _sums(self.time_of_row, values, len(self.at))

    def by_step(self, values: FloatArray) -> FloatArray:
        """Return sums over the steps of each time."""
        return _sums(self.time_of_step, values, len(self.at))


def _sums(owner: IntArray, values: FloatArray, n: int) -> FloatArray:
    return np.bincount(owner, values, minlength=n).astype(np.float64, copy=False)


@dataclass(frozen=True, slots=True, eq=False)
class _Room:
    """Arrays (m, b) and (p, m, b) that each evaluation writes anew."""

    weight: FloatArray
    at_risk: FloatArray
    step: FloatArray
    work: FloatArray
    weighted: FloatArray
    sums: FloatArray
    columns: FloatArray

    @classmethod
    def of(cls, p: int, m: int, b: int) -> _Room:
        return cls(*(np.empty((m, b)) for _ in range(4)), *(np.empty((p, m, b)) for _ in range(3)))


class RowLikelihood:
    """What stays the same between iterations.

    Parameters
    ----------
    rows : Rows
        Data sets with at least one event each.
    efron : bool
        Efron's method for tied times instead of Breslow's.
    """

    __slots__ = (
        "_deaths",
        "_event_total",
        "_every",
        "_room",
        "_single",
        "_squares",
        "_tied",
        "rows",
    )

    def __init__(self, rows: Rows, efron: bool) -> None:
        self.rows = rows
        counts = np.where(rows.event, rows.count, 0.0)
        self._event_total = self._over_rows(counts)
        deaths = _deaths(counts, rows)
        self._tied = _tied_times(rows, deaths if efron else np.zeros_like(deaths))
        self._deaths: FloatArray = deaths.sum(axis=0)
        self._single = np.where(deaths == 1.0, deaths, 0.0) if efron else deaths
        self._squares = np.empty(0)
        self._every = rows.x
        if rows.x.ndim == 2:
            left, right = np.triu_indices(len(rows.x))
            self._squares = rows.x[left] * rows.x[right]
            self._every = np.empty((*rows.x.shape, deaths.shape[1]))
            self._every[:] = rows.x[:, :, None]
        # Memory that is asked for again at each evaluation costs more than what is done in it.
        self._room = _Room.of(len(rows.x), *deaths.shape)

    @property
    def n_events(self) -> FloatArray:
        """Events of each data set: (b,)."""
        return self._deaths

    def _over_rows(self, values: FloatArray) -> FloatArray:
        """Return sums (b, p) over the subjects of covariates times values (m, b)."""
        x = self.rows.x
        sums: FloatArray = values.T @ x.T if x.ndim == 2 else np.einsum("pmb,mb->bp", x, values)
        return sums

    def _square(self, hazard: FloatArray) -> FloatArray:
        """Return sums (b, p, p) over the subjects of products of covariates times a hazard."""
        x = self.rows.x
        if x.ndim == 3:
            return _products(np.multiply(x, hazard, out=self._room.columns), x)
        p = len(x)
        square = np.empty((hazard.shape[1], p, p))
        left, right = np.triu_indices(p)
        square[:, left, right] = hazard.T @ self._squares.T
        square[:, right, left] = square[:, left, right]
        return square

    def _eta(self, coef: FloatArray, out: FloatArray | None = None) -> FloatArray:
        x = self.rows.x
        eta: FloatArray = (
            np.matmul(x.T, coef.T, out=out)
            if x.ndim == 2
            else np.einsum("pmb,bp->mb", x, coef, out=out)
        )
        return eta

    def at(self, coef: FloatArray) -> RowDerivatives:
        """Return the log partial likelihoods and their derivatives; coef is (b, p)."""
        rows, room = self.rows, self._room
        eta = self._eta(coef, room.weight)
        top = eta.max(axis=0)
        eta -= top
        weight = np.exp(eta, out=eta)
        weight *= rows.count
        weighted = np.multiply(self._every, weight, out=room.weighted)
        at_risk = running_rows(weight, rows.runs, room.at_risk)
        sums = running_rows(weighted, rows.runs, room.sums)
        # Where nobody has come yet there is no event either.
        np.maximum(at_risk, 1e-300, out=at_risk)
        log = np.einsum("mb,mb->b", self._single, np.log(at_risk, out=room.work))
        step = np.divide(self._single, at_risk, out=room.step)
        each = np.divide(step, at_risk, out=room.work)
        means = _products(np.multiply(sums, each, out=room.columns), sums)
        tied = self._tied
        spared = np.empty(0)
        if len(tied.at):
            more_log, spared = self._add_tied(tied, weight, weighted, at_risk, sums, step, means)
            log += more_log
        hazard = running_rows(step[::-1], rows.runs, room.work)[::-1]
        hazard *= weight
        if len(spared):
            hazard[tied.row // hazard.shape[1], tied.row % hazard.shape[1]] -= (
                spared[tied.time_of_row] * weight.reshape(-1)[tied.row]
            )
        square = self._square(hazard)
        return RowDerivatives(
            loglik=np.einsum("bp,bp->b", self._event_total, coef) - self._deaths * top - log,
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
        total = at_risk.reshape(-1).take(tied.at)
        inside = tied.by_time(weight.reshape(-1).take(tied.row))
        left = total.take(tied.time_of_step)
        left -= tied.share * inside.take(tied.time_of_step)
        inverse = 1.0 / left
        by_step = tied.by_step(inverse)
        step.reshape(-1)[tied.at] = by_step
        owner = tied.at % b
        rest = sums.reshape(p, -1).take(tied.at, axis=1)
        mean = np.empty_like(rest)
        flat = weighted.reshape(p, -1)
        for column in range(p):
            mean[column] = tied.by_time(flat[column].take(tied.row)) / inside
        rest -= mean * total
        # Two vectors a time whose squares are what the steps add up to.
        root = np.sqrt(tied.deaths)
        part = by_step / root
        more = np.sqrt(np.maximum(tied.by_step(inverse * inverse) - part * part, 0.0))
        mean *= root
        mean += rest * part
        rest *= more
        for i in range(p):
            for j in range(i, p):
                means[:, i, j] += _sums(owner, mean[i] * mean[j] + rest[i] * rest[j], b)
                means[:, j, i] = means[:, i, j]
        log = _sums(owner, tied.by_step(np.log(left)), b)
        return log, tied.by_step(inverse * tied.share)

    def rises(self, direction: FloatArray, slack: float) -> BoolArray:
        """Return whether each event has the highest value in its risk set, of directions (b, p)."""
        rows = self.rows
        values = self._eta(direction)
        there = rows.count > 0
        largest = np.abs(values).max(axis=0, where=there, initial=0.0)
        values = np.where(there, values, -np.inf)
        standing = _in_turn(len(values), rows.runs)
        highest = np.empty_like(values)
        highest[standing] = np.maximum.accumulate(values[standing], axis=0)
        end = rows.end if rows.end.ndim == 2 else rows.end[:, None]
        own = np.take_along_axis(highest, end, axis=0)
        low = rows.event & (values < own - slack * largest)
        rising: BoolArray = ~low.any(axis=0) & (largest > 0)
        return rising


def running_rows(values: FloatArray, runs: int, out: FloatArray) -> FloatArray:
    """Return running sums over subjects, (..., m, b), who are dealt out in runs.

    Runs are summed side by side, then what came before each run is added.
    """
    *front, m, b = values.shape
    sums = out.reshape(*front, m // runs, runs * b)
    given = values.reshape(sums.shape)
    sums[..., 0, :] = given[..., 0, :]
    for place in range(1, m // runs):
        np.add(sums[..., place - 1, :], given[..., place, :], out=sums[..., place, :])
    before = np.zeros((*front, runs, b))
    ends = sums[..., -1, :].reshape(before.shape)
    for run in range(1, runs):
        np.add(before[..., run - 1, :], ends[..., run - 1, :], out=before[..., run, :])
    sums += before.reshape(*front, 1, runs * b)
    return out


def dealt(n: int) -> tuple[int, IntArray]:
    """Return the number of runs, and which of n subjects stands where; n and above for nobody."""
    runs = max(1, isqrt(n))
    length = -(-n // runs)
    return runs, np.arange(runs * length).reshape(runs, length).T.reshape(-1)


def _products(left: FloatArray, right: FloatArray) -> FloatArray:
    """Return sums (b, p, p) over the middle axis of products that are alike both ways."""
    p, _, b = left.shape
    products = np.empty((b, p, p))
    for i in range(p):
        for j in range(i, p):
            products[:, i, j] = np.einsum("mb,mb->b", left[i], right[j])
            products[:, j, i] = products[:, i, j]
    return products


def _deaths(counts: FloatArray, rows: Rows) -> FloatArray:
    """Return events (m, b) at the last subject of each time."""
    m, b = counts.shape
    if rows.end.ndim == 1:
        standing = _in_turn(m, rows.runs)
        ends = np.flatnonzero(rows.end[standing] == standing)
        sums = np.add.reduceat(counts[standing], np.append(0, ends[:-1] + 1), axis=0)
        deaths = np.zeros((m, b))
        deaths[standing[ends]] = sums
        return deaths
    return _sums(_flat(rows.end, b).reshape(-1), counts.reshape(-1), m * b).reshape(m, b)


def _in_turn(m: int, runs: int) -> IntArray:
    """Return where the subjects stand, from the latest time to the earliest."""
    return np.arange(m).reshape(m // runs, runs).T.reshape(-1)


def _flat(place: IntArray, b: int) -> IntArray:
    """Return flat positions of places (m, b) on the first axis."""
    return place * b + np.arange(b)


def _tied_times(rows: Rows, deaths: FloatArray) -> _TiedTimes:
    m, b = deaths.shape
    at = np.flatnonzero(deaths > 1.0)
    number = np.zeros(m * b, dtype=np.int64)
    number[at] = np.arange(1, len(at) + 1)
    place = rows.end[:, None] if rows.end.ndim == 1 else rows.end
    time = number[_flat(place, b)]
    row = np.flatnonzero(rows.event & (time > 0))
    time_of_row = time.reshape(-1)[row] - 1
    alone = len(row) == len(at)
    if alone:
        row = row[np.argsort(time_of_row)]
    size = deaths.reshape(-1)[at]
    whole = size.astype(np.int64)
    time_of_step = np.repeat(np.arange(len(at)), whole)
    first = np.cumsum(whole) - whole
    within = np.arange(len(time_of_step)) - first[time_of_step]
    return _TiedTimes(
        at=at,
        deaths=size,
        row=row,
        time_of_row=np.arange(len(at)) if alone else time_of_row,
        time_of_step=time_of_step,
        share=within / size[time_of_step],
        alone=alone,
    )
