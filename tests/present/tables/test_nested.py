"""Tables of deviations and therapies: categories are heads of their names."""

from __future__ import annotations

from counted import csv_lines, lines, plan, shares, sizes, traced

from hepatica.present.table import Table
from hepatica.present.tables import table_deviations, table_therapies
from hepatica.protocol.analyses import DeviationsAnalysis, TherapiesAnalysis
from hepatica.results import Results


def deviations(*rows: object) -> tuple[Table, Results]:
    protocol = plan({"kind": "deviations"})
    (analysis,) = protocol.analyses
    assert isinstance(analysis, DeviationsAnalysis)
    results = Results([*sizes(), *rows])  # type: ignore[list-item]
    return table_deviations(results, protocol, analysis), results


def therapies(when: str, *rows: object) -> Table:
    protocol = plan({"kind": "therapies", "when": when})
    (analysis,) = protocol.analyses
    assert isinstance(analysis, TherapiesAnalysis)
    return table_therapies(Results([*sizes(), *rows]), protocol, analysis)  # type: ignore[list-item]


def test_major_deviations_stand_first_then_frequency_decides() -> None:
    table, rows = deviations(
        *shares("any", "", (3, 1)),
        *shares("category", "MAJOR", (1, 0)),
        *shares("category", "MINOR", (2, 1)),
        *shares("category", "Not recorded", (2, 2)),
        *shares("name", "CONSENT", (1, 0), parameter="MAJOR"),
        *shares("name", "OTHER", (2, 1), parameter="MINOR"),
        *shares("name", "LATE VISIT", (1, 1), parameter="MINOR"),
        *shares("name", "A late dose", (1, 1), parameter="MINOR"),
        *shares("name", "LATE VISIT", (2, 2), parameter="Not recorded"),
    )
    assert lines(table) == [
        ("At least one protocol deviation, n (%)", "3 (10.0)", "1 (5.0)", "4 (8.0)"),
        ("Major, n (%)", "1 (3.3)", "0", "1 (2.0)"),
        ("  Consent", "1 (3.3)", "0", "1 (2.0)"),
        ("Minor, n (%)", "2 (6.7)", "1 (5.0)", "3 (6.0)"),
        ("  A late dose", "1 (3.3)", "1 (5.0)", "2 (4.0)"),
        ("  Late visit", "1 (3.3)", "1 (5.0)", "2 (4.0)"),
        ("  Other", "2 (6.7)", "1 (5.0)", "3 (6.0)"),
        ("Not recorded, n (%)", "2 (6.7)", "2 (10.0)", "4 (8.0)"),
        ("  Late visit", "2 (6.7)", "2 (10.0)", "4 (8.0)"),
    ]
    traced(table, rows)
    assert ["Minor, n (%)", "Other", "2 (6.7)", "1 (5.0)", "3 (6.0)"] in csv_lines(table)


def test_nothing_recorded_is_said() -> None:
    table, _ = deviations(*shares("any", "", (0, 0)))
    assert lines(table) == [("At least one protocol deviation, n (%)", "0", "0", "0")]
    assert table.footnotes[0].startswith("No protocol deviation was recorded.")
    assert (
        therapies("subsequent", *shares("any", "", (0, 0)))
        .footnotes[0]
        .startswith("No subsequent anticancer therapy was recorded.")
    )


def test_one_category_needs_no_head_of_its_own() -> None:
    table = therapies(
        "prior",
        *shares("any", "", (20, 20)),
        *shares("category", "PRIOR ANTICANCER THERAPY", (20, 20)),
        *shares("name", "PD-1 ANTIBODY", (1, 2), parameter="PRIOR ANTICANCER THERAPY"),
        *shares("name", "TACE", (20, 18), parameter="PRIOR ANTICANCER THERAPY"),
    )
    assert table.title == "Prior anticancer therapy, full analysis set"
    assert [label for label, *_ in lines(table)] == [
        "At least one prior anticancer therapy, n (%)",
        "Therapy, n (%)",
        "  TACE",
        "  PD-1 antibody",
    ]


def test_a_group_without_patients_shows_zero() -> None:
    protocol = plan({"kind": "deviations"})
    (analysis,) = protocol.analyses
    assert isinstance(analysis, DeviationsAnalysis)
    rows = [*sizes({"A": 30, "B": 0, "": 30}), *shares("any", "", (3, 0), of=(30, 0))]
    table = table_deviations(Results(rows), protocol, analysis)
    assert lines(table)[0][1:] == ("3 (10.0)", "0", "3 (10.0)")
