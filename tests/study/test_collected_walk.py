"""The walk from collected tables: the command line on a constructed trial, altered by hand."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from hepatica.study.run import Finished, run_study
from hepatica.study.simulate import simulate_collected_study


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    folder = tmp_path_factory.mktemp("collected") / "study"
    simulate_collected_study(request.config.rootpath / "studies" / "alter-0802", 60, folder)
    return folder


@pytest.fixture(scope="module")
def finished(study: Path, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    return run_study(study, tmp_path_factory.mktemp("run") / "out", transport=True)


def test_every_dataset_is_derived_and_written(finished: Finished) -> None:
    names = {path.stem for path in (finished.out / "datasets").iterdir()}
    assert names == {
        *("adsl", "adtr", "adrs", "adtte", "adex", "adae", "adlb", "adcm", "adbm", "addv"),
    }
    assert names <= {path.stem for path in (finished.out / "xpt").iterdir()}
    assert finished.failures == ()


def test_each_record_says_where_it_comes_from(finished: Finished) -> None:
    adtte = pl.read_parquet(finished.out / "datasets" / "adtte.parquet")
    assert adtte.select(pl.col("SRCDOM", "SRCVAR").null_count()).row(0) == (0, 0)
    told = adtte.select(pl.coalesce("EVNTDESC", "CNSDTDSC").null_count()).item()
    assert told == 0
    adrs = pl.read_parquet(finished.out / "datasets" / "adrs.parquet")
    assert adrs.filter(pl.col("PARAMCD") == "OVR")["RULE"].null_count() == 0


def edited(study: Path, target: Path, table: str, change: Any) -> Path:
    """Copy the study with the rows of one table changed by a function."""
    (target / "data").mkdir(parents=True)
    for path in [study / "study.yaml", *sorted((study / "data").iterdir())]:
        (target / path.relative_to(study)).write_bytes(path.read_bytes())
    path = target / "data" / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    head = list(rows[0])
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, head)
        writer.writeheader()
        writer.writerows(change(rows))
    return target


def values(finished: Finished) -> dict[str, float | None]:
    return {row.id: row.value for row in finished.results}


def test_lesions_that_vanish_become_a_complete_response_of_that_patient_alone(
    study: Path, finished: Finished, tmp_path: Path
) -> None:
    adrs = pl.read_parquet(finished.out / "datasets" / "adrs.parquet")
    best = adrs.filter((pl.col("PARAMCD") == "BOR") & (pl.col("AVALC") == "PR"))
    tu = pl.read_csv(study / "data" / "tu.csv", infer_schema_length=0)
    nodes = set(tu.filter(pl.col("TULOC") == "LYMPH NODE")["USUBJID"])
    new = set(tu.filter(pl.col("TUORRES") == "NEW")["USUBJID"])
    subject = next(one for one in best["USUBJID"].to_list() if one not in nodes | new)
    first = adrs.filter(
        (pl.col("USUBJID") == subject) & (pl.col("PARAMCD") == "OVR") & (pl.col("AVALC") == "PR")
    )["ADT"].min()

    def vanish(rows: list[dict[str, str]]) -> list[dict[str, str]]:
        for row in rows:
            if row["USUBJID"] == subject and row["TRDTC"] >= str(first):
                if row["TRTESTCD"] == "TUMSTATE":
                    row["TRSTRESC"] = "ABSENT"
                else:
                    row["TRSTRESC"] = row["TRSTRESN"] = "0"
        return rows

    changed = run_study(edited(study, tmp_path / "study", "tr", vanish), tmp_path / "out")
    after = pl.read_parquet(changed.out / "datasets" / "adrs.parquet")
    bor = {
        row["USUBJID"]: row["AVALC"]
        for row in after.filter(pl.col("PARAMCD") == "BOR").iter_rows(named=True)
    }
    before = {
        row["USUBJID"]: row["AVALC"]
        for row in adrs.filter(pl.col("PARAMCD") == "BOR").iter_rows(named=True)
    }
    assert {one for one in bor if bor[one] != before[one]} == {subject}
    assert bor[subject] == "CR"


def test_an_adverse_event_taken_out_lowers_its_counts_by_one(
    study: Path, finished: Finished, tmp_path: Path
) -> None:
    adae = pl.read_parquet(finished.out / "datasets" / "adae.parquet")
    emergent = adae.filter(pl.col("TRTEMFL") == "Y")
    pairs = Counter(zip(emergent["USUBJID"], emergent["AEDECOD"], strict=True))
    patients = Counter(emergent["USUBJID"])
    subject, term = next(
        pair for pair, n in sorted(pairs.items()) if n == 1 and patients[pair[0]] > 1
    )

    def without(rows: list[dict[str, str]]) -> list[dict[str, str]]:
        return [row for row in rows if (row["USUBJID"], row["AEDECOD"]) != (subject, term)]

    changed = values(run_study(edited(study, tmp_path / "study", "ae", without), tmp_path / "out"))
    name = f"ALTER-0802/simulated/adverse-events/ADAE/SAFFL/any/{term}/n"
    assert (changed.get(name) or 0) == (values(finished)[name] or 0) - 1


def test_the_run_records_what_it_was_made_from(finished: Finished) -> None:
    record = json.loads((finished.out / "run.json").read_text(encoding="utf-8"))
    assert {one["table"] for one in record["inputs"]} >= {"DM", "EX", "TU", "TR", "AE"}
    assert record["data_status"] == "constructed"
