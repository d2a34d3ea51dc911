"""Which model pools the studies of an outcome, and what it gives, in one shape for all models."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from hepatica.analyse.effect_sizes import Sized
from hepatica.analyse.evidence import Counts
from hepatica.analyse.pooling_glmm import pool_binomial_normal
from hepatica.analyse.pooling_model import (
    LIMITS,
    SCALES,
    Model,
    Together,
    model_of,
    prediction_half,
)
from hepatica.analyse.pooling_tables import centre_of_q, common_of_tables
from hepatica.stats.meta import (
    MantelHaenszel,
    Pooled,
    PooledCorrelated,
    cluster_robust,
    pool,
    pool_correlated,
    shared_control_covariance,
)

__all__ = [
    "Model",
    "Together",
    "model_of",
    "of_pooled",
    "pool_studies",
    "pools_by_inverse_variance",
]

_LEAST_I2 = 0.5
_LEAST_P = 0.10


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
    if _has_counts(studies, model):
        return pool_binomial_normal(studies, model)
    if not _shares(studies):
        return _plain(studies, model)
    if model.dialect.shared_control == "covariance":
        return _correlated(studies, _studies(studies), model)
    found = _plain(studies, model)
    return replace(found, method=f"{found.method[:-1]}, arms that share a control as independent.")


def pools_by_inverse_variance(studies: Sequence[Sized], model: Model) -> bool:
    """Return whether estimates are pooled as independent, each by one over its variance."""
    covariance = _shares(studies) and model.dialect.shared_control == "covariance"
    return not covariance and not _has_counts(studies, model)


def _has_counts(studies: Sequence[Sized], model: Model) -> bool:
    return model.measure == "GLMM" and all(one.evidence.arm_counts for one in studies)


def _shares(studies: Sequence[Sized]) -> bool:
    """Return whether arms of one study share a control."""
    codes = _studies(studies)
    return len(set(codes)) < len(codes) and all(one.evidence.comparator for one in studies)


def _plain(studies: Sequence[Sized], model: Model) -> Together:
    is_common = model.effects == "common"
    tables = common_of_tables(studies, model)
    found = pool(
        [one.effect for one in studies],
        [one.variance for one in studies],
        method="common" if is_common else model.tau2,
        ci="wald" if is_common else model.ci,
        prediction=model.prediction,
        conf_level=model.conf_level,
        q_about=centre_of_q(tables, model),
    )
    if is_common:
        words = f"{SCALES[model.measure]}, common effect by inverse variance, normal limits."
        together = of_pooled(found, words, name="common", from_q=True)
        return together if tables is None else _by_tables(together, tables, studies, model)
    words = f"{SCALES[model.measure]}, random effects, tau2 by {model.tau2}, {LIMITS[model.ci]}."
    return of_pooled(found, words, name="random", from_q=model.dialect.i2 == "q")


def _by_tables(
    together: Together, tables: MantelHaenszel, studies: Sequence[Sized], model: Model
) -> Together:
    """Return the common effect by Mantel and Haenszel, with Q and I2 as they are."""
    words = f"{SCALES[model.measure]}, common effect by Mantel and Haenszel"
    if tables.rule != "none" and any(one.corrected for one in studies):
        words += ", 1/2 added to studies with an empty cell"
    return replace(
        together,
        method=f"{words}, normal limits.",
        estimate=tables.estimate,
        std_error=tables.std_error,
        lower=tables.lower,
        upper=tables.upper,
        p_value=tables.p_value,
        weights=tables.weights,
    )


def of_pooled(found: Pooled, method: str, *, name: str, from_q: bool) -> Together:
    """Return what studies give together in the shape of all models."""
    return Together(
        name=name,
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
        return replace(together, method=f"{SCALES[model.measure]}, {words}, normal limits.")
    robust = cluster_robust(effects, found.covariance, codes, conf_level=model.conf_level)
    return replace(
        together,
        std_error=float(robust.std_error[0]),
        lower=float(robust.lower[0]),
        upper=float(robust.upper[0]),
        p_value=float(robust.p_value[0]),
        method=f"{SCALES[model.measure]}, {words}, limits robust to clusters (CR2).",
    )


def _of_correlated(
    found: PooledCorrelated, model: Model, method: str, *, is_common: bool
) -> Together:
    tau2 = 0.0 if is_common else float(found.components[0])
    half = math.nan if is_common else prediction_half(model, found.k, tau2, found.std_error)
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


def _studies(studies: Sequence[Sized]) -> list[int]:
    """Return a code for each study: rows with the same study and control share it."""
    names = [(one.evidence.study, one.evidence.comparator) for one in studies]
    return [names.index(name) for name in names]
