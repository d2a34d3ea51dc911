"""Spoiled inputs: each ends in messages with file, column, rule, count, subjects and what to do.

The messages are committed under ``snapshots``; ``HEPATICA_UPDATE_SNAPSHOTS=1`` writes them anew.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pyreadstat
import pytest

from hepatica.errors import DataError
from hepatica.records import Records, require

SNAPSHOTS = Path(__file__).parent / "snapshots"
Spoil = Callable[[Any], None]
CASES: dict[str, Spoil] = {}


def case(spoil: Spoil) -> Spoil:
    CASES[spoil.__name__] = spoil
    return spoil


def workbook(study: Any, table: str) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    rows = study.tables[table]
    book.active.title = table
    book.active.append(list(rows[0]))
    for row in rows:
        book.active.append([value or None for value in row.values()])
    return book


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def transport(study: Any, table: str, version: int) -> bytes:
    path = study.folder / "made.xpt"
    pyreadstat.write_xport(pl.DataFrame(study.tables[table]), path, file_format_version=version)
    return path.read_bytes()


@case
def missing_column(study):
    for row in study.tables["ADTTE"]:
        row["CENSOR"] = row.pop("CNSR")


@case
def missing_column_of_another_case(study):
    for row in study.tables["ADSL"]:
        row["usubjid"] = row.pop("USUBJID")


@case
def mapped_column_is_missing(study):
    study.mapping["data"]["tables"]["ADSL"]["columns"] = {"AGE": "AGE_YEARS"}


@case
def wrong_type(study):
    study.tables["ADSL"][1]["AGE"] = "fifty"
    study.tables["ADSL"][4]["AGE"] = "n/a"


@case
def impossible_date(study):
    study.tables["ADTTE"][1]["ADT"] = "2019-02-30"


@case
def partial_date(study):
    study.tables["ADTTE"][0]["STARTDT"] = "2019-01"
    study.tables["ADTTE"][2]["STARTDT"] = "2019"
    study.tables["ADTTE"][3]["STARTDT"] = "2019-02-UN"


@case
def date_of_another_form(study):
    study.tables["ADTTE"][0]["ADT"] = "30/06/2019"
    study.tables["ADTTE"][1]["ADT"] = "31DEC2019"


@case
def cnsr_inverted(study):
    for row in study.tables["ADTTE"]:
        row["CNSR"] = "1" if row["CNSR"] == "0" else "0"


@case
def cnsr_contradicts_description(study):
    study.tables["ADTTE"][6]["CNSR"] = "1"


@case
def cnsr_contradicts_death(study):
    for row in study.tables["ADTTE"]:
        row["EVNTDESC"] = row["CNSDTDSC"] = ""
    study.tables["ADTTE"][0]["CNSR"] = "1"


@case
def cnsr_text(study):
    for row in study.tables["ADTTE"]:
        row["CNSR"] = "event" if row["CNSR"] == "0" else "censored"


@case
def cnsr_empty(study):
    study.tables["ADTTE"][5]["CNSR"] = ""


@case
def unknown_arm(study):
    study.tables["ADSL"][2]["TRT01P"] = "Placebo"
    study.tables["ADSL"][3]["TRT01P"] = ""


@case
def empty_file(study):
    study.put("ADTTE", b"")


@case
def header_only(study):
    for table in ("ADTTE", "ADAE"):
        study.put(table, study.text(table).splitlines()[0] + "\n")


@case
def encoding_latin_1(study):
    study.tables["ADAE"][1]["AEDECOD"] = "Übelkeit"
    study.put("ADAE", study.text("ADAE").encode("latin-1"))


@case
def encoding_gb18030(study):
    study.tables["ADAE"][1]["AEDECOD"] = "高血压"
    study.put("ADAE", study.text("ADAE").encode("gb18030"))


@case
def semicolons(study):
    study.put("ADSL", study.text("ADSL").replace(",", ";"))


@case
def semicolons_and_a_comma_in_a_name(study):
    text = study.text("ADSL").replace(",", ";").replace("AGE", "Age, years")
    study.put("ADSL", text)


@case
def duplicate_subject(study):
    study.tables["ADSL"].append(dict(study.tables["ADSL"][1]))


@case
def duplicate_subject_and_parameter(study):
    study.tables["ADTTE"].append(dict(study.tables["ADTTE"][2], AVAL="294"))


@case
def two_best_responses(study):
    study.tables["ADRS"].append(dict(study.tables["ADRS"][0], AVALC="SD"))


@case
def unknown_response(study):
    study.tables["ADRS"][0]["AVALC"] = "partial"


@case
def parameter_without_records(study):
    for row in study.tables["ADTTE"]:
        row["PARAMCD"] = row["PARAMCD"].replace("PFS", "PROGRESS")


@case
def truncated_xpt_version_5(study):
    whole = transport(study, "ADTTE", 5)
    study.put("ADTTE", whole[:-100], "adtte.xpt")


@case
def truncated_xpt_version_8_after_a_record(study):
    whole = transport(study, "ADTTE", 8)
    study.put("ADTTE", whole[:-240], "adtte.xpt")


@case
def xpt_of_two_tables(study):
    one, other = transport(study, "ADTTE", 5), transport(study, "ADRS", 5)
    study.put("ADTTE", one + other[240:], "adtte.xpt")


@case
def xpt_in_latin_1(study):
    data = transport(study, "ADTTE", 5).replace(b"Death ", b"\xdcbel  "[:6])
    study.put("ADTTE", data, "adtte.xpt")


@case
def xpt_without_observations(study):
    study.put("ADTTE", transport(study, "ADTTE", 5)[:800], "adtte.xpt")


@case
def xpt_that_is_not_xpt(study):
    study.put("ADTTE", study.text("ADTTE"), "adtte.xpt")


@case
def sas7bdat_that_is_not_sas7bdat(study):
    study.put("ADTTE", study.text("ADTTE"), "adtte.sas7bdat")


@case
def sas7bdat_cut_off(study):
    magic = bytes.fromhex("000000000000000000000000c2ea8160b31411cfbd92080009c7318c181f1011")
    study.put("ADTTE", magic + b"\0" * 200, "adtte.sas7bdat")


@case
def parquet_cut_off(study):
    out = io.BytesIO()
    pl.DataFrame(study.tables["ADTTE"]).write_parquet(out)
    study.put("ADTTE", out.getvalue()[:-50], "adtte.parquet")


@case
def parquet_spoiled_inside(study):
    out = io.BytesIO()
    pl.DataFrame(study.tables["ADTTE"]).write_parquet(out)
    whole = out.getvalue()
    study.put("ADTTE", whole[:4] + b"\xff" * 60 + whole[-40:], "adtte.parquet")


@case
def workbook_that_is_a_csv(study):
    study.put("ADTTE", study.text("ADTTE"), "adtte.xlsx")


@case
def csv_that_is_a_workbook(study):
    study.put("ADTTE", saved(workbook(study, "ADTTE")))


@case
def formula_in_a_workbook(study):
    book = workbook(study, "ADTTE")
    book.active["C3"] = "=F3-E3+1"
    book.active["G5"].value = "=1+1"
    book.active["G5"].data_type = "s"
    book.active["D4"] = "#DIV/0!"
    study.put("ADTTE", saved(book), "adtte.xlsx")


@case
def unknown_sheet(study):
    study.put("ADTTE", saved(workbook(study, "ADTTE")), "adtte.xlsx")
    study.mapping["data"]["tables"]["ADTTE"]["sheet"] = "ADTTE2"


@case
def empty_sheet(study):
    study.put("ADTTE", saved(openpyxl.Workbook()), "adtte.xlsx")


@case
def script_in_text(study):
    study.tables["ADAE"][1]["AEDECOD"] = "<script>alert(1)</script>"
    study.tables["ADAE"][2]["AEDECOD"] = "=HYPERLINK(1)"


@case
def control_characters(study):
    study.tables["ADAE"][1]["AEDECOD"] = "Fati\x07gue"


@case
def subject_not_in_adsl(study):
    study.tables["ADTTE"][3]["USUBJID"] = "S9-99"
    study.tables["ADAE"][3]["USUBJID"] = "S9-98"


@case
def subject_empty(study):
    study.tables["ADTTE"][3]["USUBJID"] = " "


@case
def negative_aval(study):
    study.tables["ADTTE"][3].update(AVAL="-317", ADT="")


@case
def aval_of_a_century(study):
    study.tables["ADTTE"][3].update(AVAL="36525", ADT="")


@case
def aval_in_months(study):
    for row in study.tables["ADTTE"]:
        row["AVAL"] = f"{int(row['AVAL']) / 30.4375:.2f}"


@case
def aval_without_the_last_day(study):
    for row in study.tables["ADTTE"]:
        row["AVAL"] = str(int(row["AVAL"]) - 1)


@case
def decimal_comma(study):
    study.tables["ADSL"][0]["AFP"] = "12,5"
    study.tables["ADSL"][5]["AFP"] = "1.210,7"


@case
def below_detection(study):
    study.tables["ADSL"][2]["AFP"] = "<0.5"


@case
def ragged_lines(study):
    lines = study.text("ADTTE").splitlines()
    lines[3] = lines[3].rsplit(",", 2)[0]
    lines[6] += ",x,y"
    study.put("ADTTE", "\n".join(lines))


@case
def open_quotation_mark(study):
    study.tables["ADAE"][1]["AEDECOD"] = "QUOTE"
    study.put("ADAE", study.text("ADAE").replace("QUOTE", '"Fatigue'))


@case
def duplicate_column_name(study):
    study.put("ADTTE", study.text("ADTTE").replace("EVNTDESC", "AVAL"))


@case
def column_without_a_name(study):
    study.put("ADTTE", study.text("ADTTE").replace("CNSDTDSC", ""))


@case
def no_column_names(study):
    study.put("ADTTE", study.text("ADTTE").split("\n", 1)[1])


@case
def utf_16(study):
    study.put("ADTTE", study.text("ADTTE").encode("utf-16"))


@case
def mapped_name_is_taken(study):
    for row in study.tables["ADSL"]:
        row["SUBJECT"] = row["USUBJID"]
    study.mapping["data"]["tables"]["ADSL"]["columns"] = {"USUBJID": "SUBJECT"}


@case
def missing_file(study):
    study.put("ADTTE", None, "adtt.csv")
    (study.folder / "data").mkdir()
    (study.folder / "data" / "adtte.csv").write_text("x")


@case
def unknown_ending(study):
    study.put("ADTTE", "x", "adtte.docx")


@case
def value_outside_levels(study):
    study.tables["ADSL"][1]["STAGE"] = "D"


@case
def grade_7(study):
    study.tables["ADAE"][0]["AETOXGR"] = "7"
    study.tables["ADAE"][1]["AETOXGR"] = "1.5"


@case
def event_without_a_name(study):
    study.tables["ADAE"][0]["AEDECOD"] = ""


@case
def date_after_cut_off(study):
    study.tables["ADTTE"][1].update(ADT="2020-01-15", AVAL="360")
    study.tables["ADTTE"][3].update(ADT="2020-01-15", STARTDT="")
    study.tables["ADAE"][3]["ASTDT"] = "2020-02-01"
    study.tables["ADRS"][3]["ADT"] = "2020-02-01"


@case
def adt_before_startdt(study):
    study.tables["ADTTE"][3].update(ADT="2019-02-01")


@case
def survival_shorter_than_progression(study):
    study.tables["ADTTE"][4].update(AVAL="60", ADT="2019-05-02")
    study.tables["ADTTE"][1].update(AVAL="100", ADT="2019-04-30")
    study.tables["ADSL"][4]["DTHDT"] = "2019-05-02"


@case
def flag_other_than_y_n(study):
    study.tables["ADSL"][0]["FASFL"] = "1"
    study.tables["ADAE"][0]["TRTEMFL"] = "yes"


@case
def fixed_spaces(study):
    study.tables["ADSL"][0].update(
        USUBJID="\u00a0S1-01 ", FASFL="Y\u00a0", TRT01P="Anlotinib\u00a0"
    )
    study.tables["ADTTE"][0].update(USUBJID="S1-01\u3000", AVAL=" １７５\u00a0")


@case
def environment_folder_missing(study):
    study.mapping["data"]["folder"] = {"environment": "HEPATICA_TEST_FOLDER", "below": "cohort"}


@case
def environment_default_missing(study):
    study.mapping["data"]["folder"] = {
        "environment": "HEPATICA_TEST_FOLDER", "default": "../else", "below": "cohort"
    }  # fmt: skip


@case
def table_of_an_analysis_missing(study):
    del study.mapping["data"]["tables"]["ADRS"]


PASSING = {"script_in_text", "fixed_spaces"}
NOTES_ONLY = {"aval_without_the_last_day", "column_without_a_name"}


@pytest.mark.parametrize("name", CASES)
def test_spoiled_input_is_told(
    name: str, study: Any, tell: Callable[[Records], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HEPATICA_TEST_FOLDER", raising=False)
    CASES[name](study)
    records = study.read()
    text = tell(records)
    if name in PASSING:
        assert records.problems == ()
        return
    path = SNAPSHOTS / f"{name}.txt"
    if os.environ.get("HEPATICA_UPDATE_SNAPSHOTS") == "1":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
    stops = any(one.severity == "problem" for one in records.problems)
    assert stops is (name not in NOTES_ONLY)
    if stops:
        with pytest.raises(DataError) as raised:
            require(records)
        assert raised.value.__cause__ is None
    else:
        assert require(records) is records


def test_every_snapshot_has_its_case() -> None:
    assert {path.stem for path in SNAPSHOTS.glob("*.txt")} == set(CASES) - PASSING


def test_good_tables_keep_every_rule(study: Any) -> None:
    records = study.read()
    assert records.problems == ()
    assert {name: table.rows for name, table in records.tables.items()} == {
        "ADSL": 6, "ADTTE": 12, "ADRS": 6, "ADAE": 4
    }  # fmt: skip
    assert all(table.checks > 10 for table in records.tables.values())
