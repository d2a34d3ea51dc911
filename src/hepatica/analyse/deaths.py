"""Deaths by group: how many, from what, and how long after the last dose."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from hepatica.analyse.counts import tally
from hepatica.analyse.selection import Selection, select
from hepatica.analyse.shares import filled, seen, share_rows
from hepatica.derive import Datasets
from hepatica.derive.portable import day_number
from hepatica.errors import AnalysisError
from hepatica.protocol.analyses import DeathsAnalysis
from hepatica.protocol.model import Protocol
from hepatica.results import ResultRow

#: When a death happened, in the order of the rows; the last two stand only where there are any.
WITHIN, LATER, UNTREATED, UNKNOWN = "WITHIN", "LATER", "UNTREATED", "UNKNOWN"

_READ: dict[str, Any] = {"DTHDT": nw.Date, "TRTEDT": nw.Date, "DTHCAUS": nw.String}


def analyse_deaths(
    protocol: Protocol, datasets: Datasets, analysis: DeathsAnalysis
) -> list[ResultRow]:
    """Count the deaths, their causes, and those soon after the last dose.

    Parameters
    ----------
    protocol : Protocol
        The study.
    datasets : mapping
        ADSL is read: DTHFL, and DTHDT, DTHCAUS, TRTSDT and TRTEDT where it has them.
    analysis : DeathsAnalysis
        Says how many days after the last dose count as soon.

    Returns
    -------
    list of ResultRow
        As ``docs/results.md`` lists for ``deaths``.

    Raises
    ------
    AnalysisError
        If ADSL does not say who died.
    """
    selection = select(protocol, datasets, analysis)
    if "DTHFL" not in selection.members.columns:
        raise AnalysisError(
            "ADSL does not say who died. Add the column DTHFL, and DTHDT, DTHCAUS and TRTEDT where "
            "they are known."
        )
    dead = _dead(selection, analysis.days_after_last_dose)
    where: dict[str, Any] = {"dataset": "ADSL", "method": "deaths known by the data cut-off"}
    died = tally(dead, "_ANY")
    causes = tally(dead, "DTHCAUS")
    times = tally(dead, "_WHEN")
    shown = [WITHIN, LATER, *(one for one in (UNTREATED, UNKNOWN) if times.get(("", one)))]
    return [
        *selection.sizes(),
        *share_rows(selection, died, [""], variable="death", **where),
        *share_rows(selection, times, shown, variable="death_time", **where),
        *share_rows(selection, causes, seen(causes), variable="death_cause", **where),
    ]


def _dead(selection: Selection, days: int) -> nw.DataFrame[Any]:
    """Return the members who died, with cause and time."""
    members = selection.members
    absent = [
        nw.lit(None, dtype=kind).alias(name)
        for name, kind in _READ.items()
        if name not in members.columns
    ]
    dead = members.with_columns(*absent).filter((nw.col("DTHFL") == "Y").fill_null(value=False))
    after = day_number(nw.col("DTHDT")) - day_number(nw.col("TRTEDT"))
    when = nw.when(after <= days).then(nw.lit(WITHIN)).otherwise(nw.lit(LATER))
    when = nw.when(after.is_null()).then(nw.lit(UNKNOWN)).otherwise(when)
    if "TRTSDT" in members.columns:
        when = nw.when(nw.col("TRTSDT").is_null()).then(nw.lit(UNTREATED)).otherwise(when)
    return dead.with_columns(
        filled("DTHCAUS").alias("DTHCAUS"), when.alias("_WHEN"), nw.lit("").alias("_ANY")
    )
