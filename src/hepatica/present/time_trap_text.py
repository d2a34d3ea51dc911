"""Sentences of the methods on what is known only some time after the start."""

from __future__ import annotations

from hepatica.present.wording import endpoint_of, listed, lower_first
from hepatica.protocol.analyses import Analysis, TimeToEventAnalysis
from hepatica.protocol.model import Protocol
from hepatica.protocol.time_traps import (
    CloneCensorWeightAnalysis,
    EarlyResponseAnalysis,
    TimeVaryingAnalysis,
)


def endpoints_of(analysis: Analysis) -> tuple[str, ...]:
    """Return the ids of the endpoints of such an analysis; of others none."""
    match analysis:
        case EarlyResponseAnalysis():
            own = () if analysis.response is None else (analysis.response,)
            return (*analysis.endpoints, *own)
        case TimeVaryingAnalysis() | CloneCensorWeightAnalysis():
            return (analysis.endpoint,)
        case _:
            return ()


def time_trap_sentences(protocol: Protocol) -> list[str]:
    """Return how immortal time is kept out of each analysis that could hold it."""
    parts = []
    for analysis in protocol.analyses:
        match analysis:
            case TimeToEventAnalysis(landmark=landmark) if landmark is not None:
                endpoint = lower_first(endpoint_of(protocol, analysis.endpoint).label)
                parts.append(
                    f"{endpoint} is analysed from a landmark at {landmark.text}, in patients "
                    "without the event and under observation then"
                )
            case EarlyResponseAnalysis():
                parts += _early(protocol, analysis)
            case TimeVaryingAnalysis():
                endpoint = lower_first(endpoint_of(protocol, analysis.endpoint).label)
                parts.append(
                    f"{analysis.exposure.label} is a covariate that changes on the day it starts "
                    f"(counting process) in a model of {endpoint}, so that the time before it "
                    "counts as not exposed"
                )
            case CloneCensorWeightAnalysis():
                parts += _strategies(protocol, analysis)
            case _:
                pass
    if any(_has_landmark(one) for one in protocol.analyses):
        parts.append("an event or a censoring on the day of a landmark lies before it")
    return list(dict.fromkeys(parts))


def _has_landmark(analysis: Analysis) -> bool:
    if isinstance(analysis, TimeToEventAnalysis):
        return analysis.landmark is not None
    return isinstance(analysis, EarlyResponseAnalysis)


def _early(protocol: Protocol, analysis: EarlyResponseAnalysis) -> list[str]:
    marker = next(one for one in protocol.biomarkers if one.id == analysis.marker)
    window = f" (window {analysis.window.text})" if analysis.window is not None else ""
    predicted = [endpoint_of(protocol, one).label for one in endpoints_of(analysis)]
    parts = [
        f"early response is a decline of {lower_first(marker.label)} by "
        f"{analysis.decline_percent:g}% or more of its baseline at {analysis.at.text}{window}; "
        f"{listed(lower_first(one) for one in predicted)} are analysed from the landmark at "
        f"{analysis.from_landmark.text}"
    ]
    if analysis.floors:
        floors = listed(f"{one:g} {marker.unit}" for one in analysis.floors)
        parts.append(
            f"a sensitivity analysis is limited to a baseline of at least {floors}; the main "
            "definition has no floor"
        )
    return parts


def _strategies(protocol: Protocol, analysis: CloneCensorWeightAnalysis) -> list[str]:
    endpoint = lower_first(endpoint_of(protocol, analysis.endpoint).label)
    parts = [
        f"{endpoint} from {analysis.start.label} is compared between {analysis.treatment.label} "
        f"begun within {analysis.grace.text} and none begun within it, by cloning, censoring and "
        "weighting (Hernán 2018; Maringe 2020)",
        "follow-up that ends for other reasons is taken as independent of the outcome",
    ]
    if analysis.truncate_percent is not None:
        parts.append(
            "as a sensitivity analysis weights are truncated at their percentile "
            f"{analysis.truncate_percent:g}"
        )
    return parts
