"""Along the records of a subject: the same, written by hand, in sorted columns and in windows."""

from __future__ import annotations

from typing import Any

import duckdb
import narwhals.stable.v2 as nw
import polars as pl
import pytest

from hepatica.derive.running import Kind, running

# Out of order, with a gap at the start of B and a subject of one record.
_ROWS = pl.DataFrame(
    {
        "USUBJID": ["B", "A", "A", "B", "A", "C", "B"],
        "ORDER": [9, 3, 1, 4, 2, 1, 6],
        "X": [5, None, 7, None, 4, 1, 8],
        "ONE": [1, 1, 0, 1, 1, 1, 0],
    }
)
_EXPECTED: dict[Kind, list[int | None]] = {
    "sum": [0, 1, 2, 1, 1, 2, 1],
    "before": [None, 7, 4, None, None, 8, None],
    "earlier": [None, 7, 4, None, None, 8, None],
    "later": [4, None, None, 8, 5, None, None],
    "least": [None, 7, 4, None, None, 8, None],
}


def _found(frame: Any, kind: Kind) -> list[int | None]:
    column = "ONE" if kind == "sum" else "X"
    rows = running(frame, "ORDER", {"NEW": (kind, column)}).collect("polars").to_native()
    assert rows.columns == [*_ROWS.columns, "NEW"]
    return rows.sort("USUBJID", "ORDER")["NEW"].to_list()  # type: ignore[no-any-return]


@pytest.mark.parametrize("kind", _EXPECTED)
def test_each_kind_is_as_written_by_hand(kind: Kind) -> None:
    assert _found(nw.from_native(_ROWS.lazy()), kind) == _EXPECTED[kind]
    assert _found(nw.from_native(duckdb.from_arrow(_ROWS.to_arrow())), kind) == _EXPECTED[kind]


def test_a_missing_value_between_is_passed_over() -> None:
    rows = pl.DataFrame({"USUBJID": ["A"] * 4, "ORDER": [1, 2, 3, 4], "X": [3, None, 5, None]})
    steps: dict[str, tuple[Kind, str]] = {
        "E": ("earlier", "X"), "B": ("before", "X"), "L": ("least", "X"),
    }  # fmt: skip
    for frame in (rows.lazy(), duckdb.from_arrow(rows.to_arrow())):
        found = running(nw.from_native(frame), "ORDER", steps).collect("polars").to_native()
        found = found.sort("ORDER")
        assert found["E"].to_list() == [None, 3, 3, 5]
        assert found["B"].to_list() == [None, 3, None, 5]
        assert found["L"].to_list() == [None, 3, 3, 3]
