"""The course of each constructed patient in calendar days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from hepatica.simulate.draw import NEVER
from hepatica.simulate.rebuild.context import Rebuild

_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class TimeLine:
    """Days since 1970-01-01 of a patient; `NEVER` where something did not happen.

    Attributes
    ----------
    name, arm : str
        USUBJID and id of the arm.
    first, last : int
        First and last dose.
    until : int
        Last day on which an adverse event counts: some days after the last dose, not after the
        last contact or the cut-off.
    progression, death, later : int
        Progression, death, first later therapy.
    contact : int
        Last contact; that of death for who died.
    without_progression : bool
        Died without progression.
    """

    name: str
    arm: str
    first: int
    last: int
    until: int
    progression: int
    death: int
    later: int
    contact: int
    without_progression: bool


def day_number(day: date) -> int:
    """Return days since 1970-01-01.

    Examples
    --------
    >>> day_number(date(1970, 1, 2))
    1
    """
    return day.toordinal() - _EPOCH


def time_lines(rebuild: Rebuild, follow_up_days: int = 0) -> list[TimeLine]:
    """Return the course of each patient, in the order of the courses.

    Parameters
    ----------
    rebuild : Rebuild
        Courses, arms and cut-off.
    follow_up_days : int
        Days after the last dose on which adverse events count.
    """
    cut_off = rebuild.protocol.study.data_cut_off
    limit = NEVER if cut_off is None else day_number(cut_off)
    found = []
    rows = rebuild.courses.iter_rows(named=True)
    for row, arm in zip(rows, rebuild.arm_ids(), strict=True):
        first = day_number(row["first_dose"])
        before = first - 1
        contact = min(before + row["os_days"], limit)
        last = before + row["treatment_days"]
        progressed = row["pfs_end"] == "progression"
        found.append(
            TimeLine(
                name=row["USUBJID"],
                arm=arm,
                first=first,
                last=last,
                until=min(last + follow_up_days, contact, limit),
                progression=before + row["pfs_days"] if progressed else NEVER,
                death=contact if row["os_end"] == "death" else NEVER,
                later=NEVER if row["later_day"] is None else before + row["later_day"],
                contact=contact,
                without_progression=row["pfs_end"] == "death",
            )
        )
    return found
