"""Cut-points that the data chose: where they lie, by which rule, and from whom."""

from __future__ import annotations

from hepatica.present.cut_point_words import cut_point_row, rule_words
from hepatica.present.format import format_level
from hepatica.present.spans import Span, Spans, interval, join
from hepatica.present.table import Cell, Column, Row, Table
from hepatica.present.tables.cells import single
from hepatica.present.tables.notes import add_notes
from hepatica.protocol.cut_points import CUT_POINTS, chosen_from
from hepatica.protocol.model import Protocol
from hepatica.protocol.variables import CutPoint
from hepatica.results import Results

_COLUMNS = (
    Column("cut_point", "Cut-point"),
    Column("from", "Chosen from"),
    Column("n", "Patients"),
    Column("n_below_limit", "Below the limit"),
    Column("missing", "Not known"),
)


def table_cut_points(results: Results, protocol: Protocol) -> Table | None:
    """Return the table of chosen cut-points, or ``None`` where all are fixed.

    Parameters
    ----------
    results : Results
        Rows of all analyses.
    protocol : Protocol
        Biomarkers with their cut-points.
    """
    rows: list[Row] = []
    for biomarker in protocol.biomarkers:
        chosen = [cut for cut in biomarker.cut_points if cut.choose is not None]
        if chosen:
            unit = f", {biomarker.unit}" if biomarker.unit else ""
            rows.append(Row("head", f"{biomarker.label}{unit}"))
        for cut in chosen:
            rows += _rows(results, protocol, cut)
    if not rows:
        return None
    table = Table(
        CUT_POINTS.replace("_", "-"),
        "Cut-points chosen from the data",
        "Cut-points",
        "Rule",
        columns=_COLUMNS,
        rows=tuple(rows),
    )
    general = (
        "Patients at or above a cut-point are told from those below it. A result below the limit "
        "of detection is taken to be below every measured value."
    )
    methods = (row.method for row in results.where(analysis=CUT_POINTS) if row.method)
    return add_notes(table, protocol, (general,), methods)


def _rows(results: Results, protocol: Protocol, cut: CutPoint) -> list[Row]:
    words = rule_words(protocol, cut)
    label = words.removeprefix("the ")
    label = label[:1].upper() + label[1:]
    found = cut_point_row(results, cut, "cut_point")
    if found is None or found.status != "ok":
        reason = found.message if found is not None else "There is no result."
        return [Row("message", f"{label}: not available. {reason}")]
    cells = {
        "cut_point": single(found),
        "from": Cell((Span(chosen_from(protocol, cut)),), format="text"),
        **{
            name: single(cut_point_row(results, cut, name))
            for name in ("n", "n_below_limit", "missing")
        },
    }
    rows = [Row("level", label, cells, indent=1)]
    note = _quality(results, cut)
    if note:
        rows.append(Row("message", "", note=note))
    return rows


def _quality(results: Results, cut: CutPoint) -> Spans:
    """Say how well the cut-point tells patients apart, where the rule looked at an outcome."""
    p_value = cut_point_row(results, cut, "p_value")
    if p_value is not None:
        return join("P corrected for the choice: ", p_value, ".")
    auc, lower, upper = (
        cut_point_row(results, cut, f"auc{suffix}") for suffix in ("", "_lower", "_upper")
    )
    shares = [cut_point_row(results, cut, name) for name in ("sensitivity", "specificity")]
    undecided = cut_point_row(results, cut, "censored_before")
    if auc is None or lower is None or upper is None or undecided is None:
        return ()
    sensitivity, specificity = shares
    if sensitivity is None or specificity is None:
        return ()
    return join(
        "Area under the curve ",
        auc,
        f" ({format_level(lower)} ",
        interval(lower, upper),
        "), sensitivity ",
        sensitivity,
        "%, specificity ",
        specificity,
        "%; patients censored before, left out: ",
        undecided,
        ".",
    )
