"""The jumps of the baseline hazard of a fitted model, which its diagnostics share.

An event "cell" is a distinct time of a stratum with an event. Under Efron's method its d deaths
fall one after the other: before fall l, a share l/d of the dying has left the risk set. Under
Breslow's method nobody has. A diagnostic is a sum over falls, and cumulative sums over cells give
each row its own in O(n p).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hepatica.errors import InputError
from hepatica.stats._checks import FloatArray, IntArray
from hepatica.stats.survival._cox_data import CoxData
from hepatica.stats.survival._running import running
from hepatica.stats.survival._tally import SAME_TIME
from hepatica.stats.survival.cox import CoxFit


@dataclass(frozen=True, slots=True, eq=False)
class HazardSteps:
    """Risk-set sums at the falls of a fitted model with p covariates.

    Cumulative arrays have one "slot" before the first cell of each stratum, worth zero, so that a
    row reads its own by index.

    Attributes
    ----------
    centre : float array (p,)
        Weighted mean of the covariates.
    X : float array (n, p)
        Covariates less `centre`.
    weight, risk : float array (n,)
        Case weights; relative hazards at `centre`, scaled to a largest of 1.
    log_scale : float
        Logarithm of what relative hazards were divided by, and hazards multiplied with.
    first, last : int array (n,)
        Slots at entry and at the end of follow-up.
    cells_before : int array (k + 1,)
        Cells before each stratum, and in all.
    time : float array (m,)
        Times of the cells, rising in each stratum.
    deaths, dying : int array (m,), float array (m,)
        Deaths of each cell, and their weight.
    at_risk : float array (m,)
        Weight at risk.
    rows, cell : int array (d,)
        Rows with an event and a weight above 0 in the order of cells, and the cell of each.
    share : float array (d,)
        Share of the dying that has left before each fall.
    total : float array (d,)
        Sum of weight times risk before each fall.
    mean : float array (d, p)
        Mean of `X` in the risk set before each fall.
    hazard : float array (d,)
        Jump of the cumulative hazard at each fall.
    """

    centre: FloatArray
    X: FloatArray
    weight: FloatArray
    risk: FloatArray
    log_scale: float
    first: IntArray
    last: IntArray
    cells_before: IntArray
    time: FloatArray
    deaths: IntArray
    dying: FloatArray
    at_risk: FloatArray
    rows: IntArray
    cell: IntArray
    share: FloatArray
    total: FloatArray
    mean: FloatArray
    hazard: FloatArray

    def per_cell(self, falls: FloatArray) -> FloatArray:
        """Sum values of falls, of any shape behind the first axis, in each cell."""
        start = np.cumsum(self.deaths) - self.deaths
        summed: FloatArray = np.add.reduceat(falls, start, axis=0)
        return summed

    def cumulate(self, cells: FloatArray) -> FloatArray:
        """Return cumulative sums of values of cells at slots."""
        k = len(self.cells_before) - 1
        begin = self.cells_before[:-1] + np.arange(k)
        slots = np.zeros((*cells.shape[1:], len(cells) + k))
        slots[..., np.delete(np.arange(len(cells) + k), begin)] = np.moveaxis(cells, 0, -1)
        return np.moveaxis(running(slots, begin), -1, 0)

    def during(self, slots: FloatArray) -> FloatArray:
        """Return what was gathered during each row's follow-up."""
        gathered: FloatArray = slots[self.last] - slots[self.first]
        return gathered

    def own(self, falls: FloatArray) -> FloatArray:
        """Return the sum of values of falls over each row's follow-up.

        A row that dies under Efron's method counts its own falls less and less.
        """
        found = self.during(self.cumulate(self.per_cell(falls)))
        share = self.share.reshape(-1, *(1,) * (falls.ndim - 1))
        found[self.rows] -= self.per_cell(share * falls)[self.cell]
        return found

    def information(self, factor: FloatArray) -> FloatArray:
        """Return the information matrix with each fall multiplied by a factor."""
        weighted = self.hazard * factor
        own = self.own(weighted)
        square = self.X.T @ (self.X * (self.weight * self.risk * own)[:, None])
        lifted = self.mean * (self.total * weighted)[:, None]
        found: FloatArray = square - self.mean.T @ lifted
        return (found + found.T) / 2.0

    def vcov(self) -> FloatArray:
        """Return the inverse information at the estimate.

        Newton's method has it at the last point but one, which is precise enough for a standard
        error but not for a comparison of residuals to the last digits.
        """
        return np.asarray(np.linalg.inv(self.information(np.ones(len(self.hazard)))), np.float64)


def hazard_steps(fit: CoxFit) -> HazardSteps:
    """Return the jumps of the hazard of a fitted model.

    Raises
    ------
    InputError
        If the fit has exact ties, for which these sums have no closed form.
    """
    if fit.ties not in ("efron", "breslow"):
        raise InputError(
            f"Diagnostics and predictions need ties 'efron' or 'breslow'; the fit has {fit.ties!r}."
        )
    data = fit.data
    weight = data.weights if data.weights.size else np.ones(len(data.time))
    centre = np.asarray(weight @ data.X / weight.sum(), dtype=np.float64)
    X = data.X - centre
    linear = X @ fit.coef + (data.offset if data.offset.size else 0.0)
    top = float(linear.max())
    return _gather(data, fit.ties, centre, X, weight, np.exp(linear - top), top)


def _gather(
    data: CoxData,
    ties: str,
    centre: FloatArray,
    X: FloatArray,
    weight: FloatArray,
    risk: FloatArray,
    top: float,
) -> HazardSteps:
    upper, tick = distinct_times(data.time)
    width = len(upper) + 1
    key = data.stratum * width + tick + 1
    rows = np.flatnonzero(data.event & (weight > 0.0))
    rows = rows[np.argsort(key[rows], kind="stable")]
    found, cell, deaths = np.unique(key[rows], return_inverse=True, return_counts=True)
    k = int(data.stratum.max()) + 1
    cells_before = np.searchsorted(found, np.arange(k + 1) * width)
    last = np.searchsorted(found, key, side="right") + data.stratum
    if data.entry.size:
        entered = np.searchsorted(upper, data.entry * (1.0 + SAME_TIME), side="right")
        key_entry = data.stratum * width + entered
        first = np.searchsorted(found, key_entry, side="right") + data.stratum
    else:
        first = cells_before[data.stratum] + data.stratum
    begin = np.cumsum(deaths) - deaths
    rank = np.arange(len(rows)) - begin[cell]
    share = rank / deaths[cell] if ties == "efron" else np.zeros(len(rows))
    sums = _Sums(first, last, cells_before, bool(data.entry.size))
    force = weight * risk
    dying = np.add.reduceat(weight[rows], begin)
    tied = np.add.reduceat(force[rows], begin)
    total = sums(force)[cell] - share * tied[cell]
    mean = np.empty((len(rows), X.shape[1]))
    for column in range(X.shape[1]):
        values = force * X[:, column]
        leaving = np.add.reduceat(values[rows], begin)
        mean[:, column] = (sums(values)[cell] - share * leaving[cell]) / total
    return HazardSteps(
        centre=centre,
        X=X,
        weight=weight,
        risk=risk,
        log_scale=top,
        first=first,
        last=last,
        cells_before=cells_before,
        time=upper[found % width - 1],
        deaths=deaths,
        dying=dying,
        at_risk=sums(weight),
        rows=rows,
        cell=cell,
        share=share,
        total=total,
        mean=mean,
        hazard=(dying / deaths)[cell] / total,
    )


class _Sums:
    """Sums over the risk sets of cells."""

    __slots__ = ("_cells_before", "_entered", "_first", "_last")

    def __init__(
        self, first: IntArray, last: IntArray, cells_before: IntArray, entered: bool
    ) -> None:
        self._first = first
        self._last = last
        self._cells_before = cells_before
        self._entered = entered

    def __call__(self, values: FloatArray) -> FloatArray:
        k = len(self._cells_before) - 1
        size = int(self._cells_before[-1]) + k
        slots = np.zeros(size)
        slots += np.bincount(self._last, weights=values, minlength=size)
        if self._entered:
            slots -= np.bincount(self._first, weights=values, minlength=size)
        # From the end of each stratum; its first slot is before any event.
        end = size - (self._cells_before[:0:-1] + np.arange(k, 0, -1))
        sums = running(slots[::-1], end)[::-1]
        return np.delete(sums, self._cells_before[:-1] + np.arange(k))


def distinct_times(time: FloatArray) -> tuple[FloatArray, npt.NDArray[np.int64]]:
    """Return distinct times, and the position of each row's time among them.

    Of times that differ by rounding alone the largest stands for all.
    """
    exact, position = np.unique(time, return_inverse=True)
    last = np.append(np.diff(exact) > SAME_TIME * exact[1:], True)
    run = np.cumsum(last) - last
    return exact[last], run[position]
