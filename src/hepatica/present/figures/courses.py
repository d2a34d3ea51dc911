"""The course of each patient, read from the analysis datasets for figures of single patients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from hepatica.analyse.selection import select
from hepatica.derive import Datasets
from hepatica.protocol.analyses import ResponseAnalysis
from hepatica.protocol.model import Protocol

_NEEDED: Mapping[str, frozenset[str]] = {
    "ADSL": frozenset({"USUBJID", "TRTSDT"}),
    "ADRS": frozenset({"USUBJID", "PARAMCD", "AVALC", "ADT"}),
}
_SUMS = frozenset({"USUBJID", "PARAMCD", "ADT", "AVISITN", "PCHG"})

Records = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """One patient; days count from the first dose.

    Attributes
    ----------
    name : str
        Subject id, shown in the column of names of a swimmer plot and nowhere else.
    group : str
        Arm, or other group.
    response : str
        Best overall response; ``MISSING`` without a record.
    unconfirmed : bool
        Whether a response was seen and not confirmed.
    new_lesion : bool
        Whether a new lesion was seen by the first progression.
    changes : tuple of (int, float)
        Day, and change of the sum of diameters from baseline in %, up to the first progression
        and the start of a new anticancer therapy.
    treated, followed : int or None
        Last day of treatment, and of follow-up.
    ongoing : bool
        Whether treatment goes on.
    partial, complete, progressed, died : int or None
        Day of the first partial response, first complete response, first progression, death.
    """

    name: str
    group: str
    response: str
    unconfirmed: bool = False
    new_lesion: bool = False
    changes: tuple[tuple[int, float], ...] = ()
    treated: int | None = None
    followed: int | None = None
    ongoing: bool = False
    partial: int | None = None
    complete: int | None = None
    progressed: int | None = None
    died: int | None = None

    @property
    def best(self) -> float | None:
        """Smallest change from baseline in %; ``None`` without a measurement after baseline."""
        return min((change for _, change in self.changes), default=None)


def can_read(datasets: Datasets, *, sums: bool) -> bool:
    """Return whether the datasets say the course of each patient, and their lesion sums."""
    needed = {**_NEEDED, "ADTR": _SUMS} if sums else _NEEDED
    for name, columns in needed.items():
        if name not in datasets or not columns <= set(datasets[name].columns):
            return False
    return True


def read_courses(
    protocol: Protocol, datasets: Datasets, analysis: ResponseAnalysis, parameter: str
) -> tuple[Course, ...]:
    """Return the course of every patient of an analysis of response.

    Parameters
    ----------
    protocol : Protocol
        The study.
    datasets : mapping
        ADSL and ADRS; ADTR and ADCM where they are there.
    analysis : ResponseAnalysis
        Names the analysis set and the grouping.
    parameter : str
        ``BOR`` or ``CBOR``.

    Returns
    -------
    tuple of Course
        In the order of subject ids.
    """
    members = select(protocol, datasets, analysis).members
    subjects = nw.to_native(members)
    responses = _by_subject(datasets.get("ADRS"))
    sums = _by_subject(datasets.get("ADTR"), "SDIAM")
    therapies = _by_subject(datasets.get("ADCM"))
    return tuple(
        _course(
            subject,
            responses.get(subject["USUBJID"], []),
            sums.get(subject["USUBJID"], []),
            therapies.get(subject["USUBJID"], []),
            parameter,
        )
        for subject in sorted(subjects.to_dicts(), key=lambda one: str(one["USUBJID"]))
    )


def _by_subject(frame: pl.DataFrame | None, parameter: str = "") -> Records:
    if frame is None:
        return {}
    found: Records = {}
    kept = frame.filter(pl.col("PARAMCD") == parameter) if parameter else frame
    for record in kept.to_dicts():
        found.setdefault(str(record["USUBJID"]), []).append(record)
    return found


def _course(
    subject: dict[str, Any],
    responses: list[dict[str, Any]],
    sums: list[dict[str, Any]],
    therapies: list[dict[str, Any]],
    parameter: str,
) -> Course:
    start: date | None = subject.get("TRTSDT") or subject.get("RANDDT")
    best = _one(responses, parameter)
    response = str(best["AVALC"]) if best and best["AVALC"] else "MISSING"
    seen = _one(responses, "BOR")
    progression = _one(responses, "PD", "Y")
    stop = progression["ADT"] if progression else None
    partial, complete = _response_days(responses, best, response, parameter, start)
    died = subject.get("DTHDT")
    return Course(
        name=str(subject["USUBJID"]),
        group=str(subject.get("__group__") or ""),
        response=response,
        unconfirmed=(
            parameter == "CBOR"
            and seen is not None
            and seen["AVALC"] in {"CR", "PR"}
            and response not in {"CR", "PR"}
        ),
        new_lesion=any(
            record["PARAMCD"] == "NEWL"
            and record["AVALC"] == "Y"
            and stop is not None
            and record["ADT"] is not None
            and record["ADT"] <= stop
            for record in responses
        ),
        changes=_changes(sums, start, progression, therapies),
        treated=_treated(subject, start),
        followed=_days(died or subject.get("LSTALVDT"), start),
        ongoing=subject.get("EOTSTT") == "ONGOING",
        partial=partial,
        complete=complete,
        progressed=_days(stop, start),
        died=_days(died, start),
    )


def _treated(subject: dict[str, Any], start: date | None) -> int | None:
    ended = subject.get("TRTEDT")
    if ended is None and subject.get("EOTSTT") == "ONGOING":
        ended = subject.get("LSTALVDT")
    return None if subject.get("TRTSDT") is None else _days(ended, start)


def _one(records: list[dict[str, Any]], parameter: str, value: str = "") -> dict[str, Any] | None:
    for record in records:
        if record["PARAMCD"] == parameter and (not value or record["AVALC"] == value):
            return record
    return None


def _days(day: date | None, start: date | None) -> int | None:
    return None if day is None or start is None else (day - start).days


def _response_days(
    responses: list[dict[str, Any]],
    best: dict[str, Any] | None,
    response: str,
    parameter: str,
    start: date | None,
) -> tuple[int | None, int | None]:
    """Return the days of the first partial and of the first complete response."""
    first = _one(responses, "CRSP" if parameter == "CBOR" else "RSP", "Y")
    day = _days(first["ADT"], start) if first else None
    if response == "CR" and best is not None:
        complete = _days(best["ADT"], start)
        before = day is not None and complete is not None and day < complete
        return (day if before else None), complete
    return (day if response == "PR" else None), None


def _changes(
    sums: list[dict[str, Any]],
    start: date | None,
    progression: dict[str, Any] | None,
    therapies: list[dict[str, Any]],
) -> tuple[tuple[int, float], ...]:
    begun = [
        one["ASTDT"]
        for one in therapies
        if one.get("NEWTHFL") == "Y" and one.get("ASTDT") is not None
    ]
    found: dict[int, float] = {}
    for record in sums:
        day, change = _days(record["ADT"], start), record["PCHG"]
        if day is None or change is None or (begun and record["ADT"] > min(begun)):
            continue
        if progression is not None and record["ADT"] > progression["ADT"]:
            # A sum is dated by its last scan, and the progression of that visit by its first.
            same = record["AVISITN"] is not None
            if not same or record["AVISITN"] != progression.get("AVISITN"):
                continue
        found[day] = float(change)
    return tuple(sorted(found.items()))
