"""Rules about treatment: how it ended, and on which side of it other therapies lie."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from hepatica.records.domains import latest_day
from hepatica.records.facts import Study, Told, is_dose
from hepatica.records.findings import SUBJECT, Rule, broken_rows

#: A subject last treated longer before the data cut-off than this is hardly still on treatment.
_LONG = 90
_NO_END = r"(?i)MILESTONE|OTHER EVENT"
_LATER = r"(?i)SUBSEQUENT|POST[ -]?(STUDY|TREATMENT|PROGRESSION)|FOLLOW[ -]?UP"


def check_treatment(study: Study) -> Iterator[Told]:
    """Give the outcome of each rule about the end of treatment and therapies after it."""
    yield from _ended(study)
    yield from _subsequent(study)


def _ended(study: Study) -> Iterator[Told]:
    """Without a record of its end, treatment counts as ongoing at the data cut-off."""
    table, told, cut_off = study.domain("EX"), study.domain("DS"), study.protocol.study.data_cut_off
    if table is None or told is None or cut_off is None or not told.has("DSDECOD"):
        return
    rule = Rule(
        f"Subjects last treated more than {_LONG} days before the data cut-off have a record of "
        "how treatment or study ended.",
        "Taken as still on treatment at the data cut-off. Add the disposition event to DS.",
        "EXENDTC",
        severity="note",
    )
    ends = told.frame.filter(pl.col("DSDECOD").is_not_null())
    if told.has("DSCAT"):
        ends = ends.filter(~pl.col("DSCAT").str.contains(_NO_END).fill_null(value=False))
    ended = ends.get_column(SUBJECT).unique()
    frame = study.with_subjects(table.frame)
    last = latest_day("EXEN").filter(is_dose(frame)).max().over(SUBJECT)
    long_ago = last < pl.lit(cut_off).dt.offset_by(f"-{_LONG}d")
    open_end = ~pl.col(SUBJECT).is_in(ended.implode()) & ~pl.col("DIED")
    yield "EX", broken_rows(table.place, rule, frame, long_ago & open_end & is_dose(frame))


def _subsequent(study: Study) -> Iterator[Told]:
    rule = Rule(
        "A therapy recorded as subsequent starts after the first dose.",
        "Counts as prior and as subsequent. Correct the date or the category.",
        "CMCAT",
        severity="note",
    )
    table = study.domain("CM")
    if table is None or not table.has("CMCAT", "CMSTDT"):
        return
    frame = study.with_subjects(table.frame)
    later = pl.col("CMCAT").str.contains(_LATER).fill_null(value=False)
    early = latest_day("CMST") < pl.col("FIRST")
    yield "CM", broken_rows(table.place, rule, frame, later & early)
