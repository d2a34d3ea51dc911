"""The rules of a domain's schema, told as sentences, and the records after the data cut-off."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import polars as pl

from hepatica.protocol.model import Protocol
from hepatica.records.at_visits import at_visits
from hepatica.records.domains import DOMAINS, SENTENCES, Domain, within
from hepatica.records.findings import ROW, Outcome, Rule, broken_rows, listed, problem_of
from hepatica.records.loaded import Loaded
from hepatica.records.schemas import SENTENCES as SHARED

#: Words shown of a long vocabulary.
_SHOWN = 7
#: Rules of which a missing column would make every row fail, which is told once elsewhere.
_ABOUT = {
    "each_row_names_its_subject": ("USUBJID",),
    "each_row_names_its_event": ("AETERM", "AEDECOD"),
    "the_role_of_a_lesion_is_known": ("TUORRES",),
    "a_measurement_has_its_lesion_and_date": ("TRLNKID", "TRDTC"),
    "a_response_has_its_date": ("RSDTC",),
    "a_dose_says_when_it_started": ("EXSTDTC",),
}
#: Rules of which the visits are told beside the subjects.
_AT_VISITS = ("a_diameter_lies_between_0_and_500_mm", "RSSTRESC|regex")


def check_domain(protocol: Protocol, table: Loaded) -> Loaded:
    """Run the rules of a collected domain; records after the data cut-off are set aside.

    Parameters
    ----------
    protocol : Protocol
        The study.
    table : Loaded
        A typed table with all columns of its domain.
    """
    domain = DOMAINS[table.place.table]
    if domain.name == "TU" and _is_lesion_sheet(protocol):
        table = _identifications(table)
    if domain.copies_set_aside:
        table = _without_copies(domain, table)
    table = table.plus(*_schema_outcomes(protocol, domain, table))
    return set_aside(protocol, table, domain.date) if domain.date else table


def set_aside(protocol: Protocol, table: Loaded, column: str) -> Loaded:
    """Take records after the data cut-off out of the table, and say how many.

    Parameters
    ----------
    protocol : Protocol
        The study.
    table : Loaded
        A typed table.
    column : str
        The date of a record; the earliest day where the date is known in part.
    """
    cut_off = protocol.study.data_cut_off
    if cut_off is None or not table.has(column):
        return table
    rule = Rule(
        f"No record is dated after the data cut-off, {cut_off.isoformat()}.",
        "Set aside: these records are not counted.",
        column,
        severity="note",
    )
    late = (pl.col(column) > cut_off).fill_null(value=False)
    outcome = broken_rows(table.place, rule, table.frame, late)
    return replace(table, frame=table.frame.filter(~late)).plus(outcome)


def _is_lesion_sheet(protocol: Protocol) -> bool:
    """Return whether one sheet holds both the lesions and their measurements."""
    lesions, results = (protocol.data.tables.get(name) for name in ("TU", "TR"))
    if lesions is None or results is None:
        return False
    return (lesions.file, lesions.sheet) == (results.file, results.sheet)


def _identifications(table: Loaded) -> Loaded:
    """Keep the earliest row of each lesion: a sheet of measurements names it at each visit."""
    key = ["USUBJID", "TUEVAL", "TUEVALID", "TULNKID", "TUORRES"]
    ordered = table.frame.sort("TUDT", ROW, nulls_last=True)
    first = ordered.unique(key, keep="first", maintain_order=True)
    return replace(table, frame=first.sort(ROW))


def _without_copies(domain: Domain, table: Loaded) -> Loaded:
    """Keep one of several rows that say the same: a lesion told twice would be summed twice."""
    compared = [one for one in domain.schema.column_names() if one not in (ROW, domain.sequence)]
    copy = pl.struct(compared).is_first_distinct().not_()
    marked = table.frame.select(copy.alias("copy")).get_column("copy")
    rule = Rule(
        "No row is a copy of another.",
        "Set aside: of rows that say the same, the first is kept.",
        severity="note",
    )
    outcome = broken_rows(table.place, rule, table.frame, marked)
    return replace(table, frame=table.frame.filter(~marked)).plus(outcome)


def _schema_outcomes(protocol: Protocol, domain: Domain, table: Loaded) -> list[Outcome]:
    columns = domain.schema.column_names()
    types = {name: one.dtype for name, one in domain.schema.columns().items()}
    # A column that kept another type broke a rule of its cast, which is told already.
    tested = table.frame.select(
        pl.col(name)
        if table.frame.schema.get(name) == types[name]
        else pl.lit(None, types[name]).alias(name)
        for name in columns
    )
    _, failure = domain.schema.filter(tested)
    details = failure.details()
    outcomes: list[Outcome] = []
    for name in (one for one in details.columns if one not in columns):
        rule, about = _rule(protocol, domain, name)
        failing = details.filter(pl.col(name) == "invalid")
        silent = failing.is_empty() or not table.spoiled.isdisjoint(about)
        if silent:
            outcomes.append(None)
            continue
        problem = problem_of(table.place, rule, failing, table.frame.height)
        outcomes.append(at_visits(problem, failing) if name in _AT_VISITS else problem)
    return outcomes


def _rule(protocol: Protocol, domain: Domain, name: str) -> tuple[Rule, tuple[str, ...]]:
    """Return the sentence of a schema's rule, and the columns without which it says nothing."""
    if "|" not in name:
        rule = SENTENCES.get(name) or SHARED[name]
        return rule, _ABOUT.get(name, ())
    column, kind = name.split("|", 1)
    told = domain.schema.columns()[column]
    metadata: dict[str, Any] = told.metadata or {}
    match kind:
        case "nullability":
            rule = Rule(f"Each row of {domain.name} has {column}.", f"Fill in {column}.", column)
            return rule, (column,)
        case "regex":
            rule = _words_rule(protocol, column, metadata)
        case _:
            do = f"Correct {column}, or leave the cell empty."
            rule = Rule(within(column, told), do, column)
    return rule, ()


def _words_rule(protocol: Protocol, column: str, metadata: dict[str, Any]) -> Rule:
    words = metadata.get("words", ())
    severity: Literal["problem", "note"] = "note" if metadata.get("note") else "problem"
    if column == "RSSTRESC":
        plan = protocol.assessments
        severity = "problem" if plan is not None and plan.response_from == "coded" else "note"
    do = f"Write {listed(words[:_SHOWN], 'or')}, or leave the cell empty."
    if severity == "note":
        do = f"Kept as recorded, and not understood. Known words are {listed(words, 'and')}."
    return Rule(f"{column} is a known word.", do, column, severity=severity)
