"""Cumulative hazards by Nelson and Aalen, and survival from them by Fleming and Harrington.

Sources: Nelson, J Qual Technol 1969;1:27; Aalen, Ann Stat 1978;6:701; Fleming and Harrington,
Commun Stat Theory Methods 1984;13:2469; Andersen, Borgan, Gill and Keiding, Statistical Models
Based on Counting Processes, Springer 1993, formulas 4.1.6 and 4.1.7 (the two variances).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, freeze
from hepatica.stats.survival._counted import Counted, NumberArray, check_subjects, count_one
from hepatica.stats.survival._limits import pointwise_limits
from hepatica.stats.survival._product_limit import CurveOptions
from hepatica.stats.survival._tally import SAME_TIME
from hepatica.stats.survival.counts import SurvivalCounts
from hepatica.stats.survival.curves import KaplanMeier
from hepatica.stats.survival.from_counts import counted_together

TIES = ("nelson-aalen", "fleming-harrington")
VARIANCES = ("poisson", "binomial", "robust")
CONF_TYPES = ("log", "plain")

#: Tied events that are spread out at a time, so that many subjects need no more memory.
_SPREAD = 1 << 20


@dataclass(frozen=True, slots=True, eq=False)
class HazardAt:
    """A cumulative hazard read at given times; all arrays have their length.

    Attributes
    ----------
    time : float array
        The times asked for.
    hazard, std_error, lower, upper : float array
        Cumulative hazard, its standard error and limits; NaN past the last follow-up.
    """

    time: FloatArray
    hazard: FloatArray
    std_error: FloatArray
    lower: FloatArray
    upper: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class NelsonAalen:
    """A cumulative hazard; arrays are read-only and have one row a distinct time.

    Attributes
    ----------
    time, at_risk, events, censored : array (m,)
        As in `KaplanMeier`.
    hazard, std_error : float array (m,)
        Cumulative hazard after the time, and its standard error.
    lower, upper : float array (m,)
        Pointwise limits; NaN on the scale log where the hazard is 0.
    n, n_events, n_censored : int
        Subjects, those with an event, and those censored; never weighted.
    last_time : float
        Last follow-up.
    ties, variance, conf_type, conf_level
        As given.
    entry, entered : array (e,)
        As in `KaplanMeier`.
    """

    time: FloatArray
    at_risk: NumberArray
    events: NumberArray
    censored: NumberArray
    hazard: FloatArray
    std_error: FloatArray
    lower: FloatArray
    upper: FloatArray
    n: int
    n_events: int
    n_censored: int
    last_time: float
    ties: str
    variance: str
    conf_type: str
    conf_level: float
    entry: FloatArray
    entered: NumberArray

    def at(self, times: npt.ArrayLike) -> HazardAt:
        """Read the cumulative hazard at times, in any order; before the first row it is 0."""
        wanted = _checks.times(np.atleast_1d(_checks.as_array("times", times))).astype(np.float64)
        row = np.searchsorted(self.time, wanted * (1.0 + SAME_TIME), side="right")
        past = wanted > self.last_time * (1.0 + SAME_TIME)

        def read(column: FloatArray) -> FloatArray:
            values = np.concatenate(([0.0], column))[row]
            values[past] = np.nan
            return freeze(values)

        columns = (self.hazard, self.std_error, self.lower, self.upper)
        return HazardAt(freeze(wanted), *(read(column) for column in columns))


def nelson_aalen(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    *,
    weights: npt.ArrayLike | None = None,
    entry: npt.ArrayLike | None = None,
    ties: str = "nelson-aalen",
    variance: str = "poisson",
    conf_type: str = "log",
    conf_level: float = 0.95,
) -> NelsonAalen:
    """Estimate a cumulative hazard.

    Parameters
    ----------
    time, event, weights, entry : array (n,)
        As in `kaplan_meier`.
    ties : {"nelson-aalen", "fleming-harrington"}
        d events of r at risk at one time add d / r, or 1 / r + 1 / (r - 1) + ... as if they came
        one after the other. With weights each of the d takes the mean weight of the d.
    variance : {"poisson", "binomial", "robust"}
        Sum of d / r^2, of d (r - d) / r^3, or the infinitesimal jackknife over subjects. With
        `ties="fleming-harrington"` the first is the sum of 1 / r^2 + 1 / (r - 1)^2 + ...; the other
        two are those of the estimate without this correction.
    conf_type : {"log", "plain"}
        Scale of the limits; plain limits are not below 0.
    conf_level : float
        Confidence level.

    Raises
    ------
    InputError
        If the arrays or options cannot be used.

    Examples
    --------
    >>> nelson_aalen([1, 2, 2, 3], [1, 1, 1, 0]).hazard.round(4).tolist()
    [0.25, 0.9167, 0.9167]
    >>> corrected = nelson_aalen([1, 2, 2, 3], [1, 1, 1, 0], ties="fleming-harrington")
    >>> corrected.hazard.round(4).tolist()
    [0.25, 1.0833, 1.0833]
    """
    _check_options(ties, variance, conf_type, conf_level)
    subjects = check_subjects(time, event, weights, entry)
    counted = count_one(subjects, robust=variance == "robust")
    return _cumulative_hazard(counted, ties, variance, conf_type, conf_level)


def nelson_aalen_from_counts(
    counts: SurvivalCounts,
    *,
    ties: str = "nelson-aalen",
    variance: str = "poisson",
    conf_type: str = "log",
    conf_level: float = 0.95,
) -> NelsonAalen:
    """Estimate the cumulative hazard of all strata and groups together; see `nelson_aalen`.

    Parameters
    ----------
    counts : SurvivalCounts
        The counts; `variance` cannot be robust, because they know no subjects.

    Examples
    --------
    >>> from hepatica.stats.survival import count_survival
    >>> nelson_aalen_from_counts(count_survival([1, 2], [1, 1])).hazard.tolist()
    [0.5, 1.5]
    """
    _checks.check_option("variance", variance, VARIANCES[:2])
    _check_options(ties, variance, conf_type, conf_level)
    return _cumulative_hazard(counted_together(counts), ties, variance, conf_type, conf_level)


def fleming_harrington(
    cumulative: NelsonAalen,
    *,
    conf_type: str = "log-log",
    conf_level: float = 0.95,
    median_rule: str = "midpoint_or_first",
) -> KaplanMeier:
    """Estimate survival as the exponential of less the cumulative hazard.

    Parameters
    ----------
    cumulative : NelsonAalen
        The cumulative hazard, with or without correction for ties.
    conf_type, conf_level, median_rule
        As in `kaplan_meier`; the standard error of the logarithm of survival is that of the
        cumulative hazard.

    Examples
    --------
    >>> curve = fleming_harrington(nelson_aalen([1, 2], [1, 1]))
    >>> curve.survival.round(4).tolist()
    [0.6065, 0.2231]
    """
    CurveOptions(conf_type, conf_level, median_rule)
    survival = np.exp(-cumulative.hazard)
    z = float(ndtri(0.5 + conf_level / 2.0))
    lower, upper = pointwise_limits(survival, cumulative.std_error, z, conf_type)
    return KaplanMeier(
        time=cumulative.time,
        at_risk=cumulative.at_risk,
        events=cumulative.events,
        censored=cumulative.censored,
        survival=freeze(survival),
        std_error=freeze(survival * cumulative.std_error),
        lower=freeze(lower),
        upper=freeze(upper),
        n=cumulative.n,
        n_events=cumulative.n_events,
        n_censored=cumulative.n_censored,
        last_time=cumulative.last_time,
        conf_type=conf_type,
        conf_level=float(conf_level),
        median_rule=median_rule,
        variance=cumulative.variance,
        entry=cumulative.entry,
        entered=cumulative.entered,
    )


def _cumulative_hazard(
    counted: Counted, ties: str, variance: str, conf_type: str, conf_level: float
) -> NelsonAalen:
    risk = counted.risk.astype(np.float64)
    increment, spread = counted.events / risk, counted.events / (risk * risk)
    if variance == "binomial":
        spread = spread * (counted.left / risk)
    if ties == "fleming-harrington":
        one_by_one = _one_by_one(counted)
        increment = one_by_one[0]
        spread = one_by_one[1] if variance == "poisson" else spread
    hazard = np.cumsum(increment)
    squared = counted.hazard_variance if variance == "robust" else np.cumsum(spread)
    std_error = np.sqrt(squared)
    lower, upper = _limits(hazard, std_error, conf_type, conf_level)
    return NelsonAalen(
        time=freeze(counted.time),
        at_risk=freeze(counted.risk),
        events=freeze(counted.events),
        censored=freeze(counted.censored),
        hazard=freeze(hazard),
        std_error=freeze(std_error),
        lower=freeze(lower),
        upper=freeze(upper),
        n=counted.n,
        n_events=counted.n_events,
        n_censored=counted.n - counted.n_events,
        last_time=float(counted.time[-1]),
        ties=ties,
        variance=variance,
        conf_type=conf_type,
        conf_level=float(conf_level),
        entry=freeze(counted.entry),
        entered=freeze(counted.entered),
    )


def _one_by_one(counted: Counted) -> tuple[FloatArray, FloatArray]:
    """Return the sums of s / (r - j s) and s / (r - j s)^2 over tied events j, s their weight."""
    m = len(counted.time)
    first, second = np.zeros(m), np.zeros(m)
    rows = np.flatnonzero(counted.number)
    number = counted.number[rows]
    events, risk = counted.events[rows], counted.risk[rows]
    ends = np.cumsum(number)
    start = 0
    while start < len(rows):
        stop = max(
            start + 1,
            int(np.searchsorted(ends, (ends[start - 1] if start else 0) + _SPREAD, side="right")),
        )
        part = slice(start, stop)
        length = number[part]
        edges = np.concatenate(([0], np.cumsum(length)[:-1]))
        order = np.arange(length.sum()) - np.repeat(edges, length)
        step = np.repeat(events[part] / length, length)
        left = np.repeat(risk[part], length) - order * step
        share = step / left
        first[rows[part]] = np.add.reduceat(share, edges)
        second[rows[part]] = np.add.reduceat(share / left, edges)
        start = stop
    return first, second


def _limits(
    hazard: FloatArray, std_error: FloatArray, conf_type: str, conf_level: float
) -> tuple[FloatArray, FloatArray]:
    half = float(ndtri(0.5 + conf_level / 2.0)) * std_error
    if conf_type == "plain":
        return np.maximum(hazard - half, 0.0), hazard + half
    with np.errstate(invalid="ignore"):
        factor = np.exp(half / hazard)
    return hazard / factor, hazard * factor


def _check_options(ties: str, variance: str, conf_type: str, conf_level: float) -> None:
    _checks.check_option("ties", ties, TIES)
    _checks.check_option("variance", variance, VARIANCES)
    _checks.check_option("conf_type", conf_type, CONF_TYPES)
    _checks.check_conf_level(conf_level)
