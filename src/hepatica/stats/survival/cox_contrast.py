"""Log hazard ratios of covariate rows against a reference or each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, freeze
from hepatica.stats.survival.cox import CoxFit
from hepatica.stats.survival.cox_baseline import PLACES

#: Squares of larger values could not be held.
_LARGEST = 1e100


@dataclass(frozen=True, slots=True, eq=False)
class LinearPredictor:
    """Log relative hazards of k covariate rows.

    Attributes
    ----------
    value, std_error : float array (k,)
        Log hazard ratio against the reference, and its standard error.
    reference : float array (p,)
        Covariates of the reference.
    """

    value: FloatArray
    std_error: FloatArray
    reference: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class HazardRatios:
    """Hazard ratios of k pairs of covariate rows.

    Attributes
    ----------
    log_ratio, std_error : float array (k,)
        Log hazard ratio and its standard error.
    ratio, lower, upper : float array (k,)
        Hazard ratio with Wald limits.
    p_value : float array (k,)
        Two-sided p-value of a ratio of 1; NaN where the rows are equal.
    conf_level : float
        As given.
    """

    log_ratio: FloatArray
    std_error: FloatArray
    ratio: FloatArray
    lower: FloatArray
    upper: FloatArray
    p_value: FloatArray
    conf_level: float


def linear_predictor(
    fit: CoxFit, rows: npt.ArrayLike, *, reference: str = "means"
) -> LinearPredictor:
    """Return log hazard ratios of covariate rows against a reference.

    Parameters
    ----------
    rows : array (k, p), or (k,) if p is 1
        Covariates, in the units of the fit.
    reference : {"means", "zero"}
        The mean of each covariate over all rows of the fit, or 0.

    Examples
    --------
    >>> from hepatica.stats.survival import cox
    >>> fit = cox([1, 2, 3], [1, 1, 1], [1, 0, 1])
    >>> linear_predictor(fit, [0, 1], reference="zero").value.round(4).tolist()
    [0.0, -0.3466]
    """
    _checks.check_option("reference", reference, PLACES)
    covariates = covariate_rows(fit, rows, "rows")
    weights = fit.data.weights if fit.data.weights.size else np.ones(len(fit.data.time))
    means = weights @ fit.data.X / weights.sum()
    point = means if reference == "means" else np.zeros(len(fit.coef))
    moved = covariates - point
    return LinearPredictor(
        value=freeze(moved @ fit.coef),
        std_error=freeze(_spread(fit, moved)),
        reference=freeze(point),
    )


def hazard_ratio_between(
    fit: CoxFit, rows: npt.ArrayLike, against: npt.ArrayLike, *, conf_level: float = 0.95
) -> HazardRatios:
    """Return hazard ratios of covariate rows against others.

    Parameters
    ----------
    rows, against : array (k, p), or (k,) if p is 1
        Pairs of covariate rows; `against` may be a single row (1, p) for all.
    conf_level : float
        Confidence level.

    Examples
    --------
    >>> from hepatica.stats.survival import cox
    >>> fit = cox([1, 2, 3], [1, 1, 1], [1, 0, 1])
    >>> hazard_ratio_between(fit, [1], [0]).ratio.round(4).tolist()
    [0.7071]
    """
    _checks.check_conf_level(conf_level)
    first, second = covariate_rows(fit, rows, "rows"), covariate_rows(fit, against, "against")
    if len(second) not in (1, len(first)):
        raise InputError(f"against must have 1 or {len(first)} rows; it has {len(second)}.")
    moved = first - second
    log_ratio = moved @ fit.coef
    std_error = _spread(fit, moved)
    half = float(ndtri(0.5 + conf_level / 2.0)) * std_error
    p_value = np.full(len(moved), np.nan)
    differs = std_error > 0
    p_value[differs] = 2.0 * ndtr(-np.abs(log_ratio[differs] / std_error[differs]))
    with np.errstate(over="ignore"):
        ratios = np.exp(log_ratio), np.exp(log_ratio - half), np.exp(log_ratio + half)
    return HazardRatios(
        log_ratio=freeze(log_ratio),
        std_error=freeze(std_error),
        ratio=freeze(ratios[0]),
        lower=freeze(ratios[1]),
        upper=freeze(ratios[2]),
        p_value=freeze(p_value),
        conf_level=float(conf_level),
    )


def covariate_rows(fit: CoxFit, rows: npt.ArrayLike, name: str) -> FloatArray:
    """Return covariate rows in the units of a fit, checked: (k, p)."""
    array = _checks.as_array(name, rows)
    p = len(fit.coef)
    if array.ndim == 1 and p == 1:
        array = array[:, None]
    covariates = _checks.numbers(name, array, ndim=2).astype(np.float64)
    if covariates.shape[1] != p:
        raise InputError(
            f"{name} must have one column for each covariate: {p}; it has {covariates.shape[1]}."
        )
    if np.abs(covariates).max() > _LARGEST:
        raise InputError(f"{name} must hold values below 1e100; take the unit of the fit.")
    return covariates


def _spread(fit: CoxFit, moved: FloatArray) -> FloatArray:
    """Return the standard error of `moved @ coef`."""
    found: FloatArray = np.sqrt(((moved @ np.linalg.cholesky(fit.vcov)) ** 2).sum(axis=1))
    return found
