"""Agreement with the pinned answers of R in validation/r-biomarkers."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hepatica.errors import InputError
from hepatica.stats.cut_point import maximally_selected_logrank
from hepatica.stats.hodges_lehmann import hodges_lehmann, hodges_lehmann_shift
from hepatica.stats.multiplicity import adjust_p_values
from hepatica.stats.roc import roc, youden_cut_point
from hepatica.stats.signed_rank import signed_rank
from hepatica.stats.survival import kaplan_meier

PINNED = Path(__file__).parents[3] / "validation" / "r-biomarkers" / "reference.json"
CLOSED = 1e-10

DIFFERENCES = (
    *("eight", "five", "one_zero", "one", "two", "all_tied", "balanced", "zeros_and_ties"),
    *("mostly_zero", "fifteen", "fifteen_ties", "fifteen_coarse", "nineteen", "twenty"),
    *("twenty_one", "forty", "forty_coarse", "sixty"),
)
UNTIED = ("fifteen", "nineteen", "forty")
LOCATED = tuple(name for name in DIFFERENCES if name not in ("one", "two", "all_tied"))
SAMPLES = ("small", "ten", "uneven", "forties", "ties")
LEVELS = (0.95, 0.9, 0.99)
FAMILIES = ("thirteen", "missing", "ties", "one", "edges")
METHODS = ("holm", "hochberg", "benjamini-hochberg", "bonferroni")
SCORES = (
    *("continuous", "ties", "coarse", "reversed", "apart", "near_one", "one_event", "constant"),
)
SELECTED = (
    *("continuous", "tied_times", "tied_both", "no_effect", "strong", "twenty", "censored"),
    *("few_values", "eighteen"),
)
SHARES = (0.1, 0.2, 0.25, 0.35)
DELAYED = (*("days", "ties", "months", "continuous", "from_zero", "by_hand", "to_zero", "gap"),)
CONF_TYPES = ("log-log", "log", "plain")


@cache
def pinned() -> dict[str, Any]:
    return json.loads(PINNED.read_text(encoding="utf-8"))


def answer(part: str, **wanted: object) -> dict[str, Any]:
    (found,) = (
        case for case in pinned()[part] if all(case[key] == value for key, value in wanted.items())
    )
    return found


def floats(values: object) -> np.ndarray:
    return np.atleast_1d(np.asarray(values, dtype=np.float64))


def same(ours: object, theirs: object, bound: float = CLOSED) -> None:
    np.testing.assert_allclose(floats(ours), floats(theirs), rtol=bound, atol=bound / 1000)


def test_the_whole_grid_is_present() -> None:
    found = pinned()

    def names(part: str, *keys: str) -> list[tuple[Any, ...]]:
        return [tuple(case[key] for key in ("name", *keys)) for case in found[part]]

    def grid(of: tuple[str, ...], *options: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        return [(name, *one) for name in of for one in zip(*options, strict=True)]

    assert names("signed_rank") == [(name,) for name in DIFFERENCES]
    assert names("location", "conf_level") == grid(LOCATED, LEVELS)
    assert names("shift", "conf_level") == grid(SAMPLES, LEVELS)
    assert names("adjusted") == [(name,) for name in FAMILIES]
    assert all(tuple(case["adjusted"]) == METHODS for case in found["adjusted"])
    assert names("roc") == [(name,) for name in SCORES]
    assert names("selected", "min_share") == grid(SELECTED, SHARES)
    refused = [(case["name"], case["min_share"]) for case in found["selected"] if case["refused"]]
    assert refused == [("few_values", share) for share in SHARES[1:]]
    assert names("delayed", "conf_type") == grid(DELAYED, CONF_TYPES)
    assert found["versions"] == {
        "R": "R version 4.2.2 Patched (2022-11-10 r83330)",
        "coin": "1.4.2",
        "exactRankTests": "0.8.35",
        "maxstat": "0.7.25",
        "pROC": "1.18.0",
        "survival": "3.5.3",
        "jsonlite": "1.8.4",
    }
    assert found["call"] == "Rscript --vanilla reference.R"


@pytest.mark.parametrize("name", DIFFERENCES)
def test_signed_rank(name: str) -> None:
    theirs = answer("signed_rank", name=name)
    difference = theirs["difference"]
    dropped = signed_rank(difference)
    pratt = signed_rank(difference, zeros="pratt")
    same(dropped.positive_rank_sum, theirs["positive_rank_sum"])
    same(dropped.p_value, theirs["drop"])
    same(dropped.p_value, theirs["exact_rank_tests"])
    same(pratt.p_value, theirs["pratt"])
    same(signed_rank(difference, method="normal").p_value, theirs["normal"])


@pytest.mark.parametrize("name", DIFFERENCES)
def test_signed_rank_statistic(name: str) -> None:
    """R's z, without continuity correction, is S by the root of a quarter of the squared ranks."""
    theirs = answer("signed_rank", name=name)
    size = np.abs(np.array(theirs["difference"], dtype=float))
    for zeros, z in zip(("drop", "pratt"), theirs["z"], strict=True):
        kept = size if zeros == "pratt" else size[size > 0]
        ranks = ((kept[:, None] > kept).sum(1) + (kept[:, None] >= kept).sum(1) + 1) / 2
        spread = np.sqrt((ranks[kept > 0] ** 2).sum()) / 2
        same(signed_rank(theirs["difference"], zeros=zeros).statistic / spread, z)


@pytest.mark.parametrize("conf_level", LEVELS)
@pytest.mark.parametrize("name", UNTIED)
def test_hodges_lehmann(name: str, conf_level: float) -> None:
    theirs = answer("location", name=name, conf_level=conf_level)
    difference = pinned()["differences"][name]
    exact = hodges_lehmann(difference, conf_level=conf_level)
    same([exact.estimate, exact.lower, exact.upper], estimate_and_limits(theirs["exact"]))
    same(estimate_and_limits(theirs["exact"]), estimate_and_limits(theirs["exact_rank_tests"]))
    normal = hodges_lehmann(difference, conf_level=conf_level, method="normal")
    same([normal.lower, normal.upper], theirs["normal"]["limits"], 1e-9)


@pytest.mark.parametrize("conf_level", LEVELS)
@pytest.mark.parametrize("name", SAMPLES[:-1])
def test_hodges_lehmann_shift(name: str, conf_level: float) -> None:
    theirs = answer("shift", name=name, conf_level=conf_level)
    exact = hodges_lehmann_shift(theirs["x"], theirs["y"], conf_level=conf_level)
    same(exact.estimate, theirs["exact"]["estimate"])
    if (name, conf_level) != ("small", 0.99):  # four and five do not reach 99 %
        same([exact.lower, exact.upper], theirs["exact"]["limits"])
        normal = hodges_lehmann_shift(
            theirs["x"], theirs["y"], conf_level=conf_level, method="normal"
        )
        same([normal.lower, normal.upper], theirs["normal"]["limits"], 1e-9)
    else:
        assert np.isnan([exact.lower, exact.upper, exact.coverage]).all()


def estimate_and_limits(theirs: dict[str, Any]) -> list[float]:
    return [theirs["estimate"], *theirs["limits"]]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", FAMILIES)
def test_adjusted_p_values(name: str, method: str) -> None:
    theirs = answer("adjusted", name=name)
    p = np.array(theirs["p"], dtype=float)
    same(adjust_p_values(p, method), theirs["adjusted"][method])


@pytest.mark.parametrize("name", SCORES)
def test_roc(name: str) -> None:
    theirs = answer("roc", name=name)
    for conf_level, limits in zip((0.95, 0.9), theirs["limits"], strict=True):
        ours = roc(theirs["score"], theirs["event"], conf_level=conf_level)
        same(ours.sensitivity, theirs["sensitivity"])
        same(ours.specificity, theirs["specificity"])
        same(ours.auc, theirs["auc"])
        same(ours.std_error**2, theirs["variance"])
        same([ours.lower, ours.auc, ours.upper], [limits[0], theirs["auc"], limits[2]])
    best = youden_cut_point(ours)
    pairs = np.column_stack([theirs["best"]["sensitivity"], theirs["best"]["specificity"]])
    same([best.sensitivity, best.specificity], pairs[0])


@pytest.mark.parametrize("min_share", SHARES)
@pytest.mark.parametrize("name", SELECTED)
def test_maximally_selected_logrank(name: str, min_share: float) -> None:
    data = pinned()["selected_data"][name]
    theirs = answer("selected", name=name, min_share=min_share)
    columns = data["time"], data["event"], data["marker"]
    if theirs["refused"]:
        with pytest.raises(InputError, match="leaves a share"):
            maximally_selected_logrank(*columns, min_share=min_share)
        return
    ours = maximally_selected_logrank(*columns, min_share=min_share)
    same(ours.cut_point, theirs["cut_point"])
    same(ours.statistic, theirs["statistic"])
    same(ours.candidates, theirs["cuts"])
    same(ours.statistics, theirs["statistics"])
    # R takes 1 less a probability and does not stop at 1.
    np.testing.assert_allclose(ours.p_lau92, min(1, theirs["lau92"]), rtol=CLOSED, atol=1e-15)
    np.testing.assert_allclose(ours.p_lau94, min(1, theirs["lau94"]), rtol=CLOSED, atol=1e-15)


@pytest.mark.parametrize("name", SELECTED)
def test_permutation(name: str) -> None:
    """Both are Monte Carlo: within four standard errors of their difference."""
    data = pinned()["selected_data"][name]
    theirs = answer("selected", name=name, min_share=0.1)["monte_carlo"]
    ours = maximally_selected_logrank(
        data["time"],
        data["event"],
        data["marker"],
        generator=np.random.default_rng(7),
        replicates=20_000,
    ).p_permutation
    spread = np.sqrt(max(theirs, 1e-4) * (1 - theirs) * (1 / 20_000 + 1 / 40_000))
    assert abs(ours - theirs) < 4 * spread + 1e-12


@pytest.mark.parametrize("conf_type", CONF_TYPES)
@pytest.mark.parametrize("name", DELAYED)
def test_delayed_entry(name: str, conf_type: str) -> None:
    data = pinned()["delayed_data"][name]
    theirs = answer("delayed", name=name, conf_type=conf_type)
    ours = kaplan_meier(data["time"], data["event"], entry=data["entry"], conf_type=conf_type)
    for key in ("time", "at_risk", "events", "censored", "survival"):
        same(getattr(ours, key), theirs[key])
    same(ours.lower, theirs["lower"])
    same(ours.upper, theirs["upper"])
    same(ours.std_error, theirs["std_error"])
    same([ours.median.estimate, ours.median.lower, ours.median.upper], theirs["median"])
    same(ours.at(theirs["at"]["time"]).survival, theirs["at"]["survival"])
