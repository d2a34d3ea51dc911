"""The registry record that a protocol stands for, to be written or compared."""

from __future__ import annotations

from hepatica.protocol.analyses import AdverseEventsAnalysis
from hepatica.protocol.endpoints import Endpoint, TimeToEvent
from hepatica.protocol.model import Protocol
from hepatica.protocol.registry.concepts import pairs_of
from hepatica.protocol.registry.record import (
    Criterion,
    Intervention,
    Outcome,
    OutcomeRole,
    RegisteredArm,
    RegistryRecord,
)
from hepatica.protocol.registry.time_frame import TimeFrame, parse_time_frame
from hepatica.protocol.treatment import Dose, Treatment

_ROLES: dict[str, OutcomeRole] = {
    "primary": "primary",
    "secondary": "secondary",
    "exploratory": "other",
}


def planned_record(protocol: Protocol) -> RegistryRecord:
    """Return the record that a protocol plans: what it says itself comes before its registration.

    Parameters
    ----------
    protocol : Protocol
        The study.

    Returns
    -------
    RegistryRecord
        Title, arms, drugs, outcomes with their time frames, eligibility and planned number from
        the protocol; contact, sponsor, dates and countries as registered, where it holds that.
    """
    registered = protocol.registration or RegistryRecord()
    planned = [arm.planned for arm in protocol.arms]
    total = sum(one for one in planned if one is not None) if all(planned) else None
    own = {
        "id": protocol.study.registry or registered.id,
        "public_title": protocol.study.title,
        "summary": protocol.study.design or registered.summary,
        "phases": tuple(_phases(protocol.study.phase)) or registered.phases,
        "allocation": _allocation(protocol),
        "arms": _arms(protocol, registered),
        "interventions": _interventions(protocol, registered),
        "outcomes": planned_outcomes(protocol),
        "eligibility": _eligibility(protocol) or registered.eligibility,
        "enrolment": total or registered.enrolment,
        "enrolment_kind": "estimated" if total else registered.enrolment_kind,
        "unread": (),
        "inferred": (),
    }
    return registered.model_copy(update=own)


def planned_outcomes(protocol: Protocol) -> tuple[Outcome, ...]:
    """Return the endpoints of a protocol, and adverse events where they are analysed, as outcomes.

    The words of a registered time frame are kept where interval and end still agree with the
    protocol's; otherwise they are the protocol's own.
    """
    found = [_outcome(protocol, one) for one in protocol.endpoints]
    if any(isinstance(one, AdverseEventsAnalysis) for one in protocol.analyses):
        days = protocol.adverse_events.follow_up_days if protocol.adverse_events else 30
        frame = parse_time_frame(f"Up to {days} days after the last dose")
        found.append(Outcome(role="secondary", measure="Adverse events", time_frame=frame))
    return tuple(_with_registered_frames(protocol, found))


def _outcome(protocol: Protocol, endpoint: Endpoint) -> Outcome:
    sentences = (
        " ".join(rule.sentence for rule in endpoint.events)
        if isinstance(endpoint, TimeToEvent)
        else endpoint.sentence or f"Best response {' or '.join(endpoint.counted)}."
    )
    return Outcome(
        role=_ROLES[endpoint.role],
        measure=endpoint.label,
        description=sentences,
        time_frame=_frame(protocol, endpoint),
    )


def _frame(protocol: Protocol, endpoint: Endpoint) -> TimeFrame:
    words = []
    scanned = protocol.assessments is not None and (
        not isinstance(endpoint, TimeToEvent)
        or any(rule.dataset == "ADRS" for rule in endpoint.events)
    )
    if scanned and protocol.assessments is not None and protocol.assessments.every_days:
        words.append(f"every {protocol.assessments.every_days} days")
    if isinstance(endpoint, TimeToEvent):
        words += [f"at {one.text}" for one in endpoint.time_points]
    return parse_time_frame(", ".join(words))


def _with_registered_frames(protocol: Protocol, found: list[Outcome]) -> list[Outcome]:
    """Take registered words for what the protocol does not say differently."""
    if protocol.registration is None:
        return found
    registered = protocol.registration.outcomes
    pairs = dict(pairs_of([one.measure for one in found], [one.measure for one in registered]))
    return [
        one.model_copy(update={"time_frame": registered[pairs[at]].time_frame})
        if at in pairs and _agrees(one.time_frame, registered[pairs[at]].time_frame)
        else one
        for at, one in enumerate(found)
    ]


def _agrees(own: TimeFrame, registered: TimeFrame) -> bool:
    """Return whether the protocol's interval is the registered one and its moments lie within."""
    end = registered.up_to or 0.0
    within = all(day in registered.at or day <= end for day in own.at)
    after = own.after_end in (None, registered.after_end)
    return own.every in (None, registered.every) and within and after


def _arms(protocol: Protocol, registered: RegistryRecord) -> tuple[RegisteredArm, ...]:
    drugs = {one.id: one.drug for one in protocol.treatments}
    kinds = {one.label: one.kind for one in registered.arms}
    return tuple(
        RegisteredArm(
            label=arm.label,
            kind=kinds.get(arm.label, "EXPERIMENTAL" if at == 0 else "ACTIVE_COMPARATOR"),
            description=arm.description,
            interventions=tuple(drugs[one] for one in arm.treatments if one in drugs),
        )
        for at, arm in enumerate(protocol.arms)
    )


def _interventions(protocol: Protocol, registered: RegistryRecord) -> tuple[Intervention, ...]:
    own = tuple(
        Intervention(name=one.drug, kind="DRUG", description=_dosing(one))
        for one in protocol.treatments
    )
    return own or registered.interventions


def _dosing(treatment: Treatment) -> str:
    schedule = treatment.schedule
    doses = [
        _amount(one.dose) + _weight(one.at_least, one.below) for one in treatment.dose_by_weight
    ]
    if treatment.dose is not None:
        doses.insert(0, _amount(treatment.dose))
    often = f", {schedule.per_day} times a day" if schedule.per_day > 1 else ""
    days = f"days {schedule.first_day} to {schedule.last_day} of {schedule.cycle_days}"
    return f"{treatment.route}, {' or '.join(doses)}{often}, {days}"


def _amount(dose: Dose) -> str:
    return f"{dose.amount:g} {dose.unit}"


def _weight(at_least: float | None, below: float | None) -> str:
    parts = [f"from {at_least:g} kg"] if at_least else []
    parts += [f"below {below:g} kg"] if below else []
    return f" ({' and '.join(parts)})" if parts else ""


def _eligibility(protocol: Protocol) -> tuple[Criterion, ...]:
    return tuple(Criterion(kind=one.kind, text=one.text) for one in protocol.eligibility)


def _allocation(protocol: Protocol) -> str:
    if len(protocol.arms) == 1:
        return "NA"
    return "RANDOMIZED" if protocol.study.randomised else "NON_RANDOMIZED"


def _phases(text: str) -> list[str]:
    digit = {"I": "PHASE1", "II": "PHASE2", "III": "PHASE3", "IV": "PHASE4"}
    return [digit[one] for one in text.upper().split("/") if one in digit]
