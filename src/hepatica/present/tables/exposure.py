"""The table of exposure."""

from __future__ import annotations

from hepatica.present.table import Table
from hepatica.present.wording import table_title
from hepatica.protocol.analyses import ExposureAnalysis
from hepatica.protocol.model import Protocol
from hepatica.results import Results


def table_exposure(results: Results, protocol: Protocol, analysis: ExposureAnalysis) -> Table:
    """Return the table of an analysis."""
    title = table_title(protocol, analysis, "Exposure")
    return Table(analysis.id, title, "Exposure", message="No rows.")
