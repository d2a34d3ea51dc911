"""ADRS: visit responses and what follows from them for each subject."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import narwhals.stable.v2 as nw

from hepatica.derive.best_response import (
    Reading,
    chosen_places,
    chosen_records,
    reading_of,
    value_of_response,
    with_counting,
)
from hepatica.derive.controlled_at import controlled_records
from hepatica.derive.criteria import criteria_named
from hepatica.derive.criteria.verdicts import Criteria, Verdicts
from hepatica.derive.lesion_records import (
    DAY,
    NUMBER,
    SUBJECT,
    TEXT,
    WHOLE,
    Frame,
    LazyFrame,
    target_lesions,
)
from hepatica.derive.lesions import TumourVisits, assessments_of, tumour_visits
from hepatica.derive.lists import together
from hepatica.derive.portable import day_number, held, typed
from hepatica.derive.progression_blocks import CONTROLLED
from hepatica.derive.response_texts import (
    CONFIRMED_PD,
    DEATH,
    LAST,
    MEASURABLE,
    NO,
    NO_VISIT,
    NO_VISIT_NE,
    PARAMETERS,
    PD,
    text_kinds,
)
from hepatica.derive.running import running
from hepatica.derive.visit_response import responses_as_coded, responses_from_lesions
from hepatica.errors import AnalysisError
from hepatica.protocol.model import Protocol

_COLUMNS: dict[str, Any] = {
    "USUBJID": SUBJECT, "PARAMCD": TEXT, "PARAM": TEXT, "AVALC": TEXT, "AVAL": NUMBER, "ADT": DAY,
    "ADTF": TEXT, "AVISIT": TEXT, "AVISITN": NUMBER, "RSEVAL": TEXT, "RULEID": TEXT, "RULE": TEXT,
    "ANL01FL": TEXT, "ANL02FL": TEXT, "SRCDOM": TEXT, "SRCVAR": TEXT, "SRCSEQ": WHOLE,
}  # fmt: skip
_Kinds = Mapping[str, Any]


def derive_adrs(  # noqa: PLR0913 - one argument for each table
    protocol: Protocol,
    adsl: Frame,
    *,
    tu: Frame | None = None,
    tr: Frame | None = None,
    rs: Frame | None = None,
    adcm: Frame | None = None,
    pr: Frame | None = None,
    visits: TumourVisits | None = None,
    reading: Reading | None = None,
) -> LazyFrame:
    """Return visit responses, best responses and reference events of the enrolled subjects.

    Parameters
    ----------
    protocol : Protocol
        ``assessments`` names evaluator, criteria, intervals, and whether responses come from the
        lesions or as coded.
    adsl : frame
        USUBJID, TRTSDT, RANDDT, ENRLFL, DTHDT, DTHFL. Those with ENRLFL ``N`` get no record.
    tu, tr : frame, optional
        Lesions and their measurements; needed when responses come from the lesions.
    rs : frame, optional
        Coded responses; needed when responses are taken as coded.
    adcm : frame, optional
        Therapies with ASTDT and NEWTHFL; visits after the first new anticancer therapy do not
        count towards best response.
    pr : frame, optional
        Procedures; one that names a lesion (PRLNKID) makes it not evaluable from then on.
    visits : TumourVisits, optional
        From `hepatica.derive.lesions.tumour_visits`, when already computed.
    reading : Reading, optional
        That of the protocol when not given.

    Returns
    -------
    narwhals.LazyFrame
        The columns of ADRS in docs/datasets.md, and ANL02FL. ANL01FL marks the records that can
        be analysed: of OVR the worst of each day from the origin on. ANL02FL marks those of OVR up
        to the first progression and new therapy. CBOR, CRSP and CCB only where the protocol has a
        confirmation interval.

    Raises
    ------
    AnalysisError
        If the tables that the protocol asks for are missing.

    Notes
    -----
    A subject without a visit that counts has BOR and CBOR ``MISSING`` (``NE`` under
    ``Reading.missing_as_ne``), and ``N`` for the rest. Source: RECIST 1.1, Tables 1 to 3,
    doi 10.1016/j.ejca.2008.10.026.
    """
    assessments = assessments_of(protocol)
    how = reading or reading_of(assessments)
    table = how.criteria or criteria_named(assessments.criteria)
    evaluator = assessments.evaluator
    subjects = held(_subjects(adsl.lazy(), adcm, protocol.study.randomised))
    if tr is not None and visits is None:
        visits = tumour_visits(protocol, tu, tr, adsl, table, pr)
    coded = assessments.response_from == "coded"
    kinds = text_kinds(subjects, table, protocol, coded=coded)
    if coded:
        if rs is None:
            message = "Responses are taken as coded, but there is no table RS."
            raise AnalysisError(message)
        responses = responses_as_coded(rs.lazy(), table, evaluator, protocol.dates.assessment)
    else:
        if visits is None:
            message = "Responses come from the lesions, but there is no table TR."
            raise AnalysisError(message)
        responses = responses_from_lesions(visits.visits, table, evaluator, kinds)
    rows = with_counting(responses.filter(nw.col("PARAMCD") == "OVR"), subjects, how)
    parts = [
        _visit_records(rows, kinds),
        _part_records(responses, subjects),
        _best_records(rows, subjects, table, how, kinds),
        _progression(rows, subjects, table, kinds),
        _last(rows, subjects),
        _deaths(subjects, kinds),
        _measurable(subjects, visits, tu, evaluator, kinds),
        *controlled_records(rows, subjects, protocol, kinds),
    ]
    return _finished(parts, evaluator, table, kinds)


def _subjects(adsl: LazyFrame, adcm: Frame | None, randomised: bool) -> LazyFrame:
    """Return the enrolled subjects, when their time starts, and when a new therapy does."""
    kinds = {
        "USUBJID": SUBJECT, "TRTSDT": DAY, "RANDDT": DAY, "ENRLFL": TEXT, "DTHDT": DAY,
        "DTHFL": TEXT,
    }  # fmt: skip
    dates = ["RANDDT", "TRTSDT"] if randomised else ["TRTSDT", "RANDDT"]
    subjects = typed(adsl, kinds).filter(nw.col("ENRLFL").is_null() | (nw.col("ENRLFL") != "N"))
    subjects = subjects.with_columns(
        day_number(nw.coalesce(*(nw.col(name) for name in dates))).alias("ORIGIN")
    ).select("USUBJID", "ORIGIN", "DTHDT", "DTHFL")
    if adcm is None:
        return subjects.with_columns(nw.lit(None, dtype=WHOLE).alias("THERAPY"))
    therapies = typed(adcm.lazy(), {"USUBJID": SUBJECT, "ASTDT": DAY, "NEWTHFL": TEXT})
    first = therapies.filter(nw.col("NEWTHFL") == "Y").group_by("USUBJID").agg(
        nw.col("ASTDT").min().alias("_START")
    )  # fmt: skip
    first = first.select("USUBJID", day_number(nw.col("_START")).alias("THERAPY"))
    return subjects.join(first, on="USUBJID", how="left")


def _visit_records(rows: LazyFrame, kinds: _Kinds) -> LazyFrame:
    flags = {"ANL01FL": "VALID", "ANL02FL": "COUNTS"}
    return rows.with_columns(
        nw.when(nw.col(flag)).then(nw.lit("Y", dtype=kinds[name])).alias(name)
        for name, flag in flags.items()
    )


def _part_records(responses: LazyFrame, subjects: LazyFrame) -> LazyFrame:
    parts = responses.filter(nw.col("PARAMCD") != "OVR")
    parts = parts.join(subjects.select("USUBJID"), on="USUBJID", how="inner")
    return _flagged(parts)


def _best_records(
    rows: LazyFrame, subjects: LazyFrame, criteria: Criteria, reading: Reading, kinds: _Kinds
) -> LazyFrame:
    tables: dict[str, tuple[Verdicts, bool]] = {
        "BOR": (criteria.best, True),
        "RSP": (criteria.response, False),
        "CB": (criteria.benefit, False),
    }
    if reading.confirmation_days is not None:
        confirmed = criteria.confirmed[reading.unconfirmed]
        tables["CBOR"] = (confirmed.best, True)
        tables["CRSP"] = (confirmed.response, False)
        tables["CCB"] = (confirmed.benefit, False)
    places = chosen_places(rows, subjects, tables)
    nothing = NO_VISIT_NE if reading.missing_as_ne else NO_VISIT
    otherwise = {
        name: (verdicts, nothing if best else NO) for name, (verdicts, best) in tables.items()
    }
    return _flagged(chosen_records(places, rows, otherwise, kinds))


def _flagged(records: LazyFrame) -> LazyFrame:
    return records.with_columns(nw.lit("Y").alias("ANL01FL"))


def _one_each(rows: LazyFrame, subjects: LazyFrame, order: nw.Expr) -> LazyFrame:
    """Join to every subject the visit that ``order`` picks; null columns without one."""
    pick = rows.group_by("USUBJID").agg(order.alias("VISIT_ORDER"))
    columns = [
        "USUBJID", "VISIT_ORDER", "OVR", "ADT", "ADTF", "AVISIT", "AVISITN", "SRCDOM", "SRCVAR",
        "SRCSEQ",
    ]  # fmt: skip
    return (
        subjects.select("USUBJID")
        .join(pick, on="USUBJID", how="left")
        .join(rows.select(*columns), on=["USUBJID", "VISIT_ORDER"], how="left")
    )


def _progression(
    rows: LazyFrame, subjects: LazyFrame, criteria: Criteria, kinds: _Kinds
) -> LazyFrame:
    if criteria.progression:
        found, verdict = _unforgotten(rows), CONFIRMED_PD
    else:
        found, verdict = rows.filter(nw.col("VALID") & (nw.col("OVR") == "PD")), PD
    each = _one_each(found, subjects, nw.col("VISIT_ORDER").min())
    there = ~nw.col("OVR").is_null()
    said = zip(("AVALC", "RULEID", "RULE"), ("Y", verdict.id, verdict.told), NO, strict=True)
    return _flagged(
        each.with_columns(
            nw.lit("PD").alias("PARAMCD"),
            *(_either(there, yes, no, name, kinds) for name, yes, no in said),
        )
    )


def _either(there: nw.Expr, yes: str, no: str | None, name: str, kinds: _Kinds) -> nw.Expr:
    then, otherwise = (nw.lit(text, dtype=kinds[name]) for text in (yes, no))
    return nw.when(there).then(then).otherwise(otherwise).alias(name)


def _unforgotten(rows: LazyFrame) -> LazyFrame:
    """Return the progressions of the first block that is confirmed, or else of the last one."""
    rows = rows.filter(nw.col("VALID"))
    controlled = nw.col("OVR").is_in(list(CONTROLLED)).fill_null(value=False).cast(WHOLE)
    rows = rows.with_columns(controlled.alias("_ENDS"))
    rows = running(rows, "VISIT_ORDER", {"_BLOCK": ("sum", "_ENDS")})
    rows = rows.with_columns(nw.when(nw.col("OVR") == "PD").then(nw.col("_BLOCK")).alias("_CPD"))
    rows = rows.with_columns(
        nw.col("_CPD").min().over("USUBJID").alias("_CPD"),
        nw.col("_BLOCK").max().over("USUBJID").alias("_LAST"),
    )
    of_event = nw.col("_BLOCK") == nw.coalesce(nw.col("_CPD"), nw.col("_LAST"))
    return rows.filter(nw.col("OVR").is_in(["UPD", "PD"]) & of_event)


def _last(rows: LazyFrame, subjects: LazyFrame) -> LazyFrame:
    each = _one_each(rows.filter(nw.col("VALID")), subjects, nw.col("VISIT_ORDER").max())
    return _flagged(
        each.with_columns(
            nw.lit("LSTA").alias("PARAMCD"), nw.col("OVR").alias("AVALC"),
            nw.lit(LAST[0]).alias("RULEID"), nw.lit(LAST[1]).alias("RULE"),
        )
    )  # fmt: skip


def _deaths(subjects: LazyFrame, kinds: _Kinds) -> LazyFrame:
    died = ~nw.col("DTHDT").is_null() | (nw.col("DTHFL") == "Y").fill_null(value=False)
    return _flagged(
        subjects.select(
            "USUBJID",
            nw.lit("DEATH").alias("PARAMCD"),
            _either(died, "Y", "N", "AVALC", kinds),
            nw.col("DTHDT").alias("ADT"),
            nw.lit(DEATH[0]).alias("RULEID"),
            nw.lit(DEATH[1]).alias("RULE"),
            _either(died, "ADSL", None, "SRCDOM", kinds),
            _either(died, "DTHDT", None, "SRCVAR", kinds),
        )
    )


def _measurable(
    subjects: LazyFrame,
    visits: TumourVisits | None,
    tu: Frame | None,
    evaluator: str,
    kinds: _Kinds,
) -> LazyFrame:
    """Return whether target lesions were chosen."""
    if tu is not None:
        targets = target_lesions(tu, evaluator)
        domain, variable = "TU", "TUORRES"
    elif visits is not None:
        targets = visits.visits.filter(nw.col("LSEXP") > 0).group_by("USUBJID").agg(
            nw.col("TARGET_SEQ").min().alias("SRCSEQ")
        )  # fmt: skip
        domain, variable = "TR", "TRGRPID"
    else:
        nobody = nw.lit(None, dtype=WHOLE).alias("SRCSEQ")
        targets = subjects.select("USUBJID", nobody).filter(nw.col("USUBJID").is_null())
        domain, variable = "TU", "TUORRES"
    there = nw.lit("Y").alias("_THERE")
    each = subjects.select("USUBJID").join(targets.with_columns(there), on="USUBJID", how="left")
    found = ~nw.col("_THERE").is_null()
    return _flagged(
        each.with_columns(
            nw.lit("MDIS").alias("PARAMCD"),
            _either(found, "Y", "N", "AVALC", kinds),
            nw.lit(MEASURABLE[0]).alias("RULEID"),
            nw.lit(MEASURABLE[1]).alias("RULE"),
            _either(found, domain, None, "SRCDOM", kinds),
            _either(found, variable, None, "SRCVAR", kinds),
        )
    )


def _written(words: Mapping[str, str], of: Sequence[str], value: nw.Expr, kind: Any) -> nw.Expr:
    """Return responses of some parameters in the words of the criteria."""
    written = value
    for word, text in words.items():
        named = nw.col("PARAMCD").is_in(list(of)) & (nw.col("AVALC") == word)
        then = nw.lit(text, dtype=kind)
        written = nw.when(named.fill_null(value=False)).then(then).otherwise(written)
    return written


def _finished(
    parts: list[LazyFrame], evaluator: str, criteria: Criteria, kinds: _Kinds
) -> LazyFrame:
    label = nw.col("PARAM")
    for name, text in PARAMETERS.items():
        named = nw.lit(text, dtype=kinds["PARAM"])
        label = nw.when(nw.col("PARAMCD") == name).then(named).otherwise(label)
    rows = together(parts, {**_COLUMNS, **kinds})
    value = value_of_response(confirmed_progression=bool(criteria.progression))
    rows = rows.with_columns(label.alias("PARAM"), value)
    if evaluator:
        who = nw.col("RSEVAL")
        who = nw.when(~who.is_null()).then(who).otherwise(nw.lit(evaluator))
        rows = rows.with_columns(who.alias("RSEVAL"))
    if not criteria.words:
        return rows
    kind = kinds["AVALC"]
    written = _written(criteria.words, ("OVR", "BOR", "CBOR", "LSTA"), nw.col("AVALC"), kind)
    written = _written(criteria.part_words, ("TRG", "NTRG"), written, kind)
    return rows.with_columns(written.alias("AVALC"))
