"""Simulated trials: what is recorded by hand, and how rules behave on many."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hepatica.errors import InputError
from hepatica.stats.design import (
    DrawnPatients,
    Futility,
    TrialArm,
    TrialPlan,
    Weibull,
    analyse_single_arm,
    analyse_two_arms,
    draw_patients,
    exponential_from_rate,
    follow_up,
    group_sequential,
    logrank_events,
    one_sample_logrank_power,
    recorded,
    simulated_distribution,
    simulated_share,
    simulated_trials,
    survival_looks,
    times_hazard,
)
from hepatica.stats.survival import cox, kaplan_meier, logrank, one_sample_logrank


def _patients(*rows: tuple[int, int, int, bool]) -> DrawnPatients:
    """Return one trial of patients given as progression, death, last contact and response."""
    columns = [np.array([row[at] for row in rows])[None, :] for at in range(4)]
    return DrawnPatients(
        entry=np.zeros((1, len(rows)), dtype=np.int64),
        progression=columns[0],
        death=columns[1],
        last_contact=columns[2],
        responds=columns[3].astype(bool),
        arm=np.zeros(len(rows), dtype=np.int64),
    )


NEVER = 10_000


@pytest.mark.parametrize(
    ("patient", "pfs", "os", "response"),
    [
        # Growth on day 50 is seen at the scan of day 84; times count both ends.
        ((50, NEVER, 200, True), (85, True), (201, False), True),
        # Growth on the day of a scan is seen at it.
        ((84, NEVER, 200, False), (85, True), (201, False), False),
        # Growth before the first scan is no response.
        ((10, NEVER, 200, True), (43, True), (201, False), False),
        # Death before the scan that would have shown growth.
        ((50, 70, 200, True), (71, True), (71, True), True),
        # Death on the day of the scan: both are events on that day.
        ((50, 84, 200, False), (85, True), (85, True), False),
        # Lost before the scan that would have shown growth: censored at the last scan.
        ((50, NEVER, 80, False), (43, False), (81, False), False),
        # Lost before any scan: censored on the day of the first dose.
        ((50, NEVER, 30, True), (1, False), (31, False), False),
        # Death after the last contact is not known.
        ((NEVER, 90, 80, False), (43, False), (81, False), False),
    ],
)
def test_what_is_recorded_follows_the_rules(
    patient: tuple[int, int, int, bool],
    pfs: tuple[int, bool],
    os: tuple[int, bool],
    response: bool,
) -> None:
    found = recorded(_patients(patient), 42)
    assert (int(found.pfs_time[0, 0]), bool(found.pfs_event[0, 0])) == pfs
    assert (int(found.os_time[0, 0]), bool(found.os_event[0, 0])) == os
    assert bool(found.response[0, 0]) is response


def _plan(n: int = 28, every: int = 42, arms: int = 1) -> TrialPlan:
    one = TrialArm(n, exponential_from_rate(0.5, 150), exponential_from_rate(0.5, 360), 0.2)
    other = TrialArm(n, exponential_from_rate(0.5, 110), exponential_from_rate(0.5, 300), 0.1)
    return TrialPlan((one, other)[:arms], follow_up(300, 300, dropout=(0.1, 365)), every)


def test_trials_of_one_arm_are_analysed_as_one_by_one() -> None:
    times = recorded(draw_patients(_plan(), 60, np.random.default_rng(3)), 42)
    null = exponential_from_rate(0.65, 84)
    found = analyse_single_arm(times, null, landmark=85, null_response=0.05)
    for row in range(60):
        curve = kaplan_meier(times.pfs_time[row], times.pfs_event[row])
        np.testing.assert_array_equal(curve.median.estimate, found.pfs_median[row])
        test = one_sample_logrank(
            times.pfs_event[row], null.cumulative_hazard(times.pfs_time[row].astype(float))
        )
        assert found.logrank_z[row] == pytest.approx(test.z, rel=1e-12)
        assert found.logrank_p[row] == pytest.approx(test.p_value, rel=1e-12)


def test_trials_of_two_arms_are_analysed_as_one_by_one() -> None:
    times = recorded(draw_patients(_plan(arms=2), 40, np.random.default_rng(3)), 42)
    found = analyse_two_arms(times)
    first = (times.arm == 0).astype(float)
    for row in range(40):
        test = logrank(times.pfs_time[row], times.pfs_event[row], times.arm)
        model = cox(times.pfs_time[row], times.pfs_event[row], first[:, None])
        assert found.logrank_p[row] == pytest.approx(test.p_value, rel=1e-10)
        assert found.hazard_ratio[row] == pytest.approx(model.hazard_ratio[0], rel=1e-8)
        assert (found.logrank_z[row] < 0) == (model.coef[0] < 0)


def _power_of_trials(n: int, rates: tuple[float, float], trials: int) -> tuple[float, float]:
    """Return the share of trials that reject for better survival, and what the formula says."""
    # Twentieths of a day: a day counted from both ends is nothing then.
    null, better = (exponential_from_rate(rate, 20 * 91.3125) for rate in rates)
    watch = follow_up(20 * 365.25, 20 * 547.875)
    plan = TrialPlan((TrialArm(n, better, Weibull(1e9)),), watch, 1)
    rejected = np.concatenate([
        (one.logrank_p < 0.05) & (one.logrank_z < 0)
        for block in simulated_trials(plan, trials, seed=11)
        for one in [analyse_single_arm(block, null, landmark=1000)]
    ])  # fmt: skip
    return simulated_share(rejected).estimate, one_sample_logrank_power(n, null, better, watch)


def test_the_formula_of_the_one_sample_test_is_met_by_large_trials() -> None:
    found, formula = _power_of_trials(1500, (0.65, 0.671), 3_000)
    assert found == pytest.approx(formula, abs=0.025)


def test_small_trials_have_more_power_than_the_formula_says() -> None:
    # The formula is asymptotic; 24 patients of ALTER-0802 reach .84 where it says .81.
    found, formula = _power_of_trials(24, (0.65, 0.80), 20_000)
    assert formula == pytest.approx(0.812, abs=0.001)
    assert found == pytest.approx(0.844, abs=0.01)


def test_looks_spend_what_the_bounds_promise() -> None:
    bounds = group_sequential(
        [0.5, 0.75, 1.0], alpha=0.025, sides=1, futility=Futility(binding=False)
    )
    control = exponential_from_rate(0.5, 365)
    needed = logrank_events(0.7, alpha=0.025, sides=1).events_formula * bounds.inflation
    deaths = np.ceil(needed * bounds.information).astype(int)
    found = {}
    for ratio in (1.0, 0.7):
        arms = tuple(
            TrialArm(160, Weibull(1e7), shape) for shape in (times_hazard(control, ratio), control)
        )
        plan = TrialPlan(arms, follow_up(540, 1800), 60)
        drawn = draw_patients(plan, 6000, np.random.default_rng(5))
        found[ratio] = survival_looks(drawn, deaths, bounds.upper, bounds.lower)
    null, effect = found[1.0], found[0.7]
    assert null.rejected.mean() < 0.025 + 3 * 0.002
    assert effect.rejected.mean() == pytest.approx(0.8, abs=0.02)
    shares = np.bincount(effect.stopped_at, minlength=3) / 6000
    np.testing.assert_allclose(shares, bounds.stop_alternative, atol=0.025)
    assert effect.expected_events < deaths[-1]
    assert (np.diff(effect.day, axis=1) >= 0).all()
    assert (effect.events[:, 0] >= deaths[0]).all()


def test_blocks_of_one_seed_are_the_same_whatever_comes_after() -> None:
    short = list(simulated_trials(_plan(), 5000, seed=4))
    long = list(simulated_trials(_plan(), 11_000, seed=4))
    assert [len(one.pfs_time) for one in long] == [5000, 5000, 1000]
    np.testing.assert_array_equal(short[0].pfs_time, long[0].pfs_time)
    assert (long[0].pfs_time[:1000] != long[1].pfs_time[:1000]).any()


def test_accrual_in_a_ramp_is_drawn_as_planned() -> None:
    watch = follow_up(300, 100, ramp=([0, 100], [1.0, 3.0]))
    plan = TrialPlan((TrialArm(2000, Weibull(100), Weibull(200)),), watch, 42)
    entry = draw_patients(plan, 20, np.random.default_rng(2)).entry
    assert (entry < 100).mean() == pytest.approx(100 / 700, abs=0.01)
    assert entry.max() < 300


@settings(max_examples=40, deadline=None)
@given(every=st.integers(1, 200), seed=st.integers(0, 10_000))
def test_records_are_consistent(every: int, seed: int) -> None:
    drawn = draw_patients(_plan(n=10), 20, np.random.default_rng(seed))
    times = recorded(drawn, every)
    assert (times.pfs_time <= times.os_time).all()
    assert (times.pfs_time >= 1).all()
    assert (times.os_event <= times.pfs_event).all()
    scans = (times.pfs_time - 1) % every == 0
    assert (scans | times.os_event).all()


def test_a_share_and_a_distribution_have_their_monte_carlo_error() -> None:
    share = simulated_share([True] * 30 + [False] * 70)
    assert share.monte_carlo_error == pytest.approx((0.3 * 0.7 / 100) ** 0.5)
    spread = simulated_distribution([1.0, 2.0, float("nan")])
    assert spread.missing == 1
    assert np.isnan(spread.quantile[4])
    assert simulated_distribution([float("nan")]).missing == 1


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: TrialArm(0, Weibull(1), Weibull(1)), "at least 1"),
        (lambda: TrialArm(5, Weibull(1), Weibull(1), 1.5), "from 0 to 1"),
        (lambda: TrialPlan((), follow_up(1, 1), 42), "one or two arms"),
        (lambda: TrialPlan(_plan().arms, follow_up(1, 1), 0), "at least 1"),
        (lambda: follow_up(0, 0), "above 0"),
        (lambda: follow_up(-1, 5), "0 or more"),
        (lambda: follow_up(5, 5, dropout=(1.0, 5)), "below 1"),
        (lambda: follow_up(5, 5, ramp=([0, 6], [1, 1])), "before the end"),
        (lambda: simulated_share([1, 0]), "truth value"),
    ],
)
def test_impossible_plans_are_refused_in_words(make: object, words: str) -> None:
    with pytest.raises(InputError, match=words):
        make()
