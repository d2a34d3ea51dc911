"""The table of serious adverse events."""

from __future__ import annotations

from typing import Any

from counted import SIZES, csv_lines, lines, plan, row, shares, sizes, traced

from hepatica.present.table import Table
from hepatica.present.tables import table_serious_events
from hepatica.protocol.analyses import AdverseEventsAnalysis
from hepatica.results import ResultRow, Results

SEVERITY = {"column": "ATOXGR", "at_least": 3, "label": "Grade 3 or higher"}


def serious(rows: Results, **more: Any) -> Table | None:
    protocol = plan({"kind": "adverse_events", "severity": SEVERITY, **more})
    (analysis,) = protocol.analyses
    assert isinstance(analysis, AdverseEventsAnalysis)
    return table_serious_events(rows, protocol, analysis)


def numbers(variable: str, counts: tuple[int, int]) -> list[ResultRow]:
    values = (*counts, sum(counts))
    return [
        row("events", value, level, variable=variable, format="integer")
        for level, value in zip(SIZES, values, strict=True)
    ]


def test_patients_events_and_each_event_by_frequency() -> None:
    rows = Results(
        [
            *sizes(),
            *shares("serious", "", (4, 1)),
            *numbers("serious", (5, 1)),
            *shares("serious", "Anaemia", (0, 1)),
            *shares("serious", "Bleeding", (3, 1)),
            *shares("serious_related", "", (2, 0)),
            *numbers("serious_related", (3, 0)),
            *shares("serious_related", "Bleeding", (2, 0)),
            *shares("serious_relation_unknown", "", (0, 1)),
            *numbers("serious_relation_unknown", (0, 1)),
        ]
    )
    table = serious(rows)
    assert table is not None
    assert (table.id, table.title) == (
        "one-serious",
        "Serious adverse events, full analysis set",
    )
    assert lines(table) == [
        ("At least one serious event, n (%)", "4 (13.3)", "1 (5.0)", "5 (10.0)"),
        ("  At least one related to treatment", "2 (6.7)", "0", "2 (4.0)"),
        ("  At least one with relation not known", "0", "1 (5.0)", "1 (2.0)"),
        ("Number of serious events", "5", "1", "6"),
        ("  Number related to treatment", "3", "0", "3"),
        ("  Number with relation not known", "0", "1", "1"),
        ("Event, n (%)",),
        ("  Bleeding", "3 (10.0)", "1 (5.0)", "4 (8.0)"),
        ("    Related to treatment", "2 (6.7)", "0", "2 (4.0)"),
        ("  Anaemia", "0", "1 (5.0)", "1 (2.0)"),
    ]
    traced(table, rows)
    assert csv_lines(table)[8] == [
        *("Event, n (%)", "Bleeding: Related to treatment", "2 (6.7)", "0", "2 (4.0)"),
    ]
    assert "words that say neither" in table.footnotes[0]


def test_no_serious_event_is_said() -> None:
    rows = Results([*sizes(), *shares("serious", "", (0, 0)), *numbers("serious", (0, 0))])
    table = serious(rows)
    assert table is not None
    assert lines(table) == [
        ("At least one serious event, n (%)", "0", "0", "0"),
        ("Number of serious events", "0", "0", "0"),
    ]
    assert table.footnotes[0].startswith("No serious adverse event was recorded.")
    assert "Related" not in table.footnotes[0]


def test_a_study_that_does_not_record_them_has_no_table() -> None:
    assert serious(Results([*sizes(), *shares("any", "", (3, 4))])) is None


def test_a_title_of_the_plan_does_not_hide_what_is_counted() -> None:
    rows = Results([*sizes(), *shares("serious", "", (0, 0)), *numbers("serious", (0, 0))])
    table = serious(rows, title="Safety in the first cycle")
    assert table is not None
    assert table.title == "Serious adverse events: Safety in the first cycle, full analysis set"
