"""Effects from what papers print: estimates with limits or p-values.

A ratio (hazard, odds, risk) is pooled as its logarithm, whatever the limits look like. Medians go
raw or as logarithms; where the upper limit was not reached, the standard error comes from the
lower one (McGrath et al., Stat Med 2026). Parmar, Torri and Stewart, Stat Med 1998;17:2815, give
the hazard ratio from its p-value.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray
from hepatica.stats.meta.effects import Effects, build, given, refuse, z_of

MEDIAN_SCALES = {"raw": "identity", "log": "log"}


def ratio_from_limits(
    estimate: npt.ArrayLike,
    lower: npt.ArrayLike,
    upper: npt.ArrayLike,
    *,
    conf_level: float = 0.95,
    places: int = 2,
    measure: str = "HR",
) -> Effects:
    """Return log ratios from printed ratios with limits.

    Parameters
    ----------
    estimate, lower, upper : float array (..., k)
        Ratios as printed (not logarithms).
    conf_level : float
        Level of the limits.
    places : int
        Decimal places printed. `off_centre` marks studies whose limits do not centre on the
        estimate in logarithms even if every printed value is off by half a unit of the last
        place: another estimate's limits, a misprint, or limits that are not Wald's.
    measure : str
        Name of the ratio, for footnotes.

    Raises
    ------
    InputError
        If a value is not positive, limits are reversed or equal, or the estimate is outside them.

    Examples
    --------
    >>> effects = ratio_from_limits([0.68, 0.68], [0.55, 0.60], [0.84, 0.95])
    >>> effects.off_centre.tolist(), effects.vi[:1].round(5).tolist()
    ([False, True], [0.01167])
    """
    est, low, high = given(estimate=estimate, lower=lower, upper=upper)
    refuse(
        np.fmin(np.fmin(est, low), high) <= 0.0,
        "Ratios and their limits must be positive",
        "a logarithm typed where the ratio is due",
    )
    _check_limits(est, low, high)
    z = z_of(conf_level)
    log_low, log_high, log_est = np.log(low), np.log(high), np.log(est)
    half = 0.5 * 10.0**-places
    slack = half * (1.0 / low + 1.0 / high + 2.0 / est)
    off = np.abs(log_low + log_high - 2.0 * log_est) > slack * (1.0 + 1e-9)
    vi = ((log_high - log_low) / (2.0 * z)) ** 2
    return build(log_est, vi, measure, "log", excluded=np.isnan(est), off_centre=off)


def ratio_from_p(
    estimate: npt.ArrayLike, p_value: npt.ArrayLike, *, measure: str = "HR"
) -> Effects:
    """Return log ratios from printed ratios with two-sided p-values.

    Parameters
    ----------
    estimate : float array (..., k)
        Ratios as printed; 1 is refused, because its p-value tells nothing about its error.
    p_value : float array (..., k)
        Exact two-sided p-values; a bound such as "< .001" must not be given.
    measure : str
        Name of the ratio, for footnotes.

    Examples
    --------
    >>> ratio_from_p([0.5], [0.05]).vi.round(5).tolist()
    [0.12507]
    """
    est, p = given(estimate=estimate, p_value=p_value)
    refuse(est <= 0.0, "Ratios must be positive", "a logarithm typed where the ratio is due")
    refuse(
        (p <= 0.0) | (p >= 1.0),
        "p-values must lie strictly between 0 and 1",
        "a p-value printed as .000 or 1.00, or a percentage",
    )
    refuse(est == 1.0, "A ratio of 1 has no error that follows from its p-value", "rounding")
    vi = (np.log(est) / ndtri(p / 2.0)) ** 2
    return build(np.log(est), vi, measure, "log", excluded=np.isnan(est))


def median_effects(
    median: npt.ArrayLike,
    lower: npt.ArrayLike,
    upper: npt.ArrayLike,
    *,
    scale: str = "log",
    conf_level: float = 0.95,
    upper_reached: npt.ArrayLike = True,
) -> Effects:
    """Return medians of survival from their limits.

    Parameters
    ----------
    median, lower, upper : float array (..., k)
        In one unit of time. Where `upper_reached` is false, `upper` is not read.
    scale : {"log", "raw"}
        Logarithms, or the medians themselves as Stata's metan takes them. The raw scale supposes
        symmetric limits.
    conf_level : float
        Level of the limits.
    upper_reached : bool array (..., k)
        False where the upper limit was not reached: the standard error is then
        (estimate - lower)/z.

    Raises
    ------
    InputError
        If a median or limit is not positive, or limits are reversed.

    Examples
    --------
    >>> effects = median_effects([10.0], [8.0], [12.0], scale="raw")
    >>> effects.vi.round(4).tolist()
    [1.0413]
    """
    _checks.check_option("scale", scale, MEDIAN_SCALES)
    reached = np.broadcast_to(np.asarray(upper_reached, dtype=np.bool_), np.shape(median))
    top = np.where(reached, np.asarray(upper, dtype=np.float64), np.asarray(median) * 2.0)
    est, low, high = given(median=median, lower=lower, upper=top)
    refuse(np.fmin(est, low) <= 0.0, "Medians and limits must be positive", "a missing value as 0")
    _check_limits(est, low, high)
    z = z_of(conf_level)
    if scale == "log":
        est, low, high = np.log(est), np.log(low), np.log(high)
    reached = reached.reshape(est.shape)
    error = np.where(reached, (high - low) / (2.0 * z), (est - low) / z)
    refuse(error <= 0.0, "The lower limit must lie below the median", "a limit typed twice")
    return build(est, error**2, f"median ({scale})", MEDIAN_SCALES[scale], excluded=np.isnan(est))


def ratio_of_medians_effects(
    median1: npt.ArrayLike, se1: npt.ArrayLike, median2: npt.ArrayLike, se2: npt.ArrayLike
) -> Effects:
    """Return log ratios of medians, with the errors of the raw medians (delta method).

    Examples
    --------
    >>> effects = ratio_of_medians_effects([8.0], [0.8], [4.0], [0.4])
    >>> effects.yi.round(4).tolist(), effects.vi.round(4).tolist()
    ([0.6931], [0.02])
    """
    m1, s1, m2, s2 = given(median1=median1, se1=se1, median2=median2, se2=se2)
    refuse(np.fmin(m1, m2) <= 0.0, "Medians must be positive", "a missing value typed as 0")
    refuse(np.fmin(s1, s2) <= 0.0, "Standard errors must be positive", "a missing value as 0")
    vi = (s1 / m1) ** 2 + (s2 / m2) ** 2
    return build(np.log(m1 / m2), vi, "ratio of medians", "log", excluded=np.isnan(m1))


def generic_effects(
    estimate: npt.ArrayLike,
    std_error: npt.ArrayLike,
    *,
    measure: str = "generic",
    scale: str = "identity",
) -> Effects:
    """Return estimates with their standard errors, both on the scale of pooling.

    Examples
    --------
    >>> generic_effects([0.3], [0.1]).vi.round(4).tolist()
    [0.01]
    """
    est, error = given(estimate=estimate, std_error=std_error)
    refuse(error <= 0.0, "Standard errors must be positive", "none or all had the event")
    return build(est, error**2, measure, scale, excluded=np.isnan(est))


def generic_from_limits(
    estimate: npt.ArrayLike,
    lower: npt.ArrayLike,
    upper: npt.ArrayLike,
    *,
    conf_level: float = 0.95,
    fraction: bool = False,
    measure: str = "generic",
) -> Effects:
    """Return estimates with limits that are symmetric on the scale given.

    Parameters
    ----------
    estimate, lower, upper : float array (..., k)
        On the scale of pooling.
    conf_level : float
        Level of the limits.
    fraction : bool
        Whether the estimates are shares between 0 and 1; a percentage is then refused.
    measure : str
        For footnotes.

    Examples
    --------
    >>> generic_from_limits([0.338], [0.268], [0.407], fraction=True).vi.round(6).tolist()
    [0.001257]
    """
    est, low, high = given(estimate=estimate, lower=lower, upper=upper)
    if fraction:
        check_fraction(est)
    _check_limits(est, low, high)
    vi = ((high - low) / (2.0 * z_of(conf_level))) ** 2
    return build(est, vi, measure, "identity", excluded=np.isnan(est))


def check_fraction(share: FloatArray) -> None:
    """Refuse shares outside 0 to 1; above 1 the likely cause is a percentage."""
    refuse(share > 1.0, "Shares must lie between 0 and 1", "a percentage; divide it by 100")
    refuse(share < 0.0, "Shares must lie between 0 and 1", "a difference or a logarithm")


def _check_limits(est: FloatArray, low: FloatArray, high: FloatArray) -> None:
    refuse(low > high, "The lower limit must lie below the upper", "the limits are reversed")
    refuse(low == high, "The limits must differ", "the estimate typed three times")
    outside = (est < low) | (est > high)
    refuse(outside, "The estimate must lie between its limits", "a row taken from another outcome")
