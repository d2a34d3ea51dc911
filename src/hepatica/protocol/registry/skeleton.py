"""A registry record as the beginning of a ``study.yaml`` that validates."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML

from hepatica.protocol.presets import preset_names
from hepatica.protocol.registry.concepts import concept_of, details_of
from hepatica.protocol.registry.record import Outcome, RegistryRecord

_TREATMENTS = {
    "anlotinib": "anlotinib-12mg-2-of-3-weeks",
    "lenvatinib": "lenvatinib-by-weight",
    "sorafenib": "sorafenib-400mg-twice-daily",
}
_TABLES = ("AE", "CM", "DM", "DS", "EX", "IE", "PR", "SS", "SV", "TR", "TU")
_ROLES = {"primary": "primary", "secondary": "secondary", "other": "exploratory"}
_SCANNED = ("pfs", "ttp", "orr", "dcr", "cbr", "dor", "ttr")
_RESPONSE = ("orr", "dcr", "cbr")
_KEPT = "kept under registration"
_EVERY_DAYS = 42
_WINDOW_DAYS = 7


@dataclass(frozen=True, slots=True)
class Skeleton:
    """The beginning of a protocol.

    Attributes
    ----------
    text : str
        Text of ``study.yaml``; it validates.
    notes : tuple of str
        What was assumed, what has no place in the protocol yet, and what could not be read.
    """

    text: str
    notes: tuple[str, ...]


def protocol_skeleton(record: RegistryRecord) -> Skeleton:
    """Return a protocol that a registry record begins.

    Parameters
    ----------
    record : RegistryRecord
        The record; the whole of it stands in the protocol as ``registration``.

    Returns
    -------
    Skeleton
        Arms, drugs with a known schedule, endpoints with a known definition, eligibility criteria
        and a plan of analyses. Everything else is a note.
    """
    notes: list[str] = [f"Read from a sentence, please confirm: {one}." for one in record.inferred]
    endpoints = _endpoints(record, notes)
    treatments = _treatments(record, notes)
    criteria = _eligibility(record, notes)
    content: dict[str, Any] = {
        "study": _study(record, notes),
        "seed": 1,
        "data": {
            "folder": "data",
            "tables": {one: {"file": f"{one.lower()}.csv"} for one in _TABLES},
        },
        "arms": _arms(record, treatments, notes),
    }
    if treatments:
        content["treatments"] = [
            {"like": preset, "id": name} for name, preset in treatments.items()
        ]
    content["analysis_sets"] = [{"like": "full", "id": "full"}, {"like": "safety", "id": "safety"}]
    if any(one["like"] in _SCANNED for one in endpoints):
        content["assessments"] = _assessments(record, notes)
    if criteria:
        content["eligibility"] = criteria
    content["adverse_events"] = {"version": "5.0", "follow_up_days": _follow_up(record, notes)}
    if endpoints:
        content["endpoints"] = endpoints
    content |= _plan(endpoints)
    content["registration"] = record.model_dump(mode="json", exclude_defaults=True)
    notes += [f"No place in the protocol for the field {one}." for one in record.unread]
    return Skeleton(_yaml(content, notes), tuple(notes))


def study_name(record: RegistryRecord) -> str:
    """Return a short name for the study: its number, else the first words of its title."""
    words = re.findall(r"[A-Za-z0-9]+", record.acronym or record.public_title)
    name = record.id or "-".join(words[:6]) or "study"
    return name if name[0].isalpha() else f"study-{name}"


def _study(record: RegistryRecord, notes: list[str]) -> dict[str, Any]:
    study: dict[str, Any] = {
        "id": study_name(record),
        "title": record.public_title or record.scientific_title or study_name(record),
        "design": record.summary,
        "registry": record.id,
        "phase": "/".join(_phase(one) for one in record.phases),
        "randomised": record.allocation == "RANDOMIZED",
        "data_status": "draft",
    }
    if not record.allocation:
        notes.append("The record does not tell how arms were allocated; not randomised is assumed.")
    return study


def _phase(text: str) -> str:
    roman = {"1": "I", "2": "II", "3": "III", "4": "IV"}
    digit = text.removeprefix("EARLY_").removeprefix("PHASE")
    return f"{'early ' if text.startswith('EARLY_') else ''}{roman.get(digit, text)}"


def _arms(
    record: RegistryRecord, treatments: dict[str, str], notes: list[str]
) -> list[dict[str, Any]]:
    if not record.arms:
        label = " and ".join(one.name for one in record.interventions) or "All participants"
        notes.append("The record names no arms; one is assumed.")
        return [_arm(record, {"id": "arm-1", "label": label}, label, treatments)]
    labels: set[str] = set()
    registered = {one.label for one in record.arms}
    arms = []
    for at, one in enumerate(record.arms, start=1):
        label = next(
            name
            for name in (one.label, *(f"{one.label} ({n})" for n in range(2, at + 2)))
            if name not in labels and (name == one.label or name not in registered)
        )
        labels.add(label)
        words = " ".join((one.label, *one.interventions))
        description = {"description": one.description} if one.description else {}
        arms.append(
            _arm(record, {"id": f"arm-{at}", "label": label, **description}, words, treatments)
        )
    if len(arms) > 1 and record.enrolment:
        notes.append(f"How the {record.enrolment} participants divide into arms is not registered.")
    return arms


def _arm(
    record: RegistryRecord, arm: dict[str, Any], words: str, treatments: dict[str, str]
) -> dict[str, Any]:
    if len(record.arms) <= 1 and record.enrolment:
        arm["planned"] = record.enrolment
    given = [name for name in treatments if name in words.lower()]
    if given:
        arm["treatments"] = given
    return arm


def _treatments(record: RegistryRecord, notes: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    known = preset_names("treatments")
    for one in record.interventions:
        names = [name for name in _TREATMENTS if name in one.name.lower()]
        found |= {name: _TREATMENTS[name] for name in names if _TREATMENTS[name] in known}
        if names:
            notes.append(f"Dose and schedule of {one.name} are a preset; compare the protocol.")
        else:
            notes.append(f"{one.name}: write its dose and schedule under treatments.")
    return found


def _endpoints(record: RegistryRecord, notes: list[str]) -> list[dict[str, Any]]:
    known = preset_names("endpoints")
    found: dict[str, dict[str, Any]] = {}
    for one in record.outcomes:
        name = concept_of(one.measure)
        if name == "adverse-events":
            _tell_frame(one, notes)
            continue
        if name not in known:
            notes.append(f"Outcome ({one.role}) without a definition here, {_KEPT}: {one.measure}.")
        elif name in found:
            notes.append(f"Outcome ({one.role}) of the kind {name} again, {_KEPT}: {one.measure}.")
        else:
            found[name] = {"like": name, "id": name, "role": _ROLES[one.role]}
            details = ", ".join(details_of(one.measure).values())
            if details:
                notes.append(f"Not taken over into {name} ({details}): {one.measure}.")
        _tell_frame(one, notes)
    return list(found.values())


def _tell_frame(one: Outcome, notes: list[str]) -> None:
    if not one.time_frame.understood:
        told = f"“{one.time_frame.text}”" if one.time_frame.text else "none"
        notes.append(f"Time frame not understood ({told}): {one.measure}.")
    elif one.time_frame.unread:
        left = "; ".join(f"“{part}”" for part in one.time_frame.unread)
        notes.append(f"Part of the time frame not understood ({left}): {one.measure}.")


def _assessments(record: RegistryRecord, notes: list[str]) -> dict[str, Any]:
    told = [one.time_frame.every for one in record.outcomes if concept_of(one.measure) in _SCANNED]
    days = next((round(one) for one in told if one is not None and one >= 1), None)
    if any(one.time_frame.later for one in record.outcomes):
        notes.append("Intervals that change are registered; assessments have the first of them.")
    if days is None:
        notes.append(
            f"No interval of tumour assessments is registered; {_EVERY_DAYS} days assumed."
        )
    notes.append(f"No window of tumour assessments is registered; {_WINDOW_DAYS} days assumed.")
    return {"like": "recist-1.1", "every_days": days or _EVERY_DAYS, "window_days": _WINDOW_DAYS}


def _follow_up(record: RegistryRecord, notes: list[str]) -> int:
    for one in record.outcomes:
        days = one.time_frame.after_end
        if concept_of(one.measure) == "adverse-events" and days is not None and days >= 1:
            return round(days)
    notes.append(
        "No follow-up of adverse events is registered; 30 days after the last dose assumed."
    )
    return 30


def _eligibility(record: RegistryRecord, notes: list[str]) -> list[dict[str, Any]]:
    criteria: list[dict[str, Any]] = []
    ages = {"ge": _years(record.minimum_age), "le": _years(record.maximum_age)}
    bounds = {name: years for name, years in ages.items() if years is not None}
    if bounds:
        words = " to ".join(one for one in (record.minimum_age, record.maximum_age) if one)
        text = (
            f"Age {words}"
            if len(bounds) > 1
            else f"Age {words} or {'more' if 'ge' in bounds else 'less'}"
        )
        criteria.append({"id": "age", "kind": "inclusion", "text": text, "where": {"AGE": bounds}})
    if record.sex in ("MALE", "FEMALE"):
        criteria.append({"id": "sex", "kind": "inclusion", "text": f"{record.sex.title()} only",
                         "where": {"SEX": record.sex[0]}})  # fmt: skip
    number = {"inclusion": 0, "exclusion": 0}
    for one in record.eligibility:
        if not one.kind:
            notes.append(f"Neither inclusion nor exclusion, left out of eligibility: {one.text}")
            continue
        number[one.kind] += 1
        criteria.append(
            {"id": f"{one.kind}-{number[one.kind]}", "kind": one.kind, "text": one.text}
        )
    if number["inclusion"] or number["exclusion"]:
        notes.append(
            "Criteria without 'where' are not screened automatically; write the condition on ADSL."
        )
    elif not record.eligibility:
        notes.append("The record tells no eligibility criteria.")
    return criteria


def _years(text: str) -> int | None:
    found = re.fullmatch(r"\s*(\d+)\s*years?\s*", text, re.IGNORECASE)
    return int(found[1]) if found else None


def _plan(endpoints: list[dict[str, Any]]) -> dict[str, Any]:
    analyses: list[dict[str, Any]] = [
        {"id": "disposition", "kind": "disposition", "set": "full"},
        {"id": "baseline", "kind": "baseline", "set": "full", "variables": ["age", "sex"]},
    ]
    responses = [one["id"] for one in endpoints if one["like"] in _RESPONSE]
    analyses += [
        {"id": f"time-to-event-{one['id']}", "kind": "time_to_event", "set": "full",
         "endpoint": one["id"]}
        for one in endpoints if one["like"] not in _RESPONSE
    ]  # fmt: skip
    if responses:
        analyses.append(
            {"id": "response", "kind": "response", "set": "full", "endpoints": responses}
        )
    analyses.append({
        "id": "adverse-events", "kind": "adverse_events", "set": "safety",
        "severity": {"column": "ATOXGR", "at_least": 3, "label": "Grade 3 or higher"},
    })  # fmt: skip
    variables = [
        {"id": "age", "label": "Age", "column": "AGE", "unit": "years", "kind": "measured"},
        {"id": "sex", "label": "Sex", "column": "SEX", "kind": "categorical",
         "levels": [{"label": "Male", "value": "M"}, {"label": "Female", "value": "F"}]},
    ]  # fmt: skip
    return {"variables": variables, "analyses": analyses}


def _yaml(content: dict[str, Any], notes: list[str]) -> str:
    writer = YAML()
    writer.default_flow_style = False
    writer.width = 100
    stream = io.StringIO()
    writer.dump(content, stream)
    head = [
        "Begun from a registry record. Please confirm or complete:",
        *(f"- {one}" for one in notes),
    ]
    comments = "".join(f"# {line}\n" for one in head for line in one.splitlines())
    # Folded lines end with a space, which editors take away.
    return f"{comments}\n{re.sub(r' +$', '', stream.getvalue(), flags=re.MULTILINE)}"
