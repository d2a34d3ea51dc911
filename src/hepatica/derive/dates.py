"""Partial dates: imputed by a declared rule only, flagged, and counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import narwhals.stable.v2 as nw

from hepatica.derive.frames import Frame
from hepatica.derive.portable import shifted
from hepatica.protocol.model import Imputation

#: Months and days added to the first day that a partial date allows: the middle is the 15th of a
#: month and 30 June of a year, the last day is the one before the next month or year begins.
_STEPS: dict[tuple[Imputation, str], tuple[str, ...]] = {
    ("mid", "M"): ("14d",),
    ("mid", "Y"): ("5mo", "29d"),
    ("last", "M"): ("1mo", "-1d"),
    ("last", "Y"): ("1y", "-1d"),
}


@dataclass(frozen=True, slots=True)
class ImputedCount:
    """How many dates of a dataset were imputed.

    Attributes
    ----------
    dataset : str
        For example ``ADAE``.
    column : str
        Column of the flag, for example ``ASTDTF``.
    flag : {"D", "M"}
        ``D`` where the day was imputed, ``M`` where month and day were.
    count : int
        Number of records.
    """

    dataset: str
    column: str
    flag: str
    count: int


def impute(
    day: nw.Expr,
    precision: nw.Expr,
    how: Imputation,
    *,
    not_before: nw.Expr | None = None,
    not_after: nw.Expr | None = None,
) -> tuple[nw.Expr, nw.Expr]:
    """Return a whole date for each recorded one, and a flag where it was imputed.

    Parameters
    ----------
    day : narwhals.Expr
        Date: the first day that the recorded text allows (``--DT``).
    precision : narwhals.Expr
        ``D``, ``M`` or ``Y`` (``--DTP``); null when nothing is recorded.
    how : {"none", "first", "mid", "last"}
        ``none`` leaves a partial date null. The middle is the 15th of a month and 30 June of a
        year.
    not_before, not_after : narwhals.Expr, optional
        Dates that an imputed date is moved to when it lies before or after them, if the recorded
        part allows that day.

    Returns
    -------
    tuple of two narwhals.Expr
        The date, and the flag: ``D`` when the day was imputed, ``M`` when month and day were,
        null when nothing was.

    Examples
    --------
    >>> import polars as pl
    >>> from datetime import date
    >>> frame = nw.from_native(pl.DataFrame({"DT": [date(2019, 4, 1)], "DTP": ["M"]}))
    >>> day, flag = impute(nw.col("DT"), nw.col("DTP"), "last")
    >>> frame.select(day.alias("ADT"), flag.alias("ADTF")).rows()
    [(datetime.date(2019, 4, 30), 'D')]
    """
    imputed = nw.lit(None, dtype=nw.Date)
    for exact in ("M", "Y"):
        if how != "none":
            chosen = shifted(day, *_STEPS.get((how, exact), ()))
            last = shifted(day, *_STEPS["last", exact])
            chosen = _within(chosen, day, last, not_before, not_after)
            imputed = nw.when(precision == exact).then(chosen).otherwise(imputed)
    whole = nw.when(precision == "D").then(day).otherwise(imputed)
    if how == "none":
        return whole, nw.lit(None, dtype=nw.String)
    flag = nw.when(precision == "M").then(nw.lit("D"))
    month = nw.when(precision == "Y").then(nw.lit("M"))
    return whole, flag.otherwise(month)


def _within(
    chosen: nw.Expr,
    first: nw.Expr,
    last: nw.Expr,
    not_before: nw.Expr | None,
    not_after: nw.Expr | None,
) -> nw.Expr:
    """Move an imputed date to a bound that lies among the days that the record allows."""
    if not_before is not None:
        moved = (chosen < not_before) & (not_before <= last)
        chosen = nw.when(moved).then(not_before).otherwise(chosen)
    if not_after is not None:
        moved = (chosen > not_after) & (not_after >= first)
        chosen = nw.when(moved).then(not_after).otherwise(chosen)
    return chosen


def imputation_counts(datasets: Mapping[str, Frame]) -> tuple[ImputedCount, ...]:
    """Count the imputed dates of each dataset, by flag.

    Parameters
    ----------
    datasets : mapping of str to frame
        Analysis datasets; each column whose name ends in ``DTF`` is a flag.

    Returns
    -------
    tuple of ImputedCount
        In the order of the datasets and their columns; flags that no record has are left out.

    Examples
    --------
    >>> import polars as pl
    >>> adae = nw.from_native(pl.DataFrame({"ASTDTF": ["D", None, "D"]}))
    >>> imputation_counts({"ADAE": adae})
    (ImputedCount(dataset='ADAE', column='ASTDTF', flag='D', count=2),)
    """
    found = []
    for name, frame in datasets.items():
        lazy = frame.lazy()
        for column in (one for one in lazy.collect_schema().names() if one.endswith("DTF")):
            kept = lazy.select(nw.col(column).cast(nw.String).alias("F")).filter(
                ~nw.col("F").is_null()
            )
            counts = kept.group_by("F").agg(nw.len().alias("N")).collect()
            found += [
                ImputedCount(name, column, str(flag), int(n)) for flag, n in sorted(counts.rows())
            ]
    return tuple(found)
