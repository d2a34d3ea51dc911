"""The last columns of a baseline table: P values with the mark of their test, and differences."""

from __future__ import annotations

from dataclasses import replace

from hepatica.present.lookup import RowIndex
from hepatica.present.spans import Span, join, number
from hepatica.present.table import Cell, Column, Row
from hepatica.present.tables.cells import NONE
from hepatica.protocol.baseline_analysis import BaselineComparison
from hepatica.results import ResultRow

_P, _DIFFERENCE = "p_value", "standardised_difference"
_SIGNS = "†‡§‖¶"
_KNOWN = "Tests and standardised differences take patients with a known value."
_UNADJUSTED = "P values are two-sided and not adjusted for their number."


class ComparisonColumns:
    """Adds the columns of a comparison to the rows of variables, and remembers what marks mean.

    Parameters
    ----------
    index : RowIndex
        Rows of the analysis.
    compare : BaselineComparison
        What is asked for.
    """

    __slots__ = ("_asked", "_index", "_marks", "_methods")

    def __init__(self, index: RowIndex, compare: BaselineComparison) -> None:
        self._index = index
        self._marks: dict[str, str] = {}
        self._methods: dict[str, None] = {}
        asked = ((_P, compare.tests), (_DIFFERENCE, compare.standardised_differences))
        self._asked = tuple(name for name, wanted in asked if wanted)

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns, in ink."""
        labels = {_P: "P", _DIFFERENCE: "SMD"}
        return tuple(Column(name, labels[name]) for name in self._asked)

    def added(self, rows: list[Row], variable: str) -> list[Row]:
        """Return the rows of a variable, its comparison on the first."""
        if not rows or not self._asked:
            return rows
        cells = {name: self._cell(name, variable) for name in self._asked}
        return [replace(rows[0], cells={**rows[0].cells, **cells}), *rows[1:]]

    def _cell(self, name: str, variable: str) -> Cell:
        row = self._index.get(name, variable=variable)
        if row is None:
            return NONE
        # A word on one line has no box for a bracketed part beside it.
        return Cell(join(number(row), Span(self._mark(row))), format="word")

    def _mark(self, row: ResultRow) -> str:
        """Return the sign of a method, or of the reason why there is no value."""
        if row.statistic == _DIFFERENCE and row.status == "ok":
            # The head of the column is explained once for all kinds of variables.
            self._methods[row.method] = None
            return ""
        said = row.method if row.status == "ok" else row.message
        if said not in self._marks:
            place = len(self._marks)
            self._marks[said] = _SIGNS[place % len(_SIGNS)] * (1 + place // len(_SIGNS))
        return self._marks[said]

    @property
    def general(self) -> tuple[str, ...]:
        """Sentences for the general note."""
        if not self._asked:
            return ()
        return (_KNOWN, *((_UNADJUSTED,) if _P in self._asked else ()))

    def explained(self) -> tuple[str, ...]:
        """Return what the marks mean and how differences are measured, as footnotes."""
        notes = []
        if self._marks:
            notes.append(" ".join(f"{sign} {_stop(said)}" for said, sign in self._marks.items()))
        if _DIFFERENCE in self._asked:
            notes += [f"SMD: {'; '.join(self._methods)}."] if self._methods else []
        return tuple(notes)


def _stop(text: str) -> str:
    return text if text.endswith(".") else f"{text}."
