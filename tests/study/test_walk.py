"""The walk: the command line on whole study folders, and what it leaves behind."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from hepatica.study.run import Finished, run_study
from hepatica.study.simulate import simulate_study

STATUS = (
    "Constructed patients. Their margins were made to equal the printed ones; agreement is by "
    "construction. How markers, response and survival go together is invented. Not for inference, "
    "not for pooling."
)


@pytest.fixture(scope="module")
def alter(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    root = Path(__file__).resolve().parents[2]
    return run_study(root / "tests" / "ready", tmp_path_factory.mktemp("alter") / "out")


@pytest.fixture(scope="module")
def shared_run(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Finished]:
    """Run a study on shared data once, however many tests look at it."""
    root = Path(__file__).resolve().parents[2]

    @cache
    def run(name: str) -> Finished:
        return run_study(root / "studies" / name, tmp_path_factory.mktemp(name) / "out")

    return run


def text_of(report: Path) -> str:
    page = report.read_text(encoding="utf-8")
    body = re.sub(r"<(style|svg|head)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", body)).replace("\u202f", " ")


def rows_of(finished: Finished) -> dict[str, Any]:
    frame = finished.results.to_polars()
    return {
        row["id"]: (row["value"], row["text"], row["status"], row["denominator"])
        for row in frame.to_dicts()
    }


def test_every_output_is_there(alter: Finished) -> None:
    names = {str(path.relative_to(alter.out)) for path in alter.out.rglob("*") if path.is_file()}
    assert {"report.html", "results.parquet", "results.json", "run.json"} <= names
    assert {f"datasets/{name}.parquet" for name in ("adsl", "adtte", "adrs", "adae")} <= names
    assert {"tables/baseline.csv", "figures/overall-survival.svg"} <= names
    recorded = json.loads((alter.out / "run.json").read_text(encoding="utf-8"))["outputs"]
    assert set(recorded) == names - {"run.json"}
    assert alter.failures == ()


@pytest.mark.parametrize(
    "printed",
    [
        ("PFS/first dose/arm/Cohort 1/84/survival", 80.8, 59.8, 91.5),
        ("PFS/first dose/arm/Cohort 1/168/survival", 54.2, 32.4, 71.7),
        ("PFS/first dose/arm/Cohort 2/84/survival", 72.5, 48.6, 86.6),
        ("PFS/first dose/arm/Cohort 2/168/survival", 46.6, 24.4, 66.2),
    ],
    ids=lambda printed: printed[0],
)
def test_the_rates_of_the_publication(
    alter: Finished, printed: tuple[str, float, float, float]
) -> None:
    place, *wanted = printed
    values = {row.id: row.value for row in alter.results}
    stem = f"ALTER-0802/simulated/progression-free-survival/ADTTE/FASFL/{place}"
    found = [round(100 * (values[f"{stem}{limit}"] or 0), 1) for limit in ("", "_lower", "_upper")]
    assert found == wanted


def test_the_verdict_excludes_neither_historical_rate(alter: Finished) -> None:
    verdicts = [row for row in alter.results if row.statistic == "verdict"]
    assert [(row.level, row.text) for row in verdicts] == [
        ("Cohort 1", "not_excluded"),
        ("Cohort 2", "not_excluded"),
    ]
    text = text_of(alter.report)
    assert "65%" in text
    assert "50%" in text


def test_constructed_patients_are_called_so_everywhere(alter: Finished) -> None:
    assert STATUS in text_of(alter.report)
    for path in sorted(alter.out.rglob("*.csv")):
        assert STATUS in path.read_text(encoding="utf-8"), path.name
    for path in sorted(alter.out.rglob("*.svg")):
        assert "Constructed patients" in path.read_text(encoding="utf-8"), path.name
    for path in sorted(alter.out.rglob("*.parquet")):
        assert pl.read_parquet_metadata(path)["status"] == STATUS, path.name
    for name in ("results.json", "run.json"):
        assert "Not for inference" in (alter.out / name).read_text(encoding="utf-8")


def edited(source: Path, target: Path, edits: dict[tuple[str, str, str], dict[str, str]]) -> Path:
    """Copy a study and change cells: (table, subject, parameter) to columns."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("output"))
    for (table, subject, parameter), columns in edits.items():
        path = target / "data" / f"{table}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        hit = [
            row
            for row in rows
            if row["USUBJID"] == subject and row.get("PARAMCD", parameter) == parameter
        ]
        assert len(hit) == 1
        hit[0].update(columns)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    return target


def subject_with(root: Path, table: str, **columns: str) -> str:
    path = root / "tests" / "ready" / "data" / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        found = [
            row["USUBJID"]
            for row in csv.DictReader(file)
            if all(row[name] == value for name, value in columns.items())
        ]
    return sorted(found)[0]


def test_three_altered_patients_change_what_they_should_and_nothing_else(
    alter: Finished, root: Path, tmp_path: Path
) -> None:
    # A woman of cohort 1 becomes a man; the partial response of cohort 1 becomes complete; the
    # progression of cohort 1 on day 24 becomes a censoring on the same day.
    woman = subject_with(root, "adsl", SEX="F", TRT01P="Cohort 1")
    responder = next(
        subject for subject in [subject_with(root, "adrs", AVALC="PR")] if subject[:2] == "S1"
    )
    early = subject_with(root, "adtte", PARAMCD="PFS", AVAL="24")
    edits = {
        ("adsl", woman, ""): {"SEX": "M"},
        ("adrs", responder, "CBOR"): {"AVALC": "CR"},
        ("adtte", early, "PFS"): {
            "CNSR": "1",
            "EVNTDESC": "",
            "CNSDTDSC": "Last tumour assessment",
        },
    }
    study = edited(root / "tests" / "ready", tmp_path / "study", edits)
    changed = run_study(study, tmp_path / "out")
    before, after = rows_of(alter), rows_of(changed)
    differing = {name for name in before | after if before.get(name) != after.get(name)}

    base = "ALTER-0802/simulated/baseline/ADSL/FASFL"
    sex = {
        f"{base}/{level}sex/{label}/{statistic}"
        for level in ("arm/Cohort 1/", "")
        for label in ("Male", "Female")
        for statistic in ("n", "percent")
    }
    best = {
        f"ALTER-0802/simulated/response/ADRS/FASFL/CBOR/{level}best_response/{name}/{statistic}"
        for level in ("arm/Cohort 1/", "")
        for name in ("CR", "PR")
        for statistic in ("n", "percent")
    }
    assert sex | best <= differing
    rest = differing - sex - best
    curve = (
        "ALTER-0802/simulated/progression-free-survival/ADTTE/FASFL/PFS/first dose/arm/Cohort 1/"
    )
    assert all(name.startswith(curve) for name in rest)

    assert after[f"{base}/arm/Cohort 1/sex/Male/n"][0] == 26
    assert after[f"{base}/sex/Female/percent"][0] == pytest.approx(100 * 2 / 50)
    assert after[f"{curve}events"][0] == 20
    # One censored on day 24, then 4 events among 25 before day 84.
    assert after[f"{curve}84/survival"][0] == pytest.approx(21 / 25)
    assert "84.0" in text_of(changed.report)
    assert "84.0" not in text_of(alter.report)


def run_in_process(study: Path, out: Path, *, seed: str, threads: str) -> dict[str, bytes]:
    environment = os.environ | {
        "PYTHONHASHSEED": seed,
        "POLARS_MAX_THREADS": threads,
        "OMP_NUM_THREADS": threads,
        "OPENBLAS_NUM_THREADS": threads,
    }
    command = [sys.executable, "-m", "hepatica", "run", str(study), "--out", str(out), "--quiet"]
    subprocess.run(command, check=True, env=environment, capture_output=True)
    return {
        str(path.relative_to(out)): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file()
    }


def test_two_processes_write_the_same_bytes_for_10_000_patients(root: Path, tmp_path: Path) -> None:
    study = simulate_study(root / "tests" / "ready", 10_000, tmp_path / "study")
    first = run_in_process(study, tmp_path / "first", seed="1", threads="1")
    second = run_in_process(study, tmp_path / "second", seed="2", threads="2")
    assert sorted(first) == sorted(second)
    assert [name for name in first if first[name] != second[name]] == []


def test_a_failing_analysis_is_marked_and_the_rest_is_written(root: Path, tmp_path: Path) -> None:
    study = edited(root / "tests" / "ready", tmp_path / "study", {})
    plan = (study / "study.yaml").read_text(encoding="utf-8")
    nobody = (
        "  - {id: nobody, kind: time_to_event, set: full, endpoint: os, where: {AGE: {gt: 150}}}\n"
    )
    (study / "study.yaml").write_text(plan + nobody, encoding="utf-8")
    command = [sys.executable, "-m", "hepatica", "run", str(study)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert "nobody" in done.stdout
    page = text_of(study / "output" / "report.html")
    assert "holds no patient for this analysis" in page
    assert "80.8" in page


@pytest.mark.shared
@pytest.mark.parametrize("name", ["tcga-lihc", "uci-hcc", "cdisc-onco", "cdisc-adam"])
def test_the_studies_on_shared_data_run(shared_run: Callable[[str], Finished], name: str) -> None:
    finished = shared_run(name)
    assert finished.failures == ()
    assert finished.report.stat().st_size > 100_000


@pytest.mark.shared
def test_tcga_counts_what_the_sheet_holds(shared_run: Callable[[str], Finished]) -> None:
    finished = shared_run("tcga-lihc")
    rows = {row.id: row.value for row in finished.results}
    survival = "TCGA-LIHC/collected/overall-survival/ADTTE/FASFL/OS/diagnosis/arm/Resected/"
    assert [rows[f"{survival}{name}"] for name in ("events", "censored", "missing")] == [
        132,
        244,
        1,
    ]
    stage = "TCGA-LIHC/collected/baseline/ADSL/FASFL/arm/Resected/stage/"
    assert [rows[f"{stage}{name}/n"] for name in ("Stage I", "Stage III", "Missing")] == [
        175,
        86,
        24,
    ]
