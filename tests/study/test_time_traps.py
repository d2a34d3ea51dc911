"""A sheet with all that is known only later, carried out to its rows and tables."""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl
import pytest

from hepatica.study.run import run_study

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "analyse"))
from time_trap_sheet import write_study


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("traps")
    run_study(write_study(folder / "study"), folder / "out")
    return folder / "out"


def test_every_analysis_has_its_table_and_none_failed(out: Path) -> None:
    rows = pl.read_parquet(out / "results.parquet")
    assert rows.filter(pl.col("status") == "failed").is_empty()
    for name in ("afp-response", "tace", "later-therapy", "os-landmark"):
        assert (out / "tables" / f"{name}.csv").is_file()


def test_the_report_warns_of_later_groups_without_a_landmark_only(out: Path) -> None:
    page = (out / "report.html").read_text(encoding="utf-8")
    tables = {name: page.split(f'id="{name}-caption"')[1].split("<table")[0:2] for name in
              ("os-later", "os-later-landmark")}  # fmt: skip
    assert "Groups were formed by what happened" in "".join(tables["os-later"])
    assert "Groups were formed by what happened" not in "".join(tables["os-later-landmark"])


def test_the_landmark_and_those_before_it_are_all_patients(out: Path) -> None:
    rows = pl.read_parquet(out / "results.parquet").filter(
        (pl.col("analysis") == "os-landmark") & (pl.col("variable") == "landmark")
    )
    assert rows["value"].sum() == 200


def test_strategies_are_the_same_in_every_run(out: Path) -> None:
    rows = pl.read_parquet(out / "results.parquet")
    found = rows.filter(
        (pl.col("analysis") == "later-therapy")
        & (pl.col("statistic") == "survival_difference")
        & (pl.col("variable") == "")
        & (pl.col("time") < 200)
    )
    assert found["value"].item() == pytest.approx(0.116, abs=0.001)
