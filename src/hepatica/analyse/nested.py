"""Patients with at least one record, by category and by name within it."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from hepatica.analyse.selection import Selection
from hepatica.analyse.shares import seen, share_rows, tally_anybody, tally_patients
from hepatica.results import ResultRow


def nested_rows(
    selection: Selection, records: nw.DataFrame[Any] | None, *, dataset: str, method: str
) -> list[ResultRow]:
    """Count the patients with any record, with one of each category, and with one of each name.

    Parameters
    ----------
    selection : Selection
        Groups and their sizes.
    records : DataFrame or None
        USUBJID, ``__group__``, CATEGORY and NAME, none of them missing but the
        group; ``None`` where nothing was recorded.
    dataset : str
        Where the records come from.
    method : str
        What is counted, in words.

    Returns
    -------
    list of ResultRow
        ``variable`` is ``any``, ``category`` or ``name``; of a name, ``parameter`` is its category.
    """
    where: dict[str, Any] = {"dataset": dataset, "method": method}
    anybody = {} if records is None else tally_anybody(records)
    rows = share_rows(selection, anybody, [""], variable="any", **where)
    if records is None:
        return rows
    categories = tally_patients(records, "CATEGORY")
    rows += share_rows(selection, categories, seen(categories), variable="category", **where)
    for category in seen(categories):
        names = tally_patients(records.filter(nw.col("CATEGORY") == category), "NAME")
        rows += share_rows(
            selection, names, seen(names), variable="name", parameter=category, **where
        )
    return rows
