"""Agreement with the pinned answers of R in validation/design-proportions."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from hepatica.stats.design import fisher_design, two_stage_inference
from hepatica.stats.design.dose_finding import (
    DoseFindingSimulation,
    boin_boundaries,
    crm_skeleton,
    simulate_boin,
    simulate_crm,
)

FOLDER = Path(__file__).parents[3] / "validation" / "design-proportions"
CASES = {
    "one_proportion": 51,
    "simon": 51,
    "two_stage": 4,
    "two_proportions": 72,
    "casagrande": 18,
    "fisher": 4,
    "noninferiority": 24,
    "precision": 72,
    "posterior": 4,
    "predictive": 3,
    "bop2": 3,
    "toxicity": 3,
    "fleming": 3,
    "selection": 36,
    "boin": 4,
    "boin_selection": 200,
    "boin_simulation": 4,
    "crm": 60,
    "crm_prior": 12,
    "crm_simulation": 3,
}


@cache
def agreement() -> ModuleType:
    spec = importlib.util.spec_from_file_location("design_agreement", FOLDER / "agreement.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def pinned() -> dict[str, Any]:
    return agreement().pinned()


def test_the_whole_grid_is_pinned() -> None:
    assert {name: len(part) for name, part in pinned().items() if name != "versions"} == CASES


def test_every_number_agrees_with_r() -> None:
    found = list(agreement().comparisons(pinned()))
    beyond = [
        (name, theirs.tolist(), ours.tolist())
        for name, theirs, ours, bound in found
        if not agreement().largest_difference(theirs, ours) <= bound
    ]
    assert not beyond
    assert len({name for name, *_ in found}) == 45


def test_upper_limits_of_clinfun_are_ours_of_one_event_fewer() -> None:
    """clinfun counts the observed outcome among the higher ones; see the README."""
    for case in pinned()["two_stage"]:
        ours = [
            two_stage_inference(x, tuple(case["design"]), null=case["null"]) for x in case["events"]
        ]
        theirs = np.array(case["clinfun"], dtype=np.float64)
        upper, lower = [one.upper for one in ours], [one.lower for one in ours]
        assert np.abs(theirs[2:, 3] - upper[1:-1]).max() < 1.01e-4
        assert np.abs(theirs[1:, 2] - lower[1:]).max() < 1.01e-4


def test_fisher_sizes_are_those_of_clinfun_or_smaller() -> None:
    """With two to one R's two-sided test rejects more often than clinfun's; see the README."""
    for case in pinned()["casagrande"]:
        rates = case["control"], case["treatment"]
        found = fisher_design(*rates, allocation=case["allocation"])
        tail = fisher_design(*rates, allocation=case["allocation"], alpha=0.025, sides=1)
        assert min(found.power, tail.power) >= 0.8
        if case["allocation"] == 1:
            assert [tail.n_control, tail.n_treatment] == case["fisher"]
            assert found.n_control == tail.n_control
        else:
            assert found.n_control < tail.n_control <= case["fisher"][0]


def _near(found: DoseFindingSimulation, case: dict[str, Any], trials: int, share: float) -> None:
    theirs = np.array(case["selected"]) * share
    error = np.sqrt(found.selected_error**2 + theirs * (1.0 - theirs) / trials)
    assert (np.abs(found.selected - theirs) < 4.5 * error + 1e-3).all()
    # A trial's patients at a dose differ by eight or so from trial to trial.
    spread = 8.0 * np.sqrt(1.0 / found.trials + 1.0 / trials)
    assert np.abs(found.patients - case["patients"]).max() < 4.0 * spread


def test_boin_simulations_agree_with_those_of_boin() -> None:
    for case in pinned()["boin_simulation"]:
        found = simulate_boin(
            case["rates"], boin_boundaries(0.3, 30), np.random.default_rng(1),
            cohorts=10, trials=20_000,
        )  # fmt: skip
        _near(found, case, 20_000, 0.01)
        assert found.selected_none == pytest.approx(case["stopped"] / 100.0, abs=0.02)


def test_crm_simulations_agree_with_those_of_dfcrm() -> None:
    for case in pinned()["crm_simulation"]:
        found = simulate_crm(
            case["rates"], crm_skeleton(0.25, 0.05, 2, 5), np.random.default_rng(1),
            cohorts=24, safety=1.0, trials=4_000,
        )  # fmt: skip
        _near(found, case, 2_000, 1.0)
