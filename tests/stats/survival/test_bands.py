"""Simultaneous bands: critical values against theory, tables and other computations."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import kolmogi, ndtri

from hepatica.errors import InputError
from hepatica.stats.survival import KaplanMeier, _band_critical, kaplan_meier, simultaneous_band
from hepatica.stats.survival._band_critical import (
    bridge_critical_value,
    bridge_inside,
    stationary_critical_value,
    stationary_inside,
)

PINNED = Path(__file__).parents[3] / "validation" / "r-curves" / "reference.json"


def length(first: float, last: float) -> float:
    return 0.5 * math.log(last * (1 - first) / (first * (1 - last)))


def small_tail(level: float, first: float, last: float) -> float:
    """The approximation in printed tables: Miller and Siegmund, Biometrics 1982;38:1011."""
    density = math.exp(-0.5 * level * level) / math.sqrt(2 * math.pi)
    return density * (4 / level + (level - 1 / level) * 2 * length(first, last))


def test_the_whole_bridge_is_kolmogorovs_distribution() -> None:
    for level in (0.5, 0.9, 0.95, 0.999):
        found = bridge_critical_value(0.0, 1 - 1e-13, level)
        assert found == pytest.approx(kolmogi(1 - level), rel=1e-10)


def test_a_single_time_is_the_normal_distribution() -> None:
    z = ndtri(0.975)
    assert stationary_critical_value(0.0, 0.95) == pytest.approx(z, rel=1e-12)
    assert bridge_critical_value(0.3, 0.3, 0.95) == pytest.approx(z * math.sqrt(0.21), rel=1e-12)


def test_hall_and_wellners_printed_values() -> None:
    # Klein and Moeschberger's example, from 0.1 to 0.6 at 95 %.
    assert bridge_critical_value(0.1, 0.6, 0.95) == pytest.approx(1.3211, abs=5e-5)
    tables = json.loads(PINNED.read_text(encoding="utf-8"))["critical"]["hall_wellner"]
    checked = 0
    for percent, table in tables.items():
        values = np.asarray(table["values"], dtype=float)
        columns = [int(name[2:]) / 100 for name in table["columns"]]
        for row in range(0, len(values), 9):
            for column in range(0, len(columns), 9):
                first, last = columns[column], min(0.1 + 0.02 * row, 1 - 1e-12)
                if first < last and not math.isnan(values[row, column]):
                    found = bridge_critical_value(first, last, int(percent) / 100)
                    # The tables were computed to about 1e-4.
                    assert found == pytest.approx(values[row, column], abs=1e-4)
                    checked += 1
    assert checked > 40


def test_printed_values_of_equal_precision_hold_an_approximation() -> None:
    # Printed 2.8826 solves the approximation; the exact value is another.
    assert small_tail(2.8826, 0.1, 0.6) == pytest.approx(0.05, abs=5e-6)
    assert stationary_critical_value(length(0.1, 0.6), 0.95) == pytest.approx(2.88728, abs=5e-6)
    tables = json.loads(PINNED.read_text(encoding="utf-8"))["critical"]["equal_precision"]
    for percent, table in tables.items():
        values = np.asarray(table["values"], dtype=float)
        columns = [int(name[2:]) / 100 for name in table["columns"]]
        for row, column in ((10, 0), (20, 4), (35, 9), (40, 0)):
            first, last, printed = columns[column], 0.1 + 0.02 * row, values[row, column]
            tail = 1 - int(percent) / 100
            assert small_tail(printed, first, last) == pytest.approx(tail, abs=2e-4)
            exact = stationary_critical_value(length(first, last), int(percent) / 100)
            assert abs(exact - printed) < 0.03


@pytest.mark.parametrize("level", [1.5, 2.0, 2.8, 3.5])
def test_two_computations_agree_where_both_hold(level: float) -> None:
    for time in (0.01, 0.03, 0.05):
        short = _band_critical._stationary_short(level, time)
        assert short == pytest.approx(_band_critical._stationary_long(level, time), abs=1e-12)


def chained(level: float, steps: int, density: float, spread: float, keep: float) -> float:
    """Probability that a chain of normal steps stays inside, by quadrature."""
    node, weight = np.polynomial.legendre.leggauss(160)
    x, w = level * node, level * weight
    mass = np.exp(-0.5 * (x / density) ** 2) / (density * math.sqrt(2 * math.pi))
    kernel = np.exp(-0.5 * ((x[:, None] - keep * x) / spread) ** 2)
    kernel *= w / (spread * math.sqrt(2 * math.pi))
    for _ in range(steps):
        mass = kernel @ mass
    return float(w @ mass)


@pytest.mark.parametrize(("level", "time"), [(2.0, 1.0), (2.8, 1.3)])
def test_the_stationary_process_by_a_chain_of_steps(level: float, time: float) -> None:
    """A chain that is looked at ever more often, extrapolated in the root of the step."""
    found = []
    for steps in (16, 32, 64, 128):
        keep = math.exp(-time / steps)
        found.append(chained(level, steps, 1.0, math.sqrt(1 - keep * keep), keep))
    powers = np.vander(1 / np.sqrt([16, 32, 64, 128]), 4)
    limit = np.linalg.solve(powers, found)[-1]
    assert stationary_inside(level, time) == pytest.approx(limit, abs=2e-5)
    assert all(value > stationary_inside(level, time) for value in found)


def test_the_bridge_over_its_deviation_is_the_stationary_process() -> None:
    # On so short a stretch the deviation of the bridge hardly changes: 0.49 to 0.51.
    first, last = 0.4995, 0.5005
    for level in (1.0, 2.0):
        ours = stationary_inside(level, length(first, last))
        assert bridge_inside(level * 0.5, first, last) == pytest.approx(ours, abs=1e-5)


@settings(max_examples=15, deadline=None)
@given(st.floats(0.001, 0.95), st.floats(0.0001, 0.9), st.sampled_from([0.8, 0.95, 0.99]))
def test_critical_values_solve_their_equation_and_rise(
    first: float, more: float, level: float
) -> None:
    last = first + more * (0.999 - first)
    e = stationary_critical_value(length(first, last), level)
    assert stationary_inside(e, length(first, last)) == pytest.approx(level, abs=1e-12)
    k = bridge_critical_value(first, last, level)
    assert bridge_inside(k, first, last) == pytest.approx(level, abs=1e-12)
    assert e > ndtri(0.5 + level / 2)
    assert k < kolmogi(1 - level) + 1e-12
    longer = stationary_critical_value(length(first, last) * 1.1, level)
    assert longer > e


def test_bands_by_formula() -> None:
    curve = kaplan_meier([1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 0, 1])
    ep = simultaneous_band(curve, 2, 4, conf_type="plain")
    # Without censoring the variance of log S is (1 - S) / (n S).
    v = {t: (t / 6) / (6 * (1 - t / 6)) for t in (2, 3, 4)}
    e = stationary_critical_value(0.5 * math.log(v[4] / v[2]), 0.95)
    s = np.array([4 / 6, 3 / 6, 2 / 6])
    half = e * s * np.sqrt([v[2], v[3], v[4]])
    np.testing.assert_allclose(ep.lower, np.maximum(s - half, 0))
    np.testing.assert_allclose(ep.upper, np.minimum(s + half, 1))
    assert (ep.critical_value, ep.first, ep.last) == (pytest.approx(e), 2.0, 4.0)
    hw = simultaneous_band(curve, 2, 4, band="hall-wellner")
    nv = 6 * np.array([v[2], v[3], v[4]])
    k = bridge_critical_value(nv[0] / (1 + nv[0]), nv[2] / (1 + nv[2]), 0.95)
    theta = np.exp(k * (1 + nv) / (math.sqrt(6) * np.log(s)))
    np.testing.assert_allclose(hw.lower, s ** (1 / theta))
    np.testing.assert_allclose(hw.upper, s**theta)
    arcsine = simultaneous_band(curve, 2, 4, conf_type="arcsine")
    turn = 0.5 * e * np.sqrt([v[2], v[3], v[4]]) * np.sqrt(s / (1 - s))
    below = np.sin(np.maximum(np.arcsin(np.sqrt(s)) - turn, 0)) ** 2
    np.testing.assert_allclose(arcsine.lower, below)


def test_the_range_of_a_band() -> None:
    curve = kaplan_meier([1, 2, 3, 4, 5], [0, 1, 0, 1, 1])
    whole = simultaneous_band(curve)
    assert (whole.first, whole.last) == (2.0, 4.0)
    assert whole.time.tolist() == [2, 3, 4]
    between = simultaneous_band(curve, 2.5, 4.5)
    assert between.time.tolist() == [2.5, 3, 4]
    assert between.survival.tolist() == curve.at([2.5, 3, 4]).survival.tolist()


@pytest.mark.parametrize("conf_type", ["log-log", "plain", "arcsine"])
@pytest.mark.parametrize("band", ["hall-wellner", "equal-precision"])
def test_a_band_holds_the_pointwise_limits(band: str, conf_type: str) -> None:
    rng = np.random.default_rng(1)
    time, event = rng.integers(1, 40, 80), rng.integers(0, 2, 80)
    curve = kaplan_meier(time, event, conf_type=conf_type)
    found = simultaneous_band(curve, 5, 30, band=band, conf_type=conf_type)
    read = curve.at(found.time)
    assert (found.lower <= found.survival).all()
    assert (found.survival <= found.upper).all()
    if band == "equal-precision":
        assert (found.lower <= read.lower + 1e-12).all()
        assert (found.upper >= read.upper - 1e-12).all()
    assert not found.lower.flags.writeable


def test_equal_precision_knows_weights_and_entry() -> None:
    time, event, entry = [3, 4, 5, 6, 7], [1, 1, 0, 1, 0], [0, 1, 0, 2, 3]
    curve = kaplan_meier(time, event, weights=[1.5, 2, 1, 0.5, 1], entry=entry, variance="robust")
    assert simultaneous_band(curve).critical_value > 1.96
    with pytest.raises(InputError, match="use band='equal-precision'"):
        simultaneous_band(curve, band="hall-wellner")


CURVE = kaplan_meier([1, 2, 3, 4], [1, 1, 1, 0])


@pytest.mark.parametrize(
    ("curve", "options", "message"),
    [
        (CURVE, {"first": 0.5}, "first must not lie before the first event"),
        (CURVE, {"first": float("nan")}, "first must not lie before"),
        (CURVE, {"last": 5}, "last must lie where the curve is followed"),
        (CURVE, {"first": 3, "last": 2}, "first must not lie after last"),
        (CURVE, {"last": float("nan")}, "first must not lie after last"),
        (CURVE, {"band": "nair"}, "band must be one of hall-wellner, equal-precision"),
        (CURVE, {"conf_type": "logit"}, "conf_type must be one of log-log, plain, arcsine"),
        (CURVE, {"conf_level": 1}, "conf_level must lie"),
        (kaplan_meier([1, 2], [0, 0]), {}, "there is none"),
        (kaplan_meier([1, 1], [1, 1]), {}, "there is none"),
        (kaplan_meier([1, 2], [1, 1]), {"last": 2}, "above 0; choose an earlier time"),
    ],
)
def test_refused(curve: KaplanMeier, options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        simultaneous_band(curve, **options)  # type: ignore[arg-type]
