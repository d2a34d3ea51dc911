"""Table of small-study effects: tests of asymmetry, and the estimate with studies filled in."""

from __future__ import annotations

from hepatica.present.spans import Span, interval, join, number
from hepatica.present.table import Cell, Column, Row, Table
from hepatica.present.tables.cells import NONE, single
from hepatica.protocol.review import Review
from hepatica.results import ResultRow, Results

_COLUMNS = (
    Column("sets", "Data sets"),
    Column("egger", "P of Egger"),
    Column("begg", "P of Begg"),
    Column("filled", "Filled, side"),
    Column("estimate", "Estimate (CI) with filled"),
)
_VARIABLES = ("egger", "begg", "trim_and_fill")


def table_small_studies(results: Results, review: Review) -> Table:
    """Return the table of small-study effects, one row an outcome with three or more data sets.

    Parameters
    ----------
    results : Results
        Rows of the synthesis.
    review : Review
        The plan.
    """
    rows, notes = [], ["CI, confidence interval."]
    for outcome in review.outcomes:
        found = {
            (row.variable, row.statistic): row
            for variable in _VARIABLES
            for row in results.where(analysis=outcome.id, variable=variable)
        }
        if not found:
            continue
        sets = next(
            iter(results.where(analysis=outcome.id, variable="pooled", statistic="data_sets")), None
        )
        rows.append(Row("plain", outcome.label, _cells(found, sets)))
        for row in found.values():
            for note in (row.method, row.message):
                if note and note not in notes:
                    notes.append(note)
    return Table(
        "small-studies",
        "Small-study effects: tests of asymmetry, and the estimate with studies filled in",
        short="Small-study effects",
        stub="Outcome",
        columns=_COLUMNS,
        rows=tuple(rows),
        footnotes=tuple(notes),
    )


def _cells(found: dict[tuple[str, str], ResultRow], sets: ResultRow | None) -> dict[str, Cell]:
    filled, side = (found.get(("trim_and_fill", name)) for name in ("filled", "side"))
    estimate = [found.get(("trim_and_fill", f"estimate{end}")) for end in ("", "_lower", "_upper")]
    told, shown = single(filled), NONE
    if filled is not None and side is not None and filled.value:
        told = Cell(join(number(filled), ", ", Span(side.text)), format="ratio")
    if estimate[0] is not None and estimate[1] is not None and estimate[2] is not None:
        limits = interval(estimate[1], estimate[2])
        shown = Cell(join(number(estimate[0]), " (", limits, ")"), format="ratio")
    return {
        "sets": single(sets),
        "egger": single(found.get(("egger", "p_value"))),
        "begg": single(found.get(("begg", "p_value"))),
        "filled": told,
        "estimate": shown,
    }


def small_studies(results: Results, review: Review) -> tuple[Table, ...]:
    """Return the table of small-study effects, or nothing where no outcome has data sets enough.

    Parameters
    ----------
    results : Results
        Rows of the synthesis.
    review : Review
        The plan.
    """
    table = table_small_studies(results, review)
    return (table,) if table.rows else ()
