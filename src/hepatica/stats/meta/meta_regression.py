"""Meta-regression: how effects of studies follow their characteristics, with what is left over.

Sources: Berkey, Hoaglin, Mosteller and Colditz, Stat Med 1995;14:395; Knapp and Hartung, Stat Med
2003;22:2693; R2, Raudenbush, in Cooper, Hedges and Valentine, Handbook of Research Synthesis 2009,
chapter 16, and Lopez-Lopez et al., Br J Math Stat Psychol 2014;67:30.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, fdtrc, ndtr, stdtr

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats.meta._design_fit import (
    NO_SPREAD,
    DesignFit,
    fit_design,
    full_rank,
    is_full_rank,
    quantile,
    read_design,
)
from hepatica.stats.meta._pooled import CI, METHODS
from hepatica.stats.meta._studies import Studies, read_studies
from hepatica.stats.meta.pool import pool


@dataclass(frozen=True, slots=True)
class MetaRegression:
    """A mixed-effects meta-regression.

    Attributes
    ----------
    k, p : int
        Studies and coefficients.
    coefficients, std_error, statistic, lower, upper, p_value : float array (p,)
        Coefficients, the intercept first where there is one, with their tests of 0.
    covariance : float array (p, p)
        Of the coefficients.
    reference_df : float
        Degrees of freedom of their t-distribution (infinite: normal).
    tested : int array (m,)
        Positions of the coefficients that `qm` tests together.
    qm, qm_p_value : float
        Their test: chi-square with `qm_df` under normal limits, otherwise F with `qm_df` and
        `reference_df` degrees of freedom.
    qm_df : int
        Coefficients tested.
    q, q_p_value : float
        Residual heterogeneity: Q about the fitted common effects, and its p-value.
    df : int
        Its degrees of freedom, k - p.
    tau2, tau2_std_error : float
        Residual variance between studies.
    tau2_without : float
        Variance between studies without the moderators.
    r2 : float
        Share of the variance between studies that the moderators explain, not below 0; NaN in the
        common-effect model, without variance to explain, and where no intercept is implied.
    i2, i2_tau2 : float
        Residual heterogeneity over residual heterogeneity and chance, from Q and from tau2.
    iterations : int
        Steps of the search for tau2; 0 for a closed form.
    status : {"ok", "fallback", "not_converged", "no_spread"}
        As in `Pooled`.
    intercept : bool
        As given.
    method, ci : str
        As given.
    conf_level : float
        As given.
    """

    k: int
    p: int
    coefficients: FloatArray
    covariance: FloatArray
    std_error: FloatArray
    statistic: FloatArray
    reference_df: float
    lower: FloatArray
    upper: FloatArray
    p_value: FloatArray
    tested: IntArray
    qm: float
    qm_df: int
    qm_p_value: float
    q: float
    df: int
    q_p_value: float
    tau2: float
    tau2_std_error: float
    tau2_without: float
    r2: float
    i2: float
    i2_tau2: float
    iterations: int
    status: str
    intercept: bool
    method: str
    ci: str
    conf_level: float


def meta_regression(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    x: npt.ArrayLike,
    *,
    intercept: bool = True,
    method: str = "REML",
    ci: str = "wald",
    tested: Sequence[int] | None = None,
    conf_level: float = 0.95,
) -> MetaRegression:
    """Fit effects of studies to their characteristics.

    Parameters
    ----------
    yi, vi : float array (k,)
        Estimates and variances; NaN in both for a study without the outcome.
    x : float array (k,) or (k, m)
        Moderators, one column each; dummies for groups.
    intercept : bool
        Whether a column of ones is put first.
    method : str
        Estimator of tau2, or "common", as in `pool`.
    ci : {"wald", "t", "hartung-knapp", "hartung-knapp-floor"}
        Normal limits; t(k - p); t(k - p) with the variance of Knapp and Hartung, or with their
        factor held at 1 or more.
    tested : sequence of int or None
        Positions of the coefficients that the omnibus test takes; all but the intercept when None.
    conf_level : float
        Confidence level.

    Raises
    ------
    InputError
        If there are no more studies than coefficients, columns repeat each other, or an option is
        not known.

    Examples
    --------
    >>> fit = meta_regression([1.0, 2.0, 3.0, 5.0], [1.0] * 4, [0.0, 1.0, 2.0, 3.0], method="HE")
    >>> fit.coefficients.round(9).tolist(), fit.tau2
    ([0.8, 1.3], 0.0)
    """
    _checks.check_option("method", method, METHODS)
    _checks.check_option("ci", ci, CI)
    conf_level = _checks.check_conf_level(conf_level)
    studies = read_studies(yi, vi, 1)
    given = read_design(x, len(studies.y), intercept=intercept)
    design = full_rank(given, studies.present[:, 0])
    with np.errstate(invalid="ignore", divide="ignore"):
        fit = fit_design(design, studies, method)
    positions = _tested(tested, given.shape[1], intercept=intercept)
    without = _without(yi, vi, given[studies.present[:, 0]], method)
    return _found(fit, studies, positions, without, (intercept, method, ci, conf_level))


def _tested(tested: Sequence[int] | None, p: int, *, intercept: bool) -> IntArray:
    if tested is None:
        first = 1 if intercept and p > 1 else 0
        return np.arange(first, p, dtype=np.int64)
    positions = np.asarray(tested)
    if (
        positions.dtype.kind not in "iu"
        or positions.size == 0
        or (positions < 0).any()
        or (positions >= p).any()
    ):
        raise InputError(f"tested must name coefficients by their positions, 0 to {p - 1}.")
    if len(np.unique(positions)) < len(positions):
        raise InputError("tested must name each coefficient once.")
    return positions


def _without(yi: npt.ArrayLike, vi: npt.ArrayLike, given: FloatArray, method: str) -> float:
    """Return tau2 without moderators; NaN where the columns do not imply an intercept."""
    ones = np.ones((len(given), 1))
    implied = not is_full_rank(np.hstack([ones, given]))
    return pool(yi, vi, method=method).tau2 if implied else float("nan")


def scale_of(fit: DesignFit, studies: Studies, ci: str) -> FloatArray:
    """Return the factor (o,) on the covariance: 1, or the mean square of Knapp and Hartung."""
    if ci in ("wald", "t"):
        return np.ones(len(fit.factor))
    if ci == "hartung-knapp-floor":
        return np.maximum(fit.factor, 1.0)
    w = 1.0 / (studies.v + fit.tau2.value)
    size = np.einsum("ko,ko,ko->o", w, studies.y, studies.y)
    return np.where(fit.factor > NO_SPREAD * size, fit.factor, np.nan)


def _found(
    fit: DesignFit,
    studies: Studies,
    positions: IntArray,
    without: float,
    options: tuple[bool, str, str, float],
) -> MetaRegression:
    intercept, method, ci, conf_level = options
    k, p = int(studies.k[0]), fit.coefficients.shape[1]
    df = k - p
    estimate = fit.coefficients[0]
    covariance = fit.covariance[0] * scale_of(fit, studies, ci)[0]
    error = np.sqrt(np.diag(covariance))
    reference = np.inf if ci == "wald" else float(df)
    half = quantile(reference, conf_level) * error
    statistic = estimate / error
    tail = -np.abs(statistic)
    qm, qm_p_value = _omnibus(estimate, covariance, positions, reference)
    q, tau2 = float(fit.q[0]), float(fit.tau2.value[0])
    return MetaRegression(
        k=k,
        p=p,
        coefficients=freeze(estimate),
        covariance=freeze(covariance),
        std_error=freeze(error),
        statistic=freeze(statistic),
        reference_df=reference,
        lower=freeze(estimate - half),
        upper=freeze(estimate + half),
        p_value=freeze(2.0 * (ndtr(tail) if np.isinf(reference) else stdtr(df, tail))),
        tested=freeze(positions),
        qm=qm,
        qm_df=len(positions),
        qm_p_value=qm_p_value,
        q=q,
        df=df,
        q_p_value=float(chdtrc(df, q)),
        tau2=tau2,
        tau2_std_error=float(fit.tau2.std_error[0]),
        tau2_without=without,
        r2=max(0.0, 1.0 - tau2 / without) if method != "common" and without > 0.0 else np.nan,
        i2=max(0.0, (q - df) / q) if q > 0.0 else 0.0,
        i2_tau2=tau2 / (tau2 + float(fit.typical[0])),
        iterations=int(fit.tau2.iterations[0]),
        status=_status(fit, error),
        intercept=intercept,
        method=method,
        ci=ci,
        conf_level=conf_level,
    )


def _omnibus(
    estimate: FloatArray, covariance: FloatArray, positions: IntArray, reference: float
) -> tuple[float, float]:
    """Return the test of some coefficients together, and its p-value."""
    some = estimate[positions]
    if np.isnan(covariance).any():
        return float("nan"), float("nan")
    qm = float(some @ np.linalg.solve(covariance[np.ix_(positions, positions)], some))
    if np.isinf(reference):
        return qm, float(chdtrc(len(some), qm))
    return qm / len(some), float(fdtrc(len(some), reference, qm / len(some)))


def _status(fit: DesignFit, error: FloatArray) -> str:
    if np.isnan(error).any():
        return "no_spread"
    if not fit.tau2.converged[0]:
        return "not_converged"
    return "fallback" if fit.tau2.fallback[0] else "ok"
