"""Schemas of the domains of measured results: laboratory, vital signs, biomarkers."""

# ruff: noqa: D102, N805 - the name of a rule is its sentence; dataframely passes the class

from typing import ClassVar

import dataframely as dy
import polars as pl

from hepatica.records.domains.base import (
    Domain,
    DomainSchema,
    day,
    exactness,
    number,
    recorded_date,
    sequence,
    text,
    unique_key,
)
from hepatica.records.findings import Rule


class LbSchema(DomainSchema):
    """Laboratory: one row for each result, in one unit for each test."""

    KEY: ClassVar[tuple[str, ...]] = (
        "USUBJID",
        "LBCAT",
        "LBTESTCD",
        "LBSPEC",
        "VISITNUM",
        "VISIT",
        "LBDTC",
    )

    LBSEQ = sequence()
    LBTESTCD = text(required=True, filled=True, coded=True)
    LBTEST = text()
    LBCAT = text()
    LBSPEC = text()
    LBSTRESN = number()
    LBSTRESC = text()
    LBSTRESU = text()
    LBSTNRLO = number()
    LBSTNRHI = number()
    VISIT = text()
    VISITNUM = number(minimum=-1e6, maximum=1e6)
    LBDTC = recorded_date(required=True)
    LBDT = day()
    LBDTP = exactness()

    @dy.rule()
    def the_normal_range_is_in_order(cls) -> pl.Expr:
        return pl.col("LBSTNRLO") <= pl.col("LBSTNRHI")

    @dy.rule()
    def no_laboratory_result_is_told_twice(cls) -> pl.Expr:
        return unique_key(*cls.KEY)


class VsSchema(DomainSchema):
    """Vital signs: one row for each result."""

    VSSEQ = sequence()
    VSTESTCD = text(required=True, filled=True, coded=True)
    VSSTRESN = number()
    VSSTRESC = text()
    VSSTRESU = text()
    VSPOS = text()
    VISIT = text()
    VISITNUM = number(minimum=-1e6, maximum=1e6)
    VSDTC = recorded_date()
    VSDT = day()
    VSDTP = exactness()


class BmSchema(DomainSchema):
    """Biomarkers: one row for each result; BMLLOQ is the lower limit of quantification."""

    KEY: ClassVar[tuple[str, ...]] = ("USUBJID", "BMTESTCD", "VISITNUM", "VISIT", "BMDTC")

    BMSEQ = sequence()
    BMTESTCD = text(required=True, filled=True, coded=True)
    BMTEST = text()
    BMSTRESN = number()
    BMSTRESC = text()
    BMSTRESU = text()
    BMLLOQ = number(minimum=0)
    VISIT = text()
    VISITNUM = number(minimum=-1e6, maximum=1e6)
    BMDTC = recorded_date()
    BMDT = day()
    BMDTP = exactness()

    @dy.rule()
    def no_biomarker_is_told_twice(cls) -> pl.Expr:
        return unique_key(*cls.KEY)


DOMAINS = tuple(
    Domain(
        name,
        schema,
        f"{name}DT",
        any_of=((f"{name}STRESN", f"{name}STRESC"),),
        stands_in={
            f"{name}STRESC": f"{name}ORRES",
            f"{name}STRESN": f"{name}STRESC",
            f"{name}STRESU": f"{name}ORRESU",
        },
        copies_set_aside=name == "BM",
    )
    for name, schema in (("LB", LbSchema), ("VS", VsSchema), ("BM", BmSchema))
)

SENTENCES = {
    "the_normal_range_is_in_order": Rule(
        "The lower limit of a normal range is not above the upper.",
        "Correct LBSTNRLO or LBSTNRHI.",
        "LBSTNRLO",
    ),
    "no_laboratory_result_is_told_twice": Rule(
        "There is one result of a subject, test, visit and time.",
        "Kept as recorded. Look whether one of the rows is a copy.",
        "LBTESTCD",
        severity="note",
    ),
    "no_biomarker_is_told_twice": Rule(
        "There is one result of a subject, biomarker, visit and time.",
        "Keep one row for each subject, BMTESTCD, visit and time.",
        "BMTESTCD",
    ),
}
