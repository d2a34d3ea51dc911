"""Very many rows at few times: read where they are, and begun near the end."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from hepatica.stats.survival import cox
from hepatica.stats.survival._cox_data import CoxData
from hepatica.stats.survival._cox_input import check_cox, middle
from hepatica.stats.survival._partial_likelihood import PartialLikelihood
from hepatica.stats.survival._streamed import stream

N = 60_000


def rows(p: int = 3, *, offset: bool = False) -> CoxData:
    rng = np.random.default_rng(12)
    X = rng.normal(size=(N, p)) + 2.0
    time = np.ceil(rng.exponential(60 * np.exp(-0.3 * X[:, 0])))
    known = rng.normal(size=N) if offset else None
    return check_cox(time, rng.random(N) < 0.7, X, offset=known)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("offset", [False, True])
# At 70 the predictor comes to some 400 above its mean, more than weights are given at once.
@pytest.mark.parametrize("size", [0.0, 0.4, 70.0, -70.0])
def test_rows_without_order_say_what_rows_in_order_say(
    ties: str, offset: bool, size: float
) -> None:
    data = rows(offset=offset)
    centre = middle(data.X)
    streamed, ordered = stream(data, centre, ties), PartialLikelihood(data, centre, ties)
    assert streamed is not None
    coef = np.array([size, -size, 0.1])
    with np.errstate(all="ignore"):
        ours, theirs = streamed.at(coef), ordered.at(coef)
        slope = streamed.slope(coef)
    assert np.isfinite(ours.loglik)
    np.testing.assert_allclose(ours.loglik, theirs.loglik, rtol=1e-11)
    np.testing.assert_allclose(ours.score, theirs.score, rtol=1e-9, atol=1e-6)
    if abs(size) < 1.0:
        np.testing.assert_allclose(ours.information, theirs.information, rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(slope[0], ours.loglik, rtol=1e-14)
    np.testing.assert_allclose(slope[1], ours.score, rtol=1e-9, atol=1e-6)


def test_no_number_from_a_predictor_without_end() -> None:
    data = rows()
    streamed = stream(data, middle(data.X), "efron")
    assert streamed is not None
    with np.errstate(all="ignore"):
        found = streamed.at(np.array([1e308, 1e308, 1e308]))
    assert not np.isfinite(found.loglik)


def test_the_beginning_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    data = rows()
    near = cox(data.time, data.event, data.X)
    monkeypatch.setattr(sys.modules[cox.__module__], "_SOME_ROWS", N)
    cold = cox(data.time, data.event, data.X)
    assert near.iterations < cold.iterations
    np.testing.assert_allclose(near.coef, cold.coef, rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(near.vcov, cold.vcov, rtol=1e-9, atol=1e-13)
    np.testing.assert_allclose(near.loglik, cold.loglik, rtol=1e-13)
