"""ADTTE: times to events, from a one-row-per-patient sheet or as collected, up to the cut-off."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import narwhals.stable.v2 as nw

from hepatica.derive.portable import day_number, day_number_of
from hepatica.protocol.base import DAYS_PER_MONTH
from hepatica.protocol.conditions import Condition
from hepatica.protocol.endpoints import SheetTimes, TimeRule, TimeToEvent
from hepatica.protocol.model import Protocol
from hepatica.records.conditions import is_match

_DAYS_IN = {"days": 1.0, "weeks": 7.0, "months": DAYS_PER_MONTH, "years": 365.25}

#: What CNSDTDSC says of a time that was cut at the data cut-off.
CUT_OFF_DESCRIPTION = "Data cut-off"


def derive_adtte_from_sheet(
    protocol: Protocol, patients: nw.DataFrame[Any]
) -> nw.DataFrame[Any] | None:
    """Return one record per patient and endpoint that the sheet holds a time for.

    Parameters
    ----------
    protocol : Protocol
        Endpoints with ``sheet`` say which column holds the time and what the status means.
    patients : frame
        One row per patient.

    Returns
    -------
    frame or None
        USUBJID, PARAMCD, PARAM, AVAL (days), CNSR (0 = event), EVNTDESC, CNSDTDSC, SRCDOM,
        SRCVAR, and AENTRY (days from the origin to entry) where an endpoint has delayed entry;
        patients without a time or a known status have null AVAL and CNSR. ``None`` when
        no endpoint comes from the sheet.
    """
    endpoints = [
        one for one in protocol.endpoints if isinstance(one, TimeToEvent) and one.sheet is not None
    ]
    late = any(one.entry is not None for one in endpoints)
    parts = [_sheet_endpoint(one, patients, late=late) for one in endpoints]
    return nw.concat(parts).sort("USUBJID", "PARAMCD") if parts else None


def _sheet_endpoint(
    endpoint: TimeToEvent, patients: nw.DataFrame[Any], *, late: bool
) -> nw.DataFrame[Any]:
    sheet = endpoint.sheet
    if sheet is None:
        return patients
    kinds = dict(patients.schema)
    had_event = is_match(sheet.any_event, kinds)
    censored = is_match(sheet.any_censoring, kinds) & ~had_event
    known = ~nw.col(sheet.time).is_null() & (had_event | censored)
    event = _described(sheet.events, endpoint.events, endpoint.events[0].description, kinds)
    reason = endpoint.censoring[-1].description if endpoint.censoring else "Censored"
    without_event = _described(sheet.censoring, endpoint.censoring, reason, kinds)
    return patients.select(
        nw.col("USUBJID"),
        nw.lit(endpoint.parameter).alias("PARAMCD"),
        nw.lit(endpoint.label).alias("PARAM"),
        nw.when(known)
        .then(nw.col(sheet.time).cast(nw.Float64) * _DAYS_IN[sheet.unit])
        .alias("AVAL"),
        nw.when(known).then((~had_event).cast(nw.Int64)).alias("CNSR"),
        nw.when(known & had_event).then(event).alias("EVNTDESC"),
        nw.when(known & censored).then(without_event).alias("CNSDTDSC"),
        nw.lit("PATIENTS").alias("SRCDOM"),
        nw.lit(sheet.time).alias("SRCVAR"),
        *([_entry(sheet).alias("AENTRY")] if late else []),
    )


def _entry(sheet: SheetTimes) -> nw.Expr:
    """Return the days from the origin to entry, 0 where it is not after the origin."""
    if sheet.entry is None:
        return nw.lit(None, dtype=nw.Float64)
    days = nw.col(sheet.entry).cast(nw.Float64) * _DAYS_IN[sheet.unit]
    return nw.when(days < 0).then(nw.lit(0.0)).otherwise(days)


def _described(
    conditions: Mapping[str, Condition],
    rules: tuple[TimeRule, ...],
    otherwise: str,
    kinds: Mapping[str, Any],
) -> nw.Expr:
    """Return the description of the rule whose condition matches; records refuse two of them."""
    described = {rule.id: rule.description for rule in rules}
    chosen = nw.lit(otherwise)
    for name, condition in conditions.items():
        label = nw.lit(described.get(name, name))
        chosen = nw.when(is_match(condition, kinds)).then(label).otherwise(chosen)
    return chosen


def censor_at_cut_off(adtte: nw.DataFrame[Any], cut_off: date) -> nw.DataFrame[Any]:
    """Censor at the data cut-off every time that ended after it.

    Parameters
    ----------
    adtte : frame
        Records with STARTDT, ADT, AVAL, CNSR, EVNTDESC and CNSDTDSC; a record without its dates
        is left as it is.
    cut_off : datetime.date
        Last day that counts.

    Returns
    -------
    frame
        The same records; those past the cut-off end on it, with CNSR 1 and
        `CUT_OFF_DESCRIPTION`. A time that would start after the cut-off has no AVAL.
    """
    if not {"STARTDT", "ADT"} <= set(adtte.columns):
        return adtte
    last_day = day_number_of(cut_off)
    late = (day_number(nw.col("ADT")) > last_day) & ~nw.col("STARTDT").is_null()
    late = nw.when(late.is_null()).then(nw.lit(value=False)).otherwise(late)
    days = last_day - day_number(nw.col("STARTDT")) + 1
    kept = nw.when(days > 0).then(days.cast(nw.Float64))
    text = nw.lit(None, dtype=nw.String)
    described = [name for name in ("EVNTDESC", "CNSDTDSC") if name not in adtte.columns]
    adtte = adtte.with_columns(late.alias("_LATE"), *(text.alias(name) for name in described))
    return adtte.with_columns(
        nw.when(nw.col("_LATE"))
        .then(kept)
        .otherwise(nw.col("AVAL").cast(nw.Float64))
        .alias("AVAL"),
        nw.when(nw.col("_LATE")).then(nw.lit(1)).otherwise(nw.col("CNSR")).alias("CNSR"),
        nw.when(nw.col("_LATE")).then(text).otherwise(nw.col("EVNTDESC")).alias("EVNTDESC"),
        nw.when(nw.col("_LATE"))
        .then(nw.lit(CUT_OFF_DESCRIPTION))
        .otherwise(nw.col("CNSDTDSC"))
        .alias("CNSDTDSC"),
        nw.when(nw.col("_LATE"))
        .then(nw.lit(cut_off, dtype=nw.Date))
        .otherwise(nw.col("ADT"))
        .alias("ADT"),
    ).drop("_LATE")
