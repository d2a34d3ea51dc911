"""ADAE: adverse events with dates, treatment emergence, grade, and first worst records."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from hepatica.derive.dates import impute
from hepatica.derive.frames import (
    Frame,
    LazyFrame,
    flag,
    flag_one,
    known,
    lent,
    upper,
    with_absent,
    with_subject,
)
from hepatica.derive.portable import day_number
from hepatica.protocol.model import Dates, Protocol

#: Severity words, mildest first.
SEVERITIES = ("MILD", "MODERATE", "SEVERE")
#: Outcomes (AEOUT) of a fatal event.
FATAL_OUTCOMES = (
    "FATAL",
    "DEATH",
    "DEAD",
    "DIED",
    "FATAL OUTCOME",
    "DEATH RELATED TO ADVERSE EVENT",
)
_FATAL_GRADE = 5

_READ = {
    "AETERM": nw.String,
    "AEDECOD": nw.String,
    "AETOXGR": nw.String,
    "AESEV": nw.String,
    "AEOUT": nw.String,
    "AESDTH": nw.String,
    "AESTDT": nw.Date,
    "AESTDTP": nw.String,
    "AEENDT": nw.Date,
    "AEENDTP": nw.String,
    "AESEQ": nw.Int64,
}
_SUBJECT = {"TRTSDT": nw.Date, "TRTEDT": nw.Date}


def derive_adae(protocol: Protocol, ae: Frame, adsl: Frame) -> LazyFrame:
    """Return one record per adverse event.

    Parameters
    ----------
    protocol : Protocol
        How partial dates are imputed, and until how many days after the last dose events count.
    ae : frame
        Collected events, as ``docs/datasets.md`` says.
    adsl : frame
        USUBJID, TRTSDT, TRTEDT.

    Returns
    -------
    LazyFrame
        The columns of AE, ASTDT, ASTDTF, AENDT, AENDTF, TRTEMFL, ATOXGR (1 to 5), ASEV, ASEVN
        (1 to 3), AOCCFL, AOCCPFL, SRCDOM, SRCVAR, SRCSEQ; sorted by subject, start and sequence.

    Notes
    -----
    - An imputed start is moved to the first dose when the recorded part allows that day and the
      event had not ended before it, and never lies after the end.
    - An event is treatment-emergent when it starts on or after TRTSDT and not later than TRTEDT
      plus the follow-up; where ADSL has no TRTSDT, every event is. A start that is not known
      (missing, or partial and not imputed) counts as emergent when what is recorded allows it and
      the event had not ended before TRTSDT. Without TRTEDT, or without a stated follow-up, there
      is no last day. An event that worsened counts when the worsening was recorded as an event
      with its own start.
    - A fatal event has grade 5 whatever was recorded: by AEOUT (`FATAL_OUTCOMES`) or AESDTH.
    - The worst grade of a subject is that of the treatment-emergent events; without a grade the
      severity word stands in. Of several worst events the first by date counts, one without a
      date last.
    """
    frame = with_subject(with_absent(ae, _READ), adsl, _SUBJECT)
    frame = _dated(frame, protocol.dates)
    frame = _graded(frame)
    follow_up = protocol.adverse_events.follow_up_days if protocol.adverse_events else None
    dosed = "TRTSDT" in adsl.lazy().collect_schema().names()
    frame = _emergent(frame, follow_up, dosed=dosed)
    frame = frame.with_columns(
        nw.coalesce("AEDECOD", "AETERM").alias("_TERM"),
        nw.lit("AE").alias("SRCDOM"),
        nw.lit("AESTDTC").alias("SRCVAR"),
        nw.col("AESEQ").cast(nw.Int64).alias("SRCSEQ"),
    )
    return (
        _first_worst(frame)
        .drop("_TERM", "_TRTSDT", "_TRTEDT")
        .sort("USUBJID", "ASTDT", "SRCSEQ", "AEDECOD", "AETERM")
        .drop(*lent(ae, _READ))
    )


def _dated(frame: LazyFrame, dates: Dates) -> LazyFrame:
    """Add ASTDT, AENDT, their flags, and the last day on which the event can have ended."""
    latest, _ = impute(nw.col("AEENDT"), nw.col("AEENDTP"), "last")
    end, end_flag = impute(
        nw.col("AEENDT"), nw.col("AEENDTP"), dates.end, not_before=nw.col("AESTDT")
    )
    frame = frame.with_columns(
        end.alias("AENDT"), end_flag.alias("AENDTF"), latest.alias("_LASTEND")
    )
    ended_before = known(nw.col("_LASTEND") < nw.col("_TRTSDT"))
    first_dose = nw.when(~ended_before).then(nw.col("_TRTSDT"))
    start, start_flag = impute(
        nw.col("AESTDT"),
        nw.col("AESTDTP"),
        dates.start,
        not_before=first_dose,
        not_after=nw.col("_LASTEND"),
    )
    return frame.with_columns(start.alias("ASTDT"), start_flag.alias("ASTDTF"))


def _emergent(frame: LazyFrame, follow_up: int | None, *, dosed: bool) -> LazyFrame:
    """Add TRTEMFL; where no first dose was collected of anybody, no event came before it."""
    latest_start, _ = impute(nw.col("AESTDT"), nw.col("AESTDTP"), "last")
    frame = frame.with_columns(
        nw.coalesce("ASTDT", "AESTDT").alias("_EARLIEST"), latest_start.alias("_ALLOWED")
    ).with_columns(nw.coalesce("ASTDT", "_ALLOWED").alias("_LATEST"))
    treated = ~nw.col("_TRTSDT").is_null() if dosed else nw.lit(value=True)
    too_early = known(nw.col("_LATEST") < nw.col("_TRTSDT"))
    ended = known(nw.col("_LASTEND") < nw.col("_TRTSDT")) & (
        nw.col("AESTDTP").is_null() | (nw.col("AESTDTP") != "D")
    )
    emergent = treated & ~too_early & ~known(ended)
    if follow_up is not None:
        days_after = day_number(nw.col("_EARLIEST")) - day_number(nw.col("_TRTEDT"))
        emergent = emergent & ~known(days_after > follow_up)
    return frame.with_columns(flag(emergent).alias("TRTEMFL")).drop(
        "_EARLIEST", "_ALLOWED", "_LATEST", "_LASTEND"
    )


def _graded(frame: LazyFrame) -> LazyFrame:
    """Add ATOXGR, ASEV and ASEVN."""
    fatal = known(upper("AEOUT").str.strip_chars().is_in(list(FATAL_OUTCOMES))) | known(
        upper("AESDTH") == "Y"
    )
    severity = upper("AESEV").str.strip_chars()
    rank = nw.lit(None, dtype=nw.Int64)
    for number, word in enumerate(SEVERITIES, start=1):
        rank = nw.when(known(severity == word)).then(nw.lit(number)).otherwise(rank)
    return frame.with_columns(
        nw.when(fatal)
        .then(nw.lit(_FATAL_GRADE))
        .otherwise(_grade())
        .cast(nw.Int64)
        .alias("ATOXGR"),
        severity.alias("ASEV"),
        rank.cast(nw.Int64).alias("ASEVN"),
    )


def _grade() -> nw.Expr:
    """Return the recorded grade as a whole number, null unless it is 1 to 5."""
    recorded = upper("AETOXGR").str.strip_chars()
    chosen = nw.lit(None, dtype=nw.Int64)
    for grade in range(1, _FATAL_GRADE + 1):
        spelled = [f"{grade}", f"{grade}.0", f"GRADE {grade}", f"G{grade}"]
        chosen = nw.when(known(recorded.is_in(spelled))).then(nw.lit(grade)).otherwise(chosen)
    return chosen


def _first_worst(frame: LazyFrame) -> LazyFrame:
    """Add AOCCFL and AOCCPFL."""
    graded = nw.coalesce("ATOXGR", "ASEVN").fill_null(0)
    frame = frame.with_columns(
        (-graded).alias("_BETTER"),
        nw.col("ASTDT").is_null().cast(nw.Int64).alias("_UNDATED"),
    )
    by = ("_BETTER", "_UNDATED", "ASTDT", "SRCSEQ", "_TERM")
    for name, within in (("AOCCFL", ("USUBJID",)), ("AOCCPFL", ("USUBJID", "_TERM"))):
        frame = flag_one(frame, name, nw.col("TRTEMFL") == "Y", within=within, by=by)
    return frame.drop("_BETTER", "_UNDATED")
