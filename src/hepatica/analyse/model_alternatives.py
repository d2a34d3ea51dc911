"""Models that stand beside the selected one: all covariates, penalties, and the centre."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray

from hepatica.analyse.model_fits import (
    FIRTH,
    NOBODY,
    Planned,
    discrimination_rows,
    penalised_rows,
    several,
)
from hepatica.analyse.model_matrix import ModelMatrix
from hepatica.analyse.model_outcomes import Fitted, TimeOutcome
from hepatica.analyse.model_rows import (
    chosen_columns,
    faults_of,
    place_of_column,
    told,
    usable_columns,
)
from hepatica.derive.adsl import category_column
from hepatica.errors import InputError, counted
from hepatica.protocol.model_analyses import CentreRole
from hepatica.results import ResultRow
from hepatica.stats.random_streams import stream
from hepatica.stats.survival import cox_path, validate_cox_path
from hepatica.stats.survival.cox_frailty import FrailtyFit, cox_frailty

PRESPECIFIED, PENALISED = "prespecified", "penalised"
STRATIFIED, CLUSTERED, FRAILTY = "stratified", "clustered", "frailty"
#: The models of the centre by its role.
CENTRE_MODELS: dict[CentreRole, str] = {
    "stratum": STRATIFIED,
    "cluster": CLUSTERED,
    "frailty": FRAILTY,
}
_FOLDS = 10
#: Robust variances of fewer clusters are known to be too small.
_ENOUGH_CLUSTERS = 30


def alternative_rows(planned: Planned, kinds: Sequence[str], seed: int) -> list[ResultRow]:
    """Return the rows of models of all covariates.

    Parameters
    ----------
    planned : Planned
        Outcome and covariates.
    kinds : sequence of {"prespecified", "penalised", "firth"}
        Which models.
    seed : int
        Seed of the folds of cross-validation.
    """
    rows: list[ResultRow] = []
    names = planned.matrix.names
    for kind in kinds:
        if kind == PRESPECIFIED:
            rows += several(planned, names, PRESPECIFIED, said="all covariates")
        else:
            rows += _of_all(planned, kind, seed)
    return rows


def _of_all(planned: Planned, kind: str, seed: int) -> list[ResultRow]:
    matrix, outcome = planned.complete(planned.matrix.names)
    maker = planned.rows(kind)
    rows = maker.counts(len(matrix.x), int(outcome.event.sum()))
    if not len(matrix.x):
        return rows + maker.refused(matrix.columns, NOBODY)
    alone, forbidding = faults_of(matrix)
    for column, reason in alone.items():
        rows += maker.refused([column], reason)
    places = usable_columns(matrix, alone)
    if not places:
        return rows
    rows.append(maker.events_for_each(outcome, len(places)))
    if kind == FIRTH and not forbidding:
        return rows + penalised_rows(planned, FIRTH, (matrix, outcome), places)[0]
    if kind == PENALISED and isinstance(outcome, TimeOutcome):
        # A penalty chooses among columns that follow from each other; it needs them not told apart.
        return rows + _lasso(planned, (matrix, outcome), places, seed)
    return rows + maker.not_fitted([matrix.columns[at] for at in places], forbidding)


def _lasso(
    planned: Planned, of: tuple[ModelMatrix, TimeOutcome], places: list[int], seed: int
) -> list[ResultRow]:
    """Return coefficients under the lasso whose strength cross-validation chose."""
    matrix, outcome = of
    said = f"lasso, strength of least deviance in {_FOLDS}-fold cross-validation"
    maker = planned.rows(PENALISED, said)
    columns = [matrix.columns[at] for at in places]
    try:
        path = cox_path(
            outcome.time,
            outcome.event,
            chosen_columns(matrix, places),
            ties=outcome.ties,
            entry=outcome.entry,
        )
        best = validate_cox_path(path, _folds(outcome, seed)).best
    except InputError as error:
        return maker.refused(columns, told(error, outcome, matrix, firth=False))
    coef = path.coef[best]
    rows = discrimination_rows(maker, outcome, chosen_columns(matrix, places) @ coef)
    maker = replace(maker, common=maker.common | {"conf_level": None})
    rows += [
        maker.row("strength", float(path.strength[best]), format="decimal4"),
        maker.row("kept", float(path.n_nonzero[best]), format="integer"),
    ]
    for column, value in zip(columns, coef.tolist(), strict=True):
        message = "No limits: those of an unpenalised model would be false."
        if value == 0.0:
            message = "The penalty leaves it out (ratio 1). " + message
        where = place_of_column(column) | {"message": message}
        rows.append(maker.row(maker.ratio, float(np.exp(value)), format="ratio", **where))
        rows.append(maker.row("coef", value, format="decimal3", **where))
    return rows


def _folds(outcome: TimeOutcome, seed: int) -> NDArray[np.int64]:
    """Deal patients into folds, events and others apart, so that each fold has both."""
    generator = stream(seed, "penalised")
    fold = np.empty(len(outcome.event), dtype=np.int64)
    for happened in (0, 1):
        rows = np.flatnonzero(outcome.event == happened)
        fold[rows] = generator.permutation(np.arange(len(rows)) % _FOLDS)
    return fold


@dataclass(frozen=True, slots=True, eq=False)
class Centres:
    """Where patients were treated.

    Attributes
    ----------
    label : str
        What readers call the variable.
    code : int array (n,)
        Place of the category of each patient with an outcome, -1 where it is not known.
    """

    label: str
    code: NDArray[np.int64]


def centre_codes(
    members: nw.DataFrame[Any], places: NDArray[np.int64], variable: str, label: str
) -> Centres:
    """Return the codes of a categorical variable for patients in the order of their outcomes."""
    found = members[category_column(variable)].to_list()
    known = {name: at for at, name in enumerate(sorted({one for one in found if one is not None}))}
    code = np.array([known.get(one, -1) for one in found], dtype=np.int64)
    return Centres(label, code[places])


def centre_rows(
    planned: Planned, covariates: Sequence[str], centres: Centres, roles: Sequence[CentreRole]
) -> list[ResultRow]:
    """Return the rows of the model of some covariates with the centre in one or several roles.

    Parameters
    ----------
    planned : Planned
        Outcome and covariates; the outcome is a time.
    covariates : sequence of str
        Those of the main model.
    centres : Centres
        Where patients were treated.
    roles : sequence of {"stratum", "cluster", "frailty"}
        A baseline hazard of its own, a robust variance, or a shared gamma frailty.
    """
    outcome = planned.outcome
    if not isinstance(outcome, TimeOutcome):
        return []
    known = centres.code >= 0
    code = centres.code[known]
    some = replace(planned, matrix=planned.matrix.rows(known), outcome=outcome.of(known))
    rows: list[ResultRow] = []
    for role in roles:
        level = CENTRE_MODELS[role]
        if not known.all():
            n = int((~known).sum())
            message = f"{counted(n, 'patient')} without a known {centres.label} not in this model."
            maker = planned.rows(level)
            where: dict[str, Any] = {"variable": "centre", "format": "integer", "method": ""}
            row = maker.row("missing", float(n), message=message, conf_level=None, **where)
            rows.append(row)
        own = outcome.of(known)
        if role == "stratum":
            model = replace(some, outcome=replace(own, strata=code))
            rows += several(model, covariates, level, said=f"stratified by {centres.label}")
        elif role == "cluster":
            model = replace(some, outcome=replace(own, cluster=code))
            said = f"robust variance with {centres.label} as cluster"
            found = several(model, covariates, level, said=said)
            rows += [_cautious(row, len(np.unique(code))) for row in found]
        else:
            rows += _frailty(some, covariates, centres.label, code)
    return rows


def _cautious(row: ResultRow, clusters: int) -> ResultRow:
    """Say beside an estimate where clusters are too few for the robust variance."""
    if clusters >= _ENOUGH_CLUSTERS or row.status != "ok" or row.conf_level is None:
        return row
    message = f"With {clusters} clusters the robust variance is too small, and limits too narrow."
    return replace(row, message=message)


def _frailty(
    planned: Planned, covariates: Sequence[str], label: str, code: NDArray[np.int64]
) -> list[ResultRow]:
    matrix, outcome = planned.complete(covariates)
    kept = planned.matrix.only(covariates).complete
    said = f"gamma frailty shared by {label}, Wald limits with its variance held"
    maker = planned.rows(FRAILTY, said)
    rows = maker.counts(len(matrix.x), int(outcome.event.sum()))
    if not len(matrix.x):
        return rows + maker.refused(matrix.columns, NOBODY)
    alone, forbidding = faults_of(matrix)
    places = usable_columns(matrix, alone)
    if places:
        rows.append(maker.events_for_each(outcome, len(places)))
    columns = [matrix.columns[at] for at in places]
    for column, reason in alone.items():
        rows += maker.refused([column], reason)
    if forbidding:
        return rows + maker.not_fitted(columns, forbidding)
    if not places or not isinstance(outcome, TimeOutcome):
        return rows
    try:
        fit = cox_frailty(
            outcome.time,
            outcome.event,
            chosen_columns(matrix, places),
            code[kept],
            ties=outcome.ties,
            entry=outcome.entry,
            conf_level=outcome.conf_level,
        )
    except InputError as error:
        return rows + maker.refused(columns, told(error, outcome, matrix, firth=False))
    rows.append(maker.row("frailty_variance", fit.theta, format="decimal3", conf_level=None))
    test = "likelihood-ratio test of the frailty, half its mass at 0"
    rows += maker.test(fit.frailty_test, test, variable="centre")
    return rows + maker.estimates(columns, _of_frailty(fit))


def _of_frailty(fit: FrailtyFit) -> Fitted:
    return Fitted(
        fit.coef,
        fit.std_error,
        fit.hazard_ratio,
        fit.lower,
        fit.upper,
        fit.p_value,
        fit.vcov,
        fit.loglik,
        fit.frailty_test,
    )
