"""The treatment effect in subgroups as a table, with medians that the figure leaves out."""

from __future__ import annotations

from hepatica.analyse.subgroups import EFFECT, FEWEST_EVENTS, MISSING
from hepatica.present.format import format_level
from hepatica.present.lookup import Group, RowIndex, groups_of, subset_of
from hepatica.present.spans import Span, join, number
from hepatica.present.table import Cell, Column, Row, Spanner, Table
from hepatica.present.tables.cells import NONE, estimate
from hepatica.present.tables.notes import MONTHS, add_notes
from hepatica.present.variable_words import variable_label
from hepatica.present.wording import endpoint_of, lower_first, short_title, table_title
from hepatica.protocol.groups import group_labels
from hepatica.protocol.model import Protocol
from hepatica.protocol.subgroups_analysis import SubgroupsAnalysis
from hepatica.results import ResultRow, Results

_Found = dict[tuple[str, str, str, str, str], ResultRow]
_Subset = tuple[str, str]


def subgroups_of(protocol: Protocol, analysis: SubgroupsAnalysis) -> tuple[str, ...]:
    """Return the ids of the subgroup variables of an analysis."""
    return analysis.subgroups or protocol.subgroups


def table_subgroups(results: Results, protocol: Protocol, analysis: SubgroupsAnalysis) -> Table:
    """Return events, medians and hazard ratios by subgroup, with tests of interaction.

    Parameters
    ----------
    results : Results
        Rows of all analyses.
    protocol : Protocol
        Endpoint and subgroup variables.
    analysis : SubgroupsAnalysis
        The planned analysis.

    Returns
    -------
    Table
        All patients, then each variable with its levels; a level without a hazard ratio is
        followed by the reason.
    """
    index = RowIndex(results, analysis.id)
    endpoint = endpoint_of(protocol, analysis.endpoint)
    title = table_title(protocol, analysis, f"{endpoint.label} in subgroups")
    if not index:
        message = index.failure or "No result."
        return Table(analysis.id, title, "Subgroups", message=message)
    rows_of = results.where(analysis=analysis.id, variable=EFFECT)
    found: _Found = {(*subset_of(r), r.level, r.reference, r.statistic): r for r in rows_of}
    groups = tuple(group for group in groups_of(index, protocol, analysis) if group.level)
    rows = [_level(found, groups, analysis, ("", ""), "All patients")]
    rows += _reason(found, groups, analysis, ("", ""))
    for name in subgroups_of(protocol, analysis):
        rows += _variable(found, protocol, groups, analysis, name)
    table = Table(
        analysis.id,
        title,
        short_title(protocol, analysis, f"{endpoint.label} in subgroups"),
        columns=_columns(groups, analysis, found),
        spanners=_spanners(groups, analysis),
        rows=tuple(rows),
    )
    methods = dict.fromkeys(row.method for row in rows_of if row.method)
    notes = (MONTHS, *subgroup_notes(protocol, analysis))
    return add_notes(table, protocol, notes, methods, by=analysis.by)


def subgroup_notes(protocol: Protocol, analysis: SubgroupsAnalysis) -> tuple[str, ...]:
    """Return what has to be said of subgroups: how many were tested, and what is not adjusted."""
    count = len(subgroups_of(protocol, analysis))
    tests = "1 test" if count == 1 else f"{count} tests"
    notes = [
        f"P values of interaction are not adjusted for multiplicity ({tests}): with many, some "
        "are small by chance.",
        "Hazard ratios are not adjusted for other variables.",
        f"Below {FEWEST_EVENTS} events in both groups together no hazard ratio is estimated.",
    ]
    return tuple(notes)


def _columns(
    groups: tuple[Group, ...], analysis: SubgroupsAnalysis, found: _Found
) -> tuple[Column, ...]:
    level = _conf_level(found)
    columns: list[Column] = []
    for group in groups:
        n = join("n = ", number(group.n)) if group.n is not None else ()
        columns += [
            Column(f"{group.column} events", "Events/n", n, group.slot),
            Column(f"{group.column} median", f"Median, months ({level})", (), group.slot),
        ]
    columns += [
        Column(f"{group.column} ratio", f"Hazard ratio ({level})")
        for group in groups
        if group.level != analysis.reference
    ]
    return (*columns, Column("interaction", "P for interaction"))


def _conf_level(found: _Found) -> str:
    limits = (row for key, row in found.items() if key[4] == "median_lower")
    return next((format_level(row) for row in limits), "CI")


def _spanners(groups: tuple[Group, ...], analysis: SubgroupsAnalysis) -> tuple[Spanner, ...]:
    own = [
        Spanner(group.label, (f"{group.column} events", f"{group.column} median"))
        for group in groups
    ]
    ratios = tuple(f"{g.column} ratio" for g in groups if g.level != analysis.reference)
    return (*own, Spanner(f"Against {analysis.reference}", ratios))


def _variable(
    found: _Found,
    protocol: Protocol,
    groups: tuple[Group, ...],
    analysis: SubgroupsAnalysis,
    name: str,
) -> list[Row]:
    tested = found.get((name, "", "", "", "interaction_p_value"))
    cells = {"interaction": Cell(join(tested), format="word")} if tested is not None else {}
    rows = [Row("head", variable_label(protocol, name), cells)]
    for level in group_labels(protocol, name):
        rows.append(_level(found, groups, analysis, (name, level), level))
        rows += _reason(found, groups, analysis, (name, level))
    if tested is not None and tested.status != "ok":
        told = f"Interaction not estimable. {tested.message}"
        rows.append(Row("message", "", note=(number(tested, told),)))
    missing = found.get((name, MISSING, "", "", "n"))
    if missing is not None:
        sentence = f"Patients without a known {lower_first(variable_label(protocol, name))}: "
        rows.append(Row("message", sentence, note=(number(missing), Span("."))))
    return rows


def _level(
    found: _Found,
    groups: tuple[Group, ...],
    analysis: SubgroupsAnalysis,
    subset: _Subset,
    label: str,
) -> Row:
    cells: dict[str, Cell] = {}
    for group in groups:
        events, n = (found.get((*subset, group.level, "", one)) for one in ("events", "n"))
        cells[f"{group.column} events"] = (
            Cell(join(events, "/", n), format="word")
            if events is not None and n is not None
            else NONE
        )
        cells[f"{group.column} median"] = estimate(
            *(found.get((*subset, group.level, "", f"median{one}")) for one in _SUFFIXES)
        )
        if group.level != analysis.reference:
            key = (*subset, group.level, analysis.reference)
            cells[f"{group.column} ratio"] = estimate(
                *(found.get((*key, f"hazard_ratio{one}")) for one in _SUFFIXES)
            )
    cells["interaction"] = Cell()
    return Row("level" if subset[0] else "plain", label, cells, indent=1 if subset[0] else 0)


_SUFFIXES = ("", "_lower", "_upper")


def _reason(
    found: _Found, groups: tuple[Group, ...], analysis: SubgroupsAnalysis, subset: _Subset
) -> list[Row]:
    """Say below a level why it has no hazard ratio."""
    ratios = (
        found.get((*subset, group.level, analysis.reference, "hazard_ratio")) for group in groups
    )
    where = f"{subset[1]}: " if subset[1] else ""
    return [
        Row("message", "", note=join(where, number(row, row.message)))
        for row in ratios
        if row is not None and row.status != "ok"
    ]
