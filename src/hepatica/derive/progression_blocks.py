"""Progression that has to be confirmed: visits grouped into blocks, as iRECIST asks.

A block starts with the first unconfirmed progression (UPD) and ends before the next visit at which
the disease is evaluable and not progressing; what comes after that visit is a block of its own, so
that a progression not confirmed is forgotten. Within a block later visits are compared with its
first one.
"""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from hepatica.derive.criteria.verdicts import Criteria, Verdicts, place_of
from hepatica.derive.lesion_records import WHOLE, LazyFrame
from hepatica.derive.lists import with_texts
from hepatica.derive.running import running

#: Responses at which the disease could be evaluated and did not progress.
CONTROLLED = ("CR", "PR", "SD", "NON-CR/NON-PD")
_FIRST = {"SUMH": "SUM_0", "DAY": "DAY_0", "NEW_UNEQUIVOCAL": "NEW_0", "NEW_SUMH": "NEW_SUM_0"}


def confirmed_progressions(judged: LazyFrame, criteria: Criteria, kind: Any) -> LazyFrame:
    """Return the visits with the verdict that the blocks give in place of the visit's own.

    Parameters
    ----------
    judged : frame
        Visits with the verdicts of one visit (TRG, NTRG, NEWL, OVR and their places) and the facts
        that these come from, as `hepatica.derive.visit_response` makes them.
    criteria : Criteria
        Its ``progression`` is the table of verdicts within a block.
    kind : Narwhals data type
        Of a response.

    Returns
    -------
    narwhals.LazyFrame
        The same visits. OVR is ``UPD`` for a progression that is not confirmed and ``PD`` for one
        that is; ``_OVR`` is the place in ``criteria.progression`` followed by
        ``criteria.overall``.
    """
    rows = _compared(_blocks(judged), criteria)
    table = criteria.progression
    no = nw.lit(value=False)
    first = _placed(rows.with_columns(AFTER_CONFIRMED=no), table, kind)
    confirmed = (nw.col("_SAID") == "PD").fill_null(value=False).cast(WHOLE)
    first = first.with_columns(confirmed.alias("_CONFIRMED"))
    rows = running(first, "ORDER", {"_SO_FAR": ("sum", "_CONFIRMED")})
    before = nw.col("_SO_FAR") - nw.col("_CONFIRMED")
    rows = rows.with_columns((before > 0).alias("AFTER_CONFIRMED")).drop("_SO_FAR")
    rows = _placed(rows, table, kind)
    own = nw.col("_OVR") + len(table)
    return rows.with_columns(
        nw.coalesce(nw.col("_SAID"), nw.col("OVR")).alias("OVR"),
        nw.coalesce(nw.col("_PLACE"), own).alias("_OVR"),
    )


def _placed(rows: LazyFrame, table: Verdicts, kind: Any) -> LazyFrame:
    rows = rows.with_columns(place_of(table, rows.collect_schema(), "_PLACE"))
    return with_texts(rows, "_PLACE", {"_SAID": [one.then for one in table]}, {"_SAID": kind})


def _blocks(judged: LazyFrame) -> LazyFrame:
    """Add PROGRESSING, KEPT, the number of the block, and whether the visit is later in it."""
    progressing = (nw.col("OVR") == "PD").fill_null(value=False)
    rows = judged.with_columns(
        progressing.cast(WHOLE).alias("_PD"),
        nw.when(nw.col("COMPLETE")).then(nw.col("SUMH")).alias("_SUM"),
    )
    new = ("NEW_UNEQUIVOCAL", "NEW_SUMH")
    rows = running(
        rows,
        "ORDER",
        {
            **{f"_{name}": ("before", name) for name in new},
            "_EARLIER": ("earlier", "_SUM"),
            "_PDS": ("sum", "_PD"),
        },
    )
    rows = rows.with_columns(
        *(nw.col(f"_{name}").fill_null(0) for name in new),
        (nw.col("_PDS") - nw.col("_PD")).alias("_PDS"),
    )
    kept = (
        (nw.col("_PD") == 1)
        & (nw.col("_PDS") > 0)
        & nw.col("TRG").is_in(["CR", "PR"])
        & ((nw.col("NTRG") != "PD") | nw.col("NTRG").is_null())
        & (nw.col("SUMH") < nw.col("_EARLIER"))
        & (nw.col("NEW_UNEQUIVOCAL") <= nw.col("_NEW_UNEQUIVOCAL"))
        & (nw.col("NEW_SUMH") <= nw.col("_NEW_SUMH"))
    ).fill_null(value=False)
    rows = rows.with_columns(kept.alias("KEPT"))
    rows = rows.with_columns(((nw.col("_PD") == 1) & ~nw.col("KEPT")).alias("PROGRESSING"))
    ends = nw.col("KEPT") | nw.col("OVR").is_in(list(CONTROLLED)).fill_null(value=False)
    rows = rows.with_columns(ends.cast(WHOLE).alias("_ENDS"))
    rows = running(rows, "ORDER", {"BLOCK": ("sum", "_ENDS")})
    start = nw.when(nw.col("PROGRESSING")).then(nw.col("ORDER"))
    rows = rows.with_columns(start.alias("_START"))
    rows = rows.with_columns(nw.col("_START").min().over("USUBJID", "BLOCK").alias("_START"))
    later = nw.col("PROGRESSING") & (nw.col("ORDER") > nw.col("_START"))
    return rows.with_columns(later.fill_null(value=False).alias("LATER")).drop(
        "_PD", "_SUM", "_NEW_UNEQUIVOCAL", "_NEW_SUMH", "_EARLIER", "_PDS", "_ENDS"
    )


def _compared(rows: LazyFrame, criteria: Criteria) -> LazyFrame:
    """Add what is worse than at the first visit of the block."""
    at_start = nw.col("ORDER") == nw.col("_START")
    parts = {"TRG_0": nw.col("TRG") == "PD", "NTRG_0": nw.col("NTRG") == "PD"}
    parts["NEWL_0"] = nw.col("NEWL") == "Y"
    rows = rows.with_columns(
        *(nw.when(at_start).then(nw.col(name)).alias(kept) for name, kept in _FIRST.items()),
        *(
            nw.when(at_start).then(flag.fill_null(value=False).cast(WHOLE)).alias(name)
            for name, flag in parts.items()
        ),
    )
    rows = rows.with_columns(
        *(nw.col(name).max().over("USUBJID", "BLOCK") for name in (*_FIRST.values(), *parts))
    )
    least = criteria.sizes.confirming_least
    first = {name: (nw.col(name) == 1).fill_null(value=False) for name in parts}
    now = {name: flag.fill_null(value=False) for name, flag in parts.items()}
    more = (nw.col("NEW_UNEQUIVOCAL") > nw.col("NEW_0")) | (
        nw.col("NEW_SUMH") - nw.col("NEW_SUM_0") >= least
    )
    facts = {
        "SUM_FURTHER": first["TRG_0"] & nw.col("COMPLETE") & (
            nw.col("SUMH") - nw.col("SUM_0") >= least
        ),
        "NON_TARGET_FURTHER": first["NTRG_0"] & (nw.col("NON_TARGETS_FURTHER") > 0),
        "NEW_FURTHER": first["NEWL_0"] & more,
        "OTHER_PART": (now["TRG_0"] & ~first["TRG_0"])
        | (now["NTRG_0"] & ~first["NTRG_0"])
        | (now["NEWL_0"] & ~first["NEWL_0"]),
        "SOON": nw.col("DAY") - nw.col("DAY_0") < criteria.sizes.confirming_days,
    }  # fmt: skip
    return rows.with_columns(
        *(fact.fill_null(value=False).alias(name) for name, fact in facts.items())
    )
