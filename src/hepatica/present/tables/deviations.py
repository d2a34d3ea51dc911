"""Protocol deviations by category and kind."""

from __future__ import annotations

from hepatica.present.table import Table
from hepatica.present.tables.nested import NestedWords, nested_table
from hepatica.present.wording import table_title
from hepatica.protocol.analyses import DeviationsAnalysis
from hepatica.protocol.model import Protocol
from hepatica.results import Results


def table_deviations(results: Results, protocol: Protocol, analysis: DeviationsAnalysis) -> Table:
    """Return the table of patients with protocol deviations.

    Parameters
    ----------
    results : Results
        Rows of all analyses.
    protocol : Protocol
        Groups and sets.
    analysis : DeviationsAnalysis
        The planned analysis.
    """
    words = NestedWords(
        title=table_title(protocol, analysis, "Protocol deviations"),
        short="Protocol deviations",
        any="At least one protocol deviation",
        name="Deviation",
        nothing="No protocol deviation was recorded.",
        note="Each patient counts once for a category and once for a kind of deviation.",
        first=("CRITICAL", "IMPORTANT", "MAJOR"),
    )
    return nested_table(results, protocol, analysis, words)
