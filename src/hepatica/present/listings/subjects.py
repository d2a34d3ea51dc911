"""Who is listed: enrolled patients, with their arms, and days counted from the first dose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl

from hepatica.derive import Datasets
from hepatica.present.listings.value import NONE, NOT_RECORDED
from hepatica.present.recorded import in_words
from hepatica.protocol.model import Protocol

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Subject:
    """One enrolled patient: id, label of the arm, and the record of ADSL."""

    id: str
    arm: str
    row: Row

    def day(self, when: object) -> str:
        """Return a date as study day: the first dose is day 1, the day before it day -1."""
        start, end = as_day(self.row.get("TRTSDT")), as_day(when)
        if start is None or end is None:
            return NOT_RECORDED if end is None else NONE
        days = (end - start).days
        return whole(days + 1 if days >= 0 else days)


def subjects(protocol: Protocol, datasets: Datasets) -> dict[str, Subject]:
    """Return the enrolled patients by id, in the order of their ids.

    The arm is that of the treatment given where ADSL has it, else of the first analysis set.
    """
    adsl = datasets["ADSL"]
    enrolled = adsl.filter(pl.col("ENRLFL") == "Y") if "ENRLFL" in adsl.columns else adsl
    given = ("TRT01A", *(one.arm_variable for one in protocol.analysis_sets))
    column = next((name for name in given if name in adsl.columns), "")
    labels = {str(arm.recorded): arm.label for arm in protocol.arms}
    only = protocol.arms[0].label if len(protocol.arms) == 1 and not column else NONE
    found = []
    for row in enrolled.to_dicts():
        recorded = text(row.get(column))
        arm = labels.get(recorded, recorded) or only
        found.append(Subject(str(row["USUBJID"]), arm, row))
    return {one.id: one for one in sorted(found, key=lambda one: one.id)}


def records(datasets: Datasets, name: str) -> Iterator[Row]:
    """Yield the records of a dataset; none when it is not there."""
    if name in datasets:
        yield from datasets[name].iter_rows(named=True)


def as_day(value: object) -> date | None:
    """Return a date, or ``None`` for anything that is no date."""
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None


def text(value: object) -> str:
    """Return a recorded value as text on one line; empty when it is missing.

    Examples
    --------
    >>> text(3.0), text(None), text(" a  b ")
    ('3', '', 'a b')
    """
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return whole(int(value))
    return " ".join(str(value).split())


def told(value: object) -> str:
    """Return a recorded value as text, or that it was not recorded; Y and N as words."""
    found = text(value)
    return {"": NOT_RECORDED, "Y": "Yes", "N": "No"}.get(found, found)


def coded(value: object) -> str:
    """Return recorded words in sentence case.

    Examples
    --------
    >>> coded("RECOVERED/RESOLVED"), coded("Withdrawn by subject"), coded("N"), coded(None)
    ('Recovered/resolved', 'Withdrawn by subject', 'No', 'Not recorded')
    """
    return in_words(told(value))


def whole(number: int) -> str:
    """Return a whole number with a true minus sign."""
    return str(number).replace("-", "\N{MINUS SIGN}")
