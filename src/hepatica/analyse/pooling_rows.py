"""Result rows of one outcome of a review: its studies and what they give together."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from scipy.special import ndtri

from hepatica.analyse.effect_sizes import EffectSizes, Sized
from hepatica.analyse.pooling_models import Together
from hepatica.analyse.pooling_scale import Shown, patients_of
from hepatica.dialect import PoolingDialect
from hepatica.protocol.review import PooledOutcome
from hepatica.results import Origin, ResultRow
from hepatica.stats.proportions import proportion_ci


@dataclass(frozen=True, slots=True)
class OutcomeRows:
    """What all rows of an outcome share.

    Attributes
    ----------
    review : str
        Id of the review.
    outcome : PooledOutcome
        The outcome.
    effects : EffectSizes
        Its studies.
    shown : Shown
        How values are shown.
    dialect : PoolingDialect
        Conventions.
    conf_level : float
        Level of all limits.
    """

    review: str
    outcome: PooledOutcome
    effects: EffectSizes
    shown: Shown
    dialect: PoolingDialect
    conf_level: float
    place: Mapping[str, Any] = field(default_factory=dict)

    def row(self, statistic: str, value: float | None, **columns: Any) -> ResultRow:
        """Return a row of the outcome; a value that is NaN is not estimable."""
        lost = value is not None and math.isnan(value)
        given: dict[str, Any] = {"parameter": self.outcome.measure, **self.place, **columns}
        given.setdefault("origin", origin_of(self.effects.studies))
        if lost:
            given = {"status": "not_estimable", "message": "It cannot be estimated."} | given
        return ResultRow(
            study=self.review,
            analysis=self.outcome.id,
            statistic=statistic,
            value=None if lost else value,
            **given,
        )

    def triple(
        self, statistic: str, values: tuple[float, float, float], **columns: Any
    ) -> list[ResultRow]:
        """Return a shown estimate with its limits."""
        ends = ("", "_lower", "_upper")
        columns = {"unit": self.shown.unit, "format": self.shown.format, **columns}
        return [
            self.row(f"{statistic}{end}", value, conf_level=self.conf_level, **columns)
            for end, value in zip(ends, values, strict=True)
        ]


def study_rows(rows: OutcomeRows, one: Sized, weight: float) -> Iterator[ResultRow]:
    """Yield the rows of one study: what it gives, its limits and its weight.

    Parameters
    ----------
    rows : OutcomeRows
        The outcome.
    one : Sized
        The study.
    weight : float
        Share of the study in the pooled estimate; NaN when it is not pooled.
    """
    evidence = one.evidence
    place = _place(rows, one)
    for name, count in (
        ("events", evidence.arm_counts),
        ("control_events", evidence.control_counts),
    ):
        if count is not None:
            yield rows.row(
                name, count.events, denominator=int(count.total), format="integer", **place
            )
    if not math.isnan(evidence.patients):
        yield rows.row("n", evidence.patients, format="integer", **place)
    on_scale = not math.isnan(one.effect)
    told = on_scale or (rows.outcome.measure == "proportion" and evidence.arm_counts is not None)
    reason = {} if told else {"status": "not_estimable", "message": one.reason}
    values = study_limits(rows, one) if told else (math.nan,) * 3
    yield from rows.triple("estimate", values, **place, **reason)
    if on_scale:
        yield rows.row("effect", one.effect, format="decimal4", **place)
        yield rows.row("effect_std_error", math.sqrt(one.variance), format="decimal4", **place)
    if one.pooled and not math.isnan(weight):
        yield rows.row("weight", 100.0 * weight, unit="%", format="percent", **place)
    elif told and one.reason and not evidence.reference:  # shown, but not pooled
        yield rows.row("set_aside", None, text=one.reason, **place)


def characteristic_rows(rows: OutcomeRows, one: Sized) -> Iterator[ResultRow]:
    """Yield which group of each grouping a study belongs to, and how it was appraised."""
    place = _place(rows, one)
    for name, level in one.evidence.characteristics.items():
        yield rows.row("group", None, text=level, subgroup=name, **place)


def _place(rows: OutcomeRows, one: Sized) -> dict[str, Any]:
    return {
        "origin": one.evidence.origin,
        "variable": "reference" if one.evidence.reference else "study",
        "variable_level": name_of(rows, one),
        "level": one.evidence.arm,
        "reference": one.evidence.comparator,
    }


def name_of(rows: OutcomeRows, one: Sized) -> str:
    """Return what the study is called; with its arm where the study has several rows."""
    same = [other for other in rows.effects.studies if other.evidence.label == one.evidence.label]
    return f"{one.evidence.label}, {one.evidence.arm}" if len(same) > 1 else one.evidence.label


def study_limits(rows: OutcomeRows, one: Sized) -> tuple[float, float, float]:
    """Return the estimate of one study with limits, as shown: as told where they were told."""
    evidence, counts = one.evidence, one.evidence.arm_counts
    told = (evidence.estimate, evidence.lower, evidence.upper)
    same_level = math.isclose(evidence.conf_level, rows.conf_level)
    if counts is None and same_level and not math.isnan(sum(told)):
        estimate, lower, upper = (rows.shown.factor * value for value in told)
        return estimate, lower, upper
    if rows.outcome.measure == "proportion" and counts is not None:
        share = counts.events / counts.total
        # A proportion of 0 or 1 that the scale of pooling leaves out is shown with exact limits.
        if rows.dialect.proportion_limits == "clopper-pearson" or math.isnan(one.effect):
            limits = proportion_ci(
                int(counts.events),
                int(counts.total),
                method="clopper-pearson",
                conf_level=rows.conf_level,
            )
            return share, limits.lower, limits.upper
    half = float(ndtri(0.5 + rows.conf_level / 2.0)) * math.sqrt(one.variance)
    sizes = patients_of([one])
    estimate, lower, upper = (
        rows.shown.value(one.effect + shift, sizes, one.variance) for shift in (0.0, -half, half)
    )
    return estimate, lower, upper


def pooled_rows(
    rows: OutcomeRows, pooled: Together, studies: Sequence[Sized]
) -> Iterator[ResultRow]:
    """Yield the rows of a pooled estimate and its heterogeneity.

    Parameters
    ----------
    rows : OutcomeRows
        The outcome, with the subgroup in ``place`` where there is one.
    pooled : Together
        The estimate.
    studies : sequence of Sized
        What was pooled.
    """
    place: dict[str, Any] = {
        "origin": origin_of(studies),
        "variable": "pooled",
        "variable_level": pooled.name,
        "method": pooled.method,
    }
    sizes, variance = patients_of(studies), pooled.std_error**2

    def shown(*effects: float) -> tuple[float, ...]:
        return tuple(rows.shown.value(one, sizes, variance) for one in effects)

    yield rows.row("studies", float(_studies(studies)), format="integer", **place)
    yield rows.row("data_sets", float(pooled.k), format="integer", **place)
    if not any(math.isnan(one) for one in patients_of(studies)):
        yield rows.row("n", _patients(studies), format="integer", **place)
    for statistic, events, total in _counts(studies):
        yield rows.row(statistic, events, denominator=int(total), format="integer", **place)
    estimate, lower, upper = shown(pooled.estimate, pooled.lower, pooled.upper)
    lost = {"status": "not_estimable", "message": pooled.method} if math.isnan(estimate) else {}
    yield from rows.triple("estimate", (estimate, lower, upper), **place, **lost)
    yield rows.row("effect", pooled.estimate, format="decimal4", **place)
    yield rows.row("effect_std_error", pooled.std_error, format="decimal4", **place)
    if not math.isnan(rows.shown.null):
        yield rows.row("p_value", pooled.p_value, format="p_value", **place)
    if pooled.k < 2:
        return
    yield from _heterogeneity(rows, pooled, place)
    if not math.isnan(pooled.prediction_lower):
        ends = shown(pooled.prediction_lower, pooled.prediction_upper)
        for end, value in zip(("lower", "upper"), ends, strict=True):
            yield rows.row(
                f"prediction_{end}",
                value,
                unit=rows.shown.unit,
                format=rows.shown.format,
                conf_level=rows.conf_level,
                **place,
            )


def _heterogeneity(rows: OutcomeRows, pooled: Together, place: dict[str, Any]) -> list[ResultRow]:
    from_q = rows.dialect.i2 == "q"
    definition = "I2 from Q." if from_q else "I2 from tau2 and the typical variance."
    return [
        rows.row("tau2", pooled.tau2, format="decimal4", **place),
        rows.row("q", pooled.q, format="statistic", **place),
        rows.row("df", float(pooled.df), format="integer", **place),
        rows.row("q_p_value", pooled.q_p_value, format="p_value", **place),
        rows.row("i2", pooled.i2, format="fraction", **{**place, "method": definition}),
        rows.row("h2", pooled.h2, format="decimal2", **{**place, "method": definition}),
    ]


def origin_of(studies: Sequence[Sized]) -> Origin:
    """Return where pooled numbers come from: constructed patients mark the whole."""
    origins = {one.evidence.origin for one in studies}
    if "simulated" in origins:
        return "simulated"
    return "mixed" if len(origins) > 1 else next(iter(origins), "published")


def _patients(studies: Sequence[Sized]) -> float:
    """Return how many patients were pooled; a control that several arms share counts once."""
    total = sum(patients_of(studies))
    seen: set[tuple[str, str]] = set()
    for one in studies:
        control = one.evidence.control_counts
        name = (one.evidence.study, one.evidence.comparator)
        if control is not None and name in seen:
            total -= control.total
        seen.add(name)
    return total


def _counts(studies: Sequence[Sized]) -> Iterator[tuple[str, float, float]]:
    """Yield events and patients of each arm together, where every study tells them."""
    for statistic, counts in (
        ("events", [one.evidence.arm_counts for one in studies]),
        # A control that several arms share counts once.
        (
            "control_events",
            list(
                {
                    (one.evidence.study, one.evidence.comparator): one.evidence.control_counts
                    for one in studies
                }.values()
            ),
        ),
    ):
        known = [one for one in counts if one is not None]
        whole = all(float(one.events).is_integer() for one in known)
        if known and len(known) == len(counts) and whole:
            yield statistic, sum(one.events for one in known), sum(one.total for one in known)


def _studies(studies: Sequence[Sized]) -> int:
    return len({one.evidence.registration or one.evidence.study for one in studies})
