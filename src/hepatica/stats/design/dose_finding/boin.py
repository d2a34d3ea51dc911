"""Bayesian optimal interval design.

Sources: Liu and Yuan, J R Stat Soc C 2015;64:507 (boundaries, elimination, selection); Yuan, Hess,
Hilsenbeck and Gilbert, Clin Cancer Res 2016;22:4291 (tables).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import betainc

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats.design.dose_finding._doses import (
    DoseFindingSimulation,
    check_observed,
    check_target,
    check_toxicity_rates,
    check_trials,
    summarise,
)
from hepatica.stats.design.dose_finding._isotonic import isotonic

#: Fewest patients before a dose can be eliminated.
_ELIMINATION_PATIENTS = 3
#: Prior of the rates when the dose is selected: the published design's.
_PRIOR = 0.05


@dataclass(frozen=True, slots=True)
class BoinBoundaries:
    """When to escalate, to de-escalate, and to eliminate a dose.

    Attributes
    ----------
    n : int
        Most patients at a dose in the table.
    escalate_rate, de_escalate_rate : float
        Escalate when the observed rate is at most the one; de-escalate when it is at least the
        other.
    patients : ndarray of int, shape (n,)
        1 to n patients treated at the dose.
    escalate, de_escalate, eliminate : ndarray of int, shape (n,)
        Escalate with this many toxicities or fewer (-1: never); de-escalate, and eliminate this
        dose and those above, with this many or more (patients + 1: never).
    target, too_low, too_high : float
        Target rate, highest rate deemed too low, and lowest deemed too high.
    elimination : float
        Posterior probability of a rate above the target that eliminates a dose.
    """

    n: int
    escalate_rate: float
    de_escalate_rate: float
    patients: IntArray
    escalate: IntArray
    de_escalate: IntArray
    eliminate: IntArray
    target: float
    too_low: float
    too_high: float
    elimination: float


@dataclass(frozen=True, slots=True)
class BoinSelection:
    """The dose a finished trial recommends.

    Attributes
    ----------
    dose : int
        Position of the recommended dose, from 0; -1 when none is.
    estimate : ndarray of float, shape (doses,)
        Isotonic estimates of the rates; nan for doses that were not tried or are eliminated.
    eliminated : ndarray of bool, shape (doses,)
        Doses found too toxic, and those above them.
    target : float
        Target rate.
    """

    dose: int
    estimate: FloatArray
    eliminated: npt.NDArray[np.bool_]
    target: float


def boin_boundaries(
    target: float,
    n: int,
    *,
    too_low: float | None = None,
    too_high: float | None = None,
    elimination: float = 0.95,
) -> BoinBoundaries:
    """Return the boundaries of a BOIN design.

    Parameters
    ----------
    target : float
        Target rate of dose-limiting toxicity.
    n : int
        Most patients at a dose.
    too_low, too_high : float, optional
        Rates that must not be called the target; 0.6 and 1.4 times the target when not given.
    elimination : float
        Posterior probability (uniform prior) of a rate above the target that eliminates a dose
        of at least three patients.

    Raises
    ------
    InputError
        If the rates are not in the order too_low < target < too_high, or a number cannot be used.

    Examples
    --------
    >>> found = boin_boundaries(0.30, 12)
    >>> round(found.escalate_rate, 3), round(found.de_escalate_rate, 3)
    (0.236, 0.359)
    >>> found.escalate[2::3].tolist(), found.de_escalate[2::3].tolist()
    ([0, 1, 2, 2], [2, 3, 4, 5])
    """
    rate, size = check_target(target, 1), _checks.count("n", n)
    low = 0.6 * rate if too_low is None else _checks.check_probability("too_low", too_low)
    high = 1.4 * rate if too_high is None else _checks.number("too_high", too_high)
    limit = _checks.check_probability("elimination", elimination)
    if not low < rate < high < 1.0:
        raise InputError(
            "too_low, target and too_high must increase and stay below 1; they are "
            f"{low:g}, {rate:g} and {high:g}."
        )
    escalate_rate = math.log((1.0 - low) / (1.0 - rate)) / math.log(
        rate * (1.0 - low) / (low * (1.0 - rate))
    )
    de_escalate_rate = math.log((1.0 - rate) / (1.0 - high)) / math.log(
        high * (1.0 - rate) / (rate * (1.0 - high))
    )
    patients = np.arange(1, size + 1)
    counts = np.arange(size + 1)
    share = counts / patients[:, None]
    possible = counts <= patients[:, None]
    others = np.maximum(patients[:, None] - counts, 0)
    toxic = betainc(1.0 + others, 1.0 + counts, 1.0 - rate) > limit
    toxic &= patients[:, None] >= _ELIMINATION_PATIENTS
    return BoinBoundaries(
        n=size,
        escalate_rate=escalate_rate,
        de_escalate_rate=de_escalate_rate,
        patients=freeze(patients),
        escalate=freeze((possible & (share <= escalate_rate)).sum(axis=1) - 1),
        de_escalate=freeze(patients + 1 - (possible & (share >= de_escalate_rate)).sum(axis=1)),
        eliminate=freeze(patients + 1 - (possible & toxic).sum(axis=1)),
        target=rate,
        too_low=low,
        too_high=high,
        elimination=limit,
    )


def boin_selection(
    patients: npt.ArrayLike,
    toxicities: npt.ArrayLike,
    target: float,
    *,
    elimination: float = 0.95,
) -> BoinSelection:
    """Return the dose whose isotonic rate is nearest to the target.

    Of doses equally near, the highest is taken when the common estimate is below the target, the
    lowest when it is above. Doses without patients are never recommended.

    Parameters
    ----------
    patients, toxicities : array_like of int, shape (doses,)
        What was seen at each dose.
    target : float
        Target rate.
    elimination : float
        As in `boin_boundaries`.

    Examples
    --------
    >>> boin_selection([3, 3, 15, 9, 0], [0, 0, 4, 4, 0], 0.3).dose
    2
    """
    n, x = check_observed(patients, toxicities)
    rate = check_target(target, len(n))
    limit = _checks.check_probability("elimination", elimination)
    chosen, estimate, eliminated = _select(n[None, :], x[None, :], rate, limit)
    return BoinSelection(
        dose=int(chosen[0]),
        estimate=freeze(estimate[0].copy()),
        eliminated=freeze(eliminated[0].copy()),
        target=rate,
    )


def simulate_boin(
    rates: npt.ArrayLike,
    boundaries: BoinBoundaries,
    generator: np.random.Generator,
    *,
    cohorts: int,
    cohort_size: int = 3,
    start: int = 0,
    stop_at: int | None = None,
    trials: int = 10_000,
) -> DoseFindingSimulation:
    """Simulate trials of a BOIN design.

    Parameters
    ----------
    rates : array_like of float, shape (doses,)
        True rates of toxicity; they do not fall with the dose.
    boundaries : BoinBoundaries
        The design; its table must reach the most patients a dose can have.
    generator : numpy.random.Generator
        Source of randomness.
    cohorts, cohort_size : int
        Most cohorts, and patients of each.
    start : int
        First dose, from 0.
    stop_at : int, optional
        End the trial when the next cohort would go to a dose with this many patients or more.
    trials : int
        Simulated trials.

    Examples
    --------
    >>> found = simulate_boin([0.05, 0.15, 0.30, 0.45], boin_boundaries(0.3, 30),
    ...                       np.random.default_rng(1), cohorts=10, trials=2000)
    >>> int(found.selected.argmax())
    2
    """
    true = check_toxicity_rates(rates)
    many, size = _checks.count("cohorts", cohorts), _checks.count("cohort_size", cohort_size)
    first, repeats = _checks.count("start", start, 0), check_trials(trials)
    enough = many * size if stop_at is None else _checks.count("stop_at", stop_at)
    _checks.check_generator(generator)
    if first >= len(true):
        raise InputError(f"start must be below the number of doses, {len(true)}; it is {first}.")
    if boundaries.n < min(many * size, enough + size - 1):
        raise InputError(
            f"The boundaries reach {boundaries.n} patients at a dose, and a dose can have "
            f"{min(many * size, enough + size - 1)}; make them with that n."
        )
    patients = np.zeros((repeats, len(true)), dtype=np.int64)
    toxicities = np.zeros_like(patients)
    highest = np.full(repeats, len(true) - 1)
    dose, running = np.full(repeats, first), np.arange(repeats)
    for _ in range(many):
        at = dose[running]
        toxicities[running, at] += generator.binomial(size, true[at])
        patients[running, at] += size
        row = patients[running, at] - 1
        seen = toxicities[running, at]
        toxic = seen >= boundaries.eliminate[row]
        highest[running] = np.where(toxic, np.minimum(highest[running], at - 1), highest[running])
        move = (seen <= boundaries.escalate[row]).astype(np.int64)
        move -= seen >= boundaries.de_escalate[row]
        following = np.clip(at + move, 0, np.maximum(highest[running], 0))
        dose[running] = following
        goes_on = (highest[running] >= 0) & (patients[running, following] < enough)
        running = running[goes_on]
        if not running.size:
            break
    chosen, _, _ = _select(patients, toxicities, boundaries.target, boundaries.elimination)
    chosen = np.where(highest < 0, -1, chosen)
    return summarise("boin", boundaries.target, true, (patients, toxicities), chosen, many * size)


def _select(
    patients: IntArray, toxicities: IntArray, target: float, limit: float
) -> tuple[IntArray, FloatArray, npt.NDArray[np.bool_]]:
    """Return dose, estimates and eliminated doses of each trial; arrays (trials, doses)."""
    above = betainc(1.0 + patients - toxicities, 1.0 + toxicities, 1.0 - target) > limit
    toxic = above & (patients >= _ELIMINATION_PATIENTS)
    eliminated = np.logical_or.accumulate(toxic, axis=1)
    usable = (patients > 0) & ~eliminated
    share = (toxicities + _PRIOR) / (patients + 2.0 * _PRIOR)
    n = patients + 2.0 * _PRIOR
    variance = (toxicities + _PRIOR) * (patients - toxicities + _PRIOR) / (n * n * (n + 1.0))
    fitted = isotonic(share, np.where(usable, 1.0 / variance, 0.0))
    estimate = np.where(usable, fitted, np.nan)
    # A tiny rise breaks ties: upwards below the target, downwards above it.
    ordered = fitted + 1e-10 * np.arange(1, patients.shape[1] + 1)
    distance = np.where(usable, np.abs(ordered - target), np.inf)
    chosen = np.where(usable.any(axis=1), distance.argmin(axis=1), -1)
    return chosen, estimate, eliminated
