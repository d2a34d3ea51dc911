"""Design of trials: sizes, rules and their operating characteristics, one design a function.

A design returns a frozen value with `n`, `events`, `power` and `alpha` as far as it has them and
every assumption it used. `alpha` and `power_target` are what was asked; `type_1_error` and `power`
are what the design has.
"""

from hepatica.stats.design.bayesian_monitoring import (
    BayesianMonitoring,
    MonitoringProbabilities,
    monitoring_probabilities,
    posterior_monitoring,
    predictive_monitoring,
)
from hepatica.stats.design.bop2 import Bop2Design, bop2
from hepatica.stats.design.dropout import DropoutInflation, inflate_for_dropout
from hepatica.stats.design.fisher_exact import FisherDesign, fisher_design, fisher_power
from hepatica.stats.design.fleming import FlemingDesign, fleming
from hepatica.stats.design.follow_up import FollowUp, follow_up
from hepatica.stats.design.group_sequential import (
    Futility,
    GroupSequentialDesign,
    group_sequential,
)
from hepatica.stats.design.lakatos import LakatosDesign, lakatos_design
from hepatica.stats.design.landmark_rate import (
    LandmarkRateDesign,
    landmark_rate_design,
    landmark_rate_powers,
)
from hepatica.stats.design.monitoring import MonitoringProperties, monitoring_properties
from hepatica.stats.design.noninferiority import (
    NoninferiorityDesign,
    noninferiority_powers,
    noninferiority_proportions,
)
from hepatica.stats.design.one_proportion import (
    OneProportionDesign,
    OneProportionPower,
    one_proportion_exact,
    one_proportion_power,
)
from hepatica.stats.design.one_proportion_normal import OneProportionNormal, one_proportion_normal
from hepatica.stats.design.one_sample_logrank import (
    OneSampleLogRankDesign,
    one_sample_logrank_design,
    one_sample_logrank_power,
    one_sample_logrank_powers,
)
from hepatica.stats.design.power_curve import power_by_size
from hepatica.stats.design.precision import PrecisionDesign, precision_of_proportion
from hepatica.stats.design.selection import SelectionDesign, selection_design, selection_power
from hepatica.stats.design.simon import (
    SimonDesign,
    SimonDesigns,
    TwoStageProperties,
    simon,
    two_stage_design,
    two_stage_properties,
)
from hepatica.stats.design.spending import spent
from hepatica.stats.design.survival_shapes import (
    Steps,
    SurvivalShape,
    Weibull,
    exponential_from_rate,
    steps,
    times_hazard,
)
from hepatica.stats.design.toxicity_boundary import (
    ToxicityBoundary,
    posterior_toxicity_boundary,
    toxicity_boundary,
)
from hepatica.stats.design.trial_analysis import (
    SingleArmTrials,
    TwoArmTrials,
    analyse_single_arm,
    analyse_two_arms,
)
from hepatica.stats.design.trial_characteristics import (
    SimulatedDistribution,
    SimulatedShare,
    block_sizes,
    simulated_distribution,
    simulated_share,
    simulated_trials,
    trial_block,
)
from hepatica.stats.design.trial_draws import (
    DrawnPatients,
    RecordedTimes,
    draw_patients,
    recorded,
)
from hepatica.stats.design.trial_looks import TrialLooks, survival_looks
from hepatica.stats.design.trial_plan import TrialArm, TrialPlan
from hepatica.stats.design.two_arm_logrank import (
    EventsDesign,
    TwoArmLogRankDesign,
    logrank_events,
    two_arm_logrank_design,
)
from hepatica.stats.design.two_proportions import (
    TwoProportionsDesign,
    two_proportions,
    two_proportions_powers,
)
from hepatica.stats.design.two_stage_inference import (
    TwoStageInference,
    two_stage_inference,
)

__all__ = [
    "BayesianMonitoring",
    "Bop2Design",
    "DrawnPatients",
    "DropoutInflation",
    "EventsDesign",
    "FisherDesign",
    "FlemingDesign",
    "FollowUp",
    "Futility",
    "GroupSequentialDesign",
    "LakatosDesign",
    "LandmarkRateDesign",
    "MonitoringProbabilities",
    "MonitoringProperties",
    "NoninferiorityDesign",
    "OneProportionDesign",
    "OneProportionNormal",
    "OneProportionPower",
    "OneSampleLogRankDesign",
    "PrecisionDesign",
    "RecordedTimes",
    "SelectionDesign",
    "SimonDesign",
    "SimonDesigns",
    "SimulatedDistribution",
    "SimulatedShare",
    "SingleArmTrials",
    "Steps",
    "SurvivalShape",
    "ToxicityBoundary",
    "TrialArm",
    "TrialLooks",
    "TrialPlan",
    "TwoArmLogRankDesign",
    "TwoArmTrials",
    "TwoProportionsDesign",
    "TwoStageInference",
    "TwoStageProperties",
    "Weibull",
    "analyse_single_arm",
    "analyse_two_arms",
    "block_sizes",
    "bop2",
    "draw_patients",
    "exponential_from_rate",
    "fisher_design",
    "fisher_power",
    "fleming",
    "follow_up",
    "group_sequential",
    "inflate_for_dropout",
    "lakatos_design",
    "landmark_rate_design",
    "landmark_rate_powers",
    "logrank_events",
    "monitoring_probabilities",
    "monitoring_properties",
    "noninferiority_powers",
    "noninferiority_proportions",
    "one_proportion_exact",
    "one_proportion_normal",
    "one_proportion_power",
    "one_sample_logrank_design",
    "one_sample_logrank_power",
    "one_sample_logrank_powers",
    "posterior_monitoring",
    "posterior_toxicity_boundary",
    "power_by_size",
    "precision_of_proportion",
    "predictive_monitoring",
    "recorded",
    "selection_design",
    "selection_power",
    "simon",
    "simulated_distribution",
    "simulated_share",
    "simulated_trials",
    "spent",
    "steps",
    "survival_looks",
    "times_hazard",
    "toxicity_boundary",
    "trial_block",
    "two_arm_logrank_design",
    "two_proportions",
    "two_proportions_powers",
    "two_stage_design",
    "two_stage_inference",
    "two_stage_properties",
]
