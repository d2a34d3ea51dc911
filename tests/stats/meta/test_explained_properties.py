"""What holds for every meta-regression and every left-out study."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from hepatica.stats import meta
from hepatica.stats.meta._pooled import CI, METHODS

METHOD = st.sampled_from(METHODS)
Data = tuple[np.ndarray, np.ndarray, np.ndarray]


@st.composite
def studies(draw: st.DrawFn) -> Data:
    k = draw(st.integers(4, 10))
    y = draw(arrays.arrays(np.float64, k, elements=st.floats(-5, 5, width=32)))
    v = draw(arrays.arrays(np.float64, k, elements=st.floats(0.0625, 4.0, width=32)))
    x = draw(arrays.arrays(np.float64, k, elements=st.integers(-4, 4)))
    assume(len(np.unique(x)) > 1)
    return y, v, x


def near(one: object, other: object, scale: float = 1.0) -> bool:
    return one == pytest.approx(other, rel=1e-6, abs=1e-6 * scale, nan_ok=True)


@settings(max_examples=60, deadline=None)
@given(studies(), METHOD, st.sampled_from(CI))
def test_without_moderators_it_is_pooling(data: Data, method: str, ci: str) -> None:
    y, v, _ = data
    assume(np.ptp(y) > 0.01)
    pooled = meta.pool(y, v, method=method, ci=ci)
    fit = meta.meta_regression(y, v, (), method=method, ci=ci)
    assert near(fit.tau2, pooled.tau2)
    assert near(fit.tau2_std_error, pooled.tau2_std_error)
    assert near(
        [fit.coefficients[0], fit.std_error[0], fit.lower[0], fit.upper[0], fit.p_value[0]],
        [pooled.estimate, pooled.std_error, pooled.lower, pooled.upper, pooled.p_value],
    )
    assert near([fit.q, fit.i2, fit.i2_tau2], [pooled.q, pooled.i2, pooled.i2_tau2])


@settings(max_examples=60, deadline=None)
@given(studies(), METHOD, st.floats(-50, 50), st.sampled_from([0.01, -1.0, 30.0]))
def test_units_of_moderators_do_not_matter(
    data: Data, method: str, shift: float, unit: float
) -> None:
    y, v, x = data
    one = meta.meta_regression(y, v, x, method=method)
    other = meta.meta_regression(y, v, shift + unit * x, method=method)
    assert near(other.tau2, one.tau2)
    assert near(other.qm, one.qm)
    assert near(other.coefficients[1] * unit, one.coefficients[1])
    first, second = (meta.influence(y, v, given, method=method) for given in (x, shift + unit * x))
    assert near(first.cooks_distance, second.cooks_distance)
    assert near(first.covariance_ratio, second.covariance_ratio)


@settings(max_examples=40, deadline=None)
@given(studies(), METHOD)
def test_a_study_left_out_is_not_there(data: Data, method: str) -> None:
    y, v, x = data
    found = meta.influence(y, v, x, method=method)
    batch = meta.leave_one_out(y, v, method=method)
    for at in range(len(y)):
        kept = np.arange(len(y)) != at
        assert near(batch.tau2[at], meta.pool(y[kept], v[kept], method=method).tau2)
        if np.isnan(found.tau2_without[at]):
            assert len(np.unique(x[kept])) == 1
            continue
        fit = meta.meta_regression(y[kept], v[kept], x[kept], method=method)
        assert near(found.tau2_without[at], fit.tau2)
        assert near(found.q_without[at], fit.q)


@settings(max_examples=30, deadline=None)
@given(studies(), METHOD)
def test_the_whole_is_among_the_subsets_and_last_of_the_cumulative(data: Data, method: str) -> None:
    y, v, _ = data
    pooled = meta.pool(y, v, method=method)
    subsets = meta.gosh(y, v, method=method)
    assert len(subsets.k) == 2 ** len(y) - len(y) - 1
    assert near([subsets.estimate[-1], subsets.tau2[-1]], [pooled.estimate, pooled.tau2])
    last = meta.cumulative(y, v, method=method)
    assert near([last.estimate[-1], last.tau2[-1]], [pooled.estimate, pooled.tau2])


@settings(max_examples=30, deadline=None)
@given(studies())
def test_the_residual_variance_has_the_highest_restricted_likelihood(data: Data) -> None:
    y, v, x = data
    fit = meta.meta_regression(y, v, x)
    design = np.column_stack([np.ones(len(y)), x])

    def height(tau2: float) -> float:
        w = 1.0 / (v + tau2)
        inner = design.T @ (w[:, None] * design)
        r = y - design @ np.linalg.solve(inner, design.T @ (w * y))
        return 0.5 * (np.log(w).sum() - np.linalg.slogdet(inner)[1] - (w * r * r).sum())

    best = height(fit.tau2)
    assert all(best >= height(tau2) - 1e-9 for tau2 in np.linspace(0.0, 30.0, 300))


@settings(max_examples=30, deadline=None)
@given(studies(), st.sampled_from(("separate", "common")))
def test_outcomes_in_a_batch_do_not_meet(data: Data, tau2: str) -> None:
    y, v, x = data
    code = (x > np.median(x)).astype(int)
    assume(0 < code.sum() < len(code))
    found = meta.subgroups(y, v, code, tau2=tau2, method="DL")
    mirrored = meta.subgroups(y[::-1], v[::-1], code[::-1], tau2=tau2, method="DL")
    assert near(found.q_between, mirrored.q_between)
    assert near(found.pooled.estimate, mirrored.pooled.estimate)
    many = meta.leave_one_out(np.stack([y, -2.0 * y]), np.stack([v, 4.0 * v]), method="DL")
    assert near(many.estimate[len(y) :], -2.0 * many.estimate[: len(y)])


@settings(max_examples=40, deadline=None)
@given(studies(), METHOD, st.integers(0, 3))
def test_many_outcomes_have_the_influence_of_each(data: Data, method: str, gap: int) -> None:
    y, v, _ = data
    holed_y, holed_v = -3.0 * y, 9.0 * v
    holed_y[gap], holed_v[gap] = np.nan, np.nan
    many = meta.influence_batch(np.stack([y, holed_y]), np.stack([v, holed_v]), method=method)
    for at, one in enumerate(
        (meta.influence(y, v, method=method), meta.influence(holed_y, holed_v, method=method))
    ):
        for field in ("rstudent", "dffits", "cooks_distance", "covariance_ratio", "hat", "weight",
                      "tau2_without", "q_without", "baujat_x", "baujat_y", "dfbetas"):  # fmt: skip
            assert near(getattr(many, field)[at], getattr(one, field), 10), field
        assert many.flagged[at].shape == one.flagged.shape
