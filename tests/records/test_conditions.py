"""Conditions on recorded values: tolerant comparison, and unknown is no match."""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb
import narwhals.stable.v2 as nw
import polars as pl
import pytest

from hepatica.errors import AnalysisError
from hepatica.protocol.conditions import parse_condition
from hepatica.records.conditions import condition_expr, is_match

FRAME = pl.DataFrame(
    {
        "ARM": ["A", "B", None],
        "CODE": ["0", "1.0", None],
        "AGE": [17.0, 64.0, None],
        "GRADE": [3, 5, None],
        "DAY": [date(2019, 12, 17), date(2019, 12, 18), None],
        "DAYC": ["2019-12-17", "2019-12-18", None],
        "FLAG": [True, False, None],
    }
)
CASES: list[tuple[dict[str, Any], list[bool | None]]] = [
    ({"ARM": "A"}, [True, False, None]),
    ({"ARM": ["A", "B"]}, [True, True, None]),
    ({"ARM": None}, [False, False, True]),
    ({"ARM": ["A", None]}, [True, False, True]),
    ({"ARM": 1}, [False, False, None]),
    ({"CODE": 0}, [True, False, None]),
    ({"CODE": 1}, [False, True, None]),
    ({"CODE": "1"}, [False, False, None]),
    ({"GRADE": "3"}, [True, False, None]),
    ({"GRADE": 3.0}, [True, False, None]),
    ({"GRADE": 3.5}, [False, False, None]),
    ({"GRADE": "three"}, [False, False, None]),
    ({"AGE": [17, "64"]}, [True, True, None]),
    ({"AGE": {"ge": 18}}, [False, True, None]),
    ({"AGE": {"ge": 17, "lt": 64}}, [True, False, None]),
    ({"GRADE": {"gt": 3}}, [False, True, None]),
    ({"GRADE": {"le": 3.5}}, [True, False, None]),
    ({"DAY": "2019-12-18"}, [False, True, None]),
    ({"DAY": {"ge": "2019-12-18"}}, [False, True, None]),
    ({"DAYC": {"lt": "2019-12-18"}}, [True, False, None]),
    ({"FLAG": True}, [True, False, None]),
    ({"FLAG": "N"}, [False, True, None]),
    ({"not": {"ARM": "A"}}, [False, True, None]),
    ({"not": {"ARM": None}}, [True, True, False]),
    ({"any": [{"ARM": "A"}, {"CODE": None}]}, [True, False, True]),
    ({"any": [{"ARM": "B"}, {"AGE": {"ge": 18}}]}, [False, True, None]),
    ({"all": [{"ARM": "B"}, {"CODE": None}]}, [False, False, None]),
    ({"all": [{"ARM": ["A", "B"]}, {"not": {"AGE": {"lt": 18}}}]}, [False, True, None]),
]


@pytest.mark.parametrize(("mapping", "expected"), CASES, ids=[str(one) for one, _ in CASES])
def test_condition(mapping: dict[str, Any], expected: list[bool | None]) -> None:
    condition = parse_condition(mapping)
    frame = nw.from_native(FRAME, eager_only=True)
    found = frame.select(
        known=condition_expr(condition, frame.schema), match=is_match(condition, frame.schema)
    )
    assert found["known"].to_list() == expected
    assert found["match"].to_list() == [one is True for one in expected]


@pytest.mark.parametrize(("mapping", "expected"), CASES, ids=[str(one) for one, _ in CASES])
def test_condition_on_duckdb(
    mapping: dict[str, Any], expected: list[bool | None], tmp_path: Any
) -> None:
    FRAME.with_row_index("row").write_parquet(tmp_path / "frame.parquet")
    condition = parse_condition(mapping)
    frame = nw.from_native(duckdb.read_parquet(str(tmp_path / "frame.parquet")))
    columns = frame.collect_schema()
    found = frame.select("row", known=condition_expr(condition, columns)).sort("row").collect()
    assert found["known"].to_list() == expected


def test_a_column_that_is_not_there_is_refused() -> None:
    with pytest.raises(AnalysisError, match="SEX"):
        condition_expr(parse_condition({"SEX": "F"}), nw.from_native(FRAME).schema)


@pytest.mark.parametrize("mapping", [{"ARM": {"ge": 3}}, {"DAY": {"ge": 3}}])
def test_a_bound_that_cannot_be_compared_is_refused(mapping: dict[str, Any]) -> None:
    with pytest.raises(AnalysisError, match="cannot be compared"):
        condition_expr(parse_condition(mapping), nw.from_native(FRAME).schema)
