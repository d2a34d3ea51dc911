"""Weights by the inverse probability of staying under observation.

Sources: Robins and Finkelstein, Biometrics 2000;56:779; Graf et al., Stat Med 1999;18:2529.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, freeze
from hepatica.stats.survival._cox_steps import distinct_times
from hepatica.stats.survival._tally import SAME_TIME


@dataclass(frozen=True, slots=True, eq=False)
class CensoringCurve:
    """Kaplan-Meier curve of staying uncensored; arrays are read-only.

    Attributes
    ----------
    time : float array (m,)
        Distinct times of events and censorings, rising.
    survival : float array (m,)
        Probability of being uncensored after the time.
    """

    time: FloatArray
    survival: FloatArray

    def at(self, times: npt.ArrayLike) -> FloatArray:
        """Return G(t), the probability of being uncensored after each time."""
        limit = _finite(times) * (1.0 + SAME_TIME)
        found: FloatArray = np.append(1.0, self.survival)[
            np.searchsorted(self.time, limit, side="right")
        ]
        return found

    def before(self, times: npt.ArrayLike) -> FloatArray:
        """Return G(t-), the probability of being uncensored just before each time."""
        limit = _finite(times) * (1.0 - SAME_TIME)
        found: FloatArray = np.append(1.0, self.survival)[
            np.searchsorted(self.time, limit, side="left")
        ]
        return found


@dataclass(frozen=True, slots=True, eq=False)
class CensoringWeights:
    """Weights of n subjects for questions about one time.

    Attributes
    ----------
    weight : float array (n,)
        1 / G(T-) with an event by the time, 1 / G(t) if followed past it, 0 if censored before.
    at : float
        The time t.
    """

    weight: FloatArray
    at: float


def censoring_curve(
    time: npt.ArrayLike, event: npt.ArrayLike, *, weights: npt.ArrayLike | None = None
) -> CensoringCurve:
    """Estimate the probability of staying uncensored.

    Parameters
    ----------
    time, event : array (n,)
        As in `kaplan_meier`.
    weights : array (n,), optional
        Case weights.

    Notes
    -----
    Events come before censorings: who has the event at a time is no longer at risk of the
    censorings there. (`reverse_kaplan_meier` keeps them at risk, as R's curve of follow-up does.)

    Examples
    --------
    >>> curve = censoring_curve([1, 2, 2, 3], [0, 1, 0, 1])
    >>> curve.survival.tolist(), curve.before([2]).tolist()
    ([0.75, 0.375, 0.375], [0.75])
    """
    checked = _checks.times(time).astype(np.float64)
    flags = _checks.events(event, len(checked))
    weight = (
        np.ones(len(checked)) if weights is None else positive("weights", weights, len(checked))
    )
    upper, tick = distinct_times(checked)
    deaths = np.bincount(tick[flags], weights=weight[flags], minlength=len(upper))
    lost = np.bincount(tick[~flags], weights=weight[~flags], minlength=len(upper))
    # The sum from the end is exact where only this time's subjects are left.
    risk = np.cumsum((deaths + lost)[::-1])[::-1] - deaths
    share = np.divide(lost, risk, out=np.zeros(len(upper)), where=lost > 0)
    # Nobody is left after the last time: rounding must not leave a trace of them.
    share[-1] = 1.0 if lost[-1] > 0 else 0.0
    return CensoringCurve(time=freeze(upper), survival=freeze(np.cumprod(1.0 - share)))


def censoring_weights(time: npt.ArrayLike, event: npt.ArrayLike, at: float) -> CensoringWeights:
    """Weigh subjects whose state at a time is known by the probability that it is.

    Parameters
    ----------
    time, event : array (n,)
        As in `kaplan_meier`.
    at : float
        The time t, before the last follow-up.

    Raises
    ------
    InputError
        If nobody is followed past the time.

    Examples
    --------
    >>> censoring_weights([1, 2, 2, 3], [0, 1, 0, 1], 2).weight.round(3).tolist()
    [0.0, 1.333, 0.0, 2.667]
    """
    checked = _checks.times(time).astype(np.float64)
    flags = _checks.events(event, len(checked))
    when = horizon(checked, at)
    return CensoringWeights(
        weight=freeze(inverse_weights(checked, flags, censoring_curve(checked, flags), when)),
        at=when,
    )


def inverse_weights(
    time: FloatArray, event: npt.NDArray[np.bool_], curve: CensoringCurve, at: float
) -> FloatArray:
    """Return the weights of `censoring_weights` from a curve."""
    past = is_past(time, at)
    weight = np.zeros(len(time))
    cases = event & ~past
    weight[cases] = 1.0 / curve.before(time[cases])
    weight[past] = 1.0 / curve.at(at)
    return weight


def censoring_influence(
    time: FloatArray, event: npt.NDArray[np.bool_], at: float, value: FloatArray
) -> FloatArray:
    """Return each subject's influence, through the censoring curve, on a weighted mean.

    Parameters
    ----------
    time, event : array (n,)
        Checked times and events.
    at : float
        The time t of the weights.
    value : float array (n,)
        Weight times value of each subject; their mean is the estimate.

    Notes
    -----
    The integral of the subject's censoring martingale over the share at risk, against the values
    of those whose weight it moves: Gerds and Schumacher, Biom J 2006;48:1029. Subjects with an
    event at the time of a censoring count as at risk here.
    """
    upper, tick = distinct_times(time)
    m = len(upper)
    risk = np.cumsum(np.bincount(tick, minlength=m)[::-1])[::-1]
    lost = np.bincount(tick[~event], minlength=m)
    past = is_past(time, at)
    cases = event & ~past
    by_time = np.bincount(tick[cases], weights=value[cases], minlength=m)
    later = np.append(np.cumsum(by_time[::-1])[-2::-1], 0.0) + value[past].sum()
    reached = upper <= at * (1.0 + SAME_TIME)
    jump = np.where(reached, later / risk, 0.0)
    expected = np.cumsum(jump * lost / risk)
    found: FloatArray = np.where(event, 0.0, jump[tick]) - expected[tick]
    return found


def is_past(time: FloatArray, at: float) -> npt.NDArray[np.bool_]:
    """Return who is followed past a time; a time moved by rounding counts as on it."""
    past: npt.NDArray[np.bool_] = time > at * (1.0 + SAME_TIME)
    return past


def horizon(time: FloatArray, at: float) -> float:
    """Return a time that somebody is followed past."""
    if not 0.0 <= _checks.number("at", at) < np.inf:
        raise InputError("The time asked for must be a finite number, not negative.")
    if not is_past(time, float(at)).any():
        raise InputError("Nobody is followed past the time asked for; choose an earlier one.")
    return float(at)


def _finite(times: npt.ArrayLike) -> FloatArray:
    array = np.asarray(times, dtype=np.float64)
    if not np.isfinite(array).all():
        raise InputError("The times asked for must be finite numbers.")
    return array


def positive(name: str, values: npt.ArrayLike, n: int) -> FloatArray:
    """Return one value a subject, each above 0."""
    array = _checks.numbers(name, values).astype(np.float64)
    _checks.check_length(name, array, n)
    if array.min() <= 0.0:
        raise InputError(f"{name} must be above 0; {np.count_nonzero(array <= 0)} values are not.")
    return array
