"""Print the table of agreement of README.md: the largest relative difference per statistic.

Run with ``python validation/r-biomarkers/agreement.py`` from the root of the repository.
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from hepatica.stats.cut_point import maximally_selected_logrank
from hepatica.stats.hodges_lehmann import HodgesLehmann, hodges_lehmann, hodges_lehmann_shift
from hepatica.stats.multiplicity import METHODS, adjust_p_values
from hepatica.stats.roc import roc
from hepatica.stats.signed_rank import signed_rank
from hepatica.stats.survival import kaplan_meier

PINNED = Path(__file__).with_name("reference.json")


class Table:
    """Largest relative difference, and number of values compared, per statistic."""

    def __init__(self) -> None:
        self.largest: dict[str, float] = defaultdict(float)
        self.compared: dict[str, int] = defaultdict(int)

    def add(self, name: str, ours: object, theirs: object) -> None:
        one, other = (np.ravel(np.array(x, dtype=float)) for x in (ours, theirs))
        if one.shape != other.shape or (np.isnan(one) != np.isnan(other)).any():
            print(f"{name}: shapes or missing values differ: {one} {other}")
            return
        there = ~np.isnan(one)
        size = np.maximum(np.abs(other[there]), 1e-3)
        self.compared[name] += int(there.sum())
        self.largest[name] = max(
            self.largest[name], *(np.abs(one[there] - other[there]) / size), 0.0
        )


def paired(table: Table, pinned: dict[str, Any]) -> None:
    for case in pinned["signed_rank"]:
        difference = case["difference"]
        exact = signed_rank(difference)
        table.add("signed-rank, rank sum", exact.positive_rank_sum, case["positive_rank_sum"])
        table.add("signed-rank, exact, zeros dropped (coin)", exact.p_value, case["drop"])
        table.add(
            "signed-rank, exact, zeros dropped (exactRankTests)",
            exact.p_value,
            case["exact_rank_tests"],
        )
        pratt = signed_rank(difference, zeros="pratt").p_value
        table.add("signed-rank, exact, Pratt (coin)", pratt, case["pratt"])
        normal = signed_rank(difference, method="normal").p_value
        table.add("signed-rank, normal (wilcox.test)", normal, case["normal"])


def values(found: HodgesLehmann) -> list[float]:
    return [found.estimate, found.lower, found.upper]


def located(table: Table, pinned: dict[str, Any]) -> None:
    def compare(name: str, case: dict[str, Any], *arrays: Any) -> None:
        estimate = hodges_lehmann if len(arrays) == 1 else hodges_lehmann_shift
        for method in ("exact", "normal"):
            ours = estimate(*arrays, conf_level=case["conf_level"], method=method)
            theirs = [case["exact"]["estimate"], *case[method]["limits"]]
            table.add(f"{name}, {method}", values(ours), theirs)

    for case in pinned["location"]:
        if case["name"] in ("fifteen", "nineteen", "forty"):
            compare("Hodges-Lehmann, location", case, pinned["differences"][case["name"]])
    for case in pinned["shift"]:
        if case["name"] != "ties" and (case["name"], case["conf_level"]) != ("small", 0.99):
            compare("Hodges-Lehmann, shift", case, case["x"], case["y"])


def others(table: Table, pinned: dict[str, Any]) -> None:
    for case in pinned["adjusted"]:
        for method in METHODS:
            ours = adjust_p_values(np.array(case["p"], dtype=float), method)
            table.add(f"adjusted p, {method}", ours, case["adjusted"][method])
    for case in pinned["roc"]:
        for level, limits in zip((0.95, 0.9), case["limits"], strict=True):
            curve = roc(case["score"], case["event"], conf_level=level)
            table.add("ROC, area", curve.auc, case["auc"])
            table.add("ROC, variance (DeLong)", curve.std_error**2, case["variance"])
            table.add("ROC, limits", [curve.lower, curve.upper], [limits[0], limits[2]])
    for case in pinned["selected"]:
        if not case["refused"]:
            data = pinned["selected_data"][case["name"]]
            columns = data["time"], data["event"], data["marker"]
            found = maximally_selected_logrank(*columns, min_share=case["min_share"])
            table.add("maxstat, cut-point", found.cut_point, case["cut_point"])
            table.add("maxstat, statistics", found.statistics, case["statistics"])
            table.add("maxstat, Lau92", found.p_lau92, min(1.0, case["lau92"]))
            table.add("maxstat, Lau94", found.p_lau94, min(1.0, case["lau94"]))
    for case in pinned["delayed"]:
        data = pinned["delayed_data"][case["name"]]
        found_ = kaplan_meier(
            data["time"], data["event"], entry=data["entry"], conf_type=case["conf_type"]
        )
        table.add("delayed entry, at risk", found_.at_risk, case["at_risk"])
        table.add("delayed entry, survival", found_.survival, case["survival"])
        table.add("delayed entry, standard error", found_.std_error, case["std_error"])
        limits_ = [*found_.lower, *found_.upper], [*case["lower"], *case["upper"]]
        table.add("delayed entry, limits", *limits_)
        median = found_.median
        table.add(
            "delayed entry, median with limits",
            [median.estimate, median.lower, median.upper],
            case["median"],
        )


def disagreements(pinned: dict[str, Any]) -> None:
    """Print what differs by intention: ties and zeros, and levels that cannot be reached."""
    for case in pinned["location"]:
        if case["name"] not in ("fifteen", "nineteen", "forty") and case["conf_level"] == 0.95:
            ours = hodges_lehmann(pinned["differences"][case["name"]])
            theirs = [
                [one["estimate"], *one["limits"]]
                for one in (case["exact_rank_tests"], case["exact"])
            ]
            print(case["name"], values(ours), *theirs)
    for case in pinned["shift"]:
        if case["name"] in ("ties", "small"):
            ours = hodges_lehmann_shift(case["x"], case["y"], conf_level=case["conf_level"])
            print(case["name"], case["conf_level"], values(ours), ours.coverage)
            print("  exactRankTests", case["exact_rank_tests"], "wilcox.test", case["exact"])
    beyond = [case["lau94"] for case in pinned["selected"] if not case["refused"]]
    print("Lau94 above 1:", [p for p in beyond if p > 1])


def main() -> None:
    pinned = json.loads(PINNED.read_text(encoding="utf-8"))
    table = Table()
    paired(table, pinned)
    located(table, pinned)
    others(table, pinned)
    print("| statistic | values | largest difference |\n|---|---|---|")
    for name, largest in table.largest.items():
        print(f"| {name} | {table.compared[name]} | {largest:.0e} |")
    print()
    disagreements(pinned)


if __name__ == "__main__":
    main()
