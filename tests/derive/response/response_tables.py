"""Scenarios as collected tables, and derived records as a clinician reads them."""

from __future__ import annotations

import re
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import duckdb
import narwhals.stable.v2 as nw
import polars as pl
from response_scenarios import CODED, LESIONS, Coded, Scenario

from hepatica.derive.adrs import derive_adrs
from hepatica.protocol.model import Assessments, Dates

START = date(2024, 1, 1)

_TU = {"USUBJID": pl.String, "TULNKID": pl.String, "TUORRES": pl.String, "TULOC": pl.String,
       "TUDT": pl.Date, "TUDTP": pl.String, "TUEVAL": pl.String, "VISIT": pl.String,
       "VISITNUM": pl.Float64, "TUSEQ": pl.Int64}  # fmt: skip
_TR = {"USUBJID": pl.String, "TRLNKID": pl.String, "TRGRPID": pl.String, "TRTESTCD": pl.String,
       "TRSTRESN": pl.Float64, "TRSTRESC": pl.String, "TRSTAT": pl.String, "TRDT": pl.Date,
       "TRDTP": pl.String, "TREVAL": pl.String, "VISIT": pl.String, "VISITNUM": pl.Float64,
       "TRSEQ": pl.Int64}  # fmt: skip
_RS = {"USUBJID": pl.String, "RSTESTCD": pl.String, "RSSTRESC": pl.String, "RSCAT": pl.String,
       "RSDT": pl.Date, "RSDTP": pl.String, "RSEVAL": pl.String, "VISIT": pl.String,
       "VISITNUM": pl.Float64, "RSSEQ": pl.Int64}  # fmt: skip


def day(number: int) -> date:
    return START + timedelta(number)


def protocol(response_from: str = "lesions", **other: Any) -> SimpleNamespace:
    settings = {
        "every_days": 42, "window_days": 7, "criteria": "RECIST 1.1", "confirmation_days": 28,
        "stable_disease_days": 42, "response_from": response_from,
    }  # fmt: skip
    return SimpleNamespace(
        assessments=Assessments(**{**settings, **other}),
        study=SimpleNamespace(randomised=False),
        dates=Dates(),
        endpoints=(),
    )


def lesion_tables(scenarios: tuple[Scenario, ...] = LESIONS) -> dict[str, pl.DataFrame]:
    """Return ADSL, TU and TR."""
    tu: list[dict[str, Any]] = []
    tr: list[dict[str, Any]] = []
    for one in scenarios:
        lesions = {name.rstrip("nh"): name.endswith(("n", "h")) for name in one.lesions.split()}
        for name in one.lesions.split():
            role = "TARGET" if name.startswith("T") else "NON-TARGET"
            place = {"n": "LYMPH NODE", "h": "LYMPH NODE, PORTA HEPATIS"}.get(name[-1], "LIVER")
            tu.append(_found(one.name, name.rstrip("nh"), role, place, 0, len(tu)))
        for visit in one.visits:
            for shown in visit[1].split():
                name, value = shown.split("=")
                value, _, other_day = value.partition("@")
                if value == "SEEN":
                    place = "LIVER" if name.startswith("NL") else "LUNG"
                    tu.append(_found(one.name, name, "NEW", place, visit[0], len(tu)))
                else:
                    node = lesions.get(name, lesions.get(re.split("[./]", name)[0], False))
                    whole, _, viable = value.partition("v")
                    if whole:
                        tr.append(_row(one.name, name, node, whole, visit[0], other_day, len(tr)))
                    if viable:
                        row = _row(one.name, name, node, viable, visit[0], other_day, len(tr))
                        tr.append({**row, "TRTESTCD": "VLDIAM"})
    adsl = pl.DataFrame({"USUBJID": [one.name for one in scenarios]}).with_columns(TRTSDT=START)
    return {"ADSL": adsl, "TU": pl.DataFrame(tu, _TU), "TR": pl.DataFrame(tr, _TR)}


def _found(subject: str, name: str, role: str, place: str, on: int, seq: int) -> dict[str, Any]:
    return {"USUBJID": subject, "TULNKID": name, "TUORRES": role, "TULOC": place, "TUDT": day(on),
            "TUDTP": "D", "TUEVAL": "INVESTIGATOR", "VISIT": f"DAY {on}", "VISITNUM": float(on),
            "TUSEQ": seq + 1}  # fmt: skip


def _row(
    subject: str, name: str, node: bool, value: str, on: int, other_day: str, seq: int
) -> dict[str, Any]:
    number = float(value) if value.replace(".", "").isdigit() else None
    test = "TUMSTATE" if number is None and value not in ("ND", "TOO") else "LDIAM"
    test = "LPERP" if test == "LDIAM" and node else test
    text = {"ND": None, "TOO": "TOO SMALL TO MEASURE"}.get(value, value)
    group = "NEW" if name.startswith("N") and not name.startswith("NT") else None
    return {"USUBJID": subject, "TRLNKID": name, "TRGRPID": group, "TRTESTCD": test,
            "TRSTRESN": number, "TRSTRESC": text, "TRSTAT": "NOT DONE" if value == "ND" else None,
            "TRDT": day(int(other_day or on)), "TRDTP": "D", "TREVAL": "INVESTIGATOR",
            "VISIT": f"DAY {on}", "VISITNUM": float(on), "TRSEQ": seq + 1}  # fmt: skip


def coded_tables(
    scenarios: tuple[Coded, ...] = CODED, criteria: str = "RECIST 1.1"
) -> dict[str, pl.DataFrame]:
    """Return ADSL, RS and ADCM."""
    rs = [
        {"USUBJID": one.name, "RSTESTCD": "OVRLRESP", "RSSTRESC": value, "RSCAT": criteria,
         "RSDT": day(int(on)), "RSDTP": "D", "RSEVAL": "INVESTIGATOR", "VISIT": f"DAY {on}",
         "VISITNUM": float(on), "RSSEQ": seq}
        for one in scenarios
        for seq, (on, value) in enumerate((v.split(":") for v in one.visits.split()), start=1)
    ]  # fmt: skip
    given = [one for one in scenarios if one.therapy is not None]
    adcm = {"USUBJID": [one.name for one in given], "ASTDT": [day(one.therapy) for one in given],
            "NEWTHFL": ["Y" for _ in given]}  # fmt: skip
    adsl = pl.DataFrame({"USUBJID": [one.name for one in scenarios]}).with_columns(TRTSDT=START)
    return {"ADSL": adsl, "RS": pl.DataFrame(rs, _RS), "ADCM": pl.DataFrame(adcm)}


def on_engine(frame: pl.DataFrame, engine: str, session: Any = None) -> Any:
    """Return a frame on an engine."""
    if engine == "duckdb":
        return nw.from_native(duckdb.sql("select * from frame"))
    if engine == "spark":
        return nw.from_native(session.createDataFrame(frame.to_arrow()))
    return nw.from_native(frame.lazy() if engine == "lazy" else frame)


def adrs_of_lesions(
    scenarios: tuple[Scenario, ...] = LESIONS, criteria: str = "RECIST 1.1", **other: Any
) -> pl.DataFrame:
    """Return ADRS of the scenarios with lesions, on Polars."""
    frames = {name: nw.from_native(frame) for name, frame in lesion_tables(scenarios).items()}
    study = protocol(criteria=criteria)
    adrs = derive_adrs(study, frames["ADSL"], tu=frames["TU"], tr=frames["TR"], **other)
    return adrs.collect().to_native()


def adrs_of_coded(
    scenarios: tuple[Coded, ...] = CODED, criteria: str = "RECIST 1.1", **other: Any
) -> pl.DataFrame:
    """Return ADRS of the coded scenarios, on Polars."""
    tables = coded_tables(scenarios, criteria)
    frames = {name: nw.from_native(frame) for name, frame in tables.items()}
    study = protocol("coded", criteria=criteria)
    therapies = frames["ADCM"] if len(tables["ADCM"]) else None
    adrs = derive_adrs(study, frames["ADSL"], rs=frames["RS"], adcm=therapies, **other)
    return adrs.collect().to_native()


def visits_told(adrs: pl.DataFrame, one: Scenario) -> dict[int, tuple[str, set[str]]]:
    """Return for each visit its overall response, and the rules of its parts and the whole."""
    rows = adrs.filter(pl.col("USUBJID") == one.name, pl.col("PARAMCD").is_in(
        ["OVR", "TRG", "NTRG", "NEWL"])).sort("AVISITN")  # fmt: skip
    told: dict[int, tuple[str, set[str]]] = {}
    for visit, part in rows.group_by("AVISITN", maintain_order=True):
        overall = part.filter(PARAMCD="OVR")["AVALC"].to_list()
        told[int(visit[0])] = (", ".join(overall), set(part["RULEID"]))
    return told


def subject_told(adrs: pl.DataFrame, name: str, parameter: str) -> str:
    """Return ``value@day rule`` of a parameter."""
    rows = adrs.filter(USUBJID=name, PARAMCD=parameter).rows(named=True)
    return "; ".join(
        f"{row['AVALC']}{'' if row['ADT'] is None else '@' + str((row['ADT'] - START).days)} "
        f"{row['RULEID']}"
        for row in rows
    )


def wrong(adrs: pl.DataFrame, scenarios: tuple[Scenario | Coded, ...]) -> list[str]:
    """Return what differs from what is expected."""
    found = []
    for one in scenarios:
        if isinstance(one, Scenario):
            told = visits_told(adrs, one)
            for visit in one.visits:
                if len(visit) == 4:
                    overall, rules = told.get(visit[0], ("", set()))
                    if overall != visit[2] or not set(visit[3].split()) <= rules:
                        found.append(f"{one.name}, day {visit[0]}: {overall} {sorted(rules)}")
        for parameter, expected in one.subject.items():
            got = subject_told(adrs, one.name, parameter)
            if got != expected:
                found.append(f"{one.name}, {parameter}: {got}, not {expected}")
    return found
