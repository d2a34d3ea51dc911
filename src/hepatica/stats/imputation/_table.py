"""A table with missing values as chained equations need it: coded, scaled, with its places."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from hepatica.stats._checks import FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A column with missing values.

    Attributes
    ----------
    place : int
        Its place in the table.
    known, missing : int array
        Rows with and without a value.
    values : float array (n_known,)
        Known values.
    levels : float array (k,)
        Categories that occur; empty for a measured column.
    codes : int array (n_known,)
        Positions of the known values among the levels.
    center, spread : float
        Mean and standard deviation of known values, by which a measured column is scaled.
    block : slice
        Its columns among the predictors.
    others : int array
        The other columns among the predictors, the constant first.
    """

    place: int
    known: IntArray
    missing: IntArray
    values: FloatArray
    levels: FloatArray
    codes: IntArray
    center: float
    spread: float
    block: slice
    others: IntArray

    @property
    def rarest(self) -> int:
        """Known values in the rarest category."""
        return int(np.bincount(self.codes).min())

    @property
    def scaled(self) -> FloatArray:
        """Known values on the scale of the predictors."""
        scaled: FloatArray = (self.values - self.center) / self.spread
        return scaled

    def coded(self, values: FloatArray) -> FloatArray:
        """Return values as predictors: scaled, or an indicator of each level after the first."""
        if len(self.levels):
            indicator: FloatArray = (values[:, None] == self.levels[None, 1:]).astype(np.float64)
            return indicator
        scaled: FloatArray = ((values - self.center) / self.spread)[:, None]
        return scaled


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A table of n rows and p columns.

    Attributes
    ----------
    width : int
        p.
    columns : tuple of Column
        Those with missing values, the most complete first.
    predictors : float array (n, q)
        Constant, coded columns, then the columns that are complete from the start; 0 where a
        value is missing.
    row, column : int array (u,)
        Where values are missing, column by column.
    """

    width: int
    columns: tuple[Column, ...]
    predictors: FloatArray
    row: IntArray
    column: IntArray

    @property
    def missing(self) -> int:
        """Number of missing values."""
        return len(self.row)


def start_table(values: FloatArray, categories: IntArray, fixed: FloatArray) -> Table:
    """Return the table with its predictors coded."""
    absent = np.isnan(values)
    parts: list[FloatArray] = [np.ones((len(values), 1))]
    columns = []
    begin = 1
    for place in range(values.shape[1]):
        one = _column(values[:, place], absent[:, place], int(categories[place]), place, begin)
        coded = np.zeros((len(values), one.block.stop - begin))
        coded[one.known] = one.coded(one.values)
        parts.append(coded)
        columns.append(one)
        begin = one.block.stop
    predictors = np.concatenate([*parts, _scaled(fixed)], axis=1)
    column, row = np.nonzero(absent.T)
    chained = (_with_others(one, predictors) for one in columns if len(one.missing))
    return Table(
        width=values.shape[1],
        columns=tuple(sorted(chained, key=lambda one: (len(one.missing), one.place))),
        predictors=predictors,
        row=row.astype(np.int64),
        column=column.astype(np.int64),
    )


def _column(
    values: FloatArray,
    absent: npt.NDArray[np.bool_],
    categories: int,
    place: int,
    begin: int,
) -> Column:
    known = values[~absent]
    levels = np.unique(known) if categories else np.empty(0)
    spread = float(known.std(ddof=1)) if len(known) > 1 else 0.0
    return Column(
        place=place,
        known=np.flatnonzero(~absent),
        missing=np.flatnonzero(absent),
        values=known,
        levels=levels,
        codes=np.searchsorted(levels, known) if categories else np.empty(0, dtype=np.int64),
        center=float(known.mean()),
        spread=spread if spread > 0.0 else 1.0,
        block=slice(begin, begin + (len(levels) - 1 if categories else 1)),
        others=np.empty(0, dtype=np.int64),
    )


def _with_others(column: Column, predictors: FloatArray) -> Column:
    """Return the column with its predictors: those that are constant from the start say nothing."""
    place = np.arange(predictors.shape[1])
    outside = (place < column.block.start) | (place >= column.block.stop)
    varies = np.ptp(predictors, axis=0) > 0.0
    varies[0] = True
    return replace(column, others=np.flatnonzero(outside & varies))


def _scaled(fixed: FloatArray) -> FloatArray:
    if not fixed.shape[1]:
        return fixed
    spread = fixed.std(axis=0)
    scaled: FloatArray = (fixed - fixed.mean(axis=0)) / np.where(spread > 0.0, spread, 1.0)
    return scaled
