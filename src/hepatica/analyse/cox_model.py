"""The table and the columns of a proportional hazards model, as expressions and as arrays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl
from numpy.typing import NDArray

from hepatica.analyse.covariates import Covariate
from hepatica.analyse.standing import Standing, SurvivalColumns, placed
from hepatica.analyse.survival_counts import CountedSurvival, collected
from hepatica.analyse.survival_data import SurvivalData
from hepatica.stats.survival.cox_sums import ENTRY


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
class CoxModel:
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


def rows_of_model(table: ModelTable, covariates: Sequence[Covariate]) -> nw.LazyFrame[Any]:
    """Return the usable rows that have a stratum and every covariate, as ``__key``."""
    return _keyed(table, covariates).filter(~_without(covariates))


def lacking_covariates(table: ModelTable, covariates: Sequence[Covariate]) -> int:
    """Count the records that lack a covariate."""
    lacking = _without(covariates).cast(nw.Int64).sum().alias("n")
    return int(collected(_keyed(table, covariates).select(lacking))["n"][0] or 0)


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
    code = nw.lit(0).cast(nw.Int64)
    for place, name in enumerate(table.columns.strata):
        values = sorted({one[place] for one in table.counted.strata})
        code = code * len(values) + place_of(nw.col(name).cast(nw.String), values)
    return code.cast(nw.Int64)


def block_rows_of(
    table: ModelTable, covariates: Sequence[Covariate]
) -> Iterator[nw.LazyFrame[Any]]:
    """Give the rows of the model in blocks, with ``__stratum``, ``__day`` and ``__kind``."""
    for block in table.blocks():
        yield _with_entries(block, rows_of_model(block, covariates), len(covariates))


def place_of(key: nw.Expr, labels: Sequence[str]) -> nw.Expr:
    """Return the place of a label among labels."""
    code = nw.lit(0)
    for place, label in enumerate(labels):
        code = nw.when(key == label).then(nw.lit(place)).otherwise(code)
    return code
