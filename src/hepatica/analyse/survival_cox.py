"""Hazard ratios of a table of any size: from counts, from counted patterns, or by the engine."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl
from numpy.typing import NDArray

from hepatica.analyse.comparison_rows import hazard_ratio_rows, shown_columns
from hepatica.analyse.covariates import Covariate, describe_covariates
from hepatica.analyse.engine_sums import EngineSums, column_moments
from hepatica.analyse.selection import Grouping
from hepatica.analyse.survival_counts import (
    CountedSurvival,
    Standing,
    SurvivalColumns,
    collected,
    placed,
)
from hepatica.analyse.survival_data import SurvivalData, survival_arrays
from hepatica.analyse.table_survival import TableAnalysis, stratified
from hepatica.errors import InputError
from hepatica.results import ResultRow
from hepatica.stats.survival.cox_patterns import PatternCells, cox_from_patterns
from hepatica.stats.survival.cox_sums import ENTRY, CoxSumsFit, cox_from_sums

#: Cells of patterns that are brought here; above it the engine adds up at each step.
MOST_CELLS = 2_000_000
MOST_PATTERNS = 100_000

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class ModelTable:
    """A table and what was found when it was counted.

    Attributes
    ----------
    frame : LazyFrame
        The table; covariates were read by `with_numbers`.
    columns : SurvivalColumns
        What its columns mean.
    counted : CountedSurvival
        Counts and labels.
    data : SurvivalData
        The usable times.
    block_rows : int
        Rows that are grouped at a time on Polars, whose memory grows with the rows where groups are
        many; 0 for all at once.
    """

    frame: nw.LazyFrame[Any]
    columns: SurvivalColumns
    counted: CountedSurvival
    data: SurvivalData
    block_rows: int = 0

    def blocks(self) -> tuple[ModelTable, ...]:
        """Return the table in blocks; sums over them are whole numbers and add up exactly."""
        total = sum(self.counted.standing.values())
        if not self.block_rows or total <= self.block_rows:
            return (self,)
        native: Any = self.frame.to_native()
        return tuple(
            replace(self, frame=nw.from_native(native.slice(first, self.block_rows)))
            for first in range(0, total, self.block_rows)
        )


@dataclass(frozen=True, slots=True)
class _Model:
    """Columns of a model: groups but the reference, then covariates."""

    levels: tuple[str, ...]
    covariates: tuple[Covariate, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """What each column is, for messages."""
        named = [
            f"{one.name}{f' ({label})' if label else ''}"
            for one in self.covariates
            for label in one.columns
        ]
        return (*self.levels, *named)

    def ranges(self) -> list[tuple[float, float]]:
        """Smallest and largest value of each column."""
        found = [(0.0, 1.0)] * len(self.levels)
        for one in self.covariates:
            found += [(0.0, 1.0)] * len(one.columns) if one.categories else [(one.low, one.high)]
        return found

    def expressions(self) -> list[nw.Expr]:
        """Columns from ``__group`` and the keys of the covariates."""
        group = nw.col("__group").cast(nw.String)
        found = [_indicator(group, level) for level in self.levels]
        for place, one in enumerate(self.covariates):
            key = nw.col(f"__key{place}")
            found += [_indicator(key, label) for label in one.columns] if one.categories else [key]
        return found

    def matrix(self, keys: pl.DataFrame, group: Sequence[str]) -> NDArray[np.float64]:
        """Columns of patterns that were brought here."""
        labels = np.array(group, dtype=object)
        found = [(labels == level).astype(np.float64) for level in self.levels]
        for place, one in enumerate(self.covariates):
            values = keys[f"__key{place}"]
            if one.categories:
                found += [(values == label).cast(pl.Float64).to_numpy() for label in one.columns]
            else:
                found.append(values.cast(pl.Float64).to_numpy())
        return np.stack(found, axis=1)


def _indicator(key: nw.Expr, label: str) -> nw.Expr:
    return (key == label).cast(nw.Int64).cast(nw.Float64)


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
    covariates = describe_covariates(table.frame, adjust)
    model = _Model(levels if grouping.group else (), covariates)
    shared = {"parameter": asked.parameter}
    ties = asked.dialect.ties
    method = f"proportional hazards model, {ties.title()} ties, Wald interval"
    if adjust:
        method += f", adjusted for {', '.join(adjust)}"
    common = shared | {
        "method": stratified(method, asked.strata),
        "conf_level": asked.conf_level,
    }
    groups = common | {"variable": "cox", "reference": asked.reference}

    def reason(error: InputError) -> str:
        return _named(str(error), model.names)

    if not adjust:

        def unadjusted() -> CoxSumsFit:
            cells, group = table.data.cells()
            labels = [table.counted.groups[code] for code in group.tolist()]
            X = model.matrix(pl.DataFrame(), labels)
            return cox_from_patterns(cells, X, ties=ties, conf_level=asked.conf_level)

        return hazard_ratio_rows(grouping, levels, unadjusted, groups, reason) if levels else []
    rows, missing = _rows_of_model(table, covariates), _lacking(table, covariates)
    found: list[ResultRow] = []
    if missing:
        found.append(
            grouping.row(
                "n",
                float(missing),
                variable="covariates",
                variable_level="Missing",
                format="integer",
                message="Records that lack a covariate are not in the adjusted model.",
                **shared,
            )
        )
    try:
        fit = _fit(table, model, rows, asked, tell)
    except InputError as error:
        return found + _not_estimable(grouping, model, (groups, common), reason(error))
    found += hazard_ratio_rows(grouping, model.levels, lambda: fit, groups)
    return found + _covariate_rows(grouping, model, fit, common)


def _named(message: str, names: Sequence[str]) -> str:
    """Say the names of columns that estimators know by their index."""
    return re.sub(
        r"([Cc])olumn (\d+)( of X)?",
        lambda match: f"{match[1]}olumn {names[int(match[2])]}",
        message,
    )


def _not_estimable(
    grouping: Grouping,
    model: _Model,
    columns: tuple[dict[str, Any], dict[str, Any]],
    message: str,
) -> list[ResultRow]:
    groups, common = columns
    why: dict[str, Any] = {"status": "not_estimable", "message": message}
    return [
        grouping.row("hazard_ratio", level=level, **groups, **why) for level in model.levels
    ] + [grouping.row("hazard_ratio", **place, **common, **why) for place in _places(model)]


def _places(model: _Model) -> list[dict[str, Any]]:
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
    grouping: Grouping, model: _Model, fit: CoxSumsFit, common: dict[str, Any]
) -> list[ResultRow]:
    first = len(model.levels)
    return [
        grouping.row(name, float(values[first + place]), format=shown, **columns, **common)
        for place, columns in enumerate(_places(model))
        for name, values, shown in shown_columns(fit)
    ]


def _keyed(table: ModelTable, covariates: Sequence[Covariate]) -> nw.LazyFrame[Any]:
    """Return the usable rows with a known stratum, and ``__key`` of each covariate."""
    schema = dict(table.frame.collect_schema())
    usable = (int(Standing.COUNTED), int(Standing.FRACTION))
    rows = placed(table.frame, table.columns).filter(nw.col("__standing").is_in(usable))
    for name in table.columns.strata:
        rows = rows.filter(~nw.col(name).is_null())
    keys = [one.key(schema).alias(f"__key{place}") for place, one in enumerate(covariates)]
    return rows.with_columns(*keys)


def _without(covariates: Sequence[Covariate]) -> nw.Expr:
    each = (nw.col(f"__key{place}").is_null() for place in range(len(covariates)))
    return nw.any_horizontal(*each, ignore_nulls=False)


def _rows_of_model(table: ModelTable, covariates: Sequence[Covariate]) -> nw.LazyFrame[Any]:
    return _keyed(table, covariates).filter(~_without(covariates))


def _lacking(table: ModelTable, covariates: Sequence[Covariate]) -> int:
    """Count the records that lack a covariate."""
    lacking = _without(covariates).cast(nw.Int64).sum().alias("n")
    return int(collected(_keyed(table, covariates).select(lacking))["n"][0] or 0)


def _fit(
    table: ModelTable,
    model: _Model,
    rows: nw.LazyFrame[Any],
    asked: TableAnalysis,
    tell: Tell,
) -> CoxSumsFit:
    options: dict[str, Any] = {"ties": asked.dialect.ties, "conf_level": asked.conf_level}
    if not table.counted.whole:
        return _fit_arrays(table, model, options)
    if _few(table, model):
        tell("Counting the patterns of covariates")
        cells, X = _pattern_cells(table, model)
        return cox_from_patterns(cells, X, **options)
    tell("Reading the covariates")
    columns = model.expressions()
    moments = column_moments(rows, columns, model.ranges())
    if (flat := np.flatnonzero(moments.spread <= 0)).size:
        raise InputError(f"Column {flat[0]} of X is the same for all subjects.")
    sums = EngineSums([*_block_rows(table, model.covariates)], columns, moments)
    step = 0

    def told(coef: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
        nonlocal step
        step += 1
        tell(f"Fitting the model, pass {step} over the table")
        return sums(coef)

    return cox_from_sums(sums.cells, told, moments.spread, **options)


def _few(table: ModelTable, model: _Model) -> bool:
    """Return whether distinct patterns are few enough to be brought here as cells."""
    values = [one.values for one in model.covariates]
    strata, groups, days = table.counted.counts.events.shape
    if not all(values):
        return False
    patterns = groups * math.prod(values)
    return bool(patterns <= MOST_PATTERNS and 2 * strata * days * patterns <= MOST_CELLS)


def _with_entries(table: ModelTable, rows: nw.LazyFrame[Any], keys: int) -> nw.LazyFrame[Any]:
    """Return a row for each leaving, and one more for each entering after the origin."""
    columns = table.columns
    kept = ["__group", *(f"__key{place}" for place in range(keys))]
    stratum = _stratum_code(table).alias("__stratum")
    leaving = rows.select(
        stratum,
        nw.col(columns.time).cast(nw.Int64).alias("__day"),
        nw.col("__event").alias("__kind"),
        *kept,
    )
    if not (columns.entry and table.data.delayed):
        return leaving
    entering = rows.filter(nw.col(columns.entry) > 0).select(
        stratum,
        nw.col(columns.entry).cast(nw.Int64).alias("__day"),
        nw.lit(ENTRY).cast(nw.Int64).alias("__kind"),
        *kept,
    )
    return nw.concat([leaving, entering], how="vertical")


def _stratum_code(table: ModelTable) -> nw.Expr:
    names, strata = table.columns.strata, table.counted.strata
    parts = []
    for place, name in enumerate(names):
        values = sorted({one[place] for one in strata})
        column = nw.col(name).cast(nw.String)
        code = nw.lit(0)
        for at, value in enumerate(values):
            code = nw.when(column == value).then(nw.lit(at)).otherwise(code)
        parts.append((code.cast(nw.Int64), len(values)))
    return reduce(lambda sofar, part: sofar * part[1] + part[0], parts, nw.lit(0).cast(nw.Int64))


def _block_rows(table: ModelTable, covariates: Sequence[Covariate]) -> Iterator[nw.LazyFrame[Any]]:
    for block in table.blocks():
        yield _with_entries(block, _rows_of_model(block, covariates), len(covariates))


def _pattern_cells(table: ModelTable, model: _Model) -> tuple[PatternCells, NDArray[np.float64]]:
    keys = ["__group", *(f"__key{place}" for place in range(len(model.covariates)))]
    place = ["__stratum", "__day", "__kind", *keys]
    cells = pl.DataFrame()
    for block in _block_rows(table, model.covariates):
        found = collected(block.group_by(*place).agg(nw.len().cast(nw.Int64).alias("n")))
        found = found.with_columns(pl.col("__group").cast(pl.String))
        both = [cells, found] if cells.width else [found]
        cells = pl.concat(both).group_by(place).agg(pl.col("n").sum())
    patterns = cells.select(keys).unique().sort(keys).with_row_index("pattern")
    cells = cells.join(patterns, on=keys, how="inner").sort(
        "__stratum", "__day", "__kind", "pattern"
    )
    names = ("__stratum", "__day", "__kind", "n", "pattern")
    arrays = (cells[name].cast(pl.Int64).to_numpy() for name in names)
    return PatternCells(*arrays), model.matrix(patterns, patterns["__group"].to_list())


def _fit_arrays(table: ModelTable, model: _Model, options: dict[str, Any]) -> CoxSumsFit:
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
