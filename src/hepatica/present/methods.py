"""The methods section, written from the protocol and from the methods named in the rows."""

from __future__ import annotations

from collections.abc import Iterable

from hepatica.present.cut_point_words import choice_sentence
from hepatica.present.eligibility_words import eligibility_sentences
from hepatica.present.imputation_words import imputation_sentences
from hepatica.present.model_methods import model_sentences
from hepatica.present.risk_methods import competing_risks_sentences, prognostic_sentences
from hepatica.present.spans import Span, Spans, join
from hepatica.present.time_trap_text import endpoints_of, time_trap_sentences
from hepatica.present.wording import (
    FORMED_AFTERWARDS,
    endpoint_of,
    grouping,
    is_exploratory,
    is_post_hoc,
    listed,
    long_date,
    lower_first,
    percent_text,
)
from hepatica.protocol.analyses import (
    Analysis,
    BaselineAnalysis,
    BiomarkerChangeAnalysis,
    ResponseAnalysis,
    SensitivityAnalysis,
    TherapiesAnalysis,
    TimeToEventAnalysis,
)
from hepatica.protocol.competing_risks_analysis import CompetingRisksAnalysis
from hepatica.protocol.cut_points import find_cut_point
from hepatica.protocol.endpoints import Endpoint, Response
from hepatica.protocol.groups import group_labels, is_formed_afterwards
from hepatica.protocol.model import Assessments, Protocol
from hepatica.protocol.model_analyses import CoxAnalysis, LogisticAnalysis
from hepatica.protocol.prognostic_model_analysis import PrognosticModelAnalysis
from hepatica.protocol.time_traps import (
    CloneCensorWeightAnalysis,
    EarlyResponseAnalysis,
    TimeVaryingAnalysis,
)
from hepatica.protocol.treatment import Dose, Treatment
from hepatica.results import Results

_SUBJECTS = {
    "baseline": "Baseline",
    "time_to_event": "Times to events",
    "response": "Response",
    "adverse_events": "Counted for adverse events",
    "disposition": "Counted for disposition",
    "deviations": "Counted for protocol deviations",
    "exposure": "Exposure",
    "therapies": "Counted for prior and subsequent therapies",
    "deaths": "Counted for deaths",
    "early_response": "Early response",
    "time_varying": "Exposures that start during follow-up",
    "clone_censor_weight": "Strategies after an event",
}
#: What follows differs between models of one kind.
_ADJUSTED = ", adjusted for "
_DIALECTS = {"hepatica": "Hepatica", "sas": "SAS", "r": "R", "spss": "SPSS", "stata": "Stata"}


def methods_paragraphs(results: Results, protocol: Protocol) -> tuple[Spans, ...]:
    """Return the paragraphs of the methods section.

    Parameters
    ----------
    results : Results
        Rows whose ``method`` names what was done.
    protocol : Protocol
        Design, treatment, assessments, endpoints and analyses.

    Returns
    -------
    tuple of spans
        Design and treatment, analysis sets, endpoints, statistical methods, what was not planned,
        and how numbers are shown; each begins with its subject in bold.
    """
    paragraphs = (
        ("Design and treatment.", _design(protocol)),
        ("Eligibility.", eligibility_sentences(protocol)),
        ("Analysis sets.", _sets(protocol)),
        *_endpoints(protocol),
        ("Statistical methods.", _statistics(protocol)),
        *_methods(results, protocol),
        ("Models of several covariates.", _sentences(model_sentences(protocol))),
        ("Competing risks.", competing_risks_sentences(protocol)),
        ("Prognostic model.", prognostic_sentences(protocol)),
        ("What is known only later.", _sentences(time_trap_sentences(protocol))),
        ("Primary objective.", _objectives(protocol)),
        ("Missing values.", imputation_sentences(protocol)),
        ("Cut-points.", _cut_points(results, protocol)),
        ("Not planned beforehand.", _post_hoc(protocol)),
        ("How numbers are shown.", _numbers()),
    )
    return tuple(join(Span(f"{head} ", strong=True), text) for head, text in paragraphs if text)


def _sentences(parts: Iterable[str]) -> str:
    return " ".join(_stop(part[:1].upper() + part[1:]) for part in parts if part)


def _stop(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "?", "!")) else f"{text}."


# --- design ----------------------------------------------------------------------------------


def _design(protocol: Protocol) -> str:
    study = protocol.study
    parts = [study.design]
    if len(protocol.arms) > 1:
        parts.append(
            "Patients were randomised" if study.randomised else "Patients were not randomised"
        )
    parts += [_treatment(treatment) for treatment in protocol.treatments]
    assessments = protocol.assessments
    if assessments is not None and assessments.best_responses:
        parts.append(_recorded_responses(assessments))
    if assessments is not None and assessments.has_visits:
        parts.append(
            f"Tumours were assessed every {assessments.every_days} days "
            f"(window {assessments.window_days} days) by {assessments.criteria}"
        )
        if assessments.confirmation_days is not None:
            parts.append(
                "a response counts as confirmed when it is seen again after at least "
                f"{assessments.confirmation_days} days"
            )
        if assessments.stable_disease_days is not None:
            parts.append(f"stable disease lasts at least {assessments.stable_disease_days} days")
    events = protocol.adverse_events
    if events is not None:
        parts.append(
            f"Adverse events were graded by {events.dictionary} {events.version}"
            + (
                f" and count until {events.follow_up_days} days after the last dose"
                if events.follow_up_days is not None
                else ""
            )
        )
    if study.data_cut_off is not None:
        parts.append(
            f"The data cut-off is {long_date(study.data_cut_off)}; nothing after it counts"
        )
    return _sentences(parts)


def _recorded_responses(assessments: Assessments) -> str:
    main = assessments.best_response is not None
    given: list[str] = [assessments.criteria] if main else []
    given += [one.label for one in assessments.readings if one.best_response is not None]
    return f"The best response of each patient was taken as recorded, by {listed(given)}"


def _treatment(treatment: Treatment) -> str:
    schedule = treatment.schedule
    doses = [
        f"{_dose(one.dose)}{_weight(one.at_least, one.below)}" for one in treatment.dose_by_weight
    ]
    dose = listed(doses) if doses else _dose(treatment.dose) if treatment.dose else "as prescribed"
    times = {1: "once", 2: "twice"}.get(schedule.per_day, f"{schedule.per_day} times")
    if (schedule.first_day, schedule.last_day) == (1, schedule.cycle_days):
        when = f"{times} daily without a break"
    else:
        when = (
            f"{times} daily on days {schedule.first_day} to {schedule.last_day} of "
            f"{schedule.cycle_days}-day cycles"
        )
    sentence = f"{treatment.drug} ({treatment.route}) was given at {dose} {when}"
    if not treatment.reductions:
        return sentence
    steps = listed(_dose(step.dose) for step in treatment.reductions)
    triggers = dict.fromkeys(t for step in treatment.reductions for t in step.triggers)
    because = f" for {listed(triggers, 'or')}" if triggers else ""
    return f"{sentence}; reductions to {steps} were permitted{because}"


def _dose(dose: Dose) -> str:
    return f"{dose.amount:g} {dose.unit.replace('ug', 'µg').replace('m2', 'm²')}"


def _weight(at_least: float | None, below: float | None) -> str:
    if at_least is not None and below is not None:
        return f" from {at_least:g} to below {below:g} kg"
    if at_least is not None:
        return f" from {at_least:g} kg"
    return f" below {below:g} kg" if below is not None else ""


def _sets(protocol: Protocol) -> str:
    used: dict[str, list[str]] = {}
    for analysis in protocol.analyses:
        used.setdefault(analysis.set, []).append(_subject(protocol, analysis))
    parts = []
    for one in protocol.analysis_sets:
        subjects = list(dict.fromkeys(used.get(one.id, ())))
        if subjects:
            label = lower_first(one.label)
            # A set may be called "All patients of …", which is no single thing.
            many = label.startswith("all ")
            which = f"{label} ({one.flag}) are" if many else f"the {label} ({one.flag}) is"
            parts.append(f"{which} used for {listed(subjects)}")
    return _sentences(parts)


def _subject(protocol: Protocol, analysis: Analysis) -> str:
    match analysis:
        case TimeToEventAnalysis():
            return lower_first(endpoint_of(protocol, analysis.endpoint).label)
        case CoxAnalysis() | LogisticAnalysis():
            return f"models of {lower_first(endpoint_of(protocol, analysis.endpoint).label)}"
        case TherapiesAnalysis():
            return f"{analysis.when} anticancer therapy"
        case BiomarkerChangeAnalysis():
            return "change of biomarkers"
        case EarlyResponseAnalysis() | TimeVaryingAnalysis() | CloneCensorWeightAnalysis():
            return lower_first(_SUBJECTS[analysis.kind])
        case _:
            named = {"deviations": "protocol deviations"}
            return named.get(analysis.kind, analysis.kind.replace("_", " "))


# --- endpoints -------------------------------------------------------------------------------


def _endpoints(protocol: Protocol) -> tuple[tuple[str, str], ...]:
    analysed = {
        name
        for analysis in protocol.analyses
        for name in (
            (analysis.endpoint,)
            if isinstance(
                analysis, TimeToEventAnalysis | CompetingRisksAnalysis | PrognosticModelAnalysis
            )
            else analysis.endpoints
            if isinstance(analysis, ResponseAnalysis | SensitivityAnalysis)
            else endpoints_of(analysis)
        )
    }
    return tuple(
        (f"{endpoint.label} ({endpoint.role}).", _sentences([_endpoint(endpoint)]))
        for endpoint in protocol.endpoints
        if endpoint.id in analysed
    )


def _endpoint(endpoint: Endpoint) -> str:
    if isinstance(endpoint, Response):
        if endpoint.sentence:
            when = endpoint.at.text if endpoint.at is not None else ""
            planned = f" The visit is planned {when} after the time origin." if when else ""
            return endpoint.sentence + planned
        confirmed = "confirmed " if endpoint.confirmed else ""
        return f"The share of patients with {confirmed}{listed(endpoint.counted, 'or')}"
    events = " ".join(_stop(rule.sentence) for rule in endpoint.events)
    censoring = " ".join(_stop(rule.sentence) for rule in endpoint.censoring)
    several = "Events, the first that happens" if len(endpoint.events) > 1 else "Event"
    text = f"Time is counted from {endpoint.origin.label}. "
    if endpoint.entry is not None:
        text += (
            f"Patients are at risk from {endpoint.entry.label} on only (delayed entry, left "
            "truncation): they had to live until then, and that time does not count. "
        )
    text += f"{several}: {events}"
    if censoring:
        order = ", the first rule that applies" if len(endpoint.censoring) > 1 else ""
        text += f" Censoring{order}: {censoring}"
    return text


# --- statistics ------------------------------------------------------------------------------


def _statistics(protocol: Protocol) -> str:
    """Return what all analyses share."""
    adjusted = any(isinstance(one, BiomarkerChangeAnalysis) for one in protocol.analyses)
    which = "P values other than those of biomarker change" if adjusted else "P values"
    return _sentences((
        f"confidence intervals have the level {percent_text(protocol.conf_level)}",
        f"{which} are not adjusted for multiplicity",
        "" if _one_sided(protocol) else "tests are two-sided",
        f"where software differs, the methods of {_DIALECTS[protocol.dialect]} are used"
        if protocol.dialect != "hepatica"
        else "the methods are Hepatica's own choice among those that software offers",
    ))  # fmt: skip


def _methods(results: Results, protocol: Protocol) -> tuple[tuple[str, str], ...]:
    """Return the methods that rows name, a paragraph for each subject."""
    unused = _unused_summaries(protocol)
    by_subject: dict[str, list[str]] = {}
    for analysis in protocol.analyses:
        subject = _SUBJECTS.get(analysis.kind) or _subject(protocol, analysis).capitalize()
        found = by_subject.setdefault(subject, [])
        found += [
            row.method
            for row in results.where(analysis=analysis.id)
            if row.method and (analysis.kind == "exposure" or row.statistic not in unused)
        ]
    return tuple(
        (f"{subject}.", _stop("Methods: " + "; ".join(_told_once(methods))))
        for subject, methods in by_subject.items()
        if methods
    )


def _told_once(methods: list[str]) -> list[str]:
    """Return methods without repeats; those that differ in what they adjust for are one."""
    stems: dict[str, list[str]] = {}
    for method in dict.fromkeys(methods):
        stem, _, _ = method.partition(_ADJUSTED)
        stems.setdefault(stem if _ADJUSTED in method else method, []).append(method)
    return [
        several[0] if len(several) == 1 else f"{stem}, adjusted as the tables say"
        for stem, several in stems.items()
    ]


def _unused_summaries(protocol: Protocol) -> frozenset[str]:
    """Return statistics of measured variables that no table of the study shows."""
    shown = {variable.summary for variable in protocol.variables if variable.kind == "measured"}
    return frozenset() if "mean_sd" in shown else frozenset({"mean", "sd"})


def _one_sided(protocol: Protocol) -> bool:
    return any(
        endpoint.historical is not None and endpoint.historical.sides == 1
        for endpoint in protocol.endpoints
    )


def _objectives(protocol: Protocol) -> str:
    parts = []
    for endpoint in protocol.endpoints:
        plan = endpoint.historical
        if plan is None:
            continue
        rates = _by_arm(protocol, plan.rates)
        when = f" at {plan.at.text}" if plan.at is not None else ""
        text = f"{endpoint.label}{when} is tested against the historical rate of {rates}"
        if plan.targets:
            text += f"; the rate aimed at is {_by_arm(protocol, plan.targets)}"
        sides = "one-sided" if plan.sides == 1 else "two-sided"
        test = (
            "Wald test of the Kaplan–Meier estimate on the log-log scale"
            if plan.test == "kaplan_meier_log_log"
            else "exact binomial test"
        )
        parts += [text, f"the test is the {sides} {test} at the level {plan.alpha:g}"]
        parts.append(f"source of the rates: {plan.source}")
    return _sentences(parts)


def _by_arm(protocol: Protocol, rates: dict[str, float]) -> str:
    return listed(
        f"{percent_text(rates[arm.id])} in {arm.label}" for arm in protocol.arms if arm.id in rates
    )


def _cut_points(results: Results, protocol: Protocol) -> str:
    used = {analysis.by for analysis in protocol.analyses} | {
        name
        for analysis in protocol.analyses
        if isinstance(analysis, BaselineAnalysis)
        for name in analysis.variables
    }
    models = (one for one in protocol.analyses if isinstance(one, CoxAnalysis | LogisticAnalysis))
    used |= {name for one in models for name in one.covariates}
    parts = []
    for biomarker in protocol.biomarkers:
        for cut in biomarker.cut_points:
            if cut.choose is not None:
                said = choice_sentence(results, protocol, biomarker, cut)
                source = lower_first(cut.source.rstrip("."))
                parts += [f"{said.rstrip('.')} ({source})"] if said else []
            elif cut.at is not None and cut.id in used:
                chosen = ", chosen from these data" if cut.chosen_from_data else ""
                parts.append(
                    f"{biomarker.label} is divided at {cut.at:g} {biomarker.unit}{chosen} "
                    f"({lower_first(cut.source.rstrip('.'))})"
                )
    return _sentences(parts)


def _post_hoc(protocol: Protocol) -> str:
    parts = []
    unplanned = [a for a in protocol.analyses if is_post_hoc(protocol, a)]
    if unplanned:
        parts.append(f"post hoc: {listed(_named(protocol, one) for one in unplanned)}")
    exploratory = [a for a in protocol.analyses if is_exploratory(protocol, a)]
    if exploratory:
        names = listed(_named(protocol, one) for one in exploratory)
        parts.append(f"exploratory, because these data chose the cut-point: {names}")
    afterwards = [
        one
        for one in protocol.analyses
        if isinstance(one, TimeToEventAnalysis) and is_formed_afterwards(protocol, one)
    ]
    if afterwards:
        names = listed(dict.fromkeys(_named(protocol, one) for one in afterwards))
        parts.append(f"{names}: {lower_first(FORMED_AFTERWARDS)}")
    return _sentences(parts)


def _named(protocol: Protocol, analysis: Analysis) -> str:
    levels = group_labels(protocol, analysis.by)
    by = ""
    if find_cut_point(protocol, analysis.by) is not None:
        by = f" by {' against '.join(levels)}"
    elif analysis.by != "arm" and levels and not analysis.title:
        by = f" by {grouping(protocol, analysis.by)}"
    where = f" ({analysis.where_label})" if analysis.where is not None else ""
    name = lower_first(analysis.title) if analysis.title else _subject(protocol, analysis)
    return name + by + (where if analysis.where_label else "")


def _numbers() -> str:
    return _sentences(
        (
            "each number is rounded once, half up, for display",
            "percentages have 1 decimal, and none where fewer than 20 patients are counted",
            "times are counted in days and shown in months of 30.4375 days with 1 decimal",
            "hazard ratios have 2 decimals; P values 3 below 0.1, else 2",
            "NE means not estimable, which includes a median or limit that was not reached (NR)",
            "– means not applicable; 0 means none; patients without a value are counted as Missing",
        )
    )
