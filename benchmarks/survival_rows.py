"""Run `hepatica survival` on a folder of Parquet files of any number of rows.

    python benchmarks/survival_rows.py                      100 million rows on Polars and DuckDB
    python benchmarks/survival_rows.py 20000000 polars spark

The rows are constructed: whole days, event, two arms, a stratum of two levels, age in years and a
skewed marker, about two bytes a value in the files. Each line is a fresh process; its peak is VmHWM
at its end, and for Spark that of the Java process beside it. 'Plain reading' is a fresh process
that reads the columns of the command and takes the largest value of each. All engines must print
the same rows.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import polars as pl

ROWS = 100_000_000
FILE_ROWS = 10_000_000
GROUPED = ("--time", "AVAL", "--event", "CNSR==0", "--by", "ARM", "--strata", "REGION",
           "--at", "180,360", "--tau", "720")  # fmt: skip
ASKED = {
    "curves, test, means, hazard ratio": (),
    "the same, adjusted for AGE": ("--adjust", "AGE"),
    "the same, adjusted for AGE, MARKER": ("--adjust", "AGE,MARKER"),
}


def construct(folder: Path, rows: int) -> None:
    """Write the rows, ten million a file; the same bytes every time."""
    for number, first in enumerate(range(0, rows, FILE_ROWS)):
        n = min(FILE_ROWS, rows - first)
        draw = np.random.default_rng([2026, number])
        arm, region = draw.integers(0, 2, n, dtype=np.int8), draw.integers(0, 2, n, dtype=np.int8)
        age = np.clip(draw.normal(60, 10, n), 18, 90).astype(np.int8)
        marker = np.round(np.exp(draw.normal(3, 1.5, n)), 1).astype(np.float32)
        rate = np.exp(-0.3 * arm + 0.02 * (age - 60.0) + 0.1 * np.log(marker + 0.1)) / 600
        ends = np.ceil(draw.exponential(1 / rate))
        last = np.ceil(draw.uniform(200, 1460, n))
        pl.DataFrame(
            {
                "AVAL": np.minimum(ends, last).astype(np.int16),
                "CNSR": (ends > last).astype(np.int8),
                "ARM": pl.Series(arm).replace_strict({0: "Placebo", 1: "Anlotinib"}),
                "REGION": pl.Series(region).replace_strict({0: "East", 1: "West"}),
                "AGE": age,
                "MARKER": marker,
            }
        ).write_parquet(folder / f"part-{number:03d}.parquet")


def peak(process: str = "self") -> int:
    """Return the peak of a process in KiB."""
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    return next((int(line.split()[1]) for line in status if line.startswith("VmHWM")), 0)


def java_peak(stop: threading.Event, found: list[int]) -> None:
    """Keep the highest peak of a Java process that this process started."""
    while not stop.wait(0.5):
        children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text("utf-8")
        for child in children.split():
            try:
                if Path(f"/proc/{child}/comm").read_text("utf-8").strip() == "java":
                    found[0] = max(found[0], peak(child))
            except (OSError, ValueError):
                continue


def inside(words: list[str]) -> None:
    """Run one command in this process and tell time and peak on the error stream."""
    stop, found = threading.Event(), [0]
    watch = threading.Thread(target=java_peak, args=(stop, found), daemon=True)
    watch.start()
    start = time.perf_counter()
    if words[0] == "read":
        columns = words[2].split(",")
        pl.scan_parquet(f"{words[1]}/*.parquet").select(pl.col(columns).max()).collect(
            engine="streaming"
        )
    else:
        from hepatica.cli import main as command

        sys.argv = ["hepatica", *words]
        try:
            command()
        except SystemExit as done:
            if done.code:
                raise
    seconds = time.perf_counter() - start
    stop.set()
    sys.stdout.flush()
    processor = time.process_time()
    print(f"\nmeasured {seconds} {processor} {peak()} {found[0]}", file=sys.stderr)


def measured(*words: str) -> tuple[str, list[float]]:
    """Run one command in a fresh process; return what it printed and its figures."""
    done = subprocess.run(
        [sys.executable, __file__, "--inside", *words], capture_output=True, text=True, check=False
    )
    told = [line for line in done.stderr.splitlines() if line.startswith("measured ")]
    if not told:
        raise SystemExit(done.stderr)
    return done.stdout, [float(one) for one in told[-1].split()[1:]]


def main() -> None:
    """Print the table."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    engines = sys.argv[2:] or ["polars", "duckdb"]
    with tempfile.TemporaryDirectory(prefix="survival-rows-") as place:
        folder = Path(place) / "rows"
        folder.mkdir()
        construct(folder, rows)
        size = sum(one.stat().st_size for one in folder.iterdir())
        print(f"{rows:,} rows, {len(list(folder.iterdir()))} files, {size / 2**20:.0f} MiB, ",
              f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n", sep="")  # fmt: skip
        print("| what | engine | s | processor, s | times plain reading | peak MiB | result |")
        print("|---|---|---|---|---|---|---|", flush=True)
        for name, extra in ASKED.items():
            columns = "AVAL,CNSR,ARM,REGION" + "".join(f",{one}" for one in extra[1:])
            _, read = measured("read", str(folder), columns)
            print(f"| plain reading of {columns} | polars | {read[0]:.2f} | {read[1]:.2f} | 1 | "
                  f"{read[2] / 1024:.0f} | |", flush=True)  # fmt: skip
            first = ""
            for engine in engines:
                text, told = measured("survival", str(folder), *GROUPED, *extra,
                                      "--engine", engine, "--format", "csv")  # fmt: skip
                mark = hashlib.sha256(text.encode()).hexdigest()[:12]
                first = first or mark
                same = "" if mark == first else " (differs)"
                java = f" + {told[3] / 1024:.0f} Java" if told[3] else ""
                print(f"| {name} | {engine} | {told[0]:.2f} | {told[1]:.2f} | "
                      f"{told[0] / read[0]:.1f} | {told[2] / 1024:.0f}{java} | {mark}{same} |",
                      flush=True)  # fmt: skip


if __name__ == "__main__":
    if sys.argv[1:2] == ["--inside"]:
        inside(sys.argv[2:])
    else:
        main()
