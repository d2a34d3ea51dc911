"""The lesions that the evaluator recorded: who counts, which visit, what role, which length."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import narwhals.stable.v2 as nw

from hepatica.derive.criteria.verdicts import Criteria, Measure
from hepatica.derive.dates import impute
from hepatica.derive.lists import split_by_repetition
from hepatica.derive.portable import day_number, held, typed
from hepatica.protocol.model import Imputation

Frame = nw.DataFrame[Any] | nw.LazyFrame[Any]
LazyFrame = nw.LazyFrame[Any]

TEXT, DAY, WHOLE, NUMBER = nw.String, nw.Date, nw.Int64, nw.Float64
#: USUBJID as it is: a text, or the number that stands for it within a derivation.
SUBJECT: Any = None

_TU = {
    "USUBJID": SUBJECT, "TULNKID": TEXT, "TUTESTCD": TEXT, "TUORRES": TEXT, "TULOC": TEXT,
    "TUDT": DAY, "TUDTP": TEXT, "TUEVAL": TEXT, "TUEVALID": TEXT, "TUACPTFL": TEXT,
    "VISIT": TEXT, "VISITNUM": NUMBER, "VISITKEY": TEXT, "TUSEQ": WHOLE,
}  # fmt: skip
_TR = {
    "USUBJID": SUBJECT, "TRLNKID": TEXT, "TRGRPID": TEXT, "TRTESTCD": TEXT, "TRSTRESN": NUMBER,
    "TRSTRESC": TEXT, "TRSTAT": TEXT, "TRDT": DAY, "TRDTP": TEXT, "TREVAL": TEXT,
    "TREVALID": TEXT, "TRACPTFL": TEXT, "VISIT": TEXT, "VISITNUM": NUMBER, "VISITKEY": TEXT,
    "TRSEQ": WHOLE,
}  # fmt: skip
#: What is read of TU and of TR.
TU_COLUMNS, TR_COLUMNS = tuple(_TU), tuple(_TR)
VISIT_KEY = ("USUBJID", "VISITKEY")
_NONE = "NONE"
NAMES = ("VISIT", "VISITNUM", "EARLIEST", "DATE_FLAG")
#: Test code of the longest diameter of the viable, arterially enhancing part of a lesion.
VIABLE = "VLDIAM"
STATES = ("ABSENT", "PRESENT", "WORSE", "EQUIVOCAL", "TREATED")
_STARTS = ("ABSENT", "PRESENT", "UNEQUIVOCAL", "EQUIVOCAL", "TREATED")


def evaluator_records(frame: LazyFrame, domain: str, evaluator: str, present: bool) -> LazyFrame:
    """Return the records that count: of the evaluator, and of one reader.

    Records without an evaluator count as the protocol's. With several readers those accepted
    (``--ACPTFL`` is ``Y``) count; where none is, the first reader by ``--EVALID``.
    """
    who, reader, accepted = f"{domain}EVAL", f"{domain}EVALID", f"{domain}ACPTFL"
    if evaluator:
        same = nw.col(who).str.to_uppercase() == evaluator.upper()
        frame = frame.filter(nw.col(who).is_null() | same)
    if not present:
        return frame
    by = nw.concat_str([nw.col(who).fill_null(""), nw.col(reader).fill_null("")], separator="/")
    taken = (nw.col(accepted) == "Y").fill_null(value=False).cast(WHOLE)
    frame = frame.with_columns(by.alias("_READER"), taken.alias("_TAKEN"))
    frame = frame.with_columns(
        nw.col("_TAKEN").max().over("USUBJID").alias("_ANY"),
        nw.col("_READER").min().over("USUBJID").alias("_FIRST"),
    )
    chosen = (nw.col("_TAKEN") == 1) | (
        (nw.col("_ANY") == 0) & (nw.col("_READER") == nw.col("_FIRST"))
    )
    return frame.filter(chosen).drop("_READER", "_TAKEN", "_ANY", "_FIRST")


def has_readers(frame: LazyFrame, domain: str) -> bool:
    """Return whether the table tells readers apart."""
    names = frame.collect_schema().names()
    return any(f"{domain}{part}" in names for part in ("EVALID", "ACPTFL"))


def _with_visit_key(frame: LazyFrame, kinds: dict[str, Any], day: str) -> LazyFrame:
    """Return the columns wanted with VISITKEY, worked out unless the records have it already."""
    has_key = VISIT_KEY[1] in frame.collect_schema().names()
    rows = typed(frame, kinds)
    return rows if has_key else rows.with_columns(visit_key(day))


def visit_key(day: str) -> nw.Expr:
    """Return what tells visits of a subject apart: number, name, or day."""
    unnumbered = nw.col("VISITNUM").is_null()
    nameless = nw.col("VISIT").is_null() | nw.col("VISIT").str.to_uppercase().str.contains(
        "UNSCHED", literal=True
    )
    named = nw.concat_str([nw.lit("v"), nw.col("VISIT")])
    dated = nw.concat_str([nw.lit("d"), nw.col(day).cast(TEXT).fill_null("")])
    number = nw.concat_str([nw.lit("n"), nw.col("VISITNUM").cast(TEXT)])
    return (
        nw.when(~unnumbered)
        .then(number)
        .otherwise(nw.when(nameless).then(dated).otherwise(named))
        .alias("VISITKEY")
    )


def visit_day() -> nw.Expr:
    """Return the day number of a lesion's record: of a partial date, the earliest possible one."""
    return day_number(nw.coalesce(*(nw.col(name) for name in ("LAST", "ANY_LAST", "EARLIEST"))))


def assessment_day(domain: str, has_precision: bool, how: Imputation) -> tuple[nw.Expr, nw.Expr]:
    """Return the day of a record, by the protocol's rule for partial dates, and its flag."""
    day = nw.col(f"{domain}DT")
    if not has_precision:
        return day, nw.lit(None, dtype=TEXT)
    return impute(day, nw.col(f"{domain}DTP"), how)


def identified_lesions(tu: LazyFrame, evaluator: str, how: Imputation) -> LazyFrame:
    """Return one row for each lesion identified: LINK, ROLE, NODE, LIVER, its day.

    NODE is 1 for a lymph node, 2 for one at the hilum of the liver; LIVER is 1 for a lesion in it.
    """
    readers, precise = has_readers(tu, "TU"), "TUDTP" in tu.collect_schema().names()
    tu = evaluator_records(_with_visit_key(tu, _TU, "TUDT"), "TU", evaluator, readers)
    day, flag = assessment_day("TU", precise, how)
    tu = tu.filter(nw.col("TUTESTCD").is_null() | (nw.col("TUTESTCD") == "TUMIDENT"))
    return held(
        tu.select(
            "USUBJID", "VISIT", "VISITNUM", "VISITKEY",
            _named(nw.col("TULNKID")).alias("LINK"),
            nw.col("TUORRES").str.to_uppercase().alias("ROLE"),
            _node(nw.col("TULOC").str.to_uppercase()).alias("NODE"),
            nw.col("TULOC").str.to_uppercase().str.starts_with("LIVER").fill_null(value=False)
            .cast(WHOLE).alias("LIVER"),
            day.alias("DATE"), flag.alias("DATE_FLAG"),
            nw.col("TUDT").alias("EARLIEST"),
            nw.col("TUSEQ").alias("SEQ"),
        )
    )  # fmt: skip


def _named(link: nw.Expr) -> nw.Expr:
    # Not fill_null: the type of a list would then be told wrongly before it is computed.
    return nw.when(~link.is_null()).then(link).otherwise(nw.lit(""))


def _node(site: nw.Expr) -> nw.Expr:
    hilar = site.str.contains("HILAR|HILUM|PORTA HEPATIS|PORTAHEPATIS|PERIPORTAL")
    pulmonary = site.str.contains("LUNG|PULMON|MEDIASTIN")
    is_node = site.str.contains("NODE", literal=True).fill_null(value=False)
    at_liver = (hilar & ~pulmonary).fill_null(value=False)
    return is_node.cast(WHOLE) + (is_node & at_liver).cast(WHOLE)


def measured_lesions(
    tr: LazyFrame, roles: LazyFrame | None, evaluator: str, how: Imputation
) -> LazyFrame:
    """Return one row for each measurement or state, with the role and kind of its lesion.

    A negative length is no measurement; `records` tells of it.
    """
    readers, precise = has_readers(tr, "TR"), "TRDTP" in tr.collect_schema().names()
    tr = evaluator_records(_with_visit_key(tr, _TR, "TRDT"), "TR", evaluator, readers)
    day, flag = assessment_day("TR", precise, how)
    tr = tr.select(
        "USUBJID", "VISIT", "VISITNUM", "VISITKEY",
        _named(nw.col("TRLNKID")).alias("LINK"),
        nw.col("TRGRPID").str.to_uppercase().alias("GROUP"),
        nw.col("TRTESTCD").alias("TEST"),
        nw.when(nw.col("TRSTRESN") >= 0).then((nw.col("TRSTRESN") * 100).round(0).cast(WHOLE))
        .alias("LENGTH"),
        nw.col("TRSTRESC").str.to_uppercase().alias("STATE"),
        ((nw.col("TRSTAT") == "NOT DONE").fill_null(value=False)).cast(WHOLE).alias("NOT_DONE"),
        day.alias("DATE"), flag.alias("DATE_FLAG"),
        nw.col("TRDT").alias("EARLIEST"),
        nw.col("TRSEQ").alias("SEQ"),
    )  # fmt: skip
    # A row without a lesion, such as a recorded sum, says only that there was a visit.
    named = nw.col("LINK") != ""
    new = nw.col("GROUP").str.starts_with("NEW").fill_null(value=False)
    group = nw.when(named | new).then(nw.col("GROUP"))
    if roles is None:
        return tr.with_columns(
            nw.coalesce(group, nw.lit(_NONE)).alias("ROLE"), nw.lit(0).cast(WHOLE).alias("NODE")
        )
    tr = tr.join(roles, on=["USUBJID", "LINK"], how="left")
    return tr.with_columns(
        nw.coalesce(group, nw.when(named).then(nw.col("ROLE")), nw.lit(_NONE)).alias("ROLE"),
        nw.col("NODE").fill_null(0),
    )


def target_lesions(tu: Frame, evaluator: str) -> LazyFrame:
    """Return USUBJID and the first TUSEQ (SRCSEQ) of each subject with target lesions."""
    targets = identified_lesions(tu.lazy(), evaluator, "none").filter(nw.col("ROLE") == "TARGET")
    return targets.group_by("USUBJID").agg(nw.col("SEQ").min().alias("SRCSEQ"))


def role_of_lesion(identified: LazyFrame) -> LazyFrame:
    """Return one row for each lesion; of several roles TARGET wins, then NON-TARGET."""
    each = identified.group_by("USUBJID", "LINK").agg(
        nw.col("NODE").max(),
        *(
            (nw.col("ROLE") == role).cast(WHOLE).max().alias(f"_{place}")
            for place, role in enumerate(("TARGET", "NON-TARGET"))
        ),
        nw.col("ROLE").str.starts_with("NEW").cast(WHOLE).max().alias("_2"),
    )
    new = nw.when(nw.col("_2") == 1).then(nw.lit("NEW"))
    non_target = nw.when(nw.col("_1") == 1).then(nw.lit("NON-TARGET")).otherwise(new)
    role = nw.when(nw.col("_0") == 1).then(nw.lit("TARGET")).otherwise(non_target)
    return each.select("USUBJID", "LINK", "NODE", role.alias("ROLE"))


def lesion_visits(measured: LazyFrame, criteria: Criteria) -> LazyFrame:
    """Return one row for each lesion and visit: its length, other axis and state."""
    sizes = criteria.sizes
    state = nw.col("STATE")
    unmeasured = nw.col("LENGTH").is_null()
    tiny = (unmeasured & state.str.contains("TOO SMALL", literal=True)).fill_null(value=False)
    gone = (unmeasured & (state == "ABSENT")).fill_null(value=False)
    least = nw.when(tiny).then(nw.lit(sizes.too_small).cast(WHOLE))
    stated = nw.when(gone).then(nw.lit(0).cast(WHOLE)).otherwise(least)
    rows = _MEASURES[criteria.measure](measured)
    alone, several = split_by_repetition(rows, (*VISIT_KEY, "LINK"))
    parts = []
    if alone is not None:
        parts.append(_of_one(_by_test(alone, stated)))
    if several is not None:
        parts.append(_of_several(_by_test(several, stated)))
    return _measures(nw.concat(parts))


_TESTS = (("LDIAM", "_L"), ("LPERP", "_P"), ("DIAMETER", "_D"), ("TUMSTATE", "_S"))


def _by_test(rows: LazyFrame, stated: nw.Expr) -> LazyFrame:
    """Add length and number of the record for each kind of test, and the states as flags."""
    rows = rows.with_columns(nw.coalesce(nw.col("LENGTH"), stated).alias("LENGTH"))
    lengths = [
        nw.when(nw.col("TEST") == test).then(nw.col("LENGTH")).alias(name) for test, name in _TESTS
    ]
    numbers = [
        nw.when((nw.col("TEST") == test) & ~nw.col("LENGTH").is_null())
        .then(nw.col("SEQ"))
        .alias(f"{name}Q")
        for test, name in _TESTS
    ]
    states = [
        nw.col("STATE").str.starts_with(text).fill_null(value=False).cast(WHOLE).alias(name)
        for text, name in zip(_STARTS, STATES, strict=True)
    ]
    further = nw.col("STATE").str.starts_with("FURTHER").fill_null(value=False).cast(WHOLE)
    states[STATES.index("WORSE")] = (states[STATES.index("WORSE")] + 2 * further).alias("WORSE")
    done = nw.when(nw.col("NOT_DONE") == 0).then(nw.col("DATE")).alias("DONE")
    return rows.with_columns(*lengths, *numbers, *states, done)


_KEPT = (
    *(name for _, name in _TESTS), *(f"{name}Q" for _, name in _TESTS), *STATES, "NODE", *NAMES,
    "ROLE",
)  # fmt: skip


def _of_several(rows: LazyFrame) -> LazyFrame:
    """Return one row for each lesion and visit."""
    return rows.group_by(*VISIT_KEY, "LINK").agg(
        nw.col("SEQ").min(),
        *(nw.col(name).max() for _, name in _TESTS),
        *(nw.col(f"{name}Q").min() for _, name in _TESTS),
        *(nw.col(name).max() for name in (*STATES, "NODE", *NAMES)),
        # Of several groups TARGET wins, as the last in the alphabet.
        nw.col("ROLE").max(),
        nw.col("DONE").min().alias("FIRST"), nw.col("DONE").max().alias("LAST"),
        nw.col("DATE").min().alias("ANY_FIRST"), nw.col("DATE").max().alias("ANY_LAST"),
    )  # fmt: skip


def _of_one(rows: LazyFrame) -> LazyFrame:
    """Return the same where each lesion has one record at a visit."""
    done, day = nw.col("DONE"), nw.col("DATE")
    return rows.select(
        *VISIT_KEY, "LINK", "SEQ", *_KEPT, done.alias("FIRST"), done.alias("LAST"),
        day.alias("ANY_FIRST"), day.alias("ANY_LAST"),
    )  # fmt: skip


def _longest(measured: LazyFrame) -> LazyFrame:
    """Return the measurements as they are: the whole lesion counts."""
    return measured


def _viable(measured: LazyFrame) -> LazyFrame:
    """Let the viable diameter stand for the longest one of every lesion that ever has one.

    A lesion that has none, for instance outside the liver, is followed by its whole size.
    """
    test = nw.col("TEST")
    viable = (test == VIABLE).fill_null(value=False)
    rows = measured.with_columns(viable.cast(WHOLE).alias("_VIABLE"))
    rows = rows.with_columns(nw.col("_VIABLE").max().over("USUBJID", "LINK").alias("_EVER"))
    whole = (nw.col("_EVER") == 1) & test.is_in(["LDIAM", "DIAMETER"]).fill_null(value=False)
    return rows.with_columns(
        nw.when(nw.col("_VIABLE") == 1)
        .then(nw.lit("LDIAM"))
        .otherwise(nw.when(whole).then(nw.lit("WHOLE")).otherwise(test))
        .alias("TEST")
    ).drop("_VIABLE", "_EVER")


_MEASURES: dict[Measure, Callable[[LazyFrame], LazyFrame]] = {
    "longest": _longest,
    "viable": _viable,
}


def _measures(rows: LazyFrame) -> LazyFrame:
    """Choose the axis: the short one of a lymph node, the longest of any other lesion."""
    node = nw.col("NODE") > 0

    def chosen(part: str) -> tuple[nw.Expr, nw.Expr]:
        long, short, plain = (nw.col(f"_{axis}{part}") for axis in "LPD")
        # A length from the state only, when no axis was measured.
        rest = nw.coalesce(plain, nw.col(f"_S{part}"))
        own = nw.when(node).then(nw.coalesce(short, rest)).otherwise(nw.coalesce(long, rest))
        return own, nw.when(node).then(long).otherwise(short)

    length, other = chosen("")
    number, other_number = chosen("Q")
    return rows.select(
        *VISIT_KEY, "LINK", "ROLE", "NODE", "SEQ", *STATES, *NAMES,
        "FIRST", "LAST", "ANY_FIRST", "ANY_LAST",
        length.alias("LENGTH"), other.alias("OTHER"),
        number.alias("LENGTH_SEQ"), other_number.alias("OTHER_SEQ"),
        # Of a lesion in fragments: the largest of them; 1 when not all of them were measured.
        length.alias("LARGEST"), nw.lit(0).cast(WHOLE).alias("PARTIAL"),
    )  # fmt: skip
