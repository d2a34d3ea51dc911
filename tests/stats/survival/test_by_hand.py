"""Data sets so small that the answer is algebra."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from hepatica.stats.survival import (
    cox,
    kaplan_meier,
    kaplan_meier_by_group,
    logrank,
    milestone_test,
    reverse_kaplan_meier,
)

Z = 1.959963984540054


def test_a_censoring_at_the_time_of_an_event_counts_as_later() -> None:
    curve = kaplan_meier([1, 2, 2, 3], [1, 1, 0, 1])
    assert curve.time.tolist() == [1, 2, 3]
    assert curve.at_risk.tolist() == [4, 3, 1]
    assert curve.events.tolist() == [1, 1, 1]
    assert curve.censored.tolist() == [0, 1, 0]
    np.testing.assert_allclose(curve.survival, [3 / 4, 1 / 2, 0], rtol=1e-14)
    # Greenwood: (3/4)^2 / 12 and (1/2)^2 (1/12 + 1/6).
    np.testing.assert_allclose(curve.std_error[:2] ** 2, [3 / 64, 1 / 16], rtol=1e-13)
    assert math.isnan(curve.std_error[2])
    assert (curve.n, curve.n_events, curve.n_censored, curve.last_time) == (4, 3, 1, 3.0)


@pytest.mark.parametrize(
    ("conf_type", "lower", "upper"),
    [
        # At t = 2: S = 1/2, standard error 1/4, of log S 1/2.
        ("plain", 0.5 - Z / 4, 0.5 + Z / 4),
        ("log", 0.5 * math.exp(-Z / 2), 1.0),
        ("log-log", 0.5 ** math.exp(Z / 2 / math.log(2)), 0.5 ** math.exp(-Z / 2 / math.log(2))),
        ("logit", 1 / (1 + math.exp(Z)), 1 / (1 + math.exp(-Z))),
        ("arcsine", math.sin(math.pi / 4 - Z / 4) ** 2, math.sin(math.pi / 4 + Z / 4) ** 2),
    ],
)
def test_limits_at_one_half(conf_type: str, lower: float, upper: float) -> None:
    curve = kaplan_meier([1, 2, 2, 3], [1, 1, 0, 1], conf_type=conf_type)
    assert curve.lower[1] == pytest.approx(lower, rel=1e-12)
    assert curve.upper[1] == pytest.approx(upper, rel=1e-12)


@pytest.mark.parametrize(
    ("time", "event", "first", "missing", "start"),
    [
        # The flat part ends in an event, in a censoring, and there is none.
        ([1, 2, 3, 4], [1, 1, 1, 1], 2.5, 2.5, 2.0),
        ([1, 2, 3, 4], [1, 1, 0, 0], 2.0, math.nan, 2.0),
        ([1, 2, 3], [1, 1, 1], 2.0, 2.0, 2.0),
        ([1, 2, 3, 4], [1, 0, 0, 0], math.nan, math.nan, math.nan),
        # A censoring inside the flat part does not end it.
        ([1, 2, 3, 4, 5, 6], [1, 1, 1, 0, 1, 1], 4.0, 4.0, 3.0),
    ],
)
def test_rules_for_a_flat_half(
    time: list[int], event: list[int], first: float, missing: float, start: float
) -> None:
    rules = {"midpoint_or_first": first, "midpoint_or_missing": missing, "first_time": start}
    for rule, expected in rules.items():
        found = kaplan_meier(time, event, median_rule=rule).median.estimate
        assert found == pytest.approx(expected, nan_ok=True)


def test_rounding_does_not_hide_a_flat_half() -> None:
    # 9/10 x 8/9 x ... x 5/6 is one half only up to rounding for some sizes.
    for n in range(2, 200, 2):
        curve = kaplan_meier(np.arange(1, n + 1), np.ones(n))
        assert curve.median.estimate == n / 2 + 0.5


def test_quantiles_other_than_the_median() -> None:
    curve = kaplan_meier(np.arange(1, 9), np.ones(8))
    assert curve.quantile(0.25).estimate == 2.5
    assert curve.quantile(0.3).estimate == 3.0
    assert curve.quantile(0.75).estimate == 6.5


def test_reading_a_curve() -> None:
    curve = kaplan_meier([2, 3, 5], [1, 1, 0])
    read = curve.at([0, 2, 2.5, 4.9, 5, 5.1])
    np.testing.assert_allclose(read.survival, [1, 2 / 3, 2 / 3, 1 / 3, 1 / 3, math.nan])
    assert read.at_risk.tolist() == [3, 3, 2, 1, 1, 0]
    assert read.cumulative_events.tolist() == [0, 1, 1, 2, 2, 2]
    assert (read.lower[0], read.upper[0], read.std_error[0]) == (1.0, 1.0, 0.0)
    assert math.isnan(read.lower[-1])


def test_a_curve_that_came_down_to_zero_stays_there() -> None:
    assert kaplan_meier([1, 2], [1, 1]).at([99]).survival[0] == 0.0


def test_no_event_at_all() -> None:
    curve = kaplan_meier([1, 2, 3], [0, 0, 0])
    assert curve.survival.tolist() == [1, 1, 1]
    assert curve.std_error.tolist() == [0, 0, 0]
    assert math.isnan(curve.median.estimate)
    assert np.isnan(curve.lower).all()
    plain = kaplan_meier([1, 2, 3], [0, 0, 0], conf_type="plain")
    assert plain.lower.tolist() == plain.upper.tolist() == [1, 1, 1]


def test_follow_up_keeps_the_dead_at_risk_on_their_day() -> None:
    # Day 2: one dies, one ends follow-up; both are at risk of ending it.
    curve = reverse_kaplan_meier([2, 2, 3], [1, 0, 0])
    np.testing.assert_allclose(curve.survival, [2 / 3, 0])
    assert curve.at_risk.tolist() == [3, 1]


def test_groups_are_sorted_codes() -> None:
    grouped = kaplan_meier_by_group([1, 2, 3, 4], [1, 1, 1, 0], [7, -2, 7, -2])
    assert grouped.groups == (-2, 7)
    assert grouped.curves[0].time.tolist() == [2, 4]
    assert grouped.curves[1].survival.tolist() == [0.5, 0]


def test_logrank_of_four_subjects() -> None:
    # First group: expected 2/4 + 1/3 = 5/6, variance 1/4 + 2/9 = 17/36.
    test = logrank([1, 2, 3, 4], [1, 1, 1, 1], [0, 0, 1, 1])
    np.testing.assert_allclose(test.observed, [2, 2])
    np.testing.assert_allclose(test.expected, [5 / 6, 19 / 6])
    np.testing.assert_allclose(test.variance, np.array([[17, -17], [-17, 17]]) / 36)
    assert test.statistic == pytest.approx(float(Fraction(49, 17)), rel=1e-13)
    assert test.p_value == pytest.approx(math.erfc(math.sqrt(49 / 34)), rel=1e-12)
    assert (test.df, test.n.tolist(), test.groups.tolist()) == (1, [2, 2], [0, 1])


def test_logrank_with_ties_uses_the_hypergeometric_variance() -> None:
    # Two of four die, one of them the only one of group 1: (1 - 1/2)^2 / (2 1/4 3/4 2/3).
    assert logrank([1, 1, 2, 2], [1, 1, 1, 1], [0, 1, 0, 0]).statistic == pytest.approx(1.0)


def test_strata_add_differences_and_variances() -> None:
    time, event, group = [1, 2, 3, 4] * 2, [1] * 8, [0, 0, 1, 1] * 2
    test = logrank(time, event, group, strata=[5] * 4 + [9] * 4)
    assert test.statistic == pytest.approx(2 * 49 / 17)


def test_a_group_never_at_risk_of_an_event_does_not_count() -> None:
    # Group 2 leaves before the first event.
    three = logrank([0, 1, 2, 3, 4], [0, 1, 1, 1, 1], [2, 0, 0, 1, 1])
    assert three.df == 1
    assert three.statistic == pytest.approx(49 / 17)


def test_cox_of_three_subjects() -> None:
    # Events of x = 1, 0, 1 in this order: 1 = 2r/(2r + 1) + r/(r + 1), so r^2 = 1/2.
    fit = cox([1, 2, 3], [1, 1, 1], [1, 0, 1])
    r = math.sqrt(0.5)
    assert fit.hazard_ratio[0] == pytest.approx(r, rel=1e-12)
    first, second = 2 * r / (2 * r + 1), r / (r + 1)
    variance = 1 / (first * (1 - first) + second * (1 - second))
    assert fit.vcov[0, 0] == pytest.approx(variance, rel=1e-10)
    assert fit.std_error[0] == pytest.approx(math.sqrt(variance), rel=1e-10)
    assert fit.loglik_null == pytest.approx(-math.log(6))
    assert fit.loglik == pytest.approx(math.log(r / ((2 * r + 1) * (r + 1))))
    # At zero: score 1 - 2/3 - 1/2 = -1/6, information 2/9 + 1/4 = 17/36.
    assert fit.score_test.statistic == pytest.approx(1 / 17)
    assert fit.lr_test.statistic == pytest.approx(2 * (fit.loglik - fit.loglik_null))
    assert fit.wald_test.statistic == pytest.approx(fit.z[0] ** 2)


def test_breslow_and_efron_by_hand() -> None:
    # x = 1 and x = 0 die together, x = 0 is censored later.
    time, event, x = [1, 1, 2], [1, 1, 0], [1, 0, 0]
    # Breslow: r / (r + 2)^2 has its maximum at 2, with information 2 1/2 1/2.
    breslow = cox(time, event, x, ties="breslow")
    assert breslow.hazard_ratio[0] == pytest.approx(2.0, rel=1e-12)
    assert breslow.vcov[0, 0] == pytest.approx(2.0, rel=1e-10)
    # Efron: r / ((r + 2)(r + 2 - (r + 1)/2)) has it at the root of 6.
    efron = cox(time, event, x, ties="efron")
    r = math.sqrt(6)
    assert efron.hazard_ratio[0] == pytest.approx(r, rel=1e-12)
    first, second = r / (r + 2), r / (r + 3)
    information = first * (1 - first) + second * (1 - second)
    assert efron.vcov[0, 0] == pytest.approx(1 / information, rel=1e-10)
    assert efron.loglik == pytest.approx(math.log(r / ((r + 2) * (r / 2 + 1.5))))


def test_the_score_test_without_ties_is_the_logrank_test() -> None:
    time, event = [1, 2, 3, 4, 5, 6, 7], [1, 0, 1, 1, 1, 0, 1]
    group = [0, 1, 1, 0, 1, 0, 1]
    fit = cox(time, event, group)
    assert fit.score_test.statistic == pytest.approx(logrank(time, event, group).statistic)


def test_milestone_against_a_rate() -> None:
    # S(2) = 1/2 of 4, standard error of log S 1/2: z = log(log 4 / log 2) log(2) / (1/2).
    curve = kaplan_meier([1, 2, 3, 4], [1, 1, 1, 1])
    test = milestone_test(curve, 2, 0.25)
    assert test.statistic == pytest.approx(2 * math.log(2) ** 2)
    assert test.p_value == pytest.approx(math.erfc(test.statistic / math.sqrt(2)))
    one = milestone_test(curve, 2, 0.25, sides=1)
    assert one.p_value == pytest.approx(test.p_value / 2)
    assert milestone_test(curve, 2, 0.75).statistic < 0
    assert milestone_test(curve, 2, 0.75, sides=1).p_value > 0.5


def test_milestone_without_an_estimate() -> None:
    assert math.isnan(milestone_test(kaplan_meier([1, 2], [0, 0]), 1, 0.5).p_value)
    assert math.isnan(milestone_test(kaplan_meier([1, 2], [1, 0]), 3, 0.5).statistic)
    assert math.isnan(milestone_test(kaplan_meier([1, 2], [1, 1]), 2, 0.5).statistic)


def test_a_landmark_on_a_time_that_rounding_moved() -> None:
    """511 days, kept as months of 30.4375 days and turned back, are 511 days and a breath."""
    moved = 511 / 30.4375 * 30.4375
    assert moved > 511.0
    at = kaplan_meier([moved, moved, 600.0], [1, 0, 1]).at([511.0])
    assert at.survival.tolist() == pytest.approx([2 / 3])
    assert (at.at_risk.tolist(), at.cumulative_events.tolist()) == ([3], [1])
    under = np.nextafter(511.0, 0.0)
    last = kaplan_meier([10.0, under], [1, 0]).at([511.0])
    assert last.survival.tolist() == [0.5]
    assert last.at_risk.tolist() == [1]
