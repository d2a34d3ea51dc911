"""Serious adverse events: patients, numbers of events, and those related to treatment."""

from __future__ import annotations

from hepatica.present.lookup import Group, RowIndex, groups_of
from hepatica.present.table import Cell, Row, Table
from hepatica.present.tables.cells import columns, single
from hepatica.present.tables.frequency import by_frequency, share_cells
from hepatica.present.tables.notes import PERCENTAGES, add_notes
from hepatica.present.wording import table_title
from hepatica.protocol.analyses import AdverseEventsAnalysis
from hepatica.protocol.model import Protocol
from hepatica.results import Results

_SERIOUS, _RELATED = "serious", "serious_related"
_TITLE = "Serious adverse events"
_RELATED_TO = "Related to treatment"
_UNKNOWN = "with relation not known"
#: What is shown below all serious events, where there are rows of it; a label follows that of the
#: statistic, so that it can be understood alone.
_OF_THEM = (
    (_RELATED, "related to treatment"),
    ("serious_relation_unknown", _UNKNOWN),
    ("seriousness_unknown", "not recorded as serious or not"),
)

_NONE = "No serious adverse event was recorded."
_MEANING = (
    "Serious as recorded, whatever the grade. Each patient counts once; the number of events "
    "counts every record."
)
_RELATION = "Related: recorded as possibly, probably or definitely related."
_OTHER = "Relation not known: not recorded, or in words that say neither."


def table_serious_events(
    results: Results, protocol: Protocol, analysis: AdverseEventsAnalysis
) -> Table | None:
    """Return the table of serious adverse events; ``None`` when the study does not record them.

    Parameters
    ----------
    results : Results
        Rows of all analyses.
    protocol : Protocol
        Groups and sets.
    analysis : AdverseEventsAnalysis
        The planned analysis.

    Returns
    -------
    Table or None
        Patients with a serious event and those related, numbers of events, then each event by
        frequency.
    """
    index = RowIndex(results, analysis.id)
    if index.get("n", variable=_SERIOUS) is None:
        return None
    groups = groups_of(index, protocol, analysis)
    events = by_frequency(results, analysis.id, _SERIOUS)
    rows = [*_patients(index, groups), *_numbers(index, groups), *_each(index, groups, events)]
    title = table_title(protocol, analysis, _TITLE)
    if analysis.title:
        title = f"{_TITLE}: {title}"
    table = Table(
        f"{analysis.id}-serious", title, _TITLE, columns=columns(groups), rows=tuple(rows)
    )
    notes = (
        "" if events else _NONE,
        _MEANING,
        _RELATION if index.get("n", variable=_RELATED) is not None else "",
        _OTHER if any(row.label.endswith(_UNKNOWN) for row in rows) else "",
        PERCENTAGES,
    )
    return add_notes(table, protocol, notes, by=analysis.by)


def _patients(index: RowIndex, groups: tuple[Group, ...]) -> list[Row]:
    label = "At least one serious event, n (%)"
    rows = [Row("plain", label, share_cells(index, groups, _SERIOUS))]
    for variable, name in _OF_THEM:
        if index.get("n", variable=variable) is not None:
            cells = share_cells(index, groups, variable)
            rows.append(Row("level", f"At least one {name}", cells, indent=1))
    return rows


def _numbers(index: RowIndex, groups: tuple[Group, ...]) -> list[Row]:
    rows = [Row("plain", "Number of serious events", _number_cells(index, groups, _SERIOUS))]
    for variable, name in _OF_THEM:
        if index.get("events", variable=variable) is not None:
            cells = _number_cells(index, groups, variable)
            rows.append(Row("level", f"Number {name}", cells, indent=1))
    return rows


def _number_cells(index: RowIndex, groups: tuple[Group, ...], variable: str) -> dict[str, Cell]:
    return {
        group.column: single(index.get("events", level=group.level, variable=variable))
        for group in groups
    }


def _each(index: RowIndex, groups: tuple[Group, ...], events: list[str]) -> list[Row]:
    rows = [Row("head", "Event, n (%)")] if events else []
    for event in events:
        cells = share_cells(index, groups, _SERIOUS, event)
        rows.append(Row("level", event, cells, indent=1))
        if index.get("n", variable=_RELATED, variable_level=event) is not None:
            cells = share_cells(index, groups, _RELATED, event)
            rows.append(Row("level", _RELATED_TO, cells, indent=2))
    return rows
