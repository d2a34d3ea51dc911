"""Agreement with the pinned answers of R in validation/r-prognostic."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).parents[3] / "validation" / "r-prognostic"
CASES = ("days", "months", "months_breslow", "continuous")
PARTS = ("apparent", "training", "test", "corrected")
MEASURES = (
    "concordance",
    "concordance_uno",
    "slope",
    "auc",
    "brier",
    "accuracy",
    "calibration_error",
)


def _agreement() -> ModuleType:
    spec = importlib.util.spec_from_file_location("agreement_prognostic", FOLDER / "agreement.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


AGREEMENT = _agreement()


def test_all_cases_are_there() -> None:
    assert tuple(AGREEMENT.pinned()["cases"]) == CASES


@pytest.mark.parametrize("name", CASES)
def test_r(name: str) -> None:
    compared = []
    for what, theirs, ours in AGREEMENT.comparisons(AGREEMENT.pinned()["cases"][name]):
        assert AGREEMENT.largest_difference(theirs, ours) < AGREEMENT.NEWTON, what
        compared.append(what)
    wanted = ["coefficients"]
    wanted += [f"{measure}, {part}" for measure in MEASURES for part in PARTS]
    assert compared == wanted
