"""Finding rows quickly, and the groups that make the columns of a table."""

from __future__ import annotations

from dataclasses import dataclass

from hepatica.present.theme import MAX_SLOTS
from hepatica.protocol.analyses import Analysis
from hepatica.protocol.groups import group_labels
from hepatica.protocol.model import Protocol
from hepatica.results import ResultRow, Results

_Key = tuple[str, str, str, str, float | None, str]


class RowIndex:
    """The rows of one analysis, found by their columns without a search.

    Examples
    --------
    >>> rows = Results([ResultRow(study="S", analysis="a", level="A", statistic="n", value=26.0)])
    >>> RowIndex(rows, "a").get("n", level="A").value
    26.0
    >>> RowIndex(rows, "a").get("n", level="B") is None
    True
    """

    __slots__ = ("_rows", "failure")

    def __init__(self, results: Results, analysis: str) -> None:
        self._rows: dict[_Key, list[ResultRow]] = {}
        self.failure = ""
        for row in results.where(analysis=analysis):
            if row.statistic == "analysis" and row.status == "failed":
                self.failure = row.message or "The analysis could not be carried out."
                continue
            key = (
                row.statistic,
                row.level,
                row.variable,
                row.variable_level,
                row.time,
                row.reference,
            )
            self._rows.setdefault(key, []).append(row)

    def get(
        self,
        statistic: str,
        *,
        level: str = "",
        variable: str = "",
        variable_level: str = "",
        time: float | None = None,
        reference: str = "",
        parameter: str | None = None,
    ) -> ResultRow | None:
        """Return the row with these columns, or ``None``; ``parameter`` chooses among several."""
        found = self._rows.get((statistic, level, variable, variable_level, time, reference), [])
        if parameter is not None:
            found = [row for row in found if row.parameter == parameter]
        return found[0] if found else None

    def among(
        self, statistic: str, *, level: str = "", variable: str | None = None
    ) -> tuple[ResultRow, ...]:
        """Return the rows of a statistic and level, of one variable where it is given, in order."""
        return tuple(
            row
            for key, rows in self._rows.items()
            if key[:2] == (statistic, level) and variable in (None, key[2])
            for row in rows
        )

    def levels(self, variable: str) -> tuple[str, ...]:
        """Return the levels of a variable in the order of the rows, each once."""
        return tuple(dict.fromkeys(key[3] for key in self._rows if key[2] == variable and key[3]))

    def methods(self, *variables: str) -> tuple[str, ...]:
        """Return the names of methods in the rows of some variables, each once."""
        return tuple(
            dict.fromkeys(
                row.method
                for key, rows in self._rows.items()
                if key[2] in variables
                for row in rows
                if row.method
            )
        )

    def __bool__(self) -> bool:
        return bool(self._rows)


def subset_of(row: ResultRow) -> tuple[str, str]:
    """Return the subgroup of a row, empty for all patients of a restricted analysis.

    Examples
    --------
    >>> row = ResultRow(study="S", analysis="a", statistic="n", subgroup="where",
    ...                 subgroup_level="Second line", value=74.0)
    >>> subset_of(row)
    ('', '')
    """
    return ("", "") if row.subgroup == "where" else (row.subgroup, row.subgroup_level)


@dataclass(frozen=True, slots=True)
class Group:
    """A group of patients: a column of a table, a line of a card.

    Attributes
    ----------
    level : str
        Level of its rows; empty for all patients together.
    label : str
        Its name.
    slot : int
        Colour slot from 1; 0 for ink.
    n : ResultRow or None
        Row with the number of its patients.
    """

    level: str
    label: str
    slot: int
    n: ResultRow | None

    @property
    def column(self) -> str:
        """Name of its column."""
        return self.level or "all"


def groups_of(index: RowIndex, protocol: Protocol, analysis: Analysis) -> tuple[Group, ...]:
    """Return the groups of an analysis in the order of the protocol; all patients come last.

    A single group stands alone when it holds all patients.
    """
    planned = group_labels(protocol, analysis.by)
    # The colour follows the place in the protocol, so that an empty group moves no colour.
    groups = [
        Group(label, label, slot if len(planned) <= MAX_SLOTS else 0, row)
        for slot, label in enumerate(planned, start=1)
        if (row := index.get("n", level=label)) is not None
    ]
    total = index.get("n")
    if total is None:
        return tuple(groups)
    alone = groups[0].n if len(groups) == 1 else None
    if alone is not None and alone.value == total.value:
        return tuple(groups)
    return (*groups, Group("", "All", 0, total))
