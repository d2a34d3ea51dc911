"""Rules about death: what DM says agrees with dispositions, adverse events and follow-up."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from hepatica.protocol.model import Protocol
from hepatica.records.domains import latest_day
from hepatica.records.facts import Study, Told
from hepatica.records.findings import Outcome, Rule, broken_rows
from hepatica.records.loaded import Loaded

#: Which rows of a domain tell of a death, and the date that goes with it.
_DEATHS: dict[str, tuple[pl.Expr, str, str]] = {
    "DS": (pl.col("DSDECOD") == "DEATH", "DSST", "DSDECOD"),
    "AE": (
        (pl.col("AESDTH") == "Y") | (pl.col("AEOUT") == "FATAL") | (pl.col("AETOXGR") == 5),
        "AEEN",
        "AEOUT",
    ),
    "SS": (pl.col("SSSTRESC") == "DEAD", "SS", "SSSTRESC"),
}


def check_death(study: Study) -> Iterator[Told]:
    """Give the outcome of each rule about death."""
    base = study.base
    if study.domain("DM") is not None and base == "DM":
        for outcome in _flag(study.protocol, study.tables["DM"]):
            yield "DM", outcome
    for name, (dead, date, column) in _DEATHS.items():
        table = study.domain(name)
        if table is None:
            continue
        frame = study.with_subjects(table.frame)
        is_dead = dead.fill_null(value=False)
        if study.subjects.get_column("DIED").any():
            rule = Rule(
                f"A subject whose death is told in {name} has died according to {base}.",
                f"Record the death in {base}, or correct {column}.",
                column,
            )
            # A death recorded in another table than that of the subjects is told there.
            alive = ~pl.col("DIED").fill_null(value=True)
            yield name, broken_rows(table.place, rule, frame, is_dead & alive)
        yield name, _date(table, frame, is_dead, date, base)
    yield from _fatal_words(study)


def _date(table: Loaded, frame: pl.DataFrame, dead: pl.Expr, date: str, base: str) -> Outcome:
    first, last = pl.col(f"{date}DT"), latest_day(date)
    before = last < pl.col("DEATH")
    if table.place.table == "SS":
        # The day of a contact at which a death became known lies on or after that of death.
        rule = Rule(
            f"Nobody is told to be dead before the date of death in {base}.",
            f"Correct SSDTC, or the date of death in {base}.",
            "SSDTC",
        )
        return broken_rows(table.place, rule, frame, dead & before)
    rule = Rule(
        f"The date of death is the same as in {base}.",
        f"Correct {date}DTC, or the date of death in {base}.",
        f"{date}DTC",
    )
    return broken_rows(table.place, rule, frame, dead & (before | (first > pl.col("DEATH_LATEST"))))


def _flag(protocol: Protocol, table: Loaded) -> Iterator[Outcome]:
    """DTHFL agrees with DTHDTC; an inverted flag is named and never turned round."""
    frame = table.frame
    dated, flag = pl.col("DTHDTC").is_not_null(), pl.col("DTHFL")
    counts = frame.select(
        wrong=(dated & (flag == "N")).sum(),
        turned=(~dated & (flag == "Y")).sum(),
        dated=dated.sum(),
    ).row(0, named=True)
    inverted = 2 * counts["wrong"] > counts["dated"] and counts["turned"] > 0
    do = (
        "DTHFL is inverted. Write Y for subjects who died; it is not turned round for you."
        if inverted
        else "Correct DTHFL or DTHDTC."
    )
    rule = Rule("DTHFL agrees with DTHDTC: Y is a death.", do, "DTHFL")
    yield broken_rows(table.place, rule, frame, dated & (flag == "N"))
    undated = Rule(
        "A death has its date.",
        "Kept as recorded; without a date the death cannot end a time. Fill in DTHDTC.",
        "DTHDTC",
        severity="note",
    )
    yield broken_rows(table.place, undated, frame, ~dated & (flag == "Y"))
    cut_off = protocol.study.data_cut_off
    if cut_off is not None:
        late = Rule(
            f"No death is dated after the data cut-off, {cut_off.isoformat()}.",
            "Kept as recorded; such a death does not count.",
            "DTHDTC",
            severity="note",
        )
        yield broken_rows(table.place, late, frame, pl.col("DTHDT") > cut_off)


def _fatal_words(study: Study) -> Iterator[Told]:
    table = study.domain("AE")
    if table is None:
        return
    rule = Rule(
        "AESDTH, AEOUT and AETOXGR agree about a fatal event.",
        "Taken as fatal, grade 5. Look at AESDTH, AEOUT and AETOXGR.",
        "AEOUT",
        severity="note",
    )
    said = [pl.col("AESDTH") == "Y", pl.col("AEOUT") == "FATAL", pl.col("AETOXGR") == 5]
    yes = pl.any_horizontal(one.fill_null(value=False) for one in said)
    no = pl.any_horizontal((~one).fill_null(value=False) for one in said)
    yield "AE", broken_rows(table.place, rule, table.frame, yes & no)
