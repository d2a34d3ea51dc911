"""How far single studies carry the pooled estimate: one left out at a time, or added one by one.

Source: Lau, Schmid and Chalmers, J Clin Epidemiol 1995;48:45 (cumulative meta-analysis).
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from hepatica.errors import InputError
from hepatica.stats._checks import freeze
from hepatica.stats.meta._pooled import Options, fit
from hepatica.stats.meta._studies import Studies, read_studies
from hepatica.stats.meta.pool import PooledBatch, batch_of, pooling_options

#: Poolings at a time: their arrays stay in the cache.
CHUNK = 2048


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
    studies = _outcomes(yi, vi)
    kept = ~np.eye(len(studies.y), dtype=np.bool_)
    return _pool_parts(studies, kept, pooling_options(method, ci, prediction, conf_level))


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
    studies = _outcomes(yi, vi)
    kept = np.tri(len(studies.y), dtype=np.bool_)
    return _pool_parts(studies, kept, pooling_options(method, ci, prediction, conf_level))


def _outcomes(yi: npt.ArrayLike, vi: npt.ArrayLike) -> Studies:
    studies = read_studies(yi, vi, 1 if np.ndim(yi) == 1 else 2)
    if len(studies.y) < 2:
        raise InputError("yi and vi must hold the same two or more studies.")
    return studies


def _pool_parts(studies: Studies, kept: npt.NDArray[np.bool_], options: Options) -> PooledBatch:
    """Pool the studies (k, o) of each row of `kept` (r, k), for each outcome: rows o * r + i."""
    k, outcomes = studies.y.shape
    per_chunk = max(1, CHUNK // len(kept))
    here = np.ascontiguousarray(kept.T)[:, None, :]
    parts = []
    for first in range(0, outcomes, per_chunk):
        some = slice(first, first + per_chunk)
        present = (studies.present[:, some, None] & here).reshape(k, -1)
        y = np.where(here, studies.y[:, some, None], 0.0).reshape(k, -1)
        v = np.where(here, studies.v[:, some, None], np.inf).reshape(k, -1)
        some_kept = Studies(y, v, present, present.sum(axis=0, dtype=np.int64))
        parts.append(batch_of(fit(some_kept, options), options))
    return _joined(parts)


def _joined(parts: list[PooledBatch]) -> PooledBatch:
    if len(parts) == 1:
        return parts[0]
    arrays: dict[str, Any] = {
        one.name: freeze(np.concatenate([getattr(part, one.name) for part in parts]))
        for one in fields(PooledBatch)
        if isinstance(getattr(parts[0], one.name), np.ndarray)
    }
    return replace(parts[0], **arrays)
