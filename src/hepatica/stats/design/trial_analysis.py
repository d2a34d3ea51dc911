"""The analysis of many simulated trials at once: one row of every array is one trial."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import bdtrc, ndtr

from hepatica.errors import InputError
from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats.design.survival_shapes import SurvivalShape
from hepatica.stats.design.trial_draws import RecordedTimes
from hepatica.stats.proportions import proportion_ci
from hepatica.stats.survival import cox_batch, kaplan_meier_batch, logrank_batch

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class SingleArmTrials:
    """Results of r trials of one arm.

    Attributes
    ----------
    n : int
        Patients of each trial.
    pfs_events, os_events, responses : int array (r,)
        Counts.
    pfs_median, pfs_median_lower, pfs_median_upper : float array (r,)
        Days, Kaplan-Meier with Brookmeyer-Crowley log-log limits; NaN when not reached.
    os_median : float array (r,)
        Days.
    pfs_rate, pfs_rate_lower, pfs_rate_upper : float array (r,)
        Kaplan-Meier survival at the landmark, log-log limits.
    rate_z, rate_p : float array (r,)
        Log-log Wald test of the rate against the null, and its two-sided P value.
    logrank_z, logrank_p : float array (r,)
        One-sample log-rank test against the null curve, negative when better, and its P value.
    response_rate, response_lower, response_upper : float array (r,)
        With Clopper-Pearson limits.
    response_p : float array (r,)
        Exact one-sided P value against the null rate; 1 where no null rate is given.
    """

    n: int
    pfs_events: IntArray
    os_events: IntArray
    responses: IntArray
    pfs_median: FloatArray
    pfs_median_lower: FloatArray
    pfs_median_upper: FloatArray
    os_median: FloatArray
    pfs_rate: FloatArray
    pfs_rate_lower: FloatArray
    pfs_rate_upper: FloatArray
    rate_z: FloatArray
    rate_p: FloatArray
    logrank_z: FloatArray
    logrank_p: FloatArray
    response_rate: FloatArray
    response_lower: FloatArray
    response_upper: FloatArray
    response_p: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class TwoArmTrials:
    """Results of r trials of two arms; the first against the second.

    Attributes
    ----------
    n : int array (2,)
        Patients of each arm.
    events : int array (r, 2)
        Events by arm.
    median : float array (r, 2)
        Days by arm; NaN when not reached.
    logrank_z, logrank_p : float array (r,)
        Negative when the first arm is better; two-sided P value.
    hazard_ratio, lower, upper : float array (r,)
        Cox model, Efron ties, Wald limits; NaN where there is no finite estimate.
    responses : int array (r, 2)
        Responses by arm.
    """

    n: IntArray
    events: IntArray
    median: FloatArray
    logrank_z: FloatArray
    logrank_p: FloatArray
    hazard_ratio: FloatArray
    lower: FloatArray
    upper: FloatArray
    responses: IntArray


def analyse_single_arm(
    trials: RecordedTimes,
    null: SurvivalShape,
    *,
    landmark: float,
    null_response: float | None = None,
    conf_level: float = 0.95,
) -> SingleArmTrials:
    """Analyse trials of one arm.

    Parameters
    ----------
    trials : RecordedTimes
        What was recorded.
    null : SurvivalShape
        Progression-free survival before, in days.
    landmark : float
        Day at which the rate is read.
    null_response : float, optional
        Response rate before.
    conf_level : float
        Confidence level of all limits.
    """
    n = trials.pfs_time.shape[1]
    pfs = kaplan_meier_batch(
        trials.pfs_time, trials.pfs_event, landmarks=[landmark], conf_level=conf_level
    )
    overall = kaplan_meier_batch(trials.os_time, trials.os_event, conf_level=conf_level)
    z = _rate_z(pfs.survival[:, 0], pfs.std_error[:, 0], null, landmark)
    # Times count both ends, and the hazard starts with the first of them.
    expected = _by_day(trials.pfs_time, null).sum(axis=1)
    logrank = (pfs.n_events - expected) / np.sqrt(expected)
    responses = np.count_nonzero(trials.response, axis=1)
    limits = np.array([_limits(k, n, conf_level) for k in range(n + 1)])
    return SingleArmTrials(
        n=n,
        pfs_events=pfs.n_events,
        os_events=overall.n_events,
        responses=freeze(responses),
        pfs_median=pfs.estimate,
        pfs_median_lower=pfs.lower,
        pfs_median_upper=pfs.upper,
        os_median=overall.estimate,
        pfs_rate=pfs.survival[:, 0],
        pfs_rate_lower=pfs.survival_lower[:, 0],
        pfs_rate_upper=pfs.survival_upper[:, 0],
        rate_z=freeze(z),
        rate_p=freeze(_two_sided(z)),
        logrank_z=freeze(logrank),
        logrank_p=freeze(_two_sided(logrank)),
        response_rate=freeze(responses / n),
        response_lower=freeze(limits[responses, 0]),
        response_upper=freeze(limits[responses, 1]),
        response_p=freeze(_at_least(responses, n, null_response)),
    )


def analyse_two_arms(
    trials: RecordedTimes, *, endpoint: str = "pfs", conf_level: float = 0.95
) -> TwoArmTrials:
    """Analyse trials of two arms.

    Parameters
    ----------
    trials : RecordedTimes
        What was recorded.
    endpoint : {"pfs", "os"}
        Which time is compared.
    conf_level : float
        Confidence level of the hazard ratio.

    Raises
    ------
    InputError
        If there are not two arms, or the endpoint is another.
    """
    if endpoint not in ("pfs", "os"):
        raise InputError(f"endpoint must be pfs or os; it is {endpoint!r}.")
    if trials.arm.max() != 1:
        raise InputError("Two arms are compared; the trials have one.")
    time, event = (
        (trials.pfs_time, trials.pfs_event)
        if endpoint == "pfs"
        else (trials.os_time, trials.os_event)
    )
    test = logrank_batch(time, event, trials.arm)
    first = (trials.arm == 0).astype(np.float64)
    model = cox_batch(time, event, np.broadcast_to(first, time.shape), conf_level=conf_level)
    z = np.sign(test.observed[:, 0] - test.expected[:, 0]) * np.sqrt(test.statistic)
    sides = [trials.arm == code for code in (0, 1)]
    return TwoArmTrials(
        n=freeze(np.array([np.count_nonzero(one) for one in sides])),
        events=freeze(np.stack([np.count_nonzero(event[:, one], axis=1) for one in sides], 1)),
        median=freeze(
            np.stack(
                [kaplan_meier_batch(time[:, one], event[:, one]).estimate for one in sides], axis=1
            )
        ),
        logrank_z=freeze(z),
        logrank_p=freeze(_two_sided(z)),
        hazard_ratio=freeze(model.hazard_ratio[:, 0].copy()),
        lower=freeze(model.lower[:, 0].copy()),
        upper=freeze(model.upper[:, 0].copy()),
        responses=freeze(
            np.stack([np.count_nonzero(trials.response[:, one], axis=1) for one in sides], 1)
        ),
    )


def _rate_z(
    survival: FloatArray, std_error: FloatArray, null: SurvivalShape, at: float
) -> FloatArray:
    """Return the log-log Wald statistic; a rate of 0 or 1 decides alone."""
    before = math.log(float(null.cumulative_hazard(at)))
    with np.errstate(divide="ignore", invalid="ignore"):
        log_hazard = np.log(-np.log(survival))
        error = std_error / (survival * -np.log(survival))
        z = (before - log_hazard) / error
    found: FloatArray = np.where(survival >= 1.0, np.inf, np.where(survival <= 0.0, -np.inf, z))
    return found


def _by_day(time: IntArray, shape: SurvivalShape) -> FloatArray:
    """Return the cumulative hazard at whole days, looked up in a table of all of them."""
    table = shape.cumulative_hazard(np.arange(int(time.max()) + 1, dtype=np.float64))
    found: FloatArray = table[time]
    return found


def _two_sided(z: FloatArray) -> FloatArray:
    found: FloatArray = 2.0 * ndtr(-np.abs(z))
    return found


def _limits(events: int, n: int, conf_level: float) -> tuple[float, float]:
    found = proportion_ci(events, n, method="clopper-pearson", conf_level=conf_level)
    return found.lower, found.upper


def _at_least(responses: IntArray, n: int, null: float | None) -> FloatArray:
    if null is None:
        return np.ones(len(responses))
    table = np.array([1.0, *(bdtrc(k - 1.0, n, null) for k in range(1, n + 1))])
    found: FloatArray = table[responses]
    return found
