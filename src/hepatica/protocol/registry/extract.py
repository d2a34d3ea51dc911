"""Loose extracts of a registry: lines without heads, as copied from a page or a table."""

from __future__ import annotations

import re
from typing import Any

from hepatica.errors import CommandError
from hepatica.protocol.registry.outcome_cell import outcomes_of_cell
from hepatica.protocol.registry.record import (
    Intervention,
    Outcome,
    OutcomeRole,
    RegisteredArm,
    RegistryRecord,
    clean_text,
)

_DRUG = re.compile(
    r"^(drug|biological|procedure|device|radiation|behavioral|dietary supplement|genetic|"
    r"combination product|diagnostic test|other)\s*:\s*",
    re.IGNORECASE,
)
_SIZE = re.compile(
    r"\b(?:recruit|enrol|enroll|include|plan)\w*\s+(?:to\s+\w+\s+)?(?:a total of\s+|about\s+|"
    r"approximately\s+)?(\d{1,6})\s+(?:\w+\s+)?(?:patients|participants|subjects|cases)",
    re.IGNORECASE,
)
_PHASE = re.compile(r"\bphase\s+(1/2|2/3|i{1,3}v?|iv|[1-4])(?:\s*[ab])?\b", re.IGNORECASE)
_PHASES = {
    "i": ("PHASE1",), "1": ("PHASE1",), "ii": ("PHASE2",), "2": ("PHASE2",),
    "iii": ("PHASE3",), "3": ("PHASE3",), "iv": ("PHASE4",), "4": ("PHASE4",),
    "1/2": ("PHASE1", "PHASE2"), "2/3": ("PHASE2", "PHASE3"),
}  # fmt: skip
_COUNTRY = re.compile(r"\b(?:conducted|carried out|recruit\w*) in ((?:[A-Z][a-z]+ ?){1,3})")
_FEWEST_LINES = 3
_NUMBER = re.compile(r"\bNCT\d{8}\b")


def record_from_extract(text: str, file: str) -> RegistryRecord:
    """Return the record that lines without heads tell.

    Parameters
    ----------
    text : str
        Title, summary, condition, drugs (``DRUG: Anlotinib|DRUG: Lenvatinib``), primary outcomes,
        secondary outcomes (several between pipes), detailed description: one line each. The line
        of drugs is known by its words; what stands before and after it follows from it.
    file : str
        Its name, for messages.

    Returns
    -------
    RegistryRecord
        Size, phase, masking, arms and countries are read from the sentences; `inferred` says so.
        Lines that could not be placed are in `unread`.

    Raises
    ------
    CommandError
        If the lines name neither drugs nor outcomes with their time frames.
    """
    lines = [one for one in (clean_text(line) for line in text.splitlines()) if one]
    drugs = next((at for at, line in enumerate(lines) if _DRUG.match(line)), None)
    before = lines[1:drugs] if drugs is not None else lines[1:3]
    after = lines[drugs + 1 :] if drugs is not None else lines[3:]
    outcomes, rest = _outcomes(after)
    if len(lines) < _FEWEST_LINES or not (drugs or outcomes):
        raise CommandError(
            f"{file} is no registry record: neither JSON of the API's version 2, nor the site's "
            "CSV export, nor lines with title, summary, condition, drugs (DRUG: ...) and outcomes."
        )
    interventions = _interventions(lines[drugs]) if drugs is not None else ()
    prose = " ".join([*before[:-1], *rest])
    inferred, told = _told(prose, interventions)
    missing = [] if drugs is not None else [f"{file}: no line names the drugs (DRUG: ...)"]
    missing += [] if outcomes else [f"{file}: no line names outcomes with their time frames"]
    return RegistryRecord(
        id=next(iter(_NUMBER.findall(text)), ""),
        public_title=lines[0],
        summary=" ".join(before[:-1]),
        conditions=tuple(one.strip() for one in before[-1].split("|")) if before else (),
        interventions=interventions,
        outcomes=outcomes,
        description=" ".join(rest),
        inferred=tuple(inferred),
        unread=tuple(missing),
        **told,
    )


def _interventions(line: str) -> tuple[Intervention, ...]:
    found = []
    for part in line.split("|"):
        mark = _DRUG.match(part.strip())
        name = part.strip()[mark.end() :] if mark else part.strip()
        if not name:
            continue
        found.append(Intervention(name=name, kind=mark[1].upper() if mark else ""))
    return tuple(found)


def _outcomes(lines: list[str]) -> tuple[tuple[Outcome, ...], list[str]]:
    """Return the outcomes of the lines that hold some, primary first, and the other lines."""
    roles: list[OutcomeRole] = ["primary", "secondary", "other"]
    found: list[Outcome] = []
    rest: list[str] = []
    for line in lines:
        read = outcomes_of_cell(line, roles[0]) if roles and not rest else ()
        if read and any(one.time_frame.understood for one in read):
            found += read
            roles.pop(0)
        else:
            rest.append(line)
    return tuple(found), rest


def _told(prose: str, interventions: tuple[Intervention, ...]) -> tuple[list[str], dict[str, Any]]:
    """Return what sentences tell, and the list of it for a reader to confirm."""
    inferred: list[str] = []
    told: dict[str, Any] = {}
    if size := _SIZE.search(prose):
        told |= {"enrolment": int(size[1]), "enrolment_kind": "estimated"}
        inferred.append(f"{size[1]} participants, from “{size[0]}”")
    if phase := _PHASE.search(prose):
        told["phases"] = _PHASES.get(phase[1].lower(), ())
        inferred.append(f"{', '.join(told['phases'])}, from “{phase[0]}”")
    low = prose.lower()
    if re.search(r"\bsingle[- ]arm\b", low):
        names = tuple(one.name for one in interventions)
        told |= {"model": "SINGLE_GROUP", "allocation": "NA", "study_type": "INTERVENTIONAL"}
        if names:
            told["arms"] = (
                RegisteredArm(label=" and ".join(names), kind="EXPERIMENTAL", interventions=names),
            )
        inferred.append("one group, from “single arm”")
    if re.search(r"\bopen[- ]label\b", low):
        told["masking"] = "NONE"
        inferred.append("no masking, from “open-label”")
    if re.search(r"\brandomi[sz]ed\b", low):
        told["allocation"] = "RANDOMIZED"
        inferred.append("random allocation, from “randomised”")
    if country := _COUNTRY.search(prose):
        told["countries"] = (country[1].strip(),)
        inferred.append(f"{country[1].strip()}, from “{country[0].strip()}”")
    return inferred, told
