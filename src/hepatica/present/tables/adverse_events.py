"""Adverse events: any and severe, by group and in total."""

from __future__ import annotations

from hepatica.present.lookup import Group, RowIndex, groups_of
from hepatica.present.table import Cell, Row, Spanner, Table
from hepatica.present.tables.cells import columns, count_percent
from hepatica.present.tables.notes import PERCENTAGES, add_notes
from hepatica.present.wording import table_title
from hepatica.protocol.analyses import AdverseEventsAnalysis
from hepatica.protocol.model import Protocol
from hepatica.results import Results

_ANY, _SEVERE = "any", "severe"
_WHENEVER = "Whether an event began during treatment is not known: every event counts."


def table_adverse_events(
    results: Results, protocol: Protocol, analysis: AdverseEventsAnalysis
) -> Table:
    """Return the table of adverse events.

    Parameters
    ----------
    results : Results
        Rows of all analyses.
    protocol : Protocol
        Dictionary and its version.
    analysis : AdverseEventsAnalysis
        Severity and threshold.

    Returns
    -------
    Table
        Patients with at least one event, then the events by frequency in all patients and, where
        that is equal, by name. Listed is an event that reaches the threshold in any column, or
        that was severe in anybody.
    """
    index = RowIndex(results, analysis.id)
    title = table_title(protocol, analysis, "Adverse events")
    if not index:
        return Table(analysis.id, title, "Adverse events", message=index.failure or "No result.")
    groups = groups_of(index, protocol, analysis)
    events = _ordered(index, groups, analysis.threshold_percent)
    rows = [Row("plain", "At least one event, n (%)", _cells(index, groups, ""))]
    if events:
        rows.append(Row("head", "Event, n (%)"))
        rows += [Row("level", event, _cells(index, groups, event)) for event in events]
    table = Table(
        analysis.id,
        title,
        "Adverse events",
        columns=(*columns(groups, f"{_ANY}-"), *columns(groups, f"{_SEVERE}-")),
        spanners=(
            Spanner("Any grade", tuple(f"{_ANY}-{group.column}" for group in groups)),
            Spanner(analysis.severity.label, tuple(f"{_SEVERE}-{g.column}" for g in groups)),
        ),
        rows=tuple(rows),
    )
    return add_notes(
        table, protocol, _notes(index, protocol, analysis, len(events)), by=analysis.by
    )


def _cells(index: RowIndex, groups: tuple[Group, ...], event: str) -> dict[str, Cell]:
    cells = {}
    for variable in (_ANY, _SEVERE):
        for group in groups:
            count, percent = (
                index.get(statistic, level=group.level, variable=variable, variable_level=event)
                for statistic in ("n", "percent")
            )
            cells[f"{variable}-{group.column}"] = count_percent(count, percent, bare_zero=True)
    return cells


def _ordered(index: RowIndex, groups: tuple[Group, ...], threshold: float) -> list[str]:
    events = dict.fromkeys((*index.levels(_ANY), *index.levels(_SEVERE)))
    listed = [event for event in events if _is_listed(index, groups, event, threshold)]

    def frequency(event: str) -> float:
        row = index.get("n", level=groups[-1].level, variable=_ANY, variable_level=event)
        return row.value if row is not None and row.value is not None else 0.0

    return sorted(listed, key=lambda event: (-frequency(event), event.casefold()))


def _is_listed(index: RowIndex, groups: tuple[Group, ...], event: str, threshold: float) -> bool:
    for group in groups:
        share = index.get("percent", level=group.level, variable=_ANY, variable_level=event)
        severe = index.get("n", level=group.level, variable=_SEVERE, variable_level=event)
        if share is not None and share.value is not None and share.value >= threshold > 0:
            return True
        if severe is not None and severe.value:
            return True
        count = index.get("n", level=group.level, variable=_ANY, variable_level=event)
        if threshold == 0 and count is not None and count.value:
            return True
    return False


def _notes(
    index: RowIndex, protocol: Protocol, analysis: AdverseEventsAnalysis, listed: int
) -> tuple[str, ...]:
    coding = protocol.adverse_events
    graded = f"{coding.dictionary} {coding.version}" if coding else ""
    if coding and coding.follow_up_days is not None:
        graded += f", up to {coding.follow_up_days} days after the last dose"
    graded += ". " if graded else ""
    if index.get("events", variable="emergence_unknown") is not None:
        graded += f"{_WHENEVER} "
    counted = "Each patient counts once for an event, at the worst grade."
    left_out = len(index.levels(_ANY)) - listed
    threshold = analysis.threshold_percent
    rule = ""
    if threshold > 0:
        rule = (
            f"Listed are events of {threshold:g}% or more of patients in any column, and all "
            f"events of {_lower(analysis.severity.label)}."
        )
        rule += " Rarer events are in the result rows." if left_out > 0 else ""
    return (graded + counted, rule, PERCENTAGES)


def _lower(label: str) -> str:
    return label[:1].lower() + label[1:]
