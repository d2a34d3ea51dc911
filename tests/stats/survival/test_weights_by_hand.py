"""Weighted and left-truncated curves, cumulative hazards and at-risk tables by hand."""

from __future__ import annotations

import importlib
import math

import numpy as np
import pytest

from hepatica.stats.survival import (
    KaplanMeier,
    at_risk_table,
    count_survival,
    fleming_harrington,
    kaplan_meier,
    kaplan_meier_by_group,
    nelson_aalen,
    nelson_aalen_from_counts,
    reverse_kaplan_meier,
)

Z = 1.959963984540054


def test_weights_are_shares_of_subjects() -> None:
    # At risk 4, 3, 1.5: survival 3/4, then times (3 - 1.5) / 3.
    curve = kaplan_meier([1, 2, 3], [1, 1, 0], weights=[1.0, 1.5, 1.5])
    assert curve.at_risk.tolist() == [4.0, 3.0, 1.5]
    assert curve.events.tolist() == [1.0, 1.5, 0.0]
    assert curve.censored.tolist() == [0.0, 0.0, 1.5]
    np.testing.assert_allclose(curve.survival, [3 / 4, 3 / 8, 3 / 8])
    # Greenwood on weighted counts: 1 / (4 x 3) + 1.5 / (3 x 1.5).
    np.testing.assert_allclose(curve.std_error[1], 3 / 8 * math.sqrt(1 / 12 + 1 / 3))
    assert (curve.n, curve.n_events, curve.n_censored) == (3, 2, 1)


def test_whole_weights_give_whole_counts() -> None:
    curve = kaplan_meier([1, 2], [1, 0], weights=[2, 3])
    assert curve.at_risk.dtype == np.int64
    assert curve.at_risk.tolist() == [5, 3]
    assert curve.n == 2


def test_a_subject_of_weight_0_is_not_there() -> None:
    curve = kaplan_meier([1, 2, 3], [1, 1, 0], weights=[1, 0, 1])
    assert curve.time.tolist() == [1, 3]
    assert curve.n == 2


def test_robust_variance_of_an_unweighted_share_is_binomial() -> None:
    # Without censoring the jackknife of S = k / n is S (1 - S) / n, as Greenwood is.
    time = np.arange(1, 8)
    robust = kaplan_meier(time, np.ones(7), variance="robust")
    greenwood = kaplan_meier(time, np.ones(7))
    np.testing.assert_allclose(robust.std_error[:-1], greenwood.std_error[:-1], rtol=1e-13)
    np.testing.assert_allclose(robust.lower[:-1], greenwood.lower[:-1], rtol=1e-12)


def test_robust_variance_of_a_weighted_share() -> None:
    # S(1) = (w2 + w3) / w; the derivatives are (S - 1 or S) / w: sum of (w_i d_i)^2.
    w = np.array([1.0, 2.0, 0.5])
    curve = kaplan_meier([1, 2, 3], [1, 1, 1], weights=w, variance="robust")
    share = w[1:].sum() / w.sum()
    derivative = (np.array([0, 1, 1]) - share) / w.sum()
    assert curve.std_error[0] == pytest.approx(math.sqrt(((w * derivative) ** 2).sum()))


@pytest.mark.parametrize("late", [False, True])
def test_robust_variance_by_numerical_derivatives(late: bool) -> None:
    rng = np.random.default_rng(5)
    time = rng.integers(3, 12, 20)
    event, weights = rng.integers(0, 2, 20), rng.uniform(0.5, 2.0, 20)
    entry = rng.integers(0, 3, 20) if late else None
    curve = kaplan_meier(time, event, weights=weights, entry=entry, variance="robust")
    hazard = nelson_aalen(time, event, weights=weights, entry=entry, variance="robust")
    squares, hazard_squares = np.zeros(len(curve.time)), np.zeros(len(curve.time))
    step = 1e-6
    for i in range(20):
        moved = [weights + sign * step * (np.arange(20) == i) for sign in (1, -1)]
        up, down = (kaplan_meier(time, event, weights=w, entry=entry).survival for w in moved)
        squares += (weights[i] * (up - down) / (2 * step)) ** 2
        up, down = (nelson_aalen(time, event, weights=w, entry=entry).hazard for w in moved)
        hazard_squares += (weights[i] * (up - down) / (2 * step)) ** 2
    above = curve.survival > 0
    np.testing.assert_allclose(curve.std_error[above] ** 2, squares[above], rtol=1e-7)
    np.testing.assert_allclose(hazard.std_error**2, hazard_squares, rtol=1e-7)


def test_an_emptied_risk_set_is_exactly_empty() -> None:
    # All three at risk at 2 have the event; weights such as 0.1 + 0.2 leave no rounding behind.
    curve = kaplan_meier(
        [2, 2, 2, 9], [1, 1, 1, 1], weights=[0.1, 0.2, 0.7, 0.3], entry=[0, 0, 0, 4]
    )
    assert curve.survival.tolist() == [0.0, 0.0]
    assert np.isnan(curve.std_error).all()
    assert curve.at([3, 5]).at_risk.tolist() == [0.0, pytest.approx(0.3)]


def test_rothman_wilson_is_wilson_without_censoring() -> None:
    # Two of five left: Wilson's limits of 2 / 5.
    curve = kaplan_meier([1, 2, 3, 4, 5], [1] * 5, conf_type="rothman-wilson")
    centre = (0.4 + Z**2 / 10) / (1 + Z**2 / 5)
    half = Z / (1 + Z**2 / 5) * math.sqrt(0.4 * 0.6 / 5 + Z**2 / 100)
    assert curve.lower[2] == pytest.approx(centre - half, rel=1e-13)
    assert curve.upper[2] == pytest.approx(centre + half, rel=1e-13)
    assert np.isnan(curve.lower[-1])


def test_two_variances_of_the_cumulative_hazard() -> None:
    found = nelson_aalen([1, 2, 2, 3], [1, 1, 1, 0])
    np.testing.assert_allclose(found.hazard, [1 / 4, 1 / 4 + 2 / 3, 11 / 12])
    np.testing.assert_allclose(found.std_error[1] ** 2, 1 / 16 + 2 / 9)
    binomial = nelson_aalen([1, 2, 2, 3], [1, 1, 1, 0], variance="binomial")
    np.testing.assert_allclose(binomial.std_error[1] ** 2, 3 / 64 + 2 / 27)
    corrected = nelson_aalen([1, 2, 2, 3], [1, 1, 1, 0], ties="fleming-harrington")
    np.testing.assert_allclose(corrected.hazard[1], 1 / 4 + 1 / 3 + 1 / 2)
    np.testing.assert_allclose(corrected.std_error[1] ** 2, 1 / 16 + 1 / 9 + 1 / 4)


def test_limits_of_the_cumulative_hazard() -> None:
    log = nelson_aalen([1, 2, 2, 3], [1, 1, 1, 0])
    h, se = 11 / 12, math.sqrt(1 / 16 + 2 / 9)
    assert log.lower[1] == pytest.approx(h * math.exp(-Z * se / h))
    assert log.upper[1] == pytest.approx(h * math.exp(Z * se / h))
    plain = nelson_aalen([1, 2, 2, 3], [1, 1, 1, 0], conf_type="plain")
    assert (plain.lower[1], plain.upper[1]) == (0.0, pytest.approx(h + Z * se))
    read = log.at([0, 2, 2.5, 4])
    np.testing.assert_allclose(read.hazard, [0, h, h, math.nan])


def test_no_event_has_no_hazard() -> None:
    found = nelson_aalen([1, 2], [0, 0])
    assert found.hazard.tolist() == [0, 0]
    assert np.isnan(found.lower).all()
    assert nelson_aalen([1, 2], [0, 0], conf_type="plain").upper.tolist() == [0, 0]


def test_survival_from_the_cumulative_hazard() -> None:
    curve = fleming_harrington(nelson_aalen([1, 2], [1, 1]), conf_type="log")
    assert isinstance(curve, KaplanMeier)
    np.testing.assert_allclose(curve.survival, np.exp([-0.5, -1.5]))
    np.testing.assert_allclose(curve.std_error, curve.survival * np.sqrt([0.25, 1.25]))
    assert curve.lower[0] == pytest.approx(math.exp(-0.5 - Z * 0.5))
    assert curve.median.estimate == 2.0


def test_cumulative_hazard_from_counts() -> None:
    time, event, entry = [3, 4, 4, 6], [1, 1, 1, 0], [0, 0, 3, 1]
    for ties in ("nelson-aalen", "fleming-harrington"):
        ours = nelson_aalen_from_counts(count_survival(time, event, entry=entry), ties=ties)
        theirs = nelson_aalen(time, event, entry=entry, ties=ties)
        assert ours.hazard.tolist() == theirs.hazard.tolist()
        assert ours.entered.tolist() == theirs.entered.tolist()


def test_many_ties_are_spread_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(2)
    time, event = rng.integers(1, 9, 200), rng.integers(0, 2, 200)
    whole = nelson_aalen(time, event, ties="fleming-harrington")
    module = importlib.import_module("hepatica.stats.survival.nelson_aalen")
    monkeypatch.setattr(module, "_SPREAD", 7)
    parts = nelson_aalen(time, event, ties="fleming-harrington")
    np.testing.assert_array_equal(parts.hazard, whole.hazard)
    np.testing.assert_array_equal(parts.std_error, whole.std_error)


def test_at_risk_table_by_hand() -> None:
    curves = kaplan_meier_by_group([1, 2, 2, 3, 5], [1, 0, 1, 1, 0], [4, 4, 7, 7, 7])
    table = at_risk_table(curves, [2, 0, 9])
    assert table.groups == (4, 7)
    assert table.time.tolist() == [2, 0, 9]
    assert table.at_risk.tolist() == [[1, 2, 0], [3, 3, 0]]
    assert table.cumulative_events.tolist() == [[1, 0, 1], [1, 0, 2]]
    assert table.cumulative_censored.tolist() == [[1, 0, 1], [0, 0, 1]]


def test_at_risk_table_with_entry_and_weights() -> None:
    curves = kaplan_meier_by_group(
        [4, 6, 6], [1, 0, 1], [0, 0, 1], entry=[0, 2, 3], weights=[1.0, 0.5, 2.0]
    )
    table = at_risk_table(curves, [0, 1, 3, 5, 7])
    np.testing.assert_allclose(table.at_risk, [[1, 1, 1.5, 0.5, 0], [0, 0, 0, 2, 0]])
    np.testing.assert_allclose(table.cumulative_events, [[0, 0, 0, 1, 1], [0, 0, 0, 0, 2]])


def test_follow_up_with_entry_and_weights() -> None:
    # The end of follow-up on day 5: of weights 2 and 3 at risk, 3 ends; the event leaves no trace.
    curve = reverse_kaplan_meier([5, 7, 3], [0, 1, 1], weights=[3, 2, 1], entry=[1, 4, 0])
    assert curve.at_risk.tolist() == [4, 5, 2]
    np.testing.assert_allclose(curve.survival, [1, 2 / 5, 2 / 5])


@pytest.mark.parametrize(
    ("rule", "expected"),
    [("midpoint_or_first", 5.0), ("midpoint_or_missing", 5.0), ("first_time", 4.0)],
)
def test_a_flat_half_with_entry_and_weights(rule: str, expected: float) -> None:
    # At 4 half of the weight at risk has the event, at 6 the rest.
    curve = kaplan_meier(
        [4, 6, 3], [1, 1, 0], weights=[1.5, 1.5, 9.0], entry=[3, 2, 0], median_rule=rule
    )
    assert curve.median.estimate == expected
