"""Small-study effects beside the pinned answers of metafor in validation/metafor."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hepatica.stats.meta import pool
from hepatica.stats.meta.fail_safe import excess_significance, fail_safe
from hepatica.stats.meta.selection_model import selection_model
from hepatica.stats.meta.small_study_tests import SmallStudyTest, begg, egger
from hepatica.stats.meta.trim_and_fill import trim_and_fill

PINNED = Path(__file__).parents[3] / "validation" / "metafor" / "small_studies.json"
SETS = ("hackshaw1998", "raudenbush1985", "bangertdrowns2004", "egger2001")
EGGER = ("DL", "HE", "HS", "SJ", "ML", "REML", "PM", "EB")
FILL = ("EE", "DL", "HE", "HS", "SJ", "ML", "REML", "PM")
#: metafor's search for tau2 ends at 0 while trimming, where the likelihood is lower than inside.
LOWER = {"egger2001 ML R0 auto", "egger2001 ML R0 right"}
CLOSED, SEARCHED, FULL = 1e-10, 1e-8, 1e-8
#: Fits whose maximum is at tau2 0, which metafor's logarithm of tau2 does not reach.
HIGHER = {"raudenbush1985": 2}
#: optim of R ends where the likelihood changes by 1e-15; its estimates are good to this.
OPTIM = 2e-5


@cache
def pinned() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(PINNED.read_text(encoding="utf-8"))["sets"]
    return found


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def near(ours: Any, theirs: Any, bound: float) -> None:
    ours, theirs = np.asarray(ours, float), np.asarray(theirs, float)
    assert ours.shape == theirs.shape
    assert np.max(np.abs(ours - theirs) / np.maximum(np.abs(theirs), 1e-3), initial=0.0) < bound


def test_the_whole_grid_is_pinned() -> None:
    assert tuple(pinned()) == SETS
    for found in pinned().values():
        lines = {f"{method} {test}" for method in EGGER for test in ("z", "knha")}
        assert set(found["egger"]) == lines | {"regression"}
        fills = {
            f"{method} {estimator} {side}"
            for method in FILL
            for estimator in ("L0", "R0", "Q0")
            for side in ("auto", "left", "right")
        }
        assert set(found["trim_and_fill"]) == fills
    assert sum(len(found["selection_model"]) for found in pinned().values()) >= 12


def check_line(ours: SmallStudyTest, theirs: dict[str, Any], bound: float) -> None:
    names = {"estimate": "slope", "limit_estimate": "level", "limit_std_error": "level_error"}
    names |= {name: name for name in ("std_error", "statistic", "p_value", "tau2")}
    for own, other in names.items():
        near(getattr(ours, own), theirs[other], bound)


@pytest.mark.parametrize("name", SETS)
def test_egger(name: str) -> None:
    found = pinned()[name]
    yi, vi = found["yi"], found["vi"]
    check_line(egger(yi, vi), found["egger"]["regression"], CLOSED)
    for key, theirs in found["egger"].items():
        if key == "regression":
            continue
        tau2, test = key.split()
        method = "random-effects" if test == "z" else "random-effects-hartung-knapp"
        check_line(egger(yi, vi, method=method, tau2=tau2), theirs, SEARCHED)


@pytest.mark.parametrize("name", SETS)
def test_begg(name: str) -> None:
    found = pinned()[name]
    ours = begg(found["yi"], found["vi"])
    near([ours.correlation, ours.p_value], list(found["begg"].values()), CLOSED)
    assert ours.method == ("exact" if name in ("hackshaw1998", "egger2001") else "normal")


@pytest.mark.parametrize("name", SETS)
def test_trim_and_fill(name: str) -> None:
    found = pinned()[name]
    for key, theirs in found["trim_and_fill"].items():
        method, estimator, side = key.split()
        ours = trim_and_fill(
            found["yi"],
            found["vi"],
            method="common" if method == "EE" else method,
            estimator=estimator,
            side=side,
            convention="metafor",
        )
        if theirs["k0"] is None:
            assert ours.status == "undefined"
        elif f"{name} {key}" not in LOWER:
            assert (ours.k0, ours.side, ours.status) == (theirs["k0"], theirs["side"], "ok")
            pooled = ours.pooled
            near(pooled.estimate, theirs["estimate"], FULL)
            for own in ("std_error", "lower", "upper", "tau2"):
                near(getattr(pooled, own), theirs[own], FULL)
            near(np.sort(ours.yi[ours.filled]), listed(theirs["yi"]), FULL)
            if theirs["k0_std_error"] is not None:
                near(ours.k0_std_error, theirs["k0_std_error"], CLOSED)


def test_where_metafor_fills_otherwise_its_tau2_is_less_likely() -> None:
    """After trimming eight studies metafor has tau2 0; inside the likelihood is higher by .78."""
    found = pinned()["egger2001"]
    y, v = -np.array(found["yi"]), np.array(found["vi"])
    kept = np.argsort(y, kind="stable")[:8]

    def loglik(tau2: float) -> float:
        w = 1.0 / (v[kept] + tau2)
        r = y[kept] - (w * y[kept]).sum() / w.sum()
        return float(-0.5 * (np.log(v[kept] + tau2) + w * r * r).sum())

    ours = pool(y[kept], v[kept], method="ML").tau2
    assert loglik(ours) > loglik(0.0) + 0.7


@pytest.mark.parametrize("name", SETS)
def test_fail_safe_and_excess(name: str) -> None:
    found = pinned()[name]
    for method, theirs in found["fail_safe"].items():
        assert fail_safe(found["yi"], found["vi"], method=method).needed == theirs
    ours = excess_significance(found["yi"], found["vi"])
    theirs = found["excess"]
    assert ours.observed == theirs["observed"]
    near(ours.expected, theirs["expected"], CLOSED)
    if theirs["p_value"] is not None:
        near(ours.p_value, theirs["p_value"], CLOSED)


@pytest.mark.parametrize("name", SETS)
def test_selection_model(name: str) -> None:
    found = pinned()[name]
    higher = 0
    for theirs in found["selection_model"].values():
        ours = selection_model(
            found["yi"],
            found["vi"],
            steps=listed(theirs["steps"]),
            alternative=theirs["alternative"].replace(".", "-"),
        )
        assert ours.loglik >= theirs["loglik"] - 1e-9  # ours is the maximum
        if ours.loglik > theirs["loglik"] + 1e-6:
            higher += 1
            continue
        near(ours.lrt, theirs["lrt"], 1e-6)
        near(ours.weights, theirs["weights"], 10 * OPTIM)
        near([ours.estimate, ours.std_error, ours.tau2],
             [theirs["estimate"], theirs["std_error"], theirs["tau2"]], 10 * OPTIM)  # fmt: skip
    assert higher == HIGHER.get(name, 0)
