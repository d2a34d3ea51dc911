"""The listing of patients who stopped treatment early."""

from __future__ import annotations

from hepatica.derive import Datasets
from hepatica.present.listings.subjects import coded, subjects
from hepatica.present.listings.value import Listing, ListingColumn
from hepatica.protocol.model import Protocol

TITLE = "Discontinuations of treatment"


def list_discontinuations(protocol: Protocol, datasets: Datasets) -> Listing:
    """Return one row for each enrolled patient whose treatment was discontinued.

    Parameters
    ----------
    protocol : Protocol
        Names the arms.
    datasets : mapping
        ADSL: EOTSTT, DCTREAS, TRTSDT, TRTEDT.

    Returns
    -------
    Listing
        Subject, arm, reason, day of the last dose.
    """
    if "EOTSTT" not in datasets["ADSL"].columns:
        why = "ADSL does not say how treatment ended: it has no EOTSTT."
        return Listing("discontinuations", TITLE, message=why)
    rows = tuple(
        (one.id, one.arm, coded(one.row.get("DCTREAS")), one.day(one.row.get("TRTEDT")))
        for one in subjects(protocol, datasets).values()
        if one.row.get("EOTSTT") == "DISCONTINUED"
    )
    return Listing(
        "discontinuations",
        TITLE,
        (
            ListingColumn("Subject"),
            ListingColumn("Arm"),
            ListingColumn("Reason"),
            ListingColumn("Day of last dose", number=True),
        ),
        rows,
        notes=("Days are counted from the first dose, which is day 1.",),
        message="" if rows else "No patient discontinued treatment.",
    )
