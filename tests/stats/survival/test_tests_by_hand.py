"""Tests of survival on data whose answer is algebra."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from scipy.special import ndtr

from hepatica.stats.survival import (
    count_survival,
    curve_hazard,
    exponential_hazard,
    kaplan_meier,
    logrank,
    logrank_exact,
    logrank_from_counts,
    logrank_permutation,
    logrank_trend,
    max_combo,
    median_test,
    milestone_comparison,
    one_sample_logrank,
    one_sample_logrank_from_counts,
    pairwise_logrank,
    rank_scores,
    weibull_hazard,
)
from hepatica.stats.survival._normal_box import _rectangle, exceedance

FOUR = ([1, 2, 3, 4], [1, 1, 1, 1], [0, 0, 1, 1])


@pytest.mark.parametrize(
    ("weight", "weights"),
    [
        ("logrank", [1, 1, 1, 1]),
        ("gehan", [4, 3, 2, 1]),
        ("tarone-ware", [2, math.sqrt(3), math.sqrt(2), 1]),
        ("peto-peto", [4 / 5, 3 / 5, 2 / 5, 1 / 5]),
        ("modified-peto", [16 / 25, 9 / 20, 4 / 15, 1 / 10]),
    ],
)
def test_weights(weight: str, weights: list[float]) -> None:
    # At risk of the second group: 2 of 4, 2 of 3, 2 of 2, 1 of 1.
    test = logrank(*FOUR, weight=weight)
    w = np.array(weights)
    assert test.expected[1] == pytest.approx(w @ [1 / 2, 2 / 3, 1, 1])
    assert test.observed[1] == pytest.approx(w @ [0, 0, 1, 1])
    assert test.variance[1, 1] == pytest.approx(w**2 @ [1 / 4, 2 / 9, 0, 0])
    assert (test.weight, test.rho, test.gamma) == (weight, 0.0, 0.0)


def test_fleming_harrington_looks_at_survival_just_before() -> None:
    test = logrank(*FOUR, weight="fleming-harrington", rho=1, gamma=2)
    before = np.array([1, 3 / 4, 1 / 2, 1 / 4])
    w = before * (1 - before) ** 2
    assert test.expected[1] == pytest.approx(w @ [1 / 2, 2 / 3, 1, 1])
    assert (test.weight, test.rho, test.gamma) == ("fleming-harrington", 1.0, 2.0)


def test_delayed_entry_takes_subjects_out_of_the_risk_sets_before() -> None:
    # The last subject enters at 2: at risk of the second group 1 of 3, 1 of 2, 2 of 2, 1 of 1.
    test = logrank(*FOUR, entry=[0, 0, 0, 2])
    assert test.expected[1] == pytest.approx(1 / 3 + 1 / 2 + 2)
    assert test.variance[1, 1] == pytest.approx(2 / 9 + 1 / 4)
    assert test.n.tolist() == [2, 2]
    counts = count_survival(*FOUR, entry=[0, 0, 0, 2])
    assert logrank_from_counts(counts).statistic == pytest.approx(test.statistic)


def summed_by_hand(
    data: tuple[np.ndarray, ...], weight: str, power: float
) -> tuple[np.ndarray, np.ndarray]:
    """Sum observed less expected, and its covariance, over the events of one stratum."""
    time, event, group, entry = data
    difference, variance, survival = np.zeros(3), np.zeros((3, 3)), 1.0
    for t in np.unique(time[event]):
        at_risk = (time >= t) & (entry < t)
        dead = event & (time == t)
        n, d = int(at_risk.sum()), int(dead.sum())
        w = {"logrank": 1.0, "gehan": float(n)}.get(weight, (survival * (1 - survival)) ** power)
        share = np.bincount(group[at_risk], minlength=3) / n
        difference += w * (np.bincount(group[dead], minlength=3) - d * share)
        spread = d * (n - d) / max(n - 1, 1)
        variance += w * w * spread * (np.diag(share) - np.outer(share, share))
        survival *= 1 - d / n
    return difference, variance


@pytest.mark.parametrize(
    ("weight", "power"), [("logrank", 0.0), ("gehan", 0.0), ("fleming-harrington", 0.7)]
)
@pytest.mark.parametrize("delayed", [True, False])
def test_many_strata_have_their_own_times(weight: str, power: float, delayed: bool) -> None:
    rng = np.random.default_rng(1)
    time = rng.exponential(10, 300)
    event, group = rng.random(300) < 0.7, rng.integers(0, 3, 300)
    strata = np.minimum(rng.geometric(0.1, 300), 30)
    entry = time * rng.random(300) * (rng.random(300) < 0.5)
    whole = logrank(
        time,
        event,
        group,
        strata=strata,
        entry=entry if delayed else None,
        weight=weight,
        rho=power,
        gamma=power,
    )
    starts = entry if delayed else np.full(300, -1.0)
    difference, variance = np.zeros(3), np.zeros((3, 3))
    for stratum in np.unique(strata):
        rows = strata == stratum
        data = (time[rows], event[rows], group[rows], starts[rows])
        part, spread = summed_by_hand(data, weight, power)
        difference, variance = difference + part, variance + spread
    np.testing.assert_allclose(whole.observed - whole.expected, difference, rtol=1e-10)
    np.testing.assert_allclose(whole.variance, variance, rtol=1e-10)
    assert whole.n.tolist() == np.bincount(group).tolist()


def test_trend() -> None:
    test = logrank([1, 2, 3, 4, 5, 6], [1] * 6, [2, 1, 2, 1, 0, 0])
    trend = logrank_trend(test)
    # Scores at risk: 2 1 2 1 0 0, then without the first, and so on.
    u = (2 - 1) + (1 - 4 / 5) + (2 - 3 / 4) + (1 - 1 / 3)
    v = 10 / 6 - 1 + (6 / 5 - 16 / 25) + (5 / 4 - 9 / 16) + (1 / 3 - 1 / 9)
    assert trend.z == pytest.approx(u / math.sqrt(v))
    assert trend.statistic == pytest.approx(u * u / v)
    assert trend.p_value == pytest.approx(2 * ndtr(-trend.z))
    assert logrank_trend(test, sides=1).p_value == pytest.approx(ndtr(-trend.z))
    assert logrank_trend(test, [10, 30, 50]).z == pytest.approx(trend.z)
    assert logrank_trend(test, [2, 1, 0]).z == pytest.approx(-trend.z)


def test_pairs_leave_the_other_groups_out() -> None:
    time, event, group = [1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 0, 0], [0, 0, 1, 1, 2, 2]
    test = pairwise_logrank(time, event, group, method="bonferroni")
    assert test.first.tolist() == [0, 0, 1]
    assert test.second.tolist() == [1, 2, 2]
    alone = logrank(time[:4], event[:4], group[:4])
    assert test.statistic[0] == pytest.approx(alone.statistic)
    np.testing.assert_allclose(test.p_adjusted, np.minimum(1, 3 * test.p_value))
    nothing = pairwise_logrank([1, 2, 3, 4], [1, 1, 0, 0], [0, 0, 1, 2])
    assert np.isnan(nothing.p_value).tolist() == [False, False, True]
    assert np.isnan(nothing.p_adjusted).tolist() == [False, False, True]


def test_exact_is_the_share_of_permutations() -> None:
    # All of the first group first: the most extreme of 20, and its mirror is another.
    test = logrank_exact([1, 2, 3, 4, 5, 6], [1] * 6, [0, 0, 0, 1, 1, 1])
    sums = [
        sum(rank_scores([1, 2, 3, 4, 5, 6], [1] * 6)[list(chosen)])
        for chosen in combinations(range(6), 3)
    ]
    assert test.p_less == pytest.approx(np.mean(np.array(sums) <= test.difference[1] + 1e-9))
    assert (test.p_less, test.p_greater) == (pytest.approx(1 / 20), 1.0)
    assert test.p_value == pytest.approx(2 / 20)
    assert test.replicates == 0


def test_random_permutations_come_near_the_exact_p_value() -> None:
    time, event = [1, 2, 2, 3, 5, 6, 6, 8, 9], [1, 1, 0, 1, 1, 1, 1, 0, 1]
    group = [0, 0, 0, 1, 0, 1, 1, 0, 1]
    exact = logrank_exact(time, event, group, weight="gehan")
    drawn = logrank_permutation(
        time, event, group, 20_000, np.random.default_rng(5), weight="gehan"
    )
    for name in ("p_value", "p_less", "p_greater"):
        assert getattr(drawn, name) == pytest.approx(getattr(exact, name), abs=0.015)
    assert drawn.statistic == pytest.approx(exact.statistic)
    again = logrank_permutation(
        time, event, group, 20_000, np.random.default_rng(5), weight="gehan"
    )
    assert again.p_value == drawn.p_value
    three = logrank_permutation(time, event, [0, 1, 2] * 3, 200, np.random.default_rng(5))
    assert math.isnan(three.p_less)
    assert 1 / 201 <= three.p_value <= 1


def test_the_smallest_p_value_of_random_permutations_is_not_zero() -> None:
    time, group = list(range(1, 41)), [0] * 20 + [1] * 20
    test = logrank_permutation(time, [1] * 40, group, 99, np.random.default_rng(1))
    assert test.p_value == pytest.approx(0.01)


def test_max_combo_is_made_of_its_parts() -> None:
    time, event, group = [1, 2, 3, 4, 5, 6, 7, 8], [1] * 8, [0, 0, 1, 0, 0, 1, 1, 1]
    test = max_combo(time, event, group, weights=[(0, 0), (0, 1)])
    for index, gamma in enumerate((0, 1)):
        part = logrank(time, event, group, weight="fleming-harrington", gamma=gamma)
        assert test.z[index] ** 2 == pytest.approx(part.statistic)
        assert test.p_values[index] == pytest.approx(part.p_value)
    assert test.statistic == pytest.approx(np.abs(test.z).max())
    assert test.p_values.min() <= test.p_value <= 2 * test.p_values.min()
    one = max_combo(time, event, group, weights=[(0, 0), (0, 1)], sides=1)
    assert one.statistic == pytest.approx((-test.z).max())


def test_equal_tests_are_one_test() -> None:
    test = max_combo(*FOUR, weights=[(0, 0), (0, 0)])
    assert test.p_value == pytest.approx(logrank(*FOUR).p_value)


def test_boxes_of_independent_and_of_two_variables() -> None:
    for sides in (1, 2):
        inside = 1 - sides * float(ndtr(-1.3))
        for m in (1, 2, 3, 4):
            assert exceedance(1.3, np.eye(m), sides) == pytest.approx(1 - inside**m, abs=1e-14)
    # P(X > 0 or Y > 0) = 1 - (1/4 + arcsin(rho) / (2 pi)).
    for rho in (-0.9, -0.3, 0.2, 0.999):
        wanted = 0.75 - math.asin(rho) / (2 * math.pi)
        assert exceedance(0.0, np.array([[1, rho], [rho, 1]]), 1) == pytest.approx(
            wanted, abs=1e-13
        )


@pytest.mark.parametrize("m", [3, 4])
@pytest.mark.parametrize("sides", [1, 2])
def test_boxes_by_another_way(m: int, sides: int) -> None:
    # Condition on all but two variables, and integrate over them.
    correlation = np.array(
        [[1, 0.85, 0.86, 0.9], [0.85, 1, 0.5, 0.8], [0.86, 0.5, 1, 0.85], [0.9, 0.8, 0.85, 1]]
    )[:m, :m]
    bound, lowest = 2.1, (-2.1 if sides == 2 else -8.0)
    node, weight = np.polynomial.legendre.leggauss(180)
    node, weight = (node + 1) / 2 * (bound - lowest) + lowest, weight * (bound - lowest) / 2
    p = m - 2
    x = np.stack([grid.ravel() for grid in np.meshgrid(*[node] * p, indexing="ij")])
    w = np.stack([grid.ravel() for grid in np.meshgrid(*[weight] * p, indexing="ij")]).prod(0)
    inverse = np.linalg.inv(correlation[:p, :p])
    density = np.exp(-0.5 * np.einsum("ik,ij,jk->k", x, inverse, x))
    density /= math.sqrt((2 * math.pi) ** p * np.linalg.det(correlation[:p, :p]))
    slope = correlation[p:, :p] @ inverse
    mean = slope @ x
    rest = correlation[p:, p:] - slope @ correlation[:p, p:]
    deviation = np.sqrt(np.diag(rest))
    bounds = [
        (
            (lowest - mean[i]) / deviation[i] if sides == 2 else np.full_like(mean[i], -np.inf),
            (bound - mean[i]) / deviation[i],
        )
        for i in (0, 1)
    ]
    rho = np.full_like(mean[0], rest[0, 1] / deviation.prod())
    inside = float((w * density) @ _rectangle(*bounds, rho))
    assert exceedance(bound, correlation, sides) == pytest.approx(1 - inside, abs=1e-12)


def test_one_sample() -> None:
    hazard = exponential_hazard([10, 20, 30, 40], rate=0.04)
    test = one_sample_logrank([1, 0, 1, 0], hazard)
    assert (test.n, test.observed, test.expected) == (4, 2, pytest.approx(4.0))
    assert test.z == pytest.approx(-1.0)
    assert test.z_wu == pytest.approx(-2 / math.sqrt(3))
    assert test.p_value == pytest.approx(2 * ndtr(-1))
    assert test.ratio == pytest.approx(0.5)
    one = one_sample_logrank([1, 0, 1, 0], hazard, sides=1)
    assert one.p_value_exact == pytest.approx(math.exp(-4) * (1 + 4 + 8))
    nobody = one_sample_logrank([0, 0], [1.0, 2.0])
    assert (nobody.ratio, nobody.lower) == (0.0, 0.0)
    assert nobody.upper == pytest.approx(-math.log(0.025) / 3)
    # P(0) = P that are not more probable: all from the first with a mass below exp(-3).
    mass = [math.exp(-3) * 3**k / math.factorial(k) for k in range(60)]
    assert nobody.p_value_exact == pytest.approx(sum(x for x in mass if x <= mass[0] * (1 + 1e-7)))
    many = one_sample_logrank([1] * 5, [0.2] * 5)
    mass = [math.exp(-1) / math.factorial(k) for k in range(60)]
    assert many.p_value_exact == pytest.approx(sum(mass[5:]))


def test_one_sample_from_counts_and_with_delayed_entry() -> None:
    day, event, entry = [10, 20, 30, 40], [1, 0, 1, 0], [0, 5, 0, 12]
    hazard = weibull_hazard(range(50), shape=1.5, scale=30)
    counted = one_sample_logrank_from_counts(count_survival(day, event, entry=entry), hazard)
    each = one_sample_logrank(event, hazard[day] - hazard[entry])
    assert counted.expected == pytest.approx(each.expected)
    assert (counted.n, counted.observed) == (each.n, each.observed)


def test_the_hazard_of_a_curve_is_nelson_aalen() -> None:
    curve = kaplan_meier([1, 2, 2, 4], [1, 1, 1, 0])
    hazard = curve_hazard(curve, [0.5, 1, 1.5, 2, 4])
    np.testing.assert_allclose(hazard, [0, 1 / 4, 1 / 4, 1 / 4 + 2 / 3, 1 / 4 + 2 / 3])


def test_milestones() -> None:
    one, other = kaplan_meier([1, 2, 3, 4], [1] * 4), kaplan_meier([2, 3, 4, 5], [1] * 4)
    # Survival 1/2 and 3/4 at 2, variances 1/16 and 3/64.
    plain = milestone_comparison(one, other, 2, scale="plain")
    assert plain.difference == pytest.approx(1 / 4)
    assert plain.std_error == pytest.approx(math.sqrt(7 / 64))
    log = milestone_comparison(one, other, 2, scale="log")
    assert log.difference == pytest.approx(math.log(1.5))
    assert log.std_error == pytest.approx(math.sqrt(1 / 4 + 1 / 12))
    assert milestone_comparison(other, one, 2, sides=1).p_value > 0.5
    assert math.isnan(milestone_comparison(one, other, 4).p_value)
    assert math.isnan(milestone_comparison(one, other, 1).p_value)


def test_medians() -> None:
    one = kaplan_meier([1, 2, 3, 4, 9, 9], [1, 1, 1, 1, 0, 0])
    other = kaplan_meier([3, 5, 6, 8, 9, 9], [1, 1, 1, 1, 0, 0])
    test = median_test([one, other])
    # At 5: 2/6 and 4/6, each with variance 1/3 2/3 / 6.
    assert test.median == 5.0
    assert test.statistic == pytest.approx((1 / 3) ** 2 / (2 * 2 / 54))
    assert median_test([one, other, other]).df == 2
