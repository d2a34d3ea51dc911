"""What holds for any data."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hepatica.errors import InputError
from hepatica.stats.cut_point import MaximallySelected, maximally_selected_logrank
from hepatica.stats.hodges_lehmann import hodges_lehmann, hodges_lehmann_shift
from hepatica.stats.multiplicity import METHODS, adjust_p_values
from hepatica.stats.roc import roc
from hepatica.stats.signed_rank import signed_rank
from hepatica.stats.survival import kaplan_meier

differences = st.lists(st.integers(-6, 6), min_size=1, max_size=30)
zeros = st.sampled_from(["drop", "pratt"])
methods = st.sampled_from(["exact", "normal"])
subjects = st.lists(
    st.tuples(st.integers(1, 20), st.booleans(), st.integers(0, 9)), min_size=6, max_size=30
).map(lambda rows: np.array(rows, dtype=np.int64))


@given(st.lists(st.integers(-4, 4), min_size=1, max_size=9), zeros)
def test_the_exact_p_value_is_that_of_all_signs(values: list[int], policy: str) -> None:
    assume(any(values))
    size = np.abs(np.array([v for v in values if v or policy == "pratt"]))
    ranks = ((size[:, None] > size).sum(1) + (size[:, None] >= size).sum(1) + 1) / 2
    ranks = ranks[size > 0]
    sums = np.array([np.dot(signs, ranks) for signs in product((0, 1), repeat=len(ranks))])
    found = signed_rank(values, zeros=policy)
    away = np.abs(sums - ranks.sum() / 2)
    assert found.p_value == pytest.approx(np.mean(away >= abs(found.statistic)), rel=1e-12)


@given(differences, zeros, methods)
def test_turned_signs_turn_the_statistic(values: list[int], policy: str, method: str) -> None:
    one = signed_rank(values, zeros=policy, method=method)
    other = signed_rank([-value for value in values], zeros=policy, method=method)
    assert one.statistic == -other.statistic
    np.testing.assert_array_equal(one.p_value, other.p_value)
    assert one.n + one.n_zero == len(values)
    assert np.isnan(one.p_value) == (one.n == 0)
    assert not one.p_value > 1


@given(differences, zeros, st.randoms(use_true_random=False), st.sampled_from([0.1, 3, 1e6, 1e-6]))
def test_order_and_scale_change_nothing(
    values: list[int], policy: str, random: object, scale: float
) -> None:
    mixed = list(values)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    one = signed_rank(values, zeros=policy)
    assert signed_rank(np.array(mixed) * scale, zeros=policy) == one or one.n == 0


@given(st.lists(st.integers(-40, 40), min_size=6, max_size=30), methods, st.integers(-9, 9))
def test_a_location_moves_with_the_data(values: list[int], method: str, moved: int) -> None:
    one = hodges_lehmann(values, method=method)
    other = hodges_lehmann(np.array(values) + moved, method=method)
    turned = hodges_lehmann(-np.array(values), method=method)
    for name in ("estimate", "lower", "upper"):
        np.testing.assert_allclose(getattr(one, name) + moved, getattr(other, name), atol=1e-12)
    np.testing.assert_array_equal([-turned.upper, -turned.lower], [one.lower, one.upper])
    assert not one.lower > one.estimate
    assert not one.upper < one.estimate


@given(st.lists(st.integers(-40, 40), min_size=6, max_size=15, unique_by=abs))
def test_limits_are_where_the_test_turns(values: list[int]) -> None:
    """A shift inside the limits is not rejected at 5 %, one outside is (no ties)."""
    noise = np.array(values) + np.linspace(0, 0.4, len(values)) ** 2
    found = hodges_lehmann(noise)
    assert signed_rank(noise - found.lower - 1e-4).p_value > 0.05
    assert signed_rank(noise - found.lower + 1e-4).p_value <= 0.05


@given(
    st.lists(st.integers(-20, 20), min_size=4, max_size=12),
    st.lists(st.integers(-20, 20), min_size=4, max_size=12),
    methods,
)
def test_a_shift_turns_with_the_samples(x: list[int], y: list[int], method: str) -> None:
    one = hodges_lehmann_shift(x, y, method=method)
    other = hodges_lehmann_shift(y, x, method=method)
    np.testing.assert_array_equal(
        [one.estimate, one.lower, one.upper], [-other.estimate, -other.upper, -other.lower]
    )


@given(
    st.lists(st.one_of(st.floats(0, 1), st.just(float("nan"))), max_size=20),
    st.sampled_from(METHODS),
)
def test_adjusted_p_values_are_not_smaller_and_keep_the_order(p: list[float], method: str) -> None:
    raw = np.array(p, dtype=float)
    found = adjust_p_values(raw, method)
    there = ~np.isnan(raw)
    assert (np.isnan(found) == ~there).all()
    assert (found[there] >= raw[there]).all()
    assert (found[there] <= 1).all()
    assert (np.diff(found[there][np.argsort(raw[there])]) >= 0).all()
    holm, bonferroni = adjust_p_values(raw, "holm"), adjust_p_values(raw, "bonferroni")
    hochberg, rate = adjust_p_values(raw, "hochberg"), adjust_p_values(raw, "benjamini-hochberg")
    slack = 1e-12
    for smaller, larger in ((rate, hochberg), (hochberg, holm), (holm, bonferroni)):
        assert (smaller[there] <= larger[there] + slack).all()


@given(subjects)
def test_the_area_is_the_share_of_pairs_in_order(rows: np.ndarray) -> None:
    score, event = rows[:, 2], rows[:, 1]
    assume(0 < event.sum() < len(event))
    curve = roc(score, event)
    pairs = np.sign(np.subtract.outer(score[event == 1], score[event == 0]))
    assert curve.auc == pytest.approx((pairs + 1).mean() / 2)
    turned = roc(-score, event)
    assert turned.auc == pytest.approx(1 - curve.auc)
    np.testing.assert_allclose(turned.std_error, curve.std_error, atol=1e-12)
    # The trapezoids under the curve are the same area.
    heights = (curve.sensitivity[1:] + curve.sensitivity[:-1]) / 2
    assert heights @ np.diff(curve.specificity) == pytest.approx(curve.auc)
    assert (np.diff(curve.sensitivity) <= 0).all()
    assert (np.diff(curve.specificity) >= 0).all()
    np.testing.assert_allclose(roc(np.exp(score), event).auc, curve.auc)


def selected(rows: np.ndarray, marker: np.ndarray, share: float = 0.1) -> MaximallySelected:
    try:
        return maximally_selected_logrank(
            rows[:, 0],
            rows[:, 1],
            marker,
            min_share=share,
            generator=np.random.default_rng(3),
            replicates=49,
        )
    except InputError:
        assume(False)
        raise


@given(subjects, st.sampled_from([0.1, 0.2, 0.3]))
def test_a_monotone_marker_changes_only_the_cut_point(rows: np.ndarray, share: float) -> None:
    one = selected(rows, rows[:, 2], share)
    other = selected(rows, np.exp(rows[:, 2] / 3.0), share)
    for name in ("statistic", "p_lau92", "p_lau94", "p_permutation", "p_value_unadjusted"):
        assert getattr(one, name) == getattr(other, name)
    assert other.cut_point == np.exp(one.cut_point / 3.0)
    assert one.statistic == one.statistics.max()
    assert one.p_value_unadjusted <= one.p_lau94 + 1e-12
    assert 0 < one.p_permutation <= 1


@given(subjects, st.randoms(use_true_random=False))
def test_the_order_of_subjects_does_not_move_the_cut_point(
    rows: np.ndarray, random: object
) -> None:
    order = list(range(len(rows)))
    random.shuffle(order)  # type: ignore[attr-defined]
    one, other = selected(rows, rows[:, 2]), selected(rows[order], rows[order, 2])
    np.testing.assert_allclose(one.statistics, other.statistics, atol=1e-9)
    assert one.cut_point == other.cut_point
    assert one.p_lau94 == pytest.approx(other.p_lau94, abs=1e-9)


@given(subjects)
def test_entry_at_zero_changes_nothing(rows: np.ndarray) -> None:
    one = kaplan_meier(rows[:, 0], rows[:, 1])
    other = kaplan_meier(rows[:, 0], rows[:, 1], entry=np.zeros(len(rows)))
    for name in ("at_risk", "survival", "std_error", "lower", "upper"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    asked = [0.5, 3, 7.5, 20]
    np.testing.assert_array_equal(one.at(asked).at_risk, other.at(asked).at_risk)


@given(subjects)
def test_the_number_at_risk_is_counted(rows: np.ndarray) -> None:
    entry = np.minimum(rows[:, 2], rows[:, 0] - 1)
    curve = kaplan_meier(rows[:, 0], rows[:, 1], entry=entry)
    inside = (entry[:, None] < curve.time) & (curve.time <= rows[:, 0][:, None])
    assert curve.at_risk.tolist() == inside.sum(axis=0).tolist()
    assert curve.at(curve.time).at_risk.tolist() == curve.at_risk.tolist()
    # Sevenths take the path of sorting, whole numbers that of counting.
    sevenths = kaplan_meier(rows[:, 0] / 7, rows[:, 1], entry=entry / 7)
    assert sevenths.at_risk.tolist() == curve.at_risk.tolist()
