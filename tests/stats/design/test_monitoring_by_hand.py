"""Watched trials and dose finding: small cases by hand, other routes, invariants."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hepatica.stats.design import (
    bop2,
    monitoring_probabilities,
    monitoring_properties,
    posterior_monitoring,
    posterior_toxicity_boundary,
    predictive_monitoring,
    toxicity_boundary,
    two_stage_properties,
)
from hepatica.stats.design.dose_finding import (
    boin_boundaries,
    boin_selection,
    crm,
    crm_skeleton,
    simulate_boin,
    simulate_crm,
    three_plus_three,
)
from hepatica.stats.design.dose_finding._isotonic import isotonic


def test_all_courses_of_eight_patients_one_by_one() -> None:
    """Every sequence of outcomes, followed patient by patient."""
    looks, futility, efficacy, rate = [3, 5, 8], [0, 1, 3], [4, 4, 4], 0.3
    reject = expected = 0.0
    for course in product((0, 1), repeat=8):
        chance = np.prod([rate if x else 1 - rate for x in course])
        for n, low, high in zip(looks, futility, efficacy, strict=True):
            count = sum(course[:n])
            if count >= high:
                reject += chance
            if count >= high or count <= low or n == 8:
                expected += chance * n
                break
    found = monitoring_properties(looks, futility, efficacy, [rate])
    assert found.reject[0] == pytest.approx(reject, rel=1e-12)
    assert found.expected_n[0] == pytest.approx(expected, rel=1e-12)


@settings(max_examples=25, deadline=None)
@given(first=st.integers(3, 20), more=st.integers(2, 20), rate=st.floats(0.0, 1.0))
def test_two_looks_are_two_stages(first: int, more: int, rate: float) -> None:
    stop, n = first // 4, first + more
    last = max(stop, n // 3)
    found = monitoring_properties([first, n], [stop, last], [first + 1, last + 1], [rate])
    stages = two_stage_properties(first, stop, n, last, [rate])
    assert found.reject[0] == pytest.approx(stages.reject[0], abs=1e-12)
    assert found.expected_n[0] == pytest.approx(stages.expected_n[0], rel=1e-12)
    ended = found.stop_futility.sum() + found.stop_efficacy.sum()
    assert ended == pytest.approx(1.0, rel=1e-12)


def test_predictive_probability_by_hand() -> None:
    """A uniform prior and one event of one: the next has the event with probability 2/3."""
    found = monitoring_probabilities(1, 2, null=0.5, final_threshold=0.8)
    # P(p > .5) after 2 of 2 is 7/8, after 1 of 2 one half.
    assert found.predictive.tolist() == pytest.approx([0.0, 2 / 3], rel=1e-12)
    assert found.posterior.tolist() == pytest.approx([0.25, 0.75], rel=1e-12)


def test_predictive_monitoring_never_stops_what_can_still_win_surely() -> None:
    found = predictive_monitoring(0.2, 0.4, [10, 20, 30], efficacy_threshold=0.99)
    at = monitoring_probabilities(20, 30, null=0.2, final_threshold=0.95)
    assert (at.predictive[found.efficacy[1] :] > 0.99).all()
    assert at.predictive[found.efficacy[1] - 1] <= 0.99
    assert (at.predictive[: found.futility[1] + 1] < 0.05).all()


def test_more_looks_lower_both_errors_of_saying_yes() -> None:
    few = posterior_monitoring(0.2, 0.4, [20, 40])
    many = posterior_monitoring(0.2, 0.4, range(5, 41))
    assert many.power < few.power
    assert many.type_1_error < few.type_1_error
    assert many.expected_n < few.expected_n


def test_bop2_keeps_its_level_and_names_its_thresholds() -> None:
    found = bop2(0.2, 0.4, [10, 20, 30, 40], alpha=0.1)
    assert found.type_1_error <= 0.1
    for n, bound, threshold in zip(found.looks, found.futility, found.thresholds, strict=True):
        at = monitoring_probabilities(
            int(n), 40, null=0.2, final_threshold=0.5, prior=(0.2, 0.8)
        ).posterior
        assert (at[: bound + 1] < threshold).all()
        assert at[bound + 1] >= threshold


def test_toxicity_boundary_is_the_highest_allowed() -> None:
    found = toxicity_boundary(0.2, 0.4, [5, 10, 15, 20])
    assert found.type_1_error <= 0.05 < found.power
    none = [-1] * 4
    same = monitoring_properties(found.looks, none, found.boundary, [0.2, 0.4])
    assert same.reject.tolist() == pytest.approx([found.type_1_error, found.power], rel=1e-12)


def test_posterior_toxicity_boundary_by_hand() -> None:
    """Uniform prior: after three of three, P(p > .3) is 1 - .3^4."""
    found = posterior_toxicity_boundary(0.3, 0.5, [3], threshold=0.99)
    assert found.boundary.tolist() == [3]
    assert posterior_toxicity_boundary(0.3, 0.5, [3], threshold=0.992).boundary.tolist() == [4]


class Courses:
    """Follows every outcome of every cohort of a 3+3 trial."""

    def __init__(self, rates: list[float], de_escalation: bool) -> None:
        self.rates, self.de_escalation = rates, de_escalation
        self.selected, self.patients = np.zeros(len(rates) + 1), np.zeros(len(rates))
        self.up(0, [0] * len(rates), [0] * len(rates), 1.0)

    def cohort(self, dose: int, n: list[int], x: list[int], chance: float):
        rate = self.rates[dose]
        ways = (1, 3, 3, 1)
        for more in range(4):
            treated, seen = n.copy(), x.copy()
            treated[dose] += 3
            seen[dose] += more
            yield treated, seen, chance * ways[more] * rate**more * (1 - rate) ** (3 - more)

    def end(self, chosen: int, n: list[int], chance: float) -> None:
        self.selected[chosen + 1] += chance
        self.patients += chance * np.array(n)

    def down(self, dose: int, n: list[int], x: list[int], chance: float) -> None:
        if dose < 0 or not self.de_escalation or n[dose] == 6:
            self.end(dose, n, chance)
            return
        for treated, seen, p in self.cohort(dose, n, x, chance):
            if seen[dose] <= 1:
                self.end(dose, treated, p)
            else:
                self.down(dose - 1, treated, seen, p)

    def up(self, dose: int, n: list[int], x: list[int], chance: float) -> None:
        if dose == len(self.rates):
            self.end(dose - 1, n, chance)
            return
        for treated, seen, p in self.cohort(dose, n, x, chance):
            if treated[dose] == 3 and seen[dose] == 1:
                self.up(dose, treated, seen, p)
            elif seen[dose] <= 1 and (treated[dose] == 6 or seen[dose] == 0):
                self.up(dose + 1, treated, seen, p)
            else:
                self.down(dose - 1, treated, seen, p)


@pytest.mark.parametrize("de_escalation", [False, True])
@pytest.mark.parametrize("rates", [[0.3], [0.1, 0.25, 0.4], [0.0, 0.5, 1.0], [0.05, 0.1, 0.2, 0.3]])
def test_three_plus_three_by_following_every_cohort(
    rates: list[float], de_escalation: bool
) -> None:
    every = Courses(rates, de_escalation)
    selected, patients = every.selected, every.patients
    found = three_plus_three(rates, de_escalation=de_escalation)
    assert [found.selected_none, *found.selected] == pytest.approx(selected.tolist(), abs=1e-12)
    assert found.patients.tolist() == pytest.approx(patients.tolist(), rel=1e-12)
    assert found.toxicities.tolist() == pytest.approx((patients * rates).tolist(), abs=1e-12)


def test_boin_table_of_the_paper_for_three_patients() -> None:
    """Target .30: none of three escalates, two de-escalate, three eliminate."""
    found = boin_boundaries(0.30, 6)
    assert (found.escalate[2], found.de_escalate[2], found.eliminate[2]) == (0, 2, 3)
    assert (found.escalate[5], found.de_escalate[5], found.eliminate[5]) == (1, 3, 4)


def test_boin_never_recommends_a_dose_without_patients() -> None:
    assert boin_selection([3, 3, 0], [0, 0, 0], 0.3).dose == 1
    assert boin_selection([3, 0, 0], [3, 0, 0], 0.3).dose == -1


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_isotonic_fit_by_pooling_neighbours(seed: int) -> None:
    draw = np.random.default_rng(seed)
    values, weights = draw.random(6), draw.random(6) + 0.1
    blocks = [[v, w, 1] for v, w in zip(values, weights, strict=True)]
    at = 0
    while at < len(blocks) - 1:
        if blocks[at][0] > blocks[at + 1][0]:
            (a, u, m), (b, v, n) = blocks[at], blocks.pop(at + 1)
            blocks[at] = [(a * u + b * v) / (u + v), u + v, m + n]
            at = max(at - 1, 0)
        else:
            at += 1
    wanted = [value for value, _, many in blocks for _ in range(many)]
    assert isotonic(values[None], weights[None])[0].tolist() == pytest.approx(wanted, rel=1e-9)


def test_simulations_repeat_with_their_seed() -> None:
    rates, table, guess = (
        [0.1, 0.25, 0.4],
        boin_boundaries(0.25, 12),
        crm_skeleton(0.25, 0.05, 1, 3),
    )
    for run in (
        lambda seed: simulate_boin(
            rates, table, np.random.default_rng(seed), cohorts=4, trials=300
        ),
        lambda seed: simulate_crm(rates, guess, np.random.default_rng(seed), cohorts=6, trials=300),
    ):
        one, same, other = run(1), run(1), run(2)
        assert one.selected.tolist() == same.selected.tolist()
        assert one.selected.tolist() != other.selected.tolist()
        assert one.selected.sum() + one.selected_none == pytest.approx(1.0)


def test_crm_without_patients_is_the_prior() -> None:
    skeleton = crm_skeleton(0.25, 0.05, 2, 5).skeleton
    found = crm(skeleton, [0] * 5, [0] * 5, 0.25)
    assert found.estimate == pytest.approx(0.0, abs=1e-12)
    assert found.std_error == pytest.approx(1.34**0.5, rel=1e-10)
    assert found.dose == 2


def test_crm_never_skips_a_dose_and_stops_when_the_lowest_is_toxic() -> None:
    guess = crm_skeleton(0.25, 0.05, 2, 5)
    free = simulate_crm(
        [0.0] * 5, guess, np.random.default_rng(1), cohorts=5, cohort_size=3, trials=20
    )
    assert free.patients.tolist() == [3.0] * 5
    stopped = simulate_crm(
        [1.0] * 5, guess, np.random.default_rng(1), cohorts=5, cohort_size=3, trials=20
    )
    assert (stopped.selected_none, stopped.expected_n) == (1.0, 3.0)
