"""One endpoint under several sets of rules: a row each, beside the main one."""

from __future__ import annotations

from dataclasses import replace

from hepatica.present.format import format_level
from hepatica.present.lookup import Group, RowIndex, groups_of
from hepatica.present.spans import join, number
from hepatica.present.table import Cell, Row, Table
from hepatica.present.tables.cells import NONE, columns, estimate, single
from hepatica.present.tables.notes import INTERVALS, MONTHS, add_notes
from hepatica.present.wording import endpoint_of, table_title
from hepatica.protocol.analyses import SensitivityAnalysis
from hepatica.protocol.endpoints import TimeToEvent
from hepatica.protocol.model import Protocol
from hepatica.results import ResultRow, Results

_CHANGED = (
    "Other than main: patients whose time or event is not that under the main rules. All rules "
    "stand in Methods."
)
_BOUNDS = "Bounds at"
_EXPLAINED = (
    "Bounds: the time lies within an interval in which the data do not tell when progression was; "
    "each value between the bounds is as likely."
)


def table_sensitivity(results: Results, protocol: Protocol, analysis: SensitivityAnalysis) -> Table:
    """Return the table of an endpoint under several sets of rules.

    Parameters
    ----------
    results : Results
        Rows of all analyses.
    protocol : Protocol
        The endpoints and their landmarks.
    analysis : SensitivityAnalysis
        Which endpoints, the main one first.

    Returns
    -------
    Table
        For each set of rules: events, median, survival at the first landmark, and how many
        patients differ from the main rules.
    """
    index = RowIndex(results, analysis.id)
    endpoints = [endpoint_of(protocol, one) for one in analysis.endpoints]
    times = [one for one in endpoints if isinstance(one, TimeToEvent)]
    title = table_title(protocol, analysis, f"{times[0].label} under other rules")
    if not index:
        return Table(analysis.id, title, "Sensitivity", message=index.failure or "No result.")
    groups = tuple(group for group in groups_of(index, protocol, analysis) if group.level)
    rows: list[Row] = []
    for place, one in enumerate(times):
        rows += _rows(index, one, groups, times[0], is_main=not place)
    if analysis.interval_censored:
        rows += _interval_rows(index, times[0], groups)
    table = Table(analysis.id, title, "Sensitivity", columns=columns(groups), rows=tuple(rows))
    methods = dict.fromkeys(
        row.method
        for row in results.where(analysis=analysis.id)
        if row.method and row.statistic in ("median", "survival")
    )
    general = (MONTHS, INTERVALS, _CHANGED if len(times) > 1 else "")
    table = add_notes(table, protocol, general, methods, by=analysis.by)
    if not any(row.label.startswith(_BOUNDS) for row in rows):
        return table
    return replace(table, footnotes=(f"{table.footnotes[0]} {_EXPLAINED}", *table.footnotes[1:]))


def _interval_rows(index: RowIndex, endpoint: TimeToEvent, groups: tuple[Group, ...]) -> list[Row]:
    """Return what comes out where progression is known to an interval only."""
    point = endpoint.time_points[0]

    def found(group: Group, variable: str, statistic: str) -> ResultRow | None:
        time = None if statistic == "n" else point.days
        return index.get(
            statistic,
            level=group.level,
            parameter=endpoint.parameter,
            variable=variable,
            time=time,
        )

    def rate(variable: str) -> dict[str, Cell]:
        parts = ("survival", "survival_lower", "survival_upper")
        return {
            group.column: estimate(*(found(group, variable, part) for part in parts))
            for group in groups
        }

    limit = found(groups[0], "interval_censored", "survival_lower")
    interval = f" ({format_level(limit)})" if limit is not None else ""
    counted = {group.column: single(found(group, "interval_censored", "n")) for group in groups}
    rows = [
        Row("head", f"{endpoint.label}, interval-censored"),
        Row("level", "Progressions within an interval, n", counted, indent=1),
        Row("level", f"At {point.text}, %{interval}", rate("interval_censored"), indent=1),
    ]
    known = [found(group, "interval_censored", "survival") for group in groups]
    if any(row is not None and row.status != "ok" for row in known):
        cells = {
            group.column: _bounds(
                found(group, "interval_censored", "least"),
                found(group, "interval_censored", "most"),
            )
            for group in groups
        }
        rows.append(Row("level", f"{_BOUNDS} {point.text}, %", cells, indent=1))
    label = f"At {point.text}, middle of the interval, %{interval}"
    rows.append(Row("level", label, rate("midpoint"), indent=1))
    return rows


def _bounds(least: ResultRow | None, most: ResultRow | None) -> Cell:
    """Return the range of survival that the data do not decide within."""
    if least is None or most is None:
        return NONE
    return Cell(join(number(least), " to ", number(most)), format=least.format)


def _rows(
    index: RowIndex,
    endpoint: TimeToEvent,
    groups: tuple[Group, ...],
    main: TimeToEvent,
    *,
    is_main: bool,
) -> list[Row]:
    """Return the head of one set of rules, and what comes out under them."""
    limit = index.get("median_lower", level=groups[0].level, parameter=endpoint.parameter)
    interval = f" ({format_level(limit)})" if limit is not None else ""

    def cells(statistic: str, time: float | None = None) -> dict[str, Cell]:
        return {
            group.column: estimate(
                *(
                    index.get(
                        f"{statistic}{part}",
                        level=group.level,
                        parameter=endpoint.parameter,
                        time=time,
                    )
                    for part in ("", "_lower", "_upper")
                )
            )
            for group in groups
        }

    rows = [
        Row("head", endpoint.label + (" (main)" if is_main else "")),
        Row("level", "Events, n", cells("events"), indent=1),
        Row("level", f"Median, months{interval}", cells("median"), indent=1),
    ]
    if main.time_points:
        point = main.time_points[0]
        rate = cells("survival", time=point.days)
        rows.append(Row("level", f"At {point.text}, %{interval}", rate, indent=1))
    if not is_main:
        changed = {
            group.column: single(
                index.get("n", level=group.level, parameter=endpoint.parameter, variable="changed")
            )
            for group in groups
        }
        rows.append(Row("level", "Other than main, n", changed, indent=1))
    return rows
