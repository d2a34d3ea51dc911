"""Disposition by group."""

from __future__ import annotations

from hepatica.analyse.selection import select
from hepatica.derive import Datasets
from hepatica.protocol.analyses import DispositionAnalysis
from hepatica.protocol.model import Protocol
from hepatica.results import ResultRow


def analyse_disposition(
    protocol: Protocol, datasets: Datasets, analysis: DispositionAnalysis
) -> list[ResultRow]:
    """Return the N of each group."""
    return select(protocol, datasets, analysis).sizes()
