"""A record as ClinicalTrials.gov's API, version 2, shapes it."""

from __future__ import annotations

from typing import Any

from hepatica.protocol.registry.record import (
    Criterion,
    Outcome,
    RegisteredArm,
    RegisteredDate,
    RegistryRecord,
)


def api_record(record: RegistryRecord) -> dict[str, Any]:
    """Return a record as a mapping that JSON can hold, without empty parts.

    Parameters
    ----------
    record : RegistryRecord
        What is known of the trial.

    Returns
    -------
    dict
        ``{"protocolSection": ...}``, as the API's version 2 gives a study.

    Examples
    --------
    >>> section = api_record(RegistryRecord(enrolment=28))["protocolSection"]
    >>> section["designModule"]
    {'enrollmentInfo': {'count': 28}}
    """
    own, *others = (*record.secondary_ids, "")
    section: dict[str, Any] = {
        "identificationModule": {
            "nctId": record.id,
            "orgStudyIdInfo": {"id": own},
            "secondaryIdInfos": [{"id": one} for one in others if one],
            "briefTitle": record.public_title,
            "officialTitle": record.scientific_title,
            "acronym": record.acronym,
        },
        "statusModule": {
            "overallStatus": record.status,
            "startDateStruct": _date(record.start),
            "primaryCompletionDateStruct": _date(record.primary_completion),
            "completionDateStruct": _date(record.completion),
            "studyFirstSubmitDate": record.registered,
            "lastUpdateSubmitDate": record.last_update,
        },
        "sponsorCollaboratorsModule": {
            "leadSponsor": {"name": record.sponsor},
            "collaborators": [{"name": one} for one in record.collaborators],
        },
        "descriptionModule": {
            "briefSummary": record.summary,
            "detailedDescription": record.description,
        },
        "conditionsModule": {
            "conditions": list(record.conditions),
            "keywords": list(record.keywords),
        },
        "designModule": _design(record),
        "armsInterventionsModule": {
            "armGroups": [_arm(one) for one in record.arms],
            "interventions": [
                {"type": one.kind, "name": one.name, "description": one.description}
                for one in record.interventions
            ],
        },
        "outcomesModule": {
            "primaryOutcomes": [_outcome(one) for one in record.of_role("primary")],
            "secondaryOutcomes": [_outcome(one) for one in record.of_role("secondary")],
            "otherOutcomes": [_outcome(one) for one in record.of_role("other")],
        },
        "eligibilityModule": {
            "eligibilityCriteria": eligibility_text(record.eligibility),
            "healthyVolunteers": record.healthy_volunteers,
            "sex": record.sex,
            "minimumAge": record.minimum_age,
            "maximumAge": record.maximum_age,
        },
        "contactsLocationsModule": {
            "centralContacts": [{"name": one} for one in record.contact.split("; ") if one],
            "locations": [{"country": one} for one in record.countries],
        },
        "ipdSharingStatementModule": {"ipdSharing": record.data_sharing},
    }
    return {"protocolSection": _filled(section)}


def eligibility_text(criteria: tuple[Criterion, ...]) -> str:
    """Return criteria as one text with heads and stars, as registries write it."""
    blocks = []
    for kind in ("", "inclusion", "exclusion"):
        items = [f"* {one.text}" for one in criteria if one.kind == kind]
        if items:
            head = [f"{kind.title()} Criteria:", ""] if kind else []
            blocks.append("\n".join([*head, *items]))
    return "\n\n".join(blocks)


def _design(record: RegistryRecord) -> dict[str, Any]:
    model = "observationalModel" if record.study_type == "OBSERVATIONAL" else "interventionModel"
    return {
        "studyType": record.study_type,
        "phases": list(record.phases),
        "designInfo": {
            "allocation": record.allocation,
            model: record.model,
            "primaryPurpose": record.purpose,
            "maskingInfo": {"masking": record.masking},
        },
        "enrollmentInfo": {"count": record.enrolment, "type": record.enrolment_kind.upper()},
    }


def _date(day: RegisteredDate | None) -> dict[str, str]:
    return {"date": day.date, "type": day.kind.upper()} if day else {}


def _arm(arm: RegisteredArm) -> dict[str, Any]:
    return {
        "label": arm.label,
        "type": arm.kind,
        "description": arm.description,
        "interventionNames": list(arm.interventions),
    }


def _outcome(one: Outcome) -> dict[str, str]:
    return {
        "measure": one.measure,
        "description": one.description,
        "timeFrame": one.time_frame.text,
    }


def _filled(value: Any) -> Any:
    """Return a value without empty texts, lists and mappings."""
    if isinstance(value, dict):
        parts = {name: _filled(one) for name, one in value.items()}
        return {name: one for name, one in parts.items() if one not in (None, "", [], {})}
    if isinstance(value, list):
        return [_filled(one) for one in value]
    return value
