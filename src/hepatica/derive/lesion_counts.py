"""Counts that depend on the criteria: which lesions are left at a visit, and which are new."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from hepatica.derive.criteria.verdicts import Sizes
from hepatica.derive.lesion_records import VISIT_KEY, WHOLE, LazyFrame

#: Lesions left: targets, non-targets, and non-targets that are no lymph nodes.
LEFT = ("LEFT", "NON_TARGETS_LEFT", "NON_NODES_LEFT")
#: New lesions: sure ones, equivocal ones that a later visit confirmed, equivocal ones, their sum.
NEW = ("NEW_UNEQUIVOCAL", "NEW_CONFIRMED", "NEW_EQUIVOCAL", "NEW_SUMH")


def stated() -> nw.Expr:
    """Return whether the state of a lesion says that it is there."""
    return (nw.col("PRESENT") == 1) | (nw.col("WORSE") > 0) | (nw.col("EQUIVOCAL") == 1)


def new_ones(lesions: LazyFrame) -> LazyFrame:
    """Return the new lesions."""
    return lesions.filter(nw.col("ROLE").str.starts_with("NEW"))


def lesions_left(lesions: LazyFrame, sizes: Sizes) -> LazyFrame:
    """Return for each visit how many lesions are left; a normal lymph node is none.

    Parameters
    ----------
    lesions : frame
        One row for each lesion and visit.
    sizes : Sizes
        Below which short axis a lymph node is normal.
    """
    target, other = nw.col("ROLE") == "TARGET", nw.col("ROLE") == "NON-TARGET"
    node = nw.col("NODE") > 0
    small = node & (nw.col("LARGEST") < _normal_node(sizes))
    size = nw.when(small).then(nw.lit(0).cast(WHOLE)).otherwise(nw.col("LENGTH"))
    there = stated() | (size > 0).fill_null(value=False)
    counts = (((size > 0) & target).fill_null(value=False), other & there, other & there & ~node)
    rows = lesions.select(
        *VISIT_KEY,
        *(count.cast(WHOLE).alias(name) for count, name in zip(counts, LEFT, strict=True)),
    )
    return rows.group_by(*VISIT_KEY).agg(*(nw.col(name).sum().cast(WHOLE) for name in LEFT))


def _normal_node(sizes: Sizes) -> nw.Expr:
    """Return below which short axis a lymph node is normal."""
    normal = nw.lit(sizes.normal_node).cast(WHOLE)
    if sizes.normal_hilar_node is None:
        return normal
    hilar = nw.lit(sizes.normal_hilar_node).cast(WHOLE)
    return nw.when(nw.col("NODE") == 2).then(hilar).otherwise(normal)


def _small_in_liver(lesions: LazyFrame, identified: LazyFrame, least: int) -> LazyFrame:
    """Make new lesions of the liver equivocal until they have reached or grown by a length."""
    where = identified.group_by("USUBJID", "LINK").agg(nw.col("LIVER").max())
    rows = lesions.join(where, on=["USUBJID", "LINK"], how="left")
    length = nw.col("LENGTH")
    liver = (nw.col("LIVER") == 1).fill_null(value=False) & (length > 0).fill_null(value=False)
    rows = rows.with_columns(nw.when(liver).then(length).alias("_LENGTH"))
    first = nw.col("_LENGTH").min().over("USUBJID", "LINK")
    rows = rows.with_columns(first.alias("_FIRST"))
    low = liver & (length < least)
    grown = liver & (length - nw.col("_FIRST") >= least)
    none, one = nw.lit(0).cast(WHOLE), nw.lit(1).cast(WHOLE)
    doubt = (
        nw.when(low).then(one).otherwise(nw.when(grown).then(none).otherwise(nw.col("EQUIVOCAL")))
    )
    return rows.with_columns(
        doubt.alias("EQUIVOCAL"),
        *(
            nw.when(low).then(none).otherwise(nw.col(name)).alias(name)
            for name in ("WORSE", "PRESENT")
        ),
    ).drop("LIVER", "_LENGTH", "_FIRST")


def new_lesions(lesions: LazyFrame, identified: LazyFrame | None, sizes: Sizes) -> LazyFrame:
    """Return for each visit how many of the new lesions are unequivocal, confirmed, equivocal.

    A new lesion that is only identified is unequivocal. One that is gone again does not count,
    and a length does not make an equivocal one unequivocal.
    """
    if sizes.new_in_liver and identified is not None:
        lesions = _small_in_liver(lesions, identified, sizes.new_in_liver)
    size = (nw.col("LENGTH") > 0).fill_null(value=False)
    there = (nw.col("WORSE") > 0) | ((nw.col("EQUIVOCAL") == 0) & ((nw.col("PRESENT") == 1) | size))
    zero = nw.lit(0).cast(WHOLE)
    seq = nw.lit(None, dtype=WHOLE)
    key = (*VISIT_KEY, "LINK")
    rows = lesions.select(
        *key, there.cast(WHOLE).alias("THERE"), nw.col("EQUIVOCAL"),
        ((nw.col("ABSENT") == 1) | (nw.col("LENGTH") == 0).fill_null(value=False))
        .cast(WHOLE).alias("GONE"),
        zero.alias("IDENTIFIED"), seq.alias("NEW_TU_SEQ"), nw.col("SEQ").alias("NEW_TR_SEQ"),
        nw.col("LENGTH").fill_null(0),
    )  # fmt: skip
    if identified is not None:
        found = identified.select(
            *key, zero.alias("THERE"), zero.alias("EQUIVOCAL"), zero.alias("GONE"),
            nw.lit(1).cast(WHOLE).alias("IDENTIFIED"), nw.col("SEQ").alias("NEW_TU_SEQ"),
            seq.alias("NEW_TR_SEQ"), zero.alias("LENGTH"),
        )  # fmt: skip
        rows = nw.concat([rows, found])
    each = rows.group_by(*key).agg(
        *(nw.col(name).max() for name in ("THERE", "EQUIVOCAL", "GONE", "IDENTIFIED", "LENGTH")),
        *(nw.col(name).min() for name in ("NEW_TU_SEQ", "NEW_TR_SEQ")),
    )
    open_ = (nw.col("IDENTIFIED") == 1) & (nw.col("EQUIVOCAL") == 0) & (nw.col("GONE") == 0)
    sure = ((nw.col("THERE") == 1) | open_).cast(WHOLE)
    each = each.with_columns(sure.alias("NEW_UNEQUIVOCAL"))
    each = each.with_columns(nw.col("NEW_UNEQUIVOCAL").max().over("USUBJID", "LINK").alias("_EVER"))
    doubtful = (nw.col("NEW_UNEQUIVOCAL") == 0) & (nw.col("EQUIVOCAL") == 1)
    confirmed = doubtful & (nw.col("_EVER") == 1) & (nw.col("LINK") != "")
    each = each.with_columns(
        confirmed.cast(WHOLE).alias("NEW_CONFIRMED"),
        doubtful.cast(WHOLE).alias("NEW_EQUIVOCAL"),
        (nw.col("NEW_UNEQUIVOCAL") * nw.col("LENGTH")).alias("NEW_SUMH"),
    )
    return each.group_by(*VISIT_KEY).agg(
        *(nw.col(name).sum().cast(WHOLE) for name in NEW),
        *(nw.col(name).min() for name in ("NEW_TU_SEQ", "NEW_TR_SEQ")),
    )
