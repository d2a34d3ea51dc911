"""Residuals of a proportional hazards model.

Sources: Barlow and Prentice, Biometrika 1988;75:65 (martingale, score); Therneau, Grambsch and
Fleming, Biometrika 1990;77:147 (deviance); Schoenfeld, Biometrika 1982;69:239; Grambsch and
Therneau, Biometrika 1994;81:515 (scaled); Cain and Lange, Biometrics 1984;40:493 (influence);
Therneau and Grambsch, Modeling Survival Data, Springer 2000, chapter 4 and section 3.3 (ties by
Efron's method).

All values stand in the order of the rows of the fit and are not multiplied by case weights, but
for `dfbeta` and `dfbetas`, whose sums are changes of the estimate.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats.survival._cox_steps import HazardSteps, hazard_steps
from hepatica.stats.survival.cox import CoxFit


@dataclass(frozen=True, slots=True, eq=False)
class SchoenfeldResiduals:
    """Residuals of the d events of a model with p covariates; arrays are read-only.

    Attributes
    ----------
    row : int array (d,)
        Row of each event in the data; events are ordered by stratum and time.
    stratum : int array (d,)
        Position of its stratum.
    time : float array (d,)
        Its time.
    residual : float array (d, p)
        Covariates of the event less their mean in the risk set.
    scaled : float array (d, p)
        Residuals times the number of events and the inverse information, plus the coefficients:
        a rough value of the coefficients at that time.
    """

    row: IntArray
    stratum: IntArray
    time: FloatArray
    residual: FloatArray
    scaled: FloatArray


def martingale_residuals(fit: CoxFit) -> FloatArray:
    """Return observed less expected events of each row, shape (n,).

    Raises
    ------
    InputError
        If the fit has exact ties.

    Examples
    --------
    >>> from hepatica.stats.survival import cox
    >>> residuals = martingale_residuals(cox([1, 2, 3], [1, 1, 1], [1, 0, 1]))
    >>> bool(abs(residuals.sum()) < 1e-12)
    True
    """
    return freeze(_martingale(fit, hazard_steps(fit)))


def deviance_residuals(fit: CoxFit) -> FloatArray:
    """Return martingale residuals made nearly symmetric, shape (n,).

    The sign of M times sqrt(-2 (M + D log(D - M))), with D = 1 for an event.

    Examples
    --------
    >>> from hepatica.stats.survival import cox
    >>> deviance_residuals(cox([1, 2, 3], [1, 1, 1], [1, 0, 1])).round(3).tolist()
    [1.021, 0.0, -0.587]
    """
    residual = _martingale(fit, hazard_steps(fit))
    inside = np.where(fit.data.event, -_log_less(residual), -residual)
    return freeze(np.sign(residual) * np.sqrt(2.0 * np.maximum(inside, 0.0)))


def score_residuals(fit: CoxFit) -> FloatArray:
    """Return each row's part of the score vector at the estimate, shape (n, p).

    Weighted by the case weights they sum to zero.

    Examples
    --------
    >>> from hepatica.stats.survival import cox
    >>> residuals = score_residuals(cox([1, 2, 3], [1, 1, 1], [1, 0, 1]))
    >>> bool(abs(residuals.sum()) < 1e-12)
    True
    """
    return freeze(_score(hazard_steps(fit)))


def dfbeta(fit: CoxFit) -> FloatArray:
    """Return about how much each row moves the coefficients, shape (n, p).

    Weight times score residual times the inverse information: minus the change of the estimate
    when the row is left out, to first order.

    Examples
    --------
    >>> from hepatica.stats.survival import cox
    >>> moves = dfbeta(cox([1, 2, 3, 4], [1, 1, 1, 0], [1, 0, 1, 0]))
    >>> moves.shape, bool(abs(moves.sum()) < 1e-12)
    ((4, 1), True)
    """
    steps = hazard_steps(fit)
    return freeze(_moves(steps, steps.vcov()))


def dfbetas(fit: CoxFit) -> FloatArray:
    """Return `dfbeta` in standard errors of the coefficients, shape (n, p).

    The standard errors are those of the model, also where the fit carries robust ones.

    Examples
    --------
    >>> from hepatica.stats.survival import cox
    >>> dfbetas(cox([1, 2, 3, 4], [1, 1, 1, 0], [1, 0, 1, 0])).shape
    (4, 1)
    """
    steps = hazard_steps(fit)
    vcov = steps.vcov()
    return freeze(_moves(steps, vcov) / np.sqrt(np.diag(vcov)))


def schoenfeld_residuals(fit: CoxFit) -> SchoenfeldResiduals:
    """Return Schoenfeld residuals, plain and scaled.

    Raises
    ------
    InputError
        If the fit has exact ties.

    Examples
    --------
    >>> from hepatica.stats.survival import cox
    >>> found = schoenfeld_residuals(cox([1, 2, 3], [1, 1, 1], [1, 0, 1]))
    >>> found.time.tolist(), found.residual[-1].tolist()
    ([1.0, 2.0, 3.0], [0.0])
    """
    steps = hazard_steps(fit)
    mean = steps.per_cell(steps.mean) / steps.deaths[:, None]
    residual = steps.X[steps.rows] - mean[steps.cell]
    scaled = len(residual) * residual @ steps.vcov() + fit.coef
    return SchoenfeldResiduals(
        row=freeze(steps.rows),
        stratum=freeze(fit.data.stratum[steps.rows]),
        time=freeze(steps.time[steps.cell]),
        residual=freeze(residual),
        scaled=freeze(scaled),
    )


def _log_less(value: FloatArray) -> FloatArray:
    """Return log(1 - x) + x; near 0 by its series, where the terms would cancel."""
    small = np.abs(value) < 0.01
    near = np.where(small, value, 0.0)
    series = -(near**2) * np.polynomial.polynomial.polyval(near, 1.0 / np.arange(2, 11))
    far = np.where(small, 0.0, np.minimum(value, 1.0))
    with np.errstate(divide="ignore"):
        found: FloatArray = np.where(small, series, np.log1p(-far) + far)
    return found


def _martingale(fit: CoxFit, steps: HazardSteps) -> FloatArray:
    residual: FloatArray = fit.data.event - steps.risk * steps.own(steps.hazard)
    return residual


def _moves(steps: HazardSteps, vcov: FloatArray) -> FloatArray:
    moved: FloatArray = (_score(steps) * steps.weight[:, None]) @ vcov
    return moved


def _score(steps: HazardSteps) -> FloatArray:
    mean = steps.per_cell(steps.mean) / steps.deaths[:, None]
    residual = steps.own(steps.mean * steps.hazard[:, None])
    residual -= steps.X * steps.own(steps.hazard)[:, None]
    residual *= steps.risk[:, None]
    residual[steps.rows] += steps.X[steps.rows] - mean[steps.cell]
    return residual
