"""What logistic models are fitted to, the likelihood, and separation of the outcomes.

Separation source: Albert and Anderson, Biometrika 1984;71:1; Konis, DPhil thesis, Oxford 2007
(a linear program decides whether outcomes are separated).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog
from scipy.special import expit

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray

_DEGENERATE = 1e-11
_SEPARATED = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class LogisticData:
    """Checked rows: an intercept, then columns that are centred and brought to one scale.

    Attributes
    ----------
    event : bool array (n,)
        The outcome.
    design : float array (n, 1 + p)
        Ones, then the scaled columns.
    weights : float array (n,)
        Case weights; empty for none.
    centre, scale : float array (p,)
        What was taken off each column, and what it was divided by.
    """

    event: npt.NDArray[np.bool_]
    design: FloatArray
    weights: FloatArray
    centre: FloatArray
    scale: FloatArray

    def unscaled(self, coef: FloatArray, vcov: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return coefficients and covariance, the intercept first, in the units of the columns."""
        turn = np.diag(np.append(1.0, 1.0 / self.scale))
        turn[0, 1:] = -self.centre / self.scale
        return turn @ coef, turn @ vcov @ turn.T


def check_logistic(
    event: npt.ArrayLike, X: npt.ArrayLike, weights: npt.ArrayLike | None
) -> LogisticData:
    """Return checked rows of weight above 0; refuse what no model can be fitted to."""
    columns = _checks.as_array("X", X)
    x = _checks.numbers("X", columns, ndim=min(max(columns.ndim, 1), 2)).astype(np.float64)
    x = x[:, None] if x.ndim == 1 else x
    happened = _checks.events(event, len(x))
    weight = np.empty(0)
    if weights is not None:
        weight = _checks.numbers("weights", weights).astype(np.float64)
        _checks.check_length("weights", weight, len(x))
        if weight.min() < 0:
            raise InputError("weights must not be negative.")
        kept = weight > 0
        happened, x, weight = happened[kept], x[kept], weight[kept]
    if not len(x):
        raise InputError("All weights are 0.")
    if happened.all() or not happened.any():
        which = "an event" if happened.all() else "no event"
        raise InputError(f"All subjects have {which}, so that there is nothing to explain.")
    low, high = x.min(axis=0), x.max(axis=0)
    flat = np.flatnonzero(low == high)
    if flat.size:
        raise InputError(f"Column {flat[0]} of X is the same for all subjects.")
    mass = weight if len(weight) else np.ones(len(x))
    centre = mass @ x / mass.sum()
    scaled = x - centre
    scale = np.sqrt(mass @ scaled**2 / mass.sum())
    scaled /= scale
    _refuse_dependent((scaled.T * mass) @ scaled / mass.sum())
    design = np.column_stack([np.ones(len(x)), scaled])
    return LogisticData(happened, design, weight, centre, scale)


def _refuse_dependent(correlation: FloatArray) -> None:
    left = correlation.copy()
    for column in range(len(left)):
        pivot = left[column, column]
        if pivot <= _DEGENERATE:
            raise InputError(f"Column {column} of X follows from the columns before it.")
        left -= np.outer(left[:, column], left[column]) / pivot


@dataclass(frozen=True, slots=True, eq=False)
class LogisticDerivatives:
    """Log likelihood, score (1 + p,), information, and the fitted probabilities (n,)."""

    loglik: float
    score: FloatArray
    information: FloatArray
    probability: FloatArray


def derivatives(data: LogisticData, coef: FloatArray) -> LogisticDerivatives:
    """Return the log likelihood of the binomial model at given coefficients."""
    eta = data.design @ coef
    probability = expit(eta)
    # log(1 + exp(-|eta|)) keeps its digits where a probability is next to 0 or 1.
    each = np.where(data.event, eta, 0.0) - np.maximum(eta, 0.0) - np.log1p(np.exp(-np.abs(eta)))
    residual = data.event - probability
    spread = probability * expit(-eta)
    if len(data.weights):
        each, residual, spread = (data.weights * one for one in (each, residual, spread))
    return LogisticDerivatives(
        float(each.sum()),
        data.design.T @ residual,
        (data.design.T * spread) @ data.design,
        probability,
    )


def separating_column(data: LogisticData) -> int | None:
    """Return a column that takes part in separating the outcomes, or nothing where none does.

    Outcomes are separated when some combination of the columns, with a constant, is nowhere on the
    wrong side for anybody and on the right side for somebody; its coefficients then grow for ever.
    """
    for column, values in enumerate(data.design[:, 1:].T):
        ends = [(one.min(), one.max()) for one in (values[data.event], values[~data.event])]
        if ends[0][0] >= ends[1][1] or ends[1][0] >= ends[0][1]:
            return column
    if data.design.shape[1] == 2:
        return None
    signed = np.unique(np.where(data.event[:, None], data.design, -data.design), axis=0)
    found = linprog(
        -signed.sum(axis=0), A_ub=-signed, b_ub=np.zeros(len(signed)), bounds=(-1.0, 1.0)
    )
    if found.x is None or -found.fun <= _SEPARATED * len(signed):
        return None
    return int(np.abs(found.x[1:]).argmax())
