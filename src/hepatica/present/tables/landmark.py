"""What the table of endpoints says where times are counted from a landmark."""

from __future__ import annotations

from collections.abc import Iterable

from hepatica.present.lookup import Group, RowIndex
from hepatica.present.table import Row
from hepatica.present.tables.cells import single
from hepatica.protocol.analyses import TimeToEventAnalysis
from hepatica.results import Results

#: Left out, by levels of the variable ``landmark``.
LEFT_OUT = {
    "event_before": "Left out: event up to the landmark",
    "censored_before": "Left out: follow-up ended up to the landmark",
    "no_time": "Left out: without a usable time",
}


def landmark_rows(index: RowIndex, groups: tuple[Group, ...]) -> list[Row]:
    """Return how many of each group are left out before the landmark, where there is one."""
    rows = []
    for name, label in LEFT_OUT.items():
        found = {
            group.column: index.get(
                "n", level=group.level, variable="landmark", variable_level=name
            )
            for group in groups
        }
        if any(row is not None and row.value for row in found.values()):
            cells = {column: single(row) for column, row in found.items()}
            rows.append(Row("level", label, cells, indent=1))
    return rows


def landmark_notes(results: Results, analyses: Iterable[TimeToEventAnalysis]) -> list[str]:
    """Return the sentence on the landmark with the numbers left out, each landmark once."""
    return list(dict.fromkeys(note for one in analyses if (note := landmark_note(results, one))))


def landmark_note(results: Results, analysis: TimeToEventAnalysis) -> str:
    """Return what a landmark does and how many patients are left out before it, or nothing."""
    if analysis.landmark is None:
        return ""
    counts = dict.fromkeys(LEFT_OUT, 0)
    for row in results.where(analysis=analysis.id, variable="landmark", statistic="n"):
        if row.variable_level in counts:
            counts[row.variable_level] += int(row.value or 0)
    return (
        f"Landmark analysis: times are counted from {analysis.landmark.text} after the time "
        "origin, in patients without the event and under observation then. Left out before it: "
        f"{counts['event_before']} with the event, {counts['censored_before']} whose follow-up "
        f"had ended{_without_time(counts['no_time'])}."
    )


def _without_time(n: int) -> str:
    return f", {n} without a usable time" if n else ""
