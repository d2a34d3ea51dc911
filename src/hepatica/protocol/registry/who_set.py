"""The minimum set of registration data of the World Health Organization.

Source: WHO Trial Registration Data Set; the twenty items of version 1.0, and the four that version
1.3 added (https://www.who.int/clinical-trials-registry-platform).
"""

from __future__ import annotations

from dataclasses import dataclass

from hepatica.protocol.registry.api_record import eligibility_text
from hepatica.protocol.registry.record import Outcome, RegisteredDate, RegistryRecord


@dataclass(frozen=True, slots=True)
class RegistrationItem:
    """One item of the set; ``value`` is empty where the record does not tell it."""

    number: int
    name: str
    value: str


def who_items(record: RegistryRecord) -> tuple[RegistrationItem, ...]:
    """Return the items of the set, 1 to 24 (the first twenty are those of version 1.0).

    Parameters
    ----------
    record : RegistryRecord
        What is known of the trial.

    Examples
    --------
    >>> items = who_items(RegistryRecord(public_title="A trial", enrolment=28))
    >>> len(items), items[8].value, items[16].value
    (24, 'A trial', '28')
    """
    values = (
        ("Primary registry and trial identifying number", _joined(record.registry, record.id)),
        ("Date of registration in primary registry", record.registered),
        ("Secondary identifying numbers", "; ".join(record.secondary_ids)),
        ("Sources of monetary or material support", record.sponsor),
        ("Primary sponsor", record.sponsor),
        ("Secondary sponsors", "; ".join(record.collaborators)),
        ("Contact for public queries", record.contact),
        ("Contact for scientific queries", record.contact),
        ("Public title", record.public_title),
        ("Scientific title", record.scientific_title),
        ("Countries of recruitment", "; ".join(record.countries)),
        ("Health conditions or problems studied", "; ".join(record.conditions)),
        ("Interventions", "; ".join(_arm_lines(record))),
        ("Key inclusion and exclusion criteria", _participants(record)),
        ("Study type", _study_type(record)),
        ("Date of first enrolment", _date(record.start)),
        ("Target sample size", "" if record.enrolment is None else str(record.enrolment)),
        ("Recruitment status", record.status),
        ("Primary outcomes", _outcomes(record.of_role("primary"))),
        ("Key secondary outcomes", _outcomes(record.of_role("secondary"))),
        ("Ethics review", record.ethics),
        ("Completion date", _date(record.completion)),
        ("Summary results", "posted" if record.results_posted else ""),
        ("Statement on sharing individual data", record.data_sharing),
    )
    return tuple(
        RegistrationItem(number, name, value)
        for number, (name, value) in enumerate(values, start=1)
    )


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _arm_lines(record: RegistryRecord) -> list[str]:
    details = {one.name: one.description for one in record.interventions}
    arms = [
        _joined(
            f"{arm.label}:",
            ", ".join(_joined(one, f"({details[one]})" if details.get(one) else "")
                      for one in arm.interventions) or arm.description or "no intervention",
        )
        for arm in record.arms
    ]  # fmt: skip
    return arms or [_joined(one.name, one.description) for one in record.interventions]


def _participants(record: RegistryRecord) -> str:
    lines = [eligibility_text(record.eligibility)]
    ages = [one for one in (record.minimum_age, record.maximum_age) if one]
    lines += [f"Age: {' to '.join(ages)}"] if ages else []
    lines += [f"Sex: {record.sex.lower()}"] if record.sex else []
    return "\n".join(line for line in lines if line)


def _study_type(record: RegistryRecord) -> str:
    parts = (
        record.study_type,
        *record.phases,
        record.allocation,
        record.model,
        f"masking {record.masking}" if record.masking else "",
        record.purpose,
    )
    return "; ".join(part.replace("_", " ").lower() for part in parts if part)


def _date(day: RegisteredDate | None) -> str:
    return _joined(day.date, f"({day.kind})" if day.kind else "") if day else ""


def _outcomes(outcomes: tuple[Outcome, ...]) -> str:
    return "; ".join(
        _joined(one.measure, f"[{one.time_frame.text}]" if one.time_frame.text else "")
        for one in outcomes
    )
