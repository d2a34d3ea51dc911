"""Restricted mean survival time: the area under a curve up to a time, and its comparison.

Sources: Irwin, J Hyg 1949;47:188; Kaplan and Meier, J Am Stat Assoc 1958;53:457 (the correction
m / (m - 1)); Royston and Parmar, BMC Med Res Methodol 2013;13:152; Uno et al., J Clin Oncol
2014;32:2380 (difference, ratio, time lost).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray
from hepatica.stats.survival._contrast import Contrast, difference, log_ratio, single
from hepatica.stats.survival._tally import SAME_TIME
from hepatica.stats.survival.kaplan_meier import KaplanMeier, kaplan_meier

VARIANCES = ("greenwood", "corrected")


@dataclass(frozen=True, slots=True)
class RestrictedMean:
    """Mean time without event up to `tau`, in the unit of the times.

    Attributes
    ----------
    tau : float
        Up to this time.
    estimate, std_error, lower, upper : float
        Area under the curve, its standard error and Wald limits.
    lost, lost_lower, lost_upper : float
        Restricted mean time lost, ``tau - estimate``, with limits; the same standard error.
    n_events : int
        Events up to `tau`.
    variance : str
        As given; "robust" of `weighted_restricted_mean`.
    conf_level : float
        As given.
    """

    tau: float
    estimate: float
    std_error: float
    lower: float
    upper: float
    lost: float
    lost_lower: float
    lost_upper: float
    n_events: int
    variance: str
    conf_level: float


@dataclass(frozen=True, slots=True)
class RestrictedMeanComparison:
    """Restricted means of two groups up to the same time.

    Attributes
    ----------
    tau : float
        Up to this time.
    treated, control : RestrictedMean
        Each group.
    difference : Contrast
        Treated less control.
    ratio : Contrast
        Treated over control; limits on the logarithmic scale.
    lost_ratio : Contrast
        The same of the time lost; NaN where a group has lost no time.
    """

    tau: float
    treated: RestrictedMean
    control: RestrictedMean
    difference: Contrast
    ratio: Contrast
    lost_ratio: Contrast


def restricted_mean(
    curve: KaplanMeier,
    tau: float | None = None,
    *,
    variance: str = "greenwood",
    conf_level: float | None = None,
) -> RestrictedMean:
    """Return the mean time without event up to a time.

    Parameters
    ----------
    curve : KaplanMeier
        The curve, made from subjects or from counts.
    tau : float, optional
        The time, above 0 and at most the last follow-up; beyond it only if the curve has come
        down to 0. Without it the last follow-up.
    variance : {"greenwood", "corrected"}
        Sum over event times of the squared area to their right times Greenwood's term, as R
        (``print(survfit, rmean = tau)``) and survRM2 do; or this times m / (m - 1) with m events
        up to `tau`, as Kaplan and Meier proposed and SAS does.
    conf_level : float, optional
        Confidence level; without it that of the curve.

    Raises
    ------
    InputError
        If `tau` cannot be used, or the curve has a robust variance.

    Notes
    -----
    With one event the corrected variance does not exist: standard error and limits are NaN.
    Without events the mean is `tau` with a standard error of 0.

    Examples
    --------
    >>> from hepatica.stats.survival import kaplan_meier
    >>> mean = restricted_mean(kaplan_meier([1, 2, 3, 4], [1, 1, 1, 1]), 3)
    >>> mean.estimate, mean.lost, round(mean.std_error**2, 6)
    (2.25, 0.75, 0.171875)
    """
    _checks.check_option("variance", variance, VARIANCES)
    if curve.variance != "greenwood":
        raise InputError(
            "The restricted mean takes a curve with Greenwood's variance; the robust variance of "
            "the points of a curve does not give that of the area under it. For weights use "
            "weighted_restricted_mean."
        )
    level = _checks.check_conf_level(curve.conf_level if conf_level is None else conf_level)
    end = curve.last_time if tau is None else check_tau(tau, curve)
    if end == 0.0:
        raise InputError("There is no follow-up after time 0, so there is no restricted mean.")
    estimate, spread, m = area_under(curve, end)
    if variance == "corrected":
        spread = spread * m / (m - 1.0) if m > 1 else (math.nan if m == 1 else 0.0)
    std_error = math.sqrt(spread)
    half = float(ndtri(0.5 + level / 2.0)) * std_error
    return RestrictedMean(
        tau=end,
        estimate=estimate,
        std_error=std_error,
        lower=estimate - half,
        upper=estimate + half,
        lost=end - estimate,
        lost_lower=end - estimate - half,
        lost_upper=end - estimate + half,
        n_events=m,
        variance=variance,
        conf_level=level,
    )


def restricted_mean_difference(
    treated: KaplanMeier,
    control: KaplanMeier,
    tau: float | None = None,
    *,
    variance: str = "greenwood",
    conf_level: float = 0.95,
) -> RestrictedMeanComparison:
    """Compare the mean time without event of two groups up to the same time.

    Parameters
    ----------
    treated, control : KaplanMeier
        Curves of independent groups.
    tau : float, optional
        As in `restricted_mean`, for both curves. Without it the smaller of the two last
        follow-ups, which depends on the data: name it beforehand in a protocol.
    variance, conf_level
        As in `restricted_mean`.

    Notes
    -----
    Wald limits and tests: the difference on its own scale, the ratios on the logarithmic scale
    with variance ``v1 / m1**2 + v0 / m0**2``, as survRM2.

    Examples
    --------
    >>> from hepatica.stats.survival import kaplan_meier
    >>> one = kaplan_meier([2, 3, 4, 5], [1, 1, 1, 1])
    >>> other = kaplan_meier([1, 2, 3, 4], [1, 1, 1, 1])
    >>> compared = restricted_mean_difference(one, other, 3)
    >>> compared.difference.estimate, round(compared.difference.p_value, 3)
    (0.5, 0.285)
    """
    end = min(treated.last_time, control.last_time) if tau is None else tau
    one, other = (
        restricted_mean(curve, end, variance=variance, conf_level=conf_level)
        for curve in (treated, control)
    )
    return compare_restricted_means(one, other)


def compare_restricted_means(
    treated: RestrictedMean, control: RestrictedMean
) -> RestrictedMeanComparison:
    """Compare restricted means of two independent groups, plain or weighted.

    Parameters
    ----------
    treated, control : RestrictedMean
        Each group, with the same `tau` and confidence level.

    Raises
    ------
    InputError
        If `tau` or the confidence levels differ.

    Examples
    --------
    >>> one = weighted_restricted_mean([2, 3, 4, 5], [1, 1, 1, 1], [1, 1, 1, 2], 3)
    >>> other = weighted_restricted_mean([1, 2, 3, 4], [1, 1, 1, 1], [1, 2, 1, 1], 3)
    >>> round(compare_restricted_means(one, other).difference.estimate, 6)
    0.6
    """
    one, other = treated, control
    if (one.tau, one.conf_level) != (other.tau, other.conf_level):
        raise InputError("Means that are compared need the same tau and confidence level.")
    conf_level = one.conf_level
    spread = np.array([one.std_error**2 + other.std_error**2])
    return RestrictedMeanComparison(
        tau=one.tau,
        treated=one,
        control=other,
        difference=single(
            difference(np.array([one.estimate - other.estimate]), spread, conf_level)
        ),
        ratio=_ratio((one.estimate, other.estimate), (one, other), conf_level),
        lost_ratio=_ratio((one.lost, other.lost), (one, other), conf_level),
    )


def weighted_restricted_mean(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    weights: npt.ArrayLike,
    tau: float,
    *,
    conf_level: float = 0.95,
) -> RestrictedMean:
    """Return the restricted mean of a weighted curve with a robust variance.

    Parameters
    ----------
    time, event, weights : array (n,)
        As in `kaplan_meier`; weights such as those of inverse probability of treatment, taken as
        known.
    tau : float
        As in `restricted_mean`.
    conf_level : float
        Confidence level.

    Notes
    -----
    The variance is the sum over subjects of the squared weighted influence on the area
    (infinitesimal jackknife). With equal weights it is Greenwood's of `restricted_mean`.

    Examples
    --------
    >>> weighted_restricted_mean([1, 2, 4], [1, 1, 1], [1, 2, 1], 3).estimate
    2.0
    """
    level = _checks.check_conf_level(conf_level)
    curve = kaplan_meier(time, event, weights=weights, variance="robust")
    end = check_tau(tau, curve)
    estimate, to_the_right = _areas(curve, end)
    inside = len(to_the_right)
    risk = curve.at_risk[:inside].astype(np.float64)
    events = curve.events[:inside].astype(np.float64)
    left = risk - events
    # Where (but for rounding) nobody is left after the events, there is no area to the right.
    pull = np.divide(to_the_right, left, out=np.zeros_like(left), where=left > 1e-12 * risk)
    spared = np.concatenate(([0.0], np.cumsum(pull * events / risk)))
    subject = np.asarray(time, dtype=np.float64)
    row = np.searchsorted(curve.time[:inside], subject * (1.0 + SAME_TIME), side="right")
    seen = np.asarray(event, dtype=np.bool_) & (subject <= end * (1.0 + SAME_TIME))
    influence = spared[row]
    influence[seen] -= pull[row[seen] - 1]
    std_error = float(np.sqrt(((np.asarray(weights, dtype=np.float64) * influence) ** 2).sum()))
    half = float(ndtri(0.5 + level / 2.0)) * std_error
    return RestrictedMean(
        tau=end,
        estimate=estimate,
        std_error=std_error,
        lower=estimate - half,
        upper=estimate + half,
        lost=end - estimate,
        lost_lower=end - estimate - half,
        lost_upper=end - estimate + half,
        n_events=int(np.count_nonzero(seen)),
        variance="robust",
        conf_level=level,
    )


def check_tau(tau: float, curve: KaplanMeier) -> float:
    """Return a time up to which the curve is known."""
    if not (math.isfinite(_checks.number("tau", tau)) and tau > 0.0):
        raise InputError(f"tau must be a time above 0; it is {tau!r}.")
    if tau > curve.last_time * (1.0 + SAME_TIME) and curve.survival[-1] > 0.0:
        raise InputError(
            f"tau must not lie past the last follow-up of a curve that has not come down to 0, "
            f"where survival is not known; {float(tau)!r} does. Choose an earlier time."
        )
    return float(tau)


def area_under(curve: KaplanMeier, tau: float) -> tuple[float, float, int]:
    """Return the area under a curve up to a time, its variance (Greenwood), and the events."""
    estimate, to_the_right = _areas(curve, tau)
    inside = len(to_the_right)
    events = curve.events[:inside]
    risk = curve.at_risk[:inside].astype(np.float64)
    # Where all at risk have the event nothing is left to the right, and the term is 0.
    used = (events > 0) & (risk > events)
    d, r = events[used], risk[used]
    variance = float((to_the_right[used] ** 2 * d / (r * (r - d))).sum())
    return estimate, variance, int(events.sum())


def _areas(curve: KaplanMeier, tau: float) -> tuple[float, FloatArray]:
    """Return the area up to a time, and that to the right of each row up to it."""
    inside = int(np.searchsorted(curve.time, tau * (1.0 + SAME_TIME), side="right"))
    edges = np.concatenate(([0.0], np.minimum(curve.time[:inside], tau), [tau]))
    areas = np.diff(edges) * np.concatenate(([1.0], curve.survival[:inside]))
    return float(areas.sum()), np.cumsum(areas[::-1])[::-1][1:]


def _ratio(
    values: tuple[float, float], means: tuple[RestrictedMean, RestrictedMean], conf_level: float
) -> Contrast:
    with np.errstate(divide="ignore", invalid="ignore"):
        top, bottom = np.array([values[0]]), np.array([values[1]])
        logarithm = np.log(top) - np.log(bottom)
        variance = (means[0].std_error / top) ** 2 + (means[1].std_error / bottom) ** 2
    return single(log_ratio(logarithm, variance, conf_level))
