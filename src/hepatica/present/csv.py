"""Tables as plain CSV files that are safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io

from hepatica.present.listings import Listing
from hepatica.present.spans import plain_text
from hepatica.present.table import Column, Table

#: Signs with which a spreadsheet begins to read a text as a formula.
_FORMULA = tuple("=+-@＝＋－＠")


def table_csv(table: Table, *, status: str = "") -> str:
    """Return a table as CSV text: group, row, then one column for each column of the table.

    Parameters
    ----------
    table : Table
        The table.
    status : str
        What the data are, printed on a line of its own below the table; empty for confirmed data.

    Returns
    -------
    str
        Lines that end in a line feed. A text that a spreadsheet would read as a formula begins
        with an apostrophe.

    Examples
    --------
    >>> from hepatica.present.spans import Span
    >>> from hepatica.present.table import Cell, Column, Row
    >>> table = Table("t", "Sex", columns=(Column("a", "Arm A"),), rows=(
    ...     Row("head", "Sex, n (%)"), Row("level", "=1+1", {"a": Cell((Span("3"),))}, indent=1)))
    >>> print(table_csv(table, status="Constructed patients."), end="")
    Group,Row,Arm A
    "Sex, n (%)",'=1+1,3
    <BLANKLINE>
    Constructed patients.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["Group", "Row", *(_safe(_head(table, column)) for column in table.columns)])
    group, parent = "", ""
    for row in table.rows:
        if row.kind == "head":
            group = row.label
        elif row.kind == "plain":
            group = ""
        if row.kind == "head" and not row.cells:
            continue
        texts = [row.cells[c.id].text if c.id in row.cells else "" for c in table.columns]
        label = f"{row.label}{plain_text(row.note)}"
        if row.indent > 1:
            label = f"{parent}: {label}"  # indentation is lost in a spreadsheet
        else:
            parent = label
        labels = [group, label] if row.kind != "head" else ["", label]
        writer.writerow([_safe(text) for text in (*labels, *texts)])
    for line in (table.message, status):
        if line:
            stream.write("\n")
            writer.writerow([_safe(line)])
    return stream.getvalue()


def listing_csv(listing: Listing, *, status: str = "") -> str:
    """Return a listing as CSV text: its heads, a line for each row, then what the data are.

    Examples
    --------
    >>> from hepatica.present.listings import ListingColumn
    >>> heads = (ListingColumn("Subject"), ListingColumn("Cause"))
    >>> print(listing_csv(Listing("deaths", "Deaths", heads, (("1", "=1+1"),))), end="")
    Subject,Cause
    1,'=1+1
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    if listing.columns:
        writer.writerow([_safe(column.label) for column in listing.columns])
    for row in listing.rows:
        writer.writerow([_safe(text) for text in row])
    for line in (listing.message, status):
        if line:
            stream.write("\n")
            writer.writerow([_safe(line)])
    return stream.getvalue()


def _head(table: Table, column: Column) -> str:
    spanner = next((s.label for s in table.spanners if column.id in s.columns), "")
    n = plain_text(column.n)
    return (f"{spanner}: " if spanner else "") + column.label + (f" ({n})" if n else "")


def _safe(text: str) -> str:
    """Return the text on one line, with an apostrophe before what a spreadsheet would calculate."""
    line = " ".join(text.split("\n")).replace("\r", " ").replace("\t", " ")
    return f"'{line}" if line.lstrip().startswith(_FORMULA) else line
