"""The rules of one table: those of its schema, and those that the protocol adds."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from hepatica.protocol.analyses import AdverseEventsAnalysis
from hepatica.protocol.model import Protocol
from hepatica.records.domain_rules import check_domain, set_aside
from hepatica.records.domains import DOMAINS
from hepatica.records.findings import Outcome, Rule, about_file, broken_rows, listed
from hepatica.records.loaded import Loaded
from hepatica.records.needs import base_table, table_endpoints, used_responses
from hepatica.records.schemas import check_schema
from hepatica.records.sheet import check_sheet
from hepatica.records.subjects import check_subjects
from hepatica.records.times import check_times

_CONTROL = r"[\x00-\x08\x0B\x0C\x0E-\x1F\x7F]"
_RESPONSES = (
    *("CR", "PR", "SD", "NON-CR/NON-PD", "PD", "NE", "MISSING"),
    *("iCR", "iPR", "iSD", "iUPD", "iCPD"),
    *("Y", "N"),
)


def check_table(protocol: Protocol, table: Loaded) -> Loaded:
    """Run every rule about one table alone; records after the data cut-off are set aside.

    Parameters
    ----------
    protocol : Protocol
        The study.
    table : Loaded
        A typed table.

    Returns
    -------
    Loaded
        With the outcomes of these rules.
    """
    table = table.plus(_no_control_characters(table))
    name = table.place.table
    if name == "ADAE":
        return _adverse_events(protocol, table)
    if name in DOMAINS:
        table = check_domain(protocol, table)
        return table.plus(*check_subjects(protocol, table)) if _is_base(protocol, name) else table
    table = table.plus(*check_schema(name, table.frame, table.place, {}, table.spoiled))
    if _is_base(protocol, name):
        table = table.plus(*check_subjects(protocol, table))
    if name == "PATIENTS":
        table = table.plus(*check_sheet(protocol, table))
    if name == "ADTTE":
        wanted = tuple(one.parameter for one in table_endpoints(protocol))
        table = table.plus(*_parameters(table, wanted), *check_times(protocol, table))
    if name == "ADRS":
        table = table.plus(*_responses(protocol, table))
        table = set_aside(protocol, table, "ADT")
    return table


def _is_base(protocol: Protocol, name: str) -> bool:
    return name == base_table(protocol)


def _no_control_characters(table: Loaded) -> Outcome:
    frame = table.frame
    texts = [name for name, dtype in frame.schema.items() if dtype == pl.String]
    if not texts:
        return None
    with_one = frame.select(pl.col(texts).str.contains(_CONTROL).fill_null(value=False))
    columns = [name for name in texts if with_one.get_column(name).any()]
    rule = Rule(
        "Text holds no control characters.",
        f"Remove them from {listed(columns, 'and')}, or export the table again.",
        columns[0] if len(columns) == 1 else "",
    )
    return broken_rows(
        table.place, rule, frame, with_one.select(pl.any_horizontal(texts)).to_series()
    )


def _parameters(table: Loaded, wanted: tuple[str, ...]) -> Iterator[Outcome]:
    """Each parameter that an endpoint needs has records."""
    if not table.has("PARAMCD") or table.frame.is_empty():
        return
    there = set(table.frame.get_column("PARAMCD").drop_nulls().unique())
    for parameter in dict.fromkeys(wanted):
        rule = Rule(
            f"There are records of the parameter {parameter}.",
            "Add them, or correct the parameter of the endpoint in study.yaml.",
            "PARAMCD",
        )
        missing = parameter not in there
        yield about_file(table.place, rule, f"0 of {table.rows} rows") if missing else None


def _responses(protocol: Protocol, table: Loaded) -> Iterator[Outcome]:
    endpoints = used_responses(protocol)
    wanted = tuple(dict.fromkeys(one.parameter for one in endpoints))
    yield from _parameters(table, wanted)
    if not table.has("PARAMCD", "AVALC"):
        return
    counted = [word for one in endpoints for word in one.counted]
    if any(one.is_yes_or_no for one in endpoints):
        counted += ["Y", "N"]
    words = tuple(dict.fromkeys((*_RESPONSES, *counted)))
    of_endpoint = pl.col("PARAMCD").is_in(wanted)
    known = Rule(
        "AVALC of a response is a known word.",
        f"Write {listed(words[:7], 'or')}.",
        "AVALC",
    )
    read = of_endpoint | (pl.col("PARAMCD") == "OVR")
    yield broken_rows(table.place, known, table.frame, read & ~pl.col("AVALC").is_in(words))
    if not table.has("USUBJID"):
        return
    single = Rule(
        "Each subject has one best response of a parameter.",
        f"Keep one row for each subject of {listed(wanted, 'and')}.",
        "PARAMCD",
    )
    key = pl.struct("USUBJID", "PARAMCD")
    repeated = of_endpoint & pl.col("USUBJID").is_not_null() & key.is_duplicated()
    yield broken_rows(table.place, single, table.frame, repeated)


def _adverse_events(protocol: Protocol, table: Loaded) -> Loaded:
    analyses = [one for one in protocol.analyses if isinstance(one, AdverseEventsAnalysis)]
    pairs = {(one.term, one.severity.column) for one in analyses} or {("AEDECOD", "AETOXGR")}
    for term, grade in sorted(pairs):
        names = {"TERM": term, "GRADE": grade}
        typed = table.frame.schema.get(grade) in (None, pl.Int64)
        frame = table.frame if typed else table.frame.drop(grade)
        table = table.plus(*check_schema("ADAE", frame, table.place, names, table.spoiled))
    return set_aside(protocol, table, "ASTDT")
