"""Gray's test that k groups have the same cumulative incidence of a cause, with strata.

Source: Gray, Ann Stat 1988;16:1141.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats.survival._causes import CauseTally, causes_of, check_cause, tally_causes
from hepatica.stats.survival._tally import at_risk


@dataclass(frozen=True, slots=True, eq=False)
class GrayTest:
    """Gray's test.

    Attributes
    ----------
    statistic : float
        Chi-square statistic.
    df : int
        Groups less one.
    p_value : float
        Its p-value.
    cause : int
        The cause of interest.
    rho : float
        As given.
    groups : int array (k,)
        Codes of the groups, rising.
    n, observed : int array (k,)
        Subjects, and events of the cause.
    score : float array (k,)
        Weighted events seen less those expected were the incidences equal; sums to 0.
    variance : float array (k, k)
        Covariance matrix of `score`.
    """

    statistic: float
    df: int
    p_value: float
    cause: int
    rho: float
    groups: IntArray
    n: IntArray
    observed: IntArray
    score: FloatArray
    variance: FloatArray


def gray_test(
    time: npt.ArrayLike,
    cause: npt.ArrayLike,
    group: npt.ArrayLike,
    *,
    cause_of_interest: int = 1,
    strata: npt.ArrayLike | None = None,
    rho: float = 0.0,
) -> GrayTest:
    """Test whether k groups have the same cumulative incidence of a cause at all times.

    Parameters
    ----------
    time, cause : array (n,)
        As in `cumulative_incidence`.
    group : array (n,)
        Whole-number code of each subject's group, at least two different.
    cause_of_interest : int
        The cause; all others compete with it.
    strata : array (n,), optional
        Whole-number code of each subject's stratum.
    rho : float
        Power of one less the pooled incidence as weight; 0 weighs all events alike.

    Raises
    ------
    InputError
        If the arrays cannot be used, there is one group only or no event of the cause, or the
        groups are never at risk together.

    Notes
    -----
    With one cause and `rho` 0 the score is that of the log-rank test; the variance differs,
    because it is estimated for subdistributions.

    Examples
    --------
    >>> test = gray_test([1, 2, 3, 4, 5, 6], [1, 2, 1, 0, 1, 2], [0, 0, 1, 0, 1, 1])
    >>> round(test.statistic, 4), test.df
    (0.0179, 1)
    """
    checked = _checks.times(time)
    n = len(checked)
    codes, m = causes_of(cause, n, None)
    check_cause(cause_of_interest, m)
    groups, position = _checks.codes("group", group, n)
    n_strata = 1
    k = len(groups)
    if strata is not None:
        found, stratum = _checks.codes("strata", strata, n)
        n_strata = len(found)
        position = position + k * stratum
    # What competes need not be told apart.
    told = np.where(codes == cause_of_interest, 1, np.where(codes > 0, 2, 0))
    counts = tally_causes(checked, told, 2, position, n_strata * k)
    return gray_from_tally(counts, groups, n_strata, cause_of_interest, rho)


def gray_from_tally(
    counts: CauseTally, groups: IntArray, n_strata: int, cause: int, rho: float
) -> GrayTest:
    """Test from counts (stratum by group, 2, t): events of the cause, and those that compete."""
    k = len(groups)
    if k < 2:
        raise InputError("Gray's test compares at least two groups; there is one.")
    if not np.isfinite(_checks.number("rho", rho)):
        raise InputError(f"rho must be a finite number; it is {rho!r}.")
    events = counts.events.reshape(n_strata, k, 2, -1)
    if not events[:, :, 0].any():
        raise InputError("Gray's test needs at least one event of the cause; there is none.")
    removed = events.sum(axis=2) + counts.censored.reshape(n_strata, k, -1)
    score = np.zeros(k)
    variance = np.zeros((k, k))
    for stratum_events, stratum_removed in zip(events, removed, strict=True):
        part = _moments(stratum_events.astype(np.float64), at_risk(stratum_removed), rho)
        score += part[0]
        variance += part[1]
    # The scores sum to zero: the last carries nothing new.
    matrix, kept = variance[:-1, :-1], score[:-1]
    scale = np.sqrt(np.maximum(np.diag(matrix), 0.0))
    if not scale.all() or np.linalg.cond(matrix / np.outer(scale, scale)) > 1e12:
        raise InputError("Some groups are never at risk together at the time of an event.")
    statistic = float(kept @ np.linalg.solve(matrix, kept))
    return GrayTest(
        statistic=statistic,
        df=k - 1,
        p_value=float(chdtrc(k - 1, statistic)),
        cause=cause,
        rho=float(rho),
        groups=freeze(groups.copy()),
        n=freeze(removed.sum(axis=(0, 2))),
        observed=freeze(events[:, :, 0].sum(axis=(0, 2))),
        score=freeze(score),
        variance=freeze(variance),
    )


def _moments(events: FloatArray, risk: IntArray, rho: float) -> tuple[FloatArray, FloatArray]:
    """Return scores and covariance in one stratum; `events` is (k, 2, t), `risk` (k, t)."""
    # Once a single group is left there is nothing to compare.
    at_all = np.flatnonzero(events.any(axis=(0, 1)) & (np.count_nonzero(risk, axis=0) > 1))
    events, y = events[:, :, at_all], risk[:, at_all].astype(np.float64)
    followed = y > 0
    left = np.cumprod(1.0 - events.sum(axis=1) / np.where(followed, y, 1.0), axis=1)
    before = np.concatenate((np.ones((len(y), 1)), left[:, :-1]), axis=1)
    # Subjects at risk had nobody been censored, on the scale of the group's size.
    whole = np.divide(y, before, out=np.zeros_like(y), where=followed)
    whole_sum = whole.sum(axis=0)
    together = events[:, 0].sum(axis=0)
    step = together / whole_sum
    pooled = np.cumsum(step)
    pooled_before = np.concatenate(([0.0], pooled[:-1]))
    # Rounding must not make an incidence that has reached 1 pass it.
    free_before = np.maximum(1.0 - pooled_before, 0.0)
    free = np.maximum(1.0 - pooled, 0.0)
    used = (together > 0) & (free_before > 0)
    weight = np.power(free_before, rho, out=np.zeros_like(step), where=used)
    hazard = np.divide(step, free_before, out=np.zeros_like(step), where=used)
    share = whole / whole_sum
    # Each group's risk set is kept large by those who had a competing event.
    own = np.where(followed, y * _own_free(events, y, before) / np.where(followed, before, 1.0), 0)
    expected = own * np.divide(
        together, own.sum(axis=0), out=np.zeros_like(step), where=together > 0
    )
    score = (weight * (events[:, 0] - expected)).sum(axis=1)
    variance = np.zeros((len(y), len(y)))
    for r in range(len(y)):
        lead = weight * ((np.arange(len(y)) == r)[:, None] - share)
        sums = np.cumsum(lead * whole[r] * hazard, axis=1)
        ahead = np.where(followed[r], sums[:, -1:] - sums, 0.0)
        ahead = np.divide(ahead, whole[r], out=np.zeros_like(ahead), where=followed[r])
        ratio = np.divide(free, left[r], out=np.zeros_like(free), where=left[r] > 0)
        from_cause = (lead + ahead * (1.0 - ratio)) * followed[r]
        from_others = ahead * ratio
        spread = whole[r] * step * _tie_factor(together, whole_sum * before[r])
        others = events[r, 1] * _tie_factor(events[r, 1], y[r])
        variance += (from_cause * spread) @ from_cause.T + (from_others * others) @ from_others.T
    return score, variance


def _own_free(events: FloatArray, y: FloatArray, before: FloatArray) -> FloatArray:
    """Return one less each group's own incidence of the cause, just before each time."""
    steps = np.divide(before * events[:, 0], y, out=np.zeros_like(y), where=y > 0)
    incidence = np.cumsum(steps, axis=1)
    return 1.0 - np.concatenate((np.zeros((len(y), 1)), incidence[:, :-1]), axis=1)


def _tie_factor(events: FloatArray, n: FloatArray) -> FloatArray:
    """Return 1 - (d - 1) / (n - 1) for d tied events of n at risk; 1 for one event.

    The n of the cause is an estimate, so with many ties among few the factor can fall below 0;
    it is left so, as in the author's own program (cmprsk).
    """
    several = events > 1
    return np.where(several, 1.0 - (events - 1.0) / np.where(several, n - 1.0, 1.0), 1.0)
