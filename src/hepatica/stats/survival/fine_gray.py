"""Regression of the subdistribution hazard of a cause (Fine and Gray).

Source: Fine and Gray, J Am Stat Assoc 1999;94:496.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, ndtr, ndtri

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, freeze
from hepatica.stats.chi_square import TestResult
from hepatica.stats.survival._causes import causes_of, check_cause
from hepatica.stats.survival._cox_input import covariates, refuse_constant
from hepatica.stats.survival._newton import Newton, NoFiniteEstimateError, maximise
from hepatica.stats.survival._subdistribution import WeightedRiskSets
from hepatica.stats.survival._tally import SAME_TIME


@dataclass(frozen=True, slots=True, eq=False)
class FineGrayFit:
    """A fitted model of the subdistribution hazard with p covariates; arrays are read-only.

    Attributes
    ----------
    coef, std_error : float array (p,)
        Log subdistribution hazard ratios and their robust standard errors.
    vcov : float array (p, p)
        Their robust covariance matrix, the estimation of the censoring weights included.
    naive_vcov : float array (p, p)
        Inverse of the information, which takes the weights as known.
    hazard_ratio, lower, upper : float array (p,)
        Subdistribution hazard ratios with Wald limits.
    z, p_value : float array (p,)
        Wald statistics and two-sided p-values; NaN without a variance (very few subjects).
    wald_test : TestResult
        Test that all coefficients are 0.
    loglik_null, loglik : float
        Log pseudo-likelihood without and with the covariates; twice their difference is not
        chi-square distributed.
    time : float array (e,)
        Times with an event of the cause, rising.
    baseline : float array (e,)
        Cumulative subdistribution hazard there, of a subject whose covariates are all 0.
    last_time : float
        Last follow-up.
    cause : int
        The cause of interest.
    n, n_events, n_competing, n_censored : int
        Subjects, by how their follow-up ended.
    converged : bool
        Whether the iteration ended by its criterion.
    iterations : int
        Newton steps.
    conf_level : float
        As given.
    """

    coef: FloatArray
    std_error: FloatArray
    vcov: FloatArray
    naive_vcov: FloatArray
    hazard_ratio: FloatArray
    lower: FloatArray
    upper: FloatArray
    z: FloatArray
    p_value: FloatArray
    wald_test: TestResult
    loglik_null: float
    loglik: float
    time: FloatArray
    baseline: FloatArray
    last_time: float
    cause: int
    n: int
    n_events: int
    n_competing: int
    n_censored: int
    converged: bool
    iterations: int
    conf_level: float


@dataclass(frozen=True, slots=True, eq=False)
class PredictedIncidence:
    """Cumulative incidence predicted for subjects.

    Attributes
    ----------
    time : float array (k,)
        The times asked for.
    incidence : float array (r, k)
        Of each subject at each time; NaN past the last follow-up.
    """

    time: FloatArray
    incidence: FloatArray


def fine_gray(
    time: npt.ArrayLike,
    cause: npt.ArrayLike,
    X: npt.ArrayLike,
    *,
    cause_of_interest: int = 1,
    censoring_group: npt.ArrayLike | None = None,
    conf_level: float = 0.95,
) -> FineGrayFit:
    """Fit a proportional subdistribution hazards model.

    Parameters
    ----------
    time, cause : array (n,)
        As in `cumulative_incidence`; follow-up is from 0.
    X : array (n, p) or (n,)
        Covariates, one column each; no column for an intercept.
    cause_of_interest : int
        The cause; all others compete with it.
    censoring_group : array (n,), optional
        Whole-number code of groups with a censoring distribution each; without it one for all.
    conf_level : float
        Confidence level of the limits.

    Raises
    ------
    NoFiniteEstimateError
        If the likelihood rises without end.
    InputError
        If the arrays cannot be used, there is no event of the cause, or a column does not vary or
        follows from the others; the message names the column by its index.

    Notes
    -----
    Subjects with a competing event at T stay at risk at t with weight G(t-) / G(T-), G being the
    Kaplan-Meier curve of censoring. Ties are handled by Breslow's method, as in ``cmprsk::crr``.
    With one cause the coefficients are those of `cox` with Breslow's ties.

    A coefficient says how a covariate moves the incidence; how it acts on those still alive is
    said by the cause-specific hazard (`cause_specific` and `cox`). Report both.

    Examples
    --------
    >>> fit = fine_gray([1, 2, 3, 4, 5, 6], [1, 2, 1, 0, 1, 2], [1, 0, 0, 1, 0, 1])
    >>> fit.hazard_ratio.round(4).tolist()
    [0.6734]
    """
    level = _checks.check_conf_level(conf_level)
    checked = _checks.times(time).astype(np.float64, copy=False)
    n = len(checked)
    codes, m = causes_of(cause, n, None)
    check_cause(cause_of_interest, m)
    columns = covariates(X, n)
    kind = np.where(codes == cause_of_interest, 1, np.where(codes > 0, 2, 0)).astype(np.int64)
    if not (kind == 1).any():
        raise InputError("The model needs at least one event of the cause; there is none.")
    refuse_constant(columns)
    group, k = np.zeros(n, dtype=np.int64), 1
    if censoring_group is not None:
        found, group = _checks.codes("censoring_group", censoring_group, n)
        k = len(found)
    centre, scale = columns.mean(axis=0), columns.std(axis=0)
    likelihood = WeightedRiskSets(checked, kind, (columns - centre) / scale, group, k)
    newton = _maximised(likelihood, columns.shape[1])
    parts = likelihood.residuals(newton.coef) @ newton.vcov
    units = np.outer(scale, scale)
    coef = newton.coef / scale
    vcov = parts.T @ parts / units
    std_error = np.sqrt(np.diag(vcov))
    # With very few subjects the residuals can all be 0: no variance, and no certainty either.
    std_error[std_error < 1e-9 * np.sqrt(np.diag(newton.vcov)) / scale] = np.nan
    half = float(ndtri(0.5 + level / 2.0)) * std_error
    z = coef / std_error
    with np.errstate(over="ignore"):
        ratio, lower, upper = np.exp(coef), np.exp(coef - half), np.exp(coef + half)
        baseline = np.cumsum(likelihood.baseline(newton.coef)) * np.exp(-float(centre @ coef))
    return FineGrayFit(
        coef=freeze(coef),
        std_error=freeze(std_error),
        vcov=freeze(vcov),
        naive_vcov=freeze(newton.vcov / units),
        hazard_ratio=freeze(ratio),
        lower=freeze(lower),
        upper=freeze(upper),
        z=freeze(z),
        p_value=freeze(2.0 * ndtr(-np.abs(z))),
        wald_test=_wald(coef, vcov),
        loglik_null=newton.loglik_null,
        loglik=newton.loglik,
        time=freeze(likelihood.times),
        baseline=freeze(baseline),
        last_time=float(checked.max()),
        cause=cause_of_interest,
        n=n,
        n_events=int(np.count_nonzero(kind == 1)),
        n_competing=int(np.count_nonzero(kind == 2)),
        n_censored=int(np.count_nonzero(kind == 0)),
        converged=newton.converged,
        iterations=newton.iterations,
        conf_level=level,
    )


def predict_incidence(
    fit: FineGrayFit, X: npt.ArrayLike, times: npt.ArrayLike
) -> PredictedIncidence:
    """Predict the cumulative incidence of the cause.

    Parameters
    ----------
    fit : FineGrayFit
        The model.
    X : array (r, p)
        Covariates of r subjects.
    times : array (k,)
        Times, in any order.

    Notes
    -----
    ``1 - exp(-baseline(t) * exp(X @ coef))``.

    Examples
    --------
    >>> fit = fine_gray([1, 2, 3, 4, 5, 6], [1, 2, 1, 0, 1, 2], [1, 0, 0, 1, 0, 1])
    >>> predict_incidence(fit, [[0], [1]], [3]).incidence.round(4).tolist()
    [[0.349], [0.251]]
    """
    wanted = _checks.times(np.atleast_1d(_checks.as_array("times", times))).astype(np.float64)
    columns = _checks.numbers("X", X, ndim=2).astype(np.float64)
    if columns.shape[1] != len(fit.coef):
        raise InputError(
            f"X must have one column for each coefficient: {len(fit.coef)}; "
            f"it has {columns.shape[1]}."
        )
    row = np.searchsorted(fit.time, wanted * (1.0 + SAME_TIME), side="right")
    hazard = np.concatenate(([0.0], fit.baseline))[row]
    hazard[wanted > fit.last_time * (1.0 + SAME_TIME)] = np.nan
    with np.errstate(over="ignore"):
        risk = np.exp(columns @ fit.coef)
    if not np.isfinite(risk).all():
        raise InputError("X lies so far from what was fitted that no incidence can be predicted.")
    incidence = -np.expm1(-np.outer(risk, hazard))
    return PredictedIncidence(time=freeze(wanted), incidence=freeze(incidence))


def cause_specific(cause: npt.ArrayLike, cause_of_interest: int = 1) -> npt.NDArray[np.int64]:
    """Return events for an analysis of a cause-specific hazard: other causes are censorings.

    Parameters
    ----------
    cause : array (n,)
        0 for a censoring, 1, 2, ... for an event of this cause.
    cause_of_interest : int
        The cause.

    Returns
    -------
    int array (n,)
        1 for an event of the cause, else 0: the `event` of `cox` and `logrank`. A Kaplan-Meier
        curve of it is no probability.

    Examples
    --------
    >>> cause_specific([0, 1, 2, 1], 1).tolist()
    [0, 1, 0, 1]
    """
    codes, m = causes_of(cause, len(np.atleast_1d(_checks.as_array("cause", cause))), None)
    check_cause(cause_of_interest, m)
    return np.asarray(freeze((codes == cause_of_interest).astype(np.int64)))


def _maximised(likelihood: WeightedRiskSets, p: int) -> Newton:
    start = np.zeros(p)
    try:
        return maximise(likelihood, likelihood.at(start))
    except NoFiniteEstimateError:
        column = likelihood.rising_column(start)
        name = "of a combination of columns" if column is None else f"of column {column}"
        raise NoFiniteEstimateError(
            f"The subdistribution hazard ratio {name} has no finite estimate: the likelihood "
            f"rises without end, as where all events of the cause are at one end of its range."
        ) from None


def _wald(coef: FloatArray, vcov: FloatArray) -> TestResult:
    df = len(coef)
    scale = np.sqrt(np.diag(vcov))
    # Few subjects leave no variance of some combination of the coefficients.
    correlation = vcov / np.outer(scale, scale) if scale.all() else np.zeros_like(vcov)
    if np.linalg.matrix_rank(correlation) < df:
        return TestResult(np.nan, df, np.nan)
    statistic = float((coef / scale) @ np.linalg.solve(correlation, coef / scale))
    return TestResult(statistic, df, float(chdtrc(df, statistic)))
