"""What the planned analyses need from the rest of the protocol."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from hepatica.protocol.analyses import (
    AdverseEventsAnalysis,
    AgreementAnalysis,
    Analysis,
    BaselineAnalysis,
    BiomarkerChangeAnalysis,
    ResponseAnalysis,
    SensitivityAnalysis,
    TimeToEventAnalysis,
)
from hepatica.protocol.baseline_analysis import MissingDataAnalysis, comparison_faults
from hepatica.protocol.cause_checks import check_cause_endpoint, check_causes
from hepatica.protocol.comparison import Comparison
from hepatica.protocol.competing_risks_analysis import CompetingRisksAnalysis
from hepatica.protocol.cut_points import CUT_POINTS
from hepatica.protocol.endpoints import TimeToEvent
from hepatica.protocol.findings import Finding, not_among, repeated, unknown_id
from hepatica.protocol.model import Protocol
from hepatica.protocol.model_analyses import CoxAnalysis, LogisticAnalysis
from hepatica.protocol.model_checks import check_cox, check_logistic
from hepatica.protocol.names import Names
from hepatica.protocol.nodes import Path
from hepatica.protocol.prognostic_model_analysis import PrognosticModelAnalysis
from hepatica.protocol.reference_checks import reference_findings
from hepatica.protocol.response_reading import sheet_gives_responses
from hepatica.protocol.subgroups_analysis import SubgroupsAnalysis
from hepatica.protocol.time_trap_checks import (
    check_clone_censor_weight,
    check_early_response,
    check_time_varying,
)
from hepatica.protocol.time_traps import (
    CloneCensorWeightAnalysis,
    EarlyResponseAnalysis,
    TimeVaryingAnalysis,
)

#: Ids of tables that no analysis of the plan makes.
_RESERVED = {
    "sets": "analysis sets",
    CUT_POINTS: "cut-points",
    "eligibility": "criteria of eligibility",
}
_LISTED_TWICE = "List it once."


#: Collected tables from which an analysis dataset is derived; `records` says what else it needs.
_COLLECTED = {"ADTTE": ("DM",), "ADRS": ("RS", "TR"), "ADAE": ("AE",)}


def check_analyses(protocol: Protocol, names: Names) -> Iterator[Finding]:
    """Check the subgroups and planned analyses of a protocol.

    Returns
    -------
    iterator of (path, str)
        Place and sentence of everything that does not hold.
    """
    for position, name in enumerate(protocol.subgroups):
        yield from _group(protocol, names, name, ("subgroups", position))
    for position, analysis in enumerate(protocol.analyses):
        path: Path = ("analyses", position)
        yield from _common(protocol, names, analysis, path)
        yield from _of_kind(protocol, names, analysis, path)


def _of_kind(protocol: Protocol, names: Names, analysis: Analysis, path: Path) -> Iterator[Finding]:
    way = _WAYS.get(type(analysis))
    if way is not None:
        yield from way(protocol, names, analysis, path)


def _common(protocol: Protocol, names: Names, analysis: Analysis, path: Path) -> Iterator[Finding]:
    if analysis.id in _RESERVED:
        kept = _RESERVED[analysis.id]
        message = f"The id '{analysis.id}' is kept for the table of {kept}. Choose another."
        yield (*path, "id"), message
    yield from unknown_id(names, "analysis set", analysis.set, (*path, "set"))
    if analysis.by != "arm":
        yield from _group(protocol, names, analysis.by, (*path, "by"))
    if analysis.where_label and analysis.where is None:
        yield (*path, "where_label"), "It names a condition: add 'where', or remove the key."


def _groups(protocol: Protocol, names: Names) -> list[str]:
    measured = {one.id for one in protocol.variables if one.kind == "measured"}
    measured |= {one.id for one in protocol.biomarkers}
    return [name for name in names.of("variable") if name not in measured]


def _group(protocol: Protocol, names: Names, name: str, path: Path) -> Iterator[Finding]:
    groups = _groups(protocol, names)
    if name in groups:
        return
    if name in names.of("variable"):
        what = f"'{name}' is measured. Group by one of its cut-points or by a category."
        choice = f" Groups are: {', '.join(groups)}." if groups else ""
        yield path, f"{what}{choice}"
        return
    allowed = ["arm", *groups] if path[-1] == "by" else groups
    if "variable" not in names.open_kinds:
        yield from not_among("group", name, allowed, path)


def _baseline(
    protocol: Protocol,
    names: Names,
    analysis: BaselineAnalysis | MissingDataAnalysis,
    path: Path,
) -> Iterator[Finding]:
    for position, name in enumerate(analysis.variables):
        yield from unknown_id(names, "variable", name, (*path, "variables", position))
    listed = ((name, (*path, "variables", n)) for n, name in enumerate(analysis.variables))
    yield from repeated("variable", listed, _LISTED_TWICE)
    if isinstance(analysis, BaselineAnalysis):
        yield from comparison_faults(
            analysis.compare,
            randomised=protocol.study.randomised and analysis.by == "arm",
            groups=len(_labels(protocol, names, analysis.by)),
            path=path,
        )


def _biomarkers(
    protocol: Protocol, names: Names, analysis: BiomarkerChangeAnalysis, path: Path
) -> Iterator[Finding]:
    known = {one.id: one for one in protocol.biomarkers}
    for position, name in enumerate(analysis.biomarkers):
        place = (*path, "biomarkers", position)
        if name not in known and "variable" not in names.open_kinds:
            yield from not_among("biomarker", name, known, place)
        elif name in known and known[name].parameter is None:
            message = f"The biomarker '{name}' has no parameter: give it the test code of BM."
            yield place, message
    listed = ((name, (*path, "biomarkers", n)) for n, name in enumerate(analysis.biomarkers))
    yield from repeated("biomarker", listed, _LISTED_TWICE)


def _time_to_event(
    protocol: Protocol, names: Names, analysis: TimeToEventAnalysis, path: Path
) -> Iterator[Finding]:
    yield from _endpoint(protocol, names, analysis.endpoint, analysis.kind, (*path, "endpoint"))
    endpoint = next((one for one in protocol.endpoints if one.id == analysis.endpoint), None)
    has_sheet = isinstance(endpoint, TimeToEvent) and endpoint.sheet is not None
    if isinstance(endpoint, TimeToEvent) and not has_sheet:
        yield from _needs(protocol, "ADTTE", "Times to events", path)
    if analysis.compare is None:
        return
    place = (*path, "compare")
    plan = analysis.compare
    if isinstance(endpoint, TimeToEvent) and endpoint.entry is not None:
        yield from _enters_late(plan, place)
        cuts = (cut for marker in protocol.biomarkers for cut in marker.cut_points)
        if any(cut.id == analysis.by and cut.choose is not None for cut in cuts):
            yield (
                place,
                "The P value corrected for the choice of a cut-point does not allow for patients "
                "who enter late. Compare an endpoint without entry.",
            )
    yield from _compared(protocol, names, analysis.by, plan.reference, place)
    yield from _strata(protocol, names, analysis.by, plan.strata, place)
    yield from _needs_reference(plan, place)
    for key, own in (("cluster", plan.cluster), ("frailty", plan.frailty)):
        if own == analysis.by:
            yield (*place, key), f"The groups that are compared cannot be the {key} as well."
        elif own is not None:
            yield from _group(protocol, names, own, (*place, key))


def _enters_late(plan: Comparison, place: Path) -> Iterator[Finding]:
    """Name the keys that do not allow for delayed entry, as tests and hazard ratios do."""
    asked = {
        "max_combo": plan.max_combo,
        "restricted_mean": plan.restricted_mean,
        "frailty": plan.frailty,
    }
    for key, value in asked.items():
        if value:
            yield (
                (*place, key),
                "It does not allow for patients who enter late. Remove it, or compare an endpoint "
                "without entry.",
            )


def _needs_reference(plan: Comparison, place: Path) -> Iterator[Finding]:
    """Name the keys that compare with a reference, where there is none."""
    if plan.stratified == "both" and not plan.strata:
        yield (*place, "stratified"), "There are no strata: add them, or remove the key."
    if plan.reference is not None and plan.hazard_ratio:
        return
    asked = (plan.proportionality, plan.cluster, plan.frailty)
    for key, value in zip(("proportionality", "cluster", "frailty"), asked, strict=True):
        if value:
            yield (*place, key), "It is about a hazard ratio: name the reference that it needs."
    if plan.restricted_mean is not None and plan.reference is None:
        yield (*place, "restricted_mean"), "It is a difference from a reference: name it."


def _compared(
    protocol: Protocol, names: Names, by: str, reference: str | None, place: Path
) -> Iterator[Finding]:
    """Check that there are groups to compare, and that the reference is one of them."""
    labels = _labels(protocol, names, by)
    if reference is not None and labels:
        yield from not_among("group", reference, labels, (*place, "reference"))
    if len(labels) == 1:
        yield place, "There is one group only, so there is nothing to compare."


def _strata(
    protocol: Protocol, names: Names, by: str, strata: tuple[str, ...], place: Path
) -> Iterator[Finding]:
    for position, name in enumerate(strata):
        stratum = (*place, "strata", position)
        if name == by:
            yield stratum, "The groups that are compared cannot be strata as well."
        else:
            yield from _group(protocol, names, name, stratum)


def _subgroups(
    protocol: Protocol, names: Names, analysis: SubgroupsAnalysis, path: Path
) -> Iterator[Finding]:
    yield from _endpoint(protocol, names, analysis.endpoint, "time_to_event", (*path, "endpoint"))
    yield from _compared(protocol, names, analysis.by, analysis.reference, path)
    endpoint = next((one for one in protocol.endpoints if one.id == analysis.endpoint), None)
    if isinstance(endpoint, TimeToEvent) and endpoint.entry is not None:
        message = "Groups are not compared where patients enter late. Name an endpoint without"
        yield (*path, "endpoint"), f"{message} entry."
    if not (analysis.subgroups or protocol.subgroups):
        message = "There are no subgroups: list them here, or under 'subgroups' of the study."
        yield (*path, "subgroups"), message
    for position, name in enumerate(analysis.subgroups):
        place = (*path, "subgroups", position)
        if name == analysis.by:
            yield place, "The groups that are compared cannot be subgroups as well."
        else:
            yield from _group(protocol, names, name, place)
    listed = ((name, (*path, "subgroups", n)) for n, name in enumerate(analysis.subgroups))
    yield from repeated("subgroup", listed, _LISTED_TWICE)


def _labels(protocol: Protocol, names: Names, group: str) -> list[str]:
    """Return the labels of a group, or nothing where not all of them can be read."""
    if group == "arm":
        return [arm.label for arm in protocol.arms] if len(protocol.arms) == names.arms else []
    for variable in protocol.variables:
        if variable.id == group:
            return [level.label for level in variable.levels]
    cuts = (cut for biomarker in protocol.biomarkers for cut in biomarker.cut_points)
    return next(([cut.below, cut.at_or_above] for cut in cuts if cut.id == group), [])


def _sensitivity(
    protocol: Protocol, names: Names, analysis: SensitivityAnalysis, path: Path
) -> Iterator[Finding]:
    for position, name in enumerate(analysis.endpoints):
        place = (*path, "endpoints", position)
        yield from _endpoint(protocol, names, name, "time_to_event", place)
        endpoint = next((one for one in protocol.endpoints if one.id == name), None)
        late = isinstance(endpoint, TimeToEvent) and endpoint.entry is not None
        if late and not analysis.interval_censored:
            yield (
                place,
                f"Patients enter late in '{name}', which is not allowed for here. Remove it.",
            )
    listed = ((name, (*path, "endpoints", n)) for n, name in enumerate(analysis.endpoints))
    yield from repeated("endpoint", listed, _LISTED_TWICE)
    yield from _needs(protocol, "ADTTE", "Times to events", path)
    if analysis.interval_censored:
        yield from _intervals(protocol, analysis.endpoints[0], path)
    elif len(analysis.endpoints) == 1:
        yield (*path, "endpoints"), "List two endpoints or more, or add interval_censored: true."


def _intervals(protocol: Protocol, name: str, path: Path) -> Iterator[Finding]:
    """Check that progression of an endpoint can be given an interval."""
    place = (*path, "interval_censored")
    yield from _needs(protocol, "ADRS", "Intervals", place)
    endpoint = next((one for one in protocol.endpoints if one.id == name), None)
    if not isinstance(endpoint, TimeToEvent):
        return
    if not endpoint.time_points:
        yield place, f"Survival is estimated at time_points; the endpoint '{name}' has none."
    if not any(rule.dataset == "ADRS" for rule in endpoint.events):
        yield place, f"No event rule of '{name}' reads ADRS, so no event lies between two scans."
    if any(rule.at != "record" for rule in endpoint.events):
        yield place, f"An event of '{name}' counts at the next visit, which no scan showed."
    if endpoint.entry is not None:
        yield place, f"Patients enter late in '{name}'; intervals have no entry. Remove a key."


def _response(
    protocol: Protocol, names: Names, analysis: ResponseAnalysis, path: Path
) -> Iterator[Finding]:
    for position, name in enumerate(analysis.endpoints):
        yield from _endpoint(protocol, names, name, "response", (*path, "endpoints", position))
    listed = ((name, (*path, "endpoints", n)) for n, name in enumerate(analysis.endpoints))
    yield from repeated("endpoint", listed, _LISTED_TWICE)
    yield from _needs(protocol, "ADRS", "Response", path)
    if analysis.compare is not None:
        place = (*path, "compare")
        plan = analysis.compare
        yield from _compared(protocol, names, analysis.by, plan.reference, place)
        yield from _strata(protocol, names, analysis.by, plan.strata, place)


def _endpoint(
    protocol: Protocol, names: Names, name: str, kind: str, path: Path
) -> Iterator[Finding]:
    other = [one.id for one in protocol.endpoints if one.kind != kind]
    allowed = [one for one in names.of("endpoint") if one not in other]
    if name in other:
        choice = f" Endpoints of that kind are: {', '.join(allowed)}." if allowed else ""
        yield path, f"The endpoint '{name}' is not of the kind {kind}.{choice}"
    elif "endpoint" not in names.open_kinds:
        yield from not_among("endpoint", name, allowed, path)


def _needs(protocol: Protocol, table: str, what: str, path: Path) -> Iterator[Finding]:
    if table == "ADRS" and sheet_gives_responses(protocol):
        return
    if not {table, *_COLLECTED[table]} & set(protocol.data.tables):
        tables = ", ".join(protocol.data.tables)
        message = f"{what} need the table {table} under data.tables; there are: {tables}."
        yield path, re.sub("^(Response|Agreement) need ", r"\1 needs ", message)


def _agreement(
    protocol: Protocol, names: Names, analysis: AgreementAnalysis, path: Path
) -> Iterator[Finding]:
    del names, analysis
    yield from _needs(protocol, "ADRS", "Agreement", path)


def _adverse_events(
    protocol: Protocol, names: Names, analysis: AdverseEventsAnalysis, path: Path
) -> Iterator[Finding]:
    del names, analysis
    yield from _needs(protocol, "ADAE", "Adverse events", path)


#: What is checked of each kind of analysis, besides what all have.
def _competing_risks(
    protocol: Protocol, names: Names, analysis: CompetingRisksAnalysis, path: Path
) -> Iterator[Finding]:
    yield from _endpoint(protocol, names, analysis.endpoint, "time_to_event", (*path, "endpoint"))
    yield from check_causes(analysis, path)
    yield from check_cause_endpoint(protocol, analysis, path)
    yield from _predictors(protocol, names, analysis, path)
    if "arm" in analysis.covariates and analysis.by != "arm":
        yield (*path, "covariates"), "Compare arms with by: arm, or leave arm out of covariates."
    if analysis.reference is not None:
        labels = _labels(protocol, names, analysis.by)
        if labels:
            place = (*path, "reference")
            yield from not_among("group", analysis.reference, labels, place)


def _prognostic_model(
    protocol: Protocol, names: Names, analysis: PrognosticModelAnalysis, path: Path
) -> Iterator[Finding]:
    yield from _endpoint(protocol, names, analysis.endpoint, "time_to_event", (*path, "endpoint"))
    yield from _predictors(protocol, names, analysis, path)
    endpoint = next((one for one in protocol.endpoints if one.id == analysis.endpoint), None)
    if isinstance(endpoint, TimeToEvent) and endpoint.entry is not None:
        message = "A prognostic model is not made where patients enter late. Name an endpoint"
        yield (*path, "endpoint"), f"{message} without entry."


def _predictors(
    protocol: Protocol,
    names: Names,
    analysis: CompetingRisksAnalysis | PrognosticModelAnalysis,
    path: Path,
) -> Iterator[Finding]:
    covariates = analysis.covariates
    yield from reference_findings(protocol, covariates, analysis.references, path)
    for position, name in enumerate(covariates):
        if name != "arm":
            yield from unknown_id(names, "variable", name, (*path, "covariates", position))
    listed = ((name, (*path, "covariates", n)) for n, name in enumerate(covariates))
    yield from repeated("covariate", listed, _LISTED_TWICE)


_WAYS: dict[type, Callable[[Protocol, Names, Any, Path], Iterator[Finding]]] = {
    AdverseEventsAnalysis: _adverse_events,
    AgreementAnalysis: _agreement,
    BaselineAnalysis: _baseline,
    MissingDataAnalysis: _baseline,
    BiomarkerChangeAnalysis: _biomarkers,
    CompetingRisksAnalysis: _competing_risks,
    CoxAnalysis: check_cox,
    LogisticAnalysis: check_logistic,
    PrognosticModelAnalysis: _prognostic_model,
    ResponseAnalysis: _response,
    SensitivityAnalysis: _sensitivity,
    SubgroupsAnalysis: _subgroups,
    EarlyResponseAnalysis: check_early_response,
    TimeVaryingAnalysis: check_time_varying,
    CloneCensorWeightAnalysis: check_clone_censor_weight,
    TimeToEventAnalysis: _time_to_event,
}
