"""The multivariable model in each imputed table, pooled by Rubin's rules."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hepatica.analyse.imputation_rows import imputation_rows
from hepatica.analyse.imputed import impute
from hepatica.analyse.model_fits import Planned
from hepatica.analyse.model_matrix import ModelColumn, ModelMatrix, model_matrix
from hepatica.analyse.model_outcomes import Fitted, Outcome
from hepatica.analyse.model_rows import (
    ModelRows,
    chosen_columns,
    faults_of,
    place_of_column,
    told,
    usable_columns,
)
from hepatica.errors import InputError, counted
from hepatica.protocol.model import Protocol
from hepatica.protocol.model_analyses import ModelAnalysis
from hepatica.results import ResultRow
from hepatica.stats.rubin import RubinPool, pool_rubin, pool_rubin_test
from hepatica.stats.survival import TestResult

#: Name of the model.
IMPUTED = "imputed"
_JOINT = "pooled Wald test of the covariate (Li, Raghunathan and Rubin 1991)"


@dataclass(frozen=True, slots=True, eq=False)
class _Tables:
    """Completed covariates of the patients with an outcome who have them all."""

    matrices: tuple[ModelMatrix, ...]
    outcome: Outcome
    left_out: int


def imputed_model_rows(
    protocol: Protocol,
    analysis: ModelAnalysis,
    planned: Planned,
    covariates: Sequence[str],
    places: NDArray[np.int64],
) -> list[ResultRow]:
    """Return the rows of a model that is fitted in each imputed table and pooled.

    Parameters
    ----------
    protocol : Protocol
        Has the plan of imputation.
    analysis : ModelAnalysis
        Says what covariates are compared with and the units of numbers.
    planned : Planned
        Selection, and the outcome of the patients who have one.
    covariates : sequence of str
        Those of the model.
    places : int array (n,)
        Place of each patient of the outcome among the members of the selection.

    Returns
    -------
    list of ResultRow
        What was imputed, then patients, events, and for each column ratio, limits, coefficient,
        standard error, P value, degrees of freedom (``df``) and fraction of missing information
        (``fmi``); a row with the reason where there is none. Degrees of freedom of the complete
        table are the events less the coefficients.
    """
    selection = planned.selection
    event = np.full(len(selection.members), np.nan)
    event[places] = planned.outcome.event
    time = None
    days = getattr(planned.outcome, "time", None)
    if days is not None:
        time = np.full(len(selection.members), np.nan)
        time[places] = days
    imputed = impute(protocol, selection, time, event)
    made = tuple(
        model_matrix(
            protocol,
            replace(selection, members=one),
            covariates,
            analysis.references,
            analysis.per,
        ).rows(places)
        for one in imputed.members
    )
    complete = np.logical_and.reduce([one.complete for one in made])
    tables = _Tables(
        tuple(one.rows(complete) for one in made),
        planned.outcome.of(complete),
        int((~complete).sum()),
    )
    said = f"in {len(made)} imputed tables, pooled by Rubin's rules, limits by Student's t"
    maker = planned.rows(IMPUTED, said)
    rows = imputation_rows(selection, imputed)
    known, _ = planned.complete(covariates)
    forbidding = faults_of(known)[1] if len(known.x) else {}
    if forbidding:
        # What sets them apart in an imputed table are the imputed values alone.
        reason = f"In patients who have all of the covariates: {next(iter(forbidding.values()))}"
        return rows + maker.refused(known.columns, reason)
    return rows + _model(maker, tables)


def _model(maker: ModelRows, tables: _Tables) -> list[ResultRow]:
    outcome, first = tables.outcome, tables.matrices[0]
    n, events = len(first.x), int(outcome.event.sum())
    rows = maker.counts(n, events)
    if tables.left_out:
        rows.append(_left_out(maker, tables.left_out))
    if not n:
        return rows + maker.refused(first.columns, "No patient has all of the covariates.")
    alone: dict[ModelColumn, str] = {}
    for matrix in tables.matrices:
        found, forbidding = faults_of(matrix)
        alone |= found
        if forbidding:
            reason = next(iter(forbidding.values()))
            return rows + maker.refused(first.columns, f"In an imputed table: {reason}")
    for column, reason in alone.items():
        rows += maker.refused([column], reason)
    places = usable_columns(first, alone)
    if not places:
        return rows
    columns = [first.columns[at] for at in places]
    rows.append(maker.events_for_each(outcome, len(places)))
    if outcome.fewest <= len(places):
        message = "There are no more events than coefficients. Take fewer covariates."
        return rows + maker.refused(columns, message)
    try:
        fits = [outcome.fit(chosen_columns(matrix, places)) for matrix in tables.matrices]
    except InputError as error:
        reason = told(error, outcome, first, firth=False)
        return rows + maker.refused(columns, f"In an imputed table: {reason}")
    return rows + _pooled(maker, columns, fits, outcome)


def _left_out(maker: ModelRows, n: int) -> ResultRow:
    message = (
        f"{counted(n, 'patient')} without a covariate that is not imputed not in this model. List "
        "it under imputation."
    )
    shown: dict[str, Any] = {"format": "integer", "method": "", "conf_level": None}
    return maker.row("missing", float(n), message=message, **shown)


def _pooled(
    maker: ModelRows, columns: list[ModelColumn], fits: list[Fitted], outcome: Outcome
) -> list[ResultRow]:
    estimates = np.array([fit.coef for fit in fits])
    covariances = np.array([fit.vcov for fit in fits])
    level = float(maker.common["conf_level"])
    pooled = pool_rubin(
        estimates,
        covariances,
        df_complete=float(outcome.fewest - len(columns)),
        conf_level=level,
    )
    rows = maker.estimates(columns, _fitted(pooled, covariances))
    for at, column in enumerate(columns):
        where = place_of_column(column) | {"conf_level": None}
        rows.append(maker.row("df", float(pooled.df[at]), format="decimal1", **where))
        rows.append(maker.row("fmi", float(pooled.fmi[at]), format="decimal2", **where))
    for name in dict.fromkeys(one.variable for one in columns):
        own = [at for at, one in enumerate(columns) if one.variable == name]
        if len(own) > 1:
            joint = pool_rubin_test(estimates[:, own], covariances[:, own][:, :, own])
            shown: dict[str, Any] = {"variable": name, "method": _JOINT, "conf_level": None}
            rows += [
                maker.row("test_statistic", joint.statistic, format="statistic", **shown),
                maker.row("df", joint.df, format="integer", **shown),
                maker.row("p_value", joint.p_value, format="p_value", **shown),
            ]
            if math.isfinite(joint.df_error):
                row = maker.row("df_error", joint.df_error, format="decimal1", **shown)
                rows.append(row)
    return rows


def _fitted(pooled: RubinPool, covariances: NDArray[np.float64]) -> Fitted:
    """Return pooled estimates as rows take them; there is no likelihood of several tables."""
    return Fitted(
        coef=pooled.estimate,
        std_error=pooled.std_error,
        ratio=np.exp(pooled.estimate),
        lower=np.exp(pooled.lower),
        upper=np.exp(pooled.upper),
        p_value=pooled.p_value,
        vcov=covariances.mean(axis=0),
        loglik=math.nan,
        lr_test=TestResult(math.nan, len(pooled.estimate), math.nan),
    )
