"""Sums of target lesions by evaluator and scan, for rules about baseline and response.

Sums are integers in hundredths of a millimetre. This is what a check needs and no more; the
derivation of responses has rules of its own.
"""

from __future__ import annotations

import polars as pl

from hepatica.records.domains.lesions import DIAMETERS, LARGEST_LESION
from hepatica.records.facts import Study
from hepatica.records.findings import ROW, SUBJECT
from hepatica.records.whole_lesions import parts_named, with_lesions

#: Who assessed.
WHO = (SUBJECT, "TREVAL", "TREVALID")
_VISIT = (*WHO, "VISITNUM", "VISIT")
_SCAN = (*_VISIT, "SPLIT", "DAY")
_SUM = "SUMDIAM"
_HUNDREDTHS = 100


def target_sums(study: Study) -> pl.DataFrame | None:
    """Return the sum of the target lesions of each scan.

    Parameters
    ----------
    study : Study
        With TR, and TU where lymph nodes have to be told from other lesions.

    Returns
    -------
    polars.DataFrame or None
        USUBJID, TREVAL, TREVALID, VISITNUM, VISIT; SPLIT (whether a visit holds several scans of
        one lesion, which then stand apart by day); DAY; SUM (all target lesions measured, else
        null); RECORDED (the sum that the table holds); LARGEST and SMALLEST (of lesions that
        are no nodes), LARGEST_NODE and SMALLEST_NODE; ROW; FIRST and FIRST_LATEST. None without TR.

    Notes
    -----
    The measure of a lesion is DIAMETER where it is recorded, else LPERP of a lymph node and LDIAM
    of any other lesion. A visit with scans on several days is dated on the last of them.
    """
    table = study.domain("TR")
    if table is None:
        return None
    rows = table.frame.filter((pl.col("TRGRPID") == "TARGET") & pl.col("TRDT").is_not_null())
    parts = parts_named(study)
    measured = _measures(_with_nodes(study, rows, parts))
    lesions = _scans(_whole(with_lesions(measured, parts)))
    total = pl.col("LESION").n_unique().over(WHO)
    lesions = lesions.with_columns(total.alias("LESIONS"))
    scans = lesions.group_by(_SCAN, maintain_order=True).agg(
        pl.col("LENGTH").sum().alias("SUM"),
        (pl.col("LENGTH").count() == pl.col("LESIONS").first()).alias("COMPLETE"),
        pl.col("LENGTH").filter(~pl.col("NODE")).max().alias("LARGEST"),
        pl.col("LENGTH").filter(pl.col("NODE")).max().alias("LARGEST_NODE"),
        pl.col("LENGTH").filter(~pl.col("NODE")).min().alias("SMALLEST"),
        pl.col("LENGTH").filter(pl.col("NODE")).min().alias("SMALLEST_NODE"),
        pl.col(ROW).min(),
    )
    scans = scans.with_columns(pl.when("COMPLETE").then("SUM").alias("SUM"))
    return study.with_subjects(_with_recorded(scans, rows))


def hundredths(column: str) -> pl.Expr:
    """Return millimetres as whole hundredths."""
    return (pl.col(column) * _HUNDREDTHS).round().cast(pl.Int64)


def _with_nodes(study: Study, rows: pl.DataFrame, parts: pl.DataFrame) -> pl.DataFrame:
    lesions = study.domain("TU")
    if lesions is None:
        return rows.with_columns(NODE=False)
    node = pl.col("TULOC").str.contains("NODE", literal=True).fill_null(value=False)
    sites = lesions.frame.group_by(SUBJECT, "TULNKID").agg(node.any().alias("NODE"))
    first = parts.sort("PLACE").unique([SUBJECT, "LINK"], keep="first").select(
        SUBJECT, pl.col("LINK").alias("TRLNKID"), pl.col("LESION").alias("OF")
    )  # fmt: skip
    found = rows.join(first, on=[SUBJECT, "TRLNKID"], how="left", maintain_order="left")
    found = found.with_columns(pl.coalesce("OF", "TRLNKID").alias("OF")).join(
        sites,
        left_on=[SUBJECT, "OF"],
        right_on=[SUBJECT, "TULNKID"],
        how="left",
        maintain_order="left",
    )
    return found.with_columns(pl.col("NODE").fill_null(value=False)).drop("OF")


def _whole(measured: pl.DataFrame) -> pl.DataFrame:
    """Return one row for each lesion and day; fragments are added when all were measured."""
    own = pl.col("PART") == pl.col("LESION")
    beside = (~own).any()
    lengths = pl.col("LENGTH").filter(~own | ~beside)
    total = pl.when(lengths.null_count() == 0).then(lengths.sum())
    return measured.group_by(*_VISIT, "LESION", "TRDT", maintain_order=True).agg(
        total.alias("LENGTH"), pl.col("NODE").any(), pl.col(ROW).min()
    )


def _measures(rows: pl.DataFrame) -> pl.DataFrame:
    """Return one row for each lesion and day, with its measure in LENGTH."""
    # A diameter that cannot be is told elsewhere, and makes no sum.
    possible = pl.col("TRSTRESN").is_between(0, LARGEST_LESION)
    length = pl.when(possible).then(hundredths("TRSTRESN"))

    def of(test: str) -> pl.Expr:
        return length.filter(pl.col("TRTESTCD") == test).drop_nulls().last()

    own = pl.when(pl.col("NODE").first()).then(of("LPERP")).otherwise(of("LDIAM"))
    return (
        rows.filter(pl.col("TRTESTCD").is_in(DIAMETERS) & pl.col("TRLNKID").is_not_null())
        .group_by(*_VISIT, pl.col("TRLNKID").alias("LESION"), "TRDT", maintain_order=True)
        .agg(pl.coalesce(of("DIAMETER"), own).alias("LENGTH"), pl.col("NODE", ROW).first())
    )


def _scans(lesions: pl.DataFrame) -> pl.DataFrame:
    """Give each lesion the day of its scan; a visit with repeated scans is split by day."""
    repeated = pl.len().over(*_VISIT, "LESION") > 1
    unnamed = pl.col("VISITNUM").is_null() & pl.col("VISIT").is_null()
    lesions = lesions.with_columns(repeated.alias("REPEATED"))
    lesions = lesions.with_columns((pl.col("REPEATED").any().over(_VISIT) | unnamed).alias("SPLIT"))
    day = pl.when("SPLIT").then("TRDT").otherwise(pl.col("TRDT").max().over(_VISIT))
    return lesions.with_columns(day.alias("DAY")).drop("REPEATED")


def _with_recorded(scans: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    recorded = rows.filter((pl.col("TRTESTCD") == _SUM) & pl.col("TRSTRESN").is_not_null())
    recorded = recorded.group_by(*_VISIT, pl.col("TRDT").alias("DAY")).agg(
        hundredths("TRSTRESN").last().alias("RECORDED")
    )
    return scans.join(
        recorded, on=[*_VISIT, "DAY"], how="left", nulls_equal=True, maintain_order="left"
    )
