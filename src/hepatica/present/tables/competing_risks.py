"""Competing risks by group: cumulative incidence of each cause, tests, and two hazard ratios."""

from __future__ import annotations

from collections.abc import Iterable

from hepatica.present.format import format_level, format_p
from hepatica.present.lookup import Group, RowIndex, groups_of
from hepatica.present.spans import Span, join, number
from hepatica.present.table import Cell, Row, Table
from hepatica.present.tables.cells import columns, estimate, single
from hepatica.present.tables.notes import add_notes
from hepatica.present.wording import endpoint_of, lower_first, table_title
from hepatica.protocol.competing_risks_analysis import CompetingRisksAnalysis
from hepatica.protocol.model import Protocol
from hepatica.results import ResultRow, Results

OVERSTATES = (
    "One minus Kaplan–Meier, shown for comparison only, counts who had another cause as if the "
    "cause could still come, so it overstates the share of patients who have it."
)
HAZARDS = (
    "The subdistribution hazard ratio says how the share with the cause differs; the "
    "cause-specific one how the rate among those still without any event differs."
)
_REFERENCE = Cell((Span("reference"),), format="text")
_RATIOS = (
    ("fine_gray", "subdistribution_hazard_ratio", "Subdistribution hazard ratio"),
    ("cause_specific", "hazard_ratio", "Cause-specific hazard ratio"),
)
_METHODS = ("cause", "gray", "fine_gray", "cause_specific", "fine_gray_adjusted")


def table_competing_risks(
    results: Results, protocol: Protocol, analysis: CompetingRisksAnalysis
) -> Table:
    """Return the table of competing causes.

    Parameters
    ----------
    results : Results
        Rows of all analyses.
    protocol : Protocol
        The endpoint.
    analysis : CompetingRisksAnalysis
        Causes, times and reference.

    Returns
    -------
    Table
        For each cause: events, cumulative incidence, one minus Kaplan-Meier beside it, hazard
        ratios and Gray's test.
    """
    index = RowIndex(results, analysis.id)
    label = endpoint_of(protocol, analysis.endpoint).label
    title = table_title(protocol, analysis, f"Causes of events in {lower_first(label)}")
    if not index:
        return Table(analysis.id, title, "Competing risks", message=index.failure or "No result.")
    groups = tuple(group for group in groups_of(index, protocol, analysis) if group.level)
    rows: list[Row] = []
    for cause in analysis.causes:
        rows.append(Row("head", cause.label))
        rows += _incidences(index, groups, analysis, cause.label)
        rows += _ratios(index, groups, analysis, cause.label)
        rows += _gray(index, cause.label)
    ungrouped = index.get("n", variable="group", variable_level="Missing")
    if ungrouped is not None:
        text = "Patients without a known group, not counted: "
        rows.append(Row("message", text, note=join(ungrouped, ".")))
    missing = index.get("n", variable="covariates", variable_level="Missing")
    if missing is not None:
        text = "Patients without a covariate, not in the adjusted models: "
        rows.append(Row("message", text, note=join(missing, ".")))
    table = Table(analysis.id, title, "Competing risks", columns=columns(groups), rows=tuple(rows))
    notes = (OVERSTATES if analysis.at else "", HAZARDS if analysis.reference else "")
    return add_notes(table, protocol, notes, index.methods(*_METHODS), by=analysis.by)


def _incidences(
    index: RowIndex,
    groups: tuple[Group, ...],
    analysis: CompetingRisksAnalysis,
    cause: str,
) -> list[Row]:
    def get(
        statistic: str, group: Group, time: float | None = None, variable: str = "cause"
    ) -> ResultRow | None:
        return index.get(
            statistic, level=group.level, variable=variable, variable_level=cause, time=time
        )

    events = {group.column: single(get("events", group)) for group in groups}
    rows = [Row("level", "Events, n", events, indent=1)]
    for point in analysis.at:
        name = "cumulative_incidence"
        cells = {
            group.column: estimate(
                get(name, group, point.days),
                get(f"{name}_lower", group, point.days),
                get(f"{name}_upper", group, point.days),
            )
            for group in groups
        }
        lowers = (get(f"{name}_lower", group, point.days) for group in groups)
        level = next((f" ({format_level(row)})" for row in lowers if row is not None), "")
        rows.append(Row("level", f"Incidence at {point.text}, %{level}", cells, indent=1))
        naive = {
            group.column: single(
                get("one_minus_survival", group, point.days, "one_minus_kaplan_meier")
            )
            for group in groups
        }
        label = f"One minus Kaplan–Meier at {point.text}, %"
        rows.append(Row("level", label, naive, indent=2))
    return rows


def _ratios(
    index: RowIndex,
    groups: tuple[Group, ...],
    analysis: CompetingRisksAnalysis,
    cause: str,
) -> list[Row]:
    if analysis.reference is None:
        return []
    rows: list[Row] = []
    for suffix, how in (("", ""), ("_adjusted", ", adjusted")):
        for variable, statistic, name in _RATIOS:
            found = {
                (part, group.level): index.get(
                    f"{statistic}{part}",
                    level=group.level,
                    variable=variable + suffix,
                    variable_level=cause,
                    reference=analysis.reference,
                )
                for part in ("", "_lower", "_upper")
                for group in groups
            }
            if all(row is None for row in found.values()):
                continue
            cells = {
                group.column: _REFERENCE
                if group.level == analysis.reference
                else estimate(*(found[part, group.level] for part in ("", "_lower", "_upper")))
                for group in groups
            }
            lowers = (found["_lower", group.level] for group in groups)
            level = next((f" ({format_level(row)})" for row in lowers if row is not None), "")
            rows.append(Row("level", f"{name}{how}{level}", cells, indent=1))
            rows += _reasons(found.values(), f"{name}{how}")
    return rows


def _reasons(found: Iterable[ResultRow | None], what: str) -> list[Row]:
    told = dict.fromkeys(
        row.message for row in found if row is not None and row.status != "ok" and row.message
    )
    return [Row("message", f"{what}: not estimable. {one}") for one in told]


def _gray(index: RowIndex, cause: str) -> list[Row]:
    row = index.get("p_value", variable="gray", variable_level=cause)
    if row is None:
        return []
    if row.status != "ok" or row.value is None:
        return [Row("message", f"Gray's test: not estimable. {row.message}")]
    return [Row("message", "Gray's test: ", note=join(number(row, format_p(row.value)), "."))]
