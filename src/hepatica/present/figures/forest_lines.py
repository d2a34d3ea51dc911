"""The lines of a forest plot: studies, subtotals and the whole, read from result rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from hepatica.present.figures.forest_words import heterogeneity
from hepatica.present.format import format_interval, format_limits, format_row, format_value
from hepatica.results import ResultRow, Results

Kind = Literal["head", "study", "reference", "subtotal", "note", "total", "prediction"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForestLine:
    """One line of a forest plot.

    Attributes
    ----------
    kind : str
        Head of a group, study, reference beside, subtotal, note, the whole, prediction interval.
    label : str
        First column.
    counts : tuple of str
        Events and patients of each arm, as shown.
    estimate, lower, upper : float or None
        Where the mark stands; ``None`` where there is none.
    shown : str
        Estimate with limits as text; why there is none for a study that is not estimable.
    weight : float or None
        Share in percent.
    judgements : tuple of str
        Sources of bias, one word a column.
    constructed : bool
        Whether the patients are constructed.
    row_ids : tuple of str
        Rows behind the line; the first is the estimate's.
    """

    kind: Kind
    label: str
    counts: tuple[str, ...] = ()
    estimate: float | None = None
    lower: float | None = None
    upper: float | None = None
    shown: str = ""
    weight: float | None = None
    judgements: tuple[str, ...] = ()
    constructed: bool = False
    row_ids: tuple[str, ...] = field(default=())


def forest_lines(
    results: Results,
    analysis: str,
    *,
    grouping: str = "",
    appraisal: Sequence[str] = (),
    order: str = "given",
    layout: str = "classic",
) -> list[ForestLine]:
    """Return the lines of the forest plot of an outcome, from the top.

    Parameters
    ----------
    results : Results
        Rows of a synthesis.
    analysis : str
        Id of the outcome.
    grouping : str
        Id of the grouping that makes subgroups; empty for none.
    appraisal : sequence of str
        Ids of the columns with judgements.
    order : {"given", "year", "effect", "weight"}
        Order of the studies, within their groups: the first year, the lowest effect or the largest
        weight first.
    layout : {"classic", "revman", "jama"}
        Whose words the sentences below subtotals take.
    """
    studies = _in_order(list(_studies(results, analysis, "study", appraisal)), order)
    pooled = _models(results, analysis, "", "")
    lines: list[ForestLine] = []
    if grouping:
        for level, members in _by_group(results, analysis, grouping, studies).items():
            lines.append(ForestLine(kind="head", label=level))
            lines += members
            lines += _subtotal(_models(results, analysis, grouping, level), members, layout)
    else:
        lines += studies
    references = list(_studies(results, analysis, "reference", appraisal))
    if references:
        lines.append(ForestLine(kind="head", label="Beside, not pooled"))
        lines += references
    lines += _totals(pooled, studies)
    return lines


_Rows = dict[str, ResultRow]


def _models(results: Results, analysis: str, subgroup: str, level: str) -> dict[str, _Rows]:
    """Return the rows of each model by statistic."""
    found: dict[str, _Rows] = {}
    for row in results.where(
        analysis=analysis, variable="pooled", subgroup=subgroup, subgroup_level=level
    ):
        found.setdefault(row.variable_level, {})[row.statistic] = row
    return found


def _studies(
    results: Results, analysis: str, variable: str, appraisal: Sequence[str]
) -> Iterator[ForestLine]:
    by_study: dict[str, _Rows] = {}
    judged: dict[str, dict[str, str]] = {}
    for row in results.where(analysis=analysis, variable=variable):
        if row.statistic == "group":
            judged.setdefault(row.variable_level, {})[row.subgroup] = row.text
        else:
            by_study.setdefault(row.variable_level, {})[row.statistic] = row
    for name, rows in by_study.items():
        if "set_aside" in rows or rows["estimate"].status != "ok":
            continue
        words = judged.get(name, {})
        constructed = rows["estimate"].origin == "simulated"
        yield ForestLine(
            kind="study" if variable == "study" else "reference",
            label=f"{name} (constructed)" if constructed else name,
            counts=_counts(rows),
            **_place(rows),
            weight=rows["weight"].value if "weight" in rows else None,
            judgements=tuple(words.get(one, "") for one in appraisal),
            constructed=constructed,
            row_ids=_ids(rows),
        )


def _counts(rows: _Rows) -> tuple[str, ...]:
    return tuple(
        f"{format_row(rows[one])}/{rows[one].denominator}"
        for one in ("events", "control_events")
        if one in rows
    )


def _place(rows: _Rows) -> dict[str, Any]:
    lower, upper = format_limits(rows["estimate_lower"], rows["estimate_upper"])
    return {
        "estimate": rows["estimate"].value,
        "lower": rows["estimate_lower"].value,
        "upper": rows["estimate_upper"].value,
        "shown": f"{format_row(rows['estimate'])} ({format_interval(lower, upper)})",
    }


def _ids(rows: _Rows) -> tuple[str, ...]:
    first = ("estimate", "estimate_lower", "estimate_upper")
    others = (one for one in rows if one not in first)
    return tuple(rows[one].id for one in (*first, *others) if one in rows)


def _by_group(
    results: Results, analysis: str, grouping: str, studies: Sequence[ForestLine]
) -> dict[str, list[ForestLine]]:
    level_of = {
        row.variable_level: row.text
        for row in results.where(
            analysis=analysis, variable="study", subgroup=grouping, statistic="group"
        )
    }
    groups: dict[str, list[ForestLine]] = {}
    for line in studies:
        name = line.label.removesuffix(" (constructed)")
        groups.setdefault(level_of.get(name, "Not reported"), []).append(line)
    return groups


def _in_order(studies: list[ForestLine], order: str) -> list[ForestLine]:
    """Return studies in an order; those that tie stay as they were given."""
    if order == "year":
        return sorted(studies, key=lambda line: _year(line.label))
    if order == "effect":
        return sorted(studies, key=lambda line: line.estimate or 0.0)
    if order == "weight":
        return sorted(studies, key=lambda line: -(line.weight or 0.0))
    return studies


def _year(label: str) -> int:
    """Return the year in the name of a study; names without one come last."""
    found = re.search(r"\b(19|20)\d\d\b", label)
    return int(found[0]) if found else 9999


def _subtotal(
    models: dict[str, _Rows], members: Sequence[ForestLine], layout: str
) -> Iterator[ForestLine]:
    rows = next(iter(models.values()), None)
    if rows is None or len(members) < 2:
        return
    weights = [line.weight for line in members if line.weight is not None]
    yield ForestLine(
        kind="subtotal",
        label="Subtotal",
        counts=_counts(rows),
        **_place(rows),
        weight=sum(weights) if weights else None,
        row_ids=_ids(rows),
    )
    yield ForestLine(kind="note", label=heterogeneity(rows, layout))


def _totals(pooled: dict[str, _Rows], studies: Sequence[ForestLine]) -> Iterator[ForestLine]:
    first = True
    for name, rows in pooled.items():
        if rows["estimate"].status != "ok":
            continue
        label = "All studies, random effects" if name == "random" else "All studies, common effect"
        weighted = any(line.weight is not None for line in studies)
        yield ForestLine(
            kind="total",
            label=label,
            counts=_counts(rows) if first else (),
            **_place(rows),
            weight=100.0 if weighted and first else None,
            row_ids=_ids(rows),
        )
        if "prediction_lower" in rows and rows["prediction_lower"].status == "ok":
            lower, upper = format_limits(rows["prediction_lower"], rows["prediction_upper"])
            level = 100.0 * (rows["prediction_lower"].conf_level or 0.95)
            yield ForestLine(
                kind="prediction",
                label=f"{format_value(level, 'decimal0')}% prediction interval",
                lower=rows["prediction_lower"].value,
                upper=rows["prediction_upper"].value,
                shown=f"({format_interval(lower, upper)})",
                row_ids=(rows["prediction_lower"].id, rows["prediction_upper"].id),
            )
        first = False
