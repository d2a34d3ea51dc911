"""The assumptions of a protocol as the trial that is simulated, in days."""

from __future__ import annotations

from hepatica.errors import CommandError
from hepatica.protocol.base import DAYS_PER_MONTH
from hepatica.protocol.design import AssumedArm, AssumedSurvival, DesignAssumptions, Scenario
from hepatica.protocol.model import Protocol
from hepatica.stats.design import (
    FollowUp,
    SurvivalShape,
    TrialArm,
    TrialPlan,
    Weibull,
    exponential_from_rate,
    follow_up,
    steps,
)

#: Days between scans where the protocol plans none.
_EVERY_DAYS = 42


def trial_plan(
    protocol: Protocol, scenario: Scenario, arms: tuple[str, ...], size: int | None
) -> TrialPlan:
    """Return the trial of some arms under a scenario.

    Parameters
    ----------
    protocol : Protocol
        The study, with its assumptions.
    scenario : Scenario
        One of its scenarios.
    arms : tuple of str
        Ids of arms.
    size : int, optional
        Patients of each arm; as planned when not given.

    Raises
    ------
    CommandError
        If an arm has no size, or its curves contradict each other.
    """
    if protocol.design is None:
        raise CommandError("The protocol has no block 'design'.")
    seen = protocol.assessments
    every = seen.every_days if seen is not None else None
    planned = {one.id: size or one.planned for one in protocol.arms}
    made = []
    for name in arms:
        n, assumed = planned[name], scenario.arms[name]
        if n is None:
            raise CommandError(f"Give the arm '{name}' its planned number of patients.")
        made.append(
            TrialArm(n, _progression(assumed), survival_shape(assumed.os), assumed.response_rate)
        )
    return TrialPlan(tuple(made), follow_up_of(protocol.design), every or _EVERY_DAYS)


def follow_up_of(plan: DesignAssumptions) -> FollowUp:
    """Return accrual, follow-up and loss in days."""
    loss = (plan.loss.share, plan.loss.by.days) if plan.loss is not None else None
    return follow_up(plan.accrual.days, plan.follow_up.days, dropout=loss)


def survival_shape(assumed: AssumedSurvival) -> SurvivalShape:
    """Return the assumed curve in days."""
    if assumed.hazards:
        return steps(
            [one.start * DAYS_PER_MONTH for one in assumed.hazards],
            [one.monthly / DAYS_PER_MONTH for one in assumed.hazards],
        )
    if assumed.median is not None:
        return exponential_from_rate(0.5, assumed.median.days, shape=assumed.shape)
    if assumed.rate is None or assumed.at is None:
        raise CommandError("A curve of the design is said by a median, a rate, or hazards.")
    return exponential_from_rate(assumed.rate, assumed.at.days, shape=assumed.shape)


def _progression(assumed: AssumedArm) -> SurvivalShape:
    """Return time to progression such that, with death, progression-free survival is as assumed.

    Where both are exponential the hazard of death is taken off; otherwise the assumed curve is
    that of progression alone.
    """
    pfs, death = survival_shape(assumed.pfs), survival_shape(assumed.os)
    match pfs, death:
        case Weibull(scale=first, shape=1.0), Weibull(scale=second, shape=1.0):
            rate = 1.0 / first - 1.0 / second
            if rate <= 0.0:
                raise CommandError(
                    "Survival is assumed to be shorter than progression-free survival."
                )
            return Weibull(1.0 / rate)
        case _:
            return pfs
