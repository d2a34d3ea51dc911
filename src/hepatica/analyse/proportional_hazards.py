"""Whether hazards are proportional: scaled Schoenfeld residuals, their test, and a verdict."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from hepatica.analyse.column_names import without_advice
from hepatica.analyse.unequal_hazards import Compared
from hepatica.errors import InputError
from hepatica.results import ResultRow
from hepatica.stats.survival import (
    CoxFit,
    ProportionalityTest,
    proportionality_test,
    smooth_coefficient,
)

#: The level at which the verdict says that hazards are not proportional.
LEVEL = 0.05
#: Most points of a figure; with more events each is the mean of neighbours.
MOST_POINTS = 400
DEPARTS = "not proportional"
HOLDS = "no departure found"
METHOD = (
    "score test of proportional hazards by scaled Schoenfeld residuals on one less the "
    "Kaplan–Meier curve (Grambsch and Therneau)"
)
SMOOTH = "restricted cubic spline of scaled Schoenfeld residuals, pointwise limits"


def proportionality_rows(
    compared: Compared, levels: tuple[str, ...], fit: Callable[[], CoxFit]
) -> list[ResultRow]:
    """Return the test of each hazard ratio and of all, a verdict, and what the figure shows.

    Parameters
    ----------
    compared : Compared
        The comparison.
    levels : tuple of str
        Groups that the columns of the model stand for.
    fit : callable
        Fits the model.
    """
    common = compared.place | {
        "variable": "proportionality",
        "reference": compared.plan.reference,
        "method": compared.named(METHOD),
        "group": compared.selection.group,
    }
    row = compared.selection.row
    try:
        fitted = fit()
        test = proportionality_test(fitted)
    except InputError as error:
        message = f"The residuals need the hazard ratio. {without_advice(error, levels)}"
        return [row("p_value", status="not_estimable", message=message, **common)]
    verdict = DEPARTS if test.overall.p_value < LEVEL else HOLDS
    rows = [
        row("test_statistic", test.overall.statistic, format="statistic", **common),
        row("df", float(test.overall.df), format="integer", **common),
        row("p_value", test.overall.p_value, format="p_value", **common),
        row("verdict", text=verdict, **common),
    ]
    for column, level in enumerate(levels):
        own = common | {"level": level}
        rows += [
            row("test_statistic", float(test.statistic[column]), format="statistic", **own),
            row("df", float(test.df[column]), format="integer", **own),
            row("p_value", float(test.p_value[column]), format="p_value", **own),
        ]
        rows += _drawn(compared, fitted, test, column, level)
    return rows


def _drawn(
    compared: Compared, fit: CoxFit, test: ProportionalityTest, column: int, level: str
) -> list[ResultRow]:
    common = compared.place | {
        "level": level,
        "reference": compared.plan.reference,
        "format": "decimal3",
    }
    row = compared.selection.row
    rows = [
        row(
            "scaled_residual",
            value,
            variable="schoenfeld",
            variable_level=str(number),
            time=time,
            denominator=size,
            **common,
        )
        for number, (time, value, size) in enumerate(_points(test, column), 1)
    ]
    try:
        smooth = smooth_coefficient(fit, test, column, conf_level=compared.protocol.conf_level)
    except InputError:
        return rows
    shown: dict[str, Any] = common | {
        "variable": "schoenfeld_smooth",
        "method": SMOOTH,
        "conf_level": smooth.conf_level,
    }
    for name, values in (("coef", smooth.coef), ("lower", smooth.lower), ("upper", smooth.upper)):
        statistic = name if name == "coef" else f"coef_{name}"
        rows += [
            row(statistic, float(value), time=float(time), **shown)
            for time, value in zip(smooth.time, values, strict=True)
        ]
    return rows


def _points(test: ProportionalityTest, column: int) -> list[tuple[float, float, int]]:
    """Return times, residuals about the coefficient, and how many events each point stands for."""
    order = np.argsort(test.time, kind="stable")
    value = test.scaled[order, column]
    parts = np.array_split(np.arange(len(order)), min(len(order), MOST_POINTS))
    time = test.time[order]
    return [(float(time[part].mean()), float(value[part].mean()), len(part)) for part in parts]
