"""Words: names of responses, endpoints and populations as tables and sentences print them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from hepatica.protocol.analyses import Analysis, TimeToEventAnalysis
from hepatica.protocol.conditions import condition_columns
from hepatica.protocol.cut_points import find_cut_point, may_choose
from hepatica.protocol.endpoints import Endpoint, Entry
from hepatica.protocol.groups import analysis_set
from hepatica.protocol.model import Protocol

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


_STATUS = {
    "constructed": "Constructed patients",
    "interim": "Interim data",
    "draft": "Draft",
    "confirmed": "",
}

#: Best overall response in words.
RESPONSES = {
    "CR": "Complete response (CR)",
    "PR": "Partial response (PR)",
    "SD": "Stable disease (SD)",
    "NON-CR/NON-PD": "Neither CR nor PD",
    "PD": "Progressive disease (PD)",
    "iCR": "Immune complete response (iCR)",
    "iPR": "Immune partial response (iPR)",
    "iSD": "Immune stable disease (iSD)",
    "NON-iCR/NON-iUPD": "Neither iCR nor iUPD",
    "iCPD": "Confirmed progression (iCPD)",
    "iUPD": "Unconfirmed progression (iUPD)",
    "NE": "Not evaluable",
    "MISSING": "Missing",
}

_ABBREVIATIONS = {
    "AFP": "alpha-fetoprotein",
    "ALT": "alanine aminotransferase",
    "AST": "aspartate aminotransferase",
    "BCLC": "Barcelona Clinic Liver Cancer",
    "CI": "confidence interval",
    "CTCAE": "Common Terminology Criteria for Adverse Events",
    "ECOG": "Eastern Cooperative Oncology Group",
    "HBV": "hepatitis B virus",
    "HCC": "hepatocellular carcinoma",
    "HCV": "hepatitis C virus",
    "INR": "international normalised ratio",
    "IQR": "interquartile range",
    "RECIST": "Response Evaluation Criteria in Solid Tumours",
    "TNM": "tumour, node, metastasis",
}


#: Names that begin labels and keep their capital.
_NAMES = frozenset({"Barcelona", "Child", "Milan", "Edmondson", "Charlson", "Karnofsky", "Asian"})


def status_label(protocol: Protocol) -> str:
    """Return what state the data are in, for example ``Constructed patients``; empty if final."""
    return _STATUS[protocol.study.data_status]


def status_line(protocol: Protocol) -> str:
    """Return the status and its consequence as one line for exported files; empty if final."""
    label = status_label(protocol)
    return f"{label}. {protocol.study.status_note}".strip() if label else ""


def long_date(day: date) -> str:
    """Return a date as it stands in text.

    Examples
    --------
    >>> long_date(date(2019, 12, 18))
    '18 December 2019'
    """
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def lower_first(text: str) -> str:
    """Return a text as it goes on in a sentence; abbreviations and names keep their capitals.

    Examples
    --------
    >>> lower_first("Full analysis set"), lower_first("Child–Pugh class")
    ('full analysis set', 'Child–Pugh class')
    """
    first = text.split(" ", 1)[0]
    keeps = any(character.isupper() for character in first[1:]) or first in _NAMES
    return text if keeps else text[:1].lower() + text[1:]


def listed(words: Iterable[str], last: str = "and") -> str:
    """Return words as a list in a sentence.

    Examples
    --------
    >>> listed(["A"]), listed(["A", "B"]), listed(["A", "B", "C"])
    ('A', 'A and B', 'A, B and C')
    """
    words = list(words)
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def percent_text(fraction: float) -> str:
    """Return a planned rate as a percentage without decimals that say nothing.

    Examples
    --------
    >>> percent_text(0.65), percent_text(0.125)
    ('65%', '12.5%')
    """
    return f"{(Decimal(repr(fraction)) * 100).normalize():f}%"


def endpoint_of(protocol: Protocol, identifier: str) -> Endpoint:
    """Return the endpoint of that id."""
    return next(endpoint for endpoint in protocol.endpoints if endpoint.id == identifier)


def is_post_hoc(protocol: Protocol, analysis: Analysis) -> bool:
    """Return whether an analysis, or the endpoint it is about, was not planned."""
    if isinstance(analysis, TimeToEventAnalysis):
        return analysis.post_hoc or not endpoint_of(protocol, analysis.endpoint).confirmatory
    return analysis.post_hoc


def is_about_treatment(protocol: Protocol, analysis: Analysis) -> bool:
    """Return whether a time to event is how long treatment lasted: exposure, not efficacy."""
    if not isinstance(analysis, TimeToEventAnalysis):
        return False
    endpoint = endpoint_of(protocol, analysis.endpoint)
    conditions = [rule.where for rule in getattr(endpoint, "events", ())]
    return bool(conditions) and all(
        one is not None and "EOTSTT" in condition_columns(one) for one in conditions
    )


def is_exploratory(protocol: Protocol, analysis: Analysis) -> bool:
    """Return whether patients are grouped by a cut-point that their own data chose."""
    found = find_cut_point(protocol, analysis.by)
    return found is not None and may_choose(protocol, found[1], analysis)


#: Said wherever times are analysed in groups that patients came into later.
FORMED_AFTERWARDS = (
    "Groups were formed by what happened after the time origin; patients had to live long enough "
    "to receive it (immortal time)."
)


def delayed_entry_sentence(entry: Entry) -> str:
    """Return how to read numbers at risk where patients enter late.

    Examples
    --------
    >>> delayed_entry_sentence(Entry(label="first dose", variable="TRTSDT"))
    'Delayed entry: patients are at risk from first dose on, so numbers at risk rise and fall.'
    """
    return (
        f"Delayed entry: patients are at risk from {entry.label} on, so numbers at risk rise and "
        "fall."
    )


def grouping(protocol: Protocol, by: str) -> str:
    """Return what patients are grouped by, for example ``alpha-fetoprotein``; empty for arms."""
    for variable in protocol.variables:
        if variable.id == by:
            return lower_first(variable.label)
    for biomarker in protocol.biomarkers:
        if any(cut.id == by for cut in biomarker.cut_points):
            return lower_first(biomarker.label)
    return ""


def table_title(protocol: Protocol, analysis: Analysis, what: str) -> str:
    """Return the title of a table: what is counted, by what, in whom, and whether post hoc."""
    by = grouping(protocol, analysis.by)
    subject = analysis.title or (f"{what} by {by}" if by else what)
    parts = [subject, lower_first(analysis_set(protocol, analysis.set).label)]
    if analysis.where is not None and analysis.where_label:
        arms = {arm.label for arm in protocol.arms}
        where = analysis.where_label
        parts.append(where if where in arms else lower_first(where))
    if isinstance(analysis, TimeToEventAnalysis) and analysis.landmark is not None:
        parts.append(f"landmark at {analysis.landmark.text}")
    if is_post_hoc(protocol, analysis):
        parts.append("post hoc")
    if is_exploratory(protocol, analysis):
        parts.append("exploratory cut-point")
    return ", ".join(parts)


def short_title(protocol: Protocol, analysis: Analysis, what: str) -> str:
    """Return the entry in the contents: its own title or what it shows, and in which patients."""
    restricted = analysis.where_label if analysis.where is not None else ""
    arms = {arm.label for arm in protocol.arms}
    whom = restricted if restricted in arms else lower_first(restricted)
    return ", ".join(part for part in (analysis.title or what, whom) if part)


def abbreviations(texts: Iterable[str]) -> str:
    """Return the abbreviations that occur in texts, explained, in alphabetical order.

    Examples
    --------
    >>> abbreviations(["ECOG performance status", "BCLC stage"])
    'BCLC: Barcelona Clinic Liver Cancer. ECOG: Eastern Cooperative Oncology Group.'
    """
    words = {word for text in texts for word in re.findall(r"[A-Z][A-Za-z]+", text)}
    return " ".join(
        f"{name}: {_ABBREVIATIONS[name]}." for name in sorted(words & set(_ABBREVIATIONS))
    )
