"""Many data sets at once say what each says alone."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hepatica.errors import InputError
from hepatica.stats.survival import (
    KaplanMeier,
    KaplanMeierBatch,
    LogRankBatch,
    kaplan_meier,
    kaplan_meier_batch,
    kaplan_meier_bootstrap,
    logrank,
    logrank_batch,
    logrank_permutations,
    permuted_groups,
    resample_weights,
)
from hepatica.stats.survival._crossing import MEDIAN_RULES
from hepatica.stats.survival._limits import CONF_TYPES

KINDS = ("tied", "days", "months", "continuous", "nearly_tied")


def data_sets(kind: str, r: int = 25, n: int = 13) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(11)
    time = rng.integers(0, 6 if kind == "tied" else 900, (r, n))
    event = rng.random((r, n)) < 0.6
    event[0], event[1] = False, True
    if kind == "months":
        return time / 100, event
    if kind == "continuous":
        return rng.exponential(5, (r, n)), event
    if kind == "nearly_tied":
        steps = rng.integers(1, 9, (r, n)) * 0.1
        return steps * (1 + rng.integers(0, 2, (r, n)) * 3e-16), event
    return time, event


def check_curve(batch: KaplanMeierBatch, row: int, curve: KaplanMeier) -> None:
    one, read = curve.quantile(batch.p), curve.at(batch.time)
    np.testing.assert_allclose(
        [batch.estimate[row], batch.lower[row], batch.upper[row]],
        [one.estimate, one.lower, one.upper],
        rtol=1e-12,
    )
    for ours, theirs in (
        (batch.survival, read.survival),
        (batch.std_error, read.std_error),
        (batch.survival_lower, read.lower),
        (batch.survival_upper, read.upper),
    ):
        np.testing.assert_allclose(ours[row], theirs, rtol=1e-12, atol=1e-12)
    assert (batch.n[row], batch.n_events[row]) == (curve.n, curve.n_events)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("conf_type", "rule"), list(product(CONF_TYPES, MEDIAN_RULES)))
def test_curves(kind: str, conf_type: str, rule: str) -> None:
    time, event = data_sets(kind, r=8)
    landmarks = [0.0, *np.quantile(time, [0.0, 0.3, 0.6, 1.0])]
    p = 0.5 if rule == "first_time" else 0.25
    options = {"conf_type": conf_type, "median_rule": rule}
    batch = kaplan_meier_batch(time, event, landmarks=landmarks, p=p, **options)
    for row in range(len(time)):
        check_curve(batch, row, kaplan_meier(time[row], event[row], **options))


@pytest.mark.parametrize("rule", MEDIAN_RULES)
def test_flat_steps(rule: str) -> None:
    time = [[1, 2, 3, 4], [4, 3, 2, 1], [1, 2, 3, 3]]
    event = [[1, 1, 1, 1], [0, 0, 1, 1], [1, 1, 0, 1]]
    batch = kaplan_meier_batch(time, event, landmarks=[2], median_rule=rule)
    for row in range(3):
        check_curve(batch, row, kaplan_meier(time[row], event[row], median_rule=rule))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("conf_type", CONF_TYPES)
def test_bootstrap(kind: str, conf_type: str) -> None:
    time, event = (values[3] for values in data_sets(kind))
    drawn = np.random.default_rng(2).integers(0, len(time), (10, len(time)))
    landmarks = np.quantile(time, [0.1, 0.6, 1.0])
    weights = resample_weights(drawn, len(time))
    batch = kaplan_meier_bootstrap(time, event, weights, landmarks=landmarks, conf_type=conf_type)
    for row, chosen in enumerate(drawn):
        check_curve(batch, row, kaplan_meier(time[chosen], event[chosen], conf_type=conf_type))


def check_test(
    batch: LogRankBatch, row: int, time: np.ndarray, event: np.ndarray, group: np.ndarray
) -> int:
    try:
        test = logrank(time, event, group)
    except InputError:
        assert np.isnan([batch.statistic[row], batch.p_value[row]]).all()
        return 0
    at = np.searchsorted(batch.groups, test.groups)
    for ours, theirs in (
        (batch.statistic[row], test.statistic),
        (batch.df[row], test.df),
        (batch.observed[row, at], test.observed),
        (batch.expected[row, at], test.expected),
        (batch.variance[row][np.ix_(at, at)], test.variance),
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(batch.p_value[row], test.p_value, rtol=1e-10)
    return 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("k", [2, 3, 5])
def test_tests(kind: str, k: int) -> None:
    time, event = data_sets(kind)
    rng = np.random.default_rng(3)
    group = rng.integers(0, k, time.shape)
    batch = logrank_batch(time, event, group)
    compared = sum(
        check_test(batch, row, time[row], event[row], group[row]) for row in range(len(time))
    )
    assert compared >= 15
    permuted = permuted_groups(group[4] * 7 - 3, 30, rng)
    batch = logrank_permutations(time[5], event[5], permuted)
    compared = sum(check_test(batch, row, time[5], event[5], permuted[row]) for row in range(30))
    assert compared >= 15


def test_many_times_take_the_other_way() -> None:
    rng = np.random.default_rng(4)
    time, event = rng.exponential(5, 400).round(2), rng.random(400) < 0.8
    permuted = permuted_groups(np.arange(400) % 3, 10, rng)
    batch = logrank_permutations(time, event, permuted)
    assert sum(check_test(batch, row, time, event, permuted[row]) for row in range(10)) == 10


def test_permutations_keep_the_groups_and_are_uniform() -> None:
    drawn = permuted_groups([5, 5, 8, 9], 12_000, np.random.default_rng(6))
    assert (np.sort(drawn, axis=1) == [5, 5, 8, 9]).all()
    counts = np.unique(drawn, axis=0, return_counts=True)[1]
    # 12 arrangements, 1,000 of each expected, standard deviation 30.
    assert len(counts) == 12
    assert np.abs(counts - 1000).max() < 150
    again = permuted_groups([5, 5, 8, 9], 12_000, np.random.default_rng(6))
    assert np.array_equal(drawn, again)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 6), st.integers(1, 9), st.integers(0, 2**32 - 1))
def test_any_shape(r: int, n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    time, event = rng.integers(0, 12, (r, n)), rng.random((r, n)) < 0.5
    batch = kaplan_meier_batch(time, event, landmarks=[3, 20])
    for row in range(r):
        check_curve(batch, row, kaplan_meier(time[row], event[row]))
    if n > 1:
        group = np.arange(n) % 2
        tests = logrank_batch(time, event, group)
        for row in range(r):
            check_test(tests, row, time[row], event[row], group)


ONE = [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: kaplan_meier_batch([1, 2], [1, 1]), "time must have 2 axis"),
        (lambda: kaplan_meier_batch([[1, -2]], [[1, 1]]), "time must not be negative; 1 of 2"),
        (lambda: kaplan_meier_batch([[1, np.nan]], [[1, 1]]), "time must be finite; 1 of 2"),
        (lambda: kaplan_meier_batch(ONE, [[1, 1]]), "event must have the shape of time"),
        (lambda: kaplan_meier_batch(ONE, [[1, 2], [0, 1]]), "event must be 0 or 1; 1 of 4"),
        (lambda: kaplan_meier_batch([[2**60]], [[1]]), "time must be below"),
        (lambda: kaplan_meier_batch(ONE, [[1, 1]] * 2, p=1.0), "p must lie between 1e-06"),
        (lambda: kaplan_meier_batch(ONE, [[1, 1]] * 2, p=np.nan), "p must lie between 1e-06"),
        (lambda: kaplan_meier_batch(ONE, [[1, 1]] * 2, conf_type="x"), "conf_type must be one of"),
        (lambda: kaplan_meier_batch(ONE, [[1, 1]] * 2, landmarks=[-1]), "must not be negative"),
        (lambda: kaplan_meier_bootstrap([1, 2], [1, 1], [[1, 1, 1]]), "weights must have one col"),
        (lambda: kaplan_meier_bootstrap([1, 2], [1, 1], [[1, -1]]), "weights must be whole"),
        (lambda: kaplan_meier_bootstrap([1, 2], [1, 1], [[0, 0]]), "Every resample needs"),
        (lambda: resample_weights([[0, 5]], 3), "indices must be whole numbers from 0 to 2"),
        (lambda: logrank_batch(ONE, [[1, 1]] * 2, [0, 0]), "at least two groups"),
        (lambda: logrank_batch(ONE, [[1, 1]] * 2, [0, 1, 0]), "group must have the shape"),
        (lambda: logrank_batch([range(300)], [[1] * 300], range(300)), "At most 256 groups"),
        (lambda: logrank_permutations([1, 2], [1, 1], [[0, 1, 1]]), "group must have the shape"),
        (lambda: permuted_groups([1, 1], 3, np.random.default_rng(1)), "at least two groups"),
        (lambda: permuted_groups([1, 0], 0, np.random.default_rng(1)), "replicates must be"),
    ],
)
def test_refusals(call: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        call()  # type: ignore[operator]
