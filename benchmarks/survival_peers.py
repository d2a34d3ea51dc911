"""Time estimators beside their peers in one run, and write the table of ``docs/performance.md``.

Runs under an interpreter that has the peers (``make bench-peers``), with R survival beside
it where Rscript is found. Each case is run in turn by each tool, so that a slow minute falls
on all; shown are medians of wall seconds and ratios. R is timed inside R, without its start.
One BLAS thread for all. Hepatica is measured by its public functions, checks and values included.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))
PAGE = ROOT / "docs" / "performance.md"
MARK = ("<!-- peers -->", "<!-- /peers -->")
SIZES = (1_000, 100_000, 1_000_000, 10_000_000)
#: Largest size that each peer is given: above it a run takes minutes or too much memory.
MOST = {
    "lifelines": 1_000_000,
    "scikit-survival": 1_000_000,
    "statsmodels": 1_000_000,
    "R": 1_000_000,
}
#: Seconds after which a case is not repeated.
LONG = 5.0

Case = dict[str, Callable[[], object]]


def data(n: int, *, p: int = 0, whole: bool = True) -> dict[str, np.ndarray]:
    """Make survival data: exponential times, a third censored, two groups, p covariates."""
    rng = np.random.default_rng(n + p)
    time_to_event = rng.exponential(400.0, n)
    censoring = rng.uniform(30.0, 1500.0, n)
    times = np.minimum(time_to_event, censoring)
    found = {
        "time": np.maximum(np.rint(times), 1.0).astype(np.int64) if whole else times,
        "event": time_to_event <= censoring,
        "group": rng.integers(0, 2, n),
    }
    if p:
        found["X"] = rng.standard_normal((n, p))
    return found


def kaplan_meier_case(d: dict[str, np.ndarray]) -> Case:
    from lifelines import KaplanMeierFitter
    from sksurv.nonparametric import kaplan_meier_estimator
    from statsmodels.duration.survfunc import SurvfuncRight

    from hepatica.stats.survival import kaplan_meier

    as_float = d["time"].astype(float)
    return {
        "Hepatica": lambda: kaplan_meier(d["time"], d["event"]),
        "lifelines": lambda: KaplanMeierFitter().fit(d["time"], d["event"]),
        "scikit-survival": lambda: kaplan_meier_estimator(
            d["event"], as_float, conf_type="log-log"
        ),
        "statsmodels": lambda: SurvfuncRight(as_float, d["event"].astype(int)),
        "R": lambda: ("survfit(Surv(time, event) ~ 1, conf.type = 'log-log')", d),
    }


def logrank_case(d: dict[str, np.ndarray]) -> Case:
    from lifelines.statistics import multivariate_logrank_test
    from sksurv.compare import compare_survival
    from sksurv.util import Surv
    from statsmodels.duration.survfunc import survdiff

    from hepatica.stats.survival import logrank

    y = Surv.from_arrays(d["event"], d["time"].astype(float))
    return {
        "Hepatica": lambda: logrank(d["time"], d["event"], d["group"]),
        "lifelines": lambda: multivariate_logrank_test(d["time"], d["group"], d["event"]),
        "scikit-survival": lambda: compare_survival(y, d["group"]),
        "statsmodels": lambda: survdiff(d["time"], d["event"].astype(int), d["group"]),
        "R": lambda: ("survdiff(Surv(time, event) ~ group)", d),
    }


def cox_case(d: dict[str, np.ndarray]) -> Case:
    import pandas as pd
    from lifelines import CoxPHFitter
    from sksurv.linear_model import CoxPHSurvivalAnalysis
    from sksurv.util import Surv
    from statsmodels.duration.hazard_regression import PHReg

    from hepatica.stats.survival import cox

    frame = pd.DataFrame(d["X"], columns=[f"x{one}" for one in range(d["X"].shape[1])])
    frame["time"], frame["event"] = d["time"], d["event"]
    y = Surv.from_arrays(d["event"], d["time"].astype(float))
    return {
        "Hepatica": lambda: cox(d["time"], d["event"], d["X"]),
        "lifelines": lambda: CoxPHFitter().fit(frame, "time", "event"),
        "scikit-survival": lambda: CoxPHSurvivalAnalysis(ties="efron").fit(d["X"], y),
        "statsmodels": lambda: PHReg(
            d["time"].astype(float), d["X"], d["event"].astype(int), ties="efron"
        ).fit(),
        "R": lambda: ("coxph(Surv(time, event) ~ X)", d),
        "R kernel": lambda: (
            "coxph.fit(X, Surv(time, event), NULL, NULL, NULL, coxph.control(), NULL, "
            "'efron', NULL)",
            d,
        ),
    }


def permutations_case() -> Case:
    from hepatica.stats.survival import logrank_permutations, permuted_groups

    d = data(100)

    def permute() -> object:
        groups = permuted_groups(d["group"], 10_000, np.random.default_rng(1))
        return logrank_permutations(d["time"], d["event"], groups)

    return {
        "Hepatica": permute,
        "R": lambda: (
            "for (i in 1:10000) survdiff(Surv(time, event) ~ sample(group))$chisq",
            d,
        ),
    }


def trials_case() -> Case:
    from hepatica.stats.survival import kaplan_meier_batch

    rng = np.random.default_rng(28)
    times = np.maximum(np.rint(rng.exponential(200.0, (10_000, 28))), 1.0).astype(np.int64)
    events = rng.random((10_000, 28)) < 0.8
    flat = {
        "time": times.ravel(),
        "event": events.ravel(),
        "group": np.repeat(np.arange(10_000), 28),
    }
    return {
        "Hepatica": lambda: kaplan_meier_batch(times, events),
        "R": lambda: (
            "for (i in split(seq_along(time), group)) "
            "summary(survfit(Surv(time[i], event[i]) ~ 1, conf.type = 'log-log'))$table",
            flat,
        ),
    }


def r_seconds(code: str, d: dict[str, np.ndarray], runs: int) -> list[float]:
    """Return the seconds that R takes for a call, measured inside R."""
    with tempfile.TemporaryDirectory() as folder:
        lines = ["suppressMessages(library(survival))"]
        for name, values in d.items():
            path = Path(folder) / name
            matrix = values if values.ndim == 2 else values[:, None]
            matrix.astype("<f8").ravel(order="F").tofile(path)
            lines.append(f"{name} <- readBin('{path}', 'double', {matrix.size})")
            if values.ndim == 2:
                lines.append(f"{name} <- matrix({name}, ncol = {values.shape[1]})")
        # R's clock has steps of a millisecond: a short call is repeated within it.
        lines.append(f"once <- system.time({{ {code} }})[['elapsed']]")
        lines.append("times <- max(1, min(200, floor(.5 / max(once, 1e-3))))")
        lines.append(
            f"if (once > 2) cat(once) else for (run in 1:{runs}) "
            f"cat(system.time(for (i in seq_len(times)) {{ {code} }})[['elapsed']] / times, '\\n')"
        )
        script = Path(folder) / "run.R"
        script.write_text("\n".join(lines), encoding="utf-8")
        answer = subprocess.run(
            ["Rscript", "--vanilla", str(script)], check=True, capture_output=True, text=True
        )
    return [max(float(one), 1e-4) for one in answer.stdout.split()]


def timed(call: Callable[[], object]) -> float:
    """Return the seconds of one call; a short one is repeated, as R's are, until 20 ms are over."""
    start = time.perf_counter()
    call()
    once = time.perf_counter() - start
    repeats = int(0.02 / max(once, 1e-6))
    if repeats < 2:
        return once
    start = time.perf_counter()
    for _ in range(repeats):
        call()
    return (time.perf_counter() - start) / repeats


def measure(case: Case, n: int) -> dict[str, float]:
    """Return the median seconds of each tool, run in turn."""
    seconds: dict[str, list[float]] = {}
    runs = 7 if n <= 100_000 else 3
    for _ in range(runs):
        for tool, call in case.items():
            if n > MOST.get(tool.split()[0], n) or sum(seconds.get(tool, [])) > LONG:
                continue
            if tool.startswith("R"):
                if tool not in seconds and shutil.which("Rscript"):
                    code, d = call()  # type: ignore[misc]
                    seconds[tool] = r_seconds(code, d, 1 if n >= 1_000_000 else 5)
                continue
            seconds.setdefault(tool, []).append(timed(call))
    return {tool: statistics.median(one) for tool, one in seconds.items() if one}


def cases() -> list[tuple[str, int, Callable[[], Case]]]:
    """Return the name, size and maker of each case."""
    found: list[tuple[str, int, Callable[[], Case]]] = []
    found += [("Kaplan-Meier, days", n, lambda n=n: kaplan_meier_case(data(n))) for n in SIZES]
    found += [("log-rank, days", n, lambda n=n: logrank_case(data(n))) for n in SIZES]
    for n in SIZES[1:]:
        found.append(
            ("Kaplan-Meier, floats", n, lambda n=n: kaplan_meier_case(data(n, whole=False)))
        )
        found.append(("log-rank, floats", n, lambda n=n: logrank_case(data(n, whole=False))))
    for n, p in ((1_000, 5), (100_000, 20), (1_000_000, 5), (1_000_000, 20), (10_000_000, 5)):
        found.append((f"Cox, {p} covariates", n, lambda n=n, p=p: cox_case(data(n, p=p))))
    found.append(("10,000 permutations of a log-rank test", 100, permutations_case))
    found.append(("10,000 trials, median with limits", 28, trials_case))
    return found


def main() -> None:
    """Measure, print and write the table."""
    warnings.simplefilter("ignore")
    only = [one for one in sys.argv[1:] if not one.startswith("--")]
    most = 1_000 if "--small" in sys.argv else SIZES[-1]
    lines = [
        "| what | n | Hepatica, s | lifelines | scikit-survival | statsmodels | R | R kernel |",
        "|---|---|---|---|---|---|---|---|",
    ]
    raw = []
    for name, n, make in cases():
        if n > most or (only and not any(one in name for one in only)):
            continue
        found = measure(make(), n)
        ours = found["Hepatica"]
        peers = ("lifelines", "scikit-survival", "statsmodels", "R", "R kernel")
        cells = [f"{found[one] / ours:,.1f} x" if one in found else "" for one in peers]
        line = f"| {name} | {n:,} | {ours:.3g} | {' | '.join(cells)} |"
        print(line, flush=True)
        lines.append(line)
        raw.append({"case": name, "n": n, "seconds": found})
    if only or most < SIZES[-1]:
        return
    told = f"CPython {sys.version.split()[0]}, NumPy {np.__version__}, one BLAS thread, 2 cores."
    table = "\n".join((MARK[0], "", told, "", *lines, "", MARK[1]))
    page = PAGE.read_text(encoding="utf-8")
    if MARK[0] in page:
        before, rest = page.split(MARK[0])
        page = before + table + rest.split(MARK[1])[1]
    else:
        page += f"\n## Estimators beside their peers\n\n{table}\n"
    PAGE.write_text(page, encoding="utf-8")
    print(json.dumps(raw))


if __name__ == "__main__":
    main()
