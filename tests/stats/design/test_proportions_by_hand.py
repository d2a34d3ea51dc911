"""Designs on proportions: small cases by hand, brute force by another route, and invariants."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hepatica.stats.design import (
    fisher_power,
    inflate_for_dropout,
    noninferiority_proportions,
    one_proportion_exact,
    one_proportion_normal,
    one_proportion_power,
    precision_of_proportion,
    simon,
    two_proportions,
    two_stage_design,
    two_stage_inference,
    two_stage_properties,
)


def mass(n: int, k: int, rate: Fraction) -> Fraction:
    return math.comb(n, k) * rate**k * (1 - rate) ** (n - k) if 0 <= k <= n else Fraction(0)


def test_one_proportion_by_hand() -> None:
    """Five heads of five have 1/32 under a half; at .9 they have .59049."""
    found = one_proportion_power([5], 0.5, 0.9)
    assert found.events.tolist() == [5]
    assert found.type_1_error[0] == pytest.approx(1 / 32, rel=1e-14)
    assert found.power[0] == pytest.approx(0.9**5, rel=1e-14)


def test_a_size_that_cannot_reject_has_no_power() -> None:
    found = one_proportion_power([4], 0.5, 0.9)
    assert found.events.tolist() == [5]
    assert (found.type_1_error[0], found.power[0]) == (0.0, 0.0)


def test_a_tail_equal_to_alpha_rejects() -> None:
    """1/32 is a float, and so is the tail: at the level counts as within it."""
    assert one_proportion_power([5], 0.5, 0.9, alpha=1 / 32).events.tolist() == [5]


def test_power_is_a_sawtooth_and_lasting_is_beyond_it() -> None:
    first = one_proportion_exact(0.65, 0.80, sides=2)
    last = one_proportion_exact(0.65, 0.80, sides=2, lasting=True)
    teeth = one_proportion_power(np.arange(first.n, 400), 0.65, 0.80, alpha=0.025).power
    short = np.flatnonzero(teeth < 0.8)
    assert short.size
    assert first.n + short[-1] + 1 == last.n
    before = one_proportion_power(np.arange(1, first.n), 0.65, 0.80, alpha=0.025)
    assert (before.power < 0.8).all()


@settings(max_examples=40, deadline=None)
@given(
    null=st.floats(0.02, 0.8),
    gap=st.floats(0.1, 0.19),
    alpha=st.sampled_from([0.01, 0.05, 0.1]),
    power=st.sampled_from([0.7, 0.8, 0.9]),
)
def test_exact_sizes_keep_what_was_asked(
    null: float, gap: float, alpha: float, power: float
) -> None:
    found = one_proportion_exact(null, null + gap, alpha=alpha, power=power)
    assert found.type_1_error <= alpha + 1e-11
    assert found.power >= power - 1e-11
    lasting = one_proportion_exact(null, null + gap, alpha=alpha, power=power, lasting=True)
    assert lasting.n >= found.n


def brute_force(null: Fraction, alternative: Fraction, alpha: float, beta: float, largest: int):
    """Return minimax and optimal by trying every design, in exact fractions of binomials."""
    best = minimax = None
    for n in range(2, largest + 1):
        for first in range(1, n):
            second = n - first
            for stop in range(first):
                for last in range(stop, n):
                    reject = []
                    for rate in (null, alternative):
                        tail = [
                            sum(TABLE[rate, second][max(last - x + 1, 0) :])
                            for x in range(stop + 1, first + 1)
                        ]
                        reject.append(
                            sum(
                                TABLE[rate, first][x] * t
                                for x, t in zip(range(stop + 1, first + 1), tail, strict=True)
                            )
                        )
                    if reject[0] > alpha or reject[1] < 1 - beta:
                        continue
                    early = sum(TABLE[null, first][: stop + 1])
                    expected = first + (1 - early) * second
                    one = (expected, n, first, stop, last)
                    best = min(best or one, one)
                    if minimax is None or n == minimax[1]:
                        minimax = min(minimax or one, one)
    return minimax, best


TABLE: dict[tuple[Fraction, int], list[float]] = {}


@pytest.mark.parametrize(
    ("null", "alternative", "alpha", "beta"),
    [("1/20", "2/5", 0.1, 0.1), ("1/10", "1/2", 0.1, 0.1), ("3/10", "4/5", 0.05, 0.2)],
)
def test_every_design_tried_one_by_one_gives_the_same(
    null: str, alternative: str, alpha: float, beta: float
) -> None:
    low, high = Fraction(null), Fraction(alternative)
    for rate, n in product((low, high), range(1, 21)):
        TABLE[rate, n] = [float(mass(n, k, rate)) for k in range(n + 1)]
    minimax, best = brute_force(low, high, alpha, beta, 16)
    found = simon(float(low), float(high), alpha=alpha, power=1.0 - beta)
    for ours, theirs in ((found.minimax, minimax), (found.optimal, best)):
        assert (ours.n, ours.n_first, ours.futility_first, ours.futility) == theirs[1:]
        assert ours.expected_n == pytest.approx(theirs[0], rel=1e-12)
    assert found.optimal.n < 16


def test_admissible_designs_are_best_for_their_weights() -> None:
    designs = simon(0.3, 0.5, alpha=0.05, power=0.9).admissible
    assert designs[0].weight_upper == 1.0
    assert designs[-1].weight_lower == 0.0
    for one in designs:
        middle = (one.weight_lower + one.weight_upper) / 2.0
        loss = [middle * d.n + (1.0 - middle) * d.expected_n for d in designs]
        assert designs[int(np.argmin(loss))] is one


def test_two_stages_by_hand() -> None:
    """One patient, then one more: reject with two events, 1/4 under a half."""
    found = two_stage_properties(1, 0, 2, 1, [0.0, 0.5, 1.0])
    assert found.reject.tolist() == [0.0, 0.25, 1.0]
    assert found.early_stop.tolist() == [1.0, 0.5, 0.0]
    assert found.expected_n.tolist() == [1.0, 1.5, 2.0]


def test_the_estimate_is_unbiased_and_the_plain_share_is_not() -> None:
    design, rate = (10, 1, 29, 5), 0.2
    mean = naive = total = 0.0
    for first in range(11):
        chance = math.comb(10, first) * rate**first * (1 - rate) ** (10 - first)
        for later in range(20) if first > 1 else [0]:
            added = math.comb(19, later) * rate**later * (1 - rate) ** (19 - later)
            weight = chance * (added if first > 1 else 1.0)
            found = ESTIMATES[first + later if first > 1 else first]
            total += weight
            mean += weight * found.estimate
            naive += weight * found.estimate_naive
    assert total == pytest.approx(1.0, rel=1e-12)
    assert mean == pytest.approx(rate, rel=1e-10)
    assert naive < rate - 0.005
    assert design == (10, 1, 29, 5)


ESTIMATES = [two_stage_inference(x, (10, 1, 29, 5), null=0.1) for x in range(30)]


def test_limits_cover_at_every_rate() -> None:
    """At least 95%: outcomes in the order of the estimate, both tails at most 2.5%."""
    for rate in np.linspace(0.02, 0.98, 49):
        covered = 0.0
        for x, one in enumerate(ESTIMATES):
            if one.lower <= rate <= one.upper:
                firsts = range(2, 11) if x > 1 else [x]
                for first in firsts:
                    chance = math.comb(10, first) * rate**first * (1 - rate) ** (10 - first)
                    if x > 1:
                        later = x - first
                        chance *= (
                            math.comb(19, later) * rate**later * (1 - rate) ** (19 - later)
                            if 0 <= later <= 19
                            else 0.0
                        )
                    covered += chance
        assert covered >= 0.95 - 1e-12


def test_the_test_and_its_p_value_agree() -> None:
    design = two_stage_design(10, 1, 29, 5, null=0.1, alternative=0.3)
    least = ESTIMATES[design.events]
    assert least.p_value == pytest.approx(design.type_1_error, rel=1e-12)
    assert [one.rejects for one in ESTIMATES] == [x >= 6 for x in range(30)]


def test_two_proportions_by_hand() -> None:
    """Rates .25 and .75: pooled .5, gap .5, so n = (z_a sqrt(.5) + z_b sqrt(.375))^2 / .25."""
    found = two_proportions(0.25, 0.75)
    z_alpha, z_beta = 1.959963984540054, 0.8416212335729143
    wanted = (z_alpha * math.sqrt(0.5) + z_beta * math.sqrt(0.375)) ** 2 / 0.25
    assert found.n_control_formula == pytest.approx(wanted, rel=1e-14)
    assert found.power >= 0.8


@settings(max_examples=40, deadline=None)
@given(
    control=st.floats(0.1, 0.9),
    gap=st.floats(0.05, 0.09),
    share=st.sampled_from([0.5, 1.0, 2.0, 3.0]),
    method=st.sampled_from(["pooled", "unpooled", "continuity", "arcsine"]),
)
def test_power_at_the_formula_size(control: float, gap: float, share: float, method: str) -> None:
    found = two_proportions(control, control + gap, allocation=share, method=method)
    assert 0.795 < found.power < 0.83
    # Patients without the event have the same sizes.
    other = two_proportions(1.0 - control, 1.0 - control - gap, allocation=share, method=method)
    assert other.n_control_formula == pytest.approx(found.n_control_formula, rel=1e-9)


def test_fisher_by_hand() -> None:
    """Three against three: only 0 of 3 against 3 of 3 has a one-sided p of 1/20."""
    found = fisher_power(3, 3, control=0.25, treatment=0.75, sides=1)
    assert found.power == pytest.approx(0.75**6, rel=1e-12)
    assert found.type_1_error == pytest.approx(0.75**3 * 0.25**3, rel=1e-12)
    assert fisher_power(3, 3, control=0.25, treatment=0.75).power == 0.0


def test_noninferiority_by_hand() -> None:
    """Wald, equal rates: n = (z_a + z_b)^2 2 p q / margin^2."""
    found = noninferiority_proportions(0.5, 0.5, 0.1, method="wald")
    wanted = (1.959963984540054 + 0.8416212335729143) ** 2 * 0.5 / 0.01
    assert found.n_control_formula == pytest.approx(wanted, rel=1e-13)


def test_noninferiority_of_harm_mirrors_that_of_benefit() -> None:
    benefit = noninferiority_proportions(0.65, 0.6, 0.15, allocation=2.0)
    harm = noninferiority_proportions(0.35, 0.4, 0.15, allocation=2.0, higher_is_better=False)
    assert harm.n_control_formula == pytest.approx(benefit.n_control_formula, rel=1e-12)
    assert benefit.treatment_limit == pytest.approx(benefit.control_limit - 0.15, rel=1e-12)


def test_precision_by_hand() -> None:
    """Wald at one half: n = (z / (2 h))^2."""
    found = precision_of_proportion(0.5, 0.1, method="wald")
    assert found.n == math.ceil((1.959963984540054 / 0.2) ** 2)
    assert found.half_width <= 0.1


@pytest.mark.parametrize(("n", "share", "up"), [(27, 0.1, 30), (18, 0.1, 20), (9, 0.0, 9)])
def test_dropout_that_divides_is_not_rounded_up(n: int, share: float, up: int) -> None:
    assert inflate_for_dropout(n, share).n == up
    assert inflate_for_dropout(n, share, rounding="nearest").n == up


def test_continuity_asks_for_more() -> None:
    plain, more = (one_proportion_normal(0.2, 0.4, continuity=c) for c in (False, True))
    assert more.n > plain.n
    assert more.type_1_error <= 0.05
