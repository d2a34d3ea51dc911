"""Dialects: which method a name of statistical software stands for.

A dialect is a frozen table of method names. Estimators never see its name: an analysis passes
the methods on one by one, and each method stands in the result row and in the footnote.
Sources are listed in ``validation/README.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ConfType = Literal["log-log", "log", "plain", "logit", "arcsine"]
MedianRule = Literal["midpoint_or_missing", "midpoint_or_first", "first_time"]
Ties = Literal["efron", "breslow"]
QuantileDefinition = Literal["average", "linear", "weibull"]
ProportionMethod = Literal["clopper-pearson", "wilson", "jeffreys", "agresti-coull", "wald"]
SignedRankMethod = Literal["exact", "exact_or_t"]
DifferenceMethod = Literal["newcombe", "miettinen-nurminen", "wald"]
DialectName = Literal["hepatica", "sas", "r", "spss", "stata"]
PoolingDialectName = Literal["hepatica", "stata", "metafor", "meta", "revman"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialDialect:
    """The methods that one software uses when nothing else is asked for.

    Attributes
    ----------
    name : str
        Name of the dialect.
    conf_type : str
        Transformation of pointwise survival limits, also used for quantile limits.
    median_rule : str
        What a flat step of the survival curve at the quantile means: ``midpoint_or_missing``
        (middle of the flat part, not estimable if no later event ends it), ``midpoint_or_first``
        (middle, but its start if no later event ends it), ``first_time`` (its start).
    ties : str
        Handling of tied times in the proportional hazards model.
    quantile_definition : str
        ``average`` (SAS definition 5, R type 2), ``linear`` (R type 7), ``weibull`` (R type 6).
    proportion_method : str
        Limits of a proportion.
    equal_variances : bool
        Whether means are compared with a pooled variance (Student, analysis of variance) or with
        that of each group (Welch).
    signed_rank : str
        Distribution of the signed-rank test, with mid-ranks and without zeros: ``exact``, or
        ``exact_or_t`` (exact for up to 20 differences, above that an approximation by t, as in
        PROC UNIVARIATE).
    difference_method : str
        Limits of a difference of two proportions; Wald's are those of PROC FREQ, of Stata's cs and
        of R's prop.test without continuity correction.
    """

    name: DialectName
    conf_type: ConfType
    median_rule: MedianRule
    ties: Ties
    quantile_definition: QuantileDefinition
    proportion_method: ProportionMethod
    signed_rank: SignedRankMethod = "exact"
    equal_variances: bool = False
    difference_method: DifferenceMethod = "newcombe"


_DIALECTS = (
    TrialDialect(
        name="hepatica",
        conf_type="log-log",
        median_rule="midpoint_or_first",
        ties="efron",
        quantile_definition="average",
        proportion_method="clopper-pearson",
    ),
    TrialDialect(
        name="sas",
        conf_type="log-log",
        median_rule="midpoint_or_missing",
        ties="breslow",
        quantile_definition="average",
        proportion_method="clopper-pearson",
        signed_rank="exact_or_t",
        difference_method="wald",
        equal_variances=True,
    ),
    TrialDialect(
        name="r",
        conf_type="log",
        median_rule="midpoint_or_first",
        ties="efron",
        quantile_definition="linear",
        proportion_method="clopper-pearson",
        difference_method="wald",
    ),
    TrialDialect(
        name="spss",
        conf_type="plain",
        median_rule="first_time",
        ties="breslow",
        quantile_definition="weibull",
        proportion_method="clopper-pearson",
        equal_variances=True,
    ),
    TrialDialect(
        name="stata",
        conf_type="log-log",
        median_rule="first_time",
        ties="breslow",
        quantile_definition="average",
        proportion_method="clopper-pearson",
        difference_method="wald",
        equal_variances=True,
    ),
)


def trial_dialect(name: DialectName) -> TrialDialect:
    """Return the dialect of that name.

    Examples
    --------
    >>> trial_dialect("sas").conf_type, trial_dialect("r").conf_type
    ('log-log', 'log')
    """
    return next(dialect for dialect in _DIALECTS if dialect.name == name)


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolingDialect:
    """The conventions by which one software pools studies when nothing else is asked for.

    Attributes
    ----------
    name : str
        Name of the dialect.
    proportion : {"PR", "PLN", "PLO", "PAS", "PFT", "GLMM"}
        Scale of proportions: raw, log, logit, arcsine, Freeman-Tukey, binomial-normal model.
    proportion_rule : str
        What is done with 0 of n and n of n, see `hepatica.stats.meta.proportion_effects`.
    proportion_limits : {"clopper-pearson", "wald"}
        Limits of the proportion of one study.
    median : {"log", "raw"}
        Scale of medians.
    two_arm_rule, double_zero : str
        What is done with empty cells, see `hepatica.stats.meta.two_arm_effects`.
    common : {"inverse-variance", "mantel-haenszel"}
        Common effect of events in two arms.
    mantel_haenszel_rule : {"none", "only0"}
        Whether Mantel-Haenszel pooling adds 1/2 to studies with an empty cell.
    difference_variance : {"sato", "greenland-robins"}
        Variance of the risk difference of Mantel and Haenszel.
    q_about : {"inverse-variance", "mantel-haenszel"}
        Common effect about which Q of events in two arms is taken where tau2 follows from it (DL).
    shared_control : {"covariance", "independent"}
        Arms of one study that share a control: with their covariance, or as if they were studies
        of their own, which counts the control more than once.
    glmm_q : {"corrected", "wald"}
        Q beside the binomial-normal model: of logits with empty cells corrected, or without those
        studies and with the degrees of freedom of all.
    tau2, ci, prediction : str
        Estimator of the variance between studies, and distributions of the limits and of the
        prediction interval, see `hepatica.stats.meta.pool`; "as-limits" is normal beside normal
        limits and t(k-1) beside others.
    i2 : {"q", "tau2"}
        Definition of I2: from Q, or from tau2 and the typical variance.
    begg : {"exact", "normal", "continuity-corrected"}
        Distribution of Begg's test.
    egger : {"regression", "random-effects"}
        Weighted regression with t, or random-effects meta-regression on the standard error.
    trim_convention : {"meta", "metafor", "stata"}
        Ranks of ties, rounding and stop of trim and fill, see `hepatica.stats.meta.trim_and_fill`.
    trim_by : {"common", "model"}
        The model by which trim-and-fill trims: common effect, or the model that pools.
    fill_side : {"auto", "left"}
        Side on which studies are filled in: by the sign of Egger's slope, or always left.
    """

    name: PoolingDialectName
    proportion: Literal["PR", "PLN", "PLO", "PAS", "PFT", "GLMM"]
    proportion_rule: Literal["only0", "drop", "variance-only"]
    proportion_limits: Literal["clopper-pearson", "wald"]
    median: Literal["log", "raw"]
    two_arm_rule: Literal["only0"] = "only0"
    double_zero: Literal["exclude", "keep"]
    common: Literal["inverse-variance", "mantel-haenszel"] = "inverse-variance"
    mantel_haenszel_rule: Literal["none", "only0"] = "none"
    difference_variance: Literal["sato", "greenland-robins"] = "sato"
    q_about: Literal["inverse-variance", "mantel-haenszel"] = "inverse-variance"
    shared_control: Literal["covariance", "independent"] = "covariance"
    glmm_q: Literal["corrected", "wald"] = "corrected"
    tau2: Literal["DL", "REML"]
    ci: Literal["wald", "hartung-knapp-floor"]
    prediction: Literal["as-limits", "t(k-1)", "t(k-2)"]
    i2: Literal["q", "tau2"]
    begg: Literal["exact", "normal", "continuity-corrected"]
    egger: Literal["regression", "random-effects"]
    trim_convention: Literal["meta", "metafor", "stata"] = "meta"
    trim_by: Literal["common", "model"]
    fill_side: Literal["auto", "left"]


POOLING_DIALECTS = (
    PoolingDialect(
        name="hepatica",
        proportion="PLO",
        proportion_rule="only0",
        proportion_limits="clopper-pearson",
        median="log",
        double_zero="exclude",
        tau2="REML",
        ci="hartung-knapp-floor",
        prediction="t(k-1)",
        i2="q",
        begg="exact",
        egger="regression",
        trim_by="model",
        fill_side="auto",
    ),
    PoolingDialect(
        name="stata",
        proportion="PR",
        proportion_rule="drop",
        proportion_limits="wald",
        median="raw",
        double_zero="exclude",
        common="mantel-haenszel",
        difference_variance="greenland-robins",
        q_about="mantel-haenszel",
        shared_control="independent",
        tau2="DL",
        ci="wald",
        prediction="t(k-2)",
        i2="q",
        begg="continuity-corrected",
        egger="regression",
        trim_convention="stata",
        trim_by="common",
        fill_side="left",
    ),
    PoolingDialect(
        name="metafor",
        proportion="PLO",
        proportion_rule="only0",
        proportion_limits="wald",
        median="log",
        double_zero="keep",
        glmm_q="wald",
        tau2="REML",
        ci="wald",
        prediction="as-limits",
        i2="tau2",
        begg="exact",
        egger="random-effects",
        trim_convention="metafor",
        trim_by="model",
        fill_side="auto",
    ),
    PoolingDialect(
        name="meta",
        proportion="GLMM",
        proportion_rule="variance-only",
        proportion_limits="clopper-pearson",
        median="log",
        double_zero="exclude",
        common="mantel-haenszel",
        mantel_haenszel_rule="only0",
        difference_variance="greenland-robins",
        q_about="mantel-haenszel",
        shared_control="independent",
        glmm_q="wald",
        tau2="REML",
        ci="wald",
        prediction="t(k-1)",
        i2="q",
        begg="normal",
        egger="regression",
        trim_by="common",
        fill_side="auto",
    ),
    PoolingDialect(
        name="revman",
        proportion="PR",
        proportion_rule="drop",
        proportion_limits="wald",
        median="raw",
        double_zero="exclude",
        common="mantel-haenszel",
        difference_variance="greenland-robins",
        q_about="mantel-haenszel",
        shared_control="independent",
        tau2="DL",
        ci="wald",
        prediction="t(k-2)",
        i2="q",
        begg="normal",
        egger="regression",
        trim_by="common",
        fill_side="auto",
    ),
)


def pooling_dialect(name: PoolingDialectName) -> PoolingDialect:
    """Return the conventions of that name.

    Examples
    --------
    >>> pooling_dialect("stata").tau2, pooling_dialect("metafor").tau2
    ('DL', 'REML')
    """
    return next(dialect for dialect in POOLING_DIALECTS if dialect.name == name)
