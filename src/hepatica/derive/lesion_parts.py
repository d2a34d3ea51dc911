"""Lesions that split or merged: the records of their parts become records of the lesions.

A fragment is named after its lesion (T1.1, T1.2): its diameters are added. Lesions that merged are
named together (T1/T2): one diameter counts for all of them, and stands with the first target lesion
named, or else the first lesion. Sources: RECIST 1.1, appendix II (lesions that split or coalesce);
which fragments have to be measured, and where the diameter of merged lesions stands, is our
reading.
"""

from __future__ import annotations

import narwhals.stable.v2 as nw

from hepatica.derive.lesion_records import (
    NAMES,
    STATES,
    SUBJECT,
    TEXT,
    VISIT_KEY,
    WHOLE,
    Frame,
    LazyFrame,
    role_of_lesion,
    visit_day,
)
from hepatica.derive.lists import is_listed
from hepatica.derive.portable import held, typed
from hepatica.records.lesion_names import named_parts

_DAYS = {"FIRST": "min", "ANY_FIRST": "min", "LAST": "max", "ANY_LAST": "max"}
_LENGTHS = ("LENGTH", "LARGEST")
_SEQS = ("SEQ", "LENGTH_SEQ", "OTHER_SEQ")
_KEY = (*VISIT_KEY, "LINK")


def parts_of_lesions(tu: Frame | None, tr: Frame) -> LazyFrame | None:
    """Return the parts of lesions that the tables name, as `named_parts` does; None without any.

    Most studies have none; then nothing has to be put together.
    """
    tables = [(tr, "TRLNKID")] + ([(tu, "TULNKID")] if tu is not None else [])
    if all(is_listed(table.collect_schema().get(column)) for table, column in tables):
        return None  # a list is made of names only when none could be that of a part
    names = [
        typed(table.lazy(), {"USUBJID": SUBJECT, column: TEXT}).rename({column: "LINK"})
        for table, column in tables
    ]
    parts = held(named_parts(nw.concat(names)))
    return parts if parts.head(1).collect().shape[0] else None


def without_parts(identified: LazyFrame, parts: LazyFrame) -> LazyFrame:
    """Return the lesions identified without their parts, which are no lesions of their own."""
    return held(identified.join(parts, on=["USUBJID", "LINK"], how="anti"))


def roles_with_parts(identified: LazyFrame, parts: LazyFrame) -> LazyFrame:
    """Return role and kind of each lesion, and of each part those of its lesions."""
    roles = role_of_lesion(identified)
    own = parts.join(
        roles.rename({"LINK": "LESION"}), on=["USUBJID", "LESION"], how="inner"
    )  # fmt: skip
    # Of several roles TARGET wins, as the last in the alphabet.
    of_parts = own.group_by("USUBJID", "LINK").agg(nw.col("NODE").max(), nw.col("ROLE").max())
    columns = ["USUBJID", "LINK", "NODE", "ROLE"]
    return nw.concat([roles.select(*columns), of_parts.select(*columns)])


def whole_lesions(lesions: LazyFrame, parts: LazyFrame) -> LazyFrame:
    """Return one row for each lesion and visit, made from those of its parts.

    Parameters
    ----------
    lesions : frame
        From `hepatica.derive.lesion_records.lesion_visits`, parts standing by themselves.
    parts : frame
        From `parts_of_lesions`.

    Returns
    -------
    narwhals.LazyFrame
        The same columns. PARTIAL is 1 where a fragment that had been seen by then was not
        measured: the length is then that of the others, and the lesion is not measured whole.
    """
    merged = parts.filter(nw.col("MERGED") == 1).drop("MERGED")
    split = parts.filter(nw.col("MERGED") == 0).drop("MERGED", "PLACE")
    rows = held(_put_together(lesions, _shared(lesions, merged)))
    return _put_together(rows, _added(rows, split))


def _shared(lesions: LazyFrame, merged: LazyFrame) -> LazyFrame:
    """Return a row for each lesion of a merged mass; one of them has its length, the others 0."""
    roles = lesions.group_by("USUBJID", "LINK").agg(nw.col("ROLE").max())
    roles = roles.select("USUBJID", nw.col("LINK").alias("LESION"), nw.col("ROLE").alias("_ROLE"))
    named = merged.join(roles, on=["USUBJID", "LESION"], how="left")
    target = (nw.col("_ROLE") == "TARGET").fill_null(value=False)
    place = nw.col("PLACE") + (1 - target.cast(WHOLE)) * 100
    named = named.with_columns(place.alias("PLACE"))
    named = named.with_columns(nw.col("PLACE").min().over("USUBJID", "LINK").alias("_LEAST"))
    rows = lesions.join(named, on=["USUBJID", "LINK"], how="inner")
    carries = nw.col("PLACE") == nw.col("_LEAST")
    length, nothing = nw.col("LENGTH"), nw.lit(0).cast(WHOLE)
    gone = nw.when(~length.is_null()).then(nothing)
    return rows.with_columns(
        *(nw.when(carries).then(length).otherwise(gone).alias(name) for name in _LENGTHS),
        nw.when(carries).then(nw.col("OTHER")).alias("OTHER"),
        nw.coalesce(nw.col("_ROLE"), nw.col("ROLE")).alias("ROLE"),
        nw.lit(1).cast(WHOLE).alias("EXPECTED"),
    )


def _added(lesions: LazyFrame, split: LazyFrame) -> LazyFrame:
    """Return the fragments, each with how many of its lesion had been seen by its visit."""
    rows = lesions.join(split, on=["USUBJID", "LINK"], how="inner")
    rows = rows.with_columns(visit_day().alias("_DAY"))
    rows = rows.with_columns(
        nw.col("_DAY").max().over(*VISIT_KEY, "LESION").alias("_DAY"),
        nw.col("_DAY").min().over("USUBJID", "LINK").alias("_SEEN"),
    )
    seen = rows.select("USUBJID", "LESION", "LINK", "_SEEN").unique(
        subset=["USUBJID", "LESION", "LINK"]
    )
    visits = rows.select(*VISIT_KEY, "LESION", "_DAY").unique(subset=[*VISIT_KEY, "LESION"])
    pairs = visits.join(seen, on=["USUBJID", "LESION"], how="inner")
    known = (nw.col("_SEEN") <= nw.col("_DAY")).fill_null(value=True).cast(WHOLE)
    expected = pairs.with_columns(known.alias("EXPECTED")).group_by(*VISIT_KEY, "LESION")
    counted = expected.agg(nw.col("EXPECTED").sum().cast(WHOLE))
    return rows.join(counted, on=[*VISIT_KEY, "LESION"], how="left")


def _put_together(lesions: LazyFrame, parts: LazyFrame) -> LazyFrame:
    """Return the rows, with those of the parts in the place of what they are parts of."""
    kinds = dict(lesions.collect_schema())
    names = parts.select("USUBJID", "LINK").unique(subset=["USUBJID", "LINK"])
    rest = lesions.join(names, on=["USUBJID", "LINK"], how="anti")
    own = parts.drop("LINK").rename({"LESION": "LINK"})
    key = own.select(*_KEY).unique(subset=list(_KEY))
    beside = rest.join(key, on=list(_KEY), how="semi")
    nothing = nw.lit(None, dtype=WHOLE)
    told = {**kinds, "_PART": WHOLE, "EXPECTED": WHOLE, "_OWN": WHOLE}
    apart = own.with_columns(nw.col("LENGTH").alias("_PART"), nothing.alias("_OWN"))
    alone = nw.col("LENGTH").alias("_OWN")
    beside = beside.with_columns(alone, *(nothing.alias(name) for name in ("_PART", "EXPECTED")))
    rows = nw.concat([typed(apart, told), typed(beside, told)])
    measured = (~nw.col("_PART").is_null()).cast(WHOLE).alias("_COUNT")
    largest = nw.when(~nw.col("_PART").is_null()).then(nw.col("LARGEST")).alias("LARGEST")
    rows = rows.with_columns(measured, largest)
    flags = (*STATES, "PARTIAL", "NODE", "ROLE", *NAMES, "LARGEST")
    whole = rows.group_by(*_KEY).agg(
        *(nw.col(name).max() for name in (*flags, "OTHER", "EXPECTED", "_OWN")),
        *(nw.col(name).min() for name in _SEQS),
        *(getattr(nw.col(name), least)() for name, least in _DAYS.items()),
        nw.col("_PART").sum().cast(WHOLE), nw.col("_COUNT").sum().cast(WHOLE),
    )  # fmt: skip
    some = nw.col("_COUNT") > 0
    missing = (some & (nw.col("_COUNT") < nw.col("EXPECTED"))).cast(WHOLE)
    whole = whole.with_columns(
        nw.when(some).then(nw.col("_PART")).otherwise(nw.col("_OWN")).alias("LENGTH"),
        nw.when(some).then(nw.col("LARGEST")).otherwise(nw.col("_OWN")).alias("LARGEST"),
        nw.when(missing > nw.col("PARTIAL"))
        .then(missing).otherwise(nw.col("PARTIAL")).alias("PARTIAL"),
    )  # fmt: skip
    untouched = rest.join(key, on=list(_KEY), how="anti")
    return nw.concat([typed(untouched, kinds), typed(whole, kinds)])
