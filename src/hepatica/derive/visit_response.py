"""Visit responses: from the lesions by the criteria, or as the evaluator coded them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals.stable.v2 as nw

from hepatica.derive.criteria.verdicts import Criteria, Sizes, Verdicts, place_of, told
from hepatica.derive.lesion_records import (
    DAY,
    NUMBER,
    SUBJECT,
    TEXT,
    WHOLE,
    LazyFrame,
    assessment_day,
    evaluator_records,
    has_readers,
)
from hepatica.derive.lists import list_of, with_texts
from hepatica.derive.portable import held, typed
from hepatica.derive.progression_blocks import confirmed_progressions
from hepatica.derive.running import running
from hepatica.protocol.model import Imputation

#: Columns of a visit response, whatever it comes from.
RESPONSE: dict[str, Any] = {
    "USUBJID": SUBJECT, "PARAMCD": TEXT, "AVALC": TEXT, "ADT": DAY, "ADTF": TEXT,
    "AVISIT": TEXT, "AVISITN": NUMBER, "RSEVAL": TEXT, "RULEID": TEXT, "RULE": TEXT, "SRCDOM": TEXT,
    "SRCVAR": TEXT, "SRCSEQ": WHOLE,
}  # fmt: skip

_RS = {
    "USUBJID": SUBJECT, "RSTESTCD": TEXT, "RSSTRESC": TEXT, "RSCAT": TEXT, "RSDT": DAY,
    "RSDTP": TEXT, "RSEVAL": TEXT, "RSEVALID": TEXT, "RSACPTFL": TEXT, "VISIT": TEXT,
    "VISITNUM": NUMBER, "RSSEQ": WHOLE,
}  # fmt: skip
#: What is read of RS.
RS_COLUMNS = tuple(_RS)
_CODED = {"OVRLRESP": "OVR", "TRGRESP": "TRG", "NTRGRESP": "NTRG", "NEWLPROG": "NEWL"}
_JUDGED = (
    "USUBJID", "VISIT", "VISITNUM", "FIRST", "LAST", "TARGET_SEQ", "NON_TARGET_SEQ",
    "NEW_TU_SEQ", "NEW_TR_SEQ", "DATE_FLAG",
)  # fmt: skip
CODED_ID = "coded"
CODED_RULE = "The response as the evaluator recorded it."


def responses_from_lesions(
    visits: LazyFrame, criteria: Criteria, evaluator: str, kinds: Mapping[str, Any]
) -> LazyFrame:
    """Return TRG, NTRG, NEWL and OVR of every visit after the first dose.

    Parameters
    ----------
    visits : frame
        From `hepatica.derive.lesions.tumour_visits`.
    criteria : Criteria
        Tables of verdicts.
    evaluator : str
        Stands in RSEVAL.
    kinds : mapping of str to Narwhals data type
        Types of the texts, from `hepatica.derive.response_texts`.

    Returns
    -------
    narwhals.LazyFrame
        The columns of `RESPONSE`. A visit is dated on its first scan day when the record says
        progression or a new lesion, otherwise on its last.
    """
    facts = _facts(visits.filter(nw.col("ON_STUDY")), criteria.sizes)
    no = nw.lit(value=False)
    first = _placed(facts.with_columns(BACK=no, NON_TARGET_BACK=no, RESPONDED=no), criteria, kinds)
    judged = _placed(_remembering(held(first)), criteria, kinds)
    if criteria.progression:
        judged = confirmed_progressions(held(judged), criteria, kinds["AVALC"])
    judged = held(judged.select(*_JUDGED, "_TRG", "_NTRG", "_NEWL", "_OVR"))
    tables = (
        ("TRG", criteria.target), ("NTRG", criteria.non_target), ("NEWL", criteria.new_lesion),
        ("OVR", (*criteria.progression, *criteria.overall)),
    )  # fmt: skip
    return nw.concat([_records(judged, name, table, evaluator, kinds) for name, table in tables])


def _facts(visits: LazyFrame, sizes: Sizes) -> LazyFrame:
    """Add what the verdicts ask for, each a comparison of integers."""
    total, base, nadir = nw.col("SUMH"), nw.col("BASEH"), nw.col("NADIRH")
    grown = (
        (100 * (total - nadir) >= sizes.progression_percent * nadir)
        & (total - nadir >= sizes.progression_least)
        & (total > nadir)
    )
    shrunk = 100 * total <= (100 - sizes.response_percent) * base
    return visits.with_columns(
        (nw.col("LSEXP") > 0).alias("TARGETS"),
        (nw.col("LSASS") > 0).alias("ASSESSED"),
        (~base.is_null()).alias("BASELINE"),
        (nw.col("COMPLETE") & (nw.col("LEFT") == 0)).alias("GONE"),
        grown.alias("GROWN"),
        (nw.col("COMPLETE") & shrunk).alias("SHRUNK"),
        (nw.col("NTEXP") > 0).alias("NON_TARGETS"),
        (nw.col("NTASS") >= nw.col("NTEXP")).alias("NON_TARGETS_COMPLETE"),
        (nw.col("NON_TARGETS_WORSE") > 0).alias("NON_TARGET_WORSE"),
    )


def _placed(facts: LazyFrame, criteria: Criteria, kinds: Mapping[str, Any]) -> LazyFrame:
    """Find the verdict on each part of every visit, and on the whole."""
    columns = facts.collect_schema()
    parts = (
        ("TRG", criteria.target), ("NTRG", criteria.non_target), ("NEWL", criteria.new_lesion),
    )  # fmt: skip
    facts = facts.with_columns(*(place_of(table, columns, f"_{name}") for name, table in parts))
    for name, table in parts:
        facts = with_texts(facts, f"_{name}", {name: told(table)["AVALC"]}, {name: kinds["AVALC"]})
    place = place_of(criteria.overall, facts.collect_schema(), "_OVR")
    facts = facts.with_columns(place)
    return with_texts(
        facts, "_OVR", {"OVR": told(criteria.overall)["AVALC"]}, {"OVR": kinds["AVALC"]}
    )


def _remembering(judged: LazyFrame) -> LazyFrame:
    """Add what earlier visits showed: a complete response, a response kept, progression."""
    flags = {
        "_HAD_CR": nw.col("OVR") == "CR",
        "_HAD_PR": nw.col("TRG").is_in(["CR", "PR"]),
        "_HAD_PD": nw.col("TRG") == "PD",
    }
    judged = judged.with_columns(
        *(flag.fill_null(value=False).cast(WHOLE).alias(name) for name, flag in flags.items())
    )
    judged = running(judged, "ORDER", {f"{name}S": ("sum", name) for name in flags})
    judged = judged.with_columns(
        *((nw.col(f"{name}S") - nw.col(name)).alias(name) for name in flags)
    ).drop(*(f"{name}S" for name in flags))
    had_cr = nw.col("_HAD_CR") > 0
    return judged.with_columns(
        (had_cr & (nw.col("LEFT") > 0)).alias("BACK"),
        (had_cr & (nw.col("NON_NODES_LEFT") > 0)).alias("NON_TARGET_BACK"),
        (nw.col("COMPLETE") & (nw.col("_HAD_PR") > 0) & (nw.col("_HAD_PD") == 0)).alias(
            "RESPONDED"
        ),
    )


def _records(
    judged: LazyFrame, name: str, table: Verdicts, evaluator: str, kinds: Mapping[str, Any]
) -> LazyFrame:
    """Return the records of one parameter, with the rule and the lesions that decided."""
    place = f"_{name}"
    parts = [str(one.part) for one in table]
    texts = {**told(table), "_PART": parts}
    rows = judged.filter(~nw.col(place).is_null())
    rows = with_texts(rows, place, texts, {**kinds, "_PART": list_of(rows, parts)})
    variable, domain = kinds["SRCVAR"], kinds["SRCDOM"]
    early = nw.col("AVALC").is_in(["PD", "UPD", "Y"])
    new = nw.col("_PART") == "new"
    other = nw.col("_PART") == "non_target"
    from_tu = new & ~nw.col("NEW_TU_SEQ").is_null()
    seq = nw.when(other).then(nw.col("NON_TARGET_SEQ")).otherwise(nw.col("TARGET_SEQ"))
    new_seq = nw.coalesce(nw.col("NEW_TU_SEQ"), nw.col("NEW_TR_SEQ"))
    category, number = (nw.lit(one, dtype=variable) for one in ("TRSTRESC", "TRSTRESN"))
    state = nw.when(new | other).then(category).otherwise(number)
    return rows.select(
        "USUBJID",
        nw.lit(name, dtype=kinds["PARAMCD"]).alias("PARAMCD"),
        "AVALC",
        nw.when(early).then(nw.col("FIRST")).otherwise(nw.col("LAST")).alias("ADT"),
        nw.col("DATE_FLAG").alias("ADTF"),
        nw.col("VISIT").alias("AVISIT"),
        nw.col("VISITNUM").alias("AVISITN"),
        nw.lit(evaluator or None, dtype=TEXT).alias("RSEVAL"),
        "RULEID",
        "RULE",
        nw.when(from_tu)
        .then(nw.lit("TU", dtype=domain))
        .otherwise(nw.lit("TR", dtype=domain))
        .alias("SRCDOM"),
        nw.when(from_tu).then(nw.lit("TUORRES", dtype=variable)).otherwise(state).alias("SRCVAR"),
        nw.when(new).then(new_seq).otherwise(seq).alias("SRCSEQ"),
    )


def _plain(value: nw.Expr, criteria: Criteria) -> nw.Expr:
    """Return a recorded response in the words of the verdicts."""
    plain = value
    for word, written in criteria.words.items():
        plain = nw.when(value == written.upper()).then(nw.lit(word)).otherwise(plain)
    return plain


def responses_as_coded(
    rs: LazyFrame, criteria: Criteria, evaluator: str, how: Imputation = "none"
) -> LazyFrame:
    """Return the responses that the evaluator recorded in RS.

    Records of other criteria (RSCAT) are left out; records that name none count.

    Parameters
    ----------
    rs : frame
        As collected.
    criteria : Criteria
        Its name is what RSCAT has to say when it says something.
    evaluator : str
        What RSEVAL has to say when it says something; everybody when empty.
    how : str
        The protocol's rule for partial dates of assessments.
    """
    names = rs.collect_schema().names()
    readers, precise = has_readers(rs, "RS"), "RSDTP" in names
    rs = typed(rs, _RS).filter(nw.col("RSTESTCD").is_in(list(_CODED)))
    same = nw.col("RSCAT").str.to_uppercase() == criteria.name.upper()
    rs = evaluator_records(rs.filter(nw.col("RSCAT").is_null() | same), "RS", evaluator, readers)
    parameter = nw.lit(None, dtype=TEXT)
    for test, name in _CODED.items():
        parameter = nw.when(nw.col("RSTESTCD") == test).then(nw.lit(name)).otherwise(parameter)
    value = _plain(nw.col("RSSTRESC").str.to_uppercase(), criteria)
    day, flag = assessment_day("RS", precise, how)
    newly = nw.when(value == "UNEQUIVOCAL").then(nw.lit("Y")).otherwise(value)
    return rs.filter(~value.is_null()).select(
        "USUBJID",
        parameter.alias("PARAMCD"),
        nw.when(nw.col("RSTESTCD") == "NEWLPROG").then(newly).otherwise(value).alias("AVALC"),
        day.alias("ADT"),
        flag.alias("ADTF"),
        nw.col("VISIT").alias("AVISIT"),
        nw.col("VISITNUM").alias("AVISITN"),
        nw.col("RSEVAL"),
        nw.lit(CODED_ID).alias("RULEID"),
        nw.lit(CODED_RULE).alias("RULE"),
        nw.lit("RS").alias("SRCDOM"),
        nw.lit("RSSTRESC").alias("SRCVAR"),
        nw.col("RSSEQ").alias("SRCSEQ"),
    )
