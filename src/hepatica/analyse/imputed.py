"""Completed tables of patients: missing baseline values imputed several times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
from numpy.typing import NDArray

from hepatica.analyse.imputed_columns import ImputedColumn, imputed_columns
from hepatica.analyse.selection import Selection
from hepatica.derive.adsl import add_categories
from hepatica.errors import AnalysisError, InputError
from hepatica.protocol.model import Protocol
from hepatica.stats.imputation import ChainedImputation, impute_chained
from hepatica.stats.random_streams import stream
from hepatica.stats.survival import nelson_aalen

#: Name of the stream of random numbers.
STREAM = "imputation"


@dataclass(frozen=True, slots=True, eq=False)
class Imputed:
    """Imputations of the selected patients.

    Attributes
    ----------
    members : tuple of DataFrame
        The members once for each imputation, in their order, with numbers and categories filled.
    columns : tuple of ImputedColumn
        What was imputed or predicted.
    usable : bool array (n,)
        Members whose outcome is known; the others are left as they are.
    draws : ChainedImputation
        The values drawn; rows count the usable members, columns are those of `columns`.
    """

    members: tuple[nw.DataFrame[Any], ...]
    columns: tuple[ImputedColumn, ...]
    usable: NDArray[np.bool_]
    draws: ChainedImputation


def imputed_members(
    protocol: Protocol,
    selection: Selection,
    time: npt.ArrayLike | None,
    event: npt.ArrayLike | None,
) -> tuple[nw.DataFrame[Any], ...]:
    """Return the selected patients once for each imputation, their baseline values completed.

    As `impute`, whose parameters these are.
    """
    return impute(protocol, selection, time, event).members


def impute(
    protocol: Protocol,
    selection: Selection,
    time: npt.ArrayLike | None = None,
    event: npt.ArrayLike | None = None,
) -> Imputed:
    """Impute the baseline values that the protocol lists.

    Predictors are the listed variables, the arm, and the outcome: of a time to event the event and
    the cumulative hazard by Nelson and Aalen at the patient's time (White and Royston, Stat Med
    2009;28:1982), of a response the response itself.

    Parameters
    ----------
    protocol : Protocol
        Has the plan of imputation, and the seed.
    selection : Selection
        The patients.
    time : float array (n,), optional
        Time of each member, in their order; NaN where none is known. Left out for a response.
    event : float array (n,), optional
        1 for an event or response, 0 for none; NaN where it is not known.

    Returns
    -------
    Imputed
        The members in their order, completed as often as planned. Patients without an outcome,
        who enter no model, keep their missing values. A marker below its limit of detection
        counts as half the limit. The same patients, outcome and seed give the same values.

    Raises
    ------
    AnalysisError
        If the protocol has no plan of imputation, or a variable cannot be imputed.
    """
    plan = protocol.imputation
    if plan is None:
        raise AnalysisError("Say under 'imputation' in study.yaml which variables are imputed.")
    outcome, usable = _outcome(len(selection.members), time, event)
    if not usable.any():
        raise AnalysisError("No patient has an outcome, so that nothing can be imputed.")
    columns = imputed_columns(protocol, selection, plan.variables)
    for one in columns:
        if np.isnan(one.values[usable]).all():
            raise AnalysisError(
                f"The variable {one.id} has no known value among the patients of this analysis. "
                "Remove it from the variables under imputation in study.yaml."
            )
    predictors = np.column_stack([_arms(selection)[usable], outcome[usable]])
    try:
        draws = impute_chained(
            np.column_stack([one.values[usable] for one in columns]),
            np.array([len(one.labels) for one in columns]),
            predictors,
            imputations=plan.imputations,
            iterations=plan.iterations,
            generator=stream(protocol.seed, STREAM),
        )
    except InputError as error:
        raise AnalysisError(f"The missing values could not be imputed. {error}") from None
    members = tuple(
        _completed(protocol, selection, columns, usable, draws, number)
        for number in range(plan.imputations)
    )
    return Imputed(members, columns, usable, draws)


def _outcome(
    n: int, time: npt.ArrayLike | None, event: npt.ArrayLike | None
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the predictors that tell the outcome, and who has one."""
    if event is None:
        return np.empty((n, 0)), np.ones(n, dtype=bool)
    happened = np.asarray(event, dtype=np.float64)
    if time is None:
        return happened[:, None], np.isfinite(happened)
    days = np.asarray(time, dtype=np.float64)
    usable = np.isfinite(happened) & np.isfinite(days)
    hazard = np.full(n, np.nan)
    if usable.any():
        curve = nelson_aalen(days[usable], happened[usable])
        hazard[usable] = curve.at(days[usable]).hazard
    return np.column_stack([happened, hazard]), usable


def _arms(selection: Selection) -> NDArray[np.float64]:
    """Return an indicator of each arm that occurs but the first."""
    arm = selection.members["__arm__"].to_list()
    labels = sorted({label for label in arm if label is not None})
    return np.array([[label == one for one in labels[1:]] for label in arm], dtype=np.float64)


def _completed(
    protocol: Protocol,
    selection: Selection,
    columns: tuple[ImputedColumn, ...],
    usable: NDArray[np.bool_],
    draws: ChainedImputation,
    number: int,
) -> nw.DataFrame[Any]:
    members = selection.members
    backend = members.implementation
    filled = {}
    for place, one in enumerate(columns):
        values = one.values.copy()
        own = draws.column == place
        values[np.flatnonzero(usable)[draws.row[own]]] = draws.drawn[number, own]
        kind = nw.String() if one.labels else nw.Float64()
        filled[one.column] = nw.new_series(one.column, one.recorded(values), kind, backend=backend)
    if all(one.labels for one in columns):
        return members.with_columns(*filled.values())
    # Categories that follow from a number follow from the imputed number too.
    numbers = [filled[one.column] for one in columns if not one.labels]
    again = add_categories(
        protocol, members.with_row_index("__order__").with_columns(*numbers)
    ).sort("__order__")
    categories = [filled[one.column] for one in columns if one.labels]
    return again.drop("__order__").with_columns(*categories)
