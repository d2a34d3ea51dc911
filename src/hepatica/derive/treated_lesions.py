"""Lesions that were treated locally on study: by embolisation, ablation, radiation or surgery.

Such a lesion tells nothing of the study treatment any more, so that it is not evaluable from then
on; progression of the other lesions, or a new one, still counts. Source: EORTC questions and
answers, surgery and radiotherapy (recist.eortc.org/faq/surgeryradiotherapy-and-recist). The days
from which it counts are our reading: a lesion recorded in the state ``TREATED`` from that visit on,
a lesion that a procedure names (PRLNKID) from the day after it, since the scan of that day came
first. What was treated on or before the first dose changes nothing.
"""

from __future__ import annotations

import narwhals.stable.v2 as nw

from hepatica.derive.lesion_records import (
    DAY,
    STATES,
    SUBJECT,
    TEXT,
    WHOLE,
    Frame,
    LazyFrame,
    visit_day,
)
from hepatica.derive.portable import day_number, held, typed

_LENGTHS = ("LENGTH", "LARGEST", "OTHER")
_ROLES = ("TARGET", "NON-TARGET")
_FLAGS = {"TARGET": "TARGET_TREATED", "NON-TARGET": "NON_TARGET_TREATED"}
_PR = {"USUBJID": SUBJECT, "PRLNKID": TEXT, "PRSTDT": DAY}


def treated_lesions(lesions: LazyFrame, adsl: LazyFrame, pr: Frame | None) -> LazyFrame | None:
    """Return USUBJID, LINK, ROLE and SINCE, the day number from which a lesion does not count.

    None when nobody was treated, as in most studies.
    """
    state = lesions.filter(nw.col("TREATED") == 1)
    day = visit_day()
    since = [state.select("USUBJID", "LINK", day.alias("SINCE"), day.alias("_TREATED"))]
    if pr is not None and "PRLNKID" in pr.collect_schema().names():
        procedures = typed(pr.lazy(), _PR).filter(~nw.col("PRLNKID").is_null())
        day, lesion = day_number(nw.col("PRSTDT")), nw.col("PRLNKID").alias("LINK")
        since.append(
            procedures.select("USUBJID", lesion, (day + 1).alias("SINCE"), day.alias("_TREATED"))
        )
    kinds = {"USUBJID": SUBJECT, "TRTSDT": DAY, "RANDDT": DAY}
    start = typed(adsl, kinds).select(
        "USUBJID", day_number(nw.coalesce(nw.col("TRTSDT"), nw.col("RANDDT"))).alias("_START")
    )
    rows = nw.concat(since).join(start, on="USUBJID", how="inner")
    rows = rows.filter(nw.col("_TREATED") > nw.col("_START"))
    first = rows.group_by("USUBJID", "LINK").agg(nw.col("SINCE").min())
    roles = lesions.filter(nw.col("ROLE").is_in(list(_ROLES)))
    roles = roles.group_by("USUBJID", "LINK").agg(nw.col("ROLE").max())
    found = held(first.join(roles, on=["USUBJID", "LINK"], how="inner"))
    return found if found.head(1).collect().shape[0] else None


def without_treated(lesions: LazyFrame, treated: LazyFrame) -> LazyFrame:
    """Take length and state from the records of lesions that were treated by then."""
    names = lesions.collect_schema().names()
    since = treated.select("USUBJID", "LINK", "SINCE")
    rows = lesions.join(since, on=["USUBJID", "LINK"], how="left")
    after = (visit_day() >= nw.col("SINCE")).fill_null(value=False)
    none = nw.lit(0).cast(WHOLE)
    return rows.with_columns(
        *(nw.when(~after).then(nw.col(name)).alias(name) for name in _LENGTHS),
        *(nw.when(after).then(none).otherwise(nw.col(name)).alias(name) for name in STATES),
    ).select(*names)


def with_treatment(visits: LazyFrame, treated: LazyFrame | None) -> LazyFrame:
    """Add whether a target or a non-target lesion of the subject had been treated by the visit."""
    if treated is None:
        no = nw.lit(value=False)
        return visits.with_columns(no.alias(name) for name in _FLAGS.values())
    for role, name in _FLAGS.items():
        since = treated.filter(nw.col("ROLE") == role).group_by("USUBJID")
        first = since.agg(nw.col("SINCE").min().alias("_SINCE"))
        visits = visits.join(first, on="USUBJID", how="left")
        by_then = (nw.col("DAY") >= nw.col("_SINCE")).fill_null(value=False)
        visits = visits.with_columns(by_then.alias(name)).drop("_SINCE")
    return visits
