"""Words of ``published.yaml``: key columns, statistics, scales, and how numbers were made."""

from __future__ import annotations

from typing import get_args

from hepatica.published.model import Made, Scale
from hepatica.results import KEY

#: Columns that a printed number may give.
COLUMNS = tuple(name for name in KEY if name not in ("study", "origin"))

MADE: tuple[str, ...] = get_args(Made)
SCALES: tuple[str, ...] = get_args(Scale)

_WITH_LIMITS = (
    *("median", "mean", "survival", "follow_up_median", "percent", "hazard_ratio", "estimate"),
    *("hodges_lehmann", "risk_difference", "risk_ratio", "odds_ratio", "restricted_mean"),
    *("restricted_mean_difference", "restricted_mean_ratio"),
)
_ALONE = (
    *("n", "missing", "sd", "q1", "q3", "min", "max", "events", "censored", "events_percent"),
    *("censored_percent", "time_max", "at_risk", "cumulative_events", "test_statistic", "df"),
    *("p_value", "coef", "std_error", "historical", "target", "n_baseline"),
    *("n_matched", "n_zero", "iqr", "cut_point", "n_below_limit", "screened"),
    *("screening_failures", "p_value_holm", "p_value_benjamini_hochberg"),
    *("n_met", "n_unmet", "n_unknown", "interaction_p_value", "pearson_p_value"),
    *("fisher_p_value", "restricted_mean_difference_p_value"),
)

#: Statistics that a printed number may be.
STATISTICS = (
    *_ALONE,
    *(name + end for name in _WITH_LIMITS for end in ("", "_lower", "_upper")),
)


def scale_of(statistic: str) -> Scale:
    """Return how a statistic is printed unless the file says otherwise.

    Examples
    --------
    >>> scale_of("survival_lower"), scale_of("percent"), scale_of("median")
    ('fraction', 'percent', 'plain')
    """
    if statistic.startswith("survival"):
        return "fraction"
    return "percent" if "percent" in statistic else "plain"
