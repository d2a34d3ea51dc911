"""Compare every pinned answer of metafor with Hepatica's; print the table of README.md.

Run with ``python validation/metafor/agreement.py`` from the root of the repository. The test
`tests/stats/meta/test_metafor_reference.py` goes through the same pairs.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hepatica.stats import meta

PINNED = Path(__file__).with_name("reference.json")
CLOSED, ITERATIVE, GLMM, OPTIMISER = 1e-9, 1e-6, 1e-4, 2e-6
DIFFERENCES = 1e-5  # lme4 takes its standard errors from differences of the likelihood
LOOSE = 1e-3  # lme4 in metafor stops early where each study has a parameter of its own
CI = {"z": "wald", "t": "t", "knha": "hartung-knapp", "adhoc": "hartung-knapp-floor"}
SEARCHED = ("ML", "REML", "PM", "EB")
FIGURES = (
    "estimate", "std_error", "statistic", "p_value", "lower", "upper", "tau2", "tau2_std_error",
    "q", "q_p_value", "prediction_lower", "prediction_upper", "weights",
)  # fmt: skip


@dataclass(frozen=True)
class Pair:
    """One figure, ours and theirs; `size` is the smallest value that counts as it is."""

    statistic: str
    ours: Any
    theirs: Any
    bound: float
    size: float = 1e-3

    def difference(self) -> float:
        """Return the largest difference, relative to theirs."""
        ours, theirs = array(self.ours), array(self.theirs)
        if ours.shape != theirs.shape or (np.isnan(ours) != np.isnan(theirs)).any():
            return float("inf")
        there = ~np.isnan(theirs)
        scale = np.maximum(np.abs(theirs[there]), self.size)
        return float(np.max(np.abs(ours[there] - theirs[there]) / scale, initial=0.0))

    def count(self) -> int:
        """Return the number of values compared."""
        return int(np.count_nonzero(~np.isnan(array(self.theirs))))


def array(values: Any) -> np.ndarray:
    """Return values of the JSON file; null is NaN."""
    return np.atleast_1d(np.array(values, dtype=float))


def pinned() -> dict[str, Any]:
    """Return the pinned answers."""
    return json.loads(PINNED.read_text(encoding="utf-8"))


def pairs() -> Iterator[Pair]:
    """Yield every figure of the pinned answers."""
    answers = pinned()
    yield from _tables(answers)
    yield from _single_arms(answers)
    yield from _means(answers["means"])
    for found in _pooled_sets(answers):
        yield from _fits(found)
        yield from _limits(found)
    yield from _correlated(answers)
    yield from _glmm(answers["glmm"], "GLMM", GLMM)
    yield from _odds_ratios(answers["glmm_or"], answers["glmer_or"])
    yield from _glmm(answers["glmer"], "GLMM of lme4 to the end", DIFFERENCES)


def _effects(name: str, ours: meta.Effects, theirs: dict[str, Any]) -> Iterator[Pair]:
    yield Pair(f"{name}, estimate", ours.yi, theirs["yi"], CLOSED)
    yield Pair(f"{name}, variance", ours.vi, theirs["vi"], CLOSED, size=1e-12)


def _counts(found: dict[str, Any]) -> list[np.ndarray]:
    return [array(found["input"][name]) for name in ("ai", "n1i", "ci", "n2i")]


def _tables(answers: dict[str, Any]) -> Iterator[Pair]:
    for name, found in answers["tables"].items():
        measure, _, rule = name.partition("_")
        ours = meta.two_arm_effects(
            *_counts(found), measure=measure, rule=rule or "only0", double_zero="keep"
        )
        yield from _effects(measure, ours, found)
    for measure, theirs in answers["mantel_haenszel"].items():
        pooled = meta.mantel_haenszel(*_counts(answers["tables"]["OR"]), measure=measure)
        for name in ("estimate", "std_error", "p_value", "lower", "upper", "q"):
            yield Pair(f"Mantel-Haenszel, {name}", getattr(pooled, name), theirs[name], CLOSED)
        if theirs["cmh"] is not None:
            yield Pair("Cochran-Mantel-Haenszel", pooled.cmh, theirs["cmh"], CLOSED)


def _single_arms(answers: dict[str, Any]) -> Iterator[Pair]:
    for measure, found in answers["proportions"].items():
        x, n = array(found["input"]["xi"]), array(found["input"]["ni"])
        yield from _effects(measure, meta.proportion_effects(x, n, measure=measure), found)
    for measure, found in answers["rates"].items():
        x, t = array(found["input"]["xi"]), array(found["input"]["ti"])
        yield from _effects(measure, meta.rate_effects(x, t, measure=measure), found)
    for measure, found in answers["rate_ratios"].items():
        given = [array(found["input"][name]) for name in ("x1i", "t1i", "x2i", "t2i")]
        yield from _effects(measure, meta.rate_ratio_effects(*given, measure=measure), found)


def _means(answers: dict[str, Any]) -> Iterator[Pair]:
    for name, found in answers.items():
        given = {key: array(values) for key, values in found["input"].items()}
        if name == "MN":
            yield from _effects(
                name, meta.mean_effects(given["mi"], given["sdi"], given["ni"]), found
            )
            continue
        one = (given["m1i"], given["sd1i"], given["n1i"])
        two = (given["m2i"], given["sd2i"], given["n2i"])
        if name == "ROM":
            ours = meta.ratio_of_means_effects(one, two)
        elif name.startswith("MD"):
            variance = "pooled" if name.endswith("pooled") else "separate"
            ours = meta.mean_difference_effects(one, two, variance=variance)
        else:
            variance = "unbiased" if name.endswith("unbiased") else "large-sample"
            ours = meta.standardised_mean_difference_effects(one, two, variance=variance)
        yield from _effects(name, ours, found)


def _pooled_sets(answers: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for block in ("tables", "proportions", "generic"):
        for found in answers[block].values():
            if "fits" in found:
                yield found


def _fits(found: dict[str, Any]) -> Iterator[Pair]:
    yi, vi = array(found["yi"]), array(found["vi"])
    here = ~np.isnan(yi)
    for theirs in found["fits"]:
        method = "common" if theirs["method"] == "EE" else theirs["method"]
        prediction = "z" if theirs["test"] == "z" else "t(k-1)"
        ours = meta.pool(yi, vi, method=method, ci=CI[theirs["test"]], prediction=prediction)
        bound = ITERATIVE if method in SEARCHED else CLOSED
        for name in FIGURES:
            value = getattr(ours, name)
            value = value[here] if name == "weights" else value
            yield Pair(f"{method}, {name}", value, theirs[name], bound)
        suffix = "" if method == "common" else "_tau2"
        for name in ("i2", "h2"):
            yield Pair(f"{method}, {name}", getattr(ours, name + suffix), theirs[name], bound)


def _limits(found: dict[str, Any]) -> Iterator[Pair]:
    yi, vi = array(found["yi"]), array(found["vi"])
    for method, theirs in found["tau2_limits"].items():
        ours = meta.tau2_limits(yi, vi, method=method)
        for name in ("lower", "upper"):
            value = getattr(ours, name)
            if theirs[name] is None:  # the empty interval, which metafor gives as missing
                assert ours.empty
                continue
            yield Pair(f"tau2 limits, {method}", value, theirs[name], ITERATIVE)


def _correlated(answers: dict[str, Any]) -> Iterator[Pair]:
    schools = {name: np.array(values) for name, values in answers["schools"].items()}
    for method, theirs in answers["multilevel"].items():
        ours = meta.pool_multilevel(
            schools["yi"], schools["vi"], schools["district"], method=method
        )
        for name in ("estimate", "std_error", "components", "q", "loglik"):
            yield Pair(f"three levels, {name}", getattr(ours, name), theirs[name], OPTIMISER)
    fit = meta.pool_multilevel(schools["yi"], schools["vi"], schools["district"])
    for kind, theirs in answers["robust"].items():
        robust = meta.cluster_robust(schools["yi"], fit.covariance, schools["district"], kind=kind)
        for name in ("std_error", "df", "p_value"):
            yield Pair(f"{kind}, {name}", getattr(robust, name), theirs[name], OPTIMISER)
    found = answers["meta_regression_cr2"]
    design = np.column_stack([np.ones(len(found["yi"])), found["ablat"]])
    robust = meta.cluster_robust(found["yi"], found["working"], found["cluster"], design)
    for name in ("estimate", "std_error", "df"):
        yield Pair(f"CR2 of a regression, {name}", getattr(robust, name), found[name], CLOSED)
    shared = answers["shared_control"]
    study = np.array(shared["study"])
    covariance = meta.shared_control_covariance(shared["vi"], shared["part"], study)
    for method, theirs in shared["fits"].items():
        pooled = meta.pool_correlated(shared["yi"], covariance, method=method, study=study)
        bound = CLOSED if method == "common" else OPTIMISER
        for name in ("estimate", "std_error", "q"):
            yield Pair(f"shared control, {name}", getattr(pooled, name), theirs[name], bound)
        if method != "common":
            yield Pair("shared control, tau2", pooled.components, theirs["tau2"], bound)


def _glmm(answers: dict[str, Any], family: str, bound: float) -> Iterator[Pair]:
    for found in answers.values():
        for theirs in found.values():
            ours = meta.proportion_glmm(theirs["xi"], theirs["ni"], nodes=theirs["nodes"])
            for name in ("estimate", "std_error", "tau2"):
                yield Pair(f"{family}, {name}", getattr(ours, name), theirs[name], bound)
            if "q_lrt" in theirs:
                yield Pair(f"{family}, q_lrt", ours.q_lrt, theirs["q_lrt"], CLOSED)


def _odds_ratios(answers: dict[str, Any], exact: dict[str, Any]) -> Iterator[Pair]:
    for name, model in {"UM.FS": "unconditional", "CM.AL": "conditional"}.items():
        for method, theirs in answers[name].items():
            ours = meta.odds_ratio_glmm(
                *_counts(answers), model=model, random_effects=method == "ML", nodes=7
            )
            for figure in ("estimate", "std_error", "tau2", "q_lrt"):
                bound = LOOSE if name == "UM.FS" else GLMM
                yield Pair(f"GLMM {name}, {figure}", getattr(ours, figure), theirs[figure], bound)
    ours = meta.odds_ratio_glmm(*_counts(answers), nodes=15)
    for figure, value in exact.items():
        yield Pair(f"GLMM of lme4 to the end, {figure}", getattr(ours, figure), value, DIFFERENCES)


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
