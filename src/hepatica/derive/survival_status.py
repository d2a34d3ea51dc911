"""Death, and the last day on which a subject is known to be alive, from all domains.

Death is looked for in this order: DM, a disposition of death, a fatal adverse event, a survival
status of dead. A whole date goes before a partial one, then the order decides. The survival status
comes last because its date is that of the contact at which the death became known.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import narwhals.stable.v2 as nw

from hepatica.derive.dates import impute
from hepatica.derive.frames import Frame, LazyFrame, known, upper, with_absent
from hepatica.derive.portable import first_of_subject
from hepatica.protocol.model import Imputation

#: Columns of each domain whose dates show that the subject was alive.
CONTACTS: dict[str, tuple[str, ...]] = {
    "DM": ("RFICDT", "RFSTDT", "RFXSTDT", "RFXENDT"),
    "DS": ("DSSTDT",),
    "EX": ("EXSTDT", "EXENDT"),
    "TU": ("TUDT",),
    "TR": ("TRDT",),
    "RS": ("RSDT",),
    "AE": ("AESTDT", "AEENDT"),
    "LB": ("LBDT",),
    "VS": ("VSDT",),
    "CM": ("CMSTDT", "CMENDT"),
    "PR": ("PRSTDT", "PRENDT"),
    "SS": ("SSDT",),
    "SV": ("SVSTDT", "SVENDT"),
    "BM": ("BMDT",),
}
#: Dispositions whose date is not that of a contact with the living subject.
NO_CONTACT = ("DEATH", "LOST TO FOLLOW-UP", "STUDY TERMINATED BY SPONSOR")

_DEATH_COLUMNS = {
    "DM": {"DTHDT": nw.Date, "DTHDTP": nw.String, "DTHFL": nw.String},
    "DS": {"DSDECOD": nw.String, "DSSTDT": nw.Date, "DSSTDTP": nw.String, "DSSEQ": nw.Int64},
    "AE": {
        "AEOUT": nw.String,
        "AESDTH": nw.String,
        "AETOXGR": nw.String,
        "AEENDT": nw.Date,
        "AEENDTP": nw.String,
        "AESEQ": nw.Int64,
    },
    "SS": {
        "SSTESTCD": nw.String,
        "SSSTRESC": nw.String,
        "SSDT": nw.Date,
        "SSDTP": nw.String,
    },
}


def derive_last_alive(tables: Mapping[str, Frame], cut_off: date | None) -> LazyFrame:
    """Return the last day on which each subject is known to be alive.

    Parameters
    ----------
    tables : mapping of str to frame
        Collected tables; those of `CONTACTS` that are there are read.
    cut_off : datetime.date, optional
        No later day is given.

    Returns
    -------
    LazyFrame
        USUBJID and LSTALVDT, one row for each subject with a dated record. A partial date counts
        as the first day that it allows: the subject was alive then.
    """
    days = [
        part
        for name, columns in CONTACTS.items()
        if name in tables
        for part in _contacts(name, tables[name], columns)
    ]
    last = nw.concat(days).group_by("USUBJID").agg(nw.col("_DAY").max().alias("LSTALVDT"))
    if cut_off is None:
        return last
    limit = nw.lit(cut_off, dtype=nw.Date)
    capped = nw.when(nw.col("LSTALVDT") > limit).then(limit).otherwise(nw.col("LSTALVDT"))
    return last.with_columns(capped.alias("LSTALVDT"))


def _contacts(name: str, table: Frame, columns: tuple[str, ...]) -> list[LazyFrame]:
    frame = table.lazy()
    present = set(frame.collect_schema().names())
    if name == "DS":
        frame = frame.filter(~known(upper("DSDECOD").is_in(list(NO_CONTACT))))
    if name == "SS":
        frame = frame.filter(~known(upper("SSSTRESC") == "DEAD"))
    return [
        frame.select("USUBJID", nw.col(column).alias("_DAY"))
        .filter(~nw.col("_DAY").is_null())
        .group_by("USUBJID")
        .agg(nw.col("_DAY").max())
        for column in columns
        if column in present
    ]


def derive_death(
    tables: Mapping[str, Frame], last_alive: LazyFrame, how: Imputation, cut_off: date | None
) -> LazyFrame:
    """Return the death of each subject who is known to have died by the data cut-off.

    Parameters
    ----------
    tables : mapping of str to frame
        Collected tables, DM among them.
    last_alive : LazyFrame
        As `derive_last_alive` gives it: an imputed death is not before it when the recorded part
        allows that day.
    how : {"none", "first", "mid", "last"}
        How a partial date of death is imputed.
    cut_off : datetime.date, optional
        A death dated after it does not count, nor does an undated record of the same death.

    Returns
    -------
    LazyFrame
        USUBJID, DTHFL (``Y``), DTHDT, DTHDTF, DTHDOM and DTHSEQ, one row for each death.
    """
    found = nw.concat([_deaths(name, tables[name]) for name in _DEATH_COLUMNS if name in tables])
    late = nw.lit(value=False)
    if cut_off is not None:
        late = known(nw.col("_DAY") > nw.lit(cut_off, dtype=nw.Date))
    found = found.with_columns(late.cast(nw.Int64).alias("_LATE"))
    found = found.with_columns(nw.col("_LATE").max().over("USUBJID").alias("_ANYLATE"))
    dated = ~nw.col("_DAY").is_null()
    found = found.filter((nw.col("_LATE") == 0) & (dated | (nw.col("_ANYLATE") == 0)))
    exact = nw.when(known(nw.col("_PRECISION") == "D")).then(nw.lit(0)).otherwise(nw.lit(1))
    rank = nw.when(dated).then(exact).otherwise(nw.lit(2)).cast(nw.Int64)
    first = first_of_subject(
        found.with_columns(rank.alias("_RANK")), ("_RANK", "_ORDER", "_DAY", "DTHSEQ")
    )
    bounded = first.join(last_alive, on="USUBJID", how="left")
    day, flag = impute(
        nw.col("_DAY"),
        nw.col("_PRECISION"),
        how,
        not_before=nw.col("LSTALVDT"),
        not_after=None if cut_off is None else nw.lit(cut_off, dtype=nw.Date),
    )
    return bounded.select(
        "USUBJID",
        nw.lit("Y").alias("DTHFL"),
        day.alias("DTHDT"),
        flag.alias("DTHDTF"),
        "DTHDOM",
        "DTHSEQ",
    )


def _deaths(name: str, table: Frame) -> LazyFrame:
    frame = with_absent(table, _DEATH_COLUMNS[name])
    order = list(_DEATH_COLUMNS).index(name)
    condition, day, sequence = {
        "DM": (~nw.col("DTHDT").is_null() | known(upper("DTHFL") == "Y"), "DTHDT", None),
        "DS": (known(upper("DSDECOD") == "DEATH"), "DSSTDT", "DSSEQ"),
        "AE": (is_fatal(), "AEENDT", "AESEQ"),
        "SS": (
            known(upper("SSTESTCD") == "SURVSTAT") & known(upper("SSSTRESC") == "DEAD"),
            "SSDT",
            None,
        ),
    }[name]
    number = nw.lit(None, dtype=nw.Int64) if sequence is None else nw.col(sequence).cast(nw.Int64)
    return frame.filter(condition).select(
        "USUBJID",
        nw.col(day).alias("_DAY"),
        nw.col(f"{day}P").alias("_PRECISION"),
        nw.lit(order).cast(nw.Int64).alias("_ORDER"),
        nw.lit(name).alias("DTHDOM"),
        number.alias("DTHSEQ"),
    )


def is_fatal() -> nw.Expr:
    """Return whether a record of AE is about a fatal event."""
    return (
        known(upper("AEOUT") == "FATAL")
        | known(upper("AESDTH") == "Y")
        | known(nw.col("AETOXGR").cast(nw.String).is_in(["5", "5.0"]))
    )
