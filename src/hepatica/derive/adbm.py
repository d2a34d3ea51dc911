"""ADBM: biomarker results, limits of detection, baseline, and the result at progression."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from hepatica.derive.adlb import named_with_unit
from hepatica.derive.baseline import before_first_dose, change, percent_change, with_baseline
from hepatica.derive.frames import (
    Frame,
    LazyFrame,
    flag,
    flag_one,
    holds_one_of,
    known,
    lent,
    upper,
    with_absent,
    with_subject,
)
from hepatica.derive.portable import day_number
from hepatica.protocol.model import Protocol

#: What the name of a visit holds when it is the visit at progression.
PROGRESSION_WORDS = ("PROGRESSION", "PROGRESSIVE DISEASE")

_READ = {
    "BMTEST": nw.String,
    "BMSTRESN": nw.Float64,
    "BMSTRESC": nw.String,
    "BMSTRESU": nw.String,
    "BMLLOQ": nw.Float64,
    "BMDTC": nw.String,
    "BMDT": nw.Date,
    "BMDTP": nw.String,
    "BMBLFL": nw.String,
    "VISIT": nw.String,
    "VISITNUM": nw.Float64,
    "BMSEQ": nw.Int64,
}
_ORDER = ("ADT", "BMDTC", "VISITNUM", "BMSEQ", "AVALC", "AVAL")


def derive_adbm(
    protocol: Protocol, bm: Frame, adsl: Frame, progression: Frame | None = None
) -> LazyFrame:
    """Return one record per biomarker result.

    Parameters
    ----------
    protocol : Protocol
        Lower limits of detection of its biomarkers, and the window of an assessment.
    bm : frame
        Collected results, as ``docs/datasets.md`` says.
    adsl : frame
        USUBJID and TRTSDT; RFXSTDTC with a time of day tells results of that day apart.
    progression : frame, optional
        USUBJID and ADT: the day of the first progression.

    Returns
    -------
    LazyFrame
        The columns of BM, PARAMCD, PARAM, AVAL, AVALC, AVALU, LLOQ, BLOQFL, ADT, AVISIT,
        AVISITN, ABLFL, BASE, BASEU, BASEC, CHG, PCHG, PAIRFL (the result at progression that is
        paired with the baseline), SRCDOM, SRCVAR, SRCSEQ.

    Notes
    -----
    A result is below the limit when it is written with ``<``, or when its value is below BMLLOQ
    or, without that, below the protocol's limit for the marker (whose parameter, id or column is
    the test code). Then AVAL is null and AVALC stays as recorded: no value is put in its place.
    Such a result can be the baseline; BASE is null then and BASEC says what was recorded.

    The result at progression is that of a visit named so, or else the one nearest to the day of
    progression within the window of an assessment; of two equally near, the earlier.
    """
    window = protocol.assessments.window_days if protocol.assessments else 0
    frame = with_subject(with_absent(bm, _READ), adsl, {"TRTSDT": nw.Date, "RFXSTDTC": nw.String})
    frame = frame.with_columns(_limit(protocol).alias("LLOQ"))
    frame = frame.with_columns(_below_limit().alias("_BELOW")).with_columns(
        nw.col("BMTESTCD").alias("PARAMCD"),
        named_with_unit("BMTEST", "BMSTRESU").alias("PARAM"),
        nw.when(~nw.col("_BELOW")).then(nw.col("BMSTRESN").cast(nw.Float64)).alias("AVAL"),
        nw.col("BMSTRESC").alias("AVALC"),
        nw.col("BMSTRESU").alias("AVALU"),
        flag(nw.col("_BELOW")).alias("BLOQFL"),
        nw.when(nw.col("BMDTP") == "D").then(nw.col("BMDT")).alias("ADT"),
        nw.col("VISIT").alias("AVISIT"),
        nw.col("VISITNUM").cast(nw.Float64).alias("AVISITN"),
        (nw.col("BMBLFL") == "Y").alias("_GIVEN"),
    )
    frame = frame.with_columns(before_first_dose("BMDTC").alias("_BEFORE"))
    measured = ~nw.col("AVAL").is_null() | nw.col("_BELOW")
    frame = with_baseline(frame, usable=measured, by=_ORDER).with_columns(change().alias("CHG"))
    frame = frame.with_columns(
        percent_change().alias("PCHG"),
        nw.lit("BM").alias("SRCDOM"),
        nw.lit("BMSTRESN").alias("SRCVAR"),
        nw.col("BMSEQ").cast(nw.Int64).alias("SRCSEQ"),
    )
    return (
        _paired(frame, progression, window)
        .drop("_GIVEN", "_BEFORE", "_BASEDT", "_BELOW", "_TRTSDT", "_RFXSTDTC")
        .sort("USUBJID", "PARAMCD", "ADT", "BMSEQ", "BMDTC", "AVALC")
        .drop(*lent(bm, _READ))
    )


def _limit(protocol: Protocol) -> nw.Expr:
    """Return the limit recorded with the result, else the protocol's."""
    limit = nw.lit(None, dtype=nw.Float64)
    for biomarker in protocol.biomarkers:
        if biomarker.lower_limit_of_detection is not None:
            names = [one.upper() for one in (biomarker.id, biomarker.column)]
            names += [biomarker.parameter.upper()] if biomarker.parameter else []
            named = known(upper("BMTESTCD").is_in(names))
            limit = nw.when(named).then(biomarker.lower_limit_of_detection).otherwise(limit)
    recorded = nw.col("BMLLOQ").cast(nw.Float64)
    return nw.when(~recorded.is_null()).then(recorded).otherwise(limit)


def _below_limit() -> nw.Expr:
    written = known(nw.col("BMSTRESC").str.strip_chars().str.starts_with("<"))
    return written | known(nw.col("BMSTRESN").cast(nw.Float64) < nw.col("LLOQ"))


def _paired(frame: LazyFrame, progression: Frame | None, window: int) -> LazyFrame:
    """Add PAIRFL: one record per subject and marker that has a baseline before it."""
    if progression is None:
        frame = frame.with_columns(nw.lit(None, dtype=nw.Int64).alias("_PDDAY"))
    else:
        first = progression.lazy().group_by("USUBJID").agg(nw.col("ADT").min().alias("_PDDT"))
        frame = frame.join(first, on="USUBJID", how="left")
        frame = frame.with_columns(day_number(nw.col("_PDDT")).alias("_PDDAY")).drop("_PDDT")
    distance = (day_number(nw.col("ADT")) - nw.col("_PDDAY")).abs()
    frame = frame.with_columns(
        holds_one_of("VISIT", PROGRESSION_WORDS).alias("_NAMED"), distance.alias("_DISTANCE")
    ).with_columns(
        nw.when(nw.col("_NAMED")).then(nw.lit(0)).otherwise(nw.lit(1)).alias("_RANK"),
    )
    usable = ~nw.col("AVAL").is_null() | (nw.col("BLOQFL") == "Y")
    later = (nw.col("ADT") >= nw.col("_BASEDT")) & nw.col("ABLFL").is_null()
    near = nw.col("_NAMED") | known(nw.col("_DISTANCE") <= window)
    after_dose = ~known(nw.col("_BEFORE"))
    return flag_one(
        frame,
        "PAIRFL",
        known(usable) & later & near & after_dose,
        within=("USUBJID", "PARAMCD"),
        by=("_RANK", "_DISTANCE", *_ORDER),
    ).drop("_PDDAY", "_NAMED", "_DISTANCE", "_RANK")
