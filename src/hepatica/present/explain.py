"""One patient's path through a study: doses, lesions, responses and times, each with its reason.

Recorded values of the patient are shown on purpose; nothing of this enters result rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from hepatica.present.wording import status_line
from hepatica.protocol.endpoints import TimeToEvent
from hepatica.protocol.model import Protocol

_PARTS = {"TRG": "target lesions", "NTRG": "non-target lesions", "NEWL": "new lesion"}
_VISIT_PARAMETERS = ("OVR", *_PARTS)
_TOLD_BEFORE = ("DEATH",)  # stands among the facts
_FACTS = (
    ("RANDDT", "Randomised"),
    ("TRTSDT", "First dose"),
    ("TRTEDT", "Last dose"),
    ("TRTDURD", "Days on treatment"),
    ("EOTSTT", "Treatment"),
    ("DCTREAS", "Treatment ended by"),
    ("EOSSTT", "Study"),
    ("EOSDT", "Study ended on"),
    ("DCSREAS", "Study ended by"),
    ("DTHDT", "Died"),
    ("DTHDTF", "Imputed part of it"),
    ("LSTALVDT", "Last known alive"),
    ("SCRFREAS", "Screening failed by"),
)

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LesionSize:
    """A target lesion at a visit; ``mm`` is ``None`` when it was not measured."""

    lesion: str
    mm: float | None


@dataclass(frozen=True, slots=True)
class Visit:
    """What one visit showed, and the response that followed.

    Attributes
    ----------
    sum_mm, base_mm, nadir_mm : float or None
        Sum of the target lesions, at baseline, and the lowest before this visit.
    change_percent, change_from_nadir_percent : float or None
        Change of the sum.
    parts : tuple of (str, str)
        Responses of target and non-target lesions, and new lesions.
    response, rule : str
        Overall response, and the sentence of the rule that gave it; empty when not known.
    """

    name: str
    day: date | None
    study_day: int | None
    lesions: tuple[LesionSize, ...] = ()
    sum_mm: float | None = None
    base_mm: float | None = None
    nadir_mm: float | None = None
    change_percent: float | None = None
    change_from_nadir_percent: float | None = None
    parts: tuple[tuple[str, str], ...] = ()
    response: str = ""
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A parameter of response over all visits, for example the best one."""

    parameter: str
    label: str
    value: str
    day: date | None
    rule: str


@dataclass(frozen=True, slots=True)
class TimeTold:
    """A time to event: from when to when, and why it ended.

    Attributes
    ----------
    event : bool or None
        Whether it ended with the event; ``None`` when the time is not known.
    reason : str
        Event or reason for censoring, as the dataset holds it.
    rule : str
        Sentence of the rule in the protocol; empty when no rule says so.
    source : str
        The record that the date comes from.
    entry : date or None
        From when the patient is at risk, where the endpoint has delayed entry.
    entered : str
        What that day is called.
    """

    parameter: str
    label: str
    origin: str
    start: date | None
    end: date | None
    days: float | None
    event: bool | None
    reason: str
    rule: str
    source: str
    entry: date | None = None
    entered: str = ""


@dataclass(frozen=True, slots=True)
class PatientPath:
    """Everything that the analysis datasets say of one patient, in order."""

    study: str
    status: str
    subject: str
    arm: str
    facts: tuple[tuple[str, str], ...]
    visits: tuple[Visit, ...]
    verdicts: tuple[Verdict, ...]
    times: tuple[TimeTold, ...]


def patient_path(
    protocol: Protocol, datasets: Mapping[str, pl.DataFrame], subject: str
) -> PatientPath:
    """Gather what the datasets say of one subject.

    Parameters
    ----------
    protocol : Protocol
        Sentences of the rules.
    datasets : mapping of str to polars.DataFrame
        Analysis datasets, derived or as collected; what is not there is left out.
    subject : str
        USUBJID; it has a row in ADSL.

    Returns
    -------
    PatientPath
        The visits in the order of time.
    """
    rows = {
        name: frame.filter(pl.col("USUBJID").cast(pl.String) == subject).to_dicts()
        for name, frame in datasets.items()
    }
    adsl = rows["ADSL"][0]
    adrs = rows.get("ADRS", [])
    return PatientPath(
        study=protocol.study.id,
        status=status_line(protocol),
        subject=subject,
        arm=_arm(adsl),
        facts=tuple(
            (label, _text(adsl[name])) for name, label in _FACTS if adsl.get(name) is not None
        ),
        visits=tuple(_visits(rows.get("ADTR", []), adrs, _day(adsl.get("TRTSDT")))),
        verdicts=tuple(_verdicts(adrs)),
        times=tuple(_time(protocol, row) for row in rows.get("ADTTE", [])),
    )


def _arm(adsl: Row) -> str:
    planned, received = adsl.get("TRT01P"), adsl.get("TRT01A")
    if planned is None or received is None or planned == received:
        return _text(received if planned is None else planned)
    return f"{_text(planned)}; received {_text(received)}"


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.isoformat()[:10] if isinstance(value, date) else str(value)


def _day(value: object) -> date | None:
    return value if isinstance(value, date) else None


def _study_day(day: date | None, first_dose: date | None) -> int | None:
    """Return the study day: the first dose is day 1, the day before it day -1."""
    if day is None or first_dose is None:
        return None
    apart = (day - first_dose).days
    return apart + 1 if apart >= 0 else apart


def _visits(adtr: Sequence[Row], adrs: Sequence[Row], first_dose: date | None) -> Iterator[Visit]:
    grouped: dict[tuple[Any, ...], list[Row]] = {}
    seen = [*adtr, *(row for row in adrs if row.get("PARAMCD") in _VISIT_PARAMETERS)]
    for row in seen:
        grouped.setdefault(_visit_key(row), []).append(row)
    visits = [_visit(rows, first_dose) for rows in grouped.values()]
    yield from sorted(visits, key=lambda one: (one.day or date.max, one.name))


def _visit_key(row: Row) -> tuple[Any, ...]:
    named = (row.get("AVISITN"), row.get("AVISIT"))
    return named if any(one is not None for one in named) else (row.get("ADT"),)


def _visit(rows: list[Row], first_dose: date | None) -> Visit:
    by_parameter = {str(row["PARAMCD"]): row for row in rows}
    total = by_parameter.get("SDIAM", {})
    overall = by_parameter.get("OVR", {})
    days = [day for row in (overall, total, *rows) if (day := _day(row.get("ADT")))]
    day = days[0] if days else None
    lesions = [row for row in rows if str(row["PARAMCD"]).startswith("LDIAM")]
    return Visit(
        name=_text(rows[0].get("AVISIT")) or "Visit",
        day=day,
        study_day=_study_day(day, first_dose),
        lesions=tuple(
            LesionSize(_text(row.get("TRLNKID")) or str(row["PARAMCD"]), row.get("AVAL"))
            for row in lesions
        ),
        sum_mm=total.get("AVAL"),
        base_mm=total.get("BASE"),
        nadir_mm=total.get("NADIR"),
        change_percent=total.get("PCHG"),
        change_from_nadir_percent=total.get("PCHGNAD"),
        parts=tuple(
            (label, _text(by_parameter[code].get("AVALC")))
            for code, label in _PARTS.items()
            if code in by_parameter
        ),
        response=_text(overall.get("AVALC")),
        rule=_text(overall.get("RULE")),
    )


def _verdicts(adrs: Sequence[Row]) -> Iterator[Verdict]:
    for row in adrs:
        if row.get("PARAMCD") not in (*_VISIT_PARAMETERS, *_TOLD_BEFORE):
            yield Verdict(
                parameter=_text(row.get("PARAMCD")),
                label=_text(row.get("PARAM")) or _text(row.get("PARAMCD")),
                value=_text(row.get("AVALC")),
                day=_day(row.get("ADT")),
                rule=_text(row.get("RULE")),
            )


def _time(protocol: Protocol, row: Row) -> TimeTold:
    endpoint = next(
        (
            one
            for one in protocol.endpoints
            if isinstance(one, TimeToEvent) and one.parameter == row["PARAMCD"]
        ),
        None,
    )
    cnsr = row.get("CNSR")
    event = None if cnsr is None else int(cnsr) == 0
    reason = _text(row.get("EVNTDESC") if event else row.get("CNSDTDSC") or row.get("EVNTDESC"))
    return TimeTold(
        parameter=str(row["PARAMCD"]),
        label=endpoint.label if endpoint is not None else _text(row.get("PARAM")),
        origin=endpoint.origin.label if endpoint is not None else "",
        start=_day(row.get("STARTDT")),
        end=_day(row.get("ADT")),
        days=row.get("AVAL"),
        event=event,
        reason=reason,
        rule=_sentence(endpoint, event=bool(event), reason=reason),
        source=_source(row),
        entry=_day(row.get("ENTRYDT")),
        entered=endpoint.entry.label if endpoint is not None and endpoint.entry else "",
    )


def _sentence(endpoint: TimeToEvent | None, *, event: bool, reason: str) -> str:
    """Return the sentence of the rule whose description the dataset holds."""
    if endpoint is None:
        return ""
    rules = endpoint.events if event else endpoint.censoring
    fitting = [rule for rule in rules if reason.startswith(rule.description)]
    return max(fitting, key=lambda rule: len(rule.description)).sentence if fitting else ""


def _source(row: Row) -> str:
    domain, variable = _text(row.get("SRCDOM")), _text(row.get("SRCVAR"))
    sequence = _text(row.get("SRCSEQ"))
    if not domain:
        return ""
    return (
        f"{domain}{f' record {sequence}' if sequence else ''}{f', {variable}' if variable else ''}"
    )
