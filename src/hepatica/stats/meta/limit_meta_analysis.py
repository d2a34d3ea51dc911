"""Limit meta-analysis: the effect of studies as precise as one likes, small-study effects removed.

Model: y = beta + sqrt(v + tau2) (alpha + error), alpha the small-study effect. With ever more
precise studies v goes to 0, and their effect to beta + tau alpha. Sources: Ruecker et al.,
Biostatistics 2011;12:122 (model, test) and Biom J 2011;53:351 (adjusted estimates).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, ndtr, ndtri

from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, freeze
from hepatica.stats.meta import _line
from hepatica.stats.meta._studies import read_studies
from hepatica.stats.meta.pool import pool
from hepatica.stats.meta.small_study_tests import enough, varied


@dataclass(frozen=True, slots=True)
class LimitMetaAnalysis:
    """A limit meta-analysis.

    Attributes
    ----------
    k : int
        Studies with the outcome.
    estimate, std_error, lower, upper, p_value : float
        Adjusted effect beta + tau alpha, its error from the line with tau2 taken as known and
        residuals of variance 1, normal limits.
    alpha, beta : float
        Intercept and slope of the radial line.
    tau2 : float
        Variance between studies of the plain random-effects model.
    unadjusted : float
        Its estimate.
    q, q_p_value : float
        Cochran's Q and its P.
    q_small, q_small_p_value : float
        The part of Q that the small-study effect takes away (1 df).
    q_rest, q_rest_p_value : float
        What remains (k - 2 df).
    shrunken : float array (k,)
        Limits of the studies' own effects, beta + tau (y - beta) / sqrt(v + tau2).
    """

    k: int
    estimate: float
    std_error: float
    lower: float
    upper: float
    p_value: float
    alpha: float
    beta: float
    tau2: float
    unadjusted: float
    q: float
    q_p_value: float
    q_small: float
    q_small_p_value: float
    q_rest: float
    q_rest_p_value: float
    shrunken: FloatArray


def limit_meta_analysis(
    yi: npt.ArrayLike, vi: npt.ArrayLike, *, method: str = "REML", conf_level: float = 0.95
) -> LimitMetaAnalysis:
    """Estimate the effect with small-study effects removed.

    Parameters
    ----------
    yi, vi : float array (k,)
        Estimates and variances; NaN in both for a study without the outcome.
    method : str
        Estimator of tau2, as in `pool`.
    conf_level : float
        Level of the limits.

    Raises
    ------
    InputError
        With fewer than three studies, or variances that are all the same.

    Examples
    --------
    >>> found = limit_meta_analysis([0.1, 0.3, 0.2, 0.8], [0.01, 0.02, 0.04, 0.16], method="DL")
    >>> round(found.unadjusted, 3), round(found.estimate, 3)
    (0.211, 0.021)
    """
    _checks.check_conf_level(conf_level)
    studies = enough(read_studies(yi, vi, 1))
    there = studies.present[:, 0]
    y, v = studies.y[there, 0], studies.v[there, 0]
    varied(v)
    pooled = pool(y, v, method=method)
    tau = math.sqrt(pooled.tau2)
    error = np.sqrt(v + pooled.tau2)
    # y = beta + alpha error with weights 1/error^2 is the radial line
    line = _line.weighted_line(y[:, None], error[:, None], 1.0 / error[:, None] ** 2)
    alpha, beta = float(line.slope[0]), float(line.level[0])
    estimate = beta + tau * alpha
    std_error = _error_at(error, tau)
    rest = float(_line.weighted_line(y[:, None], np.sqrt(v)[:, None], 1.0 / v[:, None]).rss[0])
    half = float(ndtri(0.5 + conf_level / 2.0)) * std_error
    k = len(y)
    small = max(pooled.q - rest, 0.0)
    return LimitMetaAnalysis(
        k=k,
        estimate=estimate,
        std_error=std_error,
        lower=estimate - half,
        upper=estimate + half,
        p_value=2.0 * float(ndtr(-abs(estimate) / std_error)),
        alpha=alpha,
        beta=beta,
        tau2=pooled.tau2,
        unadjusted=pooled.estimate,
        q=pooled.q,
        q_p_value=pooled.q_p_value,
        q_small=small,
        q_small_p_value=float(chdtrc(1, small)),
        q_rest=rest,
        q_rest_p_value=float(chdtrc(k - 2, rest)),
        shrunken=freeze(beta + tau * (y - beta) / error),
    )


def _error_at(error: FloatArray, at: float) -> float:
    """Return the standard error of the line y on error, weights 1/error^2, at one value."""
    w = 1.0 / error**2
    mean = float((w * error).sum() / w.sum())
    spread = float((w * (error - mean) ** 2).sum())
    return math.sqrt(1.0 / float(w.sum()) + (at - mean) ** 2 / spread)
