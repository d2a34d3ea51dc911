"""Randomised phase II selection: pick the arm with the most events.

Source: Simon, Wittes and Ellenberg, Cancer Treat Rep 1985;69:1375. Not a test: some arm is always
picked, and nothing guards against picking one of equals.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import comb

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats.design._binomial import ROUNDING, at_most, mass

#: No selection trial has larger arms.
LARGEST_ARM = 10_000


@dataclass(frozen=True, slots=True)
class SelectionDesign:
    """Sizes of a selection trial.

    Attributes
    ----------
    n, n_arm : int
        Patients in all, and of each arm.
    arms : int
        Arms.
    events : float
        Expected events in all.
    power : float
        Exact probability that the best arm is picked; ties are broken by lot.
    power_untied : float
        Exact probability that the best arm has more events than any other.
    alpha : float
        1 / arms: the probability that a given one of equal arms is picked.
    power_target, others, best : float
        As asked: rate of the other arms, and of the best; the target is nan for a given size.
    """

    n: int
    n_arm: int
    arms: int
    events: float
    power: float
    power_untied: float
    alpha: float
    power_target: float
    others: float
    best: float


def selection_design(
    others: float, best: float, *, arms: int = 2, power: float = 0.9
) -> SelectionDesign:
    """Return the smallest arms that pick the best one with a given probability.

    Parameters
    ----------
    others, best : float
        Rate of the other arms, and of the best, strictly between 0 and 1.
    arms : int
        Number of arms, 2 to 20.
    power : float
        Probability of picking the best, above 1 / arms.

    Raises
    ------
    InputError
        If a number cannot be used.

    Examples
    --------
    >>> found = selection_design(0.20, 0.35)
    >>> found.n_arm, round(found.power, 3)
    (29, 0.901)
    """
    low, high, many = _check(others, best, arms)
    wanted = _checks.check_probability("power", power)
    if wanted <= 1.0 / many:
        raise InputError(f"power must be above 1 / arms, which a lot has; it is {wanted:g}.")
    high_enough = 1
    while _picked(high_enough, low, high, many)[0] < wanted - ROUNDING:
        high_enough *= 2
        if high_enough > 2 * LARGEST_ARM:
            raise InputError(
                f"More than {LARGEST_ARM:,} patients an arm are needed; choose rates farther apart."
            )
    # More patients pick the best no less often, so the first size is found by halving.
    short, found = high_enough // 2, high_enough
    while found - short > 1:
        middle = (short + found) // 2
        enough = _picked(middle, low, high, many)[0] >= wanted - ROUNDING
        short, found = (short, middle) if enough else (middle, found)
    return _design(found, (low, high), many, wanted)


def selection_power(n_arm: int, others: float, best: float, *, arms: int = 2) -> SelectionDesign:
    """Return the probability of picking the best arm at a given size.

    Parameters
    ----------
    n_arm : int
        Patients of each arm.
    others, best : float
        Rate of the other arms, and of the best, strictly between 0 and 1.
    arms : int
        Number of arms, 2 to 20.

    Examples
    --------
    >>> round(selection_power(37, 0.20, 0.35).power, 4)
    0.9269
    """
    low, high, many = _check(others, best, arms)
    size = _checks.count("n_arm", n_arm)
    if size > LARGEST_ARM:
        raise InputError(f"n_arm must be at most {LARGEST_ARM:,}; it is {size:,}.")
    return _design(size, (low, high), many, float("nan"))


def _check(others: float, best: float, arms: int) -> tuple[float, float, int]:
    low = _checks.check_probability("others", others)
    high = _checks.check_probability("best", best)
    if high <= low:
        raise InputError(f"best must be higher than others; they are {high:g} and {low:g}.")
    many = _checks.count("arms", arms, 2)
    if many > 20:
        raise InputError(f"arms must be at most 20; it is {many}.")
    return low, high, many


def _picked(n: int, others: float, best: float, arms: int) -> tuple[float, float]:
    """Return P(best is picked), and P(it has more events than any other)."""
    counts = np.arange(n + 1)
    top, same = mass(n, counts, best), mass(n, counts, others)
    fewer = at_most(n, counts - 1, others)
    ties = np.arange(arms)[:, None]
    ways = comb(arms - 1, ties) * same**ties * fewer ** (arms - 1 - ties)
    chance = (top * ways).sum(axis=1)
    return float((chance / np.arange(1, arms + 1)).sum()), float(chance[0])


def _design(n: int, rates: tuple[float, float], arms: int, wanted: float) -> SelectionDesign:
    power, untied = _picked(n, *rates, arms)
    return SelectionDesign(
        n=n * arms,
        n_arm=n,
        arms=arms,
        events=n * (rates[1] + (arms - 1) * rates[0]),
        power=power,
        power_untied=untied,
        alpha=1.0 / arms,
        power_target=wanted,
        others=rates[0],
        best=rates[1],
    )
