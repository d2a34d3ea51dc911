"""What a search for courses is told: kinds of patients, their numbers and their scans.

The publication prints how many patients responded and how many gave a sample; which days scans may
fall on, and who has which course, is chosen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

Ranges = tuple[tuple[int, int], ...]

#: Planned scans are due every 42 days and drift with dose delays; from the fourth on, any day.
FIRST_SCAN: Ranges = ((37, 51),)
SECOND_SCAN: Ranges = ((74, 100),)
THIRD_SCAN: Ranges = ((113, 150),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Patients of one kind.

    Attributes
    ----------
    count : int
        How many there are.
    best : str
        Confirmed best response.
    end : {"progression", "death", "censored"}
        What ends progression-free survival.
    days : tuple of (int, int)
        Days on which it may end.
    marker : {"high", "low", ""}
        Baseline marker; empty without a sample.
    treated : bool
        Whether they are still on treatment at the cut-off.
    """

    count: int
    best: str
    end: str
    days: Ranges
    marker: str = ""
    treated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmPlan:
    """The patients of one arm.

    Attributes
    ----------
    arm : str
        Label of the arm.
    prefix : str
        Start of USUBJID.
    kinds : tuple of Kind
        Its patients.
    stopped_early : int
        Patients with late progression whose treatment ended long before it.
    by_marker, by_later : str
        Analyses that compare high with low markers, and patients with and without later targeted
        therapy.
    first_line : tuple of (int, int) or None
        Least and most days from the start of first-line therapy to the first dose.
    """

    arm: str
    prefix: str
    kinds: tuple[Kind, ...]
    stopped_early: int
    by_marker: str
    by_later: str
    first_line: tuple[int, int] | None = None

    def patients(self) -> Iterator[Kind]:
        """Give the kind of each patient."""
        for kind in self.kinds:
            yield from (kind for _ in range(kind.count))


@dataclass(frozen=True, slots=True, kw_only=True)
class CoursesPlan:
    """The arms, the calendar and the seed.

    Attributes
    ----------
    enrolment : tuple of date
        First and last day of a first dose.
    cut_off : date
        Data cut-off.
    """

    seed: int
    enrolment: tuple[date, date]
    cut_off: date
    arms: tuple[ArmPlan, ...]


#: First scans with progression, some of them unscheduled.
_PD: Ranges = ((18, 51),)
_LATE_FIRST_SCAN: Ranges = ((46, 51),)
#: The landmarks at weeks 12 and 24 leave one order of events; these ranges keep to it.
_TO_WEEK_12: Ranges = ((74, 84),)
_TO_WEEK_24: Ranges = ((85, 100), *THIRD_SCAN, (151, 168))
_AFTER_WEEK_24: Ranges = ((169, 420),)
_SEEN: Ranges = (*SECOND_SCAN, *THIRD_SCAN, (151, 420))


def _progressed(count: int, marker: str = "", best: str = "SD", days: Ranges = _SEEN) -> Kind:
    return Kind(count=count, best=best, end="progression", days=days, marker=marker)


def _left(count: int, days: Ranges, marker: str = "") -> Kind:
    """Return patients who left the study without progression."""
    return Kind(count=count, best="SD", end="censored", days=days, marker=marker)


def _treated(count: int, days: Ranges, marker: str = "", best: str = "SD") -> Kind:
    return Kind(count=count, best=best, end="censored", days=days, marker=marker, treated=True)


#: The search that found ``studies/alter-0802/courses.csv``.
ALTER_0802 = CoursesPlan(
    seed=802,
    enrolment=(date(2016, 10, 10), date(2019, 4, 26)),
    cut_off=date(2019, 12, 18),
    arms=(
        ArmPlan(
            arm="Cohort 1",
            prefix="S1",
            kinds=(
                _progressed(1, "high", "PD", _PD),
                _progressed(1, "high", days=_TO_WEEK_12),
                _progressed(2, "high", days=_TO_WEEK_24),
                _progressed(5, "high", days=_AFTER_WEEK_24),
                Kind(count=1, best="SD", end="death", days=((113, 168),), marker="low"),
                _treated(1, ((300, 400),), "low", "PR"),
                _left(1, FIRST_SCAN + SECOND_SCAN, "low"),
                _progressed(6, "low", days=_AFTER_WEEK_24),
                _progressed(3, "", "PD", _PD),
                _progressed(3, days=_TO_WEEK_24),
                _left(1, FIRST_SCAN + SECOND_SCAN),
                _left(1, THIRD_SCAN),
            ),
            stopped_early=5,
            by_marker="ttp-by-cxcl1-cohort-1",
            by_later="os-by-later-targeted-cohort-1",
        ),
        ArmPlan(
            arm="Cohort 2",
            prefix="S2",
            kinds=(
                Kind(count=1, best="NE", end="censored", days=((20, 34),), marker="high"),
                _progressed(4, "high", "PD", _PD),
                _progressed(5, "high"),
                _progressed(1, "low", "PR", _AFTER_WEEK_24),
                _progressed(6, "low"),
                _treated(1, ((230, 400),), "low", "PR"),
                _treated(1, ((210, 400),), "low"),
                _left(1, (*_LATE_FIRST_SCAN, *_TO_WEEK_12), "low"),
                _progressed(1, "", "PD", _PD),
                _left(1, (*_LATE_FIRST_SCAN, *_TO_WEEK_12)),
                _left(1, SECOND_SCAN + THIRD_SCAN),
                _treated(1, ((195, 330),)),
            ),
            stopped_early=5,
            by_marker="ttp-by-cxcl1-cohort-2",
            by_later="os-by-later-targeted-cohort-2",
            first_line=(60, 1100),
        ),
    ),
)
