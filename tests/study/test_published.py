"""A run beside ``published.yaml``: told when faulty, compared when not, and never computed from."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hepatica.study.run import Finished, run_study

READY = Path(__file__).resolve().parents[1] / "ready"

PRINTED = """\
study: ALTER-0802
citation: A journal
numbers:
  - place: Table 2
    analysis: progression-free-survival
    time: 12 weeks
    levels: [Cohort 1, Cohort 2]
    statistics: [survival, survival_lower, survival_upper]
    made: fitted
    cells:
      - "80.8% (59.8%, 91.5%)"
      - printed: "72.5% (48.7%, 86.6%)"
        survival_lower: {misprint: Out of reach., possible: 48.6%}
"""

PLAN = """\
analyses:
  - {id: progression-free-survival, kind: time_to_event, set: full, endpoint: pfs, figure: false}
"""


def study(folder: Path, printed: str = "") -> Path:
    shutil.copytree(READY, folder)
    text = (folder / "study.yaml").read_text(encoding="utf-8")
    (folder / "study.yaml").write_text(text[: text.index("analyses:")] + PLAN, encoding="utf-8")
    if printed:
        (folder / "published.yaml").write_text(printed, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Finished, Finished]:
    root = tmp_path_factory.mktemp("printed")
    return run_study(study(root / "with", PRINTED)), run_study(study(root / "without"))


def files(run: Finished) -> dict[str, bytes]:
    return {
        str(path.relative_to(run.out)): path.read_bytes()
        for path in sorted(run.out.rglob("*"))
        if path.is_file()
    }


def test_no_result_changes_with_what_is_printed(runs: tuple[Finished, Finished]) -> None:
    beside, alone = files(runs[0]), files(runs[1])
    more = {"published.json", "tables/printed-table-2.csv", "tables/printed-exceptions.csv"}
    assert set(beside) - set(alone) == more
    changed = {name for name in alone if alone[name] != beside[name]}
    assert changed == {"report.html", "run.json"}


def test_the_record_of_the_run_names_the_file(runs: tuple[Finished, Finished]) -> None:
    beside, alone = (json.loads(files(run)["run.json"])["published_sha256"] for run in runs)
    assert beside == hashlib.sha256(PRINTED.encode()).hexdigest()
    assert alone is None
    assert beside[:12] in files(runs[0])["report.html"].decode()


def test_results_do_not_hold_a_printed_row(runs: tuple[Finished, Finished]) -> None:
    assert {row.origin for row in runs[0].results} == {"simulated"}


def test_the_summary_counts_what_is_equal(runs: tuple[Finished, Finished]) -> None:
    assert runs[0].summary.endswith(" result rows, 5 of 6 printed numbers equal")
    assert runs[1].summary.endswith(" result rows")


def test_the_comparison_is_among_the_outputs(runs: tuple[Finished, Finished]) -> None:
    record = json.loads(files(runs[0])["published.json"])
    verdicts = [entry["verdict"] for entry in record["numbers"]]
    assert verdicts == ["equal"] * 4 + ["misprint", "equal"]
    assert {entry["row"]["origin"] for entry in record["numbers"]} == {"published"}


@pytest.mark.parametrize("command", ["check", "run"])
def test_faults_end_a_command_with_all_of_them(tmp_path: Path, command: str) -> None:
    spoiled = PRINTED.replace("Cohort 2]", "Cohort 9]").replace("survival_upper]", "survival_top]")
    folder = study(tmp_path / "study", spoiled)
    done = subprocess.run(
        [sys.executable, "-m", "hepatica", command, str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    told = done.stdout + done.stderr
    assert done.returncode == 2
    assert "published.yaml" in told
    assert "There is no statistic 'survival_top'" in told
    assert "line 8" in told
    assert "The analysis has no group 'Cohort 9'" in " ".join(told.split())
    assert not (folder / "output").exists()
