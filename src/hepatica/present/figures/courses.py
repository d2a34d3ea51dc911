"""The course of each patient, read from the analysis datasets for figures of single patients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from hepatica.analyse.lesion_changes import has_lesion_sums, lesion_changes
from hepatica.analyse.selection import select
from hepatica.derive import Datasets
from hepatica.derive.adsl import category_column
from hepatica.protocol.analyses import ResponseAnalysis
from hepatica.protocol.model import Protocol

_NEEDED: Mapping[str, frozenset[str]] = {
    "ADSL": frozenset({"USUBJID", "TRTSDT"}),
    "ADRS": frozenset({"USUBJID", "PARAMCD", "AVALC", "ADT"}),
}
_REDUCTIONS = frozenset({"USUBJID", "PARAMCD", "ADT"})

Records = dict[str, list[dict[str, Any]]]
Changes = tuple[tuple[int, float], ...]


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
    partial, complete, progressed, reduced, died : int or None
        Day of the first partial response, first complete response, first progression, first lower
        dose, death.
    categories : tuple of str or None
        Category by each cut-point that strips show; ``None`` when the marker was not measured.
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
    reduced: int | None = None
    died: int | None = None
    categories: tuple[str | None, ...] = ()

    @property
    def best(self) -> float | None:
        """Smallest change from baseline in %; ``None`` without a measurement after baseline."""
        return min((change for _, change in self.changes), default=None)


def can_read(datasets: Datasets, *, sums: bool) -> bool:
    """Return whether the datasets say the course of each patient, and their lesion sums."""
    if sums and not has_lesion_sums(datasets):
        return False
    return all(
        name in datasets and columns <= set(datasets[name].columns)
        for name, columns in _NEEDED.items()
    )


def read_courses(
    protocol: Protocol,
    datasets: Datasets,
    analysis: ResponseAnalysis,
    parameter: str,
    cut_points: tuple[str, ...] = (),
) -> tuple[Course, ...]:
    """Return the course of every patient of an analysis of response.

    Parameters
    ----------
    protocol : Protocol
        The study.
    datasets : mapping
        ADSL and ADRS; ADTR, ADCM and ADEX where they are there.
    analysis : ResponseAnalysis
        Names the analysis set and the grouping.
    parameter : str
        ``BOR`` or ``CBOR``.
    cut_points : tuple of str
        Ids of the cut-points whose categories are read.

    Returns
    -------
    tuple of Course
        In the order of subject ids.
    """
    members = select(protocol, datasets, analysis).members
    subjects = nw.to_native(members)
    responses = _by_subject(datasets.get("ADRS"))
    changes = _changes(members, datasets)
    reductions = _reductions(datasets.get("ADEX"))
    columns = tuple(category_column(one) for one in cut_points)
    return tuple(
        _course(
            subject,
            responses.get(subject["USUBJID"], []),
            changes.get(subject["USUBJID"], ()),
            reductions.get(subject["USUBJID"]),
            parameter,
            columns,
        )
        for subject in sorted(subjects.to_dicts(), key=lambda one: str(one["USUBJID"]))
    )


def _changes(members: nw.DataFrame[Any], datasets: Datasets) -> dict[str, Changes]:
    if not has_lesion_sums(datasets):
        return {}
    found: dict[str, Changes] = {}
    frame = lesion_changes(members, datasets).select("USUBJID", "DAY", "PCHG")
    for subject, day, change in frame.iter_rows():
        found[str(subject)] = (*found.get(str(subject), ()), (int(day), float(change)))
    return found


def _reductions(frame: pl.DataFrame | None) -> dict[str, date]:
    """Return the first day of a lower dose of any drug."""
    if frame is None or not set(frame.columns) >= _REDUCTIONS:
        return {}
    dated = frame.filter((pl.col("PARAMCD") == "REDDT") & pl.col("ADT").is_not_null())
    first = dated.group_by("USUBJID").agg(pl.col("ADT").min())
    return {str(subject): day for subject, day in first.iter_rows()}


def _by_subject(frame: pl.DataFrame | None) -> Records:
    if frame is None:
        return {}
    found: Records = {}
    for record in frame.to_dicts():
        found.setdefault(str(record["USUBJID"]), []).append(record)
    return found


def _course(
    subject: dict[str, Any],
    responses: list[dict[str, Any]],
    changes: Changes,
    reduced: date | None,
    parameter: str,
    columns: tuple[str, ...],
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
        changes=changes,
        treated=_treated(subject, start),
        followed=_days(died or subject.get("LSTALVDT"), start),
        ongoing=subject.get("EOTSTT") == "ONGOING",
        partial=partial,
        complete=complete,
        progressed=_days(stop, start),
        reduced=_days(reduced, start),
        died=_days(died, start),
        categories=tuple(subject.get(column) for column in columns),
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
