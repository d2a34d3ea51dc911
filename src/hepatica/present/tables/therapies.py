"""Prior or subsequent anticancer therapies and procedures."""

from __future__ import annotations

from hepatica.present.table import Table
from hepatica.present.tables.nested import NestedWords, nested_table
from hepatica.present.wording import table_title
from hepatica.protocol.analyses import TherapiesAnalysis
from hepatica.protocol.model import Protocol
from hepatica.results import Results

_WHEN = {"prior": "before the first dose", "subsequent": "after the last dose"}


def table_therapies(results: Results, protocol: Protocol, analysis: TherapiesAnalysis) -> Table:
    """Return the table of prior, or of subsequent, anticancer therapies.

    Parameters
    ----------
    results : Results
        Rows of all analyses.
    protocol : Protocol
        Groups and sets.
    analysis : TherapiesAnalysis
        Says which therapies.
    """
    what = f"{analysis.when.capitalize()} anticancer therapy"
    words = NestedWords(
        title=table_title(protocol, analysis, what),
        short=what,
        any=f"At least one {analysis.when} anticancer therapy",
        name="Therapy",
        nothing=f"No {analysis.when} anticancer therapy was recorded.",
        note=(
            f"Therapies and procedures {_WHEN[analysis.when]}, or recorded as {analysis.when}. "
            "Each patient counts once for a category and once for a therapy."
        ),
    )
    return nested_table(results, protocol, analysis, words)
