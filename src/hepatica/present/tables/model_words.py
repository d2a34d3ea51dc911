"""What the tables of models of several covariates have in common."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from hepatica.analyse.model_fits import UNIVARIABLE
from hepatica.present.lookup import RowIndex
from hepatica.present.spans import join, number
from hepatica.present.table import Cell
from hepatica.present.tables.cells import NONE, estimate, single
from hepatica.protocol.covariate_names import covariate_label, unit_label
from hepatica.protocol.groups import group_labels
from hepatica.protocol.model import Protocol
from hepatica.protocol.model_analyses import CoxAnalysis, ModelAnalysis
from hepatica.results import ResultRow

ROUNDING = "Ratios are rounded half up to 2 decimals."


class ModelWords:
    """What a table says for times and for responses."""

    def __init__(self, analysis: ModelAnalysis) -> None:
        times = isinstance(analysis, CoxAnalysis)
        self.ratio = "hazard_ratio" if times else "odds_ratio"
        self.short = "HR" if times else "OR"
        self.long = "HR: hazard ratio." if times else "OR: odds ratio."
        self.events = "Events" if times else "Responses"
        self.tells = "concordance" if times else "auc"
        self.tells_label = "Concordance" if times else "Area under the ROC curve"
        self.products = f"ratio_of_{self.ratio}s"


def label_of(protocol: Protocol, analysis: ModelAnalysis, name: str) -> str:
    """Return what readers call a covariate, with the unit that a ratio is for."""
    label = covariate_label(protocol, name) or name
    if name == "arm" or group_labels(protocol, name):
        return label
    return f"{label}, per {unit_label(protocol, name, analysis.per.get(name, 1.0))}"


def levels_of(index: RowIndex, protocol: Protocol, name: str) -> tuple[str, ...]:
    """Return the categories of a covariate, the reference first; nothing for a number."""
    return tuple(
        level
        for level in index.levels(name)
        if level in set(group_labels(protocol, name))
        and index.get("n", level=UNIVARIABLE, variable=name, variable_level=level) is not None
    )


def ratio_cell(index: RowIndex, words: ModelWords, model: str, place: dict[str, Any]) -> Cell:
    """Return a ratio of a model with its limits."""
    parts = (
        index.get(f"{words.ratio}{end}", level=model, **place) for end in ("", "_lower", "_upper")
    )
    return estimate(*parts)


def p_cell(index: RowIndex, model: str, place: dict[str, Any]) -> Cell:
    """Return the P value of a coefficient."""
    return plain_cell(index.get("p_value", level=model, **place))


def plain_cell(row: ResultRow | None) -> Cell:
    """Return a number that ends at the edge of its column, where no brackets follow."""
    return replace(single(row), format="word")


def patients_cell(index: RowIndex, model: str) -> Cell:
    """Return the patients of a model with their events."""
    n, events = (index.get(one, level=model) for one in ("n", "events"))
    if n is None or events is None:
        return NONE
    return Cell((number(n),), join("(", number(events), ")"), "integer")


def tells_cell(index: RowIndex, words: ModelWords, model: str) -> Cell:
    """Return how well a model tells who has the event."""
    return estimate(
        *(index.get(f"{words.tells}{end}", level=model) for end in ("", "_lower", "_upper"))
    )


def methods_of(index: RowIndex, models: Iterable[str], words: ModelWords) -> list[str]:
    """Return what rows of models say was done, each once."""
    wanted = (words.ratio, words.tells)
    return list(
        dict.fromkeys(
            row.method
            for model in models
            for statistic in wanted
            for row in index.among(statistic, level=model)
            if row.method
        )
    )
