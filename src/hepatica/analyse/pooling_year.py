"""Result rows of the regression of effects on the year of publication, where a plan asks for it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from hepatica.analyse.effect_sizes import Sized
from hepatica.analyse.pooling_model import Model
from hepatica.analyse.pooling_rows import OutcomeRows, name_of, origin_of
from hepatica.results import ResultRow
from hepatica.stats.meta import meta_regression, predict_effects

#: Data sets that a line needs.
LEAST = 3
#: Places of the line from the first to the last year.
_PLACES = 25
_NAME = "year"


def year_rows(rows: OutcomeRows, studies: Sequence[Sized], model: Model) -> Iterator[ResultRow]:
    """Yield the rows of a regression on the year: slope, test, and the line with its limits.

    Parameters
    ----------
    rows : OutcomeRows
        The outcome.
    studies : sequence of Sized
        What was pooled; data sets count as independent.
    model : Model
        How.
    """
    years = np.array([one.evidence.year for one in studies])
    place: dict[str, Any] = {
        "variable": "year_regression",
        "origin": origin_of(studies),
        "conf_level": model.conf_level,
        "format": "decimal4",
    }
    if len(studies) < LEAST or np.isnan(years).any() or len(set(years.tolist())) < 2:
        message = "A line over years needs three data sets of two years or more, all with a year."
        lost = {**place, "status": "not_estimable", "message": message}
        yield rows.row("slope", None, **lost)
        return
    common = model.effects == "common"
    found = meta_regression(
        [one.effect for one in studies],
        [one.variance for one in studies],
        years - years.min(),
        method="common" if common else model.tau2,
        ci="wald" if common else model.ci,
        conf_level=model.conf_level,
    )
    for one, year in zip(studies, years.tolist(), strict=True):
        where = {**place, "variable_level": name_of(rows, one), "format": "", "conf_level": None}
        yield rows.row(_NAME, year, **{**where, "format": "decimal0"})
    for end, values in (
        ("", found.coefficients),
        ("_lower", found.lower),
        ("_upper", found.upper),
    ):
        yield rows.row(f"slope{end}", float(values[1]), **place)
    yield rows.row("p_value", float(found.p_value[1]), **{**place, "format": "p_value"})
    if not math.isnan(found.r2):
        yield rows.row("r2", found.r2, **{**place, "format": "fraction"})
    at = np.linspace(0.0, float(np.ptp(years)), _PLACES)
    line = predict_effects(found, at)
    for n, place_at in enumerate(at + years.min()):
        where = {**place, "variable": "year_line", "variable_level": f"{place_at:.10g}"}
        yield rows.row("effect", float(line.estimate[n]), **where)
        yield rows.row("effect_lower", float(line.lower[n]), **where)
        yield rows.row("effect_upper", float(line.upper[n]), **where)
