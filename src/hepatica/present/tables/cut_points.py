"""Cut-points that the data chose: where they lie, by which rule, and from whom."""

from __future__ import annotations

from collections.abc import Iterable

from hepatica.present.cut_point_words import cut_point_row
from hepatica.present.format import format_level
from hepatica.present.spans import Span, interval, join
from hepatica.present.table import Cell, Column, Row, Table
from hepatica.present.tables.cells import NONE, single
from hepatica.present.tables.notes import add_notes
from hepatica.present.wording import endpoint_of, lower_first
from hepatica.protocol.cut_points import CUT_POINTS, chosen_from
from hepatica.protocol.model import Protocol
from hepatica.protocol.variables import CutPoint
from hepatica.results import ResultRow, Results

_ALWAYS = (
    ("cut_point", "Cut-point"),
    ("from", "Chosen from"),
    ("n", "Patients"),
    ("n_below_limit", "Below the limit"),
    ("missing", "Not known"),
)
#: Columns that stand where some rule looked at an outcome.
_OF_OUTCOMES = (
    ("censored_before", "Censored before"),
    ("sensitivity", "Sensitivity, %"),
    ("specificity", "Specificity, %"),
    ("auc", "Area under the curve"),
    ("p_value", "P, corrected"),
)

_SHORT = 12


def table_cut_points(results: Results, protocol: Protocol) -> Table | None:
    """Return the table of chosen cut-points, or ``None`` where none was chosen.

    Parameters
    ----------
    results : Results
        Rows of all analyses.
    protocol : Protocol
        Biomarkers with their cut-points.
    """
    found = results.where(analysis=CUT_POINTS)
    if not found:
        return None
    there = {row.statistic for row in found if row.status == "ok"}
    names = (*_ALWAYS, *(one for one in _OF_OUTCOMES if one[0] in there))
    rows: list[Row] = []
    for biomarker in protocol.biomarkers:
        chosen = [cut for cut in biomarker.cut_points if cut.choose is not None]
        if chosen:
            unit = f", {biomarker.unit}" if biomarker.unit else ""
            rows.append(Row("head", f"{biomarker.label}{unit}"))
        rows += [_row(results, protocol, cut, names) for cut in chosen]
    table = Table(
        CUT_POINTS.replace("_", "-"),
        "Cut-points chosen from the data",
        "Cut-points",
        "Rule",
        columns=tuple(Column(name, _head(name, label, found)) for name, label in names),
        rows=tuple(rows),
    )
    general = [
        "Patients at or above a cut-point are told from those below it. A result below the limit "
        "of detection is taken to be below every measured value."
    ]
    if "censored_before" in there:
        general.append("Patients censored before the time that counts are left out.")
    methods = (row.method for row in found if row.method)
    return add_notes(table, protocol, general, methods)


def _head(name: str, label: str, found: Iterable[ResultRow]) -> str:
    """Return the head of a column; that of the area under the curve names its interval."""
    limit = next((row for row in found if row.statistic == f"{name}_lower"), None)
    return label if limit is None else f"{label} ({format_level(limit)})"


def _row(
    results: Results, protocol: Protocol, cut: CutPoint, names: tuple[tuple[str, str], ...]
) -> Row:
    label = _rule(protocol, cut)
    found = cut_point_row(results, cut, "cut_point")
    if found is None or found.status != "ok":
        reason = found.message if found is not None else "There is no result."
        return Row("message", f"{label}: not available. {reason}")
    # An arm's name stays in one piece; a longer one may wrap.
    name = chosen_from(protocol, cut)
    shown = name.replace(" ", "\N{NO-BREAK SPACE}") if len(name) <= _SHORT else name
    whom = Cell((Span(shown, quoted=True),), format="text")
    cells = {name: single(cut_point_row(results, cut, name)) for name, _ in names}
    return Row("level", label, cells | {"from": whom} | _area(results, cut, cells), indent=1)


def _rule(protocol: Protocol, cut: CutPoint) -> str:
    """Return the rule in few words; the footnote names the method."""
    choice = cut.choose
    if choice is None or choice.endpoint is None:
        return "Median"
    rule = "ROC curve" if choice.by == "roc" else "Log-rank statistic"
    when = f" by {choice.at.text}" if choice.at is not None else ""
    return f"{rule}, {lower_first(endpoint_of(protocol, choice.endpoint).label)}{when}"


def _area(results: Results, cut: CutPoint, cells: dict[str, Cell]) -> dict[str, Cell]:
    """Return the cell of the area under the curve with its limits, where the table has it."""
    if "auc" not in cells:
        return {}
    rows = [cut_point_row(results, cut, f"auc{suffix}") for suffix in ("", "_lower", "_upper")]
    auc, lower, upper = rows
    if auc is None or lower is None or upper is None:
        return {"auc": NONE}
    limits = join(" (", interval(lower, upper), ")")
    return {"auc": Cell(join(auc, limits), format=auc.format)}
