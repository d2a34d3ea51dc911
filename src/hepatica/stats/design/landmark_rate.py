"""Sizes of single-arm trials that test the Kaplan-Meier rate at one time.

Sources: Brookmeyer and Crowley, Biometrics 1982;38:29 and Borgan and Liestol, Scand J Stat
1990;17:35 (transformations); Greenwood's variance under the assumed curve and accrual.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, freeze
from hepatica.stats.design._binomial import LARGEST_SIZE, ROUNDING, check_errors, check_sizes
from hepatica.stats.design.follow_up import FollowUp, integrated
from hepatica.stats.design.survival_shapes import SurvivalShape

#: Transformation of survival and its derivative.
_SCALES: dict[str, tuple[Callable[[float], float], Callable[[float], float]]] = {
    "plain": (lambda s: s, lambda _s: 1.0),
    "log": (math.log, lambda s: 1.0 / s),
    "log-log": (lambda s: -math.log(-math.log(s)), lambda s: -1.0 / (s * math.log(s))),
    "logit": (lambda s: math.log(s / (1.0 - s)), lambda s: 1.0 / (s * (1.0 - s))),
    "arcsine": (lambda s: math.asin(math.sqrt(s)), lambda s: 0.5 / math.sqrt(s * (1.0 - s))),
}
SCALES = tuple(_SCALES)


@dataclass(frozen=True, slots=True)
class LandmarkRateDesign:
    """A single-arm design with a test of survival at one time.

    Attributes
    ----------
    n : int
        Patients.
    n_formula : float
        What the formula gives.
    events : float
        Expected by the time under the alternative, with accrual and loss.
    power : float
        By the formula at n.
    alpha, power_target : float
        As asked.
    sides : int
        2 when alpha is halved for the upper tail.
    time, null, alternative : float
        The time, and survival at it.
    scale : str
        Transformation of the test.
    """

    n: int
    n_formula: float
    events: float
    power: float
    alpha: float
    power_target: float
    sides: int
    time: float
    null: float
    alternative: float
    scale: str


@dataclass(frozen=True, slots=True)
class _Test:
    """Of one patient: the difference on the scale, and its spread under either curve."""

    rates: tuple[float, float]
    difference: float
    spreads: tuple[float, float]

    def powers(self, n: npt.ArrayLike, tail: float) -> FloatArray:
        reach = np.sqrt(n) * self.difference + self.spreads[0] * ndtri(tail)
        found: FloatArray = ndtr(reach / self.spreads[1])
        return found


def landmark_rate_design(
    null: SurvivalShape,
    alternative: SurvivalShape,
    plan: FollowUp,
    *,
    time: float,
    alpha: float = 0.05,
    power: float = 0.8,
    sides: int = 2,
    scale: str = "log-log",
) -> LandmarkRateDesign:
    """Return how many patients a test of the Kaplan-Meier rate at a time needs.

    Parameters
    ----------
    null, alternative : SurvivalShape
        Survival before and as hoped for.
    plan : FollowUp
        Accrual, follow-up and loss.
    time : float
        Some patients are watched for longer than this.
    alpha, power : float
        Level and power.
    sides : {2, 1}
        2 halves alpha; only the upper tail is counted as power.
    scale : {"log-log", "plain", "log", "logit", "arcsine"}
        Transformation on which the estimate is compared with the null.

    Returns
    -------
    LandmarkRateDesign
        (z std under null + z std under alternative)^2 / difference^2, each by Greenwood's variance
        under its own curve.

    Raises
    ------
    InputError
        If the alternative is not higher at the time, nobody is watched so long, or the numbers
        cannot be used.

    Examples
    --------
    >>> from hepatica.stats.design.follow_up import follow_up
    >>> from hepatica.stats.design.survival_shapes import exponential_from_rate
    >>> null, better = exponential_from_rate(0.65, 3), exponential_from_rate(0.80, 3)
    >>> landmark_rate_design(null, better, follow_up(12, 18), time=3, scale="plain").n
    72
    """
    level, wanted = check_errors(alpha, power)
    _checks.check_sides(sides)
    at = _checks.check_positive("time", time)
    test = _test((null, alternative), plan, at, scale)
    upper = -float(ndtri(level / sides))
    reach = test.spreads[0] * upper + test.spreads[1] * float(ndtri(wanted))
    formula = (reach / test.difference) ** 2
    if formula > LARGEST_SIZE:
        raise InputError(f"More than {LARGEST_SIZE:,} patients would be needed.")
    n = max(1, math.ceil(formula * (1.0 - ROUNDING)))
    return LandmarkRateDesign(
        n=n,
        n_formula=formula,
        events=n * _events_by(alternative, plan, at),
        power=float(test.powers(n, level / sides)),
        alpha=level,
        power_target=wanted,
        sides=sides,
        time=at,
        null=test.rates[0],
        alternative=test.rates[1],
        scale=scale,
    )


def landmark_rate_powers(
    n: npt.ArrayLike,
    null: SurvivalShape,
    alternative: SurvivalShape,
    plan: FollowUp,
    *,
    time: float,
    alpha: float = 0.05,
    sides: int = 2,
    scale: str = "log-log",
) -> FloatArray:
    """Return the power of a test of the rate at a time at sizes, for a plot.

    See `landmark_rate_design` for the parameters; n has the shape (sizes,).

    Examples
    --------
    >>> from hepatica.stats.design.follow_up import follow_up
    >>> from hepatica.stats.design.survival_shapes import exponential_from_rate
    >>> null, better = exponential_from_rate(0.65, 3), exponential_from_rate(0.80, 3)
    >>> found = landmark_rate_powers([71, 72], null, better, follow_up(12, 18), time=3,
    ...                              scale="plain")
    >>> (found >= 0.8).tolist()
    [False, True]
    """
    sizes = check_sizes(n)
    level = _checks.check_probability("alpha", alpha)
    _checks.check_sides(sides)
    test = _test((null, alternative), plan, _checks.check_positive("time", time), scale)
    return freeze(test.powers(sizes, level / sides))


def _test(
    curves: tuple[SurvivalShape, SurvivalShape], plan: FollowUp, at: float, scale: str
) -> _Test:
    _checks.check_option("scale", scale, SCALES)
    rates = _rate(curves[0], at), _rate(curves[1], at)
    _check(rates, plan, at)
    value, slope = _SCALES[scale]
    first, second = (
        _spread(shape, rate, plan, at) * slope(rate)
        for shape, rate in zip(curves, rates, strict=True)
    )
    return _Test(rates, value(rates[1]) - value(rates[0]), (first, second))


def _rate(shape: SurvivalShape, at: float) -> float:
    return math.exp(-float(shape.cumulative_hazard(at)))


def _check(rates: tuple[float, float], plan: FollowUp, at: float) -> None:
    if not 0.0 < rates[0] < rates[1] < 1.0:
        raise InputError(
            "Survival at the time must be higher under the alternative, and between 0 and 1."
        )
    if float(plan.watched(at)) <= 0.0:
        raise InputError(
            f"Nobody is watched for {at:g}: accrual and follow-up are {plan.duration:g} together."
        )


def _spread(shape: SurvivalShape, rate: float, plan: FollowUp, at: float) -> float:
    """Return S sqrt(integral of the hazard over the share still at risk), for one patient."""

    def inner(hazard: float) -> float:
        time = float(shape.quantile(hazard))
        return math.exp(hazard) / float(plan.watched(time))

    return rate * math.sqrt(_over_hazard(inner, shape, plan, at))


def _events_by(shape: SurvivalShape, plan: FollowUp, at: float) -> float:
    def inner(hazard: float) -> float:
        return math.exp(-hazard) * float(plan.watched(float(shape.quantile(hazard))))

    return _over_hazard(inner, shape, plan, at)


def _over_hazard(
    inner: Callable[[float], float], shape: SurvivalShape, plan: FollowUp, at: float
) -> float:
    edges = [0.0, *(float(one) for one in plan.breaks() if 0.0 < one < at), at]
    ends = [float(shape.cumulative_hazard(one)) for one in edges]
    parts = (integrated(inner, low, high) for low, high in pairwise(ends))
    return sum(parts)
