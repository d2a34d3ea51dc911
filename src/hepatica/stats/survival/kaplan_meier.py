"""Kaplan-Meier curves with pointwise limits, quantiles and landmarks.

Sources: Kaplan and Meier, J Am Stat Assoc 1958;53:457; Greenwood 1926; Brookmeyer and Crowley,
Biometrics 1982;38:29; Kalbfleisch and Prentice 1980 (log-log); Schemper and Smith, Control Clin
Trials 1996;17:343 (reverse Kaplan-Meier).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats.survival._crossing import MEDIAN_RULES, crossing_time
from hepatica.stats.survival._limits import CONF_TYPES, pointwise_limits
from hepatica.stats.survival._tally import SAME_TIME, at_risk, tally


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
    cumulative_events : int array
        Events up to and including the time.
    """

    time: FloatArray
    survival: FloatArray
    std_error: FloatArray
    lower: FloatArray
    upper: FloatArray
    at_risk: IntArray
    cumulative_events: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class KaplanMeier:
    """One Kaplan-Meier curve; arrays are read-only and have one row a distinct time.

    Attributes
    ----------
    time : float array (m,)
        Times at which somebody has an event or is censored, rising.
    at_risk, events, censored : int array (m,)
        Subjects followed just before the time, with an event, and censored at the time.
    survival : float array (m,)
        Probability of being without event after the time.
    std_error : float array (m,)
        Greenwood's standard error of `survival`; NaN once survival is 0.
    lower, upper : float array (m,)
        Pointwise limits; NaN where they do not exist (see `pointwise_limits`).
    n, n_events, n_censored : int
        Subjects, events and censorings in all.
    last_time : float
        Last follow-up.
    conf_type, conf_level, median_rule
        As given.
    entry : float array (e,)
        Distinct times of delayed entry, rising; empty when all subjects are followed from 0.
    entered : int array (e,)
        Subjects who enter at each of them.
    """

    time: FloatArray
    at_risk: IntArray
    events: IntArray
    censored: IntArray
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
    entry: FloatArray
    entered: IntArray

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
        wanted = _checks.times(np.atleast_1d(np.asarray(times))).astype(np.float64)
        # A time that differs by rounding alone is the same time, here as in the counts.
        row = np.searchsorted(self.time, wanted * (1.0 + SAME_TIME), side="right")
        past = (wanted > self.last_time * (1.0 + SAME_TIME)) & (self.survival[-1] > 0.0)
        just_before = wanted * (1.0 - SAME_TIME)
        removed = np.concatenate(([0], np.cumsum(self.events + self.censored)))
        before = np.searchsorted(self.time, just_before, side="left")
        entered = (
            _entered_before(self.entry, self.entered, just_before) if len(self.entry) else self.n
        )

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
            at_risk=freeze(entered - removed[before]),
            cumulative_events=freeze(np.concatenate(([0], np.cumsum(self.events)))[row]),
        )


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


def kaplan_meier(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    *,
    entry: npt.ArrayLike | None = None,
    conf_type: str = "log-log",
    conf_level: float = 0.95,
    median_rule: str = "midpoint_or_first",
) -> KaplanMeier:
    """Estimate a survival curve by the product-limit method.

    Parameters
    ----------
    time : array (n,)
        Times, finite and not negative; the unit is the caller's.
    event : array (n,)
        1 for an event, 0 for a censoring. A censoring at the time of an event counts as later.
    entry : array (n,), optional
        Time from which each subject is followed (delayed entry, left truncation), before its
        `time`; at risk at t are those with entry < t <= time. Without it all are followed from 0.
    conf_type : {"log-log", "log", "plain", "logit", "arcsine"}
        Scale of the pointwise limits, also used for the limits of quantiles.
    conf_level : float
        Confidence level.
    median_rule : {"midpoint_or_first", "midpoint_or_missing", "first_time"}
        The quantile when the curve is flat on the level: the middle of the flat part, and if no
        later event ends it its start (as R prints it) or nothing (as SAS); or always its start.

    Raises
    ------
    InputError
        If the arrays or options cannot be used.

    Notes
    -----
    Times that differ by less than 1e-12 of their size are one time. A curve within 1.5e-8 of a
    level is on it. With delayed entry few may be at risk early: a time at which all of them have
    the event brings the curve to 0 for good, so look at `at_risk`.

    Examples
    --------
    >>> curve = kaplan_meier([1, 2, 2, 3, 4], [1, 1, 0, 0, 1])
    >>> curve.survival.round(3).tolist()
    [0.8, 0.6, 0.6, 0.0]
    >>> curve.median.estimate
    4.0
    """
    _check_options(conf_type, conf_level, median_rule)
    checked = _checks.times(time)
    flags = _checks.events(event, len(checked))
    entered = None if entry is None else _entries(entry, checked)
    counts = tally(checked, flags, np.zeros(1, dtype=np.int64), 1)
    return product_limit(
        counts.time,
        counts.events[0],
        counts.censored[0],
        conf_type,
        conf_level,
        median_rule,
        entered,
    )


def kaplan_meier_by_group(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    group: npt.ArrayLike,
    *,
    conf_type: str = "log-log",
    conf_level: float = 0.95,
    median_rule: str = "midpoint_or_first",
) -> GroupedCurves:
    """Estimate one survival curve for each group; see `kaplan_meier`.

    Parameters
    ----------
    group : array (n,)
        Whole-number code of each subject's group.

    Examples
    --------
    >>> grouped = kaplan_meier_by_group([1, 2, 3, 4], [1, 1, 1, 0], [0, 0, 1, 1])
    >>> grouped.groups, [curve.n for curve in grouped.curves]
    ((0, 1), [2, 2])
    """
    _check_options(conf_type, conf_level, median_rule)
    checked = _checks.times(time)
    flags = _checks.events(event, len(checked))
    found, position = _checks.codes("group", group, len(checked))
    counts = tally(checked, flags, position, len(found))
    curves = (
        product_limit(counts.time, events, censored, conf_type, conf_level, median_rule)
        for events, censored in zip(counts.events, counts.censored, strict=True)
    )
    return GroupedCurves(groups=tuple(found.tolist()), curves=tuple(curves))


def reverse_kaplan_meier(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    *,
    conf_type: str = "log-log",
    conf_level: float = 0.95,
    median_rule: str = "midpoint_or_first",
) -> KaplanMeier:
    """Estimate the distribution of follow-up: censoring is the event, the event a censoring.

    A subject with the event at the time of a censoring is still at risk of that censoring.
    Parameters are those of `kaplan_meier`; in the value, `events` are the end of follow-up.

    Examples
    --------
    >>> reverse_kaplan_meier([1, 2, 3, 4, 5], [1, 0, 1, 0, 0]).median.estimate
    4.0
    """
    flags = _checks.events(event, len(_checks.times(time)))
    return kaplan_meier(
        time, ~flags, conf_type=conf_type, conf_level=conf_level, median_rule=median_rule
    )


def product_limit(
    time: FloatArray,
    events: IntArray,
    censored: IntArray,
    conf_type: str,
    conf_level: float,
    median_rule: str,
    entry: tuple[FloatArray, IntArray] | None = None,
) -> KaplanMeier:
    """Make the curve of one group from its counts; rows without its subjects are dropped.

    `entry` are the distinct times of delayed entry, and how many enter then.
    """
    _check_options(conf_type, conf_level, median_rule)
    removed = events + censored
    if not removed.all():
        rows = np.flatnonzero(removed)
        time, events, censored, removed = time[rows], events[rows], censored[rows], removed[rows]
    risk = at_risk(removed)
    n = int(risk[0])
    if entry is not None:
        # Those who leave at or after a time, less those who enter at or after it.
        risk = risk - n + _entered_before(*entry, time * (1.0 - SAME_TIME))
    starts, entered = (np.empty(0), np.empty(0, dtype=np.int64)) if entry is None else entry
    with np.errstate(divide="ignore", invalid="ignore"):
        survival: FloatArray = np.cumprod((risk - events) / risk, dtype=np.float64)
        log_std_error = np.sqrt(np.cumsum(events / (risk * (risk - events).astype(np.float64))))
        std_error = survival * log_std_error
    z = float(ndtri(0.5 + conf_level / 2.0))
    lower, upper = pointwise_limits(survival, log_std_error, z, conf_type)
    n_events = int(events.sum())
    return KaplanMeier(
        time=freeze(np.array(time, dtype=np.float64)),
        at_risk=freeze(risk.copy()),
        events=freeze(events.copy()),
        censored=freeze(censored.copy()),
        survival=freeze(survival),
        std_error=freeze(std_error),
        lower=freeze(lower),
        upper=freeze(upper),
        n=n,
        n_events=n_events,
        n_censored=n - n_events,
        last_time=float(time[-1]),
        conf_type=conf_type,
        conf_level=float(conf_level),
        median_rule=median_rule,
        entry=freeze(starts),
        entered=freeze(entered),
    )


def _entered_before(entry: FloatArray, entered: IntArray, time: FloatArray) -> IntArray:
    """Return how many have entered before each time."""
    total = np.concatenate(([0], np.cumsum(entered)))
    # Those who enter at 0 are followed from the start, as all are without delayed entry.
    position = np.maximum(
        np.searchsorted(entry, time, side="left"), np.searchsorted(entry, 0.0, side="right")
    )
    before: IntArray = total[position]
    return before


def follows_entry(time: FloatArray, entry: FloatArray) -> npt.NDArray[np.bool_]:
    """Return, for each subject, whether there is follow-up between entry and time.

    A time of entry that differs by rounding alone from the time is no follow-up.

    Examples
    --------
    >>> follows_entry(np.array([5.0, 5.0, 5.0]), np.array([0.0, 4.0, 5.0])).tolist()
    [True, True, False]
    """
    followed: npt.NDArray[np.bool_] = entry < time * (1.0 - SAME_TIME)
    return followed


def _entries(entry: npt.ArrayLike, time: npt.NDArray[np.generic]) -> tuple[FloatArray, IntArray]:
    """Return distinct times of delayed entry, rising, and how many enter then."""
    entered = _checks.numbers("entry", entry).astype(np.float64)
    _checks.check_length("entry", entered, len(time))
    late = int(np.count_nonzero(~follows_entry(time.astype(np.float64), entered)))
    if late:
        raise InputError(f"entry must lie before time; {late} of {len(time)} values do not.")
    if entered.min() < 0:
        raise InputError("entry must not be negative.")
    starts, number = np.unique(entered, return_counts=True)
    return starts, number.astype(np.int64, copy=False)


def _check_options(conf_type: str, conf_level: float, median_rule: str) -> None:
    _checks.check_option("conf_type", conf_type, CONF_TYPES)
    _checks.check_option("median_rule", median_rule, MEDIAN_RULES)
    _checks.check_conf_level(conf_level)
