"""Chained equations: draws by hand and by their distribution, and what nothing may change."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hepatica.errors import InputError
from hepatica.stats.imputation import (
    category_scores,
    draw_categories,
    draw_normal,
    impute_chained,
    matched_donors,
    potential_scale_reduction,
)
from hepatica.stats.rubin import pool_rubin

SIMULATION = Path(__file__).parents[2] / "validation" / "mice" / "simulation.json"


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def correlated(n: int, seed: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Return a table of a number, two and three categories, and the same with values missing."""
    draw = rng(seed)
    x = draw.standard_normal(n)
    two = (draw.random(n) < 1 / (1 + np.exp(-x))).astype(float)
    three = np.minimum(2, (draw.random(n) < 0.5).astype(float) + two)
    table = np.column_stack([x, two, three])
    lost = table.copy()
    lost[draw.random(table.shape) < 0.25] = np.nan
    return table, lost


# --- the models -------------------------------------------------------------------------------


def test_a_linear_draw_has_the_moments_of_its_posterior() -> None:
    x = np.column_stack([np.ones(40), np.linspace(-1, 1, 40)])
    y = 2.0 + 3.0 * x[:, 1] + rng(2).standard_normal(40)
    draws = [draw_normal(y, x, rng(seed)) for seed in range(4000)]
    least_squares, rss, *_ = np.linalg.lstsq(x, y, rcond=None)
    np.testing.assert_allclose(draws[0].coef, least_squares, rtol=1e-4)
    variance = rss[0] / 38
    # The mean of the drawn variance is rss / (df - 2); that of coefficients has its inverse.
    sigma = np.array([one.drawn_sigma for one in draws])
    assert np.mean(sigma**2) == pytest.approx(rss[0] / 36, rel=0.02)
    drawn = np.array([one.drawn_coef for one in draws])
    expected = np.linalg.inv(x.T @ x) * variance * 38 / 36
    np.testing.assert_allclose(drawn.mean(axis=0), least_squares, atol=0.02)
    np.testing.assert_allclose(np.cov(drawn.T), expected, atol=0.06 * expected.max())


def test_without_predictors_the_logistic_estimate_is_the_log_odds() -> None:
    category = np.array([0] * 10 + [1] * 30 + [2] * 20)
    drawn = draw_categories(category, np.ones((60, 1)), 3, rng())
    np.testing.assert_allclose(drawn.coef[0], np.log([3.0, 2.0]), rtol=1e-5)
    shares = [
        draw_categories(category, np.ones((60, 1)), 3, rng(seed)).drawn_coef[0]
        for seed in range(1000)
    ]
    # Covariance of log odds: 1/10 shared, 1/30 and 1/20 of their own.
    expected = [[0.1 + 1 / 30, 0.1], [0.1, 0.1 + 1 / 20]]
    np.testing.assert_allclose(np.cov(np.array(shares).T), expected, atol=0.015)


def test_two_categories_are_a_logistic_model_of_augmented_data() -> None:
    draw = rng(3)
    x = np.column_stack([np.ones(50), draw.standard_normal(50)])
    category = (draw.random(50) < 0.5).astype(int)
    coef = draw_categories(category, x, 2, rng()).coef[:, 0]
    # The score of the 50 records and of two added ones, in the shares of the known, is zero.
    mean, spread = x[:, 1].mean(), x[:, 1].std(ddof=1)
    rows = np.concatenate([x, [[1, mean + spread], [1, mean - spread]]])
    share = np.concatenate([category, [category.mean()] * 2])
    weight = np.concatenate([np.ones(50), [1.0, 1.0]])
    fitted = 1 / (1 + np.exp(-rows @ coef))
    np.testing.assert_allclose(rows.T @ (weight * (share - fitted)), 0.0, atol=1e-4)


def test_separated_categories_stay_finite() -> None:
    x = np.column_stack([np.ones(20), np.repeat([0.0, 1.0], 10)])
    category = np.repeat([0, 1], 10)
    drawn = draw_categories(category, x, 2, rng())
    assert np.isfinite(drawn.coef).all()
    assert 2.0 < drawn.coef[1, 0] < 20.0


def test_scores_of_two_categories_are_their_standardised_codes() -> None:
    draw = rng(4)
    x = np.column_stack([np.ones(40), draw.standard_normal((40, 2))])
    category = np.repeat([0, 1], [30, 10])
    scores = category_scores(category, x, 2)
    # Shares 3/4 and 1/4: scores -1/sqrt(3) and sqrt(3).
    np.testing.assert_allclose(scores, [-1 / math.sqrt(3), math.sqrt(3)])
    alone = category_scores(np.array([0, 1, 2]), np.ones((3, 1)), 3)
    np.testing.assert_allclose(alone, [-math.sqrt(1.5), 0.0, math.sqrt(1.5)], atol=1e-12)


def test_scores_maximise_what_predictors_explain() -> None:
    draw = rng(6)
    x = np.column_stack([np.ones(200), draw.standard_normal((200, 3))])
    category = (x[:, 1] + draw.standard_normal(200) > 0).astype(int) + (x[:, 2] > 1)

    def explained(scores: np.ndarray) -> float:
        y = scores[category]
        fitted = x @ np.linalg.lstsq(x, y, rcond=None)[0]
        return float(np.var(fitted) / np.var(y))

    best = explained(category_scores(category, x, 3))
    others = [explained(draw.standard_normal(3)) for _ in range(300)]
    assert best >= max(others) - 1e-6


def test_rare_categories_stay_rare() -> None:
    # 4 of 300 have the rare category, and twelve predictors say nothing of it.
    draw = rng(9)
    category = np.zeros(300)
    category[:150] = 1.0
    category[:4] = 2.0
    noise = draw.standard_normal((300, 12))
    lost = np.where(draw.random(300) < 0.3, np.nan, category)
    lost[:4] = 2.0
    found = impute_chained(
        np.column_stack([lost, noise]), [3] + [0] * 12, imputations=40, iterations=1, generator=draw
    )
    known = lost[~np.isnan(lost)]
    assert np.mean(found.drawn == 2.0) == pytest.approx(np.mean(known == 2.0), abs=0.015)
    assert np.mean(found.drawn == 1.0) == pytest.approx(np.mean(known == 1.0), abs=0.05)


def test_a_donor_is_one_of_the_five_nearest() -> None:
    observed = np.arange(100.0)[::-1]
    missing = np.full(2000, 40.2)
    found = observed[matched_donors(observed, missing, rng())]
    values, counts = np.unique(found, return_counts=True)
    assert values.tolist() == [38.0, 39.0, 40.0, 41.0, 42.0]
    assert counts.min() > 330
    ends = observed[matched_donors(observed, np.array([-50.0, 500.0] * 50), rng())]
    assert set(ends.tolist()) == {0, 1, 2, 3, 4, 95, 96, 97, 98, 99}


def test_equal_predictions_are_broken_by_chance() -> None:
    observed = np.array([1.0] * 40 + [2.0] * 40)
    found = matched_donors(observed, np.full(4000, 1.1), rng())
    counts = np.bincount(found, minlength=80)
    assert counts[40:].sum() == 0
    assert counts[:40].min() > 50
    # Fewer observed values than donors.
    assert set(matched_donors(np.array([1.0, 5.0]), np.full(50, 1.0), rng()).tolist()) == {0, 1}


# --- the chains -------------------------------------------------------------------------------


def test_what_is_known_is_never_touched_and_what_is_missing_is_filled() -> None:
    table, lost = correlated(120)
    found = impute_chained(lost, [0, 2, 3], imputations=4, iterations=3, generator=rng())
    for number in range(4):
        filled = found.completed(lost, number)
        known = ~np.isnan(lost)
        assert np.array_equal(filled[known], table[known])
        assert not np.isnan(filled).any()
        assert set(filled[:, 1]) <= {0.0, 1.0}
        assert set(filled[:, 2]) <= {0.0, 1.0, 2.0}
        # A matched donor gives a value that somebody has.
        assert set(filled[:, 0]) <= set(lost[known[:, 0], 0])
    assert found.chain_mean.shape == (3, 4, 3)


def test_same_stream_same_values_and_more_chains_leave_the_others() -> None:
    _, lost = correlated(80)
    few = impute_chained(lost, [0, 2, 3], imputations=2, iterations=2, generator=rng(7))
    again = impute_chained(lost, [0, 2, 3], imputations=2, iterations=2, generator=rng(7))
    more = impute_chained(lost, [0, 2, 3], imputations=5, iterations=2, generator=rng(7))
    assert np.array_equal(few.drawn, again.drawn)
    assert np.array_equal(few.drawn, more.drawn[:2])
    assert not np.array_equal(more.drawn[0], more.drawn[1])


def test_nothing_missing_nothing_drawn() -> None:
    table, _ = correlated(20)
    found = impute_chained(table, [0, 2, 3], imputations=2, iterations=1, generator=rng())
    assert found.drawn.shape == (2, 0)
    assert np.array_equal(found.completed(table, 1), table)


def test_a_column_with_one_category_is_filled_with_it() -> None:
    table = np.array([[1.0, 0.0], [1.0, 1.0], [np.nan, 0.0], [1.0, 1.0]])
    found = impute_chained(table, [2, 2], imputations=2, iterations=2, generator=rng())
    assert found.drawn.tolist() == [[1.0], [1.0]]


@pytest.mark.parametrize("measured", ["matching", "normal"])
def test_pooled_means_come_back_where_values_are_missing_at_random(measured: str) -> None:
    # y follows x, and is missing where x is large: the mean of what is known is far too low.
    draw = rng(11)
    gaps, covered = [], 0
    for _ in range(60):
        x = draw.standard_normal(200)
        y = 1.0 + x + 0.5 * draw.standard_normal(200)
        table = np.column_stack([x, np.where(draw.random(200) < 1 / (1 + np.exp(-x)), np.nan, y)])
        found = impute_chained(
            table, [0, 0], imputations=8, iterations=2, generator=draw, measured=measured
        )
        filled = [found.completed(table, number)[:, 1] for number in range(8)]
        means = np.array([[one.mean()] for one in filled])
        variances = np.array([[one.var(ddof=1) / 200] for one in filled])
        pooled = pool_rubin(means, variances, df_complete=199)
        gaps.append(np.nanmean(table[:, 1]) - 1.0)
        covered += bool(pooled.lower[0] <= 1.0 <= pooled.upper[0])
        gaps[-1] = (gaps[-1], pooled.estimate[0] - 1.0)
    complete, imputed = np.mean(gaps, axis=0)
    assert complete < -0.3
    assert abs(imputed) < 0.06
    assert covered >= 52


def test_categories_come_back_too() -> None:
    draw = rng(12)
    shares = []
    for _ in range(40):
        x = draw.standard_normal(300)
        y = (draw.random(300) < 1 / (1 + np.exp(-1.5 * x))).astype(float)
        lost = np.where(draw.random(300) < 1 / (1 + np.exp(-1.5 * x)), np.nan, y)
        table = np.column_stack([x, lost])
        found = impute_chained(table, [0, 2], imputations=4, iterations=1, generator=draw)
        filled = [found.completed(table, number)[:, 1].mean() for number in range(4)]
        shares.append((np.nanmean(lost) - 0.5, np.mean(filled) - 0.5))
    complete, imputed = np.mean(shares, axis=0)
    assert complete < -0.12
    assert abs(imputed) < 0.025


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_columns_may_stand_in_any_order(seed: int) -> None:
    _, lost = correlated(60, seed)
    found = impute_chained(
        lost[:, [2, 0, 1]], [3, 0, 2], imputations=2, iterations=1, generator=rng(seed)
    )
    filled = found.completed(lost[:, [2, 0, 1]], 1)
    assert not np.isnan(filled).any()


def test_collinear_and_constant_predictors_do_no_harm() -> None:
    table, lost = correlated(60)
    same = np.column_stack([lost, table[:, 0], table[:, 0], np.ones(60)])
    found = impute_chained(
        same, [0, 2, 3, 0, 0, 0], np.ones((60, 1)), imputations=2, iterations=2, generator=rng()
    )
    assert np.isfinite(found.drawn).all()


# --- what cannot be imputed -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "categories", "said"),
    [
        ([[np.nan], [np.nan]], [0], "Column 0 of values has no known value"),
        ([[0.5], [np.nan]], [2], "must hold categories 0 to 1"),
        ([[np.inf], [np.nan]], [0], "finite"),
        ([1.0, 2.0], [0], "a table"),
        ([[1.0]], [0, 0], "categories must have one value"),
    ],
)
def test_what_cannot_be_imputed_is_said(values: Any, categories: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        impute_chained(values, categories, generator=rng())


def test_options_are_checked() -> None:
    table = [[1.0], [np.nan]]
    with pytest.raises(InputError, match="predictors must have a row"):
        impute_chained(table, [0], [[1.0]], generator=rng())
    with pytest.raises(InputError, match="measured must be one of"):
        impute_chained(table, [0], generator=rng(), measured="mean")
    with pytest.raises(InputError, match="generator"):
        impute_chained(table, [0], generator=None)  # type: ignore[arg-type]


# --- convergence ------------------------------------------------------------------------------


def test_scale_reduction_by_hand() -> None:
    # Two chains of three steps: means 2 and 4, variances 1 and 1; within 1, between 2.
    chains = np.array([[1.0, 3.0], [2.0, 4.0], [3.0, 5.0]])[:, :, None]
    assert potential_scale_reduction(chains)[0] == pytest.approx(math.sqrt(2 / 3 + 2))
    still = np.ones((3, 2, 1))
    assert potential_scale_reduction(still)[0] == 1.0
    apart = still * np.array([1.0, 2.0])[None, :, None]
    assert math.isinf(potential_scale_reduction(apart)[0])
    assert math.isnan(potential_scale_reduction(still * np.nan)[0])
    with pytest.raises(InputError, match="two steps"):
        potential_scale_reduction(np.ones((1, 2, 1)))


# --- beside mice ------------------------------------------------------------------------------


def test_the_simulation_beside_mice_is_as_the_readme_says() -> None:
    pinned = json.loads(SIMULATION.read_text("utf-8"))
    assert pinned["sets"] == 200
    assert set(pinned["found"]) == {"hepatica", "mice", "complete", "full"}
    ours, theirs = pinned["found"]["hepatica"], pinned["found"]["mice"]
    assert min(pinned["correlation_of_estimates"]) > 0.95
    for place in range(4):
        # The mean of 200 estimates is known to a few hundredths.
        error = ours["empirical_error"][place] / math.sqrt(200)
        assert abs(ours["bias"][place] - theirs["bias"][place]) < 2 * error
        assert abs(ours["mean_std_error"][place] / theirs["mean_std_error"][place] - 1) < 0.03
        assert ours["coverage"][place] > 0.91
