"""Other anticancer therapies by group, before the first dose or after the last."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from hepatica.analyse.nested import nested_rows
from hepatica.analyse.selection import Selection, select
from hepatica.analyse.shares import filled, of_members
from hepatica.derive import Datasets
from hepatica.errors import AnalysisError
from hepatica.protocol.analyses import TherapiesAnalysis
from hepatica.protocol.model import Protocol
from hepatica.results import ResultRow

_FLAGS = {"prior": "PREFL", "subsequent": "SUBSFL"}
_METHOD = "patients with at least one anticancer therapy or procedure, each once for a kind"


def analyse_therapies(
    protocol: Protocol, datasets: Datasets, analysis: TherapiesAnalysis
) -> list[ResultRow]:
    """Count the patients with prior, or with subsequent, anticancer therapies and procedures.

    Parameters
    ----------
    protocol : Protocol
        The study.
    datasets : mapping
        ADSL gives the denominators and ADCM the therapies. Without ADCM nobody had one if the
        study brings the table CM or PR.
    analysis : TherapiesAnalysis
        Says which therapies.

    Returns
    -------
    list of ResultRow
        As ``docs/results.md`` lists for ``therapies``. The category is CMSCAT, else CMCAT, the
        name CMDECOD, else CMTRT.

    Raises
    ------
    AnalysisError
        If the study brings neither therapies nor procedures.
    """
    selection = select(protocol, datasets, analysis)
    if "ADCM" not in datasets and not {"CM", "PR"} & set(protocol.data.tables):
        raise AnalysisError(
            "There is no table of therapies or procedures. Name its file under data.tables.CM or "
            "data.tables.PR in study.yaml."
        )
    records = None
    if "ADCM" in datasets:
        records = _records(selection, datasets["ADCM"], _FLAGS[analysis.when])
    return selection.sizes() + nested_rows(selection, records, dataset="ADCM", method=_METHOD)


def _records(selection: Selection, adcm: Any, flag: str) -> nw.DataFrame[Any]:
    records = of_members(selection, adcm)
    records = records.filter(
        ((nw.col(flag) == "Y") & (nw.col("ANTICFL") == "Y")).fill_null(value=False)
    )
    return records.with_columns(
        nw.coalesce(nw.col("CMSCAT"), nw.col("CMCAT")).alias("_CATEGORY"),
        nw.coalesce(nw.col("CMDECOD"), nw.col("CMTRT")).alias("_NAME"),
    ).select(
        "USUBJID",
        "__group__",
        filled("_CATEGORY").alias("CATEGORY"),
        filled("_NAME").alias("NAME"),
    )
