"""Adverse events by group: each patient once per event, at the worst severity."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from hepatica.analyse.counts import distinct, tally
from hepatica.analyse.selection import Selection, select
from hepatica.analyse.serious_events import serious_rows
from hepatica.derive import Datasets
from hepatica.errors import AnalysisError
from hepatica.protocol.analyses import AdverseEventsAnalysis
from hepatica.protocol.model import Protocol
from hepatica.results import ResultRow

#: Whether an event was serious, and whether the treatment gave rise to it.
_SERIOUS = ("AESER", "AEREL")


def analyse_adverse_events(
    protocol: Protocol, datasets: Datasets, analysis: AdverseEventsAnalysis
) -> list[ResultRow]:
    """Count the patients with each treatment-emergent adverse event.

    Parameters
    ----------
    protocol : Protocol
        The study.
    datasets : mapping
        ADSL gives the denominators and ADAE the events; where ADAE has TRTEMFL, events not
        flagged ``Y`` are left out, and where it has not, every event counts. AESER and AEREL,
        where it has them, tell serious events.
    analysis : AdverseEventsAnalysis
        Names the term, and the severity that is counted apart.

    Returns
    -------
    list of ResultRow
        As ``docs/results.md`` lists for ``adverse_events``.

    Raises
    ------
    AnalysisError
        If there is no ADAE.
    """
    if "ADAE" not in datasets:
        raise AnalysisError("There is no ADAE table. Add it under data.tables.")
    selection = select(protocol, datasets, analysis)
    events = _events(selection, datasets, analysis)
    terms = sorted(set(events["TERM"].drop_nulls().to_list()))
    rows = selection.sizes()
    severe = events.filter(nw.col("SEVERE"))
    for variable, some in (("any", events), ("severe", severe)):
        rows += _counts(selection, some, variable, terms)
    if "TRTEMFL" not in datasets["ADAE"].columns:
        unknown: dict[str, Any] = {"dataset": "ADAE", "variable": "emergence_unknown"}
        rows.append(selection.row("events", len(events), format="integer", **unknown))
    return rows + serious_rows(selection, events)


def _events(
    selection: Selection, datasets: Datasets, analysis: AdverseEventsAnalysis
) -> nw.DataFrame[Any]:
    events = nw.from_native(datasets["ADAE"], eager_only=True)
    if "TRTEMFL" in events.columns:
        events = events.filter(nw.col("TRTEMFL") == "Y")
    told = [nw.col(name).cast(nw.String) for name in _SERIOUS if name in events.columns]
    bad = nw.col(analysis.severity.column).cast(nw.Float64) >= analysis.severity.at_least
    events = events.select(
        "USUBJID",
        nw.col(analysis.term).alias("TERM"),
        nw.when(bad).then(nw.lit(value=True)).otherwise(nw.lit(value=False)).alias("SEVERE"),
        *told,
    )
    return events.join(selection.members.select("USUBJID", "__group__"), on="USUBJID", how="inner")


def _counts(
    selection: Selection, events: nw.DataFrame[Any], variable: str, terms: list[str]
) -> list[ResultRow]:
    counted = tally(distinct(events, ["USUBJID", "__group__", "TERM"]), "TERM")
    anything = distinct(events, ["USUBJID", "__group__"]).with_columns(nw.lit("").alias("TERM"))
    counted |= tally(anything, "TERM")
    rows = []
    for level in (*selection.levels, ""):
        size = selection.size(level)
        for term in ("", *terms):
            n = counted.get((level, term), 0)
            where: dict[str, Any] = {
                "dataset": "ADAE",
                "variable": variable,
                "variable_level": term,
                "denominator": size,
                "method": "patients with at least one event",
            }
            where |= {"level": level} if level else {}
            rows.append(selection.row("n", n, format="integer", **where))
            if size:
                share = 100.0 * n / size
                rows.append(selection.row("percent", share, unit="%", format="percent", **where))
    return rows
