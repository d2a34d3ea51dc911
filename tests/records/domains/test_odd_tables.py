"""Columns that are missing or of another type end in messages, never in an error of an engine."""

from __future__ import annotations

import io
from typing import Any

import polars as pl
import pytest

from hepatica.records import read_records
from hepatica.records.domains import DOMAINS

RELATED = ("DM", "EX", "TU", "TR", "RS")


def few(study: Any, table: str) -> None:
    tables = study.mapping["data"]["tables"]
    study.mapping["data"]["tables"] = {
        name: source for name, source in tables.items() if name in (*RELATED, table)
    }


@pytest.mark.parametrize("table", DOMAINS)
def test_each_column_can_be_missing(collected: Any, table: str) -> None:
    few(collected, table)
    rows = collected.tables[table]
    required = {one for one, told in DOMAINS[table].columns().items() if told.get("required")}
    for column in list(rows[0]):
        collected.tables[table] = [
            {name: value for name, value in row.items() if name != column} for row in rows
        ]
        found = [one.column for one in collected.read().problems if one.table == table]
        assert (column in found) or column not in required


@pytest.mark.parametrize("kind", [pl.Int32, pl.Float32, pl.Boolean, pl.Date, pl.Null, pl.List])
def test_each_column_can_be_of_another_type(collected: Any, kind: Any) -> None:
    collected.write()
    folder = collected.folder / "data"
    for table in DOMAINS:
        frame = pl.DataFrame(collected.tables[table])
        others = [name for name in frame.columns if name != "USUBJID"]
        dtype = pl.List(pl.String) if kind == pl.List else kind
        frame = frame.with_columns(
            (pl.lit(None, dtype) if kind in (pl.Null, pl.List) else pl.lit(1).cast(dtype)).alias(
                name
            )
            for name in others
        )
        out = io.BytesIO()
        frame.write_parquet(out)
        (folder / f"{table}.parquet").write_bytes(out.getvalue())
        collected.mapping["data"]["tables"][table]["file"] = f"{table}.parquet"
    records = read_records(collected.protocol(), collected.folder)
    assert set(records.tables) == set(DOMAINS)


@pytest.mark.parametrize("table", ["DM", "TR"])
def test_a_missing_subject_column_is_told_once(collected: Any, table: str) -> None:
    for row in collected.tables[table]:
        row["SUBJ"] = row.pop("USUBJID")
    assert [(one.table, one.column) for one in collected.read().problems] == [(table, "USUBJID")]
