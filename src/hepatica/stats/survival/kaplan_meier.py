"""Kaplan-Meier curves with pointwise limits, quantiles and landmarks.

Sources: Kaplan and Meier, J Am Stat Assoc 1958;53:457; Greenwood 1926; Brookmeyer and Crowley,
Biometrics 1982;38:29; Kalbfleisch and Prentice 1980 (log-log); Schemper and Smith, Control Clin
Trials 1996;17:343 (reverse Kaplan-Meier); Xie and Liu, Stat Med 2005;24:3089 (weights).
"""

from __future__ import annotations

import numpy.typing as npt

from hepatica.stats import _checks
from hepatica.stats.survival._counted import (
    check_subjects,
    count_each,
    count_one,
    count_plain,
    count_plain_groups,
)
from hepatica.stats.survival._entry import check_entries, follows_entry
from hepatica.stats.survival._product_limit import CurveOptions, product_limit
from hepatica.stats.survival.curves import GroupedCurves, KaplanMeier, Quantile, SurvivalAt

__all__ = [
    "GroupedCurves",
    "KaplanMeier",
    "Quantile",
    "SurvivalAt",
    "check_entries",
    "follows_entry",
    "kaplan_meier",
    "kaplan_meier_by_group",
    "reverse_kaplan_meier",
]


def kaplan_meier(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    *,
    weights: npt.ArrayLike | None = None,
    entry: npt.ArrayLike | None = None,
    variance: str = "greenwood",
    conf_type: str = "log-log",
    conf_level: float = 0.95,
    median_rule: str = "midpoint_or_first",
) -> KaplanMeier:
    """Estimate a survival curve by the product-limit method.

    Parameters
    ----------
    time : array (n,)
        Times, finite and not negative; the unit is the caller's.
    event : array (n,)
        1 for an event, 0 for a censoring. A censoring at the time of an event counts as later.
    weights : array (n,), optional
        How much each subject counts, not negative. Whole numbers of like subjects (case weights)
        go with `variance="greenwood"`; inverse-probability weights with `variance="robust"`.
    entry : array (n,), optional
        Time from which each subject is followed (delayed entry, left truncation), before its
        `time`; at risk at t are those with entry < t <= time. Without it all are followed from 0.
    variance : {"greenwood", "robust"}
        Greenwood's formula on the (weighted) counts, or the infinitesimal jackknife, which takes
        each row as one subject whatever its weight.
    conf_type : {"log-log", "log", "plain", "logit", "arcsine", "rothman-wilson"}
        Scale of the pointwise limits, also used for the limits of quantiles.
    conf_level : float
        Confidence level.
    median_rule : {"midpoint_or_first", "midpoint_or_missing", "first_time"}
        The quantile when the curve is flat on the level: the middle of the flat part, and if no
        later event ends it its start (as R prints it) or nothing (as SAS); or always its start.

    Raises
    ------
    InputError
        If the arrays or options cannot be used.

    Notes
    -----
    Times that differ by less than 1e-12 of their size are one time. A curve within 1.5e-8 of a
    level is on it. With delayed entry few may be at risk early: a time at which all of them have
    the event brings the curve to 0 for good, so look at `at_risk`.

    Examples
    --------
    >>> curve = kaplan_meier([1, 2, 2, 3, 4], [1, 1, 0, 0, 1])
    >>> curve.survival.round(3).tolist()
    [0.8, 0.6, 0.6, 0.0]
    >>> curve.median.estimate
    4.0
    >>> kaplan_meier([1, 2, 3], [1, 1, 0], weights=[0.5, 1.0, 1.5]).at_risk.tolist()
    [3.0, 2.5, 1.5]
    """
    options = CurveOptions(conf_type, conf_level, median_rule, variance)
    if weights is None and entry is None and not options.robust:
        return product_limit(count_plain(time, event), options)
    subjects = check_subjects(time, event, weights, entry)
    return product_limit(count_one(subjects, robust=options.robust), options)


def kaplan_meier_by_group(  # noqa: PLR0913 - the options of one curve, and the group
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    group: npt.ArrayLike,
    *,
    weights: npt.ArrayLike | None = None,
    entry: npt.ArrayLike | None = None,
    variance: str = "greenwood",
    conf_type: str = "log-log",
    conf_level: float = 0.95,
    median_rule: str = "midpoint_or_first",
) -> GroupedCurves:
    """Estimate one survival curve for each group; see `kaplan_meier`.

    Parameters
    ----------
    group : array (n,)
        Whole-number code of each subject's group.

    Examples
    --------
    >>> grouped = kaplan_meier_by_group([1, 2, 3, 4], [1, 1, 1, 0], [0, 0, 1, 1])
    >>> grouped.groups, [curve.n for curve in grouped.curves]
    ((0, 1), [2, 2])
    """
    options = CurveOptions(conf_type, conf_level, median_rule, variance)
    if weights is None and entry is None and not options.robust:
        found, counted = count_plain_groups(time, event, group)
    else:
        subjects = check_subjects(time, event, weights, entry)
        found, position = _checks.codes("group", group, len(subjects.time))
        counted = count_each(subjects, position, len(found), robust=options.robust)
    return GroupedCurves(
        groups=tuple(found.tolist()),
        curves=tuple(product_limit(one, options) for one in counted),
    )


def reverse_kaplan_meier(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    *,
    weights: npt.ArrayLike | None = None,
    entry: npt.ArrayLike | None = None,
    variance: str = "greenwood",
    conf_type: str = "log-log",
    conf_level: float = 0.95,
    median_rule: str = "midpoint_or_first",
) -> KaplanMeier:
    """Estimate the distribution of follow-up: censoring is the event, the event a censoring.

    A subject with the event at the time of a censoring is still at risk of that censoring.
    Parameters are those of `kaplan_meier`; in the value, `events` are the end of follow-up.

    Examples
    --------
    >>> reverse_kaplan_meier([1, 2, 3, 4, 5], [1, 0, 1, 0, 0]).median.estimate
    4.0
    """
    options = CurveOptions(conf_type, conf_level, median_rule, variance)
    subjects = check_subjects(time, event, weights, entry)
    turned = subjects.reversed()
    return product_limit(count_one(turned, robust=options.robust), options)
