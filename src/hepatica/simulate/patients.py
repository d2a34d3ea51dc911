"""Constructed analysis tables of any size for a protocol, for a dry run before there are data."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from hepatica.protocol.analyses import AdverseEventsAnalysis
from hepatica.protocol.base import DAYS_PER_MONTH
from hepatica.protocol.conditions import OneOf
from hepatica.protocol.endpoints import Response, TimeToEvent
from hepatica.protocol.model import Protocol
from hepatica.protocol.variables import Variable
from hepatica.stats.random_streams import stream

_EPOCH = date(1970, 1, 1)
_ENROLMENT_DAYS = 730
_MEDIAN_DAYS = {"PFS": 6 * DAYS_PER_MONTH, "TTP": 7 * DAYS_PER_MONTH, "OS": 14 * DAYS_PER_MONTH}
_RESPONSES = ("CR", "PR", "SD", "PD", "NE")
_CONTROLLED = ("CR", "PR", "SD")
_RESPONSE_SHARES = (0.02, 0.18, 0.45, 0.28, 0.07)
_EVENTS = ("Hypertension", "Fatigue", "Diarrhoea", "Hand-foot syndrome", "Proteinuria", "Nausea")
_EVENT_SHARES = (0.45, 0.4, 0.35, 0.3, 0.2, 0.15)
_GRADE_SHARES = (0.5, 0.3, 0.15, 0.05)


def simulate_tables(protocol: Protocol, patients: int) -> dict[str, pl.DataFrame]:
    """Construct ADSL, ADTTE, ADRS and ADAE for a protocol.

    Arms are drawn in proportion to their planned sizes, categories evenly, measurements from a
    log-normal distribution, and times to progression and death independently from exponential
    distributions with medians of 6 to 14 months. No drug has an effect. Each table draws from a
    stream of its own, seeded by the protocol.

    Parameters
    ----------
    protocol : Protocol
        Names arms, variables, endpoints and the seed.
    patients : int
        Number of patients, at least 1.

    Returns
    -------
    dict of str to DataFrame
        Tables in the columns that `hepatica.records` reads.
    """
    adsl = _subjects(protocol, patients, stream(protocol.seed, "ADSL"))
    tables = {
        "ADSL": adsl,
        "ADTTE": _times(protocol, adsl, stream(protocol.seed, "ADTTE")),
        "ADRS": _responses(protocol, adsl, stream(protocol.seed, "ADRS")),
        "ADAE": _adverse_events(protocol, adsl, stream(protocol.seed, "ADAE")),
    }
    return {name: table for name, table in tables.items() if len(table)}


def _cut_off(protocol: Protocol) -> int:
    return ((protocol.study.data_cut_off or date(2026, 1, 1)) - _EPOCH).days


def _days(days: NDArray[np.int64]) -> pl.Series:
    return pl.Series(days.astype(np.int32)).cast(pl.Date)


def _subjects(protocol: Protocol, n: int, rng: np.random.Generator) -> pl.DataFrame:
    planned = np.array([arm.planned or 1 for arm in protocol.arms], dtype=float)
    arm = rng.choice(len(planned), size=n, p=planned / planned.sum())
    labels = np.array([str(one.recorded) for one in protocol.arms])[arm]
    start = _cut_off(protocol) - 90 - rng.integers(0, _ENROLMENT_DAYS, size=n)
    width = len(str(n))
    columns: dict[str, object] = {
        "STUDYID": [protocol.study.id] * n,
        "USUBJID": [f"C{i + 1:0{width}d}" for i in range(n)],
        "TRTSDT": _days(start),
    }
    for analysis_set in protocol.analysis_sets:
        columns[analysis_set.arm_variable] = labels
        columns[analysis_set.flag] = ["Y"] * n
    for variable in protocol.variables:
        columns[variable.column] = _values(variable, n, rng)
    for biomarker in protocol.biomarkers:
        columns[biomarker.column] = np.round(
            np.exp(rng.normal(5.0, 2.0, size=n)), biomarker.decimals
        )
    return pl.DataFrame(columns)


def _values(variable: Variable, n: int, rng: np.random.Generator) -> NDArray[np.generic]:
    if variable.kind == "measured":
        return np.round(np.exp(rng.normal(np.log(58.0), 0.16, size=n)), variable.decimals)
    words = [
        str(level.where.values[0])
        if isinstance(level.where, OneOf) and level.where.column == variable.column
        else str(level.recorded)
        for level in variable.levels
    ]
    return np.array(words)[rng.integers(0, len(words), size=n)]


def _times(protocol: Protocol, adsl: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    n = len(adsl)
    start = adsl["TRTSDT"].cast(pl.Int32).to_numpy().astype(np.int64)
    follow_up = _cut_off(protocol) - start + 1
    last_contact = np.maximum((follow_up * rng.uniform(0.5, 1.0, size=n)).astype(np.int64), 1)
    drawn = {
        code: np.ceil(rng.exponential(median / np.log(2.0), size=n)).astype(np.int64)
        for code, median in _MEDIAN_DAYS.items()
    }
    death, progression = drawn["OS"], drawn["TTP"]
    parts = []
    for endpoint in protocol.endpoints:
        if not isinstance(endpoint, TimeToEvent):
            continue
        until = {"OS": death, "TTP": progression}.get(
            endpoint.parameter, np.minimum(progression, death)
        )
        limit = np.minimum(last_contact, death) if endpoint.parameter == "TTP" else last_contact
        event = until <= limit
        days = np.where(event, until, limit)
        first = endpoint.events[0].description
        reason = endpoint.censoring[-1].description if endpoint.censoring else "Censored"
        described = np.where((endpoint.parameter == "PFS") & (death < progression), "Death", first)
        earlier = _days_before_entry(endpoint, n, rng)
        parts.append(
            pl.DataFrame(
                {
                    "USUBJID": adsl["USUBJID"],
                    "PARAMCD": [endpoint.parameter] * n,
                    "PARAM": [endpoint.label] * n,
                    "STARTDT": _days(start - earlier),
                    "ADT": _days(start + days - 1),
                    "AVAL": days + earlier,
                    "CNSR": (~event).astype(np.int64),
                    "EVNTDESC": np.where(event, described, ""),
                    "CNSDTDSC": np.where(event, "", reason),
                    **({"AENTRY": earlier} if endpoint.entry is not None else {}),
                }
            )
        )
    return pl.concat(parts, how="diagonal") if parts else pl.DataFrame()


def _days_before_entry(
    endpoint: TimeToEvent, n: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return the days from the origin to the first dose; 0 without delayed entry."""
    if endpoint.entry is None:
        return np.zeros(n, dtype=np.int64)
    return rng.integers(30, 366, size=n)


def _responses(protocol: Protocol, adsl: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    parameters = {
        endpoint.parameter: endpoint.is_yes_or_no
        for endpoint in protocol.endpoints
        if isinstance(endpoint, Response)
    }
    best = np.array(_RESPONSES)[rng.choice(len(_RESPONSES), size=len(adsl), p=_RESPONSE_SHARES)]
    controlled = np.where(np.isin(best, _CONTROLLED), "Y", "N")
    parts = [
        pl.DataFrame(
            {
                "USUBJID": adsl["USUBJID"],
                "PARAMCD": [code] * len(adsl),
                "AVALC": controlled if yes_or_no else best,
            }
        )
        for code, yes_or_no in parameters.items()
    ]
    return pl.concat(parts) if parts else pl.DataFrame()


def _adverse_events(
    protocol: Protocol, adsl: pl.DataFrame, rng: np.random.Generator
) -> pl.DataFrame:
    plan = next((one for one in protocol.analyses if isinstance(one, AdverseEventsAnalysis)), None)
    if plan is None:
        return pl.DataFrame()
    parts = []
    for term, share in zip(_EVENTS, _EVENT_SHARES, strict=True):
        having = np.flatnonzero(rng.random(len(adsl)) < share)
        grade = 1 + rng.choice(len(_GRADE_SHARES), size=len(having), p=_GRADE_SHARES)
        subjects = adsl[having.tolist()]
        parts.append(
            pl.DataFrame(
                {
                    "USUBJID": subjects["USUBJID"],
                    plan.term: [term] * len(having),
                    plan.severity.column: grade.astype(np.int64),
                    "TRTEMFL": ["Y"] * len(having),
                    "ASTDT": subjects["TRTSDT"],
                }
            )
        )
    return pl.concat(parts)
