"""Print the largest relative differences between Hepatica and the pinned answers of R."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import numpy as np

from hepatica.stats.survival import cox

KEYS = {
    "strata": "stratum",
    "weights": "weight",
    "zero": "zero",
    "entry": "entry",
    "offset": "offset",
    "cluster": "cluster",
}
pinned = json.loads((Path(__file__).parent / "reference.json").read_text(encoding="utf-8"))
worst: dict[str, list[float]] = defaultdict(list)


def note(name: str, ours: object, theirs: object) -> None:
    a, b = np.atleast_1d(np.asarray(ours, float)).ravel(), np.atleast_1d(theirs).ravel()
    worst[name] += (np.abs(a - b) / np.maximum(np.abs(b), 1e-3)).tolist()


for case in pinned["cox"]:
    data = case["data"]
    X = np.column_stack([data["x1"], data["x2"], data["x3"]])
    for option, fits in case["fits"].items():
        on = pinned["options"][option]
        on = [on] if isinstance(on, str) else on
        options = {("weights" if key == "zero" else key): data[KEYS[key]] for key in on}
        for theirs in fits:
            ours = cox(data["time"], data["event"], X, ties=theirs["ties"], **options)
            note(f"coefficient, {theirs['ties']}", ours.coef, theirs["coef"])
            note("covariance", ours.naive_vcov, theirs["naive_vcov"])
            if "cluster" in on:
                note("robust covariance", ours.vcov, theirs["vcov"])
                if "offset" not in on:
                    note(
                        "robust score statistic",
                        ours.robust_score_test.statistic,
                        theirs["robust_score"],
                    )
            note("log likelihood", [ours.loglik_null, ours.loglik], theirs["loglik"])
            note("score statistic", ours.score_test.statistic, theirs["score"])
            note("Wald statistic", ours.wald_test.statistic, theirs["wald"])
print("| statistic | values | largest difference |\n|---|---|---|")
for name, values in worst.items():
    print(f"| {name} | {len(values)} | {max(values):.0e} |")
