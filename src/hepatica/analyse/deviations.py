"""Deviations by group."""

from __future__ import annotations

from hepatica.analyse.selection import select
from hepatica.derive import Datasets
from hepatica.protocol.analyses import DeviationsAnalysis
from hepatica.protocol.model import Protocol
from hepatica.results import ResultRow


def analyse_deviations(
    protocol: Protocol, datasets: Datasets, analysis: DeviationsAnalysis
) -> list[ResultRow]:
    """Return the N of each group."""
    return select(protocol, datasets, analysis).sizes()
