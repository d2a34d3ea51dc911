"""Disposition: who was screened, enrolled and treated, and how treatment and study ended."""

from __future__ import annotations

from hepatica.present.lookup import Group, RowIndex, groups_of
from hepatica.present.recorded import in_words
from hepatica.present.spans import number
from hepatica.present.table import Cell, Row, Table
from hepatica.present.tables.cells import NONE, columns
from hepatica.present.tables.frequency import by_frequency, share_cells
from hepatica.present.tables.notes import PERCENTAGES, add_notes
from hepatica.present.tables.sets import set_size
from hepatica.present.wording import table_title
from hepatica.protocol.analyses import DispositionAnalysis
from hepatica.protocol.model import Protocol
from hepatica.results import ResultRow, Results

_HEADS = {"treatment": "End of treatment", "study": "End of study"}
_STATES = {
    "ONGOING": "Ongoing",
    "COMPLETED": "Completed",
    "DISCONTINUED": "Discontinued",
    "UNTREATED": "Never treated",
    "MISSING": "Missing",
}


def table_disposition(results: Results, protocol: Protocol, analysis: DispositionAnalysis) -> Table:
    """Return the table of disposition.

    Parameters
    ----------
    results : Results
        Rows of all analyses; those of ``sets`` give the subjects screened and enrolled.
    protocol : Protocol
        Groups, sets and data cut-off.
    analysis : DispositionAnalysis
        The planned analysis.

    Returns
    -------
    Table
        Screening, treatment, end of treatment and end of study; reasons by frequency.
    """
    index = RowIndex(results, analysis.id)
    title = table_title(protocol, analysis, "Disposition")
    if not index:
        return Table(analysis.id, title, "Disposition", message=index.failure or "No result.")
    groups = groups_of(index, protocol, analysis)
    screening = _screening(results, groups)
    rows = list(screening)
    if index.get("n", variable="treated") is not None:
        rows.append(Row("plain", "Treated, n (%)", share_cells(index, groups, "treated")))
    for variable in _HEADS:
        rows += _ended(results, index, groups, protocol, analysis, variable)
    table = Table(analysis.id, title, "Disposition", columns=columns(groups), rows=tuple(rows))
    note = "Screening counts all subjects screened." if screening else ""
    return add_notes(table, protocol, (note, PERCENTAGES), by=analysis.by)


def _screening(results: Results, groups: tuple[Group, ...]) -> list[Row]:
    """Return who was screened and not enrolled; they belong to no group."""
    screened = set_size(results, "", statistic="screened")
    failures = set_size(results, "", statistic="screening_failures")
    if screened is None or failures is None:
        return []

    def cells(row: ResultRow | None) -> dict[str, Cell]:
        found = {group.column: NONE for group in groups}
        if row is not None:
            found[groups[-1].column] = Cell((number(row),), format=row.format)
        return found

    rows = [
        Row("head", "Screening, n"),
        Row("level", "Screened", cells(screened), indent=1),
        Row("level", "Not enrolled", cells(failures), indent=1),
    ]
    for reason in by_frequency(results, "sets", "screening_failure"):
        row = results.where(
            analysis="sets", variable="screening_failure", variable_level=reason, statistic="n"
        )[0]
        rows.append(Row("level", in_words(reason), cells(row), indent=2))
    return [*rows, Row("level", "Enrolled", cells(set_size(results, "")), indent=1)]


def _ended(
    results: Results,
    index: RowIndex,
    groups: tuple[Group, ...],
    protocol: Protocol,
    analysis: DispositionAnalysis,
    variable: str,
) -> list[Row]:
    states = index.levels(variable)
    rows = [Row("head", f"{_HEADS[variable]}, n (%)")] if states else []
    for state in states:
        label = _STATES.get(state, in_words(state))
        if state == "ONGOING" and protocol.study.data_cut_off is not None:
            label = "Ongoing at the data cut-off"
        rows.append(Row("level", label, share_cells(index, groups, variable, state), indent=1))
        if state != "DISCONTINUED":
            continue
        reasons = f"{variable}_reason"
        for reason in by_frequency(results, analysis.id, reasons):
            cells = share_cells(index, groups, reasons, reason)
            rows.append(Row("level", in_words(reason), cells, indent=2))
    return rows
