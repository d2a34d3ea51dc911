"""Sizes of two-arm trials whose hazards need not be proportional.

Sources: Lakatos, Biometrics 1988;44:229 (the log-rank statistic from the shares at risk and the
hazards of both arms in small intervals); Fleming and Harrington, Counting Processes and Survival
Analysis, 1991 (weights).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.special import ndtr, ndtri

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray
from hepatica.stats.design._binomial import LARGEST_SIZE, ROUNDING, check_errors
from hepatica.stats.design.follow_up import FollowUp
from hepatica.stats.design.survival_shapes import Steps, SurvivalShape

#: Intervals between two edges of hazards or accrual; the statistic is then good to 7 digits.
_INTERVALS = 4000


@dataclass(frozen=True, slots=True)
class LakatosDesign:
    """A two-arm design by the expected log-rank statistic.

    Attributes
    ----------
    n, n_control, n_treatment : int
        Patients in all and of each arm, each rounded up.
    n_formula : float
        What the formula gives.
    events, events_control, events_treatment : float
        Events expected among them until the analysis.
    power : float
        By the formula at n.
    alpha, power_target : float
        As asked.
    sides : int
        2 when alpha is halved.
    allocation : float
        Treatment patients for each control patient.
    rho, gamma : float
        Fleming-Harrington weights; both 0 is the log-rank test.
    average_hazard_ratio : float
        Mean log hazard ratio over the expected events, as a ratio.
    """

    n: int
    n_control: int
    n_treatment: int
    n_formula: float
    events: float
    events_control: float
    events_treatment: float
    power: float
    alpha: float
    power_target: float
    sides: int
    allocation: float
    rho: float
    gamma: float
    average_hazard_ratio: float


@dataclass(frozen=True, slots=True, eq=False)
class _Course:
    """Of one patient of the trial, in small intervals since entry."""

    events_control: FloatArray
    events_treatment: FloatArray
    at_risk: FloatArray
    share_treatment: FloatArray
    hazard_ratio: FloatArray


def lakatos_design(
    control: SurvivalShape,
    treatment: SurvivalShape,
    plan: FollowUp,
    *,
    alpha: float = 0.05,
    power: float = 0.8,
    sides: int = 2,
    allocation: float = 1.0,
    weights: tuple[float, float] = (0.0, 0.0),
) -> LakatosDesign:
    """Return how many patients a (weighted) log-rank test needs under any two hazards.

    Parameters
    ----------
    control, treatment : SurvivalShape
        Survival of the arms; delayed and fading effects are hazards in `steps`.
    plan : FollowUp
        Accrual, also in a ramp, follow-up and loss.
    alpha, power : float
        Level and power.
    sides : {2, 1}
        Of the test.
    allocation : float
        Treatment patients for each control patient.
    weights : pair of float
        Rho and gamma of Fleming and Harrington.

    Raises
    ------
    InputError
        If the statistic is expected to show no difference, or favours control.

    Examples
    --------
    >>> from hepatica.stats.design.follow_up import follow_up
    >>> from hepatica.stats.design.survival_shapes import steps
    >>> late = steps([0, 3], [0.1, 0.05])
    >>> plan = follow_up(12, 12)
    >>> lakatos_design(steps([0], [0.1]), late, plan).n
    218
    >>> lakatos_design(steps([0], [0.1]), late, plan, weights=(0, 1)).n
    156
    """
    level, wanted = check_errors(alpha, power)
    _checks.check_sides(sides)
    share = _checks.check_positive("allocation", allocation) / (1.0 + allocation)
    rho, gamma = (_checks.number("weights", one) for one in weights)
    if rho < 0.0 or gamma < 0.0:
        raise InputError("The weights rho and gamma must be 0 or more.")
    course = _course(control, treatment, plan, share)
    statistic = _statistic(course, rho, gamma)
    if statistic <= 0.0:
        raise InputError(
            "The test is expected to show no advantage of treatment over these hazards, accrual "
            "and follow-up. Exchange the arms, or look at the hazards."
        )
    tail = -float(ndtri(level / sides))
    formula = ((tail + float(ndtri(wanted))) / statistic) ** 2
    if formula > LARGEST_SIZE:
        raise InputError(f"More than {LARGEST_SIZE:,} patients would be needed.")
    arms = [math.ceil(formula * one * (1.0 - ROUNDING)) for one in (1.0 - share, share)]
    n = sum(arms)
    events = n * course.events_control.sum(), n * course.events_treatment.sum()
    weighted = course.events_control + course.events_treatment
    return LakatosDesign(
        n=n,
        n_control=arms[0],
        n_treatment=arms[1],
        n_formula=formula,
        events=float(sum(events)),
        events_control=float(events[0]),
        events_treatment=float(events[1]),
        power=float(ndtr(math.sqrt(n) * statistic - tail)),
        alpha=level,
        power_target=wanted,
        sides=sides,
        allocation=allocation,
        rho=rho,
        gamma=gamma,
        average_hazard_ratio=_average(course.hazard_ratio, weighted),
    )


def _course(
    control: SurvivalShape, treatment: SurvivalShape, plan: FollowUp, share: float
) -> _Course:
    """Return events and shares at risk in intervals, by the mean of their two ends."""
    edges = _edges(control, treatment, plan)
    middle = (edges[1:] + edges[:-1]) / 2.0
    watched = plan.watched(middle)
    arms = []
    for shape, part in ((control, 1.0 - share), (treatment, share)):
        passed = np.diff(shape.cumulative_hazard(edges))
        at_risk = part * watched * np.exp(-shape.cumulative_hazard(middle))
        arms.append((passed, at_risk))
    (hazard_0, risk_0), (hazard_1, risk_1) = arms
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(hazard_0 > 0.0, hazard_1 / hazard_0, np.inf)
        treated = np.where(risk_0 + risk_1 > 0.0, risk_1 / (risk_0 + risk_1), share)
    return _Course(risk_0 * hazard_0, risk_1 * hazard_1, risk_0 + risk_1, treated, ratio)


def _edges(control: SurvivalShape, treatment: SurvivalShape, plan: FollowUp) -> FloatArray:
    """Return the ends of small intervals; no hazard or accrual has an edge within one."""
    starts = [one.starts for one in (control, treatment) if isinstance(one, Steps)]
    known = np.unique(np.concatenate([plan.breaks(), *starts]))
    known = known[known <= plan.duration]
    # Cubes of even parts are small near 0, where a Weibull hazard can be without limit.
    first = np.linspace(0.0, 1.0, _INTERVALS + 1) ** 3 * known[1]
    rest = [np.linspace(low, high, _INTERVALS + 1)[1:] for low, high in pairwise(known[1:])]
    found: FloatArray = np.concatenate([first, *rest])
    return found


def _statistic(course: _Course, rho: float, gamma: float) -> float:
    """Return the expected statistic of one patient; positive when treatment is better."""
    events = course.events_control + course.events_treatment
    treated = course.share_treatment
    hazard = np.divide(events, course.at_risk, out=np.zeros_like(events), where=course.at_risk > 0)
    before = np.exp(hazard / 2.0 - np.cumsum(hazard))
    weight = before**rho * (1.0 - before) ** gamma
    score = weight * (events * treated - course.events_treatment)
    variance = weight**2 * events * treated * (1.0 - treated)
    return float(score.sum() / math.sqrt(variance.sum()))


def _average(ratio: FloatArray, events: FloatArray) -> float:
    used = (events > 0.0) & np.isfinite(ratio) & (ratio > 0.0)
    if not used.any():
        return math.nan
    return float(np.exp((np.log(ratio[used]) * events[used]).sum() / events[used].sum()))
