"""Constructed patients with printed margins: their files, and what is derived from them."""

from __future__ import annotations

import csv
import json
import shutil
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from hepatica.cli import main
from hepatica.derive.datasets import Datasets, derive_datasets
from hepatica.errors import CommandError, DataError, ProtocolError
from hepatica.study.check import check_study
from hepatica.study.rebuild import RECORD_FILE, TRUTH_FILE, read_rebuild, rebuild_study
from hepatica.study.run import run_study

ROOT = Path(__file__).resolve().parents[2]
STUDY = ROOT / "studies" / "alter-0802"
INPUTS = ("study.yaml", "published.yaml", "construction.yaml", "courses.csv")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    written, subjects = rebuild_study(STUDY, tmp_path_factory.mktemp("rebuilt") / "made")
    assert subjects == 80
    return written


def derived(folder: Path) -> Datasets:
    checked = check_study(folder)
    assert [one.rule for one in checked.records.problems if one.severity == "problem"] == []
    return derive_datasets(
        checked.protocol, {name: one.frame for name, one in checked.records.tables.items()}
    )


@pytest.fixture(scope="module")
def datasets() -> Datasets:
    return derived(STUDY)


@pytest.fixture(scope="module")
def courses() -> pl.DataFrame:
    return read_rebuild(STUDY).courses


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    folder = tmp_path / "study"
    folder.mkdir()
    for name in INPUTS:
        shutil.copy(STUDY / name, folder / name)
    return folder


def test_the_committed_files_are_what_the_command_gives(made: Path) -> None:
    kept = [path.relative_to(STUDY) for path in sorted((STUDY / "data").iterdir())]
    written = [path.relative_to(made) for path in sorted((made / "data").iterdir())]
    assert kept == written
    for name in (*kept, TRUTH_FILE, RECORD_FILE):
        assert (STUDY / name).read_bytes() == (made / name).read_bytes(), name


def test_the_study_maps_every_table_and_the_check_finds_nothing() -> None:
    checked = check_study(STUDY)
    # The print gives no unit of the analytes, so none is constructed, and a note says so.
    found = {(one.severity, one.table, one.rule) for one in checked.records.problems}
    assert found <= {("note", "BM", "The unit of each BMTESTCD is known.")}
    files = {path.stem.upper() for path in (STUDY / "data").iterdir()}
    assert set(checked.protocol.data.tables) == files


def test_the_constructed_study_says_so(made: Path) -> None:
    plan = json.loads((made / "study.yaml").read_text(encoding="utf-8"))
    assert plan["study"]["data_status"] == "constructed"
    assert "Not for inference" in plan["study"]["status_note"]
    record = json.loads((made / RECORD_FILE).read_text(encoding="utf-8"))
    assert record["seed"] == 802
    assert record["generator"] == "hepatica simulate --published"
    assert set(record["tables"]) >= {"data/tr.csv", TRUTH_FILE}
    assert TRUTH_FILE not in str(plan["data"])


@pytest.mark.parametrize(
    ("parameter", "days", "end", "ends"),
    [
        ("PFS", "pfs_days", "pfs_end", ("progression", "death")),
        ("TTP", "pfs_days", "pfs_end", ("progression",)),
        ("OS", "os_days", "os_end", ("death",)),
    ],
)
def test_times_come_back_from_the_collected_tables(
    datasets: Datasets,
    courses: pl.DataFrame,
    parameter: str,
    days: str,
    end: str,
    ends: tuple[str, ...],
) -> None:
    times = datasets["ADTTE"].filter(pl.col("PARAMCD") == parameter).sort("USUBJID")
    wanted = courses.select("USUBJID", days, pl.col(end).is_in(ends).alias("event"))
    found = times.select(
        "USUBJID", pl.col("AVAL").cast(pl.Int64).alias(days), (pl.col("CNSR") == 0).alias("event")
    )
    assert found.rows() == wanted.rows()


def test_best_responses_come_back_from_the_diameters(
    datasets: Datasets, courses: pl.DataFrame
) -> None:
    best = datasets["ADRS"].filter(
        (pl.col("PARAMCD") == "CBOR") & pl.col("USUBJID").is_in(courses["USUBJID"].implode())
    )
    wanted = courses.select("USUBJID", "best_response").rows()
    assert best.sort("USUBJID").select("USUBJID", "AVALC").rows() == wanted


def test_treatment_comes_back_from_the_doses(datasets: Datasets, courses: pl.DataFrame) -> None:
    treated = datasets["ADSL"].filter(pl.col("ENRLFL") == "Y").sort("USUBJID")
    assert treated["TRTDURD"].to_list() == courses["treatment_days"].to_list()
    ongoing = (treated["EOTSTT"] == "ONGOING").to_list()
    assert ongoing == (courses["on_treatment"] == "Y").to_list()
    lowest = datasets["ADEX"].filter(pl.col("PARAMCD") == "LDOSE")["AVAL"].to_list()
    assert (lowest.count(10.0), lowest.count(12.0)) == (14, 36)


def test_screening_failures_have_reasons_and_no_dose(datasets: Datasets) -> None:
    failed = datasets["ADSL"].filter(pl.col("ENRLFL") == "N")
    assert len(failed) == 30
    assert failed["SCRFREAS"].null_count() == 0
    assert failed["TRTSDT"].null_count() == 30


def test_nothing_is_dated_after_the_cut_off() -> None:
    for path in sorted((STUDY / "data").iterdir()):
        table = pl.read_csv(path, infer_schema=False)
        for name in table.columns:
            if name.endswith("DTC"):
                assert (table[name].max() or "") <= "2019-12-18", (path.name, name)


def test_every_death_has_a_cause_and_the_fatal_event_is_one(datasets: Datasets) -> None:
    dead = datasets["ADSL"].filter(pl.col("DTHFL") == "Y")
    assert dead["DTHCAUS"].null_count() == 0
    fatal = datasets["ADAE"].filter(pl.col("ATOXGR").cast(pl.Int64) == 5)
    named = dead.filter(pl.col("USUBJID").is_in(fatal["USUBJID"].implode()))
    assert named["DTHCAUS"].to_list() == fatal["AEDECOD"].to_list() == ["Bleeding"]


def test_the_printed_numbers_come_out_of_the_collected_tables(tmp_path: Path) -> None:
    """Whatever differs is a misprint, or is about what nobody recorded."""
    finished = run_study(STUDY, tmp_path / "out")
    assert finished.failures == ()
    told = json.loads((tmp_path / "out" / "published.json").read_text(encoding="utf-8"))
    verdicts = Counter(one["verdict"] for one in told["numbers"])
    assert set(verdicts) <= {"equal", "misprint", "not_in_data"}
    assert verdicts["equal"] > 700
    assert verdicts["not_in_data"] <= 2


def change(folder: Path, table: str, edit: Callable[[dict[str, str]], None]) -> None:
    path = folder / "data" / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        edit(row)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def altered(datasets: Datasets, other: Datasets) -> set[tuple[str, str]]:
    """Return dataset and subject wherever a record differs."""
    return {
        (name, subject)
        for name, frame in datasets.items()
        for subject in frame["USUBJID"].unique().to_list()
        if not frame.filter(pl.col("USUBJID") == subject).equals(
            other[name].filter(pl.col("USUBJID") == subject)
        )
    }


def test_altered_lesions_doses_and_events_change_their_patient_alone(
    datasets: Datasets, courses: pl.DataFrame, tmp_path: Path
) -> None:
    folder = tmp_path / "study"
    shutil.copytree(STUDY, folder, ignore=shutil.ignore_patterns("output", "simulated"))
    stable = courses.filter(
        (pl.col("best_response") == "SD") & (pl.col("pfs_end") == "progression")
    )["USUBJID"].to_list()
    grown, dosed, hurt = stable[0], stable[1], stable[2]
    first = (
        datasets["ADRS"]
        .filter((pl.col("USUBJID") == grown) & (pl.col("PARAMCD") == "OVR"))
        .sort("ADT")
    )
    visit = first["AVISIT"][0]
    assert first["AVALC"][0] == "SD"

    def grow(row: dict[str, str]) -> None:
        if row["USUBJID"] == grown and row["VISIT"] == visit and row["TRSTRESN"]:
            row["TRSTRESN"] = row["TRSTRESC"] = str(2 * float(row["TRSTRESN"]))

    def lower(row: dict[str, str]) -> None:
        if row["USUBJID"] == dosed and row["EXSEQ"] == "1":
            row["EXDOSE"] = "8.0"

    def worsen(row: dict[str, str]) -> None:
        if row["USUBJID"] == hurt and row["AESEQ"] == "1":
            row["AETOXGR"], row["AESEV"] = "4", "LIFE THREATENING"

    change(folder, "tr", grow)
    change(folder, "ex", lower)
    change(folder, "ae", worsen)
    changed = derived(folder)
    found = altered(datasets, changed)
    assert {subject for _, subject in found} == {grown, dosed, hurt}
    assert {("ADTR", grown), ("ADRS", grown), ("ADTTE", grown)} <= found
    assert {name for name, subject in found if subject == dosed} == {"ADEX"}
    assert {name for name, subject in found if subject == hurt} == {"ADAE"}

    def value(frame: pl.DataFrame, subject: str, parameter: str, column: str) -> Any:
        chosen = (pl.col("USUBJID") == subject) & (pl.col("PARAMCD") == parameter)
        return frame.filter(chosen)[column][0]

    assert value(changed["ADTTE"], grown, "PFS", "ADT") == first["ADT"][0]
    assert value(changed["ADRS"], grown, "CBOR", "AVALC") == "PD"
    assert value(changed["ADEX"], dosed, "LDOSE", "AVAL") == 8.0


def test_another_seed_keeps_the_courses_and_draws_others(
    inputs: Path, made: Path, datasets: Datasets
) -> None:
    plan = (inputs / "study.yaml").read_text(encoding="utf-8")
    (inputs / "study.yaml").write_text(plan.replace("seed: 802", "seed: 803"), encoding="utf-8")
    other, _ = rebuild_study(inputs, inputs / "other")
    assert (other / "data" / "tr.csv").read_bytes() != (made / "data" / "tr.csv").read_bytes()
    shown = ("USUBJID", "PARAMCD", "ADT", "AVAL", "CNSR")
    by_course = pl.col("PARAMCD").is_in(["PFS", "TTP", "OS"])
    times = [one["ADTTE"].filter(by_course).select(shown) for one in (derived(other), datasets)]
    assert times[0].equals(times[1])


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ("published.yaml", "It holds the printed numbers"),
        ("construction.yaml", "the publication does not print"),
        ("courses.csv", "one row for each patient"),
    ],
)
def test_a_missing_file_is_named_with_what_it_holds(inputs: Path, missing: str, said: str) -> None:
    (inputs / missing).unlink()
    with pytest.raises(CommandError, match=missing) as refused:
        rebuild_study(inputs, inputs / "out")
    assert said in str(refused.value)
    assert not (inputs / "out").exists()


def test_an_impossible_course_stops_before_anything_is_written(inputs: Path) -> None:
    rows = pl.read_csv(inputs / "courses.csv", infer_schema=False)
    first = rows["USUBJID"][0]
    rows = rows.with_columns(
        os_days=pl.when(pl.col("USUBJID") == first).then(pl.lit("2")).otherwise("os_days")
    )
    rows.write_csv(inputs / "courses.csv")
    with pytest.raises(DataError) as refused:
        rebuild_study(inputs, inputs / "out")
    assert all(first in one.subjects for one in refused.value.problems)
    assert not (inputs / "out").exists()


def test_faults_of_the_construction_are_faults_of_a_protocol(inputs: Path) -> None:
    with (inputs / "construction.yaml").open("a", encoding="utf-8") as file:
        file.write("\nsites: 3\n")
    with pytest.raises(ProtocolError, match="Did you mean 'site'"):
        rebuild_study(inputs, inputs / "out")


@pytest.mark.parametrize(
    ("file", "right", "wrong", "said"),
    [
        ("published.yaml", "analysis: baseline", "analysis: basline", "Did you mean 'baseline'"),
        ("published.yaml", 'levels: ["", Cohort 1,', 'levels: ["", Cohort 9,', "no group"),
        ("published.yaml", "Male:", "Mann:", "no level 'Mann'"),
        ("published.yaml", "study: ALTER-0802", "study: OTHER", "Write the same id"),
        ("construction.yaml", "reductions: {cohort-1: 8", "reductions: {cohort-1: -8", "-8"),
        ("construction.yaml", "consent_days: [3, 21]", "consent_days: [21, 3]", "the least and"),
    ],
)
def test_names_and_ranges_are_checked_before_anything_is_constructed(
    inputs: Path, file: str, right: str, wrong: str, said: str
) -> None:
    text = (inputs / file).read_text(encoding="utf-8")
    assert right in text
    (inputs / file).write_text(text.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(ProtocolError, match=said):
        read_rebuild(inputs)


@pytest.mark.parametrize("place", ["baseline: {cohort-1:", "dose_reductions: {cohort-1:"])
def test_an_arm_that_is_not_there_is_named(inputs: Path, place: str) -> None:
    text = (inputs / "construction.yaml").read_text(encoding="utf-8")
    wrong = text.replace(place, place.replace("cohort-1", "cohort-x"), 1)
    assert wrong != text
    (inputs / "construction.yaml").write_text(wrong, encoding="utf-8")
    with pytest.raises(CommandError, match=r"'cohort-x' under .*Write one of: cohort-1, cohort-2"):
        read_rebuild(inputs)


def test_first_line_therapy_starts_before_the_first_dose(inputs: Path) -> None:
    rows = pl.read_csv(inputs / "courses.csv", infer_schema=False)
    wrong = pl.when(pl.col("USUBJID") == "S2-14").then(pl.lit("-20")).otherwise("first_line_days")
    rows.with_columns(first_line_days=wrong).write_csv(inputs / "courses.csv")
    with pytest.raises(DataError) as refused:
        read_rebuild(inputs)
    assert [(one.column, one.subjects) for one in refused.value.problems] == [
        ("first_line_days", ("S2-14",))
    ]


def command(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["hepatica", "simulate", *words])
    with pytest.raises(SystemExit) as stopped:
        main()
    return int(stopped.value.code or 0)


def test_the_command_writes_the_study_and_replaces_its_own(
    inputs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = inputs / "out"
    for _ in range(2):
        assert command(monkeypatch, str(inputs), "--published", "--out", str(out)) == 0
        assert "80 constructed patients" in capsys.readouterr().out
    (out / "data" / "dm.csv").write_text("mine\n", encoding="utf-8")
    assert command(monkeypatch, str(inputs), "--published", "--out", str(out)) == 2
    assert "dm.csv" in capsys.readouterr().out


@pytest.mark.parametrize(
    "option",
    [("--patients", "5"), ("--collected",), ("--tables", "parquet")],
    ids=lambda one: one[0],
)
def test_the_command_refuses_options_that_do_not_apply(
    inputs: Path,
    option: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert command(monkeypatch, str(inputs), "--published", *option) == 2
    assert "--published takes its patients" in capsys.readouterr().out.replace("\n", " ")
