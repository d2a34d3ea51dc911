"""Tables of a synthesis: what each outcome gives, and what each study told."""

from __future__ import annotations

from collections.abc import Iterator

from hepatica.present.spans import Span, interval, join, number
from hepatica.present.table import Cell, Column, Row, Table
from hepatica.present.tables.cells import NONE, single
from hepatica.protocol.review import PooledOutcome, Review
from hepatica.results import ResultRow, Results

Rows = dict[str, ResultRow]

_COLUMNS = (
    Column("sets", "Data sets"),
    Column("patients", "Patients"),
    Column("estimate", "Estimate (CI)"),
    Column("prediction", "Prediction interval"),
    Column("i2", "I² (%)"),
    Column("q", "P of Q"),
)


def models_of(
    results: Results, analysis: str, subgroup: str = "", level: str = ""
) -> dict[str, Rows]:
    """Return the pooled rows of each model by statistic; the model that was asked for is first."""
    found: dict[str, Rows] = {}
    for row in results.where(
        analysis=analysis, variable="pooled", subgroup=subgroup, subgroup_level=level
    ):
        found.setdefault(row.variable_level, {})[row.statistic] = row
    return found


def table_synthesis(results: Results, review: Review) -> Table:
    """Return the table of all outcomes, with the groups of studies below each.

    Parameters
    ----------
    results : Results
        Rows of the synthesis.
    review : Review
        The plan.
    """
    rows = [row for outcome in review.outcomes for row in _outcome(results, review, outcome)]
    notes = ["CI, confidence interval; I², share of variation that is not chance."]
    methods = {
        row.method
        for row in results
        if row.variable == "pooled" and row.statistic == "estimate" and row.method
    }
    if len(methods) == 1:
        notes.insert(0, methods.pop())
    if any(_impossible(row) for row in results):
        notes.append(
            "Proportions or medians are pooled on their own scale, where limits can lie beyond "
            "what is possible; on the scale of logits or logarithms they cannot."
        )
    return Table(
        "synthesis",
        "Pooled results of all outcomes and of groups of studies",
        short="Pooled results",
        stub="Outcome",
        columns=_COLUMNS,
        rows=tuple(rows),
        footnotes=tuple(notes),
    )


def _impossible(row: ResultRow) -> bool:
    """Return whether a limit lies where no share or time can."""
    if row.value is None or row.variable != "pooled" or row.format not in ("fraction", "months"):
        return False
    return row.statistic != "i2" and (
        row.value < 0.0 or (row.format == "fraction" and row.value > 1.0)
    )


def _outcome(results: Results, review: Review, outcome: PooledOutcome) -> Iterator[Row]:
    models = models_of(results, outcome.id)
    first = next(iter(models.values()), None)
    if first is None or first["estimate"].status != "ok":
        message = first["estimate"].message if first is not None else "No study reports it."
        yield Row("head", outcome.label)
        yield Row("message", message)
        return
    yield Row("head", marked(outcome.label, first), _cells(first))
    for name, rows in list(models.items())[1:]:
        yield Row("level", f"{name.capitalize()} effect", _cells(rows), indent=1)
    single_grouping = len(review.groupings) == 1
    for grouping in review.groupings:
        levels = dict.fromkeys(
            row.subgroup_level
            for row in results.where(
                analysis=outcome.id, variable="pooled", subgroup=grouping.id, statistic="estimate"
            )
        )
        for level in levels:
            rows = next(iter(models_of(results, outcome.id, grouping.id, level).values()))
            yield Row(
                "level",
                marked(level if single_grouping else f"{grouping.label}: {level}", rows),
                _cells(rows),
                indent=1,
            )


def marked(label: str, rows: Rows) -> str:
    """Return a label that says so where constructed patients are behind the numbers."""
    return f"{label} (constructed)" if rows["estimate"].origin == "simulated" else label


def _cells(rows: Rows) -> dict[str, Cell]:
    prediction = NONE
    if "prediction_lower" in rows:
        ends = (rows["prediction_lower"], rows["prediction_upper"])
        if all(row.status == "ok" for row in ends):
            prediction = Cell(join(number(ends[0]), " to ", number(ends[1])), format="ratio")
    return {
        "sets": single(rows.get("data_sets")),
        "patients": single(rows.get("n")),
        "estimate": _with_limits(rows),
        "prediction": prediction,
        "i2": single(rows.get("i2")),
        "q": single(rows.get("q_p_value")),
    }


def _with_limits(rows: Rows) -> Cell:
    """Return an estimate and its limits as one text: no other column has brackets."""
    limits = interval(rows["estimate_lower"], rows["estimate_upper"])
    return Cell(join(number(rows["estimate"]), " (", limits, ")"), format="ratio")


def table_reported(results: Results, review: Review) -> Table:
    """Return how many data sets report each outcome and are pooled, and why others are not."""
    rows: list[Row] = []
    for outcome in review.outcomes:
        reported = results.get(
            analysis=outcome.id, variable="reported", statistic="data_sets", subgroup=""
        )
        models = models_of(results, outcome.id)
        first = next(iter(models.values()), {})
        cells = {"reported": single(reported), "pooled": single(first.get("data_sets"))}
        rows.append(Row("head", outcome.label, cells))
        rows += [
            Row("level", row.variable_level, {"pooled": NONE, "reported": single(row)}, 1)
            for row in results.where(analysis=outcome.id, variable="not_pooled")
        ]
    return Table(
        "reported",
        "Data sets that report each outcome, and why some are not pooled",
        short="Reported and pooled",
        stub="Outcome, reason",
        columns=(Column("reported", "Reported"), Column("pooled", "Pooled")),
        rows=tuple(rows),
        footnotes=("A data set is one arm or comparison of a study.",),
    )


def table_sources(results: Results, review: Review, sources: dict[str, str]) -> Table:
    """Return the studies with the place where their numbers stand.

    Parameters
    ----------
    results : Results
        Rows of the synthesis.
    review : Review
        The plan.
    sources : dict of str to str
        Label of a study to where its numbers stand.
    """
    labels = dict.fromkeys(
        row.variable_level.split(", ")[0]
        for outcome in review.outcomes
        for variable in ("study", "reference")
        for row in results.where(analysis=outcome.id, variable=variable)
    )
    rows = [
        Row("plain", label, {"source": Cell((Span(sources[label], quoted=True),), format="prose")})
        for label in labels
        if sources.get(label)
    ]
    return Table(
        "sources",
        "Where the numbers of each study stand",
        short="Sources",
        stub="Study",
        columns=(Column("source", "Source", words=True),),
        rows=tuple(rows),
        folded="Show the sources",
    )
