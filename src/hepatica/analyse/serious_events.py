"""Serious adverse events by group: patients, events, and those that the treatment gave rise to."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from hepatica.analyse.counts import distinct, tally
from hepatica.analyse.selection import Selection
from hepatica.results import ResultRow

#: Recorded relations (AEREL, in capitals) that make an event related to treatment.
RELATED = (
    *("Y", "YES", "RELATED", "POSSIBLE", "POSSIBLY", "POSSIBLY RELATED", "PROBABLE", "PROBABLY"),
    *("PROBABLY RELATED", "LIKELY", "LIKELY RELATED", "DEFINITE", "DEFINITELY"),
    *("DEFINITELY RELATED", "CERTAIN", "CERTAINLY RELATED"),
)
#: Recorded relations that make an event unrelated; whatever is in neither is not known.
UNRELATED = (
    *("N", "NO", "NONE", "NOT RELATED", "UNRELATED", "UNLIKELY", "UNLIKELY RELATED"),
    *("UNLIKELY TO BE RELATED", "NOT LIKELY RELATED", "REMOTE", "DOUBTFUL"),
)

_PATIENTS = "patients with at least one event"
_EVENTS = "events, each record counted"


def serious_rows(selection: Selection, events: nw.DataFrame[Any]) -> list[ResultRow]:
    """Count serious events and the patients who had them.

    Parameters
    ----------
    selection : Selection
        The patients of the analysis.
    events : DataFrame
        Counted events of the members: USUBJID, ``__group__``, TERM, and where the study has them
        AESER and AEREL.

    Returns
    -------
    list of ResultRow
        As ``docs/results.md`` lists for serious events. Where no event has AESER there are none,
        and where no event has AEREL none about the relation: a column that nobody filled does not
        say that nothing happened.
    """
    if not _is_recorded(events, "AESER"):
        return []
    serious = events.filter((nw.col("AESER") == "Y").fill_null(value=False))
    untold = events.filter(nw.col("AESER").is_null())
    parts = [("serious", serious)]
    if _is_recorded(events, "AEREL"):
        relation = nw.col("AEREL").str.strip_chars().str.to_uppercase()
        related = relation.is_in(list(RELATED)).fill_null(value=False)
        known = relation.is_in([*RELATED, *UNRELATED]).fill_null(value=False)
        unknown = serious.filter(~known)
        parts.append(("serious_related", serious.filter(related)))
        parts += [("serious_relation_unknown", unknown)] if len(unknown) else []
    parts += [("seriousness_unknown", untold)] if len(untold) else []
    return [row for variable, some in parts for row in _rows(selection, some, variable)]


def _is_recorded(events: nw.DataFrame[Any], column: str) -> bool:
    return column in events.columns and bool(events[column].drop_nulls().len())


def _rows(selection: Selection, events: nw.DataFrame[Any], variable: str) -> list[ResultRow]:
    """Return patients and events of a kind, of all terms and of each that occurs."""
    patients = tally(distinct(events, ["USUBJID", "__group__", "TERM"]), "TERM")
    anybody = distinct(events, ["USUBJID", "__group__"]).with_columns(nw.lit("").alias("TERM"))
    patients |= tally(anybody, "TERM")
    number = tally(events, "TERM")
    number |= tally(events.with_columns(nw.lit("").alias("TERM")), "TERM")
    terms = sorted(set(events["TERM"].drop_nulls().to_list()) - {""})
    rows = []
    for level in (*selection.levels, ""):
        size = selection.size(level)
        for term in ("", *terms):
            n = patients.get((level, term), 0)
            where: dict[str, Any] = {
                "dataset": "ADAE",
                "variable": variable,
                "variable_level": term,
            }
            where |= {"level": level} if level else {}
            share = where | {"denominator": size, "method": _PATIENTS}
            rows.append(selection.row("n", n, format="integer", **share))
            if size:
                percent = 100.0 * n / size
                rows.append(selection.row("percent", percent, unit="%", format="percent", **share))
            counted = number.get((level, term), 0)
            rows.append(selection.row("events", counted, format="integer", method=_EVENTS, **where))
    return rows
