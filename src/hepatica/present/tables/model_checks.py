"""Tests of interaction and of functional form in models of several covariates."""

from __future__ import annotations

from typing import Any

from hepatica.analyse.model_shapes import FUNCTIONAL_FORM, INTERACTION
from hepatica.present.lookup import RowIndex
from hepatica.present.table import Column, Row, Table
from hepatica.present.tables.cells import estimate
from hepatica.present.tables.model_words import (
    ROUNDING,
    ModelWords,
    label_of,
    plain_cell,
)
from hepatica.present.tables.notes import add_notes
from hepatica.present.wording import endpoint_of, lower_first
from hepatica.protocol.covariate_names import covariate_label
from hepatica.protocol.model import Protocol
from hepatica.protocol.model_analyses import CoxAnalysis, LogisticAnalysis, ModelAnalysis


def checks_table(
    index: RowIndex, protocol: Protocol, analysis: CoxAnalysis | LogisticAnalysis, title: str
) -> list[Table]:
    """Return the table of interactions and functional forms, where some are planned."""
    words = ModelWords(analysis)
    rows: list[Row] = []
    for pair in analysis.interactions:
        rows += _interaction(index, protocol, analysis, words, pair)
    for name in analysis.functional_form if isinstance(analysis, CoxAnalysis) else ():
        rows += _form(index, protocol, name)
    if not rows:
        return []
    level = f"{100 * protocol.conf_level:g}% CI"
    columns = (
        Column("ratio", f"Ratio of {words.short}s ({level})"),
        Column("p", "P value"),
    )
    head = lower_first(title)
    endpoint = lower_first(endpoint_of(protocol, analysis.endpoint).label)
    table = Table(
        f"{analysis.id}-checks",
        f"Interactions and functional form in models of {head}",
        f"Interactions and forms, {endpoint}",
        stub="Test",
        columns=columns,
        rows=tuple(rows),
    )
    methods = [
        row.method
        for level_ in (INTERACTION, FUNCTIONAL_FORM)
        for row in index.among("p_value", level=level_)
        if row.method
    ]
    general = [
        ROUNDING,
        words.long,
        "The covariates of the multivariable model are in each of these models.",
    ]
    return [add_notes(table, protocol, general, dict.fromkeys(methods), by="")]


def _interaction(
    index: RowIndex,
    protocol: Protocol,
    analysis: ModelAnalysis,
    words: ModelWords,
    pair: tuple[str, str],
) -> list[Row]:
    labels = " and ".join(label_of(protocol, analysis, name) for name in pair)
    place: dict[str, Any] = {"level": INTERACTION, "variable": f"{pair[0]}:{pair[1]}"}
    test = index.get("p_value", **place)
    cells = {"p": plain_cell(test)}
    rows = [Row("head", f"Interaction of {labels}", cells)]
    if test is not None and test.status != "ok":
        return [*rows, Row("message", test.message)]
    for row in index.among(words.products, **place):
        own = place | {"variable_level": row.variable_level, "reference": row.reference}
        cells = {
            "ratio": estimate(
                row, *(index.get(f"{words.products}{end}", **own) for end in ("_lower", "_upper"))
            ),
            "p": plain_cell(index.get("product_p_value", **own)),
        }
        rows.append(Row("level", row.variable_level, cells, indent=1))
    return rows


def _form(index: RowIndex, protocol: Protocol, name: str) -> list[Row]:
    test = index.get("p_value", level=FUNCTIONAL_FORM, variable=name)
    label = f"{covariate_label(protocol, name) or name}: a curve against a straight line"
    rows = [Row("plain", label, {"p": plain_cell(test)})]
    if test is not None and test.status != "ok":
        rows.append(Row("message", test.message))
    return rows
