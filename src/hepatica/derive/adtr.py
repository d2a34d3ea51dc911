"""ADTR: target lesions, their sums, baseline and the smallest sum before each visit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals.stable.v2 as nw

from hepatica.derive.lesion_records import DAY, NUMBER, SUBJECT, TEXT, WHOLE, Frame, LazyFrame
from hepatica.derive.lesions import TumourVisits, assessments_of, tumour_visits
from hepatica.derive.lists import list_of, together, with_texts
from hepatica.derive.portable import quotient
from hepatica.protocol.model import Protocol

_COLUMNS: dict[str, Any] = {
    "USUBJID": SUBJECT, "PARAMCD": TEXT, "PARAM": TEXT, "TRLNKID": TEXT, "NODALFL": TEXT,
    "AVAL": NUMBER, "AVALH": WHOLE, "ADT": DAY, "ADTF": TEXT, "AVISIT": TEXT,
    "AVISITN": NUMBER, "BASEH": WHOLE, "NADIRH": WHOLE, "BASE": NUMBER, "NADIR": NUMBER,
    "CHG": NUMBER, "PCHG": NUMBER, "PCHGNAD": NUMBER, "LSEXP": WHOLE, "LSASS": WHOLE,
    "ABLFL": TEXT, "ANL01FL": TEXT, "TREVAL": TEXT, "SRCDOM": TEXT, "SRCVAR": TEXT, "SRCSEQ": WHOLE,
}  # fmt: skip


def derive_adtr(
    protocol: Protocol,
    tu: Frame | None,
    tr: Frame,
    adsl: Frame,
    *,
    visits: TumourVisits | None = None,
) -> LazyFrame:
    """Return target lesions and sums of diameters at every visit.

    Parameters
    ----------
    protocol : Protocol
        ``assessments`` names evaluator and criteria.
    tu, tr : frame
        Lesions and their measurements as collected; `tu` may be missing when TR says the group of
        each lesion, and then no lesion is known to be a lymph node.
    adsl : frame
        USUBJID, TRTSDT and RANDDT.
    visits : TumourVisits, optional
        From `tumour_visits`, when already computed.

    Returns
    -------
    narwhals.LazyFrame
        LDIAMn is the longest diameter of target lesion n, NLDIAMn its short axis; ANL01FL marks
        the one that enters the sum, the short axis of a lymph node and the longest diameter of
        any other lesion. The other one stands there when recorded. SDIAM is the sum: AVALH in
        hundredths of a millimetre, AVAL in mm; LSEXP and LSASS count the target lesions expected
        and measured, and a sum with LSASS below LSEXP is of the measured ones only, without
        change and without ANL01FL. BASE, NADIR, CHG, PCHG (%) and PCHGNAD (%) stand with sums
        after baseline; NADIR is the smallest complete sum at earlier visits, baseline included.

    Notes
    -----
    Source: RECIST 1.1, sections 4.2 and 4.3.1, doi 10.1016/j.ejca.2008.10.026.
    """
    seen = visits or tumour_visits(protocol, tu, tr, adsl)
    evaluator = assessments_of(protocol).evaluator or None
    kinds = _text_kinds(seen.lesions)
    other = seen.lesions.filter(~nw.col("OTHER").is_null())
    parts = [
        _lesions(seen.lesions, ("LENGTH", "LENGTH_SEQ"), kinds, in_sum=True),
        _lesions(other, ("OTHER", "OTHER_SEQ"), kinds, in_sum=False),
        _sums(seen.visits, kinds),
    ]
    who = nw.lit(evaluator, dtype=TEXT).alias("TREVAL")
    return together([part.with_columns(who) for part in parts], {**_COLUMNS, **kinds})


_LONG, _SHORT = ("LDIAM", " diameter (mm)"), ("NLDIAM", " short axis (mm)")
_SUM = ("SDIAM", "Target lesions sum of diameters (mm)")


def _names_of(lesions: int) -> dict[str, list[str]]:
    """Return PARAMCD and PARAM of so many lesions: long axes, then short ones."""
    named = [
        (f"{code}{number}", f"Target lesion {number}{label}")
        for code, label in (_LONG, _SHORT)
        for number in range(1, lesions + 1)
    ]
    return {"PARAMCD": [code for code, _ in named], "PARAM": [label for _, label in named]}


def _most_lesions(lesions: LazyFrame) -> int:
    """Return the names of lesions that the study has, where they are a list; 0 elsewhere.

    A subject has no more lesions.
    """
    link = lesions.collect_schema()["LINK"]
    return len(link.categories) if isinstance(link, nw.Enum) else 0


def _text_kinds(lesions: LazyFrame) -> dict[str, Any]:
    """Return the types of texts: lists where the names of lesions are one, else texts."""
    most = _most_lesions(lesions)
    if not most:
        return dict.fromkeys(("NODALFL", "ABLFL", "ANL01FL"), TEXT)
    names = _names_of(most)
    texts = {
        "PARAMCD": [*names["PARAMCD"], _SUM[0]], "PARAM": [*names["PARAM"], _SUM[1]],
        "NODALFL": ["Y", "N"], "ABLFL": ["Y"], "ANL01FL": ["Y"],
    }  # fmt: skip
    return {name: list_of(lesions, values) for name, values in texts.items()}


def _yes(flag: nw.Expr, name: str, kinds: Mapping[str, Any]) -> nw.Expr:
    return nw.when(flag).then(nw.lit("Y", dtype=kinds[name])).alias(name)


def _named(lesions: LazyFrame, short: nw.Expr, kinds: Mapping[str, Any]) -> LazyFrame:
    """Add PARAMCD and PARAM."""
    if "PARAMCD" in kinds:
        names = _names_of(_most_lesions(lesions))
        second = nw.when(short).then(nw.lit(len(names["PARAM"]) // 2)).otherwise(nw.lit(0))
        rows = lesions.with_columns((nw.col("LESION") - 1 + second).alias("_PLACE"))
        return with_texts(rows, "_PLACE", names, kinds)
    number = nw.col("LESION").cast(TEXT)
    prefix = nw.when(short).then(nw.lit(_SHORT[0])).otherwise(nw.lit(_LONG[0]))
    label = nw.when(short).then(nw.lit(_SHORT[1])).otherwise(nw.lit(_LONG[1]))
    return lesions.with_columns(
        nw.concat_str([prefix, number]).alias("PARAMCD"),
        nw.concat_str([nw.lit("Target lesion "), number, label]).alias("PARAM"),
    )


def _lesions(
    lesions: LazyFrame, columns: tuple[str, str], kinds: Mapping[str, Any], *, in_sum: bool
) -> LazyFrame:
    """Return the axis that enters the sum, or the other one: short for a lymph node, else long."""
    length, number = (nw.col(name) for name in columns)
    node = nw.col("NODE") > 0
    short = node if in_sum else ~node
    yes, no = (nw.lit(flag, dtype=kinds["NODALFL"]) for flag in ("Y", "N"))
    counts = (nw.col("IS_BASELINE") | nw.col("ON_STUDY")) & ~length.is_null()
    return _named(lesions, short, kinds).select(
        "USUBJID",
        "PARAMCD",
        "PARAM",
        nw.col("LINK").alias("TRLNKID"),
        nw.when(node).then(yes).otherwise(no).alias("NODALFL"),
        quotient(length, 100).alias("AVAL"),
        length.alias("AVALH"),
        nw.col("LAST").alias("ADT"),
        nw.col("DATE_FLAG").alias("ADTF"),
        nw.col("VISIT").alias("AVISIT"),
        nw.col("VISITNUM").alias("AVISITN"),
        _yes(nw.col("IS_BASELINE"), "ABLFL", kinds),
        _yes(counts if in_sum else nw.lit(value=False), "ANL01FL", kinds),
        nw.lit("TR").alias("SRCDOM"),
        nw.lit("TRSTRESN").alias("SRCVAR"),
        nw.coalesce(number, nw.col("SEQ")).alias("SRCSEQ"),
    )


def _sums(visits: LazyFrame, kinds: Mapping[str, Any]) -> LazyFrame:
    total = nw.col("SUMH")
    compared = nw.col("COMPLETE") & nw.col("ON_STUDY")
    base = nw.when(nw.col("ON_STUDY") | nw.col("IS_BASELINE")).then(nw.col("BASEH"))
    rows = visits.filter(nw.col("LSEXP") > 0).with_columns(base.alias("BASEH"))
    change = nw.when(compared).then(total - nw.col("BASEH"))
    above = nw.when(compared & (nw.col("NADIRH") > 0)).then(total - nw.col("NADIRH"))
    return rows.select(
        "USUBJID",
        nw.lit(_SUM[0]).alias("PARAMCD"),
        nw.lit(_SUM[1]).alias("PARAM"),
        quotient(total, 100).alias("AVAL"),
        total.alias("AVALH"),
        nw.col("LAST").alias("ADT"),
        nw.col("DATE_FLAG").alias("ADTF"),
        nw.col("VISIT").alias("AVISIT"),
        nw.col("VISITNUM").alias("AVISITN"),
        "BASEH",
        "NADIRH",
        quotient(nw.col("BASEH"), 100).alias("BASE"),
        quotient(nw.col("NADIRH"), 100).alias("NADIR"),
        quotient(change, 100).alias("CHG"),
        quotient(change * 100, nw.col("BASEH")).alias("PCHG"),
        quotient(above * 100, nw.col("NADIRH")).alias("PCHGNAD"),
        "LSEXP",
        "LSASS",
        _yes(nw.col("IS_BASELINE"), "ABLFL", kinds),
        _yes(nw.col("COMPLETE") & (nw.col("ON_STUDY") | nw.col("IS_BASELINE")), "ANL01FL", kinds),
        nw.lit("TR").alias("SRCDOM"),
        nw.lit("TRSTRESN").alias("SRCVAR"),
        nw.col("TARGET_SEQ").alias("SRCSEQ"),
    )
