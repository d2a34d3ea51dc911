"""What holds for any data with competing events, restricted means and wins."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hepatica.errors import InputError
from hepatica.stats.survival import (
    CauseCounts,
    CumulativeIncidence,
    count_causes,
    cox,
    cumulative_incidence,
    cumulative_incidence_by_group,
    cumulative_incidence_by_group_from_counts,
    cumulative_incidence_from_counts,
    fine_gray,
    gray_test,
    gray_test_from_counts,
    kaplan_meier,
    kaplan_meier_from_counts,
    pseudo_incidence,
    pseudo_restricted_mean,
    pseudo_survival,
    restricted_mean,
    restricted_mean_difference,
    survival_difference,
    time_lost,
    time_outcome,
    value_outcome,
    win_ratio,
)
from hepatica.stats.survival.counts import count_survival

FEW = settings(max_examples=40)

subject = st.tuples(
    st.integers(0, 25), st.integers(0, 3), st.integers(0, 2), st.integers(0, 1), st.integers(-3, 3)
)
subjects = st.lists(subject, min_size=2, max_size=40).map(
    lambda rows: np.array(rows, dtype=np.int64)
)


def equal(one: CumulativeIncidence, other: CumulativeIncidence) -> None:
    for name in CumulativeIncidence.__slots__:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


@FEW
@given(subjects, st.sampled_from(["greenwood", "aalen"]))
def test_incidences_and_survival_sum_to_one(rows: np.ndarray, variance: str) -> None:
    curves = cumulative_incidence(rows[:, 0], rows[:, 1], variance=variance)
    total = curves.incidence.sum(axis=0) + curves.survival
    np.testing.assert_allclose(total, 1.0, rtol=0, atol=1e-12)
    assert (np.diff(curves.incidence, axis=1) >= 0).all()
    there = ~np.isnan(curves.lower)
    assert (curves.lower[there] <= curves.incidence[there] + 1e-12).all()
    assert (curves.incidence[there] <= curves.upper[there] + 1e-12).all()


def test_one_cause_without_censoring_at_the_end_ends_at_one() -> None:
    # Rounding leaves the incidence a hair below 1 with a standard error of nearly 0.
    time = np.repeat([0, 1, 2, 3, 4], [6, 2, 7, 8, 5])
    event = np.concatenate([[0] * 3, [1] * 3, [0, 1], [0] * 5, [1] * 2, [0] * 6, [1] * 7])
    curves = cumulative_incidence(time, event)
    assert curves.incidence[0, -1] == pytest.approx(1, abs=1e-14)
    assert np.isnan([curves.lower[0, -1], curves.upper[0, -1]]).all()


@FEW
@given(subjects)
def test_one_cause_is_one_less_a_survival_curve(rows: np.ndarray) -> None:
    event = rows[:, 1] > 0
    curve = kaplan_meier(rows[:, 0], event)
    one = cumulative_incidence(rows[:, 0], event)
    np.testing.assert_allclose(one.incidence[0], 1 - curve.survival, atol=1e-13)
    alive = curve.survival > 0
    np.testing.assert_allclose(one.std_error[0][alive], curve.std_error[alive], atol=1e-10)


@FEW
@given(subjects)
def test_causes_may_be_renamed_and_joined(rows: np.ndarray) -> None:
    time, cause = rows[:, 0], rows[:, 1]
    curves = cumulative_incidence(time, cause, n_causes=3)
    turned = cumulative_incidence(time, np.array([0, 3, 2, 1])[cause], n_causes=3)
    np.testing.assert_array_equal(curves.incidence, turned.incidence[::-1])
    joined = cumulative_incidence(time, np.array([0, 1, 2, 2])[cause], n_causes=2)
    np.testing.assert_allclose(joined.incidence[1], curves.incidence[1:].sum(axis=0), atol=1e-13)
    np.testing.assert_allclose(joined.std_error[0], curves.std_error[0], atol=1e-9)


@FEW
@given(subjects, st.integers(1, 30))
def test_counts_give_the_same_curves_and_merge_by_addition(rows: np.ndarray, cut: int) -> None:
    time, cause, group = rows[:, 0], rows[:, 1], rows[:, 2]
    whole = count_causes(time, cause, group, n_groups=3, n_causes=3)
    cut = min(cut, len(rows) - 1)
    parts = [
        count_causes(time[part], cause[part], group[part], n_groups=3, n_causes=3)
        for part in (slice(None, cut), slice(cut, None))
    ]
    for one, other in ((parts[0], parts[1]), (parts[1], parts[0])):
        merged = one.merge(other)
        for name in CauseCounts.__slots__:
            np.testing.assert_array_equal(getattr(merged, name), getattr(whole, name))
    equal(cumulative_incidence_from_counts(whole), cumulative_incidence(time, cause, n_causes=3))
    direct = cumulative_incidence_by_group(time, cause, group, n_causes=3)
    counted = cumulative_incidence_by_group_from_counts(whole)
    assert direct.groups == counted.groups
    for one_curve, other_curve in zip(direct.curves, counted.curves, strict=True):
        equal(one_curve, other_curve)


@FEW
@given(subjects)
def test_gray_from_counts_is_gray_from_subjects(rows: np.ndarray) -> None:
    time, cause, group = rows[:, 0], rows[:, 1], rows[:, 2]
    counts = count_causes(time, cause, group, n_groups=3)
    try:
        test = gray_test(time, cause, group)
    except InputError:
        with pytest.raises(InputError):
            gray_test_from_counts(counts)
        return
    assert gray_test_from_counts(counts).statistic == test.statistic
    # The order of groups changes nothing, and the scores sum to zero.
    turned = gray_test(time, cause, 7 - group)
    assert turned.statistic == pytest.approx(test.statistic, rel=1e-6, abs=1e-9)
    assert test.score.sum() == pytest.approx(0, abs=1e-10)


@FEW
@given(subjects)
def test_gray_does_not_know_names_of_what_competes(rows: np.ndarray) -> None:
    time, cause, group = rows[:, 0], rows[:, 1], rows[:, 3]
    joined = np.array([0, 1, 2, 2])[cause]
    try:
        test = gray_test(time, cause, group)
    except InputError:
        return
    assert gray_test(time, joined, group).statistic == test.statistic


@FEW
@given(subjects)
def test_fine_gray_with_one_cause_is_cox(rows: np.ndarray) -> None:
    time, event, x = rows[:, 0], rows[:, 1] > 0, rows[:, [3, 4]]
    try:
        fit = cox(time, event, x, ties="breslow")
    except InputError:
        with pytest.raises(InputError):
            fine_gray(time, event, x)
        return
    assume(np.abs(fit.coef).max() < 6)
    other = fine_gray(time, event, x)
    np.testing.assert_allclose(other.coef, fit.coef, rtol=1e-7, atol=1e-8)
    np.testing.assert_allclose(other.naive_vcov, fit.vcov, rtol=1e-6, atol=1e-8)
    assert other.loglik == pytest.approx(fit.loglik, rel=1e-10)


def a_trial(seed: int, n: int = 60) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 2))
    return rng.integers(1, 30, n), rng.integers(0, 3, n), x


@pytest.mark.parametrize("seed", range(6))
def test_fine_gray_follows_affine_covariates_and_order(seed: int) -> None:
    time, cause, x = a_trial(seed)
    fit = fine_gray(time, cause, x)
    turned = fine_gray(time, cause, x * [2.0, -5.0] + [100.0, 3.0])
    np.testing.assert_allclose(turned.coef * [2.0, -5.0], fit.coef, rtol=1e-8)
    np.testing.assert_allclose(turned.std_error * [2.0, 5.0], fit.std_error, rtol=1e-8)
    order = np.random.default_rng(seed).permutation(len(time))
    mixed = fine_gray(time[order], cause[order], x[order])
    np.testing.assert_allclose(mixed.coef, fit.coef, rtol=1e-9)
    np.testing.assert_allclose(mixed.vcov, fit.vcov, rtol=1e-9)
    # Groups of censoring that are copies of each other have the same curve as one.
    doubled = [np.concatenate((a, a)) for a in (time, cause, x)]
    copies = np.repeat([0, 1], len(time))
    one, two = fine_gray(*doubled), fine_gray(*doubled, censoring_group=copies)
    np.testing.assert_allclose(two.coef, one.coef, rtol=1e-9)


@pytest.mark.parametrize("by_group", [False, True])
def test_robust_variance_is_near_the_jackknife(by_group: bool) -> None:
    rng = np.random.default_rng(5)
    n = 150
    x = rng.integers(0, 2, n)
    event = rng.exponential(10, n) * np.exp(0.5 * x)
    end = np.where(x == 1, rng.exponential(5, n), rng.exponential(40, n))
    cause = np.where(event < end, rng.integers(1, 3, n), 0)
    time = np.minimum(event, end)
    group = x if by_group else np.zeros(n)
    fit = fine_gray(time, cause, x, censoring_group=group)
    kept = [np.delete(np.arange(n), i) for i in range(n)]
    left = [fine_gray(time[k], cause[k], x[k], censoring_group=group[k]).coef[0] for k in kept]
    jackknife = (n - 1) * np.var(left)
    assert jackknife == pytest.approx(fit.vcov[0, 0], rel=0.12)


@FEW
@given(subjects, st.floats(0.5, 25), st.floats(0.01, 1000))
def test_time_scales_the_restricted_mean(rows: np.ndarray, tau: float, scale: float) -> None:
    time, event = rows[:, 0], rows[:, 1] > 0
    curve = kaplan_meier(time, event)
    assume(tau <= curve.last_time)
    mean = restricted_mean(curve, tau)
    assert mean.estimate + mean.lost == pytest.approx(tau, rel=1e-14)
    scaled = restricted_mean(kaplan_meier(time * scale, event), tau * scale)
    assert scaled.estimate == pytest.approx(mean.estimate * scale, rel=1e-9)
    assert scaled.std_error == pytest.approx(mean.std_error * scale, rel=1e-9)
    counted = kaplan_meier_from_counts(count_survival(time, event))
    assert restricted_mean(counted, tau) == mean


@FEW
@given(subjects, st.floats(0.5, 25))
def test_times_lost_sum_to_what_is_not_lived(rows: np.ndarray, tau: float) -> None:
    time, cause = rows[:, 0], rows[:, 1]
    curves = cumulative_incidence(time, cause)
    assume(tau <= curves.last_time)
    lost = time_lost(curves, tau)
    mean = restricted_mean(kaplan_meier(time, cause > 0), tau)
    assert lost.lost.sum() == pytest.approx(mean.lost, abs=1e-10)
    one = time_lost(cumulative_incidence(time, cause > 0), tau)
    assert one.std_error[0] == pytest.approx(mean.std_error, abs=1e-8)


@FEW
@given(subjects, subjects)
def test_swapped_groups_turn_contrasts_round(rows: np.ndarray, others: np.ndarray) -> None:
    one, two = (kaplan_meier(r[:, 0], r[:, 1] > 0) for r in (rows, others))
    assume(min(one.last_time, two.last_time) > 0)
    there, back = restricted_mean_difference(one, two), restricted_mean_difference(two, one)
    assert there.difference.estimate == -back.difference.estimate
    np.testing.assert_allclose(there.difference.upper, -back.difference.lower, rtol=1e-12)
    if there.ratio.estimate > 0 and np.isfinite(there.ratio.estimate):
        assert there.ratio.estimate == pytest.approx(1 / back.ratio.estimate)
    at = survival_difference(one, two, [3]), survival_difference(two, one, [3])
    np.testing.assert_allclose(at[0].difference.upper, -at[1].difference.lower, atol=1e-12)
    np.testing.assert_allclose(at[0].ratio.p_value, at[1].ratio.p_value, atol=1e-12)


@FEW
@given(subjects)
def test_swapped_groups_turn_the_win_ratio_round(rows: np.ndarray) -> None:
    treated = rows[:, 3]
    assume(2 <= treated.sum() <= len(rows) - 2)
    outcomes = [time_outcome(rows[:, 0], rows[:, 1] == 1), value_outcome(rows[:, 4])]
    there, back = win_ratio(treated, outcomes), win_ratio(1 - treated, outcomes)
    assert (there.wins, there.losses, there.ties) == (back.losses, back.wins, back.ties)
    assert there.wins + there.losses + there.ties == treated.sum() * (1 - treated).sum()
    if there.wins and there.losses:
        assert there.win_ratio.estimate == pytest.approx(1 / back.win_ratio.estimate)
        assert there.win_ratio.p_value == pytest.approx(back.win_ratio.p_value, nan_ok=True)
    np.testing.assert_allclose(there.net_benefit.std_error, back.net_benefit.std_error, atol=1e-12)


@FEW
@given(subjects)
def test_wins_in_blocks_are_the_wins_of_each_pair(rows: np.ndarray) -> None:
    treated = rows[:, 3]
    assume(2 <= treated.sum() <= len(rows) - 2)
    time, event, value = rows[:, 0], rows[:, 1] == 1, rows[:, 4]
    found = win_ratio(treated, [time_outcome(time, event), value_outcome(value)])
    wins = 0
    for i in np.flatnonzero(treated == 1):
        for j in np.flatnonzero(treated == 0):
            later = event[j] and (time[i] > time[j] or (time[i] == time[j] and not event[i]))
            sooner = event[i] and (time[j] > time[i] or (time[i] == time[j] and not event[j]))
            wins += bool(later or (not sooner and value[i] > value[j]))
    assert found.wins == wins


@FEW
@given(subjects)
def test_pseudo_values_are_those_of_curves_without_the_subject(rows: np.ndarray) -> None:
    time, cause = rows[:, 0], rows[:, 1]
    n = len(rows)
    last = np.sort(time)[-2]
    assume(last > 0)
    at = [float(last)]
    every = np.arange(n)
    whole = cumulative_incidence(time, cause, n_causes=3)
    read = whole.at(at)
    survival, incidence, mean = [], [], []
    area = restricted_mean(kaplan_meier(time, cause > 0), at[0]).estimate
    for i in every:
        kept = every != i
        without = cumulative_incidence(time[kept], cause[kept], n_causes=3).at(at)
        survival.append(n * read.survival[0] - (n - 1) * without.survival[0])
        incidence.append(n * read.incidence[0, 0] - (n - 1) * without.incidence[0, 0])
        curve = kaplan_meier(time[kept], cause[kept] > 0)
        mean.append(n * area - (n - 1) * restricted_mean(curve, at[0]).estimate)
    np.testing.assert_allclose(pseudo_survival(time, cause > 0, at)[:, 0], survival, atol=1e-10)
    np.testing.assert_allclose(pseudo_restricted_mean(time, cause > 0, at[0]), mean, atol=1e-9)
    if (cause == 1).any():
        found = pseudo_incidence(time, cause, at)[:, 0]
        np.testing.assert_allclose(found, incidence, atol=1e-10)
