"""Which tables give which analysis dataset."""

from __future__ import annotations

from hepatica.protocol.model import Protocol
from hepatica.protocol.response_reading import sheet_gives_responses

#: The ways to a dataset, the most direct first: each is a group of tables that together give it.
WAYS: dict[str, tuple[tuple[str, ...], ...]] = {
    "ADSL": (("ADSL",), ("PATIENTS",), ("DM",)),
    "ADRS": (("ADRS",), ("RS",), ("TU", "TR")),
    "ADTR": (("TU", "TR"),),
    "ADAE": (("ADAE",), ("AE",)),
    "ADEX": (("EX",),),
    "ADLB": (("LB",),),
    "ADCM": (("CM",), ("PR",)),
    "ADBM": (("BM",),),
    "ADDV": (("DV",),),
    "DS": (("DS",),),
}


def has_dataset(protocol: Protocol, dataset: str) -> bool:
    """Return whether the tables of a protocol give an analysis dataset.

    A sheet of patients gives ADRS where it holds best responses, or answers of an endpoint.

    Parameters
    ----------
    protocol : Protocol
        The study.
    dataset : str
        An analysis dataset, or a collected table.
    """
    tables = protocol.data.tables
    if dataset == "ADRS" and sheet_gives_responses(protocol):
        return True
    ways = WAYS.get(dataset, ((dataset,),))
    return any(all(name in tables for name in way) for way in ways)
