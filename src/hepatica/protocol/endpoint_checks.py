"""What must hold within and between endpoints."""

from __future__ import annotations

from collections.abc import Iterator

from hepatica.protocol.endpoints import Historical, Response, SheetTimes, TimeRule, TimeToEvent
from hepatica.protocol.findings import Finding, repeated, unknown_id
from hepatica.protocol.model import Protocol
from hepatica.protocol.names import Names
from hepatica.protocol.nodes import Path
from hepatica.protocol.sheet_checks import check_sheet_times

#: Parameters of ADRS that are derived for every study.
_DERIVED = (
    *("OVR", "TRG", "NTRG", "NEWL", "BOR", "CBOR", "RSP", "CRSP", "CB", "CCB", "PD", "DEATH"),
    *("LSTA", "MDIS"),
)


def check_endpoints(protocol: Protocol, names: Names) -> Iterator[Finding]:
    """Check the endpoints of a protocol.

    Returns
    -------
    iterator of (path, str)
        Place and sentence of everything that does not hold.
    """
    yield from repeated(
        "parameter",
        (
            (endpoint.parameter, ("endpoints", position, "parameter"))
            for position, endpoint in enumerate(protocol.endpoints)
            if isinstance(endpoint, TimeToEvent)
        ),
    )
    for position, endpoint in enumerate(protocol.endpoints):
        path: Path = ("endpoints", position)
        if endpoint.role == "primary" and not endpoint.confirmatory:
            yield (*path, "role"), "A post hoc endpoint (confirmatory: false) cannot be primary."
        if isinstance(endpoint, TimeToEvent):
            yield from _time_to_event(protocol, endpoint, path)
        else:
            yield from _response(protocol, endpoint, path)
        if endpoint.historical is not None:
            yield from _arms_of_rates(endpoint.historical, names, (*path, "historical"))


def _time_to_event(protocol: Protocol, endpoint: TimeToEvent, path: Path) -> Iterator[Finding]:
    rules = [(rule, "events", n) for n, rule in enumerate(endpoint.events)]
    rules += [(rule, "censoring", n) for n, rule in enumerate(endpoint.censoring)]
    yield from repeated("id", ((rule.id, (*path, key, n, "id")) for rule, key, n in rules))
    for rule, key, n in rules:
        if (rule.dataset is None) != (rule.date is None):
            yield (*path, key, n), "A rule on records needs both: dataset and date."
        yield from _schedule(protocol, rule, key, (*path, key, n))
    yield from repeated(
        "time",
        (
            (f"{t.days:g} days", (*path, "time_points", n))
            for n, t in enumerate(endpoint.time_points)
        ),
    )
    if endpoint.sheet is not None and "PATIENTS" not in protocol.data.tables:
        yield (*path, "sheet"), "A time from a sheet needs the table PATIENTS under data.tables."
    if endpoint.sheet is not None:
        yield from _sheet_entry(endpoint, endpoint.sheet, path)
        yield from check_sheet_times(endpoint, endpoint.sheet, (*path, "sheet"))
    if endpoint.historical is not None:
        yield from _survival_rate(endpoint, endpoint.historical, (*path, "historical"))


def _sheet_entry(endpoint: TimeToEvent, sheet: SheetTimes, path: Path) -> Iterator[Finding]:
    """Check that an entry into a sheet's time is a column of the sheet."""
    if endpoint.entry is None or endpoint.entry.variable == sheet.entry:
        return
    if sheet.entry is None:
        message = "Name the column of the sheet with the time to entry: sheet: {entry: ...}."
        yield (*path, "entry"), message
    else:
        message = f"sheet.entry is {sheet.entry}. Write the same column here, or leave it out."
        yield (*path, "entry", "variable"), message


def _schedule(protocol: Protocol, rule: TimeRule, key: str, path: Path) -> Iterator[Finding]:
    """Check the rules that ask when assessments were planned."""
    if rule.missed is not None:
        place = (*path, "missed")
        if key == "events":
            yield place, "Only a censoring rule counts missed assessments. Move it to censoring."
        elif rule.dataset is None:
            yield place, "Name the adequate assessments: dataset, where and date."
        elif rule.before is not None:
            yield place, "A rule has either 'before' or 'missed'. Write two rules."
    if rule.at != "record" and key == "censoring":
        yield (*path, "at"), "Only an event is moved to the next visit. Remove the key."
    planned = protocol.assessments is not None and protocol.assessments.has_visits
    if not planned and (rule.missed is not None or rule.at != "record"):
        yield path, "It needs to know the planned visits: add assessments with every_days."


def _survival_rate(endpoint: TimeToEvent, historical: Historical, path: Path) -> Iterator[Finding]:
    points = ", ".join(point.text for point in endpoint.time_points)
    if historical.test != "kaplan_meier_log_log":
        yield (*path, "test"), "The test of a rate of survival is kaplan_meier_log_log."
    if historical.at is None:
        yield (
            (*path, "at"),
            "Missing: the time of the rate, one of the time_points of the endpoint"
            + (f": {points}." if points else ", for example 12 weeks."),
        )
    elif historical.at.days not in {point.days for point in endpoint.time_points}:
        yield (
            (*path, "at"),
            f"{historical.at.text} is not a time point of the endpoint. "
            + (f"Its time_points are: {points}." if points else "Add it to time_points."),
        )


def _response(protocol: Protocol, endpoint: Response, path: Path) -> Iterator[Finding]:
    if endpoint.at is not None:
        yield from _at_a_visit(protocol, endpoint, path)
    historical = endpoint.historical
    if historical is None:
        return
    if historical.test != "binomial_exact":
        yield (*path, "historical", "test"), "The test of a proportion is binomial_exact."
    if historical.at is not None:
        yield (*path, "historical", "at"), "A proportion has no time. Remove the key."


def _at_a_visit(protocol: Protocol, endpoint: Response, path: Path) -> Iterator[Finding]:
    """Check a share of patients at one visit: it has a parameter of its own, with Y and N."""
    if not endpoint.is_yes_or_no:
        yield (*path, "counted"), "At a fixed time the disease is controlled or not: write [Y]."
    if protocol.assessments is None or not protocol.assessments.has_visits:
        yield (*path, "at"), "It needs the window of a visit: add assessments with window_days."
    others = [
        one.parameter
        for one in protocol.endpoints
        if isinstance(one, Response) and one is not endpoint
    ]
    if endpoint.parameter in (*_DERIVED, *others):
        message = f"{endpoint.parameter} is another parameter of ADRS. Choose a name of its own."
        yield (*path, "parameter"), message


def _arms_of_rates(historical: Historical, names: Names, path: Path) -> Iterator[Finding]:
    arms = names.of("arm")
    for key in ("rates", "targets"):
        for arm in getattr(historical, key):
            yield from unknown_id(names, "arm", arm, (*path, key, arm))
    missing = [arm for arm in arms if arm not in historical.rates]
    if missing and "arm" not in names.open_kinds:
        yield (*path, "rates"), f"A rate is missing for: {', '.join(missing)}."
    for arm, target in historical.targets.items():
        if target <= historical.rates.get(arm, 0.0):
            yield (*path, "targets", arm), "The target has to lie above the historical rate."
