"""The table of biomarker change."""

from __future__ import annotations

from hepatica.present.table import Table
from hepatica.present.wording import table_title
from hepatica.protocol.analyses import BiomarkerChangeAnalysis
from hepatica.protocol.model import Protocol
from hepatica.results import Results


def table_biomarker_change(
    results: Results, protocol: Protocol, analysis: BiomarkerChangeAnalysis
) -> Table:
    """Return the table of an analysis."""
    title = table_title(protocol, analysis, "Biomarker change")
    return Table(analysis.id, title, "Biomarker change", message="No rows.")
