"""The smallest data sets whose answers are algebra, and what is refused."""

from __future__ import annotations

import math
from itertools import permutations

import numpy as np
import pytest
from scipy.special import stdtr

from hepatica.errors import InputError
from hepatica.stats.cut_point import logrank_scores, maximally_selected_logrank
from hepatica.stats.hodges_lehmann import hodges_lehmann, hodges_lehmann_shift
from hepatica.stats.multiplicity import adjust_p_values
from hepatica.stats.roc import roc, youden_cut_point
from hepatica.stats.signed_rank import MAX_EXACT, SignedRank, signed_rank
from hepatica.stats.survival import kaplan_meier


def test_signed_rank_vectors() -> None:
    assert signed_rank([3, -1, 4, -2, 6, 7, -2, 8]) == SignedRank(
        8, 0, 12.0, 30.0, 26 / 256, "drop", "exact"
    )
    assert signed_rank([1, 1, 2, 3, 4]) == SignedRank(5, 0, 7.5, 15.0, 2 / 32, "drop", "exact")
    assert signed_rank([0, 1, 2, 3, 4]) == SignedRank(4, 1, 5.0, 10.0, 2 / 16, "drop", "exact")


def test_pratt_ranks_zeros_first() -> None:
    # Ranks of -1, 2, 3 are 2, 3, 4; sums of positive ranks of the eight signs:
    # 0 2 3 4 5 6 7 9. Seen is 7, as far from 4.5 as 2: four of eight are at least as far.
    found = signed_rank([0, -1, 2, 3], zeros="pratt")
    assert (found.n, found.n_zero, found.positive_rank_sum, found.statistic) == (3, 1, 7.0, 2.5)
    assert found.p_value == 4 / 8
    # Dropped: ranks 1, 2, 3, seen is 5, as far from 3 as 1: 0 1 5 6 of 0 1 2 3 3 4 5 6.
    assert signed_rank([0, -1, 2, 3]).p_value == 4 / 8
    # Two zeros: ranks 3, 4, 5, seen 9 and 3; the sums 0 3 4 5 7 8 9 12.
    assert signed_rank([0, 0, -1, 2, 3], zeros="pratt").p_value == 4 / 8


def test_differences_that_differ_by_rounding_are_tied() -> None:
    assert signed_rank([5.3 - 5.1, -0.2, 0.1, 0.3]) == signed_rank([2, -2, 1, 3])
    assert signed_rank([0.1 + 0.2 - 0.3, 1, 2]).n_zero == 1


def test_t_approximation_above_twenty() -> None:
    difference = np.arange(1, 22) * np.where(np.arange(21) % 3 == 0, -1, 1)
    found = signed_rank(difference, method="exact_or_t")
    n, s = 21, float(difference[difference > 0].sum()) - 21 * 22 / 4
    variance = 21 * 22 * 43 / 24
    t = s * math.sqrt((n - 1) / (n * variance - s * s))
    assert (found.method, found.statistic) == ("t", s)
    assert found.p_value == pytest.approx(2 * stdtr(20, -abs(t)), rel=1e-14)
    # Three groups of seven ties each take t(t + 1)(t - 1) / 48 = 7 from the variance.
    tied = np.repeat([1, 2, 3], 7) * np.where(np.arange(21) % 3 == 0, -1, 1)
    found = signed_rank(tied, method="exact_or_t")
    t = found.statistic * math.sqrt(20 / (21 * (variance - 21) - found.statistic**2))
    assert found.p_value == pytest.approx(2 * stdtr(20, -abs(t)), rel=1e-14)


def test_the_rule_is_exact_up_to_twenty_that_are_not_zero() -> None:
    difference = np.append(np.arange(1, 21), [0, 0])
    assert signed_rank(difference, method="exact_or_t") == signed_rank(difference)
    assert signed_rank(difference).p_value == 2 / 2**20
    assert signed_rank(np.ones(21), method="exact_or_t").p_value == 0.0


def test_all_zero_has_no_p_value() -> None:
    found = signed_rank([0, 0, 0])
    assert (found.n, found.n_zero, found.statistic) == (0, 3, 0.0)
    assert math.isnan(found.p_value)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"difference": []}, "empty"),
        ({"difference": [1, math.nan]}, "1 of 2 values"),
        ({"difference": [1], "zeros": "keep"}, "drop, pratt"),
        ({"difference": [1], "method": "t"}, "exact, exact_or_t, normal"),
        ({"difference": [1], "zeros": "pratt", "method": "exact_or_t"}, "drop"),
        ({"difference": np.arange(MAX_EXACT + 1) + 1}, "normal"),
    ],
)
def test_signed_rank_refuses(given: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        signed_rank(**given)  # type: ignore[arg-type]


def test_hodges_lehmann() -> None:
    # Averages of 1, 2, 6, 10: 1 1.5 2 3.5 4 5.5 6 6 8 10.
    found = hodges_lehmann([1, 2, 6, 10], conf_level=0.8)
    # P(0) = 1/16 and P(0 or 1) = 2/16 > 0.1: the extremes, with coverage 7/8.
    assert (found.estimate, found.lower, found.upper, found.coverage) == (4.75, 1.0, 10.0, 0.875)
    found = hodges_lehmann([1, 2, 6, 10], conf_level=0.75)
    assert (found.lower, found.upper, found.coverage) == (1.5, 8.0, 0.75)


def test_hodges_lehmann_shift() -> None:
    # Differences: 4 2 | 6 4 | 9 7; 10 arrangements, count 0 in one, 1 in one.
    found = hodges_lehmann_shift([5, 7, 10], [1, 3], conf_level=0.8)
    assert (found.estimate, found.lower, found.upper) == (5.0, 2.0, 9.0)
    assert found.coverage == pytest.approx(0.8)


@pytest.mark.parametrize("method", ["exact", "normal"])
def test_too_few_for_the_level_have_no_limits(method: str) -> None:
    found = hodges_lehmann([1, 2, 3], method=method)
    assert found.estimate == 2.0
    assert np.isnan([found.lower, found.upper]).all()


def test_six_are_needed_for_95_percent() -> None:
    assert math.isnan(hodges_lehmann(range(5)).lower)
    found = hodges_lehmann(range(6))
    assert (found.lower, found.upper, found.coverage) == (0.0, 5.0, 1 - 2 / 64)


def test_hodges_lehmann_refuses() -> None:
    for given in ({"conf_level": 1.0}, {"method": "t"}):
        with pytest.raises(InputError):
            hodges_lehmann([1, 2], **given)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="5,000,000"):
        hodges_lehmann(np.zeros(6400))
    with pytest.raises(InputError, match="5,000,000"):
        hodges_lehmann_shift(np.zeros(5000), np.zeros(5000))
    with pytest.raises(InputError, match="normal"):
        hodges_lehmann_shift(np.zeros(200), np.zeros(200))
    with pytest.raises(InputError, match="normal"):
        hodges_lehmann(np.zeros(MAX_EXACT + 1))


def test_adjusted_p_values() -> None:
    p = [0.01, 0.04, math.nan, 0.03]
    wanted = {
        "bonferroni": [0.03, 0.12, math.nan, 0.09],
        "holm": [0.03, 0.06, math.nan, 0.06],
        "hochberg": [0.03, 0.04, math.nan, 0.04],
        "benjamini-hochberg": [0.03, 0.04, math.nan, 0.04],
    }
    for method, values in wanted.items():
        np.testing.assert_allclose(adjust_p_values(p, method), values)
    assert adjust_p_values([]).tolist() == []
    assert np.isnan(adjust_p_values([math.nan])).all()
    assert not adjust_p_values([0.5]).flags.writeable
    with pytest.raises(InputError, match="1 of 2"):
        adjust_p_values([0.5, 1.5])
    with pytest.raises(InputError, match="holm"):
        adjust_p_values([0.5], "sidak")


def test_roc_of_four() -> None:
    curve = roc([1, 2, 2, 3], [0, 0, 1, 1])
    assert curve.thresholds.tolist() == [1, 2, 3, math.inf]
    assert curve.sensitivity.tolist() == [1, 1, 0.5, 0]
    assert curve.specificity.tolist() == [0, 0.5, 1, 1]
    assert curve.auc == 3.5 / 4
    # Placements: events 0.75 and 1, others 1 and 0.75; variance 1/32 on both sides.
    assert curve.std_error == pytest.approx(math.sqrt(2 * (1 / 32) / 2))
    best = youden_cut_point(curve)
    assert (best.cut_point, best.sensitivity, best.specificity, best.youden) == (2, 1, 0.5, 0.5)


def test_roc_needs_both() -> None:
    with pytest.raises(InputError, match="with and without"):
        roc([1, 2], [1, 1])
    assert math.isnan(roc([1, 2, 3], [0, 0, 1]).std_error)


def test_logrank_scores_with_ties() -> None:
    # Two of four leave at time 1, one with event: 2 leave later, so at risk count 3; then 2, 1.
    np.testing.assert_allclose(
        logrank_scores([1, 1, 2, 3], [1, 0, 1, 1]),
        [1 - 1 / 3, -1 / 3, 1 - 1 / 3 - 1 / 2, 1 - 1 / 3 - 1 / 2 - 1],
    )


def test_cut_point_of_four() -> None:
    # Scores 3/4, 5/12, -1/12, -13/12; markers in the same order; no ties.
    found = maximally_selected_logrank([1, 2, 3, 4], [1, 1, 1, 1], [1, 2, 3, 4], min_share=0.25)
    scores = np.array([3 / 4, 5 / 12, -1 / 12, -13 / 12])
    variance = (scores**2).sum() / 3
    sums = np.cumsum(scores)[:3]
    wanted = sums / np.sqrt(np.array([3, 4, 3]) / 4 * variance)
    np.testing.assert_allclose(found.statistics, wanted)
    assert found.n_low.tolist() == [1, 2, 3]
    assert found.cut_point == [1, 2, 3][int(np.argmax(wanted))]
    assert math.isnan(found.p_permutation)
    assert found.replicates == 0


def test_permutation_p_value_of_four() -> None:
    # 24 orders of four scores; the share that reaches the statistic by enumeration.
    columns = [1, 2, 3, 4], [1, 1, 1, 1], [1, 2, 3, 4]
    generator = np.random.default_rng(1)
    found = maximally_selected_logrank(
        *columns, min_share=0.25, generator=generator, replicates=40_000
    )
    scores = [3 / 4, 5 / 12, -1 / 12, -13 / 12]
    reached = 0
    for order in permutations(scores):
        sums = np.abs(np.cumsum(order)[:3]) / np.sqrt(np.array([3, 4, 3]) / 4)
        reached += sums.max() >= found.statistic * np.std(scores, ddof=1) - 1e-9
    assert found.p_permutation == pytest.approx(reached / 24, abs=0.01)
    again = maximally_selected_logrank(
        *columns, min_share=0.25, generator=np.random.default_rng(1), replicates=40_000
    )
    assert again.p_permutation == found.p_permutation


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"min_share": 0.5}, "below 0.5"),
        ({"marker": [1, 1, 1, 1]}, "leaves a share"),
        ({"event": [0, 0, 0, 0]}, "same score"),
        ({"marker": [1, 2, 3]}, "one value for each time"),
        ({"generator": np.random.default_rng(1), "replicates": 0}, "at least 1"),
    ],
)
def test_cut_point_refuses(given: dict[str, object], message: str) -> None:
    usual = {"time": [1, 2, 3, 4], "event": [1, 1, 0, 1], "marker": [4, 2, 1, 3]}
    with pytest.raises(InputError, match=message):
        maximally_selected_logrank(**{**usual, **given})  # type: ignore[arg-type]


def test_delayed_entry_by_hand() -> None:
    # At risk: day 2 the first two; day 5 four of them; day 7 the last two; day 9 one.
    curve = kaplan_meier([2, 6, 5, 7, 9], [1, 0, 1, 1, 1], entry=[0, 0, 2, 3, 4])
    assert curve.at_risk.tolist() == [2, 4, 3, 2, 1]
    np.testing.assert_allclose(curve.survival, [1 / 2, 3 / 8, 3 / 8, 3 / 16, 0])
    assert (curve.n, curve.n_events, curve.n_censored) == (5, 4, 1)
    assert curve.entry.tolist() == [0, 2, 3, 4]
    assert curve.entered.tolist() == [2, 1, 1, 1]
    # Entered before the time, or at the origin for time 0, and not yet left.
    assert curve.at([0, 1, 2, 2.5, 3, 3.5, 6, 9]).at_risk.tolist() == [2, 2, 2, 2, 2, 3, 3, 1]


def test_entry_is_at_risk_only_afterwards() -> None:
    # 0.1 + 0.2 is 0.3 to rounding: who enters then is not at risk then.
    curve = kaplan_meier([0.3, 1.0], [1, 1], entry=[0.0, 0.1 + 0.2])
    assert curve.at_risk.tolist() == [1, 1]
    assert curve.survival.tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ([0, 2, 0], "entry must lie before time; 1 of 3"),
        ([0, 3, 0], "entry must lie before time; 1 of 3"),
        ([-1, 0, 0], "negative"),
        ([0, 0], "one value for each time"),
        ([0, math.nan, 0], "finite"),
    ],
)
def test_entry_refuses(entry: list[float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        kaplan_meier([1, 2, 3], [1, 1, 0], entry=entry)


def test_no_difference_gives_the_lowest_cut_point_in_any_order() -> None:
    time, event = [1, 2, 2, 3, 3, 4], [1, 0, 0, 1, 1, 0]
    marker = [0, 0, 1, 2, 2, 0]
    found = {
        maximally_selected_logrank(*(np.roll(one, k) for one in (time, event, marker))).cut_point
        for k in range(6)
    }
    assert found == {0.0}
