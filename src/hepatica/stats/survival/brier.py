"""Brier score of predicted survival under censoring.

Sources: Graf et al., Stat Med 1999;18:2529; Gerds and Schumacher, Biom J 2006;48:1029 (weights by
the inverse probability of staying uncensored, variance); Kattan and Gerds, Diagn Progn Res
2018;2:7 (index of prediction accuracy).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, freeze
from hepatica.stats.survival.censoring_weights import (
    censoring_curve,
    censoring_influence,
    horizon,
    inverse_weights,
    is_past,
)
from hepatica.stats.survival.kaplan_meier import kaplan_meier
from hepatica.stats.survival.time_auc import per_time


@dataclass(frozen=True, slots=True, eq=False)
class BrierScore:
    """Brier scores at t times for n subjects; arrays are read-only.

    Attributes
    ----------
    at : float array (t,)
        Times.
    score, std_error, lower, upper : float array (t,)
        Mean squared difference of state and predicted survival; its standard error and normal
        limits, not below 0.
    reference : float array (t,)
        The score of predicting the Kaplan-Meier estimate for everyone.
    accuracy : float array (t,)
        Index of prediction accuracy, 1 - score / reference; NaN where the reference is 0.
    influence : float array (t, n)
        Influence of each subject on the score, for comparisons; its mean is 0.
    conf_level : float
        As given.
    """

    at: FloatArray
    score: FloatArray
    std_error: FloatArray
    lower: FloatArray
    upper: FloatArray
    reference: FloatArray
    accuracy: FloatArray
    influence: FloatArray
    conf_level: float


def brier_score(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    survival: npt.ArrayLike,
    at: npt.ArrayLike,
    *,
    conf_level: float = 0.95,
) -> BrierScore:
    """Estimate the Brier score of predicted survival at each time.

    Parameters
    ----------
    time, event : array (n,)
        As in `kaplan_meier`.
    survival : array (n,) or (n, t)
        Predicted probability of being without event after each time, one column each.
    at : array (t,)
        Times, each before the last follow-up.
    conf_level : float
        Confidence level.

    Raises
    ------
    InputError
        If the arrays cannot be used, a prediction lies outside 0 to 1, or nobody is followed past
        a time.

    Notes
    -----
    Censoring is taken to depend neither on the prediction nor on the event.

    Examples
    --------
    >>> found = brier_score([1, 2, 3, 4], [1, 1, 1, 1], [0.1, 0.4, 0.6, 0.9], [2.5])
    >>> found.score.round(4).tolist(), found.reference.tolist()
    ([0.085], [0.25])
    """
    _checks.check_conf_level(conf_level)
    checked = _checks.times(time).astype(np.float64)
    n = len(checked)
    flags = _checks.events(event, n)
    when = _checks.numbers("at", at).astype(np.float64)
    predicted = probabilities("survival", per_time("survival", survival, n, len(when)))
    curve = censoring_curve(checked, flags)
    overall = kaplan_meier(checked, flags).at(when).survival
    score = np.empty(len(when))
    reference = np.empty(len(when))
    influence = np.empty((len(when), n))
    for index, one in enumerate(when):
        t = horizon(checked, float(one))
        past = is_past(checked, t)
        weight = inverse_weights(checked, flags, curve, t)
        parts = weight * (past - predicted[:, index]) ** 2
        score[index] = parts.mean()
        reference[index] = (weight * (past - overall[index]) ** 2).mean()
        influence[index] = parts - score[index] + censoring_influence(checked, flags, t, parts)
    std_error = np.sqrt((influence**2).sum(axis=1) / (n * max(n - 1.0, 1.0)))
    half = float(ndtri(0.5 + conf_level / 2.0)) * std_error
    ratio = np.divide(score, reference, out=np.full(len(when), np.nan), where=reference > 0)
    return BrierScore(
        at=freeze(when.copy()),
        score=freeze(score),
        std_error=freeze(std_error),
        lower=freeze(np.maximum(score - half, 0.0)),
        upper=freeze(score + half),
        reference=freeze(reference),
        accuracy=freeze(1.0 - ratio),
        influence=freeze(influence),
        conf_level=float(conf_level),
    )


def integrated_brier(at: npt.ArrayLike, score: npt.ArrayLike, end: float) -> float:
    """Return the mean Brier score from the first time to the end.

    Parameters
    ----------
    at : array (t,)
        Rising times.
    score : array (t,)
        Brier score at each time, held until the next.
    end : float
        End of the integral, at or after the last time.

    Notes
    -----
    The score changes at times of events and censorings only, if predictions do so: with all of
    them (and 0, where it is 0) the integral is exact.

    Examples
    --------
    >>> integrated_brier([0, 1, 3], [0.0, 0.1, 0.2], 4)
    0.1
    """
    times = _checks.numbers("at", at).astype(np.float64)
    values = _checks.numbers("score", score).astype(np.float64)
    if len(values) != len(times):
        raise InputError(f"score must have one value for each time: {len(times)}.")
    if not _checks.number("end", end) < np.inf:
        raise InputError("end must be a finite number.")
    steps = np.diff(np.append(times, end))
    if (steps[:-1] <= 0).any() or not steps[-1] >= 0.0 or not end > times[0]:
        raise InputError("The times must rise, and the end must lie at or after the last of them.")
    return float(values @ steps / (end - times[0]))


def probabilities(name: str, values: FloatArray) -> FloatArray:
    """Return values that lie in 0 to 1."""
    bad = int(np.count_nonzero((values < 0.0) | (values > 1.0)))
    if bad:
        raise InputError(f"{name} must hold probabilities from 0 to 1; {bad} values are outside.")
    return values
