"""Whether the disease of each subject is controlled at the visit of a fixed week.

The visit is planned so many days after the time origin, and each assessment within the window of
the assessments counts for it. Every subject has a record, ``Y`` or ``N``, with the rule that gave
it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals.stable.v2 as nw

from hepatica.derive.criteria.verdicts import Verdict, Verdicts, place_of, told
from hepatica.derive.lesion_records import LazyFrame
from hepatica.derive.lists import with_texts
from hepatica.derive.portable import day_number
from hepatica.derive.progression_blocks import CONTROLLED
from hepatica.protocol.endpoints import Response
from hepatica.protocol.model import Protocol

_LINE = "share of patients at a fixed time; our definition"

#: What decides, in this order.
RULES: Verdicts = (
    Verdict(
        "week-progressed",
        "N",
        {"PROGRESSED": True},
        "Progression by the end of the window of the visit.",
        _LINE,
    ),
    Verdict(
        "week-controlled",
        "Y",
        {"CONTROLLED": True},
        "CR, PR or SD, or NON-CR/NON-PD, at an assessment within the window of the visit.",
        _LINE,
    ),
    Verdict(
        "week-died", "N", {"DIED": True}, "Death by the end of the window of the visit.", _LINE
    ),
    Verdict(
        "week-therapy",
        "N",
        {"TREATED": True},
        "Another anticancer treatment began before an assessment within the window of the visit.",
        _LINE,
    ),
    Verdict(
        "week-not-evaluable",
        "N",
        {"SEEN": True},
        "No assessment within the window of the visit shows disease control.",
        _LINE,
    ),
)
#: The rules whose record has the date of a visit: its first of that kind.
_DATED = {"week-controlled": "_CONTROLLED", "week-progressed": "_PROGRESSED"}
#: AVALC, RULEID and RULE of everybody else.
OTHERWISE = ("N", "week-not-assessed", "No tumour assessment within the window of the visit.")


def controlled_records(
    rows: LazyFrame, subjects: LazyFrame, protocol: Protocol, kinds: Mapping[str, Any]
) -> list[LazyFrame]:
    """Return the records of each endpoint that counts patients at one visit.

    Parameters
    ----------
    rows : frame
        From `hepatica.derive.best_response.with_counting`.
    subjects : frame
        USUBJID, ORIGIN, THERAPY (day numbers) and DTHDT.
    protocol : Protocol
        The endpoints with ``at``, and the window of the assessments.
    kinds : mapping of str to Narwhals data type
        Types of the texts.

    Returns
    -------
    list of frames
        One for each endpoint: a record for every subject, dated by the assessment that decided
        where there is one.
    """
    if protocol.assessments is None:
        return []
    window = protocol.assessments.window_days
    return [
        _records(rows, subjects, one, window, kinds)
        for one in protocol.endpoints
        if isinstance(one, Response) and one.at is not None
    ]


def _records(
    rows: LazyFrame,
    subjects: LazyFrame,
    endpoint: Response,
    window: int,
    kinds: Mapping[str, Any],
) -> LazyFrame:
    days = 0 if endpoint.at is None else round(endpoint.at.days)
    planned = nw.col("ORIGIN") + days
    within = (nw.col("DAY") >= planned - window) & (nw.col("DAY") <= planned + window)
    valid = rows.filter(nw.col("VALID"))
    shown = nw.col("OVR").is_in(list(CONTROLLED)) & within
    visits = {
        "_PROGRESSED": (nw.col("OVR") == "PD") & (nw.col("DAY") <= planned + window),
        "_CONTROLLED": shown & nw.col("COUNTS"),
        "_TREATED": shown & (nw.col("DAY") > nw.col("THERAPY")),
        "_SEEN": within,
    }
    order = nw.col("VISIT_ORDER")
    first = valid.with_columns(
        *(nw.when(flag.fill_null(value=False)).then(order).alias(n) for n, flag in visits.items())
    )
    first = first.group_by("USUBJID").agg(*(nw.col(name).min() for name in visits))
    each = subjects.join(first, on="USUBJID", how="left")
    died = (day_number(nw.col("DTHDT")) <= planned + window).fill_null(value=False)
    each = each.with_columns(
        *((~nw.col(name).is_null()).alias(name[1:]) for name in visits), died.alias("DIED")
    )
    each = each.with_columns(place_of(RULES, each.collect_schema(), "_PLACE"))
    texts = {
        name: [*values, rest]
        for (name, values), rest in zip(told(RULES).items(), OTHERWISE, strict=True)
    }
    each = each.with_columns(nw.col("_PLACE").fill_null(len(RULES)))
    each = with_texts(each, "_PLACE", texts, kinds)
    decided = nw.lit(None, dtype=nw.Int64)
    for rule, name in _DATED.items():
        decided = nw.when(nw.col("RULEID") == rule).then(nw.col(name)).otherwise(decided)
    each = each.with_columns(decided.alias("VISIT_ORDER"))
    dated = rows.select(
        *("USUBJID", "VISIT_ORDER", "ADT", "ADTF", "AVISIT", "AVISITN"),
        *("SRCDOM", "SRCVAR", "SRCSEQ"),
    )
    return each.join(dated, on=["USUBJID", "VISIT_ORDER"], how="left").with_columns(
        nw.lit(endpoint.parameter, dtype=kinds["PARAMCD"]).alias("PARAMCD"),
        nw.lit(endpoint.label, dtype=kinds["PARAM"]).alias("PARAM"),
        nw.lit("Y", dtype=kinds["ANL01FL"]).alias("ANL01FL"),
    )
