"""Result rows of small-study effects: Egger's and Begg's test, trim and fill."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from hepatica.analyse.effect_sizes import Sized
from hepatica.analyse.pooling_models import Model
from hepatica.analyse.pooling_rows import OutcomeRows, origin_of
from hepatica.analyse.pooling_scale import patients_of
from hepatica.errors import InputError
from hepatica.results import ResultRow
from hepatica.stats.meta import pool
from hepatica.stats.meta.small_study_tests import ENOUGH, LEAST, SmallStudyTest, begg, egger
from hepatica.stats.meta.trim_and_fill import TrimAndFill, trim_and_fill

_LITTLE_POWER = f"Fewer than {ENOUGH} data sets: a large P says nothing about small studies."
_EGGER = {
    "regression": "Regression of effects on their standard errors, weights 1/variance, t(k-2).",
    "random-effects": "Random-effects regression of effects on their standard errors, tau2 by {}, "
    "normal test.",
}
_BEGG = {
    "exact": "Rank correlation of effects and variances, exact distribution of Kendall's score.",
    "normal": "Rank correlation of effects and variances, normal distribution.",
    "continuity-corrected": "Rank correlation of effects and variances, normal distribution with "
    "continuity correction.",
}
#: Estimators of tau2 that a regression does not have give way to this one.
_PLAIN = {"DL2": "DL", "HSk": "HS", "PMM": "PM"}


def bias_rows(
    rows: OutcomeRows, studies: Sequence[Sized], model: Model, name: str
) -> list[ResultRow]:
    """Return the rows of small-study effects; none with fewer than three studies.

    Parameters
    ----------
    rows : OutcomeRows
        The outcome.
    studies : sequence of Sized
        What was pooled; arms of one study count as studies of their own.
    model : Model
        How they were pooled.
    name : {"random", "common"}
        The model that pooled them in the end.
    """
    if len(studies) < LEAST:
        return []
    effects = [one.effect for one in studies], [one.variance for one in studies]
    tau2 = _PLAIN.get(model.tau2, model.tau2)
    place = {"origin": origin_of(studies)}
    found: list[ResultRow] = []
    for variable, test, words, options in (
        ("egger", egger, _EGGER, {"method": rows.dialect.egger, "tau2": tau2}),
        ("begg", begg, _BEGG, {"method": rows.dialect.begg}),
    ):
        try:
            told = test(*effects, **options)
        except InputError as error:
            found.append(_refused(rows, "p_value", error, variable=variable, **place))
            continue
        method = words[told.method].format(tau2)
        found += _test(rows, told, {**place, "variable": variable, "method": method})
    return [*found, *_filled(rows, studies, model, name)]


def _refused(rows: OutcomeRows, statistic: str, error: InputError, **place: Any) -> ResultRow:
    return rows.row(statistic, None, status="not_estimable", message=str(error), **place)


def _test(rows: OutcomeRows, told: SmallStudyTest, place: dict[str, Any]) -> Iterator[ResultRow]:
    if told.little_power:
        place = {**place, "message": _LITTLE_POWER}
    if told.test == "begg":
        yield rows.row("score", told.estimate, format="decimal0", **place)
        yield rows.row("correlation", told.correlation, format="decimal2", **place)
    else:
        yield rows.row("slope", told.estimate, format="decimal2", **place)
    yield rows.row("std_error", told.std_error, format="decimal2", **place)
    yield rows.row("test_statistic", told.statistic, format="statistic", **place)
    if math.isfinite(told.df):
        yield rows.row("df", told.df, format="integer", **place)
    yield rows.row("p_value", told.p_value, format="p_value", **place)


def _filled(
    rows: OutcomeRows, studies: Sequence[Sized], model: Model, name: str
) -> Iterator[ResultRow]:
    method = "common" if name == "common" else model.tau2
    ci = "wald" if name == "common" else model.ci
    found = trim_and_fill(
        [one.effect for one in studies],
        [one.variance for one in studies],
        method=method,
        side=rows.dialect.fill_side,
        trim_by=rows.dialect.trim_by,
        convention=rows.dialect.trim_convention,
        ci=ci,
    )
    place: dict[str, Any] = {
        "origin": origin_of(studies),
        "variable": "trim_and_fill",
        "variable_level": name,
        "method": _words(found, name, model),
    }
    if found.status != "ok":
        message = "The number of missing studies does not settle."
        yield rows.row("filled", None, status="not_estimable", message=message, **place)
        return
    if found.k < ENOUGH:
        place["message"] = f"Fewer than {ENOUGH} data sets: the number filled is hardly known."
    yield rows.row("filled", float(found.k0), format="integer", **place)
    yield rows.row("side", None, text=found.side, **place)
    yield rows.row("data_sets", float(found.k + found.k0), format="integer", **place)
    pooled = pool(found.yi, found.vi, method=method, ci=ci, conf_level=rows.conf_level)
    sizes, variance = patients_of(studies), pooled.std_error**2
    shown = [
        rows.shown.value(one, sizes, variance)
        for one in (pooled.estimate, pooled.lower, pooled.upper)
    ]
    yield from rows.triple("estimate", (shown[0], shown[1], shown[2]), **place)
    yield rows.row("effect", pooled.estimate, format="decimal4", **place)
    yield rows.row("effect_std_error", pooled.std_error, format="decimal4", **place)


def _words(found: TrimAndFill, name: str, model: Model) -> str:
    centre = "common effect" if found.trim_by == "common" or name == "common" else "pooling model"
    side = "side told" if math.isnan(found.slope) else "side by the sign of Egger's slope"
    pooled = "common effect" if name == "common" else f"random effects, tau2 by {model.tau2}"
    return (
        f"Trim and fill, estimator L0, trimmed about the {centre}, {side}; pooled by inverse "
        f"variance, {pooled}."
    )
