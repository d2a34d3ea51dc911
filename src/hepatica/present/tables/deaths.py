"""The table of deaths."""

from __future__ import annotations

from hepatica.present.table import Table
from hepatica.present.wording import table_title
from hepatica.protocol.analyses import DeathsAnalysis
from hepatica.protocol.model import Protocol
from hepatica.results import Results


def table_deaths(results: Results, protocol: Protocol, analysis: DeathsAnalysis) -> Table:
    """Return the table of an analysis."""
    title = table_title(protocol, analysis, "Deaths")
    return Table(analysis.id, title, "Deaths", message="No rows.")
