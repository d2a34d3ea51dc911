"""Print the largest differences from R, as the README shows them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from hepatica.stats.clone_censor_weight import clone_censor_weight
from hepatica.stats.counting_process import split_at_exposure
from hepatica.stats.survival import cox, logrank


def main() -> None:
    """Compare every number of the reference and print the table."""
    cases = json.loads((Path(__file__).parent / "reference.json").read_text("utf-8"))["cases"]
    found: dict[str, tuple[int, float]] = {}

    def add(what: str, ours: object, theirs: object) -> None:
        mine, told = np.atleast_1d(ours), np.atleast_1d(np.array(theirs, dtype=np.float64))
        worst = np.max(np.abs(mine - told) / np.maximum(np.abs(told), 1e-3), initial=0.0)
        n, largest = found.get(what, (0, 0.0))
        found[what] = (n + told.size, max(largest, float(worst)))

    for case in cases.values():
        data = case["data"]
        time, event = np.array(data["time"], dtype=np.float64), np.array(data["event"])
        start = np.array(data["start"], dtype=np.float64)
        x = np.stack([data["x1"], data["x2"]], axis=1).astype(np.float64)
        rows = split_at_exposure(time, event, start)
        exposed = rows.exposed.astype(np.float64)[:, None]
        both = np.concatenate([exposed, x[rows.patient]], axis=1)
        for ties, told in case["counting"].items():
            for name, columns in (("alone", exposed), ("adjusted", both)):
                fit = cox(rows.time, rows.event, columns, entry=rows.entry, ties=ties)
                add("counting process, coefficient", fit.coef, told[name]["coef"])
                add("counting process, standard error", fit.std_error, told[name]["std_error"])
        for told in case["landmark"]:
            kept = time > told["at"]
            group = (start <= told["at"])[kept].astype(np.int64)
            fit = cox(time[kept] - told["at"], event[kept], group.astype(np.float64))
            add("landmark, coefficient", fit.coef, told["model"]["coef"])
            test = logrank(time[kept] - told["at"], event[kept], group)
            add("landmark, log-rank statistic", test.statistic, told["chisq"])
        for told in case["strategies"]:
            ours = clone_censor_weight(
                time,
                event,
                start,
                x if told["covariates"] else x[:, :0],
                grace=told["grace"],
                at=told["at"],
                percentile=told["percentile"],
            )
            add("two strategies, model of treatment", ours.coef, told["coef"])
            for strategy, curve in enumerate(told["survival"]):
                own = ours.events[strategy] > 0
                add("two strategies, survival", ours.survival[strategy, own], curve["survival"])
            add("two strategies, restricted mean", ours.restricted_mean, told["restricted_mean"])
            add("two strategies, effective size", ours.effective_size, told["effective_size"])
    print("| statistic | values | largest difference |\n|---|---|---|")
    for what, (n, largest) in found.items():
        print(f"| {what} | {n} | {largest:.0e} |")


if __name__ == "__main__":
    main()
