"""The model by which an outcome is pooled, and the one shape in which every model answers."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from scipy.special import ndtri, stdtrit

from hepatica.dialect import PoolingDialect
from hepatica.protocol.review import PooledOutcome, PoolingModel, Review
from hepatica.stats._checks import FloatArray


@dataclass(frozen=True, slots=True)
class Model:
    """How an outcome is pooled, with nothing left open.

    Attributes
    ----------
    effects : {"random", "common", "rule"}
        Which effects.
    tau2, ci, prediction : str
        As `hepatica.stats.meta.pool` takes them.
    conf_level : float
        Level of all limits.
    measure : str
        Measure of the effects; ``GLMM`` is the binomial-normal model.
    dialect : PoolingDialect
        Conventions that a plan does not choose one by one.
    """

    effects: str
    tau2: str
    ci: str
    prediction: str
    conf_level: float
    measure: str
    dialect: PoolingDialect


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
    dialect = replace(dialect, common=own.common or general.common or dialect.common)
    ci = own.ci or general.ci or dialect.ci
    prediction: str = own.prediction or general.prediction or dialect.prediction
    if prediction == "as-limits":
        prediction = "z" if ci == "wald" else "t(k-1)"
    return Model(
        effects=own.effects or general.effects or "random",
        tau2=own.tau2 or general.tau2 or dialect.tau2,
        ci=ci,
        prediction=prediction,
        conf_level=review.conf_level,
        measure=measure,
        dialect=dialect,
    )


def prediction_half(model: Model, k: int, tau2: float, std_error: float) -> float:
    """Return half the width of the prediction interval; NaN where there are too few studies."""
    df = {"z": math.inf, "t(k-1)": k - 1.0, "t(k-2)": k - 2.0}[model.prediction]
    if df <= 0.0:
        return math.nan
    upper = 0.5 + model.conf_level / 2.0
    quantile = float(ndtri(upper)) if math.isinf(df) else float(stdtrit(df, upper))
    return quantile * math.sqrt(tau2 + std_error**2)


LIMITS = {
    "wald": "normal limits",
    "t": "limits by t(k-1)",
    "hartung-knapp": "limits by Hartung and Knapp",
    "hartung-knapp-floor": "limits by Hartung and Knapp, not below the normal error",
}
SCALES = {
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
    "IR": "Rates",
    "IRLN": "Log rates",
    "MD": "Mean differences",
    "SMD": "Standardised mean differences with Hedges' exact factor",
    "generic": "Estimates as given",
}
