"""Schemas of the domains about treatment and what happened under it."""

# ruff: noqa: D102, N805 - the name of a rule is its sentence; dataframely passes the class

from typing import ClassVar

import dataframely as dy
import polars as pl

from hepatica.records.domains.base import (
    YES_NO,
    Domain,
    DomainSchema,
    day,
    ends_not_before,
    exactness,
    number,
    recorded_date,
    sequence,
    text,
    unique_key,
    whole,
    word,
)
from hepatica.records.findings import Rule


class ExSchema(DomainSchema):
    """Exposure: one row for each interval of constant dosing of a drug."""

    KEY: ClassVar[tuple[str, ...]] = ("USUBJID", "EXTRT", "EXDOSE", "EXDOSU", "EXSTDTC", "EXENDTC")

    EXSEQ = sequence()
    EXTRT = text()
    EXDOSE = number(minimum=0)
    EXDOSU = text()
    EXADJ = text()
    EXSTDTC = recorded_date(required=True)
    EXSTDT = day()
    EXSTDTP = exactness()
    EXENDTC = recorded_date()
    EXENDT = day()
    EXENDTP = exactness()

    @dy.rule()
    def a_dose_says_when_it_started(cls) -> pl.Expr:
        return (pl.col("EXDOSE") == 0) | pl.col("EXSTDTC").is_not_null()

    @dy.rule()
    def no_dose_ends_before_it_starts(cls) -> pl.Expr:
        return ends_not_before("EXST", "EXEN")

    @dy.rule()
    def no_dose_is_told_twice(cls) -> pl.Expr:
        return unique_key(*cls.KEY)


class AeSchema(DomainSchema):
    """Adverse events: one row for each event; AETOXGR is the CTCAE grade."""

    KEY: ClassVar[tuple[str, ...]] = (
        "USUBJID",
        "AETERM",
        "AEDECOD",
        "AETOXGR",
        "AESEV",
        "AESTDTC",
        "AEENDTC",
    )

    AESEQ = sequence()
    AETERM = text()
    AEDECOD = text()
    AEBODSYS = text()
    AETOXGR = whole(1, 5)
    AESEV = word(
        *("MILD", "MODERATE", "SEVERE", "LIFE THREATENING", "LIFE-THREATENING", "FATAL", "DEATH"),
        note=True,
    )
    AESER = word(*YES_NO)
    AEREL = text()
    AEACN = text(coded=True)
    AEOUT = text(coded=True)
    AESDTH = word(*YES_NO)
    AESTDTC = recorded_date()
    AESTDT = day()
    AESTDTP = exactness()
    AEENDTC = recorded_date()
    AEENDT = day()
    AEENDTP = exactness()

    @dy.rule()
    def each_row_names_its_event(cls) -> pl.Expr:
        return pl.col("AETERM").is_not_null() | pl.col("AEDECOD").is_not_null()

    @dy.rule()
    def no_event_ends_before_it_starts(cls) -> pl.Expr:
        return ends_not_before("AEST", "AEEN")

    @dy.rule()
    def no_adverse_event_is_told_twice(cls) -> pl.Expr:
        return unique_key(*cls.KEY)

    @classmethod
    def _sampling_overrides(cls) -> dict[str, pl.Expr]:
        return super()._sampling_overrides() | {"AETERM": pl.col("AETERM").fill_null("Fatigue")}


class CmSchema(DomainSchema):
    """Concomitant, prior and subsequent therapy: one row for each."""

    CMSEQ = sequence()
    CMTRT = text(required=True, filled=True)
    CMDECOD = text()
    CMCAT = text()
    CMSTDTC = recorded_date()
    CMSTDT = day()
    CMSTDTP = exactness()
    CMENDTC = recorded_date()
    CMENDT = day()
    CMENDTP = exactness()

    @dy.rule()
    def no_therapy_ends_before_it_starts(cls) -> pl.Expr:
        return ends_not_before("CMST", "CMEN")


class PrSchema(DomainSchema):
    """Procedures: one row for each."""

    PRSEQ = sequence()
    PRTRT = text(required=True, filled=True)
    PRDECOD = text()
    PRCAT = text()
    PRSTDTC = recorded_date()
    PRSTDT = day()
    PRSTDTP = exactness()
    PRENDTC = recorded_date()
    PRENDT = day()
    PRENDTP = exactness()

    @dy.rule()
    def no_procedure_ends_before_it_starts(cls) -> pl.Expr:
        return ends_not_before("PRST", "PREN")


DOMAINS = (
    Domain("EX", ExSchema, "EXSTDT"),
    Domain("AE", AeSchema, "AESTDT", any_of=(("AETERM", "AEDECOD"),)),
    Domain("CM", CmSchema, "CMSTDT"),
    Domain("PR", PrSchema, "PRSTDT"),
)

SENTENCES = {
    "a_dose_says_when_it_started": Rule(
        "A dose says when it started.", "Fill in EXSTDTC.", "EXSTDTC"
    ),
    "no_dose_ends_before_it_starts": Rule(
        "No dose ends before it starts.", "Correct EXSTDTC or EXENDTC.", "EXENDTC"
    ),
    "no_dose_is_told_twice": Rule(
        "No interval of dosing is told twice.", "Keep one of the rows.", "EXTRT"
    ),
    "each_row_names_its_event": Rule(
        "Each row names its event.", "Fill in AETERM or AEDECOD.", "AETERM"
    ),
    "no_event_ends_before_it_starts": Rule(
        "No adverse event ends before it starts.", "Correct AESTDTC or AEENDTC.", "AEENDTC"
    ),
    "no_adverse_event_is_told_twice": Rule(
        "No adverse event is told twice.",
        "Kept as recorded. Look whether one of the rows is a copy.",
        "AETERM",
        severity="note",
    ),
    "no_therapy_ends_before_it_starts": Rule(
        "No therapy ends before it starts.", "Correct CMSTDTC or CMENDTC.", "CMENDTC"
    ),
    "no_procedure_ends_before_it_starts": Rule(
        "No procedure ends before it starts.", "Correct PRSTDTC or PRENDTC.", "PRENDTC"
    ),
}
