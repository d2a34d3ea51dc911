"""Agreement of two readers, by hand and beside the pinned answers of R in validation."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hepatica.errors import InputError
from hepatica.stats.agreement import Weights, kappa

PINNED = Path(__file__).parents[2] / "validation" / "r-agreement" / "reference.json"
TABLES = ("two", "three", "responses", "below_chance", "complete", "empty_category")
WEIGHTS: tuple[Weights, ...] = ("none", "linear", "quadratic")


def pinned() -> dict[str, Any]:
    answers = json.loads(PINNED.read_text(encoding="utf-8"))["tables"]
    assert isinstance(answers, dict)
    return answers


def test_the_whole_grid_is_pinned() -> None:
    assert set(pinned()) == set(TABLES)


@pytest.mark.parametrize("weights", WEIGHTS)
@pytest.mark.parametrize("name", TABLES)
def test_kappa_agrees_with_r(name: str, weights: Weights) -> None:
    wanted = pinned()[name]
    found = kappa(wanted["table"], weights=weights)
    assert found.estimate == pytest.approx(wanted[weights]["estimate"], abs=1e-12)
    assert found.std_error == pytest.approx(wanted[weights]["std_error"], abs=1e-12)


def test_kappa_by_hand() -> None:
    """Agreement on 35 of 50; by chance half: (0.7 - 0.5) / (1 - 0.5)."""
    found = kappa([[20, 5], [10, 15]])
    assert (found.observed, found.expected, found.n) == (0.7, 0.5, 50)
    assert found.estimate == pytest.approx(0.4, abs=1e-15)


def test_readers_who_know_one_category_only_have_no_kappa() -> None:
    found = kappa([[12, 0], [0, 0]])
    assert found.observed == 1.0
    assert math.isnan(found.estimate)
    assert math.isnan(found.upper)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ([[1, 2, 3], [4, 5, 6]], "square"),
        ([[3]], "square"),
        ([[1, -1], [2, 3]], "whole and not negative"),
        ([[1, 0.5], [2, 3]], "whole and not negative"),
        ([[0, 0], [0, 0]], "no subject"),
    ],
)
def test_what_is_not_a_table_of_two_readers_is_refused(table: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        kappa(table)


@given(
    st.integers(2, 5).flatmap(
        lambda k: st.lists(
            st.lists(st.integers(0, 30), min_size=k, max_size=k), min_size=k, max_size=k
        )
    ),
    st.sampled_from(WEIGHTS),
)
def test_readers_can_be_exchanged(table: list[list[int]], weights: Weights) -> None:
    if not np.sum(table):
        return
    there, back = kappa(table, weights=weights), kappa(np.transpose(table), weights=weights)
    if math.isnan(there.estimate):
        assert math.isnan(back.estimate)
        return
    assert -1.0 - 1e-12 <= there.estimate <= 1.0 + 1e-12
    assert there.estimate == pytest.approx(back.estimate, abs=1e-9)
    assert there.std_error == pytest.approx(back.std_error, abs=1e-9)
