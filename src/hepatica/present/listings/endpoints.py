"""The listing of times to events: what ended each, and the record that says so."""

from __future__ import annotations

from hepatica.derive import Datasets
from hepatica.present.listings.subjects import Row, Subject, records, subjects, text
from hepatica.present.listings.value import NONE, NOT_RECORDED, Listing, ListingColumn
from hepatica.protocol.endpoints import TimeToEvent
from hepatica.protocol.model import Protocol

TITLE = "Derivation of times to events"


def list_endpoints(protocol: Protocol, datasets: Datasets) -> Listing:
    """Return one row for each enrolled patient and endpoint that is a time.

    Parameters
    ----------
    protocol : Protocol
        Names arms and endpoints, and gives the order of endpoints.
    datasets : mapping
        ADSL and ADTTE.

    Returns
    -------
    Listing
        Subject, arm, endpoint, days, event or censored, reason, source record; days to entry
        where an endpoint has delayed entry.
    """
    if "ADTTE" not in datasets:
        return Listing("endpoints", TITLE, message="There are no times to events: no ADTTE.")
    endpoints = {
        one.parameter: (place, one)
        for place, one in enumerate(protocol.endpoints)
        if isinstance(one, TimeToEvent)
    }
    late = any(one.entry is not None for _, one in endpoints.values())
    people = subjects(protocol, datasets)
    found = []
    for row in records(datasets, "ADTTE"):
        subject = people.get(str(row["USUBJID"]))
        place, endpoint = endpoints.get(text(row.get("PARAMCD")), (0, None))
        if subject is not None and endpoint is not None:
            found.append(((subject.id, place), _cells(subject, endpoint, row, late=late)))
    rows = tuple(cells for _, cells in sorted(found))
    entry = (ListingColumn("Days to entry", number=True),) if late else ()
    return Listing(
        "endpoints",
        TITLE,
        (
            ListingColumn("Subject"),
            ListingColumn("Arm"),
            ListingColumn("Endpoint"),
            *entry,
            ListingColumn("Days", number=True),
            ListingColumn("Ended by"),
            ListingColumn("Reason"),
            ListingColumn("Source record"),
        ),
        rows,
        notes=(
            "Days count both ends. The source is dataset, variable and sequence number of the "
            "record that gave the last day.",
        ),
        message="" if rows else "No enrolled patient has a time to an event.",
    )


def _cells(subject: Subject, endpoint: TimeToEvent, row: Row, *, late: bool) -> tuple[str, ...]:
    censored = row.get("CNSR")
    known = censored is not None and row.get("AVAL") is not None
    event = known and int(censored or 0) == 0
    reason = text(row.get("EVNTDESC" if event else "CNSDTDSC"))
    entry = (text(row.get("AENTRY")) or NONE,) if late else ()
    return (
        subject.id,
        subject.arm,
        endpoint.label,
        *entry,
        text(row.get("AVAL")) or NOT_RECORDED,
        ("Event" if event else "Censored") if known else "Not known",
        reason or NOT_RECORDED,
        " ".join(text(row.get(name)) for name in ("SRCDOM", "SRCVAR", "SRCSEQ")).strip() or NONE,
    )
