"""What must hold of every proportional hazards fit, whatever the data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hepatica.errors import InputError
from hepatica.stats.survival import CoxFit, NoFiniteEstimateError, cox
from hepatica.stats.survival import _streamed as streamed

TIES = ("efron", "breslow", "exact")


@st.composite
def problems(draw: st.DrawFn, *, distinct: bool = False) -> dict[str, Any]:
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, p = draw(st.integers(15, 40)), draw(st.integers(1, 3))
    time = rng.permutation(n) + 1 if distinct else rng.integers(1, draw(st.integers(4, 30)), n)
    return {
        "time": time.astype(np.float64),
        "event": rng.random(n) < 0.8,
        "X": rng.normal(size=(n, p)),
        "rng": rng,
    }


def fit(problem: dict[str, Any], **options: Any) -> CoxFit:
    try:
        return cox(problem["time"], problem["event"], problem["X"], **options)
    except NoFiniteEstimateError:
        assume(False)
        raise


def same(one: CoxFit, other: CoxFit, bound: float = 1e-8) -> None:
    np.testing.assert_allclose(one.coef, other.coef, rtol=bound, atol=bound)
    np.testing.assert_allclose(one.vcov, other.vcov, rtol=bound, atol=bound)
    assert one.loglik - one.loglik_null == pytest.approx(
        other.loglik - other.loglik_null, rel=bound, abs=1e-9
    )


@given(problems(), st.sampled_from(TIES))
@settings(max_examples=15)
def test_affine_covariates_change_only_the_scale(problem: dict[str, Any], ties: str) -> None:
    rng = problem["rng"]
    turn = rng.normal(size=(problem["X"].shape[1],) * 2) + 3 * np.eye(problem["X"].shape[1])
    assume(np.linalg.cond(turn) < 100)
    plain = fit(problem, ties=ties)
    moved = fit(problem | {"X": problem["X"] @ turn + rng.normal(size=len(turn)) * 50}, ties=ties)
    np.testing.assert_allclose(turn @ moved.coef, plain.coef, rtol=1e-7, atol=1e-8)
    np.testing.assert_allclose(turn @ moved.vcov @ turn.T, plain.vcov, rtol=1e-7, atol=1e-8)
    assert moved.loglik == pytest.approx(plain.loglik, rel=1e-10)


@given(problems(), st.sampled_from(TIES))
@settings(max_examples=15)
def test_splitting_follow_up_changes_nothing(problem: dict[str, Any], ties: str) -> None:
    time, n = problem["time"], len(problem["time"])
    cut = time * problem["rng"].uniform(0.1, 0.9, n)
    split = {
        "time": np.concatenate((cut, time)),
        "event": np.concatenate((np.zeros(n, dtype=bool), problem["event"])),
        "X": np.vstack((problem["X"], problem["X"])),
    }
    entry = np.concatenate((np.full(n, -1.0), cut))
    same(fit(split, ties=ties, entry=entry), fit(problem, ties=ties))


@given(problems())
@settings(max_examples=15)
def test_a_weight_of_two_is_the_row_twice(problem: dict[str, Any]) -> None:
    # Under Efron's method the copies are ties, and under exact ties there are no weights.
    weights = problem["rng"].integers(0, 3, len(problem["time"]))
    assume(problem["event"][weights > 0].any())
    twice = {key: np.repeat(problem[key], weights, axis=0) for key in ("time", "event", "X")}
    try:
        repeated = fit(twice, ties="breslow")
    except InputError:
        assume(False)
        raise
    same(fit(problem, ties="breslow", weights=weights), repeated)


@given(problems(), st.sampled_from(TIES))
@settings(max_examples=15)
def test_order_of_rows_and_one_stratum_do_not_matter(problem: dict[str, Any], ties: str) -> None:
    order = problem["rng"].permutation(len(problem["time"]))
    turned = {key: problem[key][order] for key in ("time", "event", "X")}
    same(fit(turned, ties=ties), fit(problem, ties=ties))
    same(fit(problem, ties=ties, strata=np.full(len(order), 7)), fit(problem, ties=ties), 1e-12)


@given(problems(), st.sampled_from(TIES))
@settings(max_examples=15)
def test_strata_apart_in_time_need_no_strata(problem: dict[str, Any], ties: str) -> None:
    # Follow-up of the second half begins after all others have left.
    n = len(problem["time"])
    later = np.arange(n) >= n // 2
    entry = np.where(later, 1000.0, -1.0)
    moved = problem | {"time": problem["time"] + 1000.0 * later}
    same(fit(moved, ties=ties, entry=entry), fit(moved, ties=ties, entry=entry, strata=later))
    same(fit(moved, ties=ties, entry=entry), fit(problem, ties=ties, strata=later))


@given(problems(), st.sampled_from(TIES))
@settings(max_examples=15)
def test_an_offset_holds_a_coefficient(problem: dict[str, Any], ties: str) -> None:
    whole = fit(problem, ties=ties)
    assume(problem["X"].shape[1] > 1)
    rest = problem | {"X": problem["X"][:, 1:]}
    held = fit(rest, ties=ties, offset=problem["X"][:, 0] * whole.coef[0])
    np.testing.assert_allclose(held.coef, whole.coef[1:], rtol=1e-7, atol=1e-8)
    assert held.loglik == pytest.approx(whole.loglik, rel=1e-10)
    constant = fit(problem, ties=ties, offset=np.full(len(problem["time"]), 40.0))
    same(constant, whole)


@given(problems(distinct=True))
@settings(max_examples=15)
def test_methods_agree_without_ties(problem: dict[str, Any]) -> None:
    efron = fit(problem)
    same(efron, fit(problem, ties="breslow"), 1e-9)
    same(efron, fit(problem, ties="exact"), 1e-9)


@given(problems(), st.sampled_from(("efron", "breslow")))
@settings(max_examples=15)
def test_scores_of_rows_sum_to_nothing_and_clusters_of_one_copy(
    problem: dict[str, Any], ties: str
) -> None:
    n = len(problem["time"])
    robust = fit(problem, ties=ties, cluster=np.arange(n))
    assert robust.robust_score_test.df == problem["X"].shape[1]
    np.testing.assert_allclose(robust.naive_vcov, fit(problem, ties=ties).vcov, rtol=1e-9)
    # Each subject entered twice, as one cluster with weights of one half: nothing is gained.
    double = {key: np.repeat(problem[key], 2, axis=0) for key in ("time", "event", "X")}
    halved = fit(double, ties="breslow", weights=np.full(2 * n, 0.5), cluster=np.arange(2 * n) // 2)
    single = fit(problem, ties="breslow", cluster=np.arange(n))
    np.testing.assert_allclose(halved.vcov, single.vcov, rtol=1e-7, atol=1e-10)


@given(problems(), st.sampled_from(("efron", "breslow")), st.booleans(), st.booleans())
@settings(max_examples=15)
def test_rows_that_are_streamed_give_what_ordered_rows_give(
    problem: dict[str, Any], ties: str, columns_first: bool, far: bool
) -> None:
    rng, n = problem["rng"], len(problem["time"])
    if far:
        problem["X"] = problem["X"] + 2000.0
    if columns_first:
        problem["X"] = np.asfortranarray(problem["X"])
    options = {
        "ties": ties,
        "strata": rng.integers(0, 3, n),
        "weights": rng.uniform(0.5, 2.0, n),
        "offset": rng.normal(size=n) / 4,
    }
    ordered = fit(problem, **options)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(streamed, "_FEWEST_ROWS", 1)
        patch.setattr(streamed, "_ROWS_A_CELL", 0)
        same(fit(problem, **options), ordered, 1e-9)


def test_very_many_rows_give_what_few_weighted_rows_give() -> None:
    rng = np.random.default_rng(8)
    n = 60_000
    X = rng.integers(0, 3, (n, 2)).astype(np.float64)
    time = np.ceil(rng.exponential(np.exp(-X @ [0.4, -0.2])) * 20).clip(1, 60)
    event = rng.random(n) < 0.6
    many = cox(time, event, X, ties="breslow")
    cells, count = np.unique(np.column_stack((time, event, X)), axis=0, return_counts=True)
    assert len(cells) < 1200
    few = cox(cells[:, 0], cells[:, 1], cells[:, 2:], ties="breslow", weights=count)
    same(many, few, 1e-9)
    # Continuous times take the other way with as many rows.
    order = cox(time, event, X, ties="breslow", entry=np.full(n, -1.0))
    same(many, order, 1e-9)
