"""Newton's method on many partial likelihoods at once."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from hepatica.stats._checks import FloatArray, IntArray
from hepatica.stats.survival._cox_rows import BoolArray, RowDerivatives, RowLikelihood

_MOST = 90
_HALVINGS = 30
_DEGENERATE = 1e-11
_FLAT = 1e-14
_PRECISE = 3e-10
#: A fit that has not ended by then is looked at for a likelihood that rises without end.
_SUSPICIOUS = 9
_SLACK = 1e-7


class CoxStatus(IntEnum):
    """What became of a data set: only the first has an estimate."""

    FITTED = 0
    NO_EVENTS = 1
    #: A column does not vary among those at risk, or follows from the others.
    DEPENDENT_COLUMNS = 2
    #: The likelihood rises without end.
    NO_FINITE_ESTIMATE = 3


@dataclass(frozen=True, slots=True, eq=False)
class RowEstimates:
    """Coefficients (r, p), covariance (r, p, p), log likelihood (r,) and status (r,)."""

    coef: FloatArray
    vcov: FloatArray
    loglik: FloatArray
    status: IntArray

    @classmethod
    def empty(cls, r: int, p: int) -> RowEstimates:
        """Return estimates of data sets without events."""
        return cls(
            coef=np.full((r, p), np.nan),
            vcov=np.full((r, p, p), np.nan),
            loglik=np.full(r, np.nan),
            status=np.full(r, int(CoxStatus.NO_EVENTS)),
        )


def maximise_rows(
    likelihood: RowLikelihood, begin: FloatArray, efron: bool, made: RowEstimates, into: IntArray
) -> None:
    """Maximise each likelihood by Newton's method with step halving; what has ended rests.

    Parameters
    ----------
    likelihood : RowLikelihood
        Of b data sets with events.
    begin : float array (b, p)
        Where to begin.
    efron : bool
        Handling of ties, for a likelihood of those that have not ended.
    made : RowEstimates
        Where estimates are written.
    into : int array (b,)
        Which of the estimates the data sets are.
    """
    coef = begin.copy()
    now = likelihood.at(coef)
    dependent = _dependent(now)
    made.status[into[dependent]] = CoxStatus.DEPENDENT_COLUMNS
    going = ~dependent
    halvings = np.zeros(len(coef), dtype=np.int64)
    step, flat = _steps(now)
    for turn in range(_MOST):
        ended = going & ~flat & (halvings == 0)
        ended &= _is_small(step, now, coef, likelihood.n_events)
        _write(made, into[ended], coef[ended] + step[ended], now.chosen(ended))
        going &= ~ended
        flat |= halvings > _HALVINGS
        if turn >= _SUSPICIOUS:
            flat |= _rising(likelihood, step)
        made.status[into[going & flat]] = CoxStatus.NO_FINITE_ESTIMATE
        going &= ~flat
        if not going.any():
            return
        if 4 * int(going.sum()) <= len(going):
            likelihood = RowLikelihood(likelihood.rows.chosen(going), efron)
            coef, step, now = coef[going], step[going], now.chosen(going)
            into, halvings, flat = into[going], halvings[going], flat[going]
            going = np.ones(len(into), dtype=np.bool_)
        found = likelihood.at(np.where(going[:, None], coef + step, coef))
        slack = 1e-12 * (1.0 + np.abs(now.loglik))
        better = going & np.isfinite(found.loglik) & (found.loglik >= now.loglik - slack)
        coef = np.where(better[:, None], coef + step, coef)
        now = found.where(better, now)
        halvings = np.where(better, 0, halvings + going)
        full, flat = _steps(now)
        step = np.where(better[:, None], full, step / 2.0)
    made.status[into[going]] = CoxStatus.NO_FINITE_ESTIMATE


def _write(made: RowEstimates, into: IntArray, coef: FloatArray, now: RowDerivatives) -> None:
    if not len(into):
        return
    vcov = np.linalg.inv(now.information)
    good = (np.einsum("bpp->bp", vcov) > 0).all(axis=1)
    made.status[into] = np.where(good, CoxStatus.FITTED, CoxStatus.NO_FINITE_ESTIMATE)
    into = into[good]
    made.coef[into] = coef[good]
    made.vcov[into] = vcov[good]
    made.loglik[into] = now.loglik[good]


def _steps(now: RowDerivatives) -> tuple[FloatArray, BoolArray]:
    """Return Newton steps, and whether a likelihood is too flat for one."""
    spread = np.einsum("bpp->bp", now.information)
    good = (spread > _FLAT * now.weighted_square).all(axis=1)
    scale = np.sqrt(np.where(good[:, None], spread, 1.0))
    unit = now.information / (scale[:, :, None] * scale[:, None, :])
    unit[~good] = np.eye(unit.shape[1])
    lowest = np.linalg.det(unit)
    good &= np.isfinite(lowest) & (lowest != 0.0)
    unit[~good] = np.eye(unit.shape[1])
    score = np.where(good[:, None], now.score, 0.0)
    step = np.linalg.solve(unit, (score / scale)[:, :, None])[:, :, 0] / scale
    return step, ~good


def _is_small(
    step: FloatArray, now: RowDerivatives, coef: FloatArray, events: FloatArray
) -> BoolArray:
    # In these units a coefficient has no unit, so that the scale of a column changes nothing.
    unit = np.sqrt(now.weighted_square / np.maximum(events, 1.0)[:, None])
    size = 1.0 + (np.abs(coef) * unit).max(axis=1)
    small: BoolArray = (np.abs(step) * unit).max(axis=1) <= _PRECISE * size
    return small


def _dependent(start: RowDerivatives) -> BoolArray:
    """Return whether a column carries nothing, by a Cholesky factor in the order of columns."""
    left = start.information.copy()
    limit = _DEGENERATE * start.weighted_square
    found = np.zeros(len(left), dtype=np.bool_)
    for column in range(left.shape[1]):
        pivot = left[:, column, column]
        found |= ~(pivot > limit[:, column])
        safe = np.where(found, 1.0, pivot)
        left = left - left[:, :, column, None] * left[:, None, column, :] / safe[:, None, None]
    return found


def _rising(likelihood: RowLikelihood, step: FloatArray) -> BoolArray:
    """Return whether a coefficient can grow for ever: of a column, or along the step."""
    found = likelihood.rises(step, _SLACK)
    for column in range(step.shape[1]):
        direction = np.zeros_like(step)
        for sign in (1.0, -1.0):
            direction[:, column] = sign
            found |= likelihood.rises(direction, _SLACK)
    return found
