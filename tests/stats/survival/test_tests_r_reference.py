"""Agreement of the tests of survival with the pinned answers of R in validation/r-tests."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hepatica.stats.survival import (
    kaplan_meier,
    kaplan_meier_by_group,
    logrank,
    logrank_exact,
    logrank_trend,
    max_combo,
    median_test,
    milestone_comparison,
    one_sample_logrank,
    pairwise_logrank,
    weibull_hazard,
)
from hepatica.stats.survival._normal_box import exceedance

PINNED = Path(__file__).parents[3] / "validation" / "r-tests" / "reference.json"
CLOSED = 1e-10
#: Miwa's rule of mvtnorm with 2048 steps, and its rule of Genz and Bretz asked for 2e-9.
JOINT, JOINT_SINGULAR = 1e-8, 1e-8

DATA = (
    "ties",
    "days",
    "heavy_censoring",
    "months",
    "continuous",
    "all_events",
    "small",
    "smallest",
)
TWO = ("ties", "heavy_censoring", "months", "all_events", "small", "smallest")
EXACT = ("small", "smallest")
LARGER = DATA[:6]
COIN = ("logrank", "gehan", "tarone-ware", "peto-peto", "fleming-harrington")
COMBOS = ("two", "three", "four", "singular")

#: Name in survMisc, and ours.
SURV_MISC = {
    "1": ("logrank", 0.0, 0.0),
    "n": ("gehan", 0.0, 0.0),
    "sqrtN": ("tarone-ware", 0.0, 0.0),
    "S1": ("peto-peto", 0.0, 0.0),
    "S2": ("modified-peto", 0.0, 0.0),
    "FH_p=1_q=0": ("fleming-harrington", 1.0, 0.0),
    "FH_p=0_q=1": ("fleming-harrington", 0.0, 1.0),
    "FH_p=1_q=1": ("fleming-harrington", 1.0, 1.0),
    "FH_p=0.5_q=2": ("fleming-harrington", 0.5, 2.0),
}


@cache
def pinned() -> dict[str, Any]:
    return json.loads(PINNED.read_text(encoding="utf-8"))


@cache
def case(name: str) -> dict[str, Any]:
    return next(case for case in pinned()["survival"] if case["name"] == name)


def columns(name: str, *keys: str) -> list[np.ndarray]:
    return [np.asarray(case(name)["data"][key]) for key in ("time", "event", *keys)]


def same(ours: object, theirs: object, bound: float = CLOSED) -> None:
    np.testing.assert_allclose(
        np.ravel(np.asarray(ours, dtype=float)),
        np.ravel(np.asarray(theirs, dtype=float)),
        rtol=bound,
        atol=bound / 1000,
    )


def test_the_whole_grid_is_present() -> None:
    assert [case["name"] for case in pinned()["survival"]] == list(DATA)
    for name in DATA:
        found = case(name)
        grid = [(fit["rho"], fit["strata"]) for fit in found["survdiff"]]
        assert grid == [(rho, strata) for rho in (0, 1, 0.5) for strata in (False, True)]
        assert found["survmisc"]["weight"] == list(SURV_MISC)
        assert [fit["weight"] for fit in found["coin"]] == list(COIN)
        assert len(found["one_sample"]) == 4
        assert ("two" in found["coin"][0]) == (name in EXACT)
        assert ("median" in found) == ("pairs" in found) == (name in LARGER)
        assert ("max_combo" in found) == (name in TWO)
        assert ("milestone" in found) == (name in TWO and name in LARGER)
        if name in TWO:
            assert [combo["name"] for combo in found["max_combo"]] == list(COMBOS)
    assert len(pinned()["boxes"]) == 32
    assert pinned()["versions"]["coin"] == "1.4.2"


@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("index", range(6))
def test_survdiff(name: str, index: int) -> None:
    theirs = case(name)["survdiff"][index]
    time, event, group, stratum = columns(name, "group", "stratum")
    strata = stratum if theirs["strata"] else None
    ours = logrank(
        time, event, group, strata=strata, weight="fleming-harrington", rho=theirs["rho"]
    )
    for key in ("statistic", "p_value", "observed", "expected", "variance"):
        same(getattr(ours, key), theirs[key])


@pytest.mark.parametrize("name", DATA)
def test_delayed_entry(name: str) -> None:
    # R has no log-rank test with delayed entry; without ties it is the score test.
    _, event, group, stratum, entry = columns(name, "group", "stratum", "entry")
    theirs = case(name)["coxph"]
    time = np.asarray(theirs["time"])
    same(logrank(time, event, group, entry=entry).statistic, theirs["score"])
    ours = logrank(time, event, group, entry=entry, strata=stratum)
    same(ours.statistic, theirs["score_strata"])


@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("index", range(9), ids=list(SURV_MISC))
def test_weights(name: str, index: int) -> None:
    theirs = case(name)["survmisc"]
    weight, rho, gamma = SURV_MISC[theirs["weight"][index]]
    ours = logrank(*columns(name, "group"), weight=weight, rho=rho, gamma=gamma)
    same(ours.statistic, theirs["statistic"][index])
    # survMisc counts the first group, or its scores, and its sign is free.
    same(abs(logrank_trend(ours).z), abs(theirs["trend"][index]))


@pytest.mark.parametrize("name", EXACT)
@pytest.mark.parametrize("index", range(5), ids=COIN)
def test_exact(name: str, index: int) -> None:
    theirs = case(name)["coin"][index]
    rho, gamma = (1.0, 0.5) if COIN[index] == "fleming-harrington" else (0.0, 0.0)
    ours = logrank_exact(*columns(name, "group"), weight=COIN[index], rho=rho, gamma=gamma)
    # coin: scores of the first group with the other sign, which is the same.
    same(ours.statistic, theirs["statistic"])
    same(
        [ours.p_value, ours.p_less, ours.p_greater],
        [theirs["two"], theirs["less"], theirs["greater"]],
    )


@pytest.mark.parametrize("name", TWO)
@pytest.mark.parametrize("index", range(4), ids=COMBOS)
def test_max_combo(name: str, index: int) -> None:
    theirs = case(name)["max_combo"][index]
    for joint in theirs["joint"]:
        ours = max_combo(*columns(name, "group"), weights=theirs["weights"], sides=joint["sides"])
        same(ours.z, theirs["z"])
        same(ours.correlation, theirs["correlation"])
        same(ours.statistic, joint["statistic"])
        bound = JOINT_SINGULAR if joint["singular"] else JOINT
        assert ours.p_value == pytest.approx(joint["p_value"], abs=bound)


@pytest.mark.parametrize("index", range(32))
def test_normal_boxes(index: int) -> None:
    box = pinned()["boxes"][index]
    ours = exceedance(box["bound"], np.asarray(box["correlation"]), box["sides"])
    # Miwa's rule has an error of up to 1e-9 here: see test_boxes_by_another_way.
    assert ours == pytest.approx(box["p_value"], abs=2e-9)


@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("index", range(4))
def test_one_sample(name: str, index: int) -> None:
    theirs = case(name)["one_sample"][index]
    time, event = columns(name)
    hazard = weibull_hazard(time, theirs["shape"], theirs["scale"])
    ours = one_sample_logrank(event, hazard)
    same(ours.expected, theirs["expected"])
    same(ours.p_value_exact, theirs["two"])
    same(one_sample_logrank(event, hazard, sides=1).p_value_exact, theirs["less"])
    same([ours.lower, ours.upper], theirs["limits"])


@pytest.mark.parametrize("name", LARGER)
def test_medians(name: str) -> None:
    theirs = case(name)["median"]
    grouped = kaplan_meier_by_group(*columns(name, "group"))
    if theirs["median"] is None or None in np.ravel(theirs["statistic"]).tolist():
        pytest.fail("the reference has no median test")
    ours = median_test(grouped.curves)
    for key in ("median", "survival", "std_error", "statistic", "p_value"):
        same(getattr(ours, key), theirs[key])


@pytest.mark.parametrize("name", LARGER)
def test_pairs(name: str) -> None:
    theirs = case(name)["pairs"]
    ours = pairwise_logrank(*columns(name, "group"))
    for key, other in (("first", "first"), ("second", "second"), ("p_value", "p_value")):
        same(getattr(ours, key), theirs[other])
    same(ours.p_adjusted, theirs["holm"])


@pytest.mark.parametrize("name", ["ties", "heavy_censoring", "months", "all_events"])
@pytest.mark.parametrize("index", range(5))
def test_milestones(name: str, index: int) -> None:
    milestone = case(name)["milestone"]
    theirs = milestone["tests"][index]
    time, event, group = columns(name, "group")
    curves = [kaplan_meier(time[group == code], event[group == code]) for code in (0, 1)]
    ours = milestone_comparison(*curves, milestone["time"], scale=theirs["scale"])
    for key in ("difference", "statistic", "p_value"):
        same(getattr(ours, key), theirs[key])
