"""The story of patients whose courses are given: what the writers of collected tables read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from hepatica.errors import CommandError
from hepatica.protocol.model import Protocol
from hepatica.protocol.treatment import Treatment
from hepatica.simulate.draw import NEVER, Whole
from hepatica.simulate.lesions import MOST_TARGETS, Lesions
from hepatica.simulate.people import Fate, People
from hepatica.simulate.plan import Collected, cut_off
from hepatica.simulate.rebuild.burden import Burden, Plan, draw_burden
from hepatica.simulate.rebuild.context import Rebuild
from hepatica.simulate.rebuild.schedule import Interval, ScanDay, dose_intervals, scan_days
from hepatica.simulate.scans import Scans
from hepatica.simulate.story import END_REASONS, Course, Story
from hepatica.simulate.treatment import Doses

_STABLE_DAYS, _CONFIRMATION_DAYS = 35, 28
_MOST_NON_TARGETS = 4
#: Days from the last dose within which an end of treatment follows from death or progression.
_SOON = 21
_DECIDED = 4
_CENSORED_REASONS = ("ADVERSE EVENT", "WITHDRAWAL BY SUBJECT", "PHYSICIAN DECISION")
_CENSORED_SHARES = (0.5, 0.35, 0.15)


@dataclass(frozen=True, slots=True)
class Screened:
    """Subjects in the order of their names: who was enrolled, and who failed screening.

    Attributes
    ----------
    names : list of str
        USUBJID, ascending.
    enrolled : list of int
        Position in the courses; -1 for a screening failure.
    consent : list of int
        Day number of informed consent.
    """

    names: list[str]
    enrolled: list[int]
    consent: list[int]


def tell_courses(
    rebuild: Rebuild,
    *,
    failures: pl.DataFrame | None = None,
    outside_liver: Sequence[bool | None] = (),
) -> Story:
    """Return the story in which every patient has the given course.

    Parameters
    ----------
    rebuild : Rebuild
        Protocol, what was chosen, and the courses.
    failures : DataFrame, optional
        USUBJID and RFICDTC of subjects who failed screening.
    outside_liver : sequence of bool or None
        For each course, whether there is disease outside the liver; drawn where not known.

    Returns
    -------
    Story
        The same for the same arguments; the writers of `hepatica.simulate` make tables of it.

    Raises
    ------
    CommandError
        If the protocol lacks what the story needs, or no lesions give a course.
    """
    protocol, courses = rebuild.protocol, rebuild.courses
    if protocol.assessments is None:
        raise CommandError(
            "Lesions are constructed from the plan of assessments: study.yaml needs 'assessments'."
        )
    drug = _drug(protocol)
    known = list(outside_liver) or [None] * len(courses)
    rows = courses.to_dicts()
    first = np.array([_day(row["first_dose"]) for row in rows], dtype=np.int64)
    screened = _screened(rebuild, first, failures)
    scans = _scans(rebuild)
    burdens = _burdens(rebuild, scans, known)
    doses = [
        dose_intervals(row["treatment_days"], scans[at], drug.schedule, rebuild.rng(f"EX {at}"))
        for at, row in enumerate(rows)
    ]
    place = np.array([screened.enrolled.index(at) for at in range(len(rows))], dtype=np.int64)
    people = _people(rebuild, screened, first, place)
    return Story(
        protocol=protocol,
        options=Collected(partial_dates=0.0),
        people=people,
        fate=_fate(people.n),
        course=_course(rebuild, people, first, place),
        doses=_doses(rebuild, doses, drug, first, place),
        lesions=_lesions(rebuild, burdens, people, first, place),
        scans=_joined(burdens, scans, first, place),
    )


def _drug(protocol: Protocol) -> Treatment:
    given = {one for arm in protocol.arms for one in arm.treatments}
    drugs = [one for one in protocol.treatments if one.id in given]
    if len(drugs) != 1 or drugs[0].dose is None or drugs[0].schedule.first_day != 1:
        raise CommandError(
            "Doses are constructed for one drug that every arm receives from day 1 of its cycle, "
            "with one dose. Look at arms and treatments in study.yaml."
        )
    return drugs[0]


def _day(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def _screened(rebuild: Rebuild, first: Whole, failures: pl.DataFrame | None) -> Screened:
    least, most = rebuild.construction.enrolment.consent_days
    before = rebuild.rng("consent").integers(least, most + 1, size=len(first))
    subjects = [
        (name, at, int(day))
        for at, (name, day) in enumerate(
            zip(rebuild.courses["USUBJID"].to_list(), first - before, strict=True)
        )
    ]
    if failures is not None:
        subjects += [
            (row["USUBJID"], -1, _day(date.fromisoformat(row["RFICDTC"])))
            for row in failures.iter_rows(named=True)
        ]
    names, enrolled, consent = zip(*sorted(subjects), strict=True)
    return Screened(list(names), list(enrolled), list(consent))


def _scans(rebuild: Rebuild) -> list[list[ScanDay]]:
    plan = rebuild.protocol.assessments
    every = plan.every_days if plan else 1
    stable, _ = _intervals(rebuild.protocol)
    return [
        scan_days(
            row["pfs_days"],
            died=row["pfs_end"] == "death",
            every=every,
            least=stable + 1,
            rng=rebuild.rng(f"TR days {at}"),
        )
        if row["pfs_days"] > 1
        else []
        for at, row in enumerate(rebuild.courses.iter_rows(named=True))
    ]


def _intervals(protocol: Protocol) -> tuple[int, int]:
    plan = protocol.assessments
    stable = plan.stable_disease_days if plan else None
    confirmation = plan.confirmation_days if plan else None
    return stable or _STABLE_DAYS, confirmation or _CONFIRMATION_DAYS


def _burdens(
    rebuild: Rebuild, scans: list[list[ScanDay]], outside: Sequence[bool | None]
) -> list[Burden]:
    stable, confirmation = _intervals(rebuild.protocol)
    return [
        draw_burden(
            Plan(
                subject=row["USUBJID"],
                best=row["best_response"],
                progressed=row["pfs_end"] == "progression",
                scans=scans[at],
                stable_days=stable,
                confirmation_days=confirmation,
                outside=outside[at],
            ),
            rebuild.rng(f"TR {at}"),
        )
        for at, row in enumerate(rebuild.courses.iter_rows(named=True))
    ]


def _people(rebuild: Rebuild, screened: Screened, first: Whole, place: Whole) -> People:
    labels = [str(arm.recorded) for arm in rebuild.protocol.arms]
    n = len(screened.names)
    arm, start = np.zeros(n, dtype=np.int64), np.full(n, NEVER)
    arm[place] = [labels.index(label) for label in rebuild.courses["ARM"].to_list()]
    start[place] = first
    weight = rebuild.rng("weight").normal(64.0, 9.0, size=n)
    nothing = np.zeros(n)
    return People(
        names=pl.Series("USUBJID", screened.names),
        arm=arm,
        enrolled=start < NEVER,
        consent=np.array(screened.consent, dtype=np.int64),
        first_dose=start,
        horizon=cut_off(rebuild.protocol),
        weight=np.clip(np.round(weight, 1), 42.0, 95.0),
        shrinkage=nothing,
        growth=nothing,
    )


def _fate(n: int) -> Fate:
    """Return that nothing is drawn: the courses say what happens."""
    never = np.full(n, NEVER)
    return Fate(never, never, np.zeros(n, dtype=np.int64), never, never, never < NEVER)


def _course(rebuild: Rebuild, people: People, first: Whole, place: Whole) -> Course:
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
        left=people.enrolled & ~died & (last < people.horizon),
        fatal_event=np.zeros(n, dtype=bool),
    )


def _reason(row: dict[str, object], rng: np.random.Generator) -> str:
    """Return why treatment ended, as the course suggests it."""
    gap = int(str(row["pfs_days"])) - int(str(row["treatment_days"]))
    if row["pfs_end"] == "progression":
        return "PROGRESSIVE DISEASE" if gap <= _SOON else "ADVERSE EVENT"
    if row["pfs_end"] == "death":
        return "DEATH" if gap <= _SOON else "ADVERSE EVENT"
    return str(rng.choice(_CENSORED_REASONS, p=_CENSORED_SHARES))


def _end_day(row: dict[str, object], why: str, rng: np.random.Generator) -> int:
    """Return the study day on which it was decided that treatment had ended."""
    treated, lived = int(str(row["treatment_days"])), int(str(row["os_days"]))
    seen = max(treated, int(str(row["pfs_days"]))) if why == "PROGRESSIVE DISEASE" else treated
    limit = lived - 1 if row["os_end"] == "death" else lived
    if row["later_day"] is not None:
        limit = min(limit, int(str(row["later_day"])) - 1)
    if row["on_treatment"] == "Y":
        return treated
    return max(min(seen + int(rng.integers(0, _DECIDED)), limit), treated)


def _doses(
    rebuild: Rebuild,
    intervals: list[list[Interval]],
    drug: Treatment,
    first: Whole,
    place: Whole,
) -> Doses:
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
        able = [
            at
            for at, rows in enumerate(intervals)
            if arms[at] == arm and rows[-1].cycle >= 2
        ]
        if len(able) < wanted:
            raise CommandError(
                f"construction.yaml wants {wanted} patients of {arm} with a lower dose; "
                f"{len(able)} start a second cycle."
            )
        for at in sorted(rng.choice(able, wanted, replace=False).tolist()):
            found[at] = int(rng.integers(2, min(intervals[at][-1].cycle, 6) + 1))
    return found


def _lesions(
    rebuild: Rebuild, burdens: list[Burden], people: People, first: Whole, place: Whole
) -> Lesions:
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


def _joined(burdens: list[Burden], scans: list[list[ScanDay]], first: Whole, place: Whole) -> Scans:
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
