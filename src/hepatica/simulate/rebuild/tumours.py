"""Lesions and scans of all patients of a construction, as the writers of TU and TR read them."""

from __future__ import annotations

import numpy as np

from hepatica.simulate.draw import NEVER, Whole
from hepatica.simulate.lesions import MOST_TARGETS, Lesions
from hepatica.simulate.people import People
from hepatica.simulate.rebuild.burden import Burden
from hepatica.simulate.rebuild.context import Rebuild
from hepatica.simulate.rebuild.schedule import ScanDay
from hepatica.simulate.scans import Scans

_MOST_NON_TARGETS = 4


def first_lesions(
    rebuild: Rebuild, burdens: list[Burden], people: People, first: Whole, place: Whole
) -> Lesions:
    """Return the lesions at baseline; scans lie between informed consent and the first dose.

    Parameters
    ----------
    rebuild : Rebuild
        Days of the baseline scan.
    burdens : list of Burden
        For each course.
    people : People
        All subjects.
    first, place : array of int
        For each course, day number of the first dose and position among all subjects.
    """
    n = people.n
    rng = rebuild.rng("TU days")
    least, most = rebuild.construction.enrolment.baseline_days
    baseline = np.full(n, NEVER)
    # No scan before informed consent.
    longest = np.minimum(most, first - people.consent[place])
    baseline[place] = first - rng.integers(least, np.maximum(longest, least) + 1)
    organ, size = np.zeros((2, n, MOST_TARGETS), dtype=np.int64)
    others = np.zeros((n, _MOST_NON_TARGETS), dtype=np.int64)
    targets, non_targets, new = np.zeros((3, n), dtype=np.int64)
    for who, one in zip(place, burdens, strict=True):
        organ[who], size[who], others[who] = one.organ, one.baseline, one.non_target_organ
        targets[who], non_targets[who], new[who] = one.targets, one.non_targets, one.new_organ
    never = np.full(n, NEVER)
    rate = np.ones(organ.shape)
    return Lesions(
        baseline=baseline,
        targets=targets,
        organ=organ,
        size=size,
        growth=rate,
        shrinkage=rate,
        non_targets=non_targets,
        non_target_organ=others,
        non_target_worse=never,
        new_lesion=never,
        new_organ=new,
        disappear=never < NEVER,
    )


def joined_scans(
    burdens: list[Burden], scans: list[list[ScanDay]], first: Whole, place: Whole
) -> Scans:
    """Return the scans after baseline of all patients, by patient and day.

    Parameters
    ----------
    burdens : list of Burden
        For each course.
    scans : list of list of ScanDay
        For each course, in study days.
    first, place : array of int
        For each course, day number of the first dose and position among all subjects.
    """
    order = np.argsort(place)
    owner = np.repeat(place[order], [len(scans[at]) for at in order])
    day = [first[at] - 1 + scan.day for at in order for scan in scans[at]]
    planned = [scan.planned for at in order for scan in scans[at]]
    return Scans(
        owner=owner,
        day=np.array(day, dtype=np.int64),
        planned=np.array(planned, dtype=np.int64),
        size=np.concatenate([burdens[at].size for at in order]),
        target=np.concatenate([burdens[at].target for at in order]),
        overall=np.concatenate([burdens[at].overall for at in order]),
        non_target=np.concatenate([burdens[at].non_target for at in order]),
        new=np.concatenate([burdens[at].new for at in order]),
    )
