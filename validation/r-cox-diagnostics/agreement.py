"""Print the table of agreement of README.md: the largest relative difference per statistic.

Run with ``python validation/r-cox-diagnostics/agreement.py`` from the root of the repository.
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from hepatica.stats import survival as s

PINNED = Path(__file__).with_name("reference.json")
MODELS: dict[str, dict[str, str]] = {
    "plain": {},
    "strata": {"strata": "stratum"},
    "full": {"strata": "stratum", "entry": "entry", "offset": "offset", "weights": "weight"},
    "cluster": {"weights": "weight", "cluster": "cluster"},
}


class Table:
    """Largest difference, relative to the largest value of an answer, per statistic."""

    def __init__(self) -> None:
        self.largest: dict[str, float] = defaultdict(float)
        self.compared: dict[str, int] = defaultdict(int)

    def add(self, name: str, ours: object, theirs: object) -> None:
        one, other = (np.ravel(np.array(x, dtype=float)) for x in (ours, theirs))
        if one.shape != other.shape:
            raise SystemExit(f"{name}: shapes differ")
        there = ~(np.isnan(one) | np.isnan(other))
        size = np.maximum(np.abs(other[there]), 1e-3)
        self.compared[name] += int(there.sum())
        self.largest[name] = max(self.largest[name], *(np.abs((one - other)[there]) / size), 0.0)


def diagnostics(
    table: Table, data: dict[str, Any], rows: dict[str, Any], theirs: dict[str, Any]
) -> None:
    given: dict[str, Any] = {key: data[name] for key, name in MODELS[theirs["model"]].items()}
    x = np.column_stack([data["x1"], data["x2"]])
    fit = s.cox(data["time"], data["event"], x, ties=theirs["ties"], **given)
    schoenfeld = s.schoenfeld_residuals(fit)
    ours = {
        "martingale": s.martingale_residuals(fit),
        "deviance": s.deviance_residuals(fit),
        "score": s.score_residuals(fit),
        "schoenfeld": schoenfeld.residual,
        "scaledsch": schoenfeld.scaled,
        "dfbeta": s.dfbeta(fit),
        "dfbetas": s.dfbetas(fit),
    }
    for kind, values in ours.items():
        table.add(f"residuals, {kind}", values, theirs["residuals"][kind])
    for transform, answer in theirs["proportionality"].items():
        found = s.proportionality_test(fit, transform=transform)
        statistics = [*found.statistic, found.overall.statistic]
        table.add(f"proportionality, {transform}", statistics, np.array(answer["table"])[:, 0])
    asked = np.column_stack([rows["x1"], rows["x2"]])
    place: dict[str, Any] = {}
    if "strata" in given:
        place["stratum"] = np.array(rows["stratum"]) - 1
    if "offset" in given:
        place["offset"] = rows["offset"]
    for scale in ("log", "log-log", "plain"):
        curves = s.predict_survival(fit, asked, times=theirs["asked"], conf_type=scale, **place)
        for row, answer in enumerate(theirs["curves"]):
            table.add("predicted survival", curves.survival[row], answer["survival"])
            table.add("its standard error", curves.std_error[row], answer["std_error"])
            limits = answer["limits"][scale]
            table.add(f"its limits, {scale}", curves.lower[row], limits["lower"])
            table.add(f"its limits, {scale}", curves.upper[row], limits["upper"])
    baseline = s.baseline_hazard(fit, at="zero")
    for stratum, answer in enumerate(theirs["baseline"]):
        own = baseline.stratum == stratum
        table.add("baseline hazard", baseline.cumulative_hazard[own], answer["cumulative"])
        table.add(
            "its standard error, too", baseline.cumulative_std_error[own], answer["std_error"]
        )
    if "offset" not in given:
        expected = s.expected_events(fit, asked, theirs["asked"], **place)
        table.add("expected events", expected.expected, theirs["expected"])
        table.add(
            "expected events, standard error", expected.std_error, theirs["expected_std_error"]
        )
    agreed = s.concordance_of(fit)
    table.add("concordance of a model", agreed.c, theirs["concordance"][0])
    table.add("its variance", agreed.std_error**2, theirs["concordance"][1])


def discrimination(table: Table, case: dict[str, Any]) -> None:
    data = case["data"]
    time, event = np.array(data["time"]), np.array(data["event"])
    for ties, answer in case["profiles"].items():
        fit = s.cox(time, event, np.column_stack([data["x1"], data["x2"]]), ties=ties)
        limits = s.profile_limits(fit)
        table.add(
            f"profile limits, {ties}", [limits.lower, limits.upper], np.transpose(answer["limits"])
        )
        tests = s.subset_test(fit, [1])
        for kind, wanted in answer["tests"].items():
            table.add(f"test of a subset, {kind}", getattr(tests, kind).statistic, wanted)
    for kind, answer in case["agreement"].items():
        if kind == "tau":
            continue
        more: dict[str, Any] = {}
        if kind in ("weighted", "strata", "entry", "uno_strata"):
            more["weights"] = data["weight"]
        if kind in ("strata", "entry", "uno_strata"):
            more["strata"] = data["stratum"]
        if kind == "entry":
            more["entry"] = data["entry"]
        if "truncated" in kind:
            more["tau"] = case["agreement"]["tau"]
        score = data["x1" if kind in ("continuous", "uno_truncated") else "x2"]
        name = "Uno's concordance" if kind.startswith("uno") else "Harrell's concordance"
        found = (s.uno_c if kind.startswith("uno") else s.harrell_c)(time, event, score, **more)
        table.add(name, found.c, answer["c"])
        table.add(f"{name}, variance", found.std_error**2, answer["variance"])
    risk = np.array(data["risk"])
    risks = np.column_stack([risk, np.sqrt(risk)])
    answer = case["score"]
    auc = s.time_auc(time, event, risks, answer["times"])
    brier = s.brier_score(time, event, 1.0 - risks, answer["times"])
    table.add("time-dependent AUC", auc.auc, answer["auc"])
    table.add("time-dependent AUC, standard error", auc.std_error, answer["auc_std_error"])
    table.add("Brier score", brier.score, answer["brier"])
    table.add("Brier score, standard error", brier.std_error, answer["brier_std_error"])
    answer = case["integrated"]
    errors = s.brier_score(time, event, answer["survival"], answer["time"]).score
    integrated = s.integrated_brier(answer["time"], errors, answer["end"])
    table.add("integrated Brier score", integrated, answer["integrated"])
    answer = case["calibrated"]
    survival = 1.0 - np.clip(risk, 0.02, 0.98)
    slope = s.calibration_slope(time, event, survival)
    table.add("calibration slope", [slope.slope, slope.std_error], answer["slope"])
    large = s.observed_to_expected(event, -np.log(survival) * time / answer["at"])
    table.add("calibration in the large", [large.intercept, large.std_error], answer["large"])
    curve = s.decision_curve(time, event, risk, answer["at"], answer["thresholds"])
    positives = np.column_stack([curve.true_positives, curve.false_positives])
    table.add("decision curve", positives, answer["positives"])


def main() -> None:
    pinned = json.loads(PINNED.read_text(encoding="utf-8"))
    table = Table()
    for case in pinned["sets"]:
        for theirs in case["fits"]:
            diagnostics(table, case["data"], pinned["rows"], theirs)
        discrimination(table, case)
    print("| statistic | values | largest difference |\n|---|---|---|")
    for name, largest in table.largest.items():
        print(f"| {name} | {table.compared[name]} | {largest:.0e} |")


if __name__ == "__main__":
    main()
