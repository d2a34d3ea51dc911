"""Schemas of the domains about lesions and response."""

# ruff: noqa: D102, N805 - the name of a rule is its sentence; dataframely passes the class

from typing import ClassVar

import dataframely as dy
import polars as pl

from hepatica.records.domains.base import (
    YES_NO,
    Domain,
    DomainSchema,
    day,
    exactness,
    number,
    recorded_date,
    sequence,
    text,
    unique_key,
    word,
)
from hepatica.records.findings import ROW, Rule

ROLES = ("TARGET", "NON-TARGET", "NEW")
DIAMETERS = ("LDIAM", "LPERP", "DIAMETER")
RESPONSES = (
    *("CR", "PR", "SD", "NON-CR/NON-PD", "NON-PD", "PD", "NE", "NA", "ND", "NED"),
    *("ICR", "IPR", "ISD", "NON-ICR/NON-IUPD", "IUPD", "ICPD"),
    *("iCR", "iPR", "iSD", "iUPD", "iCPD", "NON-iCR/NON-iUPD"),
    *("Y", "N", "EQUIVOCAL", "UNEQUIVOCAL"),
)
#: Longest diameter that a lesion can have, mm.
LARGEST_LESION = 500


class TuSchema(DomainSchema):
    """Tumour identification: one row for each lesion, evaluator and day it was identified."""

    KEY: ClassVar[tuple[str, ...]] = (
        "USUBJID",
        "TUTESTCD",
        "TULNKID",
        "TUEVAL",
        "TUEVALID",
        "TUDTC",
        "VISIT",
    )

    TUSEQ = sequence()
    TULNKID = text(required=True, filled=True)
    TUTESTCD = text(coded=True)
    TUORRES = text(required=True, coded=True)
    TULOC = text(coded=True)
    TUEVAL = text(coded=True)
    TUEVALID = text(coded=True)
    TUACPTFL = word(*YES_NO, note=True)
    VISIT = text()
    VISITNUM = number(minimum=-1e6, maximum=1e6)
    TUDTC = recorded_date()
    TUDT = day()
    TUDTP = exactness()

    @dy.rule()
    def the_role_of_a_lesion_is_known(cls) -> pl.Expr:
        other = pl.col("TUTESTCD").is_not_null() & (pl.col("TUTESTCD") != "TUMIDENT")
        return other | pl.col("TUORRES").is_in(ROLES).fill_null(value=False)

    @dy.rule()
    def no_lesion_is_identified_twice(cls) -> pl.Expr:
        return unique_key(*cls.KEY)

    @classmethod
    def _sampling_overrides(cls) -> dict[str, pl.Expr]:
        role = pl.col(ROW) % len(ROLES)
        words = pl.when(role == 0).then(pl.lit("NEW")).when(role == 1).then(pl.lit("TARGET"))
        return super()._sampling_overrides() | {"TUORRES": words.otherwise(pl.lit("NON-TARGET"))}


class TrSchema(DomainSchema):
    """Tumour results: one row for each measurement or state of a lesion; diameters in mm."""

    KEY: ClassVar[tuple[str, ...]] = (
        "USUBJID",
        "TRLNKID",
        "TRTESTCD",
        "TREVAL",
        "TREVALID",
        "VISITNUM",
        "VISIT",
        "TRDTC",
    )

    TRSEQ = sequence()
    TRGRPID = word(*ROLES)
    TRLNKID = text(required=True)
    TRTESTCD = text(coded=True)
    TRSTRESN = number()
    TRSTRESC = text()
    TRSTRESU = text()
    TRSTAT = word("NOT DONE", note=True)
    TREVAL = text(coded=True)
    TREVALID = text(coded=True)
    TRACPTFL = word(*YES_NO, note=True)
    VISIT = text()
    VISITNUM = number(minimum=-1e6, maximum=1e6)
    TRDTC = recorded_date(required=True)
    TRDT = day()
    TRDTP = exactness()

    @dy.rule()
    def a_diameter_lies_between_0_and_500_mm(cls) -> pl.Expr:
        inside = pl.col("TRSTRESN").is_between(0, LARGEST_LESION)
        return ~pl.col("TRTESTCD").is_in(DIAMETERS) | inside

    @dy.rule()
    def a_measurement_has_its_lesion_and_date(cls) -> pl.Expr:
        measured = pl.col("TRTESTCD").is_in(DIAMETERS) & pl.col("TRSTRESN").is_not_null()
        return ~measured | (pl.col("TRLNKID").is_not_null() & pl.col("TRDTC").is_not_null())

    @dy.rule()
    def no_lesion_is_measured_twice(cls) -> pl.Expr:
        return unique_key(*cls.KEY)

    @classmethod
    def _sampling_overrides(cls) -> dict[str, pl.Expr]:
        tests = pl.when(pl.col(ROW) % 2 == 0).then(pl.lit("LDIAM")).otherwise(pl.lit("LPERP"))
        diameters = (pl.col(ROW) % (LARGEST_LESION * 10)) / 10
        return super()._sampling_overrides() | {
            "TRTESTCD": tests,
            "TRSTRESN": diameters,
            "TRDT": pl.col("TRDT").fill_null(pl.date(2019, 4, 17)),
            "TRDTC": pl.col("TRDT").fill_null(pl.date(2019, 4, 17)).dt.to_string("%Y-%m-%d"),
            "TRLNKID": pl.format("T{}", pl.col(ROW) % 5),
        }


class RsSchema(DomainSchema):
    """Disease response: one row for each coded response of a visit and evaluator."""

    KEY: ClassVar[tuple[str, ...]] = (
        "USUBJID",
        "RSCAT",
        "RSTESTCD",
        "RSEVAL",
        "RSEVALID",
        "VISITNUM",
        "VISIT",
        "RSDTC",
    )

    RSSEQ = sequence()
    RSTESTCD = text(coded=True)
    RSCAT = text()
    RSSTRESC = word(*RESPONSES, required=True)
    RSSTAT = word("NOT DONE", note=True)
    RSEVAL = text(coded=True)
    RSEVALID = text(coded=True)
    RSACPTFL = word(*YES_NO, note=True)
    VISIT = text()
    VISITNUM = number(minimum=-1e6, maximum=1e6)
    RSDTC = recorded_date(required=True)
    RSDT = day()
    RSDTP = exactness()

    @dy.rule()
    def a_response_has_its_date(cls) -> pl.Expr:
        return pl.col("RSSTRESC").is_null() | pl.col("RSDTC").is_not_null()

    @dy.rule()
    def no_response_is_told_twice(cls) -> pl.Expr:
        return unique_key(*cls.KEY)

    @classmethod
    def _sampling_overrides(cls) -> dict[str, pl.Expr]:
        dated = pl.col("RSDT").fill_null(pl.date(2019, 4, 17))
        more = {"RSDT": dated, "RSDTC": dated.dt.to_string("%Y-%m-%d")}
        return super()._sampling_overrides() | more


DOMAINS = (
    Domain("TU", TuSchema, "TUDT", stands_in={"TUORRES": "TUSTRESC"}, copies_set_aside=True),
    Domain(
        "TR",
        TrSchema,
        "TRDT",
        any_of=(("TRSTRESN", "TRSTRESC", *DIAMETERS, "TUMSTATE"),),
        stands_in={"TRSTRESC": "TRORRES", "TRSTRESN": "TRSTRESC", "TRSTRESU": "TRORRESU"},
        copies_set_aside=True,
    ),
    Domain(
        "RS",
        RsSchema,
        "RSDT",
        stands_in={"RSSTRESC": "RSORRES"},
        defaults={"RSTESTCD": "OVRLRESP"},
        copies_set_aside=True,
    ),
)

SENTENCES = {
    "the_role_of_a_lesion_is_known": Rule(
        "A lesion is TARGET, NON-TARGET or NEW.",
        "Write TARGET, NON-TARGET or NEW in each row.",
        "TUORRES",
    ),
    "no_lesion_is_identified_twice": Rule(
        "No lesion is identified twice by one evaluator on one day.",
        "Keep one row for each subject, lesion, evaluator and day.",
        "TULNKID",
    ),
    "a_diameter_lies_between_0_and_500_mm": Rule(
        f"A diameter lies between 0 and {LARGEST_LESION} mm.",
        "Correct TRSTRESN, and give it in mm.",
        "TRSTRESN",
    ),
    "a_measurement_has_its_lesion_and_date": Rule(
        "A measurement says which lesion was measured, and when.",
        "Fill in TRLNKID and TRDTC.",
    ),
    "no_lesion_is_measured_twice": Rule(
        "No lesion is measured twice by one evaluator at one visit.",
        "Keep one row for each subject, lesion, test, evaluator, visit and day.",
        "TRLNKID",
    ),
    "a_response_has_its_date": Rule("A response has its date.", "Fill in RSDTC.", "RSDTC"),
    "no_response_is_told_twice": Rule(
        "There is one response of a subject, test, evaluator and visit.",
        "Keep one row for each subject, RSTESTCD, evaluator, visit and day.",
        "RSSTRESC",
    ),
}
