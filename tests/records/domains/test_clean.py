"""A good collected study keeps every rule and gives typed tables."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from hepatica.records import require
from hepatica.records.domains import DOMAINS


def test_good_tables_keep_every_rule(collected: Any) -> None:
    records = collected.read()
    assert records.problems == ()
    assert set(records.tables) == set(DOMAINS)
    rows = {name: table.rows for name, table in records.tables.items()}
    assert (rows["DM"], rows["TR"], rows["RS"], rows["AE"]) == (4, 16, 12, 4)
    assert all(table.checks > 10 for table in records.tables.values())


@pytest.mark.parametrize("name", DOMAINS)
def test_frames_have_the_types_of_their_schema(collected: Any, name: str) -> None:
    frame = require(collected.read()).tables[name].frame
    schema = DOMAINS[name].schema
    expected = {
        one: told.dtype for one, told in schema.columns().items() if not one.startswith("__")
    }
    assert {one: frame.schema[one] for one in expected} == expected


def test_dates_are_kept_and_read(collected: Any) -> None:
    frame = collected.read().tables["AE"].frame
    columns = ("AESTDTC", "AESTDT", "AESTDTP", "AEENDTC", "AEENDT", "AEENDTP")
    assert frame.select(columns).rows()[1] == (
        *("2019-03", date(2019, 3, 1), "M"),
        *("2019-04", date(2019, 4, 1), "M"),
    )
    assert frame.select(columns).rows()[3][3:] == (None, None, None)
    assert collected.read().tables["LB"].frame["LBDTC"][0] == "2019-01-13T08:15"


def test_records_are_numbered_in_the_order_of_the_file(collected: Any) -> None:
    frame = collected.read().tables["TR"].frame
    assert frame["TRSEQ"].to_list() == [*range(1, 10), *range(1, 5), *range(1, 4)]


def test_recorded_numbers_are_kept(collected: Any) -> None:
    for n, row in enumerate(collected.tables["VS"]):
        row["VSSEQ"] = str(10 * n + 10)
    assert collected.read().tables["VS"].frame["VSSEQ"].to_list() == [10, 20, 30]


def test_coded_words_are_clean_and_other_words_as_recorded(collected: Any) -> None:
    collected.tables["TU"][0].update(TUORRES="Target", TULOC="Liver  segment")
    collected.tables["TU"][2].update(TUORRES="Non target")
    collected.tables["TR"][0].update(TRGRPID=" target ")
    collected.tables["RS"][0].update(RSSTRESC="pr")
    records = collected.read()
    assert records.problems == ()
    lesions = records.tables["TU"].frame
    assert lesions["TUORRES"].to_list()[:3] == ["TARGET", "TARGET", "NON-TARGET"]
    assert lesions["TULOC"][0] == "LIVER SEGMENT"
    assert records.tables["RS"].frame["RSSTRESC"][0] == "PR"
    assert records.tables["AE"].frame["AETERM"][0] == "high pressure"
    assert records.tables["DM"].frame["SEX"][0] == "M"


def test_words_of_irecist_keep_their_small_letter(collected: Any) -> None:
    for row, word in zip(collected.tables["RS"], ("iUPD", "NON-ICR/NON-IUPD"), strict=False):
        row["RSSTRESC"] = word
    words = collected.read().tables["RS"].frame["RSSTRESC"].to_list()
    assert words[:2] == ["iUPD", "NON-iCR/NON-iUPD"]


@pytest.mark.parametrize("name", DOMAINS)
def test_only_required_columns_are_enough(collected: Any, name: str) -> None:
    """Each table, cut down to what its schema asks for, is read without a problem."""
    domain = DOMAINS[name]
    needed = {one for one, told in domain.columns().items() if told.get("required")}
    needed |= {group[0] for group in domain.any_of}
    if name == "AE":
        needed |= {"AEDECOD", "AETOXGR"}
    if name == "DM":
        needed |= {"ARM", "AGE", "RFXSTDTC"}
    rows = collected.tables[name]
    if name == "RS":
        rows = [row for row in rows if row["RSTESTCD"] == "OVRLRESP"]
    collected.tables[name] = [{one: row.get(one, "") for one in needed} for row in rows]
    problems = [one for one in collected.read().problems if one.table == name]
    assert [one.rule for one in problems if one.severity == "problem"] == []


@pytest.mark.parametrize("name", DOMAINS)
def test_samples_are_valid_and_sane(name: str) -> None:
    schema = DOMAINS[name].schema
    sample = schema.sample(40)
    _, failure = schema.filter(sample)
    assert (sample.height, len(failure)) == (40, 0)
    for column in (one for one in sample.columns if one.endswith("DT")):
        years = sample[column].drop_nulls().dt.year()
        assert years.is_between(1900, 2100).all()
        text = sample[f"{column}C"]
        assert (text == sample[column].dt.to_string("%Y-%m-%d")).fill_null(value=True).all()
    for column in sample.select(pl.col(pl.Float64)):
        assert (column.abs() <= 1e9).fill_null(value=True).all()
