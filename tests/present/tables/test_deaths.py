"""The table of deaths."""

from __future__ import annotations

from counted import lines, plan, shares, sizes, traced

from hepatica.present.table import Table
from hepatica.present.tables import table_deaths
from hepatica.protocol.analyses import DeathsAnalysis
from hepatica.results import Results


def deaths(rows: Results, days: int = 30) -> Table:
    protocol = plan({"kind": "deaths", "days_after_last_dose": days})
    (analysis,) = protocol.analyses
    assert isinstance(analysis, DeathsAnalysis)
    return table_deaths(rows, protocol, analysis)


def test_times_in_order_and_causes_by_frequency() -> None:
    rows = Results(
        [
            *sizes(),
            *shares("death", "", (16, 16)),
            *shares("death_time", "WITHIN", (2, 1)),
            *shares("death_time", "LATER", (14, 14)),
            *shares("death_time", "UNKNOWN", (0, 1)),
            *shares("death_cause", "Not recorded", (13, 13)),
            *shares("death_cause", "SEPSIS", (1, 0)),
            *shares("death_cause", "PROGRESSIVE DISEASE", (2, 3)),
        ]
    )
    table = deaths(rows, 28)
    assert lines(table) == [
        ("Deaths, n (%)", "16 (53.3)", "16 (80.0)", "32 (64.0)"),
        ("Time of death, n (%)",),
        ("  On treatment or up to 28 days after the last dose", "2 (6.7)", "1 (5.0)", "3 (6.0)"),
        ("  More than 28 days after the last dose", "14 (46.7)", "14 (70.0)", "28 (56.0)"),
        ("  Date of death or of the last dose not known", "0", "1 (5.0)", "1 (2.0)"),
        ("Cause of death, n (%)",),
        ("  Progressive disease", "2 (6.7)", "3 (15.0)", "5 (10.0)"),
        ("  Sepsis", "1 (3.3)", "0", "1 (2.0)"),
        ("  Not recorded", "13 (43.3)", "13 (65.0)", "26 (52.0)"),
    ]
    traced(table, rows)


def test_no_death_is_said() -> None:
    rows = [*sizes(), *shares("death", "", (0, 0)), *shares("death_time", "WITHIN", (0, 0))]
    table = deaths(Results(rows))
    assert lines(table) == [("Deaths, n (%)", "0", "0", "0")]
    assert table.footnotes[0].startswith("No death was recorded.")
