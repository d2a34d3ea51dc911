"""How far the answer moves with the software: the same evidence pooled by each dialect."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from hepatica.analyse.effect_sizes import Sized, effect_sizes
from hepatica.analyse.evidence import Evidence
from hepatica.analyse.pooling_models import Together, model_of, pool_studies
from hepatica.analyse.pooling_rows import OutcomeRows, origin_of
from hepatica.analyse.pooling_scale import patients_of, shown_as
from hepatica.dialect import POOLING_DIALECTS, PoolingDialect
from hepatica.errors import InputError
from hepatica.protocol.review import PooledOutcome, PoolingModel, Review
from hepatica.results import ResultRow

_RATIOS = ("risk_ratio", "odds_ratio", "hazard_ratio")


def dialect_rows(
    review: Review, outcome: PooledOutcome, evidence: Sequence[Evidence]
) -> Iterator[ResultRow]:
    """Yield what each dialect makes of the same evidence, and how far they lie apart.

    What the plan says of scale, tau2, limits and prediction is set aside here, so that each
    dialect has all of its own conventions; random or common effects stay as the plan says.

    Parameters
    ----------
    review : Review
        The plan.
    outcome : PooledOutcome
        The outcome.
    evidence : sequence of Evidence
        What studies give for it.

    Returns
    -------
    iterator of ResultRow
        ``variable="dialect"`` with the dialect as ``variable_level``; nothing where no dialect has
        enough studies. The row ``spread`` has no level: the largest estimate less the smallest,
        or over the smallest for ratios.
    """
    silent, plain = _without_conventions(review, outcome)
    rows: list[ResultRow] = []
    estimates: list[float] = []
    last: tuple[OutcomeRows, list[Sized]] | None = None
    for dialect in POOLING_DIALECTS:
        found, studies, pooled = _pooled(silent, plain, evidence, dialect)
        last = found, studies
        if isinstance(pooled, str):
            rows += _not_pooled(found, studies, dialect, pooled)
            continue
        some = list(_rows(found, studies, dialect, pooled))
        rows += some
        estimates += [row.value for row in some if row.statistic == "estimate" and row.value]
    if not estimates or last is None:
        return
    yield from rows
    yield _spread(*last, estimates)


def _without_conventions(review: Review, outcome: PooledOutcome) -> tuple[Review, PooledOutcome]:
    """Return plan and outcome with nothing left of their conventions but the kind of effects."""
    own = None if outcome.model is None else PoolingModel(effects=outcome.model.effects)
    return (
        review.model_copy(update={"model": PoolingModel(effects=review.model.effects)}),
        outcome.model_copy(update={"model": own, "scale": None}),
    )


def _pooled(
    review: Review,
    outcome: PooledOutcome,
    evidence: Sequence[Evidence],
    dialect: PoolingDialect,
) -> tuple[OutcomeRows, list[Sized], Together | str]:
    """Return the place of the rows, the studies, and their pooled effect or why there is none."""
    effects = effect_sizes(outcome, evidence, dialect)
    rows = OutcomeRows(
        review.review.id, outcome, effects, shown_as(outcome, effects), dialect, review.conf_level
    )
    studies = [one for one in effects.studies if one.pooled]
    least = max(outcome.least_studies, 2)
    if len(studies) < least:
        return rows, studies, f"Fewer than {least} studies have usable numbers."
    model = model_of(review, outcome, dialect, effects.measure)
    try:
        pooled = pool_studies(studies, model)
    except InputError as error:
        return rows, studies, str(error)
    return rows, studies, pooled.method if math.isnan(pooled.estimate) else pooled


def _rows(
    rows: OutcomeRows, studies: Sequence[Sized], dialect: PoolingDialect, pooled: Together
) -> Iterator[ResultRow]:
    place = {
        "origin": origin_of(studies),
        "variable": "dialect",
        "variable_level": dialect.name,
        "method": pooled.method,
    }
    sizes, variance = patients_of(studies), pooled.std_error**2
    estimate, lower, upper = (
        rows.shown.value(one, sizes, variance)
        for one in (pooled.estimate, pooled.lower, pooled.upper)
    )
    yield rows.row("data_sets", float(pooled.k), format="integer", **place)
    yield from rows.triple("estimate", (estimate, lower, upper), **place)
    yield rows.row("tau2", pooled.tau2, format="decimal4", **place)
    yield rows.row("i2", pooled.i2, format="fraction", **place)


def _not_pooled(
    rows: OutcomeRows, studies: Sequence[Sized], dialect: PoolingDialect, message: str
) -> Iterator[ResultRow]:
    yield rows.row(
        "estimate",
        None,
        origin=origin_of(studies),
        variable="dialect",
        variable_level=dialect.name,
        format=rows.shown.format,
        status="not_estimable",
        message=message,
    )


def _spread(rows: OutcomeRows, studies: Sequence[Sized], estimates: Sequence[float]) -> ResultRow:
    largest, smallest = max(estimates), min(estimates)
    is_ratio = rows.outcome.measure in _RATIOS
    over = largest / smallest if smallest > 0.0 else math.nan
    return rows.row(
        "spread",
        over if is_ratio else largest - smallest,
        origin=origin_of(studies),
        variable="dialect",
        unit="" if is_ratio else rows.shown.unit,
        format="decimal3" if is_ratio else rows.shown.format,
        method="Largest estimate of the dialects over the smallest."
        if is_ratio
        else "Largest estimate of the dialects less the smallest.",
    )
