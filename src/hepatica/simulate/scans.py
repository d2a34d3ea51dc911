"""Scans from baseline to progression: what is measured, and the response that follows from it.

The walk goes from one planned scan to the next for all patients at once. Responses arise from the
measured sums by RECIST 1.1 (Eisenhauer 2009, doi 10.1016/j.ejca.2008.10.026), in integers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from hepatica.protocol.model import Assessments, Protocol
from hepatica.simulate.draw import NEVER, Truth, Whole
from hepatica.simulate.lesions import MOST_TARGETS, Lesions
from hepatica.simulate.people import Fate, People
from hepatica.stats.random_streams import stream

RESPONSES = ("CR", "PR", "SD", "PD", "NE")
CR, PR, SD, PD, NE = range(5)
NON_TARGET_RESPONSES = ("CR", "NON-CR/NON-PD", "PD")
NON_CR, NON_TARGET_PD = 1, 2
#: Not measured at this scan.
NOT_DONE = -1
_MISSED = 0.05
_UNSCHEDULED = 0.03
_LESION_NOT_DONE = 0.008
_NOISE = 0.025
_VANISHES, _TOO_SMALL, _RETURNS, _NODE_LEAST, _MOST = 30, 50, 60, 80, 3000


@dataclass(frozen=True, slots=True)
class Scans:
    """Scans after baseline, by patient and day.

    Attributes
    ----------
    owner : array of int
        Position of the patient.
    day : array of int
        Day number.
    planned : array of int
        Twice the number of the planned scan, one more for an unscheduled scan after it.
    size : array of int, shape (scans, 5)
        Tenths of a millimetre; 0 where there is no lesion or it is gone, `NOT_DONE` where it was
        not measured.
    target, overall : array of int
        Position in `RESPONSES`.
    non_target : array of int
        Position in `NON_TARGET_RESPONSES`; -1 without non-targets.
    new : array of bool
        Whether a new lesion is seen.
    """

    owner: Whole
    day: Whole
    planned: Whole
    size: Whole
    target: Whole
    overall: Whole
    non_target: Whole
    new: Truth


@dataclass(slots=True)
class _State:
    """What the walk carries from scan to scan; one entry for each patient."""

    last: Whole
    nadir: Whole
    complete: Truth
    responded: Truth
    non_target_gone: Truth
    progressed: Whole


def follow(
    protocol: Protocol, plan: Assessments, people: People, fate: Fate, lesions: Lesions
) -> tuple[Scans, Whole]:
    """Return all scans after baseline, and the day of the first that shows progression.

    Scans drift within the window, a share is missed and a share is unscheduled. They end with
    progression, another therapy, the end of follow-up or the day before death.
    """
    rng = stream(protocol.seed, "TR")
    limit = last_scan_day(people, fate)
    state = _State(
        lesions.size.copy(),
        lesions.size.sum(axis=1),
        complete=np.zeros(people.n, dtype=bool),
        responded=np.zeros(people.n, dtype=bool),
        non_target_gone=np.zeros(people.n, dtype=bool),
        progressed=np.full(people.n, NEVER),
    )
    found = [
        scan
        for planned, owner, day in _slots(plan, people, limit, state, rng)
        for scan in (_scan(planned, owner, day, people, lesions, state, rng),)
    ]
    return _joined(found), state.progressed


def last_scan_day(people: People, fate: Fate) -> Whole:
    """Return the last day on which a patient without progression may be scanned."""
    other = np.where(fate.scans_go_on, NEVER, np.minimum(fate.stop + fate.gap, NEVER))
    known = np.minimum(np.minimum(fate.death - 1, fate.leave), people.horizon)
    return np.where(people.enrolled, np.minimum(known, other), -1)


def _slots(
    plan: Assessments, people: People, limit: Whole, state: _State, rng: np.random.Generator
) -> Iterator[tuple[int, Whole, Whole]]:
    """Give, for each planned scan and the time after it, who is scanned and when."""
    every = plan.every_days
    drift = min(plan.window_days, (every - 1) // 3)
    first = people.first_dose
    active = np.flatnonzero(first + every - drift <= limit)
    number = 1
    while len(active):
        due = first[active] + number * every
        day = due + np.rint(np.clip(rng.normal(0.0, drift / 2, len(active)), -drift, drift))
        day = day.astype(np.int64)
        seen = (rng.random(len(active)) >= _MISSED) & (day <= limit[active])
        yield 2 * number, active[seen], day[seen]
        between = due + every // 2
        extra = (rng.random(len(active)) < _UNSCHEDULED) & (between <= limit[active])
        extra &= (state.progressed[active] == NEVER) & (every >= 14)
        yield 2 * number + 1, active[extra], between[extra]
        number += 1
        ahead = first[active] + number * every - drift <= limit[active]
        active = active[ahead & (state.progressed[active] == NEVER)]


def _scan(
    planned: int,
    owner: Whole,
    day: Whole,
    people: People,
    lesions: Lesions,
    state: _State,
    rng: np.random.Generator,
) -> Scans:
    size = _measured(owner, day, people, lesions, state, rng)
    state.last[owner] = size
    there, node = lesions.there[owner], lesions.node[owner]
    done = (rng.random(size.shape) >= _LESION_NOT_DONE) | ~there
    whole = done.all(axis=1)
    total = np.where(done, size, 0).sum(axis=1)
    nadir, base = state.nadir[owner], lesions.size[owner].sum(axis=1)
    gone = np.where(node, size < 100, size == 0).all(axis=1)
    target = np.select(
        [
            (total - nadir >= 50) & (5 * (total - nadir) >= nadir),
            ~whole,
            gone,
            # A response is kept until the sum has grown to progression.
            (10 * total <= 7 * base) | state.responded[owner],
        ],
        [PD, NE, CR, PR],
        SD,
    )
    state.responded[owner] |= target <= PR
    state.nadir[owner] = np.where(whole, np.minimum(nadir, total), nadir)
    non_target = _non_targets(owner, day, target, lesions, state)
    new = day >= lesions.new_lesion[owner]
    overall = np.where(new | (non_target == NON_TARGET_PD), PD, target)
    overall = np.where((overall == CR) & (non_target == NON_CR), PR, overall)
    state.complete[owner] |= overall == CR
    state.progressed[owner] = np.where(overall == PD, day, NEVER)
    measured = np.where(done, size, NOT_DONE)
    return Scans(
        owner, day, np.full(len(owner), planned), measured, target, overall, non_target, new
    )


def _measured(
    owner: Whole,
    day: Whole,
    people: People,
    lesions: Lesions,
    state: _State,
    rng: np.random.Generator,
) -> Whole:
    """Measure the targets; patients in complete response keep their lesions as they were."""
    time = (day - people.first_dose[owner])[:, None]
    shrunk = np.exp(-people.shrinkage[owner][:, None] * lesions.shrinkage[owner] * time)
    rate = people.growth[owner][:, None] * lesions.growth[owner]
    fraction = shrunk + np.expm1(np.minimum(rate * time, 4.0))
    true = lesions.size[owner] * fraction
    seen = np.rint(true * (1 + rng.normal(0.0, _NOISE, true.shape))).astype(np.int64)
    last = state.last[owner]
    absent = (last == 0) & (true < _RETURNS)
    soft = np.where(absent | (true < _VANISHES), 0, np.maximum(seen, _TOO_SMALL))
    node = lesions.node[owner]
    size = np.minimum(np.where(node, np.maximum(seen, _NODE_LEAST), soft), _MOST)
    size = np.where(state.complete[owner][:, None], last, size)
    return np.where(lesions.there[owner], size, 0)


def _non_targets(owner: Whole, day: Whole, target: Whole, lesions: Lesions, state: _State) -> Whole:
    state.non_target_gone[owner] |= (target == CR) & lesions.disappear[owner]
    gone = state.non_target_gone[owner]
    worse = day >= lesions.non_target_worse[owner]
    response = np.where(worse, NON_TARGET_PD, np.where(gone, CR, NON_CR))
    return np.where(lesions.non_targets[owner] > 0, response, -1)


def _joined(found: list[Scans]) -> Scans:
    """Return the scans of all visits as one value, by patient and day."""
    if not found:
        none = np.zeros(0, dtype=np.int64)
        size = np.zeros((0, MOST_TARGETS), dtype=np.int64)
        return Scans(none, none, none, size, none, none, none, none.astype(bool))
    owner = np.concatenate([one.owner for one in found])
    day = np.concatenate([one.day for one in found])
    order = np.lexsort((day, owner))
    return Scans(
        owner[order],
        day[order],
        np.concatenate([one.planned for one in found])[order],
        np.concatenate([one.size for one in found])[order],
        np.concatenate([one.target for one in found])[order],
        np.concatenate([one.overall for one in found])[order],
        np.concatenate([one.non_target for one in found])[order],
        np.concatenate([one.new for one in found])[order],
    )
