"""What stands below a survival probability at a fixed time: the window's end, plain counting."""

from __future__ import annotations

from hepatica.present.lookup import Group, RowIndex
from hepatica.present.spans import Span
from hepatica.present.table import Cell, Row
from hepatica.present.tables.cells import NONE, estimate, single

#: Said wherever plain counting is shown.
PLAIN = (
    "Plain share: patients without the event among all, defined where nobody was censored before "
    "the time."
)
_UNDEFINED = Cell((Span("undefined"),), format="text")


def fixed_time_rows(index: RowIndex, groups: tuple[Group, ...], day: float) -> list[Row]:
    """Return the rows below the survival at a day, where the analysis has them.

    Parameters
    ----------
    index : RowIndex
        Rows of the analysis.
    groups : tuple of Group
        Columns.
    day : float
        The time point.
    """
    ends = [one for one in index.levels("window_end") if _at(index, groups, one, day)]
    rows: list[Row] = []
    for end in ends[:1]:
        rates, between = {}, {}
        for group in groups:
            where = {"level": group.level, "variable": "window_end", "variable_level": end}
            rates[group.column] = estimate(
                *(
                    index.get(f"survival{part}", time=day, **where)
                    for part in ("", "_lower", "_upper")
                )
            )
            between[group.column] = single(index.get("events", time=day, **where))
        rows.append(Row("level", f"at {end}, the end of that scan's window", rates, indent=2))
        rows.append(Row("level", "events first seen in between, n", between, indent=2))
    plain = {group.column: _plain(index, group, day) for group in groups}
    # Where patients were censored earlier in all groups, there is no share to count at all.
    if any(cell is not NONE and cell is not _UNDEFINED for cell in plain.values()):
        rows.append(Row("level", "plain share", plain, indent=2))
    return rows


def _at(index: RowIndex, groups: tuple[Group, ...], end: str, day: float) -> bool:
    return any(
        index.get("events", level=g.level, variable="window_end", variable_level=end, time=day)
        for g in groups
    )


def _plain(index: RowIndex, group: Group, day: float) -> Cell:
    value, lower, upper = (
        index.get(f"percent{part}", level=group.level, variable="plain", time=day)
        for part in ("", "_lower", "_upper")
    )
    if value is None:
        return NONE
    return _UNDEFINED if value.status != "ok" else estimate(value, lower, upper)
