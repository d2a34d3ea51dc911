"""How far single studies carry the pooled estimate: one left out at a time, or added one by one.

Source: Lau, Schmid and Chalmers, J Clin Epidemiol 1995;48:45 (cumulative meta-analysis).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hepatica.errors import InputError
from hepatica.stats._checks import FloatArray
from hepatica.stats.meta.pool import PooledBatch, pool_batch


def leave_one_out(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    *,
    method: str = "REML",
    ci: str = "wald",
    prediction: str = "t(k-1)",
    conf_level: float = 0.95,
) -> PooledBatch:
    """Pool all studies but one, for each study.

    Parameters
    ----------
    yi, vi : float array (k,) or (o, k)
        Estimates and variances of one outcome, or of several.
    method, ci, prediction, conf_level
        As in `pool`.

    Returns
    -------
    PooledBatch
        Row i is without study i; of several outcomes, row o * k + i. In a row of a study that the
        outcome does not have, nothing is left out.

    Raises
    ------
    InputError
        If there are fewer than two studies.

    Examples
    --------
    >>> leave_one_out([1.0, 2.0, 6.0], [1.0, 1.0, 1.0], method="common").estimate.tolist()
    [4.0, 3.5, 1.5]
    """
    y, v = _outcomes(yi, vi)
    k = y.shape[1]
    kept = ~np.eye(k, dtype=np.bool_)
    return pool_batch(
        _masked(y, kept),
        _masked(v, kept),
        method=method,
        ci=ci,
        prediction=prediction,
        conf_level=conf_level,
    )


def cumulative(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    *,
    method: str = "REML",
    ci: str = "wald",
    prediction: str = "t(k-1)",
    conf_level: float = 0.95,
) -> PooledBatch:
    """Pool the first study, the first two, and so on, in the order given.

    Parameters and value are those of `leave_one_out`; row i holds the studies up to i.

    Examples
    --------
    >>> cumulative([1.0, 2.0, 6.0], [1.0, 1.0, 1.0], method="common").estimate.tolist()
    [1.0, 1.5, 3.0]
    """
    y, v = _outcomes(yi, vi)
    kept = np.tri(y.shape[1], dtype=np.bool_)
    return pool_batch(
        _masked(y, kept),
        _masked(v, kept),
        method=method,
        ci=ci,
        prediction=prediction,
        conf_level=conf_level,
    )


def _outcomes(yi: npt.ArrayLike, vi: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    y = np.atleast_2d(np.asarray(yi, dtype=np.float64))
    v = np.atleast_2d(np.asarray(vi, dtype=np.float64))
    if y.ndim != 2 or y.shape != v.shape or y.shape[1] < 2:
        raise InputError("yi and vi must hold the same two or more studies.")
    return y, v


def _masked(values: FloatArray, kept: npt.NDArray[np.bool_]) -> FloatArray:
    rows: FloatArray = np.where(kept[None], values[:, None, :], np.nan)
    return rows.reshape(-1, values.shape[1])
