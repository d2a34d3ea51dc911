"""Rules about doses against one another."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from hepatica.records.facts import Study, Told, is_dose
from hepatica.records.findings import ROW, SUBJECT, Rule, broken_rows


def check_dosing(study: Study) -> Iterator[Told]:
    """Give the outcome of each rule about doses: intervals of one drug do not overlap."""
    table = study.domain("EX")
    if table is None:
        return
    rule = Rule(
        "Intervals of dosing of one drug do not overlap.",
        "Kept as recorded; days in two intervals count twice. Look at EXSTDTC and EXENDTC.",
        "EXSTDTC",
        severity="note",
    )
    drug = (SUBJECT, "EXTRT")
    whole = (pl.col("EXSTDTP") == "D") & (pl.col("EXENDTP") == "D")
    ordered = table.frame.filter(whole & is_dose(table.frame)).sort(*drug, "EXSTDT", ROW)
    before = pl.col("EXENDT").cum_max().shift(1).over(drug)
    overlapping = ordered.filter(pl.col("EXSTDT") < before).get_column(ROW)
    rows = pl.col(ROW).is_in(overlapping.implode())
    yield "EX", broken_rows(table.place, rule, table.frame, rows)
