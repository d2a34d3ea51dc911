"""Which model pools the studies of an outcome, and what it gives, in one shape for all models."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtri, stdtrit

from hepatica.analyse.effect_sizes import Sized
from hepatica.analyse.evidence import Counts
from hepatica.dialect import PoolingDialect
from hepatica.protocol.review import PooledOutcome, PoolingModel, Review
from hepatica.stats._checks import FloatArray
from hepatica.stats.meta import (
    BinomialNormal,
    Pooled,
    PooledCorrelated,
    cluster_robust,
    pool,
    pool_correlated,
    proportion_glmm,
    shared_control_covariance,
)

_LEAST_I2 = 0.5
_LEAST_P = 0.10


@dataclass(frozen=True, slots=True)
class Model:
    """How an outcome is pooled, with nothing left open.

    Attributes
    ----------
    effects : {"random", "common", "rule"}
        Which effects.
    tau2, ci, prediction : str
        As `hepatica.stats.meta.pool` takes them.
    i2 : {"q", "tau2"}
        Definition of I2.
    conf_level : float
        Level of all limits.
    measure : str
        Measure of the effects; ``GLMM`` is the binomial-normal model.
    """

    effects: str
    tau2: str
    ci: str
    prediction: str
    i2: str
    conf_level: float
    measure: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """What studies give together, on the scale of pooling; names as in `Pooled`.

    Attributes
    ----------
    name : {"random", "common"}
        The model.
    method : str
        The method in words.
    weights : float array (k,)
        Shares of the studies; NaN where the model has none.
    """

    name: str
    method: str
    k: int
    estimate: float
    std_error: float
    lower: float
    upper: float
    p_value: float
    tau2: float
    q: float
    df: int
    q_p_value: float
    i2: float
    h2: float
    prediction_lower: float
    prediction_upper: float
    weights: FloatArray


def model_of(
    review: Review, outcome: PooledOutcome, dialect: PoolingDialect, measure: str
) -> Model:
    """Return the model: the outcome's word first, then the review's, then the dialect's."""
    own, general = outcome.model or PoolingModel(), review.model
    return Model(
        effects=own.effects or general.effects or "random",
        tau2=own.tau2 or general.tau2 or dialect.tau2,
        ci=own.ci or general.ci or dialect.ci,
        prediction=own.prediction or general.prediction or dialect.prediction,
        i2=dialect.i2,
        conf_level=review.conf_level,
        measure=measure,
    )


def pool_studies(studies: Sequence[Sized], model: Model) -> Together:
    """Pool studies by the model that the plan asks for.

    Several arms of one study that share a control are pooled with their covariance. The rule of
    I2 takes the common effect where I2 is below 50 % and the p-value of Q at least .10.

    Parameters
    ----------
    studies : sequence of Sized
        At least one study.
    model : Model
        How.
    """
    if len(studies) == 1:
        return _plain(studies, replace(model, effects="common"))
    if model.effects == "rule":
        common = _by_name(studies, replace(model, effects="common"))
        chosen = common
        if common.i2 >= _LEAST_I2 or common.q_p_value < _LEAST_P:
            chosen = _by_name(studies, replace(model, effects="random"))
        words = f"{chosen.method[:-1]}; model chosen by I2 and the p-value of Q, discouraged."
        return replace(chosen, method=words)
    return _by_name(studies, model)


def _by_name(studies: Sequence[Sized], model: Model) -> Together:
    if model.measure == "GLMM" and all(one.evidence.arm_counts for one in studies):
        return _binomial_normal(studies, model)
    codes = _studies(studies)
    if len(set(codes)) < len(codes) and all(one.evidence.comparator for one in studies):
        return _correlated(studies, codes, model)
    return _plain(studies, model)


def _plain(studies: Sequence[Sized], model: Model) -> Together:
    is_common = model.effects == "common"
    found = pool(
        [one.effect for one in studies],
        [one.variance for one in studies],
        method="common" if is_common else model.tau2,
        ci="wald" if is_common else model.ci,
        prediction=model.prediction,
        conf_level=model.conf_level,
    )
    words = (
        "common effect by inverse variance, normal limits"
        if is_common
        else f"random effects, tau2 by {model.tau2}, {_LIMITS[model.ci]}"
    )
    return _of_pooled(found, model, f"{_SCALES[model.measure]}, {words}.", is_common=is_common)


def _of_pooled(found: Pooled, model: Model, method: str, *, is_common: bool) -> Together:
    from_q = model.i2 == "q" or is_common
    return Together(
        name="common" if is_common else "random",
        method=method,
        k=found.k,
        estimate=found.estimate,
        std_error=found.std_error,
        lower=found.lower,
        upper=found.upper,
        p_value=found.p_value,
        tau2=found.tau2,
        q=found.q,
        df=found.df,
        q_p_value=found.q_p_value,
        i2=found.i2 if from_q else found.i2_tau2,
        h2=found.h2 if from_q else found.h2_tau2,
        prediction_lower=found.prediction_lower,
        prediction_upper=found.prediction_upper,
        weights=found.weights,
    )


def _correlated(studies: Sequence[Sized], codes: list[int], model: Model) -> Together:
    is_common = model.effects == "common"
    effects = [one.effect for one in studies]
    covariance = shared_control_covariance(
        [one.variance for one in studies], _control_parts(studies, codes), codes
    )
    method = "common" if is_common else ("ML" if model.tau2 == "ML" else "REML")
    found = pool_correlated(
        effects, covariance, method=method, study=codes, conf_level=model.conf_level
    )
    words = f"{'common effect' if is_common else f'random effects, tau2 by {method}'}, arms that "
    words += "share a control with their covariance"
    if model.measure == "hazard ratio":
        words += " (half of the smaller variance, events not told)"
    together = _of_correlated(found, model, words, is_common=is_common)
    if is_common or model.ci == "wald" or len(set(codes)) < 3:
        return replace(together, method=f"{_SCALES[model.measure]}, {words}, normal limits.")
    robust = cluster_robust(effects, found.covariance, codes, conf_level=model.conf_level)
    return replace(
        together,
        std_error=float(robust.std_error[0]),
        lower=float(robust.lower[0]),
        upper=float(robust.upper[0]),
        p_value=float(robust.p_value[0]),
        method=f"{_SCALES[model.measure]}, {words}, limits robust to clusters (CR2).",
    )


def _of_correlated(
    found: PooledCorrelated, model: Model, method: str, *, is_common: bool
) -> Together:
    tau2 = 0.0 if is_common else float(found.components[0])
    half = math.nan
    if not is_common and (df := _prediction_df(model.prediction, found.k)) > 0:
        upper = 0.5 + model.conf_level / 2.0
        quantile = float(ndtri(upper)) if math.isinf(df) else float(stdtrit(df, upper))
        half = quantile * math.sqrt(tau2 + found.std_error**2)
    return Together(
        name="common" if is_common else "random",
        method=method,
        k=found.k,
        estimate=found.estimate,
        std_error=found.std_error,
        lower=found.lower,
        upper=found.upper,
        p_value=found.p_value,
        tau2=tau2,
        q=found.q,
        df=found.df,
        q_p_value=found.q_p_value,
        i2=max(0.0, (found.q - found.df) / found.q) if found.q > 0.0 else 0.0,
        h2=found.q / found.df,
        prediction_lower=found.estimate - half,
        prediction_upper=found.estimate + half,
        weights=found.weights,
    )


def _prediction_df(prediction: str, k: int) -> float:
    return {"z": math.inf, "t(k-1)": k - 1.0, "t(k-2)": k - 2.0}[prediction]


def _control_parts(studies: Sequence[Sized], codes: list[int]) -> list[float]:
    """Return the part of each variance that comes from the control arm."""
    smallest = {
        code: min(one.variance for one, other in zip(studies, codes, strict=True) if other == code)
        for code in codes
    }
    return [
        _part(one.evidence.control_counts, one, smallest[code])
        for one, code in zip(studies, codes, strict=True)
    ]


def _part(control: Counts | None, one: Sized, smallest: float) -> float:
    if control is None or control.events in (0.0, control.total) or one.corrected:
        return smallest / 2.0
    events, others = control.events, control.total - control.events
    return {
        "RR": 1.0 / events - 1.0 / control.total,
        "OR": 1.0 / events + 1.0 / others,
        "RD": events * others / control.total**3,
    }[one.measure]


def _binomial_normal(studies: Sequence[Sized], model: Model) -> Together:
    counts = [one.evidence.arm_counts or Counts(math.nan, math.nan) for one in studies]
    is_common = model.effects == "common"
    found: BinomialNormal = proportion_glmm(
        [one.events for one in counts],
        [one.total for one in counts],
        random_effects=not is_common,
        conf_level=model.conf_level,
    )
    # Q and I2 are those of logits with inverse variances: the model itself has none.
    logits = pool(
        [one.effect for one in studies], [one.variance for one in studies], method="common"
    )
    words = "binomial-normal model, " + (
        "one common proportion" if is_common else "random logits by maximum likelihood"
    )
    return Together(
        name="common" if is_common else "random",
        method=f"Proportions, {words}, normal limits; Q and I2 of logits by inverse variance.",
        k=found.k,
        estimate=found.estimate,
        std_error=found.std_error,
        lower=found.lower,
        upper=found.upper,
        p_value=found.p_value,
        tau2=found.tau2,
        q=logits.q,
        df=logits.df,
        q_p_value=logits.q_p_value,
        i2=logits.i2,
        h2=logits.h2,
        prediction_lower=found.prediction_lower,
        prediction_upper=found.prediction_upper,
        weights=np.full(len(studies), math.nan),
    )


def _studies(studies: Sequence[Sized]) -> list[int]:
    """Return a code for each study: rows with the same study and control share it."""
    names = [(one.evidence.study, one.evidence.comparator) for one in studies]
    return [names.index(name) for name in names]


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
    "GLMM": "Logits of proportions",
    "RR": "Log risk ratios",
    "OR": "Log odds ratios",
    "RD": "Risk differences",
    "hazard ratio": "Log hazard ratios",
    "median (raw)": "Medians as they are, errors from their limits",
    "median (log)": "Logarithms of medians, errors from their limits",
    "generic": "Estimates as given",
}
