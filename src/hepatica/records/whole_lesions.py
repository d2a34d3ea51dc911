"""Lesions that split or merged, for rules about sums: parts are measured in place of the lesion."""

from __future__ import annotations

from typing import cast

import narwhals.stable.v2 as nw
import polars as pl

from hepatica.records.facts import Study
from hepatica.records.findings import SUBJECT
from hepatica.records.lesion_names import named_parts


def parts_named(study: Study) -> pl.DataFrame:
    """Return which lesions the names of parts in TU and TR speak of, as `named_parts` does."""
    empty = pl.DataFrame(schema={SUBJECT: pl.String, "LINK": pl.String})
    names = [empty]
    for domain, column in (("TU", "TULNKID"), ("TR", "TRLNKID")):
        table = study.domain(domain)
        if table is not None:
            names.append(table.frame.select(SUBJECT, pl.col(column).alias("LINK")))
    parts = named_parts(nw.from_native(pl.concat(names).lazy()))
    return cast("pl.LazyFrame", parts.to_native()).collect()


def with_lesions(rows: pl.DataFrame, parts: pl.DataFrame) -> pl.DataFrame:
    """Return measurements with LESION in place of the name of a part.

    Parameters
    ----------
    rows : polars.DataFrame
        USUBJID and LESION, the name as recorded, and LENGTH.
    parts : polars.DataFrame
        From `parts_named`.

    Returns
    -------
    polars.DataFrame
        A fragment under the name of its lesion, and PART its own. Of lesions that merged the first
        has the length, the others have 0.
    """
    rows = rows.with_columns(pl.col("LESION").alias("PART"))
    if parts.is_empty():
        return rows
    named = parts.rename({"LINK": "PART", "LESION": "WHOLE"})
    joined = rows.join(named, on=[SUBJECT, "PART"], how="left", maintain_order="left")
    first = pl.col("PLACE") == pl.col("PLACE").min().over(SUBJECT, "PART")
    other = (pl.col("MERGED") == 1).fill_null(value=False) & ~first.fill_null(value=True)
    length = pl.when(other & pl.col("LENGTH").is_not_null()).then(0).otherwise(pl.col("LENGTH"))
    return joined.with_columns(
        pl.coalesce("WHOLE", "LESION").alias("LESION"), length.cast(pl.Int64).alias("LENGTH")
    ).drop("WHOLE", "PLACE", "MERGED")
