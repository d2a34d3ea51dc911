"""Faults of the assumptions of a design."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from hepatica.protocol.design import AssumedSurvival, DesignAssumptions, Scenario
from hepatica.protocol.findings import Finding, repeated, unknown_id
from hepatica.protocol.model import Protocol
from hepatica.protocol.names import Names
from hepatica.protocol.nodes import Path

_CURVE = (
    "Say survival in one way: {median: 6 months}, {rate: 0.65, at: 12 weeks}, or "
    "{hazards: [{start: 0, monthly: 0.1}]}."
)


def check_design(protocol: Protocol, names: Names) -> Iterator[Finding]:
    """Check that the assumptions name arms of the protocol and say each curve in one way.

    Parameters
    ----------
    protocol : Protocol
        The study.
    names : Names
        All ids of the file.
    """
    plan = protocol.design
    if plan is None:
        return
    path: Path = ("design",)
    ids = ((one.id, (*path, "scenarios", n, "id")) for n, one in enumerate(plan.scenarios))
    yield from repeated("scenario", ids)
    for number, scenario in enumerate(plan.scenarios):
        yield from _scenario(protocol, plan, scenario, (*path, "scenarios", number), names)
    for arm, curve in plan.null.items():
        yield from unknown_id(names, "arm", arm, (*path, "null", arm))
        yield from _curve(curve, (*path, "null", arm))
    for arm in plan.null_response:
        yield from unknown_id(names, "arm", arm, (*path, "null_response", arm))
    if plan.compare is not None:
        for number, arm in enumerate(plan.compare):
            yield from unknown_id(names, "arm", arm, (*path, "compare", number))
        if plan.compare[0] == plan.compare[1]:
            yield (*path, "compare"), "An arm cannot be compared with itself."
    elif not plan.null:
        yield (
            path,
            "Name arms under compare, or under null the survival that single arms are tested "
            "against.",
        )


def _scenario(
    protocol: Protocol, plan: DesignAssumptions, scenario: Scenario, path: Path, names: Names
) -> Iterator[Finding]:
    for arm, assumed in scenario.arms.items():
        place = (*path, "arms", arm)
        yield from unknown_id(names, "arm", arm, place)
        yield from _curve(assumed.pfs, (*place, "pfs"))
        yield from _curve(assumed.os, (*place, "os"))
    used = {*plan.null, *(plan.compare or ())}
    for arm in sorted(used - set(scenario.arms)):
        if any(one.id == arm for one in protocol.arms):
            yield (*path, "arms"), f"The scenario says nothing of the arm '{arm}'."
    sizes = {one.id: one.planned for one in protocol.arms}
    for arm in scenario.arms:
        if arm in sizes and sizes[arm] is None:
            yield ("arms",), f"Give the arm '{arm}' its planned number of patients."


def _curve(curve: AssumedSurvival, path: Path) -> Iterator[Finding]:
    ways = (curve.median is not None, curve.rate is not None, bool(curve.hazards))
    if sum(ways) != 1 or (curve.rate is None) != (curve.at is None):
        yield path, _CURVE
    starts = [one.start for one in curve.hazards]
    if starts and (starts[0] != 0 or any(one >= other for one, other in pairwise(starts))):
        yield (*path, "hazards"), "The steps start at 0 and rise."
    if curve.hazards and not any(one.monthly for one in curve.hazards):
        yield (*path, "hazards"), "One of the hazards has to be above 0."
