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
from scipy.special import chdtrc, ndtri

Whole = npt.NDArray[np.int64]
Real = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_Z = float(ndtri(0.975))
_ON_THE_LEVEL = float(np.sqrt(np.finfo(np.float64).eps))
_NEWTON_STEPS = 12
_LARGEST_STEP = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """Kaplan-Meier curves of many sets, one step for each patient in the order of time.

    Attributes
    ----------
    time : int array (sets, patients)
        Times, rising; at equal times events come first.
    survival, lower, upper : float array (sets, patients)
        The curve and its log-log limits, NaN where there are none.
    """

    time: Whole
    survival: Real
    lower: Real
    upper: Real


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
    n = time.shape[1]
    order = np.argsort(2 * time + ~event, axis=1, kind="stable")
    ordered = np.take_along_axis(time, order, axis=1)
    ends = np.take_along_axis(event, order, axis=1)
    risk = np.broadcast_to(np.arange(n, 0, -1), time.shape).astype(np.float64)
    if entry is not None:
        risk = risk - (entry[:, None, :] >= ordered[:, :, None]).sum(axis=2)
    with np.errstate(divide="ignore", invalid="ignore"):
        survival = np.cumprod(1.0 - ends / risk, axis=1)
        spread = np.sqrt(np.cumsum(ends / (risk * (risk - 1.0 + ~ends)), axis=1))
        theta = np.log(-np.log(survival))
        half = _Z * spread / np.log(survival)
        lower = np.exp(-np.exp(theta - half))
        upper = np.exp(-np.exp(theta + half))
    within = ordered[:, :-1] == ordered[:, 1:]
    without = (survival <= 0.0) | (survival >= 1.0)
    without[:, :-1] |= within
    survival[:, :-1][within] = np.nan
    lower[without] = np.nan
    upper[without] = np.nan
    return Curves(ordered, survival, lower, upper)


def read_at(curves: Curves, column: Real, day: int) -> Real:
    """Read a column of the curves at a day; 1 before the first step."""
    steps = (curves.time <= day).sum(axis=1)
    values = np.take_along_axis(column, np.maximum(steps - 1, 0)[:, None], axis=1)[:, 0]
    return np.where(steps == 0, 1.0, values)


def median_of(curves: Curves, column: Real) -> Real:
    """Return the time at which a column of the curves reaches one half; infinite if it does not."""
    reached = column < 0.5 + _ON_THE_LEVEL
    first = reached.argmax(axis=1)[:, None]
    start = np.take_along_axis(curves.time, first, axis=1)[:, 0].astype(np.float64)
    flat = np.take_along_axis(column, first, axis=1)[:, 0] > 0.5 - _ON_THE_LEVEL
    below = column < 0.5 - _ON_THE_LEVEL
    end = np.take_along_axis(curves.time, below.argmax(axis=1)[:, None], axis=1)[:, 0]
    middle = np.where(below.any(axis=1), (start + end) / 2.0, np.inf)
    return np.where(reached.any(axis=1), np.where(flat, middle, start), np.inf)


@dataclass(frozen=True, slots=True, eq=False)
class RiskSets:
    """Risk sets of two groups at each patient's own time.

    Attributes
    ----------
    event : bool array (sets, patients)
        Whether the patient has an event at that time.
    second : bool array (patients,)
        Whether the patient is of the second group.
    all, of_second, deaths : float array (sets, patients)
        At risk, at risk of the second group, events at that time.
    """

    event: Flags
    second: Flags
    all: Real
    of_second: Real
    deaths: Real


def risk_sets_of(time: Whole, event: Flags, second: Flags) -> RiskSets:
    """Count who is at risk at each patient's time."""
    later = time[:, None, :] >= time[:, :, None]
    same = (time[:, None, :] == time[:, :, None]) & event[:, None, :]
    return RiskSets(
        event,
        second,
        later.sum(axis=2).astype(np.float64),
        later[:, :, second].sum(axis=2).astype(np.float64),
        same.sum(axis=2).astype(np.float64),
    )


def logrank_p(sets: RiskSets) -> Real:
    """Return the p-value of the log-rank test of two groups."""
    share = sets.of_second / sets.all
    difference = (sets.event * (sets.second - share)).sum(axis=1)
    left = (sets.all - sets.deaths) / np.maximum(sets.all - 1.0, 1.0)
    variance = (sets.event * share * (1.0 - share) * left).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = difference**2 / variance
    p: Real = chdtrc(1.0, np.nan_to_num(statistic))
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
