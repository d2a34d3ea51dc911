"""From what studies give to effects on the scale of pooling, each with its variance."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import logit

from hepatica.analyse.evidence import Counts, Evidence
from hepatica.dialect import PoolingDialect
from hepatica.errors import InputError
from hepatica.protocol.review import PooledOutcome
from hepatica.stats.meta import (
    Effects,
    generic_effects,
    generic_from_limits,
    mean_difference_effects,
    median_effects,
    proportion_effects,
    rate_effects,
    ratio_from_limits,
    ratio_from_p,
    standardised_mean_difference_effects,
    two_arm_effects,
)

_PROPORTIONS = {
    "raw": "PR",
    "log": "PLN",
    "logit": "PLO",
    "arcsine": "PAS",
    "freeman-tukey": "PFT",
    "glmm": "GLMM",
}
_SCALE_OF = {"PR": "identity", "PLN": "log", "PLO": "logit", "PAS": "arcsine"} | {
    "PFT": "freeman-tukey",
    "GLMM": "logit",
}
_TWO_ARMS = {"risk_ratio": "RR", "odds_ratio": "OR", "risk_difference": "RD"}
_UNKNOWN = Counts(math.nan, math.nan)


@dataclass(frozen=True, slots=True)
class Sized:
    """A study with its effect on the scale of pooling.

    Attributes
    ----------
    evidence : Evidence
        What the study gives.
    effect, variance : float
        NaN where there is a reason.
    measure : str
        Name of the measure.
    corrected : bool
        Whether empty cells were corrected.
    reason : str
        Why the study is not pooled; empty when it is.
    """

    evidence: Evidence
    effect: float
    variance: float
    measure: str = ""
    corrected: bool = False
    reason: str = ""

    @property
    def pooled(self) -> bool:
        """Whether the study takes part in pooling."""
        return not self.reason and not self.evidence.reference


@dataclass(frozen=True, slots=True)
class EffectSizes:
    """The studies of an outcome on one scale.

    Attributes
    ----------
    measure : str
        Name of the measure: ``PLO``, ``RR``, ``hazard ratio``, ``median (log)``, ...
    scale : str
        Scale of effects, as `hepatica.stats.meta.back_transform` takes it.
    studies : tuple of Sized
        In the order of the evidence.
    """

    measure: str
    scale: str
    studies: tuple[Sized, ...]


def proportion_measure(outcome: PooledOutcome, dialect: PoolingDialect) -> str:
    """Return the measure by which proportions are pooled."""
    return dialect.proportion if outcome.scale is None else _PROPORTIONS[outcome.scale]


def effect_sizes(
    outcome: PooledOutcome, evidence: Sequence[Evidence], dialect: PoolingDialect
) -> EffectSizes:
    """Return the effect of each study; a study that gives too little says why.

    Parameters
    ----------
    outcome : PooledOutcome
        What is measured, and on which scale.
    evidence : sequence of Evidence
        The studies.
    dialect : PoolingDialect
        Conventions where the outcome is silent.
    """
    match outcome.measure:
        case "proportion":
            measure = proportion_measure(outcome, dialect)
            told = "PLO" if measure == "GLMM" else measure
            # The binomial-normal model takes counts as they are: nothing is left out for it.
            rule = "only0" if measure == "GLMM" else dialect.proportion_rule
            sized = _proportions(evidence, told, rule)
            return EffectSizes(measure, _SCALE_OF[measure], sized)
        case "risk_ratio" | "odds_ratio" | "risk_difference":
            return _two_arms(evidence, _TWO_ARMS[outcome.measure], dialect)
        case "hazard_ratio":
            sized = tuple(_each(one, _ratio) for one in evidence)
            return EffectSizes("hazard ratio", "log", sized)
        case "rate" | "mean_difference" | "standardised_mean_difference":
            return _rates_or_means(outcome, evidence)
        case "median":
            scale = outcome.scale or dialect.median
            sized = tuple(_each(one, _median, scale) for one in evidence)
            return EffectSizes(f"median ({scale})", "log" if scale == "log" else "identity", sized)
        case _:
            sized = tuple(_each(one, _generic) for one in evidence)
            return EffectSizes("generic", "identity", sized)


def _proportions(evidence: Sequence[Evidence], measure: str, rule: str) -> tuple[Sized, ...]:
    if not evidence:
        return ()
    counted = [one.arm_counts or _UNKNOWN for one in evidence]
    effects = proportion_effects(
        [one.events for one in counted],
        [one.total for one in counted],
        measure=measure,
        rule=rule,
    )
    found = []
    for at, one in enumerate(evidence):
        if one.arm_counts is None:
            found.append(_each(one, _share_from_limits, measure))
        elif effects.excluded[at]:
            reason = "Nobody or everybody had the event, which this scale leaves out."
            found.append(_without(one, one.reason or reason))
        else:
            found.append(_sized(one, effects, at))
    return tuple(found)


def _two_arms(evidence: Sequence[Evidence], measure: str, dialect: PoolingDialect) -> EffectSizes:
    if not evidence:
        return EffectSizes(measure, "identity" if measure == "RD" else "log", ())
    arm = [one.arm_counts if one.control_counts else None for one in evidence]
    control = [one.control_counts if one.arm_counts else None for one in evidence]
    effects = two_arm_effects(
        *(
            [getattr(one or _UNKNOWN, name) for one in side]
            for side in (arm, control)
            for name in ("events", "total")
        ),
        measure=measure,
        rule=dialect.two_arm_rule,
        double_zero=dialect.double_zero,
    )
    found = []
    for at, one in enumerate(evidence):
        if arm[at] is None:
            found.append(_without(one, one.reason or "Events of both arms are not told."))
        elif effects.excluded[at]:
            found.append(_without(one, one.reason or "No event in either arm tells nothing."))
        else:
            found.append(_sized(one, effects, at))
    return EffectSizes(measure, effects.scale, tuple(found))


def _sized(one: Evidence, effects: Effects, at: int = 0) -> Sized:
    return Sized(
        one,
        float(effects.yi[at]),
        float(effects.vi[at]),
        effects.measure,
        bool(effects.corrected[at]),
        one.reason,
    )


def _without(one: Evidence, reason: str) -> Sized:
    return Sized(one, math.nan, math.nan, reason=reason)


def _each(one: Evidence, effect: Callable[..., Effects | str], *options: str) -> Sized:
    """Return one study with its effect; what an estimator refuses becomes the reason."""
    try:
        found = effect(one, *options)
    except InputError as error:
        # The estimator was given one study: its place among others would only mislead.
        told = str(error).replace("; study 1 does not comply", "")
        return _without(one, one.reason or told)
    if isinstance(found, str):
        return _without(one, one.reason or found)
    return _sized(one, found)


def _ratio(one: Evidence) -> Effects | str:
    if not math.isnan(one.lower + one.upper):
        return ratio_from_limits(
            [one.estimate], [one.lower], [one.upper], conf_level=one.conf_level
        )
    if not math.isnan(one.p_value):
        return ratio_from_p([one.estimate], [one.p_value])
    return "The ratio is told without limits or p-value."


def _median(one: Evidence, scale: str) -> Effects | str:
    if math.isnan(one.estimate):
        return "The median is not told, or was not reached."
    if math.isnan(one.lower) or (one.upper_reached and math.isnan(one.upper)):
        return "The median is told without limits."
    return median_effects(
        [one.estimate],
        [one.lower],
        [one.upper],
        scale=scale,
        conf_level=one.conf_level,
        upper_reached=[one.upper_reached],
    )


def _share_from_limits(one: Evidence, measure: str) -> Effects | str:
    if math.isnan(one.estimate + one.lower + one.upper):
        return "Neither events nor limits are told."
    told = np.array([[one.estimate], [one.lower], [one.upper]])
    if measure == "PR":
        return generic_from_limits(*told, conf_level=one.conf_level, fraction=True, measure="PR")
    if measure != "PLO":
        return "A proportion told with limits only can be pooled raw or as a logit."
    if one.lower <= 0.0 or one.upper >= 1.0:
        return "Limits of 0 or 1 have no logit."
    return generic_from_limits(*logit(told), conf_level=one.conf_level, measure="PLO")


def _rates_or_means(outcome: PooledOutcome, evidence: Sequence[Evidence]) -> EffectSizes:
    if outcome.measure == "rate":
        measure = "IR" if outcome.scale == "raw" else "IRLN"
        rates = tuple(_each(one, _rate, measure) for one in evidence)
        return EffectSizes(measure, "identity" if measure == "IR" else "log", rates)
    measure = "MD" if outcome.measure == "mean_difference" else "SMD"
    means = tuple(_each(one, _means, measure) for one in evidence)
    return EffectSizes(measure, "identity", means)


def _rate(one: Evidence, measure: str) -> Effects | str:
    if math.isnan(one.events + one.time_at_risk):
        return "Events and time at risk are not both told."
    return rate_effects([one.events], [one.time_at_risk], measure=measure)


def _means(one: Evidence, measure: str) -> Effects | str:
    if one.arm_mean is None or one.control_mean is None:
        if not math.isnan(one.estimate):
            return _generic(one)
        return "Mean, standard deviation and patients of both arms are not told."
    arms = [([arm.mean], [arm.sd], [arm.total]) for arm in (one.arm_mean, one.control_mean)]
    if measure == "MD":
        return mean_difference_effects(*arms)
    return standardised_mean_difference_effects(*arms)


def _generic(one: Evidence) -> Effects | str:
    if not math.isnan(one.estimate + one.std_error):
        return generic_effects([one.estimate], [one.std_error])
    if math.isnan(one.estimate + one.lower + one.upper):
        return "Neither a standard error nor limits are told."
    return generic_from_limits([one.estimate], [one.lower], [one.upper], conf_level=one.conf_level)
