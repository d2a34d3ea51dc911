"""One-sample log-rank test: observed events against those a reference curve lets expect.

Sources: Breslow, Appl Stat 1975;24:285; Finkelstein, Muzikansky and Schoenfeld, J Natl Cancer
Inst 2003;95:1434; Wu, Pharm Stat 2015;14:26 (variance (O + E) / 2); Garwood, Biometrika
1936;28:437 (exact limits of a Poisson mean).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import gammaincinv, ndtr, pdtr, pdtrc

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, freeze
from hepatica.stats.survival._tally import SAME_TIME
from hepatica.stats.survival.counts import SurvivalCounts
from hepatica.stats.survival.kaplan_meier import KaplanMeier


@dataclass(frozen=True, slots=True)
class OneSampleLogRank:
    """Observed against expected events.

    Attributes
    ----------
    n, observed : int
        Subjects and events.
    expected : float
        Events expected under the reference: the sum of its cumulative hazards.
    z, p_value : float
        (O - E) / sqrt(E), negative when survival is better than the reference.
    z_wu, p_value_wu : float
        (O - E) / sqrt((O + E) / 2), nearer to its level in small samples.
    p_value_exact : float
        Of O as a Poisson variable with mean E.
    ratio, lower, upper : float
        O / E (standardised mortality ratio) with exact Poisson limits.
    sides : int
        2, or 1 against "survival is better than the reference".
    conf_level : float
        Confidence level of the limits.
    """

    n: int
    observed: int
    expected: float
    z: float
    p_value: float
    z_wu: float
    p_value_wu: float
    p_value_exact: float
    ratio: float
    lower: float
    upper: float
    sides: int
    conf_level: float


def one_sample_logrank(
    event: npt.ArrayLike,
    cumulative_hazard: npt.ArrayLike,
    *,
    sides: int = 2,
    conf_level: float = 0.95,
) -> OneSampleLogRank:
    """Test one group against a reference survival curve.

    Parameters
    ----------
    event : array (n,)
        1 for an event, 0 for a censoring.
    cumulative_hazard : array (n,)
        Cumulative hazard of the reference at each subject's time, as from `exponential_hazard`,
        `weibull_hazard` or `curve_hazard`; with delayed entry less that at entry.
    sides : {2, 1}
        Two-sided, or one-sided against "survival is better than the reference".
    conf_level : float
        Confidence level of the limits of the ratio.

    Raises
    ------
    InputError
        If the arrays cannot be used, or no event is expected.

    Notes
    -----
    The exact two-sided p-value sums the probabilities of all counts that are not more probable
    than the one seen, as R's ``poisson.test``.

    Examples
    --------
    >>> hazard = exponential_hazard([10, 20, 30, 40], rate=0.04)
    >>> test = one_sample_logrank([1, 0, 1, 0], hazard)
    >>> test.observed, round(test.expected, 10), round(test.z, 3), round(test.z_wu, 3)
    (2, 4.0, -1.0, -1.155)
    """
    hazard = _checks.numbers("cumulative_hazard", cumulative_hazard).astype(np.float64)
    flags = _checks.events(event, len(hazard))
    _check_hazard(hazard)
    return _test(int(flags.sum()), float(hazard.sum()), len(hazard), sides, conf_level)


def one_sample_logrank_from_counts(
    counts: SurvivalCounts,
    cumulative_hazard: npt.ArrayLike,
    *,
    sides: int = 2,
    conf_level: float = 0.95,
) -> OneSampleLogRank:
    """Test all subjects of counts together against a reference; see `one_sample_logrank`.

    Parameters
    ----------
    counts : SurvivalCounts
        Subjects per day, all strata and groups taken together.
    cumulative_hazard : array (days,)
        Cumulative hazard of the reference on each day from 0; may be longer than the counts.

    Examples
    --------
    >>> from hepatica.stats.survival import count_survival
    >>> hazard = exponential_hazard(range(41), rate=0.04)
    >>> counts = count_survival([10, 20, 30, 40], [1, 0, 1, 0])
    >>> round(one_sample_logrank_from_counts(counts, hazard).z, 3)
    -1.0
    """
    hazard = _checks.numbers("cumulative_hazard", cumulative_hazard).astype(np.float64)
    _check_hazard(hazard)
    events, censored, entered = (
        one.sum(axis=(0, 1)) for one in (counts.events, counts.censored, counts.entered)
    )
    days = len(events)
    if len(hazard) < days:
        raise InputError(f"cumulative_hazard needs a value for each of {days} days from 0.")
    expected = float((events + censored - entered) @ hazard[:days])
    # Those who enter on day 0 are followed from the origin, not from the end of that day.
    expected += float(entered[0] * hazard[0])
    return _test(int(events.sum()), expected, int(counts.n.sum()), sides, conf_level)


def exponential_hazard(time: npt.ArrayLike, rate: float) -> FloatArray:
    """Return the cumulative hazard ``rate * time`` of a constant rate.

    A survival s at a time t means a rate of ``-log(s) / t``.

    Examples
    --------
    >>> exponential_hazard([10, 20], rate=0.05).tolist()
    [0.5, 1.0]
    """
    return weibull_hazard(time, shape=1.0, scale=1.0 / _positive("rate", rate))


def weibull_hazard(time: npt.ArrayLike, shape: float, scale: float) -> FloatArray:
    """Return the cumulative hazard ``(time / scale) ** shape`` of a Weibull distribution.

    A survival s at a time t with a given shape means a scale of
    ``t / (-log(s)) ** (1 / shape)``.

    Examples
    --------
    >>> weibull_hazard([10, 20], shape=2, scale=20).tolist()
    [0.25, 1.0]
    """
    values = _checks.times(time).astype(np.float64)
    return freeze((values / _positive("scale", scale)) ** _positive("shape", shape))


def curve_hazard(curve: KaplanMeier, time: npt.ArrayLike) -> FloatArray:
    """Return the cumulative hazard of Nelson and Aalen of a historical group at given times.

    Parameters
    ----------
    curve : KaplanMeier
        Curve of the historical group.
    time : array (n,)
        Times, none past the last follow-up of the curve.

    Raises
    ------
    InputError
        If a time lies past the last follow-up of the curve.

    Notes
    -----
    Its own error is not part of the test: the reference counts as known.

    Examples
    --------
    >>> from hepatica.stats.survival import kaplan_meier
    >>> curve_hazard(kaplan_meier([1, 2], [1, 1]), [0.5, 1, 2]).tolist()
    [0.0, 0.5, 1.5]
    """
    values = _checks.times(time).astype(np.float64)
    past = int(np.count_nonzero(values > curve.last_time * (1.0 + SAME_TIME)))
    if past:
        raise InputError(
            f"The reference curve ends before {past} of {len(values)} times; end follow-up there."
        )
    hazard = np.concatenate(([0.0], np.cumsum(curve.events / curve.at_risk)))
    row = np.searchsorted(curve.time, values * (1.0 + SAME_TIME), side="right")
    return freeze(hazard[row])


def _positive(name: str, value: float) -> float:
    if not (math.isfinite(_checks.number(name, value)) and value > 0.0):
        raise InputError(f"{name} must be a number above 0; it is {value!r}.")
    return float(value)


def _check_hazard(hazard: FloatArray) -> None:
    bad = int(np.count_nonzero(hazard < 0.0))
    if bad:
        raise InputError(
            f"cumulative_hazard must not be negative; {bad} of {len(hazard)} values are."
        )


def _test(
    observed: int, expected: float, n: int, sides: int, conf_level: float
) -> OneSampleLogRank:
    _checks.check_sides(sides)
    level = _checks.check_conf_level(conf_level)
    if not expected > 0.0:
        raise InputError("The reference expects no event; check its hazard and the unit of time.")
    z = (observed - expected) / math.sqrt(expected)
    z_wu = (observed - expected) / math.sqrt((observed + expected) / 2.0)
    tail = (1.0 - level) / 2.0
    lower = float(gammaincinv(observed, tail)) if observed else 0.0
    upper = float(gammaincinv(observed + 1, 1.0 - tail))
    return OneSampleLogRank(
        n=n,
        observed=observed,
        expected=expected,
        z=z,
        p_value=_normal(z, sides),
        z_wu=z_wu,
        p_value_wu=_normal(z_wu, sides),
        p_value_exact=_poisson(observed, expected, sides),
        ratio=observed / expected,
        lower=lower / expected,
        upper=upper / expected,
        sides=sides,
        conf_level=level,
    )


def _normal(z: float, sides: int) -> float:
    return sides * float(ndtr(z if sides == 1 else -abs(z)))


def _poisson(observed: int, expected: float, sides: int) -> float:
    below = float(pdtr(observed, expected))
    if sides == 1:
        return below
    # Probabilities equal but for rounding count as equal, here as in R.
    bound = _log_mass(observed, expected) + 1e-7
    if observed > expected:
        other = _last(0, math.floor(expected), bound, expected)
        low = float(pdtr(other, expected)) if other >= 0 else 0.0
        return min(1.0, low + float(pdtrc(observed - 1, expected)))
    if observed == expected:
        return 1.0
    return min(1.0, below + float(pdtrc(_first(observed, bound, expected) - 1, expected)))


def _first(observed: int, bound: float, expected: float) -> int:
    """Return the lowest count above the mean that is no more probable than the bound."""
    low = math.ceil(expected)
    high = 2 * low - observed + 1
    while _log_mass(high, expected) > bound:
        high = 2 * high
    while low < high:
        middle = (low + high) // 2
        if _log_mass(middle, expected) <= bound:
            high = middle
        else:
            low = middle + 1
    return low


def _last(low: int, high: int, bound: float, expected: float) -> int:
    """Return the highest count up to `high` that is no more probable than the bound, or -1."""
    if _log_mass(low, expected) > bound:
        return -1
    while low < high:
        middle = (low + high + 1) // 2
        if _log_mass(middle, expected) <= bound:
            low = middle
        else:
            high = middle - 1
    return low


def _log_mass(count: int, expected: float) -> float:
    return count * math.log(expected) - expected - math.lgamma(count + 1)
