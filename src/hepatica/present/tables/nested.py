"""Patients with at least one record, by category and by name: one table for several kinds."""

from __future__ import annotations

from dataclasses import dataclass

from hepatica.present.lookup import Group, RowIndex, groups_of
from hepatica.present.recorded import in_words
from hepatica.present.table import Row, Table
from hepatica.present.tables.cells import columns
from hepatica.present.tables.frequency import by_frequency, share_cells
from hepatica.present.tables.notes import PERCENTAGES, add_notes
from hepatica.protocol.analyses import Analysis
from hepatica.protocol.model import Protocol
from hepatica.results import Results


@dataclass(frozen=True, slots=True)
class NestedWords:
    """What a table of nested counts says.

    Attributes
    ----------
    title, short : str
        Title, and entry in the contents.
    any : str
        Row of the patients with at least one.
    name : str
        Head of the names where all belong to one category.
    nothing : str
        Sentence below the table where nothing was recorded.
    note : str
        What is counted.
    first : tuple of str
        Categories that stand before all others.
    """

    title: str
    short: str
    any: str
    name: str
    nothing: str
    note: str
    first: tuple[str, ...] = ()


def nested_table(
    results: Results, protocol: Protocol, analysis: Analysis, words: NestedWords
) -> Table:
    """Return a table of patients with at least one record, categories as heads of their names.

    Parameters
    ----------
    results : Results
        Rows of all analyses.
    protocol : Protocol
        Groups and sets.
    analysis : Analysis
        One whose rows are ``any``, ``category`` and ``name``.
    words : NestedWords
        What it says.
    """
    index = RowIndex(results, analysis.id)
    if not index:
        message = index.failure or "No result."
        return Table(analysis.id, words.title, words.short, message=message)
    groups = groups_of(index, protocol, analysis)
    rows = [Row("plain", f"{words.any}, n (%)", share_cells(index, groups, "any"))]
    below = _categories(results, index, groups, analysis.id, words)
    table = Table(
        analysis.id,
        words.title,
        words.short,
        columns=columns(groups),
        rows=(*rows, *below),
    )
    note = words.note if below else words.nothing
    return add_notes(table, protocol, (note, PERCENTAGES), by=analysis.by)


def _categories(
    results: Results, index: RowIndex, groups: tuple[Group, ...], analysis: str, words: NestedWords
) -> list[Row]:
    categories = by_frequency(results, analysis, "category")
    categories.sort(key=lambda one: one.upper() not in words.first)
    rows = []
    for category in categories:
        if len(categories) == 1:
            rows.append(Row("head", f"{words.name}, n (%)"))
        else:
            cells = share_cells(index, groups, "category", category)
            rows.append(Row("head", f"{in_words(category)}, n (%)", cells))
        for value in by_frequency(results, analysis, "name", parameter=category):
            cells = share_cells(index, groups, "name", value, parameter=category)
            rows.append(Row("level", in_words(value), cells, indent=1))
    return rows
