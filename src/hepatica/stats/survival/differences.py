"""Survival of two groups compared at given times, and their medians.

Sources: Klein et al., Stat Med 2007;26:4505 (scales); Zou and Donner, Stat Med 2008;27:1693
(limits of a difference from the limits of its parts).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, freeze
from hepatica.stats.survival._contrast import Contrasts, difference, log_ratio
from hepatica.stats.survival.kaplan_meier import KaplanMeier, Quantile

METHODS = ("wald", "mover")


@dataclass(frozen=True, slots=True, eq=False)
class SurvivalDifference:
    """Survival of two groups compared at m times; NaN is "not estimable".

    Attributes
    ----------
    time : float array (m,)
        The times, as given.
    treated, control : float array (m,)
        Survival of each group.
    difference : Contrasts
        Treated less control.
    ratio : Contrasts
        Treated over control, limits on the logarithmic scale.
    hazard_ratio : Contrasts
        Ratio of cumulative hazards up to the time, ``log(treated) / log(control)``, limits on the
        log-log scale: below 1 is in favour of the treated.
    method : str
        How the limits of `difference` were made.
    conf_level : float
        Confidence level.
    """

    time: FloatArray
    treated: FloatArray
    control: FloatArray
    difference: Contrasts
    ratio: Contrasts
    hazard_ratio: Contrasts
    method: str
    conf_level: float


@dataclass(frozen=True, slots=True)
class QuantileDifference:
    """Quantiles of two groups compared; NaN is "not estimable".

    Attributes
    ----------
    treated, control : Quantile
        Each group, with the limits of its curve.
    difference, difference_lower, difference_upper : float
        Treated less control, in the unit of the times.
    ratio, ratio_lower, ratio_upper : float
        Treated over control.
    conf_level : float
        Confidence level, that of the curves.
    """

    treated: Quantile
    control: Quantile
    difference: float
    difference_lower: float
    difference_upper: float
    ratio: float
    ratio_lower: float
    ratio_upper: float
    conf_level: float


def survival_difference(
    treated: KaplanMeier,
    control: KaplanMeier,
    times: npt.ArrayLike,
    *,
    method: str = "wald",
    conf_level: float = 0.95,
) -> SurvivalDifference:
    """Compare the survival of two groups at times (landmarks, milestones).

    Parameters
    ----------
    treated, control : KaplanMeier
        Curves of independent groups.
    times : array (m,)
        Times in the unit of the curves.
    method : {"wald", "mover"}
        Limits of the difference: by the normal distribution with Greenwood's variances; or
        recovered from the limits of the two curves, in their `conf_type`, which stay inside
        [-1, 1]. Both curves then need the `conf_level` asked for.
    conf_level : float
        Confidence level.

    Raises
    ------
    InputError
        If times or options cannot be used.

    Notes
    -----
    Where a curve is past its last follow-up all is NaN. Where no group has had an event the
    difference is 0 without limits. Standard errors and p-values are Wald's for both methods.

    Examples
    --------
    >>> from hepatica.stats.survival import kaplan_meier
    >>> one = kaplan_meier([2, 3, 4, 5], [1, 1, 1, 1])
    >>> other = kaplan_meier([1, 2, 3, 4], [1, 1, 1, 1])
    >>> compared = survival_difference(one, other, [2])
    >>> compared.difference.estimate.tolist(), compared.ratio.estimate.round(3).tolist()
    ([0.25], [1.5])
    """
    _checks.check_option("method", method, METHODS)
    level = _checks.check_conf_level(conf_level)
    one, other = treated.at(times), control.at(times)
    s1, s0 = one.survival, other.survival
    with np.errstate(divide="ignore", invalid="ignore"):
        plain = difference(s1 - s0, one.std_error**2 + other.std_error**2, level)
        log1, log0 = np.log(s1), np.log(s0)
        v1, v0 = (one.std_error / s1) ** 2, (other.std_error / s0) ** 2
        ratio = log_ratio(log1 - log0, v1 + v0, level)
        hazard = log_ratio(np.log(-log1) - np.log(-log0), v1 / log1**2 + v0 / log0**2, level)
    if method == "mover":
        _check_levels(treated, control, level)
        lower, upper = _mover((s1, one.lower, one.upper), (s0, other.lower, other.upper))
        plain = Contrasts(
            estimate=plain.estimate,
            lower=freeze(lower),
            upper=freeze(upper),
            std_error=plain.std_error,
            statistic=plain.statistic,
            p_value=plain.p_value,
        )
    return SurvivalDifference(one.time, s1, s0, plain, ratio, hazard, method, level)


def quantile_difference(
    treated: KaplanMeier, control: KaplanMeier, p: float = 0.5
) -> QuantileDifference:
    """Compare the times by which a share of the subjects of two groups has had the event.

    Parameters
    ----------
    treated, control : KaplanMeier
        Curves of independent groups, with the same confidence level.
    p : float
        The share, 0.5 for the median.

    Raises
    ------
    InputError
        If the curves differ in their confidence level.

    Notes
    -----
    Limits are recovered from those of each quantile (Brookmeyer and Crowley): for the difference
    on the scale of time, for the ratio on its logarithm. No density is estimated and nothing is
    drawn at random. A limit that needs a limit which is not reached is NaN. There is no p-value;
    a test of medians is another question.

    Examples
    --------
    >>> from hepatica.stats.survival import kaplan_meier
    >>> one = kaplan_meier([2, 4, 6, 8, 10], [1, 1, 1, 1, 1])
    >>> other = kaplan_meier([1, 2, 3, 4, 5], [1, 1, 1, 1, 1])
    >>> compared = quantile_difference(one, other)
    >>> compared.difference, compared.ratio
    (3.0, 2.0)
    """
    _check_levels(treated, control, treated.conf_level)
    one, other = treated.quantile(p), control.quantile(p)
    parts = [
        tuple(np.array([value]) for value in (q.estimate, q.lower, q.upper)) for q in (one, other)
    ]
    plain = _mover(parts[0], parts[1])
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = [tuple(np.log(value) for value in part) for part in parts]
        ratio = parts[0][0] / parts[1][0]
        on_log = [np.exp(limit) for limit in _mover(logs[0], logs[1])]
    return QuantileDifference(
        treated=one,
        control=other,
        difference=one.estimate - other.estimate,
        difference_lower=float(plain[0][0]),
        difference_upper=float(plain[1][0]),
        ratio=_finite(ratio),
        ratio_lower=_finite(on_log[0]),
        ratio_upper=_finite(on_log[1]),
        conf_level=treated.conf_level,
    )


def _mover(one: tuple[FloatArray, ...], other: tuple[FloatArray, ...]) -> list[FloatArray]:
    """Return limits of a difference from (estimate, lower, upper) of its two parts."""
    (e1, l1, u1), (e0, l0, u0) = one, other
    with np.errstate(invalid="ignore"):
        return [
            e1 - e0 - np.hypot(e1 - l1, u0 - e0),
            e1 - e0 + np.hypot(u1 - e1, e0 - l0),
        ]


def _finite(value: FloatArray) -> float:
    return float(value[0]) if np.isfinite(value[0]) else float("nan")


def _check_levels(treated: KaplanMeier, control: KaplanMeier, conf_level: float) -> None:
    if not treated.conf_level == control.conf_level == conf_level:
        raise InputError(
            "The limits are made from those of the two curves: make both curves with the "
            "confidence level that is asked for."
        )
