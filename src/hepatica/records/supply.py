"""Which collected tables can supply an analysis dataset, and which of them a protocol lacks."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from hepatica.errors import Problem
from hepatica.protocol.analyses import (
    AdverseEventsAnalysis,
    AgreementAnalysis,
    BiomarkerChangeAnalysis,
    DeviationsAnalysis,
    DispositionAnalysis,
    ExposureAnalysis,
    ResponseAnalysis,
    TherapiesAnalysis,
)
from hepatica.protocol.conditions import condition_columns
from hepatica.protocol.endpoints import TimeToEvent
from hepatica.protocol.model import Protocol
from hepatica.protocol.model_analyses import LogisticAnalysis
from hepatica.records.findings import listed
from hepatica.records.needs import base_table, table_endpoints, used_variables
from hepatica.records.ways import WAYS, has_dataset

__all__ = ["has_dataset", "missing_tables"]


def missing_tables(protocol: Protocol) -> Iterator[Problem]:
    """Give a problem for each dataset that an analysis needs and no table supplies."""
    kinds = {type(one) for one in protocol.analyses}
    needed = {
        "ADSL": True,
        "ADRS": not kinds.isdisjoint({ResponseAnalysis, AgreementAnalysis, LogisticAnalysis}),
        "ADAE": AdverseEventsAnalysis in kinds,
        "ADBM": BiomarkerChangeAnalysis in kinds,
        "ADEX": ExposureAnalysis in kinds,
        "ADCM": TherapiesAnalysis in kinds,
        "ADDV": DeviationsAnalysis in kinds,
        "DS": DispositionAnalysis in kinds and base_table(protocol) == "DM",
    }
    if base_table(protocol) == "DM":  # ready subject-level records may hold the column
        needed |= dict.fromkeys(_datasets_of_variables(protocol), True)
    lacking = [one for one in needed if needed[one] and not has_dataset(protocol, one)]
    yield from (_missing(one, WAYS[one]) for one in lacking)
    if "ADTTE" not in protocol.data.tables:
        for endpoint in table_endpoints(protocol):
            for problem in _of_endpoint(protocol, endpoint):
                if problem.table not in lacking:
                    yield problem


def _datasets_of_variables(protocol: Protocol) -> Iterator[str]:
    """Give the datasets whose records make variables that an analysis groups or chooses by."""
    used = used_variables(protocol)
    conditions = [one.where for one in protocol.analyses if one.where is not None]
    columns = {name for condition in conditions for name in condition_columns(condition)}
    for one in protocol.variables:
        if one.occurs is not None and (one in used or one.column in columns):
            yield one.occurs.dataset


def _of_endpoint(protocol: Protocol, endpoint: TimeToEvent) -> Iterator[Problem]:
    """Say why the times of an endpoint can neither be read nor be derived."""
    if all(rule.dataset is None for rule in endpoint.events):
        collected = [name for name in ("DM", "RS", "TR") if name in protocol.data.tables]
        yield _missing("ADTTE", (("ADTTE",),), rules_of=endpoint.id if collected else "")
        return
    required = dict.fromkeys(rule.dataset for rule in endpoint.events)
    optional = dict.fromkeys(
        chain(
            (rule.dataset for rule in endpoint.censoring),
            (rule.before.dataset for rule in endpoint.censoring if rule.before is not None),
        )
    )
    for dataset in sorted({one for one in (required | optional) if one} - {"ADSL", "ADTTE"}):
        if has_dataset(protocol, dataset):
            continue
        if dataset in required:
            yield _missing(dataset, WAYS.get(dataset, ((dataset,),)), needed_by=endpoint.id)
        else:
            yield _left_out(dataset, endpoint.id)


def _left_out(dataset: str, endpoint: str) -> Problem:
    return Problem(
        table=dataset,
        rule=f"Each censoring rule of the endpoint {endpoint} has the table it reads.",
        do=f"The rules that read {dataset} are left out; the rules after them apply.",
        found="no such table",
        where="study.yaml",
        severity="note",
    )


def _missing(
    dataset: str, ways: tuple[tuple[str, ...], ...], *, needed_by: str = "", rules_of: str = ""
) -> Problem:
    named = [" and ".join(f"data.tables.{name}" for name in way) for way in ways]
    do = f"Name its file under {listed(named, 'or')} in study.yaml."
    if rules_of:
        do += f" Or give dataset, where and date in the rules of the endpoint {rules_of}."
    if needed_by:
        do += f" The rules of the endpoint {needed_by} read it."
    return Problem(
        table=dataset,
        rule="The study brings each table that its analyses need.",
        do=do,
        found="no such table",
        where="study.yaml",
    )
