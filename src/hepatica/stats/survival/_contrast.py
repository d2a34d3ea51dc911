"""Differences and ratios of two independent estimates, with Wald limits and p-values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from hepatica.stats._checks import FloatArray, freeze


@dataclass(frozen=True, slots=True)
class Contrast:
    """A difference or ratio of two estimates; NaN is "not estimable".

    Attributes
    ----------
    estimate, lower, upper : float
        The difference or ratio with its limits.
    std_error : float
        Standard error, of the logarithm if it is a ratio.
    statistic : float
        Estimate (its logarithm if it is a ratio) over the standard error.
    p_value : float
        Two-sided p-value.
    """

    estimate: float
    lower: float
    upper: float
    std_error: float
    statistic: float
    p_value: float


@dataclass(frozen=True, slots=True, eq=False)
class Contrasts:
    """Contrasts at several times; each attribute is a read-only float array (m,).

    See `Contrast` for the meaning of the attributes.
    """

    estimate: FloatArray
    lower: FloatArray
    upper: FloatArray
    std_error: FloatArray
    statistic: FloatArray
    p_value: FloatArray


def difference(estimate: FloatArray, variance: FloatArray, conf_level: float) -> Contrasts:
    """Return limits and p-values of differences with these variances."""
    return _wald(np.asarray(estimate, dtype=np.float64), variance, conf_level)


def log_ratio(logarithm: FloatArray, variance: FloatArray, conf_level: float) -> Contrasts:
    """Return limits and p-values of ratios, given their logarithms and the variances of these."""
    wald = _wald(np.asarray(logarithm, dtype=np.float64), variance, conf_level)
    with np.errstate(over="ignore"):
        shown = (np.exp(values) for values in (wald.estimate, wald.lower, wald.upper))
        estimate, lower, upper = (freeze(values) for values in shown)
    return Contrasts(estimate, lower, upper, wald.std_error, wald.statistic, wald.p_value)


def single(contrasts: Contrasts) -> Contrast:
    """Return the only contrast of an array of one."""
    return Contrast(*(float(getattr(contrasts, name)[0]) for name in Contrasts.__slots__))


def _wald(estimate: FloatArray, variance: FloatArray, conf_level: float) -> Contrasts:
    # Without a variance there is no limit and no test: a standard error of 0 is no certainty.
    std_error = np.sqrt(np.where(np.isfinite(variance) & (variance > 0.0), variance, np.nan))
    std_error[~np.isfinite(estimate)] = np.nan
    half = float(ndtri(0.5 + conf_level / 2.0)) * std_error
    statistic = estimate / std_error
    return Contrasts(
        estimate=freeze(np.where(np.isfinite(estimate), estimate, np.nan)),
        lower=freeze(estimate - half),
        upper=freeze(estimate + half),
        std_error=freeze(std_error),
        statistic=freeze(statistic),
        p_value=freeze(2.0 * ndtr(-np.abs(statistic))),
    )
