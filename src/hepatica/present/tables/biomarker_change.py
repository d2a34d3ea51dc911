"""Change of biomarkers from baseline to progression, with tests and their adjusted P values."""

from __future__ import annotations

from hepatica.present.format import format_level, format_row
from hepatica.present.lookup import Group, RowIndex, groups_of
from hepatica.present.spans import interval, join
from hepatica.present.table import Cell, Column, Row, Spanner, Table
from hepatica.present.tables.cells import NONE, single
from hepatica.present.tables.notes import add_notes
from hepatica.present.wording import listed, table_title
from hepatica.protocol.analyses import BiomarkerChangeAnalysis
from hepatica.protocol.model import Protocol
from hepatica.protocol.variables import Biomarker
from hepatica.results import ResultRow, Results

_COUNTS = (("n_baseline", "Baseline"), ("n_matched", "Both times"), ("n", "Values at both"))
_P_VALUES = (
    ("p_value", "P"),
    ("p_value_holm", "P, Holm"),
    ("p_value_benjamini_hochberg", "P, Benjamini–Hochberg"),
)


def table_biomarker_change(
    results: Results, protocol: Protocol, analysis: BiomarkerChangeAnalysis
) -> Table:
    """Return the table of changes: a head for each group, and below it a row for each biomarker.

    Parameters
    ----------
    results : Results
        Rows of all analyses.
    protocol : Protocol
        Labels and units of the biomarkers.
    analysis : BiomarkerChangeAnalysis
        Lists the biomarkers in order.
    """
    index = RowIndex(results, analysis.id)
    title = table_title(protocol, analysis, "Change of biomarkers from baseline to progression")
    short = "Change of biomarkers"
    if not index:
        return Table(analysis.id, title, short, message=index.failure or "No result.")
    known = {one.id: one for one in protocol.biomarkers}
    groups = [group for group in groups_of(index, protocol, analysis) if group.level]
    rows: list[Row] = []
    for group in groups:
        rows.append(Row("head", group.label, note=()))
        rows += [_row(index, group, known[name]) for name in analysis.biomarkers]
    table = Table(
        analysis.id,
        title,
        short,
        "Biomarker, unit" if any(known[name].unit for name in analysis.biomarkers) else "Biomarker",
        columns=_columns(index, groups, analysis),
        spanners=(
            Spanner("Patients with samples", tuple(name for name, _ in _COUNTS)),
            Spanner("Change", ("median", "estimate")),
        ),
        rows=tuple(rows),
    )
    methods = index.methods(*analysis.biomarkers)
    return add_notes(table, protocol, _general(index, groups), methods, by=analysis.by)


def _columns(
    index: RowIndex, groups: list[Group], analysis: BiomarkerChangeAnalysis
) -> tuple[Column, ...]:
    limits = (
        index.get("hodges_lehmann_lower", level=group.level, variable=name, variable_level="change")
        for group in groups
        for name in analysis.biomarkers
    )
    level = next((format_level(row) for row in limits if row is not None), "CI")
    return (
        *(Column(name, label) for name, label in _COUNTS),
        Column("median", "Median (interquartile range)"),
        Column("estimate", f"Hodges–Lehmann ({level})"),
        *(Column(name, label) for name, label in _P_VALUES),
    )


def _row(index: RowIndex, group: Group, biomarker: Biomarker) -> Row:
    def get(statistic: str, variable_level: str = "change") -> ResultRow | None:
        return index.get(
            statistic, level=group.level, variable=biomarker.id, variable_level=variable_level
        )

    cells = {name: single(get(name, "")) for name, _ in _COUNTS}
    cells["median"] = _with_limits(get("median"), get("q1"), get("q3"))
    cells["estimate"] = _with_limits(
        get("hodges_lehmann"), get("hodges_lehmann_lower"), get("hodges_lehmann_upper")
    )
    cells |= {name: single(get(name)) for name, _ in _P_VALUES}
    unit = f", {biomarker.unit}" if biomarker.unit else ""
    return Row("level", f"{biomarker.label}{unit}", cells, indent=1)


def _with_limits(value: ResultRow | None, lower: ResultRow | None, upper: ResultRow | None) -> Cell:
    """Return a value with its limits; a column of changes always says "to"."""
    if value is None:
        return NONE
    if value.status != "ok" or lower is None or upper is None:
        return single(value)
    # All in one piece: the columns of this table are of different kinds, so that brackets in a
    # box of their own would widen the columns that have none.
    return Cell(join(value, " (", interval(lower, upper, negative=True), ")"), (), value.format)


def _general(index: RowIndex, groups: list[Group]) -> list[str]:
    counts = [
        f"{format_row(row)} in {group.label}"
        for group in groups
        if (row := index.get("tests", level=group.level)) is not None
    ]
    return [
        "Change is the result at progression less that at baseline. A result below the limit of "
        "detection is a sample without a value; no value is put in its place.",
        f"P values are adjusted over the biomarkers of a group; tests: {listed(counts)}.",
    ]
