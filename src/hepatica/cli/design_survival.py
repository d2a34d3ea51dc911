"""``hepatica design``: trials on survival times."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from hepatica.cli.design_options import (
    Accrual,
    Allocation,
    Alpha,
    Also,
    Alternative,
    Dropout,
    DropoutAt,
    FollowUpTime,
    Null,
    Out,
    Power,
    Ramp,
    Sides,
    numbers,
    pair,
    show,
)
from hepatica.cli.result_format import Format, Shown

if TYPE_CHECKING:
    from hepatica.single.design import TimeOfTrial


class Variance(StrEnum):
    """Variance of the one-sample log-rank test."""

    EXPECTED = "expected"
    WU = "wu"


class RateScale(StrEnum):
    """Scale on which a rate is tested."""

    LOG_LOG = "log-log"
    PLAIN = "plain"
    LOG = "log"
    LOGIT = "logit"
    ARCSINE = "arcsine"


class Formula(StrEnum):
    """Formula of the events."""

    SCHOENFELD = "schoenfeld"
    FREEDMAN = "freedman"


At = Annotated[float, typer.Option("--at", help="Month of the two rates.")]
Bend = Annotated[float, typer.Option("--shape", help="Weibull shape; 1 is exponential.")]


def one_sample_logrank(  # noqa: PLR0913, PLR0917 - one parameter for each option
    null: Null,
    alternative: Alternative,
    at: At,
    accrual: Accrual,
    follow_up: FollowUpTime,
    alpha: Alpha = 0.05,
    power: Power = 0.8,
    sides: Sides = 2,
    shape: Bend = 1.0,
    variance: Annotated[
        Variance, typer.Option("--variance", help="Expected events, or Wu's mean of both.")
    ] = Variance.EXPECTED,
    dropout: Dropout = 0.0,
    dropout_at: DropoutAt = 12.0,
    ramp: Ramp = "",
    also: Also = "",
    out: Out = None,
    shown: Shown = Format.TABLE,
) -> None:
    """One arm: its whole survival curve against a known one."""
    from hepatica.single.design import ErrorRates
    from hepatica.single.design_survival import single_arm_logrank

    answer = single_arm_logrank(
        (null, alternative),
        at,
        _time(accrual, follow_up, dropout, dropout_at, ramp),
        ErrorRates(alpha, power, sides),
        shape=shape,
        variance=variance.value,
        also=numbers("--also", also),
    )
    show(answer, shown, out)


def landmark(  # noqa: PLR0913, PLR0917 - one parameter for each option
    null: Null,
    alternative: Alternative,
    at: At,
    accrual: Accrual,
    follow_up: FollowUpTime,
    alpha: Alpha = 0.05,
    power: Power = 0.8,
    sides: Sides = 2,
    shape: Bend = 1.0,
    scale: Annotated[
        RateScale, typer.Option("--scale", help="Scale of the test.")
    ] = RateScale.LOG_LOG,
    dropout: Dropout = 0.0,
    dropout_at: DropoutAt = 12.0,
    ramp: Ramp = "",
    also: Also = "",
    out: Out = None,
    shown: Shown = Format.TABLE,
) -> None:
    """One arm: its Kaplan-Meier rate at a time."""
    from hepatica.single.design import ErrorRates
    from hepatica.single.design_survival import landmark as planned

    answer = planned(
        (null, alternative),
        at,
        _time(accrual, follow_up, dropout, dropout_at, ramp),
        ErrorRates(alpha, power, sides),
        scale=scale.value,
        shape=shape,
        also=numbers("--also", also),
    )
    show(answer, shown, out)


def two_arm(  # noqa: PLR0913, PLR0917 - one parameter for each option
    hazard_ratio: Annotated[
        float, typer.Option("--hazard-ratio", help="Treatment against control, as expected.")
    ],
    median: Annotated[
        float, typer.Option("--median", help="Median survival of the control arm, months.")
    ],
    accrual: Accrual,
    follow_up: FollowUpTime,
    alpha: Alpha = 0.05,
    power: Power = 0.8,
    sides: Sides = 2,
    allocation: Allocation = 1.0,
    margin: Annotated[
        float, typer.Option("--margin", help="Largest hazard ratio that is not inferior.")
    ] = 1.0,
    method: Annotated[
        Formula, typer.Option("--method", help="Formula of the events.")
    ] = Formula.SCHOENFELD,
    dropout: Dropout = 0.0,
    dropout_at: DropoutAt = 12.0,
    ramp: Ramp = "",
    also: Also = "",
    out: Out = None,
    shown: Shown = Format.TABLE,
) -> None:
    """Two arms with proportional hazards: log-rank test, also for non-inferiority."""
    from hepatica.single.design import ErrorRates
    from hepatica.single.design_two_arms import two_arms

    answer = two_arms(
        hazard_ratio,
        median,
        _time(accrual, follow_up, dropout, dropout_at, ramp),
        ErrorRates(alpha, power, sides),
        allocation=allocation,
        margin=margin,
        method=method.value,
        also=numbers("--also", also),
    )
    show(answer, shown, out)


def unequal_hazards(  # noqa: PLR0913, PLR0917 - one parameter for each option
    control: Annotated[
        str, typer.Option("--control", help="Monthly hazards from months on: 0:0.1,6:0.08.")
    ],
    treatment: Annotated[
        str, typer.Option("--treatment", help="The same of treatment: 0:0.1,3:0.05.")
    ],
    accrual: Accrual,
    follow_up: FollowUpTime,
    alpha: Alpha = 0.05,
    power: Power = 0.8,
    sides: Sides = 2,
    allocation: Allocation = 1.0,
    weights: Annotated[
        str, typer.Option("--weights", help="Fleming-Harrington rho,gamma; 0,1 for late effects.")
    ] = "0,0",
    dropout: Dropout = 0.0,
    dropout_at: DropoutAt = 12.0,
    ramp: Ramp = "",
    out: Out = None,
    shown: Shown = Format.TABLE,
) -> None:
    """Two arms with any hazards: late or fading effects, weighted tests (Lakatos)."""
    from hepatica.single.design import ErrorRates
    from hepatica.single.design_two_arms import pieces
    from hepatica.single.design_two_arms import unequal_hazards as planned

    answer = planned(
        pieces("--control", control),
        pieces("--treatment", treatment),
        _time(accrual, follow_up, dropout, dropout_at, ramp),
        ErrorRates(alpha, power, sides),
        allocation=allocation,
        weights=pair("--weights", weights),
    )
    show(answer, shown, out)


def _time(
    accrual: float, follow_up: float, dropout: float, dropout_at: float, ramp: str
) -> TimeOfTrial:
    from hepatica.single.design import TimeOfTrial
    from hepatica.single.design_two_arms import pieces

    steps = pieces("--ramp", ramp) if ramp else ()
    return TimeOfTrial(accrual, follow_up, dropout, dropout_at, steps)
