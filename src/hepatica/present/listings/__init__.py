"""Listings: records of single patients, read from analysis datasets and never from result rows."""

from __future__ import annotations

from collections.abc import Callable

from hepatica.derive import Datasets
from hepatica.present.listings.deaths import list_deaths
from hepatica.present.listings.discontinuations import list_discontinuations
from hepatica.present.listings.endpoints import list_endpoints
from hepatica.present.listings.serious_events import list_serious_events
from hepatica.present.listings.value import Listing, ListingColumn
from hepatica.protocol.model import ListingName, Protocol

__all__ = [
    "Listing",
    "ListingColumn",
    "list_deaths",
    "list_discontinuations",
    "list_endpoints",
    "list_serious_events",
    "study_listings",
]

_WAYS: dict[ListingName, Callable[[Protocol, Datasets], Listing]] = {
    "deaths": list_deaths,
    "serious_events": list_serious_events,
    "discontinuations": list_discontinuations,
    "endpoints": list_endpoints,
}


def study_listings(protocol: Protocol, datasets: Datasets) -> tuple[Listing, ...]:
    """Return the listings that the protocol asks for, in its order.

    Parameters
    ----------
    protocol : Protocol
        Its ``listings``; none when it names none.
    datasets : mapping
        Analysis datasets.
    """
    return tuple(_WAYS[name](protocol, datasets) for name in protocol.listings)
