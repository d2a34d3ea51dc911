"""Rows of a table of endpoints that compare the groups, with what is said about proportionality."""

from __future__ import annotations

from collections.abc import Callable

from hepatica.analyse.proportional_hazards import DEPARTS
from hepatica.present.format import format_level, format_p
from hepatica.present.lookup import Group, RowIndex
from hepatica.present.spans import Span, Spans, join, number
from hepatica.present.table import Cell, Row
from hepatica.present.tables.cells import NONE, estimate, single
from hepatica.protocol.comparison import Comparison
from hepatica.results import ResultRow

#: Variables of the rows whose methods the footnote names.
VARIABLES = (
    *("maximally_selected", "logrank", "logrank_unstratified", "weighted_logrank", "max_combo"),
    *("restricted_mean", "cox", "cox_firth", "cox_unstratified", "cox_cluster", "cox_frailty"),
    "proportionality",
)
_WORDS = {
    True: (
        "The hazards are not proportional: the hazard ratio is an average over a follow-up in "
        "which it changes, so read the curves and restricted means beside it ("
    ),
    False: (
        "No departure from proportional hazards was found, which with few events does not "
        "exclude one ("
    ),
}
_REFERENCE = Cell((Span("reference"),), format="text")
_Find = Callable[[str, Group], ResultRow | None]


def comparison_rows(index: RowIndex, plan: Comparison, groups: tuple[Group, ...]) -> list[Row]:
    """Return hazard ratios, restricted means and tests in the order in which they are read.

    Parameters
    ----------
    index : RowIndex
        Rows of the analysis.
    plan : Comparison
        What is planned.
    groups : tuple of Group
        Columns of the table.
    """
    rows: list[Row] = []
    reference = plan.reference
    if plan.hazard_ratio and reference:
        for variable, how in _models(plan):
            rows += _hazard_ratio(index, reference, groups, variable, how)
        rows += _frailty(index)
    rows += _restricted_means(index, plan, groups)
    rows += _tests(index, plan, groups)
    return rows + _proportionality(index, plan)


def _models(plan: Comparison) -> tuple[tuple[str, str], ...]:
    stratified = ", stratified" if plan.strata and plan.stratified == "both" else ""
    return (
        ("cox", stratified),
        ("cox_firth", ", Firth's penalty"),
        ("cox_unstratified", ", unstratified"),
        ("cox_cluster", ", clusters"),
        ("cox_frailty", ", shared frailty"),
    )


def _hazard_ratio(
    index: RowIndex, reference: str, groups: tuple[Group, ...], variable: str, how: str
) -> list[Row]:
    def get(statistic: str, group: Group) -> ResultRow | None:
        return index.get(statistic, level=group.level, variable=variable, reference=reference)

    values = [get("hazard_ratio", group) for group in groups]
    if variable != "cox" and all(value is None for value in values):
        return []
    lowers = (get("hazard_ratio_lower", group) for group in groups)
    level = next((format_level(row) for row in lowers if row is not None), "")
    kind = (
        "profile" if variable == "cox_firth" else "robust" if variable == "cox_cluster" else "Wald"
    )
    label = f"Hazard ratio against {reference}{how}" + (f" ({level}, {kind})" if level else "")
    rows = [Row("level", label, _against(get, "hazard_ratio", groups, reference), indent=1)]
    return rows + _reasons(values, f"Hazard ratio{how}")


def _against(
    get: _Find, statistic: str, groups: tuple[Group, ...], reference: str
) -> dict[str, Cell]:
    return {
        group.column: _REFERENCE
        if group.level == reference
        else estimate(
            get(statistic, group),
            get(f"{statistic}_lower", group),
            get(f"{statistic}_upper", group),
        )
        for group in groups
    }


def _reasons(values: list[ResultRow | None], what: str) -> list[Row]:
    first = {row.message: row for row in reversed(values) if row is not None and row.message}
    return [
        Row("message", f"{what}: not estimable. ", note=(number(row, row.message),))
        for row in reversed(first.values())
        if row.status != "ok"
    ]


def _frailty(index: RowIndex) -> list[Row]:
    theta = index.get("theta", variable="cox_frailty")
    p_value = index.get("frailty_p_value", variable="cox_frailty")
    clusters = index.get("n_clusters", variable="cox_frailty")
    if theta is None or p_value is None or clusters is None:
        return []
    return [
        Row(
            "message",
            "Shared frailty: variance ",
            note=join(
                theta,
                " (",
                number(p_value, format_p(p_value.value or 0.0)),
                ", ",
                clusters,
                " clusters).",
            ),
        )
    ]


def _restricted_means(index: RowIndex, plan: Comparison, groups: tuple[Group, ...]) -> list[Row]:
    span = plan.restricted_mean
    if span is None:
        return []
    reference = plan.reference or ""

    def own(statistic: str, group: Group) -> ResultRow | None:
        return index.get(statistic, level=group.level, variable="restricted_mean", time=span.days)

    def against(statistic: str, group: Group) -> ResultRow | None:
        return index.get(
            statistic,
            level=group.level,
            variable="restricted_mean",
            time=span.days,
            reference=reference,
        )

    means = [own("restricted_mean", group) for group in groups]
    level = next((format_level(row) for row in means if row is not None), "CI")
    cells = {
        group.column: estimate(
            own("restricted_mean", group),
            own("restricted_mean_lower", group),
            own("restricted_mean_upper", group),
        )
        for group in groups
    }
    title = f"Restricted mean to {span.text}, months"
    rows = [Row("level", f"{title} ({level})", cells, indent=1), *_reasons(means, title)]
    for statistic, label in (
        ("restricted_mean_difference", f"Difference from {reference}, months ({level})"),
        ("restricted_mean_ratio", f"Ratio to {reference} ({level})"),
    ):
        if any(against(statistic, group) is not None for group in groups):
            rows.append(
                Row("level", label, _against(against, statistic, groups, reference), indent=2)
            )
    p_values = {
        group.column: single(row)
        for group in groups
        if (row := against("restricted_mean_difference_p_value", group)) is not None
    }
    if p_values:
        missing = {group.column: NONE for group in groups}
        rows.append(Row("level", "P of the difference, two-sided", missing | p_values, indent=2))
    return rows


def _tests(index: RowIndex, plan: Comparison, groups: tuple[Group, ...]) -> list[Row]:
    """Give the log-rank P; before it the corrected one where the patients chose the groups."""
    rows: list[Row] = []
    first = groups[0].column
    corrected = index.get("p_value", variable="maximally_selected")
    if corrected is not None:
        label = "P corrected for the choice of the cut-point"
        rows.append(Row("level", label, {first: single(corrected)}, indent=1))
    uncorrected = ", not corrected" if corrected is not None else ""
    stratified = ", stratified" if plan.strata else ""
    for variable, how in (
        ("logrank", f"{stratified}{uncorrected}"),
        ("logrank_unstratified", f", unstratified{uncorrected}"),
    ):
        found = index.get("p_value", variable=variable)
        if found is not None:
            label = f"Log-rank P, two-sided, all groups{how}"
            rows.append(Row("level", label, {first: single(found)}, indent=1))
    for level in index.levels("weighted_logrank"):
        found = index.get("p_value", variable="weighted_logrank", variable_level=level)
        if found is not None:
            label = f"Weighted log-rank P, {level}{stratified}"
            rows.append(Row("level", label, {first: single(found)}, indent=1))
    return rows + _max_combo(index, plan, groups, stratified)


def _max_combo(
    index: RowIndex, plan: Comparison, groups: tuple[Group, ...], stratified: str
) -> list[Row]:
    if not plan.max_combo:
        return []
    label = f"Max-combo P{stratified}"
    found = index.get("p_value", variable="max_combo")
    if found is not None:
        rows = [Row("level", label, {groups[0].column: single(found)}, indent=1)]
        return rows + _reasons([found], label)
    reference = plan.reference or ""
    each = {
        group.column: index.get(
            "p_value", level=group.level, variable="max_combo", reference=reference
        )
        for group in groups
    }
    cells = {name: NONE if row is None else single(row) for name, row in each.items()}
    return [Row("level", f"{label} against {reference}", cells, indent=1)]


def _proportionality(index: RowIndex, plan: Comparison) -> list[Row]:
    reference = plan.reference or ""
    p_value = index.get("p_value", variable="proportionality", reference=reference)
    if p_value is None:
        return []
    if p_value.status != "ok":
        return [Row("message", f"Proportional hazards could not be tested. {p_value.message}")]
    return [Row("message", "", note=proportionality_sentence(index, reference))]


def departure_sentence(index: RowIndex, reference: str) -> Spans:
    """Return the sentence where hazards are not proportional; empty where no departure is seen."""
    verdict = index.get("verdict", variable="proportionality", reference=reference)
    departs = verdict is not None and verdict.text == DEPARTS
    return proportionality_sentence(index, reference) if departs else ()


def proportionality_sentence(index: RowIndex, reference: str) -> Spans:
    """Say in words whether hazards look proportional, with the P value; empty if not tested.

    Parameters
    ----------
    index : RowIndex
        Rows of the analysis.
    reference : str
        Label of the group that the others are compared with.
    """
    p_value = index.get("p_value", variable="proportionality", reference=reference)
    verdict = index.get("verdict", variable="proportionality", reference=reference)
    if p_value is None or p_value.value is None or verdict is None:
        return ()
    return join(
        _WORDS[verdict.text == DEPARTS],
        number(p_value, format_p(p_value.value)),
        ", test of scaled Schoenfeld residuals).",
    )
