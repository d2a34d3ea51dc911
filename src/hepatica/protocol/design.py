"""What the size of the study was planned on: survival assumed, accrual, follow-up, loss."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from hepatica.protocol.base import Frozen, Id, Span, Text

Share = Annotated[float, Field(gt=0, lt=1)]


class HazardStep(Frozen):
    """A hazard that holds from a time on: events per patient and month."""

    start: float = Field(ge=0, description="months")
    monthly: float = Field(ge=0)


class AssumedSurvival(Frozen):
    """A survival curve: by its median, by a rate at a time, or by hazards in steps.

    Attributes
    ----------
    median : Span, optional
        Time by which half have the event.
    rate, at : optional
        Share without the event at a time.
    shape : float
        Of the Weibull distribution; 1 is exponential.
    hazards : tuple of HazardStep
        For effects that come late or fade; the first starts at 0.
    """

    median: Span | None = None
    rate: Share | None = None
    at: Span | None = None
    shape: float = Field(default=1.0, gt=0)
    hazards: tuple[HazardStep, ...] = ()


class AssumedArm(Frozen):
    """What a scenario assumes of an arm.

    Attributes
    ----------
    pfs : AssumedSurvival
        Time to progression as the scans see it late; death is drawn besides.
    os : AssumedSurvival
        Time to death.
    response_rate : float
        Of patients without progression at the first assessment.
    """

    pfs: AssumedSurvival
    os: AssumedSurvival
    response_rate: float = Field(default=0.0, ge=0, le=1)


class Scenario(Frozen):
    """One set of assumptions, for example no effect, or the effect hoped for."""

    id: Id
    label: Text
    arms: dict[Id, AssumedArm] = Field(min_length=1)


class Loss(Frozen):
    """The share of patients lost by a time."""

    share: Share
    by: Span


class DesignAssumptions(Frozen):
    """Assumptions under which the operating characteristics are simulated.

    Attributes
    ----------
    scenarios : tuple of Scenario
        For example no effect, and the effect hoped for.
    accrual, follow_up : Span
        Time of enrolment, and from the last enrolment to the analysis.
    loss : Loss, optional
        Patients lost to follow-up.
    null : dict
        Progression-free survival before, by arm, that single arms are tested against.
    null_response : dict
        Response rate before, by arm.
    landmark : Span, optional
        Time at which the rate of progression-free survival is tested.
    compare : tuple of two ids, optional
        Arms that are compared; the first is the treatment under study.
    alpha : float
        Level of the tests, two-sided.
    """

    scenarios: tuple[Scenario, ...] = Field(min_length=1)
    accrual: Span
    follow_up: Span
    loss: Loss | None = None
    null: dict[Id, AssumedSurvival] = Field(default_factory=dict)
    null_response: dict[Id, Share] = Field(default_factory=dict)
    landmark: Span | None = None
    compare: tuple[Id, Id] | None = None
    alpha: float = Field(default=0.05, gt=0, lt=1)
