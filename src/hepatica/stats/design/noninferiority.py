"""Non-inferiority of a proportion by its difference from control.

Sources: Farrington and Manning, Stat Med 1990;9:1447 (variance under the null from rates that lie
the margin apart and have the largest likelihood); Blackwelder, Control Clin Trials 1982;3:345
(variance from the expected rates).
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
from hepatica.stats.design._binomial import ROUNDING
from hepatica.stats.design.two_proportions import check_allocation, refuse_too_large

METHODS = ("farrington-manning", "wald")


@dataclass(frozen=True, slots=True)
class NoninferiorityDesign:
    """Sizes of two arms.

    Attributes
    ----------
    n, n_control, n_treatment : int
        Patients in all and of each arm, each rounded up.
    n_control_formula : float
        What the formula gives for the control arm.
    events : float
        Expected events in all.
    power : float
        Power by the formula at the rounded sizes.
    alpha : float
        One-sided level.
    power_target, control, treatment, margin : float
        As asked.
    control_limit, treatment_limit : float
        Rates that stand for the null in the variance; those given, with method wald.
    allocation : float
        Treatment patients for each control patient.
    higher_is_better : bool
        As asked.
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
    margin: float
    control_limit: float
    treatment_limit: float
    allocation: float
    higher_is_better: bool
    method: str


def noninferiority_proportions(
    control: float,
    treatment: float,
    margin: float,
    *,
    alpha: float = 0.025,
    power: float = 0.8,
    allocation: float = 1.0,
    higher_is_better: bool = True,
    method: str = "farrington-manning",
) -> NoninferiorityDesign:
    """Return the sizes that show that treatment is worse by less than a margin.

    Parameters
    ----------
    control, treatment : float
        Expected rates, strictly between 0 and 1; often equal.
    margin : float
        Largest tolerable difference of rates, above 0.
    alpha, power : float
        One-sided level, and power.
    allocation : float
        Treatment patients for each control patient.
    higher_is_better : bool
        False when the rate counts harm: treatment may then be higher by less than the margin.
    method : {"farrington-manning", "wald"}
        Variance under the null.

    Raises
    ------
    InputError
        If treatment is expected to be worse by the margin or more, or a number cannot be used.

    Examples
    --------
    >>> found = noninferiority_proportions(0.65, 0.65, 0.15)
    >>> found.n_control, found.n
    (157, 314)
    """
    first = _checks.check_probability("control", control)
    second = _checks.check_probability("treatment", treatment)
    gap = _checks.check_probability("margin", margin)
    level, wanted = _binomial.check_errors(alpha, power)
    share = check_allocation(allocation)
    _checks.check_option("method", method, METHODS)
    sign = 1.0 if higher_is_better else -1.0
    room = sign * (second - first) + gap
    if room <= 0.0:
        raise InputError(
            f"treatment is expected to be worse than control by the margin of {gap:g} or more, so "
            "non-inferiority cannot be shown; choose a larger margin or other rates."
        )
    limits = (first, second)
    if method == "farrington-manning":
        limits = _limits(first, second, -sign * gap, share)
    null, apart = _spread(limits, share), _spread((first, second), share)
    z_level = float(ndtri(1.0 - level))
    size = (max(z_level * null + float(ndtri(wanted)) * apart, 0.0) / room) ** 2
    refuse_too_large(size * (1.0 + share))
    n_control = max(math.ceil(size * (1.0 - ROUNDING)), 1)
    n_treatment = max(math.ceil(size * share * (1.0 - ROUNDING)), 1)
    reached = n_treatment / n_control
    return NoninferiorityDesign(
        n=n_control + n_treatment,
        n_control=n_control,
        n_treatment=n_treatment,
        n_control_formula=size,
        events=n_control * first + n_treatment * second,
        power=_power((first, second), limits, (room, z_level), (n_control, reached)),
        alpha=level,
        power_target=wanted,
        control=first,
        treatment=second,
        margin=gap,
        control_limit=limits[0],
        treatment_limit=limits[1],
        allocation=share,
        higher_is_better=higher_is_better,
        method=method,
    )


def noninferiority_powers(
    n_control: npt.ArrayLike,
    control: float,
    treatment: float,
    margin: float,
    *,
    alpha: float = 0.025,
    allocation: float = 1.0,
    higher_is_better: bool = True,
    method: str = "farrington-manning",
) -> FloatArray:
    """Return the power at sizes of the control arm, for a plot.

    See `noninferiority_proportions` for the parameters; n_control has the shape (sizes,).

    Examples
    --------
    >>> (noninferiority_powers([156, 157], 0.65, 0.65, 0.15) >= 0.8).tolist()
    [False, True]
    """
    sizes = _binomial.check_sizes(n_control)
    found = noninferiority_proportions(
        control, treatment, margin, alpha=alpha, allocation=allocation,
        higher_is_better=higher_is_better, method=method,
    )  # fmt: skip
    rates, limits = (
        (found.control, found.treatment),
        (found.control_limit, found.treatment_limit),
    )
    room = (1.0 if higher_is_better else -1.0) * (rates[1] - rates[0]) + found.margin
    test = room, float(ndtri(1.0 - found.alpha))
    reached = (
        _power(
            rates, limits, test, (n, math.ceil(n * found.allocation * (1.0 - ROUNDING)) / n)
        )
        for n in sizes.tolist()
    )  # fmt: skip
    return freeze(np.fromiter(reached, dtype=np.float64))


def _spread(rates: tuple[float, float], share: float) -> float:
    first, second = rates
    return math.sqrt(first * (1.0 - first) + second * (1.0 - second) / share)


def _power(
    rates: tuple[float, float],
    limits: tuple[float, float],
    test: tuple[float, float],
    sizes: tuple[int, float],
) -> float:
    room, z_level = test
    n_control, share = sizes
    reach = room * math.sqrt(n_control) - z_level * _spread(limits, share)
    return float(ndtr(reach / _spread(rates, share)))


def _limits(first: float, second: float, apart: float, share: float) -> tuple[float, float]:
    """Return the likeliest rates with treatment - control = apart, given the expected rates.

    The score equation is a cubic in the treatment's rate with one root between the bounds.
    """
    theta = 1.0 / share
    a = 1.0 + theta
    b = -(1.0 + theta + second + theta * first + apart * (theta + 2.0))
    c = apart * apart + apart * (2.0 * second + theta + 1.0) + second + theta * first
    d = -second * apart * (1.0 + apart)
    v = b**3 / (3.0 * a) ** 3 - b * c / (6.0 * a * a) + d / (2.0 * a)
    u = math.copysign(math.sqrt(max(b * b / (3.0 * a) ** 2 - c / (3.0 * a), 0.0)), v)
    turn = 0.0 if u == 0.0 else max(-1.0, min(1.0, v / u**3))
    angle = (math.pi + math.acos(turn)) / 3.0
    found = 2.0 * u * math.cos(angle) - b / (3.0 * a)
    found = min(max(found, apart, 0.0), 1.0, 1.0 + apart)
    return found - apart, found
