"""Two readings of the same scans beside each other."""

from __future__ import annotations

from hepatica.present.format import format_level
from hepatica.present.lookup import RowIndex
from hepatica.present.spans import join, number
from hepatica.present.table import Column, Row, Spanner, Table
from hepatica.present.tables.cells import count_percent, estimate, single
from hepatica.present.tables.notes import PERCENTAGES, add_notes
from hepatica.present.wording import RESPONSES, table_title
from hepatica.protocol.analyses import AgreementAnalysis
from hepatica.protocol.model import Protocol
from hepatica.protocol.reading import MAIN
from hepatica.results import Results

_PROGRESSION = {
    "both": "By both readings",
    "same_day": "on the same day",
    "first_earlier": "earlier by {first}",
    "second_earlier": "earlier by {second}",
    "first_only": "Only by {first}",
    "second_only": "Only by {second}",
    "neither": "By neither",
}
_WITHIN = ("same_day", "first_earlier", "second_earlier")


def reading_label(protocol: Protocol, reading: str) -> str:
    """Return what readers call a reading: its label, or who assessed the main one, and how."""
    plan = protocol.assessments
    for one in plan.readings if plan is not None else ():
        if one.id == reading:
            return one.label
    if plan is None or reading != MAIN:
        return reading
    who = plan.evaluator.capitalize() if plan.evaluator else "All readers"
    return f"{who}, {plan.criteria}"


def table_agreement(results: Results, protocol: Protocol, analysis: AgreementAnalysis) -> Table:
    """Return best response by the first reading (rows) and the second (columns).

    Parameters
    ----------
    results : Results
        Rows of all analyses.
    protocol : Protocol
        Names the readings.
    analysis : AgreementAnalysis
        Which two.
    """
    index = RowIndex(results, analysis.id)
    first, second = (reading_label(protocol, one) for one in analysis.readings)
    title = table_title(protocol, analysis, f"Best overall response: {first} and {second}")
    if not index:
        return Table(analysis.id, title, "Agreement", message=index.failure or "No result.")
    names = index.levels("cross_table")
    columns = tuple(
        Column(name, name.capitalize() if name == "MISSING" else name) for name in names
    )
    rows = [Row("head", f"By {first}, n")]
    for name in names:
        cells = {
            other: single(
                index.get("n", variable="cross_table", variable_level=name, reference=other)
            )
            for other in names
        }
        rows.append(Row("level", RESPONSES.get(name, name), cells, indent=1))
    table = Table(
        analysis.id,
        title,
        "Agreement",
        columns=columns,
        spanners=(Spanner(f"By {second}", names),),
        rows=tuple(rows),
    )
    said = index.get("n", variable="cross_table", variable_level=names[0], reference=names[0])
    notes = ("Numbers are patients.", said.message if said is not None else "")
    return add_notes(table, protocol, notes, by="")


def table_progression_agreement(
    results: Results, protocol: Protocol, analysis: AgreementAnalysis
) -> Table | None:
    """Return agreement, kappa and the days of progression by both readings; None if it failed.

    Parameters
    ----------
    results : Results
        Rows of all analyses.
    protocol : Protocol
        Names the readings.
    analysis : AgreementAnalysis
        Which two.
    """
    index = RowIndex(results, analysis.id)
    if not index:
        return None
    first, second = (reading_label(protocol, one) for one in analysis.readings)
    title = table_title(protocol, analysis, f"Agreement of {first} and {second}")
    n = index.get("n")
    column = Column("all", "Patients", () if n is None else join("n = ", number(n)))
    table = Table(
        f"{analysis.id}-progression",
        title,
        "",
        columns=(column,),
        rows=tuple(_summary(index, first, second)),
    )
    return add_notes(table, protocol, (PERCENTAGES,), index.methods("best_response"), by="")


def _summary(index: RowIndex, first: str, second: str) -> list[Row]:
    agree = count_percent(
        index.get("n_agree", variable="best_response"),
        index.get("percent_agree", variable="best_response"),
    )
    value, lower, upper = (
        index.get(name, variable="best_response")
        for name in ("kappa", "kappa_lower", "kappa_upper")
    )
    interval = f" ({format_level(lower)})" if lower is not None else ""
    rows = [
        Row("plain", "Same best response, n (%)", {"all": agree}),
        Row("plain", f"Kappa{interval}", {"all": estimate(value, lower, upper)}),
    ]
    if not index.levels("progression"):
        return rows
    rows.append(Row("head", "Progression, n"))
    for name, words in _PROGRESSION.items():
        count = index.get("n", variable="progression", variable_level=name)
        label = words.format(first=first, second=second)
        indent = 2 if name in _WITHIN else 1
        rows.append(Row("level", label, {"all": single(count)}, indent=indent))
    for statistic, label in (("median", "days apart, median"), ("max", "days apart, most")):
        row = index.get(statistic, variable="progression", variable_level="days_apart")
        if row is not None:
            rows.append(Row("level", label, {"all": single(row)}, indent=2))
    return rows
