"""``hepatica design``: dose finding."""

from __future__ import annotations

from typing import Annotated

import typer

from hepatica.cli.design_options import (
    Cohorts,
    CohortSize,
    Out,
    Seed,
    TrueRates,
    numbers,
    show,
)
from hepatica.cli.result_format import Format, Shown

Target = Annotated[float, typer.Option("--target", help="Target rate of toxicity, such as 0.3.")]
Trials = Annotated[int, typer.Option("--trials", min=1, help="Simulated trials.")]


def boin(  # noqa: PLR0913, PLR0917 - one parameter for each option
    target: Target,
    patients: Annotated[
        int, typer.Option("--patients", min=1, help="Most patients at a dose, for the table.")
    ] = 12,
    rates: TrueRates = "",
    cohorts: Cohorts = 10,
    cohort_size: CohortSize = 3,
    trials: Trials = 10_000,
    seed: Seed = 1,
    out: Out = None,
    shown: Shown = Format.TABLE,
) -> None:
    """Bayesian optimal interval design: boundaries, or simulated trials with --rates."""
    from hepatica.single.design_doses import boin as planned

    answer = planned(
        target,
        patients,
        rates=numbers("--rates", rates),
        cohorts=cohorts,
        cohort_size=cohort_size,
        trials=trials,
        seed=seed,
    )
    show(answer, shown, out)


def crm(  # noqa: PLR0913, PLR0917 - one parameter for each option
    target: Target,
    rates: TrueRates,
    prior_dose: Annotated[
        int, typer.Option("--prior-dose", help="Dose believed to have the target rate, from 1.")
    ],
    half_width: Annotated[
        float, typer.Option("--half-width", help="Of the indifference interval round the target.")
    ] = 0.05,
    cohorts: Cohorts = 10,
    cohort_size: CohortSize = 3,
    trials: Trials = 2000,
    seed: Seed = 1,
    out: Out = None,
    shown: Shown = Format.TABLE,
) -> None:
    """Continual reassessment method: simulated trials at true rates."""
    from hepatica.single.design_doses import crm as planned

    answer = planned(
        target,
        numbers("--rates", rates),
        prior_dose,
        half_width=half_width,
        cohorts=cohorts,
        cohort_size=cohort_size,
        trials=trials,
        seed=seed,
    )
    show(answer, shown, out)


def three_plus_three(
    rates: TrueRates,
    de_escalation: Annotated[
        bool,
        typer.Option(
            "--de-escalation/--no-de-escalation", help="Six patients at the recommended dose."
        ),
    ] = True,
    out: Out = None,
    shown: Shown = Format.TABLE,
) -> None:
    """3+3 design: exact probabilities at true rates."""
    from hepatica.single.design_doses import three_by_three

    show(three_by_three(numbers("--rates", rates), de_escalation=de_escalation), shown, out)
