"""The log-rank test of k groups and its weighted family, with strata and delayed entry.

Sources: Mantel, Cancer Chemother Rep 1966;50:163; Peto and Peto, J R Stat Soc A 1972;135:185;
for the weights see `_rank_weights`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats.survival._rank_weights import LOGRANK, RankWeight, rank_weight, weights_at
from hepatica.stats.survival._risk_tables import (
    RiskTable,
    checked_entry,
    layout,
    risk_tables,
    unread_events,
)


@dataclass(frozen=True, slots=True, eq=False)
class LogRank:
    """Log-rank test, or a weighted one.

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
        Events seen, and expected were the hazards equal; weighted, and summed over strata.
    variance : float array (k, k)
        Covariance matrix of observed less expected (hypergeometric).
    weight : str
        Name of the weights.
    rho, gamma : float
        Exponents of Fleming and Harrington.
    """

    statistic: float
    df: int
    p_value: float
    groups: IntArray
    n: IntArray
    observed: FloatArray
    expected: FloatArray
    variance: FloatArray
    weight: str
    rho: float
    gamma: float


def logrank(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    group: npt.ArrayLike,
    *,
    strata: npt.ArrayLike | None = None,
    entry: npt.ArrayLike | None = None,
    weight: str = "logrank",
    rho: float = 0.0,
    gamma: float = 0.0,
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
    entry : array (n,), optional
        Time from which each subject is followed, as in `kaplan_meier`.
    weight : str
        Weight of an event time with n at risk and d events: ``logrank`` 1; ``gehan`` n;
        ``tarone-ware`` sqrt(n); ``peto-peto`` S, the product of 1 - d / (n + 1) up to and at the
        time; ``modified-peto`` S n / (n + 1); ``fleming-harrington`` K**rho (1 - K)**gamma with
        K the Kaplan-Meier estimate of all groups just before the time. Each stratum has its own.
    rho, gamma : float
        Exponents, for ``fleming-harrington`` alone. R's ``survdiff(rho = r)`` is rho r, gamma 0.

    Raises
    ------
    InputError
        If the arrays or options cannot be used, there is one group only, there is no event, or
        the groups are never at risk together.

    Examples
    --------
    >>> test = logrank([1, 2, 3, 4], [1, 1, 1, 1], [0, 0, 1, 1])
    >>> round(test.statistic, 4), test.df
    (2.8824, 1)
    >>> early = logrank([1, 2, 3, 4], [1, 1, 1, 1], [0, 0, 1, 1], weight="gehan")
    >>> early.observed.tolist(), early.expected.round(4).tolist()
    ([7.0, 3.0], [3.0, 7.0])
    """
    choice = rank_weight(weight, rho, gamma)
    checked = _checks.times(time)
    n = len(checked)
    where, groups = layout(group, strata, n)
    entered = checked_entry(entry, checked)
    tables = risk_tables(checked, unread_events(event, n), where, entered)
    subjects = np.bincount(where.group, minlength=len(groups)) if len(entered) else None
    return logrank_from_tables(tables, groups, choice, subjects)


def logrank_from_tables(
    tables: Sequence[RiskTable],
    groups: IntArray,
    choice: RankWeight = LOGRANK,
    subjects: IntArray | None = None,
) -> LogRank:
    """Test from events and subjects at risk.

    `subjects` are the sizes of the groups; without them all are at risk from the first time.
    """
    k = len(groups)
    parts = [weighted_moments(table, choice) for table in tables]
    # Sums of the plain test tell whether there is an event; others may have weights of 0.
    any_event = bool(parts[0][0].any()) or any(bool(table.events.any()) for table in tables)
    refuse_without_comparison(k, any_event)
    observed, expected, variance = parts[0]
    for seen, hoped, spread in parts[1:]:
        observed, expected, variance = observed + seen, expected + hoped, variance + spread
    if subjects is None:
        subjects = tables[0].risk[:, :, 0].sum(axis=0)
        for table in tables[1:]:
            subjects = subjects + table.risk[:, :, 0].sum(axis=0)
    statistic, df = _chi_square(observed, expected, variance)
    return LogRank(
        statistic=statistic,
        df=df,
        p_value=float(chdtrc(df, statistic)),
        groups=freeze(groups.copy()),
        n=freeze(subjects),
        observed=freeze(observed),
        expected=freeze(expected),
        variance=freeze(variance),
        weight=choice.kind,
        rho=choice.rho,
        gamma=choice.gamma,
    )


def refuse_without_comparison(k: int, any_event: bool) -> None:
    """Refuse one group, and no event."""
    if k < 2:
        raise InputError("The log-rank test compares at least two groups; there is one.")
    if not any_event:
        raise InputError("The log-rank test needs at least one event; there is none.")


def weighted_moments(
    table: RiskTable, choice: RankWeight
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return weighted observed, expected and covariance, summed over the strata of a table."""
    n_strata, k, m = table.events.shape
    events, risk = _flat(table.events), _flat(table.risk)
    deaths = _over_groups(events)
    used = np.flatnonzero(deaths)
    d = deaths[used].astype(np.float64)
    at_risk = risk.take(used, axis=1).astype(np.float64)
    n = _over_groups(at_risk)
    share = at_risk / n
    spread = d * (n - d) / np.maximum(n - 1.0, 1.0)
    if choice.kind == "logrank":
        observed = events.sum(axis=1).astype(np.float64)
    else:
        # Each stratum has its own curve, so that its times stay together.
        shape = (n_strata, m)
        all_d, all_n = (x.reshape(shape).astype(np.float64) for x in (deaths, _over_groups(risk)))
        weight = weights_at(choice, all_d, all_n).ravel()[used]
        observed = events.take(used, axis=1) @ weight
        d *= weight
        spread *= weight * weight
    expected: FloatArray = share @ d
    if k == 2:
        only = float((share[0] * share[1]) @ spread)
        return observed, expected, np.array([[only, -only], [-only, only]])
    scaled = share * spread
    return observed, expected, np.diag(scaled.sum(axis=1)) - scaled @ share.T


def _flat(counts: IntArray) -> IntArray:
    """Return counts (s, k, m) as (k, s * m)."""
    if len(counts) == 1:
        one: IntArray = counts[0]
        return one
    return counts.transpose(1, 0, 2).reshape(counts.shape[1], -1)


def _over_groups(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    # Two are by far the most frequent, and adding them is faster than a sum over an axis.
    if len(values) == 2:
        both: npt.NDArray[Any] = values[0] + values[1]
        return both
    return np.asarray(values.sum(axis=0))


def _chi_square(
    observed: FloatArray, expected: FloatArray, variance: FloatArray
) -> tuple[float, int]:
    used = np.flatnonzero(expected > 0.0)
    if not len(used):
        raise InputError("The weights are 0 at all times of events; choose other weights.")
    if len(used) < 2:
        raise InputError("The groups are never at risk together at the time of an event.")
    # The differences sum to zero: the first group carries nothing new.
    kept = used[1:]
    difference = (observed - expected)[kept]
    if len(kept) == 1:
        only = float(variance[kept[0], kept[0]])
        if only <= 0.0:
            raise InputError("Some groups are never at risk together at the time of an event.")
        return float(difference[0]) ** 2 / only, 1
    matrix = variance[np.ix_(kept, kept)]
    scale = np.sqrt(np.diag(matrix))
    if not scale.all() or np.linalg.cond(matrix / np.outer(scale, scale)) > 1e12:
        raise InputError("Some groups are never at risk together at the time of an event.")
    return float(difference @ np.linalg.solve(matrix, difference)), len(kept)
