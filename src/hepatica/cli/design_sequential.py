"""``hepatica design``: trials with several looks."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from hepatica.cli.design_options import (
    Alpha,
    Alternative,
    Looks,
    Null,
    Out,
    Power,
    Prior,
    Sides,
    counts,
    numbers,
    pair,
    show,
)
from hepatica.cli.result_format import Format, Shown


class Bounds(StrEnum):
    """Where bounds for efficacy come from."""

    SPENDING = "spending"
    OBRIEN_FLEMING = "obrien-fleming"
    POCOCK = "pocock"
    WANG_TSIATIS = "wang-tsiatis"


class Spending(StrEnum):
    """Spending functions."""

    OBRIEN_FLEMING = "obrien-fleming"
    POCOCK = "pocock"
    POWER = "power"
    HWANG_SHIH_DECANI = "hwang-shih-decani"


class Rule(StrEnum):
    """Which probability stops a trial."""

    POSTERIOR = "posterior"
    PREDICTIVE = "predictive"


def group_sequential(  # noqa: PLR0913, PLR0917 - one parameter for each option
    looks: Annotated[
        str, typer.Option("--looks", help="Number of even looks, or shares: 0.5,0.75,1.")
    ],
    alpha: Alpha = 0.05,
    power: Power = 0.8,
    sides: Sides = 2,
    bounds: Annotated[
        Bounds, typer.Option("--bounds", help="Bounds for efficacy.")
    ] = Bounds.SPENDING,
    function: Annotated[
        Spending, typer.Option("--function", help="How alpha is spent.")
    ] = Spending.OBRIEN_FLEMING,
    parameter: Annotated[
        float, typer.Option("--parameter", help="Of the function, or Wang and Tsiatis' delta.")
    ] = 1.0,
    futility: Annotated[
        Spending | None, typer.Option("--futility", help="How beta is spent; needs --sides 1.")
    ] = None,
    futility_parameter: Annotated[
        float, typer.Option("--futility-parameter", help="Of the function of beta.")
    ] = 1.0,
    binding: Annotated[
        bool, typer.Option("--binding", help="The trial has to stop for futility.")
    ] = False,
    fixed: Annotated[
        float | None,
        typer.Option("--fixed", help="Patients or events of a trial with one analysis."),
    ] = None,
    out: Out = None,
    shown: Shown = Format.TABLE,
) -> None:
    """Several looks: bounds for efficacy and futility, and what they cost."""
    from hepatica.single.design import ErrorRates
    from hepatica.single.design_sequential import looks_of_trial
    from hepatica.stats.design import Futility

    shares = numbers("--looks", looks)
    whole = len(shares) == 1 and shares[0] > 1.0 and shares[0].is_integer()
    stop = Futility(futility.value, futility_parameter, binding) if futility else None
    answer = looks_of_trial(
        int(shares[0]) if whole else shares,
        ErrorRates(alpha, power, sides),
        bounds=bounds.value,
        function=function.value,
        parameter=parameter,
        futility=stop,
        fixed=fixed,
    )
    show(answer, shown, out)


def monitoring(  # noqa: PLR0913, PLR0917 - one parameter for each option
    null: Null,
    alternative: Alternative,
    looks: Looks,
    rule: Annotated[
        Rule, typer.Option("--rule", help="Probability now, or of success at the end.")
    ] = Rule.POSTERIOR,
    futility: Annotated[
        float, typer.Option("--futility", help="Stop below this probability; 0 never.")
    ] = 0.05,
    efficacy: Annotated[
        float, typer.Option("--efficacy", help="Stop above this probability; 1 never.")
    ] = 1.0,
    final: Annotated[
        float, typer.Option("--final", help="Success at the end: P(rate > null) above this.")
    ] = 0.95,
    prior: Prior = "1,1",
    out: Out = None,
    shown: Shown = Format.TABLE,
) -> None:
    """One arm watched by posterior or predictive probabilities."""
    from hepatica.single.design_sequential import monitoring as planned

    answer = planned(
        (null, alternative),
        counts("--looks", looks),
        rule=rule.value,
        thresholds=(futility, efficacy, final),
        prior=pair("--prior", prior),
    )
    show(answer, shown, out)


def bop2(
    null: Null,
    alternative: Alternative,
    looks: Looks,
    alpha: Annotated[float, typer.Option("--alpha", help="Largest exact type I error.")] = 0.05,
    prior: Prior = "",
    out: Out = None,
    shown: Shown = Format.TABLE,
) -> None:
    """One arm: Bayesian optimal phase II design, the largest power at a level."""
    from hepatica.single.design_sequential import threshold_design

    answer = threshold_design(
        (null, alternative),
        counts("--looks", looks),
        alpha=alpha,
        prior=pair("--prior", prior) if prior else None,
    )
    show(answer, shown, out)
