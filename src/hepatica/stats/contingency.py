"""Tests of association in a table of counts.

Sources: Pearson 1900; Fisher, J R Stat Soc 1935;98:39; Freeman and Halton, Biometrika
1951;38:141 (tables larger than two by two); Cochran, Biometrics 1954;10:417 (expected counts).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, gammaln

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray
from hepatica.stats.proportions import EQUALLY_PROBABLE

#: The exact test is refused when it would have to hold more partial tables than this, ...
MAX_STATES = 1_000_000
#: ... or look at more ways than this to fill the last two columns.
MAX_TABLES = 20_000_000


@dataclass(frozen=True, slots=True)
class AssociationTest:
    """A test that rows and columns of a table are independent.

    Attributes
    ----------
    statistic : float
        Chi-square statistic; NaN for the exact test.
    df : int
        Degrees of freedom of the chi-square test, (rows - 1)(columns - 1).
    p_value : float
        Two-sided p-value.
    method : {"pearson", "fisher"}
        Pearson's chi-square without continuity correction, or Fisher's exact test.
    smallest_expected : float
        Smallest expected count.
    """

    statistic: float
    df: int
    p_value: float
    method: str
    smallest_expected: float


def chi_square(table: npt.ArrayLike) -> AssociationTest:
    """Test by Pearson's chi-square, without continuity correction.

    Parameters
    ----------
    table : int array (r, c)
        Counts, at least two rows and two columns, each with a subject.

    Raises
    ------
    InputError
        If the table cannot be used.

    Examples
    --------
    >>> round(chi_square([[30, 11], [12, 15]]).p_value, 4)
    0.0171
    """
    counts = _table(table)
    expected = _expected(counts)
    statistic = float(((counts - expected) ** 2 / expected).sum())
    df = (counts.shape[0] - 1) * (counts.shape[1] - 1)
    return AssociationTest(
        statistic=statistic,
        df=df,
        p_value=float(chdtrc(df, statistic)),
        method="pearson",
        smallest_expected=float(expected.min()),
    )


def fisher_exact(table: npt.ArrayLike) -> AssociationTest:
    """Test exactly, given both margins.

    The p-value is the sum of the probabilities of all tables with these margins that are no
    more probable than the observed one.

    Parameters
    ----------
    table : int array (r, c)
        Counts, at least two rows and two columns, each with a subject.

    Raises
    ------
    InputError
        If the table cannot be used, or its exact test is too large (`MAX_STATES`, `MAX_TABLES`).

    Examples
    --------
    >>> round(fisher_exact([[8, 33], [2, 25]]).p_value, 4)
    0.2943
    """
    counts = _table(table)
    p_value = _two_by_two(counts) if counts.shape == (2, 2) else _larger(counts)
    return AssociationTest(
        statistic=float("nan"),
        df=(counts.shape[0] - 1) * (counts.shape[1] - 1),
        p_value=p_value,
        method="fisher",
        smallest_expected=float(_expected(counts).min()),
    )


def association_test(table: npt.ArrayLike) -> AssociationTest:
    """Test by the expected-count rule: exactly if any expected count is below 5, else Pearson.

    Parameters
    ----------
    table : int array (r, c)
        Counts, at least two rows and two columns, each with a subject.

    Examples
    --------
    >>> association_test([[8, 33], [2, 25]]).method, association_test([[30, 11], [12, 15]]).method
    ('fisher', 'pearson')
    """
    small = float(_expected(_table(table)).min()) < 5.0
    return fisher_exact(table) if small else chi_square(table)


def _table(table: npt.ArrayLike) -> IntArray:
    array = _checks.numbers("table", table, ndim=2)
    counts = array.astype(np.int64)
    if not np.array_equal(counts, array) or counts.min() < 0:
        raise InputError("table must hold counts: whole numbers, none negative.")
    if min(counts.shape) < 2:
        raise InputError("table must have at least two rows and two columns.")
    if not (counts.sum(axis=0).all() and counts.sum(axis=1).all()):
        raise InputError("Each row and column of table must have a subject; leave empty ones out.")
    return counts


def _expected(counts: IntArray) -> FloatArray:
    expected: FloatArray = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum()
    return expected


def _two_by_two(counts: IntArray) -> float:
    row = int(counts[0].sum())
    column = int(counts[:, 0].sum())
    total = int(counts.sum())
    first = np.arange(max(0, row + column - total), min(row, column) + 1)
    cells = np.stack([first, row - first, column - first, total - row - column + first])
    log_probability = -gammaln(cells + 1.0).sum(axis=0)
    probability = np.exp(log_probability - log_probability.max())
    observed = probability[int(counts[0, 0]) - int(first[0])]
    no_more = probability <= observed * (1.0 + EQUALLY_PROBABLE)
    return min(1.0, float(probability[no_more].sum() / probability.sum()))


def _larger(counts: IntArray) -> float:
    # Columns are filled one by one. The state after each is what is left of the rows, in any
    # order; the number of ways and the probability of filling the rest have closed forms, so a
    # state whose every completion is improbable enough is settled without looking at them.
    table = counts if counts.shape[0] <= counts.shape[1] else counts.T
    columns = np.sort(table.sum(axis=0))
    rows = np.sort(table.sum(axis=1))
    log_factorial = gammaln(np.arange(int(counts.sum()) + 1) + 1.0)
    margins = log_factorial[rows].sum() + log_factorial[columns].sum() - log_factorial[-1]
    limit = margins - float(log_factorial[table].sum()) + EQUALLY_PROBABLE
    states = _States(rows[None, :], np.array([margins]), np.ones(1))
    p_value = 0.0
    for index, column in enumerate(columns[:-1]):
        rest = columns[index:]
        ways = log_factorial[rest.sum()] - log_factorial[rest].sum()
        total = states.log_probability + ways - log_factorial[states.left].sum(axis=1)
        settled = total <= limit
        p_value += float((states.paths * np.exp(total))[settled].sum())
        states = states.take(~settled)
        if index == len(columns) - 2:
            return min(1.0, p_value + _finish(states, int(column), log_factorial, limit))
        states = _fill_column(states, int(column), log_factorial, MAX_STATES).joined()
    return min(1.0, p_value)


@dataclass(frozen=True, slots=True, eq=False)
class _States:
    """What is left of the rows (s, r), the log probability so far (s,), and the paths to it."""

    left: IntArray
    log_probability: FloatArray
    paths: FloatArray

    def take(self, which: npt.NDArray[np.bool_]) -> _States:
        return _States(self.left[which], self.log_probability[which], self.paths[which])

    def joined(self) -> _States:
        left = np.sort(self.left, axis=1)
        key = np.column_stack([left, np.rint(self.log_probability * 1e9).astype(np.int64)])
        _, first, state = np.unique(key, axis=0, return_index=True, return_inverse=True)
        paths = np.bincount(state.ravel(), weights=self.paths).astype(np.float64, copy=False)
        return _States(left[first], self.log_probability[first], paths)


def _fill_column(
    states: _States, column: int, log_factorial: FloatArray, max_states: int
) -> _States:
    """Place a column's subjects in all ways."""
    left, log_probability, paths = states.left, states.log_probability, states.paths
    to_place = np.full(len(left), column)
    for row in range(left.shape[1]):
        room = left[:, row]
        lowest = np.maximum(0, to_place - left[:, row + 1 :].sum(axis=1))
        ways = np.minimum(room, to_place) - lowest + 1
        size = int(ways.sum())
        if size > max_states:
            raise InputError(
                f"The exact test of this table is too large (more than {max_states:,} partial "
                f"tables left); join small categories or use Pearson's chi-square."
            )
        parent = np.repeat(np.arange(len(left)), ways)
        placed = lowest[parent] + np.arange(size) - np.repeat(np.cumsum(ways) - ways, ways)
        left = left[parent]
        left[:, row] -= placed
        to_place = to_place[parent] - placed
        log_probability = log_probability[parent] - log_factorial[placed]
        paths = paths[parent]
    return _States(left, log_probability, paths)


def _finish(states: _States, column: int, log_factorial: FloatArray, limit: float) -> float:
    """Add the probabilities of all tables no more probable than the observed one."""
    lefts, group = np.unique(states.left, axis=0, return_inverse=True)
    order = np.argsort(group.ravel(), kind="stable")
    ends = np.cumsum(np.bincount(group.ravel(), minlength=len(lefts)))
    p_value = 0.0
    budget = MAX_TABLES
    for left, members in zip(lefts, np.split(order, ends[:-1]), strict=True):
        one = _States(left[None, :], np.zeros(1), np.ones(1))
        filled = _fill_column(one, column, log_factorial, budget)
        budget -= len(filled.paths)
        # The last column is what is left.
        final = np.sort(filled.log_probability - log_factorial[filled.left].sum(axis=1))
        top = final[-1]
        below = np.concatenate(([0.0], np.cumsum(np.exp(final - top))))
        so_far = states.log_probability[members]
        tail = below[np.searchsorted(final, limit - so_far, side="right")]
        p_value += float((states.paths[members] * np.exp(so_far + top) * tail).sum())
    return p_value
