"""What holds for the tests of survival whatever the data; and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hepatica.errors import InputError
from hepatica.stats.survival import (
    count_survival,
    cox,
    curve_hazard,
    exponential_hazard,
    kaplan_meier,
    logrank,
    logrank_exact,
    logrank_from_counts,
    logrank_permutation,
    logrank_trend,
    max_combo,
    max_combo_from_counts,
    median_test,
    milestone_comparison,
    one_sample_logrank,
    one_sample_logrank_from_counts,
    pairwise_logrank,
    rank_scores,
    weibull_hazard,
)
from hepatica.stats.survival._rank_weights import WEIGHTS

weights = st.sampled_from(
    [(kind, 0.0, 0.0) for kind in WEIGHTS] + [("fleming-harrington", 0.5, 1.0)]
)
subject = st.tuples(
    st.integers(1, 20), st.booleans(), st.integers(0, 1), st.integers(0, 2), st.integers(0, 19)
)
subjects = st.lists(subject, min_size=4, max_size=30).map(lambda rows: np.array(rows, np.int64))


def compared(rows: np.ndarray, choice: tuple[str, float, float], **more):
    kind, rho, gamma = choice
    try:
        return logrank(
            rows[:, 0], rows[:, 1], rows[:, 2], weight=kind, rho=rho, gamma=gamma, **more
        )
    except InputError:
        assume(False)


def close(one: float, other: float) -> None:
    assert one == pytest.approx(other, rel=1e-9, abs=1e-9)


@given(subjects, weights)
def test_the_square_of_the_trend_of_two_groups_is_the_statistic(rows, choice) -> None:
    test = compared(rows, choice)
    close(logrank_trend(test).statistic, test.statistic)


@given(subjects, weights, st.randoms(use_true_random=False))
def test_order_unit_and_a_constant_stratum_change_nothing(rows, choice, random) -> None:
    test = compared(rows, choice)
    order = list(range(len(rows)))
    random.shuffle(order)
    close(compared(rows[order], choice).statistic, test.statistic)
    scaled = rows.astype(float)
    scaled[:, 0] *= 0.137
    close(compared(scaled, choice).statistic, test.statistic)
    close(compared(rows, choice, strata=np.full(len(rows), 7)).statistic, test.statistic)
    close(compared(rows, choice, entry=np.zeros(len(rows))).statistic, test.statistic)


@given(subjects, weights)
def test_scores_sum_to_observed_less_expected(rows, choice) -> None:
    test = compared(rows, choice)
    kind, rho, gamma = choice
    scores = rank_scores(rows[:, 0], rows[:, 1], weight=kind, rho=rho, gamma=gamma)
    close(scores[rows[:, 2] == 1].sum(), test.observed[1] - test.expected[1])
    close(scores.sum(), 0.0)


@given(subjects, weights)
def test_counts_and_subjects_agree(rows, choice) -> None:
    entry = np.minimum(rows[:, 4], rows[:, 0] - 1)
    test = compared(rows, choice, strata=rows[:, 3], entry=entry)
    counts = count_survival(
        rows[:, 0], rows[:, 1], rows[:, 2], entry=entry, strata=rows[:, 3], n_groups=2
    )
    kind, rho, gamma = choice
    counted = logrank_from_counts(counts, weight=kind, rho=rho, gamma=gamma)
    close(counted.statistic, test.statistic)
    assert counted.n.tolist() == test.n.tolist()


@given(subjects, weights)
def test_swapping_the_groups_turns_the_sign(rows, choice) -> None:
    test = compared(rows, choice)
    swapped = rows.copy()
    swapped[:, 2] = 1 - swapped[:, 2]
    other = compared(swapped, choice)
    close(other.statistic, test.statistic)
    close(logrank_trend(other).z, -logrank_trend(test).z)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(6, 40))
def test_without_ties_it_is_the_score_test_of_cox(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    time, event, group = rng.permutation(n) + 1, rng.random(n) < 0.7, rng.permutation(n) % 2
    assume(event.sum() >= 3)
    strata = rng.integers(0, 2, n)
    try:
        fit = cox(time, event, group[:, np.newaxis], ties="breslow", strata=strata)
        test = logrank(time, event, group, strata=strata)
    except InputError:
        assume(False)
    close(test.statistic, fit.score_test.statistic)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(6, 30))
def test_with_ties_it_is_the_score_test_of_the_exact_likelihood(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    time, event, group = rng.integers(1, 8, n), rng.random(n) < 0.7, rng.permutation(n) % 2
    assume(event.sum() >= 3)
    try:
        fit = cox(time, event, group[:, np.newaxis], ties="exact")
        test = logrank(time, event, group)
    except InputError:
        assume(False)
    close(test.statistic, fit.score_test.statistic)


@settings(max_examples=25, deadline=None)
@given(subjects)
def test_the_exact_p_value_is_one_of_a_permutation_test(rows) -> None:
    rows = rows[:12]
    assume(len(set(rows[:, 2].tolist())) == 2 and rows[:, 1].any())
    try:
        test = logrank_exact(rows[:, 0], rows[:, 1], rows[:, 2])
    except InputError:
        assume(False)
    assert 0.0 < test.p_value <= 1.0
    # What was seen counts on both sides.
    assert test.p_less + test.p_greater > 1.0
    assert min(test.p_less, test.p_greater) <= test.p_value + 1e-12


@settings(max_examples=25, deadline=None)
@given(subjects)
def test_the_joint_p_value_lies_between_the_best_and_bonferroni(rows) -> None:
    try:
        test = max_combo(rows[:, 0], rows[:, 1], rows[:, 2])
    except InputError:
        assume(False)
    counts = count_survival(rows[:, 0], rows[:, 1], rows[:, 2], n_groups=2)
    close(max_combo_from_counts(counts).p_value, test.p_value)
    best = float(test.p_values.min())
    assert best - 1e-9 <= test.p_value <= min(1.0, 4 * best) + 1e-9


@given(subjects)
def test_splitting_the_follow_up_changes_no_one_sample_test(rows) -> None:
    entry = np.minimum(rows[:, 4], rows[:, 0] - 1)
    hazard = weibull_hazard(range(21), shape=1.3, scale=9)
    each = one_sample_logrank(rows[:, 1], hazard[rows[:, 0]] - hazard[entry])
    counted = one_sample_logrank_from_counts(
        count_survival(rows[:, 0], rows[:, 1], rows[:, 2], entry=entry), hazard
    )
    close(counted.expected, each.expected)
    assert each.lower <= each.ratio <= each.upper


CURVE = kaplan_meier([1, 2, 3, 4], [1, 1, 1, 0])
TWO = ([1, 2, 3, 4], [1, 1, 1, 1], [0, 1, 0, 1])
RNG = np.random.default_rng(1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: logrank(*TWO, weight="wilcoxon"), "weight must be one of logrank, gehan"),
        (lambda: logrank(*TWO, rho=1), "rho and gamma belong to"),
        (lambda: logrank(*TWO, weight="fleming-harrington", rho=-1), "rho must be a number not"),
        (lambda: logrank(*TWO, weight="fleming-harrington", gamma=np.nan), "gamma must be a num"),
        (lambda: logrank(*TWO, entry=[0, 0, 3, 0]), "entry must lie before time; 1 of 4"),
        (lambda: logrank(*TWO, entry=[0, -1, 0, 0]), "entry must not be negative"),
        (lambda: logrank(*TWO, entry=[0, 0]), "entry must have one value"),
        (lambda: logrank([1, np.nan], [1, 1], [0, 1]), "time must be finite; 1 of 2"),
        (
            lambda: logrank([3, 3], [1, 0], [0, 1], weight="fleming-harrington", gamma=1),
            "weights are 0 at all times",
        ),
        (lambda: logrank_trend(logrank(*TWO), [1, 2, 3]), "scores must have one value for each"),
        (lambda: logrank_trend(logrank(*TWO), [2, 2]), "must differ in their scores"),
        (lambda: logrank_trend(logrank(*TWO), sides=3), "sides must be 1 or 2"),
        (lambda: pairwise_logrank(*TWO, method="x"), "method must be one of"),
        (lambda: pairwise_logrank(*TWO, weight="x"), "weight must be one of"),
        (lambda: pairwise_logrank([1, 2], [1, 1], [0, 0]), "at least two groups"),
        (lambda: pairwise_logrank([1, 2], [0, 0], [0, 1]), "at least one event"),
        (lambda: logrank_exact([1, 2, 3], [1, 1, 1], [0, 1, 2]), "exact test compares two groups"),
        (lambda: logrank_exact([1, 2], [0, 0], [0, 1]), "at least one event"),
        (lambda: logrank_exact([1, 1], [1, 1], [0, 1]), "all subjects have the same score"),
        (
            lambda: logrank_exact(range(1, 121), [1] * 120, [0, 1] * 60),
            "too many different sums",
        ),
        (lambda: logrank_permutation(*TWO, 0, RNG), "replicates must be at least 1"),
        (lambda: logrank_permutation([1, 2], [1, 1], [0, 0], 9, RNG), "at least two groups"),
        (lambda: max_combo(*TWO, weights=[(0, 0)]), "weights must hold two to 4"),
        (lambda: max_combo(*TWO, weights=[(0, 0)] * 5), "weights must hold two to 4"),
        (lambda: max_combo([1, 2, 3], [1, 1, 1], [0, 1, 2]), "compares two groups; there are 3"),
        (lambda: max_combo([3, 3], [1, 0], [0, 1]), "has no variance"),
        (lambda: max_combo(*TWO, sides=0), "sides must be 1 or 2"),
        (lambda: one_sample_logrank([1, 0], [0.0, 0.0]), "expects no event"),
        (lambda: one_sample_logrank([1, 0], [0.5, -0.5]), "must not be negative; 1 of 2"),
        (lambda: one_sample_logrank([1, 0], [0.5]), "event must have one value"),
        (lambda: one_sample_logrank([1, 0], [0.5, np.inf]), "cumulative_hazard must be finite"),
        (lambda: one_sample_logrank([1], [0.5], sides=3), "sides must be 1 or 2"),
        (lambda: one_sample_logrank([1], [0.5], conf_level=95), "conf_level must lie"),
        (
            lambda: one_sample_logrank_from_counts(count_survival([5], [1]), [0.1]),
            "needs a value for each of 6 days",
        ),
        (lambda: exponential_hazard([1], rate=0), "rate must be a number above 0"),
        (lambda: weibull_hazard([1], shape=1, scale=np.inf), "scale must be a number above 0"),
        (lambda: curve_hazard(CURVE, [1, 9]), "ends before 1 of 2 times"),
        (lambda: milestone_comparison(CURVE, CURVE, 2, scale="x"), "scale must be one of"),
        (lambda: milestone_comparison(CURVE, CURVE, 2, sides=0), "sides must be 1 or 2"),
        (lambda: median_test([CURVE]), "at least two groups"),
        (lambda: median_test([kaplan_meier([1, 2], [0, 0])] * 2), "median is not reached"),
        (
            lambda: median_test([kaplan_meier([9], [1]), kaplan_meier([1, 2, 9], [1, 1, 0])]),
            "followed to the common median",
        ),
    ],
)
def test_refusals(call: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        call()  # type: ignore[operator]
