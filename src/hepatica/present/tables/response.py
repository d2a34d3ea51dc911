"""Best overall response, and the endpoints that count it."""

from __future__ import annotations

from hepatica.present.format import format_level
from hepatica.present.lookup import Group, RowIndex, groups_of
from hepatica.present.spans import interval, join
from hepatica.present.table import Cell, Row, Table
from hepatica.present.tables.agreement import reading_label
from hepatica.present.tables.cells import NONE, columns, count_percent, estimate, single
from hepatica.present.tables.notes import PERCENTAGES, add_notes
from hepatica.present.tables.response_comparison import ALL, STRATIFIED, comparison_rows
from hepatica.present.wording import RESPONSES, short_title, table_title
from hepatica.protocol.analyses import ResponseAnalysis
from hepatica.protocol.endpoints import Response
from hepatica.protocol.model import Protocol
from hepatica.protocol.response_reading import reading_of_response
from hepatica.results import ResultRow, Results

_UNASSESSED = "Patients without an assessment count as patients without a response."
_UNANSWERED = "Patients of whom it is not known count as without the endpoint."


def table_response(results: Results, protocol: Protocol, analysis: ResponseAnalysis) -> Table:
    """Return the table of best overall response by group.

    Parameters
    ----------
    results : Results
        Rows of all analyses.
    protocol : Protocol
        Endpoints and response criteria.
    analysis : ResponseAnalysis
        Lists the endpoints in order.

    Returns
    -------
    Table
        Best overall response in the order CR to missing, then each endpoint with its limits.
    """
    index = RowIndex(results, analysis.id)
    endpoints = [
        endpoint
        for identifier in analysis.endpoints
        for endpoint in protocol.endpoints
        if isinstance(endpoint, Response) and endpoint.id == identifier
    ]
    title = table_title(protocol, analysis, "Tumour response")
    short = short_title(protocol, analysis, "Response")
    if not index:
        return Table(analysis.id, title, short, message=index.failure or "No result.")
    groups = groups_of(index, protocol, analysis)
    best = [endpoint for endpoint in endpoints if not endpoint.is_yes_or_no]
    parameters = dict.fromkeys(endpoint.parameter for endpoint in best)
    rows: list[Row] = []
    for parameter in parameters:
        confirmed = any(e.confirmed for e in endpoints if e.parameter == parameter)
        rows += _best(index, groups, parameter, confirmed)
    reference = analysis.compare.reference if analysis.compare is not None else None
    for endpoint in endpoints:
        rows += _endpoint(index, groups, endpoint)
        rows += comparison_rows(index, groups, endpoint, reference)
    rows += _depth(index, groups)
    table = Table(analysis.id, title, short, columns=columns(groups), rows=tuple(rows))
    answers = all(endpoint.sheet is not None for endpoint in endpoints)
    notes = (
        "" if answers else _criteria(protocol, analysis),
        PERCENTAGES,
        _UNANSWERED if answers else _UNASSESSED,
    )
    methods = [f"{name} limits" for name in index.methods(*analysis.endpoints)]
    methods += index.methods(ALL, STRATIFIED, "depth")
    return add_notes(table, protocol, notes, methods, by=analysis.by)


def _criteria(protocol: Protocol, analysis: ResponseAnalysis) -> str:
    if protocol.assessments is None:
        return ""
    reading = reading_of_response(protocol, analysis)
    if reading is not None:
        return f"Response: {reading_label(protocol, reading)}."
    return f"Response by {protocol.assessments.criteria}."


def _best(index: RowIndex, groups: tuple[Group, ...], parameter: str, confirmed: bool) -> list[Row]:
    head = "Best overall response" + (", confirmed" if confirmed else "") + ", n (%)"
    rows = [Row("head", head)]
    for level in index.levels("best_response"):
        cells: dict[str, Cell] = {}
        for group in groups:
            count, percent = (
                index.get(
                    statistic,
                    level=group.level,
                    variable="best_response",
                    variable_level=level,
                    parameter=parameter,
                )
                for statistic in ("n", "percent")
            )
            cells[group.column] = count_percent(count, percent)
        rows.append(Row("level", RESPONSES.get(level, level), cells, indent=1))
    return rows


def _endpoint(index: RowIndex, groups: tuple[Group, ...], endpoint: Response) -> list[Row]:
    lowers = [
        row
        for group in groups
        if (row := index.get("percent_lower", level=group.level, variable=endpoint.id)) is not None
    ]
    interval_name = f" ({format_level(lowers[0])})" if lowers else ""
    counts: dict[str, Cell] = {}
    shares: dict[str, Cell] = {}
    for group in groups:
        counts[group.column] = single(index.get("n", level=group.level, variable=endpoint.id))
        value, lower, upper = (
            index.get(statistic, level=group.level, variable=endpoint.id)
            for statistic in ("percent", "percent_lower", "percent_upper")
        )
        shares[group.column] = estimate(value, lower, upper)
    when = f", {endpoint.at.text}" if endpoint.at is not None else ""
    role = " (primary endpoint)" if endpoint.role == "primary" else ""
    return [
        Row("head", f"{endpoint.label}{when}{', confirmed' if endpoint.confirmed else ''}{role}"),
        Row("level", "Patients, n", counts, indent=1),
        Row("level", f"Rate, %{interval_name}", shares, indent=1),
    ]


def _depth(index: RowIndex, groups: tuple[Group, ...]) -> list[Row]:
    """Return the best change of target lesions; no row where none were measured."""

    def found(group: Group, statistic: str, level: str = "") -> ResultRow | None:
        return index.get(
            statistic,
            level=group.level,
            variable="depth",
            variable_level=level,
            parameter="SDIAM",
        )

    def middle(group: Group) -> Cell:
        median, q1, q3 = (found(group, statistic) for statistic in ("median", "q1", "q3"))
        if median is None or q1 is None or q3 is None:
            return NONE
        if median.status != "ok":
            return single(median)
        return Cell(join(median), join("(", interval(q1, q3), ")"), median.format)

    if all(found(group, "n") is None for group in groups):
        return []
    shrunk = {
        group.column: count_percent(found(group, "n", "shrunk"), found(group, "percent", "shrunk"))
        for group in groups
    }
    measured = {group.column: single(found(group, "n")) for group in groups}
    return [
        Row("head", "Depth of response: best change in sum of target lesions"),
        Row("level", "Patients measured after baseline, n", measured, indent=1),
        Row("level", "Median, % (Q1–Q3)", {one.column: middle(one) for one in groups}, indent=1),
        Row("level", "Any shrinkage, n (% of those measured)", shrunk, indent=1),
    ]
