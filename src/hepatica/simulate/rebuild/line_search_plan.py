"""What is searched for the study of anlotinib against sorafenib by line of treatment.

Printed are 54 and 104 patients, medians of overall survival of 13.0 and 11.0 months in second line
with a log-rank P of .010, and that other differences are not significant. All else, from the split
into lines on, was chosen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from hepatica.simulate.rebuild.search import Bounds
from hepatica.simulate.rebuild.search_statistics import Flags, Real, Whole
from hepatica.simulate.rebuild.sheet_search_goals import Goal

_MONTH = 30.4375
ENROLMENT = (date(2018, 7, 1), date(2023, 6, 30))
CUT_OFF = date(2024, 6, 30)
#: Centres with the patients on anlotinib and on sorafenib, those with the shortest survival first.
CENTRES = {
    "Centre 5": (5, 15),
    "Centre 2": (12, 14),
    "Centre 7": (3, 9),
    "Centre 1": (14, 24),
    "Centre 4": (4, 17),
    "Centre 3": (10, 16),
    "Centre 6": (6, 9),
}


@dataclass(frozen=True, slots=True)
class Line:
    """Patients of one line; pairs are of anlotinib and of sorafenib.

    Attributes
    ----------
    name : str
        What the sheet calls it.
    patients, alive : (int, int)
        Patients, and those alive at the last contact.
    flags : dict
        Patients with each characteristic.
    ended, controlled : (int, int)
        Patients whose disease progressed, or who died, up to the landmark at 6 weeks; and those
        whose disease was controlled.
    responses, modified : (int, int)
        Partial responses by RECIST 1.1, and complete and partial ones by mRECIST.
    """

    name: str
    patients: tuple[int, int]
    alive: tuple[int, int]
    flags: Mapping[str, tuple[int, int]]
    ended: tuple[int, int]
    controlled: tuple[int, int]
    responses: tuple[int, int]
    modified: tuple[int, int]


FIRST = Line(
    name="First",
    patients=(18, 42),
    alive=(5, 11),
    flags={
        "afp": (7, 18), "hbv": (13, 30), "ecog": (8, 18), "cp": (2, 6), "vascular": (7, 17),
        "spread": (6, 17),
    },
    ended=(2, 4), controlled=(14, 29), responses=(3, 3), modified=(4, 6),
)  # fmt: skip
SECOND = Line(
    name="Second",
    patients=(36, 62),
    alive=(11, 5),
    flags={
        "afp": (17, 29), "hbv": (25, 43), "ecog": (20, 34), "cp": (5, 10), "vascular": (13, 24),
        "spread": (19, 32),
    },
    ended=(3, 7), controlled=(26, 39), responses=(4, 4), modified=(7, 7),
)  # fmt: skip

#: Log hazard ratios from which times are drawn before the search.
EFFECTS = {"afp": 0.45, "ecog": 0.35, "cp": 0.45, "vascular": 0.35, "spread": 0.2, "hbv": 0.05}
#: Survival from the first possible death; alive at the last contact.
_FIRST_DEATH, _LAST_DEATH, _ALIVE = 24, 1500, (240, 2000)
#: A scan sees progression from this day on, and so many days before death or the last contact.
_FIRST_SCAN, _BEFORE_DEATH, _BEFORE_CONTACT = 24, 8, 30
#: Deaths without progression lie early; a last scan so many days before the last contact, and
#: nobody's scans ended within the time in which disease control is judged.
_DEATH_WITHOUT, _LAST_SCAN, _SCANNED_UNTIL = 200, 60, 130
#: Arm, rank and interval of deaths in second line up to which the curves stay together.
_TOGETHER = (
    (1, 8, 165.0, 200.0),
    (0, 14, 165.0, 200.0),
    (1, 14, 285.0, 330.0),
    (0, 25, 275.0, 310.0),
)
#: The landmark with room on both sides; disease that is not controlled is seen by day 98, disease
#: control lasts 7 weeks.
_ENDED_BY, _LIVES_ON, _NOT_CONTROLLED_BY, _CONTROLLED_FROM, _EVER = 40.0, 46.0, 98.0, 52.0, 9999.0


def flags_of(line: Line, rng: np.random.Generator) -> dict[str, Whole]:
    """Deal the characteristics of a line; the products with the arm are those of interactions.

    Examples
    --------
    >>> flags = flags_of(SECOND, np.random.default_rng(1))
    >>> int(flags["arm"].sum()), int(flags["afp"].sum()), int(flags["arm_afp"].sum())
    (36, 46, 17)
    """
    arm = np.repeat([1, 0], line.patients).astype(np.int64)
    flags = {"arm": arm}
    for name, counts in line.flags.items():
        dealt = np.zeros(len(arm), dtype=np.int64)
        for value, count in zip((1, 0), counts, strict=True):
            dealt[rng.permutation(np.flatnonzero(arm == value))[:count]] = 1
        flags[name] = dealt
    return flags | {f"arm_{name}": arm * flags[name] for name in ("afp", "hbv")}


def first_times(line: Line, flags: Mapping[str, Whole], rng: np.random.Generator) -> Real:
    """Draw times to death under the chosen effects, from which the search starts."""
    n = len(flags["arm"])
    risk = sum((effect * (flags[name] - 0.5) for name, effect in EFFECTS.items()), np.zeros(n))
    level = 520.0 if line is FIRST else 470.0
    drawn: Real = level * (rng.exponential(size=n) * np.exp(-risk)) ** (1.0 / 1.35)
    return np.clip(drawn, _FIRST_DEATH, _LAST_DEATH)


def survival_bounds(died: Flags) -> list[Bounds]:
    """Return what overall survival may be."""
    dead, alive = Bounds.days(1, (_FIRST_DEATH, _LAST_DEATH)), Bounds.days(0, _ALIVE)
    return [dead if one else alive for one in died]


def progression_bounds(time: Whole, died: Flags) -> list[Bounds]:
    """Return what survival without progression may be, given overall survival.

    Every third patient who is alive is without progression at the last scan.
    """
    free = ~died & (np.cumsum(~died) % 3 == 1)
    return [
        _progression(int(day), dead=bool(one), free=bool(never))
        for day, one, never in zip(time, died, free, strict=True)
    ]


def _progression(last: int, *, dead: bool, free: bool) -> Bounds:
    scanned = Bounds.days(0, (max(last - _LAST_SCAN, _SCANNED_UNTIL), last))
    if free:
        return scanned
    latest = last - (_BEFORE_DEATH if dead else _BEFORE_CONTACT)
    seen = Bounds.days(1, (_FIRST_SCAN, max(latest, _FIRST_SCAN - 1)))
    if dead:
        return seen | Bounds.days(1, (last, last)) if last <= _DEATH_WITHOUT else seen
    return seen | scanned


def survival_goals(line: Line) -> list[Goal]:
    """Return what is asked of overall survival in a line.

    In second line the curves stay together to nine months and part after the medians; medians so
    near one another leave no other room for the printed P value.
    """
    printed, narrow = (13.0, 11.0), 0.04
    medians, p = (printed, (0.0097, 0.0103)) if line is SECOND else ((14.6, 13.4), (0.40, 0.70))
    return [
        *(
            Goal(
                kind="median", names=("arm",), level=level, unit=3.0,
                low=(median - narrow) * _MONTH, high=(median + narrow) * _MONTH,
            )
            for level, median in zip((1, 0), medians, strict=True)
        ),
        Goal(kind="logrank", names=("arm",), low=p[0], high=p[1], unit=0.002),
        *(_rank(*one) for one in (_TOGETHER if line is SECOND else ())),
        *_interaction("afp", (0.25, 0.42)),
        *_interaction("hbv", (0.40, 0.65)),
        _ratio("afp", (1.45, 1.85)),
        _ratio("ecog", (1.35, 1.70)),
        _ratio("cp", (1.40, 2.00)),
        _ratio("vascular", (1.25, 1.70)),
    ]  # fmt: skip


def progression_goals(line: Line) -> list[Goal]:
    """Return what is asked of survival without progression in a line."""
    medians = (4.9, 4.4) if line is SECOND else (5.8, 5.2)
    goals = [
        Goal(
            kind="median", names=("arm",), level=level, unit=3.0,
            low=(median - 0.2) * _MONTH, high=(median + 0.2) * _MONTH,
        )
        for level, median in zip((1, 0), medians, strict=True)
    ]  # fmt: skip
    goals.append(Goal(kind="logrank", names=("arm",), low=0.30, high=0.60, unit=0.02))
    goals += [_ratio("afp", (1.35, 1.75)), _ratio("ecog", (1.15, 1.50)), _ratio("cp", (1.1, 1.6))]
    for level, at in ((1, 0), (0, 1)):
        ended, uncontrolled = line.ended[at], line.patients[at] - line.controlled[at]
        goals += [
            _rank(level, ended, 0.0, _ENDED_BY),
            _rank(level, ended + 1, _LIVES_ON, _EVER),
            _rank(level, uncontrolled, 0.0, _NOT_CONTROLLED_BY),
            _rank(level, uncontrolled + 1, _CONTROLLED_FROM, _EVER),
        ]
    return goals


def _ratio(name: str, interval: tuple[float, float]) -> Goal:
    low, high = interval
    return Goal(kind="hazard_ratio", names=(name,), of=name, low=low, high=high, unit=0.02)


def _interaction(name: str, interval: tuple[float, float]) -> list[Goal]:
    """Return goals of a larger effect of the arm in who has a characteristic."""
    low, high = interval
    both = f"arm_{name}"
    model = ("arm", name, both)
    ratio = Goal(kind="hazard_ratio", names=model, of=both, low=low, high=high, unit=0.02)
    return [ratio]


def _rank(arm: int, rank: int, low: float, high: float) -> Goal:
    return Goal(kind="rank", names=("arm",), level=arm, rank=rank, low=low, high=high, unit=3.0)
