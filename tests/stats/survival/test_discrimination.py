"""Concordance, AUC, Brier score, calibration and decision curve: by algebra, and for any data."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hepatica.errors import InputError
from hepatica.stats.roc import roc
from hepatica.stats.survival import (
    brier_score,
    calibration_groups,
    calibration_slope,
    censoring_curve,
    censoring_weights,
    concordance_difference,
    concordance_of,
    cox,
    decision_curve,
    harrell_c,
    integrated_brier,
    kaplan_meier,
    observed_to_expected,
    time_auc,
    uno_c,
)

subject = st.tuples(st.integers(1, 12), st.booleans(), st.integers(0, 5), st.integers(1, 3))
subjects = st.lists(subject, min_size=3, max_size=30).map(
    lambda rows: np.array(rows, dtype=np.int64)
)


def counted(
    rows: np.ndarray, entry: np.ndarray, stratum: np.ndarray, weight: np.ndarray
) -> list[float]:
    """Count pairs one by one: concordant, discordant, tied score, tied time, tied both."""
    found = [0.0] * 5
    for i, j in combinations(range(len(rows)), 2):
        if stratum[i] != stratum[j]:
            continue
        (t, e, x), (u, f, y) = rows[i, :3].tolist(), rows[j, :3].tolist()
        both = weight[i] * weight[j]
        if t == u and e and f:
            found[4 if x == y else 3] += both
            continue
        if (u, not f) < (t, not e):
            (t, e, x), (u, f, y), later = (u, f, y), (t, e, x), i
        else:
            later = j
        # The first has the event, and the other is followed then.
        if e and (t < u or not f) and entry[later] < t:
            found[2 if x == y else 0 if x > y else 1] += both
    return found


@given(subjects, st.integers(0, 1000))
def test_pairs_are_those_counted_one_by_one(rows: np.ndarray, seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = len(rows)
    entry = rng.integers(-1, rows[:, 0]) * 0.999
    entry = np.maximum(entry, 0.0)
    stratum = rng.integers(0, 2, n)
    weight = rows[:, 3].astype(float)
    wanted = counted(rows, entry, stratum, weight)
    assume(sum(wanted[:3]) > 0)
    found = harrell_c(*rows[:, :3].T, weights=weight, entry=entry, strata=stratum)
    assert [
        found.concordant,
        found.discordant,
        found.tied_score,
        found.tied_time,
        found.tied_both,
    ] == pytest.approx(wanted)
    assert found.c == pytest.approx((wanted[0] + wanted[2] / 2) / sum(wanted[:3]))


@given(subjects)
def test_the_influence_is_the_derivative_by_the_weight(rows: np.ndarray) -> None:
    time, event, score, weight = rows.T
    weight = weight.astype(float)
    assume(sum(counted(rows, np.zeros(len(rows)), np.zeros(len(rows)), weight)[:3]) > 0)
    found = harrell_c(time, event, score, weights=weight)
    step = 1e-5
    for index in (0, len(rows) - 1):
        change = np.zeros(len(rows))
        change[index] = step
        up = harrell_c(time, event, score, weights=weight + change).c
        down = harrell_c(time, event, score, weights=weight - change).c
        slope = (up - down) / (2 * step) * weight[index]
        assert found.influence[index] == pytest.approx(slope, abs=1e-7)
    assert found.std_error == pytest.approx(math.sqrt((found.influence**2).sum()))


@given(subjects)
def test_concordance_knows_the_order_of_scores_only(rows: np.ndarray) -> None:
    time, event, score, _ = rows.T
    for estimate in (harrell_c, uno_c):
        try:
            one = estimate(time, event, score)
        except InputError:
            continue
        same = estimate(time, event, np.exp(score / 3.0) - 7.0)
        assert (same.c, same.std_error) == (one.c, one.std_error)
        turned = estimate(time, event, -score)
        assert turned.c == pytest.approx(1.0 - one.c, abs=1e-12)
        assert turned.std_error == pytest.approx(one.std_error, abs=1e-12)
        scaled = estimate(time * 3.5, event, score)
        assert scaled.c == one.c
        order = np.argsort(score, kind="stable")
        moved = estimate(time[order], event[order], score[order])
        assert moved.c == pytest.approx(one.c, abs=1e-12)


@given(subjects)
def test_whole_weights_are_copies(rows: np.ndarray) -> None:
    time, event, score, weight = rows.T
    assume(event.any())
    copies = np.repeat(np.arange(len(rows)), weight)
    for estimate in (harrell_c, uno_c):
        try:
            one = estimate(time, event, score, weights=weight)
        except InputError:
            continue
        other = estimate(time[copies], event[copies], score[copies])
        assert other.c == pytest.approx(one.c, abs=1e-12)
        assert other.concordant == pytest.approx(one.concordant)
        assert other.tied_score == pytest.approx(one.tied_score)
        per_subject = np.bincount(copies, weights=other.influence)
        np.testing.assert_allclose(per_subject, one.influence, atol=1e-12)


def test_uno_weighs_pairs_by_hand() -> None:
    # Censored at 2 with three at risk: G is 2/3 at the event at 3.
    found = uno_c([1, 2, 3, 4], [1, 0, 1, 1], [4, 1, 2, 3])
    assert found.concordant == pytest.approx(3.0)
    assert found.discordant == pytest.approx(1 / (2 / 3) ** 2)
    assert uno_c([1, 2, 3, 4], [1, 0, 1, 1], [4, 1, 2, 3], tau=2).c == 1.0
    # Without censoring it is Harrell's.
    plain = uno_c([1, 2, 2, 4], [1, 1, 1, 1], [4, 1, 2, 3])
    assert plain.c == harrell_c([1, 2, 2, 4], [1, 1, 1, 1], [4, 1, 2, 3]).c


def test_a_difference_of_concordance_uses_that_the_subjects_are_the_same() -> None:
    rng = np.random.default_rng(4)
    time, event = rng.integers(1, 20, 50), rng.random(50) < 0.7
    score = rng.normal(size=50)
    first, second = harrell_c(time, event, score), harrell_c(time, event, rng.normal(size=50))
    found = concordance_difference(first, second)
    assert found.difference == first.c - second.c
    assert found.lower < found.difference < found.upper
    mirrored = concordance_difference(second, first)
    assert (mirrored.difference, mirrored.p_value) == (-found.difference, found.p_value)
    alike = concordance_difference(first, harrell_c(time, event, 2 * score))
    assert (alike.difference, alike.std_error) == (0.0, 0.0)
    assert math.isnan(alike.p_value)


def test_equal_covariates_stay_tied_in_the_linear_predictor() -> None:
    rng = np.random.default_rng(1)
    x = rng.integers(0, 2, (300, 7)) / 3.0 + 0.1
    time, event = rng.integers(1, 50, 300), rng.random(300) < 0.6
    fit = cox(time, event, x)
    patterns = np.unique(x, axis=0, return_inverse=True)[1]
    ranks = np.unique(x, axis=0) @ fit.coef
    by_pattern = harrell_c(time, event, ranks[patterns])
    assert concordance_of(fit).tied_score == by_pattern.tied_score


def test_clusters_are_summed_in_the_variance() -> None:
    rng = np.random.default_rng(2)
    time, event, x = rng.integers(1, 20, 40), rng.random(40) < 0.7, rng.normal(size=40)
    cluster = np.arange(40) // 2
    plain, grouped = cox(time, event, x), cox(time, event, x, cluster=cluster)
    influence = concordance_of(plain).influence
    wanted = math.sqrt((influence.reshape(-1, 2).sum(axis=1) ** 2).sum())
    assert concordance_of(grouped).std_error == pytest.approx(wanted)


def test_without_censoring_the_auc_is_that_of_two_groups() -> None:
    rng = np.random.default_rng(3)
    time, score = rng.integers(1, 30, 60), rng.integers(0, 9, 60)
    found = time_auc(time, np.ones(60), score, [10, 20])
    for index, at in enumerate((10, 20)):
        ours = roc(score, time <= at)
        assert found.auc[index] == pytest.approx(ours.auc, rel=1e-12)
    assert found.cases.tolist() == [np.sum(time <= 10), np.sum(time <= 20)]
    assert found.controls.tolist() == [np.sum(time > 10), np.sum(time > 20)]


@given(subjects, st.integers(1, 11))
@settings(max_examples=60)
def test_auc_knows_the_order_of_scores_only(rows: np.ndarray, at: int) -> None:
    time, event, score, _ = rows.T
    assume((time > at).any() and (event & (time <= at)).any())
    one = time_auc(time, event, score, [at])
    turned = time_auc(time, event, -score, [at])
    assert turned.auc[0] == pytest.approx(1 - one.auc[0], abs=1e-12)
    assert turned.std_error[0] == pytest.approx(one.std_error[0], abs=1e-12)
    assert time_auc(time, event, np.exp(score), [at]).auc[0] == one.auc[0]
    assert abs(one.influence.mean()) < 1e-9
    order = np.argsort(score, kind="stable")[::-1]
    moved = time_auc(time[order], event[order], score[order], [at])
    np.testing.assert_allclose(moved.influence[0], one.influence[0, order], atol=1e-9)


def test_brier_by_hand() -> None:
    # Censored at 2 with three at risk: the two left weigh 3/2.
    found = brier_score([1, 2, 3, 4], [1, 0, 1, 1], [0.5, 0.5, 0.2, 1.0], [3.5])
    assert found.score[0] == pytest.approx((0.25 + 1.5 * 0.04 + 0.0) / 4)
    weights = censoring_weights([1, 2, 3, 4], [1, 0, 1, 1], 3.5).weight
    np.testing.assert_allclose(weights, [1, 0, 1.5, 1.5], rtol=1e-14)
    np.testing.assert_allclose(censoring_curve([1, 2, 3, 4], [1, 0, 1, 1]).at([1, 2]), [1, 2 / 3])


@given(subjects, st.integers(1, 11))
@settings(max_examples=60)
def test_a_perfect_prediction_has_no_brier_score(rows: np.ndarray, at: int) -> None:
    time, event, score, _ = rows.T
    assume((time > at).any())
    perfect = brier_score(time, event, (time > at).astype(float), [at])
    assert perfect.score[0] == 0.0
    assert perfect.std_error[0] == 0.0
    constant = brier_score(time, event, np.full(len(time), 0.5), [at])
    weight = censoring_weights(time, event, at).weight
    assert constant.score[0] == pytest.approx(weight.sum() / (4 * len(time)))
    assert constant.reference[0] <= constant.score[0] + 1e-12
    # The weights of those whose state is known stand for all.
    if event.any():
        assert weight.sum() == pytest.approx(len(time))
    some = brier_score(time, event, score / 5.0, [at])
    assert abs(some.influence.mean()) < 1e-9


@given(subjects, st.integers(1, 11))
@settings(max_examples=60)
def test_the_curve_of_all_is_the_reference_of_brier(rows: np.ndarray, at: int) -> None:
    time, event, _, _ = rows.T
    assume((time > at).any())
    curve = kaplan_meier(time, event).at([at]).survival
    found = brier_score(time, event, np.full(len(time), curve[0]), [at])
    assert found.score[0] == pytest.approx(found.reference[0])
    # Weighted by the inverse of staying uncensored, the share followed past a time is survival.
    weight = censoring_weights(time, event, at).weight
    assert weight[time > at].sum() / len(time) == pytest.approx(curve[0])
    assert found.score[0] == pytest.approx(curve[0] * (1 - curve[0]), abs=1e-12)


def test_a_score_is_integrated_as_steps() -> None:
    assert integrated_brier([0, 1, 3], [0.0, 0.1, 0.2], 4) == pytest.approx((0.2 + 0.2) / 4)
    assert integrated_brier([2, 3], [0.3, 0.1], 3) == pytest.approx(0.3)


def test_net_benefit_by_hand() -> None:
    # At or above 0.5: events at 1 and 3 and a censoring at 2; survival at 2.5 is 2/3.
    curve = decision_curve([1, 2, 3, 4], [1, 0, 1, 1], [0.9, 0.7, 0.5, 0.1], 2.5, [0.5, 0.05, 0.95])
    assert curve.n_above.tolist() == [3, 4, 0]
    np.testing.assert_allclose(curve.true_positives, [1 / 4, 1 / 4, 0], rtol=1e-12)
    np.testing.assert_allclose(curve.false_positives, [2 / 4, 3 / 4, 0], rtol=1e-12)
    np.testing.assert_allclose(curve.net_benefit, [-1 / 4, 1 / 4 - 3 / 4 / 19, 0], rtol=1e-12)
    np.testing.assert_allclose(curve.net_benefit_all[:2], [-1 / 2, 1 / 4 - 3 / 4 / 19], rtol=1e-12)


def test_net_benefit_needs_follow_up_to_the_time() -> None:
    curve = decision_curve([1, 2, 5], [1, 0, 0], [0.9, 0.8, 0.1], 3, [0.5, 0.05])
    assert math.isnan(curve.net_benefit[0])
    assert curve.net_benefit[1] == pytest.approx(1 / 3 - 2 / 3 / 19)
    gone = decision_curve([1, 2, 5], [1, 1, 0], [0.9, 0.8, 0.1], 3, [0.5])
    assert gone.true_positives[0] == pytest.approx(2 / 3)


def test_calibration_of_the_model_on_its_own_data() -> None:
    rng = np.random.default_rng(6)
    time, event, x = rng.integers(1, 40, 200), rng.random(200) < 0.6, rng.normal(size=200)
    fit = cox(time, event, x)
    survival = np.exp(-0.7 * np.exp(x * fit.coef[0]))
    slope = calibration_slope(time, event, survival)
    assert slope.slope == pytest.approx(1.0, abs=1e-9)
    assert slope.p_value == pytest.approx(1.0, abs=1e-6)
    groups = calibration_groups(time, event, survival, 20, groups=4)
    assert groups.n.sum() == 200
    assert (np.diff(groups.predicted) > 0).all()
    alike = calibration_groups(time, event, np.full(200, 0.5), 20, groups=4)
    whole = kaplan_meier(time, event).at([20])
    assert alike.n.tolist() == [200]
    assert (alike.observed[0], alike.lower[0]) == (whole.survival[0], whole.lower[0])
    large = observed_to_expected([1, 1, 1, 0], [0.5, 0.5, 0.25, 0.25])
    assert (large.ratio, large.std_error) == (2.0, 1 / math.sqrt(3))
    assert large.lower == pytest.approx(2 * math.exp(-1.959963984540054 / math.sqrt(3)))


def test_many_pairs_are_counted_to_the_last() -> None:
    # Three levels of times make the answer algebra.
    n = 50_000
    time = np.repeat([1, 2, 3], n)
    score = np.tile(np.arange(n, dtype=float), 3)
    found = harrell_c(time, np.ones(3 * n), score)
    assert found.concordant == 3 * n * (n - 1) / 2
    assert found.discordant == found.concordant
    assert found.tied_score == 3 * n
    assert found.tied_time == 3 * n * (n - 1) / 2


T, E, X = [1, 2, 3, 4], [1, 1, 0, 0], [0.4, 0.3, 0.2, 0.1]
REFUSED: list[tuple[Callable[[], Any], str]] = [
    (lambda: harrell_c(T, [0, 0, 0, 0], X), "There is no pair to compare"),
    (lambda: harrell_c(T, E, [1, 2, 3]), "score must have one value for each time: 4"),
    (lambda: harrell_c(T, E, [1, 2, 3, np.nan]), "score must be finite; 1 of 4"),
    (lambda: harrell_c(T, E, X, weights=[1, 1, 0, 1]), "weights must be above 0; 1 values"),
    (lambda: harrell_c(T, E, X, entry=[0, 0, 3, 0]), "entry must lie before time; 1 of 4"),
    (lambda: harrell_c(T, E, X, entry=[-1, 0, 0, 0]), "entry must not be negative"),
    (lambda: censoring_curve(T, E).at([np.nan]), "must be finite numbers"),
    (lambda: harrell_c(T, E, X, tau=0), "tau must be a finite number above 0"),
    (lambda: harrell_c(T, E, X, tau=0.5), "There is no pair to compare"),
    (lambda: uno_c(T, E, X, conf_level=1), "conf_level must lie strictly"),
    (lambda: concordance_difference(harrell_c(T, E, X), harrell_c(T[1:], E[1:], X[1:])), "same"),
    (lambda: time_auc(T, E, X, [0.5]), "Nobody has the event by a time asked for"),
    (lambda: time_auc(T, E, X, [4]), "Nobody is followed past the time asked for"),
    (lambda: time_auc(T, E, X, [np.nan]), "at must be finite"),
    (lambda: time_auc(T, E, X, [-1]), "must be a finite number, not negative"),
    (lambda: time_auc(T, E, np.ones((4, 3)), [1, 2]), "one for each time: 2; it has 3"),
    (lambda: brier_score(T, E, [0.1, 1.2, 0, 1], [2]), "probabilities from 0 to 1; 1 values"),
    (lambda: brier_score(T, E, X, [9]), "Nobody is followed past"),
    (lambda: censoring_weights(T, E, 9), "Nobody is followed past"),
    (lambda: integrated_brier([0, 0], [0, 1], 2), "The times must rise"),
    (lambda: integrated_brier([0, 1], [0, 1, 2], 2), "score must have one value for each time"),
    (lambda: integrated_brier([0, 1], [0, 1], 0.5), "the end must lie at or after"),
    (lambda: decision_curve(T, E, X, 2, [0, 0.5]), "thresholds must lie strictly between"),
    (lambda: decision_curve(T, E, [1, 2, 3, 4], 2, [0.5]), "risk must hold probabilities"),
    (lambda: decision_curve(T, E, X, np.inf, [0.5]), "must be a finite number"),
    (lambda: calibration_groups(T, E, X, 2, groups=0), "groups must be at least 1"),
    (lambda: calibration_slope(T, E, [0, 0.1, 0.2, 0.3]), "strictly between 0 and 1"),
    (lambda: observed_to_expected([0, 0], [1, 1]), "at least one event"),
    (lambda: observed_to_expected([1, 0], [-1, 1]), "expected must not be negative"),
]


@pytest.mark.parametrize(("call", "message"), REFUSED, ids=[text for _, text in REFUSED])
def test_what_is_refused(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        call()
    assert message in str(caught.value)
