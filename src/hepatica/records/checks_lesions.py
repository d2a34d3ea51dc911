"""Rules about lesions: identification, roles, size and sums at baseline."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from hepatica.records.at_visits import at_visits
from hepatica.records.checks_sums import check_sums
from hepatica.records.domains.lesions import DIAMETERS
from hepatica.records.facts import Study, Told
from hepatica.records.findings import SUBJECT, Rule, broken_rows
from hepatica.records.sums import WHO
from hepatica.records.whole_lesions import parts_named

_BEFORE = r"(?i)baseline|screen"
#: Smallest measurable lesion and lymph node (short axis), hundredths of a mm (RECIST 1.1, 3.1).
_MEASURABLE, _MEASURABLE_NODE = 1000, 1500


def check_lesions(study: Study) -> Iterator[Told]:
    """Give the outcome of each rule about lesions."""
    yield from _identified(study)
    yield from _new_at_baseline(study)
    yield from _two_scans(study)
    yield from _baseline_sums(study)
    yield from _measurable(study)
    yield from check_sums(study)


def _identified(study: Study) -> Iterator[Told]:
    results, lesions = study.domain("TR"), study.domain("TU")
    if results is None or lesions is None:
        return
    roles = (
        lesions.frame.filter(pl.col("TULNKID").is_not_null())
        .group_by(SUBJECT, pl.col("TULNKID").alias("TRLNKID"))
        .agg(pl.col("TUORRES").drop_nulls().unique().alias("ROLES"))
    )
    # A part is not identified in TU: it is a part of lesions that are.
    of_parts = (
        parts_named(study)
        .rename({"LINK": "PART", "LESION": "TRLNKID"})
        .join(roles, on=[SUBJECT, "TRLNKID"])
    )
    of_parts = of_parts.group_by(SUBJECT, pl.col("PART").alias("TRLNKID")).agg(
        pl.col("ROLES").explode().unique()
    )
    told = pl.concat([roles.join(of_parts, on=[SUBJECT, "TRLNKID"], how="anti"), of_parts])
    frame = results.frame.join(told, on=[SUBJECT, "TRLNKID"], how="left", maintain_order="left")
    known = Rule(
        "Each measured lesion is identified in TU.",
        "Add the lesion to TU, or correct TRLNKID.",
        "TRLNKID",
    )
    named = pl.col("TRLNKID").is_not_null() & pl.col(SUBJECT).is_not_null()
    yield "TR", broken_rows(results.place, known, frame, named & pl.col("ROLES").is_null())
    same = Rule(
        "A lesion has the role in TR that it has in TU.",
        "Correct TRGRPID, or TUORRES in TU.",
        "TRGRPID",
    )
    other = pl.col("TRGRPID").is_not_null() & ~pl.col("ROLES").list.contains(pl.col("TRGRPID"))
    yield "TR", broken_rows(results.place, same, frame, named & other)
    one_role = Rule(
        "A lesion keeps its role.", "Write one role for each lesion in TUORRES.", "TUORRES"
    )
    changed = roles.filter(pl.col("ROLES").list.len() > 1).select(
        SUBJECT, pl.col("TRLNKID").alias("TULNKID"), CHANGED=True
    )
    marked = lesions.frame.join(changed, on=[SUBJECT, "TULNKID"], how="left", maintain_order="left")
    yield "TU", broken_rows(lesions.place, one_role, marked, pl.col("CHANGED"))


def _new_at_baseline(study: Study) -> Iterator[Told]:
    for name, role, day in (("TU", "TUORRES", "TUDT"), ("TR", "TRGRPID", "TRDT")):
        table = study.domain(name)
        if table is None:
            continue
        frame = study.with_subjects(table.frame)
        rule = Rule(
            "No lesion is new at baseline.",
            f"Correct {role}, or {day}C.",
            role,
        )
        named = pl.col("VISIT").str.contains(_BEFORE).fill_null(value=False)
        before = named | (pl.col(day) <= pl.col("FIRST")).fill_null(value=False)
        yield name, broken_rows(table.place, rule, frame, (pl.col(role) == "NEW") & before)


def _two_scans(study: Study) -> Iterator[Told]:
    table = study.domain("TR")
    if table is None:
        return
    frame = table.frame
    visit = (*WHO, "VISITNUM", "VISIT")
    measured = pl.col("TRTESTCD").is_in(DIAMETERS) & pl.col("TRSTRESN").is_not_null()
    named = pl.col("VISITNUM").is_not_null() | pl.col("VISIT").is_not_null()
    days = (
        frame.filter(measured & named)
        .group_by(*visit, "TRLNKID", "TRTESTCD")
        .agg(pl.col("TRDT").n_unique().alias("DAYS"))
    )
    twice = days.filter(pl.col("DAYS") > 1).drop("DAYS").with_columns(TWICE=True)
    if twice.is_empty():
        yield "TR", None
        return
    rule = Rule(
        "A visit has one sum: each lesion is measured on one day of it.",
        "Kept as recorded. Give the scans visits of their own.",
        "TRDTC",
        severity="note",
    )
    on = [*visit, "TRLNKID", "TRTESTCD"]
    marked = frame.join(twice, on=on, how="left", nulls_equal=True, maintain_order="left")
    yield "TR", broken_rows(table.place, rule, marked, pl.col("TWICE") & measured)


def _baseline_sums(study: Study) -> Iterator[Told]:
    table, scans = study.domain("TR"), study.scans
    if table is None or scans is None:
        return
    before = scans.filter(pl.col("SUM").is_not_null() & (pl.col("DAY") <= pl.col("FIRST")))
    on_day = (*WHO, "DAY")
    same_day = Rule(
        "A day has one baseline sum of the target lesions.",
        "Correct TRSTRESN or TRDTC: complete scans of one day give different sums.",
        "TRSTRESN",
    )
    differs = pl.col("SUM").n_unique().over(on_day) > 1
    outcome = broken_rows(table.place, same_day, before, differs)
    yield "TR", at_visits(outcome, before.filter(differs))
    several = Rule(
        "There is one baseline sum of the target lesions.",
        "Kept as recorded: the last complete scan on or before the first dose is the baseline.",
        "TRSTRESN",
        severity="note",
    )
    days = pl.col("DAY").n_unique().over(WHO) > 1
    different = days & (pl.col("SUM").n_unique().over(WHO) > 1)
    yield "TR", broken_rows(table.place, several, before, different)


def _measurable(study: Study) -> Iterator[Told]:
    table, scans = study.domain("TR"), study.scans
    if table is None or scans is None:
        return
    before = scans.filter(pl.col("DAY") <= pl.col("FIRST"))
    last = before.filter(pl.col("DAY") == pl.col("DAY").max().over(WHO))
    rule = Rule(
        "A target lesion measures 10 mm or more at baseline, a lymph node 15 mm (short axis).",
        "Kept as recorded. Look at TRSTRESN and at the role of the lesion.",
        "TRSTRESN",
        severity="note",
    )
    small = (pl.col("SMALLEST") < _MEASURABLE) | (pl.col("SMALLEST_NODE") < _MEASURABLE_NODE)
    yield "TR", broken_rows(table.place, rule, last, small)
