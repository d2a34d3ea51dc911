"""Best response of each subject, and what else follows from the visit responses.

Visits count from the time origin up to the first progression or the start of new anticancer
therapy, whichever is first, that day included. Of several responses on one day the worst counts.
The origin is randomisation in a randomised study, otherwise the first dose.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import narwhals.stable.v2 as nw

from hepatica.derive.criteria.verdicts import Criteria, Verdicts, place_of, told
from hepatica.derive.lesion_records import NUMBER, WHOLE, LazyFrame
from hepatica.derive.lists import with_texts
from hepatica.derive.portable import day_number, held
from hepatica.derive.running import numbered, running
from hepatica.protocol.model import Assessments

Unconfirmed = Literal["recist", "admiral"]

#: What AVAL is for each response, best first.
RESPONSE_VALUES = {
    "CR": 1, "PR": 2, "SD": 3, "NON-CR/NON-PD": 4, "PD": 5, "NE": 6, "MISSING": 7,
}  # fmt: skip
#: The same where progression has to be confirmed.
CONFIRMED_VALUES = {
    "CR": 1, "PR": 2, "SD": 3, "NON-CR/NON-PD": 4, "PD": 5, "UPD": 6, "NE": 7, "MISSING": 8,
}  # fmt: skip
# Worst last: what counts when one day holds several responses.
_WORSE = ("NE", "CR", "PR", "SD", "NON-CR/NON-PD", "UPD", "PD")
_EVALUABLE = _WORSE[1:]
_BEYOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Reading:
    """How responses are confirmed and stable disease counted.

    Attributes
    ----------
    confirmation_days : int or None
        Least days from a response to the visit that confirms it; nothing is confirmed when None.
    stable_disease_days : int
        Least days from the origin to a visit that shows stable disease.
    not_evaluable_between : int
        Most visits not evaluable between a response and the visit that confirms it.
    stable_between : int
        Most visits with SD between two partial responses; RECIST 1.1 allows none.
    unconfirmed : {"recist", "admiral"}
        What an unconfirmed response comes to: Table 3 of RECIST 1.1 as printed, or as the R
        package admiralonco reads it (NE when it did not last).
    missing_as_ne : bool
        Whether a subject without any visit that counts is NE; otherwise MISSING.
    criteria : Criteria, optional
        Those that the protocol names when None.
    """

    confirmation_days: int | None = 28
    stable_disease_days: int = 0
    not_evaluable_between: int = 1
    stable_between: int = 0
    unconfirmed: Unconfirmed = "recist"
    missing_as_ne: bool = False
    criteria: Criteria | None = None


def reading_of(assessments: Assessments, unconfirmed: Unconfirmed = "recist") -> Reading:
    """Return the reading that the protocol asks for."""
    return Reading(
        confirmation_days=assessments.confirmation_days,
        stable_disease_days=assessments.stable_disease_days or 0,
        not_evaluable_between=assessments.not_evaluable_between,
        unconfirmed=unconfirmed,
    )


def with_counting(overall: LazyFrame, subjects: LazyFrame, reading: Reading) -> LazyFrame:
    """Return the visit responses with what the rules of best response ask for.

    Parameters
    ----------
    overall : frame
        Records of OVR, in the columns of `hepatica.derive.visit_response.RESPONSE`.
    subjects : frame
        USUBJID, ORIGIN and THERAPY (day numbers; null when there is none).
    reading : Reading
        Intervals.

    Returns
    -------
    narwhals.LazyFrame
        Held. The records of these subjects with OVR, DAY, VISIT_ORDER, VALID (on a known day from
        the origin on, the worst of its day), COUNTS, LASTED, AFTER_CR, NEXT, CONFIRMED_CR and
        CONFIRMED_PR.
    """
    rows = overall.with_columns(
        nw.col("AVALC").alias("OVR"), day_number(nw.col("ADT")).alias("DAY")
    ).join(subjects, on="USUBJID", how="inner")
    rows = _in_order(rows)
    rows = _window(rows)
    rows = rows.with_columns(
        (nw.col("DAY") >= nw.col("ORIGIN") + reading.stable_disease_days).alias("LASTED")
    )
    rows = held(_sequence(rows))
    pairs = _confirmations(rows, reading)
    rows = rows.join(pairs, on=["USUBJID", "VISIT_ORDER"], how="left")
    return held(
        rows.with_columns(
            nw.col("CONFIRMED_CR").fill_null(value=False),
            nw.col("CONFIRMED_PR").fill_null(value=False),
        )
    )


def _in_order(rows: LazyFrame) -> LazyFrame:
    worse = nw.lit(0).cast(WHOLE)
    for place, response in enumerate(_WORSE, start=1):
        worse = nw.when(nw.col("OVR") == response).then(nw.lit(place).cast(WHOLE)).otherwise(worse)
    rows = rows.with_columns(worse.alias("_WORSE"))
    order = ["DAY", "_WORSE", "AVISITN", "AVISIT", "SRCSEQ"]
    return numbered(rows, "VISIT_ORDER", ["USUBJID"], order)


def _window(rows: LazyFrame) -> LazyFrame:
    """Mark the worst response of each day, and those up to progression and new therapy."""
    started = (nw.col("DAY") >= nw.col("ORIGIN")).fill_null(value=False)
    last_of_day = nw.col("VISIT_ORDER").max().over("USUBJID", "DAY")
    rows = rows.with_columns(last_of_day.alias("_LAST"))
    rows = rows.with_columns((started & (nw.col("VISIT_ORDER") == nw.col("_LAST"))).alias("VALID"))
    progressed = nw.when(nw.col("VALID") & (nw.col("OVR") == "PD")).then(nw.col("DAY"))
    rows = rows.with_columns(progressed.alias("_PD"))
    rows = rows.with_columns(nw.col("_PD").min().over("USUBJID").alias("PD_DAY"))
    before = [
        nw.col(limit).is_null() | (nw.col("DAY") <= nw.col(limit))
        for limit in ("PD_DAY", "THERAPY")
    ]
    counts = (nw.col("VALID") & before[0] & before[1]).fill_null(value=False)
    return rows.with_columns(counts.alias("COUNTS")).drop("_WORSE", "_LAST", "_PD")


def _sequence(rows: LazyFrame) -> LazyFrame:
    """Count along the visits that count: complete responses before, and what breaks a run."""
    response, counts = nw.col("OVR"), nw.col("COUNTS")
    flags = {
        "_CR": counts & (response == "CR"),
        "_PR": counts & (response == "PR"),
        "_SD": counts & (response == "SD"),
        "_NE": counts & ~response.is_in(list(_EVALUABLE)),
        "_WORSE": counts & response.is_in(["NON-CR/NON-PD", "UPD", "PD"]),
    }
    evaluable = counts & response.is_in(list(_EVALUABLE))
    rows = rows.with_columns(
        *(flag.cast(WHOLE).alias(name) for name, flag in flags.items()),
        nw.when(evaluable).then(response).alias("_OVR"),
    )
    rows = running(
        rows,
        "VISIT_ORDER",
        {**{f"{name}S": ("sum", name) for name in flags}, "NEXT": ("later", "_OVR")},
    )
    after = (nw.col("_CRS") - nw.col("_CR") > 0).alias("AFTER_CR")
    return rows.with_columns(after).drop(*flags, "_OVR")


def _confirmations(rows: LazyFrame, reading: Reading) -> LazyFrame:
    """Return for each response whether a later visit confirms it."""
    marks = ("_CRS", "_PRS", "_SDS", "_NES", "_WORSES")
    responses = rows.filter(nw.col("COUNTS") & nw.col("OVR").is_in(["CR", "PR"]))
    first = responses.select("USUBJID", "VISIT_ORDER", "OVR", "DAY", *marks)
    then = responses.select(
        "USUBJID",
        *(nw.col(name).alias(f"{name}_2") for name in ("VISIT_ORDER", "OVR", "DAY", *marks)),
    )
    days = reading.confirmation_days
    least = nw.col("DAY") + (_BEYOND if days is None else days)
    pairs = first.join(then, on="USUBJID", how="inner").filter(nw.col("DAY_2") >= least)
    # What lies between: the second visit is a CR or PR itself, so it adds nothing to the others.
    gap = {name: nw.col(f"{name}_2") - nw.col(name) for name in marks}
    bridged = (gap["_NES"] <= reading.not_evaluable_between) & (gap["_WORSES"] == 0)
    second_cr = nw.col("OVR_2") == "CR"
    cr = (nw.col("OVR") == "CR") & second_cr & (gap["_PRS"] == 0) & (gap["_SDS"] == 0) & bridged
    pr = (nw.col("OVR") == "PR") & (gap["_SDS"] <= reading.stable_between) & bridged
    # No partial response after a complete one between the two: all complete ones come last.
    return pairs.with_columns(
        cr.cast(WHOLE).alias("_C"), (pr & _no_pr_after_cr(gap, second_cr)).cast(WHOLE).alias("_P")
    ).group_by("USUBJID", "VISIT_ORDER").agg(
        (nw.col("_C").max() == 1).alias("CONFIRMED_CR"),
        (nw.col("_P").max() == 1).alias("CONFIRMED_PR"),
    )  # fmt: skip


def _no_pr_after_cr(gap: dict[str, nw.Expr], second_cr: nw.Expr) -> nw.Expr:
    return nw.when(second_cr).then(nw.lit(value=True)).otherwise(gap["_CRS"] == 0)


def chosen_places(
    rows: LazyFrame, subjects: LazyFrame, tables: dict[str, tuple[Verdicts, bool]]
) -> LazyFrame:
    """Return for each subject and parameter the verdict and the visit that dates it.

    Parameters
    ----------
    rows : frame
        From `with_counting`.
    subjects : frame
        USUBJID of everybody who gets records.
    tables : dict
        Parameter to its verdicts, and whether the first verdict wins over the earliest visit.

    Returns
    -------
    narwhals.LazyFrame
        Held; USUBJID, and for each parameter ``<name>_PLACE`` and ``<name>_ORDER``.
    """
    counted = rows.filter(nw.col("COUNTS"))
    kinds = counted.collect_schema()
    counted = counted.with_columns(
        *(place_of(verdicts, kinds, f"_{name}") for name, (verdicts, _) in tables.items())
    )
    order = nw.col("VISIT_ORDER")
    keys = []
    for name, (_, by_verdict) in tables.items():
        place = nw.col(f"_{name}")
        key = place * _BEYOND + order if by_verdict else order * _BEYOND + place
        keys.append(key.alias(name))
    best = counted.with_columns(*keys).group_by("USUBJID").agg(*(nw.col(n).min() for n in tables))
    split = []
    for name, (_, by_verdict) in tables.items():
        major, minor = nw.col(name) // _BEYOND, nw.col(name) % _BEYOND
        place, visit = (major, minor) if by_verdict else (minor, major)
        split += [
            place.cast(WHOLE).alias(f"{name}_PLACE"),
            visit.cast(WHOLE).alias(f"{name}_ORDER"),
        ]
    best = best.select("USUBJID", *split)
    return held(subjects.select("USUBJID").join(best, on="USUBJID", how="left"))


def chosen_records(
    places: LazyFrame,
    rows: LazyFrame,
    tables: Mapping[str, tuple[Verdicts, tuple[str, ...]]],
    kinds: Mapping[str, Any],
) -> LazyFrame:
    """Return the records of all parameters, one of each for every subject.

    Parameters
    ----------
    places : frame
        From `chosen_places`.
    rows : frame
        From `with_counting`.
    tables : mapping
        Parameter to its verdicts, and AVALC, RULEID and RULE of a subject to whom none applies.
    kinds : mapping of str to Narwhals data type
        Types of the texts.
    """
    texts: dict[str, list[str]] = {name: [] for name in ("AVALC", "RULEID", "RULE")}
    picked = []
    for name, (verdicts, otherwise) in tables.items():
        # All verdicts in one row, those of a parameter followed by what holds without any.
        first = len(texts["AVALC"])
        place = nw.col(f"{name}_PLACE").fill_null(len(verdicts)) + first
        for (column, told_), rest in zip(told(verdicts).items(), otherwise, strict=True):
            texts[column] += [*told_, rest]
        picked.append(
            places.select(
                "USUBJID",
                nw.lit(name, dtype=kinds["PARAMCD"]).alias("PARAMCD"),
                place.cast(WHOLE).alias("_PLACE"),
                nw.col(f"{name}_ORDER").alias("VISIT_ORDER"),
            )
        )
    columns = [
        "USUBJID", "VISIT_ORDER", "ADT", "ADTF", "AVISIT", "AVISITN", "SRCDOM", "SRCVAR", "SRCSEQ",
    ]  # fmt: skip
    each = nw.concat(picked).join(
        rows.select(*columns), on=["USUBJID", "VISIT_ORDER"], how="left"
    )  # fmt: skip
    return with_texts(each, "_PLACE", texts, kinds).drop("_PLACE", "VISIT_ORDER")


def value_of_response(*, confirmed_progression: bool = False) -> nw.Expr:
    """Return AVAL of a response or a yes or no."""
    values = CONFIRMED_VALUES if confirmed_progression else RESPONSE_VALUES
    value = nw.lit(None, dtype=NUMBER)
    for text, number in {**values, "Y": 1, "N": 0}.items():
        value = nw.when(nw.col("AVALC") == text).then(nw.lit(float(number))).otherwise(value)
    return value.alias("AVAL")
