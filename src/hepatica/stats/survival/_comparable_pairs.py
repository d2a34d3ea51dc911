"""Comparable pairs of subjects, counted by the order of their scores.

A pair is comparable if one has the event while the other is still followed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hepatica.stats._checks import FloatArray, IntArray
from hepatica.stats.survival._cox_data import CoxData
from hepatica.stats.survival._cox_steps import distinct_times
from hepatica.stats.survival._rank_sums import range_rank_sums
from hepatica.stats.survival._tally import SAME_TIME


@dataclass(frozen=True, slots=True, eq=False)
class Subjects:
    """Checked input.

    `tick` numbers the distinct times, `entered` is the last of them at or before entry (-1: none),
    and `rank` the dense rank of the score.
    """

    times: FloatArray
    tick: IntArray
    event: npt.NDArray[np.bool_]
    rank: IntArray
    weight: FloatArray
    weighted: bool
    entered: IntArray
    stratum: IntArray


def number_subjects(data: CoxData, rank: IntArray) -> Subjects:
    """Give subjects with ranked scores numbers in place of their times."""
    upper, tick = distinct_times(data.time)
    n = len(tick)
    entered = np.full(n, -1, dtype=np.int64)
    if data.entry.size:
        entered = np.searchsorted(upper, data.entry * (1.0 + SAME_TIME), side="right") - 1
    return Subjects(
        times=data.time,
        tick=tick,
        event=data.event,
        rank=rank,
        weight=data.weights if data.weights.size else np.ones(n),
        weighted=bool(data.weights.size),
        entered=entered,
        stratum=data.stratum,
    )


def pairs_as_event(
    subjects: Subjects, opens: npt.NDArray[np.bool_], value: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return, for each event, the pair weight of those still followed, by their score."""
    width = int(subjects.tick.max()) + 2
    # Twice the time, so that events of a time stand before its censorings.
    key = 2 * (subjects.stratum * width + subjects.tick) + ~subjects.event
    rows = np.flatnonzero(opens)
    end_of_stratum = 2 * (subjects.stratum[rows] + 1) * width
    found = _sums(subjects, key, key[rows], end_of_stratum, rows)
    if (subjects.entered >= 0).any():
        # Those who enter at the event or later have a later end too, and were counted.
        place = subjects.stratum * width + subjects.entered
        asked = subjects.stratum[rows] * width + subjects.tick[rows] - 1
        late = _sums(subjects, place, asked, (subjects.stratum[rows] + 1) * width - 1, rows)
        found = tuple(a - b for a, b in zip(found, late, strict=True))
    out = np.zeros((3, len(opens)))
    out[:, rows] = np.asarray(found) * value[rows]
    return out[0], out[1], out[2]


def _sums(
    subjects: Subjects, key: IntArray, after: IntArray, up_to: IntArray, rows: IntArray
) -> tuple[FloatArray, ...]:
    """Sum weights of subjects with after < key < up_to, by score against that of `rows`."""
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    left = np.searchsorted(ordered, after, side="right")
    right = np.searchsorted(ordered, up_to, side="left")
    weight = subjects.weight[order]
    below, equal = range_rank_sums(
        subjects.rank[order],
        weight if subjects.weighted else None,
        left,
        right,
        subjects.rank[rows],
    )
    sums = np.append(0.0, np.cumsum(weight))
    return below, equal, sums[right] - sums[left] - below - equal


def pairs_as_partner(
    subjects: Subjects, opens: npt.NDArray[np.bool_], value: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return, for each subject, the pair weight of events during its follow-up, by their score."""
    width = int(subjects.tick.max()) + 2
    key = subjects.stratum * width + subjects.tick
    rows = np.flatnonzero(opens)
    order = rows[np.argsort(key[rows], kind="stable")]
    ordered = key[order]
    left = np.searchsorted(ordered, subjects.stratum * width + subjects.entered, side="right")
    # A censoring counts as after the events of its time; of two events at a time none is first.
    right = np.searchsorted(ordered, key + ~subjects.event, side="left")
    left = np.minimum(left, right)
    weight = subjects.weight[order] * value[order]
    plain = not subjects.weighted and bool((value[order] == 1.0).all())
    below, equal = range_rank_sums(
        subjects.rank[order], None if plain else weight, left, right, subjects.rank
    )
    sums = np.append(0.0, np.cumsum(weight))
    return below, equal, sums[right] - sums[left] - below - equal


def tied_events(
    subjects: Subjects, opens: npt.NDArray[np.bool_], value: FloatArray
) -> tuple[float, float]:
    """Return the weight of pairs of events at one time, with different and with equal scores."""
    rows = np.flatnonzero(opens)
    width = int(subjects.tick.max()) + 1
    cell = np.unique(subjects.stratum[rows] * width + subjects.tick[rows], return_inverse=True)[1]
    deep = int(subjects.rank.max()) + 1
    inner = np.unique(cell * deep + subjects.rank[rows], return_inverse=True)[1]
    weight = subjects.weight[rows]

    def pairs(group: IntArray) -> float:
        sums = np.bincount(group, weights=weight)
        squares = np.bincount(group, weights=weight**2)
        height = np.zeros(len(sums))
        height[group] = value[rows]
        return float(((sums**2 - squares) / 2.0) @ height)

    both = pairs(inner)
    return pairs(cell) - both, both
