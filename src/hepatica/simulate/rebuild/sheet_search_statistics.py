"""Survival statistics of many sets of times at once, for the search of sheets.

Rows are sets, columns patients. No two events of a set share a time, so that every handling of
ties is the same. Medians are those of `search_statistics`. What the search finds is judged by
`hepatica.stats.survival`, never by these.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.special import erfc

from hepatica.simulate.rebuild.search_statistics import Flags, Real, Whole

_LARGEST_STEP = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Ordered:
    """Sets in the order of time.

    Attributes
    ----------
    place : int array (sets, patients)
        Position of each patient.
    event : float array (sets, patients)
        1 for an event.
    ties : float array (sets,)
        Pairs of neighbouring events at one time.
    """

    place: Whole
    event: Real
    ties: Real

    def take(self, flags: Whole) -> Real:
        """Return flags of patients, (patients,) or (sets, patients), in the order of time."""
        if flags.ndim == 1:
            taken: Real = flags[self.place].astype(np.float64)
            return taken
        return np.take_along_axis(flags, self.place, axis=1).astype(np.float64)


def ordered(time: Whole, event: Flags) -> Ordered:
    """Order the patients of each set by time, events before censorings."""
    key = 2 * time + ~event
    place = np.argsort(key, axis=1, kind="stable")
    key = np.take_along_axis(key, place, axis=1)
    ends = (key & 1) == 0
    ties = ((key[:, 1:] == key[:, :-1]) & ends[:, 1:]).sum(axis=1)
    return Ordered(place, ends.astype(np.float64), ties.astype(np.float64))


def logrank_p(sets: Ordered, second: Real) -> Real:
    """Return the p-value of the log-rank test of two groups; `second` in the order of time.

    Examples
    --------
    >>> one = ordered(np.array([[1, 2, 3, 4]]), np.ones((1, 4), dtype=bool))
    >>> round(float(logrank_p(one, np.array([[0.0, 1.0, 0.0, 1.0]]))[0]), 4)
    0.4328
    """
    share = _left(second) / np.arange(second.shape[1], 0.0, -1.0)
    difference = (sets.event * (second - share)).sum(axis=1)
    variance = (sets.event * share * (1.0 - share)).sum(axis=1)
    p: Real = erfc(np.abs(difference) / np.sqrt(2.0 * np.maximum(variance, 1e-300)))
    return p


class Coefficients(NamedTuple):
    """Log hazard ratios (sets, covariates) with their standard errors."""

    coef: Real
    error: Real


def cox_rows(sets: Ordered, x: Real, start: Real, steps: int = 5) -> Coefficients:
    """Fit a proportional hazards model to each set by Newton's method.

    Parameters
    ----------
    sets : Ordered
        The sets.
    x : float array (covariates, sets, patients)
        Covariates in the order of time.
    start : float array (covariates,)
        Where to start; near the printed values few steps are enough.
    steps : int
        Newton steps.

    Examples
    --------
    >>> one = ordered(np.array([[1, 2, 3, 4]]), np.ones((1, 4), dtype=bool))
    >>> fit = cox_rows(one, np.array([[[0.0, 1.0, 0.0, 1.0]]]), np.zeros(1), 12)
    >>> round(float(fit.coef[0, 0]), 4)
    -0.9406
    """
    p, n_sets, _ = x.shape
    coef = np.broadcast_to(start, (n_sets, p)).copy()
    pairs = [(a, b) for a in range(p) for b in range(a, p)]
    observed = (sets.event * x).sum(axis=2).T
    information = np.empty((n_sets, p, p))
    for _ in range(steps + 1):
        weight = np.exp(np.einsum("asn,sa->sn", x, coef))
        total = _left(weight)
        first = [_left(weight * one) / total for one in x]
        for a, b in pairs:
            second = _left(weight * x[a] * x[b]) / total if a != b else first[a]
            # Covariates are 0 or 1, so that the square of one is itself.
            value = (sets.event * (second - first[a] * first[b])).sum(axis=1)
            information[:, a, b] = information[:, b, a] = value
        information[:, range(p), range(p)] += 1e-9
        score = observed - np.stack([(sets.event * one).sum(axis=1) for one in first], axis=1)
        step = np.linalg.solve(information, score[..., None])[..., 0]
        coef = np.clip(coef + np.clip(step, -_LARGEST_STEP, _LARGEST_STEP), -8.0, 8.0)
    variance = np.linalg.inv(information)[:, range(p), range(p)]
    return Coefficients(coef, np.sqrt(np.maximum(variance, 1e-12)))


def _left(values: Real) -> Real:
    """Return the sum over each patient and those after her."""
    return np.cumsum(values[:, ::-1], axis=1)[:, ::-1]
