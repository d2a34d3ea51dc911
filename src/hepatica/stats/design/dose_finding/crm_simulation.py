"""Simulated trials of the continual reassessment method.

Source: Faries, J Biopharm Stat 1994;4:147 (cohorts; no dose is skipped).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import betainc

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats.design._binomial import check_rate
from hepatica.stats.design.dose_finding._doses import (
    DoseFindingSimulation,
    check_target,
    check_toxicity_rates,
    check_trials,
    summarise,
)
from hepatica.stats.design.dose_finding.crm import (
    PRIOR_SD,
    CrmModel,
    CrmSkeleton,
    check_skeleton,
)

#: Fewest patients at the lowest dose before it can end a trial.
_SAFETY_PATIENTS = 3


def simulate_crm(
    rates: npt.ArrayLike,
    skeleton: CrmSkeleton,
    generator: np.random.Generator,
    *,
    cohorts: int,
    cohort_size: int = 1,
    start: int = 0,
    safety: float = 0.95,
    trials: int = 2_000,
) -> DoseFindingSimulation:
    """Simulate trials of the continual reassessment method.

    The next cohort goes to the recommended dose, but to no dose more than one above the highest
    tried. A trial ends without a dose when the lowest is too toxic.

    Parameters
    ----------
    rates : array_like of float, shape (doses,)
        True rates of toxicity; they do not fall with the dose.
    skeleton : CrmSkeleton
        Initial guesses and target.
    generator : numpy.random.Generator
        Source of randomness.
    cohorts, cohort_size : int
        Cohorts, and patients of each.
    start : int
        First dose, from 0.
    safety : float
        End when P(rate of the lowest dose > target), from its own patients (three or more) and a
        uniform prior, exceeds it; 1 never ends.
    trials : int
        Simulated trials.

    Examples
    --------
    >>> from hepatica.stats.design.dose_finding import crm_skeleton
    >>> found = simulate_crm([0.05, 0.12, 0.25, 0.40, 0.55], crm_skeleton(0.25, 0.05, 2, 5),
    ...                      np.random.default_rng(1), cohorts=10, cohort_size=3, trials=1000)
    >>> int(found.selected.argmax())
    2
    """
    true, guess = check_toxicity_rates(rates), check_skeleton(skeleton.skeleton)
    target = check_target(skeleton.target, len(guess))
    many, size = _checks.count("cohorts", cohorts), _checks.count("cohort_size", cohort_size)
    first, repeats = _checks.count("start", start, 0), check_trials(trials)
    limit = check_rate("safety", safety)
    _checks.check_generator(generator)
    if len(true) != len(guess):
        raise InputError(
            f"rates must have one value a dose of the skeleton: {len(guess)}; it has {len(true)}."
        )
    if first >= len(true):
        raise InputError(f"start must be below the number of doses, {len(true)}; it is {first}.")
    model = CrmModel.of(guess, PRIOR_SD, many * size)
    patients = np.zeros((repeats, len(true)), dtype=np.int64)
    toxicities = np.zeros_like(patients)
    dose, tried = np.full(repeats, first), np.full(repeats, first)
    running = np.arange(repeats)
    for _ in range(many):
        at = dose[running]
        toxicities[running, at] += generator.binomial(size, true[at])
        patients[running, at] += size
        n, x = patients[running], toxicities[running]
        unsafe = betainc(1.0 + n[:, 0] - x[:, 0], 1.0 + x[:, 0], 1.0 - target) > limit
        unsafe &= n[:, 0] >= _SAFETY_PATIENTS
        tried[running] = np.maximum(tried[running], at)
        recommended = model.recommended(n, x, target)
        dose[running] = np.where(unsafe, -1, np.minimum(recommended, tried[running] + 1))
        running = running[~unsafe]
        if not running.size:
            break
    # The last recommendation is a dose that was tried, for the same reason that none is skipped.
    chosen = np.minimum(dose, tried)
    return summarise("crm", target, true, (patients, toxicities), chosen, many * size)
