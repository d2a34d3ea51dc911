"""Which endpoints and rules the datasets of a study allow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hepatica.derive.columns import Frame
from hepatica.derive.endpoint_readings import as_read
from hepatica.protocol.conditions import Condition, condition_columns
from hepatica.protocol.endpoints import TimeRule, TimeToEvent
from hepatica.protocol.model import Protocol
from hepatica.protocol.occurrence import Occurrence

#: Name of a dataset to the types of its columns.
Schemas = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A rule, or a whole endpoint, that the datasets do not allow.

    Attributes
    ----------
    endpoint : str
        Id of the endpoint.
    rule : str
        Id of the censoring rule; empty when the endpoint as a whole is left out.
    lacks : str
        Dataset, or dataset and column, that is not there: ``ADCM`` or ``ADCM.NEWTHFL``; empty
        when the rule itself names no dataset and cannot do without.
    """

    endpoint: str
    rule: str
    lacks: str


def structured_endpoints(protocol: Protocol) -> tuple[TimeToEvent, ...]:
    """Return the times to event whose event rules all name a dataset and a date.

    The rules of an endpoint of a further reading name the datasets of that reading.
    """
    return tuple(
        as_read(endpoint)
        for endpoint in protocol.endpoints
        if isinstance(endpoint, TimeToEvent)
        and endpoint.sheet is None
        and all(rule.dataset and rule.date for rule in endpoint.events)
    )


def left_out_rules(protocol: Protocol, datasets: Mapping[str, Frame]) -> tuple[LeftOut, ...]:
    """Return the endpoints and censoring rules that the datasets do not allow.

    An endpoint needs its origin and the datasets of all its events. A censoring rule whose
    dataset is not there (a study without ADCM) is skipped; the rules after it apply. Only the
    first censoring rule without a dataset is used, for the day of origin, and it has no
    ``before``.
    """
    schemas = {name: frame.lazy().collect_schema() for name, frame in datasets.items()}
    found = []
    for endpoint in structured_endpoints(protocol):
        lacks = endpoint_lacks(endpoint, schemas)
        if lacks is not None:
            found.append(LeftOut(endpoint.id, "", lacks))
            continue
        found += [
            LeftOut(endpoint.id, rule.id, missing)
            for rule in endpoint.censoring
            if (missing := rule_lacks(rule, schemas)) is not None
        ]
        bare = [rule for rule in endpoint.censoring if rule.dataset is None]
        used = [rule for rule in bare if rule.before is None][:1]
        found += [LeftOut(endpoint.id, rule.id, "") for rule in bare if rule not in used]
    return tuple(found)


def endpoint_lacks(endpoint: TimeToEvent, schemas: Schemas) -> str | None:
    """Return what an endpoint cannot do without and the datasets do not have."""
    origin = endpoint.origin
    if "ADSL" not in schemas:
        return "ADSL"
    if endpoint.entry is not None and endpoint.entry.variable not in schemas["ADSL"]:
        return f"ADSL.{endpoint.entry.variable}"
    if origin.variable not in schemas["ADSL"]:
        if origin.first is None:
            return f"ADSL.{origin.variable}"
        lacks = _occurrence_lacks(origin.first, schemas)
        if lacks is not None:
            return lacks
    return next((lacks for rule in endpoint.events if (lacks := rule_lacks(rule, schemas))), None)


def rule_lacks(rule: TimeRule, schemas: Schemas) -> str | None:
    """Return the dataset or column that a rule needs and that is not there."""
    occurrence = occurrence_of(rule)
    parts = [one for one in (occurrence, rule.before) if one is not None]
    return next((lacks for one in parts if (lacks := _occurrence_lacks(one, schemas))), None)


def _occurrence_lacks(occurrence: Occurrence, schemas: Schemas) -> str | None:
    if occurrence.dataset not in schemas:
        return occurrence.dataset
    needed = (occurrence.date, *_columns(occurrence.where))
    schema = schemas[occurrence.dataset]
    return next((f"{occurrence.dataset}.{name}" for name in needed if name not in schema), None)


def _columns(where: Condition | None) -> tuple[str, ...]:
    return () if where is None else condition_columns(where)


def occurrence_of(rule: TimeRule) -> Occurrence | None:
    """Return what a rule looks for; None when it names no dataset."""
    if rule.dataset is None or rule.date is None:
        return None
    return Occurrence(dataset=rule.dataset, where=rule.where, date=rule.date)
