"""The story of patients whose courses are given: what the writers of collected tables read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from hepatica.errors import CommandError
from hepatica.protocol.model import Protocol
from hepatica.protocol.treatment import Treatment
from hepatica.simulate.draw import NEVER, Whole
from hepatica.simulate.people import People
from hepatica.simulate.plan import Collected, cut_off
from hepatica.simulate.rebuild.burden import Burden, Plan, draw_burden
from hepatica.simulate.rebuild.context import Rebuild
from hepatica.simulate.rebuild.dosing import given_doses
from hepatica.simulate.rebuild.fates import no_fate, recorded_course
from hepatica.simulate.rebuild.schedule import ScanDay, dose_intervals, scan_days, unread_scan
from hepatica.simulate.rebuild.tumours import first_lesions, joined_scans
from hepatica.simulate.story import Story

_STABLE_DAYS, _CONFIRMATION_DAYS = 35, 28


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
        dose_intervals(
            row["treatment_days"], scans[at], drug.schedule, rebuild.rng(f"EX {row['USUBJID']}")
        )
        for at, row in enumerate(rows)
    ]
    place = np.array([screened.enrolled.index(at) for at in range(len(rows))], dtype=np.int64)
    people = _people(rebuild, screened, first, place)
    return Story(
        protocol=protocol,
        options=Collected(partial_dates=0.0),
        people=people,
        fate=no_fate(people.n),
        course=recorded_course(rebuild, people, first, place),
        doses=given_doses(rebuild, doses, drug, first, place),
        lesions=first_lesions(rebuild, burdens, people, first, place),
        scans=joined_scans(burdens, scans, first, place),
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
    found = []
    for row in rebuild.courses.iter_rows(named=True):
        rng = rebuild.rng(f"TR days {row['USUBJID']}")
        died = row["pfs_end"] == "death"
        if _is_unread(row):
            scans = unread_scan(row["os_days"] - 1, every, rng)
        else:
            twice = row["best_response"] == "SD" and row["pfs_end"] == "progression"
            scans = scan_days(
                row["pfs_days"], died=died, every=every, least=stable + 1, rng=rng, twice=twice
            )
        found.append(scans)
    return found


def _is_unread(row: dict[str, Any]) -> bool:
    """Tell whether no scan after baseline counts: time ends on its first day, or with death."""
    ends_unseen = row["pfs_days"] == 1 or row["pfs_end"] == "death"
    return bool(row["best_response"] == "NE" and ends_unseen)


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
                unread=_is_unread(row),
            ),
            rebuild.rng(f"TR {row['USUBJID']}"),
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
