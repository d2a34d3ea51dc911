"""Randomisation, end of treatment, end of study and screening failure, from DS and IE."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import narwhals.stable.v2 as nw

from hepatica.derive.dates import impute
from hepatica.derive.frames import Frame, LazyFrame, known, upper, with_absent
from hepatica.derive.portable import day_number, first_of_subject
from hepatica.protocol.model import Imputation

_DS = {
    "DSDECOD": nw.String,
    "DSTERM": nw.String,
    "DSCAT": nw.String,
    "DSSCAT": nw.String,
    "DSSTDT": nw.Date,
    "DSSTDTP": nw.String,
    "DSSEQ": nw.Int64,
}
_IE = {
    "IETEST": nw.String,
    "IECAT": nw.String,
    "IEORRES": nw.String,
    "IESEQ": nw.Int64,
}
_RANDOMISED = ("RANDOMIZED", "RANDOMISED")
_MILESTONES = (
    *_RANDOMISED,
    "INFORMED CONSENT OBTAINED",
    "ENROLLED",
    "ENTERED INTO TRIAL",
    "ELIGIBILITY CRITERIA MET",
)
_NO_DISPOSITION = ("PROTOCOL MILESTONE", "OTHER EVENT")
_SCREEN_FAILURE = "SCREEN FAILURE"


def derive_randomisation(ds: Frame) -> LazyFrame:
    """Return USUBJID and the first day of randomisation, from whole dates."""
    frame = with_absent(ds, _DS)
    randomised = known(upper("DSDECOD").is_in(list(_RANDOMISED)))
    return (
        frame.filter(randomised & known(nw.col("DSSTDTP") == "D"))
        .group_by("USUBJID")
        .agg(nw.col("DSSTDT").min().alias("_RANDDT"))
    )


def derive_ends(ds: Frame, how: Imputation, cut_off: date | None) -> tuple[LazyFrame, LazyFrame]:
    """Return the disposition that ended treatment, and the one that ended the study.

    A disposition is about treatment when DSSCAT or DSCAT names treatment, else about the study.
    Milestones, other events and screening failure are no dispositions. The last one of a subject
    counts, a dated one before an undated one.

    Parameters
    ----------
    ds : frame
        DS.
    how : {"none", "first", "mid", "last"}
        How a partial date is imputed.
    cut_off : datetime.date, optional
        Dispositions after it do not count.

    Returns
    -------
    tuple of two LazyFrame
        Treatment: USUBJID, _EOT (the decoded disposition) and _EOTDT. Study: USUBJID, _EOS and
        _EOSDT.
    """
    frame = with_absent(ds, _DS)
    milestone = known(upper("DSDECOD").is_in([*_MILESTONES, _SCREEN_FAILURE]))
    other = known(upper("DSCAT").is_in(list(_NO_DISPOSITION)))
    frame = frame.filter(~milestone & ~other & ~nw.col("DSDECOD").is_null())
    limit = None if cut_off is None else nw.lit(cut_off, dtype=nw.Date)
    if limit is not None:
        frame = frame.filter(~known(nw.col("DSSTDT") > limit))
    treatment = _names_treatment("DSSCAT") | _names_treatment("DSCAT")
    frame = frame.with_columns(treatment.alias("_TREATMENT"))
    day, _ = impute(nw.col("DSSTDT"), nw.col("DSSTDTP"), how, not_after=limit)
    frame = frame.with_columns(
        day.alias("_DAY"),
        (-day_number(nw.col("DSSTDT"))).fill_null(10_000_000).alias("_BACK"),
        (-nw.col("DSSEQ").cast(nw.Int64)).fill_null(0).alias("_SEQ"),
    )
    ends = []
    for name, mine in (("_EOT", nw.col("_TREATMENT")), ("_EOS", ~nw.col("_TREATMENT"))):
        last = first_of_subject(frame.filter(mine), ("_BACK", "_SEQ"))
        ends.append(
            last.select("USUBJID", nw.col("DSDECOD").alias(name), nw.col("_DAY").alias(f"{name}DT"))
        )
    return ends[0], ends[1]


def _names_treatment(column: str) -> nw.Expr:
    return known(upper(column).str.contains("TREATMENT", literal=True))


def derive_screen_failures(tables: Mapping[str, Frame]) -> LazyFrame | None:
    """Return what DS and IE say of screening.

    Parameters
    ----------
    tables : mapping of str to frame
        Collected tables.

    Returns
    -------
    LazyFrame or None
        USUBJID, _FAILED (1 when DS says that screening failed) and SCRFREAS: the first criterion
        of IE that was not met, else the term of DS. ``None`` with neither table. An inclusion
        criterion says what should have been, so ``Not met:`` stands before it.
    """
    parts = []
    if "IE" in tables:
        frame = with_absent(tables["IE"], _IE)
        parts.append(
            frame.filter(_not_met()).select(
                "USUBJID",
                nw.lit(0).cast(nw.Int64).alias("_FAILED"),
                _reason().alias("SCRFREAS"),
                nw.lit(0).cast(nw.Int64).alias("_ORDER"),
                nw.col("IESEQ").cast(nw.Int64).alias("_SEQ"),
            )
        )
    if "DS" in tables:
        frame = with_absent(tables["DS"], _DS)
        parts.append(
            frame.filter(known(upper("DSDECOD") == _SCREEN_FAILURE)).select(
                "USUBJID",
                nw.lit(1).cast(nw.Int64).alias("_FAILED"),
                nw.col("DSTERM").alias("SCRFREAS"),
                nw.lit(1).cast(nw.Int64).alias("_ORDER"),
                nw.col("DSSEQ").cast(nw.Int64).alias("_SEQ"),
            )
        )
    if not parts:
        return None
    both = nw.concat(parts)
    both = both.with_columns(nw.col("_FAILED").max().over("USUBJID").alias("_FAILED"))
    return first_of_subject(both, ("_ORDER", "_SEQ", "SCRFREAS")).drop("_ORDER", "_SEQ")


def _reason() -> nw.Expr:
    inclusion = known(upper("IECAT").str.contains("INCL", literal=True))
    unmet = nw.concat_str([nw.lit("Not met: "), nw.col("IETEST")])
    return nw.when(inclusion).then(unmet).otherwise(nw.col("IETEST"))


def _not_met() -> nw.Expr:
    """Return whether a record of IE is about a criterion that was not met.

    An inclusion criterion is not met when the answer is N, an exclusion criterion when it is Y; a
    record without category or answer is in IE because it was not met.
    """
    answer = upper("IEORRES").str.slice(0, 1)
    inclusion = known(upper("IECAT").str.contains("INCL", literal=True))
    exclusion = known(upper("IECAT").str.contains("EXCL", literal=True))
    met = (inclusion & known(answer == "Y")) | (exclusion & known(answer == "N"))
    return ~met
