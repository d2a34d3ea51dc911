"""What competing causes have to say of themselves."""

from __future__ import annotations

from collections.abc import Iterator

from hepatica.protocol.competing_risks_analysis import CompetingRisksAnalysis
from hepatica.protocol.findings import Finding
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
