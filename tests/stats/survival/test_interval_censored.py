"""Survival of interval-censored times: algebra, properties, and the pinned answers of R."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hepatica.errors import InputError
from hepatica.stats.survival import kaplan_meier, turnbull, turnbull_bootstrap

INF = np.inf
PINNED = Path(__file__).parents[3] / "validation" / "r-interval" / "reference.json"
CASES = ("five", "peto", "exact", "scans", "scans_and_deaths", "many")


def pinned(name: str) -> dict[str, Any]:
    answer = json.loads(PINNED.read_text(encoding="utf-8"))["cases"][name]
    assert isinstance(answer, dict)
    answer["right"] = [INF if one is None else one for one in answer["right"]]
    return answer


def seen(left: Any, right: Any, begin: Any, end: Any, mass: Any) -> float:
    """Return the log likelihood of masses on intervals, counted one by one."""
    total = 0.0
    for a, b in zip(left, right, strict=True):
        if a == b:
            inside = (np.asarray(begin) == a) & (np.asarray(end) == a)
        else:
            known = np.asarray(begin) == np.asarray(end)
            after = np.where(known, np.asarray(begin) > a, np.asarray(begin) >= a)
            inside = after & (np.asarray(end) <= b)
        total += float(np.log(np.asarray(mass)[inside].sum()))
    return total


# --- by hand -----------------------------------------------------------------------------------


def test_a_chain_of_three_intervals() -> None:
    """Mass p on (1, 2], q on 3, r beyond 5: p (p + q) q q r is greatest at 4/15, 8/15, 3/15."""
    curve = turnbull([0, 1, 2, 3, 5], [2, 3, 4, 3, INF])
    assert curve.left.tolist() == [1, 3, 5]
    assert curve.right.tolist() == [2, 3, INF]
    np.testing.assert_allclose(curve.mass, [4 / 15, 8 / 15, 3 / 15], atol=1e-10)
    wanted = np.log(4 / 15) + np.log(12 / 15) + 2 * np.log(8 / 15) + np.log(3 / 15)
    assert curve.log_likelihood == pytest.approx(wanted, abs=1e-12)
    assert curve.n == 5
    assert curve.iterations > 0


def test_intervals_that_do_not_overlap_share_by_their_number() -> None:
    curve = turnbull([0, 0, 2, 4], [2, 2, 4, INF])
    assert curve.left.tolist() == [0, 2, 4]
    np.testing.assert_allclose(curve.mass, [1 / 2, 1 / 4, 1 / 4], atol=1e-10)


def test_an_interval_that_no_other_narrows_is_innermost_itself() -> None:
    """A patient seen within (2, 8] only adds to where the others are: p, q as 1 to 1."""
    curve = turnbull([2, 2, 6], [8, 4, 8])
    assert (curve.left.tolist(), curve.right.tolist()) == ([2, 6], [4, 8])
    np.testing.assert_allclose(curve.mass, [1 / 2, 1 / 2], atol=1e-10)


def test_a_place_that_others_make_needless_has_no_mass() -> None:
    """Innermost are (1, 2], (3, 4] and (5, 6]; p q (p + r)^9 (r + q)^9 is greatest at q = p."""
    left = [0, 5] + [1] * 9 + [3] * 9
    right = [2, 6] + [4] * 9 + [7] * 9
    curve = turnbull(left, right)
    assert (curve.left.tolist(), curve.right.tolist()) == ([1, 3, 5], [2, 4, 6])
    # 1 / p = 9 / (1 - p): p = 1 / 10 on each side.
    np.testing.assert_allclose(curve.mass, [0.1, 0.8, 0.1], atol=1e-10)


def test_an_end_belongs_to_its_interval_and_a_begin_does_not() -> None:
    """(0, 3] ends with 3, where (3, 5] has not begun; a time of 3 lies in the first only."""
    apart = turnbull([0, 3], [3, 5])
    assert apart.right.tolist() == [3, 5]
    known = turnbull([0, 3, 3], [3, 3, 5])
    assert (known.left.tolist(), known.right.tolist()) == ([3, 3], [3, 5])
    np.testing.assert_allclose(known.mass, [2 / 3, 1 / 3], atol=1e-10)


def test_within_an_innermost_interval_only_bounds_are_known() -> None:
    read = turnbull([0, 2, 4], [4, 6, INF]).at([2, 3, 4, 5, 6, 9, 1])
    np.testing.assert_allclose(read.most, [1, 1, 1 / 2, 1 / 2, 0, 0, 1], atol=1e-10)
    np.testing.assert_allclose(read.least, [1, 1 / 2, 1 / 2, 0, 0, 0, 1], atol=1e-10)
    assert np.isnan(read.survival).tolist() == [False, True, False, True, False, False, False]
    np.testing.assert_array_equal(read.survival[[0, 2, 4]], read.most[[0, 2, 4]])


def test_beyond_the_last_time_nothing_is_known() -> None:
    read = turnbull([1, 3], [1, INF]).at([2, 3, 4])
    assert read.survival[:2].tolist() == [0.5, 0.5]
    assert np.isnan(read.survival[2])
    assert (read.least[2], read.most[2]) == (0.0, 0.5)


@pytest.mark.parametrize(
    ("left", "right", "said"),
    [
        ([2], [1], "before left"),
        ([-1], [1], "negative"),
        ([1, 2], [3], "one value for each"),
        ([1], [np.nan], "missing"),
        ([INF], [INF], "finite"),
        ([], [], "empty"),
    ],
)
def test_what_is_no_interval_is_refused(left: Any, right: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        turnbull(left, right)


# --- properties --------------------------------------------------------------------------------

ROWS = st.lists(
    st.tuples(st.integers(0, 12), st.one_of(st.none(), st.integers(0, 6))), min_size=1, max_size=25
)


def _ends(rows: list[tuple[int, int | None]]) -> tuple[list[float], list[float]]:
    """Return left and right: a known length of 0 is a known time, none a censored one."""
    return [float(a) for a, _ in rows], [INF if w is None else float(a + w) for a, w in rows]


@settings(max_examples=30, deadline=None)
@given(ROWS)
def test_masses_are_those_of_greatest_likelihood(rows: list[tuple[int, int | None]]) -> None:
    left, right = _ends(rows)
    curve = turnbull(left, right)
    assert curve.mass.min() >= 0.0
    assert curve.mass.sum() == pytest.approx(1.0, abs=1e-12)
    own = seen(left, right, curve.left, curve.right, curve.mass)
    assert own == pytest.approx(curve.log_likelihood, abs=1e-9)
    for place in range(len(curve.mass)):
        moved = 0.999 * curve.mass
        moved[place] += 0.001
        assert seen(left, right, curve.left, curve.right, moved) <= own + 1e-9


@settings(max_examples=20, deadline=None)
@given(ROWS, st.integers(2, 4))
def test_everybody_twice_changes_nothing(rows: list[tuple[int, int | None]], times: int) -> None:
    left, right = _ends(rows)
    once, often = turnbull(left, right), turnbull(left * times, right * times)
    assert once.left.tolist() == often.left.tolist()
    assert often.log_likelihood == pytest.approx(times * once.log_likelihood, abs=1e-7)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 20), st.booleans()), min_size=1, max_size=30))
def test_known_and_censored_times_give_kaplan_meier(rows: list[tuple[int, bool]]) -> None:
    time = [float(one) for one, _ in rows]
    curve = turnbull(time, [one if event else INF for one, event in rows])
    exact = kaplan_meier(time, [event for _, event in rows])
    read = curve.at(exact.time)
    np.testing.assert_allclose(read.survival, exact.survival, atol=1e-9)


# --- limits ------------------------------------------------------------------------------------


def test_limits_of_known_times_are_quantiles_of_a_binomial() -> None:
    """Half of 100 by day 1: a draw has Binomial(100, 1/2) left, 95% of it from 40 to 60."""
    left = [1.0] * 50 + [2.0] * 50
    found = turnbull_bootstrap(left, left, [1], np.random.default_rng(8), resamples=1500)
    assert found.lower[0] == pytest.approx(0.40, abs=0.02)
    assert found.upper[0] == pytest.approx(0.60, abs=0.02)
    assert (found.resamples, found.conf_level) == (1500, 0.95)


def test_limits_hold_the_whole_range_where_survival_is_not_identified() -> None:
    left, right = [0.0] * 10, [4.0] * 10
    found = turnbull_bootstrap(left, right, [2, 4], np.random.default_rng(1), resamples=100)
    assert (found.lower.tolist(), found.upper.tolist()) == ([0, 0], [1, 0])


def test_the_same_seed_gives_the_same_limits_in_any_order() -> None:
    case = pinned("scans")
    left, right = case["left"], case["right"]
    there = turnbull_bootstrap(left, right, [84, 126], np.random.default_rng(5), resamples=100)
    back = turnbull_bootstrap(
        left[::-1], right[::-1], [84, 126], np.random.default_rng(5), resamples=100
    )
    assert there.lower.tolist() == back.lower.tolist()
    assert there.upper.tolist() == back.upper.tolist()
    assert (there.lower < there.upper).all()


def test_few_draws_are_refused() -> None:
    with pytest.raises(InputError, match="at least 100"):
        turnbull_bootstrap([1], [2], [1], np.random.default_rng(1), resamples=10)


# --- beside R ----------------------------------------------------------------------------------


def test_the_whole_grid_is_pinned() -> None:
    assert set(json.loads(PINNED.read_text(encoding="utf-8"))["cases"]) == set(CASES)


def beside(name: str, theirs: str) -> tuple[Any, Any]:
    """Return survival at the ends of the innermost intervals, where it is known: ours and R's."""
    case = pinned(name)
    curve = turnbull(case["left"], case["right"])
    ends = np.array([one for one in curve.right if one != INF])
    values = case["settled"]["survival"] if theirs == "settled" else case["survival"]
    place = np.searchsorted(case["time"], ends, side="right") - 1
    return curve.at(ends).survival, np.array(values)[place]


@pytest.mark.parametrize("name", CASES)
def test_survival_agrees_with_self_consistency_in_r(name: str) -> None:
    ours, theirs = beside(name, "settled")
    assert len(ours) >= 2
    np.testing.assert_allclose(ours, theirs, atol=1e-8)


@pytest.mark.parametrize("name", [one for one in CASES if one != "exact"])
def test_survival_is_near_that_of_survfit(name: str) -> None:
    """Its steps stop early; see validation/r-interval/README.md."""
    ours, theirs = beside(name, "survfit")
    np.testing.assert_allclose(ours, theirs, atol=5e-3)


def test_known_times_agree_with_the_kaplan_meier_of_r() -> None:
    case = pinned("exact")
    read = turnbull(case["left"], case["right"]).at(case["kaplan_meier"]["time"])
    np.testing.assert_allclose(read.survival, case["kaplan_meier"]["survival"], atol=1e-10)


@pytest.mark.parametrize("name", CASES)
def test_no_curve_of_r_is_more_likely(name: str) -> None:
    case = pinned(name)
    curve = turnbull(case["left"], case["right"])
    after = dict(zip(case["time"], case["survival"], strict=True))
    mass = []
    left_over = 1.0
    for end in curve.right:
        within = [s for t, s in after.items() if t <= end or end == INF]
        now = 0.0 if end == INF else min(within, default=1.0)
        mass.append(max(left_over - now, 1e-300))
        left_over = now
    theirs = seen(case["left"], case["right"], curve.left, curve.right, mass)
    assert theirs <= curve.log_likelihood + 1e-9
