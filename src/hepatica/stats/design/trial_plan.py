"""What a simulated trial assumes: arms, hazards, assessments, accrual and loss, in days."""

from __future__ import annotations

from dataclasses import dataclass

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats.design.follow_up import FollowUp
from hepatica.stats.design.survival_shapes import SurvivalShape


@dataclass(frozen=True, slots=True, eq=False)
class TrialArm:
    """One arm.

    Attributes
    ----------
    n : int
        Patients.
    progression, death : SurvivalShape
        Time to progression if nobody died, and time to death, in days. They are independent.
    response_rate : float
        Probability of a response at the first assessment of a patient who has not progressed.
    """

    n: int
    progression: SurvivalShape
    death: SurvivalShape
    response_rate: float = 0.0

    def __post_init__(self) -> None:
        _checks.count("n", self.n)
        if not 0.0 <= _checks.number("response_rate", self.response_rate) <= 1.0:
            raise InputError(f"response_rate must lie from 0 to 1; it is {self.response_rate:g}.")


@dataclass(frozen=True, slots=True, eq=False)
class TrialPlan:
    """A trial that is simulated.

    Attributes
    ----------
    arms : tuple of TrialArm
        One or two; the first is the treatment under study.
    follow_up : FollowUp
        Accrual, follow-up and loss, in days.
    every_days : int
        Days between two assessments of the tumour; progression is seen at the next one.
    """

    arms: tuple[TrialArm, ...]
    follow_up: FollowUp
    every_days: int

    def __post_init__(self) -> None:
        if not 1 <= len(self.arms) <= 2:
            raise InputError(f"A trial has one or two arms; {len(self.arms)} are given.")
        _checks.count("every_days", self.every_days)
        _checks.check_positive("duration", self.follow_up.duration)

    @property
    def n(self) -> int:
        """Patients of all arms."""
        return sum(arm.n for arm in self.arms)
