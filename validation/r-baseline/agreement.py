"""Print the table of agreement of README.md."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from hepatica.stats.contingency import chi_square, fisher_exact
from hepatica.stats.rank_sum import kruskal_wallis, rank_sum
from hepatica.stats.standardised_difference import (
    standardised_category_difference,
    standardised_mean_difference,
)
from hepatica.stats.t_test import compare_means, t_test

PINNED = json.loads((Path(__file__).parent / "reference.json").read_text("utf-8"))
found: dict[str, list[float]] = {}


def add(name: str, ours: object, theirs: object) -> None:
    one, two = (np.atleast_1d(np.asarray(x, dtype=float)) for x in (ours, theirs))
    gap = np.abs(one - two) / np.maximum(np.abs(two), 1e-3)
    found.setdefault(name, []).extend(gap.tolist())


for name, data in PINNED["data"].items():
    value, group = np.array(data["value"]), np.array(data["group"])
    pair = [value[group == code] for code in (0, 1)]
    for theirs in PINNED["means"][name]:
        equal = theirs["equal_variances"]
        ours = compare_means(value, group, equal_variances=equal)
        kind = "analysis of variance" if equal else "Welch's test of several means"
        add(
            kind,
            [ours.statistic, ours.df_error, ours.p_value],
            [theirs[k] for k in ("f", "df_error", "f_p")],
        )
        if "t" in theirs:
            ours = t_test(*pair, equal_variances=equal)
            kind = "Student's t" if equal else "Welch's t"
            add(
                kind,
                [ours.statistic, ours.df, ours.p_value],
                [theirs[k] for k in ("t", "t_df", "t_p")],
            )
    theirs = PINNED["ranks"][name]
    ranks = kruskal_wallis(value, group)
    add("Kruskal-Wallis", [ranks.statistic, ranks.p_value], [theirs["h"], theirs["h_p"]])
    if "w" in theirs:
        two = rank_sum(*pair)
        add(
            f"rank sum, {two.method}",
            [two.statistic, two.p_value],
            [theirs["w"], theirs["default_p"]],
        )
        add("rank sum, normal", rank_sum(*pair, method="normal").p_value, theirs["normal_p"])
        difference = standardised_mean_difference(*pair).estimate
        add("standardised difference, means", difference, PINNED["differences"][name]["estimate"])
for theirs in PINNED["categories"].values():
    ours = standardised_category_difference(theirs["table"])
    add(
        "standardised difference, shares",
        [ours.estimate, ours.std_error, ours.upper],
        [theirs["estimate"], theirs["std_error"], theirs["limits"][1]],
    )
for theirs in PINNED["tables"]:
    kind = "two by two" if np.shape(theirs["table"]) == (2, 2) else "larger tables"
    add(f"Fisher, {kind}", fisher_exact(theirs["table"]).p_value, theirs["fisher"])
    pearson = chi_square(theirs["table"])
    add("Pearson", [pearson.statistic, pearson.p_value], [theirs["statistic"], theirs["pearson"]])

print("| statistic | values | largest difference |\n|---|---|---|")
for name, gaps in found.items():
    print(f"| {name} | {len(gaps)} | {max(gaps):.0e} |")
