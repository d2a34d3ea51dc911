"""The models that stand beside the multivariable one, a column each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hepatica.analyse.model_alternatives import CENTRE_MODELS, PENALISED, PRESPECIFIED
from hepatica.analyse.model_fits import FIRTH, MULTIVARIABLE
from hepatica.present.lookup import RowIndex
from hepatica.present.table import Column, Row, Table
from hepatica.present.tables.cells import single
from hepatica.present.tables.model_words import (
    ROUNDING,
    ModelWords,
    label_of,
    levels_of,
    methods_of,
    patients_cell,
    ratio_cell,
    tells_cell,
)
from hepatica.present.tables.notes import add_notes
from hepatica.protocol.model import Protocol
from hepatica.protocol.model_analyses import CoxAnalysis, LogisticAnalysis, ModelAnalysis

#: What each model beside the selected one is called, in the order of columns.
MODEL_LABELS = {
    MULTIVARIABLE: "Selected",
    f"{MULTIVARIABLE}_{FIRTH}": "Selected, Firth",
    PRESPECIFIED: "All, prespecified",
    f"{PRESPECIFIED}_{FIRTH}": "All, Firth",
    FIRTH: "All, Firth",
    PENALISED: "All, lasso",
    "imputed": "Imputed",
    CENTRE_MODELS["stratum"]: "Stratified by centre",
    CENTRE_MODELS["cluster"]: "Centre as cluster",
    CENTRE_MODELS["frailty"]: "Centre as frailty",
}
_NO_LIMITS = "The lasso has no limits: those of a model without penalty would be false."


def beside_table(
    index: RowIndex, protocol: Protocol, analysis: CoxAnalysis | LogisticAnalysis, title: str
) -> list[Table]:
    """Return the table of the models beside the multivariable one, where there are some."""
    words = ModelWords(analysis)
    models = [one for one in MODEL_LABELS if index.among(words.ratio, level=one)]
    if not set(models) - {MULTIVARIABLE}:
        return []
    labels = MODEL_LABELS | ({} if analysis.select is not None else {MULTIVARIABLE: "All"})
    columns = tuple(Column(one, labels[one]) for one in models)
    rows: list[Row] = []
    for name in analysis.covariates:
        rows += _compared(index, protocol, analysis, words, name, models)
    rows.append(Row("head", "Model"))
    patients = {one: patients_cell(index, one) for one in models}
    rows.append(Row("level", f"Patients ({words.events.lower()})", patients, indent=1))
    shares = {one: single(index.get("events_per_variable", level=one)) for one in models}
    rows.append(Row("level", "Events for each coefficient", shares, indent=1))
    tells = {one: tells_cell(index, words, one) for one in models}
    rows.append(Row("level", words.tells_label, tells, indent=1))
    name = f"{analysis.id}-beside"
    what = f"{words.short} with {100 * protocol.conf_level:g}% confidence interval. "
    head = title[:1].lower() + title[1:]
    table = Table(
        name,
        f"Other models of {head}",
        "Other models",
        stub="Covariate",
        columns=columns,
        rows=tuple(rows),
    )
    general = [what + ROUNDING, words.long]
    general += [_NO_LIMITS] if PENALISED in models else []
    general += _cautions(index, words, models)
    return [add_notes(table, protocol, general, methods_of(index, models, words), by="")]


def _cautions(index: RowIndex, words: ModelWords, models: Iterable[str]) -> list[str]:
    return list(
        dict.fromkeys(
            row.message
            for model in models
            if model != PENALISED
            for row in index.among(words.ratio, level=model)
            if row.message and row.status == "ok"
        )
    )


def _compared(
    index: RowIndex,
    protocol: Protocol,
    analysis: ModelAnalysis,
    words: ModelWords,
    name: str,
    models: list[str],
) -> list[Row]:
    label = label_of(protocol, analysis, name)
    levels = levels_of(index, protocol, name)
    if not levels:
        cells = {one: ratio_cell(index, words, one, {"variable": name}) for one in models}
        return [Row("plain", label, cells)]
    rows = [Row("head", f"{label} (reference: {levels[0]})")]
    for level in levels[1:]:
        place: dict[str, Any] = {
            "variable": name,
            "variable_level": level,
            "reference": levels[0],
        }
        cells = {one: ratio_cell(index, words, one, place) for one in models}
        rows.append(Row("level", level, cells, indent=1))
    return rows
