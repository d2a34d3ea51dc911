"""Small-study effects on data whose answer is arithmetic, their properties, and what is refused."""

from __future__ import annotations

import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hepatica.errors import InputError
from hepatica.stats.meta import pool
from hepatica.stats.meta.fail_safe import excess_significance, fail_safe
from hepatica.stats.meta.limit_meta_analysis import limit_meta_analysis
from hepatica.stats.meta.p_curve import p_curve
from hepatica.stats.meta.selection_model import selection_model
from hepatica.stats.meta.small_study_tables import deeks, harbord, macaskill, peters
from hepatica.stats.meta.small_study_tests import begg, egger, exact_kendall, kendall
from hepatica.stats.meta.trim_and_fill import trim_and_fill, trim_and_fill_batch

NEAR = 1e-12
ESTIMATORS = ("L0", "R0", "Q0")

effects = st.lists(
    st.tuples(st.integers(-200, 200), st.integers(1, 40)), min_size=4, max_size=12, unique=True
)


def split(drawn: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    both = np.array(drawn, dtype=float)
    return both[:, 0] / 100, both[:, 1] / 50


def test_egger_is_a_line_through_four_points() -> None:
    # y = 1 + 2 se exactly, then one point moved: the slope by the weighted normal equations
    se = np.array([0.1, 0.2, 0.3, 0.4])
    y = 1.0 + 2.0 * se
    found = egger(y, se**2)
    assert found.estimate == pytest.approx(2.0, rel=1e-12)
    assert found.limit_estimate == pytest.approx(1.0, rel=1e-12)
    y[3] += 0.4
    w = 1.0 / se**2
    x = np.column_stack([np.ones(4), se])
    inverse = np.linalg.inv(x.T @ (w[:, None] * x))
    beta = inverse @ x.T @ (w * y)
    scale = (w * (y - x @ beta) ** 2).sum() / 2
    found = egger(y, se**2)
    assert found.estimate == pytest.approx(beta[1], rel=1e-11)
    assert found.std_error == pytest.approx(math.sqrt(scale * inverse[1, 1]), rel=1e-11)
    assert found.df == 2.0
    assert found.little_power


def test_egger_is_the_radial_intercept() -> None:
    y, v = np.array([0.1, 0.5, 0.2, 0.9, 0.4]), np.array([0.01, 0.04, 0.02, 0.2, 0.09])
    slope, intercept = np.polyfit(1 / np.sqrt(v), y / np.sqrt(v), 1)
    found = egger(y, v)
    assert found.estimate == pytest.approx(intercept, rel=1e-10)
    assert found.limit_estimate == pytest.approx(slope, rel=1e-10)


def test_kendall_counts_pairs_and_every_order() -> None:
    score, error, correlation, tied = kendall(np.array([1.0, 3, 2, 4]), np.array([1.0, 2, 3, 4]))
    assert (score, correlation, tied) == (4.0, 4 / 6, False)
    assert error == pytest.approx(math.sqrt(4 * 3 * 13 / 18))
    place = np.arange(5.0)
    scores = [kendall(np.array(order, float), place)[0] for order in permutations(range(5))]
    for one in (10.0, 8.0, 4.0, 2.0, 0.0):
        share = np.mean(np.array(scores) >= one)
        assert exact_kendall(one, 5) == pytest.approx(min(1.0, 2 * share), abs=NEAR)


def test_begg_as_the_seed_prints_it() -> None:
    # scores 2 of four and 7 of six data sets: only the continuity correction gives .734 and .260
    y4, v4 = np.array([0.2, 0.8, 0.2, 0.4]), np.array([0.01, 0.02, 0.03, 0.04])
    found = begg(y4, v4, method="continuity-corrected")
    assert found.estimate == 2.0
    assert round(found.p_value, 3) == 0.734
    assert round(begg(y4, v4, method="normal").p_value, 3) == 0.497
    assert round(begg(y4, v4, method="exact").p_value, 2) == 0.75
    y6, v6 = np.array([0.1, 0.3, 0.1, 0.4, 0.9, 0.1]), np.arange(1, 7) / 100
    found = begg(y6, v6, method="continuity-corrected")
    assert found.estimate == 7.0
    assert round(found.p_value, 3) == 0.260
    assert round(begg(y6, v6, method="normal").p_value, 3) == 0.188
    assert round(begg(y6, v6, method="exact").p_value, 2) == 0.27


def test_ties_leave_the_exact_distribution() -> None:
    found = begg([0.1, 0.4, 0.2, 0.3, 0.9], [0.01, 0.01, 0.02, 0.03, 0.05])
    assert found.method == "normal"
    # one tie of two in the variances takes 2 * 1 * 9 / 18 off the variance of the score
    assert found.std_error == pytest.approx(math.sqrt(5 * 4 * 15 / 18 - 1.0))


def test_harbord_from_one_table() -> None:
    # Z = a - E, V hypergeometric with n - 1; equal tables would have no slope, so two sizes
    a, n1, c, n2 = [2, 5, 4, 9], [10, 20, 40, 80], [5, 7, 9, 11], [10, 20, 40, 80]
    z, inverse = [], []
    for one, size, other in zip(a, n1, c, strict=True):
        n, m = 2 * size, one + other
        v = size * size * m * (n - m) / (n * n * (n - 1))
        z.append((one - m / 2) / v)
        inverse.append(1 / v)
    direct = egger(z, inverse)
    found = harbord(a, n1, c, n2)
    assert found.estimate == pytest.approx(direct.estimate, rel=NEAR)
    assert found.p_value == pytest.approx(direct.p_value, rel=1e-10)
    assert {one.test for one in (peters(a, n1, c, n2), deeks(a, n1, c, n2))} == {"peters", "deeks"}


@settings(max_examples=20)
@given(effects)
def test_mirrored_data_mirror_every_test(drawn: list[tuple[int, int]]) -> None:
    y, v = split(drawn)
    if np.ptp(v) == 0.0:
        return
    for method in ("regression", "random-effects"):
        one, other = egger(y, v, method=method), egger(-y, v, method=method)
        assert one.estimate == pytest.approx(-other.estimate, rel=1e-6, abs=1e-8)
    assert begg(y, v).estimate == -begg(-y, v).estimate


@settings(max_examples=20)
@given(effects, st.sampled_from(ESTIMATORS), st.sampled_from(["common", "DL", "REML"]))
def test_mirrored_data_fill_the_mirrored_side(
    drawn: list[tuple[int, int]], estimator: str, method: str
) -> None:
    y, v = split(drawn)
    for side, opposite in (("left", "right"), ("right", "left")):
        one = trim_and_fill(y, v, estimator=estimator, method=method, side=side)
        other = trim_and_fill(-y, v, estimator=estimator, method=method, side=opposite)
        assert (one.k0, one.status) == (other.k0, other.status)
        assert one.pooled.estimate == pytest.approx(-other.pooled.estimate, rel=1e-9, abs=1e-9)


@settings(max_examples=20)
@given(effects, st.sampled_from(["left", "right"]), st.floats(-3, 3))
def test_a_funnel_that_mirrors_itself_lacks_nothing(
    drawn: list[tuple[int, int]], side: str, middle: float
) -> None:
    y, v = split(drawn)
    whole, spread = np.concatenate([y, -y]) + middle, np.concatenate([v, v])
    for convention in ("meta", "stata"):
        found = trim_and_fill(whole, spread, method="DL", side=side, convention=convention)
        assert found.k0 == 0
        assert found.pooled.estimate == pytest.approx(
            pool(whole, spread, method="DL").estimate, rel=1e-12, abs=1e-12
        )


def test_metafor_ranks_ties_in_order_and_fills_a_mirrored_funnel() -> None:
    y, v = [-2.0, -1.0, 1.0, 2.0], [0.1, 0.1, 0.1, 0.1]
    # signed ranks -3, -1, 2, 4: L0 = (4 * 6 - 20) / 7, rounded to 1
    assert trim_and_fill(y, v, side="left", convention="metafor", trim_by="common").k0 == 1
    assert trim_and_fill(y, v, side="left", convention="meta", trim_by="common").k0 == 0


def test_filled_studies_are_reflections_about_the_last_centre() -> None:
    y, v = np.array([0.0, 0.1, -0.1, 0.2, 0.9, 1.1, 1.4]), np.array([1, 2, 2, 3, 10, 10, 20]) / 100
    found = trim_and_fill(y, v, method="common", side="left")
    assert found.k0 == 2
    assert found.yi[found.filled] == pytest.approx(2 * found.centre - np.array([1.1, 1.4]))
    assert found.vi[found.filled].tolist() == [0.1, 0.2]
    kept = pool(y[:5], v[:5], method="common")
    assert found.centre == pytest.approx(kept.estimate, rel=1e-14)
    assert found.path_k0[-1] == found.path_k0[-2] == 2
    stata = trim_and_fill(y, v, method="common", side="left", convention="stata")
    assert (stata.k0, stata.iterations) == (2, found.iterations + 1)


def test_a_batch_is_its_outcomes_one_by_one() -> None:
    rng = np.random.default_rng(7)
    v = rng.uniform(0.01, 0.4, (60, 11))
    y = rng.normal(0.2, np.sqrt(0.1 + v))
    y[5:30, 8:] = v[5:30, 8:] = np.nan
    y[3, 2:] = v[3, 2:] = np.nan
    for estimator in ESTIMATORS:
        batch = trim_and_fill_batch(y, v, estimator=estimator)
        assert batch.status[3] == "too_few"
        for at in (0, 1, 4, 7, 20, 29, 30, 59):
            one = trim_and_fill(y[at], v[at], estimator=estimator)
            assert (one.k0, one.side, one.status) == (
                batch.k0[at], batch.side[at], batch.status[at],
            )  # fmt: skip
            assert one.pooled.estimate == pytest.approx(batch.pooled.estimate[at], rel=1e-10)


def test_fail_safe_by_formula() -> None:
    y, v = [1.0] * 4, [0.25] * 4
    # z = 2 each; 4 (4 / 1.645)^2 - 4; effect to a half: 4; (sum wy / 1.96)^2 / w - 4
    assert fail_safe(y, v).exact == pytest.approx(4 * (4 / 1.6448536269514722) ** 2 - 4)
    assert fail_safe(y, v, method="orwin").needed == 4
    assert fail_safe(y, v, method="orwin", target=0.25).needed == 12
    exact = ((16 / 1.959963984540054) ** 2 - 16) / 4
    assert fail_safe(y, v, method="rosenberg").exact == pytest.approx(exact)
    assert fail_safe([0.0, 0.1, -0.1], [1.0, 1.0, 1.0]).needed == 0


def test_excess_significance_is_binomial_for_equal_studies() -> None:
    found = excess_significance([1.0, 1.0, 0.0], [0.25, 0.25, 0.25], effect=1.0)
    power = found.power[0]
    assert found.observed == 2
    assert found.p_value == pytest.approx(power**3 + 3 * power**2 * (1 - power))


def test_no_selection_is_found_where_none_was() -> None:
    y, v = np.array([0.5, 0.6, 0.1, -0.1, 0.4, 0.3]), np.array([0.01, 0.02, 0.03, 0.1, 0.09, 0.02])
    found = selection_model(y, v)
    assert found.lrt >= 0.0
    assert found.counts.sum() == 6
    assert found.weights[0] == 1.0
    other = selection_model(-y, v, alternative="less")
    assert other.estimate == pytest.approx(-found.estimate, rel=1e-9)
    assert other.loglik == pytest.approx(found.loglik, rel=1e-12)


def test_p_curve_of_one_study_by_hand() -> None:
    # P of z = 2.5 is .012419; within the significant ones .24838
    found = p_curve([2.5], [1.0])
    p = math.erfc(2.5 / math.sqrt(2))
    inside = p / 0.05
    assert found.right_p == pytest.approx(inside, rel=1e-12)
    assert found.right_half_p == pytest.approx(p / 0.025, rel=1e-12)
    assert found.right_binomial_p == 0.5
    assert found.power_lower <= found.power <= found.power_upper


def test_a_limit_meta_analysis_without_asymmetry_changes_little() -> None:
    v = np.array([0.01, 0.04, 0.09, 0.01, 0.04, 0.09])
    y = 0.5 + np.array([0.3, 0.3, 0.3, -0.3, -0.3, -0.3])
    found = limit_meta_analysis(y, v)
    assert found.alpha == pytest.approx(0.0, abs=1e-10)
    assert found.estimate == pytest.approx(0.5, rel=1e-10)
    assert found.q_small == pytest.approx(0.0, abs=1e-9)
    assert found.q == pytest.approx(found.q_rest + found.q_small)


@pytest.mark.parametrize("test", [egger, begg, trim_and_fill, limit_meta_analysis])
def test_two_studies_are_too_few(test) -> None:
    with pytest.raises(InputError, match="at least 3 studies; there are 2"):
        test([0.1, 0.2], [0.01, 0.02])


def test_refusals_are_kind() -> None:
    with pytest.raises(InputError, match="different precision"):
        egger([0.1, 0.2, 0.3], [0.01, 0.01, 0.01])
    with pytest.raises(InputError, match="differ between studies"):
        begg([0.1, 0.2, 0.3], [0.01, 0.01, 0.01])
    with pytest.raises(InputError, match=r"No study has a P in 0 to 0\.025"):
        selection_model([0.1, 0.2, 0.3], [1.0, 1.0, 1.0])
    with pytest.raises(InputError, match="have to rise"):
        selection_model([3.0, 0.2, 0.3], [1.0, 1.0, 1.0], steps=(0.5, 0.1))
    with pytest.raises(InputError, match=r"P below \.05"):
        p_curve([0.1], [1.0])
    with pytest.raises(InputError, match="between 0 and the mean"):
        fail_safe([1.0], [1.0], method="orwin", target=-1.0)
    with pytest.raises(InputError, match="there are 0"):
        harbord([0, 0], [10, 10], [0, 0], [10, 10])
    with pytest.raises(InputError, match="different precision"):
        macaskill([0.1, 0.2, 0.4], [0.1, 0.1, 0.1], [10, 10, 10])


def test_equal_precision_leaves_the_side_of_trim_and_fill_to_the_left() -> None:
    found = trim_and_fill([0.0, 0.1, 0.2, 3.0], [0.1] * 4)
    assert found.side == "left"
    assert math.isnan(found.slope)
