"""Rules between tables."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from hepatica.protocol.model import Protocol
from hepatica.records.checks_dates import check_dates
from hepatica.records.checks_death import check_death
from hepatica.records.checks_dosing import check_dosing
from hepatica.records.checks_eligibility import check_eligibility
from hepatica.records.checks_lesions import check_lesions
from hepatica.records.checks_response import check_response
from hepatica.records.checks_treatment import check_treatment
from hepatica.records.checks_units import check_units
from hepatica.records.facts import Check, study_facts
from hepatica.records.findings import SUBJECT, Outcome, Rule, broken_rows
from hepatica.records.loaded import Loaded
from hepatica.records.needs import base_table
from hepatica.records.sums import target_sums
from hepatica.records.times import contradiction

#: Rules across tables, in the order in which they are told.
CHECKS: tuple[Check, ...] = (
    check_dates,
    check_death,
    check_units,
    check_eligibility,
    check_dosing,
    check_treatment,
    check_lesions,
    check_response,
)


def check_across(protocol: Protocol, tables: dict[str, Loaded]) -> dict[str, Loaded]:
    """Run the rules that need more than one table.

    Parameters
    ----------
    protocol : Protocol
        The study.
    tables : dict of str to Loaded
        Checked tables by name.

    Returns
    -------
    dict of str to Loaded
        The same tables with the outcomes of these rules.
    """
    base = tables.get(base_table(protocol))
    known = base is not None and base.complete and base.has(SUBJECT)
    if base is None or not known or SUBJECT in base.spoiled:
        return tables
    checked = dict(tables)
    for name, table in tables.items():
        if table is base or not table.has(SUBJECT):
            continue
        outcomes = [_known_subjects(table, base)]
        if name == "ADTTE":
            outcomes += _deaths(table, base)
        checked[name] = table.plus(*outcomes)
    study = study_facts(protocol, checked, base)
    study = replace(study, scans=target_sums(study))
    for check in CHECKS:
        for name, outcome in check(study):
            checked[name] = checked[name].plus(outcome)
    return checked


def _known_subjects(table: Loaded, base: Loaded) -> Outcome:
    name = base.place.table
    known = base.frame.get_column(SUBJECT).drop_nulls().unique()
    rule = Rule(
        f"Each subject is in {name}.",
        f"Add the subject to {name}, or correct {SUBJECT}.",
        SUBJECT,
    )
    there = pl.col(SUBJECT).is_in(known.implode())
    return broken_rows(table.place, rule, table.frame, ~there)


def _deaths(table: Loaded, base: Loaded) -> list[Outcome]:
    """Overall survival agrees with what ADSL says about death."""
    told = [one for one in ("DTHFL", "DTHDT") if base.has(one)]
    if not told or not table.has("PARAMCD", "CNSR"):
        return []
    # A column found to be inverted by its descriptions is told once.
    if any(one is not None and one.rule.startswith("CNSR of OS") for one in table.outcomes):
        return []
    if not any(base.frame.get_column(one).count() for one in told):
        return []
    subjects = base.frame.select(SUBJECT, *told).unique(SUBJECT, keep="first")
    frame = table.frame.filter(pl.col("PARAMCD") == "OS").drop(told, strict=False)
    frame = frame.join(subjects, on=SUBJECT, how="left", maintain_order="left")
    if frame.is_empty():
        return []
    nothing = pl.lit(value=False)
    flagged = pl.col("DTHFL").eq_missing("Y") if "DTHFL" in told else nothing
    dated = pl.col("DTHDT").is_not_null() if "DTHDT" in told else nothing
    dead = flagged | dated
    if "DTHDT" in told and table.has("ADT"):
        later = (pl.col("DTHDT") > pl.col("ADT")).fill_null(value=False)
    else:
        later = nothing
    found = frame.select(dead=dead & ~later, alive=~dead)
    return [
        contradiction(
            table.place,
            frame,
            found.get_column("dead"),
            found.get_column("alive"),
            told=" and ".join(f"{base.place.table}.{one}" for one in told),
            label="OS",
        )
    ]
