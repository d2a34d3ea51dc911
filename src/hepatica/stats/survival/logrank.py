"""The log-rank test of k groups, with strata.

Sources: Mantel, Cancer Chemother Rep 1966;50:163; Peto and Peto, J R Stat Soc A 1972;135:185.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats.survival._tally import Tally, at_risk, tally


@dataclass(frozen=True, slots=True, eq=False)
class LogRank:
    """Log-rank test.

    Attributes
    ----------
    statistic : float
        Chi-square statistic.
    df : int
        Groups with an expected count, less one.
    p_value : float
        Two-sided (for two groups) p-value.
    groups : int array (k,)
        Codes of the groups, rising.
    n : int array (k,)
        Subjects.
    observed, expected : float array (k,)
        Events seen, and expected were the hazards equal; summed over strata.
    variance : float array (k, k)
        Covariance matrix of observed less expected (hypergeometric).
    """

    statistic: float
    df: int
    p_value: float
    groups: IntArray
    n: IntArray
    observed: FloatArray
    expected: FloatArray
    variance: FloatArray


def logrank(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    group: npt.ArrayLike,
    *,
    strata: npt.ArrayLike | None = None,
) -> LogRank:
    """Test whether k groups have the same hazard at all times.

    Parameters
    ----------
    time, event : array (n,)
        As in `kaplan_meier`.
    group : array (n,)
        Whole-number code of each subject's group, at least two different.
    strata : array (n,), optional
        Whole-number code of each subject's stratum; without it all are in one.

    Raises
    ------
    InputError
        If the arrays cannot be used, there is one group only, there is no event, or the groups
        are never at risk together.

    Examples
    --------
    >>> test = logrank([1, 2, 3, 4], [1, 1, 1, 1], [0, 0, 1, 1])
    >>> round(test.statistic, 4), test.df
    (2.8824, 1)
    """
    checked = _checks.times(time)
    n = len(checked)
    flags = _checks.events(event, n)
    groups, position = _checks.codes("group", group, n)
    n_strata = 1
    k = len(groups)
    if strata is not None:
        found, stratum = _checks.codes("strata", strata, n)
        n_strata = len(found)
        position = position + k * stratum
    counts = tally(checked, flags, position, n_strata * k)
    return logrank_from_tally(counts, groups, n_strata)


def logrank_from_tally(counts: Tally, groups: IntArray, n_strata: int) -> LogRank:
    """Test from counts whose first axis is stratum by group."""
    k = len(groups)
    if k < 2:
        raise InputError("The log-rank test compares at least two groups; there is one.")
    if not counts.events.any():
        raise InputError("The log-rank test needs at least one event; there is none.")
    shape = (n_strata, k, len(counts.time))
    events = counts.events.reshape(shape)
    risk = at_risk(events + counts.censored.reshape(shape))
    expected = np.zeros(k)
    variance = np.zeros((k, k))
    for stratum_events, stratum_risk in zip(events, risk, strict=True):
        stratum_expected, stratum_variance = _moments(stratum_events, stratum_risk)
        expected += stratum_expected
        variance += stratum_variance
    observed = events.sum(axis=(0, 2)).astype(np.float64)
    statistic, df = _chi_square(observed, expected, variance)
    return LogRank(
        statistic=statistic,
        df=df,
        p_value=float(chdtrc(df, statistic)),
        groups=freeze(groups.copy()),
        n=freeze(risk[:, :, 0].sum(axis=0)),
        observed=freeze(observed),
        expected=freeze(expected),
        variance=freeze(variance),
    )


def _moments(events: IntArray, risk: IntArray) -> tuple[FloatArray, FloatArray]:
    deaths = events.sum(axis=0)
    used = deaths > 0
    d = deaths[used].astype(np.float64)
    group_risk = risk[:, used].astype(np.float64)
    n = group_risk.sum(axis=0)
    share = group_risk / n
    weight = d * (n - d) / np.maximum(n - 1.0, 1.0)
    variance = np.diag((share * weight).sum(axis=1)) - (share * weight) @ share.T
    return (share * d).sum(axis=1), variance


def _chi_square(
    observed: FloatArray, expected: FloatArray, variance: FloatArray
) -> tuple[float, int]:
    used = np.flatnonzero(expected > 0.0)
    if len(used) < 2:
        raise InputError("The groups are never at risk together at the time of an event.")
    # The differences sum to zero: the first group carries nothing new.
    kept = used[1:]
    difference = (observed - expected)[kept]
    matrix = variance[np.ix_(kept, kept)]
    scale = np.sqrt(np.diag(matrix))
    if not scale.all() or np.linalg.cond(matrix / np.outer(scale, scale)) > 1e12:
        raise InputError("Some groups are never at risk together at the time of an event.")
    return float(difference @ np.linalg.solve(matrix, difference)), len(kept)
