"""A protocol of two arms and rows of counts, written by hand."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

from hepatica.present.csv import table_csv
from hepatica.present.table import Table
from hepatica.protocol.model import Protocol
from hepatica.results import ResultRow, Results

SIZES = {"A": 30, "B": 20, "": 50}


def plan(analysis: Mapping[str, Any], **parts: Any) -> Protocol:
    base: dict[str, Any] = {
        "study": {"id": "S", "title": "By hand"},
        "data": {"tables": {"DM": {"file": "dm.csv"}}},
        "arms": [{"id": "a", "label": "A"}, {"id": "b", "label": "B"}],
        "analysis_sets": [{"id": "full", "label": "Full analysis set", "flag": "FASFL"}],
        "analyses": [{"id": "one", "set": "full", **analysis}],
    }
    return Protocol.model_validate(base | parts)


def row(statistic: str, value: float | None, level: str = "", **columns: Any) -> ResultRow:
    """Return a row of the analysis ``one``."""
    where: dict[str, Any] = {"study": "S", "analysis": "one", "population": "FASFL"}
    where |= {"group": "arm", "level": level} if level else {}
    return ResultRow(**(where | {"statistic": statistic, "value": value} | columns))


def sizes(numbers: Mapping[str, int] | None = None) -> list[ResultRow]:
    return [row("n", n, level, format="integer") for level, n in (numbers or SIZES).items()]


def shares(
    variable: str,
    value: str,
    counts: tuple[int, int],
    *,
    of: tuple[int, int] = (30, 20),
    **columns: Any,
) -> list[ResultRow]:
    """Return ``n`` and ``percent`` of A, B and both."""
    rows = []
    for level, n, size in (
        ("A", counts[0], of[0]),
        ("B", counts[1], of[1]),
        ("", sum(counts), sum(of)),
    ):
        where = {"variable": variable, "variable_level": value, "denominator": size, **columns}
        rows.append(row("n", n, level, format="integer", **where))
        if size:
            where |= {"format": "percent", "unit": "%"}
            rows.append(row("percent", 100 * n / size, level, **where))
    return rows


def lines(table: Table) -> list[tuple[str, ...]]:
    """Return label and cells of each row; the label is indented."""
    return [
        (
            "  " * one.indent + one.label,
            *(one.cells[column.id].text for column in table.columns if column.id in one.cells),
        )
        for one in table.rows
    ]


def csv_lines(table: Table) -> list[list[str]]:
    return list(csv.reader(io.StringIO(table_csv(table))))


def traced(table: Table, rows: Results) -> None:
    """Every number of a table leads to a row."""
    known = {one.id for one in rows}
    assert set(table.row_ids) <= known
    for span in table.spans():
        assert span.row_id or not any(character.isdigit() for character in span.text)
