"""The same tables from every format."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pyreadstat
import pytest
from polars.testing import assert_frame_equal

from hepatica.records.transport import is_whole_transport

DATES = ("STARTDT", "ADT")


def typed(study: Any) -> pl.DataFrame:
    frame = pl.DataFrame(study.tables["ADTTE"])
    frame = frame.with_columns(pl.when(pl.all() != "").then(pl.all()).name.keep())
    return frame.with_columns(
        pl.col("AVAL", "CNSR").cast(pl.Float64), pl.col(DATES).str.to_date("%Y-%m-%d")
    )


def delimited(sign: str, encoding: str = "utf-8", end: str = "\n") -> Callable[..., bytes]:
    def write(frame: pl.DataFrame, path: Path) -> bytes:
        return frame.write_csv(separator=sign, line_terminator=end).encode(encoding)

    return write


def excel(frame: pl.DataFrame, path: Path) -> bytes:
    book = openpyxl.Workbook()
    book.active.append(frame.columns)
    for row in frame.iter_rows():
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def excel_below_blank_rows(frame: pl.DataFrame, path: Path) -> bytes:
    book = openpyxl.Workbook()
    book.create_sheet("Times & dates", 1)
    sheet = book["Times & dates"]
    sheet.append([])
    sheet.append(frame.columns)
    for row in frame.iter_rows():
        sheet.append(row)
        sheet.append([])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def parquet(frame: pl.DataFrame, path: Path) -> bytes:
    out = io.BytesIO()
    frame.write_parquet(out)
    return out.getvalue()


def parquet_with_datetimes(frame: pl.DataFrame, path: Path) -> bytes:
    return parquet(frame.with_columns(pl.col(DATES).cast(pl.Datetime("ns"))), path)


def parquet_with_categories(frame: pl.DataFrame, path: Path) -> bytes:
    return parquet(frame.with_columns(pl.col("PARAMCD", "EVNTDESC").cast(pl.Categorical)), path)


def transport(version: int, formats: dict[str, str] | None) -> Callable[..., bytes]:
    def write(frame: pl.DataFrame, path: Path) -> bytes:
        pyreadstat.write_xport(
            frame, path, file_format_version=version, variable_format=formats or {}
        )
        return path.read_bytes()

    return write


def transport_of_numbers(frame: pl.DataFrame, path: Path) -> bytes:
    days = (pl.col(DATES).cast(pl.Int32) + 3653).cast(pl.Float64)
    pyreadstat.write_xport(frame.with_columns(days), path, file_format_version=5)
    return path.read_bytes()


def transport_of_text(frame: pl.DataFrame, path: Path) -> bytes:
    text = frame.with_columns(pl.col(DATES).cast(pl.String))
    pyreadstat.write_xport(text, path, file_format_version=8)
    return path.read_bytes()


FORMATS: dict[str, tuple[str, Callable[..., bytes], dict[str, Any]]] = {
    "csv": ("csv", delimited(","), {}),
    "csv with byte order mark": ("csv", delimited(",", "utf-8-sig"), {}),
    "csv of Windows": ("csv", delimited(",", end="\r\n"), {}),
    "csv with semicolons": ("csv", delimited(";"), {"delimiter": "semicolon"}),
    "csv in gb18030": ("csv", delimited(",", "gb18030"), {"encoding": "gb18030"}),
    "csv in latin-1": ("csv", delimited(",", "latin-1"), {"encoding": "latin-1"}),
    "tsv": ("tsv", delimited("\t"), {}),
    "txt with tabs": ("txt", delimited("\t"), {}),
    "txt with commas": ("txt", delimited(","), {"delimiter": "comma"}),
    "xlsx": ("xlsx", excel, {}),
    "xlsx, a sheet by name": ("xlsx", excel_below_blank_rows, {"sheet": "Times & dates"}),
    "parquet": ("parquet", parquet, {}),
    "parquet with datetimes": ("parquet", parquet_with_datetimes, {}),
    "parquet with categories": ("parquet", parquet_with_categories, {}),
    "xpt 5": ("xpt", transport(5, {"STARTDT": "DATE9.", "ADT": "E8601DA."}), {}),
    "xpt 8": ("XPT", transport(8, {"STARTDT": "DATE9.", "ADT": "YYMMDD10."}), {}),
    "xpt 5 with numbers as dates": ("xpt", transport_of_numbers, {}),
    "xpt 8 with text as dates": ("xpt", transport_of_text, {}),
}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_table(study: Any, name: str, tmp_path: Path) -> None:
    ending, write, options = FORMATS[name]
    expected = typed(study).with_columns(pl.col("CNSR").cast(pl.Int64))
    data = write(typed(study), tmp_path / "made")
    study.put("ADTTE", data, f"adtte.{ending}")
    study.mapping["data"]["tables"]["ADTTE"].update(options)
    records = study.read()
    assert records.problems == ()
    assert_frame_equal(records.tables["ADTTE"].frame, expected, check_column_order=False)


def test_datetimes_of_sas_lose_their_time_of_day(study: Any, tmp_path: Path) -> None:
    frame = typed(study).with_columns(pl.col(DATES).cast(pl.Datetime) + pl.duration(hours=13))
    path = tmp_path / "made"
    formats = {"STARTDT": "DATETIME20.", "ADT": "DATETIME20."}
    pyreadstat.write_xport(frame, path, file_format_version=5, variable_format=formats)
    study.put("ADTTE", path.read_bytes(), "adtte.xpt")
    records = study.read()
    assert records.problems == ()
    assert records.tables["ADTTE"].frame["ADT"][0] == date(2019, 6, 30)


def test_a_time_of_day_is_cut_off(study: Any) -> None:
    study.tables["ADTTE"][0]["ADT"] = "2019-06-30T23:59"
    study.tables["ADTTE"][1]["ADT"] = "2019-12-31 08:00:00"
    records = study.read()
    assert records.problems == ()
    assert records.tables["ADTTE"].frame["ADT"].to_list()[:2] == [
        date(2019, 6, 30),
        date(2019, 12, 31),
    ]


def test_lines_are_counted_in_the_file_as_it_is(study: Any) -> None:
    lines = study.text("ADAE").splitlines()
    lines[1] = lines[1].replace("Hypertension", '"Hyper\ntension"')
    lines[3] = lines[3].replace(",2,", ",9,")
    text = "# exported\n" + lines[0] + "\n\n" + "\n".join(lines[1:3]) + "\n# note\n"
    study.put("ADAE", text + "\n".join(lines[3:]) + "\n,,,,\n")
    study.mapping["data"]["tables"]["ADAE"]["comment"] = "#"
    records = study.read()
    assert [one.where for one in records.problems] == ["data/adae.csv, line 8"]
    assert records.tables["ADAE"].rows == 4


def test_text_of_a_quoted_field_is_whole(study: Any) -> None:
    study.tables["ADAE"][0]["AEDECOD"] = 'Pain, "severe"; chest'
    records = study.read()
    assert records.problems == ()
    assert records.tables["ADAE"].frame["AEDECOD"][0] == 'Pain, "severe"; chest'


def test_numbers_as_subjects_are_text(study: Any) -> None:
    numbers = {"S1-01": "1", "S1-02": "2", "S1-03": "3", "S2-01": "4", "S2-02": "5", "S2-03": "6"}
    for rows in study.tables.values():
        for row in rows:
            row["USUBJID"] = numbers[row["USUBJID"]]
    frame = pl.DataFrame(study.tables["ADTTE"]).with_columns(pl.col("USUBJID").cast(pl.Float64))
    study.put("ADTTE", parquet(frame, study.folder), "adtte.parquet")
    records = study.read()
    assert records.problems == ()
    assert records.tables["ADTTE"].frame["USUBJID"].to_list()[:3] == ["1", "2", "3"]


def test_missing_words_and_mapping(study: Any) -> None:
    for row in study.tables["ADSL"]:
        row["ALTER"] = row.pop("AGE")
    study.tables["ADSL"][0].update(AFP="n.d.", STAGE="[Unknown]")
    study.mapping["data"]["tables"]["ADSL"].update(
        missing=["n.d.", "[Unknown]"], columns={"AGE": "ALTER"}
    )
    records = study.read()
    assert records.problems == ()
    frame = records.tables["ADSL"].frame
    assert frame["AFP"].null_count() == 2
    assert frame["AGE"].to_list() == [61, 54, 47, 70, 66, 58]
    assert "ALTER" not in frame.columns


def test_other_columns_are_kept_as_they_are(study: Any) -> None:
    for n, row in enumerate(study.tables["ADSL"]):
        row["SITEID"] = f"0{n}"
        row["RFSTDTC"] = "2019-01"
    frame = study.read().tables["ADSL"].frame
    assert frame["SITEID"].to_list() == ["00", "01", "02", "03", "04", "05"]
    assert frame["RFSTDTC"].dtype == pl.String


def test_the_digest_is_that_of_the_bytes(study: Any) -> None:
    study.put("ADAE", "USUBJID,AEDECOD,AETOXGR\n")
    digest = study.read().tables["ADAE"].digest
    assert digest == "bb0bc3607753d95efe0b742ee56f573b37c445225fc37c9d0eebd18936362551"


def test_a_folder_from_the_environment(
    study: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study.write()
    (tmp_path / "far").mkdir()
    (study.folder / "data").rename(tmp_path / "far" / "cohort")
    study.mapping["data"]["folder"] = {"environment": "HEPATICA_TEST_FOLDER", "below": "cohort"}
    monkeypatch.setenv("HEPATICA_TEST_FOLDER", str(tmp_path / "far"))
    study.write = lambda: None
    (tmp_path / "far" / "cohort" / "adrs.csv").write_text("")
    (problem,) = study.read().problems
    assert problem.where == "$HEPATICA_TEST_FOLDER/cohort/adrs.csv"


def test_a_transport_file_in_latin_1(study: Any, tmp_path: Path) -> None:
    data = transport(5, None)(typed(study), tmp_path / "made").replace(b"Alive", b"Aliv\xe9")
    study.put("ADTTE", data, "adtte.xpt")
    study.mapping["data"]["tables"]["ADTTE"]["encoding"] = "latin-1"
    frame = study.read().tables["ADTTE"].frame
    assert frame["CNSDTDSC"][1] == "Alivé"


def test_a_transport_file_is_whole_or_not(study: Any, tmp_path: Path) -> None:
    frame = typed(study)
    for version in (5, 8):
        data = transport(version, None)(frame, tmp_path / "made")
        assert is_whole_transport(data)
        assert not any(is_whole_transport(data[:-cut]) for cut in (1, 79, 90, len(data) - 80))
