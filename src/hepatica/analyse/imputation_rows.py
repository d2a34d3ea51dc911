"""What was imputed, beside what was observed, and whether the chains have mixed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hepatica.analyse.imputed import Imputed
from hepatica.analyse.imputed_columns import ImputedColumn
from hepatica.analyse.selection import Selection
from hepatica.results import ResultRow
from hepatica.stats.imputation import potential_scale_reduction
from hepatica.stats.quantiles import quantile

#: ``variable`` of the rows.
IMPUTATION = "imputation"
METHOD = (
    "multiple imputation by chained equations: predictive mean matching for numbers and categories "
    "with few patients, logistic regression for other categories"
)


def imputed_category(variable: str, label: str) -> str:
    """Return the ``variable_level`` of the rows of a category."""
    return f"{variable}: {label}"


def imputation_rows(selection: Selection, imputed: Imputed) -> list[ResultRow]:
    """Return the rows that show what was imputed for one analysis.

    Parameters
    ----------
    selection : Selection
        Makes the rows.
    imputed : Imputed
        What `hepatica.analyse.imputed.impute` returned for the same selection.

    Returns
    -------
    list of ResultRow
        As ``docs/results.md`` lists for imputation.
    """
    draws = imputed.draws
    steps, m, _ = draws.chain_mean.shape
    where: dict[str, Any] = {"dataset": "ADSL", "variable": IMPUTATION, "method": METHOD}
    rows = [
        selection.row(name, value, format="integer", **where)
        for name, value in (
            ("imputations", m),
            ("iterations", steps),
            ("n", int(imputed.usable.sum())),
        )
    ]
    mixed = potential_scale_reduction(draws.chain_mean) if steps > 1 else None
    for place, column in enumerate(imputed.columns):
        own = draws.column == place
        if not own.any():
            continue
        observed = column.values[imputed.usable]
        observed = observed[~np.isnan(observed)]
        drawn = draws.drawn[:, own].ravel()
        of_one = where | {"variable_level": column.id}
        rows.append(selection.row("missing", int(own.sum()), format="integer", **of_one))
        if mixed is not None and np.isfinite(mixed[place]):
            rows.append(selection.row("r_hat", float(mixed[place]), format="decimal2", **of_one))
        if column.labels:
            rows += _categories(selection, column, observed, drawn, where)
        else:
            rows += _numbers(selection, column, observed, drawn, of_one)
    return rows


def _categories(
    selection: Selection,
    column: ImputedColumn,
    observed: NDArray[np.float64],
    drawn: NDArray[np.float64],
    where: dict[str, Any],
) -> list[ResultRow]:
    rows = []
    for code, label in enumerate(column.labels):
        level = {"variable_level": imputed_category(column.id, label)}
        for name, values in (("observed", observed), ("imputed", drawn)):
            share = 100.0 * float((values == code).mean())
            row = selection.row(
                f"{name}_percent", share, unit="%", format="percent", **where | level
            )
            rows.append(row)
    return rows


def _numbers(
    selection: Selection,
    column: ImputedColumn,
    observed: NDArray[np.float64],
    drawn: NDArray[np.float64],
    where: dict[str, Any],
) -> list[ResultRow]:
    rows = []
    shown = f"decimal{min(column.decimals + 1, 4)}"
    for name, values in (("observed", observed), ("imputed", drawn)):
        numbers = column.numbers(values)
        found = {
            "mean": float(numbers.mean()),
            "median": quantile(numbers, 0.5),
            "q1": quantile(numbers, 0.25),
            "q3": quantile(numbers, 0.75),
        }
        if len(numbers) > 1:
            found["sd"] = float(numbers.std(ddof=1))
        rows += [
            selection.row(f"{name}_{one}", value, format=shown, **where)
            for one, value in found.items()
        ]
    return rows
