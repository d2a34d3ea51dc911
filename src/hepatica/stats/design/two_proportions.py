"""Designs that compare two proportions by the normal approximation.

Sources: Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions, 2003, chapter 4
(pooled variance, unequal allocation, correction for continuity); Casagrande, Pike and Smith,
Biometrics 1978;34:483 (that correction); Cohen, Statistical Power Analysis, 1988, chapter 6
(arcsine).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, freeze
from hepatica.stats.design import _binomial
from hepatica.stats.design._binomial import LARGEST_SIZE, ROUNDING

METHODS = ("pooled", "unpooled", "continuity", "arcsine")


@dataclass(frozen=True, slots=True)
class TwoProportionsDesign:
    """Sizes of two arms.

    Attributes
    ----------
    n : int
        Patients in all.
    n_control, n_treatment : int
        Patients of each arm, each rounded up.
    n_control_formula : float
        What the formula gives for the control arm.
    events : float
        Expected events in all.
    power : float
        Power by the formula at the rounded sizes.
    alpha, power_target : float
        As asked.
    control, treatment : float
        Rates.
    allocation : float
        Treatment patients for each control patient.
    sides : int
        Sides of the test; the farther tail of a two-sided test is not counted as power.
    method : str
        As given.
    """

    n: int
    n_control: int
    n_treatment: int
    n_control_formula: float
    events: float
    power: float
    alpha: float
    power_target: float
    control: float
    treatment: float
    allocation: float
    sides: int
    method: str


def two_proportions(
    control: float,
    treatment: float,
    *,
    alpha: float = 0.05,
    power: float = 0.8,
    sides: int = 2,
    allocation: float = 1.0,
    method: str = "pooled",
) -> TwoProportionsDesign:
    """Return the sizes of two arms whose proportions are compared.

    Parameters
    ----------
    control, treatment : float
        Rates, strictly between 0 and 1, not equal.
    alpha, power : float
        Level and power of the approximate test.
    sides : {2, 1}
        Sides of the test.
    allocation : float
        Treatment patients for each control patient.
    method : {"pooled", "unpooled", "continuity", "arcsine"}
        Variance under the null from the common rate or from the two rates; pooled with Fleiss's
        correction for continuity, near to Fisher's exact test; or the angle transformation.

    Raises
    ------
    InputError
        If the rates are equal, or a number cannot be used.

    Examples
    --------
    >>> found = two_proportions(0.30, 0.50)
    >>> found.n_control, found.n, two_proportions(0.30, 0.50, method="continuity").n_control
    (93, 186, 103)
    """
    rates, (level, wanted) = check_arms(control, treatment), _binomial.check_errors(alpha, power)
    _checks.check_sides(sides)
    _checks.check_option("method", method, METHODS)
    share = check_allocation(allocation)
    z_level, z_power = float(ndtri(1.0 - level / sides)), float(ndtri(wanted))
    size = _control_size(rates, share, max(z_level, 0.0), z_power, method)
    refuse_too_large(size * (1.0 + share))
    n_control = max(math.ceil(size * (1.0 - ROUNDING)), 1)
    n_treatment = max(math.ceil(size * share * (1.0 - ROUNDING)), 1)
    return TwoProportionsDesign(
        n=n_control + n_treatment,
        n_control=n_control,
        n_treatment=n_treatment,
        n_control_formula=size,
        events=n_control * rates[0] + n_treatment * rates[1],
        power=_power(rates, (n_control, n_treatment), z_level, method),
        alpha=level,
        power_target=wanted,
        control=rates[0],
        treatment=rates[1],
        allocation=share,
        sides=sides,
        method=method,
    )


def two_proportions_powers(
    n_control: npt.ArrayLike,
    control: float,
    treatment: float,
    *,
    alpha: float = 0.05,
    sides: int = 2,
    allocation: float = 1.0,
    method: str = "pooled",
) -> FloatArray:
    """Return the power at sizes of the control arm, for a plot.

    See `two_proportions` for the parameters; n_control has the shape (sizes,).

    Examples
    --------
    >>> (two_proportions_powers([92, 93], 0.30, 0.50) >= 0.8).tolist()
    [False, True]
    """
    sizes, rates = _binomial.check_sizes(n_control), check_arms(control, treatment)
    level = _binomial.check_alpha(alpha)
    _checks.check_sides(sides)
    _checks.check_option("method", method, METHODS)
    share = check_allocation(allocation)
    z_level = float(ndtri(1.0 - level / sides))
    found = (
        _power(rates, (int(n), max(math.ceil(n * share * (1.0 - ROUNDING)), 1)), z_level, method)
        for n in sizes
    )
    return freeze(np.fromiter(found, dtype=np.float64))


def check_arms(control: float, treatment: float) -> tuple[float, float]:
    """Return the rates of two arms; they differ."""
    first = _checks.check_probability("control", control)
    second = _checks.check_probability("treatment", treatment)
    if first == second:
        raise InputError(
            f"control and treatment must differ; both are {first:g}. To show that they are alike, "
            "plan non-inferiority."
        )
    return first, second


def check_allocation(allocation: float) -> float:
    """Return treatment patients for each control patient."""
    share = _checks.number("allocation", allocation)
    if not 0.01 <= share <= 100.0:
        raise InputError(f"allocation must lie between 0.01 and 100; it is {share:g}.")
    return share


def refuse_too_large(n: float) -> None:
    """Refuse sizes that no trial has."""
    if n > LARGEST_SIZE:
        raise InputError(
            f"The rates are so near to each other that more than {LARGEST_SIZE:,} patients are "
            "needed; choose rates farther apart."
        )


def _spread(rates: tuple[float, float], share: float, method: str) -> tuple[float, float]:
    """Return sqrt(n_control) times the standard error under the null and the alternative."""
    (first, second) = rates
    apart = math.sqrt(first * (1.0 - first) + second * (1.0 - second) / share)
    common = (first + share * second) / (1.0 + share)
    pooled = math.sqrt(common * (1.0 - common) * (1.0 + 1.0 / share))
    return (apart if method == "unpooled" else pooled), apart


def _angle(rates: tuple[float, float]) -> float:
    return abs(2.0 * math.asin(math.sqrt(rates[1])) - 2.0 * math.asin(math.sqrt(rates[0])))


def _control_size(
    rates: tuple[float, float], share: float, z_level: float, z_power: float, method: str
) -> float:
    if method == "arcsine":
        return (max(z_level + z_power, 0.0) / _angle(rates)) ** 2 * (1.0 + 1.0 / share)
    gap = abs(rates[1] - rates[0])
    null, apart = _spread(rates, share, method)
    size = (max(z_level * null + z_power * apart, 0.0) / gap) ** 2
    if method == "continuity" and size > 0.0:
        return size / 4.0 * (1.0 + math.sqrt(1.0 + 2.0 * (1.0 + share) / (size * share * gap))) ** 2
    return size


def _power(
    rates: tuple[float, float], sizes: tuple[int, int], z_level: float, method: str
) -> float:
    first, second = sizes
    share = second / first
    if method == "arcsine":
        return float(ndtr(_angle(rates) * math.sqrt(first / (1.0 + 1.0 / share)) - z_level))
    gap = abs(rates[1] - rates[0])
    null, apart = _spread(rates, share, method)
    # The correction takes half an event from either arm.
    taken = (1.0 / first + 1.0 / second) / 2.0 if method == "continuity" else 0.0
    return float(ndtr(((gap - taken) * math.sqrt(first) - z_level * null) / apart))
