"""ADSL from the collected domains: treatment, disposition, death and last contact.

Nothing dated after the data cut-off counts: neither a dose, nor a disposition, nor a death.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import narwhals.stable.v2 as nw

from hepatica.derive.death_cause import NOT_RECORDED, derive_death_cause
from hepatica.derive.disposition import derive_ends, derive_randomisation, derive_screen_failures
from hepatica.derive.frames import Frame, LazyFrame, known, upper, with_absent
from hepatica.derive.portable import day_number
from hepatica.derive.survival_status import derive_death, derive_last_alive
from hepatica.protocol.conditions import condition_columns
from hepatica.protocol.model import Protocol
from hepatica.records.conditions import is_match

_DM = {
    "ARM": nw.String,
    "ACTARM": nw.String,
    "ARMNRS": nw.String,
    "RFICDT": nw.Date,
    "RFXSTDT": nw.Date,
    "RFXENDT": nw.Date,
}
_EX = {
    "EXTRT": nw.String,
    "EXSTDT": nw.Date,
    "EXSTDTP": nw.String,
    "EXENDT": nw.Date,
    "EXENDTP": nw.String,
}
#: Columns of DM that ADSL derives anew.
_DERIVED = ("DTHDT", "DTHDTP", "DTHFL", "DTHCAUS", "ENRLFL")
_SCREEN_FAILURE = "SCREEN FAILURE"
_COMPLETED = "COMPLETED"


def derive_adsl_from_domains(protocol: Protocol, tables: Mapping[str, Frame]) -> LazyFrame:
    """Return one record for each subject of DM.

    Parameters
    ----------
    protocol : Protocol
        Data cut-off, imputation of dates, screening and analysis sets.
    tables : mapping of str to frame
        Collected tables with ``--DT`` and ``--DTP`` beside each ``--DTC``; DM is needed, DS, EX,
        AE, IE, SS and the other dated tables are read where they are there.

    Returns
    -------
    LazyFrame
        The columns of DM and TRT01P, TRT01A, RANDDT, TRTSDT, TRTEDT, TRTDURD, EOTSTT, EOTDT,
        DCTREAS, EOSSTT, EOSDT, DCSREAS, DTHFL, DTHDT, DTHDTF, DTHDOM, DTHSEQ, DTHCAUS, LSTALVDT,
        ENRLFL, SCRFREAS, CUTOFFFL, and SAFFL and FASFL unless they were collected or the protocol
        defines them.

    Notes
    -----
    A dose is an interval of EX with EXDOSE above 0, or with EXDOSE 0 when EXTRT names placebo;
    without a column EXDOSE every interval counts. TRTSDT and TRTEDT come from whole dates only.
    An interval without an end counts for the day on which it started. When it is the last one
    and nothing says that treatment ended, treatment lasts to the data cut-off. Without EX, the
    first and last exposure of DM are used.

    EOTSTT and EOSSTT are COMPLETED, DISCONTINUED or ONGOING. Without a disposition about
    treatment, the one about the study stands for it. A subject who died without a disposition
    discontinued by death. EOTDT is the day of that disposition. CUTOFFFL is Y for subjects on
    treatment at the data cut-off.

    Screening failed when DS, ARM or ACTARM says so, when a criterion was not met (IE) and the
    subject was neither randomised nor treated, or when the condition of the protocol holds.
    """
    cut_off = protocol.study.data_cut_off
    last_alive = derive_last_alive(tables, cut_off)
    death = derive_death(tables, last_alive, protocol.dates.death, cut_off)
    adsl = _subjects(tables["DM"])
    adsl = _with_treatment(adsl, tables, cut_off)
    adsl = _with_randomisation(adsl, tables, cut_off)
    adsl = adsl.join(death, on="USUBJID", how="left").join(last_alive, on="USUBJID", how="left")
    adsl = _with_cause(adsl, tables)
    after_death = nw.col("LSTALVDT") > nw.col("DTHDT")
    alive = nw.when(known(after_death)).then(nw.col("DTHDT")).otherwise(nw.col("LSTALVDT"))
    adsl = adsl.with_columns(alive.alias("LSTALVDT"))
    adsl = _with_screening(protocol, adsl, tables)
    adsl = _with_ends(protocol, adsl, tables)
    adsl = _with_duration(adsl, cut_off)
    return _with_sets(protocol, adsl)


def _with_cause(adsl: LazyFrame, tables: Mapping[str, Frame]) -> LazyFrame:
    """Add DTHCAUS: the recorded cause of each death that counts."""
    adsl = adsl.join(derive_death_cause(tables), on="USUBJID", how="left")
    cause = nw.coalesce(nw.col("DTHCAUS"), nw.lit(NOT_RECORDED))
    died = known(nw.col("DTHFL") == "Y")
    return adsl.with_columns(nw.when(died).then(cause).alias("DTHCAUS"))


def _subjects(dm: Frame) -> LazyFrame:
    frame = with_absent(dm, _DM)
    present = set(frame.collect_schema().names())
    frame = frame.drop(*(name for name in _DERIVED if name in present))
    planned = nw.col("TRT01P") if "TRT01P" in present else nw.col("ARM")
    received = nw.col("TRT01A") if "TRT01A" in present else nw.col("ACTARM")
    frame = frame.with_columns(planned.cast(nw.String).alias("TRT01P"))
    received = nw.coalesce(received.cast(nw.String), nw.col("TRT01P"))
    return frame.with_columns(received.alias("TRT01A"))


def _with_treatment(
    adsl: LazyFrame, tables: Mapping[str, Frame], cut_off: date | None
) -> LazyFrame:
    """Add TRTSDT, TRTEDT and _OPEN: 1 when the last interval has no end."""
    if "EX" not in tables:
        return _capped(
            adsl.with_columns(
                nw.col("RFXSTDT").alias("TRTSDT"),
                nw.col("RFXENDT").alias("TRTEDT"),
                nw.lit(0).cast(nw.Int64).alias("_OPEN"),
            ),
            cut_off,
        )
    doses = _given(with_absent(tables["EX"], _EX), tables["EX"])
    start = nw.when(nw.col("EXSTDTP") == "D").then(nw.col("EXSTDT"))
    end = nw.when(nw.col("EXENDTP") == "D").then(nw.col("EXENDT"))
    doses = doses.select(
        "USUBJID",
        start.alias("_START"),
        nw.coalesce(end, start).alias("_END"),
        nw.col("EXENDT").is_null().cast(nw.Int64).alias("_NOEND"),
    )
    if cut_off is not None:
        late = known(nw.col("_START") > nw.lit(cut_off, dtype=nw.Date))
        doses = doses.filter(~late)
    doses = doses.with_columns(nw.col("_START").max().over("USUBJID").alias("_LAST"))
    open_last = known(nw.col("_START") == nw.col("_LAST")).cast(nw.Int64) * nw.col("_NOEND")
    doses = doses.with_columns(open_last.alias("_NOEND"))
    exposure = doses.group_by("USUBJID").agg(
        nw.col("_START").min().alias("TRTSDT"),
        nw.col("_END").max().alias("TRTEDT"),
        nw.col("_NOEND").max().alias("_OPEN"),
    )
    return _capped(
        _without(adsl, "TRTSDT", "TRTEDT").join(exposure, on="USUBJID", how="left"), cut_off
    )


def _given(doses: LazyFrame, ex: Frame) -> LazyFrame:
    """Return the records of doses that were given; without EXDOSE, every record is one."""
    if "EXDOSE" not in ex.lazy().collect_schema().names():
        return doses
    placebo = known(upper("EXTRT").str.contains("PLACEBO", literal=True))
    return doses.filter(known(nw.col("EXDOSE") > 0) | (known(nw.col("EXDOSE") == 0) & placebo))


def _capped(adsl: LazyFrame, cut_off: date | None) -> LazyFrame:
    if cut_off is None:
        return adsl
    limit = nw.lit(cut_off, dtype=nw.Date)
    started = ~known(nw.col("TRTSDT") > limit)
    end = nw.when(nw.col("TRTEDT") > limit).then(limit).otherwise(nw.col("TRTEDT"))
    return adsl.with_columns(
        nw.when(started).then(nw.col("TRTSDT")).alias("TRTSDT"),
        nw.when(started).then(end).alias("TRTEDT"),
    )


def _without(frame: LazyFrame, *columns: str) -> LazyFrame:
    present = set(frame.collect_schema().names())
    return frame.drop(*(name for name in columns if name in present))


def _with_randomisation(
    adsl: LazyFrame, tables: Mapping[str, Frame], cut_off: date | None
) -> LazyFrame:
    """Add RANDDT: as collected in DM, else the milestone of DS."""
    adsl = with_absent(adsl, {"RANDDT": nw.Date})
    if "DS" in tables:
        adsl = adsl.join(derive_randomisation(tables["DS"]), on="USUBJID", how="left")
        collected = nw.coalesce(nw.col("RANDDT"), nw.col("_RANDDT"))
        adsl = adsl.with_columns(collected.alias("RANDDT")).drop("_RANDDT")
    if cut_off is None:
        return adsl
    late = known(nw.col("RANDDT") > nw.lit(cut_off, dtype=nw.Date))
    return adsl.with_columns(nw.when(~late).then(nw.col("RANDDT")).alias("RANDDT"))


def _with_screening(protocol: Protocol, adsl: LazyFrame, tables: Mapping[str, Frame]) -> LazyFrame:
    """Add ENRLFL and SCRFREAS."""
    found = derive_screen_failures(tables)
    adsl = _without(adsl, "SCRFREAS")
    if found is not None:
        adsl = adsl.join(found, on="USUBJID", how="left")
    adsl = with_absent(adsl, {"_FAILED": nw.Int64, "SCRFREAS": nw.String})
    named = [known(upper(name) == _SCREEN_FAILURE) for name in ("ARM", "ACTARM", "ARMNRS")]
    never = nw.col("RANDDT").is_null() & nw.col("TRTSDT").is_null()
    criterion = ~nw.col("_FAILED").is_null() & never
    failed = nw.any_horizontal(*named, known(nw.col("_FAILED") == 1), criterion, ignore_nulls=False)
    schema = adsl.collect_schema()
    screening = protocol.screening
    if screening is not None and set(condition_columns(screening.failure)) <= set(schema.names()):
        failed = failed | is_match(screening.failure, schema)
    adsl = adsl.with_columns(failed.alias("_FAILURE"))
    enrolled = nw.when(nw.col("_FAILURE")).then(nw.lit("N")).otherwise(nw.lit("Y"))
    reason = nw.when(nw.col("_FAILURE")).then(nw.col("SCRFREAS"))
    return adsl.with_columns(enrolled.alias("ENRLFL"), reason.alias("SCRFREAS")).drop(
        "_FAILED", "_FAILURE"
    )


def _with_ends(protocol: Protocol, adsl: LazyFrame, tables: Mapping[str, Frame]) -> LazyFrame:
    """Add EOTSTT, EOTDT, DCTREAS, EOSSTT, EOSDT and DCSREAS."""
    adsl = _without(adsl, "EOTSTT", "EOTDT", "DCTREAS", "EOSSTT", "EOSDT", "DCSREAS")
    if "DS" in tables:
        ends = derive_ends(tables["DS"], protocol.dates.end, protocol.study.data_cut_off)
        for end in ends:
            adsl = adsl.join(end, on="USUBJID", how="left")
    absent = {"_EOT": nw.String, "_EOTDT": nw.Date, "_EOS": nw.String, "_EOSDT": nw.Date}
    adsl = with_absent(adsl, absent)
    died = nw.when(known(nw.col("DTHFL") == "Y")).then(nw.lit("DEATH"))
    adsl = adsl.with_columns(
        nw.coalesce(nw.col("_EOS"), died).alias("_STUDY"),
        nw.when(nw.col("_EOS").is_null())
        .then(nw.col("DTHDT"))
        .otherwise(nw.col("_EOSDT"))
        .alias("EOSDT"),
    )
    adsl = adsl.with_columns(nw.coalesce(nw.col("_EOT"), nw.col("_STUDY")).alias("_TREATMENT"))
    ended = nw.when(nw.col("_EOT").is_null()).then(nw.col("EOSDT")).otherwise(nw.col("_EOTDT"))
    enrolled = nw.col("ENRLFL") == "Y"
    treated = enrolled & ~nw.col("TRTSDT").is_null()
    adsl = adsl.with_columns(
        nw.when(treated).then(_status("_TREATMENT")).alias("EOTSTT"),
        nw.when(treated).then(ended).alias("EOTDT"),
        nw.when(treated).then(_reason("_TREATMENT")).alias("DCTREAS"),
        nw.when(enrolled).then(_status("_STUDY")).alias("EOSSTT"),
        nw.when(enrolled).then(_reason("_STUDY")).alias("DCSREAS"),
        nw.when(enrolled).then(nw.col("EOSDT")).alias("EOSDT"),
    )
    return _without(adsl, "_EOT", "_EOTDT", "_EOS", "_EOSDT", "_STUDY", "_TREATMENT")


def _status(column: str) -> nw.Expr:
    completed = known(upper(column) == _COMPLETED)
    ended = nw.when(completed).then(nw.lit(_COMPLETED)).otherwise(nw.lit("DISCONTINUED"))
    return nw.when(nw.col(column).is_null()).then(nw.lit("ONGOING")).otherwise(ended)


def _reason(column: str) -> nw.Expr:
    return nw.when(~known(upper(column) == _COMPLETED)).then(nw.col(column))


def _with_duration(adsl: LazyFrame, cut_off: date | None) -> LazyFrame:
    """Add TRTDURD (both ends counted) and CUTOFFFL; open treatment lasts to the cut-off."""
    ongoing = known(nw.col("EOTSTT") == "ONGOING")
    if cut_off is None:
        at_cut_off = nw.lit(None, dtype=nw.String)
    else:
        open_end = ongoing & known(nw.col("_OPEN") == 1)
        limit = nw.lit(cut_off, dtype=nw.Date)
        end = nw.when(open_end).then(limit).otherwise(nw.col("TRTEDT"))
        adsl = adsl.with_columns(end.alias("TRTEDT"))
        at_cut_off = nw.when(ongoing).then(nw.lit("Y"))
    days = day_number(nw.col("TRTEDT")) - day_number(nw.col("TRTSDT")) + 1
    return adsl.with_columns(days.alias("TRTDURD"), at_cut_off.alias("CUTOFFFL")).drop("_OPEN")


def _with_sets(protocol: Protocol, adsl: LazyFrame) -> LazyFrame:
    """Add SAFFL (at least one dose) and FASFL (randomised or dosed in a randomised study)."""
    present = set(adsl.collect_schema().names())
    defined = {one.flag for one in protocol.analysis_sets if one.where is not None}
    dosed = ~nw.col("TRTSDT").is_null()
    full = dosed | ~nw.col("RANDDT").is_null() if protocol.study.randomised else dosed
    for flag, member in (("SAFFL", dosed), ("FASFL", full)):
        if flag not in present | defined:
            member = member & (nw.col("ENRLFL") == "Y")  # noqa: PLW2901
            chosen = nw.when(member).then(nw.lit("Y")).otherwise(nw.lit("N"))
            adsl = adsl.with_columns(chosen.alias(flag))
    return adsl
