"""The listing of deaths."""

from __future__ import annotations

from datetime import date

from hepatica.derive import Datasets
from hepatica.present.listings.subjects import Subject, as_day, coded, records, subjects, whole
from hepatica.present.listings.value import NONE, NOT_RECORDED, Listing, ListingColumn
from hepatica.protocol.model import Protocol

TITLE = "Deaths"


def list_deaths(protocol: Protocol, datasets: Datasets) -> Listing:
    """Return one row for each enrolled patient who died.

    Parameters
    ----------
    protocol : Protocol
        Names the arms.
    datasets : mapping
        ADSL, and ADRS for progression.

    Returns
    -------
    Listing
        Subject, arm, day of death, days since the last dose, cause, progression before death.
    """
    if "DTHFL" not in datasets["ADSL"].columns:
        return Listing("deaths", TITLE, message="ADSL does not say who died: it has no DTHFL.")
    progressions = _first_progressions(datasets)
    with_progression = "ADRS" in datasets
    rows = []
    for subject in subjects(protocol, datasets).values():
        if subject.row.get("DTHFL") != "Y":
            continue
        row = [
            subject.id,
            subject.arm,
            subject.day(subject.row.get("DTHDT")),
            _since_last_dose(subject),
            coded(subject.row.get("DTHCAUS")),
        ]
        if with_progression:
            row.append(_progression(subject, progressions.get(subject.id)))
        rows.append(tuple(row))
    heads = [
        ListingColumn("Subject"),
        ListingColumn("Arm"),
        ListingColumn("Day of death", number=True),
        ListingColumn("Days since last dose", number=True),
        ListingColumn("Cause"),
    ]
    if with_progression:
        heads.append(ListingColumn("Progression before death"))
    return Listing(
        "deaths",
        TITLE,
        tuple(heads),
        tuple(rows),
        notes=("Days are counted from the first dose, which is day 1.",),
        message="" if rows else "No enrolled patient is known to have died.",
    )


def _since_last_dose(subject: Subject) -> str:
    last, death = as_day(subject.row.get("TRTEDT")), as_day(subject.row.get("DTHDT"))
    if death is None:
        return NOT_RECORDED
    return NONE if last is None else whole((death - last).days)


def _progression(subject: Subject, day: date | None) -> str:
    death = as_day(subject.row.get("DTHDT"))
    if day is None or (death is not None and day > death):
        return "No"
    return f"Yes, day {subject.day(day)}"


def _first_progressions(datasets: Datasets) -> dict[str, date]:
    first: dict[str, date] = {}
    for row in records(datasets, "ADRS"):
        day = as_day(row.get("ADT"))
        if row.get("PARAMCD") == "PD" and row.get("AVALC") == "Y" and day is not None:
            subject = str(row["USUBJID"])
            first[subject] = min(day, first.get(subject, day))
    return first
