"""Patients of simulated trials, drawn as arrays, and what a trial would record of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hepatica.stats import _checks
from hepatica.stats._checks import IntArray, freeze
from hepatica.stats.design.follow_up import FollowUp
from hepatica.stats.design.trial_plan import TrialArm, TrialPlan

BoolArray = npt.NDArray[np.bool_]
#: Later than any day of a trial.
_NEVER = np.int32(2**30)
#: Points at which the distribution of accrual is inverted.
_ACCRUAL_POINTS = 2001


@dataclass(frozen=True, slots=True, eq=False)
class DrawnPatients:
    """Days of r trials of n patients; day 0 is the first dose, `_NEVER` stands for none.

    Attributes
    ----------
    entry : int array (r, n)
        Day of the first dose since the first day of accrual.
    progression, death : int array (r, n)
        Days on which the tumour has grown, seen or not, and of death.
    last_contact : int array (r, n)
        Last day on which the patient is known of: loss, or the end of the trial.
    responds : bool array (r, n)
        Whether a first assessment without progression shows a response.
    arm : int array (n,)
        0 for the first arm.
    """

    entry: IntArray
    progression: IntArray
    death: IntArray
    last_contact: IntArray
    responds: BoolArray
    arm: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class RecordedTimes:
    """What r trials of n patients record; times count both ends.

    Attributes
    ----------
    pfs_time, os_time : int array (r, n)
        Days.
    pfs_event, os_event : bool array (r, n)
        Progression or death; death.
    response : bool array (r, n)
        Complete or partial response.
    arm : int array (n,)
        0 for the first arm.
    """

    pfs_time: IntArray
    pfs_event: BoolArray
    os_time: IntArray
    os_event: BoolArray
    response: BoolArray
    arm: IntArray


def draw_patients(plan: TrialPlan, trials: int, generator: np.random.Generator) -> DrawnPatients:
    """Draw the patients of so many trials.

    Parameters
    ----------
    plan : TrialPlan
        What is assumed.
    trials : int
        Number of trials r.
    generator : numpy.random.Generator
        Source of randomness.

    Examples
    --------
    >>> from hepatica.stats.design.follow_up import follow_up
    >>> from hepatica.stats.design.survival_shapes import Weibull
    >>> arm = TrialArm(28, Weibull(150.0), Weibull(400.0), 0.1)
    >>> plan = TrialPlan((arm,), follow_up(365, 540), 42)
    >>> draw_patients(plan, 3, np.random.default_rng(1)).death.shape
    (3, 28)
    """
    trials = _checks.count("trials", trials)
    _checks.check_generator(generator)
    parts = [_arm_days(arm, trials, generator) for arm in plan.arms]
    shape = (trials, plan.n)
    entry = _entry_days(plan.follow_up, shape, generator)
    last = np.int32(plan.follow_up.duration) - entry
    if plan.follow_up.dropout_hazard > 0.0:
        lost = generator.standard_exponential(shape, dtype=np.float32)
        lost /= np.float32(plan.follow_up.dropout_hazard)
        last = np.minimum(last, _days(lost))
    arms = np.repeat(np.arange(len(plan.arms)), [arm.n for arm in plan.arms])
    return DrawnPatients(
        entry=freeze(entry),
        progression=freeze(np.concatenate([one[0] for one in parts], axis=1)),
        death=freeze(np.concatenate([one[1] for one in parts], axis=1)),
        last_contact=freeze(last),
        responds=freeze(np.concatenate([one[2] for one in parts], axis=1)),
        arm=freeze(arms),
    )


def recorded(drawn: DrawnPatients, every_days: int) -> RecordedTimes:
    """Return what a trial records of patients who are assessed every so many days.

    Parameters
    ----------
    drawn : DrawnPatients
        Their days.
    every_days : int
        Progression is seen at the first assessment on or after it, when patient and trial last so
        long; a patient without an assessment is censored on the day of the first dose.

    Notes
    -----
    As the preset ``pfs``: death without progression seen before it is an event on its day; others
    are censored at the last assessment. The last contact counts; an assessment may be on it.
    """
    every = np.int32(every_days)
    known = np.minimum(drawn.death, drawn.last_contact)
    # The assessment on or after progression; that on the day of the first dose is baseline.
    seen = np.maximum(-(-drawn.progression // every), 1) * every
    progressed = seen <= known
    died = drawn.death <= drawn.last_contact
    pfs = np.where(progressed, seen, np.where(died, drawn.death, known // every * every))
    first = every <= known
    return RecordedTimes(
        pfs_time=freeze(pfs + 1),
        pfs_event=freeze(progressed | died),
        os_time=freeze(known + 1),
        os_event=freeze(died),
        response=freeze(drawn.responds & first & (seen > every)),
        arm=drawn.arm,
    )


def _arm_days(
    arm: TrialArm, trials: int, generator: np.random.Generator
) -> tuple[IntArray, IntArray, BoolArray]:
    shape = (trials, arm.n)
    progression = arm.progression.quantile(generator.standard_exponential(shape))
    death = arm.death.quantile(generator.standard_exponential(shape))
    responds = generator.random(shape, dtype=np.float32) < arm.response_rate
    return _days(progression), _days(death), responds


def _days(time: npt.NDArray[np.floating]) -> IntArray:
    """Return the whole day in which a time lies; a day has to be begun to count."""
    found: IntArray = np.minimum(time, np.float64(_NEVER)).astype(np.int32)
    return found


def _entry_days(plan: FollowUp, shape: tuple[int, int], generator: np.random.Generator) -> IntArray:
    if plan.accrual == 0.0:
        return np.zeros(shape, dtype=np.int32)
    share = generator.random(shape, dtype=np.float32)
    if len(plan.ramp_starts) == 1:
        return _days(share * np.float32(plan.accrual))
    points = np.linspace(0.0, plan.accrual, _ACCRUAL_POINTS)
    return _days(np.interp(share, plan.enrolled(points), points))
