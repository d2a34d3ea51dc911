"""Patients at baseline."""

from __future__ import annotations

from dataclasses import replace

from hepatica.present.format import any_negative, format_row
from hepatica.present.lookup import Group, RowIndex, groups_of
from hepatica.present.spans import interval, join, number
from hepatica.present.table import Cell, Row, Table
from hepatica.present.tables.baseline_comparison import ComparisonColumns
from hepatica.present.tables.cells import NONE, columns, count_percent, single
from hepatica.present.tables.notes import PERCENTAGES, add_notes
from hepatica.present.wording import short_title, table_title
from hepatica.protocol.analyses import BaselineAnalysis
from hepatica.protocol.baseline_analysis import BaselineComparison
from hepatica.protocol.cut_points import chosen_from
from hepatica.protocol.model import Protocol
from hepatica.results import ResultRow, Results

_SUMMARIES = {
    "median_range": ("median (range)", "median", ("min", "max")),
    "median_quartiles": ("median (interquartile range)", "median", ("q1", "q3")),
    "mean_sd": ("mean (standard deviation)", "mean", ("sd",)),
}

_MISSING = "Missing"


def table_baseline(results: Results, protocol: Protocol, analysis: BaselineAnalysis) -> Table:
    """Return the table of baseline variables by group.

    Parameters
    ----------
    results : Results
        Rows of all analyses.
    protocol : Protocol
        Labels, units, and the summary of each measured variable.
    analysis : BaselineAnalysis
        Lists the variables in order.

    Returns
    -------
    Table
        Variables as group heads with their levels. A variable with the levels Yes and No and
        nobody missing is one row.
    """
    index = RowIndex(results, analysis.id)
    title = table_title(protocol, analysis, "Patients at baseline")
    short = short_title(protocol, analysis, "Baseline")
    if not index:
        return Table(analysis.id, title, short, message=index.failure or "No result.")
    groups = groups_of(index, protocol, analysis)
    compared = ComparisonColumns(index, analysis.compare or BaselineComparison())
    rows: list[Row] = []
    for identifier in analysis.variables:
        rows += compared.added(_variable(index, protocol, groups, identifier), identifier)
    heads = (*columns(groups), *compared.columns)
    table = Table(analysis.id, title, short, columns=heads, rows=tuple(rows))
    table = add_notes(
        table,
        protocol,
        (PERCENTAGES, *compared.general),
        _methods(index, protocol, analysis),
        by=analysis.by,
    )
    general, *names = table.footnotes
    return replace(table, footnotes=(general, *compared.explained(), *names))


def _variable(
    index: RowIndex, protocol: Protocol, groups: tuple[Group, ...], identifier: str
) -> list[Row]:
    for variable in protocol.variables:
        if variable.id == identifier:
            if variable.kind == "measured":
                return _measured(
                    index, groups, identifier, variable.label, variable.unit, variable.summary
                )
            return _categories(index, groups, identifier, variable.label)
    for biomarker in protocol.biomarkers:
        if biomarker.id == identifier:
            return _measured(
                index, groups, identifier, biomarker.label, biomarker.unit, "median_range"
            )
        for cut in biomarker.cut_points:
            if cut.id == identifier:
                label = biomarker.label
                if cut.choose is not None:
                    label += f", cut-point chosen in {chosen_from(protocol, cut)}"
                elif cut.chosen_from_data:
                    label += ", cut-point chosen from these data"
                return _categories(index, groups, identifier, label)
    return []


def _measured(
    index: RowIndex,
    groups: tuple[Group, ...],
    identifier: str,
    label: str,
    unit: str,
    summary: str,
) -> list[Row]:
    words, centre, spread = _SUMMARIES[summary]

    def row_of(statistic: str, group: Group) -> ResultRow | None:
        return index.get(statistic, level=group.level, variable=identifier)

    limits = [
        row for group in groups for name in spread if (row := row_of(name, group)) is not None
    ]
    negative = len(spread) == 2 and any_negative(format_row(row) for row in limits)
    cells = {}
    for group in groups:
        value = row_of(centre, group)
        around = [row for name in spread if (row := row_of(name, group)) is not None]
        cells[group.column] = _spread_cell(value, around, negative)
    rows = [Row("plain", f"{label}, {words}{', ' + unit if unit else ''}", cells)]
    missing = {group.column: row_of("missing", group) for group in groups}
    if any(row is not None and row.value for row in missing.values()):
        cells = {name: single(row) for name, row in missing.items()}
        rows.append(Row("level", _MISSING, cells, indent=1))
    return rows


def _spread_cell(value: ResultRow | None, around: list[ResultRow], negative: bool) -> Cell:
    if value is None:
        return NONE
    if value.status != "ok" or not around:
        return single(value)
    if len(around) == 1:
        return Cell((number(value),), join("(", number(around[0]), ")"), value.format)
    lower, upper = around
    return Cell(
        (number(value),), join("(", interval(lower, upper, negative=negative), ")"), value.format
    )


def _categories(
    index: RowIndex, groups: tuple[Group, ...], identifier: str, label: str
) -> list[Row]:
    def cells(level: str) -> dict[str, Cell]:
        return {
            group.column: count_percent(
                index.get("n", level=group.level, variable=identifier, variable_level=level),
                index.get("percent", level=group.level, variable=identifier, variable_level=level),
            )
            for group in groups
        }

    levels = index.levels(identifier)
    if set(levels) == {"Yes", "No"}:
        return [Row("plain", f"{label}, n (%)", cells("Yes"))]
    # The level Missing may be in the rows of one group only; it stands last in every case.
    ordered = [
        *(level for level in levels if level != _MISSING),
        *(m for m in levels if m == _MISSING),
    ]
    rows = [Row("level", level, cells(level), indent=1) for level in ordered]
    return [Row("head", f"{label}, n (%)"), *rows]


def _methods(index: RowIndex, protocol: Protocol, analysis: BaselineAnalysis) -> tuple[str, ...]:
    quartiles = {
        variable.id
        for variable in protocol.variables
        if variable.kind == "measured" and variable.summary != "mean_sd"
    } | {biomarker.id for biomarker in protocol.biomarkers}
    return tuple(
        method
        for method in index.methods(*(name for name in analysis.variables if name in quartiles))
        if "quantile" in method
    )
