"""Firth's penalty on the smallest tables: the answer by algebra, and in few steps.

Profile limits of such tables lie far out, where the score is known to few digits; steps that went
to and fro there once took minutes.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable

import numpy as np
import pytest

from hepatica.stats._penalised import _solved
from hepatica.stats.logistic_firth import logistic_firth
from hepatica.stats.survival import cox_firth

#: Evaluations of the likelihood for estimate, both limits and test; 34 to 254 are taken.
FEW = 400


def counted(monkeypatch: pytest.MonkeyPatch, where: str, name: str) -> list[int]:
    """Count the evaluations of a penalised likelihood."""
    calls = [0]
    module = importlib.import_module(where)
    inner: Callable[..., object] = getattr(module, name)

    def outer(*given: object, **more: object) -> object:
        calls[0] += 1
        return inner(*given, **more)

    monkeypatch.setattr(module, name, outer)
    return calls


@pytest.mark.parametrize(
    ("event", "exposed", "ratio"),
    [
        # (1 + 1/2)(1 + 1/2) / ((0 + 1/2)(1 + 1/2)): half a patient is added to each cell.
        ([1, 1, 0], [1, 0, 0], 3.0),
        ([1] * 3 + [0] * 20, [1] * 3 + [0] * 20, 3.5 * 20.5 / (0.5 * 0.5)),
        ([1] * 3 + [0] * 20, [0] * 3 + [1] * 20, 0.5 * 0.5 / (3.5 * 20.5)),
    ],
)
def test_logistic(
    monkeypatch: pytest.MonkeyPatch, event: list[int], exposed: list[int], ratio: float
) -> None:
    calls = counted(monkeypatch, "hepatica.stats.logistic_firth", "_penalised")
    fit = logistic_firth(event, np.array(exposed, dtype=float)[:, None])
    assert fit.odds_ratio[-1] == pytest.approx(ratio, rel=1e-9)
    assert fit.converged
    assert 0 < calls[0] < FEW


@pytest.mark.parametrize(
    ("time", "event", "exposed", "ratio"),
    [
        # The second event is among equals. With p = r / (r + 2) the first gives
        # (1 - p) + (1 - 2p) / 2 = 0, so that p = 3/4 and r = 6.
        ([1, 2, 3], [1, 1, 0], [1, 0, 0], 6.0),
        # Each of n equal, tied shares is the same by Breslow: p = r / (r + 20), one exposed has the
        # event first: (1 - p) + (1 - 2p) / 2 = 0 again, r = 3 * 20.
        ([1] + [2] * 20, [1] + [0] * 20, [1] + [0] * 20, 60.0),
    ],
)
def test_proportional_hazards(
    monkeypatch: pytest.MonkeyPatch,
    time: list[int],
    event: list[int],
    exposed: list[int],
    ratio: float,
) -> None:
    calls = counted(monkeypatch, "hepatica.stats.survival.cox_firth", "penalised")
    fit = cox_firth(time, event, exposed)
    assert fit.hazard_ratio[0] == pytest.approx(ratio, rel=1e-9)
    assert fit.converged
    assert 0 < calls[0] < FEW


def test_three_without_an_event_among_twenty_with_one(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = counted(monkeypatch, "hepatica.stats.survival.cox_firth", "penalised")
    time = np.random.default_rng(1).permutation(23) + 1
    event = np.repeat([0, 1], [3, 20])
    fit = cox_firth(time, event, np.repeat([1, 0], [3, 20]))
    assert fit.converged
    assert 0 < fit.hazard_ratio[0] < 1
    assert fit.lower[0] < fit.hazard_ratio[0] < fit.upper[0]
    assert 0 < calls[0] < FEW


def test_a_curvature_without_inverse_still_gives_a_step() -> None:
    found = _solved(np.array([[2.0, 2.0], [2.0, 2.0]]), np.array([4.0, 4.0]))
    np.testing.assert_allclose(found, [1.0, 1.0])
