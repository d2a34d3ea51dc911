"""The table of disposition: order, words, and what stands in which column."""

from __future__ import annotations

from counted import csv_lines, lines, plan, row, shares, sizes, traced

from hepatica.present.table import Table, table_html
from hepatica.present.tables import table_disposition
from hepatica.protocol.analyses import DispositionAnalysis
from hepatica.protocol.model import Protocol
from hepatica.results import ResultRow, Results

PLAN = plan({"kind": "disposition"})


def screening() -> list[ResultRow]:
    where = {"analysis": "sets", "population": "", "format": "integer"}
    reason = {"variable": "screening_failure", **where}
    return [
        row("n", 50, **where),
        row("screened", 80, **where),
        row("screening_failures", 30, **where),
        row("n", 9, variable_level="Other reasons", **reason),
        row("n", 6, variable_level="CHILD-PUGH SCORE ABOVE 7", **reason),
        row("n", 15, variable_level="No measurable lesion", **reason),
    ]


ENDS = [
    *sizes(),
    *shares("treated", "", (30, 19)),
    *shares("treatment", "ONGOING", (1, 3)),
    *shares("treatment", "COMPLETED", (0, 0)),
    *shares("treatment", "DISCONTINUED", (29, 16)),
    *shares("treatment", "UNTREATED", (0, 1)),
    *shares("treatment_reason", "Not recorded", (9, 9)),
    *shares("treatment_reason", "OTHER", (5, 0)),
    *shares("treatment_reason", "ADVERSE EVENT", (3, 1)),
    *shares("treatment_reason", "PROGRESSIVE DISEASE", (12, 6)),
    *shares("study", "ONGOING", (30, 20)),
]


def table(rows: Results, protocol: Protocol = PLAN) -> Table:
    (analysis,) = protocol.analyses
    assert isinstance(analysis, DispositionAnalysis)
    return table_disposition(rows, protocol, analysis)


def test_rows_stand_in_order_and_other_comes_last() -> None:
    rows = Results([*screening(), *ENDS])
    made = table(rows)
    assert lines(made) == [
        ("Screening, n",),
        ("  Screened", "–", "–", "80"),
        ("  Not enrolled", "–", "–", "30"),
        ("    No measurable lesion", "–", "–", "15"),
        ("    Child-Pugh score above 7", "–", "–", "6"),
        ("    Other reasons", "–", "–", "9"),
        ("  Enrolled", "–", "–", "50"),
        ("Treated, n (%)", "30 (100.0)", "19 (95.0)", "49 (98.0)"),
        ("End of treatment, n (%)",),
        ("  Ongoing", "1 (3.3)", "3 (15.0)", "4 (8.0)"),
        ("  Completed", "0", "0", "0"),
        ("  Discontinued", "29 (96.7)", "16 (80.0)", "45 (90.0)"),
        ("    Progressive disease", "12 (40.0)", "6 (30.0)", "18 (36.0)"),
        ("    Adverse event", "3 (10.0)", "1 (5.0)", "4 (8.0)"),
        ("    Other", "5 (16.7)", "0", "5 (10.0)"),
        ("    Not recorded", "9 (30.0)", "9 (45.0)", "18 (36.0)"),
        ("  Never treated", "0", "1 (5.0)", "1 (2.0)"),
        ("End of study, n (%)",),
        ("  Ongoing", "30 (100.0)", "20 (100.0)", "50 (100.0)"),
    ]
    traced(made, rows)
    assert "–: not applicable." in made.footnotes[0]


def test_csv_says_what_a_reason_belongs_to() -> None:
    heads, *rest = csv_lines(table(Results([*screening(), *ENDS])))
    assert heads == ["Group", "Row", "A (n = 30)", "B (n = 20)", "All (n = 50)"]
    assert ["Screening, n", "Not enrolled: No measurable lesion", "–", "–", "15"] in rest
    reason = ["End of treatment, n (%)", "Discontinued: Other", "5 (16.7)", "0", "5 (10.0)"]
    assert reason in rest


def test_without_screening_the_table_begins_with_treatment() -> None:
    assert lines(table(Results(ENDS)))[0][0] == "Treated, n (%)"


def test_ongoing_names_the_cut_off_where_there_is_one() -> None:
    study = {"id": "S", "title": "T", "data_cut_off": "2020-06-30"}
    labels = [
        label
        for label, *_ in lines(table(Results(ENDS), plan({"kind": "disposition"}, study=study)))
    ]
    assert labels.count("  Ongoing at the data cut-off") == 2


def test_a_failed_analysis_says_why() -> None:
    failed = row("analysis", None, status="failed", message="There is no table of dispositions.")
    made = table(Results([failed]))
    assert made.message == "There is no table of dispositions."
    assert "There is no table of dispositions." in table_html(made)
