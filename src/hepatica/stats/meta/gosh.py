"""GOSH: the pooled effect and heterogeneity of every subset of studies.

Source: Olkin, Dahabreh and Trikalinos, Res Synth Methods 2012;3:214 (graphical display of study
heterogeneity).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats.meta._pooled import METHODS
from hepatica.stats.meta._studies import read_studies
from hepatica.stats.meta.pool import pool_batch

#: Subsets pooled at a time: few enough for the cache, enough for NumPy.
CHUNK = 2048
LEAST = 2


@dataclass(frozen=True, slots=True)
class Gosh:
    """Pooled subsets of studies; arrays are (s,) unless said otherwise.

    Attributes
    ----------
    included : bool array (s, k)
        The studies of each subset.
    k : int array
        How many they are, at least two.
    estimate, tau2 : float array
        Pooled effect, and variance between the studies of the subset.
    i2, i2_tau2 : float array
        Heterogeneity from Q, and from tau2, as in `Pooled`.
    exhaustive : bool
        Whether these are all subsets; otherwise a seeded sample in which each is as likely.
    method : str
        As given.
    """

    included: npt.NDArray[np.bool_]
    k: IntArray
    estimate: FloatArray
    tau2: FloatArray
    i2: FloatArray
    i2_tau2: FloatArray
    exhaustive: bool
    method: str


def gosh(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    *,
    method: str = "REML",
    most_subsets: int = 32_768,
    seed: int = 1,
) -> Gosh:
    """Pool every subset of two or more studies.

    Parameters
    ----------
    yi, vi : float array (k,)
        Estimates and variances; NaN in both for a study without the outcome.
    method : str
        Estimator of tau2, or "common", as in `pool`.
    most_subsets : int
        All subsets are pooled when 2 to the power of the studies is at most this (15 studies);
        otherwise this many drawn at random.
    seed : int
        Start of the random numbers.

    Raises
    ------
    InputError
        If there are fewer than two studies, or `most_subsets` is not positive.

    Examples
    --------
    >>> found = gosh([0.0, 2.0, 4.0], [1.0, 1.0, 1.0], method="common")
    >>> found.k.tolist(), found.estimate.tolist()
    ([2, 2, 2, 3], [1.0, 2.0, 3.0, 2.0])
    """
    _checks.check_option("method", method, METHODS)
    if most_subsets < 1:
        raise InputError("most_subsets must be 1 or more.")
    studies = read_studies(yi, vi, 1)
    here = np.flatnonzero(studies.present[:, 0])
    if len(here) < LEAST:
        raise InputError("Subsets of studies need at least two studies; there is one.")
    exhaustive = 2 ** len(here) <= most_subsets
    if exhaustive:
        kept = _all(len(here))
    else:
        kept = _drawn(len(here), most_subsets, np.random.default_rng(seed))
    included = np.zeros((len(kept), len(studies.y)), dtype=np.bool_)
    included[:, here] = kept
    figures = _pool(studies.y[here, 0], studies.v[here, 0], kept, method)
    return Gosh(
        included=freeze(included),
        k=freeze(kept.sum(axis=1, dtype=np.int64)),
        estimate=freeze(figures[0]),
        tau2=freeze(figures[1]),
        i2=freeze(figures[2]),
        i2_tau2=freeze(figures[3]),
        exhaustive=exhaustive,
        method=method,
    )


def _all(k: int) -> npt.NDArray[np.bool_]:
    """Return all subsets (s, k) of two or more; by size, so that a chunk is alike."""
    codes = np.arange(2**k, dtype=np.int64)
    kept = ((codes[:, None] >> np.arange(k)) & 1).astype(np.bool_)
    size = kept.sum(axis=1)
    order = np.argsort(size, kind="stable")
    several: npt.NDArray[np.bool_] = kept[order[size[order] >= LEAST]]
    return several


def _drawn(k: int, count: int, rng: np.random.Generator) -> npt.NDArray[np.bool_]:
    """Return random subsets (s, k); too small ones are drawn again."""
    kept: npt.NDArray[np.bool_] = rng.random((count, k)) < 0.5
    small = np.flatnonzero(kept.sum(axis=1) < LEAST)
    while len(small):
        kept[small] = rng.random((len(small), k)) < 0.5
        small = small[kept[small].sum(axis=1) < LEAST]
    return kept


def _pool(y: FloatArray, v: FloatArray, kept: npt.NDArray[np.bool_], method: str) -> FloatArray:
    """Return estimate, tau2 and both I2 (4, s)."""
    figures = np.empty((4, len(kept)))
    for first in range(0, len(kept), CHUNK):
        part = kept[first : first + CHUNK]
        found = pool_batch(np.where(part, y, np.nan), np.where(part, v, np.nan), method=method)
        columns = (found.estimate, found.tau2, found.i2, found.i2_tau2)
        figures[:, first : first + CHUNK] = columns
    return figures
