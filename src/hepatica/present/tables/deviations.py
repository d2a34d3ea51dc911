"""The table of deviations."""

from __future__ import annotations

from hepatica.present.table import Table
from hepatica.present.wording import table_title
from hepatica.protocol.analyses import DeviationsAnalysis
from hepatica.protocol.model import Protocol
from hepatica.results import Results


def table_deviations(results: Results, protocol: Protocol, analysis: DeviationsAnalysis) -> Table:
    """Return the table of an analysis."""
    title = table_title(protocol, analysis, "Deviations")
    return Table(analysis.id, title, "Deviations", message="No rows.")
