"""What holds for every set of studies."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from hepatica.stats import meta
from hepatica.stats.meta._pooled import CI, METHODS
from hepatica.stats.meta._weighted_chi_square import weighted_chi_square

METHOD = st.sampled_from(METHODS)
FIGURES = ("estimate", "std_error", "lower", "upper", "tau2", "q", "i2", "h2", "p_value")


@st.composite
def studies(draw: st.DrawFn, least: int = 2) -> tuple[np.ndarray, np.ndarray]:
    k = draw(st.integers(least, 12))
    y = draw(arrays.arrays(np.float64, k, elements=st.floats(-5, 5, width=32)))
    v = draw(arrays.arrays(np.float64, k, elements=st.floats(0.0625, 4.0, width=32)))
    return y, v


def close(one: float, other: float, scale: float = 1.0) -> bool:
    return one == pytest.approx(other, rel=1e-7, abs=1e-7 * scale, nan_ok=True)


@settings(max_examples=60, deadline=None)
@given(studies(), METHOD, st.floats(-100, 100))
def test_adding_a_constant_moves_the_estimate_alone(
    data: tuple[np.ndarray, np.ndarray], method: str, shift: float
) -> None:
    y, v = data
    one, other = meta.pool(y, v, method=method), meta.pool(y + shift, v, method=method)
    assert close(other.estimate, one.estimate + shift, 100)
    assert close(other.tau2, one.tau2)
    assert close(other.std_error, one.std_error)
    assert close(other.q, one.q)


@settings(max_examples=60, deadline=None)
@given(studies(), METHOD, st.sampled_from([-3.0, 0.01, 0.5, 7.0, 1000.0]))
def test_another_unit_changes_only_the_unit(
    data: tuple[np.ndarray, np.ndarray], method: str, unit: float
) -> None:
    y, v = data
    one, other = meta.pool(y, v, method=method), meta.pool(unit * y, unit**2 * v, method=method)
    assert close(other.estimate / unit, one.estimate)
    assert close(other.tau2 / unit**2, one.tau2)
    assert close(other.std_error / abs(unit), one.std_error)
    assert close(other.i2, one.i2)
    assert close(other.p_value, one.p_value)


@settings(max_examples=60, deadline=None)
@given(studies(), METHOD, st.sampled_from(CI), st.randoms(use_true_random=False))
def test_the_order_of_studies_is_nothing(
    data: tuple[np.ndarray, np.ndarray], method: str, ci: str, random: object
) -> None:
    y, v = data
    order = list(range(len(y)))
    random.shuffle(order)  # type: ignore[attr-defined]
    one, other = (
        meta.pool(y, v, method=method, ci=ci),
        meta.pool(y[order], v[order], method=method, ci=ci),
    )
    for name in FIGURES:
        assert close(getattr(one, name), getattr(other, name))


@given(st.integers(2, 20), st.floats(-5, 5), st.floats(0.1, 4.0), METHOD)
def test_identical_studies_have_no_heterogeneity(
    k: int, value: float, variance: float, method: str
) -> None:
    pooled = meta.pool([value] * k, [variance] * k, method=method)
    assert close(pooled.estimate, value)
    assert pooled.tau2 == pytest.approx(0.0, abs=1e-20)
    assert close(pooled.std_error, (variance / k) ** 0.5)
    assert pooled.weights == pytest.approx([1 / k] * k)


@settings(max_examples=40, deadline=None)
@given(st.lists(studies(), min_size=1, max_size=6), METHOD, st.sampled_from(CI))
def test_a_row_of_a_batch_is_the_single_outcome(
    rows: list[tuple[np.ndarray, np.ndarray]], method: str, ci: str
) -> None:
    widest = max(len(y) for y, _ in rows)
    yi, vi = np.full((len(rows), widest), np.nan), np.full((len(rows), widest), np.nan)
    for at, (y, v) in enumerate(rows):
        yi[at, : len(y)], vi[at, : len(y)] = y, v
    batch = meta.pool_batch(yi, vi, method=method, ci=ci)
    for at, (y, v) in enumerate(rows):
        single, row = meta.pool(y, v, method=method, ci=ci), batch.outcome(at)
        assert (single.k, single.status, single.df) == (row.k, row.status, row.df)
        for name in (*FIGURES, "prediction_lower", "tau2_std_error", "i2_tau2", "q_p_value"):
            assert close(getattr(single, name), getattr(row, name))
        assert row.weights[: len(y)] == pytest.approx(single.weights, abs=1e-9)
        assert (row.weights[len(y) :] == 0.0).all()


@settings(max_examples=100, deadline=None)
@given(studies(), st.sampled_from(["ML", "REML"]), st.sampled_from([1.0, 2.0, 4.0]))
def test_no_other_tau2_is_likelier(
    data: tuple[np.ndarray, np.ndarray], method: str, wider: float
) -> None:
    y, v = data[0], data[1] ** wider
    found = meta.pool(y, v, method=method)
    grid = np.concatenate(([0.0, found.tau2], np.geomspace(1e-4, 1e3, 400)))
    spread = v[:, None] + grid
    total = (1 / spread).sum(axis=0)
    mean = (y[:, None] / spread).sum(axis=0) / total
    height = -0.5 * (np.log(spread) + (y[:, None] - mean) ** 2 / spread).sum(axis=0)
    if method == "REML":
        height -= 0.5 * np.log(total)
    assert found.status != "not_converged"
    assert height[1] >= height.max() - 1e-9


@settings(max_examples=40, deadline=None)
@given(studies())
def test_paule_mandel_and_q_profile_reach_their_targets(
    data: tuple[np.ndarray, np.ndarray],
) -> None:
    y, v = data

    def q_at(tau2: float) -> float:
        w = 1 / (v + tau2)
        return float((w * (y - (w @ y) / w.sum()) ** 2).sum())

    found = meta.pool(y, v, method="PM")
    assert close(q_at(found.tau2), len(y) - 1) or (found.tau2 == 0.0 and found.q <= len(y) - 1)
    limits = meta.tau2_limits(y, v)
    assert 0.0 <= limits.lower <= limits.upper
    assert limits.lower <= found.tau2 + 1e-12


@settings(max_examples=40, deadline=None)
@given(studies(least=3), st.sampled_from(["profile-REML", "profile-ML"]))
def test_profile_limits_enclose_the_estimate(
    data: tuple[np.ndarray, np.ndarray], method: str
) -> None:
    y, v = data
    found = meta.tau2_limits(y, v, method=method)
    estimate = meta.pool(y, v, method=method.removeprefix("profile-")).tau2
    assert found.lower <= estimate <= found.upper


@settings(max_examples=40, deadline=None)
@given(st.floats(0.01, 30.0), st.integers(1, 12), st.floats(0.1, 5.0))
def test_equal_weights_are_a_scaled_chi_square(x: float, n: int, weight: float) -> None:
    from scipy.special import chdtr

    ours = weighted_chi_square(x, np.full(n, weight))
    assert ours == pytest.approx(float(chdtr(n, x / weight)), abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 30)), min_size=2, max_size=8))
def test_freeman_tukey_goes_there_and_back(pairs: list[tuple[int, int]]) -> None:
    for events, more in pairs:
        n = events + more
        effects = meta.proportion_effects([events], [n], measure="PFT")
        back = meta.freeman_tukey_inverse(effects.yi, float(n))
        assert back[0] == pytest.approx(events / n, abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.floats(0.2, 5.0), st.floats(0.05, 0.9), st.sampled_from([0.9, 0.95, 0.99]))
def test_limits_give_the_error_back(ratio: float, error: float, level: float) -> None:
    from scipy.special import ndtri

    z = float(ndtri(0.5 + level / 2))
    lower, upper = ratio * np.exp(-z * error), ratio * np.exp(z * error)
    found = meta.ratio_from_limits([ratio], [lower], [upper], conf_level=level)
    assert found.vi[0] == pytest.approx(error**2, rel=1e-9)
    assert not found.off_centre[0]


@settings(max_examples=30, deadline=None)
@given(studies(least=3))
def test_one_estimate_a_cluster_is_the_plain_robust_error(
    data: tuple[np.ndarray, np.ndarray],
) -> None:
    y, v = data
    found = meta.cluster_robust(y, v, np.arange(len(y)), kind="CR0")
    w = 1 / v
    mean = (w @ y) / w.sum()
    assert found.std_error[0] == pytest.approx(
        np.sqrt(((w * (y - mean)) ** 2).sum()) / w.sum(), rel=1e-9, abs=1e-12
    )
