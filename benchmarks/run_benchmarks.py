"""Time whole commands, side by side in one run, and write the table of ``docs/performance.md``.

Each command runs in a process of its own, in turn with a bare Python, so that a slow minute of the
machine falls on both. Shown are medians; the ratio to the bare Python carries over to other
machines better than seconds do. Peak memory is VmHWM of the process.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "performance.md"
MARK = "<!-- measured -->"


@dataclass
class Case:
    """A command, how often it runs, and the seconds and MiB of each run."""

    name: str
    words: list[str]
    runs: int
    goal: str
    seconds: list[float] = field(default_factory=list)
    mebibytes: list[float] = field(default_factory=list)


def measure(words: list[str]) -> tuple[float, float]:
    """Return wall seconds and peak memory in MiB of one process."""
    start = time.perf_counter()
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(words)} ended with {process.returncode}")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def cases(folder: Path) -> list[Case]:
    """Return the commands that are measured."""
    hepatica = [sys.executable, "-m", "hepatica"]
    alter = str(ROOT / "studies" / "alter-0802")
    ready = str(ROOT / "tests" / "ready")
    large = str(folder / "large")
    subprocess.run(
        [*hepatica, "simulate", ready, "--patients", "10000", "--out", large],
        check=True,
        capture_output=True,
    )
    return [
        Case("bare Python", [sys.executable, "-c", "pass"], 15, ""),
        Case("`hepatica --help`", [*hepatica, "--help"], 15, "under 0.3 s"),
        Case("`hepatica check`, ALTER-0802", [*hepatica, "check", alter], 5, ""),
        Case(
            "`hepatica run`, ALTER-0802",
            [*hepatica, "run", alter, "--out", str(folder / "alter")],
            5,
            "under 8 s",
        ),
        Case(
            "`hepatica run`, 10,000 constructed patients",
            [*hepatica, "run", large, "--out", str(folder / "run")],
            3,
            "",
        ),
    ]


def table(measured: list[Case]) -> str:
    """Return the measurements as a table."""
    bare = statistics.median(measured[0].seconds)
    lines = [
        "| command | median s | min to max | times a bare Python | peak MiB | goal |",
        "|---|---|---|---|---|---|",
    ]
    for case in measured:
        median = statistics.median(case.seconds)
        span = f"{min(case.seconds):.2f} to {max(case.seconds):.2f}"
        memory = max(case.mebibytes)
        lines.append(
            f"| {case.name} | {median:.2f} | {span} | {median / bare:.0f} | {memory:.0f} "
            f"| {case.goal} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure in turn and write the page."""
    with tempfile.TemporaryDirectory() as name:
        measured = cases(Path(name))
        for turn in range(max(case.runs for case in measured)):
            for case in measured:
                if turn < case.runs:
                    seconds, memory = measure(case.words)
                    case.seconds.append(seconds)
                    case.mebibytes.append(memory)
    text = table(measured)
    where = f"CPython {platform.python_version()}, {os.cpu_count()} cores."
    head = PAGE.read_text(encoding="utf-8").partition(MARK)[0]
    PAGE.write_text(f"{head}{MARK}\n\n{where}\n\n{text}\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
