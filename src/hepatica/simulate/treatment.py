"""Doses by the schedule of each drug, with delays and the permitted reductions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from hepatica.protocol.model import Protocol
from hepatica.protocol.treatment import Arm, Schedule, Treatment
from hepatica.simulate.draw import Real, Truth, Whole, numbered
from hepatica.simulate.people import People
from hepatica.stats.random_streams import stream

_DELAYED = 0.08
_REDUCED = 0.06
_LONGEST_DELAY = 14


@dataclass(frozen=True, slots=True)
class Doses:
    """Dosing intervals by patient, day and drug.

    Attributes
    ----------
    owner : array of int
        Position of the patient.
    drug : array of int
        Position in `drugs`.
    cycle : array of int
        Number of the cycle, from 1.
    start, end : array of int
        First and last day of the drug in the cycle.
    opens : array of int
        First day of the cycle.
    amount : array of float
        Amount of one administration; nan where the protocol names no dose.
    reduced : array of bool
        Whether the dose is lower than in the cycle before.
    delayed : array of bool
        Whether the cycle began late.
    drugs : tuple of Treatment
        The drugs; an arm without treatments has one that is named like the arm.
    leads : array of bool
        Whether the row stands for the visit of its cycle.
    """

    owner: Whole
    drug: Whole
    cycle: Whole
    start: Whole
    end: Whole
    opens: Whole
    amount: Real
    reduced: Truth
    delayed: Truth
    drugs: tuple[Treatment, ...]
    leads: Truth


def draw_doses(protocol: Protocol, people: People, end: Whole) -> Doses:
    """Draw the doses of each enrolled patient from the first dose to a last possible day.

    Parameters
    ----------
    protocol : Protocol
        Drugs, schedules and permitted reductions.
    people : People
        Arms, first doses and body weights.
    end : array of int
        Last day on which a dose may lie, not before the first dose.
    """
    rng = stream(protocol.seed, "EX")
    drugs: list[Treatment] = []
    parts: list[dict[str, np.ndarray]] = []
    for position, arm in enumerate(protocol.arms):
        members = np.flatnonzero(people.enrolled & (people.arm == position))
        given = tuple(_given(protocol, arm))
        offset = min(one.schedule.first_day for one in given) - 1
        cycles = {
            days: _cycles(people.first_dose[members] - offset, end[members], days, rng)
            for days in dict.fromkeys(one.schedule.cycle_days for one in given)
        }
        for number, drug in enumerate(given):
            part = _of_drug(drug, cycles[drug.schedule.cycle_days], members, end)
            part |= _levels(drug, part, people, rng)
            part["drug"] = np.full(len(part["owner"]), len(drugs))
            part["leads"] = np.full(len(part["owner"]), number == 0)
            parts.append(part)
            drugs.append(drug)
    whole = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = np.lexsort((whole["drug"], whole["start"], whole["owner"]))
    return Doses(drugs=tuple(drugs), **{name: column[order] for name, column in whole.items()})


def _given(protocol: Protocol, arm: Arm) -> Iterator[Treatment]:
    by_id = {one.id: one for one in protocol.treatments}
    if arm.treatments:
        yield from (by_id[name] for name in arm.treatments)
    else:
        daily = Schedule(first_day=1, last_day=28, cycle_days=28)
        yield Treatment(id=arm.id, drug=arm.label, schedule=daily)


_Cycles = tuple[Whole, Whole, Whole, Truth]


def _cycles(first: Whole, end: Whole, days: int, rng: np.random.Generator) -> _Cycles:
    """Return position, number and first day of each cycle, and whether it began late."""
    active = np.flatnonzero(first <= end)
    at, late = first[active], np.zeros(len(active), dtype=bool)
    found: list[_Cycles] = []
    while len(active):
        found.append((active, np.full(len(active), len(found) + 1), at, late))
        late = rng.random(len(active)) < _DELAYED
        wait = np.where(late, rng.integers(1, _LONGEST_DELAY + 1, size=len(active)), 0)
        at = at + days + wait
        going = at <= end[active]
        active, at, late = active[going], at[going], late[going]
    if not found:
        none = np.zeros(0, dtype=np.int64)
        return none, none, none, none.astype(bool)
    owner, number, day, delayed = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.lexsort((number, owner))
    return owner[order], number[order], day[order], delayed[order]


def _of_drug(drug: Treatment, cycles: _Cycles, members: Whole, end: Whole) -> dict[str, np.ndarray]:
    place, number, opens, delayed = cycles
    owner = members[place]
    start = opens + drug.schedule.first_day - 1
    last = np.minimum(opens + drug.schedule.last_day - 1, end[owner])
    kept = start <= last
    columns = {
        "owner": owner,
        "cycle": number,
        "start": start,
        "end": last,
        "opens": opens,
        "delayed": delayed,
    }
    return {name: column[kept] for name, column in columns.items()}


def _levels(
    drug: Treatment, part: dict[str, np.ndarray], people: People, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """Reduce the dose step by step; a reduction is kept for all later cycles."""
    owner, reductions = part["owner"], len(drug.reductions)
    falls = (rng.random(len(owner)) < _REDUCED) & (numbered(owner) > 1)
    steps = np.cumsum(falls)
    first = np.flatnonzero(numbered(owner) == 1)
    sizes = np.diff(np.append(first, len(owner)))
    level = np.minimum(steps - np.repeat(steps[first], sizes), reductions)
    before = np.where(numbered(owner) == 1, 0, np.roll(level, 1))
    amount = _starting_dose(drug, people.weight[owner])
    for step, reduction in enumerate(drug.reductions, start=1):
        amount = np.where(level == step, np.minimum(amount, reduction.dose.amount), amount)
    return {"amount": amount, "reduced": level > before}


def _starting_dose(drug: Treatment, weight: Real) -> Real:
    amount = np.full(len(weight), drug.dose.amount if drug.dose else np.nan)
    for band in drug.dose_by_weight:
        within = (weight >= (band.at_least or 0.0)) & (weight < (band.below or np.inf))
        amount = np.where(within, band.dose.amount, amount)
    return amount
