"""Rows of a comparison of groups; what cannot be estimated is a row that says why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from hepatica.analyse.column_names import without_advice
from hepatica.analyse.selection import RowMaker
from hepatica.errors import InputError
from hepatica.results import ResultRow
from hepatica.stats._checks import FloatArray
from hepatica.stats.survival import LogRank


class Ratios(Protocol):
    """What is read of a fitted model of hazard or odds ratios."""

    @property
    def coef(self) -> FloatArray:
        """Logarithms of the ratios."""

    @property
    def std_error(self) -> FloatArray:
        """Their standard errors."""

    @property
    def lower(self) -> FloatArray:
        """Lower limits of the ratios."""

    @property
    def upper(self) -> FloatArray:
        """Upper limits."""

    @property
    def p_value(self) -> FloatArray:
        """Two-sided p-values."""


class HazardRatios(Ratios, Protocol):
    """What is read of a fitted proportional hazards model."""

    @property
    def hazard_ratio(self) -> FloatArray:
        """Hazard ratios."""


def logrank_rows(
    selection: RowMaker, test: Callable[[], LogRank], common: dict[str, Any]
) -> list[ResultRow]:
    """Return statistic, degrees of freedom and p-value.

    Parameters
    ----------
    selection : RowMaker
        Makes the rows.
    test : callable
        Computes the test.
    common : dict
        Columns of all rows.
    """
    try:
        found = test()
    except InputError as error:
        common = common | {"message": str(error)}
        return [selection.row("p_value", status="not_estimable", **common)]
    return [
        selection.row("test_statistic", found.statistic, format="statistic", **common),
        selection.row("df", float(found.df), format="integer", **common),
        selection.row("p_value", found.p_value, format="p_value", **common),
    ]


def hazard_ratio_rows(
    selection: RowMaker,
    levels: tuple[str, ...],
    fit: Callable[[], HazardRatios],
    common: dict[str, Any],
) -> list[ResultRow]:
    """Return hazard ratios with limits, coefficients, standard errors and p-values.

    Parameters
    ----------
    selection : RowMaker
        Makes the rows.
    levels : tuple of str
        Groups that the first columns of the model stand for.
    fit : callable
        Fits the model.
    common : dict
        Columns of all rows.
    """
    try:
        found = fit()
    except InputError as error:
        told = without_advice(error, levels)
        return [
            selection.row(
                "hazard_ratio", level=level, status="not_estimable", message=told, **common
            )
            for level in levels
        ]
    return [
        selection.row(name, float(values[i]), format=shown, level=level, **common)
        for i, level in enumerate(levels)
        for name, values, shown in shown_columns(found)
    ]


def shown_columns(fit: HazardRatios) -> tuple[tuple[str, FloatArray, str], ...]:
    """Return the statistics of a model with their formats, in the order of the rows."""
    return (
        ("hazard_ratio", fit.hazard_ratio, "ratio"),
        ("hazard_ratio_lower", fit.lower, "ratio"),
        ("hazard_ratio_upper", fit.upper, "ratio"),
        ("coef", fit.coef, "decimal3"),
        ("std_error", fit.std_error, "decimal3"),
        ("p_value", fit.p_value, "p_value"),
    )
