"""Courses of patients that give the printed survival results, found stage by stage.

First progression-free survival and time to progression, then who is treated again afterwards and
overall survival, then duration of treatment, then the time from first-line therapy. Each stage
keeps what the stages before it found. A stage that fails is tried again, the second with other
patients treated again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from hepatica.dialect import TrialDialect
from hepatica.errors import CommandError
from hepatica.published.model import Published
from hepatica.simulate.rebuild.search import Bounds, Effort, Found, search_times
from hepatica.simulate.rebuild.search_calendar import dated
from hepatica.simulate.rebuild.search_plan import ArmPlan, CoursesPlan, Kind
from hepatica.simulate.rebuild.search_targets import (
    CENSORED,
    DIED,
    PROGRESSED,
    arm_targets,
    comparison_targets,
    with_scan_before_death,
)
from hepatica.simulate.rebuild.targets import Target

MARKS = {"censored": CENSORED, "progression": PROGRESSED, "death": DIED}

_PROGRESSION, _LATER, _SURVIVAL, _TREATMENT, _FIRST_LINE, _CALENDAR = range(6)
_TRIES = 12
_SURVIVAL_EFFORT = Effort(rounds=2)
#: The last scan before a death without progression lies up to this many days before it.
_SCAN_BEFORE_DEATH = 30
#: From progression to death, to a death after later therapy, and from leaving the study to death.
_TO_DEATH, _TO_DEATH_AFTER_THERAPY, _TO_DEATH_AFTER_LEAVING = 7, 36, 75
#: A patient on treatment had her last scan at most so many days before the cut-off.
_SINCE_SCAN = 50
#: Treatment ends around progression; who left missed at most one scan while treated.
_END_OF_TREATMENT, _END_AFTER_LEAVING = (-10, 21), (-10, 60)
#: Some who progressed after this day had stopped treatment early, but not before that day.
_LATE, _LEAST_TREATMENT = 168, 84
#: Off-drug days of a cycle: the last dose before the cut-off may lie so many days back.
_OFF_DRUG = 6


@dataclass(frozen=True, slots=True, eq=False)
class ArmCourses:
    """What the stages found for one arm; one value for each patient."""

    plan: ArmPlan
    pfs: Found
    targeted: tuple[int, ...]
    checkpoint: tuple[int, ...]
    survival: Found
    treatment: Found
    first_line: Found | None

    @property
    def missed(self) -> tuple[tuple[Target, float], ...]:
        """Targets of all stages that do not hold, with their values."""
        stages = (self.pfs, self.survival, self.treatment, self.first_line)
        return tuple(one for stage in stages if stage is not None for one in stage.missed)


def find_courses(
    plan: CoursesPlan, published: Published, dialect: TrialDialect
) -> tuple[pl.DataFrame, tuple[ArmCourses, ...]]:
    """Find courses that give the printed results; takes minutes.

    Parameters
    ----------
    plan : CoursesPlan
        Kinds of patients, calendar and seed.
    published : Published
        The printed numbers.
    dialect : TrialDialect
        Methods of the analyses.

    Returns
    -------
    courses : DataFrame
        As ``courses.csv``, see ``docs/construction.md``.
    arms : tuple of ArmCourses
        What each stage found, with the targets it missed.
    """
    arms = tuple(
        _find_arm(plan, number, published, dialect) for number in range(1, len(plan.arms) + 1)
    )
    rng = np.random.default_rng((plan.seed, 0, _CALENDAR))
    parts = [_table(one, plan, rng) for one in arms]
    return pl.concat(parts), arms


def _find_arm(
    plan: CoursesPlan, number: int, published: Published, dialect: TrialDialect
) -> ArmCourses:
    arm = plan.arms[number - 1]
    most = (plan.cut_off - plan.enrolment[0]).days + 1
    least = (plan.cut_off - plan.enrolment[1]).days + 1
    pfs = find_progression(arm, published, dialect, (plan.seed, number, _PROGRESSION))
    targeted, checkpoint, survival = find_survival(
        arm, pfs, published, dialect, (plan.seed, number), (least, most)
    )
    treatment = find_treatment(
        arm, pfs, survival, published, dialect, (plan.seed, number, _TREATMENT)
    )
    first_line = None
    if arm.first_line is not None:
        first_line = find_first_line(
            arm.first_line, arm, survival, published, dialect, (plan.seed, number, _FIRST_LINE)
        )
    return ArmCourses(arm, pfs, targeted, checkpoint, survival, treatment, first_line)


def find_progression(
    arm: ArmPlan, published: Published, dialect: TrialDialect, seed: tuple[int, ...]
) -> Found:
    """Find days and ends of progression-free survival.

    They give progression-free survival, and time to progression of all and by the marker,
    wherever the last scan before a death without progression lies.
    """
    patients = list(arm.patients())
    everybody = range(len(patients))
    both, one = (PROGRESSED, DIED), (PROGRESSED,)
    targets = [
        *arm_targets(published, "progression-free-survival", arm.arm, "survival", everybody, both),
        *arm_targets(published, "time-to-progression", arm.arm, "median", everybody, one),
        *comparison_targets(
            published, arm.by_marker, _having(patients, "high"), _having(patients, "low"), one
        ),
    ]
    bounds = [Bounds.days(MARKS[kind.end], *kind.days) for kind in patients]

    if DIED in (MARKS[kind.end] for kind in patients):
        targets = list(with_scan_before_death(targets, _SCAN_BEFORE_DEATH))
    return search_times(bounds, targets, dialect, seed)


def _having(patients: Sequence[Kind], marker: str) -> list[int]:
    return [at for at, kind in enumerate(patients) if kind.marker == marker]


def find_survival(
    arm: ArmPlan,
    pfs: Found,
    published: Published,
    dialect: TrialDialect,
    seed: tuple[int, ...],
    follow_up: tuple[int, int],
) -> tuple[tuple[int, ...], tuple[int, ...], Found]:
    """Find who is treated again, and overall survival; the nearest of several tries.

    Parameters
    ----------
    follow_up : tuple of int
        Least and most days from a first dose to the cut-off: who is alive is censored there.
    """
    nearest: tuple[tuple[int, ...], tuple[int, ...], Found] | None = None
    for number in range(_TRIES):
        rng = np.random.default_rng((*seed, _LATER, number))
        targeted, checkpoint = _treated_again(arm, pfs, published, rng)
        everybody = range(len(pfs.day))
        others = [at for at in everybody if at not in targeted]
        targets = [
            *arm_targets(published, "overall-survival", arm.arm, "median", everybody, (DIED,)),
            *comparison_targets(published, arm.by_later, targeted, others, (DIED,)),
        ]
        again = {*targeted, *checkpoint}
        bounds = [
            _survival_bounds(kind, int(day), at in again, follow_up)
            for at, (kind, day) in enumerate(zip(arm.patients(), pfs.day, strict=True))
        ]
        found = search_times(bounds, targets, dialect, (*seed, _SURVIVAL, number), _SURVIVAL_EFFORT)
        if nearest is None or (len(found.missed), found.loss) < (
            len(nearest[2].missed),
            nearest[2].loss,
        ):
            nearest = (targeted, checkpoint, found)
        if not found.missed:
            break
    if nearest is None:
        raise CommandError("The search for overall survival was given no try.")
    return nearest


def _treated_again(
    arm: ArmPlan, pfs: Found, published: Published, rng: np.random.Generator
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Draw who had targeted therapy or a checkpoint inhibitor after progression; nobody had both.

    Who progressed late is more likely to be fit for targeted therapy.
    """
    numbers = [
        published.count(
            analysis="subsequent-therapy", level=arm.arm, variable_level=name, statistic="n"
        )
        for name in ("Targeted therapy", "Checkpoint inhibitor")
    ]
    progressed = np.flatnonzero(pfs.mark == PROGRESSED)
    fitness = pfs.day[progressed] * np.exp(rng.normal(0.0, 0.5, len(progressed)))
    order = progressed[np.argsort(-fitness, kind="stable")]
    targeted = order[: numbers[0]]
    checkpoint = rng.permutation(order[numbers[0] :])[: numbers[1]]
    return tuple(sorted(targeted.tolist())), tuple(sorted(checkpoint.tolist()))


def _survival_bounds(kind: Kind, day: int, again: bool, follow_up: tuple[int, int]) -> Bounds:
    least, most = follow_up
    if kind.end == "death":
        return Bounds.days(DIED, (day, day))
    if kind.treated:
        return Bounds.days(CENSORED, (max(least, day + 1), day + _SINCE_SCAN))
    wait = _TO_DEATH_AFTER_THERAPY if again else _TO_DEATH
    first = day + (wait if kind.end == "progression" else _TO_DEATH_AFTER_LEAVING)
    # A death in the last month before the cut-off would fix the first dose to the first days.
    dead = Bounds.days(DIED, (first, most - 30))
    return dead | Bounds.days(CENSORED, (max(first, least), most))


def find_treatment(
    arm: ArmPlan,
    pfs: Found,
    survival: Found,
    published: Published,
    dialect: TrialDialect,
    seed: tuple[int, ...],
) -> Found:
    """Find days of treatment; an end of treatment is the event."""
    rng = np.random.default_rng((*seed, _LATER))
    everybody = range(len(pfs.day))
    targets = arm_targets(
        published, "time-on-treatment", arm.arm, "median", everybody, (PROGRESSED,)
    )
    late = np.flatnonzero((pfs.mark == PROGRESSED) & (pfs.day > _LATE))
    early = set(rng.permutation(late)[: arm.stopped_early].tolist())
    bounds = [
        _treatment_bounds(kind, int(pfs.day[at]), int(survival.day[at]), at in early)
        for at, kind in enumerate(arm.patients())
    ]
    return search_times(bounds, targets, dialect, seed)


def _treatment_bounds(kind: Kind, pfs_day: int, os_day: int, early: bool) -> Bounds:
    if kind.treated:
        return Bounds.days(CENSORED, (os_day - _OFF_DRUG, os_day))
    around = _END_AFTER_LEAVING if kind.end == "censored" else _END_OF_TREATMENT
    low, high = (pfs_day + part for part in around)
    if early:
        low, high = _LEAST_TREATMENT, low
    return Bounds.days(PROGRESSED, (max(low, 1), min(high, os_day - 1)))


def find_first_line(
    days: tuple[int, int],
    arm: ArmPlan,
    survival: Found,
    published: Published,
    dialect: TrialDialect,
    seed: tuple[int, ...],
) -> Found:
    """Find days from first-line therapy to the first dose.

    The printed median holds with patients at risk from their first dose only and, so that the
    print cannot tell how it was made, also as if they had been at risk from the start.
    """
    everybody = range(len(survival.day))
    targets = [
        target
        for entry in (True, False)
        for target in arm_targets(
            published, "os-from-first-line", arm.arm, "median", everybody, (DIED,), entry=entry
        )
    ]
    bounds = [
        Bounds(tuple((day, int(mark)) for day in range(days[0], days[1] + 1)), int(overall))
        for overall, mark in zip(survival.day, survival.mark, strict=True)
    ]
    return search_times(bounds, targets, dialect, seed)


def _table(found: ArmCourses, plan: CoursesPlan, rng: np.random.Generator) -> pl.DataFrame:
    """Return the courses of an arm, in the order of the first dose."""
    patients = list(found.plan.patients())
    again = {*found.targeted, *found.checkpoint}
    pfs, overall, treated = found.pfs.day, found.survival.day, found.treatment.day
    later = [
        _later_day(int(max(pfs[at], treated[at])), int(overall[at]), rng) if at in again else None
        for at in range(len(patients))
    ]
    yes = {True: "Y", False: "N"}
    ends = {mark: name for name, mark in MARKS.items()}
    table = pl.DataFrame(
        {
            "ARM": [found.plan.arm] * len(patients),
            "first_dose": dated(overall, found.survival.mark == DIED, plan, rng),
            "pfs_days": pfs,
            "pfs_end": [ends[int(mark)] for mark in found.pfs.mark],
            "os_days": overall,
            "os_end": [ends[int(mark)] for mark in found.survival.mark],
            "best_response": [kind.best for kind in patients],
            "treatment_days": treated,
            "on_treatment": [yes[kind.treated] for kind in patients],
            "cxcl1": [kind.marker or None for kind in patients],
            "later_targeted": [yes[at in found.targeted] for at in range(len(patients))],
            "later_checkpoint": [yes[at in found.checkpoint] for at in range(len(patients))],
            "later_day": pl.Series(later, dtype=pl.Int64),
            "first_line_days": pl.Series(
                [None] * len(patients) if found.first_line is None else found.first_line.day,
                dtype=pl.Int64,
            ),
        }
    )
    names = pl.Series("USUBJID", [f"{found.plan.prefix}-{n:02d}" for n in range(1, len(table) + 1)])
    return table.sort("first_dose", maintain_order=True).insert_column(0, names)


def _later_day(ended: int, os_day: int, rng: np.random.Generator) -> int:
    """Draw the first day of later therapy: one to eight weeks on, two weeks before the end."""
    return int(rng.integers(ended + 7, max(min(ended + 56, os_day - 14), ended + 8)))
