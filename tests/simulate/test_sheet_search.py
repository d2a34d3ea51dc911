"""The search of sheets: its statistics beside the estimators of the house, and what it finds."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtri

from hepatica.errors import InputError
from hepatica.simulate.rebuild.search import Bounds
from hepatica.simulate.rebuild.sheet_search import Cooling, Stage, search_sheet
from hepatica.simulate.rebuild.sheet_search_goals import (
    Goal,
    Looked,
    distance,
    losses,
    printed_median,
    printed_ratio,
)
from hepatica.simulate.rebuild.sheet_search_plan import (
    progression_bounds,
    start_patients,
    survival_bounds,
)
from hepatica.simulate.rebuild.sheet_search_statistics import cox_rows, logrank_p, ordered
from hepatica.stats.survival import cox, logrank

SETS, PATIENTS = 6, 40


@pytest.fixture
def drawn() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(8)
    time = np.stack([rng.choice(900, PATIENTS, replace=False) + 1 for _ in range(SETS)])
    event = rng.random(time.shape) < 0.8
    flags = (rng.random((3, SETS, PATIENTS)) < 0.4).astype(np.int64)
    return time, event, flags


def test_models_are_those_of_the_house(
    drawn: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    time, event, flags = drawn
    sets = ordered(time, event)
    fit = cox_rows(sets, np.stack([sets.take(one) for one in flags]), np.zeros(3), 10)
    for row in range(SETS):
        house = cox(time[row], event[row], flags[:, row].T.astype(float))
        assert np.allclose(fit.coef[row], house.coef, rtol=1e-9)
        lower = np.exp(fit.coef[row] - ndtri(0.975) * fit.error[row])
        assert np.allclose(lower, house.lower, rtol=1e-6)


def test_log_rank_tests_are_those_of_the_house(
    drawn: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    time, event, flags = drawn
    sets = ordered(time, event)
    found = logrank_p(sets, sets.take(flags[0]))
    for row in range(SETS):
        assert found[row] == pytest.approx(logrank(time[row], event[row], flags[0, row]).p_value)


def test_ties_of_events_are_counted() -> None:
    time = np.array([[5, 5, 7, 7], [1, 2, 3, 4]])
    event = np.array([[True, True, True, False], [True, True, True, True]])
    assert ordered(time, event).ties.tolist() == [1.0, 0.0]


def test_goals_of_a_print_hold_what_rounds_to_it() -> None:
    estimate, lower, upper = printed_median("arm", 1, "11.8 (9.2-16.2)")
    assert estimate.low <= 11.8 * 30.4375 <= estimate.high
    assert (lower.limit, upper.limit) == ("lower", "upper")
    ratio = printed_ratio("a", ["a", "b"], "2.90 (1.29-6.54)")[0]
    assert distance(ratio, np.array([2.90]))[0] == 0.0
    assert distance(ratio, np.array([2.95]))[0] > 1.0
    assert distance(estimate, np.array([np.inf]))[0] > 10.0


def test_a_search_exchanges_characteristics_within_groups_only() -> None:
    arm = np.repeat([0, 1], 12)
    flag = np.tile([1, 0, 0], 8)
    goals = [Goal(kind="hazard_ratio", names=("flag",), of="flag", low=2.9, high=3.1, unit=0.05)]
    stage = Stage(
        bounds=[Bounds.days(1, (1, 400))] * 24,
        flags={"arm": arm, "flag": flag},
        swapped={"flag": arm},
        goals=goals,
    )
    plan = Cooling(sets=16, steps=400, rounds=1)
    found = search_sheet(stage, 3, plan)
    again = search_sheet(stage, 3, plan)
    assert found.loss == again.loss == 0.0
    assert np.array_equal(found.time, again.time)
    for value in (0, 1):
        assert found.flags["flag"][arm == value].sum() == flag[arm == value].sum()
    house = cox(found.time, found.event, found.flags["flag"].astype(float))
    assert 2.9 <= house.hazard_ratio[0] <= 3.1


def test_a_start_is_kept_where_it_holds() -> None:
    arm = np.array([0, 0, 0, 1, 1, 1])
    goal = Goal(kind="median", names=("arm",), level=1, low=50.0, high=60.0, unit=1.0)
    stage = Stage(
        bounds=[Bounds.days(1, (1, 90))] * 6, flags={"arm": arm}, swapped={}, goals=[goal]
    )
    start = np.array([3, 9, 27, 40, 55, 80])
    assert search_sheet(stage, 1, start=start).time.tolist() == start.tolist()


def test_a_search_without_goal_or_choice_is_refused() -> None:
    stage = Stage(bounds=[Bounds.days(1, (1, 9))], flags={}, swapped={}, goals=[])
    with pytest.raises(InputError, match="needs a goal"):
        search_sheet(stage, 1)


def test_a_group_that_is_searched_has_no_median() -> None:
    time = np.array([[1, 2]])
    flags = {"a": np.array([[0, 1]])}
    looked = Looked.of(time, time > 0, flags, None)
    goal = Goal(kind="median", names=("a",), low=1.0, high=2.0, unit=1.0)
    with pytest.raises(InputError, match="has no median"):
        losses([goal], looked)


def test_bounds_of_the_plan_let_nobody_progress_after_death() -> None:
    start = start_patients()
    last = [max(day for day, _ in one.choices) for one in survival_bounds(start.died)]
    assert min(last) >= 458
    for day, died, one in zip(
        start.time, start.died, progression_bounds(start.time, start.died), strict=True
    ):
        assert all(chosen <= day for chosen, _ in one.choices)
        assert {mark for _, mark in one.choices} == ({1} if died else {0, 1})
