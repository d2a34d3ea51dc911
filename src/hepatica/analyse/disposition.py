"""Disposition by group: who was treated, and how treatment and study ended."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from hepatica.analyse.counts import tally
from hepatica.analyse.selection import Selection, select
from hepatica.analyse.shares import MISSING, filled, seen, share_rows
from hepatica.derive import Datasets
from hepatica.errors import AnalysisError
from hepatica.protocol.analyses import DispositionAnalysis
from hepatica.protocol.model import Protocol
from hepatica.results import ResultRow

#: How treatment or study ended, in the order of the rows.
STATES = ("ONGOING", "COMPLETED", "DISCONTINUED")
#: State of the treatment of patients who never had a dose.
UNTREATED = "UNTREATED"

_ENDS = (
    ("treatment", "EOTSTT", "DCTREAS"),
    ("study", "EOSSTT", "DCSREAS"),
)


def analyse_disposition(
    protocol: Protocol, datasets: Datasets, analysis: DispositionAnalysis
) -> list[ResultRow]:
    """Count how treatment and study ended, with the reasons of those who discontinued.

    Parameters
    ----------
    protocol : Protocol
        The study.
    datasets : mapping
        ADSL is read: EOTSTT and DCTREAS, EOSSTT and DCSREAS, and TRTSDT where it has it.
    analysis : DispositionAnalysis
        The planned analysis.

    Returns
    -------
    list of ResultRow
        As ``docs/results.md`` lists for ``disposition``.

    Raises
    ------
    AnalysisError
        If nothing says how treatment or study ended.
    """
    selection = select(protocol, datasets, analysis)
    ready = {"ADSL", "PATIENTS"} & set(protocol.data.tables)
    if not ready and "DS" not in protocol.data.tables:
        raise AnalysisError(
            "There is no table of dispositions. Name its file under data.tables.DS in study.yaml."
        )
    columns = selection.members.columns
    ends = [end for end in _ENDS if end[1] in columns]
    if not ends:
        raise AnalysisError(
            "ADSL does not say how treatment or study ended. Add the columns EOTSTT and DCTREAS, "
            "or EOSSTT and DCSREAS."
        )
    rows = selection.sizes()
    if "TRTSDT" in columns:
        rows += _treated(selection)
    for variable, status, reason in ends:
        rows += _ended(selection, variable, status, reason)
    return rows


def _treated(selection: Selection) -> list[ResultRow]:
    dosed = selection.members.filter(~nw.col("TRTSDT").is_null())
    counted = tally(dosed.with_columns(nw.lit("").alias("_ANY")), "_ANY")
    where: dict[str, Any] = {"variable": "treated", "dataset": "ADSL"}
    where["method"] = "patients with at least one dose"
    return share_rows(selection, counted, [""], **where)


def _ended(selection: Selection, variable: str, status: str, reason: str) -> list[ResultRow]:
    where: dict[str, Any] = {"dataset": "ADSL", "method": f"patients by how the {variable} ended"}
    states = tally(_with_state(selection, variable, status), "_STATE")
    others = [one for one in seen(states) if one not in (*STATES, UNTREATED, MISSING)]
    last = [one for one in (UNTREATED, MISSING) if states.get(("", one))]
    rows = share_rows(selection, states, (*STATES, *others, *last), variable=variable, **where)
    where["method"] = f"patients who discontinued the {variable} by the reason recorded"
    reasons = tally(_with_reason(selection, variable, status, reason), "_REASON")
    return rows + share_rows(
        selection, reasons, seen(reasons), variable=f"{variable}_reason", **where
    )


def _with_state(selection: Selection, variable: str, status: str) -> nw.DataFrame[Any]:
    state = filled(status, MISSING).str.to_uppercase()
    if variable == "treatment" and "TRTSDT" in selection.members.columns:
        never = nw.col("TRTSDT").is_null() & nw.col(status).is_null()
        state = nw.when(never).then(nw.lit(UNTREATED)).otherwise(state)
    return selection.members.with_columns(state.alias("_STATE"))


def _with_reason(
    selection: Selection, variable: str, status: str, reason: str
) -> nw.DataFrame[Any]:
    """Return the patients who discontinued, with the reason."""
    members = _with_state(selection, variable, status).filter(nw.col("_STATE") == "DISCONTINUED")
    if reason not in members.columns:
        members = members.with_columns(nw.lit(None, dtype=nw.String).alias(reason))
    return members.with_columns(filled(reason).alias("_REASON"))
