"""Univariable models, the rule that selects, and models of several covariates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hepatica.analyse.model_matrix import ModelMatrix
from hepatica.analyse.model_outcomes import Fitted, Outcome, gained
from hepatica.analyse.model_rows import (
    ModelRows,
    chosen_columns,
    faults_of,
    told,
    usable_columns,
)
from hepatica.analyse.selection import Selection
from hepatica.errors import InputError, counted
from hepatica.protocol.model_analyses import Selected
from hepatica.results import ResultRow
from hepatica.stats._checks import FloatArray

UNIVARIABLE, MULTIVARIABLE = "univariable", "multivariable"
#: What is added to the name of a model whose Firth estimates stand in for it.
FIRTH = "firth"
_WALD = "Wald test of the covariate"
_LIKELIHOOD = "likelihood-ratio test of the covariate"
_PENALISED = "penalised likelihood-ratio test of the covariate"
#: Why nothing is fitted where every patient lacks a covariate.
NOBODY = "No patient has all of the covariates."
_LIMITS = {"fit": "Wald limits", "firth": "Firth's penalty, profile limits"}


@dataclass(frozen=True, slots=True, eq=False)
class Planned:
    """What the models of one analysis share.

    Attributes
    ----------
    selection : Selection
        Makes the rows.
    outcome : Outcome
        Of all patients of the matrix.
    matrix : ModelMatrix
        All covariates of the patients with an outcome.
    common : dict
        Columns of all rows.
    """

    selection: Selection
    outcome: Outcome
    matrix: ModelMatrix
    common: dict[str, Any]

    def rows(self, level: str, said: str = "") -> ModelRows:
        """Return the maker of the rows of a model."""
        method = f"{self.outcome.model}{f', {said}' if said else ''}"
        common = self.common | {"method": method}
        return ModelRows(self.selection, level, self.outcome.ratio, common)

    def complete(self, covariates: Sequence[str]) -> tuple[ModelMatrix, Outcome]:
        """Return matrix and outcome of the patients who have all of some covariates."""
        matrix = self.matrix.only(covariates)
        if matrix.complete.all():
            return matrix, self.outcome
        return matrix.rows(matrix.complete), self.outcome.of(matrix.complete)


def univariable(planned: Planned, select: Selected | None) -> tuple[list[ResultRow], list[str]]:
    """Return the rows of a model of each covariate, and the covariates that the rule selects.

    Parameters
    ----------
    planned : Planned
        Outcome and covariates.
    select : Selected, optional
        The rule; without it all are selected.
    """
    rows: list[ResultRow] = []
    chosen = []
    for name in planned.matrix.names:
        found, p_value = _one(planned, name, select)
        rows += found
        if select is None:
            chosen.append(name)
            continue
        kept = p_value is not None and p_value < select.p_below
        chosen += [name] if kept else []
        maker = planned.rows(UNIVARIABLE)
        rule = f"selected where P < {select.p_below:g}"
        told_as: dict[str, Any] = {"variable": name, "method": rule, "conf_level": None}
        rows.append(maker.row("selected", text="yes" if kept else "no", **told_as))
    return rows, chosen


def _one(
    planned: Planned, name: str, select: Selected | None
) -> tuple[list[ResultRow], float | None]:
    """Return the rows of the model of one covariate, and the P value by which it is judged."""
    matrix, outcome = planned.complete([name])
    maker = planned.rows(UNIVARIABLE, _LIMITS["fit"])
    rows = _described(maker, matrix, outcome, name)
    if not len(matrix.x):
        message = "No patient has a known value."
        return rows + maker.refused(matrix.columns, message), None
    alone, forbidding = faults_of(matrix)
    if forbidding:
        reason = next(iter(forbidding.values()))
        return rows + maker.refused(matrix.columns, reason), None
    for column, reason in alone.items():
        rows += maker.refused([column], reason)
    places = usable_columns(matrix, alone)
    if not places:
        return rows, None
    columns = [matrix.columns[at] for at in places]
    try:
        fit = outcome.one(matrix) if len(places) == len(matrix.columns) else None
        fit = fit or outcome.fit(chosen_columns(matrix, places))
    except InputError as error:
        rows += maker.refused(columns, told(error, outcome, matrix))
        stand_in, fit = _stand_in(planned, UNIVARIABLE, (matrix, outcome), places)
        if fit is None:
            return rows + stand_in, None
        # Rows about the whole model belong to several covariates: each has a model of its own.
        rows += [row for row in stand_in if row.variable]
        if len(places) > 1:
            own = planned.rows(f"{UNIVARIABLE}_{FIRTH}")
            rows += own.test(fit.lr_test, _PENALISED, variable=name)
        return rows, fit.lr_test.p_value
    rows += maker.estimates(columns, fit)
    judged = select.test if select is not None else "wald"
    wald = fit.wald(list(range(len(places))))
    if len(places) > 1:
        rows += maker.test(wald, _WALD, variable=name)
    if judged == "likelihood_ratio":
        rows.append(_likelihood_row(maker, name, fit.lr_test.p_value))
    return rows, wald.p_value if judged == "wald" else fit.lr_test.p_value


def _likelihood_row(maker: ModelRows, name: str, p_value: float) -> ResultRow:
    shown = {"method": _LIKELIHOOD, "conf_level": None, "format": "p_value"}
    return maker.row("likelihood_ratio_p_value", p_value, variable=name, **shown)


def _described(
    maker: ModelRows, matrix: ModelMatrix, outcome: Outcome, name: str
) -> list[ResultRow]:
    """Return patients and events of a covariate and of each of its categories."""
    event = outcome.event
    rows = maker.counts(len(event), int(event.sum()), variable=name)
    code = matrix.codes[0]
    for place, level in enumerate(matrix.covariates[0].categories):
        there = code == place
        rows += maker.counts(
            int(there.sum()), int(event[there].sum()), variable=name, variable_level=level
        )
    return rows


def several(
    planned: Planned,
    covariates: Sequence[str],
    level: str = MULTIVARIABLE,
    *,
    said: str = "",
    likelihood: bool = False,
) -> list[ResultRow]:
    """Return the rows of a model of several covariates, fitted to patients who have all of them.

    Parameters
    ----------
    planned : Planned
        Outcome and covariates.
    covariates : sequence of str
        Those of the model.
    level : str
        Name of the model.
    said : str
        What methods say of it beside its limits.
    likelihood : bool
        Whether each covariate is also tested by the likelihood ratio.

    Returns
    -------
    list of ResultRow
        Patients, events, events for each coefficient, discrimination, the overall test, the test
        of each covariate, estimates; a row with the reason for each column that has none.
    """
    matrix, outcome = planned.complete(covariates)
    maker = planned.rows(level, ", ".join(one for one in (said, _LIMITS["fit"]) if one))
    rows = maker.counts(len(matrix.x), int(outcome.event.sum()))
    missing = len(planned.matrix.x) - len(matrix.x)
    if missing:
        rows.append(_missing(maker, missing))
    if not len(matrix.x):
        return rows + maker.refused(matrix.columns, NOBODY)
    alone, forbidding = faults_of(matrix)
    for column, reason in alone.items():
        rows += maker.refused([column], reason)
    places = usable_columns(matrix, alone)
    if not places:
        return rows
    rows.append(maker.events_for_each(outcome, len(places)))
    columns = [matrix.columns[at] for at in places]
    if forbidding:
        return rows + maker.not_fitted(columns, forbidding)
    try:
        fit = outcome.fit(chosen_columns(matrix, places))
    except InputError as error:
        rows += maker.refused(columns, told(error, outcome, matrix))
        return rows + _stand_in(planned, level, (matrix, outcome), places)[0]
    rows += summary_rows(maker, outcome, chosen_columns(matrix, places), fit)
    rows += _tests(maker, matrix, places, fit)
    if likelihood:
        rows += _likelihood_tests(maker, (matrix, outcome), places, fit)
    return rows + maker.estimates(columns, fit)


def _missing(maker: ModelRows, n: int) -> ResultRow:
    return maker.row(
        "missing",
        float(n),
        format="integer",
        method="",
        conf_level=None,
        message=f"{counted(n, 'patient')} without one of the covariates not in this model.",
    )


def summary_rows(
    maker: ModelRows,
    outcome: Outcome,
    x: FloatArray,
    fit: Fitted,
    test: str = "likelihood-ratio test of the whole model",
) -> list[ResultRow]:
    """Return the test of the whole model, and how well it tells the events."""
    return maker.test(fit.lr_test, test) + discrimination_rows(maker, outcome, x @ fit.coef)


def discrimination_rows(maker: ModelRows, outcome: Outcome, score: FloatArray) -> list[ResultRow]:
    """Return how well a linear predictor tells the events, with limits."""
    found = outcome.discrimination(score)
    shown: dict[str, Any] = {"method": found.method, "format": "decimal2"}
    return [
        maker.row(found.name, found.value, **shown),
        maker.row(f"{found.name}_lower", found.lower, **shown),
        maker.row(f"{found.name}_upper", found.upper, **shown),
    ]


def _tests(
    maker: ModelRows, matrix: ModelMatrix, places: list[int], fit: Fitted
) -> list[ResultRow]:
    """Return the Wald test of each covariate that has several columns."""
    rows: list[ResultRow] = []
    for name in matrix.names:
        own = [at for at, place in enumerate(places) if matrix.columns[place].variable == name]
        if len(own) > 1:
            rows += maker.test(fit.wald(own), _WALD, variable=name)
    return rows


def _likelihood_tests(
    maker: ModelRows, of: tuple[ModelMatrix, Outcome], places: list[int], fit: Fitted
) -> list[ResultRow]:
    matrix, outcome = of
    rows = []
    for name in matrix.names:
        rest = [place for place in places if matrix.columns[place].variable != name]
        if len(rest) == len(places):
            continue
        df = len(places) - len(rest)
        smaller = outcome.fit(matrix.x[:, rest]).loglik if rest else None
        p_value = (
            fit.lr_test.p_value if smaller is None else gained(fit.loglik - smaller, df).p_value
        )
        rows.append(_likelihood_row(maker, name, p_value))
    return rows


def _stand_in(
    planned: Planned, level: str, of: tuple[ModelMatrix, Outcome], places: list[int]
) -> tuple[list[ResultRow], Fitted | None]:
    """Return rows with Firth's penalty beside a model that has no finite estimate."""
    matrix, outcome = of
    return penalised_rows(planned, f"{level}_{FIRTH}", (matrix, outcome), places)


def penalised_rows(
    planned: Planned, level: str, of: tuple[ModelMatrix, Outcome], places: list[int]
) -> tuple[list[ResultRow], Fitted | None]:
    """Return the rows of a model with Firth's penalty, and the fit.

    Parameters
    ----------
    planned : Planned
        Makes the rows.
    level : str
        Name of the model.
    of : tuple of ModelMatrix and Outcome
        Patients who have all covariates.
    places : list of int
        Columns that vary.
    """
    matrix, outcome = of
    maker = planned.rows(level, _LIMITS["firth"])
    columns = [matrix.columns[at] for at in places]
    if outcome.fewest < len(places):
        message = (
            f"There are fewer events ({outcome.fewest}) than coefficients ({len(places)}), so that "
            "a penalty alone would decide. Take fewer covariates, or join categories."
        )
        return maker.refused(columns, message), None
    try:
        fit = outcome.firth(chosen_columns(matrix, places))
    except InputError as error:
        return maker.refused(columns, told(error, outcome, matrix, firth=False)), None
    test = "penalised likelihood-ratio test of the whole model"
    x = chosen_columns(matrix, places)
    return summary_rows(maker, outcome, x, fit, test) + maker.estimates(columns, fit), fit
