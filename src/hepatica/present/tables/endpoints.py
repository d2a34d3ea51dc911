"""Endpoints that are times: events, censoring, medians, rates, follow-up and comparisons."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from hepatica.present.cut_point_words import cut_point_notes
from hepatica.present.format import format_level
from hepatica.present.lookup import Group, RowIndex, groups_of
from hepatica.present.spans import Span, number
from hepatica.present.table import Cell, Row, Table
from hepatica.present.tables.cells import columns, count_percent, estimate, single
from hepatica.present.tables.comparison import VARIABLES, comparison_rows
from hepatica.present.tables.entry import delayed_entry_notes, delayed_entry_rows, follow_up_label
from hepatica.present.tables.fixed_times import PLAIN, fixed_time_rows
from hepatica.present.tables.landmark import landmark_notes, landmark_rows
from hepatica.present.tables.notes import INTERVALS, MONTHS, add_notes
from hepatica.present.wording import (
    FORMED_AFTERWARDS,
    endpoint_of,
    grouping,
    is_about_treatment,
    is_post_hoc,
    lower_first,
    table_title,
)
from hepatica.protocol.analyses import TimeToEventAnalysis
from hepatica.protocol.endpoints import Endpoint, TimeToEvent
from hepatica.protocol.groups import is_formed_afterwards
from hepatica.protocol.landmark import from_landmark
from hepatica.protocol.model import Protocol
from hepatica.results import ResultRow, Results

_Find = Callable[[Group], ResultRow | None]


def endpoint_groups(
    results: Results, protocol: Protocol
) -> tuple[tuple[TimeToEventAnalysis, ...], ...]:
    """Return the time-to-event analyses that share a table, in the order of the plan.

    They are about the same patients in the same groups; an analysis that has a title of its own,
    or failed, stands alone.
    """
    together: dict[tuple[object, ...], list[TimeToEventAnalysis]] = {}
    for analysis in protocol.analyses:
        if isinstance(analysis, TimeToEventAnalysis):
            groups = groups_of(RowIndex(results, analysis.id), protocol, analysis)
            patients = tuple((g.level, g.n.value if g.n is not None else None) for g in groups)
            alone = analysis.id if analysis.title or not groups else ""
            where = analysis.where_label if analysis.where is not None else ""
            post_hoc = is_post_hoc(protocol, analysis)
            treatment = is_about_treatment(protocol, analysis)
            landmark = analysis.landmark.days if analysis.landmark is not None else 0.0
            about = (analysis.by, analysis.set, where, landmark)
            key = (about, post_hoc, treatment, patients, alone)
            together.setdefault(key, []).append(analysis)
    return tuple(tuple(found) for found in together.values())


def table_endpoints(
    results: Results, protocol: Protocol, analyses: Iterable[TimeToEventAnalysis]
) -> Table:
    """Return one table of analyses that group the same patients in the same way.

    Parameters
    ----------
    results : Results
        Rows of all analyses.
    protocol : Protocol
        Endpoints and their time points.
    analyses : iterable of TimeToEventAnalysis
        Analyses with the same groups; the first gives the column heads.

    Returns
    -------
    Table
        Per endpoint a group head and its rows; an analysis that failed is a sentence.
    """
    analyses = tuple(analyses)
    first = analyses[0]
    index = RowIndex(results, first.id)
    endpoints = [_endpoint_of(protocol, analysis) for analysis in analyses]
    what = endpoints[0].label if len(analyses) == 1 else "Times to events"
    title = table_title(protocol, first, what)
    name = first.id if len(analyses) == 1 else f"{first.id}-and-others"
    if not index:
        message = index.failure or "No result."
        return Table(name, title, endpoints[0].label, message=message)
    found = groups_of(index, protocol, first)
    groups = tuple(group for group in found if group.level and not _excluded(first, group)) or found
    rows: list[Row] = []
    methods: list[str] = []
    for analysis in analyses:
        own = RowIndex(results, analysis.id)
        rows += _endpoint(own, protocol, analysis, groups)
        methods += own.methods("", *VARIABLES)
    short = _short(protocol, first, endpoints[0].label if len(analyses) == 1 else "Endpoints")
    table = Table(name, title, short, columns=columns(groups), rows=tuple(rows))
    general = [MONTHS, INTERVALS]
    if any(is_formed_afterwards(protocol, analysis) for analysis in analyses):
        general.append(FORMED_AFTERWARDS)
    general += delayed_entry_notes(endpoints)
    general += landmark_notes(results, analyses)
    if any(RowIndex(results, one.id).levels("window_end") for one in analyses):
        general.append(PLAIN)
    general += cut_point_notes(results, protocol, first)
    return add_notes(table, protocol, general, methods, by=first.by)


def _endpoint_of(protocol: Protocol, analysis: TimeToEventAnalysis) -> Endpoint:
    endpoint = endpoint_of(protocol, analysis.endpoint)
    if isinstance(endpoint, TimeToEvent):
        return from_landmark(endpoint, analysis.landmark)
    return endpoint


def _short(protocol: Protocol, analysis: TimeToEventAnalysis, what: str) -> str:
    """Return the entry in the contents: by what patients are grouped, and which of them."""
    by = grouping(protocol, analysis.by)
    restricted = analysis.where_label if analysis.where is not None else ""
    landmark = f"landmark {analysis.landmark.text}" if analysis.landmark is not None else ""
    return ", ".join(part for part in (f"By {by}" if by else what, restricted, landmark) if part)


def _follow_up(
    index: RowIndex,
    protocol: Protocol,
    analysis: TimeToEventAnalysis,
    endpoint: TimeToEvent,
    groups: tuple[Group, ...],
) -> list[Row]:
    if is_about_treatment(protocol, analysis):  # how long treatment lasted is no follow-up
        return []
    return _times(index, groups, "follow_up_median", follow_up_label(endpoint))


def _excluded(analysis: TimeToEventAnalysis, group: Group) -> bool:
    """Return whether the plan leaves out the group: an arm that ``where`` does not choose."""
    return analysis.where is not None and group.n is not None and not group.n.value


def _endpoint(
    index: RowIndex, protocol: Protocol, analysis: TimeToEventAnalysis, groups: tuple[Group, ...]
) -> list[Row]:
    endpoint = _endpoint_of(protocol, analysis)
    if not isinstance(endpoint, TimeToEvent):
        return []
    role = " (primary endpoint)" if endpoint.role == "primary" else ""
    head = Row("head", f"{endpoint.label} from {endpoint.origin.label}{role}")
    if not index:
        reason = index.failure or "There is no result."
        return [head, Row("message", f"Not available. {reason}")]
    return [
        head,
        *_left_out(index),
        *landmark_rows(index, groups),
        *delayed_entry_rows(index, endpoint, groups),
        *_counts(index, endpoint, groups),
        *_times(index, groups, "median", "Median, months"),
        *_landmarks(index, endpoint, groups),
        *_follow_up(index, protocol, analysis, endpoint, groups),
        *_comparison(index, analysis, groups),
    ]


def _left_out(index: RowIndex) -> list[Row]:
    """Say how many patients have no known group, or no known stratum in the comparison."""
    rows = []
    for variable, what in (("group", "group, not shown"), ("strata", "stratum, not compared")):
        row = index.get("n", variable=variable, variable_level="Missing")
        if row is not None:
            sentence = f"Patients without a known {what}: "
            rows.append(Row("message", sentence, note=(number(row), Span("."))))
    return rows


def _cells(groups: Iterable[Group], cell: Callable[[Group], Cell]) -> dict[str, Cell]:
    return {group.column: cell(group) for group in groups}


def _counts(index: RowIndex, endpoint: TimeToEvent, groups: tuple[Group, ...]) -> list[Row]:
    rows: list[Row] = []
    for statistic, label, variable, rules in (
        ("events", "Events", "event_reason", endpoint.events),
        ("censored", "Censored", "censoring_reason", endpoint.censoring),
    ):
        rows.append(_count(index, groups, statistic, label))
        reasons = _in_order(index.levels(variable), [rule.description for rule in rules])
        # One reason for all events says what the name of the endpoint says.
        if len(reasons) > 1 or (reasons and variable == "censoring_reason"):
            rows += [_reason(index, groups, variable, reason) for reason in reasons]
    if any((row := index.get("missing", level=g.level)) is not None and row.value for g in groups):
        rows.append(_count(index, groups, "missing", "Without a usable time"))
    return rows


def _count(index: RowIndex, groups: tuple[Group, ...], statistic: str, label: str) -> Row:
    share = f"{statistic}_percent"
    with_share = any(index.get(share, level=group.level) for group in groups)
    cells = _cells(
        groups,
        lambda group: count_percent(
            index.get(statistic, level=group.level), index.get(share, level=group.level)
        ),
    )
    return Row("level", f"{label}, {'n (%)' if with_share else 'n'}", cells, indent=1)


def _reason(index: RowIndex, groups: tuple[Group, ...], variable: str, reason: str) -> Row:
    def cell(group: Group) -> Cell:
        row = index.get("n", level=group.level, variable=variable, variable_level=reason)
        return single(row)

    return Row("level", reason, _cells(groups, cell), indent=2)


def _in_order(reasons: Iterable[str], planned: list[str]) -> list[str]:
    """Return reasons in the order of the rules of the protocol, others after them."""
    return sorted(
        reasons,
        key=lambda reason: planned.index(reason) if reason in planned else len(planned),
    )


def _times(index: RowIndex, groups: tuple[Group, ...], statistic: str, label: str) -> list[Row]:
    if all(index.get(statistic, level=group.level) is None for group in groups):
        return []
    limits = [index.get(f"{statistic}_lower", level=group.level) for group in groups]
    level = next((format_level(row) for row in limits if row is not None), "")
    shown = f"{label} ({level})" if level else label
    return [Row("level", shown, _cells(groups, _estimate(index, statistic)), indent=1)]


def _estimate(
    index: RowIndex, statistic: str, time: float | None = None
) -> Callable[[Group], Cell]:
    def cell(group: Group) -> Cell:
        value, lower, upper = (
            index.get(statistic + suffix, level=group.level, time=time)
            for suffix in ("", "_lower", "_upper")
        )
        return estimate(value, lower, upper)

    return cell


def _landmarks(index: RowIndex, endpoint: TimeToEvent, groups: tuple[Group, ...]) -> list[Row]:
    rows = []
    for point in endpoint.time_points:
        limits = [index.get("survival_lower", level=g.level, time=point.days) for g in groups]
        level = next((format_level(row) for row in limits if row is not None), "")
        label = f"{lower_first(endpoint.outcome)} at {point.text}, %"
        label = label[:1].upper() + label[1:] + (f" ({level})" if level else "")
        cells = _cells(groups, _estimate(index, "survival", point.days))
        rows.append(Row("level", label, cells, indent=1))
        rows += fixed_time_rows(index, groups, point.days)
    return rows


def _comparison(
    index: RowIndex, analysis: TimeToEventAnalysis, groups: tuple[Group, ...]
) -> list[Row]:
    return [] if analysis.compare is None else comparison_rows(index, analysis.compare, groups)
