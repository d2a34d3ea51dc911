"""Pool the outcomes of a review: evidence in, result rows out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from hepatica.analyse.effect_sizes import EffectSizes, Sized, effect_sizes
from hepatica.analyse.evidence import Evidence
from hepatica.analyse.pooling_rows import OutcomeRows, pooled_rows, study_rows
from hepatica.analyse.pooling_scale import shown_as
from hepatica.dialect import PoolingDialect, pooling_dialect
from hepatica.protocol.review import PooledOutcome, PoolingModel, Review
from hepatica.results import ResultRow
from hepatica.stats.meta import Pooled, pool

_LEAST_I2 = 0.5
_LEAST_P = 0.10


@dataclass(frozen=True, slots=True)
class Model:
    """How an outcome is pooled, with nothing left open."""

    effects: str
    tau2: str
    ci: str
    prediction: str
    conf_level: float


def model_of(review: Review, outcome: PooledOutcome, dialect: PoolingDialect) -> Model:
    """Return the model: the outcome's word first, then the review's, then the dialect's."""
    own, general = outcome.model or PoolingModel(), review.model
    return Model(
        effects=own.effects or general.effects or "random",
        tau2=own.tau2 or general.tau2 or dialect.tau2,
        ci=own.ci or general.ci or dialect.ci,
        prediction=own.prediction or general.prediction or dialect.prediction,
        conf_level=review.conf_level,
    )


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
    model = model_of(review, outcome, dialect)
    return [*_all_studies(rows, model), *_subgroups(review, rows, model)]


def _all_studies(rows: OutcomeRows, model: Model) -> Iterator[ResultRow]:
    pooled_studies = [one for one in rows.effects.studies if one.pooled]
    weights: dict[int, float] = {}
    found: list[ResultRow] = []
    if len(pooled_studies) >= rows.outcome.least_studies:
        name, pooled = pool_studies(pooled_studies, model)
        weights = dict(zip(map(id, pooled_studies), pooled.weights.tolist(), strict=True))
        method = method_of(rows.effects, model, name)
        found += pooled_rows(rows, pooled, pooled_studies, name=name, method=method)
        if name == "random":
            common = pool_studies(pooled_studies, replace(model, effects="common"))[1]
            words = method_of(rows.effects, model, "common")
            found += pooled_rows(rows, common, pooled_studies, name="common", method=words)
    else:
        found += _too_few(rows, pooled_studies)
    yield from _reported(rows)
    for one in rows.effects.studies:
        yield from study_rows(rows, one, weights.get(id(one), float("nan")))
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
    asked = rows.outcome.groupings
    for grouping in review.groupings:
        if asked is not None and grouping.id not in asked:
            continue
        by_level: dict[str, list[Sized]] = {}
        for one in rows.effects.studies:
            if one.pooled:
                level = one.evidence.characteristics.get(grouping.id, "Not reported")
                by_level.setdefault(level, []).append(one)
        if len(by_level) < 2:
            continue
        for level, studies in by_level.items():
            place = {"subgroup": grouping.id, "subgroup_level": level}
            part = replace(rows, place=place)
            name, pooled = pool_studies(studies, model)
            method = method_of(rows.effects, model, name)
            yield from pooled_rows(part, pooled, studies, name=name, method=method)


def pool_studies(studies: Sequence[Sized], model: Model) -> tuple[str, Pooled]:
    """Return which model pooled the studies, and its result.

    The rule takes the common effect where I2 is below 50 % and the p-value of Q at least .10.
    """
    yi = [one.effect for one in studies]
    vi = [one.variance for one in studies]

    def by(method: str, ci: str) -> Pooled:
        return pool(
            yi,
            vi,
            method=method,
            ci=ci,
            prediction=model.prediction,
            conf_level=model.conf_level,
        )

    if model.effects == "common" or len(studies) == 1:
        return "common", by("common", "wald")
    if model.effects == "rule":
        common = by("common", "wald")
        if common.i2 < _LEAST_I2 and common.q_p_value >= _LEAST_P:
            return "common", common
    return "random", by(model.tau2, model.ci)


_LIMITS = {
    "wald": "normal limits",
    "t": "limits by t(k-1)",
    "hartung-knapp": "limits by Hartung and Knapp",
    "hartung-knapp-floor": "limits by Hartung and Knapp, not below the normal error",
}
_SCALES = {
    "PR": "Raw proportions",
    "PLN": "Log proportions",
    "PLO": "Logits of proportions",
    "PAS": "Arcsine of proportions",
    "PFT": "Freeman-Tukey double arcsine, back by Miller's inverse with the harmonic mean of n",
    "GLMM": "Binomial-normal model",
    "RR": "Log risk ratios",
    "OR": "Log odds ratios",
    "RD": "Risk differences",
    "hazard ratio": "Log hazard ratios",
    "median (raw)": "Medians as they are, errors from their limits",
    "median (log)": "Logarithms of medians, errors from their limits",
    "generic": "Estimates as given",
}


def method_of(effects: EffectSizes, model: Model, name: str) -> str:
    """Return the method in words."""
    scale = _SCALES[effects.measure]
    if name == "common":
        words = f"{scale}, common effect by inverse variance, normal limits"
    else:
        words = f"{scale}, random effects, tau2 by {model.tau2}, {_LIMITS[model.ci]}"
    if model.effects == "rule":
        words += "; model chosen by I2 and the p-value of Q, which is discouraged"
    return f"{words}."


def pool_review(
    review: Review, evidence: Iterable[tuple[PooledOutcome, Sequence[Evidence]]]
) -> list[ResultRow]:
    """Return the result rows of all outcomes, in the order of the plan."""
    return [row for outcome, studies in evidence for row in pool_outcome(review, outcome, studies)]
