"""ADCM: prior, concomitant and subsequent therapies and procedures in one frame."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from hepatica.derive.dates import impute
from hepatica.derive.frames import (
    Frame,
    LazyFrame,
    flag,
    holds_one_of,
    known,
    with_absent,
    with_subject,
)
from hepatica.errors import AnalysisError
from hepatica.protocol.model import Dates, Protocol
from hepatica.records.conditions import is_match

#: A category (CMCAT, PRCAT) that holds one of these is anticancer therapy, unless the protocol
#: says by a condition what is (``subsequent_therapy``).
ANTICANCER_WORDS = (
    "ANTICANCER",
    "ANTI-CANCER",
    "CANCER THERAPY",
    "CANCER TREATMENT",
    "ANTINEOPLASTIC",
    "ANTI-NEOPLASTIC",
    "ANTITUMOR",
    "ANTITUMOUR",
    "ANTI-TUMOR",
    "ANTI-TUMOUR",
    "CHEMOTHERAPY",
    "IMMUNOTHERAPY",
    "TARGETED THERAPY",
    "RADIOTHERAPY",
    "EMBOLISATION",
    "EMBOLIZATION",
)
#: A category or subcategory (CMSCAT, PRSCAT) that holds one of these is anticancer therapy in a
#: table of therapies, though it starts no new therapy that would end the time of an endpoint.
LOCAL_WORDS = (
    "SURGERY",
    "RESECTION",
    "TRANSPLANTATION",
    "ABLATION",
    "RADIATION",
    "LOCOREGIONAL",
    "HEPATECTOMY",
    "TACE",
    "HAIC",
)
#: A category that holds one of these was recorded as subsequent therapy.
SUBSEQUENT_WORDS = ("SUBSEQUENT", "POST-TREATMENT", "POST TREATMENT", "FOLLOW-UP", "FOLLOW UP")
#: A category that holds one of these was recorded as prior therapy.
PRIOR_WORDS = ("PRIOR", "PREVIOUS")
#: A category that holds one of these says nothing about the time, nor does one that is both prior
#: and subsequent: PRIOR AND CONCOMITANT MEDICATION is one page of the case report form.
CONCOMITANT_WORDS = ("CONCOMITANT",)
#: A category that holds one of these is not anticancer therapy.
OTHER_WORDS = ("NON-", "NON ", "NOT ")

_TEXT = ("TRT", "DECOD", "CAT", "SCAT", "INDC", "STDTC", "ENDTC", "STDTP", "ENDTP")


def derive_adcm(protocol: Protocol, cm: Frame | None, pr: Frame | None, adsl: Frame) -> LazyFrame:
    """Return one record per therapy or procedure.

    Parameters
    ----------
    protocol : Protocol
        How partial dates are imputed; ``subsequent_therapy``, a condition on CMTRT, CMDECOD,
        CMCAT, CMSCAT, CMINDC and SRCDOM, says what is anticancer therapy.
    cm, pr : frame, optional
        Therapies and procedures; at least one of them.
    adsl : frame
        USUBJID, TRTSDT, TRTEDT.

    Returns
    -------
    LazyFrame
        USUBJID, CMTRT, CMDECOD, CMCAT, CMSCAT, CMINDC, CMSTDTC, CMENDTC (of a procedure the
        columns of PR), ASTDT, ASTDTF, AENDT, AENDTF, PREFL, ONTRTFL, SUBSFL, NEWTHFL, ANTICFL,
        SRCDOM, SRCVAR, SRCSEQ.

    Raises
    ------
    AnalysisError
        If there is neither table, or the condition reads another column.

    Notes
    -----
    - PREFL: started before the first dose, or ended before it, or recorded as prior.
    - ONTRTFL: taken on at least one day from first to last dose. An end that is not recorded is
      not before the first dose.
    - SUBSFL: started after the last dose, or recorded as subsequent, or NEWTHFL.
    - NEWTHFL: anticancer therapy that started after the first dose, and not before the last dose
      unless it was recorded as subsequent. Without an own date it is subsequent when it was
      recorded so.
    - ANTICFL: anticancer therapy at any time: what the condition of the protocol says, else by
      the words of category and subcategory, surgery and other local treatment among them.
    """
    given = ((cm, "CM"), (pr, "PR"))
    parts = [_columns(frame, domain) for frame, domain in given if frame is not None]
    if not parts:
        message = "Neither CM nor PR is among the collected tables, so there are no therapies."
        raise AnalysisError(message)
    frame = with_subject(
        nw.concat(parts, how="vertical"), adsl, {"TRTSDT": nw.Date, "TRTEDT": nw.Date}
    )
    frame = _flagged(_dated(frame, protocol.dates), protocol)
    return frame.drop(
        "_TRTSDT", "_TRTEDT", "CMSTDT", "CMSTDTP", "CMENDT", "CMENDTP", "_LASTEND"
    ).sort("USUBJID", "ASTDT", "SRCDOM", "SRCSEQ", "CMTRT")


def _columns(frame: Frame, domain: str) -> LazyFrame:
    """Return the columns of a domain under the names of CM."""
    dates = {f"{domain}STDT": nw.Date, f"{domain}ENDT": nw.Date}
    texts = {f"{domain}{name}": nw.String for name in _TEXT}
    sequence = {f"{domain}SEQ": nw.Int64}
    lazy = with_absent(frame, {**texts, **dates, **sequence})
    return lazy.select(
        nw.col("USUBJID"),
        *(nw.col(f"{domain}{name}").cast(nw.String).alias(f"CM{name}") for name in _TEXT),
        *(nw.col(f"{domain}{name}").alias(f"CM{name}") for name in ("STDT", "ENDT")),
        nw.lit(domain).alias("SRCDOM"),
        nw.lit(f"{domain}STDTC").alias("SRCVAR"),
        nw.col(f"{domain}SEQ").cast(nw.Int64).alias("SRCSEQ"),
    )


def _dated(frame: LazyFrame, dates: Dates) -> LazyFrame:
    """Add ASTDT, AENDT, their flags, and the last day on which the therapy can have ended."""
    latest, _ = impute(nw.col("CMENDT"), nw.col("CMENDTP"), "last")
    end, end_flag = impute(
        nw.col("CMENDT"), nw.col("CMENDTP"), dates.end, not_before=nw.col("CMSTDT")
    )
    frame = frame.with_columns(
        end.alias("AENDT"), end_flag.alias("AENDTF"), latest.alias("_LASTEND")
    )
    ended_before = known(nw.col("_LASTEND") < nw.col("_TRTSDT"))
    first_dose = nw.when(~ended_before & ~_said_prior()).then(nw.col("_TRTSDT"))
    start, start_flag = impute(
        nw.col("CMSTDT"),
        nw.col("CMSTDTP"),
        dates.start,
        not_before=first_dose,
        not_after=nw.col("_LASTEND"),
    )
    return frame.with_columns(start.alias("ASTDT"), start_flag.alias("ASTDTF"))


def _flagged(frame: LazyFrame, protocol: Protocol) -> LazyFrame:
    """Add PREFL, ONTRTFL, SUBSFL, NEWTHFL and ANTICFL."""
    start, end = nw.col("ASTDT"), nw.col("_LASTEND")
    first, last = nw.col("_TRTSDT"), nw.col("_TRTEDT")
    said_prior, said_subsequent = _said_prior(), _said_subsequent()
    if protocol.subsequent_therapy is None:
        named = holds_one_of("CMCAT", ANTICANCER_WORDS)
        anticancer = named & ~holds_one_of("CMCAT", OTHER_WORDS)
        other = holds_one_of("CMCAT", OTHER_WORDS) | holds_one_of("CMSCAT", OTHER_WORDS)
        at_any_time = anticancer | _local_or_named() & ~other
    else:
        anticancer = is_match(protocol.subsequent_therapy, dict(frame.collect_schema()))
        at_any_time = anticancer
    after_first = known(start > first) | (start.is_null() & said_subsequent)
    not_during = known(start >= last) | said_subsequent
    new_therapy = anticancer & ~said_prior & after_first & not_during
    before = known(start < first) | (start.is_null() & known(end < first)) | said_prior
    still = ~known(end < first) & ~(end.is_null() & said_prior)
    during = known(start <= last) & still & ~first.is_null()
    return frame.with_columns(
        flag(before).alias("PREFL"),
        flag(during).alias("ONTRTFL"),
        flag(known(start > last) & ~said_prior | said_subsequent | new_therapy).alias("SUBSFL"),
        flag(new_therapy).alias("NEWTHFL"),
        flag(at_any_time).alias("ANTICFL"),
    )


def _local_or_named() -> nw.Expr:
    words = (*ANTICANCER_WORDS, *LOCAL_WORDS)
    return holds_one_of("CMCAT", words) | holds_one_of("CMSCAT", words)


def _said_prior() -> nw.Expr:
    others = holds_one_of("CMCAT", (*SUBSEQUENT_WORDS, *CONCOMITANT_WORDS))
    return holds_one_of("CMCAT", PRIOR_WORDS) & ~others


def _said_subsequent() -> nw.Expr:
    others = holds_one_of("CMCAT", (*PRIOR_WORDS, *CONCOMITANT_WORDS))
    return holds_one_of("CMCAT", SUBSEQUENT_WORDS) & ~others
