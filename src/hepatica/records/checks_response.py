"""Rules about coded responses: they agree with the sums of the target lesions.

Source: RECIST 1.1, Eisenhauer et al. 2009, doi 10.1016/j.ejca.2008.10.026, sections 4.3.1 and
4.4: progression is 20 % and 5 mm above the smallest earlier sum, partial response 30 % below the
baseline sum. A partial response that is kept while the sum grows without progression is allowed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import polars as pl

from hepatica.records.facts import Study, Told
from hepatica.records.findings import ROW, SUBJECT, Outcome, Rule, broken_rows
from hepatica.records.loaded import Loaded
from hepatica.records.sums import WHO

_GROWTH = 500
_NODE = 1000


def check_response(study: Study) -> Iterator[Told]:
    """Give the outcome of each rule about coded responses and sums."""
    table, scans = study.domain("RS"), study.scans
    plan = study.protocol.assessments
    if scans is None or scans.is_empty():
        return
    yield "TR", _recorded_sums(study, scans)
    criteria = plan.criteria if plan is not None else "RECIST 1.1"
    if table is None or criteria != "RECIST 1.1":
        return
    coded = plan is not None and plan.response_from == "coded"
    severity: Literal["problem", "note"] = "problem" if coded else "note"
    rows = _responses(table, _compared(scans))
    for outcome in _contradictions(table, rows, severity):
        yield "RS", outcome


def _recorded_sums(study: Study, scans: pl.DataFrame) -> Outcome:
    rule = Rule(
        "A recorded sum is the sum of all target lesions.",
        "Kept as recorded; coded responses are compared with the recorded sums. Look at SUMDIAM, "
        "and at target lesions that were not measured.",
        "TRSTRESN",
        severity="note",
    )
    wrong = pl.col("RECORDED").is_not_null() & pl.col("SUM").ne_missing(pl.col("RECORDED"))
    return broken_rows(study.tables["TR"].place, rule, scans, wrong)


def _compared(scans: pl.DataFrame) -> pl.DataFrame:
    """Add the baseline sum, the smallest earlier sum, and what they say of each later scan."""
    total = pl.coalesce("RECORDED", "SUM")
    scans = scans.with_columns(total.alias("TOTAL")).sort(*WHO, "DAY", "VISITNUM", ROW)
    before = pl.col("DAY") <= pl.col("FIRST")
    first = pl.col("DAY") == pl.col("DAY").min().over(WHO)
    scans = scans.with_columns(
        pl.when(pl.col("FIRST").is_null()).then(first).otherwise(before).alias("BEFORE")
    )
    of_baseline = pl.col("TOTAL").filter(pl.col("BEFORE")).drop_nulls().last()
    scans = scans.with_columns(of_baseline.over(WHO).alias("BASE"))
    later = pl.when(pl.col("BEFORE")).then(None).otherwise(pl.col("TOTAL"))
    lowest = later.cum_min().forward_fill().shift(1).over(WHO)
    scans = scans.with_columns(pl.min_horizontal("BASE", lowest).alias("NADIR"))
    total, growth = pl.col("TOTAL"), pl.col("TOTAL") - pl.col("NADIR")
    scans = scans.filter(~pl.col("BEFORE") & pl.col("BASE").is_not_null()).with_columns(
        ((5 * growth >= pl.col("NADIR")) & (growth >= _GROWTH)).alias("PD"),
        (10 * total <= 7 * pl.col("BASE")).alias("PR"),
        (
            (pl.col("LARGEST").fill_null(0) == 0) & (pl.col("LARGEST_NODE").fill_null(0) < _NODE)
        ).alias("CR"),
    )
    responded = pl.col("PR").cum_max().over(WHO)
    return scans.with_columns(responded.alias("RESPONDED"))


def _responses(table: Loaded, scans: pl.DataFrame) -> pl.DataFrame:
    """Return the coded response of each visit beside its sums; that of the targets goes first."""
    targets = pl.col("RSTESTCD") == "TRGRESP"
    visit = [SUBJECT, "RSEVAL", "RSEVALID", "VISITNUM", "VISIT"]
    frame = table.frame.filter(
        (targets | (pl.col("RSTESTCD") == "OVRLRESP"))
        & pl.col("RSSTRESC").is_in(["CR", "PR", "SD", "PD"])
    )
    by_target = table.frame.filter(targets).select(*visit, "RSDT").unique()
    overall = frame.filter(~targets).join(
        by_target, on=[*visit, "RSDT"], how="anti", nulls_equal=True
    )
    frame = pl.concat([frame.filter(targets), overall])
    named = scans.rename({"TREVAL": "RSEVAL", "TREVALID": "RSEVALID", ROW: "SCAN_ROW"})
    named = named.select(
        *visit, "SPLIT", "DAY", "TOTAL", "BASE", "NADIR", "PD", "PR", "CR", "RESPONDED"
    )
    joined = frame.join(named, on=visit, how="inner", nulls_equal=True)
    on_day = ~pl.col("SPLIT") | (pl.col("DAY") == pl.col("RSDT"))
    return joined.filter(on_day & pl.col("TOTAL").is_not_null()).sort(ROW)


def _contradictions(
    table: Loaded, rows: pl.DataFrame, severity: Literal["problem", "note"]
) -> Iterator[Outcome]:
    word = pl.col("RSSTRESC")
    do = (
        "Correct RSSTRESC, or the measurements in TR."
        if severity == "problem"
        else "Responses are derived from the lesions, so the coded word is not used. Look at "
        "RSSTRESC and at the measurements."
    )
    shown = ("VISIT", "TOTAL", "BASE", "NADIR")
    progression = Rule(
        "A visit whose sum is 20 % and 5 mm above the smallest earlier sum is coded PD.",
        do,
        "RSSTRESC",
        severity=severity,
        shown=shown,
    )
    yield broken_rows(table.place, progression, rows, pl.col("PD") & (word != "PD"))
    targets = pl.col("RSTESTCD") == "TRGRESP"
    growth = Rule(
        "A target response coded PD has a sum 20 % and 5 mm above the smallest earlier sum.",
        do,
        "RSSTRESC",
        severity=severity,
        shown=shown,
    )
    yield broken_rows(table.place, growth, rows, targets & (word == "PD") & ~pl.col("PD"))
    fall = Rule(
        "A visit coded PR has a sum 30 % below baseline, or keeps an earlier response.",
        do,
        "RSSTRESC",
        severity=severity,
        shown=shown,
    )
    yield broken_rows(table.place, fall, rows, (word == "PR") & ~pl.col("RESPONDED"))
    gone = Rule(
        "A visit coded CR has no target lesion left; lymph nodes are below 10 mm.",
        do,
        "RSSTRESC",
        severity=severity,
        shown=shown,
    )
    yield broken_rows(table.place, gone, rows, (word == "CR") & ~pl.col("CR"))
    stable = Rule(
        "A visit coded SD has a sum less than 30 % below baseline.",
        do,
        "RSSTRESC",
        severity=severity,
        shown=shown,
    )
    yield broken_rows(table.place, stable, rows, (word == "SD") & pl.col("PR") & ~pl.col("PD"))
