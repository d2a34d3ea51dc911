"""``hepatica design``: trials on proportions."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from hepatica.cli.design_options import (
    Allocation,
    Alpha,
    Also,
    Alternative,
    Null,
    Out,
    Power,
    Sides,
    numbers,
    show,
)
from hepatica.cli.result_format import Format, Shown


class SingleMethod(StrEnum):
    """Test of one proportion."""

    EXACT = "exact"
    NORMAL = "normal"
    CONTINUITY = "continuity"


class TwoMethod(StrEnum):
    """Variance of the difference of two proportions."""

    POOLED = "pooled"
    UNPOOLED = "unpooled"
    CONTINUITY = "continuity"
    ARCSINE = "arcsine"


class MarginMethod(StrEnum):
    """Variance under the null of non-inferiority."""

    FARRINGTON_MANNING = "farrington-manning"
    WALD = "wald"


class Limits(StrEnum):
    """Limits of a proportion."""

    WILSON = "wilson"
    CLOPPER_PEARSON = "clopper-pearson"
    WALD = "wald"


class Rounding(StrEnum):
    """How a size is rounded."""

    UP = "up"
    NEAREST = "nearest"


Control = Annotated[float, typer.Option("--control", help="Rate of the control arm.")]
Treatment = Annotated[float, typer.Option("--treatment", help="Rate of the treatment arm.")]


def one_proportion(  # noqa: PLR0913, PLR0917 - one parameter for each option
    null: Null,
    alternative: Alternative,
    alpha: Alpha = 0.05,
    power: Power = 0.8,
    sides: Sides = 2,
    method: Annotated[
        SingleMethod, typer.Option("--method", help="Exact binomial test, or normal.")
    ] = SingleMethod.EXACT,
    also: Also = "",
    out: Out = None,
    shown: Shown = Format.TABLE,
) -> None:
    """One arm, one proportion: the smallest trial with the power."""
    from hepatica.single.design import ErrorRates
    from hepatica.single.design_proportions import one_proportion as planned

    errors = ErrorRates(alpha, power, sides)
    answer = planned(null, alternative, errors, method=method.value, also=numbers("--also", also))
    show(answer, shown, out)


def simon(
    null: Null,
    alternative: Alternative,
    alpha: Annotated[float, typer.Option("--alpha", help="One-sided level.")] = 0.05,
    power: Power = 0.8,
    out: Out = None,
    shown: Shown = Format.TABLE,
) -> None:
    """One arm in two stages: Simon's minimax, optimal and admissible designs."""
    from hepatica.single.design_proportions import simon_designs

    show(simon_designs(null, alternative, alpha, power), shown, out)


def two_proportions(  # noqa: PLR0913, PLR0917 - one parameter for each option
    control: Control,
    treatment: Treatment,
    alpha: Alpha = 0.05,
    power: Power = 0.8,
    sides: Sides = 2,
    allocation: Allocation = 1.0,
    method: Annotated[TwoMethod, typer.Option("--method", help="Variance.")] = TwoMethod.POOLED,
    also: Also = "",
    out: Out = None,
    shown: Shown = Format.TABLE,
) -> None:
    """Two arms, one proportion each."""
    from hepatica.single.design import ErrorRates
    from hepatica.single.design_proportions import two_rates

    answer = two_rates(
        control,
        treatment,
        ErrorRates(alpha, power, sides),
        allocation=allocation,
        method=method.value,
        also=numbers("--also", also),
    )
    show(answer, shown, out)


def noninferiority(  # noqa: PLR0913, PLR0917 - one parameter for each option
    control: Control,
    treatment: Treatment,
    margin: Annotated[float, typer.Option("--margin", help="Largest tolerable difference.")],
    alpha: Annotated[float, typer.Option("--alpha", help="One-sided level.")] = 0.025,
    power: Power = 0.8,
    allocation: Allocation = 1.0,
    method: Annotated[
        MarginMethod, typer.Option("--method", help="Variance under the null.")
    ] = MarginMethod.FARRINGTON_MANNING,
    harm: Annotated[
        bool, typer.Option("--harm", help="The rate counts harm: lower is better.")
    ] = False,
    out: Out = None,
    shown: Shown = Format.TABLE,
) -> None:
    """Two arms: a proportion that is worse by less than a margin."""
    from hepatica.single.design import ErrorRates
    from hepatica.single.design_proportions import noninferior_rates

    answer = noninferior_rates(
        control,
        treatment,
        margin,
        ErrorRates(alpha, power, 1),
        allocation=allocation,
        method=method.value,
        higher_is_better=not harm,
    )
    show(answer, shown, out)


def precision(
    rate: Annotated[float, typer.Option("--rate", help="Expected rate.")],
    half_width: Annotated[float, typer.Option("--half-width", help="Half-width of the limits.")],
    conf_level: Annotated[float, typer.Option("--conf-level", help="Confidence level.")] = 0.95,
    method: Annotated[Limits, typer.Option("--method", help="Kind of limits.")] = Limits.WILSON,
    out: Out = None,
    shown: Shown = Format.TABLE,
) -> None:
    """One arm: the smallest trial whose limits of a proportion are narrow enough."""
    from hepatica.single.design_proportions import precision as planned

    show(planned(rate, half_width, conf_level, method.value), shown, out)


def dropout(
    n: Annotated[int, typer.Option("--patients", help="Patients that the design needs.")],
    share: Annotated[float, typer.Option("--dropout", help="Share lost, such as 0.1.")],
    rounding: Annotated[
        Rounding, typer.Option("--rounding", help="Up keeps the size in expectation.")
    ] = Rounding.UP,
    out: Out = None,
    shown: Shown = Format.TABLE,
) -> None:
    """Patients to be enrolled so that enough are left."""
    from hepatica.single.design_proportions import dropout as planned

    show(planned(n, share, rounding.value), shown, out)
