"""The analysis datasets of a study, each derived once from those before it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from hepatica.derive.adae import derive_adae
from hepatica.derive.adbm import derive_adbm
from hepatica.derive.adcm import derive_adcm
from hepatica.derive.addv import derive_addv
from hepatica.derive.adex import derive_adex
from hepatica.derive.adlb import derive_adlb
from hepatica.derive.adsl import add_categories, derive_adsl
from hepatica.derive.adsl_from_domains import derive_adsl_from_domains
from hepatica.derive.adtte import censor_at_cut_off, derive_adtte_from_sheet
from hepatica.derive.adtte_rules import derive_adtte
from hepatica.derive.marker_baselines import with_marker_baselines
from hepatica.derive.occurrences import derive_occurrences
from hepatica.derive.responses import derive_readings
from hepatica.derive.sheet_responses import derive_sheet_responses
from hepatica.protocol.model import Protocol
from hepatica.records.needs import base_table

#: Name of an analysis dataset to its frame.
Datasets = Mapping[str, pl.DataFrame]
_Frames = dict[str, nw.DataFrame[Any]]

_KEYS = {
    "ADSL": ("USUBJID",),
    "ADTR": ("USUBJID", "PARAMCD", "ADT", "AVISITN"),
    "ADRS": ("USUBJID", "PARAMCD", "ADT", "AVISITN", "AVALC"),
    "ADTTE": ("USUBJID", "PARAMCD"),
    "ADEX": ("USUBJID", "EXTRT", "PARAMCD"),
    "ADAE": ("USUBJID", "ASTDT", "AEDECOD", "AESEQ"),
    "ADLB": ("USUBJID", "PARAMCD", "ADT", "LBSEQ"),
    "ADCM": ("USUBJID", "ASTDT", "CMTRT", "SRCDOM", "SRCSEQ"),
    "ADBM": ("USUBJID", "PARAMCD", "ADT", "SRCSEQ"),
    "ADDV": ("USUBJID", "ASTDT", "SRCSEQ", "DVTERM"),
}


def derive_datasets(protocol: Protocol, tables: Mapping[str, pl.DataFrame]) -> Datasets:
    """Return the analysis datasets that the collected tables give under the protocol.

    Parameters
    ----------
    protocol : Protocol
        Defines sets, categories, assessments, endpoints and the data cut-off.
    tables : mapping
        Table name to its checked frame: ready ADaM sets, the sheet PATIENTS, or domains. A ready
        dataset is taken as it is; the others are derived from what there is.

    Returns
    -------
    mapping
        ADSL, and those of ADTR, ADRS, ADTTE, ADEX, ADAE, ADLB, ADCM, ADBM and ADDV that there
        are records for; each sorted by key.
    """
    collected = {name: nw.from_native(frame, eager_only=True) for name, frame in tables.items()}
    datasets: _Frames = {"ADSL": derive_adsl(protocol, _subjects(protocol, collected))}
    _events_and_results(protocol, collected, datasets)
    _responses(protocol, collected, datasets)
    _times(protocol, collected, datasets)
    _what_happened(protocol, datasets)
    return {name: _sorted(name, frame) for name, frame in datasets.items() if len(frame)}


def _subjects(protocol: Protocol, collected: _Frames) -> nw.DataFrame[Any]:
    ready = collected.get("ADSL", collected.get("PATIENTS"))
    if ready is None:
        ready = derive_adsl_from_domains(protocol, collected).collect()
    return with_marker_baselines(protocol, ready, collected)


def _events_and_results(protocol: Protocol, collected: _Frames, datasets: _Frames) -> None:
    adsl = datasets["ADSL"]
    if "EX" in collected:
        datasets["ADEX"] = derive_adex(protocol, collected["EX"], adsl).collect()
    if "ADAE" in collected:
        datasets["ADAE"] = collected["ADAE"]
    elif "AE" in collected:
        events = derive_adae(protocol, collected["AE"], adsl).collect()
        told = base_table(protocol) == "DM" or _tells_emergence(events, adsl)
        datasets["ADAE"] = events if told else events.drop("TRTEMFL")
    if "LB" in collected:
        datasets["ADLB"] = derive_adlb(protocol, collected["LB"], adsl).collect()
    if "CM" in collected or "PR" in collected:
        therapies = derive_adcm(protocol, collected.get("CM"), collected.get("PR"), adsl)
        datasets["ADCM"] = therapies.collect()
    if "DV" in collected:
        datasets["ADDV"] = derive_addv(protocol, collected["DV"]).collect()


def _tells_emergence(events: nw.DataFrame[Any], adsl: nw.DataFrame[Any]) -> bool:
    """Return whether days tell which events began during treatment; a sheet may have none."""
    return "TRTSDT" in adsl.columns and not bool(events["ASTDT"].is_null().all())


def _responses(protocol: Protocol, collected: _Frames, datasets: _Frames) -> None:
    derived = derive_readings(protocol, collected | datasets)
    if "PATIENTS" in collected:
        derived |= derive_sheet_responses(protocol, collected["PATIENTS"])
    if "ADRS" in collected:
        derived["ADRS"] = collected["ADRS"]
    datasets |= derived


def _times(protocol: Protocol, collected: _Frames, datasets: _Frames) -> None:
    times: nw.DataFrame[Any] | None
    if "ADTTE" in collected:
        times = collected["ADTTE"]
        if protocol.study.data_cut_off is not None:
            times = censor_at_cut_off(times, protocol.study.data_cut_off)
    elif "PATIENTS" in collected:
        times = derive_adtte_from_sheet(protocol, collected["PATIENTS"])
    else:
        derived = derive_adtte(protocol, datasets)
        times = None if derived is None else derived.collect()
    if times is not None:
        datasets["ADTTE"] = times
    if "BM" in collected:
        datasets["ADBM"] = derive_adbm(
            protocol, collected["BM"], datasets["ADSL"], _first_progression(datasets)
        ).collect()


def _what_happened(protocol: Protocol, datasets: _Frames) -> None:
    adsl = derive_occurrences(protocol, datasets)
    if adsl is not None:
        datasets["ADSL"] = add_categories(protocol, adsl.collect())


def _first_progression(datasets: _Frames) -> nw.DataFrame[Any] | None:
    if "ADRS" not in datasets:
        return None
    first = (nw.col("PARAMCD") == "PD") & (nw.col("AVALC") == "Y")
    return datasets["ADRS"].filter(first).select("USUBJID", "ADT")


def _sorted(name: str, frame: nw.DataFrame[Any]) -> pl.DataFrame:
    known = name if name in _KEYS else name[:4]
    keys = [key for key in _KEYS[known] if key in frame.columns]
    native: pl.DataFrame = frame.sort(*keys).to_native()
    # Lists are in alphabetical order, so that they are sorted faster, and are texts from here on.
    lists = [column for column, kind in native.schema.items() if isinstance(kind, pl.Enum)]
    return native.with_columns(pl.col(lists).cast(pl.String)) if lists else native
