"""The portable part of a domain's rules finds the same on Polars and DuckDB."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from hepatica.records import require
from hepatica.records.domains import DOMAINS
from hepatica.records.portable import PortableCheck, check_portable

ENGINES = ("polars", "lazy", "duckdb")


def run(frame: pl.DataFrame, domain: str, engine: str, folder: Path) -> PortableCheck:
    schema = DOMAINS[domain].schema
    if engine != "duckdb":
        return check_portable(frame if engine == "polars" else frame.lazy(), schema, table=domain)
    duckdb = pytest.importorskip("duckdb")
    frame.write_parquet(folder / "frame.parquet")
    with duckdb.connect() as connection:
        relation = connection.read_parquet(str(folder / "frame.parquet"))
        return check_portable(relation, schema, table=domain)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", DOMAINS)
def test_good_tables_pass(collected: Any, name: str, engine: str, tmp_path: Path) -> None:
    frame = require(collected.read()).tables[name].frame
    found = run(frame, name, engine, tmp_path)
    assert found.problems == ()
    assert found.checks >= len(DOMAINS[name].schema.column_names())


@pytest.mark.parametrize("engine", ENGINES)
def test_spoiled_tables_are_told(collected: Any, engine: str, tmp_path: Path) -> None:
    frame = require(collected.read()).tables["TR"].frame
    spoiled = pl.concat([frame, frame.head(1)]).with_columns(
        pl.when(pl.col("TRSEQ") == 2).then(pl.lit("MARKER")).otherwise("TRGRPID").alias("TRGRPID"),
        pl.when(pl.col("TRSEQ") == 3).then(pl.lit("MARKER")).otherwise("TRDTP").alias("TRDTP"),
        pl.when(pl.col("USUBJID") == "C3").then(None).otherwise("USUBJID").alias("USUBJID"),
        pl.lit("1").alias("VISITNUM"),
        (pl.col("TRSEQ") - 1).alias("TRSEQ"),
    ).drop("TRLNKID")  # fmt: skip
    found = run(spoiled, "TR", engine, tmp_path)
    told = {one.rule: (one.found, one.subjects) for one in found.problems}
    assert told.pop("No two rows have the same USUBJID, TRTESTCD, TREVAL, TREVALID, VISITNUM, "
                    "VISIT and TRDTC.")[1] == ("C1",)  # fmt: skip
    assert told == {
        "The table has the column TRLNKID.": ("", ()),
        "VISITNUM holds a number.": ("", ()),
        "Each row names its subject.": ("3 of 17 rows", ()),
        "TRGRPID is one of TARGET, NON-TARGET and NEW.": ("3 of 17 rows", ("C1", "C2")),
        "TRDTP is one of D, M and Y.": ("3 of 17 rows", ("C1", "C2")),
        "TRSEQ is 1 or more, and possible.": ("4 of 17 rows", ("C1", "C2")),
    }
    assert "MARKER" not in repr(found)
    assert found.not_run == (
        "A diameter lies between 0 and 500 mm.",
        "A measurement says which lesion was measured, and when.",
    )
