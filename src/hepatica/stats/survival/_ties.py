"""Tied events under Breslow's and Efron's methods, and what a likelihood returns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hepatica.stats._checks import FloatArray, IntArray
from hepatica.stats.survival._tied_sums import tied_sums


@dataclass(frozen=True, slots=True, eq=False)
class Derivatives:
    """Log partial likelihood, score (p,) and information (p, p) at one coefficient vector.

    `weighted_square` is the diagonal of the information before the means are taken off.
    """

    loglik: float
    score: FloatArray
    information: FloatArray
    weighted_square: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """What the coefficients make of the m rows and C cells of the order.

    Attributes
    ----------
    loglik : float
        Log partial likelihood.
    weight, hazard : float array (m,)
        Weight of a row (case weight times risk), and it times the row's cumulative hazard.
    at_risk, tied : float array (C,)
        Weight of the risk set and of its events.
    step, step_square : float array (C,)
        Sums of 1 / D and 1 / D squared over the events, times their mean case weight.
    """

    loglik: float
    weight: FloatArray
    hazard: FloatArray
    at_risk: FloatArray
    tied: FloatArray
    step: FloatArray
    step_square: FloatArray


class Ties:
    """Sums over tied events: what Efron's and Breslow's methods do with each cell."""

    __slots__ = ("deaths", "efron", "factor", "many", "owner", "share", "start", "weight")

    def __init__(
        self, deaths: IntArray, weight: FloatArray, efron: bool, *, closed: bool = False
    ) -> None:
        self.deaths = deaths
        self.weight = weight
        self.efron = efron and bool((deaths > 1).any())
        # Where many are tied at each time, their sums may be taken in closed form.
        self.many = closed and self.efron and int(deaths.sum()) > 20 * len(deaths)
        if not self.efron or self.many:
            self.factor = weight
            return
        self.start = np.cumsum(deaths) - deaths
        self.owner = np.repeat(np.arange(len(deaths)), deaths)
        within = np.arange(len(self.owner)) - self.start[self.owner]
        self.share = within / deaths[self.owner]
        self.factor = (weight / deaths)[self.owner]

    def sums(
        self, at_risk: FloatArray, tied: FloatArray
    ) -> tuple[float, FloatArray, FloatArray, FloatArray | None]:
        """Return the sum of log D, and sums of 1/D, 1/D^2 and (j/d)/D by cell, all weighted."""
        if not self.efron:
            inverse = self.weight / at_risk
            return float(self.weight @ np.log(at_risk)), inverse, inverse / at_risk, None
        if self.many:
            each = self.weight / self.deaths
            found = tied_sums(at_risk, tied, self.deaths)
            spared = (at_risk * found.inverse - self.deaths) / tied
            spared[self.deaths == 1] = 0.0
            return (
                float(each @ found.log),
                each * found.inverse,
                each * found.inverse_square,
                each * spared,
            )
        total = at_risk[self.owner]
        total -= self.share * tied[self.owner]
        inverse = self.factor / total
        return (
            float(self.factor @ np.log(total)),
            self.by_cell(inverse),
            self.by_cell(inverse / total),
            self.by_cell(inverse * self.share),
        )

    def by_cell(self, values: FloatArray) -> FloatArray:
        """Return sums of values of single events over each cell."""
        return np.asarray(np.bincount(self.owner, values), dtype=np.float64)

    def spared(self, at_risk: FloatArray, tied: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return sums of (j/d)/D and (j/d)/D^2 by cell, weighted."""
        if not self.efron:
            return np.zeros(len(at_risk)), np.zeros(len(at_risk))
        total = at_risk[self.owner] - self.share * tied[self.owner]
        part = self.factor * self.share / total
        return self.by_cell(part), self.by_cell(part / total)


def mean_products(
    ties: Ties, sums: FloatArray, tied: FloatArray, found: Weights, cells: slice
) -> FloatArray:
    """Return the sum over the events of some cells of the products of the risk-set means.

    Parameters
    ----------
    ties : Ties
        Handling of ties.
    sums, tied : float array (p, c)
        Weighted sums of the covariates over the risk set and over the events of these cells.
    found : Weights
        Weights of all cells.
    cells : slice
        Which cells these are.
    """
    if not ties.efron:
        return (sums * found.step_square[cells]) @ sums.T
    mean = tied / found.tied[cells]
    rest = sums - mean * found.at_risk[cells]
    cross = (mean * found.step[cells]) @ rest.T
    products: FloatArray = (mean * ties.weight[cells]) @ mean.T + cross + cross.T
    products += (rest * found.step_square[cells]) @ rest.T
    return products
