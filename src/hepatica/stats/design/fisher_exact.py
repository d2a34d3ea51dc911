"""Designs of Fisher's exact test: power by adding up all tables.

Sources: Gail and Gart, Biometrics 1973;29:441; Casagrande, Pike and Smith, Biometrics 1978;34:483.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray
from hepatica.stats.design import _binomial
from hepatica.stats.design._binomial import ROUNDING, log_choose, mass
from hepatica.stats.design.two_proportions import check_allocation, check_arms, two_proportions
from hepatica.stats.proportions import EQUALLY_PROBABLE

BoolArray: TypeAlias = npt.NDArray[np.bool_]
#: Tables of larger arms are not added up; the corrected normal formula is near there.
LARGEST_ARM = 2_000
#: Nor are those of larger arms one size after the other.
LARGEST_SEARCH = 300


@dataclass(frozen=True, slots=True)
class FisherDesign:
    """Sizes of two arms compared by Fisher's exact test.

    Attributes
    ----------
    n, n_control, n_treatment : int
        Patients in all and of each arm.
    events : float
        Expected events in all.
    type_1_error : float
        Exact probability of rejection when both arms have the rate of the control.
    power : float
        Exact probability of rejection at the two rates.
    alpha, power_target : float
        As asked; the target is nan when sizes were given.
    control, treatment : float
        Rates.
    allocation : float
        Treatment patients for each control patient.
    sides : int
        2: tables no more probable than the observed one; 1: towards the treatment's rate.
    """

    n: int
    n_control: int
    n_treatment: int
    events: float
    type_1_error: float
    power: float
    alpha: float
    power_target: float
    control: float
    treatment: float
    allocation: float
    sides: int


def fisher_power(
    n_control: int,
    n_treatment: int,
    *,
    control: float,
    treatment: float,
    alpha: float = 0.05,
    sides: int = 2,
) -> FisherDesign:
    """Return the exact power of Fisher's test.

    Parameters
    ----------
    n_control, n_treatment : int
        Patients of each arm, at most 2,000.
    control, treatment : float
        Rates, strictly between 0 and 1, not equal.
    alpha : float
        Level of the test.
    sides : {2, 1}
        Two-sided as R has it: all tables no more probable than the observed one.

    Examples
    --------
    >>> round(fisher_power(20, 20, control=0.2, treatment=0.6).power, 4)
    0.6502
    """
    rates, level = check_arms(control, treatment), _binomial.check_alpha(alpha)
    _checks.check_sides(sides)
    first = _checks.count("n_control", n_control)
    second = _checks.count("n_treatment", n_treatment)
    if max(first, second) > LARGEST_ARM:
        raise InputError(f"Arms of Fisher's test are taken up to {LARGEST_ARM:,} patients.")
    arms = (first, second)
    rejects = _rejects(arms, level, sides, higher=rates[1] > rates[0])
    return _design(rejects, arms, rates, (level, float("nan")), second / first, sides)


def fisher_design(
    control: float,
    treatment: float,
    *,
    alpha: float = 0.05,
    power: float = 0.8,
    sides: int = 2,
    allocation: float = 1.0,
) -> FisherDesign:
    """Return the smallest arms whose exact power is enough.

    The power of an exact test is a sawtooth in n: the answer is the first size with the power, and
    a larger one can lack it. Sizes are tried one by one from half the size by the normal
    approximation, which needs fewer patients than the exact test does.

    Parameters
    ----------
    control, treatment : float
        Rates, strictly between 0 and 1, not equal.
    alpha, power : float
        Level of the test; smallest exact power.
    sides : {2, 1}
        Sides of the test.
    allocation : float
        Treatment patients for each control patient; the treatment arm is rounded up.

    Raises
    ------
    InputError
        If a number cannot be used, or arms of more than some hundred patients are needed.

    Examples
    --------
    >>> found = fisher_design(0.2, 0.6)
    >>> found.n_control, round(found.power, 3)
    (27, 0.802)
    """
    rates, (level, wanted) = check_arms(control, treatment), _binomial.check_errors(alpha, power)
    _checks.check_sides(sides)
    share = check_allocation(allocation)
    normal = two_proportions(
        *rates, alpha=level, power=wanted, sides=sides, allocation=share, method="unpooled"
    ).n_control
    if normal * max(1.0, share) > LARGEST_SEARCH:
        raise InputError(
            f"Fisher's test would need more than {LARGEST_SEARCH:,} patients in an arm, and all "
            "tables of so many are not added up size by size; choose rates farther apart, or "
            "method 'continuity' of two_proportions, which is near to it at such sizes."
        )
    higher = rates[1] > rates[0]
    for n in range(max(normal // 2, 1), 3 * LARGEST_SEARCH):
        arms = (n, math.ceil(n * share * (1.0 - ROUNDING)))
        rejects = _rejects(arms, level, sides, higher=higher)
        if _probability(rejects, arms, rates) >= wanted - ROUNDING:
            return _design(rejects, arms, rates, (level, wanted), share, sides)
    raise InputError("No size has the power; choose rates farther apart.")


def _design(
    rejects: BoolArray,
    arms: tuple[int, int],
    rates: tuple[float, float],
    errors: tuple[float, float],
    allocation: float,
    sides: int,
) -> FisherDesign:
    return FisherDesign(
        n=sum(arms),
        n_control=arms[0],
        n_treatment=arms[1],
        events=arms[0] * rates[0] + arms[1] * rates[1],
        type_1_error=_probability(rejects, arms, (rates[0], rates[0])),
        power=_probability(rejects, arms, rates),
        alpha=errors[0],
        power_target=errors[1],
        control=rates[0],
        treatment=rates[1],
        allocation=allocation,
        sides=sides,
    )


def _rejects(arms: tuple[int, int], level: float, sides: int, *, higher: bool) -> BoolArray:
    """Return which tables reject, by total of events and events under treatment."""
    first, second = arms
    total, treated = np.arange(first + second + 1)[:, None], np.arange(second + 1)
    possible = (total >= treated) & (total - treated <= first)
    chance = np.where(
        possible,
        np.exp(
            log_choose(second, treated)
            + log_choose(first, np.clip(total - treated, 0, first))
            - log_choose(first + second, total)
        ),
        0.0,
    )
    if sides == 2:
        p_value = _no_more_probable(chance)
    elif higher:
        p_value = np.cumsum(chance[:, ::-1], axis=1)[:, ::-1]
    else:
        p_value = np.cumsum(chance, axis=1)
    found: BoolArray = possible & (p_value <= level + ROUNDING)
    return found


def _no_more_probable(chance: FloatArray) -> FloatArray:
    """Return, for each table, the probability of all tables of its row no more probable."""
    order = np.argsort(chance, axis=1, kind="stable")
    rising = np.take_along_axis(chance, order, axis=1)
    added = np.cumsum(rising, axis=1)
    last = np.ones_like(rising, dtype=bool)
    last[:, :-1] = rising[:, 1:] > rising[:, :-1] * (1.0 + EQUALLY_PROBABLE)
    columns = np.arange(rising.shape[1])
    ends = np.where(last, columns, rising.shape[1])
    end = np.minimum.accumulate(ends[:, ::-1], axis=1)[:, ::-1]
    p_value = np.empty_like(chance)
    np.put_along_axis(p_value, order, np.take_along_axis(added, end, axis=1), axis=1)
    return p_value


def _probability(rejects: BoolArray, arms: tuple[int, int], rates: tuple[float, float]) -> float:
    total, treated = np.nonzero(rejects)
    control = mass(arms[0], np.arange(arms[0] + 1), rates[0])
    treatment = mass(arms[1], np.arange(arms[1] + 1), rates[1])
    return float((control[total - treated] * treatment[treated]).sum())
