"""Lists in place of texts: the same values, order and rows as with texts."""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb
import narwhals.stable.v2 as nw
import polars as pl
import pytest

from hepatica.derive.lesion_records import visit_key
from hepatica.derive.lists import (
    is_listed,
    list_of,
    listed,
    split_by_repetition,
    together,
    with_combined,
    with_texts,
)
from hepatica.derive.portable import first_of_subject
from hepatica.derive.record_lists import with_lists


def test_one_list_for_two_tables_is_in_alphabetical_order() -> None:
    tables = {
        "TU": nw.from_native(pl.DataFrame({"TULNKID": ["T2", None]}), eager_only=True),
        "TR": nw.from_native(pl.DataFrame({"TRLNKID": ["T10", "T1"]}), eager_only=True),
    }
    found = listed(tables, {"TU": "TULNKID", "TR": "TRLNKID"}, ("",))
    kind = found["TU"].schema["TULNKID"]
    assert is_listed(kind)
    assert kind == found["TR"].schema["TRLNKID"]
    assert list(kind.categories) == ["", "T1", "T10", "T2"]  # type: ignore[attr-defined]
    assert found["TU"]["TULNKID"].to_list() == ["T2", None]


@pytest.mark.parametrize("name", ["T1.1", "T1/T2"])
def test_names_that_may_be_of_parts_stay_texts(name: str) -> None:
    tr = pl.DataFrame({"TRLNKID": ["T1", name], "VISITNUM": [1.0, 1.0], "TRTESTCD": ["LDIAM"] * 2})
    found = with_lists({"TR": nw.from_native(tr, eager_only=True)})
    assert found["TR"].schema["TRLNKID"] == nw.String
    assert is_listed(found["TR"].schema["VISITKEY"])


def test_visits_are_told_apart_as_row_by_row() -> None:
    frame = pl.DataFrame(
        {
            "VISIT": ["WEEK 6", "WEEK 6", "UNSCHEDULED", "UNSCHEDULED", None, None],
            "VISITNUM": [2.0, None, None, None, None, 10.0],
            "TRDT": [date(2024, 1, day) for day in (1, 2, 3, 4, 4, 5)],
        }
    )
    rows = nw.from_native(frame, eager_only=True)
    wanted = rows.with_columns(visit_key("TRDT"))["VISITKEY"].to_list()
    found = with_lists({"TR": rows})["TR"]["VISITKEY"].to_list()
    assert found == wanted
    assert len(set(found)) == 5


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_texts_stand_at_their_places(engine: str) -> None:
    frame = pl.DataFrame({"ROW": [1, 2, 3, 4], "PLACE": [1, None, 0, 1]})
    native: Any = frame.lazy() if engine == "polars" else duckdb.sql("select * from frame")
    lazy: nw.LazyFrame[Any] = nw.from_native(native)
    kinds = {"SAID": list_of(lazy, ["no", "yes"])}
    found = with_texts(lazy, "PLACE", {"SAID": ["no", "yes"]}, kinds).collect("polars")
    assert found.sort("ROW")["SAID"].to_list() == ["yes", None, "no", "yes"]
    assert is_listed(found.schema["SAID"]) == (engine == "polars")


def test_a_case_with_missing_values_is_a_case() -> None:
    frame = nw.from_native(pl.DataFrame({"A": [None, 1, None], "B": ["x", None, "x"]}))
    value = nw.col("A").is_null() & nw.col("B").is_null()
    found = with_combined(frame, "NONE", ~value, ("A", "B"))
    assert found["NONE"].to_list() == [True, True, True]


def test_parts_keep_a_list_only_when_all_have_it() -> None:
    one = pl.DataFrame({"A": ["x"], "B": ["x"]}, schema_overrides=dict.fromkeys("AB", _XY))
    other = pl.DataFrame({"A": ["y"], "B": ["z"]}, schema_overrides={"A": _XY})
    parts = [nw.from_native(part.lazy()) for part in (one, other, one.select("A"))]
    found = together(parts, {"A": nw.String, "B": nw.String}).collect()
    assert is_listed(found.schema["A"])
    assert found.schema["B"] == nw.String
    assert found["A"].to_list() == ["x", "y", "x"]
    assert found["B"].to_list() == ["x", "z", None]


_XY = pl.Enum(["x", "y"])


def test_rows_with_the_key_of_another_row_are_told_apart() -> None:
    frame = pl.DataFrame(
        {"USUBJID": [0, 0, 1, 1], "LINK": ["x", "y", "x", "x"], "N": [1, 2, 3, 4]},
        schema_overrides={"LINK": _XY, "USUBJID": pl.Int32},
    )
    alone, several = split_by_repetition(nw.from_native(frame.lazy()), ("USUBJID", "LINK"))
    assert alone is not None
    assert several is not None
    assert alone.collect()["N"].to_list() == [1, 2]
    assert several.collect()["N"].to_list() == [3, 4]
    alone, several = split_by_repetition(
        nw.from_native(frame.head(3).lazy()), ("USUBJID", "LINK")
    )  # fmt: skip
    assert alone is not None
    assert several is None


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_the_first_record_of_each_subject(engine: str) -> None:
    frame = pl.DataFrame({"USUBJID": ["a", "b", "a"], "N": [2, 5, 1]})
    native: Any = frame.lazy() if engine == "polars" else duckdb.sql("select * from frame")
    lazy: nw.LazyFrame[Any] = nw.from_native(native)
    found = first_of_subject(lazy, ("N",)).collect("polars")
    assert sorted(found.rows()) == [("a", 1), ("b", 5)]
