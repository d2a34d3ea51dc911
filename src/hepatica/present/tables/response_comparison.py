"""Rows of the response table that compare each group with the reference."""

from __future__ import annotations

from collections.abc import Callable

from hepatica.present.format import format_level
from hepatica.present.lookup import Group, RowIndex
from hepatica.present.spans import Span, join, number
from hepatica.present.table import Cell, Row
from hepatica.present.tables.cells import NONE, estimate, single
from hepatica.protocol.endpoints import Response
from hepatica.results import ResultRow

#: Rows of the comparison, and of the same with strata.
ALL, STRATIFIED = "comparison", "stratified_comparison"
_REFERENCE = Cell((Span("reference"),), format="text")
_CONTRASTS = (
    ("risk_difference", "Difference, percentage points"),
    ("risk_ratio", "Risk ratio"),
    ("odds_ratio", "Odds ratio"),
)
_Find = Callable[[str, Group], ResultRow | None]


def comparison_rows(
    index: RowIndex, groups: tuple[Group, ...], endpoint: Response, reference: str | None
) -> list[Row]:
    """Return the rows that compare the groups in one endpoint; none where none is planned.

    Parameters
    ----------
    index : RowIndex
        Rows of the analysis.
    groups : tuple of Group
        Columns of the table.
    endpoint : Response
        What is compared.
    reference : str, optional
        Label of the group that the others are compared with.
    """
    if reference is None:
        return []
    rows: list[Row] = []
    for variable in (ALL, STRATIFIED):
        get = _finder(index, variable, endpoint, reference)
        suffix = "" if variable == ALL else ", stratified"
        for statistic, name in _CONTRASTS:
            rows += _contrast(
                get, groups, reference, statistic, f"{name} against {reference}{suffix}"
            )
        rows += _test(get, groups, reference, suffix)
    return rows


def _finder(index: RowIndex, variable: str, endpoint: Response, reference: str) -> _Find:
    def get(statistic: str, group: Group) -> ResultRow | None:
        return index.get(
            statistic,
            level=group.level,
            variable=variable,
            variable_level=endpoint.id,
            reference=reference,
        )

    return get


def _contrast(
    get: _Find, groups: tuple[Group, ...], reference: str, statistic: str, label: str
) -> list[Row]:
    values = [get(statistic, group) for group in groups]
    if all(value is None for value in values):
        return []
    limits = (get(f"{statistic}_lower", group) for group in groups)
    level = next((format_level(row) for row in limits if row is not None), "")
    cells = {
        group.column: _REFERENCE
        if group.level == reference
        else estimate(
            get(statistic, group),
            get(f"{statistic}_lower", group),
            get(f"{statistic}_upper", group),
        )
        for group in groups
    }
    rows = [Row("level", f"{label} ({level})" if level else label, cells, indent=1)]
    return rows + _reasons(values, label)


def _reasons(values: list[ResultRow | None], label: str) -> list[Row]:
    """Say below a row why there is no value."""
    first = {row.message: row for row in reversed(values) if row is not None and row.message}
    return [
        Row("message", f"{label}: not estimable. ", note=(number(row, row.message),))
        for row in reversed(first.values())
        if row.status != "ok"
    ]


def _test(get: _Find, groups: tuple[Group, ...], reference: str, suffix: str) -> list[Row]:
    found = [get("p_value", group) for group in groups]
    if all(row is None for row in found):
        return []
    cells: dict[str, Cell] = {}
    marks = {"fisher": "Fisher", "pearson": "Pearson"}
    for group, row in zip(groups, found, strict=True):
        if group.level == reference or row is None:
            cells[group.column] = NONE
            continue
        planned = get("planned_test", group)
        extra = join(f"({marks[planned.text]})") if planned is not None else ()
        cells[group.column] = (
            Cell((number(row),), extra, row.format) if row.status == "ok" else single(row)
        )
    what = "P, two-sided" if not suffix else "P, Cochran–Mantel–Haenszel, two-sided"
    return [Row("level", what, cells, indent=1), *_reasons(found, what)]
