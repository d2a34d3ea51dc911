"""Courses of the patients on lenvatinib plus PD-1 inhibitors or regorafenib, found by search.

First overall survival and who is of Child-Pugh class B; then, with overall survival held, survival
without progression, who has hepatitis B, and at last both characteristics together. Each step
starts from what the step before it found. Responses, later therapies and calendar days follow,
drawn where they are not determined.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from hepatica.errors import InputError
from hepatica.simulate.rebuild.search import Bounds
from hepatica.simulate.rebuild.search_statistics import Flags, Whole
from hepatica.simulate.rebuild.sheet_search import Cooling, Sheet, Stage, search_sheet
from hepatica.simulate.rebuild.sheet_search_goals import Goal
from hepatica.simulate.rebuild.sheet_search_plan import (
    CUT_OFF,
    ENROLMENT,
    MRECIST,
    NOT_CONTROLLED,
    RECIST,
    TREATED_AGAIN,
    Units,
    aims_of,
    nearer,
    progression_bounds,
    progression_goals,
    start_patients,
    survival_bounds,
    survival_goals,
    survival_goals_of_class,
    weighed,
)

_DRAWN = (4, 2)
#: From progression to death of those treated again, at least; from progression to that therapy.
_ALIVE_AFTER, _TO_THERAPY = 40, (7, 75)
#: A partial response was seen twice, from week 6 on.
_RESPONSE_FROM = 84


@dataclass(frozen=True, slots=True)
class Step:
    """One search of a chain.

    Attributes
    ----------
    seed : int
        Seed of its random stream.
    cooling : Cooling
        How long it goes on.
    goals : list of Goal
        What it is to reach.
    swapped : tuple of str
        Characteristics that patients of an arm exchange.
    aimed : bool
        Whether times also move to printed medians.
    """

    seed: int
    cooling: Cooling
    goals: list[Goal]
    swapped: tuple[str, ...]
    aimed: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class FoundSheet:
    """What the search found: overall survival, and survival without progression."""

    survival: Sheet
    progression: Sheet


def survival_steps() -> tuple[Step, ...]:
    """Return the searches that found overall survival."""
    goals = survival_goals()
    wide = Cooling(sets=128, steps=5000, rounds=2)
    near = _once(128, 5000, warm=0.4)
    return Step(11, wide, goals, ("cp",)), Step(21, near, nearer(goals), ("cp",))


def progression_steps() -> tuple[Step, ...]:
    """Return the searches that found survival without progression."""
    goals = progression_goals()
    both = [*goals, *survival_goals_of_class()]
    loose = weighed(both, Units(median=1.0, ratio=0.005, limit=0.02, twice=0.03))
    days = weighed(both, Units(median=0.25, ratio=0.005, limit=0.02, twice=0.03))
    last = weighed(both, Units(median=0.25, ratio=0.003, limit=0.01, twice=0.02, logrank=0.0005))
    hbv, hbv_cp = ("hbv",), ("hbv", "cp")
    return (
        Step(32, _once(96, 8000, hot=4.0), goals, hbv),
        Step(42, _once(128, 5000, warm=0.4), nearer(goals, 1.0), hbv),
        Step(52, _once(96, 5000, warm=2.5), nearer(goals, 1.5), hbv, aimed=True),
        Step(61, _once(96, 6000, warm=4.0), loose, hbv_cp, aimed=True),
        Step(71, _once(96, 5000, warm=3.0, exchanged=0.2), loose, hbv_cp, aimed=True),
        Step(81, _once(96, 4000, warm=6.0, exchanged=0.25), days, hbv_cp, aimed=True),
        Step(91, _once(96, 2500, warm=0.6, exchanged=0.25), last, hbv_cp, aimed=True),
    )


def _once(
    sets: int, steps: int, *, hot: float = 2.0, warm: float = 0.5, exchanged: float = 0.0
) -> Cooling:
    return Cooling(sets=sets, steps=steps, rounds=1, hot=hot, warm=warm, exchanged=exchanged)


def find_survival(steps: Sequence[Step]) -> Sheet:
    """Find overall survival and Child-Pugh classes; takes minutes."""
    start = start_patients()
    flags = {name: one for name, one in start.flags.items() if name != "hbv"}
    found = Sheet(start.time, start.died, flags, np.inf)
    for number, step in enumerate(steps):
        stage = _stage(step, survival_bounds(start.died), found.flags)
        found = search_sheet(
            stage, step.seed, step.cooling, found.time, shuffle=number == 0
        )  # fmt: skip
    return found


def find_progression(survival: Sheet, steps: Sequence[Step]) -> Sheet:
    """Find survival without progression and characteristics, given overall survival."""
    flags: Mapping[str, Whole] = {**survival.flags, "hbv": start_patients().flags["hbv"]}
    bounds = progression_bounds(survival.time, survival.event)
    found: Sheet | None = None
    for step in steps:
        stage = _stage(step, bounds, flags, (survival.time, survival.event))
        start = None if found is None else found.time
        found = search_sheet(stage, step.seed, step.cooling, start, shuffle=found is None)
        flags = found.flags
    if found is None:
        raise InputError("A search needs a step.")
    return found


def _stage(
    step: Step,
    bounds: list[Bounds],
    flags: Mapping[str, Whole],
    other: tuple[Whole, Flags] | None = None,
) -> Stage:
    return Stage(
        bounds=bounds,
        flags=flags,
        swapped=dict.fromkeys(step.swapped, flags["arm"]),
        goals=step.goals,
        other=other,
        aims=aims_of(step.goals) if step.aimed else (),
    )


def find_sheet_courses() -> tuple[pl.DataFrame, FoundSheet]:
    """Find the courses of the 68 patients; takes about fifteen minutes.

    Returns
    -------
    courses : DataFrame
        One row for each patient in the order of first doses, as ``docs/construction.md`` describes.
    found : FoundSheet
        The sets of patients, whose loss is above 0 where printed numbers do not hold.
    """
    survival = find_survival(survival_steps())
    found = FoundSheet(survival, find_progression(survival, progression_steps()))
    return sheet_courses(found, np.random.default_rng(_DRAWN)), found


def sheet_courses(found: FoundSheet, rng: np.random.Generator) -> pl.DataFrame:
    """Return the courses of patients whose times were found."""
    last, dead = found.survival.time, found.survival.event
    time, event = found.progression.time, found.progression.event
    flags = found.progression.flags
    at_once = event & dead & (time == last)
    progressed = event & ~at_once
    recist, mrecist = _responses(flags["arm"], time, progressed, rng)
    again = _treated_again(flags["arm"], time, last, progressed, rng)
    first = [_first_dose(int(day), bool(one), rng) for day, one in zip(last, dead, strict=True)]
    status = np.where(progressed, "Progression", np.where(at_once, "Death", "Censored"))
    table = pl.DataFrame(
        {
            "ARM": _words(flags["arm"], "LP", "R"),
            "FIRSTDOSE": [one.isoformat() for one in first],
            "ECOG": _words(flags["ecog"], "2", "0-1"),
            "CHILDPUGH": _words(flags["cp"], "B", "A"),
            "HBV": _words(flags["hbv"], "Yes", "No"),
            "AFP400": _words(flags["afp"], "Y", "N"),
            "RECIST": recist,
            "MRECIST": mrecist,
            "PFS_DAYS": time,
            "PFS_STATUS": status.tolist(),
            "PROGDY": [
                int(day) if one else None for day, one in zip(time, progressed, strict=True)
            ],
            "NEXTDY": again,
            "OS_DAYS": last,
            "OS_STATUS": _words(dead.astype(np.int64), "Dead", "Alive"),
        }
    ).sort("FIRSTDOSE", "OS_DAYS", "PFS_DAYS")
    subject = [f"P-{number:03d}" for number in range(1, table.height + 1)]
    return table.insert_column(0, pl.Series("USUBJID", subject))


def _words(flags: Whole, yes: str, no: str) -> list[str]:
    return [yes if one else no for one in flags]


def _responses(
    arm: Whole, time: Whole, progressed: Flags, rng: np.random.Generator
) -> tuple[list[str], list[str]]:
    """Return best responses by RECIST 1.1 and mRECIST.

    Disease of those with the shortest times was not controlled: progressive, or not evaluable in
    who died before a scan. Responders are drawn among those who go without progression longest.
    """
    recist = np.full(len(arm), "SD", dtype="<U2")
    mrecist = recist.copy()
    for value, number in NOT_CONTROLLED.items():
        at = np.flatnonzero(arm == value)
        shortest = at[np.argsort(time[at], kind="stable")][:number]
        for one in (recist, mrecist):
            one[shortest] = np.where(progressed[shortest], "PD", "NE")
        rest = np.setdiff1d(at, shortest)
        rest = rest[time[rest] >= _RESPONSE_FROM]
        longest = rest[np.argsort(-time[rest] * np.exp(0.35 * rng.standard_normal(len(rest))))]
        _respond(mrecist, longest, MRECIST, value)
        _respond(recist, longest, RECIST, value)
    return recist.tolist(), mrecist.tolist()


def _respond(
    best: np.ndarray[tuple[int], np.dtype[np.str_]],
    longest: Whole,
    counts: Mapping[int, tuple[int, int]],
    arm: int,
) -> None:
    complete, partial = counts[arm]
    best[longest[:complete]] = "CR"
    best[longest[complete : complete + partial]] = "PR"


def _treated_again(
    arm: Whole, time: Whole, last: Whole, progressed: Flags, rng: np.random.Generator
) -> list[int | None]:
    days: list[int | None] = [None] * len(arm)
    for value, number in TREATED_AGAIN.items():
        able = np.flatnonzero((arm == value) & progressed & (last - time >= _ALIVE_AFTER))
        if len(able) < number:
            raise InputError("Too few patients live after progression to be treated again.")
        for one in np.sort(rng.choice(able, size=number, replace=False)):
            latest = min(_TO_THERAPY[1], int(last[one] - time[one]) - _TO_THERAPY[0])
            days[one] = int(time[one] + rng.integers(_TO_THERAPY[0], latest + 1))
    return days


def _first_dose(last: int, dead: bool, rng: np.random.Generator) -> date:
    """Return a first dose such that who is alive was last seen at the end of follow-up."""
    latest = CUT_OFF - timedelta(days=last - 1)
    if not dead:
        return latest
    days = (min(latest, ENROLMENT[1]) - ENROLMENT[0]).days
    return ENROLMENT[0] + timedelta(days=int(rng.integers(days + 1)))
