"""The table of dialects: what each software would have said of the same evidence."""

from __future__ import annotations

from collections.abc import Iterator

from hepatica.present.spans import interval, join, number
from hepatica.present.table import Cell, Column, Row, Table
from hepatica.present.tables.cells import NONE, single
from hepatica.present.tables.synthesis import marked
from hepatica.protocol.review import PooledOutcome, Review
from hepatica.results import ResultRow, Results

#: How the dialects are called where people read them.
NAMES = {
    "hepatica": "Hepatica",
    "stata": "Stata, metan",
    "metafor": "R, metafor",
    "meta": "R, meta",
    "revman": "RevMan 5",
}
_COLUMNS = (
    Column("sets", "Data sets"),
    Column("estimate", "Estimate (CI)"),
    Column("tau2", "tau²"),
    Column("i2", "I² (%)"),
    Column("spread", "Spread"),
)
_NOTE = (
    "Each line takes all conventions of that software where nothing else is asked for, whatever "
    "the plan says; tau² is on the scale on which it pools. None of them was run."
)


def dialects_of(results: Results, analysis: str) -> dict[str, dict[str, ResultRow]]:
    """Return the rows of each dialect by statistic.

    Parameters
    ----------
    results : Results
        Rows of the synthesis.
    analysis : str
        Id of the outcome.
    """
    found: dict[str, dict[str, ResultRow]] = {}
    for row in results.where(analysis=analysis, variable="dialect", subgroup=""):
        if row.variable_level:
            found.setdefault(row.variable_level, {})[row.statistic] = row
    return found


def spread_of(results: Results, analysis: str) -> ResultRow | None:
    """Return how far the estimates of an outcome lie apart."""
    return results.get(analysis=analysis, variable="dialect", statistic="spread", subgroup="")


def table_dialects(results: Results, review: Review) -> Table:
    """Return what each dialect makes of each outcome that was pooled.

    Parameters
    ----------
    results : Results
        Rows of the synthesis.
    review : Review
        The plan.
    """
    rows = [row for outcome in review.outcomes for row in _outcome(results, outcome)]
    return Table(
        "dialects",
        "The same evidence by the conventions of each software",
        short="Dialects",
        stub="Outcome, software",
        columns=_COLUMNS,
        rows=tuple(rows),
        footnotes=(
            _NOTE,
            "Spread: the largest estimate less the smallest; for ratios, over the smallest.",
        ),
        folded="Show how far the answer moves with the software",
    )


def _outcome(results: Results, outcome: PooledOutcome) -> Iterator[Row]:
    by_dialect = dialects_of(results, outcome.id)
    if not by_dialect:
        return
    label = marked(outcome.label, next(iter(by_dialect.values())))
    yield Row("head", label, {"spread": single(spread_of(results, outcome.id))})
    for name, rows in by_dialect.items():
        if rows["estimate"].status != "ok":
            yield Row("message", f"{NAMES[name]}: {rows['estimate'].message}", indent=1)
            continue
        limits = interval(rows["estimate_lower"], rows["estimate_upper"])
        estimate = Cell(join(number(rows["estimate"]), " (", limits, ")"), format="ratio")
        cells = {
            "sets": single(rows.get("data_sets")),
            "estimate": estimate,
            "tau2": single(rows.get("tau2")),
            "i2": single(rows.get("i2")),
            "spread": NONE,
        }
        yield Row("level", NAMES[name], cells, indent=1)
