"""Therapies by group."""

from __future__ import annotations

from hepatica.analyse.selection import select
from hepatica.derive import Datasets
from hepatica.protocol.analyses import TherapiesAnalysis
from hepatica.protocol.model import Protocol
from hepatica.results import ResultRow


def analyse_therapies(
    protocol: Protocol, datasets: Datasets, analysis: TherapiesAnalysis
) -> list[ResultRow]:
    """Return the N of each group."""
    return select(protocol, datasets, analysis).sizes()
