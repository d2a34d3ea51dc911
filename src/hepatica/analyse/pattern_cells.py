"""Counting the patterns of covariates by stratum and day, where they are few."""

from __future__ import annotations

import math
from collections.abc import Sequence

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl
from numpy.typing import NDArray

from hepatica.analyse.cox_model import CoxModel, ModelTable, block_rows_of, place_of
from hepatica.analyse.survival_counts import collected
from hepatica.stats.survival.cox_patterns import PatternCells

#: Cells of patterns that are brought here; above it the engine adds up at each step.
MOST_CELLS = 2_000_000
MOST_PATTERNS = 100_000


def few_patterns(table: ModelTable, model: CoxModel) -> bool:
    """Return whether distinct patterns are few enough to be brought here as cells."""
    values = [one.values for one in model.covariates]
    strata, groups, days = table.counted.counts.events.shape
    if not all(values):
        return False
    patterns = groups * math.prod(values)
    return bool(patterns <= MOST_PATTERNS and 2 * strata * days * patterns <= MOST_CELLS)


def pattern_cells(table: ModelTable, model: CoxModel) -> tuple[PatternCells, NDArray[np.float64]]:
    """Count cells under one whole number each: engines group by that far faster than by labels."""
    groups, days = table.counted.groups, table.counted.counts.events.shape[2]
    digits = [place_of(nw.col("__group").cast(nw.String), groups)]
    sizes = [len(groups), *(one.values for one in model.covariates)]
    for place, one in enumerate(model.covariates):
        key = nw.col(f"__key{place}")
        digits.append(place_of(key, one.categories) if one.categories else key - one.low)
    pattern = nw.lit(0).cast(nw.Int64)
    for digit, size in zip(digits, sizes, strict=True):
        pattern = pattern * size + digit.cast(nw.Int64)
    patterns = math.prod(sizes)
    stay = nw.col("__stratum") * 3 + nw.col("__kind")
    cell = ((stay * patterns + pattern) * days + nw.col("__day")).alias("cell")
    found = pl.DataFrame(schema={"cell": pl.Int64, "n": pl.Int64})
    for block in block_rows_of(table, model.covariates):
        counted = block.select(cell).group_by("cell").agg(nw.len().cast(nw.Int64).alias("n"))
        both = pl.concat([found, collected(counted).cast(pl.Int64)])
        found = both.group_by("cell").agg(pl.col("n").sum())
    found = found.sort("cell")
    rest, day = np.divmod(found["cell"].to_numpy(), days)
    rest, code = np.divmod(rest, patterns)
    stratum, kind = np.divmod(rest, 3)
    known, position = np.unique(code, return_inverse=True)
    cells = PatternCells(stratum, day, kind, found["n"].to_numpy(), position)
    return cells, _decoded(model, groups, sizes, known)


def _decoded(
    model: CoxModel, groups: Sequence[str], sizes: Sequence[int], codes: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the columns of patterns from their numbers."""
    digits: list[NDArray[np.int64]] = []
    for size in reversed(sizes):
        codes, digit = np.divmod(codes, size)
        digits.insert(0, digit)
    keys = {
        f"__key{place}": np.array(one.categories, dtype=object)[digit]
        if one.categories
        else digit + one.low
        for place, (one, digit) in enumerate(zip(model.covariates, digits[1:], strict=True))
    }
    return model.matrix(pl.DataFrame(keys), [groups[code] for code in digits[0].tolist()])
