"""Multiple imputation by chained equations (fully conditional specification).

Sources: van Buuren, Boshuizen and Knook, Stat Med 1999;18:681; van Buuren, Flexible Imputation of
Missing Data, 2nd ed. 2018, 4.5; White, Royston and Wood, Stat Med 2011;30:377; White and Royston,
Stat Med 2009;28:1982 (event and cumulative hazard as predictors).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats.imputation._table import Column, Table, start_table
from hepatica.stats.imputation.categories import draw_categories
from hepatica.stats.imputation.matching import matched_donors
from hepatica.stats.imputation.normal import draw_normal
from hepatica.stats.imputation.scores import category_scores

#: How a measured column is imputed: by a matched donor, or by a draw from the linear model.
MEASURED = ("matching", "normal")


@dataclass(frozen=True, slots=True, eq=False)
class ChainedImputation:
    """What was drawn for the missing values of a table (n, p); arrays are read-only.

    Attributes
    ----------
    row, column : int array (u,)
        Where the missing values stand: column by column, rows rising.
    drawn : float array (m, u)
        Values of each imputation.
    chain_mean, chain_sd : float array (iterations, m, p)
        Mean and standard deviation of the values drawn in each step of each chain; NaN for a
        column without missing values, and the deviation for one with a single one.
    """

    row: IntArray
    column: IntArray
    drawn: FloatArray
    chain_mean: FloatArray
    chain_sd: FloatArray

    def completed(self, values: FloatArray, number: int) -> FloatArray:
        """Return a copy of the table with the values of one imputation, counted from 0."""
        table = np.array(values, dtype=np.float64)
        table[self.row, self.column] = self.drawn[number]
        return table


def impute_chained(
    values: npt.ArrayLike,
    categories: npt.ArrayLike,
    predictors: npt.ArrayLike | None = None,
    *,
    imputations: int = 20,
    iterations: int = 10,
    generator: np.random.Generator,
    measured: str = "matching",
) -> ChainedImputation:
    """Impute the missing values of a table several times.

    Each column with missing values is modelled by all others: a measured one linearly, imputed by
    one of five donors whose prediction is nearest (type 1 matching: known values are predicted by
    the estimate, missing ones by a draw) or by the drawn model itself; a categorical one by
    logistic regression, polytomous where it has more than two categories. Where a category has
    fewer known values than there are predictors, a drawn logistic model would spread it far too
    widely: then the categories are scored by their first canonical variate and matched as numbers
    are. Columns go in order of
    their missing values, the most complete first.

    Parameters
    ----------
    values : float array (n, p)
        The table; NaN is missing. Categories are whole numbers from 0.
    categories : int array (p,)
        Number of categories of each column; 0 for a measured one.
    predictors : float array (n, q), optional
        Complete columns that predict, such as event and cumulative hazard.
    imputations, iterations : int
        Number of chains, and steps of each.
    generator : Generator
        Each chain draws from a stream of its own, so that more chains leave the others as they are.
    measured : {"matching", "normal"}
        How measured columns are imputed.

    Raises
    ------
    InputError
        If the table cannot be used, or a column has no known value.

    Examples
    --------
    >>> table = np.array([[1.0, 0], [2.0, 0], [np.nan, 1], [4.0, 1], [5.0, np.nan], [6.0, 1]])
    >>> found = impute_chained(table, [0, 2], imputations=3, generator=np.random.default_rng(1))
    >>> found.drawn.shape, np.isnan(found.completed(table, 0)).sum()
    ((3, 2), np.int64(0))
    """
    _checks.check_option("measured", measured, MEASURED)
    _checks.check_generator(generator)
    m = _checks.count("imputations", imputations)
    steps = _checks.count("iterations", iterations)
    table = start_table(*_checked(values, categories, predictors))
    drawn = np.empty((m, table.missing))
    means = np.full((steps, m, table.width), np.nan)
    deviations = np.full((steps, m, table.width), np.nan)
    for number, stream in enumerate(generator.spawn(m)):
        chain = _Chain(table, stream, measured)
        for step in range(steps):
            means[step, number], deviations[step, number] = chain.step()
        drawn[number] = chain.drawn()
    return ChainedImputation(
        row=freeze(table.row),
        column=freeze(table.column),
        drawn=freeze(drawn),
        chain_mean=freeze(means),
        chain_sd=freeze(deviations),
    )


def _checked(
    values: npt.ArrayLike, categories: npt.ArrayLike, predictors: npt.ArrayLike | None
) -> tuple[FloatArray, IntArray, FloatArray]:
    table = np.array(_checks.as_array("values", values), dtype=np.float64)
    if table.ndim != 2 or not table.size:
        raise InputError("values must be a table with at least one row and one column.")
    if np.isinf(table).any():
        raise InputError("values must be finite numbers, or NaN where they are missing.")
    levels = _checks.numbers("categories", categories)
    _checks.check_length("categories", levels, table.shape[1])
    kinds = _checks.whole(levels, "categories must hold whole numbers.")
    for column, levels_of in enumerate(kinds.tolist()):
        known = table[~np.isnan(table[:, column]), column]
        if not known.size:
            raise InputError(f"Column {column} of values has no known value to impute from.")
        if levels_of and not np.isin(known, np.arange(levels_of)).all():
            raise InputError(
                f"Column {column} of values must hold categories 0 to {levels_of - 1}."
            )
    if predictors is None:
        return table, kinds, np.empty((len(table), 0))
    fixed = _checks.numbers("predictors", predictors, ndim=2).astype(np.float64)
    if len(fixed) != len(table):
        raise InputError(f"predictors must have a row for each row of values: {len(table)}.")
    return table, kinds, fixed


class _Chain:
    """One chain: the predictors as they stand now, and the values drawn last."""

    __slots__ = ("_coef", "_drawn", "_measured", "_predictors", "_stream", "_table")

    def __init__(self, table: Table, stream: np.random.Generator, measured: str) -> None:
        self._table = table
        self._stream = stream
        self._measured = measured
        self._predictors = table.predictors.copy()
        self._coef: dict[int, FloatArray] = {}
        self._drawn: dict[int, FloatArray] = {}
        for column in table.columns:
            donor = stream.integers(len(column.known), size=len(column.missing))
            self._put(column, column.values[donor])

    def _put(self, column: Column, drawn: FloatArray) -> None:
        self._drawn[column.place] = drawn
        self._predictors[column.missing, column.block] = column.coded(drawn)

    def step(self) -> tuple[FloatArray, FloatArray]:
        """Draw each column once; return mean and standard deviation of what was drawn."""
        mean = np.full(self._table.width, np.nan)
        deviation = np.full(self._table.width, np.nan)
        for column in self._table.columns:
            drawn = self._draw(column)
            self._put(column, drawn)
            mean[column.place] = drawn.mean()
            if len(drawn) > 1:
                deviation[column.place] = drawn.std(ddof=1)
        return mean, deviation

    def _draw(self, column: Column) -> FloatArray:
        if len(column.levels) == 1:
            return np.full(len(column.missing), column.levels[0])
        known = self._predictors[np.ix_(column.known, column.others)]
        missing = self._predictors[np.ix_(column.missing, column.others)]
        if len(column.levels) and column.rarest < known.shape[1]:
            return self._matched_category(column, known, missing)
        if len(column.levels):
            model = draw_categories(
                column.codes, known, len(column.levels), self._stream, self._coef.get(column.place)
            )
            self._coef[column.place] = model.coef
            below = model.probabilities(missing)[:-1].cumsum(axis=0)
            drawn: FloatArray = column.levels[
                (self._stream.random(len(missing)) > below).sum(axis=0)
            ]
            return drawn
        linear = draw_normal(column.scaled, known, self._stream)
        predicted = missing @ linear.drawn_coef
        if self._measured == "normal":
            noise = linear.drawn_sigma * self._stream.standard_normal(len(predicted))
            values: FloatArray = column.center + column.spread * (predicted + noise)
            return values
        donors = matched_donors(known @ linear.coef, predicted, self._stream)
        matched: FloatArray = column.values[donors]
        return matched

    def _matched_category(
        self, column: Column, known: FloatArray, missing: FloatArray
    ) -> FloatArray:
        scores = category_scores(column.codes, known, len(column.levels))
        linear = draw_normal(scores[column.codes], known, self._stream)
        donors = matched_donors(known @ linear.coef, missing @ linear.drawn_coef, self._stream)
        matched: FloatArray = column.values[donors]
        return matched

    def drawn(self) -> FloatArray:
        """Return the values drawn last, column by column."""
        order = sorted(self._drawn)
        return np.concatenate([self._drawn[place] for place in order]) if order else np.empty(0)
