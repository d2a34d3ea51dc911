"""Mock tables: the real layout, with signs in place of numbers."""

from __future__ import annotations

import re
from dataclasses import replace

from hepatica.present.spans import Span, Spans
from hepatica.present.table import Cell, Table

#: Kinds of tables whose lines are what occurred, and cannot be known beforehand.
NAMED_BY_DATA = (
    "The lines name what occurred in constructed patients; the table will list what occurs."
)


def shell(table: Table, *, named_by_data: bool = False) -> Table:
    """Return a table with ``x`` for every digit of a number that came from data.

    Parameters
    ----------
    table : Table
        The table as a dry run on constructed patients fills it.
    named_by_data : bool
        Whether its lines are named by what occurred; then a footnote says so.

    Returns
    -------
    Table
        Without ids of rows: there is nothing behind it.

    Examples
    --------
    >>> from hepatica.present.table import Column
    >>> head = Column("a", "A", (Span("n = "), Span("26", "S/n")))
    >>> made = Table("t", "Patients", columns=(head,))
    >>> [span.text for span in shell(made).columns[0].n]
    ['n = ', 'xx']
    """
    columns = tuple(replace(one, n=_masked(one.n)) for one in table.columns)
    rows = tuple(
        replace(
            row,
            note=_masked(row.note),
            cells={name: _cell(cell) for name, cell in row.cells.items()},
        )
        for row in table.rows
        if row.kind != "message"  # what was found in constructed patients
    )
    notes = (*table.footnotes, NAMED_BY_DATA) if named_by_data else table.footnotes
    return replace(table, columns=columns, rows=rows, footnotes=notes, folded="")


def _cell(cell: Cell) -> Cell:
    return replace(cell, value=_masked(cell.value), extra=_masked(cell.extra))


def _masked(spans: Spans) -> Spans:
    return tuple(Span(_signs(one.text), strong=one.strong) if one.row_id else one for one in spans)


def _signs(text: str) -> str:
    """Return a number as signs: whole numbers as xx, decimals with their decimals."""
    if not any(sign.isdigit() for sign in text):
        return "xx"
    return re.sub(
        r"\d[\d\N{THIN SPACE}]*(\.\d+)?",
        lambda found: f"xx.{'x' * (len(found[1]) - 1)}" if found[1] else "xx",
        text,
    )
