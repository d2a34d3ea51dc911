"""Logistic models by hand, under separation, and their properties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from hepatica.errors import InputError
from hepatica.stats.logistic import NoFiniteEstimateError, logistic
from hepatica.stats.logistic_firth import logistic_firth


def test_three_groups_have_the_odds_of_their_counts() -> None:
    # 1 of 4, 2 of 4, 3 of 4: odds 1/3, 1, 3.
    group = np.repeat([0, 1, 2], 4)
    event = np.array([1, 0, 0, 0, 1, 1, 0, 0, 1, 1, 1, 0])
    fit = logistic(event, group[:, None] == np.array([1, 2]))
    np.testing.assert_allclose(fit.odds_ratio, [3.0, 9.0], rtol=1e-12)
    np.testing.assert_allclose(fit.intercept, np.log(1.0 / 3.0), rtol=1e-12)
    # The variance of a log odds ratio is the sum of the reciprocals of its four counts.
    np.testing.assert_allclose(
        fit.std_error**2, [1 + 1 / 3 + 1 / 2 + 1 / 2, 1 + 1 / 3 + 1 / 3 + 1], rtol=1e-12
    )
    np.testing.assert_allclose(fit.loglik_null, 12 * np.log(0.5), rtol=1e-12)


def test_firth_adds_half_a_subject_to_each_cell_of_two_groups() -> None:
    event = np.array([1] * 5 + [0] * 2 + [0] * 6)
    x = np.array([1] * 7 + [0] * 6)
    fit = logistic_firth(event, x)
    np.testing.assert_allclose(fit.odds_ratio, (5.5 * 6.5) / (2.5 * 0.5), rtol=1e-10)
    np.testing.assert_allclose(fit.intercept, np.log(0.5 / 6.5), rtol=1e-10)
    assert fit.lower[0] > 1.0
    assert np.isfinite(fit.upper[0])


@pytest.mark.parametrize(
    ("event", "x", "column"),
    [
        # One group without an event; a number with a gap; ties at the end of the gap.
        ([0, 0, 0, 1, 0, 1], [[0], [0], [0], [1], [1], [1]], 0),
        ([0, 0, 0, 1, 1, 1], [[1], [2], [3], [4], [5], [6]], 0),
        ([0, 0, 1, 0, 1, 1], [[1], [2], [3], [3], [4], [5]], 0),
        # The second column separates, the first does not.
        ([0, 1, 0, 0, 1, 1], [[1, 1], [4, 5], [3, 2], [2, 3], [1, 7], [3, 6]], 1),
    ],
)
def test_separated_outcomes_are_refused_by_name(
    event: list[int], x: list[list[float]], column: int
) -> None:
    with pytest.raises(NoFiniteEstimateError, match=f"column {column} has no finite estimate"):
        logistic(event, x)
    fit = logistic_firth(event, x)
    assert fit.converged
    assert np.isfinite(fit.coef).all()


def test_a_combination_that_separates_is_found_though_no_column_does() -> None:
    generator = np.random.default_rng(2)
    x = generator.normal(size=(40, 3))
    event = (x @ [1.0, -2.0, 0.5] > 0).astype(int)
    for column in x.T:
        logistic(event, column)
    with pytest.raises(NoFiniteEstimateError):
        logistic(event, x)


def test_large_effects_that_do_not_separate_are_estimated() -> None:
    # One subject on the wrong side holds an otherwise perfect separation.
    x = np.arange(40.0)
    event = (x >= 20).astype(int)
    event[[19, 20]] = [1, 0]
    fit = logistic(event, x)
    assert fit.converged
    residual = event - expit(fit.intercept + fit.coef[0] * x)
    np.testing.assert_allclose([residual.sum(), residual @ x], 0.0, atol=1e-9)


@pytest.mark.parametrize(
    ("event", "x", "message"),
    [
        ([1, 1, 1], [1, 2, 3], "All subjects have an event"),
        ([0, 0, 0], [1, 2, 3], "All subjects have no event"),
        ([0, 1, 1], [2, 2, 2], "Column 0 of X is the same for all subjects"),
        ([0, 1, 1, 0], [[1, 2], [2, 4], [3, 6], [5, 10]], "Column 1 of X follows"),
        ([0, 2, 1], [1, 2, 3], "event must be 0 or 1"),
        ([0, 1], [1, 2, 3], "event must have one value"),
        ([0, 1, 0], [1, np.nan, 3], "X must be finite"),
    ],
)
def test_what_cannot_be_fitted_is_refused(event: list[int], x: list[object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        logistic(event, x)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.01, 100.0]))
def test_estimates_solve_the_score_and_follow_the_units(seed: int, unit: float) -> None:
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(60, 2)) + 3.0
    event = (generator.random(60) < expit(x[:, 0] - 3.0)).astype(int)
    fit = logistic(event, x)
    residual = event - fit.probability
    np.testing.assert_allclose(np.append(residual.sum(), x.T @ residual), 0.0, atol=1e-8)
    other = logistic(event, x * unit)
    np.testing.assert_allclose(other.coef * unit, fit.coef, rtol=1e-8)
    np.testing.assert_allclose(other.z, fit.z, rtol=1e-8)
    shrunk = logistic_firth(event, x * unit)
    np.testing.assert_allclose(shrunk.coef * unit, logistic_firth(event, x).coef, rtol=1e-7)
    assert (shrunk.lower < shrunk.odds_ratio).all()
    assert (shrunk.odds_ratio < shrunk.upper).all()
