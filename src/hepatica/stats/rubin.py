"""Pooling of estimates from imputed tables by Rubin's rules.

Sources: Rubin, Multiple Imputation for Nonresponse in Surveys, 1987, 3.3 and 3.4; Barnard and
Rubin, Biometrika 1999;86:948 (degrees of freedom); van Buuren, Flexible Imputation of Missing Data,
2nd ed. 2018, 2.3 (fraction of missing information); Li, Raghunathan and Rubin, J Am Stat Assoc
1991;86:1065 (joint test).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, fdtrc, ndtr, ndtri, stdtr, stdtrit

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, freeze


@dataclass(frozen=True, slots=True, eq=False)
class RubinPool:
    """Estimates pooled over m imputed tables; all arrays have one value for each of p estimates.

    Attributes
    ----------
    estimate, std_error : float array (p,)
        Mean of the estimates, and its standard error, the root of `total`.
    within, between, total : float array (p,)
        Mean of the variances; variance of the estimates between tables; within + (1 + 1/m) between.
    df : float array (p,)
        Degrees of freedom; infinite where nothing is missing and the complete table has none.
    lambda_ : float array (p,)
        Share of the total variance that is due to missing values.
    fmi : float array (p,)
        Fraction of missing information, which allows for the number of tables.
    lower, upper : float array (p,)
        Limits by Student's t.
    statistic, p_value : float array (p,)
        Estimate over standard error, and its two-sided p-value.
    conf_level : float
        As given.
    """

    estimate: FloatArray
    std_error: FloatArray
    within: FloatArray
    between: FloatArray
    total: FloatArray
    df: FloatArray
    lambda_: FloatArray
    fmi: FloatArray
    lower: FloatArray
    upper: FloatArray
    statistic: FloatArray
    p_value: FloatArray
    conf_level: float


def pool_rubin(
    estimates: npt.ArrayLike,
    variances: npt.ArrayLike,
    *,
    df_complete: float = math.inf,
    conf_level: float = 0.95,
) -> RubinPool:
    """Pool estimates of imputed tables one by one.

    Parameters
    ----------
    estimates : float array (m, p)
        Estimates of each table.
    variances : float array (m, p) or (m, p, p)
        Their squared standard errors, or covariance matrices, whose diagonals are used.
    df_complete : float
        Degrees of freedom of the estimate if no value were missing; infinite for large samples.
    conf_level : float
        Confidence level.

    Raises
    ------
    InputError
        If there are fewer than two tables, or the arrays do not fit.

    Examples
    --------
    >>> pooled = pool_rubin([[1.0], [1.2], [1.1]], [[0.04], [0.05], [0.03]])
    >>> [round(float(x[0]), 4) for x in (pooled.estimate, pooled.total, pooled.df, pooled.fmi)]
    [1.1, 0.0533, 32.0, 0.2929]
    """
    level = _checks.check_conf_level(conf_level)
    q, u = _checked(estimates, variances)
    complete = _checks.number("df_complete", df_complete)
    if not complete > 0.0:
        raise InputError("df_complete must be greater than 0.")
    m = len(q)
    estimate, within, between = q.mean(axis=0), u.mean(axis=0), q.var(axis=0, ddof=1)
    added = (1.0 + 1.0 / m) * between
    total = within + added
    share = added / total
    df = _degrees(share, m, complete)
    increase = added / within
    fmi = (increase + 2.0 / (df + 3.0)) / (increase + 1.0)
    std_error = np.sqrt(total)
    statistic = estimate / std_error
    width = _quantile(df, 0.5 + level / 2.0) * std_error
    return RubinPool(
        estimate=freeze(estimate),
        std_error=freeze(std_error),
        within=freeze(within),
        between=freeze(between),
        total=freeze(total),
        df=freeze(df),
        lambda_=freeze(share),
        fmi=freeze(fmi),
        lower=freeze(estimate - width),
        upper=freeze(estimate + width),
        statistic=freeze(statistic),
        p_value=freeze(2.0 * _below(df, -np.abs(statistic))),
        conf_level=level,
    )


@dataclass(frozen=True, slots=True)
class RubinTest:
    """A joint test of k estimates from imputed tables.

    Attributes
    ----------
    statistic : float
        F statistic (D1).
    df, df_error : float
        Its degrees of freedom.
    p_value : float
        P-value that all k are zero.
    """

    statistic: float
    df: float
    df_error: float
    p_value: float


def pool_rubin_test(estimates: npt.ArrayLike, covariances: npt.ArrayLike) -> RubinTest:
    """Test estimates of imputed tables together, such as all levels of a category.

    Parameters
    ----------
    estimates : float array (m, k)
        Estimates of each table.
    covariances : float array (m, k, k)
        Their covariance matrices.

    Raises
    ------
    InputError
        If there are fewer than two tables, or the arrays do not fit.

    Examples
    --------
    >>> test = pool_rubin_test([[1.0, 0.1], [1.2, 0.3], [1.1, 0.0]], [np.eye(2) / 4.0] * 3)
    >>> round(test.statistic, 3), test.df, round(test.p_value, 4)
    (2.255, 2.0, 0.106)
    """
    q = _checks.numbers("estimates", estimates, ndim=2).astype(np.float64)
    u = _checks.numbers("covariances", covariances, ndim=3).astype(np.float64)
    m, k = q.shape
    if m < 2:
        raise InputError("estimates must come from at least two tables.")
    if len(u) != m:
        raise InputError(f"covariances must have a matrix for each table: {m}; it has {len(u)}.")
    if u.shape[1:] != (k, k):
        raise InputError(f"covariances must be {k} by {k} matrices.")
    estimate, within = q.mean(axis=0), u.mean(axis=0)
    between = np.atleast_2d(np.cov(q, rowvar=False))
    try:
        inverse = np.linalg.inv(within)
    except np.linalg.LinAlgError:
        raise InputError("The mean of covariances has no inverse.") from None
    increase = (1.0 + 1.0 / m) * float(np.trace(between @ inverse)) / k
    statistic = float(estimate @ inverse @ estimate) / (k * (1.0 + increase))
    df_error = _error_degrees(k, m, increase)
    if math.isinf(df_error):
        return RubinTest(statistic, float(k), df_error, float(chdtrc(k, k * statistic)))
    return RubinTest(statistic, float(k), df_error, float(fdtrc(k, df_error, statistic)))


def _checked(estimates: npt.ArrayLike, variances: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    q = _checks.numbers("estimates", estimates, ndim=2).astype(np.float64)
    given = _checks.as_array("variances", variances)
    u = _checks.numbers("variances", given, ndim=3 if given.ndim == 3 else 2).astype(np.float64)
    if u.ndim == 3:
        if u.shape[1] != u.shape[2]:
            raise InputError("variances must hold square matrices.")
        u = np.diagonal(u, axis1=1, axis2=2)
    if len(q) < 2:
        raise InputError("estimates must come from at least two tables.")
    if u.shape != q.shape:
        raise InputError("variances must have a value for each of the estimates.")
    if u.min() <= 0.0:
        raise InputError("variances must be greater than 0.")
    return q, u


def _degrees(share: FloatArray, m: int, complete: float) -> FloatArray:
    """Return the degrees of freedom of Barnard and Rubin."""
    with np.errstate(divide="ignore", over="ignore"):
        old = (m - 1.0) / share**2
    if math.isinf(complete):
        return old
    observed = (complete + 1.0) / (complete + 3.0) * complete * (1.0 - share)
    # Written so that an infinite number of degrees drops out.
    df: FloatArray = 1.0 / (1.0 / old + 1.0 / observed)
    return df


def _quantile(df: FloatArray, probability: float) -> FloatArray:
    normal = float(ndtri(probability))
    finite = np.isfinite(df)
    found: FloatArray = np.where(finite, stdtrit(np.where(finite, df, 1.0), probability), normal)
    return found


def _below(df: FloatArray, value: FloatArray) -> FloatArray:
    finite = np.isfinite(df)
    found: FloatArray = np.where(finite, stdtr(np.where(finite, df, 1.0), value), ndtr(value))
    return found


def _error_degrees(k: int, m: int, increase: float) -> float:
    if increase == 0.0:
        return math.inf
    t = k * (m - 1)
    if t > 4:
        return 4.0 + (t - 4.0) * (1.0 + (1.0 - 2.0 / t) / increase) ** 2
    return t * (1.0 + 1.0 / k) * (1.0 + 1.0 / increase) ** 2 / 2.0
