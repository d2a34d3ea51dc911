"""Proportional hazards regression from counts of covariate patterns.

Subjects with the same covariates, stratum, day and event are one cell with a count. A table of a
hundred million subjects that differ in arm, sex and age in years has a few hundred thousand cells.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray
from hepatica.stats.survival.cox_sums import ENTRY, CoxCells, CoxSumsFit, cox_from_sums


@dataclass(frozen=True, slots=True, eq=False)
class PatternCells:
    """Subjects of the same pattern, stratum and day; arrays of one length, a cell each.

    Attributes
    ----------
    stratum, day, kind, n : int array (c,)
        As in `CoxCells`.
    pattern : int array (c,)
        Row of the pattern among the patterns.
    """

    stratum: IntArray
    day: IntArray
    kind: IntArray
    n: IntArray
    pattern: IntArray


def cox_from_patterns(
    cells: PatternCells,
    patterns: npt.ArrayLike,
    *,
    ties: str = "efron",
    conf_level: float = 0.95,
) -> CoxSumsFit:
    """Fit a proportional hazards model to counted patterns.

    Parameters
    ----------
    cells : PatternCells
        Counts.
    patterns : array (m, p)
        Covariates of each pattern.
    ties : {"efron", "breslow"}
        Handling of tied event times; a count of d is d subjects, not one of weight d.
    conf_level : float
        Confidence level of the limits.

    Raises
    ------
    NoFiniteEstimateError
        If the likelihood rises without end.
    InputError
        If there is no event, or a column does not vary or follows from the others.

    Examples
    --------
    >>> one = np.ones(3, int)
    >>> cells = PatternCells(0 * one, np.array([1, 2, 3]), one, one, np.array([1, 0, 1]))
    >>> round(cox_from_patterns(cells, [[0.0], [1.0]]).hazard_ratio.item(), 4)
    0.7071
    """
    X = _checks.numbers("X", np.asarray(patterns), ndim=2).astype(np.float64)
    leaving = cells.kind != ENTRY
    subjects = np.bincount(
        cells.pattern[leaving], weights=cells.n[leaving], minlength=len(X)
    )  # exact: counts are whole
    if not subjects.any():
        raise InputError("There is no subject to fit a model to.")
    centre = subjects @ X / subjects.sum()
    scale = np.sqrt(subjects @ (X - centre) ** 2 / subjects.sum())
    flat = np.flatnonzero(scale <= 1e-12 * np.abs(X[subjects > 0]).max(axis=0))
    if flat.size:
        raise InputError(f"Column {flat[0]} of X is the same for all subjects.")
    scaled = (X - centre) / scale
    order = np.lexsort((cells.pattern, cells.kind, cells.day, cells.stratum))
    stratum, day, kind = (one[order] for one in (cells.stratum, cells.day, cells.kind))
    new = np.ones(len(order), dtype=bool)
    new[1:] = (np.diff(stratum) != 0) | (np.diff(day) != 0) | (np.diff(kind) != 0)
    start = np.flatnonzero(new)
    n, pattern = cells.n[order], cells.pattern[order]
    summed = CoxCells(stratum[start], day[start], kind[start], np.add.reduceat(n, start))
    return cox_from_sums(
        summed, _PatternSums(scaled, n, pattern, start), scale, ties=ties, conf_level=conf_level
    )


class _PatternSums:
    """Sums over the patterns of each cell at given coefficients."""

    __slots__ = ("_first", "_n", "_pattern", "_scaled", "_second", "_start")

    def __init__(
        self, scaled: FloatArray, n: IntArray, pattern: IntArray, start: npt.NDArray[np.intp]
    ) -> None:
        self._scaled, self._n, self._pattern, self._start = scaled, n, pattern, start
        self._first, self._second = np.triu_indices(scaled.shape[1])

    def __call__(self, coef: FloatArray) -> tuple[FloatArray, float]:
        eta = self._scaled @ coef
        top = float(eta.max())
        p = self._scaled.shape[1]
        weight = np.exp(eta - top)
        sums = np.empty((len(self._start), 1 + p + len(self._first)))
        sums[:, 0] = self._sum(weight)
        for column in range(p):
            sums[:, 1 + column] = self._sum(weight * self._scaled[:, column])
        for place, (one, other) in enumerate(zip(self._first, self._second, strict=True)):
            sums[:, 1 + p + place] = self._sum(
                weight * self._scaled[:, one] * self._scaled[:, other]
            )
        return sums, top

    def _sum(self, value: FloatArray) -> FloatArray:
        added: FloatArray = np.add.reduceat(value[self._pattern] * self._n, self._start)
        return added
