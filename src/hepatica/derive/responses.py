"""ADTR and ADRS of a whole study, some thousand subjects at a time.

A response depends on the records of its subject alone. So subjects are taken in blocks, and the
memory needed does not grow with the number of patients.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import narwhals.stable.v2 as nw

from hepatica.derive.adrs import derive_adrs
from hepatica.derive.adtr import derive_adtr
from hepatica.derive.lesions import TumourVisits, tumour_visits
from hepatica.protocol.model import Protocol

_Frame = nw.DataFrame[Any]
_READ = ("ADSL", "TU", "TR", "RS", "ADCM")

#: Subjects in a block.
BLOCK = 25_000


def derive_responses(
    protocol: Protocol, tables: Mapping[str, _Frame], *, block: int = BLOCK
) -> dict[str, _Frame]:
    """Return ADTR and ADRS, as far as the tables allow.

    Parameters
    ----------
    protocol : Protocol
        ``assessments`` says whose assessments count and whether responses come from lesions.
    tables : mapping
        ADSL, and those of TU, TR, RS and ADCM that there are.
    block : int
        Subjects that are derived together.

    Returns
    -------
    dict
        ADTR where there are measurements; ADRS where there are measurements or coded responses;
        nothing when the protocol plans no assessments.
    """
    if protocol.assessments is None or not {"TR", "RS"} & set(tables):
        return {}
    parts = [_derive(protocol, part) for part in subject_blocks(tables, block)]
    return {name: nw.concat([part[name] for part in parts]) for name in parts[0]}


def subject_blocks(tables: Mapping[str, _Frame], size: int) -> Iterator[dict[str, _Frame]]:
    """Yield the records of some subjects at a time; every subject of ADSL stands in one block.

    Parameters
    ----------
    tables : mapping
        ADSL with one row per subject, and tables with USUBJID.
    size : int
        Subjects in a block.
    """
    own = {name: tables[name] for name in _READ if name in tables}
    subjects = len(own["ADSL"])
    if subjects <= size:
        yield own
        return
    numbers = own["ADSL"].select("USUBJID").with_row_index("_ROW")
    numbers = numbers.select("USUBJID", (nw.col("_ROW").cast(nw.Int64) // size).alias("_BLOCK"))
    marked = {name: frame.join(numbers, on="USUBJID", how="inner") for name, frame in own.items()}
    for number in range(-(-subjects // size)):
        yield {
            name: frame.filter(nw.col("_BLOCK") == number).drop("_BLOCK")
            for name, frame in marked.items()
        }


def _derive(protocol: Protocol, tables: dict[str, _Frame]) -> dict[str, _Frame]:
    adsl, tu, tr = tables["ADSL"], tables.get("TU"), tables.get("TR")
    derived: dict[str, _Frame] = {}
    visits = None
    if tr is not None:
        seen = tumour_visits(protocol, tu, tr, adsl)
        visits = TumourVisits(seen.lesions.collect().lazy(), seen.visits.collect().lazy())
        derived["ADTR"] = derive_adtr(protocol, tu, tr, adsl, visits=visits).collect()
    derived["ADRS"] = derive_adrs(
        protocol,
        adsl,
        tu=tu,
        tr=tr,
        rs=tables.get("RS"),
        adcm=tables.get("ADCM"),
        visits=visits,
    ).collect()
    return derived
