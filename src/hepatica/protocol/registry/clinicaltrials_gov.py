"""Records of ClinicalTrials.gov as its API, version 2, gives them.

Source: ClinicalTrials.gov, Study Data Structure, https://clinicaltrials.gov/data-api.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from hepatica.errors import CommandError
from hepatica.protocol.registry.eligibility_text import split_eligibility
from hepatica.protocol.registry.json_fields import JsonFields
from hepatica.protocol.registry.record import (
    Intervention,
    Outcome,
    OutcomeRole,
    RegisteredArm,
    RegisteredDate,
    RegistryRecord,
    count_of,
)
from hepatica.protocol.registry.time_frame import parse_time_frame

NAME = "ClinicalTrials.gov"
_COUNT = "designModule.enrollmentInfo.count"
_ROLES: tuple[tuple[OutcomeRole, str], ...] = (
    ("primary", "primaryOutcomes"),
    ("secondary", "secondaryOutcomes"),
    ("other", "otherOutcomes"),
)
Kind = Literal["actual", "estimated", ""]


def record_from_api(study: Mapping[str, Any], file: str) -> RegistryRecord:
    """Return the record of one study of the API's version 2.

    Parameters
    ----------
    study : mapping
        One study, with ``protocolSection``.
    file : str
        Name of the file, for messages.

    Raises
    ------
    CommandError
        If the mapping is of another version.
    """
    if not isinstance(study.get("protocolSection"), Mapping):
        raise CommandError(
            f"{file} is no record of the API's version 2: it has no protocolSection"
            f"{_older(study)}. Save the study again from the API's version 2 (format JSON)."
        )
    fields = JsonFields(study["protocolSection"])
    record = RegistryRecord(
        registry=NAME,
        **_identity(fields),
        **_design(fields),
        **_dates(fields),
        arms=tuple(_arm(one) for one in fields.objects("armsInterventionsModule.armGroups")),
        interventions=tuple(
            _intervention(one) for one in fields.objects("armsInterventionsModule.interventions")
        ),
        outcomes=tuple(
            _outcome(role, one)
            for role, name in _ROLES
            for one in fields.objects(f"outcomesModule.{name}")
        ),
        **_participants(fields),
        results_posted="resultsSection" in study,
    )
    odd = fields.value(_COUNT) not in (None, "") and record.enrolment is None
    return record.model_copy(update={"unread": (*fields.unread(), *((_COUNT,) if odd else ()))})


def _older(study: Mapping[str, Any]) -> str:
    if "FullStudy" in study or "FullStudiesResponse" in study or "ProtocolSection" in study:
        return ", it looks like the API's first version, which was switched off in 2024"
    return ""


def _identity(fields: JsonFields) -> dict[str, Any]:
    at = "identificationModule"
    secondary = (one.text("id") for one in fields.objects(f"{at}.secondaryIdInfos"))
    own = fields.text(f"{at}.orgStudyIdInfo.id")
    sponsor = "sponsorCollaboratorsModule"
    contacts = fields.objects("contactsLocationsModule.centralContacts")
    return {
        "id": fields.text(f"{at}.nctId"),
        "secondary_ids": tuple(one for one in (own, *secondary) if one),
        "public_title": fields.text(f"{at}.briefTitle"),
        "scientific_title": fields.text(f"{at}.officialTitle"),
        "acronym": fields.text(f"{at}.acronym"),
        "sponsor": fields.text(f"{sponsor}.leadSponsor.name"),
        "collaborators": tuple(
            one.text("name") for one in fields.objects(f"{sponsor}.collaborators")
        ),
        "contact": "; ".join(one.text("name") for one in contacts if one.text("name")),
        "summary": fields.text("descriptionModule.briefSummary"),
        "description": fields.text("descriptionModule.detailedDescription"),
        "conditions": fields.texts("conditionsModule.conditions"),
        "keywords": fields.texts("conditionsModule.keywords"),
    }


def _design(fields: JsonFields) -> dict[str, Any]:
    at = "designModule"
    models = (f"{at}.designInfo.interventionModel", f"{at}.designInfo.observationalModel")
    named = [fields.text(one) for one in models]
    return {
        "study_type": fields.text(f"{at}.studyType"),
        "phases": fields.texts(f"{at}.phases"),
        "allocation": fields.text(f"{at}.designInfo.allocation"),
        "model": next((one for one in named if one), ""),
        "purpose": fields.text(f"{at}.designInfo.primaryPurpose"),
        "masking": fields.text(f"{at}.designInfo.maskingInfo.masking"),
        "enrolment": count_of(fields.text(_COUNT)),
        "enrolment_kind": _kind(fields.text(f"{at}.enrollmentInfo.type")),
    }


def _dates(fields: JsonFields) -> dict[str, Any]:
    at = "statusModule"
    return {
        "status": fields.text(f"{at}.overallStatus"),
        "registered": fields.text(f"{at}.studyFirstSubmitDate"),
        "last_update": fields.text(f"{at}.lastUpdateSubmitDate"),
        "start": _date(fields, f"{at}.startDateStruct"),
        "primary_completion": _date(fields, f"{at}.primaryCompletionDateStruct"),
        "completion": _date(fields, f"{at}.completionDateStruct"),
    }


def _date(fields: JsonFields, path: str) -> RegisteredDate | None:
    day = fields.text(f"{path}.date")
    kind = _kind(fields.text(f"{path}.type"))
    return RegisteredDate(date=day, kind=kind) if day else None


def _kind(text: str) -> Kind:
    match text.upper():
        case "ACTUAL":
            return "actual"
        case "ESTIMATED" | "ANTICIPATED":
            return "estimated"
        case _:
            return ""


def _arm(one: JsonFields) -> RegisteredArm:
    return RegisteredArm(
        label=one.text("label") or "Unnamed arm",
        kind=one.text("type"),
        description=one.text("description"),
        interventions=one.texts("interventionNames"),
    )


def _intervention(one: JsonFields) -> Intervention:
    others = one.texts("otherNames")
    described = one.text("description")
    also = f"Also called {', '.join(others)}." if others else ""
    return Intervention(
        name=one.text("name") or "Unnamed intervention",
        kind=one.text("type"),
        description=" ".join(part for part in (described, also) if part),
    )


def _outcome(role: OutcomeRole, one: JsonFields) -> Outcome:
    return Outcome(
        role=role,
        measure=one.text("measure") or "Unnamed outcome",
        description=one.text("description"),
        time_frame=parse_time_frame(one.text("timeFrame")),
    )


def _participants(fields: JsonFields) -> dict[str, Any]:
    at = "eligibilityModule"
    healthy = fields.value(f"{at}.healthyVolunteers")
    places = fields.objects("contactsLocationsModule.locations")
    return {
        "eligibility": split_eligibility(fields.text(f"{at}.eligibilityCriteria")),
        "sex": fields.text(f"{at}.sex"),
        "minimum_age": fields.text(f"{at}.minimumAge"),
        "maximum_age": fields.text(f"{at}.maximumAge"),
        "healthy_volunteers": healthy if isinstance(healthy, bool) else None,
        "countries": tuple(
            dict.fromkeys(one.text("country") for one in places if one.text("country"))
        ),
        "data_sharing": fields.text("ipdSharingStatementModule.ipdSharing"),
    }
