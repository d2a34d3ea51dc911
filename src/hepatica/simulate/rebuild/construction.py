"""What a publication does not print and had to be chosen, as one frozen value."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from hepatica.protocol.base import Day, Frozen, Id, Text


def _in_order(days: tuple[int, int]) -> tuple[int, int]:
    if not 0 <= days[0] <= days[1]:
        message = "Two numbers of days are needed: the least and the most, none below 0."
        raise ValueError(message)
    return days


#: The least and the most days between two things.
DayRange = Annotated[tuple[int, int], AfterValidator(_in_order)]
#: Arm id to a number of patients.
ByArm = dict[Id, Annotated[int, Field(ge=0)]]


class Site(Frozen):
    """Where the patients are treated."""

    id: Text
    country: Text
    race: Text = "ASIAN"


class Enrolment(Frozen):
    """The first and the last day on which a first dose may lie, and the days of screening.

    Attributes
    ----------
    consent_days : tuple of int
        Least and most days from informed consent to the first dose.
    baseline_days : tuple of int
        Least and most days from the baseline scan to the first dose.
    """

    first: Day
    last: Day
    consent_days: DayRange = (3, 21)
    baseline_days: DayRange = (1, 21)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first > self.last:
            message = "The first day of enrolment lies after the last."
            raise ValueError(message)
        return self


class ScreeningFailure(Frozen):
    """A criterion that was not met, and how many subjects did not meet it."""

    id: Text
    criterion: Text
    category: Literal["INCLUSION", "EXCLUSION"]
    subjects: int = Field(ge=1)


class Samples(Frozen):
    """Blood samples by arm: at baseline, and at baseline and progression (matched)."""

    baseline: ByArm = Field(default_factory=dict)
    matched: ByArm = Field(default_factory=dict)


class Deviation(Frozen):
    """A kind of protocol deviation, and how many patients of each arm had it.

    Attributes
    ----------
    about : {"scan", "sample", "dose"}
        A planned scan outside its window, a sample at progression that was not taken, or a day of
        treatment.
    """

    category: Literal["MAJOR", "MINOR"]
    term: Text
    text: Text
    about: Literal["scan", "sample", "dose"]
    subjects: ByArm


class Drug(Frozen):
    """A drug, and how many patients of each arm received it; drawn where no number is given.

    Attributes
    ----------
    where : dict
        Baseline values of those who may receive it.
    """

    name: Text
    subjects: ByArm = Field(default_factory=dict)
    where: dict[Text, Text] = Field(default_factory=dict)


class Therapies(Frozen):
    """Names of the drugs given before and after the study drug."""

    first_line: tuple[Drug, ...] = ()
    later_targeted: tuple[Drug, ...] = ()
    later_checkpoint: tuple[Drug, ...] = ()
    local: tuple[Drug, ...] = ()
    concomitant: tuple[Drug, ...] = ()


class Finding(Frozen):
    """What gives rise to a record of history or of a procedure before the study.

    Attributes
    ----------
    column, value : str
        Patients with this value of a baseline column have the record.
    domain : {"MH", "PR"}
        Where it is recorded.
    names : tuple of str
        One of them is drawn for each patient.
    category, kind : str
        Category of the record, and subcategory of a procedure.
    days : tuple of int
        Least and most days from the record to the first dose.
    """

    column: Text
    value: Text
    domain: Literal["MH", "PR"]
    names: tuple[Text, ...] = Field(min_length=1)
    category: Text
    kind: Text | None = None
    days: DayRange = (30, 1500)


class SeriousEvent(Frozen):
    """A serious adverse event of the severe ones: whose, and whether the drug was the cause.

    Attributes
    ----------
    event : str
        As printed.
    arm : str
        Id of the arm.
    text : str
        As the investigator wrote it; the event when not given.
    related, fatal : bool
        A fatal event is that of a patient who dies without progression.
    """

    event: Text
    arm: Id
    text: str = ""
    related: bool = False
    fatal: bool = False


class Events(Frozen):
    """Adverse events, beyond their printed numbers.

    Attributes
    ----------
    serious : tuple of SeriousEvent
        All serious events.
    leading : tuple of str
        Events that lead to a lower dose or the end of treatment, as printed.
    written : dict
        Event as printed to what investigators wrote, where that differs.
    """

    serious: tuple[SeriousEvent, ...] = ()
    leading: tuple[Text, ...] = ()
    written: dict[Text, tuple[Text, ...]] = Field(default_factory=dict)


class Analyte(Frozen):
    """What is not printed of an analyte of the plasma samples.

    Attributes
    ----------
    limit : float
        Lower limit of quantification.
    level : float
        What a baseline value is about, before room is made for the change.
    """

    limit: float = Field(gt=0)
    level: float = Field(gt=0)


class Deaths(Frozen):
    """What the disposition of a death names as its cause, unless an adverse event was fatal."""

    progressed: Text = "progressive disease"
    otherwise: Text = "unknown cause"


class Construction(Frozen):
    """All that ``construction.yaml`` says.

    Attributes
    ----------
    courses : str
        File with the courses, below the study folder.
    screening_failures : tuple of ScreeningFailure
        Reasons why subjects were screened but not enrolled.
    samples : Samples
        Blood samples.
    systems : dict
        Adverse event as printed to its system organ class.
    terms : dict
        Adverse event as printed to its coded term, where the two differ.
    deviations : tuple of Deviation
        Protocol deviations.
    dose_reductions : dict
        Arm id to the number of patients whose dose was reduced by one step.
    deaths : Deaths
        Causes of death.
    therapies : Therapies
        Drugs before, beside and after the study drug.
    impossible : tuple of dict
        Baseline columns with values that no patient has together.
    history : tuple of Finding
        Records that baseline columns give rise to.
    events : Events
        Adverse events, beyond their printed numbers.
    analytes : dict
        Id of a biomarker to what is not printed of it.
    """

    courses: Text = "courses.csv"
    site: Site
    enrolment: Enrolment
    screening_failures: tuple[ScreeningFailure, ...] = ()
    samples: Samples = Samples()
    systems: dict[Text, Text] = Field(default_factory=dict)
    terms: dict[Text, Text] = Field(default_factory=dict)
    deviations: tuple[Deviation, ...] = ()
    dose_reductions: ByArm = Field(default_factory=dict)
    deaths: Deaths = Deaths()
    therapies: Therapies = Therapies()
    impossible: tuple[dict[Text, Text], ...] = ()
    history: tuple[Finding, ...] = ()
    events: Events = Events()
    analytes: dict[Id, Analyte] = Field(default_factory=dict)
