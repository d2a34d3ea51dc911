"""Survival curves as values: read at times, at levels, and as a table of subjects at risk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, freeze
from hepatica.stats.survival._crossing import crossing_time
from hepatica.stats.survival._entry import entered_before
from hepatica.stats.survival._tally import SAME_TIME

#: int64 counts of subjects, or float64 sums of their weights when weights are not whole numbers.
NumberArray = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Quantile:
    """A time by which a share of subjects has had the event; NaN is "not estimable".

    Attributes
    ----------
    p : float
        The share, 0.5 for the median.
    estimate, lower, upper : float
        Time and its limits, in the unit of the times.
    """

    p: float
    estimate: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True, eq=False)
class SurvivalAt:
    """A curve read at given times; all arrays have their length.

    Attributes
    ----------
    time : float array
        The times asked for.
    survival, std_error, lower, upper : float array
        Survival, its standard error and limits; NaN past the last follow-up (not estimable).
    at_risk : int array
        Subjects still followed just before the time.
    cumulative_events, cumulative_censored : int array
        Events and censorings up to and including the time.

    The last three are sums of weights, floats, when the weights are not whole numbers.
    """

    time: FloatArray
    survival: FloatArray
    std_error: FloatArray
    lower: FloatArray
    upper: FloatArray
    at_risk: NumberArray
    cumulative_events: NumberArray
    cumulative_censored: NumberArray


@dataclass(frozen=True, slots=True, eq=False)
class KaplanMeier:
    """One Kaplan-Meier curve; arrays are read-only and have one row a distinct time.

    Attributes
    ----------
    time : float array (m,)
        Times at which somebody has an event or is censored, rising.
    at_risk, events, censored : int array (m,)
        Subjects followed just before the time, with an event, and censored at the time. With
        weights, the sums of their weights: float arrays unless the weights are integers.
    survival : float array (m,)
        Probability of being without event after the time.
    std_error : float array (m,)
        Standard error of `survival`; NaN once survival is 0.
    lower, upper : float array (m,)
        Pointwise limits; NaN where they do not exist (see `pointwise_limits`).
    n, n_events, n_censored : int
        Subjects, those with an event, and those censored; never weighted.
    last_time : float
        Last follow-up.
    conf_type, conf_level, median_rule, variance
        As given.
    entry : float array (e,)
        Distinct times of delayed entry, rising; empty when all subjects are followed from 0.
    entered : int array (e,)
        Subjects (or sum of weights) who enter at each of them.
    """

    time: FloatArray
    at_risk: NumberArray
    events: NumberArray
    censored: NumberArray
    survival: FloatArray
    std_error: FloatArray
    lower: FloatArray
    upper: FloatArray
    n: int
    n_events: int
    n_censored: int
    last_time: float
    conf_type: str
    conf_level: float
    median_rule: str
    variance: str
    entry: FloatArray
    entered: NumberArray

    @property
    def median(self) -> Quantile:
        """Median time to the event with limits by Brookmeyer and Crowley."""
        return self.quantile(0.5)

    def quantile(self, p: float) -> Quantile:
        """Return the time by which a share `p` of subjects has had the event.

        The limits are the times at which the pointwise limits reach the same level, under the
        same rule for flat steps. NaN stands for "not reached".
        """
        level = 1.0 - _checks.check_probability("p", p)
        found = (
            crossing_time(self.time, curve, level, self.median_rule)
            for curve in (self.survival, self.lower, self.upper)
        )
        return Quantile(float(p), *found)

    def at(self, times: npt.ArrayLike) -> SurvivalAt:
        """Read the curve at times, in any order.

        Before the first row survival is 1 with limits 1 and 1. Past the last follow-up it is
        NaN, unless the curve has already come down to 0.
        """
        wanted = _checks.times(np.atleast_1d(_checks.as_array("times", times))).astype(np.float64)
        # A time that differs by rounding alone is the same time, here as in the counts.
        row = np.searchsorted(self.time, wanted * (1.0 + SAME_TIME), side="right")
        past = (wanted > self.last_time * (1.0 + SAME_TIME)) & (self.survival[-1] > 0.0)

        def read(column: FloatArray, start: float) -> FloatArray:
            values = np.concatenate(([start], column))[row]
            values[past] = np.nan
            return freeze(values)

        return SurvivalAt(
            time=freeze(wanted),
            survival=read(self.survival, 1.0),
            std_error=read(self.std_error, 0.0),
            lower=read(self.lower, 1.0),
            upper=read(self.upper, 1.0),
            at_risk=freeze(self._at_risk(wanted)),
            cumulative_events=freeze(_running(self.events)[row]),
            cumulative_censored=freeze(_running(self.censored)[row]),
        )

    def _at_risk(self, wanted: FloatArray) -> NumberArray:
        next_row = np.searchsorted(self.time, wanted * (1.0 - SAME_TIME), side="left")
        if not len(self.entry):
            return np.append(self.at_risk, self.at_risk.dtype.type(0))[next_row]
        left = _running(self.events + self.censored)[next_row]
        there: NumberArray = entered_before(self.entry, self.entered, wanted) - left
        if there.dtype.kind == "f":
            # What is left of sums of weights that cancel is rounding, not somebody at risk.
            there[np.abs(there) < SAME_TIME * self.entered.sum()] = 0.0
        return there


def _running(number: NumberArray) -> NumberArray:
    total = np.empty(len(number) + 1, dtype=number.dtype)
    total[0] = 0
    np.cumsum(number, out=total[1:])
    return total


@dataclass(frozen=True, slots=True)
class GroupedCurves:
    """Curves of several groups.

    Attributes
    ----------
    groups : tuple of int
        Codes that occur, rising.
    curves : tuple of KaplanMeier
        The curve of each.
    """

    groups: tuple[int, ...]
    curves: tuple[KaplanMeier, ...]


@dataclass(frozen=True, slots=True, eq=False)
class AtRiskTable:
    """Subjects at risk, events and censorings of several groups at given times.

    Attributes
    ----------
    groups : tuple of int
        Codes of the groups, one a row.
    time : float array (t,)
        The times, one a column.
    at_risk : int array (k, t)
        Subjects followed just before the time, so those with an event at it are among them.
    cumulative_events, cumulative_censored : int array (k, t)
        Up to and including the time.

    All three are sums of weights, floats, when the weights are not whole numbers.
    """

    groups: tuple[int, ...]
    time: FloatArray
    at_risk: NumberArray
    cumulative_events: NumberArray
    cumulative_censored: NumberArray


def at_risk_table(curves: GroupedCurves, times: npt.ArrayLike) -> AtRiskTable:
    """Count subjects at risk, and events and censorings so far, for the table under a figure.

    Parameters
    ----------
    curves : GroupedCurves
        As `kaplan_meier_by_group` gives them.
    times : array (t,)
        Times, in any order; past the last follow-up nobody is at risk.

    Examples
    --------
    >>> from hepatica.stats.survival import kaplan_meier_by_group
    >>> curves = kaplan_meier_by_group([1, 2, 3, 4], [1, 1, 1, 0], [0, 0, 1, 1])
    >>> at_risk_table(curves, [0, 2, 4]).at_risk.tolist()
    [[2, 1, 0], [2, 2, 1]]
    """
    read = [curve.at(times) for curve in curves.curves]

    def stacked(columns: Sequence[NumberArray]) -> NumberArray:
        return freeze(np.stack(columns))

    return AtRiskTable(
        groups=curves.groups,
        time=read[0].time,
        at_risk=stacked([one.at_risk for one in read]),
        cumulative_events=stacked([one.cumulative_events for one in read]),
        cumulative_censored=stacked([one.cumulative_censored for one in read]),
    )
