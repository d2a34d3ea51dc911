"""Pooling evidence: effect measures, models and their heterogeneity, one family a file."""

from hepatica.stats.meta.bayes import (
    BayesPooled,
    bayes_pool,
)
from hepatica.stats.meta.correlated import (
    PooledCorrelated,
    control_variance,
    pool_correlated,
    pool_multilevel,
    shared_control_covariance,
    split_control,
)
from hepatica.stats.meta.effects import (
    Effects,
    back_transform,
)
from hepatica.stats.meta.fail_safe import (
    ExcessSignificance,
    FailSafe,
    excess_significance,
    fail_safe,
)
from hepatica.stats.meta.glmm import (
    BinomialNormal,
    odds_ratio_glmm,
    proportion_glmm,
)
from hepatica.stats.meta.gosh import (
    Gosh,
    gosh,
)
from hepatica.stats.meta.influence import (
    Influence,
    StudyPredictions,
    influence,
    study_predictions,
)
from hepatica.stats.meta.influence_batch import (
    influence_batch,
)
from hepatica.stats.meta.leave_one_out import (
    cumulative,
    leave_one_out,
)
from hepatica.stats.meta.limit_meta_analysis import (
    LimitMetaAnalysis,
    limit_meta_analysis,
)
from hepatica.stats.meta.mantel_haenszel import (
    MantelHaenszel,
    mantel_haenszel,
)
from hepatica.stats.meta.mean_effects import (
    mean_difference_effects,
    mean_effects,
    ratio_of_means_effects,
    standardised_mean_difference_effects,
)
from hepatica.stats.meta.meta_regression import (
    MetaRegression,
    meta_regression,
)
from hepatica.stats.meta.p_curve import (
    PCurve,
    p_curve,
)
from hepatica.stats.meta.permutation_test import (
    PermutationTest,
    permutation_test,
)
from hepatica.stats.meta.pool import (
    Pooled,
    PooledBatch,
    pool,
    pool_batch,
)
from hepatica.stats.meta.printed_effects import (
    generic_effects,
    generic_from_limits,
    median_effects,
    ratio_from_limits,
    ratio_from_p,
    ratio_of_medians_effects,
)
from hepatica.stats.meta.proportion_effects import (
    freeman_tukey_inverse,
    freeman_tukey_size,
    proportion_effects,
)
from hepatica.stats.meta.rate_effects import (
    freeman_tukey_rate_inverse,
    rate_effects,
    rate_ratio_effects,
)
from hepatica.stats.meta.regression_line import (
    RegressionPredictions,
    predict_effects,
)
from hepatica.stats.meta.robust import (
    ClusterRobust,
    cluster_robust,
)
from hepatica.stats.meta.rule import (
    pool_by_heterogeneity,
)
from hepatica.stats.meta.selection_model import (
    SelectionModel,
    selection_model,
)
from hepatica.stats.meta.small_study_tables import (
    deeks,
    harbord,
    macaskill,
    peters,
)
from hepatica.stats.meta.small_study_tests import (
    SmallStudyTest,
    begg,
    egger,
)
from hepatica.stats.meta.subgroups import (
    BetweenGroups,
    Subgroups,
    between_groups,
    subgroups,
)
from hepatica.stats.meta.tau2_limits import (
    InconsistencyLimits,
    Tau2Limits,
    Tau2LimitsBatch,
    inconsistency_limits,
    tau2_limits,
    tau2_limits_batch,
)
from hepatica.stats.meta.trim_and_fill import (
    TrimAndFill,
    TrimAndFillBatch,
    trim_and_fill,
    trim_and_fill_batch,
)
from hepatica.stats.meta.two_by_two import (
    two_arm_effects,
)

__all__ = [
    "BayesPooled",
    "BetweenGroups",
    "BinomialNormal",
    "ClusterRobust",
    "Effects",
    "ExcessSignificance",
    "FailSafe",
    "Gosh",
    "InconsistencyLimits",
    "Influence",
    "LimitMetaAnalysis",
    "MantelHaenszel",
    "MetaRegression",
    "PCurve",
    "PermutationTest",
    "Pooled",
    "PooledBatch",
    "PooledCorrelated",
    "RegressionPredictions",
    "SelectionModel",
    "SmallStudyTest",
    "StudyPredictions",
    "Subgroups",
    "Tau2Limits",
    "Tau2LimitsBatch",
    "TrimAndFill",
    "TrimAndFillBatch",
    "back_transform",
    "bayes_pool",
    "begg",
    "between_groups",
    "cluster_robust",
    "control_variance",
    "cumulative",
    "deeks",
    "egger",
    "excess_significance",
    "fail_safe",
    "freeman_tukey_inverse",
    "freeman_tukey_rate_inverse",
    "freeman_tukey_size",
    "generic_effects",
    "generic_from_limits",
    "gosh",
    "harbord",
    "inconsistency_limits",
    "influence",
    "influence_batch",
    "leave_one_out",
    "limit_meta_analysis",
    "macaskill",
    "mantel_haenszel",
    "mean_difference_effects",
    "mean_effects",
    "median_effects",
    "meta_regression",
    "odds_ratio_glmm",
    "p_curve",
    "permutation_test",
    "peters",
    "pool",
    "pool_batch",
    "pool_by_heterogeneity",
    "pool_correlated",
    "pool_multilevel",
    "predict_effects",
    "proportion_effects",
    "proportion_glmm",
    "rate_effects",
    "rate_ratio_effects",
    "ratio_from_limits",
    "ratio_from_p",
    "ratio_of_means_effects",
    "ratio_of_medians_effects",
    "selection_model",
    "shared_control_covariance",
    "split_control",
    "standardised_mean_difference_effects",
    "study_predictions",
    "subgroups",
    "tau2_limits",
    "tau2_limits_batch",
    "trim_and_fill",
    "trim_and_fill_batch",
    "two_arm_effects",
]
