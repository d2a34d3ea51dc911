"""Columns that do not vary or follow from others, on tables small enough to see through."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hepatica.errors import InputError
from hepatica.stats.collinearity import collinear_columns, constant_columns


def found(x: object) -> list[list[int]]:
    return [one.tolist() for one in collinear_columns(np.array(x, dtype=float))]


def test_a_column_of_one_value_is_constant_and_in_no_set() -> None:
    x = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 3.0]])
    assert constant_columns(x).tolist() == [0]
    assert found(x) == []


def test_a_pair_is_named_also_where_one_is_shifted_and_turned() -> None:
    age = np.array([50.0, 61.0, 47.0, 70.0])
    other = np.array([1.0, 0.0, 0.0, 1.0])
    assert found(np.stack([age, other, 2000.0 - age], axis=1)) == [[0, 2]]


def test_indicators_of_all_categories_follow_from_each_other_with_the_constant() -> None:
    assert found([[1, 0, 0, 5], [0, 1, 0, 2], [0, 0, 1, 8], [1, 0, 0, 1], [0, 1, 0, 9]]) == [
        [0, 1, 2]
    ]


def test_only_those_that_take_part_are_named() -> None:
    generator = np.random.default_rng(8)
    x = generator.normal(size=(30, 6))
    x[:, 3] = x[:, 0] - 2.0 * x[:, 2]
    x[:, 5] = 4.0 * x[:, 1]
    assert found(x) == [[0, 2, 3], [1, 5]]


def test_fewer_rows_than_columns_are_always_collinear() -> None:
    generator = np.random.default_rng(3)
    sets = found(generator.normal(size=(3, 4)))
    # Three centred rows span two dimensions, so two of four columns follow from the first two.
    assert sets == [[0, 1, 2], [0, 1, 3]]


def test_numbers_on_very_different_scales_are_not_taken_for_collinear() -> None:
    generator = np.random.default_rng(4)
    x = generator.normal(size=(50, 3)) * np.array([1e-9, 1.0, 1e9])
    assert found(x) == []


def test_missing_values_are_refused() -> None:
    with pytest.raises(InputError, match="finite"):
        collinear_columns([[np.nan, 1.0], [2.0, 3.0]])


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 6), st.integers(0, 10_000))
def test_a_combination_of_columns_is_always_found(columns: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(25, columns))
    assert found(x) == []
    share = generator.choice([-2.0, 1.0, 3.0], size=columns)
    assert found(np.column_stack([x, x @ share])) == [list(range(columns + 1))]
