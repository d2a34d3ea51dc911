"""What the visits of a study are called, and SV."""

from __future__ import annotations

import numpy as np
import polars as pl

from hepatica.simulate.draw import Whole, iso, words
from hepatica.simulate.story import Story

_FIRST_CYCLE = 100
_END = 9000


def scan_visits(story: Story, planned: Whole) -> tuple[pl.Series, pl.Series]:
    """Return VISIT and VISITNUM of scans; 0 is baseline, an odd number an unscheduled scan."""
    every = story.plan.every_days if story.plan else 1
    most = int(planned.max(initial=0)) // 2 + 1
    week, unit = (every // 7, "WEEK") if every % 7 == 0 else (every, "DAY")
    names = ["SCREENING", "UNSCHEDULED 1"]
    for number in range(1, most + 1):
        names += [f"{unit} {number * week}", f"UNSCHEDULED {number + 1}"]
    return words(names, planned), pl.Series(1 + planned / 2)


def cycle_visits(cycle: Whole) -> tuple[pl.Series, pl.Series]:
    """Return VISIT and VISITNUM of first days of cycles; 0 is screening."""
    number = np.where(cycle == 0, 1, _FIRST_CYCLE + cycle)
    return words(_cycle_names(int(cycle.max(initial=0))), cycle), pl.Series(
        number.astype(np.float64)
    )


def clinic_days(story: Story) -> tuple[Whole, Whole, Whole]:
    """Return patient, cycle (0 is screening) and day of the visits at which blood is taken.

    Screening, and the first day of every second cycle, from the first on.
    """
    people, doses = story.people, story.doses
    taken = np.flatnonzero(doses.leads & (doses.cycle % 2 == 1))
    # Screening visits are after consent, and at least a day before the first dose.
    screening = np.where(people.enrolled, people.first_dose - 2, people.consent + 1)
    owner = np.concatenate([np.arange(people.n), doses.owner[taken]])
    cycle = np.concatenate([np.zeros(people.n, dtype=np.int64), doses.cycle[taken]])
    day = np.concatenate([screening, doses.start[taken]])
    order = np.lexsort((cycle, owner))
    return owner[order], cycle[order], day[order]


def visit_table(story: Story) -> pl.DataFrame:
    """Construct SV: screening, first days of cycles, and the end of treatment; scans are in TR."""
    people, doses, course = story.people, story.doses, story.course
    leads, ended = np.flatnonzero(doses.leads), np.flatnonzero(course.ended)
    screening = np.where(people.enrolled, people.first_dose - 2, people.consent + 1)
    owner = np.concatenate([np.arange(people.n), doses.owner[leads], ended])
    start = np.concatenate([people.consent, doses.start[leads], course.end[ended]])
    end = np.concatenate([screening, doses.start[leads], course.end[ended]])
    most = int(doses.cycle.max(initial=0))
    last = np.full(len(ended), most + 1)
    cycle = np.concatenate([np.zeros(people.n, dtype=np.int64), doses.cycle[leads], last])
    order = np.lexsort((cycle, owner))
    owner, cycle = owner[order], cycle[order]
    number = np.select([cycle == 0, cycle > most], [1, _END], _FIRST_CYCLE + cycle)
    return pl.DataFrame(
        {
            "USUBJID": people.names.gather(owner),
            "VISIT": words([*_cycle_names(most), "END OF TREATMENT"], cycle),
            "VISITNUM": pl.Series(number.astype(np.float64)),
            "SVSTDTC": iso(start[order]),
            "SVENDTC": iso(end[order]),
        }
    )


def _cycle_names(most: int) -> list[str]:
    return ["SCREENING", *(f"CYCLE {number} DAY 1" for number in range(1, most + 1))]
