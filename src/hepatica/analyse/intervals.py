"""Progression known to an interval only: from the last adequate assessment to the scan."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray

from hepatica.analyse.readings import of_reading
from hepatica.analyse.selection import Selection
from hepatica.analyse.survival_rows import estimate_rows
from hepatica.analyse.times import Times, endpoint_columns
from hepatica.derive import Datasets
from hepatica.derive.portable import day_number
from hepatica.dialect import trial_dialect
from hepatica.errors import AnalysisError
from hepatica.protocol.endpoints import TimeToEvent
from hepatica.protocol.model import Protocol
from hepatica.results import ResultRow
from hepatica.stats.random_streams import stream
from hepatica.stats.survival import kaplan_meier, turnbull, turnbull_bootstrap

_FloatArray = NDArray[np.float64]

#: Draws of the bootstrap.
RESAMPLES = 1000
_DIGITS, _DIGITS_OF_LIMITS = 9, 6

#: Responses that do not tell that a patient was without progression. A progression by iRECIST that
#: was dropped again (iUPD before the event) was an adequate assessment.
_NOT_ADEQUATE = ("NE", "MISSING", "PD", "iCPD")

_MEANING = (
    "progression between the last adequate assessment before it, or the origin, and the scan that "
    "showed it; deaths known to the day"
)
_WITHIN = "Not identified: each value between least and most is as likely."


def interval_rows(
    protocol: Protocol,
    datasets: Datasets,
    selection: Selection,
    endpoint: TimeToEvent,
    times: Times,
) -> list[ResultRow]:
    """Return survival at the landmarks with progression known to an interval, by group.

    Parameters
    ----------
    protocol : Protocol
        Seed, confidence level and dialect.
    datasets : mapping
        ADRS of the endpoint's reading says when patients were assessed.
    selection : Selection
        Makes the rows.
    endpoint : TimeToEvent
        Its landmarks, and its event rules: those that read ADRS are seen at a scan.
    times : Times
        Times of the endpoint.

    Returns
    -------
    list of ResultRow
        As ``docs/results.md`` lists for ``sensitivity`` with ``interval_censored``.

    Raises
    ------
    AnalysisError
        If the datasets do not say when a progression was last ruled out.
    """
    left, right, seen_at_scan = intervals(datasets, endpoint, times)
    landmarks = np.array([point.days for point in endpoint.time_points])
    generator = stream(protocol.seed, selection.base.analysis)
    rows: list[ResultRow] = []
    for code, level in enumerate(selection.levels):
        place = endpoint_columns(endpoint) | {"level": level}
        own = times.group == code
        n = int(seen_at_scan[own].sum())
        where = {"variable": "interval_censored", "format": "integer", **place}
        rows.append(selection.row("n", n, denominator=int(own.sum()), **where))
        if not own.any() or not len(landmarks):
            continue
        ends = left[own], right[own]
        rows += _turnbull_rows(protocol, selection, ends, landmarks, generator, place)
        middle = np.where(seen_at_scan, (left + times.time) / 2.0, times.time)[own]
        rows += _midpoint_rows(protocol, selection, middle, times.event[own], landmarks, place)
    return rows


def intervals(
    datasets: Datasets, endpoint: TimeToEvent, times: Times
) -> tuple[_FloatArray, _FloatArray, NDArray[np.bool_]]:
    """Return where each time lies, and which were seen at a scan.

    Parameters
    ----------
    datasets : mapping
        ADRS of the endpoint's reading.
    endpoint : TimeToEvent
        Its event rules.
    times : Times
        Records of ADTTE with STARTDT, ADT and EVNTDESC.

    Returns
    -------
    left, right : float array (n,)
        In days as AVAL counts them, so that the origin is day 1: ``(left, right]``; both equal for
        an event known to the day, `right` infinite for a censored time. 0 where there was no
        adequate assessment before the scan.
    seen_at_scan : bool array (n,)
        Whether the event is one that a scan showed.
    """
    at_scan = _is_at_scan(endpoint, times)
    since = _days_of_last_adequate(datasets, endpoint, times)
    event = times.event == 1
    left = np.where(at_scan, since, times.time)
    right = np.where(event, times.time, np.inf)
    return left, right, at_scan


def _is_at_scan(endpoint: TimeToEvent, times: Times) -> NDArray[np.bool_]:
    """Return which events a rule gave that reads responses."""
    if "EVNTDESC" not in times.records.columns:
        raise AnalysisError("ADTTE has no EVNTDESC, which tells progressions from deaths.")
    of_scans = {rule.description for rule in endpoint.events if rule.dataset == "ADRS"}
    known = {rule.description for rule in endpoint.events}
    told = times.records["EVNTDESC"].to_list()
    events = times.event == 1
    other = [text for text, had in zip(told, events, strict=True) if had and text not in known]
    if other:
        raise AnalysisError(
            f"{len(other)} events of {endpoint.parameter} have an EVNTDESC that no event rule has "
            "as its description, so it is not known whether a scan showed them. Give the rules "
            "the descriptions of ADTTE."
        )
    return np.array([text in of_scans and had for text, had in zip(told, events, strict=True)])


def _days_of_last_adequate(datasets: Datasets, endpoint: TimeToEvent, times: Times) -> _FloatArray:
    """Return the day of the last adequate assessment before the end of each time; 0 without one."""
    missing = [name for name in ("STARTDT", "ADT") if name not in times.records.columns]
    if missing:
        raise AnalysisError(f"ADTTE has no {' and no '.join(missing)}; intervals begin there.")
    if "ADRS" not in datasets:
        raise AnalysisError("There is no ADRS table, which says when patients were assessed.")
    responses = nw.from_native(of_reading(datasets, endpoint.reading)["ADRS"], eager_only=True)
    adequate = ~nw.col("AVALC").is_in(list(_NOT_ADEQUATE)) & ~nw.col("AVALC").is_null()
    visits = responses.filter((nw.col("PARAMCD") == "OVR") & adequate).select(
        "USUBJID", nw.col("ADT").alias("_SEEN")
    )
    ended = times.records.select("USUBJID", "STARTDT", "ADT")
    before = ended.join(visits, on="USUBJID", how="inner").filter(
        (nw.col("_SEEN") < nw.col("ADT")) & (nw.col("_SEEN") >= nw.col("STARTDT"))
    )
    day = day_number(nw.col("_SEEN")) - day_number(nw.col("STARTDT")) + 1
    last = before.with_columns(day.alias("_DAY")).group_by("USUBJID").agg(nw.col("_DAY").max())
    found = dict(zip(last["USUBJID"].to_list(), last["_DAY"].to_list(), strict=True))
    subjects = times.records["USUBJID"].to_list()
    return np.array([found.get(one, 0) for one in subjects], dtype=np.float64)


def _turnbull_rows(
    protocol: Protocol,
    selection: Selection,
    ends: tuple[_FloatArray, _FloatArray],
    landmarks: _FloatArray,
    generator: np.random.Generator,
    place: dict[str, Any],
) -> list[ResultRow]:
    read = turnbull(*ends).at(landmarks)
    limits = turnbull_bootstrap(
        *ends, landmarks, generator, resamples=RESAMPLES, conf_level=protocol.conf_level
    )
    shown: dict[str, Any] = {"variable": "interval_censored", "format": "fraction", **place}
    method = (
        f"Turnbull estimate ({_MEANING}), bootstrap percentile interval ({RESAMPLES} resamples of "
        "patients)"
    )
    rows = []
    for at, day in enumerate(landmarks):
        # Beyond these digits stands where the steps of the estimate happened to end.
        triple = (
            round(float(read.survival[at]), _DIGITS),
            round(float(limits.lower[at]), _DIGITS_OF_LIMITS),
            round(float(limits.upper[at]), _DIGITS_OF_LIMITS),
        )
        where = {"time": float(day), **shown}
        rows += estimate_rows(
            selection,
            "survival",
            triple,
            _WITHIN,
            method=method,
            conf_level=protocol.conf_level,
            **where,
        )
        rows.append(selection.row("least", round(float(read.least[at]), _DIGITS), **where))
        rows.append(selection.row("most", round(float(read.most[at]), _DIGITS), **where))
    return rows


def _midpoint_rows(
    protocol: Protocol,
    selection: Selection,
    time: _FloatArray,
    event: NDArray[np.int64],
    landmarks: _FloatArray,
    place: dict[str, Any],
) -> list[ResultRow]:
    dialect = trial_dialect(protocol.dialect)
    curve = kaplan_meier(time, event, conf_type=dialect.conf_type, conf_level=protocol.conf_level)
    at = curve.at(landmarks)
    rows = []
    for place_of, day in enumerate(landmarks):
        rows += estimate_rows(
            selection,
            "survival",
            (float(at.survival[place_of]), float(at.lower[place_of]), float(at.upper[place_of])),
            "Past the last follow-up, or no limits because nobody or everybody had the event.",
            variable="midpoint",
            time=float(day),
            format="fraction",
            method=(
                "Kaplan–Meier with progression at the middle of its interval, "
                f"{dialect.conf_type} interval"
            ),
            conf_level=protocol.conf_level,
            **place,
        )
    return rows
