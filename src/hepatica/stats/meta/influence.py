"""How single studies move a model of effects, and what the model says about single studies.

Sources: Viechtbauer and Cheung, Res Synth Methods 2010;1:112 (influence, its cut-offs); Baujat,
Mahe, Pignon and Hill, Stat Med 2002;21:2641; best linear unbiased predictions, Raudenbush and Bryk,
J Educ Stat 1985;10:75.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import chdtr, ndtri

from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, freeze
from hepatica.stats.meta._design import Designed, solve
from hepatica.stats.meta._design_fit import (
    RANK,
    Design,
    DesignFit,
    fit_design,
    full_rank,
    read_design,
)
from hepatica.stats.meta._pooled import METHODS
from hepatica.stats.meta._studies import Studies, read_studies


@dataclass(frozen=True, slots=True)
class Influence:
    """What changes when a study is left out; arrays are (k,), `dfbetas` is (k, p).

    A study that the outcome does not have is NaN throughout, and so is one without which the model
    cannot be fitted (except `hat`, `weight` and `baujat_x`).

    Attributes
    ----------
    rstudent : float array
        Deviation from what the other studies predict, over its standard error.
    dffits : float array
        Change of the fitted effect of the study, in its standard errors.
    cooks_distance : float array
        Change of all coefficients, as a squared distance in their covariance.
    covariance_ratio : float array
        Determinant of the coefficients' covariance without the study over that with it; above 1
        where the study makes the coefficients more precise.
    tau2_without, q_without : float array
        Variance between the other studies, and their residual heterogeneity.
    hat, weight : float array
        Leverage, and share of the weights.
    dfbetas : float array (k, p)
        Change of each coefficient, in its standard errors.
    baujat_x, baujat_y : float array
        Contribution of the study to heterogeneity, (y - fitted)^2/(v + tau2), and its influence on
        the fitted effect, squared change over variance without the study.
    flagged : bool array
        |DFFITS| > 3 sqrt(p/(k - p)), or the chi-square probability of Cook's distance above 1/2, or
        leverage > 3 p/k, or a DFBETAS beyond 1.
    method : str
        As given.
    """

    rstudent: FloatArray
    dffits: FloatArray
    cooks_distance: FloatArray
    covariance_ratio: FloatArray
    tau2_without: FloatArray
    q_without: FloatArray
    hat: FloatArray
    weight: FloatArray
    dfbetas: FloatArray
    baujat_x: FloatArray
    baujat_y: FloatArray
    flagged: npt.NDArray[np.bool_]
    method: str


@dataclass(frozen=True, slots=True)
class StudyPredictions:
    """Best linear unbiased predictions of the effects in the studies themselves; arrays (k,).

    Attributes
    ----------
    estimate, std_error, lower, upper : float array
        Prediction, its standard error and normal limits; NaN for a study without the outcome.
    shrinkage : float array
        Weight of the study's own estimate, tau2/(tau2 + v); the rest is that of the fitted effect.
    """

    estimate: FloatArray
    std_error: FloatArray
    lower: FloatArray
    upper: FloatArray
    shrinkage: FloatArray


def influence(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    x: npt.ArrayLike = (),
    *,
    intercept: bool = True,
    method: str = "REML",
) -> Influence:
    """Return how each study moves the pooled effect, or the coefficients of a meta-regression.

    Parameters
    ----------
    yi, vi : float array (k,)
        Estimates and variances; NaN in both for a study without the outcome.
    x : float array (k,) or (k, m)
        Moderators; none for a pooled effect.
    intercept : bool
        Whether a column of ones is put first.
    method : str
        Estimator of tau2, or "common", as in `pool`; standard errors are those of normal limits.

    Raises
    ------
    InputError
        As in `meta_regression`.

    Examples
    --------
    >>> found = influence([0.0, 0.0, 0.0, 4.0], [1.0] * 4, method="common")
    >>> found.rstudent.round(3).tolist(), found.flagged.tolist()
    ([-1.155, -1.155, -1.155, 3.464], [False, False, False, True])
    """
    _checks.check_option("method", method, METHODS)
    studies = read_studies(yi, vi, 1)
    given = read_design(x, len(studies.y), intercept=intercept)
    design = full_rank(given, studies.present[:, 0])
    with np.errstate(invalid="ignore", divide="ignore"):
        return _influence(design, studies, method)


def study_predictions(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    x: npt.ArrayLike = (),
    *,
    intercept: bool = True,
    method: str = "REML",
    conf_level: float = 0.95,
) -> StudyPredictions:
    """Return the effect in each study, drawn towards the model by how imprecise the study is.

    Parameters
    ----------
    yi, vi, x, intercept, method
        As in `influence`.
    conf_level : float
        Confidence level.

    Examples
    --------
    >>> found = study_predictions([0.0, 2.0, 4.0], [1.0, 1.0, 1.0], method="HE")
    >>> found.estimate.tolist(), found.shrinkage.tolist()
    ([0.5, 2.0, 3.5], [0.75, 0.75, 0.75])
    """
    _checks.check_option("method", method, METHODS)
    conf_level = _checks.check_conf_level(conf_level)
    studies = read_studies(yi, vi, 1)
    given = read_design(x, len(studies.y), intercept=intercept)
    design = full_rank(given, studies.present[:, 0])
    with np.errstate(invalid="ignore", divide="ignore"):
        fit = fit_design(design, studies, method)
    tau2, v = float(fit.tau2.value[0]), studies.v[:, 0]
    here = studies.present[:, 0]
    share = np.where(here, tau2 / (tau2 + v), np.nan)
    fitted = given @ fit.coefficients[0]
    variance = np.einsum("kp,pq,kq->k", given, fit.covariance[0], given)
    own = np.where(here, v, np.nan)
    error = np.sqrt(share * own + (1.0 - share) ** 2 * variance)
    estimate = share * studies.y[:, 0] + (1.0 - share) * fitted
    half = float(ndtri(0.5 + conf_level / 2.0)) * error
    return StudyPredictions(
        estimate=freeze(estimate),
        std_error=freeze(error),
        lower=freeze(estimate - half),
        upper=freeze(estimate + half),
        shrinkage=freeze(share),
    )


def flags(
    dffits: FloatArray,
    cooks: FloatArray,
    hat: FloatArray,
    dfbetas: FloatArray,
    k: int | npt.NDArray[np.int64],
) -> npt.NDArray[np.bool_]:
    """Return which studies (..., k) pass a cut-off; NaN passes none."""
    p = dfbetas.shape[-1]
    flagged: npt.NDArray[np.bool_] = np.abs(dffits) > 3.0 * np.sqrt(p / np.maximum(k - p, 1))
    flagged |= chdtr(p, np.nan_to_num(cooks)) > 0.5
    flagged |= hat > 3.0 * p / np.maximum(k, 1)
    flagged |= (np.abs(dfbetas) > 1.0).any(axis=-1)
    return flagged


def _influence(design: Design, studies: Studies, method: str) -> Influence:
    x, here = design.orthonormal, studies.present[:, 0]
    # Figures of coefficients together do not depend on the basis; the orthonormal one is precise.
    k = int(studies.k[0])
    whole = fit_design(design, studies, method)
    b, vb = whole.inner[0], whole.inner_covariance[0]
    tau2 = float(whole.tau2.value[0])
    y, v = np.where(here, studies.y[:, 0], np.nan), np.where(here, studies.v[:, 0], np.nan)
    w = 1.0 / (v + tau2)
    hat = w * np.einsum("kp,pq,kq->k", x, vb, x)

    without = _without(design, studies, _able(design.given, here), method)
    b_i, vb_i, tau2_i = without.inner, without.inner_covariance, without.tau2.value
    moved = b - b_i
    predicted = np.einsum("kp,kp->k", x, b_i)
    variance = np.einsum("kp,kpq,kq->k", x, vb_i, x)
    shift = x @ b - predicted
    error = np.sqrt(np.einsum("kpp->kp", _all_at(design, studies, tau2_i)))
    dfbetas = (moved @ design.back.T) / error
    cooks = np.einsum("kp,pq,kq->k", moved, np.linalg.inv(vb), moved)
    dffits = shift / np.sqrt(hat * (v + tau2_i))
    return Influence(
        rstudent=freeze((y - predicted) / np.sqrt(v + variance + tau2_i)),
        dffits=freeze(dffits),
        cooks_distance=freeze(cooks),
        covariance_ratio=freeze(np.linalg.det(vb_i) / np.linalg.det(vb)),
        tau2_without=freeze(tau2_i),
        q_without=freeze(without.q),
        hat=freeze(hat),
        weight=freeze(w / np.nansum(w)),
        dfbetas=freeze(dfbetas),
        baujat_x=freeze((y - x @ b) ** 2 * w),
        baujat_y=freeze(shift**2 / variance),
        flagged=freeze(flags(dffits, cooks, hat, dfbetas, k)),
        method=method,
    )


def _able(x: FloatArray, here: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return the studies (k,) without which the design still has full rank and degrees left."""
    k, p = int(here.sum()), x.shape[1]
    if k - 1 <= p:
        return np.zeros(len(x), np.bool_)
    kept = here & ~np.eye(len(x), dtype=np.bool_)
    rows = np.where(kept[:, :, None], x, 0.0)
    length = np.sqrt((rows**2).sum(axis=1, keepdims=True))
    values = np.linalg.svd(rows / np.where(length > 0.0, length, 1.0), compute_uv=False)
    full: npt.NDArray[np.bool_] = values[:, -1] > RANK * values[:, 0]
    return full & here


def _without(
    design: Design, studies: Studies, able: npt.NDArray[np.bool_], method: str
) -> DesignFit:
    """Return the fits without each study; NaN where there is none."""
    k = len(studies.y)
    at = np.flatnonzero(able)
    out = np.eye(k, dtype=np.bool_)[:, at]
    present = studies.present & ~out
    reduced = Studies(
        np.where(present, studies.y, 0.0),
        np.where(present, studies.v, np.inf),
        present,
        present.sum(axis=0, dtype=np.int64),
    )
    found = fit_design(design, reduced, method)

    def spread(values: FloatArray) -> FloatArray:
        full = np.full((k, *values.shape[1:]), np.nan)
        full[at] = values
        return full

    return DesignFit(
        inner=spread(found.inner),
        inner_covariance=spread(found.inner_covariance),
        coefficients=spread(found.coefficients),
        covariance=spread(found.covariance),
        tau2=type(found.tau2)(
            spread(found.tau2.value),
            spread(found.tau2.std_error),
            found.tau2.iterations,
            found.tau2.fallback,
            found.tau2.converged,
        ),
        factor=spread(found.factor),
        q=spread(found.q),
        typical=spread(found.typical),
    )


def _all_at(design: Design, studies: Studies, tau2: FloatArray) -> FloatArray:
    """Return covariances (o, p, p) of all studies' coefficients at other values of tau2 (o,)."""
    at = np.where(np.isnan(tau2), 0.0, tau2)
    tiled = Studies(
        np.tile(studies.y, (1, len(at))),
        np.tile(studies.v, (1, len(at))),
        np.tile(studies.present, (1, len(at))),
        np.tile(studies.k, len(at)),
    )
    designed: Designed = design.of(tiled)
    inverse = solve(designed, 1.0 / (tiled.v + at)).inverse
    covariance: FloatArray = design.back @ inverse @ design.back.T
    return covariance
