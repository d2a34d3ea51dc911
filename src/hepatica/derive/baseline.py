"""Baseline of repeated results, and change from it.

The baseline is the last usable result on or before the day of the first dose. A result on that
day counts as taken before the dose, unless both times of day are recorded and it came later. Where
the dates leave no such result, the one that was flagged as baseline when the data were collected
is taken.
"""

from __future__ import annotations

import narwhals.stable.v2 as nw

from hepatica.derive.frames import LazyFrame, flag_one, known
from hepatica.derive.portable import held, quotient

_KEYS = ("USUBJID", "PARAMCD")
_MINUTES = 16  # characters of 2019-04-17T08:30


def before_first_dose(collected: str) -> nw.Expr:
    """Return whether a result was taken before the first dose.

    Reads ADT, ``_TRTSDT`` and ``_RFXSTDTC`` (first dose as collected); unknown without ADT or
    first dose.

    Parameters
    ----------
    collected : str
        Column with the date and time as collected.
    """
    first = nw.col("_RFXSTDTC")
    taken = nw.col(collected)
    timed = (first.str.len_chars() >= _MINUTES) & (taken.str.len_chars() >= _MINUTES)
    later = timed & (taken.str.slice(0, _MINUTES) > first.str.slice(0, _MINUTES))
    same_day = nw.col("ADT") == nw.col("_TRTSDT")
    return (nw.col("ADT") < nw.col("_TRTSDT")) | (same_day & ~known(later))


def with_baseline(
    frame: LazyFrame, *, usable: nw.Expr, by: tuple[str, ...], recorded_first: bool = False
) -> LazyFrame:
    """Add ABLFL, BASE and BASEU to results.

    Parameters
    ----------
    frame : LazyFrame
        Results with USUBJID, PARAMCD, AVAL, AVALC, AVALU, ADT, ``_BEFORE`` (before the first
        dose) and ``_GIVEN`` (flagged as baseline when collected).
    usable : narwhals.Expr
        Results that can be a baseline.
    by : tuple of str
        Order of the results of one subject and parameter.
    recorded_first : bool
        Whether the flag that was collected stands above the dates.

    Returns
    -------
    LazyFrame
        With ABLFL, and BASE, BASEC, BASEU and ``_BASEDT`` of that record on every record of the
        subject and parameter. Held: computed once.
    """
    first, second = ("_GIVEN", "_BEFORE") if recorded_first else ("_BEFORE", "_GIVEN")
    frame = frame.with_columns(known(nw.col(first) & usable).alias("_PREFERRED"))
    preferred = nw.col("_PREFERRED").cast(nw.Int64).max().over(*_KEYS)
    frame = frame.with_columns(
        (preferred == 1).alias("_ANY"), known(nw.col(second) & usable).alias("_OTHER")
    )
    chosen = nw.when(nw.col("_ANY")).then(nw.col("_PREFERRED")).otherwise(nw.col("_OTHER"))
    frame = flag_one(frame, "ABLFL", chosen, within=_KEYS, by=by, last=True).drop(
        "_PREFERRED", "_ANY", "_OTHER"
    )
    frame = held(frame)
    baseline = frame.filter(nw.col("ABLFL") == "Y").select(
        *_KEYS,
        nw.col("AVAL").alias("BASE"),
        nw.col("AVALU").alias("BASEU"),
        nw.col("ADT").alias("_BASEDT"),
        nw.col("AVALC").alias("BASEC"),
    )
    return frame.join(baseline, on=list(_KEYS), how="left")


def change() -> nw.Expr:
    """Return CHG: value minus baseline, of results after the baseline in the same unit.

    Null at or before the baseline, without either value, and when the units differ.
    """
    unit, baseline_unit = nw.col("AVALU").fill_null(""), nw.col("BASEU").fill_null("")
    after = (
        ~known(nw.col("_BEFORE")) & nw.col("ABLFL").is_null() & (nw.col("ADT") >= nw.col("_BASEDT"))
    )
    return nw.when(known(after) & (unit == baseline_unit)).then(nw.col("AVAL") - nw.col("BASE"))


def percent_change() -> nw.Expr:
    """Return PCHG: CHG in per cent of the size of the baseline; null when that is zero."""
    base = nw.col("BASE")
    return nw.when(base != 0).then(quotient(100 * nw.col("CHG"), base.abs()))
