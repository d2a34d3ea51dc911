"""The 3+3 design, exactly.

Sources: Storer, Biometrics 1989;45:925; Lin and Shih, Biostatistics 2001;2:203 (exact probabilities
with and without de-escalation); Reiner, Paoletti and O'Quigley, Comput Stat Data Anal 1999;30:303.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hepatica.stats._checks import FloatArray, freeze
from hepatica.stats.design.dose_finding._doses import check_toxicity_rates


@dataclass(frozen=True, slots=True)
class ThreePlusThree:
    """Exact operating characteristics of a 3+3 trial.

    Attributes
    ----------
    n : int
        Largest number of patients: six a dose.
    rates : ndarray of float, shape (doses,)
        True probabilities of a dose-limiting toxicity.
    selected : ndarray of float, shape (doses,)
        Probability that each dose is recommended.
    selected_none : float
        Probability that no dose is.
    patients, toxicities : ndarray of float, shape (doses,)
        Expected patients and toxicities at each dose.
    expected_n, expected_events : float
        Expected patients and toxicities of a trial.
    de_escalation : bool
        As given.
    """

    n: int
    rates: FloatArray
    selected: FloatArray
    selected_none: float
    patients: FloatArray
    toxicities: FloatArray
    expected_n: float
    expected_events: float
    de_escalation: bool


def three_plus_three(rates: npt.ArrayLike, *, de_escalation: bool = True) -> ThreePlusThree:
    """Return exact operating characteristics of the 3+3 design.

    Three patients at the lowest dose. None with toxicity: the next dose. One: three more at this
    dose, and the next dose when none of these has toxicity. Otherwise the dose is too high.
    Without de-escalation the dose below is then recommended. With it, a dose is recommended only
    after six patients with at most one toxicity: three more are treated at the dose below if it had
    three, and so on downwards. When the highest dose is passed it is recommended as it is.

    Parameters
    ----------
    rates : array_like of float, shape (doses,)
        True probabilities of a dose-limiting toxicity; they do not fall with the dose.
    de_escalation : bool
        Treat six patients at the dose that is recommended.

    Raises
    ------
    InputError
        If the rates cannot be used.

    Examples
    --------
    >>> found = three_plus_three([0.05, 0.10, 0.20, 0.30, 0.50])
    >>> found.selected.round(3).tolist(), round(found.selected_none, 3)
    ([0.097, 0.277, 0.328, 0.217, 0.053], 0.027)
    """
    true = check_toxicity_rates(rates)
    step = _Step.of(true)
    reached = np.concatenate([[1.0], np.cumprod(step.passes)])
    too_high = reached[:-1] * (1.0 - step.passes)
    patients = reached[:-1] * step.patients
    toxicities = patients * true
    selected = np.zeros(len(true))
    selected[-1] = reached[-1]
    none = 0.0
    for dose, chance in enumerate(too_high):
        below = float(chance)
        for lower in range(dose - 1, -1, -1):
            if not de_escalation:
                selected[lower] += below
                below = 0.0
                break
            added = below * step.with_three[lower]
            patients[lower] += 3.0 * added
            toxicities[lower] += 3.0 * added * true[lower]
            # Six with one toxicity need no more; three with none may have one in the next three.
            accepted = below * (
                1.0 - step.with_three[lower] + step.with_three[lower] * step.at_most_one[lower]
            )
            selected[lower] += accepted
            below -= accepted
        none += below
    return ThreePlusThree(
        n=6 * len(true),
        rates=freeze(true),
        selected=freeze(selected),
        selected_none=float(none),
        patients=freeze(patients),
        toxicities=freeze(toxicities),
        expected_n=float(patients.sum()),
        expected_events=float(toxicities.sum()),
        de_escalation=bool(de_escalation),
    )


@dataclass(frozen=True, slots=True)
class _Step:
    """What can happen at each dose."""

    passes: FloatArray  # the next dose follows
    patients: FloatArray  # expected on the way up
    with_three: FloatArray  # share of the passes that took three patients
    at_most_one: FloatArray  # at most one toxicity in three

    @classmethod
    def of(cls, rates: FloatArray) -> _Step:
        none, one = (1.0 - rates) ** 3, 3.0 * rates * (1.0 - rates) ** 2
        passes = none + one * none
        # A dose that is never passed is never come back to.
        share = np.divide(none, passes, out=np.ones_like(none), where=passes > 0.0)
        return cls(passes, 3.0 + 3.0 * one, share, none + one)
