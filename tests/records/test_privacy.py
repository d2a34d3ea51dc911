"""A marker planted in every column of every table appears in no message."""

from __future__ import annotations

import io
import itertools
from typing import Any

import openpyxl
import polars as pl
import pyreadstat
import pytest

from hepatica.errors import DataError
from hepatica.records import Records, require

MARKER = "ZQXMARKER77"
COLUMNS = {
    "ADSL": ["TRT01P", "FASFL", "AGE", "STAGE", "AFP", "TRTSDT", "DTHFL", "DTHDT"],
    "ADTTE": ["PARAMCD", "AVAL", "CNSR", "STARTDT", "ADT", "EVNTDESC", "CNSDTDSC"],
    "ADRS": ["PARAMCD", "AVALC", "ADT"],
    "ADAE": ["AEDECOD", "AETOXGR", "TRTEMFL", "ASTDT"],
}
FREE_TEXT = {("ADTTE", "EVNTDESC"), ("ADTTE", "CNSDTDSC"), ("ADAE", "AEDECOD"), ("ADSL", "DTHFL")}
PLACES = [(table, column) for table, columns in COLUMNS.items() for column in columns]


def every_word(records: Records) -> str:
    words = [repr(problem) for problem in records.problems]
    try:
        require(records)
    except DataError as error:
        words += [str(error), repr(error)]
    return "\n".join(words)


def as_xlsx(rows: list[dict[str, str]]) -> bytes:
    book = openpyxl.Workbook()
    for row in (list(rows[0]), *(list(one.values()) for one in rows)):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_parquet(rows: list[dict[str, str]]) -> bytes:
    out = io.BytesIO()
    pl.DataFrame(rows).write_parquet(out)
    return out.getvalue()


def plant(study: Any, table: str, column: str) -> None:
    for row in study.tables[table]:
        row[column] = f"{row[column]}{MARKER}"


def test_all_columns_are_planted(study: Any) -> None:
    for table, rows in study.tables.items():
        assert ["USUBJID", *COLUMNS[table]] == list(rows[0])


@pytest.mark.parametrize(("table", "column"), PLACES)
def test_no_message_holds_a_value_of_a_text_file(study: Any, table: str, column: str) -> None:
    plant(study, table, column)
    records = study.read()
    assert records.problems or (table, column) in FREE_TEXT
    assert MARKER not in every_word(records)


@pytest.mark.parametrize("ending", ["xlsx", "parquet", "xpt"])
@pytest.mark.parametrize("table", COLUMNS)
def test_no_message_holds_a_value_of_a_binary_file(study: Any, table: str, ending: str) -> None:
    for column in COLUMNS[table]:
        plant(study, table, column)
    rows = study.tables[table]
    if ending == "xpt":
        path = study.folder / "made.xpt"
        pyreadstat.write_xport(pl.DataFrame(rows), path, file_format_version=5)
        data = path.read_bytes()
    else:
        data = as_xlsx(rows) if ending == "xlsx" else as_parquet(rows)
    for n, content in enumerate((data, data[:-30], data[: len(data) // 2])):
        study.put(table, content, f"{table.lower()}{n}.{ending}")
        records = study.read()
        assert records.problems
        assert MARKER not in every_word(records)


@pytest.mark.parametrize("table", COLUMNS)
def test_no_message_holds_a_value_of_a_broken_text_file(study: Any, table: str) -> None:
    for column in COLUMNS[table]:
        plant(study, table, column)
    text = study.text(table)
    body = text.split("\n", 1)[1]
    lines = text.splitlines()
    broken = {
        "no header": body,
        "ragged": text.replace("\n", f",{MARKER}\n", 3).replace(f",{MARKER}", "", 1),
        "quotation": text.replace(MARKER, f'"{MARKER}', 1),
        "encoding": text.replace(MARKER, f"{MARKER}é", 1).encode("latin-1"),
        "repeated values as header": f"{MARKER},{MARKER}\n{body}",
        "semicolons": text.replace(",", ";"),
        "control": text.replace(MARKER, f"{MARKER}\x01"),
        "one line": lines[1],
        "spaces": body.replace(",", " "),
    }
    for content in broken.values():
        study.put(table, content)
        records = study.read()
        assert records.problems
        assert MARKER not in every_word(records)


def test_subjects_are_named(study: Any) -> None:
    study.tables["ADSL"][0]["AGE"] = MARKER
    (problem,) = study.read().problems
    assert problem.subjects == ("S1-01",)


def test_the_marker_can_be_found(study: Any) -> None:
    study.tables["ADTTE"][0]["USUBJID"] = MARKER
    assert MARKER in every_word(study.read())


def test_every_place_is_tested_once() -> None:
    assert len(PLACES) == len(set(PLACES)) == sum(map(len, COLUMNS.values()))
    assert not set(FREE_TEXT) - set(itertools.chain(PLACES))
