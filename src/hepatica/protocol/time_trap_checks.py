"""What analyses of things known only after the start need from the rest of the protocol."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hepatica.protocol.endpoints import Response, TimeToEvent
from hepatica.protocol.findings import Finding, not_among, repeated
from hepatica.protocol.groups import group_labels
from hepatica.protocol.model import Protocol
from hepatica.protocol.names import Names
from hepatica.protocol.nodes import Path
from hepatica.protocol.reference_checks import reference_findings
from hepatica.protocol.time_traps import (
    Adjusted,
    CloneCensorWeightAnalysis,
    EarlyResponseAnalysis,
    TimeVaryingAnalysis,
)

_LISTED_TWICE = "List it once."


def check_early_response(
    protocol: Protocol, names: Names, analysis: EarlyResponseAnalysis, path: Path
) -> Iterator[Finding]:
    """Check the marker, its later value, the landmark and the endpoints of an early response."""
    known = {one.id: one for one in protocol.biomarkers}
    if analysis.marker not in known and "variable" not in names.open_kinds:
        yield from not_among("biomarker", analysis.marker, known, (*path, "marker"))
    elif analysis.value is None and known[analysis.marker].parameter is None:
        message = "Say where the later value is: value: {column: ..., day: ...}, or give the"
        yield (*path, "marker"), f"{message} biomarker its parameter so that ADBM is read."
    if analysis.strata is not None and not group_labels(protocol, analysis.strata):
        groups = [one for one in names.of("variable") if group_labels(protocol, one)]
        if "variable" not in names.open_kinds:
            yield from not_among("group", analysis.strata, groups, (*path, "strata"))
    yield from _landmark(analysis, path)
    if analysis.response is None and not analysis.endpoints:
        yield path, "Say what it shall predict: response, endpoints, or both."
    if analysis.response is not None:
        responses = [one.id for one in protocol.endpoints if isinstance(one, Response)]
        if "endpoint" not in names.open_kinds:
            place = (*path, "response")
            yield from not_among("response endpoint", analysis.response, responses, place)
    elif analysis.judged is not None:
        yield (*path, "judged"), "It says how 'response' is judged: add 'response' too."
    for position, name in enumerate(analysis.endpoints):
        place = (*path, "endpoints", position)
        yield from _time(protocol, names, name, place)
        yield from _without_entry(protocol, name, place)
    listed = ((name, (*path, "endpoints", n)) for n, name in enumerate(analysis.endpoints))
    yield from repeated("endpoint", listed, _LISTED_TWICE)
    yield from _covariates(protocol, names, analysis, path)


def _without_entry(protocol: Protocol, name: str, place: Path) -> Iterator[Finding]:
    endpoint = next((one for one in protocol.endpoints if one.id == name), None)
    if isinstance(endpoint, TimeToEvent) and endpoint.entry is not None:
        message = "Early response is not analysed where patients enter late. Name an endpoint"
        yield place, f"{message} without entry."


def _landmark(analysis: EarlyResponseAnalysis, path: Path) -> Iterator[Finding]:
    last = analysis.at.days + (0.0 if analysis.window is None else analysis.window.days)
    if analysis.landmark is not None and analysis.landmark.days < last:
        message = (
            "The landmark lies before the end of the window, so a value measured after it would "
            "decide the group: that is immortal time. Make it later, or the window shorter."
        )
        yield (*path, "landmark"), message
    if analysis.window is not None and analysis.window.days >= analysis.at.days:
        yield (*path, "window"), "The window reaches back to baseline. Make it shorter than 'at'."


def check_time_varying(
    protocol: Protocol, names: Names, analysis: TimeVaryingAnalysis, path: Path
) -> Iterator[Finding]:
    """Check the endpoint and the covariates of an exposure that starts during follow-up."""
    yield from _time(protocol, names, analysis.endpoint, (*path, "endpoint"))
    yield from _covariates(protocol, names, analysis, path)


def check_clone_censor_weight(
    protocol: Protocol, names: Names, analysis: CloneCensorWeightAnalysis, path: Path
) -> Iterator[Finding]:
    """Check the endpoint, the covariates and the times of two strategies after an event."""
    yield from _time(protocol, names, analysis.endpoint, (*path, "endpoint"))
    yield from _covariates(protocol, names, analysis, path)
    for position, point in enumerate(analysis.at):
        if point.days <= analysis.grace.days:
            message = (
                f"At {point.text} the grace period of {analysis.grace.text} has not ended, so the "
                "strategies hardly differ. Give a later time."
            )
            yield (*path, "at", position), message
    if analysis.start.day == analysis.treatment.day:
        yield (*path, "treatment"), "It has the same day as 'from'. Name the column of its start."


def _time(protocol: Protocol, names: Names, name: str, path: Path) -> Iterator[Finding]:
    """Check that a name is that of a time to an event."""
    times = [one.id for one in protocol.endpoints if isinstance(one, TimeToEvent)]
    if name in times or "endpoint" in names.open_kinds:
        return
    if name in names.of("endpoint"):
        choice = f" Times are: {', '.join(times)}." if times else ""
        yield path, f"The endpoint '{name}' is no time to an event.{choice}"
    else:
        yield from not_among("endpoint", name, times, path)


def _covariates(
    protocol: Protocol, names: Names, analysis: Adjusted, path: Path
) -> Iterator[Finding]:
    if "variable" in names.open_kinds:
        return
    allowed = ("arm", *names.of("variable"))
    listed = _places(analysis.covariates, (*path, "covariates"))
    for name, place in listed:
        yield from not_among("covariate", name, allowed, place)
    yield from repeated("covariate", listed, _LISTED_TWICE)
    yield from reference_findings(protocol, analysis.covariates, analysis.references, path)


def _places(values: Iterable[str], path: Path) -> list[tuple[str, Path]]:
    return [(name, (*path, position)) for position, name in enumerate(values)]
