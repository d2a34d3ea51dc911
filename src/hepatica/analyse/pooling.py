"""Pool the outcomes of a review: evidence in, result rows out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from hepatica.analyse.certainty_rows import certainty_rows
from hepatica.analyse.effect_sizes import Sized, effect_sizes
from hepatica.analyse.evidence import Evidence
from hepatica.analyse.pooling_bias import bias_rows
from hepatica.analyse.pooling_dialects import dialect_rows
from hepatica.analyse.pooling_explained import explained_rows
from hepatica.analyse.pooling_groups import grouped_studies, pool_groups
from hepatica.analyse.pooling_models import Model, Together, model_of, pool_studies
from hepatica.analyse.pooling_rows import OutcomeRows, characteristic_rows, pooled_rows, study_rows
from hepatica.analyse.pooling_scale import shown_as
from hepatica.dialect import pooling_dialect
from hepatica.protocol.review import PooledOutcome, Review
from hepatica.results import ResultRow
from hepatica.stats.meta.subgroups import between_groups


def pool_outcome(
    review: Review, outcome: PooledOutcome, evidence: Sequence[Evidence]
) -> list[ResultRow]:
    """Return the result rows of one outcome.

    Parameters
    ----------
    review : Review
        The plan.
    outcome : PooledOutcome
        The outcome.
    evidence : sequence of Evidence
        What studies give for it.
    """
    dialect = pooling_dialect(review.dialect)
    effects = effect_sizes(outcome, evidence, dialect)
    shown = shown_as(outcome, effects)
    rows = OutcomeRows(review.review.id, outcome, effects, shown, dialect, review.conf_level)
    model = model_of(review, outcome, dialect, effects.measure)
    found = [
        *_all_studies(review, rows, model),
        *_subgroups(review, rows, model),
        *dialect_rows(review, outcome, evidence),
    ]
    return [*found, *certainty_rows(rows, found)]


def _all_studies(review: Review, rows: OutcomeRows, model: Model) -> Iterator[ResultRow]:
    pooled_studies = [one for one in rows.effects.studies if one.pooled]
    weights: dict[int, float] = {}
    found: list[ResultRow] = []
    if len(pooled_studies) >= rows.outcome.least_studies:
        pooled = pool_studies(pooled_studies, model)
        weights = dict(zip(map(id, pooled_studies), pooled.weights.tolist(), strict=True))
        found += pooled_rows(rows, pooled, pooled_studies)
        if pooled.name == "random":
            common = pool_studies(pooled_studies, replace(model, effects="common"))
            found += pooled_rows(rows, common, pooled_studies)
        found += bias_rows(rows, pooled_studies, model, pooled.name)
        found += explained_rows(review, rows, pooled_studies, model, pooled.name)
    else:
        found += _too_few(rows, pooled_studies)
    yield from _reported(rows)
    for one in rows.effects.studies:
        yield from study_rows(rows, one, weights.get(id(one), float("nan")))
        yield from characteristic_rows(rows, one)
    yield from found


def _reported(rows: OutcomeRows) -> Iterator[ResultRow]:
    """Count the studies that report the outcome, and why some are not pooled."""
    studies = [one for one in rows.effects.studies if not one.evidence.reference]
    place = {"variable": "reported", "format": "integer"}
    yield rows.row("data_sets", float(len(studies)), **place)
    reasons: dict[str, int] = {}
    for one in studies:
        if one.reason:
            reasons[one.reason] = reasons.get(one.reason, 0) + 1
    for reason, times in reasons.items():
        yield rows.row(
            "data_sets",
            float(times),
            variable="not_pooled",
            variable_level=reason,
            format="integer",
        )


def _too_few(rows: OutcomeRows, studies: Sequence[Sized]) -> list[ResultRow]:
    least = rows.outcome.least_studies
    message = (
        f"Pooling needs at least {least} studies with usable numbers; there "
        f"{'is' if len(studies) == 1 else 'are'} {len(studies) or 'none'}."
    )
    row = rows.row(
        "estimate",
        None,
        variable="pooled",
        variable_level="random",
        origin="published",
        status="not_estimable",
        message=message,
    )
    return [row]


def _subgroups(review: Review, rows: OutcomeRows, model: Model) -> Iterator[ResultRow]:
    for grouping, by_level in grouped_studies(review, rows):
        found = pool_groups(by_level, model, grouping.tau2)
        for level, studies in by_level.items():
            place = {"subgroup": grouping.id, "subgroup_level": level}
            yield from pooled_rows(replace(rows, place=place), found[level], studies)
        yield from _difference(rows, grouping.id, list(found.values()))


def _difference(rows: OutcomeRows, grouping: str, found: Sequence[Together]) -> Iterator[ResultRow]:
    """Yield the test whether the groups of a grouping differ."""
    place = {
        "subgroup": grouping,
        "variable": "subgroup_test",
        "method": "Q between the pooled estimates of the groups, chi-square.",
    }
    if any(math.isnan(one.estimate + one.std_error) for one in found):
        lost = {"status": "not_estimable", "message": "A group has no estimate or no error."}
        for statistic, form in (
            ("test_statistic", "statistic"),
            ("df", "integer"),
            ("p_value", "p_value"),
        ):
            yield rows.row(statistic, None, format=form, **place, **lost)
        return
    test = between_groups([one.estimate for one in found], [one.std_error for one in found])
    yield rows.row("test_statistic", test.q, format="statistic", **place)
    yield rows.row("df", float(test.df), format="integer", **place)
    yield rows.row("p_value", test.p_value, format="p_value", **place)


def pool_review(
    review: Review, evidence: Iterable[tuple[PooledOutcome, Sequence[Evidence]]]
) -> list[ResultRow]:
    """Return the result rows of all outcomes, in the order of the plan."""
    return [row for outcome, studies in evidence for row in pool_outcome(review, outcome, studies)]
