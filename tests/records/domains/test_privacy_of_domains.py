"""A marker planted in every column of every domain appears in no message, unless asked for."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

from hepatica.cli.app import app
from hepatica.errors import DataError
from hepatica.records import Records, read_records, require
from hepatica.records.domains import DOMAINS

MARKER = "ZQXMARKER77"
#: Tables that rules across tables read besides the one that is spoiled.
RELATED = ("DM", "EX", "TU", "TR", "RS", "AE")


def every_word(records: Records) -> str:
    words = [repr(problem) for problem in records.problems]
    try:
        require(records)
    except DataError as error:
        words += [str(error), repr(error)]
    return "\n".join(words)


def plant(study: Any, table: str, column: str) -> None:
    for row in study.tables[table]:
        row[column] = f"{row[column]}{MARKER}"


@pytest.mark.parametrize("table", DOMAINS)
def test_no_message_holds_a_value(collected: Any, table: str) -> None:
    columns = [one for one in collected.tables[table][0] if one != "USUBJID"]
    tables = collected.mapping["data"]["tables"]
    collected.mapping["data"]["tables"] = {
        name: source for name, source in tables.items() if name in (*RELATED, table)
    }
    good = {table: [dict(row) for row in collected.tables[table]]}
    spoiled = 0
    for column in columns:
        collected.tables[table] = [dict(row) for row in good[table]]
        plant(collected, table, column)
        records = collected.read()
        spoiled += bool(records.problems)
        assert MARKER not in every_word(records)
    assert spoiled or table in ("MH", "DV", "IE", "PR", "CM")


@pytest.mark.parametrize("table", DOMAINS)
def test_no_message_holds_a_value_of_a_parquet_file(collected: Any, table: str) -> None:
    for column in list(collected.tables[table][0]):
        if column != "USUBJID":
            plant(collected, table, column)
    out = io.BytesIO()
    pl.DataFrame(collected.tables[table]).write_parquet(out)
    collected.mapping["data"]["tables"][table]["file"] = "made.parquet"
    del collected.tables[table]
    collected.write()
    path = collected.folder / "data" / "made.parquet"
    for content in (out.getvalue(), out.getvalue()[:-30]):
        path.write_bytes(content)
        assert MARKER not in every_word(read_records(collected.protocol(), collected.folder))


def check(study: Any, *options: str) -> tuple[int, str]:
    study.write()
    (study.folder / "study.yaml").write_text(json.dumps(study.mapping), encoding="utf-8")
    done = CliRunner().invoke(app, ["check", str(study.folder), *options])
    return done.exit_code, done.output


@pytest.mark.parametrize("form", ["table", "json", "csv"])
def test_values_are_shown_only_on_request(collected: Any, form: str, tmp_path: Path) -> None:
    collected.tables["LB"][1]["LBSTRESN"] = MARKER
    collected.tables["AE"][0]["AESTDTC"] = MARKER
    collected.tables["TU"][0]["TUORRES"] = MARKER
    code, quiet = check(collected, "--format", form)
    assert (code, MARKER in quiet, "LBSTRESN" in quiet) == (1, False, True)
    code, shown = check(collected, "--format", form, "--show-values")
    assert (code, shown.count(MARKER)) == (1, 3)
    assert f"line 3 C1: LBSTRESN {MARKER}" in " ".join(shown.split())


def test_only_the_column_of_the_rule_is_shown(collected: Any) -> None:
    collected.tables["LB"][1].update(LBSTRESN="high", VISIT=MARKER, LBTEST=MARKER)
    _, shown = check(collected, "--show-values")
    assert "LBSTRESN high" in shown
    assert MARKER not in shown
