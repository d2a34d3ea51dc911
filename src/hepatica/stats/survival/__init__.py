"""Survival analysis: curves, tests and proportional hazards, one estimator a file."""

from hepatica.stats.chi_square import TestResult
from hepatica.stats.survival._batch_sums import LogRankBatch
from hepatica.stats.survival._contrast import Contrast, Contrasts
from hepatica.stats.survival.aalen_johansen import (
    CumulativeIncidence,
    GroupedIncidence,
    IncidenceAt,
    cumulative_incidence,
    cumulative_incidence_by_group,
)
from hepatica.stats.survival.batch import (
    KaplanMeierBatch,
    kaplan_meier_batch,
    kaplan_meier_bootstrap,
    resample_weights,
)
from hepatica.stats.survival.batch_logrank import (
    logrank_batch,
    logrank_permutations,
    permuted_groups,
)
from hepatica.stats.survival.brier import BrierScore, brier_score, integrated_brier
from hepatica.stats.survival.calibration import (
    CalibrationGroups,
    CalibrationSlope,
    ObservedExpected,
    calibration_groups,
    calibration_slope,
    observed_to_expected,
)
from hepatica.stats.survival.cause_counts import (
    CauseCounts,
    cause_counts_from_cells,
    count_causes,
    cumulative_incidence_by_group_from_counts,
    cumulative_incidence_from_counts,
    gray_test_from_counts,
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
from hepatica.stats.survival.cox import CoxFit, NoFiniteEstimateError, cox
from hepatica.stats.survival.cox_baseline import Baseline, baseline_hazard
from hepatica.stats.survival.cox_batch import CoxBatch, CoxStatus, cox_batch, cox_bootstrap
from hepatica.stats.survival.cox_contrast import (
    HazardRatios,
    LinearPredictor,
    hazard_ratio_between,
    linear_predictor,
)
from hepatica.stats.survival.cox_firth import FirthFit, cox_firth
from hepatica.stats.survival.cox_frailty import FrailtyFit, cox_frailty
from hepatica.stats.survival.cox_path import (
    CoxPath,
    CoxPathValidation,
    cox_path,
    validate_cox_path,
)
from hepatica.stats.survival.cox_predict import (
    ExpectedEvents,
    PredictedSurvival,
    expected_events,
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
from hepatica.stats.survival.differences import (
    QuantileDifference,
    SurvivalDifference,
    quantile_difference,
    survival_difference,
)
from hepatica.stats.survival.fine_gray import (
    FineGrayFit,
    PredictedIncidence,
    cause_specific,
    fine_gray,
    predict_incidence,
)
from hepatica.stats.survival.from_counts import (
    kaplan_meier_by_group_from_counts,
    kaplan_meier_from_counts,
    logrank_from_counts,
    reverse_kaplan_meier_from_counts,
)
from hepatica.stats.survival.gray import GrayTest, gray_test
from hepatica.stats.survival.interval_bootstrap import BootstrapLimits, turnbull_bootstrap
from hepatica.stats.survival.interval_censored import IntervalSurvivalAt, Turnbull, turnbull
from hepatica.stats.survival.kaplan_meier import (
    follows_entry,
    kaplan_meier,
    kaplan_meier_by_group,
    reverse_kaplan_meier,
)
from hepatica.stats.survival.logrank import LogRank, logrank
from hepatica.stats.survival.logrank_trend import LogRankTrend, logrank_trend
from hepatica.stats.survival.max_combo import MaxCombo, max_combo, max_combo_from_counts
from hepatica.stats.survival.median_test import MedianTest, median_test
from hepatica.stats.survival.milestone import MilestoneTest, milestone_test
from hepatica.stats.survival.milestone_comparison import MilestoneComparison, milestone_comparison
from hepatica.stats.survival.nelson_aalen import (
    HazardAt,
    NelsonAalen,
    fleming_harrington,
    nelson_aalen,
    nelson_aalen_from_counts,
)
from hepatica.stats.survival.one_sample_logrank import (
    OneSampleLogRank,
    curve_hazard,
    exponential_hazard,
    one_sample_logrank,
    one_sample_logrank_from_counts,
    weibull_hazard,
)
from hepatica.stats.survival.optimism import Corrected, CoxValidation, validate_cox
from hepatica.stats.survival.pairwise_logrank import PairwiseLogRank, pairwise_logrank
from hepatica.stats.survival.permutation import (
    PermutationTest,
    logrank_exact,
    logrank_permutation,
    rank_scores,
)
from hepatica.stats.survival.proportionality import (
    ProportionalityCorrelation,
    ProportionalityTest,
    proportionality_correlation,
    proportionality_test,
)
from hepatica.stats.survival.pseudo_values import (
    RestrictedMeanRegression,
    pseudo_incidence,
    pseudo_restricted_mean,
    pseudo_survival,
    restricted_mean_regression,
)
from hepatica.stats.survival.restricted_mean import (
    RestrictedMean,
    RestrictedMeanComparison,
    compare_restricted_means,
    restricted_mean,
    restricted_mean_difference,
    weighted_restricted_mean,
)
from hepatica.stats.survival.schoenfeld_smooth import SmoothedCoefficient, smooth_coefficient
from hepatica.stats.survival.simultaneous_bands import SimultaneousBand, simultaneous_band
from hepatica.stats.survival.time_auc import TimeAuc, time_auc
from hepatica.stats.survival.time_lost import TimeLost, time_lost
from hepatica.stats.survival.win_ratio import (
    Outcome,
    WinRatio,
    time_outcome,
    value_outcome,
    win_ratio,
)

__all__ = [
    "AtRiskTable",
    "Baseline",
    "BootstrapLimits",
    "BrierScore",
    "CalibrationGroups",
    "CalibrationSlope",
    "CauseCounts",
    "CensoringCurve",
    "CensoringWeights",
    "Concordance",
    "ConcordanceDifference",
    "Contrast",
    "Contrasts",
    "Corrected",
    "CoxBatch",
    "CoxFit",
    "CoxPath",
    "CoxPathValidation",
    "CoxStatus",
    "CoxValidation",
    "CumulativeIncidence",
    "DecisionCurve",
    "ExpectedEvents",
    "FineGrayFit",
    "FirthFit",
    "FrailtyFit",
    "GrayTest",
    "GroupedCurves",
    "GroupedIncidence",
    "HazardAt",
    "HazardRatios",
    "IncidenceAt",
    "IntervalSurvivalAt",
    "KaplanMeier",
    "KaplanMeierBatch",
    "LinearPredictor",
    "LogRank",
    "LogRankBatch",
    "LogRankTrend",
    "MaxCombo",
    "MedianTest",
    "MilestoneComparison",
    "MilestoneTest",
    "NelsonAalen",
    "NoFiniteEstimateError",
    "ObservedExpected",
    "OneSampleLogRank",
    "Outcome",
    "PairwiseLogRank",
    "PermutationTest",
    "PredictedIncidence",
    "PredictedSurvival",
    "ProfileLimits",
    "ProportionalityCorrelation",
    "ProportionalityTest",
    "Quantile",
    "QuantileDifference",
    "RestrictedMean",
    "RestrictedMeanComparison",
    "RestrictedMeanRegression",
    "SchoenfeldResiduals",
    "SimultaneousBand",
    "SmoothedCoefficient",
    "SubsetTest",
    "SurvivalAt",
    "SurvivalCounts",
    "SurvivalDifference",
    "TestResult",
    "TimeAuc",
    "TimeLost",
    "Turnbull",
    "WinRatio",
    "at_risk_table",
    "baseline_hazard",
    "brier_score",
    "calibration_groups",
    "calibration_slope",
    "cause_counts_from_cells",
    "cause_specific",
    "censoring_curve",
    "censoring_weights",
    "compare_restricted_means",
    "concordance_difference",
    "concordance_of",
    "count_causes",
    "count_survival",
    "counts_from_cells",
    "cox",
    "cox_batch",
    "cox_bootstrap",
    "cox_firth",
    "cox_frailty",
    "cox_path",
    "cumulative_incidence",
    "cumulative_incidence_by_group",
    "cumulative_incidence_by_group_from_counts",
    "cumulative_incidence_from_counts",
    "curve_hazard",
    "decision_curve",
    "deviance_residuals",
    "dfbeta",
    "dfbetas",
    "expected_events",
    "exponential_hazard",
    "fine_gray",
    "fleming_harrington",
    "follows_entry",
    "gray_test",
    "gray_test_from_counts",
    "harrell_c",
    "hazard_ratio_between",
    "integrated_brier",
    "kaplan_meier",
    "kaplan_meier_batch",
    "kaplan_meier_bootstrap",
    "kaplan_meier_by_group",
    "kaplan_meier_by_group_from_counts",
    "kaplan_meier_from_counts",
    "linear_predictor",
    "logrank",
    "logrank_batch",
    "logrank_exact",
    "logrank_from_counts",
    "logrank_permutation",
    "logrank_permutations",
    "logrank_trend",
    "martingale_residuals",
    "max_combo",
    "max_combo_from_counts",
    "median_test",
    "milestone_comparison",
    "milestone_test",
    "nelson_aalen",
    "nelson_aalen_from_counts",
    "nested_comparison",
    "observed_to_expected",
    "one_sample_logrank",
    "one_sample_logrank_from_counts",
    "pairwise_logrank",
    "permuted_groups",
    "predict_incidence",
    "predict_survival",
    "profile_limits",
    "proportionality_correlation",
    "proportionality_test",
    "pseudo_incidence",
    "pseudo_restricted_mean",
    "pseudo_survival",
    "quantile_difference",
    "rank_scores",
    "resample_weights",
    "restricted_mean",
    "restricted_mean_difference",
    "restricted_mean_regression",
    "reverse_kaplan_meier",
    "reverse_kaplan_meier_from_counts",
    "schoenfeld_residuals",
    "score_residuals",
    "simultaneous_band",
    "smooth_coefficient",
    "subset_test",
    "survival_difference",
    "time_auc",
    "time_lost",
    "time_outcome",
    "turnbull",
    "turnbull_bootstrap",
    "uno_c",
    "validate_cox",
    "validate_cox_path",
    "value_outcome",
    "weibull_hazard",
    "weighted_restricted_mean",
    "win_ratio",
]
