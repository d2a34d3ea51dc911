"""Result rows that explain a pooled estimate: single studies, their order, and their groupings."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from hepatica.analyse.effect_sizes import Sized
from hepatica.analyse.pooling_groups import Groups, grouped_studies
from hepatica.analyse.pooling_models import Model, Together, pool_studies
from hepatica.analyse.pooling_rows import OutcomeRows, name_of, origin_of
from hepatica.analyse.pooling_scale import patients_of
from hepatica.analyse.pooling_year import year_rows
from hepatica.protocol.review import Review
from hepatica.results import ResultRow
from hepatica.stats.meta import influence, meta_regression, permutation_test

#: Data sets below which leaving one out says nothing.
LEAST = 3
#: Permutations of groups: all of them up to the first number, otherwise so many at random.
EXACT, DRAWS = 5_000, 1_999
_NO_YEAR = "The order of the studies is not known: {} of {} data sets have no year."


def explained_rows(
    review: Review, rows: OutcomeRows, studies: Sequence[Sized], model: Model, name: str
) -> Iterator[ResultRow]:
    """Yield the rows that explain a pooled estimate.

    Parameters
    ----------
    review : Review
        The plan.
    rows : OutcomeRows
        The outcome.
    studies : sequence of Sized
        What was pooled.
    model : Model
        How.
    name : {"random", "common"}
        The model that pooled them in the end; it is held where a rule chose it.
    """
    held = replace(model, effects=name)
    if len(studies) >= LEAST:
        yield from _left_out(rows, studies, held)
        yield from _one_by_one(rows, studies, held)
        yield from _influence(rows, studies, held)
    if "bubble" in rows.outcome.figures:
        yield from year_rows(rows, studies, held)
    for grouping, groups in grouped_studies(review, rows):
        yield from _regression(rows, grouping.id, groups, held)


def _left_out(rows: OutcomeRows, studies: Sequence[Sized], model: Model) -> Iterator[ResultRow]:
    for at, one in enumerate(studies):
        rest = [*studies[:at], *studies[at + 1 :]]
        place = {"variable": "leave_one_out", "variable_level": name_of(rows, one)}
        yield from _pooled(rows, rest, pool_studies(rest, model), place)


def _one_by_one(rows: OutcomeRows, studies: Sequence[Sized], model: Model) -> Iterator[ResultRow]:
    """Yield the estimates that a reader would have had year by year."""
    unknown = sum(math.isnan(one.evidence.year) for one in studies)
    if unknown:
        message = _NO_YEAR.format(unknown, len(studies))
        place = {"variable": "cumulative", "origin": origin_of(studies)}
        yield rows.row("estimate", None, status="not_estimable", message=message, **place)
        return
    ordered = sorted(studies, key=lambda one: one.evidence.year)
    for count, one in enumerate(ordered, start=1):
        some = ordered[:count]
        place = {"variable": "cumulative", "variable_level": name_of(rows, one)}
        columns = {**place, "origin": origin_of(some)}
        yield rows.row("year", None, text=f"{one.evidence.year:.0f}", **columns)
        yield rows.row("data_sets", float(count), format="integer", **columns)
        yield from _pooled(rows, some, pool_studies(some, model), place)


def _pooled(
    rows: OutcomeRows, studies: Sequence[Sized], pooled: Together, place: dict[str, Any]
) -> Iterator[ResultRow]:
    columns = {**place, "origin": origin_of(studies), "method": pooled.method}
    sizes, variance = patients_of(studies), pooled.std_error**2
    shown = [
        rows.shown.value(one, sizes, variance)
        for one in (pooled.estimate, pooled.lower, pooled.upper)
    ]
    yield from rows.triple("estimate", (shown[0], shown[1], shown[2]), **columns)
    if pooled.k > 1:
        yield rows.row("i2", pooled.i2, format="fraction", **columns)
        yield rows.row("tau2", pooled.tau2, format="decimal4", **columns)


def _influence(rows: OutcomeRows, studies: Sequence[Sized], model: Model) -> Iterator[ResultRow]:
    found = influence(
        [one.effect for one in studies], [one.variance for one in studies], method=_tau2(model)
    )
    columns = {
        "variable": "influence",
        "origin": origin_of(studies),
        "method": f"{_words(model)}, normal errors.",
    }
    for at, one in enumerate(studies):
        place = {**columns, "variable_level": name_of(rows, one)}
        for statistic in ("rstudent", "cooks_distance", "dffits", "hat"):
            value = float(getattr(found, statistic)[at])
            yield rows.row(statistic, value, format="decimal2", **place)
        for statistic, value in (
            ("baujat_heterogeneity", found.baujat_x[at]),
            ("baujat_influence", found.baujat_y[at]),
        ):
            yield rows.row(statistic, float(value), format="decimal3", **place)
        yield rows.row("flagged", float(found.flagged[at]), format="integer", **place)


def _regression(
    rows: OutcomeRows, grouping: str, groups: Groups, model: Model
) -> Iterator[ResultRow]:
    """Yield how much of the variance between studies a grouping explains."""
    studies = [one for some in groups.values() for one in some]
    level = [at for at, some in enumerate(groups.values()) for _ in some]
    columns = {
        "variable": "meta_regression",
        "subgroup": grouping,
        "origin": origin_of(studies),
        "method": f"{_words(model)}, {_TESTS[_limits(model)]}.",
    }
    if len(studies) <= len(groups):
        message = (
            f"A regression on {len(groups)} groups needs more than {len(groups)} data sets; there "
            f"are {len(studies)}."
        )
        yield rows.row("p_value", None, status="not_estimable", message=message, **columns)
        return
    data = (
        [one.effect for one in studies],
        [one.variance for one in studies],
        np.eye(len(groups))[level][:, 1:],
    )
    found = meta_regression(*data, method=_tau2(model), ci=_limits(model))
    yield rows.row("test_statistic", found.qm, format="statistic", **columns)
    yield rows.row("df", float(found.qm_df), format="integer", **columns)
    if math.isfinite(found.reference_df):
        yield rows.row("residual_df", found.reference_df, format="integer", **columns)
    yield rows.row("p_value", found.qm_p_value, format="p_value", **columns)
    if not math.isnan(found.qm):
        exchanged = permutation_test(*data, fit=found, exact_up_to=EXACT, draws=DRAWS)
        kind = "all" if exchanged.exact else "random"
        words = f"{columns['method'][:-1]}; {kind} {exchanged.permutations} permutations of groups."
        yield rows.row(
            "permutation_p_value",
            exchanged.qm_p_value,
            format="p_value",
            **{**columns, "method": words},
        )
    if model.effects == "random":
        yield rows.row("tau2", found.tau2, format="decimal4", **columns)
        none = {"message": "Without the grouping there is no variance between studies to explain."}
        lost = none if math.isnan(found.r2) else {}
        yield rows.row("r2", found.r2, format="fraction", **columns, **lost)


def _tau2(model: Model) -> str:
    return "common" if model.effects == "common" else model.tau2


def _limits(model: Model) -> str:
    return "wald" if model.effects == "common" else model.ci


def _words(model: Model) -> str:
    if model.effects == "common":
        return "Common effect by inverse variance"
    return f"Random effects by inverse variance, tau2 by {model.tau2}"


_TESTS = {
    "wald": "chi-square test",
    "t": "F test",
    "hartung-knapp": "F test of Knapp and Hartung",
    "hartung-knapp-floor": "F test of Knapp and Hartung, not below the normal error",
}
