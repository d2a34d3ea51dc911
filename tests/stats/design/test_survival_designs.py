"""Designs on survival times: by hand, by properties, and beside an independent chain."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from hepatica.errors import InputError
from hepatica.stats.design import (
    FollowUp,
    Futility,
    Steps,
    SurvivalShape,
    Weibull,
    exponential_from_rate,
    follow_up,
    group_sequential,
    lakatos_design,
    landmark_rate_design,
    landmark_rate_powers,
    logrank_events,
    one_proportion_normal,
    one_sample_logrank_design,
    one_sample_logrank_power,
    one_sample_logrank_powers,
    power_by_size,
    steps,
    times_hazard,
    two_arm_logrank_design,
)
from hepatica.stats.survival import logrank_batch

RATES = st.floats(0.01, 0.5)
TIMES = st.floats(0.5, 40.0)


@given(rate=RATES, accrual=TIMES, follow=st.floats(0.0, 40.0), loss=st.floats(0.0, 0.6))
@settings(max_examples=60, deadline=None)
def test_events_of_even_accrual_have_a_closed_form(
    rate: float, accrual: float, follow: float, loss: float
) -> None:
    plan = follow_up(accrual, follow, dropout=(loss, 12.0) if loss else None)
    whole = rate + plan.dropout_hazard
    # Lachin and Foulkes 1986: exponential event and loss, even accrual.
    left = math.exp(-whole * follow) - math.exp(-whole * (accrual + follow))
    closed = rate / whole * (1.0 - left / (whole * accrual))
    assert plan.expected(Weibull(1.0 / rate)) == pytest.approx(closed, rel=1e-10)


def test_all_at_once_is_one_minus_survival() -> None:
    assert follow_up(0, 5).expected(Weibull(4.0, 1.5)) == pytest.approx(
        1.0 - math.exp(-((5 / 4) ** 1.5)), rel=1e-12
    )


@given(
    widths=st.lists(st.floats(0.1, 5.0), min_size=0, max_size=4),
    hazards=st.lists(st.floats(0.01, 0.5), min_size=5, max_size=5),
    time=st.floats(0.0, 30.0),
)
@settings(max_examples=60, deadline=None)
def test_steps_invert_and_add_up(widths: list[float], hazards: list[float], time: float) -> None:
    curve = steps(np.cumsum([0.0, *widths]), hazards[: len(widths) + 1])
    passed = float(curve.cumulative_hazard(time))
    assert float(curve.quantile(passed)) == pytest.approx(time, abs=1e-9)
    edges = [0.0, *(float(one) for one in curve.starts if 0.0 < one < time), time]
    middles = [(a + b) / 2 for a, b in pairwise(edges)]
    pieces = np.diff(edges) * curve.hazard(middles)
    assert passed == pytest.approx(float(pieces.sum()), abs=1e-10)


def test_a_hazard_without_end_is_never_reached() -> None:
    curve = steps([0.0, 2.0], [0.1, 0.0])
    assert float(curve.quantile(0.1)) == pytest.approx(1.0)
    assert math.isinf(float(curve.quantile(0.3)))


@given(ratio=st.floats(0.2, 4.0), time=st.floats(0.1, 20.0), shape=st.floats(0.5, 2.0))
@settings(max_examples=40, deadline=None)
def test_a_multiple_of_a_hazard(ratio: float, time: float, shape: float) -> None:
    for curve in (Weibull(7.0, shape), steps([0, 3], [0.1, 0.02])):
        more = times_hazard(curve, ratio)
        assert float(more.cumulative_hazard(time)) == pytest.approx(
            ratio * float(curve.cumulative_hazard(time)), rel=1e-12
        )


@given(accrual=TIMES, follow=st.floats(0.0, 20.0), speed=st.floats(0.1, 10.0))
@settings(max_examples=40, deadline=None)
def test_a_ramp_enrols_everybody_and_an_even_ramp_is_none(
    accrual: float, follow: float, speed: float
) -> None:
    ramped = follow_up(accrual, follow, ramp=([0.0, accrual / 3.0], [1.0, speed]))
    assert ramped.enrolled([0.0, accrual]).tolist() == pytest.approx([0.0, 1.0], abs=1e-12)
    even = follow_up(accrual, follow, ramp=([0.0, accrual / 3.0], [speed, speed]))
    curve = Weibull(5.0)
    assert even.expected(curve) == pytest.approx(
        follow_up(accrual, follow).expected(curve), rel=1e-10
    )
    late = follow_up(accrual, follow, ramp=([0.0, accrual / 3.0], [1.0, 1.0 + speed]))
    assert late.expected(curve) < follow_up(accrual, follow).expected(curve) + 1e-12


def test_schoenfeld_and_freedman_by_hand() -> None:
    z = 1.959963984540054 + 0.8416212335729143
    schoenfeld, freedman = logrank_events(0.5), logrank_events(0.5, method="freedman")
    assert schoenfeld.events_formula == pytest.approx(4 * z**2 / math.log(0.5) ** 2, rel=1e-12)
    assert freedman.events_formula == pytest.approx(z**2 * 1.5**2 / 0.5**2, rel=1e-12)


def test_schoenfeld_1983_in_numbers() -> None:
    # The formula of Schoenfeld, Biometrics 1983;39:499, for one-sided .05, power .80, equal arms
    # and a hazard ratio of 1.5: 4 (1.645 + 0.842)^2 / (log 1.5)^2 = 150 events.
    assert round(logrank_events(1 / 1.5, alpha=0.05, sides=1).events_formula) == 150


def test_freedman_1982_in_numbers() -> None:
    # The formula of Freedman, Stat Med 1982;1:121, for two-sided .05, power .90 and a hazard
    # ratio of one half: (1.960 + 1.282)^2 ((1 + 0.5) / (1 - 0.5))^2 = 94.6 events.
    found = logrank_events(0.5, power=0.9, method="freedman")
    assert found.events_formula == pytest.approx(94.6, abs=0.05)


def test_non_inferiority_is_the_log_ratio_to_the_margin() -> None:
    same = logrank_events(1.0, margin=1.3, alpha=0.025, sides=1)
    superiority = logrank_events(1 / 1.3, alpha=0.025, sides=1)
    assert same.events_formula == pytest.approx(superiority.events_formula, rel=1e-12)


@given(
    null=st.floats(0.2, 0.8),
    more=st.floats(0.05, 0.15),
    power=st.floats(0.6, 0.95),
    sides=st.sampled_from([1, 2]),
)
@settings(max_examples=40, deadline=None)
def test_the_size_has_the_power_and_one_less_has_not(
    null: float, more: float, power: float, sides: int
) -> None:
    curves = exponential_from_rate(null, 3), exponential_from_rate(null + more, 3)
    plan = follow_up(12, 18)
    found = one_sample_logrank_design(*curves, plan, power=power, sides=sides)
    assume(found.n > 2)
    sizes = [found.n - 1, found.n]
    reached = one_sample_logrank_powers(sizes, *curves, plan, sides=sides)
    assert reached[0] < power <= reached[1] + 1e-9
    assert reached[1] == pytest.approx(
        one_sample_logrank_power(found.n, *curves, plan, sides=sides)
    )
    rate = landmark_rate_design(*curves, plan, time=3, power=power, sides=sides)
    reached = landmark_rate_powers([rate.n - 1, rate.n], *curves, plan, time=3, sides=sides)
    assert reached[0] < power <= reached[1] + 1e-9
    assert reached[1] == pytest.approx(rate.power, rel=1e-12)


def test_followed_to_the_time_the_plain_rate_is_the_normal_test_of_a_proportion() -> None:
    curves = exponential_from_rate(0.65, 3), exponential_from_rate(0.80, 3)
    found = landmark_rate_design(*curves, follow_up(12, 3), time=3, scale="plain")
    closed = one_proportion_normal(0.65, 0.80, sides=2)
    assert found.n_formula == pytest.approx(closed.n_formula, rel=1e-10)
    assert found.n == closed.n


def test_one_sample_moments_by_quadrature_over_time() -> None:
    null, other = exponential_from_rate(0.65, 3), exponential_from_rate(0.80, 3)
    plan = follow_up(12, 18, dropout=(0.1, 12))

    def mean(what: float) -> float:
        def inner(t: float) -> float:
            alive = math.exp(-float(other.cumulative_hazard(t)))
            return float(plan.watched(t)) * alive * what

        return quad(inner, 0, 18, epsabs=1e-13)[0] + quad(inner, 18, 30, epsabs=1e-13)[0]

    found = one_sample_logrank_design(null, other, plan)
    assert found.event_probability == pytest.approx(mean(1.0 / other.scale), rel=1e-10)
    assert found.expected_events == pytest.approx(found.n * mean(1.0 / null.scale), rel=1e-10)


def _chain(
    control: SurvivalShape, treatment: SurvivalShape, plan: FollowUp, weight: bool, share: float
) -> float:
    """Return the expected statistic of one patient by a Markov chain of small steps.

    States at risk, event, lost and administratively censored, moved step by step as Lakatos
    describes; the interval is a two-thousandth of the trial.
    """
    pieces = 2000
    edges = np.linspace(0.0, plan.duration, pieces + 1)
    risk = [1.0 - share, share]
    score = variance = 0.0
    pooled = 1.0
    for low, high in pairwise(edges):
        passed = [
            1.0 - math.exp(-float(one.cumulative_hazard(high) - one.cumulative_hazard(low)))
            for one in (control, treatment)
        ]
        events = [at * q for at, q in zip(risk, passed, strict=True)]
        before = risk[1] / sum(risk) if sum(risk) > 0 else share
        size = (1.0 - pooled) if weight else 1.0
        total = sum(events)
        score += size * (total * before - events[1])
        variance += size**2 * total * before * (1.0 - before)
        pooled *= 1.0 - total / sum(risk) if sum(risk) > 0 else 1.0
        stay = float(plan.watched(high)) / float(plan.watched(low)) if plan.watched(low) > 0 else 0
        risk = [at * (1.0 - q) * stay for at, q in zip(risk, passed, strict=True)]
    return score / math.sqrt(variance)


@pytest.mark.parametrize("weight", [False, True])
@pytest.mark.parametrize("allocation", [1.0, 2.0])
@pytest.mark.parametrize(
    "plan",
    [follow_up(12, 12), follow_up(12, 6, ramp=([0, 6], [1, 3]), dropout=(0.2, 12))],
    ids=["even", "ramp and loss"],
)
def test_lakatos_beside_a_markov_chain(plan: FollowUp, allocation: float, weight: bool) -> None:
    control, late = steps([0], [0.1]), steps([0, 3], [0.1, 0.05])
    statistic = _chain(control, late, plan, weight, allocation / (1 + allocation))
    z = 1.959963984540054 + 0.8416212335729143
    found = lakatos_design(
        control, late, plan, allocation=allocation, weights=(0.0, 1.0 if weight else 0.0)
    )
    # The chain is of the first order in its interval: a hundredth of a month here.
    assert found.n_formula == pytest.approx((z / statistic) ** 2, rel=5e-3)


@pytest.mark.parametrize("ratio", [0.85, 0.95, 0.98])
def test_lakatos_tends_to_schoenfeld_near_equal_hazards(ratio: float) -> None:
    control, plan = exponential_from_rate(0.5, 6), follow_up(12, 12)
    close = lakatos_design(control, times_hazard(control, ratio), plan)
    events = two_arm_logrank_design(control, logrank_events(ratio), plan)
    assert close.n_formula == pytest.approx(events.n_formula, rel=0.2 * (1.0 - ratio))
    assert close.average_hazard_ratio == pytest.approx(ratio, rel=1e-9)


def test_lakatos_beside_simulated_trials() -> None:
    control, late, plan = steps([0], [0.1]), steps([0, 3], [0.1, 0.05]), follow_up(12, 12)
    found = lakatos_design(control, late, plan)
    rng, trials = np.random.default_rng(20), 4000
    shape = (trials, found.n)
    arm = (np.arange(found.n) % 2).astype(np.int64)
    hazard = rng.exponential(size=shape)
    event = np.where(arm == 0, control.quantile(hazard), late.quantile(hazard))
    seen = plan.duration - rng.uniform(0, plan.accrual, size=shape)
    # Hundredths of a month: whole numbers are what the batch counts.
    time = np.ceil(100 * np.minimum(event, seen)).astype(np.int64)
    power = float((logrank_batch(time, event <= seen, arm).p_value < 0.05).mean())
    # The formula is asymptotic: one hundredth beside three Monte Carlo errors.
    assert power == pytest.approx(found.power, abs=0.01 + 3 * math.sqrt(0.16 / trials))


@pytest.mark.parametrize(
    ("rates", "n", "power", "power_wu"),
    [((0.65, 0.80), 24, 0.844, 0.880), ((0.50, 0.70), 22, 0.847, 0.879)],
)
def test_small_single_arms_keep_the_level_by_wu_alone(
    rates: tuple[float, float], n: int, power: float, power_wu: float
) -> None:
    # ALTER-0802 in 20,000 trials: with variance E the tail of better survival has 1.6%, not 2.5%.
    rng, trials = np.random.default_rng(3), 20_000
    null, better = (exponential_from_rate(one, 3) for one in rates)

    def shares(truth: Weibull, half: bool) -> tuple[float, float]:
        time = rng.exponential(truth.scale, size=(trials, n))
        watched = 30.0 - rng.uniform(0.0, 12.0, size=(trials, n))
        observed = (time <= watched).sum(axis=1)
        expected = null.cumulative_hazard(np.minimum(time, watched)).sum(axis=1)
        variance = (observed + expected) / 2.0 if half else expected
        z = (observed - expected) / np.sqrt(variance)
        return float((z < -1.959964).mean()), float((z > 1.959964).mean())

    error = 4.0 * math.sqrt(0.025 * 0.975 / trials)
    assert shares(null, half=False) == pytest.approx((0.016, 0.040), abs=error)
    assert shares(null, half=True) == pytest.approx((0.025, 0.024), abs=error)
    assert shares(better, half=False)[0] == pytest.approx(power, abs=0.011)
    assert shares(better, half=True)[0] == pytest.approx(power_wu, abs=0.011)


def test_power_by_size_at_the_formula_is_the_power() -> None:
    found = power_by_size([50, 100, 400], 100.0, alpha=0.025, power=0.9, sides=1)
    assert found[1] == pytest.approx(0.9, rel=1e-12)
    assert found[0] < found[1] < found[2]


NULL, BETTER, PLAN = exponential_from_rate(0.65, 3), exponential_from_rate(0.80, 3), follow_up(9, 9)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: one_sample_logrank_design(BETTER, NULL, PLAN), "better than under the null"),
        (lambda: one_sample_logrank_design(NULL, NULL, PLAN), "better than under the null"),
        (lambda: one_sample_logrank_design(NULL, BETTER, PLAN, power=1.0), "power"),
        (lambda: one_sample_logrank_design(NULL, BETTER, PLAN, alpha=0.0), "alpha"),
        (lambda: one_sample_logrank_design(NULL, BETTER, PLAN, sides=3), "sides"),
        (lambda: one_sample_logrank_design(NULL, BETTER, PLAN, variance="both"), "variance"),
        (lambda: one_sample_logrank_power(0, NULL, BETTER, PLAN), "n must"),
        (lambda: one_sample_logrank_powers([5.5], NULL, BETTER, PLAN), "whole numbers"),
        (lambda: landmark_rate_design(BETTER, NULL, PLAN, time=3), "higher under the alternative"),
        (lambda: landmark_rate_design(NULL, BETTER, PLAN, time=18), "Nobody is watched"),
        (lambda: landmark_rate_design(NULL, BETTER, PLAN, time=0), "time must be above 0"),
        (lambda: landmark_rate_design(NULL, BETTER, PLAN, time=3, scale="square"), "scale"),
        (lambda: follow_up(-1, 5), "0 or more"),
        (lambda: follow_up(0, 0), "nobody would be watched"),
        (lambda: follow_up(math.nan, 5), "accrual"),
        (lambda: follow_up(12, 5, ramp=([0, 12], [1, 2])), "before the end of accrual"),
        (lambda: follow_up(12, 5, ramp=([0, 6], [1, -2])), "negative"),
        (lambda: follow_up(12, 5, ramp=([0, 6], [1])), "a speed for each start"),
        (lambda: follow_up(12, 5, dropout=(1.0, 12)), "share lost"),
        (lambda: follow_up(12, 5, dropout=(0.1, 0)), "dropout time"),
        (lambda: steps([0, 3, 2], [0.1, 0.1, 0.1]), "begin with 0 and rise"),
        (lambda: steps([1, 3], [0.1, 0.1]), "begin with 0 and rise"),
        (lambda: steps([0, 3], [0.1]), "one value for each start"),
        (lambda: steps([0, 3], [0.1, -0.1]), "not be negative"),
        (lambda: steps([0], [0.0]), "one must be above 0"),
        (lambda: exponential_from_rate(1.0, 3), "survival"),
        (lambda: exponential_from_rate(0.5, -3), "time must be above 0"),
        (lambda: Weibull(0.0), "scale must be above 0"),
        (lambda: times_hazard(NULL, 0.0), "hazard_ratio must be above 0"),
        (lambda: logrank_events(1.0), "must differ from 1"),
        (lambda: logrank_events(1.4, margin=1.3), "below the margin"),
        (lambda: logrank_events(0.9999), "events would be needed"),
        (lambda: logrank_events(0.7, margin=1.3, method="freedman"), "superiority"),
        (lambda: logrank_events(0.7, allocation=-1.0), "allocation"),
        (lambda: lakatos_design(BETTER, NULL, PLAN), "no advantage of treatment"),
        (lambda: lakatos_design(NULL, BETTER, PLAN, weights=(-1.0, 0.0)), "weights"),
        (lambda: power_by_size([0], 10.0), "between 1 and"),
    ],
)
def test_what_cannot_be_planned_is_said(call: object, words: str) -> None:
    with pytest.raises(InputError, match=words):
        call()  # type: ignore[operator]


def test_designs_are_frozen() -> None:
    curve = steps([0, 3], [0.1, 0.05])
    assert isinstance(curve, Steps)
    with pytest.raises(ValueError, match="read-only"):
        curve.hazards[0] = 1.0


@pytest.mark.parametrize("horizon", [1e3, 1e6, 1e9])
def test_follow_up_far_longer_than_any_life_changes_nothing(horizon: float) -> None:
    null, better = exponential_from_rate(0.65, 3), exponential_from_rate(0.80, 3)
    found = one_sample_logrank_design(null, better, follow_up(horizon, horizon))
    assert found.n_formula == pytest.approx(21.833763854, rel=1e-9)


def test_futility_that_meets_no_bound_is_refused_in_words() -> None:
    with pytest.raises(InputError, match="smaller alpha or more power"):
        group_sequential(3, alpha=0.499, power=0.5, sides=1, futility=Futility())
