"""Do groups of studies differ: Q between them, with a variance of their own or a common one.

Source: Borenstein, Hedges, Higgins and Rothstein, Introduction to Meta-Analysis 2009, chapter 19.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats.meta._pooled import CI, METHODS, PREDICTION, Options
from hepatica.stats.meta.meta_regression import meta_regression
from hepatica.stats.meta.pool import PooledBatch, pool_batch
from hepatica.stats.meta.regression_line import predict_effects

TAU2 = ("separate", "common")
#: With one variance for all groups, prediction has as many degrees less as there are groups.
_LESS_GROUPS = {"t(k-1)": "t(k-p)", "t(k-2)": "t(k-p-1)", "z": "z"}


@dataclass(frozen=True, slots=True)
class BetweenGroups:
    """Q of group estimates about their common mean, its degrees of freedom and p-value."""

    q: float
    df: int
    p_value: float


@dataclass(frozen=True, slots=True)
class Subgroups:
    """Pooled estimates of groups, and whether they differ.

    Attributes
    ----------
    groups : int array (g,)
        Codes, rising.
    pooled : PooledBatch
        One row a group.
    q_between, p_value : float
        Q of the group estimates about their common mean, and its p-value.
    df : int
        Groups less one.
    tau2 : {"separate", "common"}
        As given.
    """

    groups: IntArray
    pooled: PooledBatch
    q_between: float
    df: int
    p_value: float
    tau2: str


def subgroups(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    group: npt.ArrayLike,
    *,
    method: str = "REML",
    ci: str = "wald",
    prediction: str = "t(k-1)",
    tau2: str = "separate",
    conf_level: float = 0.95,
) -> Subgroups:
    """Pool each group of studies and test whether the groups differ.

    Parameters
    ----------
    yi, vi : float array (k,)
        Estimates and variances.
    group : int array (k,)
        Code of each study's group, at least two different.
    method, ci, prediction, conf_level
        As in `pool`.
    tau2 : {"separate", "common"}
        A variance between studies for each group, or one for all: with few studies a group, a
        common one is steadier. The common one is the residual variance of a meta-regression on
        the groups, by the same `method`, and estimates and limits are that regression's: its
        degrees of freedom are the studies less the groups, where `pool` has k - 1. Q and I2 are
        those of the group by itself.

    Raises
    ------
    InputError
        If there is one group only, or arrays do not fit.

    Examples
    --------
    >>> found = subgroups([0, 0, 2, 2], [1, 1, 1, 1], [1, 1, 2, 2], method="common")
    >>> found.pooled.estimate.tolist(), round(found.q_between, 9), found.df
    ([0.0, 2.0], 4.0, 1)
    """
    _checks.check_option("tau2", tau2, TAU2)
    _checks.check_option("method", method, METHODS)
    _checks.check_option("ci", ci, CI)
    _checks.check_option("prediction", prediction, PREDICTION)
    y = _checks.numbers("yi", yi).astype(np.float64)
    v = _checks.numbers("vi", vi).astype(np.float64)
    _checks.check_length("vi", v, len(y))
    found, position = _checks.codes("group", group, len(y))
    if len(found) < 2:
        raise InputError("Groups of studies are compared with each other; there is one.")
    inside = position[None, :] == np.arange(len(found))[:, None]
    if tau2 == "common" and method != "common":
        pooled = _at_common_tau2(y, v, inside, Options(method, ci, prediction, conf_level))
    else:
        pooled = pool_batch(
            np.where(inside, y, np.nan),
            np.where(inside, v, np.nan),
            method=method,
            ci=ci,
            prediction=prediction,
            conf_level=conf_level,
        )
    between = between_groups(pooled.estimate, pooled.std_error)
    return Subgroups(
        groups=freeze(found),
        pooled=pooled,
        q_between=between.q,
        df=between.df,
        p_value=between.p_value,
        tau2=tau2,
    )


def between_groups(estimate: npt.ArrayLike, std_error: npt.ArrayLike) -> BetweenGroups:
    """Test whether pooled estimates of groups differ.

    Parameters
    ----------
    estimate, std_error : float array (g,)
        Pooled estimates of at least two groups, and their standard errors.

    Examples
    --------
    >>> between_groups([0.0, 2.0], [1.0, 1.0]).q
    2.0
    """
    found = _checks.numbers("estimate", estimate).astype(np.float64)
    weight = _checks.numbers("std_error", std_error).astype(np.float64) ** -2.0
    mean = float((weight * found).sum() / weight.sum())
    q = float((weight * (found - mean) ** 2).sum())
    df = len(found) - 1
    return BetweenGroups(q, df, float(chdtrc(df, q)))


def _at_common_tau2(
    y: FloatArray, v: FloatArray, inside: npt.NDArray[np.bool_], options: Options
) -> PooledBatch:
    """Return groups (g, k) pooled as coefficients of one regression on them."""
    if len(y) == len(inside):
        raise InputError(
            "A common variance between studies needs a group with two or more; "
            "every group has one study."
        )
    fit = meta_regression(
        y,
        v,
        inside.T.astype(np.float64),
        intercept=False,
        method=options.method,
        ci=options.ci,
        conf_level=options.conf_level,
    )
    limits = predict_effects(fit, np.eye(len(inside)), prediction=_LESS_GROUPS[options.prediction])
    alone = pool_batch(np.where(inside, y, np.nan), np.where(inside, v, np.nan), method="common")
    w = np.where(inside, 1.0 / (v + fit.tau2), 0.0)
    groups = len(inside)
    return replace(
        alone,
        estimate=fit.coefficients,
        std_error=fit.std_error,
        reference_df=freeze(np.full(groups, fit.reference_df)),
        lower=fit.lower,
        upper=fit.upper,
        tau2=freeze(np.full(groups, fit.tau2)),
        tau2_std_error=freeze(np.full(groups, fit.tau2_std_error)),
        weights=freeze(w / w.sum(axis=1, keepdims=True)),
        prediction_lower=limits.prediction_lower,
        prediction_upper=limits.prediction_upper,
        iterations=freeze(np.full(groups, fit.iterations)),
        method=options.method,
        ci=options.ci,
        prediction=options.prediction,
        conf_level=options.conf_level,
    )
