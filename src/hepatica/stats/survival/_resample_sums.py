"""Hazards, censoring curves, areas and scores of many resamples of one sample at once.

Subjects stand by time along the last axis, resamples along the first. The formulas are those of
`cox_baseline`, `censoring_weights`, `time_auc` and `brier`, each of which takes one sample.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hepatica.stats._checks import FloatArray, IntArray
from hepatica.stats.survival._batch import BoolArray
from hepatica.stats.survival._tally import SAME_TIME


@dataclass(frozen=True, slots=True, eq=False)
class Followed:
    """Subjects by time, at one time the events before the censorings.

    Attributes
    ----------
    order : int array (n,)
        The subjects as they were given.
    time : float array (m,)
        Distinct times.
    tick : int array (n,)
        Place of each subject's time among them.
    event : bool array (n,)
        Whether it is an event.
    start : int array (m,)
        First subject of each time.
    at : int array (t,)
        How many distinct times lie up to each time that is asked for.
    past : bool array (t, n)
        Who is followed past it.
    """

    order: IntArray
    time: FloatArray
    tick: IntArray
    event: BoolArray
    start: IntArray
    at: IntArray
    past: BoolArray


def followed(time: FloatArray, tick: IntArray, event: BoolArray, at: FloatArray) -> Followed:
    """Return subjects by time.

    Parameters
    ----------
    time, tick : array (m,), (n,)
        Distinct times, and the place of each subject's.
    event : bool array (n,)
        Whether it is an event.
    at : float array (t,)
        Times that are asked for.
    """
    order = np.lexsort((~event, tick))
    ordered = tick[order]
    upto = np.searchsorted(time, at * (1.0 + SAME_TIME), side="right")
    return Followed(
        order=order,
        time=time,
        tick=ordered,
        event=event[order],
        start=np.searchsorted(ordered, np.arange(len(time))),
        at=upto,
        past=ordered[None, :] >= upto[:, None],
    )


@dataclass(frozen=True, slots=True, eq=False)
class Tallied:
    """Counts at distinct times: events, censorings and those at risk, each (b, m)."""

    events: FloatArray
    censored: FloatArray
    at_risk: FloatArray


def tallied(of: Followed, counts: IntArray) -> Tallied:
    """Count each resample at each distinct time."""
    removed = np.add.reduceat(counts, of.start, axis=1)
    events = np.add.reduceat(counts * of.event, of.start, axis=1)
    risk = np.cumsum(removed[:, ::-1], axis=1)[:, ::-1]
    return Tallied(*(part.astype(np.float64) for part in (events, removed - events, risk)))


def uncensored_before(of: Followed, tally: Tallied) -> FloatArray:
    """Return G(t-) before each distinct time, and after the last of them: (b, m + 1)."""
    left = tally.at_risk - tally.events
    share = np.divide(tally.censored, left, out=np.zeros_like(left), where=left > 0)
    curve = np.ones((len(left), len(of.time) + 1))
    np.cumprod(1.0 - share, axis=1, out=curve[:, 1:])
    return curve


def survival_at(of: Followed, tally: Tallied) -> FloatArray:
    """Return the Kaplan-Meier estimate after each time that is asked for: (b, t)."""
    risk = tally.at_risk
    share = np.divide(tally.events, risk, out=np.zeros_like(risk), where=risk > 0)
    curve = np.ones((len(risk), len(of.time) + 1))
    np.cumprod(1.0 - share, axis=1, out=curve[:, 1:])
    return curve[:, of.at]


def hazard_at(
    of: Followed, tally: Tallied, counts: IntArray, score: FloatArray, efron: bool
) -> FloatArray:
    """Return the cumulative baseline hazard of score 0 at each time that is asked for: (b, t).

    Parameters
    ----------
    counts : int array (b, n)
        How often each subject is in a resample.
    score : float array (b, n)
        Linear predictor.
    efron : bool
        Whether tied events leave the risk set one after the other.
    """
    most = int(of.at.max(initial=0))
    with np.errstate(over="ignore"):
        risk = np.asarray(counts * np.exp(score), dtype=np.float64)
    sums: FloatArray = np.cumsum(risk[:, ::-1], axis=1)[:, ::-1][:, of.start[:most]]
    events: FloatArray = np.broadcast_to(tally.events[:, :most], sums.shape)
    if efron:
        dying: FloatArray = np.add.reduceat(risk * of.event, of.start, axis=1)[:, :most]
        jump = _efron(sums, dying, events)
    else:
        jump = np.divide(events, sums, out=np.zeros_like(sums), where=events > 0)
    curve = np.zeros((len(risk), most + 1))
    np.cumsum(jump, axis=1, out=curve[:, 1:])
    return curve[:, of.at]


def _efron(sums: FloatArray, dying: FloatArray, events: FloatArray) -> FloatArray:
    """Return jumps: the sum over tied events of one over what is left of the risk set."""
    jump = np.zeros_like(sums)
    places = np.nonzero(events > 0)
    left, out, number = sums[places], dying[places], events[places]
    gained = np.zeros_like(left)
    step = 0
    kept = np.arange(len(left))
    while len(kept):
        gained[kept] += 1.0 / (left[kept] - step / number[kept] * out[kept])
        step += 1
        kept = kept[number[kept] > step]
    jump[places] = gained
    return jump


def areas(
    order: tuple[IntArray, IntArray], rank: IntArray, case: FloatArray, control: FloatArray
) -> FloatArray:
    """Return the share of pairs in which the case has the higher score, equal ones half: (b,).

    Parameters
    ----------
    order : tuple of int array (n,), (k,)
        Subjects by pattern, and where each pattern begins among them.
    rank : int array (b, k)
        Rank of the score of each pattern.
    case, control : float array (b, n) or (1, n)
        Weights of subjects.
    """
    by_pattern, first = order
    shape = rank.shape

    def summed(weight: FloatArray) -> FloatArray:
        sums = np.add.reduceat(weight[:, by_pattern], first, axis=1)
        found = np.empty(shape)
        np.put_along_axis(found, rank, np.broadcast_to(sums, shape), axis=1)
        return found

    cases, controls = summed(case), summed(control)
    won = np.cumsum(controls, axis=1) - controls / 2.0
    pairs = cases.sum(axis=1) * controls.sum(axis=1)
    total = (cases * won).sum(axis=1)
    found: FloatArray = np.divide(total, pairs, out=np.full(len(rank), np.nan), where=pairs > 0)
    return found
