"""Compare metafor's answers on what explains heterogeneity with Hepatica's; print the table.

Run with ``python validation/metafor/explained.py`` from the root of the repository. The test
`tests/stats/meta/test_explained_reference.py` goes through the same pairs.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from agreement import CI, CLOSED, ITERATIVE, SEARCHED, Pair, array

from hepatica.stats import meta

PINNED = Path(__file__).with_name("explained.json")
REGRESSION = (
    "coefficients", "std_error", "statistic", "p_value", "lower", "upper", "qm", "qm_p_value",
    "q", "q_p_value", "tau2", "tau2_std_error", "r2",
)  # fmt: skip
LINE = ("estimate", "std_error", "lower", "upper", "prediction_lower", "prediction_upper")
INFLUENCE = (
    "rstudent", "dffits", "cooks_distance", "covariance_ratio", "tau2_without", "q_without", "hat",
    "weight", "dfbetas", "baujat_x", "baujat_y", "flagged",
)  # fmt: skip
LEFT_OUT = ("estimate", "std_error", "p_value", "lower", "upper", "tau2", "q", "q_p_value")


def pinned() -> dict[str, Any]:
    """Return the pinned answers."""
    answers: dict[str, Any] = json.loads(PINNED.read_text(encoding="utf-8"))
    return answers


def pairs() -> Iterator[Pair]:
    """Yield every figure of the pinned answers."""
    answers = pinned()
    for found in answers["sets"].values():
        y, v, x = array(found["yi"]), array(found["vi"]), np.array(found["x"], dtype=float)
        yield from _regressions(found, y, v, x)
        yield from _influences(found, y, v, x)
        yield from _left_out(found, y, v)
    first = answers["sets"]["bcg_latitude"]
    for theirs in answers["groups"]:
        yield from _groups(theirs, array(first["yi"]), array(first["vi"]))
    for theirs in answers["permutations"]:
        yield from _permutations(theirs)
    for theirs in answers["subsets"]:
        yield from _subsets(theirs)


def _ours(method: str) -> tuple[str, float]:
    return "common" if method == "EE" else method, ITERATIVE if method in SEARCHED else CLOSED


def _regressions(
    found: dict[str, Any], y: np.ndarray, v: np.ndarray, x: np.ndarray
) -> Iterator[Pair]:
    for theirs in found["regressions"]:
        method, bound = _ours(theirs["method"])
        fit = meta.meta_regression(y, v, x, method=method, ci=CI[theirs["test"]])
        for name in REGRESSION:
            yield Pair(f"regression {method}, {name}", getattr(fit, name), theirs[name], bound)
        i2 = fit.i2 if method == "common" else fit.i2_tau2
        yield Pair(f"regression {method}, i2", i2, theirs["i2_tau2"], bound)
    for theirs in found["lines"]:
        fit = meta.meta_regression(y, v, x, ci=CI[theirs["test"]])
        prediction = "z" if theirs["test"] == "z" else "t(k-p)"
        line = meta.predict_effects(fit, np.array(theirs["x"]), prediction=prediction)
        for name in LINE:
            yield Pair(f"line, {name}", getattr(line, name), theirs[name], ITERATIVE)
    for theirs in found["predictions"]:
        blup = meta.study_predictions(y, v, x if theirs["x"] else ())
        for name in ("estimate", "std_error", "lower", "upper"):
            yield Pair(f"best predictions, {name}", getattr(blup, name), theirs[name], ITERATIVE)


def _influences(
    found: dict[str, Any], y: np.ndarray, v: np.ndarray, x: np.ndarray
) -> Iterator[Pair]:
    for theirs in found["influence"]:
        method, bound = _ours(theirs["method"])
        ours = meta.influence(y, v, x if theirs["x"] else (), method=method)
        for name in INFLUENCE:
            printed = np.array(theirs[name], dtype=float)
            yield Pair(f"influence {method}, {name}", getattr(ours, name), printed, bound)


def _left_out(found: dict[str, Any], y: np.ndarray, v: np.ndarray) -> Iterator[Pair]:
    for theirs in found["left_out"]:
        method, bound = _ours(theirs["method"])
        for name in ("leave_one_out", "cumulative"):
            ours = getattr(meta, name)(y, v, method=method)
            some = slice(1 if name == "cumulative" else 0, None)  # one study has no Q of its own
            for figure in LEFT_OUT:
                value = getattr(ours, figure)[some]
                yield Pair(f"{name}, {figure}", value, array(theirs[name][figure])[some], bound)
            i2 = (ours.i2 if method == "common" else ours.i2_tau2)[some]
            yield Pair(f"{name}, i2", i2, array(theirs[name]["i2"])[some], bound)


def _groups(theirs: dict[str, Any], y: np.ndarray, v: np.ndarray) -> Iterator[Pair]:
    method, bound = _ours(theirs["method"])
    apart = meta.subgroups(y, v, theirs["group"], method=method)
    for name in ("estimate", "std_error", "tau2", "q"):
        value = getattr(apart.pooled, name)
        yield Pair(f"groups apart, {name}", value, theirs["separate"][name], bound)
    for name in ("q_between", "p_value"):
        yield Pair(f"groups apart, {name}", getattr(apart, name), theirs["separate"][name], bound)
    for test, block in (("wald", "common"), ("hartung-knapp", "common_knha")):
        if method == "common" and test != "wald":
            continue
        ours = meta.subgroups(y, v, theirs["group"], method=method, ci=test, tau2="common")
        for name in ("estimate", "std_error", "lower", "upper"):
            value = getattr(ours.pooled, name)
            yield Pair(f"groups together, {name}", value, theirs[block][name], bound)
        yield Pair("groups together, tau2", ours.pooled.tau2[0], theirs[block]["tau2"], bound)
        if test == "wald":
            for name in ("q_between", "p_value"):
                value = getattr(ours, name)
                yield Pair(f"groups together, {name}", value, theirs[block][name], bound)


def _permutations(theirs: dict[str, Any]) -> Iterator[Pair]:
    method, _ = _ours(theirs["method"])
    y, v, x = (np.array(theirs[name], dtype=float) for name in ("yi", "vi", "x"))
    options = {"method": method, "ci": CI[theirs["test"]]}
    fit = meta.meta_regression(y, v, x, **options)
    ours = meta.permutation_test(y, v, x, fit=fit)
    yield Pair("permutations, p_value", ours.p_value, theirs["p_value"], CLOSED)
    yield Pair("permutations, qm_p_value", ours.qm_p_value, theirs["qm_p_value"], CLOSED)
    alone = meta.permutation_test(y, v, (), fit=meta.meta_regression(y, v, (), **options))
    yield Pair("permutations, signs", alone.p_value, theirs["signs_p_value"], CLOSED)


def _subsets(theirs: dict[str, Any]) -> Iterator[Pair]:
    method, bound = _ours(theirs["method"])
    ours = meta.gosh(theirs["yi"], theirs["vi"], method=method)
    k = len(theirs["yi"])
    place = 2 ** np.arange(k)
    codes = np.array(theirs["included"], dtype=np.int64) @ place
    several = np.array(theirs["included"]).sum(axis=1) > 1
    order = np.argsort(codes[several])
    own = np.argsort(ours.included @ place)
    yield Pair("subsets, codes", (ours.included @ place)[own], codes[several][order], CLOSED)
    for name in ("estimate", "tau2", "i2"):
        if theirs.get(name) is None:
            continue
        value = getattr(ours, "i2_tau2" if name == "i2" and method != "common" else name)
        yield Pair(f"subsets, {name}", value[own], array(theirs[name])[several][order], bound)


def main() -> None:
    """Print the table."""
    rows: dict[str, tuple[int, float]] = {}
    for pair in pairs():
        family = pair.statistic.split(",")[0]
        count, largest = rows.get(family, (0, 0.0))
        rows[family] = (count + pair.count(), max(largest, pair.difference()))
    sys.stdout.write("| family | values | largest difference |\n|---|---|---|\n")
    for name, (count, largest) in rows.items():
        sys.stdout.write(f"| {name} | {count} | {largest:.0e} |\n")


if __name__ == "__main__":
    main()
