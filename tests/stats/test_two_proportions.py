"""Two proportions: by hand, as published, and what holds for all counts."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hepatica.errors import InputError
from hepatica.stats.contingency import association_test, chi_square, fisher_exact
from hepatica.stats.odds_ratio import odds_ratio
from hepatica.stats.stratified_tables import cochran_mantel_haenszel
from hepatica.stats.two_proportions import risk_difference, risk_ratio

#: Newcombe 1998, table II: counts, then limits by method 10 and by Miettinen and Nurminen (5).
NEWCOMBE = [
    ((56, 70, 48, 80), (0.0524, 0.3339), (0.0528, 0.3382)),
    ((9, 10, 3, 10), (0.1705, 0.8090), (0.1700, 0.8406)),
    ((6, 7, 2, 7), (0.0582, 0.8062), (0.0342, 0.8534)),
    ((5, 56, 0, 29), (-0.0381, 0.1926), (-0.0326, 0.1933)),
    ((0, 10, 0, 20), (-0.1611, 0.2775), (-0.1658, 0.2844)),
    ((10, 10, 0, 20), (0.6791, 1.0), (0.7156, 1.0)),
]


@pytest.mark.parametrize(("counts", "hybrid", "score"), NEWCOMBE)
def test_limits_as_published(
    counts: tuple[int, int, int, int], hybrid: tuple[float, ...], score: tuple[float, ...]
) -> None:
    found = risk_difference(*counts)
    assert (round(found.lower, 4), round(found.upper, 4)) == hybrid
    found = risk_difference(*counts, method="miettinen-nurminen")
    assert (round(found.lower, 4), round(found.upper, 4)) == score


@pytest.mark.parametrize(
    ("counts", "smallest", "fisher", "pearson", "planned"),
    [
        ((8, 41, 2, 27), 3.97, 0.2943, None, "fisher"),
        ((30, 41, 12, 27), 10.32, None, 0.0171, "pearson"),
        ((12, 41, 4, 27), 6.35, 0.245, 0.169, "pearson"),
    ],
)
def test_lenvatinib_plus_pd1_against_regorafenib(
    counts: tuple[int, ...], smallest: float, fisher: float, pearson: float, planned: str
) -> None:
    x1, n1, x2, n2 = counts
    table = [[x1, n1 - x1], [x2, n2 - x2]]
    found = association_test(table)
    assert (round(found.smallest_expected, 2), found.method) == (smallest, planned)
    if fisher is not None:
        assert fisher_exact(table).p_value == pytest.approx(fisher, abs=5.1e-4)
    if pearson is not None:
        assert chi_square(table).p_value == pytest.approx(pearson, abs=5.1e-4)


def test_exact_odds_ratio_of_one_subject_a_group() -> None:
    # Given one event, it is in group 1 with probability odds / (1 + odds), which is at least
    # 0.025 from 0.025 / 0.975 on; nothing bounds it above.
    found = odds_ratio(1, 1, 0, 1, method="exact")
    assert (found.estimate, found.upper) == (math.inf, math.inf)
    assert found.lower == pytest.approx(0.025 / 0.975, rel=1e-12)


@pytest.mark.parametrize("counts", [(0, 10, 4, 10), (10, 10, 4, 10), (4, 10, 0, 10)])
def test_empty_cells_are_refused_where_no_half_is_added(counts: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="Choose exact limits"):
        odds_ratio(*counts)
    with pytest.raises(InputError, match="choose newcombe"):
        risk_difference(*counts, method="wald")


def test_a_ratio_without_events() -> None:
    with pytest.raises(InputError, match="nobody in either group"):
        risk_ratio(0, 5, 0, 6, method="score")
    with pytest.raises(InputError, match="choose the score limits"):
        risk_ratio(0, 5, 2, 6)
    with pytest.raises(InputError, match="Everybody"):
        odds_ratio(5, 5, 6, 6, method="exact")


@pytest.mark.parametrize("counts", [(3, 2, 1, 4), (1, 0, 1, 4), (-1, 4, 1, 4), (0.5, 4, 1, 4)])
def test_counts_that_are_none(counts: tuple[float, ...]) -> None:
    with pytest.raises(InputError):
        risk_difference(*counts)  # type: ignore[arg-type]


def test_a_stratum_of_one_group_says_nothing() -> None:
    alone = cochran_mantel_haenszel([8], [10], [4], [10])
    more = cochran_mantel_haenszel([8, 3, 0], [10, 5, 4], [4, 0, 0], [10, 0, 6])
    assert (more.statistic, more.n_strata) == (alone.statistic, 1)
    with pytest.raises(InputError, match="fewer or larger strata"):
        cochran_mantel_haenszel([2], [2], [3], [3])


counts = st.tuples(st.integers(1, 400), st.integers(1, 400)).flatmap(
    lambda n: st.tuples(st.integers(0, n[0]), st.just(n[0]), st.integers(0, n[1]), st.just(n[1]))
)


@given(counts, st.sampled_from(["newcombe", "miettinen-nurminen"]))
def test_groups_change_sides(four: tuple[int, int, int, int], method: str) -> None:
    x1, n1, x2, n2 = four
    one = risk_difference(x1, n1, x2, n2, method=method)
    other = risk_difference(x2, n2, x1, n1, method=method)
    assert one.lower == pytest.approx(-other.upper, abs=1e-10)
    assert -1.0 - 1e-12 <= one.lower <= one.estimate + 1e-12
    assert one.estimate - 1e-12 <= one.upper <= 1.0 + 1e-12


@given(counts)
def test_responders_and_others_change_places(four: tuple[int, int, int, int]) -> None:
    x1, n1, x2, n2 = four
    assume(0 < x1 + x2 < n1 + n2)
    one = odds_ratio(*four, method="exact")
    other = odds_ratio(n1 - x1, n1, n2 - x2, n2, method="exact")
    assert one.lower <= one.estimate <= one.upper
    if other.upper < math.inf:
        assert one.lower * other.upper == pytest.approx(1.0, rel=1e-9)


@given(counts)
def test_score_limits_hold_the_ratio(four: tuple[int, int, int, int]) -> None:
    x1, n1, x2, n2 = four
    assume(x1 + x2 > 0)
    one = risk_ratio(*four, method="score")
    other = risk_ratio(x2, n2, x1, n1, method="score")
    assert one.lower <= one.estimate * (1 + 1e-9)
    assert one.estimate <= one.upper * (1 + 1e-9)
    if one.lower > 0.0:
        assert one.lower * other.upper == pytest.approx(1.0, rel=1e-9)
