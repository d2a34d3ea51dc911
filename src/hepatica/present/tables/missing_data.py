"""Missing baseline values by variable and group."""

from __future__ import annotations

from hepatica.present.lookup import RowIndex, groups_of
from hepatica.present.table import Row, Table
from hepatica.present.tables.cells import columns, count_percent
from hepatica.present.tables.notes import PERCENTAGES, add_notes
from hepatica.present.variable_words import variable_label
from hepatica.present.wording import table_title
from hepatica.protocol.baseline_analysis import MissingDataAnalysis
from hepatica.protocol.model import Protocol
from hepatica.results import Results

_COMPLETE = "Complete: every value of this table is known."


def table_missing_data(
    results: Results, protocol: Protocol, analysis: MissingDataAnalysis
) -> Table:
    """Return the table of missing values, in the order of the protocol.

    Parameters
    ----------
    results : Results
        Rows of all analyses.
    protocol : Protocol
        Labels of variables and groups.
    analysis : MissingDataAnalysis
        Lists the variables.

    Returns
    -------
    Table
        A row for each variable, then the patients who lack nothing.
    """
    index = RowIndex(results, analysis.id)
    title = table_title(protocol, analysis, "Missing baseline values")
    if not index:
        return Table(analysis.id, title, "Missing values", message=index.failure or "No result.")
    groups = groups_of(index, protocol, analysis)

    def row(label: str, variable: str, statistic: str, percent: str) -> Row:
        cells = {
            group.column: count_percent(
                index.get(statistic, level=group.level, variable=variable),
                index.get(percent, level=group.level, variable=variable),
            )
            for group in groups
        }
        return Row("level", label, cells, indent=1)

    rows = [Row("head", "Without a value, n (%)")]
    rows += [
        row(variable_label(protocol, name), name, "missing", "missing_percent")
        for name in analysis.variables
    ]
    rows += [Row("head", "Patients, n (%)"), row("Complete", "complete", "n", "percent")]
    table = Table(analysis.id, title, "Missing values", columns=columns(groups), rows=tuple(rows))
    return add_notes(table, protocol, (PERCENTAGES, _COMPLETE), by=analysis.by)
