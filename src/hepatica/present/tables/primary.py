"""The primary objective: an endpoint beside the rate known before the study."""

from __future__ import annotations

from collections.abc import Callable

from hepatica.present.format import format_level
from hepatica.present.lookup import Group, RowIndex, groups_of
from hepatica.present.spans import Span, number
from hepatica.present.table import Cell, Row, Table
from hepatica.present.tables.cells import NONE, columns, estimate, single
from hepatica.present.tables.notes import add_notes
from hepatica.present.wording import endpoint_of, table_title
from hepatica.protocol.analyses import ResponseAnalysis, TimeToEventAnalysis
from hepatica.protocol.endpoints import Endpoint, Historical
from hepatica.protocol.model import Protocol
from hepatica.results import ResultRow, Results

#: A planned analysis whose endpoint can have a historical rate.
Tested = TimeToEventAnalysis | ResponseAnalysis

_VERDICTS = {
    "higher": "Excluded: rate is higher",
    "lower": "Excluded: rate is lower",
    "not_excluded": "Not excluded",
}


def historical_endpoints(
    results: Results, protocol: Protocol
) -> tuple[tuple[Tested, Endpoint], ...]:
    """Return each analysis with an endpoint that it tests against a historical rate."""
    found: list[tuple[Tested, Endpoint]] = []
    for analysis in protocol.analyses:
        if not isinstance(analysis, TimeToEventAnalysis | ResponseAnalysis):
            continue
        names = (
            (analysis.endpoint,)
            if isinstance(analysis, TimeToEventAnalysis)
            else analysis.endpoints
        )
        for endpoint in (endpoint_of(protocol, name) for name in names):
            has_rows = any(
                row.variable == "historical" and row.variable_level in ("", endpoint.id)
                for row in results.where(analysis=analysis.id)
            )
            if endpoint.historical is not None and has_rows:
                found.append((analysis, endpoint))
    return tuple(found)


def table_primary(
    results: Results, protocol: Protocol, analysis: Tested, endpoint: Endpoint
) -> Table:
    """Return the table of the planned test of an endpoint against its historical rate.

    Parameters
    ----------
    results : Results
        Rows of all analyses.
    protocol : Protocol
        The study.
    analysis : TimeToEventAnalysis or ResponseAnalysis
        Carries the test.
    endpoint : Endpoint
        Has the historical rate.

    Returns
    -------
    Table
        Hypothesis, estimate with limits, test and verdict, one column for each arm.
    """
    plan = endpoint.historical
    index = RowIndex(results, analysis.id)
    primary = "Primary objective" if endpoint.role == "primary" else "Historical rate"
    when = f" at {plan.at.text}" if plan is not None and plan.at is not None else ""
    what = f"{primary}: {endpoint.label[:1].lower()}{endpoint.label[1:]}{when}"
    # The title of the analysis belongs to its own table.
    title = table_title(protocol, analysis.model_copy(update={"title": ""}), what)
    name = f"{endpoint.id}-historical"
    if plan is None or not index:
        message = index.failure or "The protocol gives no historical rate."
        return Table(name, title, primary, message=message)
    level = endpoint.id if isinstance(analysis, ResponseAnalysis) else ""
    tested = _Tested(index, level, plan)
    groups = tuple(g for g in groups_of(index, protocol, analysis) if tested.get("historical", g))
    rows = _rows(tested, groups)
    table = Table(name, title, primary, columns=columns(groups), rows=rows)
    methods = dict.fromkeys(row.method for row in tested.rows(groups) if row.method)
    return add_notes(table, protocol, _notes(plan), methods, by=analysis.by)


class _Tested:
    """The rows of one test."""

    def __init__(self, index: RowIndex, variable_level: str, plan: Historical) -> None:
        self._index = index
        self._level = variable_level
        self.plan = plan

    def get(self, statistic: str, group: Group) -> ResultRow | None:
        return self._index.get(
            statistic,
            level=group.level,
            variable="historical",
            variable_level=self._level,
            time=self.plan.at.days if self.plan.at is not None else None,
        )

    def rows(self, groups: tuple[Group, ...]) -> list[ResultRow]:
        names = ("estimate", "test_statistic", "p_value")
        return [row for g in groups for name in names if (row := self.get(name, g)) is not None]


def _rows(tested: _Tested, groups: tuple[Group, ...]) -> tuple[Row, ...]:
    def cells(make: Callable[[Group], Cell]) -> dict[str, Cell]:
        return {group.column: make(group) for group in groups}

    lowers = [tested.get("estimate_lower", group) for group in groups]
    level = next((format_level(row) for row in lowers if row is not None), "")
    sides = "one-sided" if tested.plan.sides == 1 else "two-sided"
    rows = [
        Row("head", f"Rate{f' at {tested.plan.at.text}' if tested.plan.at else ''}, %"),
        Row("level", "Historical, under test", cells(_single(tested, "historical")), 1),
        Row("level", "Aimed at", cells(_single(tested, "target")), 1),
        Row("level", f"Estimate{f' ({level})' if level else ''}", cells(_estimate(tested)), 1),
        Row("head", "Planned test"),
        Row("level", "Test statistic, z", cells(_single(tested, "test_statistic")), 1),
        Row("level", f"P, {sides}", cells(_single(tested, "p_value")), 1),
        Row("level", "Historical rate", cells(_verdict(tested)), 1),
    ]
    return tuple(
        row
        for row in rows
        if row.kind == "head" or any(cell is not NONE for cell in row.cells.values())
    )


def _single(tested: _Tested, statistic: str) -> Callable[[Group], Cell]:
    return lambda group: single(tested.get(statistic, group))


def _estimate(tested: _Tested) -> Callable[[Group], Cell]:
    return lambda group: estimate(
        tested.get("estimate", group),
        tested.get("estimate_lower", group),
        tested.get("estimate_upper", group),
    )


def _verdict(tested: _Tested) -> Callable[[Group], Cell]:
    def cell(group: Group) -> Cell:
        row = tested.get("verdict", group)
        if row is None:
            return Cell((Span("Not tested"),), format="text")
        return Cell((number(row, _VERDICTS.get(row.text, row.text)),), format="text")

    return cell


def _notes(plan: Historical) -> tuple[str, ...]:
    return (
        "Hypothesis of each arm: its rate equals the historical rate. The hypothesis is excluded "
        f"when P is below {plan.alpha:g}.",
        f"Source of the historical rates: {plan.source.rstrip('.')}.",
        "Each arm is tested against its own rate; the arms are not compared.",
    )
