"""Dose finding, as the command line asks for it."""

from __future__ import annotations

import numpy as np

from hepatica.errors import CommandError
from hepatica.present.design_answer import DesignAnswer, Record, Value
from hepatica.stats.design.dose_finding import (
    DoseFindingSimulation,
    boin_boundaries,
    crm_skeleton,
    simulate_boin,
    simulate_crm,
    three_plus_three,
)

_PROPERTIES = "Simulated trials at the true rates"


def boin(
    target: float,
    n: int,
    *,
    rates: tuple[float, ...] = (),
    cohorts: int = 10,
    cohort_size: int = 3,
    trials: int = 10_000,
    seed: int = 1,
) -> DesignAnswer:
    """Return a BOIN design: its boundaries, or its behaviour at true rates.

    Parameters
    ----------
    target : float
        Target rate of dose-limiting toxicity.
    n : int
        Most patients at a dose, for the boundaries.
    rates : tuple of float
        True rates; without any the boundaries are listed.
    cohorts, cohort_size, trials, seed : int
        Of the simulation.
    """
    found = boin_boundaries(target, max(n, cohorts * cohort_size) if rates else n)
    asked: dict[str, Value] = {"target": target, "n": n}
    rows: tuple[Record, ...] = tuple(
        {
            "n": int(found.patients[at]),
            "escalate": int(found.escalate[at]),
            "de_escalate": _within(found.de_escalate[at], found.patients[at]),
            "eliminate": _within(found.eliminate[at], found.patients[at]),
        }
        for at in range(len(found.patients))
    )
    told: dict[str, Value] = {
        "escalate_rate": found.escalate_rate,
        "de_escalate_rate": found.de_escalate_rate,
    }
    if rates:
        generator = np.random.default_rng(seed)
        simulated = simulate_boin(
            rates, found, generator, cohorts=cohorts, cohort_size=cohort_size, trials=trials
        )
        asked |= _simulation(cohorts, cohort_size, trials, seed)
        told |= _told(simulated)
        rows = _doses(simulated)
    return DesignAnswer(
        id="boin",
        title=f"Bayesian optimal interval design, target {target:g}",
        asked=asked,
        found=told,
        rows=rows,
        rows_title=_PROPERTIES if rates else "Boundaries by patients treated at a dose",
        sources=("Liu and Yuan, J R Stat Soc C 2015;64:507",),
    )


def crm(
    target: float,
    rates: tuple[float, ...],
    prior_dose: int,
    *,
    half_width: float = 0.05,
    cohorts: int = 10,
    cohort_size: int = 3,
    trials: int = 2000,
    seed: int = 1,
) -> DesignAnswer:
    """Return how the continual reassessment method behaves at true rates.

    Parameters
    ----------
    target : float
        Target rate of dose-limiting toxicity.
    rates : tuple of float
        True rates.
    prior_dose : int
        Dose believed to have the target rate, counted from 1.
    half_width : float
        Of the indifference interval, which gives the initial guesses.
    cohorts, cohort_size, trials, seed : int
        Of the simulation.
    """
    if not 1 <= prior_dose <= len(rates):
        raise CommandError(
            f"--prior-dose counts from 1 to the {len(rates)} doses of --rates; it is {prior_dose}."
        )
    skeleton = crm_skeleton(target, half_width, prior_dose - 1, len(rates))
    generator = np.random.default_rng(seed)
    simulated = simulate_crm(
        rates, skeleton, generator, cohorts=cohorts, cohort_size=cohort_size, trials=trials
    )
    guesses = tuple(float(one) for one in skeleton.skeleton)
    return DesignAnswer(
        id="crm",
        title=f"Continual reassessment method, target {target:g}",
        asked={
            "target": target,
            "prior_dose": prior_dose,
            "half_width_of_indifference": half_width,
            **_simulation(cohorts, cohort_size, trials, seed),
        },
        found=_told(simulated),
        rows=tuple(
            {**row, "skeleton": guess}
            for row, guess in zip(_doses(simulated), guesses, strict=True)
        ),
        rows_title=_PROPERTIES,
        sources=(
            "O'Quigley, Pepe and Fisher, Biometrics 1990;46:33",
            "Lee and Cheung, Clin Trials 2009;6:227",
        ),
    )


def three_by_three(rates: tuple[float, ...], *, de_escalation: bool = True) -> DesignAnswer:
    """Return the exact behaviour of the 3+3 design at true rates."""
    found = three_plus_three(rates, de_escalation=de_escalation)
    rows: tuple[Record, ...] = tuple(
        {
            "dose": at + 1,
            "rate": float(found.rates[at]),
            "selected": float(found.selected[at]),
            "mean_patients": float(found.patients[at]),
            "toxicities": float(found.toxicities[at]),
        }
        for at in range(len(found.rates))
    )
    return DesignAnswer(
        id="three-plus-three",
        title="3+3 design",
        asked={"de_escalation": "yes" if de_escalation else "no"},
        found={
            "n": found.n,
            "mean_patients_in_all": found.expected_n,
            "mean_toxicities_in_all": found.expected_events,
            "selected_none": found.selected_none,
        },
        rows=rows,
        rows_title="Exact probabilities at the true rates",
        sources=("Storer, Biometrics 1989;45:925",),
    )


def _within(count: np.int64, patients: np.int64) -> int | None:
    return int(count) if count <= patients else None


def _simulation(cohorts: int, cohort_size: int, trials: int, seed: int) -> dict[str, Value]:
    return {"cohorts": cohorts, "cohort_size": cohort_size, "trials": trials, "seed": seed}


def _told(found: DoseFindingSimulation) -> dict[str, Value]:
    return {
        "largest_size": found.n,
        "mean_patients_in_all": found.expected_n,
        "mean_toxicities_in_all": found.expected_events,
        "selected_none": found.selected_none,
        "stopped_early": found.stopped_early,
    }


def _doses(found: DoseFindingSimulation) -> tuple[Record, ...]:
    return tuple(
        {
            "dose": at + 1,
            "rate": float(found.rates[at]),
            "selected": float(found.selected[at]),
            "monte_carlo_error": float(found.selected_error[at]),
            "mean_patients": float(found.patients[at]),
            "toxicities": float(found.toxicities[at]),
        }
        for at in range(len(found.rates))
    )
