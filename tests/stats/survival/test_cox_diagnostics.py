"""Diagnostics and predictions of proportional hazards models: by algebra, and for any data."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hepatica.errors import InputError
from hepatica.stats.survival import (
    CoxFit,
    baseline_hazard,
    cox,
    deviance_residuals,
    dfbeta,
    expected_events,
    hazard_ratio_between,
    linear_predictor,
    martingale_residuals,
    nested_comparison,
    predict_survival,
    profile_limits,
    proportionality_correlation,
    proportionality_test,
    schoenfeld_residuals,
    score_residuals,
    subset_test,
)
from hepatica.stats.survival._cox_steps import hazard_steps

# Events in the order 1, 0, 1: the hazard ratio is r = 1 / sqrt(2).
R = 1.0 / math.sqrt(2.0)
THREE = cox([1, 2, 3], [1, 1, 1], [1, 0, 1])
#: Baseline jumps at covariate 0.
JUMPS = [1.0 / (1.0 + 2.0 * R), 1.0 / (1.0 + R), 1.0 / R]


def test_baseline_by_hand() -> None:
    at_zero = baseline_hazard(THREE, at="zero")
    np.testing.assert_allclose(at_zero.hazard, JUMPS, rtol=1e-12)
    np.testing.assert_allclose(at_zero.cumulative_hazard, np.cumsum(JUMPS), rtol=1e-12)
    np.testing.assert_allclose(at_zero.survival, np.exp(-np.cumsum(JUMPS)), rtol=1e-12)
    assert at_zero.at_risk.tolist() == [3, 2, 1]
    at_means = baseline_hazard(THREE)
    assert at_means.covariates.tolist() == [2 / 3]
    np.testing.assert_allclose(at_means.hazard, np.array(JUMPS) * R ** (2 / 3), rtol=1e-12)


def test_the_variance_of_the_baseline_by_hand() -> None:
    # At the first event: jump^2 + (mean of the risk set x jump)^2 x variance of the coefficient.
    share = 2 * R / (1 + 2 * R)
    variance = JUMPS[0] ** 2 + (share * JUMPS[0]) ** 2 * THREE.vcov[0, 0]
    found = baseline_hazard(THREE, at="zero").cumulative_std_error[0] ** 2
    assert found == pytest.approx(variance, rel=1e-12)


def test_residuals_by_hand() -> None:
    relative = np.array([R, 1.0, R])
    expected = relative * np.cumsum(JUMPS)
    np.testing.assert_allclose(martingale_residuals(THREE), 1 - expected, atol=1e-12)
    means = np.array([2 * R / (1 + 2 * R), R / (1 + R), 1.0])
    found = schoenfeld_residuals(THREE)
    np.testing.assert_allclose(found.residual[:, 0], [1, 0, 1] - means, atol=1e-12)
    scaled = 3 * ([1, 0, 1] - means) * THREE.vcov[0, 0] + THREE.coef[0]
    np.testing.assert_allclose(found.scaled[:, 0], scaled, atol=1e-12)
    own = [1 - means[0] - R * JUMPS[0] * (1 - means[0])]
    np.testing.assert_allclose(score_residuals(THREE)[:1, 0], own, atol=1e-12)


def test_efron_shares_a_tied_jump_by_hand() -> None:
    # Two of three die at 1 with one covariate value among the dead: jumps 1/3 and 1/2 at 0
    # coefficients; the dead count the second jump half.
    fit = cox([1, 1, 2, 2], [1, 1, 1, 1], [1, 0, 1, 0])
    assert abs(fit.coef[0]) < 1e-12
    np.testing.assert_allclose(
        baseline_hazard(fit, at="zero").hazard, [1 / 4 + 1 / 3, 1 / 2 + 1], rtol=1e-12
    )
    dead = 1 - (1 / 4 + 1 / 3 / 2)
    later = 1 - (1 / 4 + 1 / 3) - (1 / 2 + 1 / 2)
    np.testing.assert_allclose(martingale_residuals(fit), [dead, dead, later, later], atol=1e-12)


def test_predictions_by_hand() -> None:
    found = predict_survival(THREE, [0, 1], times=[0.5, 1, 2.5, 3, 3.5])
    cumulative = np.array([0, JUMPS[0], JUMPS[0] + JUMPS[1], sum(JUMPS), np.nan])
    np.testing.assert_allclose(found.cumulative_hazard, [cumulative, R * cumulative], rtol=1e-12)
    np.testing.assert_allclose(found.survival[1], np.exp(-R * cumulative), rtol=1e-12)
    assert np.isnan(found.lower[:, 4]).all()
    assert (found.lower[:, 1:4] < found.survival[:, 1:4]).all()
    assert (found.upper[:, 1:4] > found.survival[:, 1:4]).all()
    ratio = hazard_ratio_between(THREE, [1, 0, 1], [0, 1, 1])
    np.testing.assert_allclose(ratio.ratio, [R, 1 / R, 1], rtol=1e-12)
    assert ratio.p_value[0] == pytest.approx(THREE.p_value[0])
    assert math.isnan(ratio.p_value[2])
    np.testing.assert_allclose(
        [ratio.lower[0], ratio.upper[0]], [THREE.lower[0], THREE.upper[0]], rtol=1e-12
    )
    assert linear_predictor(THREE, [1]).value[0] == pytest.approx(math.log(R) / 3)


def test_expected_events_of_the_fit_are_events_less_residuals() -> None:
    expected = expected_events(THREE, [1, 0, 1], [1, 2, 3]).expected
    np.testing.assert_allclose(expected, 1 - martingale_residuals(THREE), atol=1e-12)
    after = expected_events(THREE, [0, 0], [3, 4], entry=[1, 0])
    assert after.expected[0] == pytest.approx(JUMPS[1] + JUMPS[2])
    assert math.isnan(after.expected[1])


def test_a_limit_of_the_profile_is_where_the_likelihood_has_fallen_by_half_a_quantile() -> None:
    # log likelihood of the order 1, 0, 1: b - log(1 + 2 e^b) - log(1 + e^b).
    def fall(b: float) -> float:
        best = math.log(R) - math.log(1 + 2 * R) - math.log(1 + R)
        return 2 * (best - (b - math.log(1 + 2 * math.exp(b)) - math.log(1 + math.exp(b))))

    limits = profile_limits(THREE)
    assert fall(limits.lower[0]) == pytest.approx(3.841458820694124, rel=1e-10)
    assert fall(limits.upper[0]) == pytest.approx(3.841458820694124, rel=1e-10)
    assert limits.lower[0] < THREE.coef[0] < limits.upper[0]
    assert limits.hazard_ratio_lower[0] == math.exp(limits.lower[0])


def made(seed: int, n: int = 40, **more: Any) -> CoxFit:
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 4, (n, 2)).astype(float) + rng.normal(size=(n, 2)) * more.pop("noise", 0.3)
    time = rng.integers(2, 12, n)
    event = rng.random(n) < 0.7
    if more.pop("everything", False):
        more |= {
            "entry": np.maximum(time - rng.integers(1, 10, n), 0),
            "weights": rng.integers(1, 4, n),
            "strata": rng.integers(0, 2, n),
            "offset": rng.normal(size=n) / 4,
        }
    return cox(time, event, x, **more)


seeds = st.integers(0, 10_000)
ties = st.sampled_from(["efron", "breslow"])


def fit_or_skip(*arguments: Any, **more: Any) -> CoxFit:
    try:
        return made(*arguments, **more)
    except InputError:
        assume(False)
        raise


@settings(max_examples=25)
@given(seeds, ties, st.booleans())
def test_residuals_sum_to_zero(seed: int, method: str, everything: bool) -> None:
    fit = fit_or_skip(seed, ties=method, everything=everything)
    weight = fit.data.weights if fit.data.weights.size else np.ones(fit.n)
    assert abs(weight @ martingale_residuals(fit)) < 1e-9
    scale = np.abs(score_residuals(fit)).sum(axis=0) + 1.0
    assert (np.abs(weight @ score_residuals(fit)) / scale < 1e-8).all()
    assert (np.abs(dfbeta(fit).sum(axis=0)) < 1e-8).all()
    found = schoenfeld_residuals(fit)
    assert (np.abs(weight[found.row] @ found.residual) < 1e-7).all()
    sign = np.sign(martingale_residuals(fit))
    assert (np.sign(deviance_residuals(fit)) == sign).all()


@settings(max_examples=25)
@given(seeds, ties, st.booleans())
def test_the_information_of_the_steps_is_that_of_the_fit(
    seed: int, method: str, everything: bool
) -> None:
    fit = fit_or_skip(seed, ties=method, everything=everything)
    steps = hazard_steps(fit)
    found = np.linalg.inv(steps.information(np.ones(len(steps.hazard))))
    np.testing.assert_allclose(found, fit.naive_vcov, rtol=1e-8, atol=1e-12)


@settings(max_examples=25)
@given(seeds, ties)
def test_rows_may_stand_in_any_order(seed: int, method: str) -> None:
    fit = fit_or_skip(seed, ties=method, everything=True)
    data = fit.data
    order = np.random.default_rng(seed).permutation(fit.n)
    again = cox(
        data.time[order],
        data.event[order],
        data.X[order],
        ties=method,
        strata=data.stratum[order],
        weights=data.weights[order],
        entry=data.entry[order],
        offset=data.offset[order],
    )
    close: dict[str, float] = {"rtol": 1e-8, "atol": 1e-9}
    np.testing.assert_allclose(
        martingale_residuals(again), martingale_residuals(fit)[order], **close
    )
    np.testing.assert_allclose(dfbeta(again), dfbeta(fit)[order], **close)
    one, other = proportionality_test(fit), proportionality_test(again)
    np.testing.assert_allclose(one.statistic, other.statistic, rtol=1e-6, atol=1e-9)
    first, second = baseline_hazard(fit), baseline_hazard(again)
    np.testing.assert_allclose(first.cumulative_hazard, second.cumulative_hazard, **close)
    np.testing.assert_allclose(first.cumulative_std_error, second.cumulative_std_error, **close)


# Efron's ties count deaths, so weights stand for copies by Breslow's method only.
@settings(max_examples=25)
@given(seeds)
def test_whole_weights_are_copies(seed: int) -> None:
    fit = fit_or_skip(seed, ties="breslow", everything=True)
    data = fit.data
    rows = np.repeat(np.arange(fit.n), data.weights.astype(int))
    again = cox(
        data.time[rows],
        data.event[rows],
        data.X[rows],
        ties="breslow",
        strata=data.stratum[rows],
        entry=data.entry[rows],
        offset=data.offset[rows],
    )
    np.testing.assert_allclose(
        martingale_residuals(again), martingale_residuals(fit)[rows], rtol=1e-8, atol=1e-9
    )
    np.testing.assert_allclose(
        baseline_hazard(again).cumulative_std_error,
        baseline_hazard(fit).cumulative_std_error,
        rtol=1e-8,
    )


@settings(max_examples=25)
@given(seeds, ties)
def test_follow_up_cut_in_two_says_the_same(seed: int, method: str) -> None:
    fit = fit_or_skip(seed, ties=method)
    data = fit.data
    cut = data.time / 2.0 + 0.25
    again = cox(
        np.concatenate([cut, data.time]),
        np.concatenate([np.zeros(fit.n), data.event]),
        np.vstack([data.X, data.X]),
        ties=method,
        entry=np.concatenate([np.zeros(fit.n), cut]),
    )
    halves = martingale_residuals(again)
    np.testing.assert_allclose(
        halves[: fit.n] + halves[fit.n :], martingale_residuals(fit), rtol=1e-8, atol=1e-9
    )
    for transform in ("identity", "log"):
        one = proportionality_test(fit, transform=transform).statistic
        other = proportionality_test(again, transform=transform).statistic
        np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-9)


@settings(max_examples=25)
@given(seeds, ties)
def test_a_row_of_weight_zero_is_as_if_it_were_not_there(seed: int, method: str) -> None:
    fit = fit_or_skip(seed, ties=method)
    data = fit.data
    weight = np.append(np.ones(fit.n), np.zeros(5))
    again = cox(
        np.append(data.time, [0.5, 1, 3, 5, 20]),
        np.append(data.event, [1, 1, 1, 0, 1]),
        np.vstack([data.X, np.full((5, 2), 9.0)]),
        ties=method,
        weights=weight,
    )
    close: dict[str, float] = {"rtol": 1e-8, "atol": 1e-10}
    for residual in (martingale_residuals, score_residuals, dfbeta):
        np.testing.assert_allclose(residual(again)[: fit.n], residual(fit), **close)
    assert schoenfeld_residuals(again).row.tolist() == schoenfeld_residuals(fit).row.tolist()
    one, other = baseline_hazard(fit), baseline_hazard(again)
    for name in ("time", "cumulative_hazard", "cumulative_std_error", "covariates"):
        np.testing.assert_allclose(getattr(other, name), getattr(one, name), **close)


def test_times_that_differ_by_rounding_are_one_time() -> None:
    x = [1.0, 0.0, 2.0, 0.0, 1.0]
    entry = [0.0, 0.0, 0.0, 0.1, 0.3]
    exact = cox([0.3, 0.3, 0.5, 0.5, 0.7], [1, 1, 1, 0, 1], x, entry=entry)
    moved = [0.0, 0.0, 0.0, 0.1, 0.1 + 0.2]
    rounded = cox([0.1 + 0.2, 0.3, 0.5, 0.5, 0.7], [1, 1, 1, 0, 1], x, entry=moved)
    np.testing.assert_allclose(
        martingale_residuals(rounded), martingale_residuals(exact), rtol=1e-9
    )
    assert len(baseline_hazard(rounded).time) == 3
    curve = predict_survival(rounded, [0.0], times=[0.3, 0.1 + 0.2])
    assert curve.survival[0, 0] == curve.survival[0, 1] < 1.0


@settings(max_examples=25)
@given(seeds, st.sampled_from(["efron", "breslow", "exact"]))
def test_profile_limits_lie_around_the_estimate(seed: int, method: str) -> None:
    fit = fit_or_skip(seed, ties=method)
    narrow, wide = profile_limits(fit, conf_level=0.8), profile_limits(fit)
    assert (wide.lower < narrow.lower).all()
    assert (narrow.lower < fit.coef).all()
    assert (fit.coef < narrow.upper).all()
    assert (narrow.upper < wide.upper).all()
    everything = subset_test(fit, [0, 1])
    for name in ("likelihood_ratio", "score", "wald"):
        whole = {"likelihood_ratio": fit.lr_test, "score": fit.score_test, "wald": fit.wald_test}
        assert getattr(everything, name).statistic == pytest.approx(
            whole[name].statistic, rel=1e-8, abs=1e-10
        )
    smaller = cox(fit.data.time, fit.data.event, fit.data.X[:, :1], ties=method)
    assert nested_comparison(smaller, fit).statistic == pytest.approx(
        subset_test(fit, [1]).likelihood_ratio.statistic, rel=1e-7, abs=1e-9
    )


def test_many_strata_are_as_exact_as_few() -> None:
    # Two subjects a stratum: the residuals of each stratum sum to 0.
    rng = np.random.default_rng(8)
    n = 2_000
    time, x = rng.exponential(1.0, n), rng.normal(size=n)
    event = rng.random(n) < 0.7
    fit = cox(time, event, x, strata=np.arange(n) // 2)
    pairs = martingale_residuals(fit).reshape(-1, 2).sum(axis=1)
    assert np.abs(pairs).max() < 1e-13
    assert np.isfinite(predict_survival(fit, [0.0], stratum=[700], times=[0.0]).survival).all()


def test_the_older_test_is_a_correlation_of_scaled_residuals() -> None:
    fit = made(5)
    older = proportionality_correlation(fit, transform="log")
    plot = proportionality_test(fit, transform="log")
    for column in range(2):
        rho = np.corrcoef(plot.transformed, plot.scaled[:, column])[0, 1]
        assert older.rho[column] == pytest.approx(rho, rel=1e-9)
    # One covariate: the same statistic for the column and for all.
    one = proportionality_correlation(cox(fit.data.time, fit.data.event, fit.data.X[:, 0]))
    assert one.overall.statistic == pytest.approx(one.statistic[0])
    # Order 1, 0, 1 by rank: the slope is the last scaled residual less the first.
    scaled = schoenfeld_residuals(THREE).scaled[:, 0]
    slope = (scaled[2] - scaled[0]) ** 2 / (THREE.vcov[0, 0] * 3 * 2)
    found = proportionality_correlation(THREE, transform="rank").statistic[0]
    assert found == pytest.approx(slope, rel=1e-10)


def test_terms_of_several_columns_are_tested_together() -> None:
    fit = made(7)
    together = proportionality_test(fit, terms=[4, 4])
    assert together.term.tolist() == [4]
    assert together.df.tolist() == [2]
    assert together.statistic[0] == pytest.approx(together.overall.statistic)


def test_arrays_are_read_only() -> None:
    found = [
        martingale_residuals(THREE),
        schoenfeld_residuals(THREE).scaled,
        baseline_hazard(THREE).survival,
        predict_survival(THREE, [1]).survival,
        proportionality_test(THREE).scaled,
        profile_limits(THREE).lower,
    ]
    assert not any(array.flags.writeable for array in found)


EXACT = cox([1, 2, 3, 4], [1, 1, 1, 0], [1, 0, 1, 0], ties="exact")
STRATA = cox([1, 2, 1, 2, 3], [1, 1, 1, 1, 0], [1, 0, 0, 1, 1], strata=[0, 0, 1, 1, 1])
ONE_TIME = cox([1, 1, 2, 2], [1, 1, 0, 0], [1, 0, 1, 2])
FAR = cox([1, 2, 3], [1, 1, 1], np.array([1, 0, 1]) + 1e5)
REFUSED: list[tuple[Callable[[], object], str]] = [
    (lambda: martingale_residuals(EXACT), "the fit has 'exact'"),
    (lambda: baseline_hazard(EXACT), "the fit has 'exact'"),
    (lambda: baseline_hazard(THREE, at="mean"), "at must be one of zero, means"),
    (lambda: baseline_hazard(FAR, at="zero"), "beyond the range of numbers"),
    (lambda: predict_survival(THREE, [[1, 2]]), "one column for each covariate: 1; it has 2"),
    (lambda: predict_survival(THREE, [np.nan]), "rows must be finite; 1 of 1"),
    (lambda: predict_survival(THREE, [1], times=[-1]), "times must not be negative"),
    (lambda: predict_survival(THREE, [1], offset=[1, 2]), "offset must have one value for each"),
    (lambda: predict_survival(THREE, [1], conf_type="loglog"), "conf_type must be one of"),
    (lambda: predict_survival(STRATA, [1]), "The fit has 2 strata"),
    (lambda: predict_survival(STRATA, [1], stratum=[2]), "positions of strata, 0 to 1"),
    (lambda: predict_survival(STRATA, [1], stratum=[0, 1]), "stratum must have one value"),
    (lambda: hazard_ratio_between(THREE, [1, 2, 3], [1, 2]), "against must have 1 or 3 rows"),
    (lambda: expected_events(THREE, [1], [1, 2]), "time must have one value for each row: 1"),
    (lambda: expected_events(THREE, [1], [1], entry=[2]), "entry must not lie after time"),
    (lambda: linear_predictor(THREE, [1], reference="sample"), "reference must be one of"),
    (lambda: proportionality_test(THREE, transform="sqrt"), "km, rank, identity, log"),
    (lambda: proportionality_test(ONE_TIME), "events at two or more times"),
    (lambda: proportionality_test(THREE, terms=[1, 2]), "one code for each covariate: 1"),
    (lambda: profile_limits(THREE, columns=[1]), "columns must hold columns of the covariates"),
    (lambda: subset_test(STRATA, [0, 0]), "columns must name each column once"),
    (lambda: nested_comparison(THREE, THREE), "must have more covariates"),
]


@pytest.mark.parametrize(("call", "message"), REFUSED, ids=[text for _, text in REFUSED])
def test_what_is_refused(call: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError) as caught:
        call()
    assert message in str(caught.value)


def test_an_event_at_time_zero_has_no_logarithm() -> None:
    fit = cox([0, 1, 2, 3], [1, 1, 1, 0], [1, 0, 1, 0])
    with pytest.raises(InputError, match="An event at time 0 has no logarithm"):
        proportionality_test(fit, transform="log")


def test_nested_models_are_of_the_same_data() -> None:
    other = cox([1, 2, 3, 4], [1, 1, 1, 1], [[1, 0], [0, 1], [0, 3], [1, 1]])
    with pytest.raises(InputError, match="fitted to the same times"):
        nested_comparison(THREE, other)
