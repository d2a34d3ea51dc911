"""What all dose-finding designs check and report."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats.design._binomial import check_rate_array

#: A simulation larger than this would not fit into memory.
LARGEST_SIMULATION = 1_000_000


@dataclass(frozen=True, slots=True)
class DoseFindingSimulation:
    """Operating characteristics of a dose-finding design in simulated trials.

    Attributes
    ----------
    n : int
        Largest number of patients of a trial.
    trials : int
        Simulated trials.
    rates : ndarray of float, shape (doses,)
        True probabilities of a dose-limiting toxicity.
    selected : ndarray of float, shape (doses,)
        Share of trials that recommend each dose.
    selected_none : float
        Share that recommend none.
    patients, toxicities : ndarray of float, shape (doses,)
        Mean patients and mean toxicities at each dose.
    expected_n, expected_events : float
        Mean patients and toxicities of a trial.
    stopped_early : float
        Share that ended before the last patient.
    selected_error : ndarray of float, shape (doses,)
        Monte Carlo standard error of `selected`.
    expected_n_error : float
        Monte Carlo standard error of `expected_n`.
    target : float
        Target rate of toxicity.
    method : {"boin", "crm"}
        The design.
    """

    n: int
    trials: int
    rates: FloatArray
    selected: FloatArray
    selected_none: float
    patients: FloatArray
    toxicities: FloatArray
    expected_n: float
    expected_events: float
    stopped_early: float
    selected_error: FloatArray
    expected_n_error: float
    target: float
    method: str


def check_toxicity_rates(rates: npt.ArrayLike) -> FloatArray:
    """Return true rates of toxicity, which do not fall with the dose."""
    found = check_rate_array("rates", rates)
    if (np.diff(found) < 0).any():
        raise InputError("rates must not fall from one dose to the next.")
    return found


def check_observed(patients: npt.ArrayLike, toxicities: npt.ArrayLike) -> tuple[IntArray, IntArray]:
    """Return patients and toxicities at each dose."""
    n = _checks.whole(_checks.numbers("patients", patients), "patients must be whole numbers.")
    x = _checks.whole(
        _checks.numbers("toxicities", toxicities), "toxicities must be whole numbers."
    )
    if len(n) != len(x):
        raise InputError(
            f"patients and toxicities must have one value a dose; they have {len(n)} and {len(x)}."
        )
    if n.min() < 0 or x.min() < 0 or (x > n).any():
        raise InputError("toxicities must lie between 0 and the patients of the dose.")
    return n, x


def check_trials(trials: int) -> int:
    """Return the number of simulated trials."""
    found = _checks.count("trials", trials)
    if found > LARGEST_SIMULATION:
        raise InputError(f"trials must be at most {LARGEST_SIMULATION:,}.")
    return found


def check_target(target: float, doses: int) -> float:
    """Return the target rate; there must be a dose to choose."""
    if doses < 1:
        raise InputError("There must be at least one dose.")
    return _checks.check_probability("target", target)


def summarise(
    method: str,
    target: float,
    rates: FloatArray,
    counts: tuple[IntArray, IntArray],
    chosen: IntArray,
    largest: int,
) -> DoseFindingSimulation:
    """Return the characteristics of trials.

    Parameters
    ----------
    counts : two ndarrays of int, shape (trials, doses)
        Patients and toxicities.
    chosen : ndarray of int, shape (trials,)
        Recommended dose, from 0; -1 for none.
    """
    patients, toxicities = counts
    trials = len(chosen)
    selected = np.bincount(chosen + 1, minlength=len(rates) + 1) / trials
    sizes = patients.sum(axis=1)
    return DoseFindingSimulation(
        n=largest,
        trials=trials,
        rates=freeze(rates),
        selected=freeze(selected[1:]),
        selected_none=float(selected[0]),
        patients=freeze(patients.mean(axis=0)),
        toxicities=freeze(toxicities.mean(axis=0)),
        expected_n=float(sizes.mean()),
        expected_events=float(toxicities.sum(axis=1).mean()),
        stopped_early=float((sizes < largest).mean()),
        selected_error=freeze(np.sqrt(selected[1:] * (1.0 - selected[1:]) / trials)),
        expected_n_error=float(sizes.std() / np.sqrt(trials)),
        target=target,
        method=method,
    )
