"""A registry record as one frozen value, whatever file it came from."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field

from hepatica.protocol.base import Frozen, Text
from hepatica.protocol.registry.time_frame import TimeFrame

#: Signs that no text has: control characters, halves of characters, ends of line of other systems.
_NO_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_BLANK = re.compile("[\t\u2028\u2029]")

OutcomeRole = Literal["primary", "secondary", "other"]


def clean_text(text: str) -> str:
    """Return a text without signs that no text has; tabs become blanks.

    Examples
    --------
    >>> clean_text("A" + chr(9) + "B" + chr(0) + chr(27))
    'A B'
    """
    return _NO_TEXT.sub("", _BLANK.sub(" ", text.replace("\r\n", "\n"))).strip()


def count_of(text: str) -> int | None:
    """Return a number of participants; ``None`` where the words are none.

    Examples
    --------
    >>> count_of("1,200"), count_of("28.0"), count_of("-5"), count_of("many")
    (1200, 28, None, None)
    """
    found = re.fullmatch(r"([0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,9})(?:\.0*)?", text.strip())
    return int(found[1].replace(",", "")) if found else None


class RegisteredDate(Frozen):
    """A day, or a month, as registered; planned or as it happened."""

    date: Text
    kind: Literal["actual", "estimated", ""] = ""


class RegisteredArm(Frozen):
    """An arm with the drugs and procedures given in it."""

    label: Text
    kind: str = ""
    description: str = ""
    interventions: tuple[str, ...] = ()


class Intervention(Frozen):
    """A drug, procedure or other thing that is studied."""

    name: Text
    kind: str = ""
    description: str = ""


class Outcome(Frozen):
    """What is measured, and when.

    Attributes
    ----------
    role : {"primary", "secondary", "other"}
        Its role in the registered plan.
    measure, description : str
        As registered.
    time_frame : TimeFrame
        The words, and what could be read from them.
    """

    role: OutcomeRole
    measure: Text
    description: str = ""
    time_frame: TimeFrame = TimeFrame(text="")


class Criterion(Frozen):
    """One sentence of the registered eligibility; ``kind`` is empty where no head says it."""

    kind: Literal["inclusion", "exclusion", ""]
    text: Text


class RegistryRecord(Frozen):
    """A trial as a registry holds it.

    Attributes
    ----------
    registry, id : str
        Name of the registry and number in it; empty where the file does not tell them.
    enrolment : int, optional
        Number of participants; ``enrolment_kind`` says whether planned or actual.
    eligibility : tuple of Criterion
        Criteria one by one.
    minimum_age, maximum_age : str
        As registered, for example ``18 Years``.
    inferred : tuple of str
        What was read from sentences and not from a field, for a reader to confirm.
    unread : tuple of str
        Parts of the file that this record has no place for; they are listed, not dropped.
    """

    registry: str = ""
    id: str = ""
    secondary_ids: tuple[str, ...] = ()
    public_title: str = ""
    scientific_title: str = ""
    acronym: str = ""
    sponsor: str = ""
    collaborators: tuple[str, ...] = ()
    contact: str = ""
    summary: str = ""
    description: str = ""
    conditions: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    study_type: str = ""
    phases: tuple[str, ...] = ()
    allocation: str = ""
    model: str = ""
    purpose: str = ""
    masking: str = ""
    status: str = ""
    registered: str = ""
    last_update: str = ""
    start: RegisteredDate | None = None
    primary_completion: RegisteredDate | None = None
    completion: RegisteredDate | None = None
    enrolment: int | None = Field(default=None, ge=0)
    enrolment_kind: Literal["actual", "estimated", ""] = ""
    arms: tuple[RegisteredArm, ...] = ()
    interventions: tuple[Intervention, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    eligibility: tuple[Criterion, ...] = ()
    sex: str = ""
    minimum_age: str = ""
    maximum_age: str = ""
    healthy_volunteers: bool | None = None
    countries: tuple[str, ...] = ()
    ethics: str = ""
    data_sharing: str = ""
    results_posted: bool = False
    inferred: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()

    def of_role(self, role: OutcomeRole) -> tuple[Outcome, ...]:
        """Return the outcomes of one role, in the order of the record."""
        return tuple(one for one in self.outcomes if one.role == role)
