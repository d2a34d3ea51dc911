"""The partial likelihood, its derivatives, and Newton's method on it.

The information matrix needs no second moments of risk sets: it is one weighted product
X' diag(w A) X, where A is the cumulative hazard at each subject's own time, less M'M, where M
holds the risk-set means at each event.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hepatica.errors import InputError
from hepatica.stats._checks import FloatArray, IntArray
from hepatica.stats.survival._tally import SAME_TIME

_MAX_ITERATIONS = 60
_MAX_HALVINGS = 30
_DEGENERATE = 1e-11


class NoFiniteEstimateError(InputError):
    """The likelihood rises without end: a hazard ratio has no finite estimate."""


@dataclass(frozen=True, slots=True, eq=False)
class Derivatives:
    """Log partial likelihood, score (p,) and information (p, p) at one coefficient vector."""

    loglik: float
    score: FloatArray
    information: FloatArray
    weighted_square: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Newton:
    """Where Newton's method ended, on the scale of the covariates it was given."""

    coef: FloatArray
    vcov: FloatArray
    loglik_null: float
    loglik: float
    score_statistic: float
    wald_statistic: float
    iterations: int
    converged: bool


class PartialLikelihood:
    """Subjects in order, and what stays the same between iterations.

    Rows are ordered by stratum and time. A "cell" is a distinct time of a stratum; cells of a
    stratum are consecutive, so a risk set is a run of cells that ends with the stratum.

    Parameters
    ----------
    time : float array (n,)
        Times.
    event : bool array (n,)
        Events.
    X : float array (n, p)
        Centred and scaled covariates.
    stratum : int array (n,)
        Position of the stratum.
    ties : {"efron", "breslow"}
        Handling of ties.
    """

    __slots__ = (
        "X",
        "_cell",
        "_cell_of_event",
        "_event_rows",
        "_event_start",
        "_share",
        "_start",
        "_stratum_end",
        "_sum_of_events",
    )

    def __init__(
        self,
        time: FloatArray,
        event: npt.NDArray[np.bool_],
        X: FloatArray,
        stratum: IntArray,
        ties: str,
    ) -> None:
        order = np.lexsort((~event, time, stratum))
        ordered = time[order]
        strata = stratum[order]
        new = np.concatenate(
            ([True], (np.diff(ordered) > SAME_TIME * ordered[1:]) | (np.diff(strata) != 0))
        )
        if not new.all():
            # Times that differ by rounding are one cell; events must stand first in it.
            order = order[np.lexsort((~event[order], np.cumsum(new)))]
        flags = event[order]
        self.X = np.ascontiguousarray(X[order])
        self._start = np.flatnonzero(new)
        self._cell = np.cumsum(new) - 1
        self._stratum_end = np.append(np.flatnonzero(np.diff(strata[self._start])) + 1, new.sum())
        self._event_rows = np.flatnonzero(flags)
        self._cell_of_event, self._event_start, deaths = np.unique(
            self._cell[self._event_rows], return_index=True, return_counts=True
        )
        rank = np.arange(len(self._event_rows)) - np.repeat(self._event_start, deaths)
        self._share = rank / np.repeat(deaths, deaths) if ties == "efron" else np.zeros(len(rank))
        self._sum_of_events = self.X[self._event_rows].sum(axis=0)

    def _risk_set_sums(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        cells: npt.NDArray[np.float64] = np.add.reduceat(values, self._start, axis=0)
        begin = 0
        for end in self._stratum_end:
            cells[begin:end] = np.cumsum(cells[begin:end][::-1], axis=0)[::-1]
            begin = end
        return cells

    def at(self, coef: FloatArray) -> Derivatives:
        """Return the log partial likelihood and its derivatives."""
        eta = self.X @ coef
        top = float(eta.max())
        weight = np.exp(eta - top)
        weighted = self.X * weight[:, None]
        deaths = np.diff(np.append(self._event_start, len(self._event_rows)))
        owner = np.repeat(np.arange(len(self._cell_of_event)), deaths)
        tied_weight = np.add.reduceat(weight[self._event_rows], self._event_start)
        tied = np.add.reduceat(weighted[self._event_rows], self._event_start, axis=0)
        cell = self._cell_of_event[owner]
        total = self._risk_set_sums(weight)[cell] - self._share * tied_weight[owner]
        mean = self._risk_set_sums(weighted)[cell] - self._share[:, None] * tied[owner]
        mean /= total[:, None]
        hazard = self._own_hazard(total)
        square = self.X.T @ (weighted * hazard[:, None])
        return Derivatives(
            loglik=float((eta[self._event_rows] - top).sum() - np.log(total).sum()),
            score=self._sum_of_events - mean.sum(axis=0),
            information=square - mean.T @ mean,
            weighted_square=np.diag(square),
        )

    def _own_hazard(self, total: FloatArray) -> FloatArray:
        step = np.zeros(len(self._start))
        step[self._cell_of_event] = np.add.reduceat(1.0 / total, self._event_start)
        begin = 0
        for end in self._stratum_end:
            step[begin:end] = np.cumsum(step[begin:end])
            begin = end
        hazard: FloatArray = step[self._cell]
        # Under Efron's method an event leaves its own tied set by steps.
        spared = np.add.reduceat(self._share / total, self._event_start)
        deaths = np.diff(np.append(self._event_start, len(self._event_rows)))
        hazard[self._event_rows] -= np.repeat(spared, deaths)
        return hazard

    def never_falls_along(self, direction: FloatArray) -> bool:
        """Return whether the likelihood rises or stays equal along a direction for ever.

        That is so when each event has the highest value of ``X @ direction`` in its risk set.
        """
        value = self.X @ direction
        highest = np.maximum.reduceat(value, self._start)
        begin = 0
        for end in self._stratum_end:
            highest[begin:end] = np.maximum.accumulate(highest[begin:end][::-1])[::-1]
            begin = end
        slack = 1e-9 * (float(np.abs(value).max()) or 1.0)
        own = value[self._event_rows]
        return bool((own >= highest[self._cell[self._event_rows]] - slack).all())


def refuse_degenerate(scale: FloatArray, columns: FloatArray) -> None:
    """Refuse a column that is the same for all subjects."""
    flat = np.flatnonzero(scale <= 1e-12 * np.abs(columns).max(axis=0))
    if flat.size:
        raise InputError(f"Column {flat[0]} of X is the same for all subjects.")


def _refuse_singular(start: Derivatives) -> None:
    """Refuse columns that carry nothing, found by a Cholesky factor in the order of columns."""
    left = start.information.copy()
    for column in range(len(left)):
        pivot = left[column, column]
        limit = _DEGENERATE * start.weighted_square[column]
        if start.information[column, column] <= limit:
            raise InputError(
                f"Column {column} of X is the same for all subjects at risk at each event."
            )
        if pivot <= limit:
            raise InputError(f"Column {column} of X follows from the columns before it.")
        left -= np.outer(left[:, column], left[column]) / pivot


def _refuse_monotone(likelihood: PartialLikelihood) -> None:
    for column in range(likelihood.X.shape[1]):
        for sign in (1.0, -1.0):
            direction = np.zeros(likelihood.X.shape[1])
            direction[column] = sign
            if likelihood.never_falls_along(direction):
                raise NoFiniteEstimateError(
                    f"The hazard ratio of column {column} has no finite estimate: the events "
                    f"are all at one end of its range among the subjects at risk."
                )


def maximise(likelihood: PartialLikelihood) -> Newton:
    """Maximise by Newton's method with step halving, from zero.

    The criterion is the expected gain of the next step, far below any that changes a digit.
    """
    coef = np.zeros(likelihood.X.shape[1])
    start = now = likelihood.at(coef)
    _refuse_singular(start)
    _refuse_monotone(likelihood)
    score_statistic = float(start.score @ np.linalg.solve(start.information, start.score))
    converged = False
    iterations = 0
    step = _step(now, coef)
    while not converged and iterations < _MAX_ITERATIONS:
        iterations += 1
        coef, now = _climb(likelihood, coef, now, step)
        step = _step(now, coef)
        converged = bool(np.abs(step).max() <= 1e-11 * (1.0 + np.abs(coef).max()))
    if converged:
        # Too small to be worth another look, but taken: it costs nothing.
        coef = coef + step
    elif float(step @ now.score) > 1e-10 or likelihood.never_falls_along(coef):
        _refuse_diverging(coef)
    vcov = np.asarray(np.linalg.inv(now.information), dtype=np.float64)
    if not (np.diag(vcov) > 0).all():
        _refuse_diverging(coef)
    return Newton(
        coef=coef,
        vcov=(vcov + vcov.T) / 2.0,
        loglik_null=start.loglik,
        loglik=now.loglik,
        score_statistic=score_statistic,
        wald_statistic=float(coef @ now.information @ coef),
        iterations=iterations,
        converged=converged,
    )


def _step(now: Derivatives, coef: FloatArray) -> FloatArray:
    spread = np.sqrt(np.abs(np.diag(now.information)))
    if not (spread > 1e-7).all():
        _refuse_diverging(coef)
    try:
        return np.asarray(np.linalg.solve(now.information, now.score), dtype=np.float64)
    except np.linalg.LinAlgError:
        _refuse_diverging(coef)
        raise


def _refuse_diverging(coef: FloatArray) -> None:
    column = int(np.abs(coef).argmax())
    raise NoFiniteEstimateError(
        f"The hazard ratio of column {column} has no finite estimate: the likelihood rises "
        f"without end as coefficients grow."
    )


def _climb(
    likelihood: PartialLikelihood, coef: FloatArray, now: Derivatives, step: FloatArray
) -> tuple[FloatArray, Derivatives]:
    slack = 1e-12 * (1.0 + abs(now.loglik))
    for _ in range(_MAX_HALVINGS):
        with np.errstate(all="ignore"):
            found = likelihood.at(coef + step)
        if np.isfinite(found.loglik) and found.loglik >= now.loglik - slack:
            return coef + step, found
        step = step / 2.0
    return coef, now
