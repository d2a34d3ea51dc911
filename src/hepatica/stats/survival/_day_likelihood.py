"""The partial likelihood and its derivatives from sums over the rows of each day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hepatica.stats._checks import FloatArray, IntArray
from hepatica.stats.survival._tied_sums import TiedSums, tied_sums

_EVENT, _ENTRY = 1, 2


@dataclass(frozen=True, slots=True, eq=False)
class DayDerivatives:
    """Log partial likelihood, score (p,) and information (p, p) at one coefficient vector."""

    loglik: float
    score: FloatArray
    information: FloatArray
    weighted_square: FloatArray


class DayLikelihood:
    """What stays the same between iterations: the order of the cells, and ties.

    Parameters
    ----------
    stratum, day, kind, n : int array (c,)
        As in `CoxCells`.
    efron : bool
        Efron's method for ties; Breslow's otherwise.
    """

    __slots__ = (
        "_deaths",
        "_efron",
        "_event_total",
        "_events",
        "_order",
        "_sign",
        "_start",
        "_strata",
        "_used",
    )

    def __init__(
        self, stratum: IntArray, day: IntArray, kind: IntArray, n: IntArray, efron: bool
    ) -> None:
        self._order = np.lexsort((kind, day, stratum))
        strata, days = stratum[self._order], day[self._order]
        new = np.ones(len(days), dtype=bool)
        new[1:] = (np.diff(strata) != 0) | (np.diff(days) != 0)
        self._start = np.flatnonzero(new)
        # Who enters on a day is at risk from the next one: not yet on this or an earlier one.
        kinds = kind[self._order]
        self._sign = np.where(kinds == _ENTRY, -1.0, 1.0)[:, None]
        self._events = (kinds == _EVENT).astype(np.float64)[:, None]
        self._strata = np.flatnonzero(np.diff(strata[self._start], prepend=strata[0] - 1))
        deaths = np.add.reduceat(np.where(kinds == _EVENT, n[self._order], 0), self._start)
        self._used = np.flatnonzero(deaths)
        self._deaths = deaths[self._used]
        self._efron = efron
        self._event_total: FloatArray | None = None

    def at(self, coef: FloatArray, sums: FloatArray, shift: float) -> DayDerivatives:
        """Return the likelihood and its derivatives; the first call is at coefficients of 0."""
        p = len(coef)
        ordered = sums[self._order]
        risk = np.add.reduceat(ordered * self._sign, self._start, axis=0)
        ends = np.append(self._strata[1:], len(risk))
        for begin, end in zip(self._strata, ends, strict=True):
            risk[begin:end] = np.cumsum(risk[begin:end][::-1], axis=0)[::-1]
        risk = risk[self._used]
        tied = np.add.reduceat(ordered * self._events, self._start, axis=0)[self._used]
        if self._event_total is None:
            self._event_total = tied[:, 1 : p + 1].sum(axis=0)
        total = self._event_total
        d = self._deaths.astype(np.float64)
        over = self._over_ties(risk[:, 0], tied[:, 0])
        share = tied[:, 1:] / tied[:, :1] if self._efron else np.zeros_like(tied[:, 1:])
        rest = risk[:, 1:] - risk[:, :1] * share
        u, v = share[:, :p], rest[:, :p]
        mean = d[:, None] * u + over.inverse[:, None] * v
        second = _square(p, d @ share[:, p:] + over.inverse @ rest[:, p:])
        cross = (u * over.inverse[:, None]).T @ v
        square = (u * d[:, None]).T @ u + cross + cross.T
        square += (v * over.inverse_square[:, None]).T @ v
        return DayDerivatives(
            loglik=float(total @ coef - d.sum() * shift - over.log.sum()),
            score=total - mean.sum(axis=0),
            information=second - square,
            weighted_square=np.diag(second).copy(),
        )

    def _over_ties(self, risk: FloatArray, tied: FloatArray) -> TiedSums:
        if self._efron:
            return tied_sums(risk, tied, self._deaths)
        d = self._deaths
        return TiedSums(log=d * np.log(risk), inverse=d / risk, inverse_square=d / risk**2)


def _square(p: int, upper: FloatArray) -> FloatArray:
    """Return the symmetric matrix whose upper triangle is given row by row."""
    matrix = np.zeros((p, p))
    matrix[np.triu_indices(p)] = upper
    return matrix + np.triu(matrix, 1).T
