"""Curves and tests from counts per group and whole day; the same answers as from subjects."""

from __future__ import annotations

import numpy as np

from hepatica.errors import InputError
from hepatica.stats.survival import _counted
from hepatica.stats.survival._counted import Counted
from hepatica.stats.survival._product_limit import CurveOptions, product_limit
from hepatica.stats.survival._rank_weights import rank_weight
from hepatica.stats.survival._risk_tables import RiskTable
from hepatica.stats.survival.counts import SurvivalCounts
from hepatica.stats.survival.curves import GroupedCurves, KaplanMeier
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
    options = CurveOptions(conf_type, conf_level, median_rule)
    return product_limit(counted_together(counts), options)


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
    options = CurveOptions(conf_type, conf_level, median_rule)
    together = counts.without_strata()
    found = np.flatnonzero(together.n).tolist()
    curves = tuple(product_limit(counted_group(together, code), options) for code in found)
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


def counted_together(counts: SurvivalCounts) -> Counted:
    """Return the subjects of all strata and groups as one group."""
    together = counts.without_strata().without_groups()
    if not together.n.any():
        raise InputError("There is no subject to make a curve of.")
    return counted_group(together, 0)


def counted_group(counts: SurvivalCounts, group: int) -> Counted:
    """Return one group of counts without strata, which has subjects."""
    day = np.arange(counts.events.shape[2], dtype=np.float64)
    events, censored = counts.events[0, group], counts.censored[0, group]
    entered = counts.entered[0, group]
    if not entered[1:].any():
        return _counted.from_counts(day, events, censored)
    starts = np.flatnonzero(entered)
    return _counted.from_counts(day, events, censored, starts.astype(np.float64), entered[starts])
