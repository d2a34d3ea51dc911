"""Names of parts of lesions: T1.1 and T1.2 of a lesion that split, T1/T2 of lesions that merged.

A part is named after its lesion. The name counts only where the subject has that lesion: a lesion
called 1.2 is a lesion of its own where none is called 1.
"""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

#: Lesions that one name can hold; RECIST 1.1 knows at most five targets.
MOST_MERGED = 5

_SUFFIX = r"(\.[0-9]+)+$"
#: What a name has to match to be that of a part.
MAY_BE_PART = rf"/|{_SUFFIX}"


def named_parts(names: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Return which lesions the names of parts speak of.

    Parameters
    ----------
    names : narwhals.LazyFrame
        USUBJID and LINK: the names of lesions, parts among them, in any order, also repeated.

    Returns
    -------
    narwhals.LazyFrame
        USUBJID, LINK (the name of the part), LESION (the lesion that it names), PLACE (1 for the
        first lesion of the name) and MERGED (1 for lesions that merged, 0 for a fragment). One row
        for each lesion named; a subject without parts has none.
    """
    each = names.select("USUBJID", "LINK").filter(~nw.col("LINK").is_null())
    each = each.unique(subset=["USUBJID", "LINK"])
    several = nw.col("LINK").str.contains("/", literal=True)
    found = nw.concat([*_merged(each.filter(several)), _fragments(each.filter(~several))])
    there = each.filter(~several).select("USUBJID", nw.col("LINK").alias("LESION"))
    return found.join(there, on=["USUBJID", "LESION"], how="inner").select(
        "USUBJID", "LINK", "LESION", "PLACE", "MERGED"
    )


def _fragments(names: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    rows = names.filter(nw.col("LINK").str.contains(_SUFFIX))
    return rows.select(
        "USUBJID", "LINK", nw.col("LINK").str.replace_all(_SUFFIX, "").alias("LESION"),
        nw.lit(1).cast(nw.Int64).alias("PLACE"), nw.lit(0).cast(nw.Int64).alias("MERGED"),
    )  # fmt: skip


def _merged(names: nw.LazyFrame[Any]) -> list[nw.LazyFrame[Any]]:
    """Return one frame for each place within a name: no engine but Polars makes rows of a list."""
    parts = []
    rest = names.with_columns(nw.col("LINK").alias("_REST"))
    for place in range(1, MOST_MERGED + 1):
        parts.append(
            rest.select(
                "USUBJID", "LINK", nw.col("_REST").str.replace_all("/.*$", "").alias("LESION"),
                nw.lit(place).cast(nw.Int64).alias("PLACE"),
                nw.lit(1).cast(nw.Int64).alias("MERGED"),
            )
        )  # fmt: skip
        rest = rest.filter(nw.col("_REST").str.contains("/", literal=True))
        rest = rest.with_columns(nw.col("_REST").str.replace_all("^[^/]*/", ""))
    return parts
