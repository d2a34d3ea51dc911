"""Protocol deviations by group: patients with at least one, by category and kind."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from hepatica.analyse.nested import nested_rows
from hepatica.analyse.selection import select
from hepatica.analyse.shares import filled, of_members
from hepatica.derive import Datasets
from hepatica.errors import AnalysisError
from hepatica.protocol.analyses import DeviationsAnalysis
from hepatica.protocol.model import Protocol
from hepatica.results import ResultRow

_METHOD = "patients with at least one deviation, each once for a category and kind"


def analyse_deviations(
    protocol: Protocol, datasets: Datasets, analysis: DeviationsAnalysis
) -> list[ResultRow]:
    """Count the patients with protocol deviations.

    Parameters
    ----------
    protocol : Protocol
        The study.
    datasets : mapping
        ADSL gives the denominators and ADDV the deviations. Without ADDV nobody deviated if the
        study brings the table DV.
    analysis : DeviationsAnalysis
        The planned analysis.

    Returns
    -------
    list of ResultRow
        As ``docs/results.md`` lists for ``deviations``. The kind is DVDECOD, else DVTERM.

    Raises
    ------
    AnalysisError
        If the study brings no table of deviations.
    """
    selection = select(protocol, datasets, analysis)
    if "ADDV" not in datasets and "DV" not in protocol.data.tables:
        raise AnalysisError(
            "There is no table of protocol deviations. Name its file under data.tables.DV in "
            "study.yaml; a file without rows says that there was none."
        )
    records = None
    if "ADDV" in datasets:
        records = of_members(selection, datasets["ADDV"])
        kind = nw.coalesce(nw.col("DVDECOD").cast(nw.String), nw.col("DVTERM").cast(nw.String))
        records = records.with_columns(kind.alias("_KIND")).select(
            "USUBJID",
            "__group__",
            filled("DVCAT").alias("CATEGORY"),
            filled("_KIND").alias("NAME"),
        )
    return selection.sizes() + nested_rows(selection, records, dataset="ADDV", method=_METHOD)
