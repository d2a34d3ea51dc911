"""What must hold where times and best responses stand in a sheet with one row per patient."""

from __future__ import annotations

from collections.abc import Iterator

from hepatica.protocol.analyses import ResponseAnalysis
from hepatica.protocol.endpoints import Response, SheetTimes, TimeToEvent
from hepatica.protocol.findings import Finding, not_among
from hepatica.protocol.model import Protocol
from hepatica.protocol.model_analyses import LogisticAnalysis
from hepatica.protocol.nodes import Path
from hepatica.protocol.purposes import purpose
from hepatica.protocol.reading import MAIN
from hepatica.protocol.response_reading import sheet_gives_responses

_COLUMN = "best_response"


def check_sheet_times(endpoint: TimeToEvent, sheet: SheetTimes, path: Path) -> Iterator[Finding]:
    """Check that a time of a sheet says what is an event and what is not, in one way each.

    Parameters
    ----------
    endpoint : TimeToEvent
        Its rules are named by `SheetTimes.events` and `SheetTimes.censoring`.
    sheet : SheetTimes
        The time.
    path : tuple
        Where it stands.
    """
    for one, several in (("event", "events"), ("censored", "censoring")):
        single, kinds = getattr(sheet, one), getattr(sheet, several)
        if single is None and not kinds:
            yield (*path, one), f"Missing: {purpose(SheetTimes, one)}"
        if single is not None and kinds:
            yield (*path, several), f"Give {one} or {several}, not both."
        known = [rule.id for rule in getattr(endpoint, several if one == "censored" else "events")]
        for name in kinds:
            yield from not_among(f"{several} rule", name, known, (*path, several, name))


def check_best_responses(protocol: Protocol) -> Iterator[Finding]:
    """Check what only best responses of a sheet, or only visits, can give.

    Returns
    -------
    iterator of (path, str)
        Place and sentence of everything that does not hold.
    """
    plan = protocol.assessments
    tables = protocol.data.tables
    if plan is not None:
        places = {MAIN: ("assessments", _COLUMN)} | {
            one.id: ("assessments", "readings", n, _COLUMN) for n, one in enumerate(plan.readings)
        }
        for name in plan.best_responses:
            yield from _beside_the_sheet(protocol, _COLUMN, places[name])
    for n, endpoint in enumerate(protocol.endpoints):
        if isinstance(endpoint, Response) and endpoint.sheet is not None:
            yield from _answers(protocol, endpoint, ("endpoints", n))
    if sheet_gives_responses(protocol) and not {"ADRS", "RS", "TR"} & set(tables):
        yield from _of_the_sheet_alone(protocol)


def _beside_the_sheet(protocol: Protocol, key: str, path: Path) -> Iterator[Finding]:
    if "PATIENTS" not in protocol.data.tables:
        yield path, "Responses of a sheet need the table PATIENTS under data.tables."
    elif "ADRS" in protocol.data.tables:
        yield path, f"Give the table ADRS, or {key}, not both."


def _answers(protocol: Protocol, endpoint: Response, path: Path) -> Iterator[Finding]:
    """Check an answer of a sheet: it has a parameter of its own, with Y and N."""
    yield from _beside_the_sheet(protocol, "sheet", (*path, "sheet"))
    if not endpoint.is_yes_or_no:
        yield (*path, "counted"), "A sheet answers yes or no: write [Y]."
    for key in ("at", "reading"):
        if getattr(endpoint, key) is not None:
            yield (*path, key), "The answer of a sheet is of no visit and no reading. Remove it."
    others = [one.parameter for one in protocol.endpoints if one is not endpoint]
    if endpoint.parameter in ("BOR", *others):
        message = f"{endpoint.parameter} is another parameter. Choose a name of its own."
        yield (*path, "parameter"), message


def _of_the_sheet_alone(protocol: Protocol) -> Iterator[Finding]:
    """Find response endpoints that are counted and stand in no column of the sheet."""
    plan = protocol.assessments
    known = {} if plan is None else plan.best_responses
    places = {one.id: n for n, one in enumerate(protocol.endpoints)}
    told: set[str] = set()
    for n, analysis in enumerate(protocol.analyses):
        if isinstance(analysis, ResponseAnalysis):
            counted: tuple[str, ...] = analysis.endpoints
        elif isinstance(analysis, LogisticAnalysis):
            counted = (analysis.endpoint,)
        else:
            continue
        best = [
            one
            for one in protocol.endpoints
            if isinstance(one, Response) and one.id in counted and one.sheet is None
        ]
        own = analysis.reading if isinstance(analysis, ResponseAnalysis) else None
        reading = own or next((one.reading for one in best if one.reading), MAIN)
        if best and reading not in known:
            message = f"The reading {reading} has no best_response. Name its column of the sheet."
            yield ("analyses", n), message
        for endpoint in best:
            if endpoint.id not in told:
                told.add(endpoint.id)
                yield from _best_only(endpoint, ("endpoints", places[endpoint.id]))


def _best_only(endpoint: Response, path: Path) -> Iterator[Finding]:
    if endpoint.at is not None:
        yield (*path, "at"), "A sheet gives best responses and no visit. Leave the endpoint out."
    elif endpoint.parameter != "BOR":
        message = "A sheet gives best responses as BOR. Write parameter: BOR."
        yield (*path, "parameter"), message


def check_response_readings(protocol: Protocol) -> Iterator[Finding]:
    """Find response analyses whose endpoints are not all of one reading."""
    responses = {one.id: one for one in protocol.endpoints if isinstance(one, Response)}
    for n, analysis in enumerate(protocol.analyses):
        if not isinstance(analysis, ResponseAnalysis):
            continue
        own = [responses[name] for name in analysis.endpoints if name in responses]
        place: Path = ("analyses", n, "reading" if analysis.reading else "endpoints")
        if analysis.reading is not None:
            for one in own:
                if one.reading not in (None, analysis.reading):
                    yield (
                        place,
                        f"The endpoint '{one.id}' is of the reading {one.reading}, not of "
                        f"{analysis.reading}. Let both name the same reading.",
                    )
        elif len({one.reading for one in own}) > 1:
            told = ", ".join(f"'{one.id}' of {one.reading or 'main'}" for one in own)
            yield (
                place,
                f"The endpoints are of several readings: {told}. Plan an analysis for each.",
            )
