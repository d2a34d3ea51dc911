"""Hazard ratios of a table of any size: from counts, from counted patterns, or by the engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from hepatica.analyse.column_names import named_columns
from hepatica.analyse.comparison_rows import hazard_ratio_rows, shown_columns
from hepatica.analyse.covariates import describe_covariates
from hepatica.analyse.cox_model import (
    CoxModel,
    ModelTable,
    block_rows_of,
    lacking_covariates,
    rows_of_model,
)
from hepatica.analyse.engine_sums import EngineSums, column_moments
from hepatica.analyse.pattern_cells import few_patterns, pattern_cells
from hepatica.analyse.selection import Grouping
from hepatica.analyse.survival_data import survival_arrays
from hepatica.analyse.table_survival import TableAnalysis, stratified
from hepatica.errors import InputError
from hepatica.results import ResultRow
from hepatica.stats.survival import NoFiniteEstimateError
from hepatica.stats.survival.cox_patterns import PatternCells, cox_from_patterns
from hepatica.stats.survival.cox_sums import CoxSumsFit, cox_from_sums

Tell = Callable[[str], None]


def hazard_rows(
    grouping: Grouping,
    table: ModelTable,
    asked: TableAnalysis,
    adjust: Sequence[str],
    tell: Tell,
) -> list[ResultRow]:
    """Return hazard ratios of the groups, and of covariates where the model is adjusted.

    Parameters
    ----------
    grouping : Grouping
        Makes the rows.
    table : ModelTable
        The table.
    asked : TableAnalysis
        Methods and reference.
    adjust : sequence of str
        Covariates.
    tell : callable
        Told what is being done before each pass over the table.

    Returns
    -------
    list of ResultRow
        ``variable`` is ``cox`` for the groups, and ``covariate`` with its name (and category) in
        ``variable_level`` for covariates.

    Raises
    ------
    AnalysisError
        If a covariate cannot be used.
    """
    levels = tuple(one for one in table.counted.groups if one != asked.reference)
    model = CoxModel(levels if grouping.group else (), describe_covariates(table.frame, adjust))
    common = _common(asked, adjust)
    groups = common | {"variable": "cox", "reference": asked.reference}
    found: list[ResultRow] = []
    if not model.names:
        return found
    if adjust and (missing := lacking_covariates(table, model.covariates)):
        found.append(
            grouping.row(
                "n",
                float(missing),
                variable="covariates",
                variable_level="Missing",
                format="integer",
                message="Records that lack a covariate are not in the adjusted model.",
                parameter=asked.parameter,
            )
        )
    try:
        fit = _fit(table, model, asked, tell)
    except InputError as error:
        reason = named_columns(str(error), model.names)
        return found + _not_estimable(grouping, model, (groups, common), reason)
    found += hazard_ratio_rows(grouping, model.levels, lambda: fit, groups)
    return found + _covariate_rows(grouping, model, fit, common)


def _common(asked: TableAnalysis, adjust: Sequence[str]) -> dict[str, Any]:
    method = f"proportional hazards model, {asked.dialect.ties.title()} ties, Wald interval"
    if adjust:
        method += f", adjusted for {', '.join(adjust)}"
    return {
        "parameter": asked.parameter,
        "method": stratified(method, asked.strata),
        "conf_level": asked.conf_level,
    }


def _not_estimable(
    grouping: Grouping,
    model: CoxModel,
    columns: tuple[dict[str, Any], dict[str, Any]],
    message: str,
) -> list[ResultRow]:
    groups, common = columns
    why: dict[str, Any] = {"status": "not_estimable", "message": message}
    return [
        grouping.row("hazard_ratio", level=level, **groups, **why) for level in model.levels
    ] + [grouping.row("hazard_ratio", **place, **common, **why) for place in _places(model)]


def _places(model: CoxModel) -> list[dict[str, Any]]:
    return [
        {
            "variable": "covariate",
            "variable_level": f"{one.name}: {label}" if label else one.name,
            "reference": one.categories[0] if one.categories else "",
        }
        for one in model.covariates
        for label in one.columns
    ]


def _covariate_rows(
    grouping: Grouping, model: CoxModel, fit: CoxSumsFit, common: dict[str, Any]
) -> list[ResultRow]:
    first = len(model.levels)
    return [
        grouping.row(name, float(values[first + place]), format=shown, **columns, **common)
        for place, columns in enumerate(_places(model))
        for name, values, shown in shown_columns(fit)
    ]


def _fit(table: ModelTable, model: CoxModel, asked: TableAnalysis, tell: Tell) -> CoxSumsFit:
    options: dict[str, Any] = {"ties": asked.dialect.ties, "conf_level": asked.conf_level}
    _refuse_group_without_event(table, model)
    if not model.covariates:
        cells, group = table.data.cells()
        labels = [table.counted.groups[code] for code in group.tolist()]
        return cox_from_patterns(cells, model.matrix(pl.DataFrame(), labels), **options)
    if not table.counted.whole:
        return _fit_arrays(table, model, options)
    if few_patterns(table, model):
        tell("Counting the patterns of covariates")
        cells, X = pattern_cells(table, model)
        return cox_from_patterns(cells, X, **options)
    tell("Reading the covariates")
    columns = model.expressions()
    rows = rows_of_model(table, model.covariates)
    moments = column_moments(rows, columns, model.ranges())
    if not moments.n:
        raise InputError("No record has a value of every covariate.")
    if (flat := np.flatnonzero(moments.spread <= 0)).size:
        raise InputError(f"Column {flat[0]} of X is the same for all subjects.")
    sums = EngineSums([*block_rows_of(table, model.covariates)], columns, moments)
    step = 0

    def told(coef: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
        nonlocal step
        step += 1
        tell(f"Fitting the model, pass {step} over the table")
        return sums(coef)

    return cox_from_sums(sums.cells, told, moments.spread, **options)


def _refuse_group_without_event(table: ModelTable, model: CoxModel) -> None:
    """Say before the first pass what Newton's method would find after many."""
    if not model.levels or not any(table.data.n(code)[1] for code in range(len(model.levels) + 1)):
        return
    for code, level in enumerate(table.counted.groups):
        if not table.data.n(code)[1]:
            raise NoFiniteEstimateError(
                f"A hazard ratio has no finite estimate: there is no event in the group {level}."
            )


def _fit_arrays(table: ModelTable, model: CoxModel, options: dict[str, Any]) -> CoxSumsFit:
    schema = dict(table.frame.collect_schema())
    names = tuple(f"__key{place}" for place in range(len(model.covariates)))
    keyed = table.frame.with_columns(
        one.key(schema).alias(name) for one, name in zip(model.covariates, names, strict=True)
    )
    data, keys = survival_arrays(keyed, table.columns, table.counted, names)
    cells, group = data.cells()
    X = model.matrix(keys, [table.counted.groups[code] for code in group.tolist()])
    known = np.array([None not in one for one in keys.iter_rows()], dtype=bool)
    kept = known[cells.pattern]
    arrays = (cells.stratum, cells.day, cells.kind, cells.n, cells.pattern)
    X[~known] = 0.0
    return cox_from_patterns(PatternCells(*(one[kept] for one in arrays)), X, **options)
