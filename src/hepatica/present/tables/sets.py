"""Who was enrolled, and who belongs to which analysis set."""

from __future__ import annotations

from hepatica.present.table import Cell, Column, Row, Table
from hepatica.present.tables.cells import single
from hepatica.present.tables.notes import add_notes
from hepatica.present.theme import MAX_SLOTS
from hepatica.protocol.model import Protocol
from hepatica.results import ResultRow, Results


def set_size(
    results: Results, population: str, level: str = "", statistic: str = "n"
) -> ResultRow | None:
    """Return the row with the number of patients of an analysis set, or of those enrolled."""
    found = results.where(
        analysis="sets", population=population, level=level, statistic=statistic, variable=""
    )
    return found[0] if found else None


def table_sets(results: Results, protocol: Protocol) -> Table:
    """Return the table of analysis sets by arm.

    Parameters
    ----------
    results : Results
        Rows of all analyses.
    protocol : Protocol
        Arms and analysis sets.

    Returns
    -------
    Table
        One row for each analysis set. Planned sizes are words of the protocol, in the footnote.
    """
    title = "Analysis sets, all patients enrolled"
    if not results.where(analysis="sets"):
        return Table("sets", title, "Analysis sets", message="The sets were not counted.")
    coloured = len(protocol.arms) <= MAX_SLOTS
    heads = [
        Column(arm.label, arm.label, (), position if coloured else 0)
        for position, arm in enumerate(protocol.arms, start=1)
    ]
    if len(heads) > 1:
        heads.append(Column("all", "All"))
    rows = []
    for one in protocol.analysis_sets:
        label = one.label + (f" ({one.evaluable_for.lower()})" if one.evaluable_for else "")
        rows.append(Row("plain", f"{label}, n", _cells(results, heads, one.flag)))
    table = Table("sets", title, "Analysis sets", columns=tuple(heads), rows=tuple(rows))
    return add_notes(table, protocol, _definitions(protocol))


def _cells(results: Results, heads: list[Column], flag: str) -> dict[str, Cell]:
    return {
        head.id: single(set_size(results, flag, "" if head.id == "all" else head.id))
        for head in heads
    }


def _definitions(protocol: Protocol) -> tuple[str, ...]:
    planned = [f"{arm.planned} in {arm.label}" for arm in protocol.arms if arm.planned]
    return (f"Planned: {', '.join(planned)}.",) if planned else ()
