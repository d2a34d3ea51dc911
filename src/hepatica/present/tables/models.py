"""Models of several covariates: each alone beside all together, and the models beside that."""

from __future__ import annotations

from typing import Any

from hepatica.analyse.model_fits import FIRTH, MULTIVARIABLE, UNIVARIABLE
from hepatica.present.lookup import RowIndex
from hepatica.present.spans import Span
from hepatica.present.table import Cell, Column, Row, Spanner, Table
from hepatica.present.tables.cells import single
from hepatica.present.tables.model_checks import checks_table
from hepatica.present.tables.model_words import (
    ROUNDING,
    ModelWords,
    label_of,
    levels_of,
    methods_of,
    p_cell,
    patients_cell,
    plain_cell,
    ratio_cell,
    tells_cell,
)
from hepatica.present.tables.models_beside import beside_tables
from hepatica.present.tables.notes import add_notes
from hepatica.present.wording import endpoint_of, lower_first, short_title, table_title
from hepatica.protocol.model import Protocol
from hepatica.protocol.model_analyses import CoxAnalysis, LogisticAnalysis, ModelAnalysis
from hepatica.results import Results

_REFERENCE = Cell((Span("Reference"),), format="word")
_SELECTION = (
    "P values after selection are too small and limits too narrow, because the same patients chose "
    "the covariates; the models of all covariates do not depend on that choice."
)


def tables_models(
    results: Results, protocol: Protocol, analysis: CoxAnalysis | LogisticAnalysis
) -> tuple[Table, ...]:
    """Return the tables of a model of several covariates.

    Parameters
    ----------
    results : Results
        Rows of all analyses.
    protocol : Protocol
        Labels of covariates and categories.
    analysis : CoxAnalysis or LogisticAnalysis
        The planned analysis.

    Returns
    -------
    tuple of Table
        Univariable and multivariable estimates side by side; where there are some, the models
        that stand beside the multivariable one; and the tests of interaction and functional form.
    """
    index = RowIndex(results, analysis.id)
    endpoint = lower_first(endpoint_of(protocol, analysis.endpoint).label)
    title = table_title(protocol, analysis, f"Factors associated with {endpoint}")
    short = short_title(protocol, analysis, f"Factors of {endpoint}")
    if not index:
        return (Table(analysis.id, title, short, message=index.failure or "No result."),)
    found = [_main(index, protocol, analysis, title, short)]
    found += beside_tables(index, protocol, analysis, title)
    found += checks_table(index, protocol, analysis, title)
    return tuple(found)


def _main(
    index: RowIndex,
    protocol: Protocol,
    analysis: CoxAnalysis | LogisticAnalysis,
    title: str,
    short: str,
) -> Table:
    words = ModelWords(analysis)
    heads = (f"{words.short} (95% CI)".replace("95", f"{100 * protocol.conf_level:g}"), "P value")
    columns = [Column("n", "Patients"), Column("events", words.events)]
    spanners = []
    for model, label in ((UNIVARIABLE, "Univariable"), (MULTIVARIABLE, "Multivariable")):
        columns += [Column(model, heads[0]), Column(f"{model}-p", heads[1])]
        spanners.append(Spanner(label, (model, f"{model}-p")))
    rows: list[Row] = []
    for name in analysis.covariates:
        rows += _covariate(index, protocol, analysis, words, name)
    rows += _whole_model(index, words)
    table = Table(
        analysis.id,
        title,
        short,
        stub="Covariate",
        columns=tuple(columns),
        spanners=tuple(spanners),
        rows=tuple(rows),
    )
    methods = methods_of(index, (UNIVARIABLE, MULTIVARIABLE, f"{UNIVARIABLE}_{FIRTH}"), words)
    return add_notes(table, protocol, _notes(analysis, words), methods, by="")


def _notes(analysis: ModelAnalysis, words: ModelWords) -> list[str]:
    notes = [ROUNDING, words.long]
    notes.append(
        "Univariable models hold patients with a known value of the covariate, the multivariable "
        "model those who have all of its covariates."
    )
    if analysis.select is not None:
        test = "Wald" if analysis.select.test == "wald" else "likelihood-ratio"
        rule = f"{test} P value of the whole covariate is below {analysis.select.p_below:g}"
        notes.append(f"Covariates are in the multivariable model when the univariable {rule}.")
        notes.append(_SELECTION)
    return notes


def _covariate(
    index: RowIndex, protocol: Protocol, analysis: ModelAnalysis, words: ModelWords, name: str
) -> list[Row]:
    label = label_of(protocol, analysis, name)
    levels = levels_of(index, protocol, name)
    place: dict[str, Any] = {"variable": name}
    if not levels:
        return [Row("plain", label, _cells(index, words, place)), *_told(index, words, name)]
    tests = {
        f"{model}-p": plain_cell(row)
        for model in (UNIVARIABLE, MULTIVARIABLE)
        if (row := index.get("p_value", level=model, variable=name)) is not None
    }
    rows = [Row("head", label, tests)]
    reference = levels[0]
    for level in levels:
        own: dict[str, Any] = {"variable": name, "variable_level": level}
        counts = {
            one: plain_cell(index.get(one, level=UNIVARIABLE, **own)) for one in ("n", "events")
        }
        if level == reference:
            cells = counts | {UNIVARIABLE: _REFERENCE, f"{UNIVARIABLE}-p": Cell()}
            rows.append(Row("level", level, cells, indent=1))
            continue
        cells = _cells(index, words, own | {"reference": reference}) | counts
        rows.append(Row("level", level, cells, indent=1))
        rows += _firth(index, words, own | {"reference": reference}, level)
    return [*rows, *_told(index, words, name)]


def _cells(index: RowIndex, words: ModelWords, place: dict[str, Any]) -> dict[str, Cell]:
    cells = {one: plain_cell(index.get(one, level=UNIVARIABLE, **place)) for one in ("n", "events")}
    for model in (UNIVARIABLE, MULTIVARIABLE):
        cells[model] = ratio_cell(index, words, model, place)
        cells[f"{model}-p"] = p_cell(index, model, place)
    return cells


def _firth(index: RowIndex, words: ModelWords, place: dict[str, Any], level: str) -> list[Row]:
    """Return what Firth's penalty gives where there is no other estimate."""
    cells: dict[str, Cell] = {}
    for model in (UNIVARIABLE, MULTIVARIABLE):
        own = f"{model}_{FIRTH}"
        if index.get(words.ratio, level=own, **place) is not None:
            cells |= {
                model: ratio_cell(index, words, own, place),
                f"{model}-p": p_cell(index, own, place),
            }
    return [Row("level", f"{level}, Firth's penalty", cells, indent=1)] if cells else []


def _told(index: RowIndex, words: ModelWords, name: str) -> list[Row]:
    """Return why a covariate has no estimate, each reason once."""
    reasons: dict[str, None] = {}
    for model in (UNIVARIABLE, MULTIVARIABLE):
        for row in index.among(words.ratio, level=model, variable=name):
            if row.status != "ok":
                reasons.setdefault(row.message)
    return [Row("message", reason, indent=1) for reason in reasons]


def _whole_model(index: RowIndex, words: ModelWords) -> list[Row]:
    """Return patients, events for each coefficient and discrimination of the model."""
    model = MULTIVARIABLE
    none = index.get(words.ratio, level=model)
    if none is not None:
        return [Row("head", "Multivariable model"), Row("message", none.message)]
    share = index.get("events_per_variable", level=model)
    candidates = index.get("events_per_candidate", level=model)
    rows = [
        Row("head", "Multivariable model"),
        Row("level", f"Patients ({words.events.lower()})", {model: patients_cell(index, model)}, 1),
    ]
    if share is not None:
        rows.append(Row("level", "Events for each coefficient", {model: single(share)}, indent=1))
        if share.message:
            rows.append(Row("message", share.message))
    if candidates is not None:
        label = "Events for each coefficient looked at"
        rows.append(Row("level", label, {model: single(candidates)}, indent=1))
    rows.append(Row("level", words.tells_label, {model: tells_cell(index, words, model)}, indent=1))
    return rows
