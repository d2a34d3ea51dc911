"""Sums per day that a proportional hazards model needs, computed by the engine.

For each Newton step the engine adds up weight, weight x covariate and weight x covariate x
covariate over the rows of each stratum, day and event. Sums of floating-point numbers depend on
their order, which engines with several workers do not keep: the answer would differ from run to
run. So each term is made a whole number first. The weight exp(x'b) is split into a power of two,
which is a key to group by, and a rest near 1; the rest times the covariates is rounded to
a fixed number of binary places, as many as the sum of all rows leaves room for in 64 bits. Whole
numbers add up exactly in any order. The exponential is a polynomial of sums and products, and
divisions are products with a reciprocal, so that the last digit does not depend on the library of
an engine either. Rounding is about 1e-10 of a unit of the covariate in each row
at a hundred million rows, less for fewer, and cancels over rows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl
from numpy.typing import NDArray

from hepatica.analyse.survival_counts import collected
from hepatica.stats.survival.counts import MAX_DAY
from hepatica.stats.survival.cox_sums import CoxCells

_LN2 = math.log(2.0)
_BITS = 60
#: The next term of the series is below 1e-17.
_TERMS = 13
#: A linear predictor beyond this is no estimate but a step that went too far.
_TOO_FAR = 600.0
#: Powers of two of the weights, from the smallest: more than `_TOO_FAR` allows.
_POWERS, _LOWEST = 2048, -1024


@dataclass(frozen=True, slots=True)
class Moments:
    """Number of rows, and mean and standard deviation of each column of the model."""

    n: int
    mean: NDArray[np.float64]
    spread: NDArray[np.float64]


def column_moments(
    rows: nw.LazyFrame[Any], columns: Sequence[nw.Expr], ranges: Sequence[tuple[float, float]]
) -> Moments:
    """Return means and standard deviations, from whole numbers that the engine adds up.

    Parameters
    ----------
    rows : LazyFrame
        Rows of the model.
    columns : sequence of Expr
        Columns of the model.
    ranges : sequence of (float, float)
        Smallest and largest value of each.
    """
    n = int(collected(rows.select(nw.len().alias("n")))["n"][0])
    if not n:
        nothing = np.zeros(len(columns))
        return Moments(0, nothing, nothing)
    unit = 2.0 ** (_BITS - math.ceil(math.log2(max(n, 2))))
    asked = []
    for place, (column, (low, high)) in enumerate(zip(columns, ranges, strict=True)):
        share = (column - low) * (1.0 / max(high - low, 1e-300))
        asked.append(_whole(share * unit).sum().cast(nw.Int64).alias(f"one{place}"))
        asked.append(_whole(share * share * unit).sum().cast(nw.Int64).alias(f"two{place}"))
    found = collected(rows.select(*asked)).row(0, named=True)
    first, second = (
        np.array([float(found[f"{name}{i}"]) / unit / n for i in range(len(columns))])
        for name in ("one", "two")
    )
    lowest, highest = (np.array(one) for one in zip(*ranges, strict=True))
    spread = np.sqrt(np.maximum(second - first**2, 0.0))
    return Moments(n, lowest + first * (highest - lowest), spread * (highest - lowest))


class EngineSums:
    """Sums over the rows of a table at given coefficients, and the cells they are over.

    Parameters
    ----------
    blocks : sequence of LazyFrame
        The rows, in one block or several, with `__stratum`, `__day` and `__kind`; a row for each
        leaving, and one more for each entering.
    columns : sequence of Expr
        Columns of the model.
    moments : Moments
        By which they are centred and scaled.
    """

    __slots__ = ("_blocks", "_cells", "_columns", "_first", "_second", "_unit", "cells")

    def __init__(
        self, blocks: Sequence[nw.LazyFrame[Any]], columns: Sequence[nw.Expr], moments: Moments
    ) -> None:
        self._columns = [
            (column - float(mean)) * float(1.0 / spread)
            for column, mean, spread in zip(columns, moments.mean, moments.spread, strict=True)
        ]
        self._first, self._second = np.triu_indices(len(columns))
        # A row can stand twice, leaving and entering; a rest below 2 adds another factor.
        self._unit = 2.0 ** (_BITS - 1 - math.ceil(math.log2(max(moments.n, 2))))
        self._blocks = blocks
        n = nw.len().cast(nw.Int64).alias("n")
        cells = [one.select(_cell()).group_by("cell").agg(n) for one in blocks]
        counted = pl.concat([collected(one) for one in cells])
        counted = counted.group_by("cell").agg(pl.col("n").sum()).sort("cell")
        self._cells = counted["cell"].to_numpy()
        rest, day = np.divmod(self._cells, MAX_DAY + 1)
        stratum, kind = np.divmod(rest, 3)
        self.cells = CoxCells(stratum, day, kind, counted["n"].to_numpy())

    def __call__(self, coef: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
        """Return the sums of each cell, and the logarithm that was taken off."""
        found = pl.concat([collected(self._asked(one, coef)) for one in self._blocks])
        names = [one for one in found.columns if one.startswith("s")]
        if float(found["far"].max()) > _TOO_FAR:  # type: ignore[arg-type]
            return np.full((len(self.cells.n), len(names)), np.nan), 0.0
        found = found.group_by("key").agg(pl.col(names).sum()).sort("key")  # exact: whole numbers
        cell, power = np.divmod(found["key"].to_numpy(), _POWERS)
        place = np.searchsorted(self._cells, cell)
        top = int(power.max())
        sums = np.stack(
            [
                np.bincount(
                    place,
                    weights=np.ldexp(found[name].to_numpy().astype(np.float64), power - top),
                    minlength=len(self.cells.n),
                )
                for name in names
            ],
            axis=1,
        )
        return sums / self._unit, (top + _LOWEST) * _LN2

    def _asked(self, block: nw.LazyFrame[Any], coef: NDArray[np.float64]) -> nw.LazyFrame[Any]:
        p = len(self._columns)
        scaled = [f"z{place}" for place in range(p)]
        rows = block.select(
            _cell(), *(one.alias(name) for one, name in zip(self._columns, scaled, strict=True))
        )
        predictor = sum(
            (nw.col(name) * float(b) for name, b in zip(scaled, coef, strict=True)), nw.lit(0.0)
        )
        rows = rows.with_columns(predictor.alias("eta"))
        rows = rows.with_columns(nw.col("eta").clip(-_TOO_FAR, _TOO_FAR).alias("safe"))
        rows = rows.with_columns((nw.col("safe") * (1.0 / _LN2) + 0.5).floor().alias("power"))
        rows = rows.with_columns((nw.col("safe") - nw.col("power") * _LN2).alias("rest"))
        rows = rows.with_columns((_exponential(nw.col("rest")) * self._unit).alias("w"))
        w = nw.col("w")
        terms = [w, *(w * nw.col(one) for one in scaled)]
        terms += [
            w * nw.col(scaled[one]) * nw.col(scaled[other])
            for one, other in zip(self._first, self._second, strict=True)
        ]
        sums = [
            _whole(term).sum().cast(nw.Int64).alias(f"s{place}") for place, term in enumerate(terms)
        ]
        far = nw.col("eta").abs().max().alias("far")
        key = nw.col("cell") * _POWERS + (nw.col("power") - _LOWEST).cast(nw.Int64)
        return rows.with_columns(key.alias("key")).group_by("key").agg(*sums, far)


def _cell() -> nw.Expr:
    """Return stratum, kind and day as one whole number: engines group by that fastest."""
    stay = nw.col("__stratum") * 3 + nw.col("__kind")
    return (stay * (MAX_DAY + 1) + nw.col("__day")).alias("cell")


def _whole(value: nw.Expr) -> nw.Expr:
    # Engines round a half differently; all of them have the same floor.
    return (value + 0.5).floor().cast(nw.Int64)


def _exponential(value: nw.Expr) -> nw.Expr:
    """Return exp of values between -ln 2 / 2 and ln 2 / 2 by its Taylor series."""
    total = value * (1.0 / math.factorial(_TERMS)) + 1.0 / math.factorial(_TERMS - 1)
    for power in range(_TERMS - 2, -1, -1):
        total = total * value + 1.0 / math.factorial(power)
    return total
