"""Competing risks, restricted means, differences and wins whose answers are algebra."""

from __future__ import annotations

import importlib
import math

import numpy as np
import pytest
from scipy.special import ndtri

from hepatica.stats.survival import (
    cause_counts_from_cells,
    count_causes,
    cumulative_incidence,
    cumulative_incidence_by_group,
    fine_gray,
    gray_test,
    kaplan_meier,
    predict_incidence,
    pseudo_restricted_mean,
    quantile_difference,
    restricted_mean,
    restricted_mean_difference,
    restricted_mean_regression,
    survival_difference,
    time_lost,
    time_outcome,
    value_outcome,
    weighted_restricted_mean,
    win_ratio,
)

Z = float(ndtri(0.975))
FOUR = kaplan_meier([1, 2, 3, 4], [1, 1, 1, 1])


def test_the_restricted_mean_is_the_area_of_rectangles() -> None:
    # 1 x 1 + 1 x 3/4 + 1 x 1/2 up to 3; areas to the right of days 1, 2, 3: 1.25, 0.5, 0.
    mean = restricted_mean(FOUR, 3)
    variance = 1.25**2 / (4 * 3) + 0.5**2 / (3 * 2)
    assert mean.estimate == 2.25
    assert mean.lost == 0.75
    assert mean.n_events == 3
    assert mean.std_error == pytest.approx(math.sqrt(variance), rel=1e-14)
    assert mean.upper == pytest.approx(2.25 + Z * math.sqrt(variance), rel=1e-14)
    assert mean.lost_upper == pytest.approx(0.75 + Z * math.sqrt(variance), rel=1e-14)
    corrected = restricted_mean(FOUR, 3, variance="corrected")
    assert corrected.std_error**2 == pytest.approx(variance * 3 / 2, rel=1e-14)
    assert corrected.estimate == mean.estimate


def test_without_censoring_the_restricted_mean_is_a_mean() -> None:
    # The variance is that of a mean, with n in the denominator; the correction makes it n - 1.
    times = np.array([2.0, 3.0, 5.0, 9.0])
    mean = restricted_mean(kaplan_meier(times, [1, 1, 1, 1]), variance="corrected")
    assert mean.tau == 9.0
    assert mean.estimate == pytest.approx(times.mean(), rel=1e-14)
    assert mean.std_error**2 == pytest.approx(times.var(ddof=1) / 4, rel=1e-14)


def test_a_curve_at_zero_has_an_area_at_any_time() -> None:
    assert restricted_mean(FOUR, 100).estimate == 2.5


def test_no_event_and_one_event() -> None:
    without = restricted_mean(kaplan_meier([5, 6], [0, 0]), 4)
    assert (without.estimate, without.std_error, without.lost) == (4.0, 0.0, 0.0)
    one = restricted_mean(kaplan_meier([1, 6], [1, 0]), 4, variance="corrected")
    assert one.estimate == 2.5
    assert math.isnan(one.std_error)


def test_two_restricted_means() -> None:
    other = kaplan_meier([2, 3, 4, 5], [1, 1, 1, 1])
    compared = restricted_mean_difference(other, FOUR, 3)
    one, two = compared.treated, compared.control
    spread = math.hypot(one.std_error, two.std_error)
    assert compared.difference.estimate == 0.5
    assert compared.difference.lower == pytest.approx(0.5 - Z * spread, rel=1e-13)
    assert compared.difference.p_value == pytest.approx(
        math.erfc(0.5 / spread / math.sqrt(2)), rel=1e-12
    )
    assert compared.ratio.estimate == pytest.approx(2.75 / 2.25, rel=1e-14)
    log_spread = math.hypot(one.std_error / 2.75, two.std_error / 2.25)
    assert compared.ratio.std_error == pytest.approx(log_spread, rel=1e-14)
    upper = 2.75 / 2.25 * math.exp(Z * log_spread)
    assert compared.ratio.upper == pytest.approx(upper, rel=1e-13)
    assert compared.lost_ratio.estimate == pytest.approx(0.25 / 0.75, rel=1e-14)
    # The smaller of the two last follow-ups when nothing is said.
    assert restricted_mean_difference(other, FOUR).tau == 4.0


def test_no_time_lost_has_no_ratio() -> None:
    compared = restricted_mean_difference(kaplan_meier([9, 9], [0, 0]), FOUR, 3)
    assert math.isnan(compared.lost_ratio.lower)
    assert compared.difference.estimate == 0.75


def test_survival_of_two_groups_at_a_time() -> None:
    # One half of four against three quarters of four: binomial variances.
    other = kaplan_meier([2, 3, 4, 5], [1, 1, 1, 1])
    compared = survival_difference(other, FOUR, [2, 9])
    spread = math.sqrt(0.75 * 0.25 / 4 + 0.5 * 0.5 / 4)
    assert compared.difference.estimate[0] == 0.25
    assert compared.difference.upper[0] == pytest.approx(0.25 + Z * spread, rel=1e-13)
    log_spread = math.sqrt(0.25 / 0.75 / 4 + 0.5 / 0.5 / 4)
    assert compared.ratio.estimate[0] == pytest.approx(1.5, rel=1e-14)
    assert compared.ratio.lower[0] == pytest.approx(1.5 * math.exp(-Z * log_spread), rel=1e-13)
    assert compared.hazard_ratio.estimate[0] == pytest.approx(
        math.log(0.75) / math.log(0.5), rel=1e-14
    )
    # Both curves are at 0: they are equal, and nothing is known of how surely.
    assert compared.difference.estimate[1] == 0.0
    assert math.isnan(compared.difference.p_value[1])


def test_limits_recovered_from_two_curves() -> None:
    other = kaplan_meier([2, 3, 4, 5], [1, 1, 1, 1])
    found = survival_difference(other, FOUR, [2], method="mover").difference
    one, two = other.at([2]), FOUR.at([2])
    lower = 0.25 - math.hypot(0.75 - one.lower[0], two.upper[0] - 0.5)
    upper = 0.25 + math.hypot(one.upper[0] - 0.75, 0.5 - two.lower[0])
    assert found.lower[0] == pytest.approx(lower, rel=1e-14)
    assert found.upper[0] == pytest.approx(upper, rel=1e-14)


def test_medians_of_two_groups() -> None:
    one = kaplan_meier([2, 4, 6, 8, 10, 12, 14, 16], [1] * 8)
    other = kaplan_meier([1, 2, 3, 4, 5, 6, 7, 8], [1] * 8)
    found = quantile_difference(one, other)
    a, b = one.median, other.median
    assert found.difference == a.estimate - b.estimate == 4.5
    assert found.ratio == 2.0
    assert found.difference_lower == 4.5 - math.hypot(a.estimate - a.lower, b.upper - b.estimate)
    log_half = math.hypot(math.log(a.upper / a.estimate), math.log(b.estimate / b.lower))
    assert found.ratio_upper == pytest.approx(2.0 * math.exp(log_half), rel=1e-13)


def test_cumulative_incidence_of_four() -> None:
    # Ends in the order cause 1, censored, cause 2, cause 1: 1/4, then 3/8 and 3/8.
    curves = cumulative_incidence([1, 2, 3, 4], [1, 0, 2, 1])
    np.testing.assert_allclose(curves.incidence[0], [0.25, 0.25, 0.25, 0.625])
    np.testing.assert_allclose(curves.incidence[1], [0, 0, 0.375, 0.375])
    np.testing.assert_allclose(curves.survival, [0.75, 0.75, 0.375, 0])
    assert curves.std_error[0, 0] == pytest.approx(math.sqrt(0.25 * 0.75 / 4))
    assert curves.std_error[1, 1] == 0.0
    assert np.isnan(curves.lower[1, :2]).all()
    read = curves.at([0, 3.5, 9])
    np.testing.assert_allclose(read.incidence, [[0, 0.25, 0.625], [0, 0.375, 0.375]])


def test_incidence_past_the_last_follow_up_is_not_known() -> None:
    read = cumulative_incidence([1, 2, 3], [1, 2, 0]).at([3, 4])
    assert read.survival[0] == pytest.approx(1 / 3)
    assert np.isnan(read.incidence[:, 1]).all()


def test_groups_have_the_same_causes() -> None:
    grouped = cumulative_incidence_by_group([1, 2, 3, 4], [1, 1, 2, 2], [5, 5, 3, 3])
    assert grouped.groups == (3, 5)
    assert [curve.incidence.shape for curve in grouped.curves] == [(2, 2), (2, 2)]


def test_time_lost_to_causes() -> None:
    # Cause 1 takes 1/4 from day 1 to 4, cause 2 takes 1/4 from day 2, cause 1 again from day 3.
    found = time_lost(cumulative_incidence([1, 2, 3, 4], [1, 2, 1, 0]), 4)
    assert found.lost.tolist() == [0.75 + 0.25, 0.5]
    assert found.event_free == 2.5


def test_gray_score_without_competing_events_is_that_of_the_log_rank_test() -> None:
    test = gray_test([1, 2, 3, 4], [1, 1, 1, 1], [0, 0, 1, 1])
    assert test.score.tolist() == pytest.approx([2 - (1 / 2 + 1 / 3), -2 + (1 / 2 + 1 / 3)])
    assert test.observed.tolist() == [2, 2]


def test_gray_keeps_those_with_competing_events_at_risk() -> None:
    # Before day 3 group 0 has lost one of two to the other cause: it counts as two at risk.
    test = gray_test([1, 3, 3, 4], [2, 1, 0, 0], [0, 0, 1, 1])
    assert test.score[0] == pytest.approx(1 - 2 / 4)


def test_fine_gray_without_censoring_leaves_competing_events_in_every_risk_set() -> None:
    # Events of the cause on days 2 (x = 1) and 3 (x = 0) among four that never leave before:
    # 1 / (1 + e) = shares; risk sets {1, 1, 0, 0} and {1, 0, 0}.
    fit = fine_gray([1, 2, 3, 4], [2, 1, 1, 2], [1, 1, 0, 0])
    theta = fit.hazard_ratio[0]
    assert 1 - 2 * theta / (2 * theta + 2) - theta / (theta + 2) == pytest.approx(0, abs=1e-12)
    assert theta == pytest.approx(math.sqrt(2), rel=1e-10)
    hazard = 1 / (2 * theta + 2) + 1 / (theta + 2)
    assert fit.baseline[-1] == pytest.approx(hazard, rel=1e-10)
    shown = predict_incidence(fit, [[1]], [1, 3, 5]).incidence[0]
    assert shown[0] == 0.0
    assert shown[1] == pytest.approx(1 - math.exp(-hazard * theta), rel=1e-10)
    assert np.isnan(shown[2])


def test_fine_gray_weights() -> None:
    # The competing event of day 1 (x = 1) weighs G(3-) / G(1-) = 2/3 on days 3 and 4, because one
    # of three was censored on day 2. With the ratio t the score is
    # 1 / (1 + 5 t / 3) - (2 t / 3) / (1 + 2 t / 3), which is 0 where t x t = 9/10.
    fit = fine_gray([1, 2, 3, 4], [2, 0, 1, 1], [1, 0, 1, 0])
    assert fit.hazard_ratio[0] == pytest.approx(math.sqrt(0.9), rel=1e-10)
    assert (fit.n, fit.n_events, fit.n_competing, fit.n_censored) == (4, 2, 1, 1)


def test_pseudo_values_and_regression_without_censoring() -> None:
    time, tau = np.array([1.0, 4, 2, 8, 6, 3]), 5.0
    values = np.minimum(time, tau)
    np.testing.assert_allclose(pseudo_restricted_mean(time, np.ones(6), tau), values, rtol=1e-13)
    group = np.array([0, 0, 0, 1, 1, 1])
    fit = restricted_mean_regression(time, np.ones(6), group, tau)
    one, other = values[group == 1], values[group == 0]
    assert fit.coef[0] == pytest.approx(one.mean() - other.mean(), rel=1e-13)
    assert fit.std_error[0] == pytest.approx(math.sqrt(one.var() / 3 + other.var() / 3), rel=1e-13)


def test_wins_by_priority() -> None:
    # Treated: died on day 5, alive on day 9. Controls: died on day 3, alive on day 4.
    treated = [1, 1, 0, 0]
    deaths = time_outcome([5, 9, 3, 4], [1, 0, 1, 0])
    score = value_outcome([1, 2, 9, 2])
    found = win_ratio(treated, [deaths, score])
    # Death decides both pairs with the first control; the score is lower, and equal.
    assert found.wins_by_outcome.tolist() == [2, 0]
    assert found.losses_by_outcome.tolist() == [0, 1]
    assert (found.wins, found.losses, found.ties) == (2, 1, 1)
    assert found.win_ratio.estimate == pytest.approx(2.0)
    assert found.net_benefit.estimate == 0.25
    assert found.win_odds.estimate == pytest.approx((0.5 + 0.125) / (0.25 + 0.125))


def test_a_censoring_on_the_day_of_an_event_is_later() -> None:
    found = win_ratio([1, 1, 0, 0], [time_outcome([5, 5, 5, 5], [0, 0, 1, 1])])
    assert (found.wins, found.losses) == (4, 0)
    both = win_ratio([1, 1, 0, 0], [time_outcome([5, 5, 5, 5], [1, 1, 1, 1])])
    assert both.ties == 4


def test_a_margin_and_values_that_are_missing() -> None:
    values = value_outcome([5, np.nan, 4, 2], better="higher", margin=1.0)
    found = win_ratio([1, 1, 0, 0], [values])
    assert (found.wins, found.losses, found.ties) == (1, 0, 3)
    lower = win_ratio([1, 1, 0, 0], [value_outcome([1, 1, 2, 2], better="lower")])
    assert lower.wins == 4


def test_variance_of_one_binary_outcome_is_that_of_two_shares() -> None:
    value = np.array([1, 1, 0, 1, 0, 0, 1, 0, 0])
    treated = np.array([1, 1, 1, 1, 0, 0, 0, 0, 0])
    found = win_ratio(treated, [value_outcome(value)])
    one, other = value[treated == 1], value[treated == 0]
    assert found.net_benefit.estimate == pytest.approx(one.mean() - other.mean())
    variance = one.var(ddof=1) / 4 + other.var(ddof=1) / 5
    assert found.net_benefit.std_error**2 == pytest.approx(variance)


def test_strata_are_weighted_by_their_size() -> None:
    value = np.array([1, 0, 0, 0, 1, 1, 0, 0, 1, 0])
    treated = np.array([1, 1, 0, 0, 1, 1, 0, 0, 0, 0])
    strata = np.array([0, 0, 0, 0, 1, 1, 1, 1, 1, 1])
    found = win_ratio(treated, [value_outcome(value)], strata=strata)
    # Risk differences 1/2 and 3/4 with Mantel-Haenszel weights 2 x 2 / 4 and 2 x 4 / 6.
    expected = (0.5 * 1 + 0.75 * 4 / 3) / (1 + 4 / 3)
    assert found.net_benefit.estimate == pytest.approx(expected)


def test_blocks_of_pairs_give_the_wins_of_all_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(2)
    treated = rng.integers(0, 2, 90)
    outcomes = [
        time_outcome(rng.integers(1, 9, 90), rng.integers(0, 2, 90)),
        value_outcome(rng.integers(0, 4, 90)),
    ]
    whole = win_ratio(treated, outcomes)
    monkeypatch.setattr(importlib.import_module(win_ratio.__module__), "_BLOCK", 100)
    blocks = win_ratio(treated, outcomes)
    assert (blocks.wins, blocks.losses, blocks.ties) == (whole.wins, whole.losses, whole.ties)
    np.testing.assert_array_equal(blocks.covariance, whole.covariance)


def test_counts_of_causes() -> None:
    counts = count_causes([1, 3, 3], [2, 1, 0], [0, 1, 1])
    assert counts.events.shape == (2, 2, 4)
    assert counts.events[1, 0].tolist() == [0, 0, 0, 1]
    assert counts.n.tolist() == [1, 2]


def test_counts_from_cells_are_added() -> None:
    cells = [[0, 2, 1, 1], [1, 1, 3, 4], [1, 0, 3, 2], [1, 1, 3, 1]]
    counts = cause_counts_from_cells(cells, n_groups=3)
    time = np.repeat([1, 3, 3, 3], [1, 4, 2, 1])
    cause, group = np.repeat([2, 1, 0, 1], [1, 4, 2, 1]), np.repeat([0, 1, 1, 1], [1, 4, 2, 1])
    expected = count_causes(time, cause, group, n_groups=3)
    np.testing.assert_array_equal(counts.events, expected.events)
    np.testing.assert_array_equal(counts.censored, expected.censored)


def test_a_weighted_restricted_mean_without_censoring_is_a_weighted_mean() -> None:
    time, weights, tau = np.array([1.0, 4, 2, 8, 6, 3, 3]), np.array([1, 2, 0.5, 1, 3, 1, 2]), 5.0
    mean = weighted_restricted_mean(time, np.ones(7), weights, tau)
    values, share = np.minimum(time, tau), weights / weights.sum()
    assert mean.estimate == pytest.approx(share @ values, rel=1e-13)
    spread = np.sqrt((share**2 * (values - share @ values) ** 2).sum())
    assert mean.std_error == pytest.approx(spread, rel=1e-13)


def test_equal_weights_give_greenwoods_variance() -> None:
    rng = np.random.default_rng(4)
    time, event = rng.integers(1, 30, 80), rng.integers(0, 2, 80)
    plain = restricted_mean(kaplan_meier(time, event), 20)
    for weight in (1.0, 0.37):
        mean = weighted_restricted_mean(time, event, np.full(80, weight), 20)
        assert mean.estimate == pytest.approx(plain.estimate, rel=1e-12)
        assert mean.std_error == pytest.approx(plain.std_error, rel=1e-12)
        assert mean.n_events == plain.n_events
