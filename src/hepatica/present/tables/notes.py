"""Footnotes: one general note, then what marks mean, then abbreviations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from hepatica.present.format import NOT_APPLICABLE, NOT_ESTIMABLE
from hepatica.present.table import Table
from hepatica.present.wording import abbreviations
from hepatica.protocol.model import Protocol

#: Said wherever groups stand side by side that were not allocated by chance.
NOT_RANDOMISED = "The groups were not randomised."

MONTHS = "1 month = 30.4375 days."
PERCENTAGES = (
    "Percentages are shares of the n of their column, rounded half up to 1 decimal (whole "
    "percentages below 20 patients); they may not add to 100."
)
INTERVALS = "Estimates and limits are rounded half up to 1 decimal, hazard ratios to 2."

_NE = "NE: not estimable; a median or limit that was not reached within follow-up (NR) is shown so."
_DASH = "–: not applicable."
_MISSING = "Missing: no value was recorded; these patients stay in the denominator."


def add_notes(
    table: Table,
    protocol: Protocol,
    general: Iterable[str],
    methods: Iterable[str] = (),
    *,
    by: str = "arm",
) -> Table:
    """Return the table with its footnotes in order.

    Parameters
    ----------
    table : Table
        Its cells decide which marks are explained.
    protocol : Protocol
        Says whether groups were randomised.
    general : iterable of str
        Sentences about population and rounding.
    methods : iterable of str
        Names of methods as the rows give them.
    by : str
        What patients are grouped by; only arms can be randomised.
    """
    notes = [note for note in general if note]
    named = list(dict.fromkeys(methods))
    if named:
        notes.append(f"Methods: {'; '.join(named)}.")
    arms = [column for column in table.columns if column.slot]
    if len(arms) > 1 and not (protocol.study.randomised and by == "arm"):
        notes.append(NOT_RANDOMISED)
    notes += _marks(table)
    texts = [table.title, *(row.label for row in table.rows), *(c.label for c in table.columns)]
    names = abbreviations(texts)
    footnotes = (" ".join(notes), names) if names else (" ".join(notes),)
    return replace(table, footnotes=tuple(note for note in footnotes if note))


def _marks(table: Table) -> list[str]:
    cells = {
        span.text.strip("()")
        for row in table.rows
        for c in row.cells.values()
        for span in (*c.value, *c.extra)
    }
    marks = []
    if NOT_ESTIMABLE in cells:
        marks.append(_NE)
    if NOT_APPLICABLE in {c.text for row in table.rows for c in row.cells.values()}:
        marks.append(_DASH)
    if any(row.label == "Missing" for row in table.rows):
        marks.append(_MISSING)
    return marks
