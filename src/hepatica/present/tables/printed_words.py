"""How the rows of a publication are called: from its own words, else from the protocol."""

from __future__ import annotations

from collections.abc import Mapping

from hepatica.present.recorded import in_words
from hepatica.present.wording import RESPONSES, endpoint_of
from hepatica.protocol.analyses import (
    AdverseEventsAnalysis,
    Analysis,
    BiomarkerChangeAnalysis,
    ResponseAnalysis,
    TherapiesAnalysis,
    TimeToEventAnalysis,
)
from hepatica.protocol.model import Protocol

_TESTS = {"logrank": "log-rank P", "cox": "hazard ratio"}
_STATISTICS = {"median": "median", "n": "patients"}


def row_words(
    protocol: Protocol, key: Mapping[str, str | float], head: str, label: str
) -> tuple[str, str]:
    """Return the head of the group that a printed row stands in, and the name of the row.

    Parameters
    ----------
    protocol : Protocol
        Labels of variables, endpoints and time points.
    key : mapping
        Columns of the printed number.
    head, label : str
        Words of the publication; empty where it has none.
    """
    analysis = next((one for one in protocol.analyses if one.id == key.get("analysis")), None)
    variable, level = str(key.get("variable", "")), str(key.get("variable_level", ""))
    match analysis:
        case TimeToEventAnalysis():
            own = ("", _time_to_event(protocol, analysis, key))
        case ResponseAnalysis() if variable == "best_response":
            own = ("Best overall response", RESPONSES.get(level, level))
        case AdverseEventsAnalysis():
            severe = analysis.severity.label
            own = (severe if variable == "severe" else "Any grade", level or "Any event")
        case TherapiesAnalysis() if level:
            own = (f"{analysis.when.capitalize()} anticancer therapy", in_words(level))
        case BiomarkerChangeAnalysis():
            own = ("", variable_label(protocol, variable) or variable)
        case _:
            named = variable_label(protocol, variable) or _TESTS.get(variable, variable)
            own = (named, level) if level else ("", named or _title(analysis, key))
    return head or ("" if label else own[0]), label or own[1]


def variable_label(protocol: Protocol, identifier: str) -> str:
    """Return the label of a variable, biomarker, cut-point or endpoint; empty when unknown."""
    for one in (*protocol.variables, *protocol.biomarkers, *protocol.endpoints):
        if one.id == identifier:
            return one.label
    for biomarker in protocol.biomarkers:
        if any(cut.id == identifier for cut in biomarker.cut_points):
            return biomarker.label
    return ""


def _time_to_event(
    protocol: Protocol, analysis: TimeToEventAnalysis, key: Mapping[str, str | float]
) -> str:
    endpoint = endpoint_of(protocol, analysis.endpoint)
    name = analysis.title or endpoint.label
    if analysis.where_label:
        name = f"{name}, {analysis.where_label}"
    test = _TESTS.get(str(key.get("variable", "")), "")
    time = key.get("time", "")
    if time != "":
        points = getattr(endpoint, "time_points", ())
        text = next((one.text for one in points if one.days == time), f"{time:g} days")
        return f"{name} at {text}"
    what = test or _STATISTICS.get(str(key.get("statistic", "")), "")
    return f"{name}, {what}" if what else name


def _title(analysis: Analysis | None, key: Mapping[str, str | float]) -> str:
    """Return what an analysis is called where no variable is named."""
    if analysis is not None and analysis.title:
        return analysis.title
    if key.get("statistic") == "n":
        return "Patients"
    return str(key.get("analysis", "")).replace("-", " ")
