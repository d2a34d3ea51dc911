"""ADTTE by the rules of the protocol: first event, else the reason for censoring.

For each endpoint and subject:

1. Time starts at the endpoint's own origin. Without one there is no record.
2. The event is the earliest record of any event rule, on or after the origin; on one day the rule
   that stands first wins.
3. A censoring rule with ``before`` stops the time when that occurs before the event; the earliest
   such occurrence counts. The event no longer counts, and no later record is looked at.
4. Without an event the first censoring rule that has a record applies, with its latest record. A
   rule with ``before`` applies only where its own occurrence stopped the time.
5. Where none of these has a record, the time ends on the day of origin, by the rule without a
   dataset if the endpoint has one.

A censoring date before the origin becomes the origin, and the description says so. Records after
the data cut-off do not count; a date of ADSL that a censoring rule takes sums up many records, so
it is moved to the cut-off instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import narwhals.stable.v2 as nw

from hepatica.derive.columns import Frame
from hepatica.derive.endpoint_readings import as_read
from hepatica.derive.entry import with_entry
from hepatica.derive.planned_visits import last_before_missed, longest_gap, with_next_planned
from hepatica.derive.portable import day_number, first_of_subject, held
from hepatica.derive.subject_numbers import named_by, numbered_by, numbers_of
from hepatica.protocol.conditions import Condition, condition_columns
from hepatica.protocol.endpoints import TimeRule, TimeToEvent
from hepatica.protocol.model import Assessments, Protocol
from hepatica.protocol.occurrence import Occurrence
from hepatica.records.conditions import is_match

#: What CNSDTDSC says when no censoring rule of the endpoint has a record.
NO_RECORD = "No record that a censoring rule takes"
#: What CNSDTDSC adds when the censoring date was before the origin.
BEFORE_ORIGIN = ", before the time origin"

LazyFrame = nw.LazyFrame[Any]
_SOURCE = ("SRCDOM", "SRCVAR", "SRCSEQ")
_LAST = 1_000_000  # place of the day of origin among the censoring rules: after all others


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


def derive_adtte(protocol: Protocol, datasets: Mapping[str, Frame]) -> LazyFrame | None:
    """Return one record for each subject with an origin, and endpoint with structured rules.

    Parameters
    ----------
    protocol : Protocol
        Endpoints whose event rules all name a dataset and a date are derived, see the module.
    datasets : mapping of str to frame
        ADSL, and those of ADRS, ADCM and others that rules read, each with USUBJID.

    Returns
    -------
    LazyFrame or None
        USUBJID, PARAMCD, PARAM, STARTDT, ADT, AVAL (days, both ends counted), CNSR (0 for an
        event, else the place of the censoring rule in the endpoint, counted from 1), EVNTDESC,
        CNSDTDSC, SRCDOM, SRCVAR, SRCSEQ; where an endpoint has delayed entry also ENTRYDT and
        AENTRY, see `with_entry`. ``None`` when no endpoint can be derived;
        `left_out_rules` says why. The source is that of the record where the dataset has one,
        else the dataset, its date column and ASEQ.
    """
    lazy = {name: frame.lazy() for name, frame in datasets.items()}
    schemas = {name: frame.collect_schema() for name, frame in lazy.items()}
    endpoints = [
        one for one in structured_endpoints(protocol) if _endpoint_lacks(one, schemas) is None
    ]
    schedule = protocol.assessments
    numbers = numbers_of(lazy["ADSL"]) if "ADSL" in lazy else None
    taken = _Occurrences(dict(lazy), schemas, numbers)
    if "ADSL" in lazy:
        lazy["ADSL"] = numbered_by(lazy["ADSL"], numbers)
    parts = [
        _Derivation(one, lazy, schemas, protocol.study.data_cut_off, schedule, taken).records()
        for one in endpoints
    ]
    if any(one.entry is not None for one in endpoints):
        pairs = zip(parts, endpoints, strict=True)
        parts = [with_entry(part, one, lazy["ADSL"]) for part, one in pairs]
    return named_by(nw.concat(parts), numbers) if parts else None


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
        lacks = _endpoint_lacks(endpoint, schemas)
        if lacks is not None:
            found.append(LeftOut(endpoint.id, "", lacks))
            continue
        found += [
            LeftOut(endpoint.id, rule.id, missing)
            for rule in endpoint.censoring
            if (missing := _rule_lacks(rule, schemas)) is not None
        ]
        bare = [rule for rule in endpoint.censoring if rule.dataset is None]
        used = [rule for rule in bare if rule.before is None][:1]
        found += [LeftOut(endpoint.id, rule.id, "") for rule in bare if rule not in used]
    return tuple(found)


_Schemas = Mapping[str, Any]


def _endpoint_lacks(endpoint: TimeToEvent, schemas: _Schemas) -> str | None:
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
    return next((lacks for rule in endpoint.events if (lacks := _rule_lacks(rule, schemas))), None)


def _rule_lacks(rule: TimeRule, schemas: _Schemas) -> str | None:
    occurrence = _occurrence(rule)
    parts = [one for one in (occurrence, rule.before) if one is not None]
    return next((lacks for one in parts if (lacks := _occurrence_lacks(one, schemas))), None)


def _occurrence_lacks(occurrence: Occurrence, schemas: _Schemas) -> str | None:
    if occurrence.dataset not in schemas:
        return occurrence.dataset
    needed = (occurrence.date, *_columns(occurrence.where))
    schema = schemas[occurrence.dataset]
    return next((f"{occurrence.dataset}.{name}" for name in needed if name not in schema), None)


def _columns(where: Condition | None) -> tuple[str, ...]:
    return () if where is None else condition_columns(where)


def _occurrence(rule: TimeRule) -> Occurrence | None:
    if rule.dataset is None or rule.date is None:
        return None
    return Occurrence(dataset=rule.dataset, where=rule.where, date=rule.date)


@dataclass(frozen=True, slots=True)
class _Occurrences:
    """The dated records that meet a condition, sought once for all rules that name them."""

    datasets: Mapping[str, LazyFrame]
    schemas: _Schemas
    numbers: LazyFrame | None
    found: dict[str, LazyFrame] = field(default_factory=dict)

    def matching(self, occurrence: Occurrence) -> LazyFrame:
        """Return USUBJID, _DAY and the source of the records."""
        key = repr(occurrence)
        if key not in self.found:
            self.found[key] = held(self._sought(occurrence))
        return self.found[key]

    def _sought(self, occurrence: Occurrence) -> LazyFrame:
        name = occurrence.dataset
        frame, schema = self.datasets[name], self.schemas[name]
        if occurrence.where is not None:
            frame = frame.filter(is_match(occurrence.where, schema))
        found = frame.select(
            "USUBJID",
            nw.col(occurrence.date).cast(nw.Date).alias("_DAY"),
            *_source(name, occurrence.date, schema),
        ).filter(~nw.col("_DAY").is_null())
        return numbered_by(found, self.numbers)


@dataclass(frozen=True, slots=True)
class _Derivation:
    """One endpoint on the datasets of a study."""

    endpoint: TimeToEvent
    datasets: Mapping[str, LazyFrame]
    schemas: _Schemas
    cut_off: date | None
    schedule: Assessments | None
    occurrences: _Occurrences

    def records(self) -> LazyFrame:
        """Return the records of the endpoint."""
        times = held(self._with_stop(self._with_event(held(self._origins()))))
        times = self._with_censoring(self._after_missed(times))
        return self._described(times)

    def _origins(self) -> LazyFrame:
        """Return USUBJID and STARTDT of subjects whose origin is known by the cut-off."""
        origin = self.endpoint.origin
        if origin.variable in self.schemas["ADSL"]:
            days = self.datasets["ADSL"].select(
                "USUBJID", nw.col(origin.variable).cast(nw.Date).alias("STARTDT")
            )
        else:
            days = self._matching(origin.first).select("USUBJID", nw.col("_DAY").alias("STARTDT"))
            days = days.group_by("USUBJID").agg(nw.col("STARTDT").min())
        return self._by_cut_off(days.filter(~nw.col("STARTDT").is_null()), "STARTDT")

    def _with_event(self, times: LazyFrame) -> LazyFrame:
        """Add _DAY, _DESC and the source of the earliest event; null without one."""
        rules = [(place, rule) for place, rule in enumerate(self.endpoint.events)]
        events = nw.concat([self._taken(place, rule) for place, rule in rules])
        events = self._by_cut_off(events, "_DAY").join(times, on="USUBJID", how="inner")
        events = events.filter(nw.col("_DAY") >= nw.col("STARTDT"))
        events = events.with_columns(nw.col("_DAY").alias("_RECORDED"))
        events = self._at_visits(events).drop("STARTDT")
        events = events.filter(nw.col("_DAY") == nw.col("_DAY").min().over("USUBJID"))
        first = first_of_subject(events, ("_DAY", "_ORDER", "SRCSEQ", "SRCVAR"))
        return times.join(first, on="USUBJID", how="left").drop("_ORDER", "_RULE")

    def _at_visits(self, events: LazyFrame) -> LazyFrame:
        """Move the events that count at the next planned assessment to its day."""
        moved = [n for n, rule in enumerate(self.endpoint.events) if rule.at == "next_visit"]
        if not moved or self.schedule is None:
            return events
        events = with_next_planned(events, self.schedule)
        planned = nw.col("_PLANNED")
        if self.cut_off is not None:
            limit = nw.lit(self.cut_off, dtype=nw.Date)
            planned = nw.when(planned > limit).then(limit).otherwise(planned)
        day = nw.when(nw.col("_RULE").is_in(moved)).then(planned).otherwise(nw.col("_DAY"))
        return events.with_columns(day.alias("_DAY")).drop("_PLANNED")

    def _after_missed(self, times: LazyFrame) -> LazyFrame:
        """Clear the events that come after missed assessments, and say which rule did."""
        for place, rule in self._censoring():
            if rule.missed is not None and self.schedule is not None:
                seen = self._by_cut_off(self._taken(place, rule), "_DAY")
                since = last_before_missed(times, seen, longest_gap(self.schedule, rule.missed))
                times = held(_stopped(times.join(since, on="USUBJID", how="left"), place))
        return times

    def _with_stop(self, times: LazyFrame) -> LazyFrame:
        """Add _STOP and _STOPRULE where something came before the event, and clear the event."""
        stops = [
            self._by_cut_off(self._matching(rule.before), "_DAY")
            .group_by("USUBJID")
            .agg(nw.col("_DAY").min().alias("_STOP"))
            .with_columns(nw.lit(place).cast(nw.Int64).alias("_STOPRULE"))
            for place, rule in self._censoring()
            if rule.before is not None and rule.dataset is not None
        ]
        if not stops:
            empty = nw.lit(None, dtype=nw.Date).alias("_STOP")
            return times.with_columns(empty, nw.lit(None, dtype=nw.Int64).alias("_STOPRULE"))
        stop = stops[0] if len(stops) == 1 else nw.concat(stops)
        if len(stops) > 1:
            stop = first_of_subject(stop, ("_STOP", "_STOPRULE"))
        joined = times.join(stop, on="USUBJID", how="left")
        stopped = ~nw.col("_STOP").is_null() & (nw.col("_STOP") < nw.col("_RECORDED")).fill_null(
            nw.col("_DAY").is_null()
        )
        joined = joined.with_columns(stopped.alias("_STOPPED"))
        cleared = ("_DAY", "_DESC", *_SOURCE)
        return joined.with_columns(
            *(nw.when(~nw.col("_STOPPED")).then(nw.col(name)).alias(name) for name in cleared),
            *(
                nw.when(nw.col("_STOPPED")).then(nw.col(name)).alias(name)
                for name in ("_STOP", "_STOPRULE")
            ),
        ).drop("_STOPPED")

    def _with_censoring(self, times: LazyFrame) -> LazyFrame:
        """Add the censoring record of subjects without an event, its columns ending in _C."""
        subjects = times.filter(nw.col("_DAY").is_null()).select(
            "USUBJID", "STARTDT", "_STOP", "_STOPRULE"
        )
        candidates = [
            self._censored(place, rule, subjects)
            for place, rule in self._censoring()
            if rule.dataset is not None
        ]
        candidates.append(self._at_origin(subjects))
        every = nw.concat(candidates)
        every = every.filter(nw.col("_ORDER") == nw.col("_ORDER").min().over("USUBJID"))
        first = first_of_subject(every, ("SRCSEQ", "SRCVAR"))
        renamed = first.select(
            "USUBJID",
            "_RULE",
            *(nw.col(name).alias(f"{name}_C") for name in ("_DAY", "_DESC", *_SOURCE)),
        )
        return times.join(renamed, on="USUBJID", how="left")

    def _censored(self, place: int, rule: TimeRule, subjects: LazyFrame) -> LazyFrame:
        """Return the records that a censoring rule takes, of the subjects that it applies to."""
        if rule.before is not None or rule.missed is not None:
            subjects = subjects.filter((nw.col("_STOPRULE") == place).fill_null(value=False))
        taken = self._taken(place, rule)
        if rule.dataset == "ADSL" and self.cut_off is not None:
            limit = nw.lit(self.cut_off, dtype=nw.Date)
            capped = nw.when(nw.col("_DAY") > limit).then(limit).otherwise(nw.col("_DAY"))
            taken = taken.with_columns(capped.alias("_DAY"))
        taken = self._by_cut_off(taken, "_DAY").join(subjects, on="USUBJID", how="inner")
        early = (nw.col("_DAY") <= nw.col("_STOP")).fill_null(nw.col("_STOP").is_null())
        taken = taken.filter(early).select(*_TAKEN)
        return taken.filter(nw.col("_DAY") == nw.col("_DAY").max().over("USUBJID"))

    def _at_origin(self, subjects: LazyFrame) -> LazyFrame:
        """Return the day of origin of each subject, for those without any other record."""
        rules = [
            (place, rule)
            for place, rule in enumerate(self.endpoint.censoring, start=1)
            if rule.dataset is None and rule.before is None
        ]
        place, description = (
            (rules[0][0], rules[0][1].description)
            if rules
            else (len(self.endpoint.censoring) + 1, NO_RECORD)
        )
        origin = self.endpoint.origin
        dataset, variable = "ADSL", origin.variable
        if origin.first is not None and origin.variable not in self.schemas["ADSL"]:
            dataset, variable = origin.first.dataset, origin.first.date
        return subjects.select(
            "USUBJID",
            nw.col("STARTDT").alias("_DAY"),
            nw.lit(_LAST).cast(nw.Int64).alias("_ORDER"),
            nw.lit(place).cast(nw.Int64).alias("_RULE"),
            nw.lit(description).alias("_DESC"),
            nw.lit(dataset).alias("SRCDOM"),
            nw.lit(variable).alias("SRCVAR"),
            nw.lit(None, dtype=nw.Int64).alias("SRCSEQ"),
        )

    def _described(self, times: LazyFrame) -> LazyFrame:
        event = ~nw.col("_DAY").is_null()
        day = nw.coalesce(nw.col("_DAY"), nw.col("_DAY_C"))
        times = times.with_columns(day.alias("ADT"), event.alias("_EVENT"))
        early = nw.col("ADT") < nw.col("STARTDT")
        times = times.with_columns(
            nw.when(early).then(nw.col("STARTDT")).otherwise(nw.col("ADT")).alias("ADT"),
            nw.when(early).then(nw.lit(BEFORE_ORIGIN)).otherwise(nw.lit("")).alias("_SAID"),
        )
        days = day_number(nw.col("ADT")) - day_number(nw.col("STARTDT")) + 1
        reason = nw.concat_str(nw.col("_DESC_C"), nw.col("_SAID"))
        return times.select(
            "USUBJID",
            nw.lit(self.endpoint.parameter).alias("PARAMCD"),
            nw.lit(self.endpoint.label).alias("PARAM"),
            "STARTDT",
            "ADT",
            days.cast(nw.Float64).alias("AVAL"),
            nw.when(nw.col("_EVENT"))
            .then(nw.lit(0))
            .otherwise(nw.col("_RULE"))
            .cast(nw.Int64)
            .alias("CNSR"),
            nw.col("_DESC").alias("EVNTDESC"),
            nw.when(~nw.col("_EVENT")).then(reason).alias("CNSDTDSC"),
            *(
                nw.when(nw.col("_EVENT"))
                .then(nw.col(name))
                .otherwise(nw.col(f"{name}_C"))
                .alias(name)
                for name in _SOURCE
            ),
        )

    def _censoring(self) -> Sequence[tuple[int, TimeRule]]:
        """Return the censoring rules that the datasets allow, with their places from 1."""
        return [
            (place, rule)
            for place, rule in enumerate(self.endpoint.censoring, start=1)
            if _rule_lacks(rule, self.schemas) is None
        ]

    def _taken(self, place: int, rule: TimeRule) -> LazyFrame:
        return (
            self._matching(_occurrence(rule))
            .with_columns(
                nw.lit(place).cast(nw.Int64).alias("_ORDER"),
                nw.lit(place).cast(nw.Int64).alias("_RULE"),
                nw.lit(rule.description).alias("_DESC"),
            )
            .select(*_TAKEN)
        )

    def _matching(self, occurrence: Occurrence | None) -> LazyFrame:
        """Return USUBJID, _DAY and the source of the dated records that meet the condition."""
        if occurrence is None:
            return self.datasets["ADSL"].filter(nw.lit(value=False))
        return self.occurrences.matching(occurrence)

    def _by_cut_off(self, frame: LazyFrame, column: str) -> LazyFrame:
        if self.cut_off is None:
            return frame
        return frame.filter(nw.col(column) <= nw.lit(self.cut_off, dtype=nw.Date))


def _stopped(times: LazyFrame, place: int) -> LazyFrame:
    """Clear the event of subjects with _SINCE, who are stopped there by the rule at a place."""
    missed = ~nw.col("_SINCE").is_null()
    return times.with_columns(
        *(nw.when(~missed).then(nw.col(name)).alias(name) for name in ("_DAY", "_DESC", *_SOURCE)),
        nw.when(missed).then(nw.col("_SINCE")).otherwise(nw.col("_STOP")).alias("_STOP"),
        nw.when(missed)
        .then(place)
        .otherwise(nw.col("_STOPRULE"))
        .cast(nw.Int64)
        .alias("_STOPRULE"),
    ).drop("_SINCE")


_TAKEN = ("USUBJID", "_DAY", "_ORDER", "_RULE", "_DESC", *_SOURCE)


def _source(dataset: str, column: str, schema: Any) -> tuple[nw.Expr, ...]:
    """Return SRCDOM, SRCVAR and SRCSEQ of the records of a dataset."""
    passed_on = "ASEQ" not in schema and all(name in schema for name in _SOURCE)
    domain, variable = nw.lit(dataset), nw.lit(column)
    sequence = next(
        (one for one in ("ASEQ", "SRCSEQ") if one in schema and schema[one].is_numeric()), None
    )
    number = nw.lit(None, dtype=nw.Int64) if sequence is None else nw.col(sequence)
    if passed_on:
        domain = nw.coalesce(nw.col("SRCDOM").cast(nw.String), domain)
        variable = nw.coalesce(nw.col("SRCVAR").cast(nw.String), variable)
    return (
        domain.alias("SRCDOM"),
        variable.alias("SRCVAR"),
        number.cast(nw.Int64).alias("SRCSEQ"),
    )
