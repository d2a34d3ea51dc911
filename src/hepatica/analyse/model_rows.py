"""Rows of models of several covariates: estimates, counts, and why there is no estimate.

``group`` is ``model`` and ``level`` says which; ``variable`` is the covariate, ``variable_level``
its category, ``reference`` what that is compared with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from hepatica.analyse.column_names import named_columns
from hepatica.analyse.model_matrix import ModelColumn, ModelMatrix
from hepatica.analyse.model_outcomes import Fitted, Outcome
from hepatica.analyse.selection import Selection
from hepatica.errors import InputError, counted
from hepatica.results import ResultRow
from hepatica.stats.survival import NoFiniteEstimateError, TestResult

#: What rows of models are grouped by.
MODEL = "model"
#: Below so many events for each coefficient a model is said to be unsure.
ENOUGH_EVENTS = 10.0


@dataclass(frozen=True, slots=True)
class ModelRows:
    """Makes the rows of one model.

    Attributes
    ----------
    selection : Selection
        Makes the rows.
    level : str
        Which model.
    ratio : str
        ``hazard_ratio`` or ``odds_ratio``.
    common : dict
        Columns of all rows: dataset, parameter, method and the like.
    """

    selection: Selection
    level: str
    ratio: str
    common: dict[str, Any] = field(default_factory=dict)

    def row(self, statistic: str, value: float | None = None, **columns: Any) -> ResultRow:
        """Return a row of the model."""
        return self.selection.row(
            statistic, value, **(self.common | {"group": MODEL, "level": self.level} | columns)
        )

    def counts(self, n: int, events: int, **columns: Any) -> list[ResultRow]:
        """Return patients and their events."""
        shown: dict[str, Any] = {"format": "integer", "method": "", "conf_level": None} | columns
        return [
            self.row("n", float(n), **shown),
            self.row("events", float(events), denominator=n, **shown),
        ]

    def estimates(self, columns: Sequence[ModelColumn], fit: Fitted) -> list[ResultRow]:
        """Return ratio, limits, coefficient, standard error and P value of each column."""
        parts = (
            (self.ratio, fit.ratio, "ratio"),
            (f"{self.ratio}_lower", fit.lower, "ratio"),
            (f"{self.ratio}_upper", fit.upper, "ratio"),
            ("coef", fit.coef, "decimal3"),
            ("std_error", fit.std_error, "decimal3"),
            ("p_value", fit.p_value, "p_value"),
        )
        return [
            self.row(name, float(values[at]), format=shown, **place_of_column(column))
            for at, column in enumerate(columns)
            for name, values, shown in parts
        ]

    def refused(self, columns: Sequence[ModelColumn], message: str) -> list[ResultRow]:
        """Return a row for each column that has no estimate, with the reason."""
        return [
            self.row(self.ratio, status="not_estimable", message=message, **place_of_column(column))
            for column in columns
        ]

    def not_fitted(
        self, columns: Sequence[ModelColumn], forbidding: dict[ModelColumn, str]
    ) -> list[ResultRow]:
        """Say of each column why the model is not fitted; some of them forbid it."""
        first = next(iter(forbidding.values()))
        return [
            row
            for one in columns
            for row in self.refused([one], forbidding.get(one, f"Not fitted: {first}"))
        ]

    def test(self, test: TestResult, method: str, **columns: Any) -> list[ResultRow]:
        """Return statistic, degrees of freedom and P value of a test."""
        shown: dict[str, Any] = {"method": method, "conf_level": None} | columns
        return [
            self.row("test_statistic", test.statistic, format="statistic", **shown),
            self.row("df", float(test.df), format="integer", **shown),
            self.row("p_value", test.p_value, format="p_value", **shown),
        ]

    def events_for_each(self, outcome: Outcome, coefficients: int) -> ResultRow:
        """Return the events for each coefficient, with a caution where they are few."""
        share = outcome.fewest / coefficients
        caution = (
            f"Fewer than {ENOUGH_EVENTS:g} events for each coefficient: estimates are unsure and "
            "limits too narrow or too wide. Take fewer covariates, or a penalised model."
        )
        return self.row(
            "events_per_variable",
            share,
            format="decimal1",
            method="",
            conf_level=None,
            denominator=coefficients,
            message=caution if share < ENOUGH_EVENTS else "",
        )


def place_of_column(column: ModelColumn) -> dict[str, Any]:
    """Return the columns of a row that say which column of a model it is about."""
    return {
        "variable": column.variable,
        "variable_level": column.level,
        "reference": column.reference,
    }


def faults_of(matrix: ModelMatrix) -> tuple[dict[ModelColumn, str], dict[ModelColumn, str]]:
    """Return columns without an estimate, and columns that forbid the whole model, with reasons.

    A column that does not vary leaves the others as they are. Columns that follow from each other
    are for the reader to choose from, so that nothing is fitted.
    """
    n = len(matrix.x)
    alone = {
        one: (
            f"Nobody of the {counted(n, 'patient')} is in this category."
            if one.level and not matrix.x[0, matrix.columns.index(one)]
            else f"All {n} patients have the same value, so that it explains nothing. Leave "
            f"{_covariate(matrix, one)} out of covariates."
        )
        for one in matrix.constant
    }
    forbidding: dict[ModelColumn, str] = {}
    for columns in matrix.collinear:
        reason = _collinear(matrix, columns)
        forbidding |= dict.fromkeys(columns, reason)
    return alone, forbidding


def _covariate(matrix: ModelMatrix, column: ModelColumn) -> str:
    return matrix.labels[matrix.names.index(column.variable)]


def _collinear(matrix: ModelMatrix, columns: tuple[ModelColumn, ...]) -> str:
    own = {one.variable for one in columns}
    if len(own) == 1:
        first = columns[0]
        return (
            f"No patient is in the reference category {first.reference} of "
            f"{_covariate(matrix, first)}. Choose another under references."
        )
    labels = " and ".join(one.label for one in columns)
    if len(columns) > 2:
        labels = ", ".join(one.label for one in columns[:-1]) + f" and {columns[-1].label}"
    return (
        f"{labels} follow from each other in these patients, so that their effects cannot be told "
        "apart. Leave one of them out of covariates."
    )


def told(error: InputError, outcome: Outcome, matrix: ModelMatrix, *, firth: bool = True) -> str:
    """Return why a model has no estimate, in names of covariates and categories, with advice."""
    if not isinstance(error, NoFiniteEstimateError):
        return named_columns(str(error), [one.label for one in matrix.columns])
    advice = " Firth's penalty gives an estimate, which stands beside it." if firth else ""
    named = _without_events(outcome, matrix)
    if named:
        return f"{named}, so that no finite {outcome.ratio.replace('_', ' ')} fits best.{advice}"
    message = named_columns(str(error), [one.label for one in matrix.columns])
    return message.split(" Firth's method")[0] + advice


def _without_events(outcome: Outcome, matrix: ModelMatrix) -> str:
    """Name a category in which nobody has an event, or everybody where that separates."""
    for covariate, label, code in zip(matrix.covariates, matrix.labels, matrix.codes, strict=True):
        for place, level in enumerate(covariate.categories):
            there = code == place
            n, events = int(there.sum()), int(outcome.event[there].sum())
            if n and not events:
                return f"None of the {counted(n, 'patient')} with {label}: {level} has an event"
            if n and events == n and outcome.ratio == "odds_ratio":
                return f"All {counted(n, 'patient')} with {label}: {level} have the response"
    return ""


def usable_columns(matrix: ModelMatrix, alone: dict[ModelColumn, str]) -> list[int]:
    """Return the places of the columns that vary."""
    return [at for at, one in enumerate(matrix.columns) if one not in alone]


def chosen_columns(matrix: ModelMatrix, places: list[int]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return some columns, without a copy where they are all."""
    return matrix.x if len(places) == len(matrix.columns) else matrix.x[:, places]
