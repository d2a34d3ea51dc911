"""What holds for any data."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hepatica.errors import InputError
from hepatica.stats.survival import (
    KaplanMeier,
    LogRank,
    SurvivalCounts,
    count_survival,
    counts_from_cells,
    cox,
    kaplan_meier,
    kaplan_meier_by_group,
    kaplan_meier_by_group_from_counts,
    kaplan_meier_from_counts,
    logrank,
    logrank_from_counts,
    milestone_test,
    reverse_kaplan_meier,
    reverse_kaplan_meier_from_counts,
)

CONF_TYPES = ("log-log", "log", "plain", "logit", "arcsine", "rothman-wilson")
RULES = ("midpoint_or_missing", "midpoint_or_first", "first_time")

subject = st.tuples(st.integers(0, 30), st.booleans(), st.integers(0, 2), st.integers(0, 1))
subjects = st.lists(subject, min_size=1, max_size=40).map(
    lambda rows: np.array(rows, dtype=np.int64)
)


def equal(one: KaplanMeier, other: KaplanMeier) -> None:
    for name in KaplanMeier.__slots__:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


@given(subjects, st.sampled_from(CONF_TYPES), st.sampled_from([0.5, 0.9, 0.95, 0.999]))
def test_a_curve_is_a_survival_function(rows: np.ndarray, conf_type: str, level: float) -> None:
    curve = kaplan_meier(rows[:, 0], rows[:, 1], conf_type=conf_type, conf_level=level)
    assert ((curve.survival >= 0) & (curve.survival <= 1)).all()
    assert (np.diff(curve.survival) <= 0).all()
    assert (np.diff(curve.time) > 0).all()
    there = ~np.isnan(curve.lower)
    assert (there == ~np.isnan(curve.upper)).all()
    slack = 1e-12
    assert (curve.lower[there] <= curve.survival[there] + slack).all()
    assert (curve.survival[there] <= curve.upper[there] + slack).all()
    assert ((curve.lower[there] >= 0) & (curve.upper[there] <= 1)).all()
    assert (curve.at_risk[0], curve.n) == (len(rows), len(rows))
    assert curve.n_events + curve.n_censored == curve.n
    assert (np.diff(curve.at_risk) == -(curve.events + curve.censored)[:-1]).all()


@given(subjects, st.randoms(use_true_random=False))
def test_the_order_of_subjects_changes_nothing(rows: np.ndarray, random: object) -> None:
    order = list(range(len(rows)))
    random.shuffle(order)  # type: ignore[attr-defined]
    mixed = rows[order]
    equal(kaplan_meier(rows[:, 0], rows[:, 1]), kaplan_meier(mixed[:, 0], mixed[:, 1]))


@given(subjects)
def test_without_censoring_the_curve_is_the_share_left(rows: np.ndarray) -> None:
    curve = kaplan_meier(rows[:, 0], np.ones(len(rows)))
    left = (rows[:, 0][:, None] > curve.time).mean(axis=0)
    np.testing.assert_allclose(curve.survival, left, atol=1e-12)
    np.testing.assert_allclose(
        curve.std_error[left > 0] ** 2, (left * (1 - left) / len(rows))[left > 0], atol=1e-12
    )


@given(subjects, st.sampled_from(RULES))
def test_counting_and_sorting_agree(rows: np.ndarray, rule: str) -> None:
    # Sevenths are on no lattice: this takes the sorting path, that the counting one.
    time, event = rows[:, 0], rows[:, 1]
    counted = kaplan_meier(time, event, median_rule=rule)
    sorted_ = kaplan_meier(time / 7.0, event, median_rule=rule)
    np.testing.assert_allclose(sorted_.time, counted.time / 7.0)
    for name in ("at_risk", "events", "censored", "survival", "std_error", "lower", "upper"):
        np.testing.assert_array_equal(getattr(sorted_, name), getattr(counted, name))
    for p in (0.25, 0.5, 0.75):
        one, other = counted.quantile(p), sorted_.quantile(p)
        np.testing.assert_allclose(
            [one.estimate, one.lower, one.upper],
            [7 * other.estimate, 7 * other.lower, 7 * other.upper],
        )


@given(subjects)
def test_months_to_two_decimals_are_counted_exactly(rows: np.ndarray) -> None:
    time = rows[:, 0] / 100
    curve = kaplan_meier(time, rows[:, 1])
    assert curve.time.tolist() == np.unique(time).tolist()


def test_times_that_differ_by_rounding_are_tied() -> None:
    curve = kaplan_meier([0.1 + 0.2 + np.pi / 1e3, 0.3 + np.pi / 1e3, 1.0], [1, 0, 1])
    assert curve.at_risk.tolist() == [3, 1]
    fit = cox([0.1 + 0.2, 0.3, 1.0, 1.5], [1, 1, 0, 1], [1, 0, 0, 1])
    tied = cox([0.3, 0.3, 1.0, 1.5], [1, 1, 0, 1], [1, 0, 0, 1])
    np.testing.assert_allclose(fit.coef, tied.coef, rtol=1e-12)


@given(subjects)
def test_quantiles_rise_and_are_bracketed(rows: np.ndarray) -> None:
    curve = kaplan_meier(rows[:, 0], rows[:, 1])
    found = np.array([curve.quantile(p).estimate for p in (0.1, 0.25, 0.5, 0.75, 0.9)])
    reached = found[~np.isnan(found)]
    assert (np.diff(reached) >= 0).all()
    assert np.isnan(found[len(reached) :]).all()
    median = curve.median
    if not np.isnan([median.lower, median.estimate]).any():
        assert median.lower <= median.estimate
    if not np.isnan([median.upper, median.estimate]).any():
        assert median.estimate <= median.upper


@given(subjects)
def test_reading_a_curve_at_its_own_times(rows: np.ndarray) -> None:
    curve = kaplan_meier(rows[:, 0], rows[:, 1])
    read = curve.at(curve.time)
    for name in ("survival", "std_error", "lower", "upper", "at_risk"):
        np.testing.assert_array_equal(getattr(read, name), getattr(curve, name))
    np.testing.assert_array_equal(read.cumulative_events, np.cumsum(curve.events))


@given(subjects, subjects)
def test_counts_merged_are_the_counts_of_the_merge(one: np.ndarray, other: np.ndarray) -> None:
    def counted(rows: np.ndarray) -> SurvivalCounts:
        return count_survival(rows[:, 0], rows[:, 1], rows[:, 2], n_groups=3)

    both = np.concatenate([one, other])
    for merged in (counted(one).merge(counted(other)), counted(other).merge(counted(one))):
        np.testing.assert_array_equal(merged.events, counted(both).events)
        np.testing.assert_array_equal(merged.censored, counted(both).censored)
        assert merged.n.sum() == len(both)


@given(subjects)
def test_counts_give_what_arrays_give(rows: np.ndarray) -> None:
    time, event, group = rows[:, 0], rows[:, 1], rows[:, 2]
    counts = count_survival(time, event, group, n_groups=3)
    equal(kaplan_meier_from_counts(counts), kaplan_meier(time, event))
    equal(reverse_kaplan_meier_from_counts(counts), reverse_kaplan_meier(time, event))
    ours, theirs = kaplan_meier_by_group_from_counts(counts), kaplan_meier_by_group(*rows.T[:3])
    assert ours.groups == theirs.groups
    for one, other in zip(ours.curves, theirs.curves, strict=True):
        equal(one, other)
    cells = counts_from_cells(group, time, event, 1 - event, n_groups=3)
    np.testing.assert_array_equal(cells.events, counts.events)
    np.testing.assert_array_equal(cells.censored, counts.censored)


def compared(rows: np.ndarray, strata: np.ndarray | None = None) -> LogRank:
    try:
        return logrank(rows[:, 0], rows[:, 1], rows[:, 2], strata=strata)
    except InputError:
        assume(False)
        raise


@given(subjects)
def test_logrank_by_counts_and_by_arrays(rows: np.ndarray) -> None:
    test = compared(rows)
    counted = logrank_from_counts(count_survival(rows[:, 0], rows[:, 1], rows[:, 2], n_groups=3))
    assert counted.statistic == test.statistic
    assert counted.groups.tolist() == test.groups.tolist()


@given(subjects, st.permutations([0, 1, 2]))
def test_logrank_does_not_depend_on_codes(rows: np.ndarray, order: list[int]) -> None:
    test = compared(rows)
    renamed = rows.copy()
    renamed[:, 2] = np.array(order)[rows[:, 2]] * 10 - 5
    other = compared(renamed)
    assert other.statistic == pytest.approx(test.statistic, rel=1e-7, abs=1e-9)
    assert (other.df, other.p_value) == (test.df, pytest.approx(test.p_value, rel=1e-6, abs=1e-9))


@given(subjects)
def test_logrank_balances(rows: np.ndarray) -> None:
    test = compared(rows)
    assert test.observed.sum() == pytest.approx(test.expected.sum())
    assert (test.statistic, test.p_value) == (
        pytest.approx(max(test.statistic, 0.0)),
        pytest.approx(min(test.p_value, 1.0)),
    )
    np.testing.assert_allclose(test.variance.sum(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(test.variance, test.variance.T, atol=1e-12)


@given(subjects)
def test_two_equal_copies_do_not_differ(rows: np.ndarray) -> None:
    assume(rows[:, 1].any())
    twice = np.concatenate([rows, rows])
    twice[:, 2] = np.repeat([0, 1], len(rows))
    test = compared(twice)
    assert test.statistic == pytest.approx(0.0, abs=1e-9)
    fit = cox(twice[:, 0], twice[:, 1], twice[:, 2])
    assert fit.coef[0] == pytest.approx(0.0, abs=1e-9)


@given(subjects)
def test_one_stratum_is_no_stratum(rows: np.ndarray) -> None:
    test = compared(rows)
    same = compared(rows, strata=np.full(len(rows), 4))
    assert same.statistic == test.statistic


@settings(max_examples=40)
@given(
    st.lists(subject, min_size=25, max_size=60).map(np.array),
    st.sampled_from(["efron", "breslow"]),
)
def test_cox_mirrors_when_the_covariate_does(rows: np.ndarray, ties: str) -> None:
    time, event, x = rows[:, 0], rows[:, 1], rows[:, 3]
    try:
        fit = cox(time, event, x, ties=ties)
    except InputError:
        assume(False)
        raise
    mirrored = cox(time, event, 1 - x, ties=ties)
    np.testing.assert_allclose(mirrored.coef, -fit.coef, rtol=1e-9, atol=1e-10)
    np.testing.assert_allclose(mirrored.vcov, fit.vcov, rtol=1e-8)
    assert mirrored.loglik == pytest.approx(fit.loglik, rel=1e-11)
    later = cox(np.exp(time / 7.0), event, x, ties=ties)
    np.testing.assert_allclose(later.coef, fit.coef, rtol=1e-9, atol=1e-10)
    assert fit.converged
    assert fit.loglik >= fit.loglik_null - 1e-10


@settings(max_examples=30)
@given(st.lists(subject, min_size=25, max_size=60).map(np.array))
def test_cox_is_at_a_maximum(rows: np.ndarray) -> None:
    """The log partial likelihood, written row by row, falls on both sides of the estimate."""
    time, event, x = rows[:, 0], rows[:, 1], rows[:, 3]
    try:
        fit = cox(time, event, x, ties="breslow")
    except InputError:
        assume(False)
        raise

    def loglik(beta: float) -> float:
        return sum(
            beta * x[i] - np.log(np.exp(beta * x[time >= time[i]]).sum())
            for i in np.flatnonzero(event)
        )

    best = loglik(fit.coef[0])
    assert best == pytest.approx(fit.loglik, rel=1e-10)
    assert loglik(0.0) == pytest.approx(fit.loglik_null, rel=1e-10)
    for away in (-1e-3, 1e-3):
        assert loglik(fit.coef[0] + away) < best


@given(subjects, st.integers(0, 30), st.floats(0.02, 0.98))
def test_the_milestone_test_agrees_with_the_limits(rows: np.ndarray, day: int, null: float) -> None:
    curve = kaplan_meier(rows[:, 0], rows[:, 1])
    read, test = curve.at([day]), milestone_test(curve, day, null)
    assume(0 < read.survival[0] < 1)
    assume(abs(test.p_value - 0.05) > 1e-9)
    assert (test.p_value < 0.05) == (not read.lower[0] <= null <= read.upper[0])
    assert (test.statistic > 0) == (test.estimate > null)
