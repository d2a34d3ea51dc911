"""What the table of endpoints says where patients enter late."""

from __future__ import annotations

from collections.abc import Iterable

from hepatica.present.lookup import Group, RowIndex
from hepatica.present.table import Row
from hepatica.present.tables.cells import single
from hepatica.present.wording import delayed_entry_sentence
from hepatica.protocol.endpoints import Endpoint, TimeToEvent

_LABELS = {
    "followed": "Followed from entry on",
    "unknown": "Set aside: day of entry not known",
    "not_after": "Set aside: time ended before entry",
    "fewest_at_risk": "Fewest at risk at an event, up to the last entry",
}


def delayed_entry_rows(
    index: RowIndex, endpoint: TimeToEvent, groups: tuple[Group, ...]
) -> list[Row]:
    """Return a row for each count of variable ``entry``; patients set aside only if there are."""
    if endpoint.entry is None:
        return []
    rows = []
    for level, label in _LABELS.items():
        found = {
            group.column: index.get("n", level=group.level, variable="entry", variable_level=level)
            for group in groups
        }
        if any(row is not None and row.value for row in found.values()):
            cells = {column: single(row) for column, row in found.items()}
            rows.append(Row("level", label, cells, indent=1))
    return rows


def delayed_entry_notes(endpoints: Iterable[Endpoint]) -> list[str]:
    """Return the sentences on delayed entry that belong below the table, each once."""
    entries = [one.entry for one in endpoints if isinstance(one, TimeToEvent) and one.entry]
    return list(dict.fromkeys(delayed_entry_sentence(entry) for entry in entries))


def follow_up_label(endpoint: TimeToEvent) -> str:
    """Return what the row of follow-up is called; late entry is what it is counted from."""
    if endpoint.entry is None:
        return "Follow-up, median, months"
    return f"Follow-up from {endpoint.entry.label}, median, months"
