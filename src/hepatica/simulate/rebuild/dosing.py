"""Doses of the patients of a construction, from their intervals of treatment."""

from __future__ import annotations

import numpy as np

from hepatica.errors import CommandError
from hepatica.protocol.treatment import Treatment
from hepatica.simulate.draw import NEVER, Whole
from hepatica.simulate.rebuild.context import Rebuild
from hepatica.simulate.rebuild.schedule import Interval
from hepatica.simulate.treatment import Doses


def given_doses(
    rebuild: Rebuild,
    intervals: list[list[Interval]],
    drug: Treatment,
    first: Whole,
    place: Whole,
) -> Doses:
    """Return the doses by patient and day.

    Parameters
    ----------
    rebuild : Rebuild
        Courses, and how many patients of each arm take a lower dose.
    intervals : list of list of Interval
        For each course, in study days.
    drug : Treatment
        Its dose and first reduction.
    first, place : array of int
        For each course, day number of the first dose and position among all subjects.

    Raises
    ------
    CommandError
        If too few patients start a second cycle, in which a lower dose can be taken.
    """
    lower = _reductions(rebuild, intervals)
    full = drug.dose.amount if drug.dose else 0.0
    reduced_to = drug.reductions[0].dose.amount if drug.reductions else full
    rows = [
        (
            place[at],
            one.cycle,
            first[at] - 1 + one.start,
            first[at] - 1 + one.end,
            reduced_to if one.cycle >= lower.get(at, NEVER) else full,
            one.cycle == lower.get(at) and one.leads,
            one.delayed,
            one.leads,
        )
        for at in np.argsort(place)
        for one in intervals[at]
    ]
    owner, cycle, start, end, amount, falls, late, leads = (
        np.array(column) for column in zip(*rows, strict=True)
    )
    return Doses(
        owner=owner.astype(np.int64),
        drug=np.zeros(len(rows), dtype=np.int64),
        cycle=cycle.astype(np.int64),
        start=start.astype(np.int64),
        end=end.astype(np.int64),
        opens=start.astype(np.int64),
        amount=amount.astype(np.float64),
        reduced=falls.astype(bool),
        delayed=late.astype(bool),
        drugs=(drug,),
        leads=leads.astype(bool),
    )


def _reductions(rebuild: Rebuild, intervals: list[list[Interval]]) -> dict[int, int]:
    """Return which patients take a lower dose, and from which cycle on."""
    rng, arms = rebuild.rng("reductions"), rebuild.arm_ids()
    found: dict[int, int] = {}
    for arm, wanted in rebuild.construction.dose_reductions.items():
        able = [at for at, rows in enumerate(intervals) if arms[at] == arm and rows[-1].cycle >= 2]
        if len(able) < wanted:
            raise CommandError(
                f"construction.yaml wants {wanted} patients of {arm} with a lower dose; "
                f"{len(able)} start a second cycle."
            )
        for at in sorted(rng.choice(able, wanted, replace=False).tolist()):
            found[at] = int(rng.integers(2, min(intervals[at][-1].cycle, 6) + 1))
    return found
