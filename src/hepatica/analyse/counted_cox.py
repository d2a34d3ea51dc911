"""Proportional hazards models whose covariates have few patterns: many patients are counted."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hepatica.stats._checks import FloatArray
from hepatica.stats.survival import CoxFit, cox
from hepatica.stats.survival.cox_patterns import PatternCells, cox_from_patterns
from hepatica.stats.survival.cox_sums import CoxSumsFit

#: Counting days pays from so many patients on, while the cells are fewer than these.
MANY = 5_000
MOST_CELLS = 1_000_000


def count_patterns(
    time: NDArray[np.int64], event: NDArray[np.int64], pattern: NDArray[np.int64], patterns: int
) -> PatternCells | None:
    """Count patients by day, event and pattern of covariates, where that pays.

    Parameters
    ----------
    time : int array (n,)
        Whole days.
    event : int array (n,)
        1 for an event, 0 for none.
    pattern : int array (n,)
        Place of the patient's pattern.
    patterns : int
        Number of patterns.

    Returns
    -------
    PatternCells, optional
        None for few patients, and for so long a time or so many patterns that cells are too many.
    """
    if len(time) < MANY or 2 * patterns * (int(time.max()) + 1) > MOST_CELLS:
        return None
    days = int(time.max()) + 1
    kind = pattern * 2 + event
    counted = np.bincount(kind * days + time, minlength=2 * patterns * days)
    cell = np.flatnonzero(counted)
    which, day = np.divmod(cell, days)
    place, happened = np.divmod(which, 2)
    return PatternCells(np.zeros(len(cell), np.int64), day, happened, counted[cell], place)


def cox_by_pattern(
    time: NDArray[np.float64] | NDArray[np.int64],
    event: NDArray[np.int64],
    pattern: NDArray[np.int64],
    patterns: FloatArray,
    *,
    ties: str,
    conf_level: float = 0.95,
) -> CoxFit | CoxSumsFit:
    """Fit a model to patients who share few patterns of covariates.

    Parameters
    ----------
    time : array (n,)
        Times; whole days of many patients are counted, others fitted row by row.
    event : int array (n,)
        1 for an event, 0 for none.
    pattern : int array (n,)
        Place of the patient's pattern.
    patterns : float array (m, p)
        Covariates of each pattern.
    ties : {"efron", "breslow"}
        Handling of tied event times.
    conf_level : float
        Confidence level of the limits.

    Raises
    ------
    NoFiniteEstimateError
        If the likelihood rises without end.
    InputError
        If there is no event, or a column does not vary or follows from the others.

    Examples
    --------
    >>> import numpy as np
    >>> time, group = np.array([1, 2, 3]), np.array([1, 0, 1])
    >>> fit = cox_by_pattern(time, np.ones(3, int), group, np.array([[0.0], [1.0]]), ties="efron")
    >>> round(fit.hazard_ratio.item(), 4)
    0.7071
    """
    if time.dtype.kind == "i":
        cells = count_patterns(time.astype(np.int64, copy=False), event, pattern, len(patterns))
        if cells is not None:
            return cox_from_patterns(cells, patterns, ties=ties, conf_level=conf_level)
    return cox(time, event, patterns[pattern], ties=ties, conf_level=conf_level)


def in_whole_days(time: NDArray[np.float64]) -> NDArray[np.float64] | NDArray[np.int64]:
    """Return times as whole numbers where all of them are: whole days are counted, not sorted.

    Examples
    --------
    >>> import numpy as np
    >>> in_whole_days(np.array([1.0, 30.0])).dtype.kind, in_whole_days(np.array([0.5])).dtype.kind
    ('i', 'f')
    """
    return time.astype(np.int64) if bool((time == np.floor(time)).all()) else time
