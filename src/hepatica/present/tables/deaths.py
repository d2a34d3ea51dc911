"""Deaths, when they happened, and their causes."""

from __future__ import annotations

from hepatica.present.lookup import Group, RowIndex, groups_of
from hepatica.present.recorded import in_words
from hepatica.present.table import Row, Table
from hepatica.present.tables.cells import columns
from hepatica.present.tables.frequency import by_frequency, share_cells
from hepatica.present.tables.notes import PERCENTAGES, add_notes
from hepatica.present.wording import table_title
from hepatica.protocol.analyses import DeathsAnalysis
from hepatica.protocol.model import Protocol
from hepatica.results import Results

_NONE = "No death was recorded."


def table_deaths(results: Results, protocol: Protocol, analysis: DeathsAnalysis) -> Table:
    """Return the table of deaths.

    Parameters
    ----------
    results : Results
        Rows of all analyses.
    protocol : Protocol
        Groups and sets.
    analysis : DeathsAnalysis
        Says how many days after the last dose count as soon.
    """
    index = RowIndex(results, analysis.id)
    title = table_title(protocol, analysis, "Deaths")
    if not index:
        return Table(analysis.id, title, "Deaths", message=index.failure or "No result.")
    groups = groups_of(index, protocol, analysis)
    rows = [Row("plain", "Deaths, n (%)", share_cells(index, groups, "death"))]
    below = _below(results, index, groups, analysis)
    rows += below
    table = Table(analysis.id, title, "Deaths", columns=columns(groups), rows=tuple(rows))
    note = "Deaths from any cause, known by the data cut-off." if below else _NONE
    return add_notes(table, protocol, (note, PERCENTAGES), by=analysis.by)


def _below(
    results: Results, index: RowIndex, groups: tuple[Group, ...], analysis: DeathsAnalysis
) -> list[Row]:
    causes = by_frequency(results, analysis.id, "death_cause")
    if not causes:
        return []
    days = analysis.days_after_last_dose
    names = {
        "WITHIN": f"On treatment or up to {days} days after the last dose",
        "LATER": f"More than {days} days after the last dose",
        "UNTREATED": "Never treated",
        "UNKNOWN": "Date of death or of the last dose not known",
    }
    rows = [Row("head", "Time of death, n (%)")]
    for value in index.levels("death_time"):
        cells = share_cells(index, groups, "death_time", value)
        rows.append(Row("level", names[value], cells, indent=1))
    rows.append(Row("head", "Cause of death, n (%)"))
    for cause in causes:
        cells = share_cells(index, groups, "death_cause", cause)
        rows.append(Row("level", in_words(cause), cells, indent=1))
    return rows
