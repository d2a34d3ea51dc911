"""Estimands of the endpoints: the five attributes of ICH E9(R1), read from the rules.

Source: ICH E9(R1), Addendum on estimands and sensitivity analysis in clinical trials, 2019.
"""

from __future__ import annotations

from hepatica.present.spans import Span
from hepatica.present.table import Cell, Column, Row, Table
from hepatica.present.wording import listed, lower_first
from hepatica.protocol.analyses import Analysis, ResponseAnalysis, TimeToEventAnalysis
from hepatica.protocol.conditions import condition_columns
from hepatica.protocol.endpoints import Endpoint, Response, TimeRule, TimeToEvent
from hepatica.protocol.groups import analysis_set
from hepatica.protocol.model import Protocol

_COLUMNS = (
    Column("population", "Population", words=True),
    Column("variable", "Variable", words=True),
    Column("events", "Intercurrent events", words=True),
    Column("summary", "Summary", words=True),
)
_THERAPY = "ADCM"
_SUMMARIES = {
    "cox": "hazard ratios of several covariates",
    "logistic": "odds ratios of several covariates",
    "subgroups": "hazard ratio by subgroup, with interaction",
    "early_response": "by early response, from its landmark",
    "time_varying": "hazard ratio of an exposure from the day it starts",
    "clone_censor_weight": "survival under two strategies after an event",
    "competing_risks": "cumulative incidence by cause",
    "prognostic_model": "predicted survival",
    "sensitivity": "the same under other rules",
}
_NOTE = (
    "Treatment: each arm as described above, whatever is given afterwards. Strategies for "
    "intercurrent events are read from the rules of the endpoint: an event that counts is a "
    "composite strategy, a time that is censored at it a hypothetical one (as if it had not "
    "happened), and one that no rule names is followed regardless (treatment policy)."
)


def table_estimands(protocol: Protocol) -> Table:
    """Return the estimand of every endpoint that an analysis names.

    Parameters
    ----------
    protocol : Protocol
        Endpoints with their rules, sets and analyses.
    """
    rows = []
    for endpoint in protocol.endpoints:
        analyses = [one for one in protocol.analyses if endpoint.id in _endpoints_of(one)]
        if analyses:
            rows.append(Row("plain", endpoint.label, _cells(protocol, endpoint, analyses)))
    return Table(
        "estimands",
        "Estimands of the endpoints",
        stub="Endpoint",
        columns=_COLUMNS,
        rows=tuple(rows),
        footnotes=(_NOTE,),
    )


def _endpoints_of(analysis: Analysis) -> tuple[str, ...]:
    one = getattr(analysis, "endpoint", None)
    return (*getattr(analysis, "endpoints", ()), *((one,) if one else ()))


def _cells(protocol: Protocol, endpoint: Endpoint, analyses: list[Analysis]) -> dict[str, Cell]:
    sets = listed(
        dict.fromkeys(lower_first(analysis_set(protocol, one.set).label) for one in analyses)
    )
    return {
        "population": _words(sets[:1].upper() + sets[1:]),
        "variable": _words(_variable(endpoint)),
        "events": _words(_intercurrent(endpoint)),
        "summary": _words(_summary(endpoint, analyses)),
    }


def _words(text: str) -> Cell:
    return Cell((Span(text, quoted=True),), format="text")


def _variable(endpoint: Endpoint) -> str:
    if isinstance(endpoint, Response):
        confirmed = "confirmed " if endpoint.confirmed else ""
        return endpoint.sentence or f"Best response {confirmed}{listed(endpoint.counted, 'or')}"
    events = listed((lower_first(one.description) for one in endpoint.events), "or")
    return f"Days from {endpoint.origin.label} to {events}"


def _intercurrent(endpoint: Endpoint) -> str:
    if isinstance(endpoint, Response):
        return (
            "Death or drop-out before an assessment: no response (composite). "
            "New therapy: assessments after it as the criteria say."
        )
    return " ".join((_death(endpoint), _therapy(endpoint), *_missed(endpoint)))


def _death(endpoint: TimeToEvent) -> str:
    if any(_is_death(rule) for rule in endpoint.events):
        others = len(endpoint.events) > 1
        return f"Death: counts as an event{' (composite)' if others else ''}."
    if any(_is_death(rule) for rule in endpoint.censoring):
        return "Death: censored (hypothetical)."
    return "Death: not named by a rule."


def _is_death(rule: TimeRule) -> bool:
    columns = condition_columns(rule.where) if rule.where is not None else ()
    return "DTHFL" in columns or "death" in rule.description.lower()


def _therapy(endpoint: TimeToEvent) -> str:
    named = [one for one in endpoint.censoring if one.before and one.before.dataset == _THERAPY]
    if named:
        return "New anticancer therapy: censored before it (hypothetical)."
    if any(one.dataset == _THERAPY for one in endpoint.events):
        return "New anticancer therapy: counts as an event (composite)."
    return "New anticancer therapy: followed regardless (treatment policy)."


def _missed(endpoint: TimeToEvent) -> list[str]:
    most = [one.missed for one in endpoint.censoring if one.missed is not None]
    if not most:
        return []
    return [f"{min(most)} or more missed assessments: censored before them (hypothetical)."]


def _summary(endpoint: Endpoint, analyses: list[Analysis]) -> str:
    parts: list[str] = []
    for one in analyses:
        if isinstance(one, TimeToEventAnalysis):
            parts.append("median, and survival at planned times, by Kaplan–Meier")
            if one.compare is not None and one.compare.reference is not None:
                parts.append(f"hazard ratio against {one.compare.reference}")
        elif isinstance(one, ResponseAnalysis):
            parts.append("share of patients")
        else:
            parts.append(_SUMMARIES.get(one.kind, one.kind.replace("_", " ")))
    if endpoint.historical is not None:
        parts.append("test against the historical rate")
    text = "; ".join(dict.fromkeys(parts))
    return text[:1].upper() + text[1:]
