"""What models of several covariates need from the rest of the protocol."""

from __future__ import annotations

from collections.abc import Iterator

from hepatica.protocol.endpoints import TimeToEvent
from hepatica.protocol.findings import Finding, not_among, repeated
from hepatica.protocol.groups import group_labels
from hepatica.protocol.model import Protocol
from hepatica.protocol.model_analyses import CoxAnalysis, LogisticAnalysis, ModelAnalysis
from hepatica.protocol.names import Names
from hepatica.protocol.nodes import Path
from hepatica.protocol.reference_checks import reference_findings

_LISTED_TWICE = "List it once."


def check_cox(
    protocol: Protocol, names: Names, analysis: CoxAnalysis, path: Path
) -> Iterator[Finding]:
    """Check endpoint, covariates, functional forms and centre of a proportional hazards model."""
    yield from _endpoint(protocol, names, analysis, "time_to_event", (*path, "endpoint"))
    yield from _covariates(protocol, names, analysis, path)
    listed = [
        (name, (*path, "functional_form", n)) for n, name in enumerate(analysis.functional_form)
    ]
    yield from repeated("covariate", listed, _LISTED_TWICE)
    for name, place in listed:
        if name not in analysis.covariates:
            yield from not_among("covariate", name, analysis.covariates, place)
        elif name == "arm" or group_labels(protocol, name):
            yield place, f"'{name}' has categories, and so no functional form. Remove it."
    if analysis.centre is not None:
        yield from _centre(protocol, names, analysis, (*path, "centre", "variable"))
    if analysis.imputed and protocol.imputation is None:
        message = "Say under 'imputation' which variables are imputed, or remove the key."
        yield (*path, "imputed"), message


def check_logistic(
    protocol: Protocol, names: Names, analysis: LogisticAnalysis, path: Path
) -> Iterator[Finding]:
    """Check endpoint and covariates of a logistic model."""
    yield from _endpoint(protocol, names, analysis, "response", (*path, "endpoint"))
    yield from _covariates(protocol, names, analysis, path)


def _endpoint(
    protocol: Protocol,
    names: Names,
    analysis: CoxAnalysis | LogisticAnalysis,
    kind: str,
    path: Path,
) -> Iterator[Finding]:
    fitting = [one.id for one in protocol.endpoints if one.kind == kind]
    if analysis.endpoint in fitting or "endpoint" in names.open_kinds:
        return
    if analysis.endpoint in names.of("endpoint"):
        choice = f" Endpoints of that kind are: {', '.join(fitting)}." if fitting else ""
        yield path, f"The endpoint '{analysis.endpoint}' is not of the kind {kind}.{choice}"
    else:
        yield from not_among("endpoint", analysis.endpoint, fitting, path)


def _covariates(
    protocol: Protocol, names: Names, analysis: ModelAnalysis, path: Path
) -> Iterator[Finding]:
    place = (*path, "covariates")
    listed = [(name, (*place, n)) for n, name in enumerate(analysis.covariates)]
    yield from repeated("covariate", listed, _LISTED_TWICE)
    if "variable" not in names.open_kinds:
        allowed = ("arm", *names.of("variable"))
        for name, at in listed:
            yield from not_among("covariate", name, allowed, at)
    if "arm" in analysis.covariates and len(protocol.arms) == 1 == names.arms:
        at = (*place, analysis.covariates.index("arm"))
        yield at, "There is one arm only, so it cannot be a covariate. Remove it."
    yield from _by_covariate(protocol, analysis, path)
    for n, pair in enumerate(analysis.interactions):
        at = (*path, "interactions", n)
        if pair[0] == pair[1]:
            yield at, "A covariate has no interaction with itself. Name two."
        for name in pair:
            yield from not_among("covariate", name, analysis.covariates, at)


def _by_covariate(protocol: Protocol, analysis: ModelAnalysis, path: Path) -> Iterator[Finding]:
    """Check the keys that say something of single covariates: references and units."""
    yield from reference_findings(protocol, analysis.covariates, analysis.references, path)
    for name in analysis.per:
        at = (*path, "per", name)
        if name not in analysis.covariates:
            yield from not_among("covariate", name, analysis.covariates, at)
        elif name == "arm" or group_labels(protocol, name):
            yield at, f"'{name}' has categories, and so no unit. Remove it."


def _centre(
    protocol: Protocol, names: Names, analysis: CoxAnalysis, path: Path
) -> Iterator[Finding]:
    if analysis.centre is None:
        return
    name = analysis.centre.variable
    groups = [one for one in names.of("variable") if group_labels(protocol, one)]
    if name in groups:
        if name in analysis.covariates:
            yield path, f"'{name}' is a covariate already. Remove it from one of the two."
    elif "variable" not in names.open_kinds:
        yield from not_among("group", name, groups, path)
    endpoint = next((one for one in protocol.endpoints if one.id == analysis.endpoint), None)
    late = isinstance(endpoint, TimeToEvent) and endpoint.entry is not None
    if late and "frailty" in analysis.centre.roles:
        yield (
            (*path[:-1], "as"),
            "Frailty is not estimated where patients enter late. Leave it out.",
        )
