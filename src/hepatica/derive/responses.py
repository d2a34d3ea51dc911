"""ADTR and ADRS of a whole study by every reading, some thousand subjects at a time.

A response depends on the records of its subject alone. So subjects are taken in blocks, a few at
once, and the memory needed in between does not grow with the number of patients. What the lesions
show is worked out once for all readings that measure alike: RECIST 1.1 and iRECIST differ from the
verdicts on.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import narwhals.stable.v2 as nw

from hepatica.derive.adrs import derive_adrs
from hepatica.derive.adtr import derive_adtr
from hepatica.derive.criteria import criteria_named
from hepatica.derive.criteria.verdicts import Criteria
from hepatica.derive.lesion_records import TR_COLUMNS, TU_COLUMNS, VIABLE
from hepatica.derive.lesions import (
    MeasuredTumours,
    TumourVisits,
    assessments_of,
    counted_visits,
    measured_tumours,
)
from hepatica.derive.portable import held
from hepatica.derive.record_lists import with_lists
from hepatica.derive.subject_numbers import with_names, with_numbers
from hepatica.derive.visit_response import RS_COLUMNS
from hepatica.protocol.model import Protocol
from hepatica.protocol.reading import dataset_of_reading

_Frame = nw.DataFrame[Any]
_READ = {
    "ADSL": ("USUBJID", "TRTSDT", "RANDDT", "ENRLFL", "DTHDT", "DTHFL"), "TU": TU_COLUMNS,
    "TR": TR_COLUMNS, "RS": RS_COLUMNS, "ADCM": ("USUBJID", "ASTDT", "NEWTHFL"),
    "PR": ("USUBJID", "PRLNKID", "PRSTDT"),
}  # fmt: skip

#: Subjects in a block.
BLOCK = 50_000
# Blocks at once: the engine leaves cores idle between the steps of one; more would need memory.
_AT_ONCE = 2


def derive_responses(
    protocol: Protocol, tables: Mapping[str, _Frame], *, block: int = BLOCK
) -> dict[str, _Frame]:
    """Return ADTR and ADRS of the main reading, as far as the tables allow.

    Parameters
    ----------
    protocol : Protocol
        ``assessments`` says whose assessments count and whether responses come from lesions.
    tables : mapping
        ADSL, and those of TU, TR, RS, ADCM and PR that there are.
    block : int
        Subjects that are derived together.

    Returns
    -------
    dict
        ADTR where there are measurements; ADRS where there are measurements or coded responses;
        nothing when the protocol plans no assessments.
    """
    return _derive_all({"main": protocol}, tables, block)


def derive_readings(
    protocol: Protocol, tables: Mapping[str, _Frame], *, block: int = BLOCK
) -> dict[str, _Frame]:
    """Return ADTR and ADRS of the main reading and of every further one.

    Parameters
    ----------
    protocol, tables, block
        As for `derive_responses`.

    Returns
    -------
    dict
        As from `derive_responses`; a further reading's names end in its id (``ADRSIRC``).
    """
    plan = protocol.assessments
    plans = {"main": protocol}
    for reading in () if plan is None else plan.readings:
        own = {"assessments": assessments_of(protocol).of(reading)}
        plans[reading.id] = protocol.model_copy(update=own)
    return _derive_all(plans, tables, block)


def _derive_all(
    plans: Mapping[str, Protocol], tables: Mapping[str, _Frame], block: int
) -> dict[str, _Frame]:
    if plans["main"].assessments is None or not {"TR", "RS"} & set(tables):
        return {}
    own, names = with_numbers(
        {name: frame.select(*_read(name, frame)) for name, frame in tables.items() if name in _READ}
    )
    own = with_lists(own)
    parts = list(_two_at_once(plans, subject_blocks(own, block)))
    whole: dict[tuple[int, ...], _Frame] = {}
    derived: dict[str, _Frame] = {}
    for name in list(parts[0]):
        # Popped, so that the parts of a dataset are let go once it is whole. Readings that share
        # their lesions have the same parts.
        own_parts = [part.pop(name) for part in parts]
        key = tuple(id(part) for part in own_parts)
        if key not in whole:
            whole[key] = with_names(nw.concat(own_parts), names)
        derived[name] = whole[key]
    return derived


def _read(name: str, table: _Frame) -> list[str]:
    return [column for column in table.columns if column in _READ[name]]


def _two_at_once(
    plans: Mapping[str, Protocol], blocks: Iterator[dict[str, _Frame]]
) -> Iterator[dict[str, _Frame]]:
    """Yield the datasets of each block in turn; no block is made before its turn has come."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        waiting: deque[Future[dict[str, _Frame]]] = deque()
        for block in blocks:
            waiting.append(pool.submit(_derive, plans, block))
            if len(waiting) >= _AT_ONCE:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def subject_blocks(tables: Mapping[str, _Frame], size: int) -> Iterator[dict[str, _Frame]]:
    """Yield the records of some subjects at a time; every subject of ADSL stands in one block.

    Parameters
    ----------
    tables : mapping
        ADSL with one row per subject, and tables with USUBJID, as `with_numbers` gives them.
    size : int
        Subjects in a block.
    """
    subjects = len(tables["ADSL"])
    if subjects <= size:
        yield dict(tables)
        return
    for number in range(-(-subjects // size)):
        within = nw.col("USUBJID") // size == number
        yield {name: frame.filter(within) for name, frame in tables.items()}


def _derive(plans: Mapping[str, Protocol], tables: dict[str, _Frame]) -> dict[str, _Frame]:
    """Return the datasets of every reading; those that measure alike share the lesions."""
    seen: dict[Hashable, MeasuredTumours] = {}
    counted: dict[Hashable, TumourVisits] = {}
    lengths: dict[Hashable, _Frame] = {}
    derived: dict[str, _Frame] = {}
    adsl, tu, tr = tables["ADSL"], tables.get("TU"), tables.get("TR")
    for reading, protocol in plans.items():
        visits = None
        if tr is not None:
            criteria = criteria_named(assessments_of(protocol).criteria)
            how = _way_of_measuring(protocol, criteria, tr)
            if how not in seen:
                found = measured_tumours(protocol, tu, tr, adsl, criteria, tables.get("PR"))
                seen[how] = found
                adtr = derive_adtr(protocol, tu, tr, adsl, visits=found.tumours)
                lengths[how] = held(adtr).collect()
            what = (how, *_way_of_counting(criteria))
            if what not in counted:
                counted[what] = counted_visits(seen[how], criteria)
            visits = counted[what]
            derived[dataset_of_reading("ADTR", reading)] = lengths[how]
        adrs = derive_adrs(
            protocol, adsl, tu=tu, tr=tr, rs=tables.get("RS"), adcm=tables.get("ADCM"),
            visits=visits,
        )  # fmt: skip
        derived[dataset_of_reading("ADRS", reading)] = held(adrs).collect()
    return derived


def _way_of_measuring(protocol: Protocol, criteria: Criteria, tr: _Frame) -> Hashable:
    """Return what lesions, sums, baseline and nadir depend on.

    Where nobody recorded a viable diameter, criteria that ask for it measure as the others do.
    """
    viable = "TRTESTCD" in tr.columns and bool((tr["TRTESTCD"] == VIABLE).any())
    measure = criteria.measure if viable else "longest"
    return assessments_of(protocol).evaluator, measure, criteria.sizes.too_small


def _way_of_counting(criteria: Criteria) -> tuple[Hashable, ...]:
    """Return what the counts of lesions left and of new ones depend on, besides the lesions."""
    sizes = criteria.sizes
    return sizes.normal_node, sizes.normal_hilar_node, sizes.new_in_liver
