"""Observed, expected and covariance of many log-rank tests, from blocks of data sets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, ndtr

from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats.survival._batch import BoolArray

#: Up to this many times of events a product of matrices is faster than a running sum.
_FEW_TIMES = 128

#: Cells of the matrix of subjects and times for that product.
_SMALL_MATRIX = 1 << 20


@dataclass(frozen=True, slots=True, eq=False)
class LogRankBatch:
    """Log-rank tests of r data sets with k groups.

    Attributes
    ----------
    statistic, p_value : float array (r,)
        Chi-square and p-value; NaN where there is no test (no event, or groups never at risk
        together), for which `logrank` raises.
    df : int array (r,)
        Groups with an expected count, less one.
    groups : int array (k,)
        Codes of the groups of all data sets, rising.
    observed, expected : float array (r, k)
        Events seen and expected.
    variance : float array (r, k, k)
        Covariance matrices of observed less expected.
    """

    statistic: FloatArray
    p_value: FloatArray
    df: IntArray
    groups: IntArray
    observed: FloatArray
    expected: FloatArray
    variance: FloatArray


class RiskCounter:
    """How many members of a group are at risk at the times of events of one data set."""

    __slots__ = ("_at_risk", "_matrix", "_order", "left")

    def __init__(self, time: FloatArray, at: FloatArray) -> None:
        self._order = np.argsort(-time, kind="stable")
        # The first time of a run stands for all of it; those at risk are no earlier.
        before = np.searchsorted(time[self._order][::-1], at, side="left")
        self._at_risk = len(time) - before
        self.left = self._at_risk.astype(np.float64)
        self._matrix = np.empty((0, 0))
        if len(at) <= _FEW_TIMES and len(at) * len(time) <= _SMALL_MATRIX:
            self._matrix = (time[:, np.newaxis] >= at).astype(np.float64)

    def held(self, inside: FloatArray) -> FloatArray:
        """Return members at risk, (b, m), from memberships 0 and 1, (b, n)."""
        if self._matrix.size:
            return inside @ self._matrix
        # With many times a running sum is less work than a product of matrices.
        counts: FloatArray = np.cumsum(inside[:, self._order], axis=1)[:, self._at_risk - 1]
        return counts


class LogRankSums:
    """Observed, expected and covariance, filled block by block."""

    __slots__ = ("expected", "k", "observed", "variance")

    def __init__(self, rows: int, k: int) -> None:
        self.k = k
        self.observed = np.zeros((rows, k))
        self.expected = np.zeros((rows, k))
        self.variance = np.zeros((rows, k, k))

    def add_rows(self, part: slice, event: BoolArray, group: IntArray, last: BoolArray) -> None:
        """Add data sets whose subjects are sorted."""
        rows, n = event.shape
        # A run of tied events starts after another time and ends before a censoring or later.
        starts, ends = event.copy(), event.copy()
        starts[:, 1:] &= last[:, :-1]
        ends[:, :-1] &= last[:, :-1] | ~event[:, 1:]
        first = np.flatnonzero(starts)
        d = (np.flatnonzero(ends) - first + 1).astype(np.float64)
        row, place = np.divmod(first, n)
        left = (n - place).astype(np.float64)
        total = d / left
        spread = total * (left - d) / np.maximum(left - 1.0, 1.0) / left
        held: list[FloatArray] = []
        for code in range(1, self.k):
            inside = group == code
            later = np.cumsum(inside[:, ::-1], axis=1, dtype=np.int32)[:, ::-1]
            held.append(later.ravel()[first].astype(np.float64))
            self.observed[part, code] = np.count_nonzero(inside & event, axis=1)
        held.insert(0, left - sum(held))
        self.observed[part, 0] = np.count_nonzero(event, axis=1) - self.observed[part, 1:].sum(1)

        def by_row(values: FloatArray) -> FloatArray:
            return np.bincount(row, values, rows).astype(np.float64, copy=False)

        for code, risk in enumerate(held):
            self.expected[part, code] = by_row(total * risk)
            for other in range(code + 1, self.k):
                self._pair(part, code, other, by_row(spread * risk * held[other]))

    def add_permutations(
        self, part: slice, group: IntArray, event: BoolArray, d: FloatArray, holder: RiskCounter
    ) -> None:
        """Add assignments of the subjects of one data set, with `d` events at its times."""
        left = holder.left
        total = d / left
        spread = total * (left - d) / np.maximum(left - 1.0, 1.0) / left
        happened = event.astype(np.float64)
        held: list[FloatArray] = []
        for code in range(1, self.k):
            inside = (group == code).astype(np.float64)
            self.observed[part, code] = inside @ happened
            held.append(holder.held(inside))
        held.insert(0, left - sum(held))
        self.observed[part, 0] = happened.sum() - self.observed[part, 1:].sum(axis=1)
        for code, risk in enumerate(held):
            self.expected[part, code] = risk @ total
            for other in range(code + 1, self.k):
                self._pair(part, code, other, (risk * held[other]) @ spread)

    def _pair(self, part: slice, one: int, other: int, value: FloatArray) -> None:
        block = self.variance[part]
        block[:, one, other] -= value
        block[:, other, one] -= value
        block[:, one, one] += value
        block[:, other, other] += value

    def tested(self, groups: IntArray) -> LogRankBatch:
        """Return the tests of all data sets."""
        statistic, df = _chi_squares(self.observed - self.expected, self.variance, self.expected)
        # With one degree of freedom the normal distribution is ten times faster.
        p_value = (
            2.0 * ndtr(-np.sqrt(statistic)) if self.k == 2 else chdtrc(np.maximum(df, 1), statistic)
        )
        return LogRankBatch(
            statistic=freeze(statistic),
            p_value=freeze(p_value),
            df=freeze(df),
            groups=freeze(groups),
            observed=freeze(self.observed),
            expected=freeze(self.expected),
            variance=freeze(self.variance),
        )


def _chi_squares(
    difference: FloatArray, variance: FloatArray, expected: FloatArray
) -> tuple[FloatArray, IntArray]:
    used = expected > 0.0
    df: IntArray = np.maximum(np.count_nonzero(used, axis=1) - 1, 0)
    if expected.shape[1] == 2:
        only = variance[:, 0, 0]
        with np.errstate(divide="ignore", invalid="ignore"):
            statistic = difference[:, 1] ** 2 / only
        return np.where(only > 0.0, statistic, np.nan), df
    # Groups without an expected count, and the first of the others, carry nothing new: they are
    # replaced by an equation of their own with the solution 0.
    kept = used.copy()
    kept[np.arange(len(used)), used.argmax(axis=1)] = False
    both = kept[:, :, np.newaxis] & kept[:, np.newaxis, :]
    scale = np.sqrt(np.where(kept, np.einsum("rkk->rk", variance), 1.0))
    connected = scale.all(axis=1) & (df > 0)
    scale[scale == 0.0] = 1.0
    matrix = np.where(both, variance / (scale[:, :, np.newaxis] * scale[:, np.newaxis, :]), 0.0)
    matrix[:, np.arange(matrix.shape[1]), np.arange(matrix.shape[1])] = 1.0
    doubtful = np.flatnonzero(np.linalg.det(matrix) < 1e-6)
    if len(doubtful):
        singular = doubtful[np.linalg.cond(matrix[doubtful]) > 1e12]
        matrix[singular] = np.eye(matrix.shape[1])
        connected[singular] = False
    scaled = np.where(kept, difference / scale, 0.0)
    solved = np.linalg.solve(matrix, scaled[:, :, np.newaxis])[:, :, 0]
    return np.where(connected, (scaled * solved).sum(axis=1), np.nan), df
