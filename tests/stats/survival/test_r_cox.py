"""Agreement with the pinned answers of R in validation/r-cox."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hepatica.stats.survival import cox

PINNED = Path(__file__).parents[3] / "validation" / "r-cox" / "reference.json"
NEWTON = 1e-8
LOGLIK = 1e-10

DATA = ("ties", "days", "months", "continuous", "heavy_censoring", "all_events")
OPTIONS = (
    "plain",
    "strata",
    "weights",
    "zero",
    "entry",
    "offset",
    "cluster",
    "strata_entry",
    "strata_weights",
    "entry_weights",
    "cluster_weights",
    "cluster_strata",
    "cluster_entry",
    "all",
)


@cache
def pinned() -> dict[str, Any]:
    return json.loads(PINNED.read_text(encoding="utf-8"))


def ties_of(name: str, option: str) -> list[str]:
    on = pinned()["options"][option]
    on = [on] if isinstance(on, str) else on
    # R goes through all choices of tied events where rows have an entry: only few are asked for.
    few = "entry" not in on or name in ("months", "continuous")
    exact = few and not {"weights", "zero", "cluster"} & set(on)
    return ["efron", "breslow", *(["exact"] if exact else [])]


def given(case: dict[str, Any], option: str) -> dict[str, np.ndarray]:
    on = pinned()["options"][option]
    columns = {
        "strata": "stratum",
        "weights": "weight",
        "entry": "entry",
        "offset": "offset",
        "cluster": "cluster",
    }
    found = {}
    for name in [on] if isinstance(on, str) else on:
        key = "weights" if name == "zero" else name
        found[key] = np.asarray(case["data"]["zero" if name == "zero" else columns[name]])
    return found


def test_the_whole_grid_is_present() -> None:
    assert [case["name"] for case in pinned()["cox"]] == list(DATA)
    assert tuple(pinned()["options"]) == OPTIONS
    for case in pinned()["cox"]:
        assert tuple(case["fits"]) == OPTIONS
        for option in OPTIONS:
            assert [fit["ties"] for fit in case["fits"][option]] == ties_of(case["name"], option)
    assert pinned()["versions"]["survival"] == "3.5.3"


def same(ours: object, theirs: object, bound: float) -> None:
    np.testing.assert_allclose(
        np.asarray(ours, dtype=np.float64),
        np.asarray(theirs, dtype=np.float64),
        rtol=bound,
        atol=bound * 1e-3,
    )


@pytest.mark.parametrize("option", OPTIONS)
@pytest.mark.parametrize("name", DATA)
def test_cox(name: str, option: str) -> None:
    case = next(case for case in pinned()["cox"] if case["name"] == name)
    data = case["data"]
    X = np.column_stack([data["x1"], data["x2"], data["x3"]])
    for theirs in case["fits"][option]:
        ours = cox(data["time"], data["event"], X, ties=theirs["ties"], **given(case, option))
        assert ours.converged
        same(ours.coef, theirs["coef"], NEWTON)
        same(ours.vcov, theirs["vcov"], NEWTON)
        same(ours.naive_vcov, theirs["naive_vcov"], NEWTON)
        same([ours.loglik_null, ours.loglik], theirs["loglik"], LOGLIK)
        same(ours.score_test.statistic, theirs["score"], NEWTON)
        same(ours.wald_test.statistic, theirs["wald"], NEWTON)
        if theirs["robust_score"] is None:
            assert np.isnan(ours.robust_score_test.statistic)
        else:
            # R's robust score test takes the linear predictor as 0 and forgets the offset.
            options = {key: value for key, value in given(case, option).items() if key != "offset"}
            without = cox(data["time"], data["event"], X, ties=theirs["ties"], **options)
            same(without.robust_score_test.statistic, theirs["robust_score"], NEWTON)
        assert (ours.n, ours.n_events) == (theirs["n"], theirs["n_events"])
