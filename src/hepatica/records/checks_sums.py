"""Rules about sums from which no percentage follows: no baseline, a sum of nothing, two on a day.

The records are kept: the visit concerned is not evaluable, or is judged by the least length alone,
and everything else is derived.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from hepatica.records.at_visits import at_visits
from hepatica.records.facts import Study, Told
from hepatica.records.findings import ROW, SUBJECT, Rule, broken_rows
from hepatica.records.sums import WHO


def check_sums(study: Study) -> Iterator[Told]:
    """Give the outcome of each rule about sums of the target lesions after the first dose."""
    table, scans = study.domain("TR"), study.scans
    if table is None or scans is None or scans.is_empty():
        return
    scans = _with_earlier(scans)
    after, total = pl.col("DAY") > pl.col("FIRST"), pl.col("SUM")
    rules = (
        (_BASELINE, after & pl.col("BASE").is_null()),
        (_NOTHING, after & (pl.col("LEAST") == 0) & (total > 0)),
        (_ONE_A_DAY, after & (total.n_unique().over(*WHO, "DAY") > 1)),
    )
    for rule, broken in rules:
        outcome = broken_rows(table.place, rule, scans, broken)
        yield "TR", at_visits(outcome, scans.filter(broken))


_BASELINE = Rule(
    "Target lesions that are measured on treatment were all measured before it.",
    "Kept as recorded: without a baseline sum above zero the target lesions are not evaluable. Add "
    "the measurements before the first dose, or correct TRDTC.",
    "TRDTC",
    severity="note",
)
_NOTHING = Rule(
    "The smallest earlier sum, with which a sum is compared, is above zero.",
    "Kept as recorded: no percentage can be taken of nothing, so growth by the least length of the "
    "criteria, or disease after a complete response, decides.",
    "TRSTRESN",
    severity="note",
)
_ONE_A_DAY = Rule(
    "A day has one sum of the target lesions.",
    "Kept as recorded: both visits are judged, and the worse response of the day counts. Correct "
    "TRSTRESN or TRDTC.",
    "TRSTRESN",
    severity="note",
)


def _with_earlier(scans: pl.DataFrame) -> pl.DataFrame:
    """Add the baseline sum (BASE) and the smallest sum of earlier visits (LEAST)."""
    scans = scans.sort(*WHO, "DAY", "VISITNUM", ROW)
    before = (pl.col("DAY") <= pl.col("FIRST")) & (pl.col("SUM") > 0)
    base = pl.col("SUM").filter(before).last().over(WHO)
    scans = scans.with_columns(base.alias("BASE"))
    later = pl.when(pl.col("DAY") > pl.col("FIRST")).then(pl.col("SUM"))
    least = later.cum_min().forward_fill().shift(1).over(WHO)
    return scans.with_columns(pl.min_horizontal("BASE", least).alias("LEAST")).filter(
        pl.col(SUBJECT).is_not_null()
    )
