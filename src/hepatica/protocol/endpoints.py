"""Endpoints: what is measured, from when, and which event or censoring rule comes first."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from hepatica.protocol.base import Column, Frozen, Id, Span, Text
from hepatica.protocol.conditions import AnyOf, Condition, Where
from hepatica.protocol.occurrence import Occurrence
from hepatica.protocol.reading import ReadingId

Role = Literal["primary", "secondary", "exploratory"]


class TimeOrigin(Frozen):
    """What a time to event counts from: its name for readers, and the date variable of ADSL.

    Attributes
    ----------
    first : Occurrence, optional
        The earliest of these records is the origin where ADSL does not have the variable.
    """

    label: Text
    variable: Column
    first: Occurrence | None = None


class Entry(Frozen):
    """From when a patient is at risk: its name for readers, and the date variable of ADSL.

    Patients whose entry is not after the time origin are at risk from the origin.
    """

    label: Text
    variable: Column


class TimeRule(Frozen):
    """One event or one reason for censoring.

    An event takes the earliest of its records, a censoring rule the latest. A censoring rule with
    ``before`` applies to subjects in whom that occurs before an event: it takes the latest of its
    records on or before it, and events after it do not count. One with ``missed`` applies to
    subjects whose event comes after so many missed assessments: it takes the latest of its records
    before the event.

    Attributes
    ----------
    sentence : str
        The rule as a clinician reads it.
    description : str
        What EVNTDESC or CNSDTDSC says of patients it applies to.
    dataset, where, date : optional
        Records of an analysis dataset that the rule applies to, and the date it takes; needed
        where times are derived from collected tables. A censoring rule without them takes the day
        of origin, where no other rule has a record.
    missed : int, optional
        Assessments missed in a row before the event, at least: more than so many intervals and
        one window lie between it and the latest record before it, or the origin.
    at : {"record", "next_visit"}
        Whether an event counts on the day of its record or on that of the next planned
        assessment; a record within the window of an assessment belongs to it.
    """

    id: Id
    sentence: Text
    description: Text
    dataset: Column | None = None
    where: Where | None = None
    date: Column | None = None
    before: Occurrence | None = None
    missed: int | None = Field(default=None, ge=1)
    at: Literal["record", "next_visit"] = "record"


class SheetTimes(Frozen):
    """Where a one-row-per-patient sheet holds a time and its status.

    A patient whose status matches no condition, or whose time is missing, is set aside and
    counted.

    Attributes
    ----------
    entry : str, optional
        Column with the time from the origin to the day from which the patient is at risk (delayed
        entry, left truncation), in the unit of `time`: at risk are those with entry < t <= time.
    event : Condition, optional
        What had the event, of which the first event rule tells the kind.
    events : dict
        In place of `event`, the condition of each event rule by its id.
    censored : Condition, optional
        Who had none; the last censoring rule tells the reason.
    censoring : dict
        In place of `censored`, the condition of each censoring rule by its id.
    """

    time: Column
    unit: Literal["days", "weeks", "months", "years"]
    entry: Column | None = None
    event: Where | None = None
    events: dict[Id, Where] = Field(default_factory=dict)
    censored: Where | None = None
    censoring: dict[Id, Where] = Field(default_factory=dict)

    @property
    def any_event(self) -> Condition:
        """The condition that a patient had an event of any kind."""
        return _any_of(self.event, self.events)

    @property
    def any_censoring(self) -> Condition:
        """The condition that a patient was censored for any reason."""
        return _any_of(self.censored, self.censoring)


def _any_of(one: Condition | None, several: dict[str, Condition]) -> Condition:
    parts = (*(() if one is None else (one,)), *several.values())
    return parts[0] if len(parts) == 1 else AnyOf(parts)


class SheetAnswer(Frozen):
    """Where a one-row-per-patient sheet tells of each patient yes or no.

    A patient who matches neither condition has no answer, and counts as without the endpoint.
    """

    yes: Where
    no: Where


class Historical(Frozen):
    """The rate known before the study, that the endpoint is tested against.

    Attributes
    ----------
    rates : dict
        Fraction per arm id.
    at : TimePoint, optional
        The time of a rate of survival; not used for a proportion.
    source : str
        Where the rates come from.
    test : str
        The planned test: ``kaplan_meier_log_log`` (Wald test of the Kaplan-Meier estimate on the
        log-log scale) or ``binomial_exact``.
    """

    rates: dict[Id, Annotated[float, Field(gt=0, lt=1)]]
    source: Text
    at: Span | None = None
    test: Literal["kaplan_meier_log_log", "binomial_exact"]
    alpha: float = Field(default=0.05, gt=0, lt=1)
    sides: Literal[1, 2] = 2
    targets: dict[Id, Annotated[float, Field(gt=0, lt=1)]] = Field(default_factory=dict)


class TimeToEvent(Frozen):
    """An endpoint that is a time: overall survival, progression-free survival and their kin.

    Attributes
    ----------
    entry : Entry, optional
        Delayed entry (left truncation): patients came under observation some time after the
        origin, because they had to reach it; they are at risk from that day on only. Where times
        come from a sheet, `SheetTimes.entry` is the column and this one, if given, names it.
    reading : str, optional
        The further reading whose ADRS and ADTR the rules read.
    """

    kind: Literal["time_to_event"] = "time_to_event"
    id: Id
    label: Text
    parameter: Column
    role: Role = "secondary"
    confirmatory: bool = True
    origin: TimeOrigin
    entry: Entry | None = None
    outcome: Text = "Patients without the event"
    events: tuple[TimeRule, ...] = Field(min_length=1)
    censoring: tuple[TimeRule, ...] = ()
    time_points: tuple[Span, ...] = ()
    historical: Historical | None = None
    sheet: SheetTimes | None = None
    reading: ReadingId | None = None

    @model_validator(mode="after")
    def _entry_of_the_sheet(self) -> TimeToEvent:
        """Name the entry of a sheet, so that analyses find it where they find others."""
        if self.entry is None and self.sheet is not None and self.sheet.entry is not None:
            own = Entry(label="entry into the study", variable=self.sheet.entry)
            object.__setattr__(self, "entry", own)
        return self


class Response(Frozen):
    """An endpoint that is a share of patients by best overall response.

    Attributes
    ----------
    parameter : str
        PARAMCD of ADRS whose AVALC is counted, for example ``CBOR``.
    counted : tuple of str
        Values of AVALC that count as having the endpoint.
    confirmed : bool
        Whether the response had to be confirmed.
    at : Span, optional
        The time of the visit at which the disease has to be controlled; `parameter` is then its
        own, with Y and N.
    sentence : str
        The definition as a clinician reads it; made from `counted` when empty.
    reading : str, optional
        The further reading whose best responses are counted.
    sheet : SheetAnswer, optional
        The conditions of a sheet in place of a best response, for example alive after a year;
        `parameter` is then its own, with Y and N.
    """

    kind: Literal["response"] = "response"
    id: Id
    label: Text
    parameter: Column = "BOR"
    role: Role = "secondary"
    confirmatory: bool = True
    counted: tuple[Text, ...] = Field(min_length=1)
    confirmed: bool = False
    at: Span | None = None
    sentence: str = ""
    historical: Historical | None = None
    reading: ReadingId | None = None
    sheet: SheetAnswer | None = None

    @property
    def is_yes_or_no(self) -> bool:
        """Whether the parameter says Y or N, and is no best response."""
        return set(self.counted) <= {"Y", "N"}


Endpoint = Annotated[TimeToEvent | Response, Field(discriminator="kind")]
