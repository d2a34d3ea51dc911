"""One patient for each rule and each boundary, and the record that follows, written by hand.

Days are study days: day 1 is the first dose, 2020-01-01. Randomisation is on day -2 (there is no
day 0, so 2019-12-30). The data cut-off is day 100, 2020-04-09.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

FIRST_DOSE = date(2020, 1, 1)
CUT_OFF_DAY = 100


def on(day: int) -> date:
    """Return the date of a study day; day -1 is the day before day 1."""
    return FIRST_DOSE + timedelta(day - 1 if day > 0 else day)


@dataclass(frozen=True)
class Patient:
    """What happened: visit responses by study day, death, other therapy, last contact."""

    name: str
    visits: tuple[tuple[int, str], ...] = ()
    death: int | None = None
    therapy: int | None = None
    alive: int | None = None
    first_dose: int | None = 1
    response: int | None = None
    expected: dict[str, tuple[float, int, str]] = field(default_factory=dict)


# Censoring rules by place: PFS 1 no assessment, 2 new therapy, 3 last assessment;
# TTP 1 no assessment, 2 new therapy, 3 death, 4 last assessment; OS 1 alive;
# DOR 1 new therapy, 2 last assessment.
PD, DEATH = "Disease progression", "Death"
NONE, THERAPY, LAST, ALIVE = (
    "No assessment after baseline",
    "New anticancer therapy",
    "Last tumour assessment",
    "Alive at last contact",
)
NO_PD_DEATH = "Death without progression"

PATIENTS = (
    Patient(
        "progression at an assessment",
        visits=((43, "SD"), (85, "PD")),
        alive=90,
        expected={"PFS": (85, 0, PD), "TTP": (85, 0, PD), "OS": (90, 1, ALIVE)},
    ),
    Patient(
        "death without progression",
        visits=((43, "SD"),),
        death=60,
        alive=60,
        expected={"PFS": (60, 0, DEATH), "TTP": (43, 3, NO_PD_DEATH), "OS": (60, 0, DEATH)},
    ),
    Patient(
        "death before any assessment",
        death=20,
        alive=20,
        expected={"PFS": (20, 0, DEATH), "TTP": (1, 1, NONE), "OS": (20, 0, DEATH)},
    ),
    Patient(
        "death on the day of progression",
        visits=((43, "PD"),),
        death=43,
        alive=43,
        expected={"PFS": (43, 0, PD), "TTP": (43, 0, PD), "OS": (43, 0, DEATH)},
    ),
    Patient(
        "death the day after progression",
        visits=((43, "PD"),),
        death=44,
        alive=44,
        expected={"PFS": (43, 0, PD), "TTP": (43, 0, PD), "OS": (44, 0, DEATH)},
    ),
    Patient(
        "death on the day of the first dose",
        death=1,
        alive=1,
        expected={"PFS": (1, 0, DEATH), "TTP": (1, 1, NONE), "OS": (1, 0, DEATH)},
    ),
    Patient(
        "progression twice: the first counts",
        visits=((43, "PD"), (85, "PD")),
        alive=85,
        expected={"PFS": (43, 0, PD), "TTP": (43, 0, PD), "OS": (85, 1, ALIVE)},
    ),
    Patient(
        "alive without progression",
        visits=((43, "PR"), (85, "SD")),
        alive=95,
        expected={"PFS": (85, 3, LAST), "TTP": (85, 4, LAST), "OS": (95, 1, ALIVE)},
    ),
    Patient(
        "last assessment not evaluable: the adequate one before it counts",
        visits=((43, "SD"), (85, "NE")),
        alive=95,
        expected={"PFS": (43, 3, LAST), "TTP": (43, 4, LAST), "OS": (95, 1, ALIVE)},
    ),
    Patient(
        "only lesions that cannot be measured",
        visits=((43, "NON-CR/NON-PD"),),
        alive=43,
        expected={"PFS": (43, 3, LAST), "TTP": (43, 4, LAST), "OS": (43, 1, ALIVE)},
    ),
    Patient(
        "no assessment",
        alive=70,
        expected={"PFS": (1, 1, NONE), "TTP": (1, 1, NONE), "OS": (70, 1, ALIVE)},
    ),
    Patient(
        "only an assessment that could not be evaluated",
        visits=((43, "NE"),),
        alive=70,
        expected={"PFS": (1, 1, NONE), "TTP": (1, 1, NONE), "OS": (70, 1, ALIVE)},
    ),
    Patient(
        "assessment on the day of the first dose",
        visits=((1, "SD"),),
        alive=70,
        expected={"PFS": (1, 3, LAST), "TTP": (1, 4, LAST), "OS": (70, 1, ALIVE)},
    ),
    Patient(
        "assessment before the first dose",
        visits=((-3, "SD"),),
        alive=70,
        expected={
            "PFS": (1, 3, f"{LAST}, before the time origin"),
            "TTP": (1, 4, f"{LAST}, before the time origin"),
            "OS": (70, 1, ALIVE),
        },
    ),
    Patient(
        "progression recorded before the first dose",
        visits=((-3, "PD"), (43, "SD")),
        alive=70,
        expected={"PFS": (43, 3, LAST), "TTP": (43, 4, LAST), "OS": (70, 1, ALIVE)},
    ),
    Patient(
        "last contact before the first dose",
        alive=-3,
        expected={
            "PFS": (1, 1, NONE),
            "TTP": (1, 1, NONE),
            "OS": (1, 1, f"{ALIVE}, before the time origin"),
        },
    ),
    Patient(
        "no contact known",
        expected={
            "PFS": (1, 1, NONE),
            "TTP": (1, 1, NONE),
            "OS": (1, 2, "No record that a censoring rule takes"),
        },
    ),
    Patient(
        "other therapy the day before progression",
        visits=((43, "SD"), (85, "PD")),
        therapy=84,
        alive=90,
        expected={"PFS": (43, 2, THERAPY), "TTP": (43, 2, THERAPY), "OS": (90, 1, ALIVE)},
    ),
    Patient(
        "other therapy on the day of progression",
        visits=((43, "SD"), (85, "PD")),
        therapy=85,
        alive=90,
        expected={"PFS": (85, 0, PD), "TTP": (85, 0, PD), "OS": (90, 1, ALIVE)},
    ),
    Patient(
        "other therapy the day after progression",
        visits=((43, "SD"), (85, "PD")),
        therapy=86,
        alive=90,
        expected={"PFS": (85, 0, PD), "TTP": (85, 0, PD), "OS": (90, 1, ALIVE)},
    ),
    Patient(
        "other therapy, then death",
        visits=((43, "SD"),),
        therapy=50,
        death=60,
        alive=60,
        expected={"PFS": (43, 2, THERAPY), "TTP": (43, 2, THERAPY), "OS": (60, 0, DEATH)},
    ),
    Patient(
        "other therapy on the day of death",
        visits=((43, "SD"),),
        therapy=60,
        death=60,
        alive=60,
        expected={"PFS": (60, 0, DEATH), "TTP": (43, 2, THERAPY), "OS": (60, 0, DEATH)},
    ),
    Patient(
        "other therapy on the day of the first dose",
        visits=((43, "PD"),),
        therapy=1,
        alive=90,
        expected={"PFS": (1, 1, NONE), "TTP": (1, 1, NONE), "OS": (90, 1, ALIVE)},
    ),
    Patient(
        "other therapy on the day of an assessment",
        visits=((43, "SD"), (85, "SD")),
        therapy=43,
        alive=90,
        expected={"PFS": (43, 2, THERAPY), "TTP": (43, 2, THERAPY), "OS": (90, 1, ALIVE)},
    ),
    Patient(
        "other therapy the day before the only assessment",
        visits=((43, "SD"),),
        therapy=42,
        alive=90,
        expected={"PFS": (1, 1, NONE), "TTP": (1, 1, NONE), "OS": (90, 1, ALIVE)},
    ),
    Patient(
        "progression on the day of the cut-off",
        visits=((43, "SD"), (100, "PD")),
        alive=100,
        expected={"PFS": (100, 0, PD), "TTP": (100, 0, PD), "OS": (100, 1, ALIVE)},
    ),
    Patient(
        "progression the day after the cut-off",
        visits=((43, "SD"), (101, "PD")),
        alive=101,
        expected={"PFS": (43, 3, LAST), "TTP": (43, 4, LAST), "OS": (100, 1, ALIVE)},
    ),
    Patient(
        "death on the day of the cut-off",
        visits=((43, "SD"),),
        death=100,
        alive=100,
        expected={"PFS": (100, 0, DEATH), "TTP": (43, 3, NO_PD_DEATH), "OS": (100, 0, DEATH)},
    ),
    Patient(
        "death the day after the cut-off",
        visits=((43, "SD"),),
        death=101,
        alive=101,
        expected={"PFS": (43, 3, LAST), "TTP": (43, 4, LAST), "OS": (100, 1, ALIVE)},
    ),
    Patient(
        "other therapy the day after the cut-off",
        visits=((43, "SD"), (90, "SD")),
        therapy=101,
        alive=101,
        expected={"PFS": (90, 3, LAST), "TTP": (90, 4, LAST), "OS": (100, 1, ALIVE)},
    ),
    Patient(
        "never treated: no origin, no record",
        visits=((43, "SD"),),
        alive=50,
        first_dose=None,
    ),
    Patient(
        "first dose after the cut-off: no record",
        first_dose=101,
        alive=101,
    ),
    Patient(
        "response, then progression",
        visits=((43, "PR"), (85, "PD")),
        response=43,
        alive=90,
        expected={
            "PFS": (85, 0, PD),
            "TTP": (85, 0, PD),
            "OS": (90, 1, ALIVE),
            "DOR": (43, 0, PD),
        },
    ),
    Patient(
        "response, then death",
        visits=((43, "PR"),),
        response=43,
        death=50,
        alive=50,
        expected={
            "PFS": (50, 0, DEATH),
            "TTP": (43, 3, NO_PD_DEATH),
            "OS": (50, 0, DEATH),
            "DOR": (8, 0, DEATH),
        },
    ),
    Patient(
        "response at the last assessment",
        visits=((43, "CR"),),
        response=43,
        alive=50,
        expected={
            "PFS": (43, 3, LAST),
            "TTP": (43, 4, LAST),
            "OS": (50, 1, ALIVE),
            "DOR": (1, 2, LAST),
        },
    ),
    Patient(
        "response, other therapy, then progression",
        visits=((43, "PR"), (64, "PR"), (85, "PD")),
        response=43,
        therapy=70,
        alive=90,
        expected={
            "PFS": (64, 2, THERAPY),
            "TTP": (64, 2, THERAPY),
            "OS": (90, 1, ALIVE),
            "DOR": (22, 1, THERAPY),
        },
    ),
)
