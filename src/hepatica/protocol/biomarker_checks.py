"""What must hold of biomarkers and their cut-points."""

from __future__ import annotations

from collections.abc import Iterator

from hepatica.protocol.cut_points import PLACE
from hepatica.protocol.findings import Finding, not_among, repeated, unknown_id
from hepatica.protocol.model import Protocol
from hepatica.protocol.names import Names
from hepatica.protocol.nodes import Path
from hepatica.protocol.variables import Choice, CutPoint


def check_biomarkers(protocol: Protocol, names: Names) -> Iterator[Finding]:
    """Check the biomarkers and cut-points of a protocol.

    Returns
    -------
    iterator of (path, str)
        Place and sentence of everything that does not hold.
    """
    parameters = (
        (one.parameter, ("biomarkers", n, "parameter"))
        for n, one in enumerate(protocol.biomarkers)
        if one.parameter is not None
    )
    yield from repeated("test code", parameters)
    for position, biomarker in enumerate(protocol.biomarkers):
        for n, cut in enumerate(biomarker.cut_points):
            yield from _cut_point(protocol, names, cut, ("biomarkers", position, "cut_points", n))


def _cut_point(protocol: Protocol, names: Names, cut: CutPoint, path: Path) -> Iterator[Finding]:
    if cut.below == cut.at_or_above:
        yield (*path, "at_or_above"), "Both sides of the cut-point have the same name."
    if cut.at is None and cut.choose is None:
        yield path, "Missing: the threshold. Give at, or say with choose how the data choose it."
    elif cut.at is not None and cut.choose is not None:
        yield (*path, "choose"), "Give at or choose, not both."
    if cut.choose is not None:
        yield from _choice(protocol, names, cut.choose, (*path, "choose"))
        return
    for key in ("below", "at_or_above"):
        if PLACE in getattr(cut, key):
            yield (*path, key), f"The threshold is fixed: write it in place of {PLACE}."


def _choice(protocol: Protocol, names: Names, choice: Choice, path: Path) -> Iterator[Finding]:
    yield from unknown_id(names, "analysis set", choice.set, (*path, "set"))
    if choice.arm is not None:
        yield from unknown_id(names, "arm", choice.arm, (*path, "arm"))
    if choice.by == "median":
        for key in ("endpoint", "at"):
            if getattr(choice, key) is not None:
                yield (*path, key), "A median looks at no outcome. Remove the key."
        return
    if choice.endpoint is None:
        yield path, f"Missing: endpoint, the id of the time to event that {choice.by} looks at."
    else:
        yield from _endpoint(protocol, names, choice.endpoint, (*path, "endpoint"))
    if choice.by == "roc" and choice.at is None:
        yield path, "Missing: at, the time by which an event counts, for example 6 months."
    if choice.by == "logrank" and choice.at is not None:
        yield (*path, "at"), "The log-rank statistic looks at all times. Remove the key."


def _endpoint(protocol: Protocol, names: Names, name: str, path: Path) -> Iterator[Finding]:
    other = [one.id for one in protocol.endpoints if one.kind != "time_to_event"]
    if name in other:
        yield path, f"The endpoint '{name}' is not of the kind time_to_event."
    elif "endpoint" not in names.open_kinds:
        yield from not_among("endpoint", name, names.of("endpoint"), path)
