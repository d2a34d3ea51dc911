"""Tests and differences of a baseline table: by hand, and beside R."""

from __future__ import annotations

import json
import math
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hepatica.errors import InputError
from hepatica.stats.contingency import association_test, chi_square, fisher_exact
from hepatica.stats.rank_sum import kruskal_wallis, rank_sum, rank_sum_distribution
from hepatica.stats.standardised_difference import (
    standardised_category_difference,
    standardised_mean_difference,
    standardised_rank_difference,
)
from hepatica.stats.t_test import compare_means, t_test

PINNED: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "validation" / "r-baseline" / "reference.json").read_text("utf-8")
)
TWO = (
    "two_untied",
    "two_tied",
    "two_large",
    "two_fifty",
    "two_below_fifty",
    "two_skewed",
    "smallest",
)
SEVERAL = ("three", "four_tied", "five_skewed")


def same(ours: object, theirs: object) -> None:
    np.testing.assert_allclose(
        np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float), rtol=1e-10, atol=1e-14
    )


def data(name: str) -> tuple[np.ndarray, np.ndarray]:
    one = PINNED["data"][name]
    return np.array(one["value"]), np.array(one["group"])


def two(name: str) -> tuple[np.ndarray, np.ndarray]:
    value, group = data(name)
    return value[group == 0], value[group == 1]


def test_the_whole_grid_is_present() -> None:
    names = {*TWO, *SEVERAL}
    assert set(PINNED["data"]) == set(PINNED["means"]) == set(PINNED["ranks"]) == names
    assert set(PINNED["differences"]) == set(TWO)
    assert set(PINNED["categories"]) == {"two", "three", "five", "alike"}
    assert len(PINNED["tables"]) == 6


@pytest.mark.parametrize("name", TWO + SEVERAL)
@pytest.mark.parametrize("equal", [False, True])
def test_means_beside_r(name: str, equal: bool) -> None:
    pinned = next(one for one in PINNED["means"][name] if one["equal_variances"] is equal)
    found = compare_means(*data(name), equal_variances=equal)
    same(
        [found.statistic, found.df, found.df_error, found.p_value],
        [pinned[key] for key in ("f", "df", "df_error", "f_p")],
    )
    if name in TWO:
        found = t_test(*two(name), equal_variances=equal)
        same([found.statistic, found.df, found.p_value], [pinned[k] for k in ("t", "t_df", "t_p")])
        assert math.isnan(found.df_error)


@pytest.mark.parametrize("name", TWO + SEVERAL)
def test_ranks_beside_r(name: str) -> None:
    pinned = PINNED["ranks"][name]
    found = kruskal_wallis(*data(name))
    same([found.statistic, found.df, found.p_value], [pinned[k] for k in ("h", "df", "h_p")])
    if name in TWO:
        found = rank_sum(*two(name))
        same([found.statistic, found.p_value], [pinned["w"], pinned["default_p"]])
        assert found.method == ("exact" if pinned["exact"] else "normal")
        same(rank_sum(*two(name), method="normal").p_value, pinned["normal_p"])


@pytest.mark.parametrize("name", TWO)
def test_differences_of_means_beside_r(name: str) -> None:
    same(standardised_mean_difference(*two(name)).estimate, PINNED["differences"][name]["estimate"])


@pytest.mark.parametrize("name", ["two", "three", "five", "alike"])
def test_differences_of_categories_beside_r(name: str) -> None:
    pinned = PINNED["categories"][name]
    found = standardised_category_difference(pinned["table"])
    np.testing.assert_allclose(found.estimate, pinned["estimate"], rtol=1e-10, atol=1e-12)
    same([found.std_error, found.upper], [pinned["std_error"], pinned["limits"][1]])
    same(found.lower, max(0.0, pinned["limits"][0]))


@pytest.mark.parametrize("place", range(6))
def test_tables_beside_r(place: int) -> None:
    pinned = PINNED["tables"][place]
    same(fisher_exact(pinned["table"]).p_value, pinned["fisher"])
    pearson = chi_square(pinned["table"])
    same([pearson.statistic, pearson.p_value], [pinned["statistic"], pinned["pearson"]])


def test_the_rule_of_expected_counts_takes_the_exact_test() -> None:
    assert association_test([[8, 2], [33, 25]]).method == "fisher"
    assert association_test([[30, 12], [11, 15]]).method == "pearson"


# --- by hand ----------------------------------------------------------------------------------


def test_t_by_hand() -> None:
    # Means 2 and 4, variances 1 and 1, three each: t = -2 / sqrt(2/3), 4 degrees of freedom.
    for equal in (False, True):
        found = t_test([1, 2, 3], [3, 4, 5], equal_variances=equal)
        assert found.statistic == pytest.approx(-2 / math.sqrt(2 / 3))
        assert found.df == pytest.approx(4.0)


def test_rank_sums_by_hand() -> None:
    # The first has ranks 1 and 3 of 4: W = 4 - 3 = 1; of 6 ways 2 are as low, 4 on both sides.
    found = rank_sum([1, 3], [2, 4])
    assert (found.statistic, found.method) == (1.0, "exact")
    assert found.p_value == pytest.approx(4 / 6)


@pytest.mark.parametrize(("n", "m"), [(1, 1), (2, 3), (4, 4), (5, 2)])
def test_distribution_of_rank_sums_by_enumeration(n: int, m: int) -> None:
    expected = np.zeros(n * m + 1)
    for ranks in combinations(range(1, n + m + 1), n):
        expected[sum(ranks) - n * (n + 1) // 2] += 1
    same(rank_sum_distribution(n, m), expected / expected.sum())


def test_ties_and_equal_values() -> None:
    with pytest.raises(InputError, match="without ties"):
        rank_sum([1, 2], [2, 3], method="exact")
    assert rank_sum([1, 1], [1, 1]).p_value == 1.0
    assert kruskal_wallis([1, 1, 1], [0, 1, 2]).p_value == 1.0


def test_no_spread_is_said() -> None:
    with pytest.raises(InputError, match="do not differ"):
        t_test([1, 1], [2, 2])
    with pytest.raises(InputError, match="at least two values"):
        t_test([1], [2, 3])
    with pytest.raises(InputError, match="do not differ"):
        compare_means([1, 1, 2, 3], [0, 0, 1, 1])
    with pytest.raises(InputError, match="two groups"):
        compare_means([1, 1, 2, 3], [0, 0, 0, 0])


def test_differences_by_hand() -> None:
    # 75 % and 25 %: 0.5 / sqrt(0.1875)
    found = standardised_category_difference([[3, 1], [1, 3]])
    assert found.estimate == pytest.approx(0.5 / math.sqrt(0.1875))
    # A category that nobody has changes nothing.
    assert standardised_category_difference([[3, 1], [0, 0], [1, 3]]) == found
    apart = standardised_category_difference([[4, 0], [0, 4]])
    assert math.isinf(apart.estimate)
    assert math.isnan(apart.lower)
    assert standardised_mean_difference([1, 1], [1, 1]).estimate == 0.0
    assert math.isinf(standardised_mean_difference([1, 1], [2, 2]).estimate)


def test_ranks_know_no_scale() -> None:
    x, y = [1.0, 2.0, 3.0, 90.0], [4.0, 5.0, 6.0, 7.0]
    found = standardised_rank_difference(x, y)
    # Ranks 1, 2, 3, 8 and 4 to 7: 2 apart, variances 29/3 and 5/3.
    assert found.estimate == pytest.approx(2 / math.sqrt((29 / 3 + 5 / 3) / 2))
    assert standardised_rank_difference(np.exp(x), np.exp(y)) == found


COUNTS = st.lists(st.tuples(st.integers(1, 30), st.integers(1, 30)), min_size=2, max_size=6)


@given(COUNTS, st.randoms())
def test_distance_of_categories_knows_no_order(table: list[tuple[int, int]], random: Any) -> None:
    first = standardised_category_difference(table).estimate
    shuffled = list(table)
    random.shuffle(shuffled)
    turned = [(b, a) for a, b in shuffled]
    assert standardised_category_difference(turned).estimate == pytest.approx(first, abs=1e-9)


@given(
    st.lists(st.integers(-20, 20), min_size=1, max_size=15),
    st.lists(st.integers(-20, 20), min_size=1, max_size=15),
)
def test_rank_sum_of_groups_turned_round(x: list[int], y: list[int]) -> None:
    one, other = rank_sum(x, y), rank_sum(y, x)
    assert one.statistic + other.statistic == len(x) * len(y)
    assert one.p_value == pytest.approx(other.p_value)
    assert 0.0 < one.p_value <= 1.0
    # Ranks know no scale.
    assert rank_sum(np.exp(x), np.exp(y)).p_value == pytest.approx(one.p_value)
