"""The table of therapies."""

from __future__ import annotations

from hepatica.present.table import Table
from hepatica.present.wording import table_title
from hepatica.protocol.analyses import TherapiesAnalysis
from hepatica.protocol.model import Protocol
from hepatica.results import Results


def table_therapies(results: Results, protocol: Protocol, analysis: TherapiesAnalysis) -> Table:
    """Return the table of an analysis."""
    title = table_title(protocol, analysis, "Therapies")
    return Table(analysis.id, title, "Therapies", message="No rows.")
