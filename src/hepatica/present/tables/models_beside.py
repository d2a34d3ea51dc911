"""The models that stand beside the multivariable one, a column each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hepatica.analyse.imputed_models import IMPUTED
from hepatica.analyse.model_alternatives import CENTRE_MODELS, PENALISED, PRESPECIFIED
from hepatica.analyse.model_fits import FIRTH, MULTIVARIABLE
from hepatica.present.lookup import RowIndex
from hepatica.present.spans import number
from hepatica.present.table import Cell, Column, Row, Table
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
from hepatica.present.wording import endpoint_of, lower_first
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
    IMPUTED: "Imputed",
    CENTRE_MODELS["stratum"]: "Stratified by centre",
    CENTRE_MODELS["cluster"]: "Centre as cluster",
    CENTRE_MODELS["frailty"]: "Centre as frailty",
}
_NO_LIMITS = "The lasso has no limits: those of a model without penalty would be false."


def beside_tables(
    index: RowIndex, protocol: Protocol, analysis: CoxAnalysis | LogisticAnalysis, title: str
) -> list[Table]:
    """Return the tables of the models beside the multivariable one, where there are some.

    Models of other covariates, penalties and imputed values stand in one, those that allow for the
    centre in another.
    """
    words = ModelWords(analysis)
    models = [one for one in MODEL_LABELS if index.among(words.ratio, level=one)]
    centre = [one for one in models if one in CENTRE_MODELS.values()]
    others = [one for one in models if one not in centre]
    endpoint = lower_first(endpoint_of(protocol, analysis.endpoint).label)
    parts = (
        (
            f"{analysis.id}-beside",
            f"Other models of {lower_first(title)}",
            f"Other models, {endpoint}",
            others,
        ),
        (
            f"{analysis.id}-centre",
            f"Models that allow for the centre, of {lower_first(title)}",
            f"Models with the centre, {endpoint}",
            [one for one in others if one == MULTIVARIABLE] + centre,
        ),
    )
    return [
        _table(index, protocol, analysis, words, part)
        for part in parts
        if set(part[3]) - {MULTIVARIABLE}
    ]


def _table(
    index: RowIndex,
    protocol: Protocol,
    analysis: CoxAnalysis | LogisticAnalysis,
    words: ModelWords,
    part: tuple[str, str, str, list[str]],
) -> Table:
    name, title, short, models = part
    labels = MODEL_LABELS | ({} if analysis.select is not None else {MULTIVARIABLE: "All"})
    rows: list[Row] = []
    for covariate in analysis.covariates:
        # A covariate that none of the models holds needs no row of dashes.
        if any(index.among(words.ratio, level=one, variable=covariate) for one in models):
            rows += _compared(index, protocol, analysis, words, covariate, models)
    rows += _whole(index, words, models)
    table = Table(
        name,
        title,
        short,
        stub="Covariate",
        columns=tuple(Column(one, labels[one]) for one in models),
        rows=tuple(rows),
    )
    general = [
        f"{words.short} with {100 * protocol.conf_level:g}% confidence interval.",
        ROUNDING,
        words.long,
    ]
    general += [_NO_LIMITS] if PENALISED in models else []
    general += _cautions(index, (words.ratio, "events_per_variable"), models)
    return add_notes(table, protocol, general, methods_of(index, models, words), by="")


def _whole(index: RowIndex, words: ModelWords, models: list[str]) -> list[Row]:
    """Return patients, events for each coefficient and discrimination, and what was refused."""
    patients = {one: patients_cell(index, one) for one in models}
    shares = {one: single(index.get("events_per_variable", level=one)) for one in models}
    tells = {one: tells_cell(index, words, one) for one in models}
    rows = [
        Row("head", "Model"),
        Row("level", f"Patients ({words.events.lower()})", patients, indent=1),
        Row("level", "Events for each coefficient", shares, indent=1),
        Row("level", words.tells_label, tells, indent=1),
    ]
    missing = [row.value for row in index.among("fmi", level=IMPUTED) if row.value is not None]
    most = next(
        (row for row in index.among("fmi", level=IMPUTED) if row.value == max(missing)), None
    )
    if most is not None and IMPUTED in models:
        label = "Largest fraction of missing information"
        rows.append(Row("level", label, {IMPUTED: single(most)}, indent=1))
    variances = {
        one: single(row)
        for one in models
        if (row := index.get("frailty_variance", level=one)) is not None
    }
    if variances:
        rows.append(Row("level", "Variance of the frailties", variances, indent=1))
    reasons = dict.fromkeys(
        f"{MODEL_LABELS[one]}: {row.message}"
        for one in models
        for row in index.among(words.ratio, level=one)
        if row.status != "ok"
    )
    return [*rows, *(Row("message", reason) for reason in reasons)]


def _cautions(index: RowIndex, statistics: tuple[str, ...], models: Iterable[str]) -> list[str]:
    """Return what is said of estimates that stand, each caution once."""
    return list(
        dict.fromkeys(
            row.message
            for statistic in statistics
            for model in models
            for row in index.among(statistic, level=model)
            if row.message and row.status == "ok"
            # What is said of the lasso stands in the note already.
            if model != PENALISED or statistic == "events_per_variable"
        )
    )


def _cell(index: RowIndex, words: ModelWords, model: str, place: dict[str, Any]) -> Cell:
    """Return a ratio with its limits; of a covariate that the lasso leaves out, that it does."""
    row = index.get(words.ratio, level=model, **place)
    if model == PENALISED and row is not None and row.value == 1.0:
        return Cell((number(row, "left out"),), format="word")
    return ratio_cell(index, words, model, place)


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
        cells = {one: _cell(index, words, one, {"variable": name}) for one in models}
        return [Row("plain", label, cells)]
    rows = [Row("head", f"{label} (reference: {levels[0]})")]
    for level in levels[1:]:
        place: dict[str, Any] = {
            "variable": name,
            "variable_level": level,
            "reference": levels[0],
        }
        cells = {one: _cell(index, words, one, place) for one in models}
        rows.append(Row("level", level, cells, indent=1))
    return rows
