"""Cluster-robust standard errors of a pooled estimate or a meta-regression.

Sources: Hedges, Tipton and Johnson, Res Synth Methods 2010;1:39; CR2 and the degrees of freedom
of Satterthwaite, Tipton, Psychol Methods 2015;20:375; Pustejovsky and Tipton, J Bus Econ Stat
2018;36:672.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import stdtr, stdtrit

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, freeze

KINDS = ("CR0", "CR1", "CR2")


@dataclass(frozen=True, slots=True)
class ClusterRobust:
    """Coefficients with cluster-robust errors; arrays are (p,), `vcov` is (p, p).

    `df` are those of Satterthwaite for CR2, clusters - p for CR0 and CR1.
    `statistic` is NaN where residuals leave no error.
    """

    estimate: FloatArray
    std_error: FloatArray
    statistic: FloatArray
    df: FloatArray
    p_value: FloatArray
    lower: FloatArray
    upper: FloatArray
    vcov: FloatArray
    clusters: int
    kind: str
    conf_level: float


def cluster_robust(
    yi: npt.ArrayLike,
    covariance: npt.ArrayLike,
    cluster: npt.ArrayLike,
    X: npt.ArrayLike | None = None,
    *,
    kind: str = "CR2",
    conf_level: float = 0.95,
) -> ClusterRobust:
    """Return coefficients with errors that hold whatever the correlation within clusters.

    Parameters
    ----------
    yi : float array (k,)
        Estimates.
    covariance : float array (k, k) or (k,)
        Working covariance, as in `PooledCorrelated.covariance`, or variances (vi + tau2); its
        inverse weights the estimates. Estimates of different clusters must be uncorrelated in it.
    cluster : int array (k,)
        Code of the cluster, usually the study.
    X : float array (k, p) or None
        Design; a column of ones if not given.
    kind : {"CR2", "CR1", "CR0"}
        Bias-reduced; times clusters/(clusters - p), metafor's `robust`; plain.
    conf_level : float
        Confidence level.

    Raises
    ------
    InputError
        If shapes do not fit, or there are not more clusters than coefficients.

    Examples
    --------
    >>> found = cluster_robust([1.0, 2.0, 6.0], [1.0, 1.0, 1.0], [1, 2, 3])
    >>> found.estimate.tolist(), found.std_error.round(4).tolist(), found.df.round(6).tolist()
    ([3.0], [1.5275], [2.0])
    """
    _checks.check_option("kind", kind, KINDS)
    _checks.check_conf_level(conf_level)
    y = _checks.numbers("yi", yi).astype(np.float64)
    k = len(y)
    x = np.ones((k, 1)) if X is None else _checks.numbers("X", X, 2).astype(np.float64)
    v = np.asarray(covariance, dtype=np.float64)
    v = np.diag(v) if v.ndim == 1 else v
    code = np.asarray(cluster)
    if len(x) != k or v.shape != (k, k) or code.shape != (k,):
        raise InputError("covariance, cluster and X must have one row for each estimate.")
    groups = [np.flatnonzero(code == one) for one in np.unique(code)]
    count, p = len(groups), x.shape[1]
    if count <= p:
        raise InputError(f"Robust errors need more clusters than coefficients; there are {count}.")
    w: FloatArray = np.linalg.inv(v).astype(np.float64)
    bread: FloatArray = np.linalg.inv(x.T @ w @ x).astype(np.float64)
    coef = bread @ (x.T @ w @ y)
    residual = y - x @ coef
    halves = [_half(x, v, w, bread, rows, kind) for rows in groups]
    scores = np.array([half @ residual[rows] for half, rows in zip(halves, groups, strict=True)])
    vcov = scores.T @ scores * (count / (count - p) if kind == "CR1" else 1.0)
    error = np.sqrt(np.diag(vcov))
    if kind == "CR2":
        df = _satterthwaite(x, v, w, bread, groups, halves)
    else:
        df = np.full(p, float(count - p))
    statistic = np.divide(coef, error, out=np.full(p, np.nan), where=error > 0.0)
    half = stdtrit(df, 0.5 + conf_level / 2.0) * error
    return ClusterRobust(
        estimate=freeze(coef),
        std_error=freeze(error),
        statistic=freeze(statistic),
        df=freeze(df),
        p_value=freeze(2.0 * stdtr(df, -np.abs(statistic))),
        lower=freeze(coef - half),
        upper=freeze(coef + half),
        vcov=freeze(vcov),
        clusters=count,
        kind=kind,
        conf_level=float(conf_level),
    )


def _half(
    x: FloatArray,
    v: FloatArray,
    w: FloatArray,
    bread: FloatArray,
    rows: npt.NDArray[np.intp],
    kind: str,
) -> FloatArray:
    """Return the matrix (p, n_j) that takes a cluster's residuals to its share of the score."""
    own = np.ix_(rows, rows)
    score = bread @ x[rows].T @ w[own]
    if kind != "CR2":
        return score
    upper = np.linalg.cholesky(v[own]).T
    spread = v[own] - x[rows] @ bread @ x[rows].T
    values, vectors = np.linalg.eigh(upper @ spread @ upper.T)
    floor = 1e-12 * float(np.abs(values).max())
    power = np.where(values > floor, np.maximum(values, floor) ** -0.5, 0.0)
    out: FloatArray = score @ upper.T @ (vectors * power) @ vectors.T @ upper
    return out


def _satterthwaite(
    x: FloatArray,
    v: FloatArray,
    w: FloatArray,
    bread: FloatArray,
    groups: list[npt.NDArray[np.intp]],
    halves: list[FloatArray],
) -> FloatArray:
    """Return 2 E^2/Var of each variance estimate if the working covariance is right."""
    keep = np.eye(len(x)) - x @ bread @ x.T @ w
    spread = keep @ v @ keep.T
    df = np.empty(x.shape[1])
    for at in range(x.shape[1]):
        cross = np.zeros((len(groups), len(groups)))
        for i, (rows, half) in enumerate(zip(groups, halves, strict=True)):
            left = half[at] @ spread[rows]
            for j, (others, other) in enumerate(zip(groups, halves, strict=True)):
                cross[i, j] = float(left[others] @ other[at])
        df[at] = np.trace(cross) ** 2 / float((cross * cross).sum())
    return df
