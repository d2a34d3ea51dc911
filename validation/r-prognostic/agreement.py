"""Compare bootstrap optimism with the pinned answers of R, resample by resample.

The test runs `comparisons`; ``python validation/r-prognostic/agreement.py`` prints the table of
README.md: the largest relative difference per measure.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from hepatica.stats import survival as hs

PINNED = Path(__file__).with_name("reference.json")
NEWTON = 1e-8
MEASURES = (
    "concordance",
    "concordance_uno",
    "slope",
    "auc",
    "brier",
    "accuracy",
    "calibration_error",
)

#: What is compared, R's answer, ours.
Comparison = tuple[str, np.ndarray, np.ndarray]


def pinned() -> dict[str, Any]:
    """Return R's answers, the data and the resamples."""
    return json.loads(PINNED.read_text(encoding="utf-8"))


def largest_difference(theirs: np.ndarray, ours: np.ndarray) -> float:
    """Return the largest difference relative to R's value (to 0.001 for smaller values)."""
    if theirs.shape != ours.shape or not np.isfinite(theirs).all():
        return np.inf
    return float(np.max(np.abs(ours - theirs) / np.maximum(np.abs(theirs), 1e-3), initial=0.0))


def comparisons(case: dict[str, Any]) -> Iterator[Comparison]:
    """Yield all comparisons of one data set."""
    data = case["data"]
    n = len(data["time"])
    x = np.stack([np.array(data[name], dtype=float) for name in ("x1", "x2", "x3")], axis=1)
    weights = hs.resample_weights(np.array(data["draws"]) - 1, n)
    ours = hs.validate_cox(data["time"], data["event"], x, data["at"], weights, ties=data["ties"])
    fits = hs.cox_bootstrap(data["time"], data["event"], x, weights, ties=data["ties"])
    resamples = case["resamples"]
    yield "coefficients", np.array([one["coef"] for one in resamples]), fits.coef
    for name in MEASURES:
        found = getattr(ours, name)
        yield f"{name}, apparent", _row(case["apparent"][name]), found.apparent
        for part in ("training", "test"):
            theirs = np.stack([_row(one[part][name]) for one in resamples])
            yield f"{name}, {part}", theirs, getattr(found, part)
        optimism = np.mean(
            [_row(one["training"][name]) - _row(one["test"][name]) for one in resamples], axis=0
        )
        corrected = _row(case["apparent"][name]) - optimism
        yield f"{name}, corrected", corrected, found.corrected


def _row(values: object) -> np.ndarray:
    return np.atleast_1d(np.array(values, dtype=np.float64))


def main() -> None:
    """Print the table of README.md."""
    largest: dict[str, float] = defaultdict(float)
    counted: dict[str, int] = defaultdict(int)
    for case in pinned()["cases"].values():
        for name, theirs, ours in comparisons(case):
            largest[name] = max(largest[name], largest_difference(theirs, ours))
            counted[name] += theirs.size
    print("| measure | values | largest difference |\n|---|---|---|")
    for name, value in largest.items():
        print(f"| {name} | {counted[name]} | {value:.0e} |")


if __name__ == "__main__":
    main()
