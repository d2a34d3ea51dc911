"""Counts of patients as cells, and their order: the most frequent first."""

from __future__ import annotations

from hepatica.present.lookup import Group, RowIndex
from hepatica.present.table import Cell
from hepatica.present.tables.cells import count_percent
from hepatica.results import Results

#: Values that come after all others, whatever their frequency.
_LAST = ("OTHER", "UNKNOWN", "NOT RECORDED")


def share_cells(
    index: RowIndex,
    groups: tuple[Group, ...],
    variable: str,
    value: str = "",
    *,
    parameter: str = "",
) -> dict[str, Cell]:
    """Return count and percentage of a value for each group."""
    cells = {}
    for group in groups:
        n, percent = (
            index.get(
                statistic,
                level=group.level,
                variable=variable,
                variable_level=value,
                parameter=parameter,
            )
            for statistic in ("n", "percent")
        )
        cells[group.column] = count_percent(n, percent, bare_zero=True)
    return cells


def by_frequency(
    results: Results, analysis: str, variable: str, *, parameter: str = ""
) -> list[str]:
    """Return the values of a variable by how many of all patients have them, then by name.

    What is other, unknown or not recorded comes last.
    """
    counted = {
        row.variable_level: row.value or 0.0
        for row in results.where(
            analysis=analysis, variable=variable, parameter=parameter, statistic="n", level=""
        )
        if row.variable_level
    }
    return sorted(counted, key=lambda one: (_place(one), -counted[one], one.casefold()))


def _place(value: str) -> int:
    name = value.upper()
    found = (place for place, word in enumerate(_LAST, start=1) if name.startswith(word))
    return next(found, 0)
