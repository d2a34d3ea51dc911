"""Pooling where the answer is algebra."""

from __future__ import annotations

import math

import numpy as np
import pytest

from hepatica.stats import meta

NAN = float("nan")


def test_common_effect_of_two_studies() -> None:
    pooled = meta.pool([1.0, 4.0], [1.0, 0.5], method="common")
    # weights 1 and 2: (1 + 8)/3, variance 1/3, Q = 1*4 + 2*1
    assert pooled.estimate == pytest.approx(3.0, rel=1e-15)
    assert pooled.std_error == pytest.approx(math.sqrt(1 / 3), rel=1e-15)
    assert pooled.q == pytest.approx(6.0, rel=1e-15)
    assert (pooled.df, pooled.k, pooled.status) == (1, 2, "ok")
    assert pooled.i2 == pytest.approx(5 / 6, rel=1e-15)
    assert pooled.h2 == pytest.approx(6.0, rel=1e-15)
    assert pooled.weights == pytest.approx([1 / 3, 2 / 3], rel=1e-15)
    assert math.isnan(pooled.prediction_lower)


@pytest.mark.parametrize("method", ["DL", "DL2", "HE", "PM", "EB", "REML"])
def test_equal_variances_give_the_sample_variance(method: str) -> None:
    # with one variance v these are all s2 - v
    y = np.array([0.0, 1.0, 2.0, 5.0])
    pooled = meta.pool(y, [0.5] * 4, method=method)
    assert pooled.tau2 == pytest.approx(y.var(ddof=1) - 0.5, rel=1e-13)
    assert pooled.estimate == pytest.approx(2.0, rel=1e-14)
    assert pooled.std_error == pytest.approx(math.sqrt(y.var(ddof=1) / 4), rel=1e-13)


def test_equal_variances_under_maximum_likelihood() -> None:
    y = np.array([0.0, 1.0, 2.0, 5.0])
    assert meta.pool(y, [0.5] * 4, method="ML").tau2 == pytest.approx(y.var() - 0.5, rel=1e-13)


def test_hunter_schmidt_and_sidik_jonkman_of_equal_variances() -> None:
    y = np.array([0.0, 1.0, 2.0, 5.0])
    q, k = 14.0 / 0.5, 4
    assert meta.pool(y, [0.5] * 4, method="HS").tau2 == pytest.approx((q - k) * 0.5 / k)
    assert meta.pool(y, [0.5] * 4, method="HSk").tau2 == pytest.approx((q * k / 3 - k) * 0.5 / k)
    first = y.var()
    expected = first / (first + 0.5) * 14.0 / 3
    assert meta.pool(y, [0.5] * 4, method="SJ").tau2 == pytest.approx(expected)


def test_hartung_knapp_of_equal_variances_is_the_t_test() -> None:
    y = np.array([0.0, 1.0, 2.0, 5.0])
    pooled = meta.pool(y, [0.5] * 4, ci="hartung-knapp")
    half = 3.182446305284263 * math.sqrt(y.var(ddof=1) / 4)
    assert pooled.upper - pooled.estimate == pytest.approx(half, rel=1e-12)
    assert pooled.reference_df == 3


def test_the_floor_acts_only_below_one() -> None:
    alike = ([0.1, 0.2, 0.3], [1.0, 1.0, 1.0])
    narrow = meta.pool(*alike, method="common", ci="hartung-knapp")
    floored = meta.pool(*alike, method="common", ci="hartung-knapp-floor")
    plain = meta.pool(*alike, method="common", ci="t")
    assert narrow.std_error < floored.std_error == plain.std_error
    apart = ([0.0, 4.0, 9.0], [1.0, 1.0, 1.0])
    assert (
        meta.pool(*apart, method="common", ci="hartung-knapp").std_error
        == meta.pool(*apart, method="common", ci="hartung-knapp-floor").std_error
    )


def test_identical_estimates_leave_hartung_and_knapp_no_error() -> None:
    pooled = meta.pool([0.3, 0.3, 0.3], [0.1, 0.2, 0.3], ci="hartung-knapp")
    assert (pooled.status, pooled.estimate) == ("no_spread", pytest.approx(0.3))
    assert math.isnan(pooled.std_error)
    assert math.isnan(pooled.p_value)
    assert meta.pool([0.3] * 3, [0.1, 0.2, 0.3], ci="hartung-knapp-floor").status == "ok"


def test_prediction_intervals_differ_by_their_quantile() -> None:
    y, v = [0.0, 1.0, 2.0, 5.0], [0.5] * 4
    half = {}
    for prediction in ("z", "t(k-1)", "t(k-2)"):
        pooled = meta.pool(y, v, prediction=prediction)
        spread = math.sqrt(pooled.tau2 + pooled.std_error**2)
        half[prediction] = (pooled.prediction_upper - pooled.estimate) / spread
    assert half["z"] == pytest.approx(1.959963984540054)
    assert half["t(k-1)"] == pytest.approx(3.182446305284263)
    assert half["t(k-2)"] == pytest.approx(4.302652729911275)


def test_prediction_with_two_studies_has_no_t_of_k_less_2() -> None:
    assert math.isnan(meta.pool([0.0, 9.0], [1.0, 1.0], prediction="t(k-2)").prediction_lower)


def test_one_study_is_itself_and_says_so() -> None:
    for method in ("common", "DL", "REML", "PM", "SJ"):
        pooled = meta.pool([0.4], [0.04], method=method)
        assert (pooled.estimate, pooled.std_error, pooled.tau2) == (0.4, 0.2, 0.0)
        assert (pooled.status, pooled.q, pooled.df) == ("one_study", 0.0, 0)
        assert math.isnan(pooled.i2)
        assert math.isnan(pooled.q_p_value)
        assert math.isnan(pooled.prediction_upper)
    assert math.isnan(meta.pool([0.4], [0.04], ci="hartung-knapp").lower)


def test_an_outcome_without_a_study() -> None:
    batch = meta.pool_batch([[1.0, 2.0], [NAN, NAN]], [[1.0, 1.0], [NAN, NAN]])
    assert batch.status.tolist() == ["ok", "no_study"]
    assert math.isnan(batch.estimate[1])
    assert math.isnan(batch.q[1])


def test_the_likelihood_with_two_maxima_takes_the_higher() -> None:
    # precise studies agree, an imprecise pair lies far off: 0 is a maximum as well
    y, v = [0.0, 0.01, 6.0, -6.0], [1e-4, 1e-4, 0.5, 0.5]
    found = meta.pool(y, v, method="ML")
    grid = np.concatenate(([0.0], np.geomspace(1e-8, 1e3, 20_000)))
    spread = np.array(v)[:, None] + grid
    mean = (np.array(y)[:, None] / spread).sum(axis=0) / (1 / spread).sum(axis=0)
    height = -0.5 * (np.log(spread) + (np.array(y)[:, None] - mean) ** 2 / spread).sum(axis=0)
    assert found.tau2 == pytest.approx(grid[height.argmax()], rel=2e-3)


def test_precise_studies_that_agree_do_not_hide_the_higher_maximum() -> None:
    # two precise studies make a maximum near .017, the one far off a higher one near 1746
    y, v = np.array([0.0857, -0.0926, 73.8]), np.array([3.3e-5, 1e-5, 51.6])
    grid = np.geomspace(1e-6, 1e6, 40_001)
    spread = v[:, None] + grid
    total = (1 / spread).sum(axis=0)
    mean = (y[:, None] / spread).sum(axis=0) / total
    away = ((y[:, None] - mean) ** 2 / spread).sum(axis=0)
    height = -0.5 * (np.log(spread).sum(axis=0) + away + np.log(total))
    assert grid[height.argmax()] > 1000
    assert meta.pool(y, v).tau2 == pytest.approx(grid[height.argmax()], rel=1e-3)


def test_parts_of_a_shared_control_add_up_to_the_variance() -> None:
    for measure in ("RR", "OR", "RD", "AS"):
        whole = meta.two_arm_effects([10], [100], [20], [80], measure=measure).vi
        first = meta.control_variance([10], [100], measure=measure)
        second = meta.control_variance([20], [80], measure=measure)
        assert first + second == pytest.approx(whole, rel=1e-14)


def test_q_profile_of_equal_variances() -> None:
    # Q = sum of squares/(v + tau2), so the limits follow from chi-square quantiles of df 3
    y = np.array([0.0, 1.0, 2.0, 5.0])
    found = meta.tau2_limits(y, [0.5] * 4)
    assert found.lower == pytest.approx(14 / 9.348403604496148 - 0.5)
    assert found.upper == pytest.approx(14 / 0.21579528262389785 - 0.5)


@pytest.mark.parametrize("method", ["jackson", "biggerstaff-jackson"])
def test_generalised_q_of_equal_variances_is_the_q_profile(method: str) -> None:
    y = [0.0, 1.0, 2.0, 5.0]
    ours, profile = meta.tau2_limits(y, [0.5] * 4, method=method), meta.tau2_limits(y, [0.5] * 4)
    assert (ours.lower, ours.upper) == pytest.approx((profile.lower, profile.upper), rel=1e-9)


def test_generalised_q_of_two_studies() -> None:
    # one eigenvalue: Q/(its weight) is chi-square with 1 degree of freedom, whatever the weights
    found = meta.tau2_limits([0.0, 3.0], [0.2, 0.6], method="jackson")
    for limit, quantile in ((found.lower, 5.023886187314888), (found.upper, 0.000982069117175)):
        assert 9.0 / (0.8 + 2 * limit) == pytest.approx(quantile, rel=1e-6)


def test_limits_of_studies_too_alike_are_empty() -> None:
    found = meta.tau2_limits([1.0, 1.0, 1.0], [1.0, 1.0, 1.0])
    assert (found.lower, found.upper, found.empty) == (0.0, 0.0, True)


def test_measures_of_one_table() -> None:
    given = ([10], [100], [20], [100])
    ratio = meta.two_arm_effects(*given, measure="RR")
    assert ratio.yi[0] == pytest.approx(math.log(0.5))
    assert ratio.vi[0] == pytest.approx(1 / 10 - 1 / 100 + 1 / 20 - 1 / 100)
    odds = meta.two_arm_effects(*given, measure="OR")
    assert odds.yi[0] == pytest.approx(math.log((10 * 80) / (90 * 20)))
    assert meta.back_transform(odds.yi, odds.scale)[0] == pytest.approx(800 / 1800)
    difference = meta.two_arm_effects(*given, measure="RD")
    assert difference.yi[0] == pytest.approx(-0.1)
    peto = meta.two_arm_effects(*given, measure="PETO")
    v = 100 * 100 * 30 * 170 / (200**2 * 199)
    assert (peto.yi[0], peto.vi[0]) == pytest.approx(((10 - 15) / v, 1 / v))


def test_one_study_by_mantel_haenszel_is_its_own_ratio() -> None:
    for measure, expected in (("RR", math.log(0.5)), ("OR", math.log(4 / 9)), ("RD", -0.1)):
        found = meta.mantel_haenszel([10], [100], [20], [100], measure=measure)
        assert found.estimate == pytest.approx(expected)
        own = meta.two_arm_effects([10], [100], [20], [100], measure=measure)
        if measure != "RD":
            assert found.std_error == pytest.approx(math.sqrt(own.vi[0]))


def test_the_variance_of_greenland_and_robins_in_one_study_is_its_own() -> None:
    found = meta.mantel_haenszel(
        [10], [100], [20], [100], measure="RD", variance="greenland-robins"
    )
    assert found.std_error == pytest.approx(math.sqrt(0.1 * 0.9 / 100 + 0.2 * 0.8 / 100))


def test_double_zeros() -> None:
    given = ([0, 5], [20, 20], [0, 10], [20, 20])
    assert meta.two_arm_effects(*given, measure="OR").excluded.tolist() == [True, False]
    kept = meta.two_arm_effects(*given, measure="OR", double_zero="keep")
    assert (kept.excluded.tolist(), kept.yi[0]) == ([False, False], 0.0)
    assert not meta.two_arm_effects(*given, measure="RD").excluded.any()
    full = ([20, 5], [20, 20], [20, 10], [20, 20])
    assert meta.two_arm_effects(*full, measure="OR").excluded[0]
    assert not meta.two_arm_effects(*full, measure="RR").excluded[0]


def test_rules_act_within_an_outcome() -> None:
    events, n = [[0, 5], [5, 5]], [[10, 10], [10, 10]]
    assert meta.proportion_effects(events, n, rule="if0all").corrected.tolist() == [
        [True, True],
        [False, False],
    ]


def test_printed_ratio() -> None:
    found = meta.ratio_from_limits([0.8], [0.64], [1.0])
    assert found.yi[0] == pytest.approx(math.log(0.8))
    assert math.sqrt(found.vi[0]) == pytest.approx(math.log(1 / 0.64) / (2 * 1.959963984540054))
    assert not found.off_centre[0]
    p = 2 * 0.5 * math.erfc(abs(found.yi[0]) / math.sqrt(found.vi[0]) / math.sqrt(2))
    again = meta.ratio_from_p([0.8], [p])
    assert again.vi[0] == pytest.approx(found.vi[0], rel=1e-10)


def test_medians_whose_upper_limit_was_not_reached() -> None:
    z = 1.959963984540054
    found = meta.median_effects(
        [10.0, 12.0], [8.0, 9.0], [NAN, 16.0], scale="raw", upper_reached=[False, True]
    )
    assert np.sqrt(found.vi) == pytest.approx([2 / z, 7 / (2 * z)])
    log = meta.median_effects([10.0, 12.0], [8.0, 9.0], [NAN, 16.0], upper_reached=[False, True])
    assert math.sqrt(log.vi[0]) == pytest.approx(math.log(10 / 8) / z)


def test_a_shared_control_widens_the_limits() -> None:
    y, v = [0.5, 0.5], [0.3, 0.3]
    covariance = meta.shared_control_covariance(v, [0.1, 0.1], [1, 1])
    found = meta.pool_correlated(y, covariance, method="common")
    assert found.std_error == pytest.approx(math.sqrt((0.3 + 0.1) / 2))
    assert found.std_error > meta.pool(y, v, method="common").std_error


@pytest.mark.parametrize("method", ["REML", "ML"])
def test_independent_estimates_pooled_as_correlated(method: str) -> None:
    y, v = [0.1, 0.9, 0.4, 1.8], [0.1, 0.2, 0.05, 0.3]
    ours, plain = meta.pool_correlated(y, np.diag(v), method=method), meta.pool(y, v, method=method)
    assert ours.components[0] == pytest.approx(plain.tau2, rel=1e-9)
    assert ours.estimate == pytest.approx(plain.estimate, rel=1e-11)
    assert ours.weights == pytest.approx(plain.weights, rel=1e-9)


def test_binomial_normal_without_heterogeneity_is_the_pooled_share() -> None:
    found = meta.proportion_glmm([5, 10, 20], [20, 40, 80])
    assert (found.status, found.tau2) == ("boundary", 0.0)
    assert meta.back_transform([found.estimate], "logit")[0] == pytest.approx(0.25)
    assert found.std_error == pytest.approx(1 / math.sqrt(140 * 0.25 * 0.75))


def test_binomial_normal_without_a_finite_spread_says_so() -> None:
    found = meta.proportion_glmm([0, 20, 0, 20], [20, 20, 20, 20])
    assert found.status == "not_converged"
    assert math.isnan(found.estimate)


def test_posterior_beside_a_plain_grid() -> None:
    y, v, scale = np.array([-0.5, -0.1, -0.9]), np.array([0.04, 0.05, 0.09]), 0.5
    tau = np.linspace(0.0, 8 * scale, 1601)
    mean = np.linspace(-9.0, 9.0, 1801)
    spread = v + tau[:, None] ** 2
    log = -0.5 * (tau[:, None] / scale) ** 2 + sum(
        -0.5 * np.log(spread[:, i : i + 1]) - 0.5 * (y[i] - mean) ** 2 / spread[:, i : i + 1]
        for i in range(3)
    )
    mass = np.exp(log - log.max())
    mass[0] /= 2
    mass /= mass.sum()
    of_mean, of_tau = mass.sum(axis=0), mass.sum(axis=1)
    found = meta.bayes_pool(y, v, tau_scale=scale)
    assert found.estimate == pytest.approx(of_mean @ mean, abs=1e-5)
    assert found.std_error == pytest.approx(math.sqrt(of_mean @ mean**2 - (of_mean @ mean) ** 2),
                                            abs=1e-5)  # fmt: skip
    assert found.tau == pytest.approx(of_tau @ tau, abs=1e-5)
    middle = np.cumsum(of_mean) - of_mean / 2
    assert (found.lower, found.upper) == pytest.approx(
        np.interp([0.025, 0.975], middle, mean), abs=2e-4
    )
    assert found.tau_median == pytest.approx(
        np.interp(0.5, np.cumsum(of_tau) - of_tau / 2, tau), abs=2e-4
    )


def test_posterior_of_one_study_is_the_prior_of_tau() -> None:
    found = meta.bayes_pool([1.0], [0.1], tau_scale=0.5)
    assert found.tau == pytest.approx(0.5 * math.sqrt(2 / math.pi), rel=1e-10)
    assert found.tau_median == pytest.approx(0.5 * 0.6744897501960817, rel=1e-9)


def test_the_discouraged_rule() -> None:
    alike = ([0.1, 0.2, 0.3], [0.04, 0.05, 0.06])
    assert meta.pool_by_heterogeneity(*alike).method == "common"
    # I2 = 1 - 3/5.5 = .4545 is below one half, and p = .139: still common
    y = np.array([-1.0, 1.0, -1.0, 1.0]) * math.sqrt(5.5 / 4)
    assert meta.pool_by_heterogeneity(y, [1.0] * 4).method == "common"
    # I2 is below one half, but p is not: Q = 17 with 10 degrees of freedom
    y = np.concatenate((np.array([-1.0, 1.0]).repeat(5), [0.0])) * math.sqrt(1.7)
    chosen = meta.pool_by_heterogeneity(y, [1.0] * 11)
    assert chosen.i2 < 0.5
    assert chosen.q_p_value < 0.1
    assert chosen.method == "DL"
