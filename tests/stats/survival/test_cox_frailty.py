"""Shared gamma frailty: by hand, at the ends of the variance, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import gammaln

from hepatica.errors import InputError
from hepatica.stats.survival import cox, cox_frailty
from hepatica.stats.survival._gamma_frailty import marginal_less_penalised


def cohort(seed: int, n: int, centres: int, variance: float) -> tuple[np.ndarray, ...]:
    draw = np.random.default_rng(seed)
    centre = draw.integers(0, centres, n)
    frailty = draw.gamma(1 / variance, variance, centres)
    x = draw.integers(0, 2, n).astype(float)
    time = np.ceil(100 * draw.exponential(1 / (frailty[centre] * np.exp(0.5 * x))))
    return time, draw.random(n) < 0.8, x, centre


def test_frailties_balance_events() -> None:
    """At the maximum each frailty is (1/theta + events) / (1/theta + cumulative hazard)."""
    time, event, x, centre = cohort(1, 80, 6, 0.7)
    theta = 0.4
    fit = cox_frailty(time, event, x, centre, theta=theta, ties="breslow")
    risk = np.exp(fit.coef[0] * x) * fit.frailty[centre]
    moments = np.unique(time[event])
    hazard = np.array([(event & (time == t)).sum() / risk[time >= t].sum() for t in moments])
    cumulative = np.array([hazard[moments <= t].sum() for t in time])
    own = np.bincount(centre, np.exp(fit.coef[0] * x) * cumulative)
    events = np.bincount(centre, event)
    expected = (1 / theta + events) / (1 / theta + own)
    assert fit.frailty.tolist() == pytest.approx(expected.tolist(), rel=1e-10)
    assert fit.frailty.mean() == pytest.approx(1.0, rel=1e-12)
    assert fit.n_events.tolist() == events.tolist()


def test_marginal_term_is_the_formula_of_therneau_and_grambsch() -> None:
    events, theta = np.array([0, 1, 5, 40]), 0.3
    v = 1 / theta
    terms = gammaln(v + events) - gammaln(v) + v * np.log(v) - (v + events) * np.log(v + events)
    assert marginal_less_penalised(events, theta) == pytest.approx(
        float((terms + events).sum()), rel=1e-12
    )


def test_a_small_variance_is_the_model_without_frailties() -> None:
    time, event, x, centre = cohort(2, 60, 5, 0.5)
    plain = cox(time, event, x)
    fit = cox_frailty(time, event, x, centre, theta=1e-9)
    assert fit.coef.tolist() == pytest.approx(plain.coef.tolist(), abs=1e-7)
    assert fit.loglik == pytest.approx(plain.loglik, abs=1e-7)


def test_the_best_variance_is_a_maximum() -> None:
    time, event, x, centre = cohort(3, 150, 12, 0.8)
    best = cox_frailty(time, event, x, centre)
    assert 0.1 < best.theta < 5.0
    assert best.converged
    for share in (0.99, 1.01):
        beside = cox_frailty(time, event, x, centre, theta=share * best.theta)
        assert beside.loglik < best.loglik
    assert best.frailty_test.statistic == 2 * (best.loglik - best.loglik_without)


def test_clusters_that_are_alike_have_no_variance() -> None:
    time, event, x, _ = cohort(4, 60, 5, 0.5)
    fit = cox_frailty(np.tile(time, 2), np.tile(event, 2), np.tile(x, 2), np.repeat([0, 1], 60))
    assert fit.theta == 0.0
    assert fit.frailty.tolist() == [1.0, 1.0]
    assert (fit.frailty_test.statistic, fit.frailty_test.p_value) == (0.0, 1.0)


def test_strata_and_entry_are_kept() -> None:
    time, event, x, centre = cohort(5, 90, 6, 0.6)
    strata = np.arange(90) % 2
    one = cox_frailty(time, event, x, centre, theta=0.5, strata=strata)
    other = cox_frailty(
        time + 7, event, x, centre, theta=0.5, strata=strata, entry=np.full(90, 7.0)
    )
    assert one.coef.tolist() == pytest.approx(other.coef.tolist(), rel=1e-9)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"cluster": [1] * 6}, "at least two clusters"),
        ({"theta": 0.0}, "above 0"),
        ({"ties": "exact"}, "ties must be one of efron, breslow"),
        ({"cluster": [1, 2]}, "cluster must have"),
    ],
)
def test_what_cannot_be_fitted(changed: dict[str, object], said: str) -> None:
    given = {
        "time": [1, 2, 3, 4, 5, 6],
        "event": [1, 1, 0, 1, 1, 1],
        "X": [0, 1, 0, 1, 1, 0],
        "cluster": [1, 1, 2, 2, 3, 3],
    }
    with pytest.raises(InputError, match=said):
        cox_frailty(**(given | changed))  # type: ignore[arg-type]
