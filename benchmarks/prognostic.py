"""Time bootstrap optimism beside R in one run, and write the table of ``docs/performance.md``.

2,000 constructed patients, 8 covariates, 1,000 resamples, CPU seconds: of this process, and of R
inside R, without its start. R does it in two ways: ``rms::validate`` (fewer measures: Somers' D,
slope, explained variation), and every measure that Hepatica gives, on the very same resamples, by a
loop over ``coxph``, ``concordance``, ``riskRegression::Score`` and a spline; the loop is given the
first ``SAMPLE`` resamples, its time is scaled, and its numbers are compared. Each runs in turn,
``RUNS`` times; shown are medians. One BLAS thread for all.
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
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))
PAGE = ROOT / "docs" / "performance.md"
MARK = ("<!-- prognostic -->", "<!-- /prognostic -->")
PATIENTS, COVARIATES, RESAMPLES, SAMPLE, RUNS = 2_000, 8, 1_000, 40, 3
AT = (180.0, 365.0)
MEASURES = ("concordance", "concordance_uno", "slope", "auc", "brier", "calibration_error")

VALIDATE = """
suppressPackageStartupMessages(library(rms))
d <- read.csv("data.csv")
f <- cph(Surv(time, event) ~ x1 + x2 + x3 + x4 + x5 + x6 + x7 + x8, d, x = TRUE, y = TRUE,
         surv = TRUE, time.inc = 365)
spent <- system.time(v <- validate(f, B = %d))
cat(sum(spent[c("user.self", "sys.self")]))
"""
LOOP = """
suppressPackageStartupMessages({library(survival); library(riskRegression); library(Hmisc)})
d <- read.csv("data.csv")
draws <- as.matrix(read.csv("draws.csv", header = FALSE)) + 1
at <- c(%s)
columns <- paste0("x", 1:8)
x <- as.matrix(d[columns])
survival_at <- function(fit, x) {
  curve <- basehaz(fit, centered = FALSE)
  hazard <- c(0, curve$hazard)[findInterval(at, curve$time) + 1]
  exp(-outer(exp(as.vector(x %%*%% coef(fit))), hazard))
}
judge <- function(fit, rows) {
  x <- as.matrix(rows[columns])
  rows$lp <- as.vector(x %%*%% coef(fit))
  surv <- survival_at(fit, x)
  scored <- Score(list(model = 1 - surv), Surv(time, event) ~ 1, data = rows, times = at,
                  metrics = c("auc", "brier"), summary = "ipa", conf.int = FALSE)
  cll <- log(-log(surv[, 1]))
  s <- rcspline.eval(cll, knots = quantile(cll, c(0.1, 0.5, 0.9)), inclx = TRUE)
  smooth <- coxph(Surv(rows$time, rows$event) ~ s)
  names(smooth$coefficients) <- NULL
  c(concordance(Surv(time, event) ~ lp, rows, reverse = TRUE)$concordance,
    concordance(Surv(time, event) ~ lp, rows, reverse = TRUE, timewt = "n/G2",
                ymax = max(at))$concordance,
    coef(coxph(Surv(time, event) ~ lp, rows)),
    scored$AUC$score[model == "model", AUC], scored$Brier$score[model == "model", Brier],
    colMeans(abs(survival_at(smooth, s) - surv)))
}
spent <- system.time({
  found <- sapply(seq_len(nrow(draws)), function(one) {
    rows <- d[draws[one, ], ]
    fit <- coxph(Surv(time, event) ~ ., rows)
    judge(fit, rows) - judge(fit, d)
  })
})
write.table(format(rowMeans(found), digits = 16), "optimism.csv", row.names = FALSE,
            col.names = FALSE, quote = FALSE)
cat(sum(spent[c("user.self", "sys.self")]))
"""


def patients() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return times in whole days, events, and covariates, half of them yes or no."""
    rng = np.random.default_rng(8)
    x = rng.standard_normal((PATIENTS, COVARIATES))
    x[:, :4] = x[:, :4] > 0
    hazard = np.exp(0.5 * x[:, 0] + 0.3 * x[:, 1] + 0.4 * x[:, 6] - 0.2 * x[:, 7])
    died = np.rint(rng.exponential(500.0 / hazard)) + 1
    lost = np.rint(rng.uniform(150, 1500, PATIENTS))
    return np.minimum(died, lost), died <= lost, x


def in_r(folder: Path, script: str) -> float:
    """Return the CPU seconds that R says."""
    done = subprocess.run(
        ["Rscript", "--vanilla", "-e", script],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout.split()[-1])


def main() -> None:
    """Measure, compare, print and write the table."""
    from hepatica.stats.survival import cox_bootstrap, resample_weights, validate_cox

    if shutil.which("Rscript") is None:
        print("Rscript is not there: nothing to measure beside.")
        return
    t, event, x = patients()
    drawn = np.random.default_rng(9).integers(0, PATIENTS, (RESAMPLES, PATIENTS))
    weights = resample_weights(drawn, PATIENTS)
    ways: dict[str, list[float]] = {"Hepatica": [], "fits": [], "loop": [], "validate": []}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        head = ",".join(("time", "event", *(f"x{n + 1}" for n in range(COVARIATES))))
        table = np.column_stack((t, event, x))
        np.savetxt(folder / "data.csv", table, "%.17g", ",", header=head, comments="")
        np.savetxt(folder / "draws.csv", drawn[:SAMPLE], "%d", ",")
        for _ in range(RUNS):
            start = time.process_time()
            validate_cox(t, event, x, AT, weights)
            ways["Hepatica"].append(time.process_time() - start)
            start = time.process_time()
            cox_bootstrap(t, event, x, weights)
            ways["fits"].append(time.process_time() - start)
            loop = in_r(folder, LOOP % ", ".join(map(str, AT)))
            ways["loop"].append(loop * RESAMPLES / SAMPLE)
            ways["validate"].append(in_r(folder, VALIDATE % RESAMPLES))
        theirs = np.loadtxt(folder / "optimism.csv")
    same = validate_cox(t, event, x, AT, weights[:SAMPLE])
    ours = np.concatenate([getattr(same, one).optimism for one in MEASURES])
    apart = float(np.abs(ours - theirs).max())
    middle = {name: statistics.median(values) for name, values in ways.items()}
    first = middle["Hepatica"]
    lines = [
        MARK[0],
        f"Optimism of a model of {PATIENTS:,} patients and {COVARIATES} covariates, {RESAMPLES:,} "
        f"resamples, CPU seconds, medians of {RUNS} runs in turn "
        f"(`python benchmarks/prognostic.py`). The loop's time is scaled from {SAMPLE} resamples; "
        f"on these the optimism of every measure differs by at most {apart:.0e}.",
        "",
        "| what | seconds | Hepatica is faster |",
        "|---|---|---|",
        f"| Hepatica: two concordances, slope, area, Brier score and calibration at {len(AT)} "
        f"times | {first:.2f} | |",
        f"| of this, fitting the models | {middle['fits']:.2f} | |",
        f"| R, the same measures: `coxph`, `concordance`, `Score`, `rcspline.eval` | "
        f"{middle['loop']:.0f} | {middle['loop'] / first:.0f} times |",
        f"| R, `rms::validate`: Somers' D, slope, explained variation only | "
        f"{middle['validate']:.1f} | {middle['validate'] / first:.1f} times |",
        MARK[1],
    ]
    print("\n".join(lines))
    print(json.dumps(ways))
    if "--write" in sys.argv:
        page = PAGE.read_text(encoding="utf-8")
        start, end = page.index(MARK[0]), page.index(MARK[1]) + len(MARK[1])
        PAGE.write_text(page[:start] + "\n".join(lines) + page[end:], encoding="utf-8")


if __name__ == "__main__":
    main()
