"""Proportional hazards where the answer is algebra, and what is refused."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from hepatica.errors import InputError
from hepatica.stats.survival import NoFiniteEstimateError, cox


def test_weights() -> None:
    # Weights 1, 2, 2 of x = 1, 0, 1, the last one censored.
    fit = cox([1, 2, 3], [1, 1, 0], [1, 0, 1], weights=[1, 2, 2], ties="breslow")
    # First: (r) of (3r + 2); second: weight 2, mean 2r / (2r + 2) = r / (1 + r).
    # Score: 1 - 3r / (3r + 2) - 2 r / (1 + r) = 0, so 2 (1 + r) = 2 r (3r + 2): 3r^2 + r - 1 = 0.
    r = (math.sqrt(13) - 1) / 6
    assert fit.hazard_ratio[0] == pytest.approx(r, rel=1e-11)
    first, second = 3 * r / (3 * r + 2), r / (1 + r)
    information = first * (1 - first) + 2 * second * (1 - second)
    assert fit.vcov[0, 0] == pytest.approx(1 / information, rel=1e-10)
    loglik = math.log(r / (3 * r + 2)) + 2 * math.log(1 / (2 * r + 2))
    assert fit.loglik == pytest.approx(loglik)
    assert (fit.n, fit.n_events) == (3, 2)


def test_delayed_entry() -> None:
    # The third subject enters after the first event, so that with x = (1, 0, 1, 1) the risk sets
    # are {1, 2, 4} and {2, 3, 4}; events of x = 1 and x = 0.
    fit = cox([1, 2, 3, 4], [1, 1, 0, 0], [1, 0, 1, 1], entry=[0, 0, 1, 0])
    # Score: 1 - 2r / (2r + 1) - 2r / (2r + 1) = 0, so r = 1/2.
    assert fit.hazard_ratio[0] == pytest.approx(0.5, rel=1e-11)
    # Without the entry there is one more at the first event: the root is another.
    whole = cox([1, 2, 3, 4], [1, 1, 0, 0], [1, 0, 1, 1])
    r = whole.hazard_ratio[0]
    assert 1 - 3 * r / (3 * r + 1) - 2 * r / (2 * r + 1) == pytest.approx(0, abs=1e-12)


def test_a_covariate_that_changes() -> None:
    # One subject goes from 0 to 1 at time 1; the other stays at 0. Events: the changed one at 2,
    # while the other is at risk, and before it the other way round in a second stratum.
    fit = cox(
        [1, 2, 3, 1, 2, 2],
        [0, 1, 0, 0, 0, 1],
        [0, 1, 0, 0, 1, 0],
        entry=[0, 1, 0, 0, 1, 0],
        strata=[0, 0, 0, 1, 1, 1],
    )
    assert fit.coef[0] == pytest.approx(0, abs=1e-12)
    assert fit.vcov[0, 0] == pytest.approx(2, rel=1e-12)


def test_exact_ties() -> None:
    # Two events among three at risk, x = (1, 0, 1), the events being the first two:
    # r / (2r + r^2) = 1 / (2 + r); then x = 1 is alone. A second stratum has the events x = 1, 1:
    # r^2 / (2r + r^2) = r / (2 + r). Product r / (2 + r)^2 is highest at r = 2.
    fit = cox(
        [1, 1, 2, 1, 1, 2],
        [1, 1, 0, 1, 1, 0],
        [1, 0, 1, 1, 1, 0],
        strata=[0, 0, 0, 1, 1, 1],
        ties="exact",
    )
    assert fit.hazard_ratio[0] == pytest.approx(2, rel=1e-11)
    assert fit.loglik == pytest.approx(math.log(2 / 16))
    # Minus the second derivative in log r: 2 (2 r / (2 + r)^2) = 1/2.
    assert fit.vcov[0, 0] == pytest.approx(2, rel=1e-10)


def test_an_offset() -> None:
    moved = cox([1, 2, 3], [1, 1, 0], [1, 0, 1], offset=[math.log(2), 0, 0])
    # Risk sets 2r + 1 + r and 1 + r: 1 - 3r / (3r + 1) - r / (r + 1) = 0, so 3 r^2 = 1.
    assert moved.hazard_ratio[0] == pytest.approx(math.sqrt(1 / 3), rel=1e-11)


def test_a_row_of_weight_zero_is_as_if_it_were_not_there() -> None:
    rng = np.random.default_rng(4)
    time, event, x = rng.integers(1, 9, 40), rng.random(40) < 0.7, rng.normal(size=40)
    weights = (np.arange(40) % 4 > 0).astype(float)
    kept = weights > 0
    zero, left = cox(time, event, x, weights=weights), cox(time[kept], event[kept], x[kept])
    np.testing.assert_allclose(zero.coef, left.coef, rtol=1e-12)
    assert (zero.n, zero.n_events) == (left.n, left.n_events)


def test_what_was_fitted_is_kept_in_the_order_given() -> None:
    x = np.array([[1.0], [0.0], [1.0]])
    fit = cox([1, 2, 3], [1, 1, 0], x, entry=[0, 0, 0.5], strata=[5, 5, 5], offset=[0.5, 0, 0])
    data = fit.data
    assert data.time.tolist() == [1, 2, 3]
    assert data.entry.tolist() == [0, 0, 0.5]
    assert data.offset.tolist() == [0.5, 0, 0]
    assert data.stratum.tolist() == [0, 0, 0]
    assert data.weights.shape == data.cluster.shape == (0,)
    assert np.shares_memory(data.X, x)
    assert x.flags.writeable
    assert not data.X.flags.writeable


ROWS: dict[str, Any] = {"time": [1, 2, 3, 4], "event": [1, 1, 0, 1], "X": [0, 1, 1, 0]}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"weights": [0, 0, 0, 0]}, "weights must not all be 0"),
        ({"weights": [1, -1, 1, 1]}, "weights must not be negative; 1 of 4"),
        ({"weights": [1, np.nan, 1, 1]}, "weights must be finite; 1 of 4"),
        ({"weights": [1, 1]}, "weights must have one value for each time: 4; it has 2"),
        ({"weights": [0, 0, 1, 0]}, "at least one event"),
        ({"entry": [0, 2, 0, 0]}, "entry must lie before time; 1 of 4"),
        ({"entry": [0, 0, 5, 0]}, "entry must lie before time; 1 of 4"),
        ({"offset": [0, 0, np.inf, 0]}, "offset must be finite; 1 of 4"),
        ({"cluster": [0.5, 1, 1, 2]}, "cluster must hold whole numbers"),
        ({"cluster": [1, 1, 1, 1]}, "cluster has 1 clusters"),
        ({"time": [1, -2, 3, 4]}, "time must not be negative; 1 of 4"),
        ({"time": [1, np.nan, 3, 4]}, "time must be finite; 1 of 4"),
        ({"event": [1, 2, 0, 1]}, "event must be 0 or 1; 1 of 4"),
        ({"event": [0, 0, 0, 0]}, "at least one event"),
        ({"X": [0, 1, np.nan, 0]}, "X must be finite; 1 of 4"),
        ({"X": [0, 1]}, "X must have one value for each time: 4; it has 2"),
        ({"X": [[0, 1], [1, 2], [1, 2], [0, 1]]}, "Column 1 of X follows from the columns before"),
        ({"X": [[3, 1], [3, 2], [3, 2], [3, 1]]}, "Column 0 of X is the same for all subjects"),
        ({"X": [3e9 + 0.1] * 4}, "Column 0 of X is the same for all subjects"),
        ({"ties": "exact", "weights": [1, 2, 1, 1]}, "ties exact has no case weights"),
        ({"ties": "exact", "cluster": [1, 2, 3, 4]}, "ties exact has no robust variance"),
        ({"conf_level": 95}, "conf_level must lie strictly between 0 and 1"),
    ],
)
def test_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        cox(**ROWS | given)


@pytest.mark.parametrize("ties", ["efron", "breslow", "exact"])
@pytest.mark.parametrize("entered", [False, True])
@pytest.mark.parametrize("change", [lambda t: t, lambda t: -np.log(t), lambda t: 3 + t**2])
def test_a_covariate_that_is_the_time_is_named(ties: str, entered: bool, change: Any) -> None:
    rng = np.random.default_rng(3)
    time = rng.integers(1, 30, 60)
    X = np.column_stack((rng.normal(size=60), change(time.astype(float))))
    entry = time - 1.5 * rng.random(60) if entered else None
    with pytest.raises(NoFiniteEstimateError, match="Column 1 of X orders the subjects as their"):
        cox(time, rng.random(60) < 0.7, X, ties=ties, entry=entry)


@pytest.mark.parametrize("ties", ["efron", "breslow", "exact"])
@pytest.mark.parametrize("entered", [False, True])
def test_separation_is_named(ties: str, entered: bool) -> None:
    rng = np.random.default_rng(5)
    group = np.repeat([0.0, 1.0], 30)
    event = (rng.random(60) < 0.8) & (group == 1)
    X = np.column_stack((rng.normal(size=60), group))
    time = rng.integers(1, 12, 60)
    entry = -rng.random(60) if entered else None
    with pytest.raises(NoFiniteEstimateError, match="column 1 has no finite estimate"):
        cox(time, event, X, ties=ties, entry=entry)
    # A combination of two columns does it too.
    mixed = X @ np.array([[1.0, 1.0], [1.0, -1.0]])
    with pytest.raises(NoFiniteEstimateError, match="has no finite estimate"):
        cox(time, event, mixed, ties=ties, entry=entry)


def test_separation_among_very_many_rows_is_named() -> None:
    rng = np.random.default_rng(6)
    n = 30_000
    rare = (np.arange(n) % 3000 == 0).astype(float)
    event = (rng.random(n) < 0.3) & (rare == 0)
    X = np.column_stack((rng.normal(size=n), rare))
    with pytest.raises(NoFiniteEstimateError, match="column 1 has no finite estimate"):
        cox(rng.integers(1, 100, n), event, X)


def test_exact_ties_beyond_reach_are_refused() -> None:
    rng = np.random.default_rng(7)
    n = 50_000
    time = rng.integers(1, 4, n)
    with pytest.raises(InputError, match=r"ties exact is too large here.*Use ties efron"):
        cox(time, rng.random(n) < 0.7, rng.normal(size=(n, 3)), ties="exact")
