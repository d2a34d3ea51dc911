"""Sizes of two-arm trials with a log-rank test under proportional hazards.

Sources: Schoenfeld, Biometrika 1981;68:316 and Biometrics 1983;39:499; Freedman, Stat Med
1982;1:121; Lachin and Foulkes, Biometrics 1986;42:507 (probability of an event with accrual and
loss); Chow, Shao and Wang, Sample Size Calculations in Clinical Research (non-inferiority).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import ndtr, ndtri

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats.design._binomial import LARGEST_SIZE, ROUNDING, check_errors
from hepatica.stats.design.follow_up import FollowUp
from hepatica.stats.design.survival_shapes import SurvivalShape, times_hazard

METHODS = ("schoenfeld", "freedman")


@dataclass(frozen=True, slots=True)
class EventsDesign:
    """How many events a log-rank test of two arms needs.

    Attributes
    ----------
    events : int
        Events in both arms.
    events_formula : float
        What the formula gives.
    power : float
        By the formula at the events.
    alpha, power_target : float
        As asked.
    sides : int
        2 when alpha is halved.
    hazard_ratio, margin : float
        Treatment against control, expected and at the limit of the null (1 for superiority).
    allocation : float
        Treatment patients for each control patient.
    method : str
        As given.
    """

    events: int
    events_formula: float
    power: float
    alpha: float
    power_target: float
    sides: int
    hazard_ratio: float
    margin: float
    allocation: float
    method: str


@dataclass(frozen=True, slots=True)
class TwoArmLogRankDesign:
    """How many patients give the events that a log-rank test of two arms needs.

    Attributes
    ----------
    n, n_control, n_treatment : int
        Patients in all and of each arm, each rounded up.
    n_formula : float
        Events over the probability of an event.
    events : EventsDesign
        The events that are needed.
    event_probability, event_probability_control, event_probability_treatment : float
        Of a patient until the analysis: of all, and by arm.
    power : float
        As that of the events.
    alpha : float
        As asked.
    accrual, follow_up, dropout_hazard : float
        As in the plan.
    """

    n: int
    n_control: int
    n_treatment: int
    n_formula: float
    events: EventsDesign
    event_probability: float
    event_probability_control: float
    event_probability_treatment: float
    power: float
    alpha: float
    accrual: float
    follow_up: float
    dropout_hazard: float


def logrank_events(
    hazard_ratio: float,
    *,
    alpha: float = 0.05,
    power: float = 0.8,
    sides: int = 2,
    allocation: float = 1.0,
    margin: float = 1.0,
    method: str = "schoenfeld",
) -> EventsDesign:
    """Return how many events a log-rank test needs.

    Parameters
    ----------
    hazard_ratio : float
        Treatment against control as expected; below the margin.
    alpha, power : float
        Level and power.
    sides : {2, 1}
        Of the test; non-inferiority is commonly tested on one side at .025.
    allocation : float
        Treatment patients for each control patient.
    margin : float
        1 for superiority; above 1 the largest hazard ratio that is not inferior.
    method : {"schoenfeld", "freedman"}
        Freedman's formula is for superiority alone.

    Raises
    ------
    InputError
        If the numbers cannot be used.

    Examples
    --------
    >>> logrank_events(0.5).events, logrank_events(0.5, method="freedman").events
    (66, 71)
    """
    level, wanted = check_errors(alpha, power)
    _checks.check_sides(sides)
    _checks.check_option("method", method, METHODS)
    ratio = _checks.check_positive("hazard_ratio", hazard_ratio)
    limit = _checks.check_positive("margin", margin)
    share = _checks.check_positive("allocation", allocation)
    if ratio == limit or (limit != 1.0 and ratio > limit):
        raise InputError(
            f"The hazard ratio must differ from 1, and lie below the margin of non-inferiority; "
            f"it is {ratio:g}, the margin {limit:g}."
        )
    if method == "freedman" and limit != 1.0:
        raise InputError("Freedman's formula is for superiority: leave out the margin.")
    needed = (-ndtri(level / sides) + ndtri(wanted)) ** 2 / _information(
        ratio, limit, share, method
    )
    if needed > LARGEST_SIZE:
        raise InputError(f"More than {LARGEST_SIZE:,} events would be needed.")
    events = math.ceil(needed * (1.0 - ROUNDING))
    reached = math.sqrt(events * _information(ratio, limit, share, method)) + ndtri(level / sides)
    return EventsDesign(
        events=events,
        events_formula=float(needed),
        power=float(ndtr(reached)),
        alpha=level,
        power_target=wanted,
        sides=sides,
        hazard_ratio=ratio,
        margin=limit,
        allocation=share,
        method=method,
    )


def two_arm_logrank_design(
    control: SurvivalShape, needed: EventsDesign, plan: FollowUp
) -> TwoArmLogRankDesign:
    """Return how many patients give the events that a log-rank test of two arms needs.

    Parameters
    ----------
    control : SurvivalShape
        Survival of the control arm.
    needed : EventsDesign
        What `logrank_events` found; its hazard ratio gives survival of the treatment arm.
    plan : FollowUp
        Accrual, follow-up and loss.

    Raises
    ------
    InputError
        If the curve cannot be used.

    Examples
    --------
    >>> from hepatica.stats.design.follow_up import follow_up
    >>> from hepatica.stats.design.survival_shapes import exponential_from_rate
    >>> control = exponential_from_rate(0.5, 6)
    >>> two_arm_logrank_design(control, logrank_events(0.7), follow_up(12, 12)).n
    306
    """
    share = needed.allocation / (1.0 + needed.allocation)
    by_arm = (
        plan.expected(control),
        plan.expected(times_hazard(control, needed.hazard_ratio)),
    )
    probability = (1.0 - share) * by_arm[0] + share * by_arm[1]
    formula = needed.events_formula / probability
    arms = [math.ceil(formula * one * (1.0 - ROUNDING)) for one in (1.0 - share, share)]
    return TwoArmLogRankDesign(
        n=sum(arms),
        n_control=arms[0],
        n_treatment=arms[1],
        n_formula=formula,
        events=needed,
        event_probability=probability,
        event_probability_control=by_arm[0],
        event_probability_treatment=by_arm[1],
        power=needed.power,
        alpha=needed.alpha,
        accrual=plan.accrual,
        follow_up=plan.follow_up,
        dropout_hazard=plan.dropout_hazard,
    )


def _information(ratio: float, margin: float, allocation: float, method: str) -> float:
    """Return what one event adds to the squared expectation of the test."""
    if method == "freedman":
        return allocation * (1.0 - ratio) ** 2 / (1.0 + allocation * ratio) ** 2
    share = allocation / (1.0 + allocation)
    return share * (1.0 - share) * math.log(ratio / margin) ** 2
