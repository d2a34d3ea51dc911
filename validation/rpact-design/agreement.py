"""Largest differences from reference.json, as the README shows them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from hepatica.stats.design import (
    FollowUp,
    Futility,
    GroupSequentialDesign,
    SurvivalShape,
    exponential_from_rate,
    follow_up,
    group_sequential,
    logrank_events,
    one_sample_logrank_design,
    steps,
    two_arm_logrank_design,
)

FOLDER = Path(__file__).parent
RAMPS: dict[str, tuple[float, tuple[list[float], list[float]] | None]] = {
    "even": (12.0, None),
    "ramp": (12.0, ([0.0, 6.0], [1.0, 2.0])),
    "three": (18.0, ([0.0, 3.0, 6.0], [1.0, 2.0, 4.0])),
}
CURVES = {
    "exponential": steps([0.0], [np.log(2.0) / 6.0]),
    "late": steps([0.0, 6.0], [0.10, 0.06]),
    "three": steps([0.0, 3.0, 9.0], [0.05, 0.12, 0.02]),
}
SHAPES = {
    "OF": ("obrien-fleming", ""),
    "P": ("pocock", ""),
    "WT": ("wang-tsiatis", ""),
    "asOF": ("spending", "obrien-fleming"),
    "asP": ("spending", "pocock"),
    "asKD": ("spending", "power"),
    "asHSD": ("spending", "hwang-shih-decani"),
}
FUTILITY = {"bsOF": "obrien-fleming", "bsP": "pocock"}
SEQUENTIAL = (
    "upper", "lower", "alpha_spent", "inflation", "drift", "expected_null", "expected_alternative",
)  # fmt: skip
#: rpact stands for minus infinity by this.
_NO_BOUND = -6.0


@cache
def pinned() -> dict[str, Any]:
    """Return the answers of R."""
    found: dict[str, Any] = json.loads((FOLDER / "reference.json").read_text(encoding="utf-8"))
    return found


def plan_of(case: dict[str, Any]) -> FollowUp:
    """Return accrual, follow-up and loss of a case."""
    accrual, ramp = RAMPS[case["plan"]]
    lost = (case["dropout"], 12.0) if case["dropout"] else None
    return follow_up(accrual, case["follow_up"], ramp=ramp, dropout=lost)


def sequential_design(case: dict[str, Any]) -> GroupSequentialDesign:
    """Return our design of a case."""
    return _sequential(json.dumps(case, sort_keys=True))


@cache
def _sequential(text: str) -> GroupSequentialDesign:
    case = json.loads(text)
    shape, function = SHAPES[case["kind"]]
    stop = None
    if case["futility"] != "none":
        stop = Futility(FUTILITY[case["futility"]], binding=case["binding"])
    return group_sequential(
        case["information"], alpha=case["alpha"], power=case["power"], sides=case["sides"],
        shape=shape, function=function or "obrien-fleming", parameter=case["parameter"],
        futility=stop,
    )  # fmt: skip


def group_of(case: dict[str, Any]) -> str:
    """Return the kind of a sequential case, for the table."""
    stop = "no futility"
    if case["futility"] != "none":
        stop = "binding futility" if case["binding"] else "futility that does not bind"
    return f"{SHAPES[case['kind']][0]}, {stop}"


def difference(ours: Any, theirs: Any) -> float:
    """Return the largest difference relative to R, or to 1 for smaller values."""
    a = np.atleast_1d(np.asarray(ours, dtype=float))
    b = np.atleast_1d(np.asarray(theirs, dtype=float))
    assert a.shape == b.shape
    return float(np.max(np.abs(a - b) / np.maximum(np.abs(b), 1.0), initial=0.0))


def of_sequential(case: dict[str, Any], name: str) -> float:
    """Return the difference of one quantity of a sequential design."""
    found = sequential_design(case)
    ours = getattr(found, name)
    theirs = case[name]
    if name == "upper":
        # Bounds beyond 8 are never crossed; rpact cuts them there.
        ours, theirs = np.minimum(ours, 7.0), np.minimum(theirs, 7.0)
    if name == "alpha_spent":
        # rpact gives the last one as alpha less 1e-8.
        ours, theirs = ours[:-1], theirs[:-1]
    if name == "lower":
        if case["futility"] == "none":
            return 0.0
        ours = np.maximum(ours[:-1], _NO_BOUND)
        theirs = np.maximum(np.atleast_1d(np.asarray(theirs, dtype=float)), _NO_BOUND)
    return difference(ours, theirs)


def of_single(case: dict[str, Any], variance: str) -> float:
    """Return the difference of a one-sample log-rank design."""
    null, other = (
        exponential_from_rate(case[name], case["at"], shape=case["shape"])
        for name in ("null", "alternative")
    )
    lost = (case["dropout"], 12.0) if case["dropout"] else None
    plan = follow_up(case["accrual"], case["follow_up"], dropout=lost)
    found = one_sample_logrank_design(null, other, plan, variance=variance)
    return max(
        difference(found.n_formula, case[variance]),
        difference(found.event_probability, case["event_probability"]),
    )


def rows() -> list[tuple[str, int, float]]:
    """Return quantity, cases and largest difference."""
    data = pinned()
    found = [
        (f"events, {method}", len(cases), max(of_events(one) for one in cases))
        for method in ("schoenfeld", "freedman")
        if (cases := [one for one in data["events"] if one["method"] == method])
    ]
    found += [
        (f"patients of two arms, {curve}", len(cases), max(of_survival(one) for one in cases))
        for curve in CURVES
        if (cases := [one for one in data["survival"] if one["curve"] == curve])
    ]
    for group in dict.fromkeys(group_of(one) for one in data["sequential"]):
        cases = [one for one in data["sequential"] if group_of(one) == group]
        for name in SEQUENTIAL:
            worst = max(of_sequential(one, name) for one in cases)
            found.append((f"{group}: {name}", len(cases), worst))
    for variance in ("expected", "wu"):
        worst = max(of_single(one, variance) for one in data["single"])
        found.append((f"one-sample log-rank, {variance}", len(data["single"]), worst))
    return found


def of_events(case: dict[str, Any]) -> float:
    """Return the difference of a number of events."""
    found = logrank_events(
        case["hazard_ratio"], alpha=case["alpha"], power=case["power"], sides=1,
        allocation=case["allocation"], method=case["method"],
    )  # fmt: skip
    return difference(found.events_formula, case["events"])


def of_survival(case: dict[str, Any]) -> float:
    """Return the difference of a number of patients."""
    needed = logrank_events(
        case["hazard_ratio"], alpha=0.025, sides=1, allocation=case["allocation"]
    )
    control: SurvivalShape = CURVES[case["curve"]]
    found = two_arm_logrank_design(control, needed, plan_of(case))
    return difference(found.n_formula, case["n"])


if __name__ == "__main__":
    for name, cases, worst in rows():
        print(f"| {name} | {cases} | {worst:.1e} |")
