"""The listing of serious adverse events."""

from __future__ import annotations

from datetime import date

from hepatica.derive import Datasets
from hepatica.present.listings.subjects import as_day, coded, records, subjects, text, told
from hepatica.present.listings.value import NOT_RECORDED, Listing, ListingColumn
from hepatica.protocol.model import Protocol

TITLE = "Serious adverse events"


def list_serious_events(protocol: Protocol, datasets: Datasets) -> Listing:
    """Return one row for each serious adverse event of an enrolled patient.

    Parameters
    ----------
    protocol : Protocol
        Names the arms.
    datasets : mapping
        ADSL and ADAE.

    Returns
    -------
    Listing
        Subject, arm, event, grade, day of onset, outcome, related, action; by subject and onset.
    """
    if "ADAE" not in datasets or "AESER" not in datasets["ADAE"].columns:
        why = "The datasets do not say which events were serious: there is no AESER in ADAE."
        return Listing("serious-events", TITLE, message=why)
    people = subjects(protocol, datasets)
    found = []
    for row in records(datasets, "ADAE"):
        subject = people.get(str(row["USUBJID"]))
        if subject is None or row.get("AESER") != "Y":
            continue
        event = text(row.get("AEDECOD")) or text(row.get("AETERM")) or NOT_RECORDED
        onset = as_day(row.get("ASTDT"))
        grade = row.get("ATOXGR") if row.get("ATOXGR") is not None else row.get("ASEV")
        cells = (
            subject.id,
            subject.arm,
            event,
            told(grade),
            subject.day(onset),
            coded(row.get("AEOUT")),
            coded(row.get("AEREL")),
            coded(row.get("AEACN")),
        )
        found.append(((subject.id, onset or date.max, event), cells))
    rows = tuple(cells for _, cells in sorted(found))
    return Listing(
        "serious-events",
        TITLE,
        (
            ListingColumn("Subject"),
            ListingColumn("Arm"),
            ListingColumn("Event"),
            ListingColumn("Grade"),
            ListingColumn("Day of onset", number=True),
            ListingColumn("Outcome"),
            ListingColumn("Related"),
            ListingColumn("Action taken"),
        ),
        rows,
        notes=(
            "Days are counted from the first dose, which is day 1; events before it have negative "
            "days.",
        ),
        message="" if rows else "No serious adverse event was recorded.",
    )
