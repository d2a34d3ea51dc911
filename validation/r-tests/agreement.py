"""Print the table of agreement of README.md: the largest difference per statistic.

Run with ``python validation/r-tests/agreement.py`` from the root of the repository.
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

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

PINNED = Path(__file__).with_name("reference.json")
SURV_MISC = [
    ("logrank", 0.0, 0.0),
    ("gehan", 0.0, 0.0),
    ("tarone-ware", 0.0, 0.0),
    ("peto-peto", 0.0, 0.0),
    ("modified-peto", 0.0, 0.0),
    ("fleming-harrington", 1.0, 0.0),
    ("fleming-harrington", 0.0, 1.0),
    ("fleming-harrington", 1.0, 1.0),
    ("fleming-harrington", 0.5, 2.0),
]


class Table:
    """Largest difference, and number of values compared, per statistic."""

    def __init__(self) -> None:
        self.largest: dict[str, float] = defaultdict(float)
        self.compared: dict[str, int] = defaultdict(int)

    def add(self, name: str, ours: object, theirs: object, relative: bool = True) -> None:
        one, other = (np.ravel(np.array(x, dtype=float)) for x in (ours, theirs))
        size = np.maximum(np.abs(other), 1e-3) if relative else 1.0
        self.compared[name] += len(one)
        self.largest[name] = max(self.largest[name], *(np.abs(one - other) / size))


def compare_rank_tests(table: Table, case: dict[str, Any]) -> None:
    d = {key: np.asarray(values) for key, values in case["data"].items()}
    time, event, group = d["time"], d["event"], d["group"]
    for theirs in case["survdiff"]:
        strata = d["stratum"] if theirs["strata"] else None
        ours = logrank(
            time, event, group, strata=strata, weight="fleming-harrington", rho=theirs["rho"]
        )
        for key in ("statistic", "p_value", "observed", "expected", "variance"):
            table.add(f"survdiff, {key}", getattr(ours, key), theirs[key])
    moved, entry = case["coxph"]["time"], d["entry"]
    table.add(
        "delayed entry, score test of coxph",
        logrank(moved, event, group, entry=entry).statistic,
        case["coxph"]["score"],
    )
    for (weight, rho, gamma), statistic, trend in zip(
        SURV_MISC, case["survmisc"]["statistic"], case["survmisc"]["trend"], strict=True
    ):
        ours = logrank(time, event, group, weight=weight, rho=rho, gamma=gamma)
        table.add("survMisc, statistic", ours.statistic, statistic)
        table.add("survMisc, trend", abs(logrank_trend(ours).z), abs(trend))
    for theirs in case["coin"] if "two" in case["coin"][0] else []:
        rho, gamma = (1.0, 0.5) if theirs["weight"] == "fleming-harrington" else (0.0, 0.0)
        ours = logrank_exact(time, event, group, weight=theirs["weight"], rho=rho, gamma=gamma)
        table.add("coin, standardised statistic", ours.statistic, theirs["statistic"])
        found = [ours.p_value, ours.p_less, ours.p_greater]
        table.add("coin, exact p", found, [theirs[key] for key in ("two", "less", "greater")])


def compare_other_tests(table: Table, case: dict[str, Any]) -> None:
    d = {key: np.asarray(values) for key, values in case["data"].items()}
    time, event, group = d["time"], d["event"], d["group"]
    for theirs in case["one_sample"]:
        ours = one_sample_logrank(event, weibull_hazard(time, theirs["shape"], theirs["scale"]))
        table.add("poisson.test, p", ours.p_value_exact, theirs["two"])
        table.add("poisson.test, limits", [ours.lower, ours.upper], theirs["limits"])
    if "median" in case:
        ours = median_test(kaplan_meier_by_group(time, event, group).curves)
        table.add(
            "medians",
            [ours.statistic, ours.p_value],
            [case["median"]["statistic"], case["median"]["p_value"]],
        )
        pairs = pairwise_logrank(time, event, group)
        table.add("pairs, Holm", pairs.p_adjusted, case["pairs"]["holm"])
    if "milestone" in case:
        curves = [kaplan_meier(time[group == code], event[group == code]) for code in (0, 1)]
        for theirs in case["milestone"]["tests"]:
            ours = milestone_comparison(*curves, case["milestone"]["time"], scale=theirs["scale"])
            table.add(
                "milestones",
                [ours.statistic, ours.p_value],
                [theirs["statistic"], theirs["p_value"]],
            )
    for theirs in case.get("max_combo", []):
        for joint in theirs["joint"]:
            ours = max_combo(time, event, group, weights=theirs["weights"], sides=joint["sides"])
            table.add("max-combo, z", ours.z, theirs["z"])
            name = (
                "max-combo, p, singular (absolute)"
                if joint["singular"]
                else ("max-combo, p (absolute)")
            )
            table.add(name, ours.p_value, joint["p_value"], relative=False)


def main() -> None:
    pinned = json.loads(PINNED.read_text(encoding="utf-8"))
    table = Table()
    for case in pinned["survival"]:
        compare_rank_tests(table, case)
        compare_other_tests(table, case)
    for box in pinned["boxes"]:
        ours = exceedance(box["bound"], np.asarray(box["correlation"]), box["sides"])
        table.add("normal boxes (absolute)", ours, box["p_value"], relative=False)
    for name, largest in table.largest.items():
        print(f"| {name} | {table.compared[name]} | {largest:.0e} |")


if __name__ == "__main__":
    main()
