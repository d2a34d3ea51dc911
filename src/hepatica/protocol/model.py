"""The protocol of a study as one frozen value."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from hepatica.dialect import DialectName
from hepatica.protocol.analyses import Analysis
from hepatica.protocol.base import Column, Day, Frozen, Id, Text
from hepatica.protocol.conditions import Where
from hepatica.protocol.data import DataSource
from hepatica.protocol.design import DesignAssumptions
from hepatica.protocol.eligibility import Criterion
from hepatica.protocol.endpoints import Endpoint
from hepatica.protocol.imputation import MultipleImputation
from hepatica.protocol.reading import MAIN, CriteriaName, Reading
from hepatica.protocol.registry.record import RegistryRecord
from hepatica.protocol.treatment import AnalysisSet, Arm, Treatment
from hepatica.protocol.variables import Biomarker, Variable

Imputation = Literal["none", "first", "mid", "last"]
ListingName = Literal["deaths", "serious_events", "discontinuations", "endpoints"]
DataStatus = Literal["confirmed", "interim", "draft", "constructed"]


class Identification(Frozen):
    """What the study is called and what state its data are in.

    Attributes
    ----------
    data_status : str
        ``confirmed``; ``interim`` or ``draft``; ``constructed`` for patients who do not exist.
    status_note : str
        What constructed data are, as a sentence printed on every page, figure and export.
    """

    id: Text
    title: Text
    design: str = ""
    registry: str = ""
    phase: str = ""
    randomised: bool = False
    data_status: DataStatus = "confirmed"
    status_note: str = ""
    data_cut_off: Day | None = None
    version: str = "1"


class Assessments(Frozen):
    """Tumour assessments: every so many days, each with a window; or best responses only.

    Attributes
    ----------
    every_days, window_days : int
        Days between two assessments, and how many days one may be early or late; 0 where a sheet
        gives best responses and no visits.
    confirmation_days : int
        Days from a response to the assessment that confirms it, at least.
    stable_disease_days : int
        Days from the time origin that stable disease has to last.
    not_evaluable_between : int
        Assessments that are not evaluable or missing and may lie between a response and the one
        that confirms it.
    baseline_days_before : int
        Days before the first dose within which the baseline scan lies.
    response_from : {"lesions", "coded"}
        Whether the visit response is derived from measured lesions or taken as recorded.
    evaluator : str
        Whose assessments count, as TREVAL and RSEVAL say; all records when empty.
    readings : tuple of Reading
        Further readings of the same patients, by other criteria or another evaluator.
    best_response : str, optional
        The column of a sheet that holds the best response of each patient, as recorded.
    """

    every_days: int = Field(default=0, ge=0)
    window_days: int = Field(default=0, ge=0)
    criteria: CriteriaName
    confirmation_days: int | None = Field(default=None, ge=1)
    stable_disease_days: int | None = Field(default=None, ge=1)
    not_evaluable_between: int = Field(default=1, ge=0)
    baseline_days_before: int = Field(default=28, ge=1)
    response_from: Literal["lesions", "coded"] = "lesions"
    evaluator: str = "INVESTIGATOR"
    readings: tuple[Reading, ...] = ()
    best_response: Column | None = None

    @property
    def has_visits(self) -> bool:
        """Whether assessments were planned at intervals."""
        return self.every_days > 0

    @property
    def best_responses(self) -> dict[str, str]:
        """Columns of a sheet with best responses by reading, that of the assessments first."""
        further = {one.id: one.best_response for one in self.readings}
        given = {MAIN: self.best_response, **further}
        return {name: column for name, column in given.items() if column is not None}

    def of(self, reading: Reading) -> Assessments:
        """Return the assessments as a further reading takes them."""
        own = {
            name: getattr(reading, name)
            for name in ("criteria", "evaluator", "response_from")
            if getattr(reading, name) is not None
        }
        return self.model_copy(update={**own, "readings": ()})


class Dates(Frozen):
    """How partial dates are imputed: not at all, or to the first, middle or last day they allow.

    An imputed start of an adverse event or therapy never lies before the first dose when the
    recorded part allows that day.
    """

    start: Imputation = "none"
    end: Imputation = "none"
    death: Imputation = "none"
    assessment: Imputation = "none"


class AdverseEvents(Frozen):
    """How adverse events are graded, and until when they count.

    Attributes
    ----------
    follow_up_days : int, optional
        Days after the last dose until which events count; only a sheet, which may not say when an
        event began, does without.
    """

    dictionary: Text = "CTCAE"
    version: Text
    follow_up_days: int | None = Field(default=None, ge=0)


class Screening(Frozen):
    """Patients who were screened but not enrolled, as a condition on ADSL."""

    failure: Where


class Protocol(Frozen):
    """All that ``study.yaml`` says, with presets filled in.

    Attributes
    ----------
    eligibility : tuple of Criterion
        Who may take part; the order decides the reason that is counted.
    design : DesignAssumptions, optional
        What the size was planned on; `hepatica design study` simulates it.
    registration : RegistryRecord, optional
        The trial as registered; `hepatica registry read` writes it.
    subsequent_therapy : Condition, optional
        Which therapies and procedures are anticancer therapy, as a condition on ADCM (CMTRT,
        CMDECOD, CMCAT, CMSCAT, CMINDC, SRCDOM); by their category when not given.
    imputation : MultipleImputation, optional
        How missing baseline values are imputed for models that ask for it.
    listings : tuple of str
        Listings of single patients in the report; none unless they are named.
    seed : int
        Seed of every random draw; each analysis draws from a stream of its own.
    dialect : str
        The software whose methods are used unless an analysis names its own.
    """

    study: Identification
    data: DataSource
    arms: tuple[Arm, ...] = Field(min_length=1)
    treatments: tuple[Treatment, ...] = ()
    screening: Screening | None = None
    eligibility: tuple[Criterion, ...] = ()
    registration: RegistryRecord | None = None
    design: DesignAssumptions | None = None
    analysis_sets: tuple[AnalysisSet, ...] = Field(min_length=1)
    dates: Dates = Dates()
    assessments: Assessments | None = None
    adverse_events: AdverseEvents | None = None
    subsequent_therapy: Where | None = None
    endpoints: tuple[Endpoint, ...] = ()
    variables: tuple[Variable, ...] = ()
    biomarkers: tuple[Biomarker, ...] = ()
    subgroups: tuple[Id, ...] = ()
    imputation: MultipleImputation | None = None
    analyses: tuple[Analysis, ...] = Field(min_length=1)
    listings: tuple[ListingName, ...] = ()
    conf_level: float = Field(default=0.95, gt=0.5, lt=1)
    dialect: DialectName = "hepatica"
    seed: int = Field(default=1, ge=0)
