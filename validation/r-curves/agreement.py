"""Print the table of README.md: the largest difference between Hepatica and R's pinned answers."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from hepatica.stats.survival import (
    fleming_harrington,
    kaplan_meier,
    nelson_aalen,
    reverse_kaplan_meier,
)
from hepatica.stats.survival._band_critical import bridge_critical_value

PINNED = json.loads((Path(__file__).parent / "reference.json").read_text(encoding="utf-8"))
CURVE = {"at_risk": "n_risk", "survival": "surv", "std_error": "std_err"}
TIES = ("nelson-aalen", "fleming-harrington")

worst: dict[str, float] = defaultdict(float)
number: dict[str, int] = defaultdict(int)


def differ(name: str, ours: Any, theirs: Any, scale: float = 1e-3) -> None:
    """Keep the largest difference relative to R's value, where both have one."""
    one, other = np.asarray(ours, float), np.asarray(theirs, float)
    there = ~(np.isnan(one) | np.isnan(other))
    distance = np.abs(one - other)[there] / np.maximum(np.abs(other[there]), scale)
    worst[name] = max(worst[name], float(distance.max(initial=0.0)))
    number[name] += int(there.sum())


for case in PINNED["cases"]:
    name, weights, entry, robust = (case[key][0] for key in ("name", "weights", "entry", "robust"))
    data = PINNED["data"][name]
    given = [data["time"], data["event"]]
    options = {} if weights == "none" else {"weights": data[weights]}
    options |= {"entry": data["entry"]} if entry else {}
    variance = "robust" if robust else "greenwood"
    kind = "robust" if robust else "Greenwood"
    for function, key in ((kaplan_meier, "curve"), (reverse_kaplan_meier, "follow_up")):
        ours = function(*given, **options, variance=variance)
        for column, row in CURVE.items():
            label = f"{column}, {kind}" if column == "std_error" else column
            differ(label.replace("_", " "), getattr(ours, column), case[key][row])
    for conf_type, limits in case["limits"].items():
        ours = kaplan_meier(*given, **options, variance=variance, conf_type=conf_type)
        above = ours.survival > 0
        for side in ("lower", "upper"):
            differ(
                f"limits, {conf_type}, {kind}",
                getattr(ours, side)[above],
                np.asarray(limits[side], float)[above],
            )
    hazard = nelson_aalen(*given, **options, variance="robust" if robust else "poisson")
    differ("cumulative hazard", hazard.hazard, case["curve"]["cumhaz"])
    differ(
        f"its standard error, {'robust' if robust else 'Poisson'}",
        hazard.std_error,
        case["curve"]["std_chaz"],
    )
    for ties, answer in zip(TIES, case.get("fleming_harrington", []), strict=False):
        hazard = nelson_aalen(*given, **options, ties=ties)
        curve = fleming_harrington(hazard)
        differ(f"exp(-hazard), ties {ties}", curve.survival, answer["surv"])
        differ("its limits, log-log", curve.lower, answer["limits"]["log-log"]["lower"])

for case in PINNED["rothman"]:
    data = PINNED["data"][case["name"][0]]
    ours = kaplan_meier(
        data["time"], data["event"], conf_type="rothman-wilson", conf_level=case["conf_level"][0]
    )
    differ("limits, Rothman-Wilson", ours.lower, case["lower"])
    differ("limits, Rothman-Wilson", ours.upper, case["upper"])

for percent, table in PINNED["critical"]["hall_wellner"].items():
    values = np.asarray(table["values"], float)
    for i, column in enumerate(table["columns"]):
        for j in range(0, len(values), 5):
            first, last = int(column[2:]) / 100, min(0.1 + 0.02 * j, 1 - 1e-12)
            if first < last:
                found = bridge_critical_value(first, last, int(percent) / 100)
                differ(
                    "critical value of Hall and Wellner (table, 4 decimals)", found, values[j, i]
                )

print("| statistic | values | largest difference |\n|---|---|---|")
for name, distance in worst.items():
    print(f"| {name} | {number[name]} | {distance:.0e} |")
