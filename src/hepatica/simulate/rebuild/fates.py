"""What the courses say of progression, the end of treatment, later therapy and death."""

from __future__ import annotations

from typing import Any

import numpy as np

from hepatica.simulate.draw import NEVER, Whole
from hepatica.simulate.people import Fate, People
from hepatica.simulate.rebuild.context import Rebuild
from hepatica.simulate.story import END_REASONS, Course

#: Days from the last dose within which an end of treatment follows from death or progression.
_SOON = 21
_DECIDED = 4
#: Days before the cut-off; an earlier last contact is loss to follow-up.
_LOST = 90
_CENSORED_REASONS = ("ADVERSE EVENT", "WITHDRAWAL BY SUBJECT", "PHYSICIAN DECISION")
_CENSORED_SHARES = (0.5, 0.35, 0.15)


def recorded_course(rebuild: Rebuild, people: People, first: Whole, place: Whole) -> Course:
    """Return progression, end of treatment, later therapy and death of every subject."""
    rng = rebuild.rng("DS")
    n = people.n
    days = {name: np.full(n, NEVER) for name in ("progression", "end", "new_therapy", "death")}
    reason = np.full(n, END_REASONS.index("LOST TO FOLLOW-UP"))
    last, ended = people.consent + 2, np.zeros(n, dtype=bool)
    for at, row in enumerate(rebuild.courses.iter_rows(named=True)):
        who, start = place[at], int(first[at]) - 1
        last[who] = start + row["os_days"]
        if row["pfs_end"] == "progression":
            days["progression"][who] = start + row["pfs_days"]
        if row["os_end"] == "death":
            days["death"][who] = last[who]
        if row["later_day"] is not None:
            days["new_therapy"][who] = start + row["later_day"]
        ended[who] = row["on_treatment"] == "N"
        why = _reason(row, rng)
        reason[who] = END_REASONS.index(why)
        days["end"][who] = start + _end_day(row, why, rng)
    died = days["death"] < NEVER
    return Course(
        **days,
        ended=ended,
        reason=reason,
        last_contact=last,
        left=ended & ~died & (last < people.horizon - _LOST),
        fatal_event=np.zeros(n, dtype=bool),
    )


def _reason(row: dict[str, Any], rng: np.random.Generator) -> str:
    """Return why treatment ended, as the course suggests it."""
    gap = row["pfs_days"] - row["treatment_days"]
    if row["pfs_end"] == "progression":
        return "PROGRESSIVE DISEASE" if gap <= _SOON else "ADVERSE EVENT"
    if row["pfs_end"] == "death":
        return "DEATH" if gap <= _SOON else "ADVERSE EVENT"
    return str(rng.choice(_CENSORED_REASONS, p=_CENSORED_SHARES))


def _end_day(row: dict[str, Any], why: str, rng: np.random.Generator) -> int:
    """Return the study day on which it was decided that treatment had ended."""
    treated, lived = int(row["treatment_days"]), int(row["os_days"])
    seen = max(treated, row["pfs_days"]) if why == "PROGRESSIVE DISEASE" else treated
    limit = lived - 1 if row["os_end"] == "death" else lived
    if row["later_day"] is not None:
        limit = min(limit, row["later_day"] - 1)
    if row["on_treatment"] == "Y":
        return treated
    return max(min(seen + int(rng.integers(0, _DECIDED)), limit), treated)


def no_fate(n: int) -> Fate:
    """Return that nothing is drawn: the courses say what happens."""
    never = np.full(n, NEVER)
    return Fate(never, never, np.zeros(n, dtype=np.int64), never, never, never < NEVER)
