"""What competing causes have to say of themselves."""

from __future__ import annotations

from collections.abc import Iterator

from hepatica.protocol.competing_risks_analysis import CompetingRisksAnalysis
from hepatica.protocol.endpoints import TimeToEvent
from hepatica.protocol.findings import Finding
from hepatica.protocol.model import Protocol
from hepatica.protocol.nodes import Path


def check_causes(analysis: CompetingRisksAnalysis, path: Path) -> Iterator[Finding]:
    """Check that causes are told apart and say which events they are.

    Returns
    -------
    iterator of (path, str)
        Place and sentence of everything that does not hold.
    """
    labels: set[str] = set()
    taken: dict[str, str] = {}
    for position, cause in enumerate(analysis.causes):
        place = (*path, "causes", position)
        if cause.label in labels:
            yield (*place, "label"), f"Two causes are called '{cause.label}'. Name them apart."
        labels.add(cause.label)
        if not cause.events and cause.where is None:
            yield place, f"Say which events are '{cause.label}': add events or where."
        for event in cause.events:
            if event in taken and cause.where is None:
                message = f"'{event}' already belongs to '{taken[event]}'. List it once, or add"
                yield (*place, "events"), f"{message} a where that tells the causes apart."
            elif cause.where is None:
                taken[event] = cause.label


def check_cause_endpoint(
    protocol: Protocol, analysis: CompetingRisksAnalysis, path: Path
) -> Iterator[Finding]:
    """Check that the endpoint ends with each of the causes, and that all are seen from its origin.

    In a time to progression a death ends the observation as a censoring, so that it cannot compete;
    the time to the first of both is progression-free survival.
    """
    endpoint = next((one for one in protocol.endpoints if one.id == analysis.endpoint), None)
    if not isinstance(endpoint, TimeToEvent):
        return
    place = (*path, "endpoint")
    if endpoint.entry is not None:
        message = "Competing risks are not analysed where patients enter late. Name an endpoint"
        yield place, f"{message} without entry."
    censored = endpoint.parameter == "TTP" or any(one.id == "death" for one in endpoint.censoring)
    if not censored or any(one.id == "death" for one in endpoint.events):
        return
    others = [
        one.id
        for one in protocol.endpoints
        if isinstance(one, TimeToEvent) and one.parameter == "PFS"
    ]
    choice = f" Write endpoint: {others[0]}." if others else " Add one: {like: pfs}."
    yield (
        place,
        f"In '{endpoint.id}' a death is a censoring and not an event, so that it cannot compete. "
        "Name the time to the first of both, progression-free survival, and tell its causes apart."
        f"{choice}",
    )
