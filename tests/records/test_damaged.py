"""Damaged files: every one is read or told, none ends in another error."""

from __future__ import annotations

import io
import random
from typing import Any

import openpyxl
import polars as pl
import pyreadstat
import pytest

SEED = 20191218


def workbook(frame: pl.DataFrame) -> bytes:
    book = openpyxl.Workbook()
    book.active.append(frame.columns)
    for row in frame.iter_rows():
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("ending", ["csv", "xlsx", "xpt"])
def test_damaged_files_are_read_or_told(study: Any, ending: str) -> None:
    frame = pl.DataFrame(study.tables["ADTTE"])
    if ending == "xpt":
        path = study.folder / "made.xpt"
        pyreadstat.write_xport(frame, path, file_format_version=5)
        whole = path.read_bytes()
    else:
        whole = workbook(frame) if ending == "xlsx" else study.text("ADTTE").encode()
    draw = random.Random(SEED)
    told = 0
    for n in range(40):
        damaged = bytearray(whole)
        for _ in range(draw.choice([1, 4, 40])):
            damaged[draw.randrange(len(damaged))] = draw.randrange(256)
        study.put("ADTTE", bytes(damaged[: draw.randrange(len(damaged))] if n % 4 else damaged))
        study.mapping["data"]["tables"]["ADTTE"]["file"] = f"adtte.{ending}"
        told += any(one.table == "ADTTE" for one in study.read().problems)
    assert told > 25


def test_a_header_of_a_transport_file_that_makes_no_sense(study: Any) -> None:
    path = study.folder / "made.xpt"
    pyreadstat.write_xport(pl.DataFrame(study.tables["ADTTE"]), path, file_format_version=5)
    whole = path.read_bytes()
    at = whole.index(b"HEADER RECORD*******NAM") + 50
    study.put("ADTTE", whole[:at] + b"\xc5" + whole[at + 1 :], "adtte.xpt")
    (problem,) = study.read().problems
    assert problem.rule == "The file is whole."


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet"])
def test_a_column_named_as_the_number_of_the_row(study: Any, ending: str) -> None:
    frame = pl.DataFrame(study.tables["ADTTE"]).with_columns(pl.lit("x").alias("__row__"))
    out = io.BytesIO()
    frame.write_parquet(out)
    made = {"csv": frame.write_csv().encode(), "xlsx": workbook(frame), "parquet": out.getvalue()}
    study.put("ADTTE", made[ending], f"adtte.{ending}")
    (problem,) = study.read().problems
    assert problem.rule == "No column is named __row__."
