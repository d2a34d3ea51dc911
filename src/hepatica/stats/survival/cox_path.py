"""Proportional hazards regression with a ridge, lasso or elastic-net penalty, over its strength.

Sources: Tibshirani, Stat Med 1997;16:385; Simon, Friedman, Hastie and Tibshirani, J Stat Softw
2011;39(5):1; Verweij and van Houwelingen, Stat Med 1993;12:2305 (cross-validation).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats.survival._cox_data import CoxData
from hepatica.stats.survival._cox_input import (
    check_cox,
    chosen_rows,
    middle,
    refuse_constant,
    rows_with_weight,
)
from hepatica.stats.survival._elastic_net import Penalty, solve_path_step
from hepatica.stats.survival._partial_likelihood import PartialLikelihood

__all__ = ["CoxPath", "CoxPathValidation", "cox_path", "validate_cox_path"]

_STEPS = 100
#: The ridge path begins where the lasso's with so small a share would.
_SMALLEST_SHARE = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class CoxPath:
    """Penalised models at L strengths of the penalty, p covariates; arrays are read-only.

    Attributes
    ----------
    strength : float array (L,)
        Strength of the penalty (lambda), falling.
    coef : float array (L, p)
        Log hazard ratios in the units of the covariates.
    n_nonzero : int array (L,)
        Coefficients that are not 0.
    loglik : float array (L,)
        Log partial likelihood without penalty.
    loglik_null : float
        That of no covariates.
    converged : bool array (L,)
        Whether the maximum was found to full precision.
    share : float
        Share of the lasso in the penalty (alpha): 1 lasso, 0 ridge.
    scale : float array (p,)
        What the penalty measures coefficients by: standard deviations, or 1.
    ties : str
        As given.
    data : CoxData
        What was fitted.
    """

    strength: FloatArray
    coef: FloatArray
    n_nonzero: IntArray
    loglik: FloatArray
    loglik_null: float
    converged: npt.NDArray[np.bool_]
    share: float
    scale: FloatArray
    ties: str
    data: CoxData


@dataclass(frozen=True, slots=True, eq=False)
class CoxPathValidation:
    """Cross-validated partial likelihood of a path.

    Attributes
    ----------
    strength : float array (L,)
        Strength of the penalty, as in the path.
    deviance, std_error : float array (L,)
        Cross-validated deviance for each event, and its standard error over the folds.
    best : int
        Place in the path with the lowest deviance; the strongest penalty of several.
    sparing : int
        Strongest penalty whose deviance is within one standard error of the lowest.
    """

    strength: FloatArray
    deviance: FloatArray
    std_error: FloatArray
    best: int
    sparing: int


def cox_path(  # noqa: PLR0913  the arguments of `cox` and those of the penalty
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    X: npt.ArrayLike,
    *,
    share: float = 1.0,
    strength: npt.ArrayLike | None = None,
    standardise: bool = True,
    ties: str = "efron",
    strata: npt.ArrayLike | None = None,
    weights: npt.ArrayLike | None = None,
    entry: npt.ArrayLike | None = None,
    offset: npt.ArrayLike | None = None,
) -> CoxPath:
    """Fit penalised proportional hazards models from a strong penalty to a weak one.

    What is maximised is the log partial likelihood over the number of rows (the sum of weights),
    less ``strength * (share * sum |b| + (1 - share) / 2 * sum b^2)``.

    Parameters
    ----------
    time, event, X, strata, weights, entry, offset
        As in `cox`.
    share : float
        Share of the lasso, 0 (ridge) to 1 (lasso); between them the elastic net.
    strength : array (L,), optional
        Strengths of the penalty, above 0. By default 100 on a logarithmic scale, from the least
        at which all coefficients are 0 to a ten-thousandth of it (a hundredth where there are
        more covariates than rows).
    standardise : bool
        Whether the penalty takes coefficients per standard deviation (divisor n) of a covariate.
    ties : {"efron", "breslow"}
        Handling of tied event times.

    Raises
    ------
    InputError
        If the arrays cannot be used, there is no event, or a column does not vary.

    Examples
    --------
    The least penalty that leaves nothing is the largest score for each row.

    >>> path = cox_path([1, 2, 3], [1, 1, 1], [1, 0, 1], standardise=False)
    >>> round(path.strength[0].item() * 3, 6), path.n_nonzero[0].item(), path.n_nonzero[-1].item()
    (0.166667, 0, 1)
    """
    _checks.check_option("ties", ties, ("efron", "breslow"))
    if not 0.0 <= _checks.number("share", share) <= 1.0:
        raise InputError(f"share must lie between 0 (ridge) and 1 (lasso); it is {share!r}.")
    data = check_cox(time, event, X, strata=strata, weights=weights, entry=entry, offset=offset)
    used = rows_with_weight(data)
    scale = _scale(used) if standardise else np.ones(used.X.shape[1])
    return _path(used, data, _strengths(strength), float(share), scale, ties)


def _path(
    used: CoxData, data: CoxData, given: FloatArray, share: float, scale: FloatArray, ties: str
) -> CoxPath:
    likelihood = _standardised(used, scale, ties)
    total = float(used.weights.sum()) if len(used.weights) else float(len(used.time))
    coef = np.zeros(len(scale))
    now = likelihood.at(coef)
    null = now.loglik
    strength = given if given.size else _grid(now.score / total, share, len(used.time))
    coefs = np.empty((len(strength), len(scale)))
    loglik = np.empty(len(strength))
    converged = np.empty(len(strength), dtype=bool)
    for at, each in enumerate(strength):
        penalty = Penalty(share * each, (1.0 - share) * each, total)
        solution = solve_path_step(likelihood, coef, now, penalty)
        coef, now = solution.coef, solution.found
        coefs[at], loglik[at], converged[at] = coef / scale, now.loglik, solution.converged
    return CoxPath(
        strength=freeze(strength),
        coef=freeze(coefs),
        n_nonzero=freeze(np.count_nonzero(coefs, axis=1)),
        loglik=freeze(loglik),
        loglik_null=null,
        converged=freeze(converged),
        share=share,
        scale=freeze(scale),
        ties=ties,
        data=data,
    )


def _standardised(data: CoxData, scale: FloatArray, ties: str) -> PartialLikelihood:
    likelihood = PartialLikelihood(data, middle(data.X), ties)
    likelihood.x /= scale[:, None]
    likelihood.event_total /= scale
    return likelihood


def _scale(data: CoxData) -> FloatArray:
    refuse_constant(data.X)
    weights = data.weights if len(data.weights) else np.ones(len(data.time))
    mean = weights @ data.X / weights.sum()
    scale: FloatArray = np.sqrt(weights @ (data.X - mean) ** 2 / weights.sum())
    return scale


def _strengths(given: npt.ArrayLike | None) -> FloatArray:
    if given is None:
        return np.empty(0)
    array = np.sort(_checks.numbers("strength", given).astype(np.float64))[::-1]
    if array[-1] <= 0:
        raise InputError("strength must be above 0; use cox for a model without penalty.")
    return array


def _grid(score: FloatArray, share: float, n: int) -> FloatArray:
    most = float(np.abs(score).max()) / max(share, _SMALLEST_SHARE)
    if most <= 0.0:
        raise InputError("The score of every column is 0 without covariates: give strength.")
    least = 1e-2 if n < len(score) else 1e-4
    # The first is a rounding error above what leaves no coefficient, so that it leaves none.
    return most * (1.0 + 1e-14) * np.geomspace(1.0, least, _STEPS)


def validate_cox_path(path: CoxPath, folds: npt.ArrayLike) -> CoxPathValidation:
    """Cross-validate a path by the partial likelihood of what is left out.

    For each fold the path is fitted without it; what the fold adds is the likelihood of all rows
    less that of the rows without the fold, both with those coefficients (Verweij and van
    Houwelingen 1993). As deviance, twice the distance to the saturated model, for each event.

    Parameters
    ----------
    path : CoxPath
        A path; its strengths and scale of the penalty are kept.
    folds : array (n,)
        Whole-number code of each row's fold; rows of one subject belong in one fold.

    Raises
    ------
    InputError
        If there are fewer than 3 folds, or a fold has no event or all of them.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = rng.normal(size=(90, 3))
    >>> path = cox_path(rng.exponential(np.exp(-x[:, 0])), np.ones(90), x)
    >>> found = validate_cox_path(path, np.arange(90) % 5)
    >>> bool(path.strength[found.sparing] > path.strength[found.best])
    True
    """
    data = path.data
    _, fold = _checks.codes("folds", folds, len(data.time))
    n_folds = int(fold.max()) + 1
    if n_folds < 3:
        raise InputError(f"folds must be at least 3; there are {n_folds}.")
    weights = data.weights if len(data.weights) else np.ones(len(data.time))
    events = np.bincount(fold, weights * data.event, minlength=n_folds)
    if (events <= 0).any() or (events >= events.sum()).any():
        raise InputError("Each fold needs an event, and events outside it; draw the folds anew.")
    whole = rows_with_weight(data)
    added = np.empty((n_folds, len(path.strength)))
    for at in range(n_folds):
        rest = rows_with_weight(chosen_rows(data, np.flatnonzero(fold != at)))
        rest = replace(rest, stratum=np.unique(rest.stratum, return_inverse=True)[1])
        scale = _scale(rest) if (path.scale != 1.0).any() else path.scale
        fitted = _path(rest, rest, path.strength, path.share, scale, path.ties)
        added[at] = _deviance(whole, fitted.coef, path.ties) - _deviance(
            rest, fitted.coef, path.ties
        )
    each = added / events[:, None]
    share = events / events.sum()
    mean = share @ each
    std_error = np.sqrt(share @ (each - mean) ** 2 / (n_folds - 1))
    best = int(mean.argmin())
    sparing = int(np.flatnonzero(mean <= mean[best] + std_error[best])[0])
    return CoxPathValidation(
        strength=path.strength,
        deviance=freeze(mean),
        std_error=freeze(std_error),
        best=best,
        sparing=sparing,
    )


def _deviance(data: CoxData, coefs: FloatArray, ties: str) -> FloatArray:
    """Return twice the distance of each model to the saturated one."""
    likelihood = PartialLikelihood(data, middle(data.X), ties)
    return 2.0 * (
        likelihood.saturated() - np.array([likelihood.weights(coef).loglik for coef in coefs])
    )
