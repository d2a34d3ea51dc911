"""Proportional hazards regression by partial likelihood.

Sources: Cox, J R Stat Soc B 1972;34:187; Efron, J Am Stat Assoc 1977;72:557; Breslow,
Biometrics 1974;30:89; Heinze and Schemper, Biometrics 2001;57:114 (monotone likelihood).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats.chi_square import TestResult, chi_square_test
from hepatica.stats.survival._cox_data import CoxData
from hepatica.stats.survival._cox_input import (
    check_cox,
    chosen_rows,
    middle,
    refuse_constant,
    rows_with_weight,
)
from hepatica.stats.survival._exact_ties import ExactLikelihood
from hepatica.stats.survival._newton import (
    Newton,
    NoFiniteEstimateError,
    approach,
    maximise,
    solve,
)
from hepatica.stats.survival._partial_likelihood import PartialLikelihood
from hepatica.stats.survival._robust import cluster_scores
from hepatica.stats.survival._streamed import StreamedLikelihood, stream
from hepatica.stats.survival._ties import Derivatives

__all__ = ["TIES", "CoxFit", "NoFiniteEstimateError", "cox"]

TIES = ("efron", "breslow", "exact")
#: So many rows show where the maximum is to a few standard errors of all.
_SOME_ROWS = 16_384


@dataclass(frozen=True, slots=True, eq=False)
class CoxFit:
    """A fitted proportional hazards model with p covariates; arrays are read-only.

    Attributes
    ----------
    coef, std_error : float array (p,)
        Log hazard ratios and their standard errors.
    vcov : float array (p, p)
        Their covariance matrix: the inverse of the observed information, or with clusters the
        robust one.
    naive_vcov : float array (p, p)
        The inverse of the observed information.
    hazard_ratio, lower, upper : float array (p,)
        Hazard ratios with Wald limits.
    z, p_value : float array (p,)
        Wald statistics and two-sided p-values.
    loglik_null, loglik : float
        Log partial likelihood without and with the covariates.
    score_test, wald_test, lr_test : TestResult
        Tests that all coefficients are 0; the Wald test follows `vcov`.
    robust_score_test : TestResult
        The score test with the robust covariance of the score; NaN without clusters.
    converged : bool
        Whether the iteration ended by its criterion.
    iterations, n, n_events : int
        Newton steps, rows and events of weight above 0.
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
    naive_vcov: FloatArray
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
    robust_score_test: TestResult
    converged: bool
    iterations: int
    n: int
    n_events: int
    ties: str
    conf_level: float
    data: CoxData


def cox(  # noqa: PLR0913  all that a fit depends on is said in one call
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    X: npt.ArrayLike,
    *,
    ties: str = "efron",
    strata: npt.ArrayLike | None = None,
    weights: npt.ArrayLike | None = None,
    entry: npt.ArrayLike | None = None,
    offset: npt.ArrayLike | None = None,
    cluster: npt.ArrayLike | None = None,
    conf_level: float = 0.95,
) -> CoxFit:
    """Fit a proportional hazards model.

    A subject whose covariates change with time has several rows, each from `entry` to `time` with
    the values of that stretch, and an event in the last one at most.

    Parameters
    ----------
    time, event : array (n,)
        As in `kaplan_meier`.
    X : array (n, p) or (n,)
        Covariates, one column each; no column for an intercept. An array of float64 is kept in
        the fit as it is, without a copy: do not change it as long as the fit is used.
    ties : {"efron", "breslow", "exact"}
        Handling of tied event times. "exact" is the conditional logistic likelihood of times that
        are tied by nature (Gail, Lubin and Rubinstein 1981), R's and SAS's discrete method.
    strata : array (n,), optional
        Whole-number code of each row's stratum; each has a baseline hazard of its own.
    weights : array (n,), optional
        Case weights, not negative; a row of weight 0 is as if it were not there.
    entry : array (n,), optional
        Time from which a row is at risk, before its time: it is at risk in (entry, time].
    offset : array (n,), optional
        Known part of the linear predictor.
    cluster : array (n,), optional
        Whole-number code of each row's cluster. The covariance matrix is then the robust one,
        which allows for rows of a cluster that go together (Lin and Wei 1989).
    conf_level : float
        Confidence level of the limits.

    Raises
    ------
    NoFiniteEstimateError
        If the likelihood rises without end (for example, no event in one of two groups, or a
        covariate that is the time itself).
    InputError
        If the arrays cannot be used, there is no event, or a column does not vary or follows
        from the others; the message names the column by its index.

    Notes
    -----
    One thread of the linear algebra library is fastest for these shapes (for OpenBLAS,
    ``OPENBLAS_NUM_THREADS=1``); a second core serves better with another fit.

    Examples
    --------
    With events in the order 1, 0, 1 the score is zero at a hazard ratio of 1 / sqrt(2).

    >>> fit = cox([1, 2, 3], [1, 1, 1], [1, 0, 1])
    >>> round(fit.hazard_ratio.item(), 4)
    0.7071
    """
    _checks.check_option("ties", ties, TIES)
    _checks.check_conf_level(conf_level)
    data = check_cox(
        time,
        event,
        X,
        strata=strata,
        weights=weights,
        entry=entry,
        offset=offset,
        cluster=cluster,
    )
    used = rows_with_weight(data)
    likelihood = _likelihood(used, ties)
    try:
        null = likelihood.at(np.zeros(data.X.shape[1]))
        newton = maximise(likelihood, null, _beginning(likelihood, null, used, ties))
    except InputError:
        refuse_constant(used.X)
        raise
    robust = _robust(likelihood, newton, used.cluster)
    return _summarise(newton, robust, data, used, ties, float(conf_level))


_Kernel: TypeAlias = PartialLikelihood | StreamedLikelihood | ExactLikelihood


def _likelihood(data: CoxData, ties: str) -> _Kernel:
    centre = middle(data.X)
    if ties != "exact":
        return stream(data, centre, ties) or PartialLikelihood(data, centre, ties)
    if len(data.weights) and not (data.weights == 1).all():
        raise InputError("ties exact has no case weights; use efron or breslow with weights.")
    if len(data.cluster):
        raise InputError("ties exact has no robust variance; use efron or breslow with cluster.")
    return ExactLikelihood(data, centre)


def _beginning(
    likelihood: _Kernel, null: Derivatives, data: CoxData, ties: str
) -> FloatArray | None:
    """Return where Newton's method begins with very many rows: near the end already.

    What some rows say is bettered by how they differ from all at 0, where both are known (the
    surrogate likelihood of Jordan, Lee and Yang, J Am Stat Assoc 2019;114:668).
    """
    every = len(data.time) // _SOME_ROWS
    if every < 3 or isinstance(likelihood, ExactLikelihood):
        return None
    rows = np.arange(0, len(data.time), every)
    if not data.event[rows].any():
        return None
    some = chosen_rows(data, rows)
    try:
        part = PartialLikelihood(some, middle(some.X), ties)
        start = part.at(np.zeros(data.X.shape[1]))
        found = maximise(part, start)
    except InputError:
        # Too few events among these rows; all rows may have enough.
        return None
    scale = len(data.time) / len(rows)
    information = null.information + scale * (np.linalg.inv(found.vcov) - start.information)
    vcov = np.asarray(np.linalg.inv(information), dtype=np.float64)
    if not np.linalg.eigvalsh(vcov).min() > 0.0:
        return approach(likelihood, found.coef, found.vcov / scale)
    coef = found.coef + vcov @ (null.score - scale * start.score)
    return approach(likelihood, coef, vcov)


@dataclass(frozen=True, slots=True, eq=False)
class _Robust:
    """Covariance of the coefficients and the score test that follow from the cluster's scores."""

    vcov: FloatArray
    score_test: TestResult


def _robust(likelihood: _Kernel, newton: Newton, cluster: IntArray) -> _Robust:
    p = len(newton.coef)
    if not len(cluster) or not isinstance(likelihood, PartialLikelihood):
        return _Robust(newton.vcov, TestResult(np.nan, p, np.nan))
    n_clusters = len(np.unique(cluster))
    if n_clusters <= p:
        raise InputError(
            f"cluster has {n_clusters} clusters; the robust variance of {p} covariates needs more "
            f"clusters than covariates."
        )
    spread = cluster_scores(likelihood, newton.coef, cluster) @ newton.vcov
    null = cluster_scores(likelihood, np.zeros(p), cluster)
    total = null.sum(axis=0)
    statistic = float(total @ solve(null.T @ null, total))
    return _Robust(spread.T @ spread, chi_square_test(statistic, p))


def _summarise(
    newton: Newton, robust: _Robust, data: CoxData, used: CoxData, ties: str, conf_level: float
) -> CoxFit:
    coef, vcov = newton.coef, robust.vcov
    std_error = np.sqrt(np.diag(vcov))
    half = float(ndtri(0.5 + conf_level / 2.0)) * std_error
    z = coef / std_error
    df = len(coef)
    wald = newton.wald_statistic if vcov is newton.vcov else float(coef @ solve(vcov, coef))
    with np.errstate(over="ignore"):
        ratio, lower, upper = np.exp(coef), np.exp(coef - half), np.exp(coef + half)
    return CoxFit(
        coef=freeze(coef),
        std_error=freeze(std_error),
        vcov=freeze(vcov),
        naive_vcov=freeze(newton.vcov),
        hazard_ratio=freeze(ratio),
        lower=freeze(lower),
        upper=freeze(upper),
        z=freeze(z),
        p_value=freeze(2.0 * ndtr(-np.abs(z))),
        loglik_null=newton.loglik_null,
        loglik=newton.loglik,
        score_test=chi_square_test(newton.score_statistic, df),
        wald_test=chi_square_test(wald, df),
        lr_test=chi_square_test(2.0 * (newton.loglik - newton.loglik_null), df),
        robust_score_test=robust.score_test,
        converged=newton.converged,
        iterations=newton.iterations,
        n=len(used.time),
        n_events=int(np.count_nonzero(used.event)),
        ties=ties,
        conf_level=conf_level,
        data=data,
    )
