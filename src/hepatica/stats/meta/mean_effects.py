"""Means: of one arm, differences, standardised differences, ratios.

Sources: Hedges, J Educ Stat 1981;6:107 (exact and approximate bias factor, unbiased variance);
Borenstein et al., Introduction to Meta-Analysis, 2009; Hedges and Olkin, 1985; the variance of
RevMan, Deeks and Higgins, Statistical algorithms in Review Manager 5, 2010; ratio of means, Hedges,
Gurevitch and Curtis, Ecology 1999;80:1150.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray
from hepatica.stats.meta.effects import Effects, build, given, refuse

VARIANCES = ("large-sample", "unbiased", "borenstein", "revman")
FACTORS = ("exact", "approximate", "none")
POOLING = ("separate", "pooled")


def mean_effects(mean: npt.ArrayLike, sd: npt.ArrayLike, n: npt.ArrayLike) -> Effects:
    """Return means of single arms: variance sd squared over n.

    Examples
    --------
    >>> mean_effects([3.0], [2.0], [16]).vi.tolist()
    [0.25]
    """
    m, s, size = given(mean=mean, sd=sd, n=n)
    _check(s, size)
    return build(m, s**2 / size, "MN", "identity", excluded=np.isnan(m))


def mean_difference_effects(
    arm1: tuple[npt.ArrayLike, npt.ArrayLike, npt.ArrayLike],
    arm2: tuple[npt.ArrayLike, npt.ArrayLike, npt.ArrayLike],
    *,
    variance: str = "separate",
) -> Effects:
    """Return differences of means, first arm less second.

    Parameters
    ----------
    arm1, arm2 : tuple of arrays (..., k)
        Means, standard deviations, patients.
    variance : {"separate", "pooled"}
        Variance from the arms' own standard deviations, or from the pooled one.

    Examples
    --------
    >>> effects = mean_difference_effects(([5.0], [2.0], [16]), ([3.0], [3.0], [36]))
    >>> effects.yi.tolist(), effects.vi.tolist()
    ([2.0], [0.5])
    """
    _checks.check_option("variance", variance, POOLING)
    m1, s1, n1, m2, s2, n2 = _arms(arm1, arm2)
    if variance == "pooled":
        s1 = s2 = _pooled_sd(s1, n1, s2, n2)
    return build(m1 - m2, s1**2 / n1 + s2**2 / n2, "MD", "identity", excluded=np.isnan(m1))


def standardised_mean_difference_effects(
    arm1: tuple[npt.ArrayLike, npt.ArrayLike, npt.ArrayLike],
    arm2: tuple[npt.ArrayLike, npt.ArrayLike, npt.ArrayLike],
    *,
    factor: str = "exact",
    variance: str = "large-sample",
) -> Effects:
    """Return standardised mean differences (Hedges' g; Cohen's d without the factor).

    Parameters
    ----------
    arm1, arm2 : tuple of arrays (..., k)
        Means, standard deviations, patients.
    factor : {"exact", "approximate", "none"}
        Bias factor J by gamma functions; 1 - 3/(4 df - 1), as RevMan and Stata take it; none.
    variance : {"large-sample", "unbiased", "borenstein", "revman"}
        1/n1 + 1/n2 + g2/(2N); Hedges' unbiased estimate; J2 (1/n1 + 1/n2 + d2/(2N));
        1/n1 + 1/n2 + g2/(2(N - 3.94)).

    Examples
    --------
    >>> effects = standardised_mean_difference_effects(([5.0], [2.0], [10]), ([3.0], [2.0], [10]))
    >>> effects.yi.round(4).tolist(), effects.vi.round(4).tolist()
    ([0.9576], [0.2229])
    """
    _checks.check_option("factor", factor, FACTORS)
    _checks.check_option("variance", variance, VARIANCES)
    m1, s1, n1, m2, s2, n2 = _arms(arm1, arm2)
    total, df = n1 + n2, n1 + n2 - 2.0
    refuse(df < 2.0, "The arms must have four patients together", "an arm of one patient")
    d = (m1 - m2) / _pooled_sd(s1, n1, s2, n2)
    bias = _factor(df, factor)
    g = bias * d
    base = 1.0 / n1 + 1.0 / n2
    if variance == "unbiased":
        vi = base + (1.0 - (df - 2.0) / (df * bias**2)) * g**2
    elif variance == "borenstein":
        vi = bias**2 * (base + d**2 / (2.0 * total))
    else:
        vi = base + g**2 / (2.0 * (total - (3.94 if variance == "revman" else 0.0)))
    return build(g, vi, "SMD", "identity", excluded=np.isnan(m1))


def ratio_of_means_effects(
    arm1: tuple[npt.ArrayLike, npt.ArrayLike, npt.ArrayLike],
    arm2: tuple[npt.ArrayLike, npt.ArrayLike, npt.ArrayLike],
) -> Effects:
    """Return log ratios of means, first arm over second; the means must have one sign.

    Examples
    --------
    >>> effects = ratio_of_means_effects(([4.0], [2.0], [10]), ([2.0], [1.0], [10]))
    >>> effects.yi.round(4).tolist(), effects.vi.round(4).tolist()
    ([0.6931], [0.05])
    """
    m1, s1, n1, m2, s2, n2 = _arms(arm1, arm2)
    refuse(m1 * m2 <= 0.0, "Both means must be positive or both negative", "a change, not a level")
    vi = s1**2 / (n1 * m1**2) + s2**2 / (n2 * m2**2)
    return build(np.log(m1 / m2), vi, "ROM", "log", excluded=np.isnan(m1))


def _arms(
    arm1: tuple[npt.ArrayLike, npt.ArrayLike, npt.ArrayLike],
    arm2: tuple[npt.ArrayLike, npt.ArrayLike, npt.ArrayLike],
) -> list[FloatArray]:
    arrays = given(mean1=arm1[0], sd1=arm1[1], n1=arm1[2], mean2=arm2[0], sd2=arm2[1], n2=arm2[2])
    _check(arrays[1], arrays[2])
    _check(arrays[4], arrays[5])
    return arrays


def _check(sd: FloatArray, n: FloatArray) -> None:
    refuse(n < 1.0, "The number of patients must be at least 1", "an empty arm")
    refuse(sd < 0.0, "Standard deviations must not be negative", "a limit typed in its column")


def _pooled_sd(s1: FloatArray, n1: FloatArray, s2: FloatArray, n2: FloatArray) -> FloatArray:
    pooled = np.sqrt(((n1 - 1.0) * s1**2 + (n2 - 1.0) * s2**2) / (n1 + n2 - 2.0))
    refuse(pooled <= 0.0, "Standard deviations must not both be 0", "a missing value typed as 0")
    out: FloatArray = pooled
    return out


def _factor(df: FloatArray, factor: str) -> FloatArray:
    if factor == "none":
        return np.ones_like(df)
    if factor == "approximate":
        return 1.0 - 3.0 / (4.0 * df - 1.0)
    out: FloatArray = np.exp(gammaln(df / 2.0) - 0.5 * np.log(df / 2.0) - gammaln((df - 1.0) / 2.0))
    return out
