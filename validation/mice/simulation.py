"""Impute the tables of simulation.R with Hepatica, and compare with mice; writes simulation.json.

Call: python simulation.py FOLDER, after `Rscript --vanilla simulation.R FOLDER`.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import numpy as np

from hepatica.stats.imputation import impute_chained
from hepatica.stats.rubin import pool_rubin
from hepatica.stats.survival import cox, nelson_aalen

TRUTH = {"x1": 0.5, "x2": -0.7, "x3b": 0.4, "x3c": 0.8}
IMPUTATIONS, ITERATIONS = 10, 5


def matrix(table: np.ndarray) -> np.ndarray:
    x1, x2, x3 = table.T
    return np.column_stack([x1, x2, x3 == 1, x3 == 2]).astype(float)


def pooled(number: int, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return pooled estimates and standard errors of one table: time, event, x1, x2, x3."""
    time, event, table = rows[:, 0], rows[:, 1], rows[:, 2:]
    hazard = nelson_aalen(time, event).at(time).hazard
    imputed = impute_chained(
        table,
        [0, 2, 3],
        np.column_stack([event, hazard]),
        imputations=IMPUTATIONS,
        iterations=ITERATIONS,
        generator=np.random.default_rng(number),
    )
    fits = [cox(time, event, matrix(imputed.completed(table, m))) for m in range(IMPUTATIONS)]
    found = pool_rubin([fit.coef for fit in fits], [fit.vcov for fit in fits])
    return found.estimate, found.std_error


def summary(estimates: np.ndarray, errors: np.ndarray) -> dict[str, list[float]]:
    truth = np.array(list(TRUTH.values()))
    covered = np.abs(estimates - truth) <= 1.959963984540054 * errors
    shown = {
        "bias": estimates.mean(axis=0) - truth,
        "empirical_error": estimates.std(axis=0, ddof=1),
        "mean_std_error": errors.mean(axis=0),
        "coverage": covered.mean(axis=0),
    }
    return {name: [round(float(x), 4) for x in values] for name, values in shown.items()}


def main(folder: Path) -> None:
    with (folder / "sets.csv").open() as stream:
        rows = [[float(x) if x else np.nan for x in one.values()] for one in csv.DictReader(stream)]
    data = np.array(rows)
    with (folder / "mice.csv").open() as stream:
        theirs = list(csv.DictReader(stream))
    numbers = np.unique(data[:, 0]).astype(int)
    ours = [pooled(int(n), data[data[:, 0] == n, 1:]) for n in numbers]
    found = {"hepatica": tuple(np.array(x) for x in zip(*ours, strict=True))}
    for kind in ("mice", "complete", "full"):
        own = [one for one in theirs if one["kind"] == kind]
        found[kind] = tuple(
            np.array([float(one[name]) for one in own]).reshape(len(numbers), len(TRUTH))
            for name in ("estimate", "std_error")
        )
    pairs = zip(found["hepatica"][0].T, found["mice"][0].T, strict=True)
    answer = {
        "sets": len(numbers),
        "patients": 300,
        "imputations": IMPUTATIONS,
        "iterations": ITERATIONS,
        "terms": list(TRUTH),
        "truth": list(TRUTH.values()),
        "correlation_of_estimates": [round(float(np.corrcoef(*pair)[0, 1]), 4) for pair in pairs],
        "found": {kind: summary(*values) for kind, values in found.items()},
    }
    target = Path(__file__).parent / "simulation.json"
    target.write_text(json.dumps(answer, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
