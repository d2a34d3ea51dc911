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
    signed_rank : str
        Distribution of the signed-rank test, with mid-ranks and without zeros: ``exact``, or
        ``exact_or_t`` (exact for up to 20 differences, above that an approximation by t, as in
        PROC UNIVARIATE).
    """

    name: DialectName
    conf_type: ConfType
    median_rule: MedianRule
    ties: Ties
    quantile_definition: QuantileDefinition
    proportion_method: ProportionMethod
    signed_rank: SignedRankMethod = "exact"


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
    ),
    TrialDialect(
        name="r",
        conf_type="log",
        median_rule="midpoint_or_first",
        ties="efron",
        quantile_definition="linear",
        proportion_method="clopper-pearson",
    ),
    TrialDialect(
        name="spss",
        conf_type="plain",
        median_rule="first_time",
        ties="breslow",
        quantile_definition="weibull",
        proportion_method="clopper-pearson",
    ),
    TrialDialect(
        name="stata",
        conf_type="log-log",
        median_rule="first_time",
        ties="breslow",
        quantile_definition="average",
        proportion_method="clopper-pearson",
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
