"""Agreement with the pinned answers of R in validation/r-curves."""

from __future__ import annotations

import json
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hepatica.stats.survival import (
    fleming_harrington,
    kaplan_meier,
    nelson_aalen,
    reverse_kaplan_meier,
)

PINNED = Path(__file__).parents[3] / "validation" / "r-curves" / "reference.json"
CLOSED = 1e-10

DATA = (
    "ties",
    "days",
    "months",
    "continuous",
    "heavy_censoring",
    "all_events",
    "no_event",
    "emptied",
)
CONF_TYPES = ("log-log", "log", "plain", "logit", "arcsine")
GRID = [
    (name, weights, entry, robust)
    for robust, entry, weights, name in product(
        (False, True), (False, True), ("none", "cases", "weights"), DATA
    )
    if not (robust and weights == "cases")
]
ROWS = {
    "time": "time",
    "at_risk": "n_risk",
    "events": "n_event",
    "censored": "n_censor",
    "survival": "surv",
    "std_error": "std_err",
}
TIES = ("nelson-aalen", "fleming-harrington")


@cache
def pinned() -> dict[str, Any]:
    return json.loads(PINNED.read_text(encoding="utf-8"))


def floats(values: object) -> np.ndarray:
    return np.atleast_1d(np.asarray(values, dtype=np.float64))


def same(ours: object, theirs: object, rows: object = slice(None), name: str = "") -> None:
    np.testing.assert_allclose(
        floats(ours)[rows], floats(theirs)[rows], rtol=CLOSED, atol=CLOSED / 1000, err_msg=name
    )


def arguments(index: int) -> tuple[list[Any], dict[str, Any], dict[str, Any]]:
    name, weights, entry, robust = GRID[index]
    data = pinned()["data"][name]
    options: dict[str, Any] = {}
    if weights != "none":
        options["weights"] = data[weights]
    if entry:
        options["entry"] = data["entry"]
    variance = {"variance": "robust"} if robust else {}
    return [data["time"], data["event"]], options, variance


def test_the_whole_grid_is_present() -> None:
    found = [
        tuple(case[key][0] for key in ("name", "weights", "entry", "robust"))
        for case in pinned()["cases"]
    ]
    assert found == GRID
    for case, (*_, robust) in zip(pinned()["cases"], GRID, strict=True):
        assert tuple(case["limits"]) == CONF_TYPES
        assert len(case.get("fleming_harrington", [])) == (0 if robust else 2)
    assert len(pinned()["rothman"]) == 2 * len(DATA)
    assert list(pinned()["critical"]["hall_wellner"]) == ["90", "95", "99"]
    assert list(pinned()["critical"]["equal_precision"]) == ["90", "95"]
    assert pinned()["versions"]["survival"] == ["3.5.3"]


@pytest.mark.parametrize("index", range(len(GRID)), ids=lambda i: "-".join(map(str, GRID[i])))
def test_curves(index: int) -> None:
    theirs = pinned()["cases"][index]
    given, options, variance = arguments(index)
    for function, key in ((kaplan_meier, "curve"), (reverse_kaplan_meier, "follow_up")):
        ours = function(*given, **options, **variance)
        # Where survival is 0, R's robust standard error is 0 and ours is missing.
        above = ours.survival > 0 if variance else slice(None)
        for name, row in ROWS.items():
            same(getattr(ours, name), theirs[key][row], above, name)
        if variance:
            assert (np.abs(floats(theirs[key]["surv"])[~above]) < 1e-14).all()
    for conf_type, limits in theirs["limits"].items():
        ours = kaplan_meier(*given, **options, **variance, conf_type=conf_type)
        above = ours.survival > 0 if variance else slice(None)
        same(ours.lower, limits["lower"], above, conf_type)
        same(ours.upper, limits["upper"], above, conf_type)


@pytest.mark.parametrize("index", range(len(GRID)), ids=lambda i: "-".join(map(str, GRID[i])))
def test_quantiles(index: int) -> None:
    """R interpolates where a limit rises again; the first time at the level is meant here."""
    given, options, variance = arguments(index)
    ours = kaplan_meier(*given, **options, **variance)
    theirs = floats(pinned()["cases"][index]["quantiles"])
    # R's curve of this case misses 0 by rounding, and its quantile the time.
    emptied = GRID[index][0] == "emptied" and GRID[index][1] == "weights"
    for row, p in enumerate((0.2, 0.3, 0.7)):
        found = ours.quantile(p)
        if not emptied:
            same(found.estimate, theirs[row, 0])
        for column, limit in ((1, ours.lower), (2, ours.upper)):
            steps = limit[~np.isnan(limit)]
            if (np.diff(steps) <= 1e-12).all():
                same((found.estimate, found.lower, found.upper)[column], theirs[row, column])


@pytest.mark.parametrize("index", range(len(GRID)), ids=lambda i: "-".join(map(str, GRID[i])))
def test_cumulative_hazards(index: int) -> None:
    theirs = pinned()["cases"][index]
    given, options, variance = arguments(index)
    ours = nelson_aalen(*given, **options, **variance)
    same(ours.hazard, theirs["curve"]["cumhaz"])
    same(ours.std_error, theirs["curve"]["std_chaz"])
    for ties, answer in zip(TIES, theirs.get("fleming_harrington", []), strict=False):
        ours = nelson_aalen(*given, **options, ties=ties)
        same(ours.hazard, answer["cumhaz"])
        same(ours.std_error, answer["std_chaz"])
        for conf_type, limits in answer["limits"].items():
            curve = fleming_harrington(ours, conf_type=conf_type)
            same(curve.survival, answer["surv"])
            same(curve.std_error, answer["std_err"])
            same(curve.lower, limits["lower"], name=conf_type)
            same(curve.upper, limits["upper"], name=conf_type)


@pytest.mark.parametrize("index", range(2 * len(DATA)))
def test_rothman_wilson(index: int) -> None:
    theirs = pinned()["rothman"][index]
    data = pinned()["data"][theirs["name"][0]]
    ours = kaplan_meier(
        data["time"],
        data["event"],
        conf_type="rothman-wilson",
        conf_level=theirs["conf_level"][0],
    )
    # Where survival is 0 or 1 there is no limit here; km.ci writes 1.
    there = (ours.survival > 0) & (ours.survival < 1)
    same(ours.lower, theirs["lower"], there)
    same(ours.upper, theirs["upper"], there)
    assert np.isnan(ours.lower[~there]).all()
    assert (floats(theirs["upper"])[~there] == 1).all()
