"""Time the way of constructed patients from collected tables to the report, step by step.

For 1,000, 10,000 and 100,000 patients of ALTER-0802 a process of its own reads, checks, derives,
analyses and presents; each step is timed, and the peak memory is VmHWM of that process. `hepatica
run` on 10,000 patients is measured beside it, for the goal. The table goes to standard output and
between the marks of ``docs/performance.md``.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hepatica.analyse import analyse
from hepatica.derive import derive_datasets
from hepatica.present.report import report_content, report_html
from hepatica.present.study_figures import study_figures
from hepatica.protocol.read import read_protocol
from hepatica.records import read as reading
from hepatica.records import require
from hepatica.study.provenance import digest, input_digest, provenance

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "performance.md"
START, END = "<!-- pipeline -->", "<!-- /pipeline -->"
#: The table of whole commands begins here and goes to the end of the page.
MEASURED = "<!-- measured -->"
SIZES = (1_000, 10_000, 100_000)
GOAL_PATIENTS, GOAL_SECONDS, GOAL_MEBIBYTES = 10_000, 60.0, 3 * 1024.0
STEPS = ("read", "check", "derive", "analyse", "present")


def peak_mebibytes() -> float:
    """Return the peak memory of this process (VmHWM) in MiB."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return float("nan")


def steps(study: Path) -> dict[str, Any]:
    """Carry out a study in this process and return the seconds of each step."""
    seconds: dict[str, float] = {}

    def timed(step: str, work: Callable[[], Any]) -> Any:
        start = time.perf_counter()
        done = work()
        seconds[step] = seconds.get(step, 0.0) + time.perf_counter() - start
        return done

    # Reading and checking are one call; the time of loading the files is taken out of it.
    loading = reading.load_table

    def load(*given: Any, **named: Any) -> Any:
        return timed("read", lambda: loading(*given, **named))

    reading.load_table = load
    protocol = read_protocol(study / "study.yaml")
    start = time.perf_counter()
    records = require(reading.read_records(protocol, study))
    seconds["check"] = time.perf_counter() - start - seconds["read"]
    tables = {name: table.frame for name, table in records.tables.items()}
    datasets = timed("derive", lambda: derive_datasets(protocol, tables))
    results = timed("analyse", lambda: analyse(protocol, datasets))

    def present() -> int:
        protocol_digest = digest((study / "study.yaml").read_bytes())
        told = provenance(protocol_digest, records, {}, passed=0)
        figures = study_figures(
            results,
            protocol,
            digest=input_digest(protocol_digest, records),
            version=told.hepatica_version,
        )
        return len(report_html(report_content(protocol, results, figures, told)))

    timed("present", present)
    lesions = records.tables["TR"].rows
    rows = sum(table.rows for table in records.tables.values())
    return {"seconds": seconds, "lesions": lesions, "rows": rows, "mebibytes": peak_mebibytes()}


def made(folder: Path, patients: int) -> tuple[Path, float, float]:
    """Construct patients; return their study, and the seconds and MiB that took."""
    study = folder / str(patients)
    words = ["simulate", str(ROOT / "studies" / "alter-0802"), "--patients", str(patients)]
    words += ["--collected", "--tables", "parquet", "--out", str(study)]
    return study, *whole([sys.executable, "-m", "hepatica", *words])


def whole(words: list[str]) -> tuple[float, float]:
    """Return wall seconds and peak memory in MiB of one process."""
    start = time.perf_counter()
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(words)} ended with {process.returncode}")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def in_process(study: Path) -> dict[str, Any]:
    """Carry out a study in a process of its own, and return what it measured."""
    start = time.perf_counter()
    words = [sys.executable, str(Path(__file__).resolve()), "--steps", str(study)]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    return {**json.loads(done.stdout), "wall": time.perf_counter() - start}


def table(rows: list[dict[str, Any]]) -> str:
    """Return the measurements as a table."""
    names = ["patients", "lesion rows", "all rows", "construct s", *(f"{one} s" for one in STEPS)]
    lines = [f"| {' | '.join([*names, 'process s', 'peak MiB'])} |"]
    lines.append(f"|{'---|' * (len(names) + 2)}")
    for row in rows:
        cells = [f"{row['patients']:,}", f"{row['lesions']:,}", f"{row['rows']:,}"]
        cells.append(f"{row['constructed']:.1f}")
        cells += [f"{row['seconds'][step]:.2f}" for step in STEPS]
        cells += [f"{row['wall']:.1f}", f"{row['mebibytes']:.0f}"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def section(rows: list[dict[str, Any]], goal: tuple[float, float]) -> str:
    """Return what stands between the marks."""
    seconds, memory = goal
    met = seconds <= GOAL_SECONDS and memory <= GOAL_MEBIBYTES
    return "\n\n".join(
        (
            START,
            "## From collected tables to the report",
            textwrap.fill(
                "`benchmarks/pipeline.py` constructs patients of ALTER-0802 as collected tables "
                "(Parquet) and carries the protocol out, each size in a process of its own. "
                "'Process' is the whole process with its start; writing the outputs is not in it.",
                99,
            ),
            f"CPython {platform.python_version()}, {os.cpu_count()} cores.",
            table(rows),
            textwrap.fill(
                f"`hepatica run` on {GOAL_PATIENTS:,} of them, outputs written: {seconds:.1f} s "
                f"and {memory:.0f} MiB; the goal of under {GOAL_SECONDS:.0f} s and "
                f"{GOAL_MEBIBYTES:.0f} MiB is {'met' if met else 'missed'}.",
                99,
            ),
            END,
        )
    )


def write(text: str) -> None:
    """Put the section between its marks; without marks, before the table of whole commands."""
    page = PAGE.read_text(encoding="utf-8")
    if START in page and END in page:
        head, _, rest = page.partition(START)
        page = f"{head}{text}{rest.partition(END)[2]}"
    else:
        head, mark, rest = page.partition(MEASURED)
        page = f"{head.rstrip()}\n\n{text}\n\n{mark}{rest}"
    PAGE.write_text(page, encoding="utf-8")


def main() -> None:
    """Measure, print the table and write the page."""
    rows: list[dict[str, Any]] = []
    goal = (float("nan"), float("nan"))
    sizes = tuple(int(one) for one in sys.argv[1:]) or SIZES
    with tempfile.TemporaryDirectory() as name:
        for patients in sizes:
            study, constructed, _ = made(Path(name), patients)
            rows.append({"patients": patients, "constructed": constructed, **in_process(study)})
            if patients == GOAL_PATIENTS:
                words = [sys.executable, "-m", "hepatica", "run", str(study)]
                goal = whole([*words, "--out", str(Path(name) / "run")])
    print(table(rows))
    print(f"hepatica run: {goal[0]:.1f} s, {goal[1]:.0f} MiB")
    if sizes == SIZES:
        write(section(rows, goal))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--steps"]:
        print(json.dumps(steps(Path(sys.argv[2]))))
    else:
        main()
