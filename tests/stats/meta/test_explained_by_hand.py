"""What explains heterogeneity, on data small enough for algebra, and what is refused."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from hepatica.errors import InputError
from hepatica.stats import meta
from hepatica.stats.meta.permutation_test import arrangements


def test_two_groups_of_two() -> None:
    # means 1 and 5, within-group squares 2 + 2, variances 1: df 2, so every moment estimator of
    # tau2 is 4/2 - 1 = 1; difference 4 with variance (1 + 1)/2 + (1 + 1)/2 = 2
    y, x = [0.0, 2.0, 4.0, 6.0], [0.0, 0.0, 1.0, 1.0]
    for method in ("DL", "HE", "PM", "EB", "REML", "DL2"):
        fit = meta.meta_regression(y, [1.0] * 4, x, method=method)
        assert fit.tau2 == pytest.approx(1.0)
        assert fit.coefficients == pytest.approx([1.0, 4.0])
        assert fit.std_error == pytest.approx([1.0, 2.0**0.5])
        assert fit.qm == pytest.approx(8.0)
        # without groups: variance of 0, 2, 4, 6 is 20/3
        assert fit.tau2_without == pytest.approx(20 / 3 - 1)
        assert fit.r2 == pytest.approx(1 - 1 / (20 / 3 - 1))
    # maximum likelihood: residual squares 4 over 4 studies are 1, no more than chance
    assert meta.meta_regression(y, [1.0] * 4, x, method="ML").tau2 == 0.0
    # Hunter and Schmidt: (4 - 4)/4
    assert meta.meta_regression(y, [1.0] * 4, x, method="HS").tau2 == 0.0
    # Sidik and Jonkman: begins at 20/4 = 5, residual squares 4/6, 5 * (4/6)/2 = 5/3
    assert meta.meta_regression(y, [1.0] * 4, x, method="SJ").tau2 == pytest.approx(5 / 3)


def test_knapp_hartung_is_least_squares_where_variances_are_one() -> None:
    # common effect with equal variances: factor = residual squares 4 / 2 = 2
    fit = meta.meta_regression(
        [0.0, 2.0, 4.0, 6.0], [1.0] * 4, [0.0, 0.0, 1.0, 1.0], method="common", ci="hartung-knapp"
    )
    assert fit.std_error == pytest.approx([1.0, 2.0**0.5])
    assert fit.qm == pytest.approx(8.0)
    assert fit.qm_p_value == pytest.approx(fit.p_value[1])  # one coefficient: F is t squared
    narrow = meta.meta_regression(
        [0.0, 0.2, 4.0, 4.2],
        [1.0] * 4,
        [0.0, 0.0, 1.0, 1.0],
        method="common",
        ci="hartung-knapp-floor",
    )
    assert narrow.std_error == pytest.approx([0.5**0.5, 1.0])


def test_an_exact_line_leaves_nothing() -> None:
    fit = meta.meta_regression([1.0, 3.0, 5.0, 7.0], [1.0] * 4, [0.0, 1.0, 2.0, 3.0])
    assert fit.tau2 == 0.0
    assert fit.r2 == 1.0
    assert fit.q == pytest.approx(0.0, abs=1e-24)
    perfect = meta.meta_regression(
        [1.0, 3.0, 5.0, 7.0], [1.0] * 4, [0.0, 1.0, 2.0, 3.0], ci="hartung-knapp"
    )
    assert perfect.status == "no_spread"
    assert np.isnan(perfect.std_error).all()


def test_a_study_without_the_outcome_is_not_there() -> None:
    y, v, x = [0.0, 2.0, np.nan, 4.0, 7.0], [1.0, 2.0, np.nan, 1.0, 1.0], [0.0, 1.0, 9.0, 2.0, 4.0]
    here = [0, 1, 3, 4]
    for method in ("REML", "PM", "HE", "SJ", "DL2", "ML"):
        with_gap = meta.meta_regression(y, v, x, method=method)
        without = meta.meta_regression(
            np.take(y, here), np.take(v, here), np.take(x, here), method=method
        )
        assert with_gap.k == 4
        assert with_gap.tau2 == pytest.approx(without.tau2)
        assert with_gap.coefficients == pytest.approx(without.coefficients)
    one, other = meta.influence(y, v), meta.influence(np.take(y, here), np.take(v, here))
    assert np.isnan(one.rstudent[2])
    assert not one.flagged[2]
    assert one.rstudent[here] == pytest.approx(other.rstudent)
    assert meta.gosh(y, v).included[:, 2].sum() == 0


def test_influence_of_one_among_three() -> None:
    # common effect, variances 1: mean 2 of 0, 0, 6; without the last it is 0
    found = meta.influence([0.0, 0.0, 6.0], [1.0] * 3, method="common")
    assert found.rstudent[2] == pytest.approx(6 / (1 + 1 / 2) ** 0.5)
    assert found.hat == pytest.approx([1 / 3] * 3)
    assert found.dffits[2] == pytest.approx(2 * 3**0.5)
    assert found.cooks_distance[2] == pytest.approx(4 * 3)
    assert found.covariance_ratio == pytest.approx([1.5] * 3)
    assert found.q_without[2] == pytest.approx(0.0)
    assert found.dfbetas[2, 0] == pytest.approx(2 * 3**0.5)
    assert found.baujat_x == pytest.approx([4.0, 4.0, 16.0])
    assert found.baujat_y[2] == pytest.approx(4 * 2)
    assert found.flagged.tolist() == [True, True, True]  # |DFBETAS| of the others is 3^.5


def test_without_the_only_study_of_a_group_there_is_no_model() -> None:
    found = meta.influence([0.0, 1.0, 2.0, 5.0], [1.0] * 4, [0.0, 0.0, 0.0, 1.0], method="DL")
    assert np.isnan(found.rstudent[3])
    assert np.isfinite(found.rstudent[:3]).all()
    assert found.hat[3] == pytest.approx(1.0)


def test_arrangements_are_all_different_ones() -> None:
    counts = np.array([2, 1, 3])
    found = arrangements(np.arange(60), counts, 60)
    expected = sorted(set(permutations([0, 0, 1, 2, 2, 2])))
    assert [tuple(row) for row in found.tolist()] == expected


def test_permutations_by_hand() -> None:
    # groups of two: the six ways to choose two of four; 0, 1 against 8, 9 is the farthest apart,
    # and its mirror image the other one
    y, v, x = [0.0, 1.0, 8.0, 9.0], [1.0] * 4, [0.0, 0.0, 1.0, 1.0]
    for method in ("common", "DL", "REML"):
        fit = meta.meta_regression(y, v, x, method=method)
        found = meta.permutation_test(y, v, x, fit=fit)
        assert found.exact
        assert found.permutations == 6
        assert found.p_value[1] == pytest.approx(2 / 6)
        assert found.qm_p_value == pytest.approx(2 / 6)
    drawn = meta.permutation_test(y, v, x, fit=fit, exact_up_to=5, draws=5999, seed=3)
    assert not drawn.exact
    assert drawn.permutations == 6000
    assert drawn.p_value[1] == pytest.approx(1 / 3, abs=0.02)
    again = meta.permutation_test(y, v, x, fit=fit, exact_up_to=5, draws=5999, seed=3)
    assert again.p_value.tolist() == drawn.p_value.tolist()


def test_signs_by_hand() -> None:
    # all of one sign: only the two extreme assignments of 2^5 reach the statistic
    y, v = [1.0, 2.0, 1.5, 3.0, 2.5], [1.0, 0.5, 2.0, 1.0, 1.0]
    fit = meta.meta_regression(y, v, (), method="common")
    assert meta.permutation_test(y, v, (), fit=fit).p_value == pytest.approx([2 / 32])
    drawn = meta.permutation_test(y, v, (), fit=fit, exact_up_to=2, draws=4000)
    assert drawn.p_value == pytest.approx([2 / 32], abs=0.02)


def test_subsets_drawn_are_subsets() -> None:
    y = np.arange(20.0)
    found = meta.gosh(y, np.ones(20), method="common", most_subsets=500)
    assert not found.exhaustive
    assert found.included.shape == (500, 20)
    means = (found.included @ y) / found.included.sum(axis=1)
    assert found.estimate == pytest.approx(means)
    assert found.k.min() >= 2
    again = meta.gosh(y, np.ones(20), method="common", most_subsets=500)
    assert (again.included == found.included).all()


def test_common_variance_of_groups() -> None:
    found = meta.subgroups(
        [0.0, 2.0, 4.0, 6.0, 9.0], [1.0] * 5, [1, 1, 2, 2, 3], method="DL", tau2="common"
    )
    # residual squares 2 + 2 + 0 on 5 - 3 degrees of freedom, less 1
    assert found.pooled.tau2 == pytest.approx([1.0] * 3)
    assert found.pooled.std_error == pytest.approx([1.0, 1.0, 2.0**0.5])
    assert found.pooled.q == pytest.approx([2.0, 2.0, 0.0])
    assert found.pooled.k.tolist() == [2, 2, 1]
    assert found.pooled.weights[0].tolist() == [0.5, 0.5, 0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("x", "said"),
    [
        ([1.0, 1.0, 1.0, 1.0, 1.0], "repeat each other or the intercept"),
        (np.ones((5, 5)), "more than 6 studies"),
        ([1.0, 2.0], "one row for each study"),
        ([1.0, 2.0, np.nan, 4.0, 5.0], "finite"),
        (["a", "b", "c", "d", "e"], "numbers"),
    ],
)
def test_designs_that_are_refused(x: object, said: str) -> None:
    for model in (meta.meta_regression, meta.influence, meta.study_predictions):
        with pytest.raises(InputError, match=said):
            model([1.0, 2.0, 3.0, 4.0, 6.0], [1.0] * 5, x)


def test_other_refusals() -> None:
    y, v, x = [1.0, 2.0, 4.0, 8.0], [1.0] * 4, [0.0, 1.0, 2.0, 3.0]
    fit = meta.meta_regression(y, v, x)
    with pytest.raises(InputError, match="same yi, vi and x"):
        meta.permutation_test(y, v, [0.0, 1.0, 2.0, 4.0], fit=fit)
    with pytest.raises(InputError, match="1 or more"):
        meta.permutation_test(y, v, x, fit=fit, draws=0)
    with pytest.raises(InputError, match="moderator of the fit: 1"):
        meta.predict_effects(fit, [[1.0, 2.0]])
    with pytest.raises(InputError, match="positions, 0 to 1"):
        meta.meta_regression(y, v, x, tested=[2])
    with pytest.raises(InputError, match="positions, 0 to 1"):
        meta.meta_regression(y, v, x, tested=["x"])  # type: ignore[list-item]
    with pytest.raises(InputError, match="each coefficient once"):
        meta.meta_regression(y, v, x, tested=[1, 1])
    with pytest.raises(InputError, match="no intercept"):
        meta.meta_regression(y, v, (), intercept=False)
    with pytest.raises(InputError, match="at least two studies"):
        meta.gosh([1.0], [1.0])
    with pytest.raises(InputError, match="1 or more"):
        meta.gosh(y, v, most_subsets=0)
    with pytest.raises(InputError, match="two or more"):
        meta.leave_one_out([1.0], [1.0])
    with pytest.raises(InputError, match="every group has one study"):
        meta.subgroups([1.0, 2.0], [1.0, 1.0], [1, 2], tau2="common")


def test_influence_of_outcomes_with_few_studies() -> None:
    nan = np.nan
    found = meta.influence_batch(
        [[0.0, 0.0, 6.0], [1.0, nan, 2.0], [3.0, nan, nan]],
        [[1.0, 1.0, 1.0], [1.0, nan, 1.0], [1.0, nan, nan]],
        method="common",
    )
    assert found.flagged.tolist() == [[True] * 3, [False] * 3, [False] * 3]
    assert np.isnan(found.rstudent[1:]).all()
    assert found.hat[1, [0, 2]] == pytest.approx([0.5, 0.5])
    assert found.cooks_distance[0, 2] == pytest.approx(12.0)
