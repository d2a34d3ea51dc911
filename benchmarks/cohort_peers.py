"""Time a whole comparison of two treatments beside R in one run, and write the table.

Constructed cohorts of 68, 5,000 and 500,000 patients with 14 covariates: baseline table with tests
and standardised differences, two response rates compared, Kaplan-Meier medians with the log-rank
test, proportional hazards models univariable and multivariable, and a forest of 8 subgroups with
tests of interaction. R does the same in ``cohort_peers.R`` with stats and survival. Both take turns
on the same file, and every number that both give is compared. CPU seconds, medians: Hepatica from
datasets to rows, R from a data frame to numbers, without its start; ``hepatica run`` from the
sheet to report and figures stands beside them. One BLAS thread for all. Each size is measured in a
process of its own, whose largest memory is given. ``--write`` writes ``docs/performance.md``.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from cohort_study import COVARIATES, SUBGROUPS, write_study

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))
PAGE = ROOT / "docs" / "performance.md"
SCRIPT = Path(__file__).with_suffix(".R")
MARK = ("<!-- cohorts -->", "<!-- /cohorts -->")
#: Patients, and how often the comparison and the whole run are measured.
SIZES = {68: (7, 3), 5_000: (5, 3), 500_000: (2, 1)}
#: What R calls the columns of its models.
IN_R = {
    "arm": "ARM", "age": "AGE", "sex": "SEX", "ecog": "ECOG", "child-pugh": "CHILDPUGH",
    "bclc": "BCLC", "hbv": "HBV", "hcv": "HCV", "cirrhosis": "CIRRHOSIS", "pvtt": "PVTT",
    "extrahepatic": "EHS", "albi": "ALBI", "local": "LOCAL", "afp-400": "AFP400",
}  # fmt: skip


def named(row: Any) -> str:
    """Return what the script in R calls a row."""
    if row.analysis == "baseline":
        parts = ["baseline", row.variable, row.level or row.variable_level, row.variable_level]
        parts = [*dict.fromkeys(parts[:3]), *(parts[3:] if row.level else [])]
        if row.variable in ("age", "afp") and not row.level and "_" not in row.statistic:
            return f"baseline {row.variable}  {row.statistic}"
        return " ".join(one for one in (*parts, row.statistic) if one)
    if row.analysis == "response":
        return " ".join(
            one
            for one in (
                "response",
                row.variable_level if row.variable.startswith("comparison") else row.variable,
                "" if row.reference else row.level,
                row.statistic,
            )
            if one
        )
    if row.analysis == "factors":
        column = IN_R.get(row.variable, "") + row.variable_level
        single = row.level == "univariable" and row.variable != "albi"
        parts = [row.level, row.variable if row.level == "univariable" else ""]
        if row.statistic == "concordance":
            return f"{row.level} concordance"
        return " ".join(one for one in (*parts, "" if single else column, row.statistic) if one)
    level = "" if row.reference else row.level
    kind = "logrank" if row.variable == "logrank" else ""
    where = (row.analysis, row.subgroup, row.subgroup_level, level, kind, row.statistic)
    return " ".join(one for one in where if one)


def compared(rows: Any, theirs: dict[str, float]) -> dict[str, Any]:
    """Return how many numbers of R are compared, what R has alone, and the largest difference."""
    single = [row for row in rows if row.status == "ok" and row.time is None]
    ours = {named(row): row.value for row in single if row.value is not None}
    both = sorted(ours.keys() & theirs.keys())
    apart = {
        # A P value too small for a relative difference is compared as it is.
        name: abs(ours[name] - theirs[name])
        / (1.0 if name.endswith("p_value") else max(abs(theirs[name]), 1e-300))
        for name in both
    }
    worst = max(apart, key=apart.__getitem__)
    fitted = [one for one in both if one.startswith(("survival", "univ", "multi", "forest"))]
    closed = [one for one in both if one not in fitted]
    return {
        "numbers": len(both),
        "alone": sorted(one for one in theirs.keys() - ours.keys() if np.isfinite(theirs[one])),
        "closed": max(apart[one] for one in closed),
        "fitted": max(apart[one] for one in fitted),
        "worst": worst,
    }


def in_r(folder: Path) -> float:
    """Return the CPU seconds that R says."""
    words = ["Rscript", "--vanilla", str(SCRIPT), str(folder / "data" / "patients.csv")]
    return float(subprocess.run(words, capture_output=True, text=True, check=True).stdout)


def numbers_of_r(folder: Path) -> dict[str, float]:
    """Return the numbers of R, fitted to full precision."""
    answers = folder / "answers.tsv"
    words = ["Rscript", "--vanilla", str(SCRIPT), str(folder / "data" / "patients.csv")]
    subprocess.run([*words, str(answers)], capture_output=True, check=True)
    lines = (line.split("\t") for line in answers.read_text(encoding="utf-8").splitlines())
    return {name: float(value) for name, value in lines if value != "NA"}


def spent(work: Any) -> tuple[float, Any]:
    """Return the CPU seconds of this process during some work, and what it returns."""
    start = time.process_time()
    found = work()
    return time.process_time() - start, found


def one_size(n: int) -> dict[str, Any]:
    """Measure one size in this process."""
    from hepatica.analyse import analyse
    from hepatica.derive import derive_datasets
    from hepatica.records import require
    from hepatica.study.check import check_study
    from hepatica.study.run import run_study

    runs, whole_runs = SIZES[n]
    seconds: dict[str, list[float]] = {"read": [], "analyse": [], "R": [], "run": []}
    with tempfile.TemporaryDirectory() as name:
        folder = write_study(Path(name) / "study", n)

        def read() -> Any:
            checked = check_study(folder)
            tables = {one: t.frame for one, t in require(checked.records).tables.items()}
            return checked.protocol, derive_datasets(checked.protocol, tables)

        for turn in range(runs):
            took, given = spent(read)
            seconds["read"].append(took)
            took, rows = spent(lambda given=given: analyse(*given))
            seconds["analyse"].append(took)
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            seconds["R"].append(in_r(folder))
            if turn == 0:
                analysis_memory = memory
                found = compared(rows, numbers_of_r(folder))
        del given, rows
        for turn in range(whole_runs):
            out = Path(name) / f"out{turn}"
            seconds["run"].append(spent(lambda out=out: run_study(folder, out))[0])
        report = (out / "report.html").stat().st_size / 2**20
    middle = {what: statistics.median(values) for what, values in seconds.items()}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "n": n, "middle": middle, "seconds": seconds, **found, "report": report,
        "analysis_memory": analysis_memory, "memory": peak,
    }  # fmt: skip


def table(found: list[dict[str, Any]]) -> str:
    """Return the measurements as a table with a sentence about them."""
    versions = subprocess.run(
        ["Rscript", "--vanilla", "-e", "cat(paste0(R.version$major, '.', R.version$minor), "
         "as.character(packageVersion('survival')))"],
        capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    times = ", ".join(f"{SIZES[one['n']][0]}" for one in found)
    lines = [
        MARK[0],
        "",
        f"CPython {platform.python_version()}, NumPy {np.__version__}, R {versions[0]} with "
        f"survival {versions[1]}; CPU seconds, medians of {times} runs in turn, one BLAS thread.",
        "",
        "| patients | read and derive | analyse | R | Hepatica is faster | `hepatica run` | peak "
        "MiB, analysis and run | numbers compared | largest difference, tables and tests | largest "
        "difference, curves and models |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for one in found:
        middle = one["middle"]
        lines.append(
            f"| {one['n']:,} | {middle['read']:.2f} | {middle['analyse']:.2f} | {middle['R']:.2f} "
            f"| {middle['R'] / middle['analyse']:.1f} times | {middle['run']:.1f} "
            f"| {one['analysis_memory']:,.0f} and {one['memory']:,.0f} | {one['numbers']} "
            f"| {one['closed']:.0e} | {one['fitted']:.0e} |"
        )
    return "\n".join((*lines, "", MARK[1]))


def main() -> None:
    """Measure each size in a process of its own, print, and write the table where asked."""
    if "--size" in sys.argv:
        print(json.dumps(one_size(int(sys.argv[sys.argv.index("--size") + 1]))))
        return
    if shutil.which("Rscript") is None:
        print("Rscript is not there: nothing to measure beside.")
        return
    print(f"{len(COVARIATES)} covariates, {len(SUBGROUPS)} subgroups", flush=True)
    only = [int(one) for one in sys.argv[1:] if one.isdigit()]
    found = []
    for n in SIZES:
        if only and n not in only:
            continue
        words = [sys.executable, str(Path(__file__).resolve()), "--size", str(n)]
        done = subprocess.run(words, capture_output=True, text=True, check=True)
        found.append(json.loads(done.stdout))
        print(json.dumps(found[-1]), flush=True)
    lines = table(found)
    print(lines)
    if "--write" in sys.argv and not only:
        page = PAGE.read_text(encoding="utf-8")
        start, end = page.index(MARK[0]), page.index(MARK[1]) + len(MARK[1])
        PAGE.write_text(page[:start] + lines + page[end:], encoding="utf-8")


if __name__ == "__main__":
    main()
