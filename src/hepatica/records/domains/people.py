"""Schemas of the domains about subjects, their course and the conduct of the study."""

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
    word,
)
from hepatica.records.findings import Rule


class DmSchema(DomainSchema):
    """Demographics: one row for each subject; a spreadsheet adds its baseline columns."""

    KEY: ClassVar[tuple[str, ...]] = ("USUBJID",)

    SITEID = text()
    ARM = text()
    ACTARM = text()
    RFICDTC = recorded_date()
    RFICDT = day()
    RFICDTP = exactness()
    RFSTDTC = recorded_date()
    RFSTDT = day()
    RFSTDTP = exactness()
    RFENDTC = recorded_date()
    RFENDT = day()
    RFENDTP = exactness()
    RFXSTDTC = recorded_date()
    RFXSTDT = day()
    RFXSTDTP = exactness()
    RFXENDTC = recorded_date()
    RFXENDT = day()
    RFXENDTP = exactness()
    RFPENDTC = recorded_date()
    RFPENDT = day()
    RFPENDTP = exactness()
    DTHDTC = recorded_date()
    DTHDT = day()
    DTHDTP = exactness()
    DTHFL = word(*YES_NO)
    AGE = number(minimum=0, maximum=130)
    SEX = text()
    RACE = text()

    @dy.rule()
    def each_subject_has_one_row(cls) -> pl.Expr:
        return unique_key(*cls.KEY)

    @dy.rule()
    def first_dose_is_not_after_last_dose(cls) -> pl.Expr:
        return ends_not_before("RFXST", "RFXEN")


class DsSchema(DomainSchema):
    """Disposition: one row for each event (randomised, treatment ended, study ended, death)."""

    KEY: ClassVar[tuple[str, ...]] = ("USUBJID", "DSCAT", "DSDECOD", "DSTERM", "DSSTDTC")

    DSSEQ = sequence()
    DSTERM = text()
    DSDECOD = text(required=True, filled=True, coded=True)
    DSCAT = text(coded=True)
    DSSTDTC = recorded_date()
    DSSTDT = day()
    DSSTDTP = exactness()

    @dy.rule()
    def no_event_is_told_twice(cls) -> pl.Expr:
        return unique_key(*cls.KEY)


class SsSchema(DomainSchema):
    """Survival status: one row for each contact with a subject or the family."""

    KEY: ClassVar[tuple[str, ...]] = ("USUBJID", "SSTESTCD", "SSDTC")

    SSSEQ = sequence()
    SSTESTCD = text(coded=True)
    SSSTRESC = word("ALIVE", "DEAD", "LOST TO FOLLOW-UP", "UNKNOWN", required=True)
    SSDTC = recorded_date(required=True)
    SSDT = day()
    SSDTP = exactness()

    @dy.rule()
    def no_contact_is_told_twice(cls) -> pl.Expr:
        return unique_key(*cls.KEY)


class SvSchema(DomainSchema):
    """Subject visits: one row for each visit that took place."""

    KEY: ClassVar[tuple[str, ...]] = ("USUBJID", "VISITNUM", "VISIT", "SVSTDTC")

    SVSEQ = sequence()
    VISIT = text()
    VISITNUM = number(minimum=-1e6, maximum=1e6)
    SVSTDTC = recorded_date(required=True)
    SVSTDT = day()
    SVSTDTP = exactness()
    SVENDTC = recorded_date()
    SVENDT = day()
    SVENDTP = exactness()

    @dy.rule()
    def no_visit_is_told_twice(cls) -> pl.Expr:
        return unique_key(*cls.KEY)

    @dy.rule()
    def no_visit_ends_before_it_starts(cls) -> pl.Expr:
        return ends_not_before("SVST", "SVEN")


class IeSchema(DomainSchema):
    """Inclusion and exclusion criteria that were not met: one row for each."""

    KEY: ClassVar[tuple[str, ...]] = ("USUBJID", "IETESTCD", "IETEST")

    IESEQ = sequence()
    IETESTCD = text(coded=True)
    IETEST = text()
    IECAT = text(coded=True)
    IEORRES = word(*YES_NO, note=True)

    @dy.rule()
    def no_criterion_is_told_twice(cls) -> pl.Expr:
        return unique_key(*cls.KEY)


class DvSchema(DomainSchema):
    """Protocol deviations: one row for each."""

    KEY: ClassVar[tuple[str, ...]] = ("USUBJID", "DVCAT", "DVDECOD", "DVTERM", "DVSTDTC")

    DVSEQ = sequence()
    DVTERM = text(required=True, filled=True)
    DVDECOD = text()
    DVCAT = text()
    DVSTDTC = recorded_date()
    DVSTDT = day()
    DVSTDTP = exactness()

    @dy.rule()
    def no_deviation_is_told_twice(cls) -> pl.Expr:
        return unique_key(*cls.KEY)


class MhSchema(DomainSchema):
    """Medical history: one row for each condition."""

    MHSEQ = sequence()
    MHTERM = text(required=True, filled=True)
    MHDECOD = text()
    MHCAT = text()
    MHSTDTC = recorded_date()
    MHSTDT = day()
    MHSTDTP = exactness()


DOMAINS = (
    Domain("DM", DmSchema, stands_in={"ARM": "ACTARM", "ACTARM": "ARM"}),
    Domain("DS", DsSchema, "DSSTDT"),
    Domain(
        "SS",
        SsSchema,
        "SSDT",
        stands_in={"SSSTRESC": "SSORRES"},
        defaults={"SSTESTCD": "SURVSTAT"},
        copies_set_aside=True,
    ),
    Domain("SV", SvSchema, "SVSTDT"),
    Domain("IE", IeSchema, any_of=(("IETESTCD", "IETEST"),)),
    Domain("DV", DvSchema, "DVSTDT"),
    Domain("MH", MhSchema, "MHSTDT"),
)

_COPY = "Kept as recorded. Look whether one of the rows is a copy."
SENTENCES = {
    "each_subject_has_one_row": Rule(
        "Each subject has one row.", "Keep one row for each subject.", "USUBJID"
    ),
    "first_dose_is_not_after_last_dose": Rule(
        "The first dose is not after the last.", "Correct RFXSTDTC or RFXENDTC.", "RFXSTDTC"
    ),
    "no_event_is_told_twice": Rule(
        "No disposition event of a subject is told twice.", _COPY, "DSDECOD", severity="note"
    ),
    "no_contact_is_told_twice": Rule(
        "There is one survival status of a subject and day.",
        "Keep one row for each subject and SSDTC.",
        "SSSTRESC",
    ),
    "no_visit_is_told_twice": Rule(
        "No visit of a subject is told twice.", _COPY, "VISIT", severity="note"
    ),
    "no_visit_ends_before_it_starts": Rule(
        "No visit ends before it starts.", "Correct SVSTDTC or SVENDTC.", "SVENDTC"
    ),
    "no_criterion_is_told_twice": Rule(
        "No criterion of a subject is told twice.", _COPY, "IETESTCD", severity="note"
    ),
    "no_deviation_is_told_twice": Rule(
        "No protocol deviation of a subject is told twice.", _COPY, "DVTERM", severity="note"
    ),
}
