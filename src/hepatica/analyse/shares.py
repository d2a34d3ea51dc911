"""Patients with a property, counted with their share of a group: the rows of most safety tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import narwhals.stable.v2 as nw

from hepatica.analyse.counts import distinct, tally
from hepatica.analyse.selection import Selection
from hepatica.results import ResultRow

#: Level of patients of whom the property is not known.
MISSING = "MISSING"
#: Level of records that do not say what they are about.
NOT_RECORDED = "Not recorded"

#: (label of the group, value) to number, as `hepatica.analyse.counts.tally` returns it.
Tally = Mapping[tuple[str, Any], int]


def share_rows(
    selection: Selection,
    counted: Tally,
    values: Iterable[str],
    *,
    sizes: Mapping[str, int] | None = None,
    **where: Any,
) -> list[ResultRow]:
    """Return count and percentage of each value, for each group and for all patients.

    Parameters
    ----------
    selection : Selection
        Groups and their sizes.
    counted : mapping
        Patients by group and value; what is not in it counts none.
    values : iterable of str
        Values in the order of the rows; each is the ``variable_level``.
    sizes : mapping of str to int, optional
        What the counts are shares of, by group; the patients of the group when not given.
    **where
        Columns that the rows share.

    Returns
    -------
    list of ResultRow
        ``n`` and ``percent`` with their denominator; the percentage of nobody is not estimable.
    """
    values = tuple(values)
    rows = []
    for level in (*selection.levels, ""):
        size = selection.size(level) if sizes is None else sizes[level]
        for value in values:
            n = counted.get((level, value), 0)
            columns = {**where, "variable_level": value, "denominator": size}
            columns |= {"level": level} if level else {}
            rows.append(selection.row("n", n, format="integer", **columns))
            columns |= {"unit": "%", "format": "percent"}
            if size:
                rows.append(selection.row("percent", 100.0 * n / size, **columns))
            else:
                message = "No patients."
                rows.append(
                    selection.row("percent", status="not_estimable", message=message, **columns)
                )
    return rows


def of_members(selection: Selection, frame: Any) -> nw.DataFrame[Any]:
    """Return the records of a dataset that belong to the patients of an analysis.

    Parameters
    ----------
    selection : Selection
        Its members have ``__group__``.
    frame : frame
        Has USUBJID.
    """
    records = nw.from_native(frame, eager_only=True)
    members = selection.members.select("USUBJID", "__group__")
    joined: nw.DataFrame[Any] = records.join(members, on="USUBJID", how="inner")
    return joined


def tally_patients(records: nw.DataFrame[Any], column: str) -> dict[tuple[str, Any], int]:
    """Count the patients by group and value, each once for a value however many records."""
    return tally(distinct(records, ["USUBJID", "__group__", column]), column)


def tally_anybody(records: nw.DataFrame[Any]) -> dict[tuple[str, Any], int]:
    """Count the patients with a record by group, under the empty value."""
    return tally_patients(records.with_columns(nw.lit("").alias("__any__")), "__any__")


def seen(counted: Tally) -> list[str]:
    """Return the values that anybody has, by name."""
    return sorted({value for level, value in counted if not level and value is not None})


def filled(column: str, otherwise: str = NOT_RECORDED) -> nw.Expr:
    """Return a text column with a word where it is missing or empty."""
    text = nw.col(column).cast(nw.String).str.strip_chars()
    return nw.when((text == "").fill_null(value=True)).then(nw.lit(otherwise)).otherwise(text)
