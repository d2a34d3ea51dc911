"""Agreement with the pinned answers of metafor in validation/metafor."""

from __future__ import annotations

import importlib.util
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).parents[3] / "validation" / "metafor"

SETS = {
    "tables": ("OR", "RR"),
    "proportions": ("PR", "PLN", "PLO", "PAS", "PFT"),
    "generic": ("raudenbush1985", "hackshaw1998", "berkey_PD", "bangertdrowns2004"),
}
METHODS = ("EE", "DL", "HE", "HS", "HSk", "SJ", "ML", "REML", "PM", "EB")
TESTS = ("z", "t", "knha", "adhoc")
LIMITS = {"q-profile", "profile-REML", "profile-ML"}
VALUES = 16_000


@cache
def agreement() -> ModuleType:
    spec = importlib.util.spec_from_file_location("metafor_agreement", FOLDER / "agreement.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@cache
def compared() -> dict[str, list]:
    found: dict[str, list] = {}
    for pair in agreement().pairs():
        found.setdefault(pair.statistic.split(",")[0], []).append(pair)
    return found


def test_the_whole_grid_is_pinned() -> None:
    pinned = agreement().pinned()
    for block, names in SETS.items():
        for name in names:
            cases = {(fit["method"], fit["test"]) for fit in pinned[block][name]["fits"]}
            assert cases == {(method, test) for method in METHODS for test in TESTS}
            assert set(pinned[block][name]["tau2_limits"]) == LIMITS
    assert set(pinned["mantel_haenszel"]) == {"RR", "OR", "RD"}
    assert set(pinned["robust"]) == {"CR0", "CR1", "CR2"}
    assert set(pinned["glmm_or"]) == {"input", "UM.FS", "CM.AL"}
    for block in ("glmm", "glmer"):
        assert {len(found) for found in pinned[block].values()} == {3}
    assert sum(pair.count() for pairs in compared().values() for pair in pairs) > VALUES


@pytest.mark.parametrize(
    "family",
    [
        "OR", "RR", "RD", "AS", "PETO", "Mantel-Haenszel", "Cochran-Mantel-Haenszel",
        "PR", "PLN", "PLO", "PAS", "PFT", "IR", "IRLN", "IRS", "IRFT", "IRR", "IRD", "IRSD",
        "MD", "MD_pooled", "SMD", "SMD_unbiased", "ROM", "MN",
        "common", "DL", "HE", "HS", "HSk", "SJ", "ML", "REML", "PM", "EB",
        "tau2 limits", "three levels", "CR0", "CR1", "CR2", "CR2 of a regression",
        "shared control",         "GLMM",
        "GLMM of lme4 to the end",
        "GLMM UM.FS",
        "GLMM CM.AL",

    ],
)  # fmt: skip
def test_every_figure_agrees(family: str) -> None:
    worst = {
        pair.statistic: pair.difference()
        for pair in compared()[family]
        if pair.difference() > pair.bound
    }
    assert not worst


def test_every_family_is_named() -> None:
    marks = test_every_figure_agrees.pytestmark[0].args[1]  # type: ignore[attr-defined]
    assert set(marks) == set(compared())
