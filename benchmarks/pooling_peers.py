"""Time pooling beside its peers in one run, and write the table of ``docs/performance.md``.

Runs under an interpreter that has the peers (``make bench-peers``), with metafor beside it where
Rscript has it. 1,000 constructed outcomes of 14 studies. CPU seconds, because other work may share
the machine: of this process, and of R inside R, without its start. Each tool runs in turn, three
times; shown are medians. metafor takes minutes for all outcomes: it is given the first
``SAMPLE`` of them, and its time is scaled. Hepatica is measured by its public functions, checks and
values included; what metafor gives for the sample is compared figure by figure.
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
MARK = ("<!-- pooling -->", "<!-- /pooling -->")
OUTCOMES, STUDIES, SAMPLE, RUNS = 1_000, 14, 50, 3
ANALYSES = {
    "DL": "pooled, DL",
    "REML": "pooled, REML, to full precision",
    "leave1out": "leave-one-out, REML",
    "trimfill": "trim and fill, REML",
    "qprofile": "limits of tau2, Q-profile",
}
#: metafor's trim and fill does not hand on its settings: figures are compared where tau2 has a
#: closed form, by DL, and times by REML.
#: With steps this small metafor's own stopping rule is not part of the comparison.
TIGHT = "control = list(threshold = 1e-13, maxiter = 10000)"
R_CODE = """
suppressMessages(library(metafor))
o <- {sample}; k <- {studies}
y <- matrix(readBin("{folder}/y", "double", o * k), o, byrow = TRUE)
v <- matrix(readBin("{folder}/v", "double", o * k), o, byrow = TRUE)
each <- function(f) lapply(1:o, function(i) tryCatch(f(y[i, ], v[i, ]), error = function(e) NULL))
fits <- each(function(y, v) rma(y, v))
told <- Filter(Negate(is.null), fits)
calls <- list(
  DL = function() each(function(y, v) rma(y, v, method = "DL")),
  REML = function() each(function(y, v) rma(y, v)),
  leave1out = function() lapply(told, function(fit) try(leave1out(fit), silent = TRUE)),
  trimfill = function() lapply(told, function(fit) try(trimfill(fit), silent = TRUE)),
  qprofile = function() lapply(told, function(fit) confint(fit)))
seconds <- lapply(calls, function(f) sum(system.time(f())[1:2]))
tight <- each(function(y, v) rma(y, v, {tight}))
value <- function(f) sapply(tight, function(fit) if (is.null(fit)) NA else tryCatch(f(fit),
  error = function(e) NA))
filled <- each(function(y, v) trimfill(rma(y, v, method = "DL")))
out <- list(seconds = seconds, failed = sum(sapply(fits, is.null)), version =
  as.character(packageVersion("metafor")), R = paste(R.version$major, R.version$minor, sep = "."),
  DL = sapply(calls$DL(), function(fit) fit$beta[1]),
  REML = value(function(fit) fit$beta[1]), tau2 = value(function(fit) fit$tau2),
  k0 = sapply(filled, function(f) if (is.null(f)) NA else f$k0),
  trimfill = sapply(filled, function(f) if (is.null(f)) NA else f$beta[1]),
  leave1out = value(function(fit) leave1out(fit)$estimate[1]))
cat(jsonlite::toJSON(out, digits = NA, na = "null", auto_unbox = TRUE))
"""


def data() -> tuple[np.ndarray, np.ndarray]:
    """Make estimates and variances: heterogeneity from none to large."""
    rng = np.random.default_rng(14)
    v = rng.uniform(0.01, 0.25, (OUTCOMES, STUDIES))
    tau2 = rng.choice([0.0, 0.02, 0.1, 0.3], (OUTCOMES, 1))
    return rng.normal(-0.3, np.sqrt(v + tau2)), v


def ours(y: np.ndarray, v: np.ndarray) -> dict[str, Callable[[], object]]:
    from hepatica.stats.meta import leave_one_out, pool_batch, tau2_limits_batch
    from hepatica.stats.meta.trim_and_fill import trim_and_fill_batch

    return {
        "DL": lambda: pool_batch(y, v, method="DL"),
        "REML": lambda: pool_batch(y, v),
        "leave1out": lambda: leave_one_out(y, v),
        "trimfill": lambda: trim_and_fill_batch(y, v, convention="metafor"),
        "qprofile": lambda: tau2_limits_batch(y, v),
    }


def pymare(y: np.ndarray, v: np.ndarray) -> dict[str, Callable[[], object]]:
    from pymare.estimators import DerSimonianLaird, VarianceBasedLikelihoodEstimator

    columns = np.ascontiguousarray(y.T), np.ascontiguousarray(v.T)
    design = np.ones((STUDIES, 1))

    def restricted() -> object:
        return VarianceBasedLikelihoodEstimator(method="REML").fit(*columns, design)

    return {
        "DL": lambda: DerSimonianLaird().fit(*columns, design),
        "REML": restricted,
    }


def statsmodels(y: np.ndarray, v: np.ndarray) -> dict[str, Callable[[], object]]:
    from statsmodels.stats.meta_analysis import combine_effects

    return {
        "DL": lambda: [
            combine_effects(one, var, method_re="chi2") for one, var in zip(y, v, strict=True)
        ]
    }


def metafor(y: np.ndarray, v: np.ndarray) -> dict[str, object]:
    """Return metafor's CPU seconds for the sample, and its figures."""
    with tempfile.TemporaryDirectory() as folder:
        for name, values in (("y", y), ("v", v)):
            values[:SAMPLE].astype("<f8").tofile(Path(folder) / name)
        script = Path(folder) / "run.R"
        code = R_CODE.format(sample=SAMPLE, studies=STUDIES, folder=folder, tight=TIGHT)
        script.write_text(code, encoding="utf-8")
        answer = subprocess.run(
            ["Rscript", "--vanilla", str(script)], check=True, capture_output=True, text=True
        )
    return json.loads(answer.stdout)


def seconds_of(call: Callable[[], object]) -> float:
    start = time.process_time()
    call()
    return time.process_time() - start


def apart(mine: np.ndarray, theirs: list[float | None]) -> float:
    other = np.array([np.nan if one is None else one for one in theirs])
    return float(np.nanmax(np.abs(mine[:SAMPLE] - other) / np.maximum(np.abs(other), 1e-3)))


def compare(y: np.ndarray, v: np.ndarray, told: dict[str, object]) -> dict[str, float]:
    """Return the largest relative difference from metafor of each analysis."""
    from hepatica.stats.meta.trim_and_fill import trim_and_fill_batch

    calls = ours(y, v)
    filled = trim_and_fill_batch(y, v, method="DL", convention="metafor")
    k0 = np.array([np.nan if one is None else one for one in told["k0"]])
    asked = ~np.isnan(k0)
    if not (filled.k0[:SAMPLE][asked] == k0[asked]).all():
        raise SystemExit("Trim and fill fills another number of studies than metafor.")
    first_left_out = calls["leave1out"]().estimate[::STUDIES]
    return {
        "DL": apart(calls["DL"]().estimate, told["DL"]),
        "REML": apart(calls["REML"]().estimate, told["REML"]),
        "leave1out": apart(first_left_out, told["leave1out"]),
        "trimfill": apart(filled.pooled.estimate, told["trimfill"]),
    }


def measure(y: np.ndarray, v: np.ndarray) -> tuple[dict[str, dict[str, float]], dict[str, object]]:
    """Return the median seconds of each tool and analysis, and what metafor told."""
    tools = {"Hepatica": ours(y, v), "PyMARE": pymare(y, v), "statsmodels": statsmodels(y, v)}
    seconds: dict[str, dict[str, list[float]]] = {}
    told: dict[str, object] = {}
    for _ in range(RUNS):
        for tool, calls in tools.items():
            for analysis, call in calls.items():
                # Calls of less than a millisecond are repeated: the clock's step must not matter.
                times = 1 if tool == "statsmodels" else 20 if analysis == "DL" else 3
                middle = statistics.median(seconds_of(call) for _ in range(times))
                seconds.setdefault(tool, {}).setdefault(analysis, []).append(middle)
        if shutil.which("Rscript"):
            told = metafor(y, v)
            for analysis, one in told["seconds"].items():
                scaled = one * OUTCOMES / SAMPLE
                seconds.setdefault("metafor", {}).setdefault(analysis, []).append(scaled)
    medians = {
        tool: {name: statistics.median(times) for name, times in found.items()}
        for tool, found in seconds.items()
    }
    for tool in ("Hepatica", "metafor"):
        if tool in medians:
            medians[tool]["all"] = sum(medians[tool].values())
    return medians, told


def table(medians: dict[str, dict[str, float]], apart_from: dict[str, float]) -> list[str]:
    """Return the lines of the table."""
    lines = [
        "| what | Hepatica, s | metafor | PyMARE | statsmodels | largest difference from metafor |",
        "|---|---|---|---|---|---|",
    ]
    for name, label in {**ANALYSES, "all": "all five together"}.items():
        mine = medians["Hepatica"][name]
        cells = [
            f"{medians[tool][name] / mine:,.1f} x" if name in medians.get(tool, {}) else ""
            for tool in ("metafor", "PyMARE", "statsmodels")
        ]
        difference = f"{apart_from[name]:.0e}" if name in apart_from else ""
        lines.append(f"| {label} | {mine:.3g} | {' | '.join(cells)} | {difference} |")
    return lines


def main() -> None:
    """Measure, compare, print and write the table."""
    warnings.simplefilter("ignore")
    y, v = data()
    medians, told = measure(y, v)
    lines = table(medians, compare(y, v, told) if told else {})
    version = f", metafor {told['version']} on R {told['R']}" if told else ""
    head = (
        f"CPython {sys.version.split()[0]}, NumPy {np.__version__}{version}; one BLAS thread, CPU "
        f"seconds. metafor was given {SAMPLE} of the outcomes and its time scaled; with its usual "
        f"settings it failed on {told.get('failed', 'none')} of them. For the differences its "
        "steps were made small; those of trim and fill are by DL, whose tau2 needs no steps."
    )
    print(head, *lines, sep="\n")
    print(json.dumps(medians))
    if "--print" in sys.argv:
        return
    block = "\n".join((MARK[0], "", head, "", *lines, "", MARK[1]))
    page = PAGE.read_text(encoding="utf-8")
    if MARK[0] in page:
        before, rest = page.split(MARK[0])
        page = before + block + rest.split(MARK[1])[1]
    else:
        page += (
            "\n## Pooling beside its peers\n\n`benchmarks/pooling_peers.py` (`make bench-peers`): "
            f"{OUTCOMES:,} constructed outcomes of {STUDIES} studies.\n\n{block}\n"
        )
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
