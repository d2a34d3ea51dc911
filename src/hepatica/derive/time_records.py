"""The dated records that the rules of times to events look for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import narwhals.stable.v2 as nw

from hepatica.derive.portable import held
from hepatica.derive.subject_numbers import numbered_by
from hepatica.derive.time_rules import Schemas, occurrence_of, rule_lacks
from hepatica.protocol.endpoints import TimeRule, TimeToEvent
from hepatica.protocol.model import Assessments
from hepatica.protocol.occurrence import Occurrence
from hepatica.records.conditions import is_match

LazyFrame = nw.LazyFrame[Any]
#: Where a record comes from.
SOURCE = ("SRCDOM", "SRCVAR", "SRCSEQ")
#: Columns of a record that a rule takes.
TAKEN = ("USUBJID", "_DAY", "_ORDER", "_RULE", "_DESC", *SOURCE)


@dataclass(frozen=True, slots=True)
class Occurrences:
    """The dated records that meet a condition, sought once for all rules that name them."""

    datasets: Mapping[str, LazyFrame]
    schemas: Schemas
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
class RuleRecords:
    """The records that the rules of one endpoint take.

    Attributes
    ----------
    endpoint : TimeToEvent
        Its rules.
    adsl : frame
        Subjects, numbered as in `occurrences`.
    schemas : mapping
        Of all datasets.
    cut_off : datetime.date, optional
        Last day that counts.
    schedule : Assessments, optional
        When assessments are planned.
    occurrences : Occurrences
        Shared by all endpoints.
    """

    endpoint: TimeToEvent
    adsl: LazyFrame
    schemas: Schemas
    cut_off: date | None
    schedule: Assessments | None
    occurrences: Occurrences

    def censoring(self) -> Sequence[tuple[int, TimeRule]]:
        """Return the censoring rules that the datasets allow, with their places from 1."""
        return [
            (place, rule)
            for place, rule in enumerate(self.endpoint.censoring, start=1)
            if rule_lacks(rule, self.schemas) is None
        ]

    def taken(self, place: int, rule: TimeRule) -> LazyFrame:
        """Return the records that a rule takes, with its place and description."""
        return (
            self.matching(occurrence_of(rule))
            .with_columns(
                nw.lit(place).cast(nw.Int64).alias("_ORDER"),
                nw.lit(place).cast(nw.Int64).alias("_RULE"),
                nw.lit(rule.description).alias("_DESC"),
            )
            .select(*TAKEN)
        )

    def matching(self, occurrence: Occurrence | None) -> LazyFrame:
        """Return USUBJID, _DAY and the source of the dated records that meet the condition."""
        if occurrence is None:
            return self.adsl.filter(nw.lit(value=False))
        return self.occurrences.matching(occurrence)

    def by_cut_off(self, frame: LazyFrame, column: str) -> LazyFrame:
        """Return the records of days that count."""
        if self.cut_off is None:
            return frame
        return frame.filter(nw.col(column) <= nw.lit(self.cut_off, dtype=nw.Date))


def _source(dataset: str, column: str, schema: Any) -> tuple[nw.Expr, ...]:
    """Return SRCDOM, SRCVAR and SRCSEQ of the records of a dataset."""
    passed_on = "ASEQ" not in schema and all(name in schema for name in SOURCE)
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
