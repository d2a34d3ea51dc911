"""Pool proportions by the binomial-normal model, with Q and I2 as software gives them beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.special import chdtrc

from hepatica.analyse.effect_sizes import Sized
from hepatica.analyse.evidence import Counts
from hepatica.analyse.pooling_model import Model, Together, prediction_half
from hepatica.stats.meta import BinomialNormal, pool, proportion_effects, proportion_glmm


def pool_binomial_normal(studies: Sequence[Sized], model: Model) -> Together:
    """Pool counts of single groups by the binomial-normal model.

    Q is of logits by inverse variance, because the model has none of its own. Where the dialect
    says so it is Wald's: studies with 0 or n events have no part in it, yet count for its degrees
    of freedom. I2 from tau2 takes the typical variance of the corrected logits, as metafor does.

    Parameters
    ----------
    studies : sequence of Sized
        Two or more studies with counts.
    model : Model
        Random or common effect, and limits.
    """
    counts = [one.evidence.arm_counts or Counts(math.nan, math.nan) for one in studies]
    is_common = model.effects == "common"
    name = "common" if is_common else "random"
    events = sum(one.events for one in counts)
    if events in (0.0, sum(one.total for one in counts)):
        return _without_estimate(name, len(counts), everybody=events > 0.0)
    found: BinomialNormal = proportion_glmm(
        [one.events for one in counts],
        [one.total for one in counts],
        random_effects=not is_common,
        conf_level=model.conf_level,
    )
    q, df = _heterogeneity(counts, model)
    from_q = model.dialect.i2 == "q" or is_common
    ratio = found.tau2 / _typical_variance([one.variance for one in studies])
    half = math.nan if is_common else prediction_half(model, found.k, found.tau2, found.std_error)
    words = "binomial-normal model, " + (
        "one common proportion" if is_common else "random logits by maximum likelihood"
    )
    return Together(
        name=name,
        method=f"Proportions, {words}, normal limits; Q and I2 of logits by inverse variance.",
        k=found.k,
        estimate=found.estimate,
        std_error=found.std_error,
        lower=found.lower,
        upper=found.upper,
        p_value=found.p_value,
        tau2=found.tau2,
        q=q,
        df=df,
        q_p_value=float(chdtrc(df, q)),
        i2=_share(q, df) if from_q else ratio / (1.0 + ratio),
        h2=q / df if from_q else 1.0 + ratio,
        prediction_lower=found.estimate - half,
        prediction_upper=found.estimate + half,
        weights=np.full(len(studies), math.nan),
    )


def _without_estimate(name: str, k: int, *, everybody: bool) -> Together:
    """Return that there is no finite logit: nobody had the event in any study, or everybody."""
    none = math.nan
    return Together(
        name=name,
        method="Proportions, binomial-normal model: no finite estimate, because "
        f"{'everybody' if everybody else 'nobody'} had the event in all studies.",
        k=k,
        estimate=none,
        std_error=none,
        lower=none,
        upper=none,
        p_value=none,
        tau2=none,
        q=none,
        df=k - 1,
        q_p_value=none,
        i2=none,
        h2=none,
        prediction_lower=none,
        prediction_upper=none,
        weights=np.full(k, none),
    )


def _heterogeneity(counts: Sequence[Counts], model: Model) -> tuple[float, int]:
    """Return Q of the logits and its degrees of freedom."""
    rule = "drop" if model.dialect.glmm_q == "wald" else "only0"
    logits = proportion_effects(
        [one.events for one in counts], [one.total for one in counts], measure="PLO", rule=rule
    )
    if logits.excluded.all():
        return math.nan, len(counts) - 1
    return pool(logits.yi, logits.vi, method="common").q, len(counts) - 1


def _share(q: float, df: int) -> float:
    return q if math.isnan(q) else (q - df) / q if q > df else 0.0


def _typical_variance(variances: Sequence[float]) -> float:
    w = 1.0 / np.array(variances)
    return float((len(w) - 1) * w.sum() / (w.sum() ** 2 - (w**2).sum()))
