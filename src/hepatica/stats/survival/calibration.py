"""Agreement of predicted with observed survival.

Sources: van Houwelingen, Stat Med 2000;19:3401 (slope); Crowson, Atkinson and Therneau, Stat
Methods Med Res 2016;25:1692 (observed over expected events); Royston and Altman, BMC Med Res
Methodol 2013;13:33.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats.survival._limits import CONF_TYPES
from hepatica.stats.survival.brier import probabilities
from hepatica.stats.survival.cox import cox
from hepatica.stats.survival.kaplan_meier import kaplan_meier


@dataclass(frozen=True, slots=True, eq=False)
class CalibrationGroups:
    """Predicted and observed survival at a time in groups; arrays are read-only.

    Attributes
    ----------
    at : float
        The time.
    n : int array (g,)
        Subjects of each group, from the lowest predicted survival to the highest.
    predicted : float array (g,)
        Mean predicted survival.
    observed, lower, upper : float array (g,)
        Kaplan-Meier estimate with limits; NaN past the group's last follow-up.
    conf_type, conf_level
        As given.
    """

    at: float
    n: IntArray
    predicted: FloatArray
    observed: FloatArray
    lower: FloatArray
    upper: FloatArray
    conf_type: str
    conf_level: float


@dataclass(frozen=True, slots=True)
class CalibrationSlope:
    """Slope of log(-log) predicted survival in a proportional hazards model; 1 is right.

    Attributes
    ----------
    slope, std_error, lower, upper : float
        Below 1: predictions are too extreme.
    p_value : float
        Two-sided p-value of a slope of 1.
    conf_level : float
        As given.
    """

    slope: float
    std_error: float
    lower: float
    upper: float
    p_value: float
    conf_level: float


@dataclass(frozen=True, slots=True)
class ObservedExpected:
    """Observed against expected events.

    Attributes
    ----------
    observed, expected : float
        Events.
    ratio, lower, upper : float
        Observed over expected, with limits on the log scale.
    intercept, std_error : float
        Logarithm of the ratio, the calibration in the large, and its standard error.
    p_value : float
        Two-sided p-value of a ratio of 1.
    conf_level : float
        As given.
    """

    observed: float
    expected: float
    ratio: float
    lower: float
    upper: float
    intercept: float
    std_error: float
    p_value: float
    conf_level: float


def calibration_groups(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    survival: npt.ArrayLike,
    at: float,
    *,
    groups: int = 10,
    conf_type: str = "log-log",
    conf_level: float = 0.95,
) -> CalibrationGroups:
    """Compare predicted survival at a time with Kaplan-Meier in groups of equal prediction.

    Parameters
    ----------
    time, event : array (n,)
        As in `kaplan_meier`.
    survival : array (n,)
        Predicted probability of being without event after the time.
    at : float
        The time.
    groups : int
        Number of groups, of about equal size by quantiles of the prediction. Equal predictions
        stay together, so there may be fewer.
    conf_type, conf_level
        As in `kaplan_meier`.

    Examples
    --------
    >>> found = calibration_groups([1, 2, 3, 4], [1, 1, 1, 1], [0.1, 0.2, 0.7, 0.9], 2.5, groups=2)
    >>> found.predicted.round(2).tolist(), found.observed.tolist()
    ([0.15, 0.8], [0.0, 1.0])
    """
    _checks.check_option("conf_type", conf_type, CONF_TYPES)
    _checks.check_conf_level(conf_level)
    checked = _checks.times(time)
    flags = _checks.events(event, len(checked))
    predicted = _predicted(survival, len(checked))
    groups = _checks.count("groups", groups)
    if groups > len(checked):
        raise InputError("groups must not be more than subjects.")
    if not 0.0 <= _checks.number("at", at) < np.inf:
        raise InputError("The time asked for must be a finite number, not negative.")
    edges = np.quantile(predicted, np.arange(1, groups) / groups)
    group = np.unique(np.searchsorted(edges, predicted, side="left"), return_inverse=True)[1]
    size = np.bincount(group)
    read = np.empty((3, len(size)))
    for index in range(len(size)):
        own = group == index
        curve = kaplan_meier(
            checked[own], flags[own], conf_type=conf_type, conf_level=conf_level
        ).at(np.array([float(at)]))
        read[:, index] = curve.survival[0], curve.lower[0], curve.upper[0]
    return CalibrationGroups(
        at=float(at),
        n=freeze(size),
        predicted=freeze(np.bincount(group, weights=predicted) / size),
        observed=freeze(read[0].copy()),
        lower=freeze(read[1].copy()),
        upper=freeze(read[2].copy()),
        conf_type=conf_type,
        conf_level=float(conf_level),
    )


def calibration_slope(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    survival: npt.ArrayLike,
    *,
    conf_level: float = 0.95,
) -> CalibrationSlope:
    """Estimate the calibration slope of predicted survival at one time.

    Parameters
    ----------
    time, event : array (n,)
        As in `kaplan_meier`.
    survival : array (n,)
        Predicted survival at one time, strictly between 0 and 1. With proportional hazards any
        time gives the same slope.

    Raises
    ------
    InputError
        If a prediction is 0 or 1, or as in `cox`.

    Examples
    --------
    >>> import numpy as np
    >>> survival = np.exp(-np.exp([1, 0, 1]))
    >>> round(calibration_slope([1, 2, 3], [1, 1, 1], survival).slope, 4)
    -0.3466
    """
    _checks.check_conf_level(conf_level)
    predicted = _predicted(survival, len(_checks.times(time)))
    if predicted.min() <= 0.0 or predicted.max() >= 1.0:
        raise InputError("survival must lie strictly between 0 and 1 for a slope.")
    fit = cox(time, event, np.log(-np.log(predicted)))
    slope, std_error = float(fit.coef[0]), float(fit.std_error[0])
    half = float(ndtri(0.5 + conf_level / 2.0)) * std_error
    return CalibrationSlope(
        slope=slope,
        std_error=std_error,
        lower=slope - half,
        upper=slope + half,
        p_value=float(2.0 * ndtr(-abs(slope - 1.0) / std_error)),
        conf_level=float(conf_level),
    )


def observed_to_expected(
    event: npt.ArrayLike, expected: npt.ArrayLike, *, conf_level: float = 0.95
) -> ObservedExpected:
    """Compare observed events with those that predictions expect.

    Parameters
    ----------
    event : array (n,)
        1 for an event, 0 for a censoring.
    expected : array (n,)
        Predicted cumulative hazard at each subject's own time (see `expected_events`).

    Raises
    ------
    InputError
        If there is no event or nothing is expected.

    Notes
    -----
    The estimate of a Poisson model of the events with the logarithm of `expected` as offset.

    Examples
    --------
    >>> observed_to_expected([1, 1, 0], [0.5, 0.2, 0.3]).ratio
    2.0
    """
    _checks.check_conf_level(conf_level)
    hazards = _checks.numbers("expected", expected).astype(np.float64)
    flags = _checks.events(event, len(hazards))
    observed, total = float(np.count_nonzero(flags)), float(hazards.sum())
    if hazards.min() < 0.0:
        raise InputError("expected must not be negative.")
    if observed == 0.0 or total == 0.0:
        raise InputError("The comparison needs at least one event, observed and expected.")
    intercept = float(np.log(observed / total))
    std_error = float(1.0 / np.sqrt(observed))
    half = float(ndtri(0.5 + conf_level / 2.0)) * std_error
    return ObservedExpected(
        observed=observed,
        expected=total,
        ratio=observed / total,
        lower=float(np.exp(intercept - half)),
        upper=float(np.exp(intercept + half)),
        intercept=intercept,
        std_error=std_error,
        p_value=float(2.0 * ndtr(-abs(intercept) / std_error)),
        conf_level=float(conf_level),
    )


def _predicted(survival: npt.ArrayLike, n: int) -> FloatArray:
    array = _checks.numbers("survival", survival).astype(np.float64)
    _checks.check_length("survival", array, n)
    return probabilities("survival", array)
