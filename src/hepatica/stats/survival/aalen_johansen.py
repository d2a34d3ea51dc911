"""Cumulative incidence of competing causes by the estimator of Aalen and Johansen.

Sources: Aalen and Johansen, Scand J Stat 1978;5:141; Aalen, Ann Stat 1978;6:534 (variance
"aalen"); Allignol, Schumacher and Beyersmann, Biom J 2010;52:126 (variance "greenwood");
Choudhury, Stat Med 2002;21:1129 (limits).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats.survival._causes import causes_of, tally_causes
from hepatica.stats.survival._entry import check_entries, entered_before
from hepatica.stats.survival._limits import CONF_TYPES, pointwise_limits
from hepatica.stats.survival._tally import SAME_TIME, at_risk

VARIANCES = ("greenwood", "aalen")


@dataclass(frozen=True, slots=True, eq=False)
class IncidenceAt:
    """Cumulative incidence of m causes read at given times; NaN past the last follow-up.

    Attributes
    ----------
    time : float array (k,)
        The times asked for.
    survival : float array (k,)
        Probability of no event of any cause.
    incidence, std_error, lower, upper : float array (m, k)
        Cumulative incidence of each cause, its standard error and limits.
    """

    time: FloatArray
    survival: FloatArray
    incidence: FloatArray
    std_error: FloatArray
    lower: FloatArray
    upper: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class CumulativeIncidence:
    """Cumulative incidence of m causes; arrays are read-only, with one column a distinct time.

    Attributes
    ----------
    time : float array (t,)
        Times at which somebody has an event or is censored, rising.
    at_risk : int array (t,)
        Subjects followed just before the time.
    events : int array (m, t)
        Events of each cause; cause j + 1 stands at position j.
    censored : int array (t,)
        Subjects censored at the time.
    survival : float array (t,)
        Probability of no event of any cause after the time (Kaplan-Meier).
    incidence : float array (m, t)
        Probability of an event of each cause by the time.
    std_error : float array (m, t)
        Standard error of `incidence`.
    lower, upper : float array (m, t)
        Pointwise limits; NaN where the incidence is 0, and where it is 1 unless the scale is
        plain or log.
    n : int
        Subjects.
    last_time : float
        Last follow-up.
    variance, conf_type, conf_level
        As given.
    """

    time: FloatArray
    at_risk: IntArray
    events: IntArray
    censored: IntArray
    survival: FloatArray
    incidence: FloatArray
    std_error: FloatArray
    lower: FloatArray
    upper: FloatArray
    n: int
    last_time: float
    variance: str
    conf_type: str
    conf_level: float

    def at(self, times: npt.ArrayLike) -> IncidenceAt:
        """Read the curves at times, in any order.

        Before the first event of a cause its incidence is 0, without limits. Past the last
        follow-up all is NaN, unless nobody is left without an event.
        """
        wanted = _checks.times(np.atleast_1d(_checks.as_array("times", times))).astype(np.float64)
        row = np.searchsorted(self.time, wanted * (1.0 + SAME_TIME), side="right")
        past = (wanted > self.last_time * (1.0 + SAME_TIME)) & (self.survival[-1] > 0.0)

        def read(columns: FloatArray, start: float) -> FloatArray:
            first = np.full((*columns.shape[:-1], 1), start)
            values = np.concatenate((first, columns), axis=-1)[..., row]
            values[..., past] = np.nan
            return freeze(values)

        return IncidenceAt(
            time=freeze(wanted),
            survival=read(self.survival, 1.0),
            incidence=read(self.incidence, 0.0),
            std_error=read(self.std_error, 0.0),
            lower=read(self.lower, np.nan),
            upper=read(self.upper, np.nan),
        )


@dataclass(frozen=True, slots=True)
class GroupedIncidence:
    """Cumulative incidence of several groups.

    Attributes
    ----------
    groups : tuple of int
        Codes that occur, rising.
    curves : tuple of CumulativeIncidence
        The curves of each, with the same causes.
    """

    groups: tuple[int, ...]
    curves: tuple[CumulativeIncidence, ...]


def cumulative_incidence(
    time: npt.ArrayLike,
    cause: npt.ArrayLike,
    *,
    entry: npt.ArrayLike | None = None,
    n_causes: int | None = None,
    variance: str = "greenwood",
    conf_type: str = "log-log",
    conf_level: float = 0.95,
) -> CumulativeIncidence:
    """Estimate the cumulative incidence of each of several causes that exclude each other.

    Parameters
    ----------
    time : array (n,)
        Times, finite and not negative.
    cause : array (n,)
        0 for a censoring, 1, 2, ... for an event of this cause. A censoring at the time of an
        event counts as later.
    entry : array (n,), optional
        Time from which each subject is followed, as in `kaplan_meier`.
    n_causes : int, optional
        Number of causes; without it the highest code. A cause without events has incidence 0.
    variance : {"greenwood", "aalen"}
        Multinomial delta method, which for one cause is Greenwood's formula and without delayed
        entry is the infinitesimal jackknife of R's ``survfit``; or Aalen's, as
        ``cmprsk::cuminc``, where causes vary independently at each time.
    conf_type : {"log-log", "log", "plain", "logit", "arcsine"}
        Scale of the pointwise limits, on the incidence itself.
    conf_level : float
        Confidence level.

    Raises
    ------
    InputError
        If the arrays or options cannot be used.

    Notes
    -----
    Incidences and `survival` sum to 1 at each time. One less a Kaplan-Meier curve that censors
    other causes is not a cumulative incidence: it is larger.

    Examples
    --------
    >>> curves = cumulative_incidence([1, 2, 3, 4], [1, 2, 1, 0])
    >>> curves.incidence.tolist(), curves.survival.tolist()
    ([[0.25, 0.25, 0.5, 0.5], [0.0, 0.25, 0.25, 0.25]], [0.75, 0.5, 0.25, 0.25])
    """
    check_incidence_options(variance, conf_type, conf_level)
    checked = _checks.times(time)
    codes, m = causes_of(cause, len(checked), n_causes)
    entered = None if entry is None else np.sort(check_entries(entry, checked))
    counts = tally_causes(checked, codes, m, np.zeros(len(checked), dtype=np.int64), 1)
    return incidence_from_tally(
        counts.time,
        counts.events[0],
        counts.censored[0],
        (variance, conf_type, conf_level),
        entered,
    )


def cumulative_incidence_by_group(
    time: npt.ArrayLike,
    cause: npt.ArrayLike,
    group: npt.ArrayLike,
    *,
    n_causes: int | None = None,
    variance: str = "greenwood",
    conf_type: str = "log-log",
    conf_level: float = 0.95,
) -> GroupedIncidence:
    """Estimate cumulative incidences for each group; see `cumulative_incidence`.

    Parameters
    ----------
    group : array (n,)
        Whole-number code of each subject's group.

    Examples
    --------
    >>> grouped = cumulative_incidence_by_group([1, 2, 3, 4], [1, 2, 1, 0], [0, 0, 1, 1])
    >>> grouped.groups, [curve.incidence[:, -1].tolist() for curve in grouped.curves]
    ((0, 1), [[0.5, 0.5], [0.5, 0.0]])
    """
    check_incidence_options(variance, conf_type, conf_level)
    checked = _checks.times(time)
    codes, m = causes_of(cause, len(checked), n_causes)
    found, position = _checks.codes("group", group, len(checked))
    counts = tally_causes(checked, codes, m, position, len(found))
    options = (variance, conf_type, conf_level)
    curves = (
        incidence_from_tally(counts.time, events, censored, options)
        for events, censored in zip(counts.events, counts.censored, strict=True)
    )
    return GroupedIncidence(groups=tuple(found.tolist()), curves=tuple(curves))


def incidence_from_tally(
    time: FloatArray,
    events: IntArray,
    censored: IntArray,
    options: tuple[str, str, float],
    entry: FloatArray | None = None,
) -> CumulativeIncidence:
    """Make the curves of one group from counts (m, t) and (t,); empty times are dropped."""
    variance, conf_type, conf_level = options
    removed = events.sum(axis=0) + censored
    rows = np.flatnonzero(removed)
    time, events, censored, removed = time[rows], events[:, rows], censored[rows], removed[rows]
    risk = at_risk(removed)
    n = int(risk[0])
    if entry is not None:
        # Those who leave at or after a time, less those who enter at or after it.
        risk = risk - n + entered_before(entry, np.ones(len(entry), dtype=np.int64), time)
    total = events.sum(axis=0)
    survival: FloatArray = np.cumprod((risk - total) / risk, dtype=np.float64)
    before = np.concatenate(([1.0], survival[:-1]))
    incidence: FloatArray = np.cumsum(before * events / risk, axis=1)
    std_error = np.sqrt(incidence_variance(risk, events, before, incidence, variance))
    z = float(ndtri(0.5 + conf_level / 2.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = std_error / incidence
    # Limits are made for curves that fall: an incidence falls from its end.
    with np.errstate(over="ignore"):
        backwards = [
            pointwise_limits(one[::-1], spread[::-1], z, conf_type)
            for one, spread in zip(incidence, relative, strict=True)
        ]
    lower, upper = (np.stack([limits[side][::-1] for limits in backwards]) for side in (0, 1))
    unknown = incidence == 0.0
    if conf_type not in ("log", "plain"):
        unknown |= incidence > 1.0 - 1e-12
    lower[unknown] = upper[unknown] = np.nan
    return CumulativeIncidence(
        time=freeze(np.array(time, dtype=np.float64)),
        at_risk=freeze(risk.copy()),
        events=freeze(events.copy()),
        censored=freeze(censored.copy()),
        survival=freeze(survival),
        incidence=freeze(incidence),
        std_error=freeze(std_error),
        lower=freeze(lower),
        upper=freeze(upper),
        n=n,
        last_time=float(time[-1]),
        variance=variance,
        conf_type=conf_type,
        conf_level=float(conf_level),
    )


def incidence_variance(
    risk: IntArray, events: IntArray, before: FloatArray, incidence: FloatArray, variance: str
) -> FloatArray:
    """Return the variance of each cumulative incidence, (m, t).

    An event at u moves the incidence at t by ``S(u-) / n`` if it is of the cause, less
    ``(F(t) - F(u)) / (n - d)`` whatever its cause. The sum of squares over u is a quadratic in
    F(t), so three running sums give it at all times at once.
    """
    n = risk.astype(np.float64)
    total = events.sum(axis=0).astype(np.float64)
    # Where all at risk have an event, nothing happens later.
    pull = np.divide(1.0, n - total, out=np.zeros_like(n), where=n > total)
    # Measured from the last value, late pulls meet small differences and no digits are lost.
    level = incidence - incidence[:, -1:]
    moved = level * pull
    own = before / n + moved
    others = total - events
    if variance == "aalen":
        one, other = events * _tie_factor(events, n), others * _tie_factor(others, n)
        mean, shared = np.zeros_like(own), np.zeros_like(n)
    else:
        one, other = events.astype(np.float64), others
        mean, shared = one * own + other * moved, total
    constant = one * own**2 + other * moved**2 - mean**2 / n
    linear = pull * (one * own + other * moved - mean * shared / n)
    quadratic = pull**2 * (one + other - shared**2 / n)
    sums = (np.cumsum(part, axis=1) for part in (constant, linear, quadratic))
    first, second, third = sums
    value: FloatArray = first - 2.0 * level * second + level**2 * third
    # What is left by rounding is no variance.
    return np.where(incidence > 0.0, np.maximum(value, 0.0), 0.0)


def _tie_factor(events: FloatArray | IntArray, n: FloatArray) -> FloatArray:
    """Return (n - d) / (n - 1), the hypergeometric factor of d tied events; 1 for one event."""
    return np.asarray(np.where(events > 1, (n - events) / np.maximum(n - 1.0, 1.0), 1.0))


def check_incidence_options(variance: str, conf_type: str, conf_level: float) -> None:
    """Refuse options that are not in the lists."""
    _checks.check_option("variance", variance, VARIANCES)
    _checks.check_option("conf_type", conf_type, CONF_TYPES)
    _checks.check_conf_level(conf_level)
