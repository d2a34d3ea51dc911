"""ADLB: laboratory results with baseline and change."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from hepatica.derive.baseline import (
    before_first_dose,
    change,
    percent_change,
    with_baseline,
)
from hepatica.derive.frames import Frame, LazyFrame, lent, null_text, with_absent, with_subject
from hepatica.protocol.model import Protocol

_READ = {
    "LBTEST": nw.String,
    "LBSTRESN": nw.Float64,
    "LBSTRESC": nw.String,
    "LBSTRESU": nw.String,
    "LBSTNRLO": nw.Float64,
    "LBSTNRHI": nw.Float64,
    "LBDTC": nw.String,
    "LBDT": nw.Date,
    "LBDTP": nw.String,
    "LBBLFL": nw.String,
    "VISIT": nw.String,
    "VISITNUM": nw.Float64,
    "LBSEQ": nw.Int64,
}
_ORDER = ("ADT", "LBDTC", "VISITNUM", "LBSEQ", "AVAL")


def derive_adlb(
    protocol: Protocol, lb: Frame, adsl: Frame, *, recorded_baseline: bool = False
) -> LazyFrame:
    """Return one record per laboratory result.

    Parameters
    ----------
    protocol : Protocol
        Not read by any rule yet.
    lb : frame
        Collected results, as ``docs/datasets.md`` says.
    adsl : frame
        USUBJID and TRTSDT; RFXSTDTC with a time of day tells results of that day apart.
    recorded_baseline : bool
        Whether LBBLFL stands above the dates; otherwise it is used where they leave no baseline.

    Returns
    -------
    LazyFrame
        The columns of LB, PARAMCD, PARAM, AVAL, AVALC, AVALU, ADT (null unless the day is
        recorded), AVISIT, AVISITN, ANRLO, ANRHI, ANRIND (LOW, NORMAL, HIGH), ABLFL, BASE, BASEC,
        BASEU, CHG, PCHG,
        SRCDOM, SRCVAR, SRCSEQ; sorted by subject, parameter, date and sequence.

    Notes
    -----
    The baseline is the last result with a value on or before the day of the first dose. Of several
    on one day the one with the later time of day counts, then the later visit, then the higher
    LBSEQ. CHG and PCHG stand on later results in the unit of the baseline.
    """
    del protocol
    frame = with_subject(with_absent(lb, _READ), adsl, {"TRTSDT": nw.Date, "RFXSTDTC": nw.String})
    unit = nw.col("LBSTRESU")
    frame = frame.with_columns(
        nw.col("LBTESTCD").alias("PARAMCD"),
        named_with_unit("LBTEST", "LBSTRESU").alias("PARAM"),
        nw.col("LBSTRESN").cast(nw.Float64).alias("AVAL"),
        nw.col("LBSTRESC").alias("AVALC"),
        unit.alias("AVALU"),
        nw.when(nw.col("LBDTP") == "D").then(nw.col("LBDT")).alias("ADT"),
        nw.col("VISIT").alias("AVISIT"),
        nw.col("VISITNUM").cast(nw.Float64).alias("AVISITN"),
        nw.col("LBSTNRLO").cast(nw.Float64).alias("ANRLO"),
        nw.col("LBSTNRHI").cast(nw.Float64).alias("ANRHI"),
        (nw.col("LBBLFL") == "Y").alias("_GIVEN"),
    ).with_columns(before_first_dose("LBDTC").alias("_BEFORE"), reference_range().alias("ANRIND"))
    frame = with_baseline(
        frame, usable=~nw.col("AVAL").is_null(), by=_ORDER, recorded_first=recorded_baseline
    )
    return (
        frame.with_columns(change().alias("CHG"))
        .with_columns(
            percent_change().alias("PCHG"),
            nw.lit("LB").alias("SRCDOM"),
            nw.lit("LBSTRESN").alias("SRCVAR"),
            nw.col("LBSEQ").cast(nw.Int64).alias("SRCSEQ"),
        )
        .drop("_GIVEN", "_BEFORE", "_BASEDT", "_TRTSDT", "_RFXSTDTC")
        .sort("USUBJID", "PARAMCD", "ADT", "LBSEQ", "LBDTC", "AVAL")
        .drop(*lent(lb, _READ))
    )


def named_with_unit(test: str, unit: str) -> nw.Expr:
    """Return the name of a test with its unit in brackets, without them when there is no unit."""
    described = nw.concat_str(nw.col(test), nw.lit(" ("), nw.col(unit), nw.lit(")"))
    return nw.when(nw.col(unit).is_null()).then(nw.col(test)).otherwise(described)


def reference_range() -> nw.Expr:
    """Return LOW, NORMAL or HIGH of AVAL against ANRLO and ANRHI, limits being normal.

    One limit is enough; null without a value or without any limit.
    """
    value, low, high = nw.col("AVAL"), nw.col("ANRLO"), nw.col("ANRHI")
    limited = ~value.is_null() & (~low.is_null() | ~high.is_null())
    inside = nw.when(limited).then(nw.lit("NORMAL")).otherwise(null_text())
    above = nw.when((value > high).fill_null(value=False)).then(nw.lit("HIGH")).otherwise(inside)
    return nw.when((value < low).fill_null(value=False)).then(nw.lit("LOW")).otherwise(above)
