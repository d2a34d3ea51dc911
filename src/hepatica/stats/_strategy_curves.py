"""Weighted survival of cloned patients under two strategies, for many resamples at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hepatica.stats._checks import FloatArray, IntArray, freeze

#: Shares of survivors below this are 0.
_ALL_DIE = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Clones:
    """What n patients are under both strategies; arrays are read-only.

    Attributes
    ----------
    time, event : array (n,)
        End of follow-up, and whether it was the event.
    start : float array (n,)
        Day of treatment, infinite for those who had none before their follow-up ended.
    x : float array (n, p)
        Covariates, each less its mean.
    grace : float
        Days of the grace period.
    grid : float array (k,)
        Days with an event, in order.
    """

    time: FloatArray
    event: FloatArray
    start: FloatArray
    x: FloatArray
    grace: float
    grid: FloatArray

    @property
    def treated(self) -> FloatArray:
        """Whether treatment began within the grace period: 1 or 0."""
        return (self.start <= self.grace).astype(np.float64)

    @property
    def risk_end(self) -> FloatArray:
        """Day until which treatment could begin."""
        return np.minimum(np.minimum(self.time, self.grace), self.start)


@dataclass(frozen=True, slots=True, eq=False)
class Weighted:
    """Curves (r, 2, k) on the grid, and the weights after the grace period (r, 2, n)."""

    survival: FloatArray
    at_risk: FloatArray
    events: FloatArray
    weights: FloatArray


def make_clones(
    time: FloatArray, event: FloatArray, start: FloatArray, x: FloatArray, grace: float
) -> Clones:
    """Return clones; a treatment on or after the last day of follow-up is none."""
    begun = np.where(start < time, np.maximum(start, 0.0), np.inf)
    centred = x - x.mean(axis=0, keepdims=True)
    grid = np.unique(time[event > 0])
    return Clones(freeze(time), freeze(event), freeze(begun), freeze(centred), grace, freeze(grid))


def treatment_hazard(
    clones: Clones, risk: FloatArray, counts: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return days on which treatment began, and Breslow's jumps (r, m) of its hazard.

    Parameters
    ----------
    clones : Clones
        Patients.
    risk, counts : float array (r, n)
        Relative hazard of treatment, and how often each patient is in each resample.
    """
    treated = clones.treated > 0
    days, place = np.unique(clones.start[treated], return_inverse=True)
    began = np.zeros((len(counts), len(days)))
    np.add.at(began.T, place, counts[:, treated].T)
    at_risk = _at_or_after(clones.risk_end, counts * risk, days)
    with np.errstate(invalid="ignore", divide="ignore"):
        return days, np.where(began > 0, began / at_risk, 0.0)


def _at_or_after(end: FloatArray, values: FloatArray, days: FloatArray) -> FloatArray:
    """Return sums (r, m) of values over those whose end is not before each day."""
    order = np.argsort(end, kind="stable")
    tail = np.cumsum(values[:, order[::-1]], axis=1)[:, ::-1]
    tail = np.concatenate([tail, np.zeros((len(values), 1))], axis=1)
    found: FloatArray = tail[:, np.searchsorted(end[order], days, side="left")]
    return found


def weighted_curves(
    clones: Clones, coef: FloatArray, counts: FloatArray, percentile: float | None
) -> Weighted:
    """Return the curves of both strategies: treatment within the grace period first.

    Parameters
    ----------
    clones : Clones
        Patients.
    coef : float array (r, p)
        Log hazard ratios of treatment.
    counts : float array (r, n)
        How often each patient is in each resample.
    percentile : float, optional
        Weights above this percentile of the weights after the grace period are set to it.
    """
    risk = np.exp(coef @ clones.x.T)
    days, jumps = treatment_hazard(clones, risk, counts)
    total = jumps.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", over="ignore"):
        final = np.stack([-1.0 / np.expm1(-total * risk), np.exp(total * risk)], axis=1)
    after = clones.time > clones.grace
    mine = np.stack([after & (clones.treated > 0), after & (clones.treated == 0)])
    cap = np.full((len(counts), 2, 1), np.inf)
    if percentile is not None:
        cap[..., 0] = _percentiles(final, mine, counts, percentile)
    final = np.where(mine, np.minimum(final, cap), 0.0)
    first = _treated(clones, final[:, 0], counts)
    second = _untreated(clones, (days, jumps, risk), (final[:, 1], cap[:, 1]), counts)
    at_risk: FloatArray = np.stack([first[0], second[0]], axis=1)
    events: FloatArray = np.stack([first[1], second[1]], axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        survives = np.where(at_risk > 0, 1.0 - events / at_risk, 1.0)
    # Sums of weights in another order differ in their last digits where all die.
    survives[survives < _ALL_DIE] = 0.0
    survival: FloatArray = np.cumprod(survives, axis=2, dtype=np.float64)
    return Weighted(survival, at_risk, events, final)


def _percentiles(
    final: FloatArray, mine: np.ndarray, counts: FloatArray, percentile: float
) -> FloatArray:
    """Return the percentile (r, 2) of weights that are followed past the grace period."""
    found = np.full((len(final), 2), np.inf)
    whole = counts.astype(np.int64)
    for replicate in range(len(final)):
        for strategy in (0, 1):
            kept = mine[strategy]
            values = np.repeat(final[replicate, strategy, kept], whole[replicate, kept])
            if len(values):
                found[replicate, strategy] = np.percentile(values, percentile)
    return found


def _treated(
    clones: Clones, final: FloatArray, counts: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return at risk and events where treatment begins within the grace period.

    Until it ends nobody is censored for having no treatment yet; after it those who were treated
    stand for all who were followed past it.
    """
    early = clones.grid <= clones.grace
    grid = clones.grid
    at_risk = np.empty((len(counts), len(grid)))
    events = np.empty_like(at_risk)
    at_risk[:, early] = _at_or_after(clones.time, counts, grid[early])
    events[:, early] = _events(clones, counts, early)
    at_risk[:, ~early] = _at_or_after(clones.time, counts * final, grid[~early])
    events[:, ~early] = _events(clones, counts * final, ~early)
    return at_risk, events


def _untreated(
    clones: Clones,
    treatment: tuple[FloatArray, FloatArray, FloatArray],
    after: tuple[FloatArray, FloatArray],
    counts: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Return at risk and events where no treatment begins within the grace period."""
    days, jumps, risk = treatment
    final, cap = after
    grid = clones.grid
    late = grid > clones.grace
    end = np.where(clones.treated > 0, clones.start, clones.time)
    at_risk = np.empty((len(counts), len(grid)))
    events = np.empty_like(at_risk)
    at_risk[:, late] = _at_or_after(end, counts * final, grid[late])
    events[:, late] = _events(clones, counts * final, late)
    # A patient whose treatment begins on a day is censored at its end, after the events of it.
    hazard = np.concatenate([np.zeros((len(counts), 1)), np.cumsum(jumps, axis=1)], axis=1)
    before = hazard[:, np.searchsorted(days, grid[~late], side="left")]
    for place, day in enumerate(grid[~late]):
        there = end >= day
        weight = np.exp(before[:, place, None] * risk[:, there])
        weight = counts[:, there] * np.minimum(weight, cap)
        at_risk[:, place] = weight.sum(axis=1)
        now = (clones.time[there] == day) & (clones.event[there] > 0)
        events[:, place] = weight[:, now].sum(axis=1)
    return at_risk, events


def _events(clones: Clones, values: FloatArray, chosen: np.ndarray) -> FloatArray:
    """Return sums (r, m) of values over those with the event on each chosen day of the grid."""
    had: IntArray = np.flatnonzero(clones.event > 0)
    place = np.searchsorted(clones.grid, clones.time[had])
    found = np.zeros((len(values), len(clones.grid)))
    np.add.at(found.T, place, values[:, had].T)
    return found[:, chosen]
