"""Survival analysis: curves, tests and proportional hazards, one estimator a file."""

from hepatica.stats.survival.brier import BrierScore, brier_score, integrated_brier
from hepatica.stats.survival.calibration import (
    CalibrationGroups,
    CalibrationSlope,
    ObservedExpected,
    calibration_groups,
    calibration_slope,
    observed_to_expected,
)
from hepatica.stats.survival.censoring_weights import (
    CensoringCurve,
    CensoringWeights,
    censoring_curve,
    censoring_weights,
)
from hepatica.stats.survival.concordance import (
    Concordance,
    ConcordanceDifference,
    concordance_difference,
    concordance_of,
    harrell_c,
    uno_c,
)
from hepatica.stats.survival.counts import SurvivalCounts, count_survival, counts_from_cells
from hepatica.stats.survival.cox import CoxFit, NoFiniteEstimateError, TestResult, cox
from hepatica.stats.survival.cox_baseline import Baseline, baseline_hazard
from hepatica.stats.survival.cox_predict import (
    ExpectedEvents,
    HazardRatios,
    LinearPredictor,
    PredictedSurvival,
    expected_events,
    hazard_ratio_between,
    linear_predictor,
    predict_survival,
)
from hepatica.stats.survival.cox_profile import (
    ProfileLimits,
    SubsetTest,
    nested_comparison,
    profile_limits,
    subset_test,
)
from hepatica.stats.survival.cox_residuals import (
    SchoenfeldResiduals,
    deviance_residuals,
    dfbeta,
    dfbetas,
    martingale_residuals,
    schoenfeld_residuals,
    score_residuals,
)
from hepatica.stats.survival.curves import (
    AtRiskTable,
    GroupedCurves,
    KaplanMeier,
    Quantile,
    SurvivalAt,
    at_risk_table,
)
from hepatica.stats.survival.decision_curve import DecisionCurve, decision_curve
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
from hepatica.stats.survival.proportionality import (
    ProportionalityCorrelation,
    ProportionalityTest,
    proportionality_correlation,
    proportionality_test,
)
from hepatica.stats.survival.time_auc import TimeAuc, time_auc

__all__ = [
    "AtRiskTable",
    "Baseline",
    "BootstrapLimits",
    "BrierScore",
    "CalibrationGroups",
    "CalibrationSlope",
    "CensoringCurve",
    "CensoringWeights",
    "Concordance",
    "ConcordanceDifference",
    "CoxFit",
    "DecisionCurve",
    "ExpectedEvents",
    "GroupedCurves",
    "HazardRatios",
    "IntervalSurvivalAt",
    "KaplanMeier",
    "LinearPredictor",
    "LogRank",
    "MilestoneTest",
    "NoFiniteEstimateError",
    "ObservedExpected",
    "PredictedSurvival",
    "ProfileLimits",
    "ProportionalityCorrelation",
    "ProportionalityTest",
    "Quantile",
    "SchoenfeldResiduals",
    "SubsetTest",
    "SurvivalAt",
    "SurvivalCounts",
    "TestResult",
    "TimeAuc",
    "Turnbull",
    "at_risk_table",
    "baseline_hazard",
    "brier_score",
    "calibration_groups",
    "calibration_slope",
    "censoring_curve",
    "censoring_weights",
    "concordance_difference",
    "concordance_of",
    "count_survival",
    "counts_from_cells",
    "cox",
    "decision_curve",
    "deviance_residuals",
    "dfbeta",
    "dfbetas",
    "expected_events",
    "follows_entry",
    "harrell_c",
    "hazard_ratio_between",
    "integrated_brier",
    "kaplan_meier",
    "kaplan_meier_by_group",
    "kaplan_meier_by_group_from_counts",
    "kaplan_meier_from_counts",
    "linear_predictor",
    "logrank",
    "logrank_from_counts",
    "martingale_residuals",
    "milestone_test",
    "nested_comparison",
    "observed_to_expected",
    "predict_survival",
    "profile_limits",
    "proportionality_correlation",
    "proportionality_test",
    "reverse_kaplan_meier",
    "reverse_kaplan_meier_from_counts",
    "schoenfeld_residuals",
    "score_residuals",
    "subset_test",
    "time_auc",
    "turnbull",
    "turnbull_bootstrap",
    "uno_c",
]
