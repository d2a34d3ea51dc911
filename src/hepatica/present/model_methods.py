"""What Methods say of models of several covariates: how covariates came in, and what is beside."""

from __future__ import annotations

from collections.abc import Iterator

from hepatica.present.wording import endpoint_of, listed, lower_first
from hepatica.protocol.covariate_names import covariate_label
from hepatica.protocol.model import Protocol
from hepatica.protocol.model_analyses import CoxAnalysis, LogisticAnalysis

_BESIDE = {
    "prespecified": "all covariates together by likelihood",
    "penalised": "the lasso, its strength chosen by 10-fold cross-validation",
    "firth": "all covariates with Firth's penalty",
}
_CENTRE = {
    "stratum": "as stratum, with a baseline hazard of its own for each",
    "cluster": "as cluster, with a robust variance",
    "frailty": "as shared gamma frailty",
}


def model_sentences(protocol: Protocol) -> Iterator[str]:
    """Give the sentences about the planned models of several covariates.

    Parameters
    ----------
    protocol : Protocol
        The plan.
    """
    models = [one for one in protocol.analyses if isinstance(one, CoxAnalysis | LogisticAnalysis)]
    if not models:
        return
    for one in models:
        yield from _of(protocol, one)
    if any(one.select is not None for one in models):
        yield (
            "a model whose covariates the same data selected has P values that are too small and "
            "limits that are too narrow; models of all covariates do not depend on a selection"
        )
    yield (
        "where a category has no event, or events in all patients, no finite ratio fits best: it "
        "is not estimated by likelihood, and Firth's penalty with profile limits stands beside it"
    )
    yield (
        "a covariate that is the same in all patients is left out and named; of covariates that "
        "follow from each other none is estimated"
    )


def _of(protocol: Protocol, analysis: CoxAnalysis | LogisticAnalysis) -> Iterator[str]:
    endpoint = lower_first(endpoint_of(protocol, analysis.endpoint).label)
    names = listed(
        lower_first(covariate_label(protocol, name) or name) for name in analysis.covariates
    )
    yield f"covariates looked at for {endpoint}: {names}"
    select = analysis.select
    if select is not None:
        test = "Wald" if select.test == "wald" else "likelihood-ratio"
        yield (
            f"those whose univariable {test} P value lay below {select.p_below:g} were in the "
            "multivariable model"
        )
    else:
        yield "all of them were in the multivariable model"
    if analysis.alternatives:
        beside = listed(_BESIDE[one] for one in analysis.alternatives)
        yield f"beside it stand {beside}"
    if isinstance(analysis, CoxAnalysis):
        if analysis.functional_form:
            yield (
                "a straight line is tested against a restricted cubic spline with 4 knots at the "
                "quantiles that Harrell advises"
            )
        if analysis.centre is not None:
            roles = listed(_CENTRE[one] for one in analysis.centre.roles)
            yield f"the model is fitted again with the centre {roles}"
