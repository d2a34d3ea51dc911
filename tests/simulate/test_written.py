"""Constructed studies of collected tables on disk: same bytes, and nothing for `check` to find."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from hepatica.protocol.model import Protocol
from hepatica.records import read_records
from hepatica.study.run import run_study
from hepatica.study.simulate import simulate_collected_study

STUDIES = Path(__file__).resolve().parents[2] / "studies"


def hepatica(*words: str, seed: str = "0", threads: str = "2") -> None:
    environment = os.environ | {"PYTHONHASHSEED": seed, "POLARS_MAX_THREADS": threads}
    subprocess.run(
        [sys.executable, "-m", "hepatica", *words],
        check=True,
        capture_output=True,
        env=environment,
    )


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize("tables", ["csv", "parquet"])
def test_two_processes_write_the_same_bytes(tmp_path: Path, tables: str) -> None:
    words = ("simulate", str(STUDIES / "alter-0802"), "--patients", "500", "--collected")
    words = (*words, "--tables", tables)
    hepatica(*words, "--out", str(tmp_path / "one"), seed="1", threads="1")
    hepatica(*words, "--out", str(tmp_path / "two"), seed="2", threads="2")
    one, two = contents(tmp_path / "one"), contents(tmp_path / "two")
    assert f"data/tr.{tables}" in one
    assert "truth.parquet" in one
    assert sorted(one) == sorted(two)
    assert [name for name in one if one[name] != two[name]] == []


@pytest.mark.parametrize("name", ["alter-0802", "tcga-lihc", "cdisc-onco"])
@pytest.mark.parametrize("patients", [1, 300])
def test_nothing_is_wrong_with_the_written_tables(tmp_path: Path, name: str, patients: int) -> None:
    made = simulate_collected_study(STUDIES / name, patients, tmp_path / "made")
    plan = Protocol.model_validate(json.loads((made / "study.yaml").read_text(encoding="utf-8")))
    assert plan.study.data_status == "constructed"
    assert plan.study.data_cut_off is not None
    records = read_records(plan, made)
    assert [one for one in records.problems if one.severity == "problem"] == []
    assert set(records.tables) == set(plan.data.tables)
    truth = pl.read_parquet(made / "truth.parquet")
    assert truth.height == records.tables["DM"].rows == patients


def test_an_earlier_constructed_study_is_replaced(tmp_path: Path) -> None:
    simulate_collected_study(STUDIES / "alter-0802", 5, tmp_path / "made")
    simulate_collected_study(STUDIES / "alter-0802", 7, tmp_path / "made", tables="parquet")
    names = {path.suffix for path in (tmp_path / "made" / "data").iterdir()}
    assert names == {".parquet"}


def test_a_hundred_thousand_patients_fit_into_3_gib(tmp_path: Path) -> None:
    out = tmp_path / "made"
    words = ("simulate", str(STUDIES / "alter-0802"), "--patients", "100000", "--collected")
    command = [sys.executable, "-m", "hepatica", *words, "--tables", "parquet", "--out", str(out)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    assert usage.ru_maxrss < 3 * 1024**2
    lesions = pl.scan_parquet(out / "data" / "tr.parquet").select(pl.len()).collect().item()
    assert 1_500_000 < lesions < 2_500_000


def test_a_constructed_study_runs_to_its_report(tmp_path: Path) -> None:
    made = simulate_collected_study(STUDIES / "alter-0802", 150, tmp_path / "made")
    finished = run_study(made)
    assert finished.failures == ()
    assert {row.origin for row in finished.results} == {"simulated"}
    page = finished.report.read_text(encoding="utf-8")
    assert "Constructed patients" in page
