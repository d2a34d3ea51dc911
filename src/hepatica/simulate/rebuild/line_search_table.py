"""Courses of patients whose times were found by line of treatment: what the search leaves open.

Disease of those with the shortest times of a line and arm was not controlled; responders are drawn
among those who go without progression longest. The decline of alpha-fetoprotein goes with disease
control, in patients with low values as in those with high ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from hepatica.simulate.rebuild.line_search_plan import CENTRES, CUT_OFF, ENROLMENT, Line
from hepatica.simulate.rebuild.search_statistics import Flags, Whole
from hepatica.simulate.rebuild.sheet_search import Sheet

_Words = NDArray[np.str_]
_Found = tuple[Line, Sheet, Sheet]

#: Patients whose Child-Pugh class, or alpha-fetoprotein at baseline, is not known; and whose
#: alpha-fetoprotein was not measured at week 4, or too late.
_NO_CLASS, _NO_BASELINE, _NO_VALUE, _TOO_LATE = 5, 4, 8, 2
#: Study days of the measurement, and of those too late for the window.
_MEASURED, _LATE_DAYS, _LANDMARK = (22, 36), (46, 58), 42
#: Share of patients with disease control in whom the value fell, and patients without control in
#: whom it fell, for low and for high values at baseline.
_FELL_WITH, _FELL_WITHOUT = {0: 0.38, 1: 0.52}, {0: 0, 1: 2}
#: What is left of the value at baseline in percent, after a response and after none.
_FALLEN, _NOT_FALLEN = (12, 71), (79, 240)
#: Patients whose response after the landmark was not judged.
_NOT_JUDGED = 3
#: A partial response was seen twice, from week 6 on.
_RESPONSE_FROM = 84
#: How much survival decides in which centre a patient was treated; the rest is chance.
_CENTRE_BY_SURVIVAL = 0.9
#: Of several draws, one in which tests that allow for the centre agree with those that do not.
_CENTRE_DRAW = 13
#: Last contacts lie so many days before the cut-off; anlotinib was given so many days later.
_CONTACT, _LATER = 75, 240
#: Alive after progression, and days from progression to the next therapy.
_ALIVE_AFTER, _TO_THERAPY = 40, (7, 75)
_AGAIN = {0: 0.65, 1: 0.40}


@dataclass(frozen=True, slots=True, eq=False)
class _Patients:
    """Patients of both lines: times, and characteristics of 0 or 1."""

    line: _Words
    flags: dict[str, Whole]
    last: Whole
    dead: Flags
    time: Whole
    progressed: Flags
    at_once: Flags

    @property
    def arm(self) -> Whole:
        return self.flags["arm"]


def courses_table(found: Sequence[_Found], rng: np.random.Generator) -> pl.DataFrame:
    """Return the courses of patients whose times were found.

    Parameters
    ----------
    found : sequence of (Line, Sheet, Sheet)
        Each line with its overall survival and its survival without progression.
    rng : Generator
        Draws what the search leaves open.

    Returns
    -------
    DataFrame
        One row for each patient in the order of first doses.
    """
    people = _patients(found)
    recist, mrecist = _responses(people, [line for line, _, _ in found], rng)
    controlled = ~np.isin(recist, ["PD", "NE"])
    share, day, known = _week_four(people, controlled, rng)
    judged = _judged(people, recist, rng)
    classes = _words(people.flags["cp"], "B", "A")
    for one in rng.choice(len(classes), size=_NO_CLASS, replace=False):
        classes[one] = None
    high: list[str | None] = _words(people.flags["afp"], "Y", "N")
    table = pl.DataFrame(
        {
            "ARM": _words(people.arm, "Anlotinib", "Sorafenib"),
            "LINE": people.line.tolist(),
            "CENTRE": _centres(people, np.random.default_rng(_CENTRE_DRAW)),
            "INDEXDT": [one.isoformat() for one in _first_doses(people, rng)],
            "ECOG": _words(people.flags["ecog"], "1-2", "0"),
            "CHILDPUGH": classes,
            "HBV": _words(people.flags["hbv"], "Yes", "No"),
            "VASCULAR": _words(people.flags["vascular"], "Yes", "No"),
            "EHS": _words(people.flags["spread"], "Yes", "No"),
            "AFP400": [word if one else None for word, one in zip(high, known, strict=True)],
            "AFPSHARE": share,
            "AFPWK4DY": day,
            "RECIST": recist.tolist(),
            "MRECIST": mrecist.tolist(),
            "BORAFTER": judged,
            "PFS_DAYS": people.time,
            "PFS_STATUS": np.where(
                people.progressed, "Progression", np.where(people.at_once, "Death", "Censored")
            ).tolist(),
            "PROGDY": [
                int(one) if seen else None
                for one, seen in zip(people.time, people.progressed, strict=True)
            ],
            "NEXTDY": _treated_again(people, rng),
            "OS_DAYS": people.last,
            "OS_STATUS": _words(people.dead.astype(np.int64), "Dead", "Alive"),
        }
    ).sort("INDEXDT", "OS_DAYS", "PFS_DAYS")
    subject = [f"AS-{number:03d}" for number in range(1, table.height + 1)]
    return table.insert_column(0, pl.Series("USUBJID", subject))


def _patients(found: Sequence[_Found]) -> _Patients:
    names = [line.name for line, one, _ in found for _ in one.time]
    survival = [one for _, one, _ in found]
    progression = [one for _, _, one in found]
    last = np.concatenate([one.time for one in survival])
    dead = np.concatenate([one.event for one in survival])
    time = np.concatenate([one.time for one in progression])
    event = np.concatenate([one.event for one in progression])
    at_once = event & dead & (time == last)
    flags = {
        name: np.concatenate([one.flags[name] for one in survival]) for name in survival[0].flags
    }
    return _Patients(np.array(names), flags, last, dead, time, event & ~at_once, at_once)


def _words(flags: Whole, yes: str, no: str) -> list[str | None]:
    return [yes if one else no for one in flags]


def _responses(
    people: _Patients, lines: Sequence[Line], rng: np.random.Generator
) -> tuple[_Words, _Words]:
    """Return best responses by RECIST 1.1 and mRECIST."""
    recist = np.full(len(people.time), "SD", dtype="<U2")
    mrecist = recist.copy()
    for line in lines:
        for value, at in ((1, 0), (0, 1)):
            who = np.flatnonzero((people.line == line.name) & (people.arm == value))
            by_time = who[np.argsort(people.time[who], kind="stable")]
            shortest = by_time[: line.patients[at] - line.controlled[at]]
            for one in (recist, mrecist):
                one[shortest] = np.where(people.progressed[shortest], "PD", "NE")
            # What grows may be dead tissue.
            mrecist[shortest[-1:]] = "SD"
            rest = np.setdiff1d(who, shortest)
            rest = rest[people.time[rest] >= _RESPONSE_FROM]
            noise = np.exp(0.35 * rng.standard_normal(len(rest)))
            longest = rest[np.argsort(-people.time[rest] * noise, kind="stable")]
            recist[longest[: line.responses[at]]] = "PR"
            mrecist[longest[: line.modified[at]]] = "PR"
            mrecist[longest[:1]] = "CR"
    return recist, mrecist


def _week_four(
    people: _Patients, controlled: Flags, rng: np.random.Generator
) -> tuple[list[int | None], list[int | None], Flags]:
    """Return value at week 4 in percent of baseline, its study day, and who has a baseline."""
    n = len(people.time)
    day = rng.integers(_MEASURED[0], _MEASURED[1] + 1, size=n)
    reached = np.flatnonzero(people.time > _LANDMARK)
    drawn = rng.permutation(reached)[: _NO_BASELINE + _NO_VALUE + _TOO_LATE]
    without, missing, late = np.split(drawn, [_NO_BASELINE, _NO_BASELINE + _NO_VALUE])
    day[late] = rng.integers(_LATE_DAYS[0], _LATE_DAYS[1] + 1, size=len(late))
    known = np.ones(n, dtype=np.bool_)
    known[without] = False
    measured = (people.time >= day) & known
    measured[missing] = False
    fell = _fell(people, controlled, rng)
    left = np.where(fell, rng.integers(*_FALLEN, size=n), rng.integers(*_NOT_FALLEN, size=n))
    shares = [int(one) if has else None for one, has in zip(left, measured, strict=True)]
    days = [int(one) if has else None for one, has in zip(day, measured, strict=True)]
    return shares, days, known


def _fell(people: _Patients, controlled: Flags, rng: np.random.Generator) -> Flags:
    """Choose in whom the value fell, of those with control rather those who go on longest."""
    fell = np.zeros(len(people.time), dtype=np.bool_)
    for high in (0, 1):
        own = (people.flags["afp"] == high) & (people.time > _LANDMARK)
        controls, others = np.flatnonzero(own & controlled), np.flatnonzero(own & ~controlled)
        noise = np.exp(1.6 * rng.standard_normal(len(controls)))
        longest = controls[np.argsort(-people.time[controls] * noise, kind="stable")]
        fell[longest[: round(_FELL_WITH[high] * len(controls))]] = True
        fell[rng.permutation(others)[: _FELL_WITHOUT[high]]] = True
    return fell


def _judged(people: _Patients, recist: _Words, rng: np.random.Generator) -> list[str | None]:
    """Return best responses at scans after the landmark; nobody else was judged after it."""
    after = np.flatnonzero(people.time > _LANDMARK)
    # Progression on the day itself was seen by a scan, so that one was judged.
    unseen = set(rng.choice(after, size=_NOT_JUDGED, replace=False).tolist())
    kept = set(after.tolist()) - unseen
    return [str(word) if place in kept else None for place, word in enumerate(recist)]


def _centres(people: _Patients, rng: np.random.Generator) -> list[str]:
    """Deal centres within arms, so that survival differs somewhat between them."""
    centre = np.full(len(people.last), "", dtype="<U16")
    for value, at in ((1, 0), (0, 1)):
        who = np.flatnonzero(people.arm == value)
        rank = np.argsort(np.argsort(people.last[who], kind="stable")) / len(who)
        score = _CENTRE_BY_SURVIVAL * rank + rng.standard_normal(len(who))
        names = np.repeat(list(CENTRES), [counts[at] for counts in CENTRES.values()])
        centre[who[np.argsort(score, kind="stable")]] = names
    found: list[str] = centre.tolist()
    return found


def _first_doses(people: _Patients, rng: np.random.Generator) -> list[date]:
    """Return first doses: who is alive was last seen shortly before the cut-off, or lost before."""
    first = []
    for last, dead, arm in zip(people.last, people.dead, people.arm, strict=True):
        earliest = ENROLMENT[0] + timedelta(days=_LATER if arm else 0)
        contact = CUT_OFF - timedelta(days=int(rng.integers(_CONTACT + 1)))
        begun = contact - timedelta(days=int(last) - 1)
        if dead or begun > ENROLMENT[1]:
            latest = min(CUT_OFF - timedelta(days=int(last) - 1), ENROLMENT[1])
            earliest = min(earliest, latest)
            begun = earliest + timedelta(days=int(rng.integers((latest - earliest).days + 1)))
        first.append(begun)
    return first


def _treated_again(people: _Patients, rng: np.random.Generator) -> list[int | None]:
    days: list[int | None] = [None] * len(people.time)
    left = people.last - people.time
    chance = rng.random(len(days))
    for one in np.flatnonzero(people.progressed & (left >= _ALIVE_AFTER)):
        if chance[one] < _AGAIN[int(people.flags["ecog"][one])]:
            latest = min(_TO_THERAPY[1], int(left[one]) - _TO_THERAPY[0])
            days[one] = int(people.time[one] + rng.integers(_TO_THERAPY[0], latest + 1))
    return days
