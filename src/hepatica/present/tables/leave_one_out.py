"""The table of left-out studies: what the others give, and how far each one stands out."""

from __future__ import annotations

from collections.abc import Iterator

from hepatica.present.spans import interval, join, number
from hepatica.present.table import Cell, Column, Row, Table
from hepatica.present.tables.cells import NONE, single
from hepatica.present.tables.synthesis import marked, models_of
from hepatica.protocol.review import PooledOutcome, Review
from hepatica.results import ResultRow, Results

_COLUMNS = (
    Column("estimate", "Estimate (CI)"),
    Column("i2", "I² (%)"),
    Column("tau2", "tau²"),
    Column("rstudent", "Studentised residual"),
    Column("cook", "Cook’s distance"),
)
#: Follows the name of a study that moves the estimate by itself.
_FLAG = "*"
_NOTES = (
    "Each line leaves one data set out and pools the others by the same model; the first line of "
    "an outcome holds all of them. CI, confidence interval.",
    "Studentised residual: deviation of the data set from what the others predict, over its "
    "standard error. Cook’s distance: squared change of the estimate over its variance. {}",
)
_FLAGGED = (
    f"{_FLAG} Influential by the cut-offs of Viechtbauer and Cheung (2010) for change, distance or "
    "leverage; with few data sets most are.",
)
_STATISTICS = ("leave_one_out", "influence")


def table_leave_one_out(results: Results, review: Review) -> Table:
    """Return the table of left-out studies, outcome by outcome.

    Parameters
    ----------
    results : Results
        Rows of the synthesis.
    review : Review
        The plan.

    Returns
    -------
    Table
        Folded on a screen; without rows where no outcome has three data sets.
    """
    rows = [row for outcome in review.outcomes for row in _outcome(results, outcome)]
    methods = dict.fromkeys(
        row.method
        for outcome in review.outcomes
        for row in results.where(analysis=outcome.id, variable="influence", statistic="rstudent")
    )
    is_flagged = any(row.label.endswith(_FLAG) for row in rows)
    return Table(
        "leave-one-out",
        "What the other data sets give when one is left out, and how far each stands out",
        short="One left out",
        stub="Outcome, data set left out",
        columns=_COLUMNS,
        rows=tuple(rows),
        footnotes=(_NOTES[0], _NOTES[1].format(" ".join(methods)), *_FLAGGED[: int(is_flagged)]),
        folded="Show what single data sets carry",
    )


def leave_one_out(results: Results, review: Review) -> tuple[Table, ...]:
    """Return the table of left-out studies, or nothing where no outcome has data sets enough."""
    table = table_leave_one_out(results, review)
    return (table,) if table.rows else ()


def _outcome(results: Results, outcome: PooledOutcome) -> Iterator[Row]:
    found: dict[str, dict[str, ResultRow]] = {}
    for variable in _STATISTICS:
        for row in results.where(analysis=outcome.id, variable=variable, subgroup=""):
            found.setdefault(row.variable_level, {})[row.statistic] = row
    if not found:
        return
    whole = next(iter(models_of(results, outcome.id).values()))
    yield Row("head", marked(outcome.label, whole), _pooled(whole))
    for name, rows in found.items():
        flagged = rows.get("flagged")
        mark = f" {_FLAG}" if flagged is not None and flagged.value else ""
        cells = {
            **_pooled(rows),
            "rstudent": single(rows.get("rstudent")),
            "cook": single(rows.get("cooks_distance")),
        }
        yield Row("level", f"{name}{mark}", cells, indent=1)


def _pooled(rows: dict[str, ResultRow]) -> dict[str, Cell]:
    estimate = NONE
    if "estimate" in rows:
        limits = interval(rows["estimate_lower"], rows["estimate_upper"])
        estimate = Cell(join(number(rows["estimate"]), " (", limits, ")"), format="ratio")
    return {
        "estimate": estimate,
        "i2": single(rows.get("i2")),
        "tau2": single(rows.get("tau2")),
    }
