"""Print the table of agreement of README.md: the largest relative difference per statistic.

Run with ``python validation/r-survival/agreement.py`` from the root of the repository.
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from hepatica.stats.contingency import chi_square, fisher_exact
from hepatica.stats.proportions import binomial_test, proportion_ci
from hepatica.stats.quantiles import quantile
from hepatica.stats.survival import cox, kaplan_meier, logrank

PINNED = Path(__file__).with_name("reference.json")
COX = {"pair": ["pair"], "x1": ["x1"], "three": ["pair", "x1", "x2"]}


class Table:
    """Largest relative difference, and number of values compared, per statistic."""

    def __init__(self) -> None:
        self.largest: dict[str, float] = defaultdict(float)
        self.compared: dict[str, int] = defaultdict(int)

    def add(self, name: str, ours: object, theirs: object) -> None:
        one, other = (np.ravel(np.array(x, dtype=float)) for x in (ours, theirs))
        if one.shape != other.shape or (np.isnan(one) != np.isnan(other)).any():
            raise SystemExit(f"{name}: shapes or missing values differ")
        there = ~np.isnan(one)
        size = np.maximum(np.abs(other[there]), 1e-3)
        difference = np.abs(one[there] - other[there]) / size
        self.compared[name] += int(there.sum())
        self.largest[name] = max(self.largest[name], *difference, 0.0)


def curves(table: Table, case: dict[str, Any]) -> None:
    data = case["data"]
    for theirs in case["curves"]:
        ours = kaplan_meier(
            data["time"],
            data["event"],
            conf_type=theirs["conf_type"],
            conf_level=theirs["conf_level"],
        )
        table.add("survival", ours.survival, theirs["survival"])
        table.add("its standard error", ours.std_error, theirs["std_error"])
        limits = [*ours.lower, *ours.upper], [*theirs["lower"], *theirs["upper"]]
        table.add(f"limits, {theirs['conf_type']}", *limits)
        median = ours.median
        table.add(
            "median with limits", [median.estimate, median.lower, median.upper], theirs["median"]
        )


def models(table: Table, case: dict[str, Any]) -> None:
    data = {key: np.array(values) for key, values in case["data"].items()}
    for name, theirs in dict(case["logrank"]).items():
        group, _, stratified = name.partition("_")
        strata = data["stratum"] if stratified else None
        ours = logrank(data["time"], data["event"], data[group], strata=strata)
        table.add("log-rank statistic", ours.statistic, theirs["statistic"])
        table.add("log-rank expected", ours.expected, theirs["expected"])
    for name, fits in dict(case["cox"]).items():
        covariates, _, stratified = name.partition("_")
        x = np.column_stack([data[key] for key in COX[covariates]])
        for theirs in fits:
            fit = cox(
                data["time"],
                data["event"],
                x,
                ties=theirs["ties"],
                strata=data["stratum"] if stratified else None,
            )
            table.add(f"Cox coefficient, {theirs['ties']}", fit.coef, theirs["coef"])
            table.add("Cox covariance", fit.vcov, theirs["vcov"])
            table.add("Cox log likelihood", [fit.loglik_null, fit.loglik], theirs["loglik"])
            table.add("Cox score statistic", fit.score_test.statistic, theirs["score"][0])


def shares(table: Table, pinned: dict[str, Any]) -> None:
    for theirs in pinned["proportions"]:
        x, n = theirs["x"], theirs["n"]
        for method in ("clopper-pearson", "wilson", "jeffreys", "agresti-coull"):
            ours = proportion_ci(x, n, method=method, conf_level=theirs["conf_level"])
            limits = theirs[method.replace("-", "_")]
            table.add(f"proportion, {method}", [ours.lower, ours.upper], limits)
        for test in theirs["tests"]:
            table.add("binomial test", binomial_test(x, n, test["null"]).p_value, test["two"])
    for theirs in pinned["contingency"]:
        table.add("chi-square", chi_square(theirs["table"]).statistic, theirs["statistic"])
        table.add("Fisher's p-value", fisher_exact(theirs["table"]).p_value, theirs["fisher"])
    for theirs in pinned["quantiles"]:
        for definition in ("average", "linear", "weibull"):
            values = np.atleast_1d(theirs["values"])
            p = [0, 0.1, 0.25, 1 / 3, 0.5, 0.75, 0.9, 1]
            ours_ = [quantile(values, share, definition=definition) for share in p]
            table.add(f"quantile, {definition}", ours_, theirs[definition])


def main() -> None:
    pinned = json.loads(PINNED.read_text(encoding="utf-8"))
    table = Table()
    for case in pinned["survival"]:
        curves(table, case)
        models(table, case)
    shares(table, pinned)
    print("| statistic | values | largest difference |\n|---|---|---|")
    for name, largest in table.largest.items():
        print(f"| {name} | {table.compared[name]} | {largest:.0e} |")


if __name__ == "__main__":
    main()
