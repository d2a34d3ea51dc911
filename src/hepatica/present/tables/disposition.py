"""The table of disposition."""

from __future__ import annotations

from hepatica.present.table import Table
from hepatica.present.wording import table_title
from hepatica.protocol.analyses import DispositionAnalysis
from hepatica.protocol.model import Protocol
from hepatica.results import Results


def table_disposition(results: Results, protocol: Protocol, analysis: DispositionAnalysis) -> Table:
    """Return the table of an analysis."""
    title = table_title(protocol, analysis, "Disposition")
    return Table(analysis.id, title, "Disposition", message="No rows.")
