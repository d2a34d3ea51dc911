"""First doses of patients whose follow-up is known."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from hepatica.simulate.rebuild.search_plan import CoursesPlan
from hepatica.simulate.rebuild.search_statistics import Flags, Whole

#: The first and the last patient of an arm start within so many days of the ends of enrolment.
_NEAR_THE_END = 28


def dated(overall: Whole, died: Flags, plan: CoursesPlan, rng: np.random.Generator) -> list[date]:
    """Return a first dose for each patient of an arm.

    Who is alive is censored at the cut-off, which gives the day. The others are spread over what
    is left of enrolment once their death lies before the cut-off; the earliest and the latest of
    them are moved to its ends.
    """
    first, last = plan.enrolment
    length = (last - first).days
    known = (plan.cut_off - first).days + 1
    room = np.minimum(known - overall, length)
    drawn = np.where(died, (rng.random(len(overall)) * (room + 1)).astype(np.int64), room)
    free = np.flatnonzero(died)
    if len(free) and drawn.min() > _NEAR_THE_END:
        drawn[free[drawn[free].argmin()]] = int(rng.integers(0, _NEAR_THE_END))
    if len(free) and drawn.max() < length - _NEAR_THE_END:
        latest = free[room[free].argmax()]
        drawn[latest] = room[latest] - int(rng.integers(0, min(_NEAR_THE_END, room[latest] + 1)))
    return [first + timedelta(int(days)) for days in drawn]
