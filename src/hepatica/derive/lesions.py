"""Lesions and visits as the evaluator recorded them: roles, measures, sums, baseline, nadir.

Lengths are integers, in hundredths of a millimetre, so that sums and thresholds are exact.

A visit is what has the same VISITNUM; without a number, the same VISIT; an unscheduled visit
without a number is its day. A visit with scans on several days is dated on the earliest of them
when it shows progression, and on the latest otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass

import narwhals.stable.v2 as nw

from hepatica.derive.criteria import criteria_named
from hepatica.derive.criteria.verdicts import Criteria
from hepatica.derive.lesion_counts import LEFT, NEW, lesions_left, new_lesions, new_ones, stated
from hepatica.derive.lesion_parts import (
    parts_of_lesions,
    roles_with_parts,
    whole_lesions,
    without_parts,
)
from hepatica.derive.lesion_records import (
    DAY,
    NAMES,
    STATES,
    SUBJECT,
    VISIT_KEY,
    WHOLE,
    Frame,
    LazyFrame,
    identified_lesions,
    lesion_visits,
    measured_lesions,
    role_of_lesion,
)
from hepatica.derive.portable import day_number, held, typed
from hepatica.derive.running import numbered, running
from hepatica.derive.treated_lesions import treated_lesions, with_treatment, without_treated
from hepatica.errors import AnalysisError
from hepatica.protocol.model import Assessments, Protocol

_COUNTS = ("LSASS", "NTASS", "NON_TARGETS_WORSE", "NON_TARGETS_FURTHER")


@dataclass(frozen=True, slots=True)
class TumourVisits:
    """What the lesions show, computed once.

    Attributes
    ----------
    lesions : frame
        One row for each target lesion and visit: LESION (its number), LINK, NODE, LENGTH and OTHER
        (the axis that does not enter the sum), with the visit's columns.
    visits : frame
        One row for each visit: sums, baseline, smallest sum before, counts of the other lesions.
    """

    lesions: LazyFrame
    visits: LazyFrame


@dataclass(frozen=True, slots=True)
class MeasuredTumours:
    """What does not depend on when a node is normal or a new lesion counts.

    Attributes
    ----------
    tumours : TumourVisits
        Its visits are without the counts of `hepatica.derive.lesion_counts`.
    recorded : frame
        One row for each lesion and visit, of any role.
    new : frame
        The same of new lesions.
    identified : frame, optional
        The new lesions of TU.
    """

    tumours: TumourVisits
    recorded: LazyFrame
    new: LazyFrame
    identified: LazyFrame | None


def assessments_of(protocol: Protocol) -> Assessments:
    """Return how the protocol assesses tumours.

    Raises
    ------
    AnalysisError
        If it says nothing about that.
    """
    if protocol.assessments is None:
        message = "Responses need 'assessments' in study.yaml: criteria, interval and evaluator."
        raise AnalysisError(message)
    return protocol.assessments


def tumour_visits(
    protocol: Protocol,
    tu: Frame | None,
    tr: Frame,
    adsl: Frame,
    criteria: Criteria | None = None,
    pr: Frame | None = None,
) -> TumourVisits:
    """Return lesions and visits of every subject, as the protocol's evaluator recorded them.

    Parameters
    ----------
    protocol : Protocol
        ``assessments`` names evaluator and criteria.
    tu, tr : frame
        Lesions and their measurements, as `records` gives them.
    adsl : frame
        USUBJID and TRTSDT; RANDDT stands in for a subject who was never treated.
    criteria : Criteria, optional
        Those that the protocol names when not given.
    pr : frame, optional
        Procedures; one that names a lesion (PRLNKID) treated it from PRSTDT on.

    Returns
    -------
    TumourVisits
        Held in memory, in the database or in the cluster.
    """
    criteria = criteria or criteria_named(assessments_of(protocol).criteria)
    return counted_visits(measured_tumours(protocol, tu, tr, adsl, criteria, pr), criteria)


def measured_tumours(
    protocol: Protocol,
    tu: Frame | None,
    tr: Frame,
    adsl: Frame,
    criteria: Criteria,
    pr: Frame | None = None,
) -> MeasuredTumours:
    """Return lesions, sums, baseline and nadir, for all criteria that measure alike.

    Parameters
    ----------
    protocol, tu, tr, adsl, criteria, pr
        As for `tumour_visits`; of the criteria, its measure and the length of a lesion that is too
        small to measure.
    """
    who, how = assessments_of(protocol).evaluator, protocol.dates.assessment
    identified, roles = None, None
    parts = parts_of_lesions(tu, tr)
    if tu is not None:
        identified = identified_lesions(tu.lazy(), who, how)
        identified = identified if parts is None else without_parts(identified, parts)
        roles = role_of_lesion(identified) if parts is None else roles_with_parts(identified, parts)
    measured = measured_lesions(tr.lazy(), roles, who, how)
    lesions = held(lesion_visits(measured, criteria))
    lesions = lesions if parts is None else held(whole_lesions(lesions, parts))
    treated = treated_lesions(lesions, adsl.lazy(), pr)
    lesions = lesions if treated is None else held(without_treated(lesions, treated))
    known = _known_lesions(lesions, identified)
    seen = _tallied(_with_new(lesions, identified))
    visits = held(with_treatment(_compared(_visits(seen, known, adsl.lazy())), treated))
    targets = held(_numbered_lesions(lesions, known, visits))
    new = None if identified is None else held(new_ones(identified))
    return MeasuredTumours(TumourVisits(targets, visits), lesions, held(new_ones(lesions)), new)


def counted_visits(measured: MeasuredTumours, criteria: Criteria) -> TumourVisits:
    """Return the same with what is left of the lesions, and new ones, as the criteria count."""
    visits = measured.tumours.visits
    left = lesions_left(measured.recorded, criteria.sizes)
    new = new_lesions(measured.new, measured.identified, criteria.sizes)
    visits = visits.join(left, on=list(VISIT_KEY), how="left")
    visits = visits.join(new, on=list(VISIT_KEY), how="left")
    visits = visits.with_columns(nw.col(name).fill_null(0) for name in (*LEFT, *NEW))
    return TumourVisits(measured.tumours.lesions, held(visits))


def _known_lesions(lesions: LazyFrame, identified: LazyFrame | None) -> LazyFrame:
    """Return each target and non-target lesion of a subject once."""
    columns = ["USUBJID", "LINK", "ROLE"]
    rows = lesions.select(*columns)
    if identified is not None:
        rows = nw.concat([rows, role_of_lesion(identified).select(*columns)])
    rows = rows.filter(nw.col("ROLE").is_in(["TARGET", "NON-TARGET"]))
    return held(rows.unique(subset=columns))


def _with_new(lesions: LazyFrame, identified: LazyFrame | None) -> LazyFrame:
    """Add the visits at which nothing is recorded but that a new lesion was identified."""
    if identified is None:
        return lesions
    kinds = dict(lesions.collect_schema())
    none = nw.lit(0).cast(WHOLE)
    new = identified.filter(nw.col("ROLE").str.starts_with("NEW")).select(
        *VISIT_KEY, *NAMES, "ROLE", "NODE",
        *(none.alias(name) for name in STATES),
        *(nw.col("DATE").alias(name) for name in ("FIRST", "LAST", "ANY_FIRST", "ANY_LAST")),
    )  # fmt: skip
    return nw.concat([lesions, typed(new, kinds)])


def _visits(seen: LazyFrame, known: LazyFrame, adsl: LazyFrame) -> LazyFrame:
    """Return one row for each visit, with what is expected of the subject and what was seen."""
    role = nw.col("ROLE")
    expected = known.group_by("USUBJID").agg(
        (role == "TARGET").cast(WHOLE).sum().alias("LSEXP"),
        (role == "NON-TARGET").cast(WHOLE).sum().alias("NTEXP"),
    )
    kinds = {"USUBJID": SUBJECT, "TRTSDT": DAY, "RANDDT": DAY}
    start = typed(adsl, kinds).select(
        "USUBJID", nw.coalesce(nw.col("TRTSDT"), nw.col("RANDDT")).alias("START")
    )
    visits = seen.join(expected, on="USUBJID", how="left").join(start, on="USUBJID", how="left")
    return visits.with_columns(*(nw.col(name).fill_null(0) for name in ("LSEXP", "NTEXP")))


def _tallied(lesions: LazyFrame) -> LazyFrame:
    """Return sums and counts of target and non-target lesions for each visit."""
    target, other = nw.col("ROLE") == "TARGET", nw.col("ROLE") == "NON-TARGET"
    length = nw.col("LENGTH")
    measured = target & ~length.is_null() & (nw.col("PARTIAL") == 0)
    known = stated() | (nw.col("ABSENT") == 1) | ~length.is_null()
    worse = other & (nw.col("WORSE") > 0)
    rows = lesions.with_columns(
        nw.when(target).then(length).alias("_SUM"),
        measured.cast(WHOLE).alias("LSASS"),
        (other & known).cast(WHOLE).alias("NTASS"),
        worse.cast(WHOLE).alias("NON_TARGETS_WORSE"),
        (other & (nw.col("WORSE") > 1)).cast(WHOLE).alias("NON_TARGETS_FURTHER"),
        nw.when(target).then(nw.coalesce(nw.col("LENGTH_SEQ"), nw.col("SEQ"))).alias("TARGET_SEQ"),
        nw.when(other).then(nw.col("SEQ")).alias("NON_TARGET_SEQ"),
        nw.when(worse).then(nw.col("SEQ")).alias("WORSE_SEQ"),
    )
    visits = rows.group_by(*VISIT_KEY).agg(
        nw.col("_SUM").sum().cast(WHOLE),
        *(nw.col(name).sum().cast(WHOLE) for name in _COUNTS),
        *(nw.col(name).min() for name in ("TARGET_SEQ", "NON_TARGET_SEQ", "WORSE_SEQ")),
        *(nw.col(name).max() for name in (*NAMES, "LAST", "ANY_LAST")),
        *(nw.col(name).min() for name in ("FIRST", "ANY_FIRST")),
    )
    # Days on which something was done, if there are any; the sum of nothing is null.
    total = nw.when(nw.col("LSASS") > 0).then(nw.col("_SUM")).alias("SUMH")
    seq = nw.coalesce(nw.col("WORSE_SEQ"), nw.col("NON_TARGET_SEQ")).alias("NON_TARGET_SEQ")
    first = nw.coalesce(nw.col("FIRST"), nw.col("ANY_FIRST")).alias("FIRST")
    last = nw.coalesce(nw.col("LAST"), nw.col("ANY_LAST")).alias("LAST")
    visits = visits.with_columns(total, seq, first, last)
    return visits.drop("_SUM", "WORSE_SEQ", "ANY_FIRST", "ANY_LAST")


def _compared(visits: LazyFrame) -> LazyFrame:
    """Add to each visit its place in time, baseline and the smallest complete sum before it.

    Baseline is the last visit on or before the first dose at which every target lesion was
    measured. A visit without a whole date stands where the earliest day it allows puts it.
    """
    day = day_number(nw.coalesce(nw.col("LAST"), nw.col("EARLIEST")))
    visits = visits.with_columns(
        day.alias("DAY"), day_number(nw.col("START")).alias("START_DAY"),
        ((nw.col("LSEXP") > 0) & (nw.col("LSASS") == nw.col("LSEXP"))).alias("COMPLETE"),
    )  # fmt: skip
    visits = numbered(visits, "ORDER", ["USUBJID"], ["DAY", "VISITKEY"])
    order, total = nw.col("ORDER"), nw.col("SUMH")
    before = (nw.col("DAY") <= nw.col("START_DAY")).fill_null(value=False)
    after = (nw.col("DAY") > nw.col("START_DAY")).fill_null(value=False)
    visits = visits.with_columns(after.alias("ON_STUDY"))
    candidate = nw.when(before & nw.col("COMPLETE") & (total > 0)).then(order)
    visits = visits.with_columns(candidate.alias("_CANDIDATE"))
    visits = visits.with_columns(nw.col("_CANDIDATE").max().over("USUBJID").alias("_BASE"))
    is_base = (order == nw.col("_BASE")).fill_null(value=False)
    visits = visits.with_columns(
        is_base.alias("IS_BASELINE"), nw.when(is_base).then(total).alias("_BASE_SUM")
    )
    visits = visits.with_columns(nw.col("_BASE_SUM").max().over("USUBJID").alias("BASEH"))
    counts = nw.col("COMPLETE") & (nw.col("ON_STUDY") | nw.col("IS_BASELINE"))
    counts = counts & ~nw.col("BASEH").is_null()
    visits = visits.with_columns(nw.when(counts).then(total).alias("_NADIR"))
    visits = running(visits, "ORDER", {"NADIRH": ("least", "_NADIR")})
    return visits.drop("_CANDIDATE", "_BASE", "_BASE_SUM", "_NADIR")


def _numbered_lesions(lesions: LazyFrame, known: LazyFrame, visits: LazyFrame) -> LazyFrame:
    """Return the target lesions, numbered within the subject, with the dates of their visits."""
    targets = known.filter(nw.col("ROLE") == "TARGET")
    number = numbered(targets, "LESION", ["USUBJID"], ["LINK"]).select("USUBJID", "LINK", "LESION")
    when = visits.select(
        *VISIT_KEY, "VISIT", "VISITNUM", "LAST", "DATE_FLAG", "IS_BASELINE", "ON_STUDY"
    )
    # Held, so that the columns which only the visits needed are let go.
    rows = held(
        lesions.filter(nw.col("ROLE") == "TARGET").select(
            *VISIT_KEY, "LINK", "NODE",
            nw.when(nw.col("PARTIAL") == 0).then(nw.col("LENGTH")).alias("LENGTH"),
            "OTHER", "LENGTH_SEQ", "OTHER_SEQ", "SEQ",
        )
    )  # fmt: skip
    return rows.join(number, on=["USUBJID", "LINK"], how="left").join(
        when, on=list(VISIT_KEY), how="left"
    )
