"""Newton's method on a partial likelihood, and the reasons why it can have no maximum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from hepatica.errors import InputError
from hepatica.stats._checks import FloatArray
from hepatica.stats.survival._ties import Derivatives

_MAX_ITERATIONS = 60
_MAX_HALVINGS = 30
_DEGENERATE = 1e-11
#: Steps are taken quadratically: after one that small the next would be far below rounding.
_PRECISE = 1e-11
#: Of the approach with scores alone, in standard errors.
_NEAR = 1e-7
_APPROACHES = 8
#: A fit that has not ended by then is looked at for a likelihood that rises without end.
_SUSPICIOUS = 9


class NoFiniteEstimateError(InputError):
    """The likelihood rises without end: a hazard ratio has no finite estimate."""


class Likelihood(Protocol):
    """What Newton's method asks of a likelihood."""

    def at(self, coef: FloatArray) -> Derivatives:
        """Return the log likelihood and its derivatives."""

    def event_weight(self) -> float:
        """Return the number of events, or the sum of their weights."""

    def rising_column(self, direction: FloatArray) -> int | None:
        """Return a column whose coefficient can grow for ever without loss, if there is one."""

    def time_column(self) -> int | None:
        """Return a column that orders the rows as their time does, if there is one."""


class Sloped(Likelihood, Protocol):
    """A likelihood whose score comes cheaper than its information."""

    def slope(self, coef: FloatArray) -> tuple[float, FloatArray]:
        """Return the log likelihood and its score."""


@dataclass(frozen=True, slots=True, eq=False)
class Newton:
    """Where Newton's method ended."""

    coef: FloatArray
    vcov: FloatArray
    loglik_null: float
    loglik: float
    score_statistic: float
    wald_statistic: float
    iterations: int
    converged: bool


def maximise(likelihood: Likelihood, null: Derivatives, begin: FloatArray | None = None) -> Newton:
    """Maximise by Newton's method with step halving.

    Parameters
    ----------
    likelihood : Likelihood
        What is maximised.
    null : Derivatives
        Its derivatives at 0.
    begin : float array (p,), optional
        Where to begin instead of 0; it is not used where the likelihood is lower than at 0.
    """
    coef = np.zeros(len(null.score))
    now = null
    events = likelihood.event_weight()
    refuse_singular(null)
    score_statistic = float(null.score @ solve(null.information, null.score))
    if begin is not None:
        found = likelihood.at(begin)
        if np.isfinite(found.loglik) and found.loglik > null.loglik:
            coef, now = begin, found
    converged = False
    iterations = 0
    step = _step(likelihood, now, coef)
    while not (converged := _is_small(step, now, coef, events)) and iterations < _MAX_ITERATIONS:
        iterations += 1
        coef, now = _climb(likelihood, coef, now, step)
        if iterations >= _SUSPICIOUS:
            _refuse_rising(likelihood, step)
        step = _step(likelihood, now, coef)
    if converged:
        # Too small to be worth another look, but taken: it costs nothing.
        coef = coef + step
    elif float(step @ now.score) > 1e-10:
        _refuse_diverging(likelihood, now, coef)
    vcov = np.asarray(np.linalg.inv(now.information), dtype=np.float64)
    if not (np.diag(vcov) > 0).all():
        _refuse_diverging(likelihood, now, coef)
    return Newton(
        coef=coef,
        vcov=(vcov + vcov.T) / 2.0,
        loglik_null=null.loglik,
        loglik=now.loglik,
        score_statistic=score_statistic,
        wald_statistic=float(coef @ now.information @ coef),
        iterations=iterations + int(converged),
        converged=converged,
    )


def approach(likelihood: Sloped, begin: FloatArray, vcov: FloatArray) -> FloatArray:
    """Come near the maximum with scores alone, each a small part of the work of a Newton step.

    Parameters
    ----------
    likelihood : Sloped
        What is maximised.
    begin : float array (p,)
        Where to begin: the estimate from a part of the rows.
    vcov : float array (p, p)
        Its covariance, as all rows would have it. Each step betters it by the formula of Broyden,
        Fletcher, Goldfarb and Shanno (Nocedal and Wright 2006, formula 6.17).
    """
    coef, inverse = begin, vcov
    _, score = likelihood.slope(coef)
    before = np.inf
    for _ in range(_APPROACHES):
        step = inverse @ score
        size = float(step @ score)
        if not 0.0 < size < before:
            return coef
        coef = coef + step
        # Each step is about as much shorter than the last one as that was than the one before.
        if size * (size / before if before < np.inf else 1.0) < _NEAR**2:
            return coef
        _, after = likelihood.slope(coef)
        fall = score - after
        curve = float(step @ fall)
        if not curve > 0.0:
            return coef
        turn = np.eye(len(coef)) - np.outer(step, fall) / curve
        inverse = turn @ inverse @ turn.T + np.outer(step, step) / curve
        score, before = after, size
    return coef


def solve(information: FloatArray, score: FloatArray) -> FloatArray:
    """Return the Newton step, solved on the scale of correlations."""
    scale = np.sqrt(np.diag(information))
    unit = np.linalg.solve(information / np.outer(scale, scale), score / scale)
    return np.asarray(unit / scale, dtype=np.float64)


def _is_small(step: FloatArray, now: Derivatives, coef: FloatArray, events: float) -> bool:
    """Return whether a step changes no digit that is kept, in units that each column varies by.

    In those units a coefficient has no unit, so that the scale of a column changes nothing.
    """
    unit = np.sqrt(now.weighted_square / events)
    scaled = np.abs(coef) * unit
    return bool((np.abs(step) * unit).max() <= _PRECISE * (1.0 + scaled.max()))


def refuse_singular(start: Derivatives) -> None:
    """Refuse columns that carry nothing, found by a Cholesky factor in the order of columns."""
    left = start.information.copy()
    limit = _DEGENERATE * start.weighted_square
    for column in range(len(left)):
        pivot = left[column, column]
        if start.information[column, column] <= limit[column]:
            raise InputError(
                f"Column {column} of X is the same for all subjects at risk at each event."
            )
        if pivot <= limit[column]:
            raise InputError(f"Column {column} of X follows from the columns before it.")
        left -= np.outer(left[:, column], left[column]) / pivot


def _step(likelihood: Likelihood, now: Derivatives, coef: FloatArray) -> FloatArray:
    spread = np.diag(now.information)
    if not (spread > 1e-14 * now.weighted_square).all():
        _refuse_diverging(likelihood, now, coef)
    try:
        return solve(now.information, now.score)
    except np.linalg.LinAlgError:
        _refuse_diverging(likelihood, now, coef)
        raise


def _refuse_rising(likelihood: Likelihood, direction: FloatArray) -> None:
    column = likelihood.rising_column(direction)
    if column is not None:
        _refuse_column(likelihood, column)


def _refuse_diverging(likelihood: Likelihood, now: Derivatives, coef: FloatArray) -> None:
    column = likelihood.rising_column(coef)
    if column is None:
        column = int((np.abs(coef) * np.sqrt(now.weighted_square)).argmax())
    _refuse_column(likelihood, column)


def _refuse_column(likelihood: Likelihood, column: int) -> None:
    if likelihood.time_column() == column:
        raise NoFiniteEstimateError(
            f"Column {column} of X orders the subjects as their time does: it is the time, or a "
            f"function of it, and cannot explain it. Leave the column out."
        )
    raise NoFiniteEstimateError(
        f"The hazard ratio of column {column} has no finite estimate: the likelihood rises "
        f"without end as its coefficient grows, as where all events are at one end of its range. "
        f"Firth's method (cox_firth) gives an estimate."
    )


def _climb(
    likelihood: Likelihood, coef: FloatArray, now: Derivatives, step: FloatArray
) -> tuple[FloatArray, Derivatives]:
    slack = 1e-12 * (1.0 + abs(now.loglik))
    for _ in range(_MAX_HALVINGS):
        with np.errstate(all="ignore"):
            found = likelihood.at(coef + step)
        if np.isfinite(found.loglik) and found.loglik >= now.loglik - slack:
            return coef + step, found
        step = step / 2.0
    return coef, now
