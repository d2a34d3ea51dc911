"""Rubin's rules by hand, and beside mice."""

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
from hepatica.stats.rubin import pool_rubin, pool_rubin_test

PINNED: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "validation" / "mice" / "reference.json").read_text("utf-8")
)


def same(ours: object, theirs: object) -> None:
    np.testing.assert_allclose(
        np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float), rtol=1e-10, atol=1e-13
    )


def test_by_hand() -> None:
    # Two tables: mean 2, within 1, between ((1)^2 + (1)^2) / 1 = 2, total 1 + 1.5 * 2 = 4.
    pooled = pool_rubin([[1.0], [3.0]], [[1.0], [1.0]])
    assert pooled.estimate[0] == 2.0
    assert (pooled.within[0], pooled.between[0], pooled.total[0]) == (1.0, 2.0, 4.0)
    assert pooled.lambda_[0] == 0.75
    assert pooled.df[0] == pytest.approx(1 / 0.75**2)
    assert pooled.std_error[0] == 2.0
    assert pooled.statistic[0] == 1.0


def test_nothing_missing_is_the_complete_table() -> None:
    pooled = pool_rubin([[1.5]] * 4, [[0.25]] * 4)
    assert math.isinf(pooled.df[0])
    assert pooled.fmi[0] == pooled.lambda_[0] == 0.0
    assert pooled.upper[0] == pytest.approx(1.5 + 1.959963984540054 * 0.5, rel=1e-12)
    small = pool_rubin([[1.5]] * 4, [[0.25]] * 4, df_complete=10)
    assert small.df[0] == pytest.approx(11 / 13 * 10)


def test_the_grid_of_mice_is_present() -> None:
    assert {"R", "mice", "mitml"} == set(PINNED["versions"])
    found = {(len(one["estimates"]), one["df_complete"]) for one in PINNED["scalars"]}
    assert found == {(m, df) for m in (2, 5, 20, 50) for df in (8, 60, 4997, "Inf")}
    assert len(PINNED["scalars"]) == 48


@pytest.mark.parametrize("place", range(48))
def test_scalars_of_mice(place: int) -> None:
    one = PINNED["scalars"][place]
    q, u = (np.array(one[name])[:, None] for name in ("estimates", "variances"))
    pooled = pool_rubin(q, u, df_complete=float(one["df_complete"]))
    for name in ("estimate", "within", "between", "total"):
        same(getattr(pooled, name)[0], one[name])
    same(pooled.lambda_[0], one["lambda"])
    if one["lambda"] > 1e-4:  # mice does not let it fall below
        same(pooled.df[0], one["df"])
        same(pooled.fmi[0], one["fmi"])


def test_models_of_mice() -> None:
    model = PINNED["models"]
    pooled = pool_rubin(model["estimates"], model["covariances"], df_complete=model["df_complete"])
    for name in ("estimate", "within", "between", "std_error", "statistic", "df", "p_value"):
        same(getattr(pooled, name), model[name])
    for name in ("lower", "upper", "fmi"):
        same(getattr(pooled, name), model[name])
    same(pooled.lambda_, model["lambda"])


def test_joint_test_of_mice() -> None:
    model = PINNED["models"]
    places = model["joint"]["places"]
    estimates = np.array(model["estimates"])[:, places]
    covariances = np.array(model["covariances"])[:, places][:, :, places]
    joint = pool_rubin_test(estimates, covariances)
    for name in ("statistic", "df", "df_error", "p_value"):
        same(getattr(joint, name), model["joint"][name])


def test_a_joint_test_of_one_estimate_is_its_own_test_squared() -> None:
    q, u = np.array([[1.0], [1.4], [0.7]]), np.array([[0.2], [0.3], [0.25]])
    joint = pool_rubin_test(q, u[:, :, None])
    assert joint.statistic == pytest.approx(pool_rubin(q, u).statistic[0] ** 2)


def test_tables_alike_are_tested_by_chi_square() -> None:
    joint = pool_rubin_test([[1.0, 0.0]] * 3, [np.eye(2)] * 3)
    assert math.isinf(joint.df_error)
    assert joint.p_value == pytest.approx(math.exp(-0.5))


@given(st.lists(st.tuples(st.floats(-5, 5), st.floats(0.01, 5)), min_size=2, max_size=12))
def test_shares_lie_between_0_and_1_and_more_is_never_known_than_within(
    tables: list[tuple[float, float]],
) -> None:
    q, u = np.array(tables).T[:, :, None]
    pooled = pool_rubin(q, u, df_complete=50)
    assert 0.0 <= pooled.lambda_[0] <= pooled.fmi[0] + 1e-12 <= 1.0 + 1e-9
    assert pooled.total[0] >= pooled.within[0]
    assert pooled.df[0] <= 50
    assert pooled.lower[0] <= pooled.estimate[0] <= pooled.upper[0]


@pytest.mark.parametrize(
    ("estimates", "variances", "said"),
    [
        ([[1.0]], [[1.0]], "at least two tables"),
        ([[1.0], [2.0]], [[1.0, 2.0], [1.0, 2.0]], "a value for each"),
        ([[1.0], [2.0]], [[1.0], [0.0]], "greater than 0"),
        ([[1.0], [2.0]], np.ones((2, 1, 2)), "square"),
    ],
)
def test_what_cannot_be_pooled_is_said(estimates: Any, variances: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        pool_rubin(estimates, variances)


def test_a_joint_test_needs_matrices_that_fit() -> None:
    with pytest.raises(InputError, match="a matrix for each table: 2"):
        pool_rubin_test([[1.0], [2.0]], np.ones((3, 1, 1)))
    with pytest.raises(InputError, match="no inverse"):
        pool_rubin_test([[1.0], [2.0]], np.zeros((2, 1, 1)))
