"""Survival statistics of many sets of times at once, for the search.

A search looks at millions of sets of times. These functions compute one statistic for all of them
in one pass; rows are sets, columns patients. What the search finds is judged by the estimators of
`hepatica.stats.survival`, never by these. The methods are those of the dialect ``sas``: log-log
limits, the middle of a flat step for a median, Breslow's handling of ties.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import erfc, ndtri

Whole = npt.NDArray[np.int64]
Real = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_Z = float(ndtri(0.975))
_ON_THE_LEVEL = float(np.sqrt(np.finfo(np.float64).eps))
_NEWTON_STEPS = 12
_LARGEST_STEP = 2.0


_HALF = float(np.log(np.log(2.0)))


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """Kaplan-Meier curves of many sets, one step for each patient in the order of time.

    A curve that falls is one that rises on the scale log(-log survival), on which the limits lie
    at equal distances; there is no need to come back from it but where a curve is read.

    Attributes
    ----------
    time : int array (sets, patients)
        Times, rising; at equal times events come first.
    position : float array (sets, patients)
        log(-log survival); minus infinity at 1, infinity at 0, NaN inside of ties.
    reach : float array (sets, patients)
        Distance of the limits; NaN where there are none.
    """

    time: Whole
    position: Real
    reach: Real

    def limit(self, name: str) -> Real:
        """Return the curve (``""``) or its limit ``lower`` or ``upper``, on the same scale."""
        sign = {"": 0.0, "lower": 1.0, "upper": -1.0}[name]
        return self.position + sign * self.reach if sign else self.position


def curves_of(time: Whole, event: Flags, entry: Whole | None = None) -> Curves:
    """Estimate a curve for each row.

    Parameters
    ----------
    time : int array (sets, patients)
        Times.
    event : bool array (sets, patients)
        Events.
    entry : int array (sets, patients), optional
        Delayed entry.

    Notes
    -----
    Steps at equal times are taken one by one: the product and Greenwood's sum telescope, so that
    the last of them is what one step would give. The others are NaN.
    """
    key = np.sort(2 * time + ~event, axis=1)
    ordered, ends = key >> 1, (key & 1) == 0
    risk = np.arange(time.shape[1], 0.0, -1.0)
    if entry is not None:
        risk = risk - (entry[:, None, :] >= ordered[:, :, None]).sum(axis=2)
    with np.errstate(divide="ignore", invalid="ignore"):
        # A product, not a sum of logarithms: one half has to come out as one half.
        survival = np.multiply.accumulate(1.0 - ends / risk, axis=1)
        greenwood = np.cumsum(np.where(ends, 1.0 / (risk * (risk - 1.0)), 0.0), axis=1)
        hazard = -np.log(survival)
        position = np.log(hazard)
        reach = _Z * np.sqrt(greenwood) / hazard
    within = ordered[:, :-1] == ordered[:, 1:]
    position[:, :-1][within] = np.nan
    reach[~np.isfinite(position)] = np.nan
    return Curves(ordered, position, reach)


def read_at(curves: Curves, limit: str, day: int) -> Real:
    """Read the curves or their limits at a day; 1 before the first step."""
    steps = (curves.time <= day).sum(axis=1)
    rows, at = np.arange(len(steps)), np.maximum(steps - 1, 0)
    position = curves.limit(limit)[rows, at]
    return np.where(steps == 0, 1.0, np.exp(-np.exp(position)))


def median_of(curves: Curves, limit: str) -> Real:
    """Return when the curves or their limits reach one half; infinite if they do not."""
    position = curves.limit(limit)
    rows = np.arange(len(position))
    reached = position > _HALF - _ON_THE_LEVEL
    first = reached.argmax(axis=1)
    start = curves.time[rows, first].astype(np.float64)
    flat = position[rows, first] < _HALF + _ON_THE_LEVEL
    below = position > _HALF + _ON_THE_LEVEL
    last = below.argmax(axis=1)
    middle = np.where(below[rows, last], (start + curves.time[rows, last]) / 2.0, np.inf)
    return np.where(reached[rows, first], np.where(flat, middle, start), np.inf)


@dataclass(frozen=True, slots=True, eq=False)
class RiskSets:
    """Risk sets of two groups at each patient's own time, patients in the order of time.

    Attributes
    ----------
    event, second : float array (sets, patients)
        1 if the patient has an event at that time, is of the second group.
    all, of_second, deaths : float array (sets, patients)
        At risk, at risk of the second group, events at that time.
    """

    event: Real
    second: Real
    all: Real
    of_second: Real
    deaths: Real


def risk_sets_of(time: Whole, event: Flags, second: Flags) -> RiskSets:
    """Count who is at risk at each patient's time."""
    key = np.sort(4 * time + 2 * ~event + second, axis=1)
    ordered, n = key >> 2, time.shape[1]
    ends = (((key >> 1) & 1) == 0).astype(np.float64)
    of_second = (key & 1).astype(np.float64)
    rows, place = np.arange(len(key))[:, None], np.broadcast_to(np.arange(n), key.shape)
    new = np.ones((len(key), n + 1), dtype=np.bool_)
    new[:, 1:n] = ordered[:, 1:] != ordered[:, :-1]
    # All of a time are at risk at it: its risk set is that of the first of them.
    first = np.maximum.accumulate(np.where(new[:, :n], place, 0), axis=1)
    last = np.minimum.accumulate(np.where(new[:, 1:], place, n)[:, ::-1], axis=1)[:, ::-1]
    left = np.cumsum(of_second[:, ::-1], axis=1)[:, ::-1]
    seen = np.cumsum(ends, axis=1)
    return RiskSets(
        ends,
        of_second,
        (n - first).astype(np.float64),
        left[rows, first],
        seen[rows, last] - seen[rows, first] + ends[rows, first],
    )


def logrank_p(sets: RiskSets) -> Real:
    """Return the p-value of the log-rank test of two groups."""
    share = sets.of_second / sets.all
    difference = (sets.event * (sets.second - share)).sum(axis=1)
    left = (sets.all - sets.deaths) / np.maximum(sets.all - 1.0, 1.0)
    variance = (sets.event * share * (1.0 - share) * left).sum(axis=1)
    # The chi-square distribution with one degree of freedom.
    p: Real = erfc(np.abs(difference) / np.sqrt(2.0 * np.maximum(variance, 1e-300)))
    return p


def hazard_ratios(sets: RiskSets) -> tuple[Real, Real, Real]:
    """Return hazard ratios of the second group to the first, with Wald limits."""
    first = sets.all - sets.of_second
    coef = np.zeros(len(sets.all))
    information = np.ones(len(sets.all))
    for _ in range(_NEWTON_STEPS):
        weighted = sets.of_second * np.exp(coef)[:, None]
        share = weighted / (weighted + first)
        score = (sets.event * (sets.second - share)).sum(axis=1)
        information = np.maximum((sets.event * share * (1.0 - share)).sum(axis=1), 1e-9)
        step = np.clip(score / information, -_LARGEST_STEP, _LARGEST_STEP)
        coef = np.clip(coef + step, -10.0, 10.0)
    spread = _Z / np.sqrt(information)
    return np.exp(coef), np.exp(coef - spread), np.exp(coef + spread)
