"""What is searched for the study of lenvatinib plus PD-1 inhibitors against regorafenib.

Printed numbers are those of Therapeutics and Clinical Risk Management 2023;19:853-863. Patients
start from a set that was found for overall survival alone; it holds which arm, ECOG group and AFP
group a patient belongs to, and these stay.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from hepatica.simulate.rebuild.search import Bounds
from hepatica.simulate.rebuild.search_statistics import Flags, Whole
from hepatica.simulate.rebuild.sheet_search_goals import Goal, printed_median, printed_ratio

#: Days of survival, + alive at the last contact; L and R: lenvatinib plus PD-1 inhibitor and
#: regorafenib; 2: ECOG 2; a: alpha-fetoprotein 400 ng/mL or more.
START = """
785+L 676L 593L 360L 339La 726+L 279La 200L 304L 90L2a 358L 122L2 306L 162La 336La 492La 255L
127L2a 880+L 358L 694L 450La 42L2a 653La 450L2 578L 177La 154La 707La 389L 798+L 1085L 66La 587L
122L2 57L2a 532La 571+L 360L 101L2a 457La 199R 356R 545+R 243Ra 990R 144R2 669R 193Ra 1018+R 233R
194Ra 168Ra 125Ra 266R 462+Ra 407R 229Ra 240R 216R2 103R2a 725+R2 1014Ra 207R2a 1071+R 119Ra 513Ra
1032+R
"""
ENROLMENT = (date(2018, 6, 1), date(2021, 9, 30))
CUT_OFF = date(2023, 1, 1)
#: Patients with the characteristic in the arms L and R; Child-Pugh as printed, hepatitis B as
#: printed of R and chosen of L.
CLASS_B, HEPATITIS_B = {1: 6, 0: 8}, {1: 34, 0: 18}
#: Patients whose disease was not controlled, and responders by RECIST 1.1 and mRECIST (complete,
#: partial), as printed.
NOT_CONTROLLED = {1: 11, 0: 15}
RECIST, MRECIST = {1: (1, 7), 0: (0, 2)}, {1: (3, 9), 0: (1, 3)}
#: Patients treated again after progression, as printed.
TREATED_AGAIN = {1: 14, 0: 10}

#: Survival from the first possible death after two cycles; nobody was censored before 15 months.
_FIRST_DEATH, _LAST_DEATH, _CENSORED = 42, 1100, (458, 1600)
#: A progression is seen from this day on, and so many days before death or the last contact.
_FIRST_SCAN, _BEFORE_DEATH, _BEFORE_CONTACT = 28, 10, 30
#: Deaths without progression lie early; a last scan so many days before the last contact.
_DEATH_WITHOUT, _LAST_SCAN = 200, 56
#: Disease that is not controlled is seen by day 98, disease control lasts 7 weeks.
_NOT_CONTROLLED_BY, _CONTROLLED_FROM, _EVER = 98.0, 49.0, 9999.0

#: The models that the rule of selection leads to.
WITH_CLASS, WITH_HEPATITIS = ("ecog", "cp", "afp"), ("ecog", "hbv", "afp")


@dataclass(frozen=True, slots=True, eq=False)
class Start:
    """The patients that the search starts from; characteristics are 0 or 1."""

    time: Whole
    died: Flags
    flags: Mapping[str, Whole]


def start_patients() -> Start:
    """Return the patients of `START`.

    Examples
    --------
    >>> start = start_patients()
    >>> len(start.time), int(start.died.sum()), int(start.flags["arm"].sum())
    (68, 57, 41)
    """
    found = [re.fullmatch(r"(\d+)(\+?)([LR])(2?)(a?)", one) for one in START.split()]
    parts = [one.groups() for one in found if one is not None]
    arm = np.array([int(one[2] == "L") for one in parts])
    flags = {
        "arm": arm,
        "ecog": np.array([int(one[3] == "2") for one in parts]),
        "afp": np.array([int(one[4] == "a") for one in parts]),
        "cp": first_of(arm, CLASS_B),
        "hbv": first_of(arm, HEPATITIS_B),
    }
    return Start(
        np.array([int(one[0]) for one in parts]), np.array([not one[1] for one in parts]), flags
    )


def first_of(arm: Whole, counts: Mapping[int, int]) -> Whole:
    """Return a characteristic of the first patients of each arm; the search exchanges it."""
    flags = np.zeros(len(arm), dtype=np.int64)
    for value, count in counts.items():
        flags[np.flatnonzero(arm == value)[:count]] = 1
    return flags


def survival_bounds(died: Flags) -> list[Bounds]:
    """Return what a patient's survival may be."""
    return [
        Bounds.days(1, (_FIRST_DEATH, _LAST_DEATH)) if one else Bounds.days(0, _CENSORED)
        for one in died
    ]


def progression_bounds(time: Whole, died: Flags) -> list[Bounds]:
    """Return what survival without progression may be, given overall survival."""
    return [_progression(int(day), dead=bool(one)) for day, one in zip(time, died, strict=True)]


def _progression(last: int, *, dead: bool) -> Bounds:
    if not dead:
        seen = Bounds.days(1, (_FIRST_SCAN, last - _BEFORE_CONTACT))
        return seen | Bounds.days(0, (last - _LAST_SCAN, last))
    seen = Bounds.days(1, (_FIRST_SCAN, max(last - _BEFORE_DEATH, _FIRST_SCAN)))
    return seen | Bounds.days(1, (last, last)) if last <= _DEATH_WITHOUT else seen


def survival_goals() -> list[Goal]:
    """Return what is printed of overall survival."""
    full = WITH_CLASS
    return [
        *printed_median("arm", 1, "11.8 (9.2-16.2)"),
        *printed_median("arm", 0, "8.0 (6.5-22.0)"),
        *printed_median("ecog", 0, "12.8 (10.1-19.0)"),
        *printed_median("ecog", 1, "4.0 (3.0-6.8)"),
        *printed_median("afp", 0, "14.1 (11.7-22.2)"),
        *printed_median("afp", 1, "6.6 (5.1-11.1)"),
        Goal(kind="logrank", names=("arm",), low=0.6986, high=0.6994, unit=0.002),
        *printed_ratio("ecog", ["ecog"], "3.474 (1.812-6.660)"),
        *printed_ratio("afp", ["afp"], "2.661 (1.572-4.505)"),
        # Its limits would need fewer patients of class B than are printed.
        *printed_ratio("cp", ["cp"], "2.90 (1.29-6.54)")[:1],
        *printed_ratio("ecog", full, "4.530 (2.291-8.960)"),
        *printed_ratio("afp", full, "3.111 (1.790-5.407)"),
        Goal(kind="p_value", names=full, of="cp", low=0.055, high=1.0, unit=0.005),
    ]


def progression_goals() -> list[Goal]:
    """Return what is printed of progression-free survival, and what follows from the responses."""
    full = WITH_HEPATITIS
    return [
        *printed_median("arm", 1, "5.3 (4.0-7.2)"),
        *printed_median("arm", 0, "3.0 (2.3-6.3)"),
        *printed_median("ecog", 0, "5.3 (4.0-7.2)"),
        *printed_median("ecog", 1, "3.0 (1.9-4.1)"),
        *printed_median("afp", 0, "6.5 (5.3-8.7)"),
        *printed_median("afp", 1, "2.7 (2.1-3.7)"),
        Goal(kind="logrank", names=("arm",), low=0.6326, high=0.6334, unit=0.002),
        Goal(kind="logrank", names=("ecog",), low=0.0005, high=0.00149, unit=0.0005),
        *printed_ratio("ecog", ["ecog"], "2.745 (1.449-5.200)"),
        *printed_ratio("afp", ["afp"], "3.000 (1.798-5.004)"),
        *printed_ratio("hbv", ["hbv"], "0.479 (0.263-0.870)"),
        *printed_ratio("ecog", full, "2.721 (1.372-5.395)"),
        # The same numbers as above, so that they weigh less than that hepatitis B is not selected.
        *printed_ratio("afp", full, "3.000 (1.798-5.004)", 0.03),
        Goal(kind="p_value", names=full, of="hbv", low=0.055, high=1.0, unit=0.002),
        Goal(kind="p_value", names=("cp",), of="cp", low=0.06, high=1.0, unit=0.004),
        Goal(
            kind="p_value", names=("hbv",), of="hbv", low=0.06, high=1.0, unit=0.02, other=True
        ),
        _rank(0, NOT_CONTROLLED[0], 0.0, _NOT_CONTROLLED_BY),
        _rank(0, NOT_CONTROLLED[0] + 1, _CONTROLLED_FROM, _EVER),
        _rank(1, NOT_CONTROLLED[1] + 1, _CONTROLLED_FROM, _EVER),
    ]  # fmt: skip


def _rank(arm: int, rank: int, low: float, high: float) -> Goal:
    return Goal(kind="rank", names=("arm",), level=arm, rank=rank, low=low, high=high, unit=3.0)


def nearer(goals: list[Goal], days: float = 3.0) -> list[Goal]:
    """Return goals for a last search: hazard ratios weigh more than their limits.

    Parameters
    ----------
    goals : list of Goal
        Those of the wide search.
    days : float
        Days by which a median may miss at the loss of 1.

    Examples
    --------
    >>> {goal.unit for goal in nearer(printed_ratio("a", ["a"], "2.0 (1.0-4.0)"))} == {0.003, 0.01}
    True
    """
    changed = []
    for one in goals:
        unit = one.unit
        if one.kind == "hazard_ratio" and not one.limit:
            unit *= 0.3
        elif one.kind == "median":
            unit = days
        changed.append(replace(one, unit=unit))
    return changed


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """Distances that count 1: of medians in days, of hazard ratios on the scale of the logarithm.

    Attributes
    ----------
    twice : float
        Of the hazard ratio of AFP that is printed alike in two models.
    logrank : float
        Of the log-rank P value of the arms.
    """

    median: float
    ratio: float
    limit: float
    twice: float
    logrank: float = 0.002


def weighed(goals: list[Goal], units: Units) -> list[Goal]:
    """Return goals with other units; P values of models keep theirs.

    Examples
    --------
    >>> units = Units(median=1.0, ratio=0.005, limit=0.02, twice=0.03)
    >>> [goal.unit for goal in weighed(printed_ratio("a", ["a"], "2.0 (1.0-4.0)"), units)]
    [0.005, 0.02, 0.02]
    """
    return [replace(one, unit=_unit(one, units)) for one in goals]


def _unit(goal: Goal, units: Units) -> float:
    if goal.kind == "median":
        return units.median
    if goal.kind == "logrank" and goal.names == ("arm",):
        return units.logrank
    if goal.kind != "hazard_ratio":
        return goal.unit
    if goal.names == WITH_HEPATITIS and goal.of == "afp":
        return units.twice
    return units.limit if goal.limit else units.ratio


def survival_goals_of_class() -> list[Goal]:
    """Return what is printed of overall survival and hangs on who is of Child-Pugh class B."""
    return [replace(one, other=True) for one in survival_goals() if "cp" in one.names]


def aims_of(goals: list[Goal]) -> list[float]:
    """Return the middles of the intervals of medians and their limits, each once.

    Examples
    --------
    >>> [round(day) for day in aims_of(printed_median("arm", 1, "5.3 (4.0-7.2)"))]
    [122, 161, 219]
    """
    return sorted({(one.low + one.high) / 2.0 for one in goals if one.kind == "median"})
