"""At which visits of which subjects a rule about assessments is broken."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from hepatica.records.findings import SUBJECT, Outcome

_SHOWN = 5


def at_visits(outcome: Outcome, failing: pl.DataFrame) -> Outcome:
    """Return the outcome with subjects and numbers of the visits in ``found``.

    A visit is told by its number only, as a row is by its line: its name is recorded text. A visit
    without a number is left to the line of the file.

    Parameters
    ----------
    outcome : Problem or None
        The broken rule; None for one that holds.
    failing : polars.DataFrame
        The rows that break it, with USUBJID and VISITNUM.
    """
    if outcome is None or failing.schema.get("VISITNUM") != pl.Float64:
        return outcome
    visits = failing.select(SUBJECT, "VISITNUM").drop_nulls().unique(maintain_order=True)
    if visits.is_empty():
        return outcome
    shown = [f"{who} visit {number:g}" for who, number in visits.head(_SHOWN).iter_rows()]
    more = visits.height - len(shown)
    told = ", ".join(shown) + (f" and {more} more" if more else "")
    return replace(outcome, found=f"{outcome.found}: {told}")
