"""Do groups of studies differ: Q between them, with a variance of their own or a common one.

Source: Borenstein, Hedges, Higgins and Rothstein, Introduction to Meta-Analysis 2009, chapter 19.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats.meta.pool import PooledBatch, pool_batch

TAU2 = ("separate", "common")


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
    method, ci, conf_level
        As in `pool`.
    tau2 : {"separate", "common"}
        A variance between studies for each group, or one for all: with few studies a group, a
        common one is steadier. It pools the excess of Q over all groups (the moment estimator),
        whatever `method` says otherwise.

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
    y = _checks.numbers("yi", yi).astype(np.float64)
    v = _checks.numbers("vi", vi).astype(np.float64)
    _checks.check_length("vi", v, len(y))
    found, position = _checks.codes("group", group, len(y))
    if len(found) < 2:
        raise InputError("Groups of studies are compared with each other; there is one.")
    inside = position[None, :] == np.arange(len(found))[:, None]
    masked_y, masked_v = np.where(inside, y, np.nan), np.where(inside, v, np.nan)
    if tau2 == "common" and method != "common":
        masked_v = masked_v + _common_variance(masked_y, masked_v)
        method = "common"
    pooled = pool_batch(masked_y, masked_v, method=method, ci=ci, conf_level=conf_level)
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


def _common_variance(y: FloatArray, v: FloatArray) -> float:
    """Return the moment estimate of one variance within all groups."""
    w = np.where(np.isnan(v), 0.0, 1.0 / np.where(np.isnan(v), 1.0, v))
    x = np.nan_to_num(y)
    total = w.sum(axis=1)
    mean = (w * x).sum(axis=1) / total
    q = float((w * (x - mean[:, None]) ** 2).sum())
    df = int((w > 0.0).sum()) - len(y)
    scale = float((total - (w**2).sum(axis=1) / total).sum())
    return max(0.0, (q - df) / scale) if scale > 0.0 else 0.0
