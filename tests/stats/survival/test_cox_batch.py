"""Many proportional hazards models at once say what each says alone."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hepatica.errors import InputError
from hepatica.stats.survival import (
    CoxBatch,
    CoxStatus,
    NoFiniteEstimateError,
    cox,
    cox_batch,
    cox_bootstrap,
    resample_weights,
)

KINDS = ("tied", "days", "hundredths", "continuous", "nearly_tied")
TIES = ("efron", "breslow")


def data_sets(
    kind: str, r: int, n: int, p: int, seed: int = 3
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(r, n, p))
    X[:, :, 0] = X[:, :, 0] > 0
    event = rng.random((r, n)) < 0.6
    time = {
        "tied": lambda: rng.integers(1, 6, (r, n)),
        "days": lambda: rng.integers(0, 900, (r, n)),
        "hundredths": lambda: rng.integers(0, 900, (r, n)) / 100,
        "continuous": lambda: rng.exponential(5, (r, n)),
        "nearly_tied": lambda: (
            rng.integers(1, 30, (r, n)) * 0.1 * (1 + 3e-16 * rng.integers(0, 2, (r, n)))
        ),
    }[kind]()
    return time, event, X


def check(
    batch: CoxBatch, row: int, time: np.ndarray, event: np.ndarray, X: np.ndarray, tolerance: float
) -> None:
    """Compare one data set of a batch with its fit alone, or with why it has none."""
    status = CoxStatus(int(batch.status[row]))
    try:
        fit = cox(time, event, X, ties=batch.ties, conf_level=batch.conf_level)
    except NoFiniteEstimateError:
        assert status is CoxStatus.NO_FINITE_ESTIMATE
    except InputError:
        assert status in (CoxStatus.NO_EVENTS, CoxStatus.DEPENDENT_COLUMNS)
    else:
        assert status is CoxStatus.FITTED
        for name in ("coef", "std_error", "hazard_ratio", "lower", "upper", "loglik"):
            np.testing.assert_allclose(
                getattr(batch, name)[row], getattr(fit, name), rtol=tolerance, atol=tolerance
            )
        assert (batch.n[row], batch.n_events[row]) == (fit.n, fit.n_events)
        return
    for name in ("coef", "std_error", "hazard_ratio", "lower", "upper", "loglik"):
        assert np.isnan(getattr(batch, name)[row]).all()


@pytest.mark.parametrize("ties", TIES)
@pytest.mark.parametrize("kind", KINDS)
def test_data_sets(kind: str, ties: str) -> None:
    time, event, X = data_sets(kind, 12, 61, 3)
    batch = cox_batch(time, event, X + 40.0, ties=ties, conf_level=0.9)
    assert (batch.status == CoxStatus.FITTED).all()
    for row in range(len(time)):
        check(batch, row, time[row], event[row], X[row] + 40.0, 1e-10)


@pytest.mark.parametrize("ties", TIES)
@pytest.mark.parametrize("kind", KINDS)
def test_resamples(kind: str, ties: str) -> None:
    time, event, X = (values[0] for values in data_sets(kind, 1, 61, 3))
    drawn = np.random.default_rng(8).integers(0, 61, (12, 61))
    batch = cox_bootstrap(time, event, X, resample_weights(drawn, 61), ties=ties)
    assert (batch.status == CoxStatus.FITTED).all()
    for row, rows in enumerate(drawn):
        check(batch, row, time[rows], event[rows], X[rows], 1e-10)


@pytest.mark.parametrize("ties", TIES)
def test_small_data_sets_have_the_status_of_one_fit(ties: str) -> None:
    time, event, X = data_sets("tied", 150, 8, 2)
    batch = cox_batch(time, event, X, ties=ties)
    assert set(batch.status.tolist()) >= {CoxStatus.FITTED, CoxStatus.NO_FINITE_ESTIMATE}
    for row in range(len(time)):
        check(batch, row, time[row], event[row], X[row], 1e-8)


def test_by_hand() -> None:
    batch = cox_batch([[1, 2, 3]], [[1, 1, 1]], [[1, 0, 1]])
    assert batch.hazard_ratio.item() == pytest.approx(1 / sqrt(2), rel=1e-12)
    # Log likelihood at a hazard ratio of 1 / sqrt(2), of three risk sets.
    ratio = 1 / sqrt(2)
    expected = np.log(ratio / (2 * ratio + 1)) + np.log(1 / (ratio + 1))
    assert batch.loglik.item() == pytest.approx(expected, rel=1e-12)


def test_no_number_where_there_is_no_estimate() -> None:
    time = np.tile([1, 2, 3, 4, 5, 6], (5, 1))
    event = np.array([[1, 1, 1, 0, 0, 0], [0] * 6, [1] * 6, [1] * 6, [1, 1, 0, 1, 1, 1]])
    group = np.array(
        [[1, 1, 1, 0, 0, 0], [1, 0] * 3, [1] * 6, [6, 5, 4, 3, 2, 1], [0, 1, 1, 0, 1, 0]]
    )
    batch = cox_batch(time, event, group)
    assert [CoxStatus(one).name for one in batch.status.tolist()] == [
        "NO_FINITE_ESTIMATE",
        "NO_EVENTS",
        "DEPENDENT_COLUMNS",
        "NO_FINITE_ESTIMATE",
        "FITTED",
    ]
    for name in ("coef", "std_error", "hazard_ratio", "lower", "upper", "loglik"):
        values = getattr(batch, name)
        assert np.isnan(values[:4]).all()
        assert np.isfinite(values[4]).all()
        assert not values.flags.writeable


@pytest.mark.parametrize("ties", TIES)
def test_a_combination_of_columns_that_separates(ties: str) -> None:
    rng = np.random.default_rng(5)
    X = rng.normal(size=(4, 30, 2))
    # The sum of the two columns orders the subjects as their time does, neither alone does.
    time = np.argsort(np.argsort(-X.sum(axis=2), axis=1), axis=1)
    batch = cox_batch(time, np.ones_like(time), X, ties=ties)
    assert (batch.status == CoxStatus.NO_FINITE_ESTIMATE).all()


def test_columns_that_follow_from_others() -> None:
    time, event, X = data_sets("days", 3, 40, 2)
    doubled = np.concatenate([X, X[:, :, :1] - 2 * X[:, :, 1:]], axis=2)
    batch = cox_batch(time, event, doubled)
    assert (batch.status == CoxStatus.DEPENDENT_COLUMNS).all()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(KINDS), st.sampled_from(TIES))
def test_the_order_of_subjects_and_data_sets_is_nothing(seed: int, kind: str, ties: str) -> None:
    rng = np.random.default_rng(seed)
    time, event, X = data_sets(kind, 4, 40, 2, seed)
    sets, subjects = rng.permutation(4), rng.permutation(40)
    first = cox_batch(time, event, X, ties=ties)
    again = cox_batch(
        time[sets][:, subjects], event[sets][:, subjects], X[sets][:, subjects], ties=ties
    )
    np.testing.assert_array_equal(first.status[sets], again.status)
    np.testing.assert_allclose(first.coef[sets], again.coef, rtol=1e-9, atol=1e-10)
    np.testing.assert_allclose(first.std_error[sets], again.std_error, rtol=1e-9)


@pytest.mark.parametrize("ties", TIES)
def test_one_data_set_and_every_subject_once(ties: str) -> None:
    time, event, X = data_sets("tied", 1, 50, 2)
    batch = cox_batch(time, event, X, ties=ties)
    check(batch, 0, time[0], event[0], X[0], 1e-10)
    once = cox_bootstrap(time[0], event[0], X[0], np.ones((1, 50), dtype=int), ties=ties)
    np.testing.assert_allclose(once.coef, batch.coef, rtol=1e-10, atol=1e-12)


def test_many_blocks_and_one() -> None:
    time, event, X = data_sets("days", 1, 700, 2)
    counts = resample_weights(np.random.default_rng(2).integers(0, 700, (60, 700)), 700)
    together = cox_bootstrap(time[0], event[0], X[0], counts)
    for row in (0, 59):
        alone = cox_bootstrap(time[0], event[0], X[0], counts[row : row + 1])
        np.testing.assert_allclose(alone.coef[0], together.coef[row], rtol=1e-10)
        np.testing.assert_allclose(alone.loglik[0], together.loglik[row], rtol=1e-12)


def test_breslow_weights_are_case_weights() -> None:
    time, event, X = data_sets("days", 1, 80, 2)
    counts = resample_weights(np.random.default_rng(4).integers(0, 80, (3, 80)), 80)
    batch = cox_bootstrap(time[0], event[0], X[0], counts, ties="breslow")
    for row, weights in enumerate(counts):
        fit = cox(time[0], event[0], X[0], ties="breslow", weights=weights)
        np.testing.assert_allclose(batch.coef[row], fit.coef, rtol=1e-10)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1, 2], [1, 1], [0, 1]), "time must have 2 axis"),
        (([[1, 2]], [[1, 2]], [[0, 1]]), "event must be 0 or 1"),
        (([[1, 2]], [[1, 1, 1]], [[0, 1]]), "event must have the shape"),
        (([[1, 2]], [[1, 1]], [[0, 1, 1]]), "X must have one row"),
        (([[1, 2]], [[1, 1]], [[0, np.nan]]), "X must be finite"),
        (([[-1, 2]], [[1, 1]], [[0, 1]]), "time must not be negative"),
    ],
)
def test_refusals_of_data_sets(arguments: tuple, message: str) -> None:
    with pytest.raises(InputError, match=message):
        cox_batch(*arguments)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([[1, 2]], "one column for each time"),
        ([[1, 2, -1]], "whole numbers, not negative"),
        ([[1, 2, 0.5]], "whole numbers, not negative"),
        ([[0, 0, 0]], "needs a subject"),
    ],
)
def test_refusals_of_resamples(weights: list, message: str) -> None:
    with pytest.raises(InputError, match=message):
        cox_bootstrap([1, 2, 3], [1, 1, 1], [1, 0, 1], weights)


def test_refusals_of_options() -> None:
    with pytest.raises(InputError, match="ties must be one of efron, breslow"):
        cox_batch([[1, 2]], [[1, 1]], [[0, 1]], ties="exact")
    with pytest.raises(InputError, match="conf_level"):
        cox_bootstrap([1, 2], [1, 1], [0, 1], [[1, 1]], conf_level=1.0)


def test_small_resamples_have_the_status_of_one_fit() -> None:
    # Some of them end after those that rise without end are looked for.
    rng = np.random.default_rng(7)
    time, event, X = (values[0] for values in data_sets("tied", 1, 12, 2, 1))
    drawn = rng.integers(0, 12, (150, 12))
    batch = cox_bootstrap(time, event, X, resample_weights(drawn, 12))
    assert set(batch.status.tolist()) >= {CoxStatus.FITTED, CoxStatus.NO_FINITE_ESTIMATE}
    for row, rows in enumerate(drawn):
        check(batch, row, time[rows], event[rows], X[rows], 1e-8)
