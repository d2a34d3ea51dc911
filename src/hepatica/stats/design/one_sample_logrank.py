"""Sizes of single-arm trials whose test compares a whole survival curve with a known one.

Sources: Wu, Pharm Stat 2015;14:26 (exact variance under the alternative; the test with variance E);
Wu, J Biom Biostat 2014;5:210 (the test with variance (O + E) / 2); Finkelstein, Muzikansky and
Schoenfeld, J Natl Cancer Inst 2003;95:1434.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, freeze
from hepatica.stats.design._binomial import LARGEST_SIZE, ROUNDING, check_errors, check_sizes
from hepatica.stats.design.follow_up import FollowUp
from hepatica.stats.design.survival_shapes import SurvivalShape

VARIANCES = ("expected", "wu")


@dataclass(frozen=True, slots=True)
class OneSampleLogRankDesign:
    """A single-arm design with a one-sample log-rank test.

    Attributes
    ----------
    n : int
        Patients.
    n_formula : float
        What the formula gives.
    events, expected_events : float
        Events expected under the alternative; those that the null curve lets expect of the same
        patients.
    power : float
        By the formula at n.
    alpha, power_target : float
        As asked.
    sides : int
        2 when alpha is halved for the tail of better survival.
    event_probability : float
        Of one patient under the alternative.
    accrual, follow_up, dropout_hazard : float
        As in the plan.
    variance : str
        As given.
    """

    n: int
    n_formula: float
    events: float
    expected_events: float
    power: float
    alpha: float
    power_target: float
    sides: int
    event_probability: float
    accrual: float
    follow_up: float
    dropout_hazard: float
    variance: str


@dataclass(frozen=True, slots=True)
class _Moments:
    """Of one patient's N - H0(X) under the alternative."""

    mean: float
    std: float
    null_std: float
    events: float
    expected: float


def one_sample_logrank_design(
    null: SurvivalShape,
    alternative: SurvivalShape,
    plan: FollowUp,
    *,
    alpha: float = 0.05,
    power: float = 0.8,
    sides: int = 2,
    variance: str = "expected",
) -> OneSampleLogRankDesign:
    """Return how many patients a one-sample log-rank test needs.

    Parameters
    ----------
    null, alternative : SurvivalShape
        Survival before and as hoped for; on the whole the alternative is better.
    plan : FollowUp
        Accrual, follow-up and loss, in the same unit of time.
    alpha, power : float
        Level and power.
    sides : {2, 1}
        2 halves alpha; only the tail of better survival is counted as power.
    variance : {"expected", "wu"}
        Variance of the test: E, or (O + E) / 2, which keeps its level better in small trials. That
        of the difference under the alternative is the exact one in both.

    Raises
    ------
    InputError
        If the alternative is not better, or the numbers cannot be used.

    Examples
    --------
    >>> from hepatica.stats.design.follow_up import follow_up
    >>> from hepatica.stats.design.survival_shapes import exponential_from_rate
    >>> null, better = exponential_from_rate(0.65, 3), exponential_from_rate(0.80, 3)
    >>> one_sample_logrank_design(null, better, follow_up(12, 18)).n
    24
    """
    level, wanted = check_errors(alpha, power)
    _checks.check_sides(sides)
    found = _moments(null, alternative, plan, variance)
    upper, lower = -ndtri(level / sides), ndtri(wanted)
    formula = ((found.null_std * upper + found.std * lower) / found.mean) ** 2
    if formula > LARGEST_SIZE:
        raise InputError(
            f"More than {LARGEST_SIZE:,} patients would be needed; the curves are too close."
        )
    n = max(1, math.ceil(formula * (1.0 - ROUNDING)))
    return OneSampleLogRankDesign(
        n=n,
        n_formula=float(formula),
        events=n * found.events,
        expected_events=n * found.expected,
        power=_power(n, found, level / sides),
        alpha=level,
        power_target=wanted,
        sides=sides,
        event_probability=found.events,
        accrual=plan.accrual,
        follow_up=plan.follow_up,
        dropout_hazard=plan.dropout_hazard,
        variance=variance,
    )


def one_sample_logrank_power(
    n: int,
    null: SurvivalShape,
    alternative: SurvivalShape,
    plan: FollowUp,
    *,
    alpha: float = 0.05,
    sides: int = 2,
    variance: str = "expected",
) -> float:
    """Return the power of a one-sample log-rank test in so many patients.

    See `one_sample_logrank_design` for the parameters.

    Examples
    --------
    >>> from hepatica.stats.design.follow_up import follow_up
    >>> from hepatica.stats.design.survival_shapes import exponential_from_rate
    >>> null, better = exponential_from_rate(0.65, 3), exponential_from_rate(0.80, 3)
    >>> one_sample_logrank_power(24, null, better, follow_up(12, 18)) > 0.8
    True
    """
    size = _checks.count("n", n)
    level = _checks.check_probability("alpha", alpha)
    _checks.check_sides(sides)
    return _power(size, _moments(null, alternative, plan, variance), level / sides)


def one_sample_logrank_powers(
    n: npt.ArrayLike,
    null: SurvivalShape,
    alternative: SurvivalShape,
    plan: FollowUp,
    *,
    alpha: float = 0.05,
    sides: int = 2,
    variance: str = "expected",
) -> FloatArray:
    """Return the power of a one-sample log-rank test at sizes, for a plot.

    See `one_sample_logrank_design` for the parameters; n has the shape (sizes,).

    Examples
    --------
    >>> from hepatica.stats.design.follow_up import follow_up
    >>> from hepatica.stats.design.survival_shapes import exponential_from_rate
    >>> null, better = exponential_from_rate(0.65, 3), exponential_from_rate(0.80, 3)
    >>> one_sample_logrank_powers([23, 24], null, better, follow_up(12, 18)).round(3).tolist()
    [0.797, 0.812]
    """
    sizes = check_sizes(n)
    level = _checks.check_probability("alpha", alpha)
    _checks.check_sides(sides)
    found = _moments(null, alternative, plan, variance)
    return freeze(_powers(sizes, found, level / sides))


def _moments(
    null: SurvivalShape, alternative: SurvivalShape, plan: FollowUp, variance: str
) -> _Moments:
    """Return the moments by integrals over the patients' cumulative hazard (Wu 2015, section 3)."""
    _checks.check_option("variance", variance, VARIANCES)
    events = plan.expected(alternative)
    expected = plan.expected(alternative, null)
    mean = expected - events
    if mean <= 0.0:
        raise InputError(
            "Survival under the alternative must be better than under the null. Exchange them, or "
            "look at the rates."
        )

    def null_hazard(time: float) -> float:
        return float(null.cumulative_hazard(time))

    squared = 2.0 * plan.integral(alternative, null_hazard, null)
    mixed = plan.integral(alternative, null_hazard, alternative)
    spread = events - events**2 + squared - expected**2 - 2.0 * (mixed - events * expected)
    test = (events + expected) / 2.0 if variance == "wu" else expected
    return _Moments(mean, math.sqrt(spread), math.sqrt(test), events, expected)


def _power(n: int, found: _Moments, tail: float) -> float:
    return float(_powers(np.array([n]), found, tail)[0])


def _powers(n: npt.NDArray[Any], found: _Moments, tail: float) -> FloatArray:
    reached: FloatArray = ndtr((np.sqrt(n) * found.mean + found.null_std * ndtri(tail)) / found.std)
    return reached
