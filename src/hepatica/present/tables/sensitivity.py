"""One endpoint under several sets of rules: a row each, beside the main one."""

from __future__ import annotations

from hepatica.present.format import format_level
from hepatica.present.lookup import Group, RowIndex, groups_of
from hepatica.present.table import Cell, Row, Table
from hepatica.present.tables.cells import columns, estimate, single
from hepatica.present.tables.notes import INTERVALS, MONTHS, add_notes
from hepatica.present.wording import endpoint_of, table_title
from hepatica.protocol.analyses import SensitivityAnalysis
from hepatica.protocol.endpoints import TimeToEvent
from hepatica.protocol.model import Protocol
from hepatica.results import Results

_CHANGED = (
    "Other than main: patients whose time or event is not that under the main rules. All rules "
    "stand in Methods."
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
    table = Table(analysis.id, title, "Sensitivity", columns=columns(groups), rows=tuple(rows))
    methods = dict.fromkeys(
        row.method
        for row in results.where(analysis=analysis.id)
        if row.method and row.statistic in ("median", "survival")
    )
    return add_notes(table, protocol, (MONTHS, INTERVALS, _CHANGED), methods, by=analysis.by)


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
