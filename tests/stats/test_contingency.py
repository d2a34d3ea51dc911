from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hepatica.errors import InputError
from hepatica.stats.contingency import association_test, chi_square, fisher_exact


@pytest.mark.parametrize(
    ("table", "method", "p_value"),
    [
        # Printed or recomputed figures of a real-world comparison of 41 and 27 patients.
        ([[8, 33], [2, 25]], "fisher", 0.2943),
        ([[30, 11], [12, 15]], "pearson", 0.0171),
        ([[12, 29], [4, 23]], "pearson", 0.1692),
    ],
)
def test_the_expected_count_rule(table: list[list[int]], method: str, p_value: float) -> None:
    found = association_test(table)
    assert found.method == method
    assert found.p_value == pytest.approx(p_value, abs=5e-5)
    assert (found.smallest_expected < 5) == (method == "fisher")


def test_an_expected_count_of_five_is_enough() -> None:
    assert association_test([[5, 5], [5, 5]]).method == "pearson"
    assert association_test([[4, 5], [5, 5]]).method == "fisher"


def test_fisher_by_hand() -> None:
    # Tea: 1 of 70 tables each way for all right, 16 of 70 for three of four.
    assert fisher_exact([[4, 0], [0, 4]]).p_value == pytest.approx(2 / 70)
    assert fisher_exact([[3, 1], [1, 3]]).p_value == pytest.approx(34 / 70)
    # Three subjects in three cells of three: each of 6 tables has the same probability.
    assert fisher_exact(np.eye(3, dtype=int)).p_value == pytest.approx(1.0)
    # Two in each of three: 6 of 90 tables are diagonal up to order.
    assert fisher_exact(2 * np.eye(3, dtype=int)).p_value == pytest.approx(6 / 90)


def test_chi_square_by_hand() -> None:
    found = chi_square([[10, 20], [20, 10]])
    assert found.statistic == pytest.approx(20 / 3)
    assert found.p_value == pytest.approx(math.erfc(math.sqrt(10 / 3)))
    assert (found.df, found.method, found.smallest_expected) == (1, "pearson", 15.0)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ([[1, 2]], "at least two rows"),
        ([1, 2], "2 axis"),
        ([[1, -2], [3, 4]], "none negative"),
        ([[1, 2.5], [3, 4]], "whole numbers"),
        ([[1, 0], [3, 0]], "leave empty ones out"),
        ([[0, 0], [3, 1]], "leave empty ones out"),
    ],
)
def test_refused(table: object, message: str) -> None:
    for test in (chi_square, fisher_exact, association_test):
        with pytest.raises(InputError, match=message):
            test(table)


def test_a_table_too_large_is_refused_not_waited_for() -> None:
    table = np.random.default_rng(1).integers(20, 60, (6, 6))
    with pytest.raises(InputError, match="too large"):
        fisher_exact(table)


tables = st.integers(2, 3).flatmap(
    lambda rows: st.integers(2, 4).flatmap(
        lambda columns: st.lists(
            st.lists(st.integers(0, 5), min_size=columns, max_size=columns),
            min_size=rows,
            max_size=rows,
        ).map(np.array)
    )
)


def by_listing(table: np.ndarray) -> float:
    """Return the exact p-value from the list of all tables, made one by one."""
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    total = observed = 0.0
    seen: list[float] = []

    def weight(cells: list[tuple[int, ...]]) -> float:
        return 1.0 / math.prod(math.factorial(x) for line in cells for x in line)

    def fill(row: int, left: np.ndarray, cells: list[tuple[int, ...]]) -> None:
        if row == len(rows) - 1:
            seen.append(weight([*cells, tuple(left)]))
            return
        for line in itertools.product(*(range(x + 1) for x in left)):
            if sum(line) == rows[row]:
                fill(row + 1, left - np.array(line), [*cells, line])

    fill(0, columns, [])
    total = sum(seen)
    observed = weight([tuple(line) for line in table])
    return sum(x for x in seen if x <= observed * (1 + 1e-7)) / total


@settings(max_examples=60, deadline=None)
@given(tables)
def test_exact_test_is_the_sum_over_all_tables(table: np.ndarray) -> None:
    assume(table.sum(axis=0).all() and table.sum(axis=1).all())
    assume(table.sum() <= 22)
    found = fisher_exact(table)
    assert found.p_value == pytest.approx(by_listing(table), rel=1e-9)
    assert fisher_exact(table.T).p_value == pytest.approx(found.p_value, rel=1e-9)
    assert fisher_exact(table[::-1]).p_value == pytest.approx(found.p_value, rel=1e-9)


@given(tables)
def test_chi_square_does_not_depend_on_order(table: np.ndarray) -> None:
    assume(table.sum(axis=0).all() and table.sum(axis=1).all())
    found = chi_square(table)
    assert found.statistic >= 0
    assert chi_square(table.T).statistic == pytest.approx(found.statistic)
    assert chi_square(3 * table).statistic == pytest.approx(3 * found.statistic)
