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

from collections.abc import Mapping

import narwhals.stable.v2 as nw

from hepatica.derive.columns import Frame
from hepatica.derive.entry import with_entry
from hepatica.derive.planned_visits import with_next_planned
from hepatica.derive.portable import first_of_subject, held
from hepatica.derive.subject_numbers import named_by, numbered_by, numbers_of
from hepatica.derive.time_described import described
from hepatica.derive.time_records import SOURCE, TAKEN, LazyFrame, Occurrences, RuleRecords
from hepatica.derive.time_rules import endpoint_lacks, structured_endpoints
from hepatica.derive.time_stops import after_missed, with_stop
from hepatica.protocol.endpoints import TimeRule
from hepatica.protocol.model import Protocol

#: What CNSDTDSC says when no censoring rule of the endpoint has a record.
NO_RECORD = "No record that a censoring rule takes"

_LAST = 1_000_000  # place of the day of origin among the censoring rules: after all others


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
        one for one in structured_endpoints(protocol) if endpoint_lacks(one, schemas) is None
    ]
    if not endpoints:
        return None
    schedule = protocol.assessments
    numbers = numbers_of(lazy["ADSL"])
    adsl = numbered_by(lazy["ADSL"], numbers)
    taken = Occurrences(lazy, schemas, numbers)
    parts = [
        _records(RuleRecords(one, adsl, schemas, protocol.study.data_cut_off, schedule, taken))
        for one in endpoints
    ]
    if any(one.entry is not None for one in endpoints):
        pairs = zip(parts, endpoints, strict=True)
        parts = [with_entry(part, one, adsl) for part, one in pairs]
    return nw.concat([named_by(part, numbers) for part in parts])


def _records(found: RuleRecords) -> LazyFrame:
    """Return the records of one endpoint."""
    times = held(with_stop(found, _with_event(found, held(_origins(found)))))
    times = _with_censoring(found, after_missed(found, times))
    return described(found.endpoint, times)


def _origins(found: RuleRecords) -> LazyFrame:
    """Return USUBJID and STARTDT of subjects whose origin is known by the cut-off."""
    origin = found.endpoint.origin
    if origin.variable in found.schemas["ADSL"]:
        days = found.adsl.select("USUBJID", nw.col(origin.variable).cast(nw.Date).alias("STARTDT"))
    else:
        days = found.matching(origin.first).select("USUBJID", nw.col("_DAY").alias("STARTDT"))
        days = days.group_by("USUBJID").agg(nw.col("STARTDT").min())
    return found.by_cut_off(days.filter(~nw.col("STARTDT").is_null()), "STARTDT")


def _with_event(found: RuleRecords, times: LazyFrame) -> LazyFrame:
    """Add _DAY, _DESC and the source of the earliest event; null without one."""
    rules = [(place, rule) for place, rule in enumerate(found.endpoint.events)]
    events = nw.concat([found.taken(place, rule) for place, rule in rules])
    events = found.by_cut_off(events, "_DAY").join(times, on="USUBJID", how="inner")
    events = events.filter(nw.col("_DAY") >= nw.col("STARTDT"))
    events = events.with_columns(nw.col("_DAY").alias("_RECORDED"))
    events = _at_visits(found, events).drop("STARTDT")
    events = events.filter(nw.col("_DAY") == nw.col("_DAY").min().over("USUBJID"))
    first = first_of_subject(events, ("_DAY", "_ORDER", "SRCSEQ", "SRCVAR"))
    return times.join(first, on="USUBJID", how="left").drop("_ORDER", "_RULE")


def _at_visits(found: RuleRecords, events: LazyFrame) -> LazyFrame:
    """Move the events that count at the next planned assessment to its day."""
    moved = [n for n, rule in enumerate(found.endpoint.events) if rule.at == "next_visit"]
    if not moved or found.schedule is None:
        return events
    events = with_next_planned(events, found.schedule)
    planned = nw.col("_PLANNED")
    if found.cut_off is not None:
        limit = nw.lit(found.cut_off, dtype=nw.Date)
        planned = nw.when(planned > limit).then(limit).otherwise(planned)
    day = nw.when(nw.col("_RULE").is_in(moved)).then(planned).otherwise(nw.col("_DAY"))
    return events.with_columns(day.alias("_DAY")).drop("_PLANNED")


def _with_censoring(found: RuleRecords, times: LazyFrame) -> LazyFrame:
    """Add the censoring record of subjects without an event, its columns ending in _C."""
    subjects = times.filter(nw.col("_DAY").is_null()).select(
        "USUBJID", "STARTDT", "_STOP", "_STOPRULE"
    )
    candidates = [
        _censored(found, place, rule, subjects)
        for place, rule in found.censoring()
        if rule.dataset is not None
    ]
    candidates.append(_at_origin(found, subjects))
    every = nw.concat(candidates)
    every = every.filter(nw.col("_ORDER") == nw.col("_ORDER").min().over("USUBJID"))
    first = first_of_subject(every, ("SRCSEQ", "SRCVAR"))
    renamed = first.select(
        "USUBJID",
        "_RULE",
        *(nw.col(name).alias(f"{name}_C") for name in ("_DAY", "_DESC", *SOURCE)),
    )
    return times.join(renamed, on="USUBJID", how="left")


def _censored(found: RuleRecords, place: int, rule: TimeRule, subjects: LazyFrame) -> LazyFrame:
    """Return the records that a censoring rule takes, of the subjects that it applies to."""
    if rule.before is not None or rule.missed is not None:
        subjects = subjects.filter((nw.col("_STOPRULE") == place).fill_null(value=False))
    taken = found.taken(place, rule)
    if rule.dataset == "ADSL" and found.cut_off is not None:
        limit = nw.lit(found.cut_off, dtype=nw.Date)
        capped = nw.when(nw.col("_DAY") > limit).then(limit).otherwise(nw.col("_DAY"))
        taken = taken.with_columns(capped.alias("_DAY"))
    taken = found.by_cut_off(taken, "_DAY").join(subjects, on="USUBJID", how="inner")
    early = (nw.col("_DAY") <= nw.col("_STOP")).fill_null(nw.col("_STOP").is_null())
    taken = taken.filter(early).select(*TAKEN)
    return taken.filter(nw.col("_DAY") == nw.col("_DAY").max().over("USUBJID"))


def _at_origin(found: RuleRecords, subjects: LazyFrame) -> LazyFrame:
    """Return the day of origin of each subject, for those without any other record."""
    rules = [
        (place, rule)
        for place, rule in enumerate(found.endpoint.censoring, start=1)
        if rule.dataset is None and rule.before is None
    ]
    place, description = (
        (rules[0][0], rules[0][1].description)
        if rules
        else (len(found.endpoint.censoring) + 1, NO_RECORD)
    )
    origin = found.endpoint.origin
    dataset, variable = "ADSL", origin.variable
    if origin.first is not None and origin.variable not in found.schemas["ADSL"]:
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
