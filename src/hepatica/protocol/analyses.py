"""The planned analyses: which patients, which endpoint or variables, grouped by what."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from hepatica.protocol.base import Column, Frozen, Id, Span, Text
from hepatica.protocol.baseline_analysis import BaselineComparison, MissingDataAnalysis
from hepatica.protocol.comparison import Comparison, ResponseComparison
from hepatica.protocol.competing_risks_analysis import CompetingRisksAnalysis
from hepatica.protocol.model_analyses import CoxAnalysis, LogisticAnalysis
from hepatica.protocol.planned import PlannedAnalysis
from hepatica.protocol.prognostic_model_analysis import PrognosticModelAnalysis
from hepatica.protocol.reading import ReadingId
from hepatica.protocol.subgroups_analysis import SubgroupsAnalysis
from hepatica.protocol.time_traps import (
    CloneCensorWeightAnalysis,
    EarlyResponseAnalysis,
    TimeVaryingAnalysis,
)


class BaselineAnalysis(PlannedAnalysis):
    """Baseline variables and biomarkers by group, compared where planned."""

    kind: Literal["baseline"]
    variables: tuple[Id, ...] = Field(min_length=1)
    compare: BaselineComparison | None = None


class TimeToEventAnalysis(PlannedAnalysis):
    """Kaplan-Meier estimates of an endpoint by group, with comparisons where planned.

    ``by: arm`` groups by arm; another id is a categorical variable or a cut-point. ``figure: true``
    draws the curves in one plot, ``figure: panels`` each group in a plot of its own.

    Attributes
    ----------
    landmark : Span, optional
        Only patients without an event and under observation then, with times counted from then.
    """

    kind: Literal["time_to_event"]
    endpoint: Id
    landmark: Span | None = None
    compare: Comparison | None = None
    figure: bool | Literal["panels"] = True

    @field_validator("figure", mode="before")
    @classmethod
    def _check_figure(cls, value: Any) -> Any:
        if isinstance(value, bool) or value == "panels":
            return value
        message = "Write true, false or panels."
        raise ValueError(message)


class SensitivityAnalysis(PlannedAnalysis):
    """One endpoint under several sets of rules; each is compared with the first.

    Attributes
    ----------
    endpoints : tuple of str
        Ids of times to events, the main one first.
    interval_censored : bool
        Whether the first endpoint is also estimated with progression known to an interval only,
        from the last adequate assessment before it to the scan that showed it.
    """

    kind: Literal["sensitivity"]
    endpoints: tuple[Id, ...] = Field(min_length=1)
    interval_censored: bool = False


class ResponseAnalysis(PlannedAnalysis):
    """Best overall response by group, with the endpoints that count it."""

    kind: Literal["response"]
    endpoints: tuple[Id, ...] = Field(min_length=1)
    reading: ReadingId | None = None
    compare: ResponseComparison | None = None


class AgreementAnalysis(PlannedAnalysis):
    """Agreement of two readings on best response and on the day of progression.

    Attributes
    ----------
    readings : tuple of str
        Two readings; ``main`` is that of the protocol's assessments.
    parameter : str
        PARAMCD of ADRS that is compared, for example ``CBOR``.
    """

    kind: Literal["agreement"]
    readings: tuple[ReadingId, ReadingId]
    parameter: Column = "BOR"


class Severity(Frozen):
    """How bad an adverse event was: a column of ADAE and the value from which it counts."""

    column: str
    at_least: float
    label: Text


class AdverseEventsAnalysis(PlannedAnalysis):
    """Adverse events by group: any, and at or above a severity.

    Attributes
    ----------
    term : str
        Column of ADAE that names the event.
    threshold_percent : float
        Events are listed that reach this share of patients in any column, or that occurred at the
        severity in ``severity``.
    """

    kind: Literal["adverse_events"]
    term: str = "AEDECOD"
    severity: Severity
    threshold_percent: float = Field(default=0.0, ge=0, le=100)


class DispositionAnalysis(PlannedAnalysis):
    """How treatment and study ended, by group, with reasons."""

    kind: Literal["disposition"]


class DeviationsAnalysis(PlannedAnalysis):
    """Patients with protocol deviations by group, by category and kind of deviation."""

    kind: Literal["deviations"]


class ExposureAnalysis(PlannedAnalysis):
    """How long and how much was given, by group and drug: duration, cycles, doses, reductions."""

    kind: Literal["exposure"]


class TherapiesAnalysis(PlannedAnalysis):
    """Patients with other anticancer therapies by group, by kind and name.

    Attributes
    ----------
    when : {"prior", "subsequent"}
        Before the first dose, or after the last.
    """

    kind: Literal["therapies"]
    when: Literal["prior", "subsequent"]


class DeathsAnalysis(PlannedAnalysis):
    """Deaths by group, with causes, and those soon after the last dose.

    Attributes
    ----------
    days_after_last_dose : int
        Deaths up to so many days after the last dose are counted apart.
    """

    kind: Literal["deaths"]
    days_after_last_dose: int = Field(default=30, ge=0)


class BiomarkerChangeAnalysis(PlannedAnalysis):
    """Change of biomarkers from baseline to progression, by group, with paired tests.

    Attributes
    ----------
    biomarkers : tuple of str
        Ids of biomarkers, in the order of the table.
    """

    kind: Literal["biomarker_change"]
    biomarkers: tuple[Id, ...] = Field(min_length=1)


Analysis = Annotated[
    BaselineAnalysis
    | TimeToEventAnalysis
    | SensitivityAnalysis
    | ResponseAnalysis
    | AgreementAnalysis
    | AdverseEventsAnalysis
    | DispositionAnalysis
    | DeviationsAnalysis
    | ExposureAnalysis
    | TherapiesAnalysis
    | DeathsAnalysis
    | BiomarkerChangeAnalysis
    | MissingDataAnalysis
    | SubgroupsAnalysis
    | EarlyResponseAnalysis
    | TimeVaryingAnalysis
    | CloneCensorWeightAnalysis
    | CompetingRisksAnalysis
    | PrognosticModelAnalysis
    | CoxAnalysis
    | LogisticAnalysis,
    Field(discriminator="kind"),
]
