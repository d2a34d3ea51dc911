"""Agreement with metafor on what explains heterogeneity (validation/metafor/explained.json)."""

from __future__ import annotations

import importlib.util
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).parents[3] / "validation" / "metafor"
METHODS = ("EE", "DL", "HE", "HS", "HSk", "SJ", "ML", "REML", "PM", "EB")
TESTS = ("z", "t", "knha", "adhoc")
SETS = ("bcg_latitude", "bcg_latitude_year", "bcg_allocation", "writing", "teachers_weeks")
FAMILIES = (
    *(f"regression {name}" for name in ("common", *METHODS[1:])),
    *(f"influence {name}" for name in ("common", "DL", "REML", "PM")),
    "line", "best predictions", "leave_one_out", "cumulative", "groups apart", "groups together",
    "permutations", "subsets",
)  # fmt: skip
VALUES = 20_000


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@cache
def explained() -> ModuleType:
    load("agreement")  # which `explained` imports
    return load("explained")


@cache
def compared() -> dict[str, list]:
    found: dict[str, list] = {}
    for pair in explained().pairs():
        found.setdefault(pair.statistic.split(",")[0], []).append(pair)
    return found


def test_the_whole_grid_is_pinned() -> None:
    pinned = explained().pinned()
    assert tuple(pinned["sets"]) == SETS
    for found in pinned["sets"].values():
        cases = [(one["method"], one["test"]) for one in found["regressions"]]
        assert set(cases) == {(method, test) for method in METHODS for test in TESTS}
        assert len(found["influence"]) == 7
        assert [one["method"] for one in found["left_out"]] == ["EE", "DL", "REML"]
        assert [one["x"] for one in found["predictions"]] == [False, True]
    assert [one["method"] for one in pinned["groups"]] == list(METHODS)
    assert len(pinned["permutations"]) == 5
    assert [len(one["included"]) for one in pinned["subsets"]] == [255] * 3
    assert sum(pair.count() for pairs in compared().values() for pair in pairs) > VALUES


@pytest.mark.parametrize("family", FAMILIES)
def test_every_figure_agrees(family: str) -> None:
    pairs = compared()[family]
    assert not {one.statistic: one.difference() for one in pairs if one.difference() > one.bound}


def test_every_family_is_named() -> None:
    assert set(FAMILIES) == set(compared())
