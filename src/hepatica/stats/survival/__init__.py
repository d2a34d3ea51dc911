"""Survival analysis: curves, tests and proportional hazards, one estimator a file."""

from hepatica.stats.survival.counts import SurvivalCounts, count_survival, counts_from_cells
from hepatica.stats.survival.cox import CoxFit, NoFiniteEstimateError, TestResult, cox
from hepatica.stats.survival.curves import (
    AtRiskTable,
    GroupedCurves,
    KaplanMeier,
    Quantile,
    SurvivalAt,
    at_risk_table,
)
from hepatica.stats.survival.from_counts import (
    kaplan_meier_by_group_from_counts,
    kaplan_meier_from_counts,
    logrank_from_counts,
    reverse_kaplan_meier_from_counts,
)
from hepatica.stats.survival.interval_bootstrap import BootstrapLimits, turnbull_bootstrap
from hepatica.stats.survival.interval_censored import IntervalSurvivalAt, Turnbull, turnbull
from hepatica.stats.survival.kaplan_meier import (
    follows_entry,
    kaplan_meier,
    kaplan_meier_by_group,
    reverse_kaplan_meier,
)
from hepatica.stats.survival.logrank import LogRank, logrank
from hepatica.stats.survival.milestone import MilestoneTest, milestone_test

__all__ = [
    "AtRiskTable",
    "BootstrapLimits",
    "CoxFit",
    "GroupedCurves",
    "IntervalSurvivalAt",
    "KaplanMeier",
    "LogRank",
    "MilestoneTest",
    "NoFiniteEstimateError",
    "Quantile",
    "SurvivalAt",
    "SurvivalCounts",
    "TestResult",
    "Turnbull",
    "at_risk_table",
    "count_survival",
    "counts_from_cells",
    "cox",
    "follows_entry",
    "kaplan_meier",
    "kaplan_meier_by_group",
    "kaplan_meier_by_group_from_counts",
    "kaplan_meier_from_counts",
    "logrank",
    "logrank_from_counts",
    "milestone_test",
    "reverse_kaplan_meier",
    "reverse_kaplan_meier_from_counts",
    "turnbull",
    "turnbull_bootstrap",
]
