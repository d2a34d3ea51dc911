"""Proportional hazards regression by partial likelihood.

Sources: Cox, J R Stat Soc B 1972;34:187; Efron, J Am Stat Assoc 1977;72:557; Breslow,
Biometrics 1974;30:89; Heinze and Schemper, Biometrics 2001;57:114 (monotone likelihood).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, ndtr, ndtri

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, freeze
from hepatica.stats.survival._cox_data import CoxData
from hepatica.stats.survival._partial_likelihood import (
    Newton,
    NoFiniteEstimateError,
    PartialLikelihood,
    maximise,
    refuse_degenerate,
)

__all__ = ["TIES", "CoxFit", "NoFiniteEstimateError", "TestResult", "cox"]

TIES = ("efron", "breslow")


@dataclass(frozen=True, slots=True)
class TestResult:
    """A chi-square test.

    Attributes
    ----------
    statistic : float
        Chi-square statistic.
    df : int
        Degrees of freedom.
    p_value : float
        Its p-value.
    """

    # pytest collects classes by this name; this one is a value.
    __test__ = False

    statistic: float
    df: int
    p_value: float


@dataclass(frozen=True, slots=True, eq=False)
class CoxFit:
    """A fitted proportional hazards model with p covariates; arrays are read-only.

    Attributes
    ----------
    coef, std_error : float array (p,)
        Log hazard ratios and their standard errors.
    vcov : float array (p, p)
        Their covariance matrix, the inverse of the observed information.
    hazard_ratio, lower, upper : float array (p,)
        Hazard ratios with Wald limits.
    z, p_value : float array (p,)
        Wald statistics and two-sided p-values.
    loglik_null, loglik : float
        Log partial likelihood without and with the covariates.
    score_test, wald_test, lr_test : TestResult
        Tests that all coefficients are 0.
    converged : bool
        Whether the iteration ended by its criterion.
    iterations, n, n_events : int
        Newton steps, subjects, events.
    ties : str
        As given.
    conf_level : float
        As given.
    data : CoxData
        What was fitted, for diagnostics.
    """

    coef: FloatArray
    std_error: FloatArray
    vcov: FloatArray
    hazard_ratio: FloatArray
    lower: FloatArray
    upper: FloatArray
    z: FloatArray
    p_value: FloatArray
    loglik_null: float
    loglik: float
    score_test: TestResult
    wald_test: TestResult
    lr_test: TestResult
    converged: bool
    iterations: int
    n: int
    n_events: int
    ties: str
    conf_level: float
    data: CoxData


def cox(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    X: npt.ArrayLike,
    *,
    ties: str = "efron",
    strata: npt.ArrayLike | None = None,
    conf_level: float = 0.95,
) -> CoxFit:
    """Fit a proportional hazards model.

    Parameters
    ----------
    time, event : array (n,)
        As in `kaplan_meier`.
    X : array (n, p) or (n,)
        Covariates, one column each; no column for an intercept.
    ties : {"efron", "breslow"}
        Handling of tied event times.
    strata : array (n,), optional
        Whole-number code of each subject's stratum; each has a baseline hazard of its own.
    conf_level : float
        Confidence level of the limits.

    Raises
    ------
    NoFiniteEstimateError
        If the likelihood rises without end (for example, no event in one of two groups).
    InputError
        If the arrays cannot be used, there is no event, or a column does not vary or follows
        from the others; the message names the column by its index.

    Examples
    --------
    With events in the order 1, 0, 1 the score is zero at a hazard ratio of 1 / sqrt(2).

    >>> fit = cox([1, 2, 3], [1, 1, 1], [1, 0, 1])
    >>> round(fit.hazard_ratio.item(), 4)
    0.7071
    """
    _checks.check_option("ties", ties, TIES)
    _checks.check_conf_level(conf_level)
    checked = _checks.times(time)
    n = len(checked)
    flags = _checks.events(event, n)
    columns = _covariates(X, n)
    _, stratum = _checks.codes("strata", np.zeros(n, np.int64) if strata is None else strata, n)
    if not flags.any():
        raise InputError("The model needs at least one event; there is none.")
    scale = columns.std(axis=0)
    refuse_degenerate(scale, columns)
    scaled = (columns - columns.mean(axis=0)) / scale
    empty = np.empty(0)
    data = CoxData(
        time=checked.astype(np.float64, copy=False),
        event=flags,
        X=columns,
        entry=empty,
        weights=empty,
        offset=empty,
        stratum=stratum,
        cluster=np.empty(0, dtype=np.int64),
    )
    likelihood = PartialLikelihood(data.time, flags, scaled, stratum, ties)
    return _summarise(maximise(likelihood), scale, data, ties, float(conf_level))


def _covariates(X: npt.ArrayLike, n: int) -> FloatArray:
    array = np.asarray(X)
    columns = _checks.numbers("X", array[:, None] if array.ndim == 1 else array, ndim=2)
    _checks.check_length("X", columns, n)
    return columns.astype(np.float64)


def _summarise(
    newton: Newton, scale: FloatArray, data: CoxData, ties: str, conf_level: float
) -> CoxFit:
    coef = newton.coef / scale
    vcov = newton.vcov / np.outer(scale, scale)
    std_error = np.sqrt(np.diag(vcov))
    half = float(ndtri(0.5 + conf_level / 2.0)) * std_error
    z = coef / std_error
    df = len(coef)
    with np.errstate(over="ignore"):
        ratio, lower, upper = np.exp(coef), np.exp(coef - half), np.exp(coef + half)
    return CoxFit(
        coef=freeze(coef),
        std_error=freeze(std_error),
        vcov=freeze(vcov),
        hazard_ratio=freeze(ratio),
        lower=freeze(lower),
        upper=freeze(upper),
        z=freeze(z),
        p_value=freeze(2.0 * ndtr(-np.abs(z))),
        loglik_null=newton.loglik_null,
        loglik=newton.loglik,
        score_test=_test(newton.score_statistic, df),
        wald_test=_test(newton.wald_statistic, df),
        lr_test=_test(2.0 * (newton.loglik - newton.loglik_null), df),
        converged=newton.converged,
        iterations=newton.iterations,
        n=len(data.time),
        n_events=int(np.count_nonzero(data.event)),
        ties=ties,
        conf_level=conf_level,
        data=data,
    )


def _test(statistic: float, df: int) -> TestResult:
    statistic = max(statistic, 0.0)
    return TestResult(statistic=statistic, df=df, p_value=float(chdtrc(df, statistic)))
