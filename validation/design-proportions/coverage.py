"""Coverage of 95% limits after Simon's stages: ours, and the limits clinfun prints.

``python validation/design-proportions/coverage.py`` prints the least over rates .010 to .990.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from hepatica.stats.design import two_stage_inference
from hepatica.stats.design._binomial import mass

#: Rates near 1 are left out, where limits below 1 for events only cover nothing.
RATES = np.arange(10, 991) / 1000.0


def chances(design: tuple[int, int, int, int]) -> np.ndarray:
    """Return the probability of each number of events at each rate, shape (n + 1, rates)."""
    first, stop, size, _ = design
    found = np.zeros((size + 1, len(RATES)))
    for x in range(first + 1):
        here = mass(first, x, RATES)
        if x <= stop:
            found[x] += here
        else:
            for later in range(size - first + 1):
                found[x + later] += here * mass(size - first, later, RATES)
    return found


def main() -> None:
    """Print one row a design."""
    cases = json.loads(Path(__file__).with_name("reference.json").read_text())["two_stage"]
    print("| design | ours | clinfun |\n|---|---|---|")
    for case in cases:
        design = tuple(case["design"])
        probability = chances(design)
        assert np.allclose(probability.sum(axis=0), 1.0)
        ours = [two_stage_inference(x, design, null=case["null"]) for x in case["events"]]
        theirs = np.array(case["clinfun"], dtype=np.float64)
        # clinfun gives none for no events; ours stand in, to its advantage.
        limits = {
            "ours": np.array([(one.lower, one.upper) for one in ours]),
            "clinfun": np.where(np.isnan(theirs[:, 2:]), [(ours[0].lower, ours[0].upper)],
                                theirs[:, 2:]),
        }  # fmt: skip
        least = [
            ((low[:, None] <= RATES) & (high[:, None] >= RATES)) * probability
            for low, high in (pair.T for pair in limits.values())
        ]
        name = f"{design[1]}/{design[0]} {design[3]}/{design[2]}"
        print(f"| {name} | " + " | ".join(f"{one.sum(axis=0).min():.3f}" for one in least) + " |")


if __name__ == "__main__":
    main()
