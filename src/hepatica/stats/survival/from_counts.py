"""Curves and tests from counts per group and whole day; the same answers as from subjects."""

from __future__ import annotations

import numpy as np

from hepatica.errors import InputError
from hepatica.stats.survival._rank_weights import rank_weight
from hepatica.stats.survival._risk_tables import RiskTable
from hepatica.stats.survival.counts import SurvivalCounts
from hepatica.stats.survival.kaplan_meier import GroupedCurves, KaplanMeier, product_limit
from hepatica.stats.survival.logrank import LogRank, logrank_from_tables


def kaplan_meier_from_counts(
    counts: SurvivalCounts,
    *,
    conf_type: str = "log-log",
    conf_level: float = 0.95,
    median_rule: str = "midpoint_or_first",
) -> KaplanMeier:
    """Estimate the curve of all strata and groups together; see `kaplan_meier`.

    Examples
    --------
    >>> from hepatica.stats.survival import count_survival
    >>> kaplan_meier_from_counts(count_survival([1, 2, 2], [1, 1, 0])).survival.round(3).tolist()
    [0.667, 0.333]
    """
    together = counts.without_strata().without_groups()
    if not together.n.any():
        raise InputError("There is no subject to make a curve of.")
    return _curve(together, 0, conf_type, conf_level, median_rule)


def reverse_kaplan_meier_from_counts(
    counts: SurvivalCounts,
    *,
    conf_type: str = "log-log",
    conf_level: float = 0.95,
    median_rule: str = "midpoint_or_first",
) -> KaplanMeier:
    """Estimate the distribution of follow-up; see `reverse_kaplan_meier`."""
    return kaplan_meier_from_counts(
        SurvivalCounts(events=counts.censored, censored=counts.events, entered=counts.entered),
        conf_type=conf_type,
        conf_level=conf_level,
        median_rule=median_rule,
    )


def kaplan_meier_by_group_from_counts(
    counts: SurvivalCounts,
    *,
    conf_type: str = "log-log",
    conf_level: float = 0.95,
    median_rule: str = "midpoint_or_first",
) -> GroupedCurves:
    """Estimate one curve for each group that has subjects; see `kaplan_meier_by_group`."""
    together = counts.without_strata()
    found = np.flatnonzero(together.n).tolist()
    curves = tuple(_curve(together, code, conf_type, conf_level, median_rule) for code in found)
    return GroupedCurves(groups=tuple(found), curves=curves)


def logrank_from_counts(
    counts: SurvivalCounts, *, weight: str = "logrank", rho: float = 0.0, gamma: float = 0.0
) -> LogRank:
    """Compare the groups that have subjects, over the strata; see `logrank`.

    Examples
    --------
    >>> from hepatica.stats.survival import count_survival
    >>> test = logrank_from_counts(count_survival([1, 2, 3, 4], [1, 1, 1, 1], [0, 0, 1, 1]))
    >>> round(test.statistic, 4)
    2.8824
    """
    choice = rank_weight(weight, rho, gamma)
    found = np.flatnonzero(counts.n)
    table = RiskTable(counts.events[:, found], counts.at_risk[:, found])
    return logrank_from_tables([table], found, choice, counts.n[found])


def _curve(
    counts: SurvivalCounts, group: int, conf_type: str, conf_level: float, median_rule: str
) -> KaplanMeier:
    events, censored, entered = (
        one[0, group] for one in (counts.events, counts.censored, counts.entered)
    )
    day = np.arange(len(events), dtype=np.float64)
    entry = None
    if entered[1:].any():
        starts = np.flatnonzero(entered)
        entry = (starts.astype(np.float64), entered[starts])
    return product_limit(day, events, censored, conf_type, conf_level, median_rule, entry)
