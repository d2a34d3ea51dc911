"""What a protocol leaves open and constructed patients need: a cut-off and an assessment plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from hepatica.errors import CommandError
from hepatica.protocol.conditions import All, OneOf
from hepatica.protocol.eligibility import EXCLUDED, Criterion
from hepatica.protocol.endpoints import Endpoint, Response
from hepatica.protocol.model import Assessments, Protocol

_EPOCH = date(1970, 1, 1)
_CUT_OFF = date(2026, 1, 1)
_ASSESSMENTS = Assessments(
    every_days=42,
    window_days=7,
    criteria="RECIST 1.1",
    confirmation_days=28,
    stable_disease_days=42,
)
_DEATH = {"dataset": "ADSL", "where": OneOf("DTHFL", ("Y",)), "date": "DTHDT"}
_ALIVE = {"dataset": "ADSL", "where": None, "date": "LSTALVDT"}
_PROGRESSION = {
    "dataset": "ADRS",
    "where": All((OneOf("PARAMCD", ("OVR",)), OneOf("AVALC", ("PD",)))),
    "date": "ADT",
}
_ASSESSED = {
    "dataset": "ADRS",
    "where": All(
        (
            OneOf("PARAMCD", ("OVR",)),
            OneOf("AVALC", ("CR", "PR", "SD", "NON-CR/NON-PD", "PD")),
        )
    ),
    "date": "ADT",
}


@dataclass(frozen=True, slots=True)
class Collected:
    """How collected tables are constructed.

    Attributes
    ----------
    partial_dates : float
        Share of the dates of events and therapies that are collected without a day, in [0, 1].
    after_cut_off : int
        Days after the data cut-off on which records still end, 0 for none.
    screen_failures : float
        Share of subjects who were screened but not enrolled, where the protocol has a condition
        for them.
    enrolment_days : int
        Days over which first doses are spread; the last is 90 days before the cut-off.

    Raises
    ------
    CommandError
        If a share lies outside [0, 1] or a number of days is negative.
    """

    partial_dates: float = 0.02
    after_cut_off: int = 0
    screen_failures: float = 0.1
    enrolment_days: int = 730

    def __post_init__(self) -> None:
        for name in ("partial_dates", "screen_failures"):
            if not 0 <= getattr(self, name) <= 1:
                raise CommandError(f"{name} is a share: choose a number from 0 to 1.")
        if self.after_cut_off < 0 or self.enrolment_days < 1:
            raise CommandError("Days are counted from 0 after the cut-off, from 1 for enrolment.")


def completed(protocol: Protocol) -> Protocol:
    """Return the protocol with a data cut-off, and with an assessment plan where one is needed.

    Parameters
    ----------
    protocol : Protocol
        Any protocol.

    Returns
    -------
    Protocol
        Without a cut-off of its own it is 1 January 2026; without assessments of its own, and
        with endpoints that come from them, scans are due every 42 days with a window of 7 days.
        Criteria of eligibility that read columns which are not constructed screen nobody.
        Times that a sheet or a ready table would give are to be derived from records: the first
        event of an endpoint is progression, or death for OS, further events are death.
    """
    study = protocol.study.model_copy(
        update={"data_cut_off": protocol.study.data_cut_off or _CUT_OFF}
    )
    from_scans = any(
        isinstance(one, Response) or one.parameter != "OS" for one in protocol.endpoints
    )
    endpoints = tuple(_from_records(one) for one in protocol.endpoints)
    assessments = _at_visits(protocol.assessments) or (_ASSESSMENTS if from_scans else None)
    criteria = tuple(_listed_only(one, protocol) for one in protocol.eligibility)
    return protocol.model_copy(
        update={
            "study": study,
            "endpoints": endpoints,
            "assessments": assessments,
            "eligibility": criteria,
        }
    )


def _at_visits(assessments: Assessments | None) -> Assessments | None:
    """Return the assessments with visits, and without the columns of a sheet."""
    if assessments is None or not assessments.best_responses:
        return assessments
    readings = tuple(one.model_copy(update={"best_response": None}) for one in assessments.readings)
    update: dict[str, object] = {"best_response": None, "readings": readings}
    if not assessments.has_visits:
        update["every_days"] = _ASSESSMENTS.every_days
        update["window_days"] = _ASSESSMENTS.window_days
    return assessments.model_copy(update=update)


def _listed_only(criterion: Criterion, protocol: Protocol) -> Criterion:
    """Return a criterion without its condition where that reads what is not constructed."""
    known = {"AGE", "SEX", *(one.column for one in protocol.variables)}
    known |= {one.column for one in protocol.biomarkers}
    if set(criterion.columns) <= known:
        return criterion
    return criterion.model_copy(update={"where": None, "reason": "", "unknown": EXCLUDED})


def _from_records(endpoint: Endpoint) -> Endpoint:
    if isinstance(endpoint, Response):
        if endpoint.sheet is not None:
            raise CommandError(
                f"The endpoint '{endpoint.id}' is an answer of a sheet, which no collected table "
                "gives. Leave it and its analyses out of study.yaml to construct patients."
            )
        return endpoint
    update: dict[str, object] = {"sheet": None}
    if all(rule.dataset is None for rule in endpoint.events):
        survival = endpoint.parameter == "OS"
        update["events"] = tuple(
            rule.model_copy(update=_DEATH if survival or position else _PROGRESSION)
            for position, rule in enumerate(endpoint.events)
        )
        last = endpoint.censoring[-1:]
        known = _ALIVE if survival else _ASSESSED
        update["censoring"] = (
            *endpoint.censoring[:-1],
            *(rule.model_copy(update=known) for rule in last),
        )
    return endpoint.model_copy(update=update)


def cut_off(protocol: Protocol) -> int:
    """Return the day number of the data cut-off."""
    return ((protocol.study.data_cut_off or _CUT_OFF) - _EPOCH).days
