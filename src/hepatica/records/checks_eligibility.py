"""Rules about who may take part: what was recorded against what the criteria give."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from hepatica.protocol.model import Protocol
from hepatica.records.facts import Study, Told
from hepatica.records.findings import SUBJECT, Outcome, Rule, broken_rows
from hepatica.records.loaded import Loaded
from hepatica.records.masks import ineligible, matching, nowhere


def check_enrolled(protocol: Protocol, table: Loaded) -> Iterator[Outcome]:
    """Give the outcome of each rule about flags and recorded failures in one table of subjects.

    Parameters
    ----------
    protocol : Protocol
        The study.
    table : Loaded
        ADSL, or the sheet of patients.
    """
    if all(one.where is None for one in protocol.eligibility):
        return
    failed = ineligible(protocol, table.frame)
    for one in protocol.analysis_sets:
        if one.where is None and table.has(one.flag):
            rule = Rule(
                f"Nobody in {one.label} fails a criterion of eligibility.",
                f"Correct the recorded value, {one.flag}, or the criterion under eligibility in "
                "study.yaml: who fails a criterion is not enrolled.",
                one.flag,
            )
            member = pl.col(one.flag).cast(pl.String).eq_missing("Y")
            yield broken_rows(table.place, rule, table.frame, member & failed)
    yield from _recorded(protocol, table, failed)


def _recorded(protocol: Protocol, table: Loaded, failed: pl.Series) -> Iterator[Outcome]:
    """Compare the criteria with what the table says of screening."""
    if table.has("ENRLFL"):
        rule = Rule(
            "ENRLFL agrees with the criteria of eligibility.",
            "Counted as not enrolled. Look at ENRLFL, and at the criteria in study.yaml.",
            "ENRLFL",
            severity="note",
        )
        enrolled = pl.col("ENRLFL").cast(pl.String).eq_missing("Y")
        yield broken_rows(table.place, rule, table.frame, enrolled & failed)
    out = nowhere(table.frame)
    if protocol.screening is not None:
        recorded = matching(table.frame, protocol.screening.failure)
        out = out if recorded is None else recorded
    elif table.has("ENRLFL"):
        out = table.frame.get_column("ENRLFL").cast(pl.String).eq_missing(pl.Series(["N"]))
    unknown = pl.col("SCRFREAS").is_null() if table.has("SCRFREAS") else pl.lit(value=True)
    rule = Rule(
        "Each patient who failed screening fails a criterion of eligibility, or has a reason.",
        "Counted with the reason 'Not recorded'. Map the column with the reason to SCRFREAS.",
        severity="note",
    )
    yield broken_rows(table.place, rule, table.frame, unknown & out & ~failed)


def check_eligibility(study: Study) -> Iterator[Told]:
    """Give the outcome of each rule about criteria that were recorded as not met (IE)."""
    told, base = study.domain("IE"), study.tables[study.base]
    if told is None or all(one.where is None for one in study.protocol.eligibility):
        return
    failed = ineligible(study.protocol, base.frame)
    unmet = told.frame.filter(_not_met()).get_column(SUBJECT).drop_nulls().unique()
    recorded = pl.col(SUBJECT).is_in(unmet.implode())
    for sentence, bad in (
        ("Who fails a criterion that is screened has a record of it in IE.", ~recorded & failed),
        ("Who has a criterion not met in IE fails one that is screened.", recorded & ~failed),
    ):
        rule = Rule(
            sentence,
            "Kept as recorded, and counted beside it. Look at IE, and at the criteria under "
            "eligibility in study.yaml.",
            severity="note",
        )
        yield base.place.table, broken_rows(base.place, rule, base.frame, bad)


def _not_met() -> pl.Expr:
    """Return whether a record of IE is about a criterion that was not met, as `derive` reads it."""
    answer = pl.col("IEORRES").str.to_uppercase().str.slice(0, 1)
    kind = pl.col("IECAT").str.to_uppercase()
    inclusion = kind.str.contains("INCL", literal=True) & (answer == "Y")
    exclusion = kind.str.contains("EXCL", literal=True) & (answer == "N")
    return ~(inclusion | exclusion).fill_null(value=False)
