"""AE: adverse events whose numbers of patients, of any grade and severe, are the printed ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from hepatica.errors import CommandError
from hepatica.simulate.draw import NEVER, iso, numbered
from hepatica.simulate.rebuild.context import Rebuild
from hepatica.simulate.rebuild.event_dealing import (
    FATAL,
    SEVERE,
    DealtEvent,
    Lead,
    PrintedEvent,
    deal_events,
    milder,
)
from hepatica.simulate.rebuild.printed import analysis_of
from hepatica.simulate.rebuild.time_line import TimeLine, time_lines
from hepatica.simulate.story import END_REASONS, Story

_FOLLOW_UP_DAYS = 30
_AGAIN = 0.22
_RELATED = (("PROBABLY RELATED", 0.45), ("POSSIBLY RELATED", 0.35), ("NOT RELATED", 0.2))
_SEVERITIES = ("MILD", "MODERATE", "SEVERE", "LIFE THREATENING", "FATAL")
_RECOVERED, _OPEN, _DIED = "RECOVERED/RESOLVED", "NOT RECOVERED/NOT RESOLVED", "FATAL"
_REDUCED, _WITHDRAWN, _INTERRUPTED = "DOSE REDUCED", "DRUG WITHDRAWN", "DRUG INTERRUPTED"


@dataclass(frozen=True, slots=True)
class _Record:
    """A dealt event with its days; an end of `NEVER` is not known."""

    event: DealtEvent
    start: int
    end: int


def event_table(rebuild: Rebuild, story: Story | None = None) -> pl.DataFrame:
    """Construct AE.

    Parameters
    ----------
    rebuild : Rebuild
        Printed numbers of patients with each event, what was chosen of them, and the courses.
    story : Story, optional
        Doses and ends of treatment; each reduction, and each end for an adverse event, then has
        the event that led to it.

    Returns
    -------
    DataFrame
        One record or more for each patient and event, sorted by subject and start. The worst
        grade of a patient and event is what is counted; a further record is milder.

    Raises
    ------
    CommandError
        If too little is printed.
    InputError
        If the printed counts leave no room for what was chosen.
    """
    rng = rebuild.rng("AE")
    every = time_lines(rebuild, _follow_up(rebuild))
    leads = _leads(every, story) if story is not None else []
    owners: list[int] = []
    rows: list[dict[str, object]] = []
    for arm in rebuild.protocol.arms:
        members = [place for place, one in enumerate(every) if one.arm == arm.id]
        if not members:
            continue
        for record in _records(rebuild, [every[place] for place in members], arm.id, leads, rng):
            owners.append(members[record.event.patient])
            rows.append(_row(rebuild, every[owners[-1]], record, rng))
    return _sorted(owners, rows)


def _follow_up(rebuild: Rebuild) -> int:
    plan = rebuild.protocol.adverse_events
    days = plan.follow_up_days if plan is not None else None
    return _FOLLOW_UP_DAYS if days is None else days


def _printed(rebuild: Rebuild, arm: str) -> list[PrintedEvent]:
    """Return the events of an arm; where nothing is printed nobody had the event."""
    analysis = analysis_of(rebuild, "adverse_events")

    def number(variable: str, name: str) -> int:
        found = rebuild.published.get(
            analysis=analysis, level=arm, variable=variable, variable_level=name, statistic="n"
        )
        return 0 if found is None or found.value is None else round(found.value)

    printed = rebuild.published.where(analysis=analysis, variable="any", level=arm, statistic="n")
    names = [str(one.column("variable_level")) for one in printed]
    events = [
        PrintedEvent(name, number("any", name), number("severe", name)) for name in names if name
    ]
    if not events:
        raise CommandError(f"published.yaml prints no adverse events of {arm}. Add them.")
    return events


def _leads(every: list[TimeLine], story: Story) -> list[tuple[str, Lead]]:
    """Return reductions and ends of treatment with the name of their patient."""
    names = story.people.names.to_list()
    known = {one.name for one in every}
    found = [
        (names[owner], Lead(0, int(day), _REDUCED))
        for owner, day in zip(
            story.doses.owner[story.doses.reduced],
            story.doses.start[story.doses.reduced],
            strict=True,
        )
    ]
    stopped = story.course.ended & (story.course.reason == END_REASONS.index("ADVERSE EVENT"))
    found += [
        (names[owner], Lead(0, int(story.course.end[owner]), _WITHDRAWN))
        for owner in np.flatnonzero(stopped)
    ]
    return [one for one in found if one[0] in known]


def _records(
    rebuild: Rebuild,
    members: list[TimeLine],
    arm: str,
    leads: list[tuple[str, Lead]],
    rng: np.random.Generator,
) -> Iterator[_Record]:
    label = next(one.label for one in rebuild.protocol.arms if one.id == arm)
    names = [one.name for one in members]
    chosen = rebuild.construction.events
    dealt = deal_events(
        _printed(rebuild, label),
        [one for one in chosen.serious if one.arm == arm],
        [Lead(names.index(name), one.day, one.action) for name, one in leads if name in names],
        chosen,
        [one.last - one.first + 1 for one in members],
        rng,
        fatal=_dies_of_an_event(members),
    )
    for event in dealt:
        yield from _dated(event, members[event.patient], rng)


def _dies_of_an_event(members: list[TimeLine]) -> int | None:
    """Return who dies without progression within the follow-up, soonest after the last dose."""
    able = [
        (one.death - one.last, place)
        for place, one in enumerate(members)
        if one.without_progression and one.death <= one.until
    ]
    return min(able)[1] if able else None


def _dated(event: DealtEvent, patient: TimeLine, rng: np.random.Generator) -> Iterator[_Record]:
    if event.grade == FATAL:
        yield _Record(event, patient.death, patient.death)
        return
    alive = min(patient.until, patient.death - 1)
    low, high = patient.first, max(alive, patient.first)
    if event.lead is not None:
        high = min(max(event.lead.day - 1, low), patient.last, high)
        low = max(low, high - 9)
    start = low + int((high - low + 1) * rng.random() ** 1.4)
    end = start + 1 + int(rng.lognormal(2.7, 0.9))
    known = end <= min(patient.contact, patient.death - 1)
    yield _Record(event, start, end if known else NEVER)
    again = end + 1 + int(rng.integers(3, 60))
    if rng.random() < _AGAIN and again <= alive:
        grade = min(int(rng.integers(1, 3)), event.grade)
        last = again + 1 + int(rng.lognormal(2.2, 0.7))
        known = last <= min(patient.contact, patient.death - 1)
        yield _Record(milder(event, grade), again, last if known else NEVER)


def _row(
    rebuild: Rebuild, patient: TimeLine, record: _Record, rng: np.random.Generator
) -> dict[str, object]:
    event, chosen = record.event, rebuild.construction
    written = chosen.events.written.get(event.name, (event.name,))
    text = written[int(rng.integers(len(written)))]
    related = str(rng.choice([word for word, _ in _RELATED], p=[share for _, share in _RELATED]))
    interrupted = bool(rng.random() < 0.5)
    serious = event.serious
    if serious is not None:
        text = serious.text or event.name
        related = "PROBABLY RELATED" if serious.related else "NOT RELATED"
    died = event.grade == FATAL
    if event.lead is not None:
        related = "PROBABLY RELATED"
    return {
        "USUBJID": patient.name,
        "AETERM": text,
        "AEDECOD": chosen.terms.get(event.name, event.name),
        "AEBODSYS": chosen.systems.get(event.name),
        "AETOXGR": event.grade,
        "AESEV": _SEVERITIES[event.grade - 1],
        "AESER": "Y" if serious is not None else "N",
        "AEREL": related,
        "AEACN": _action(record, patient, interrupted=interrupted),
        "AEOUT": _DIED if died else (_OPEN if record.end == NEVER else _RECOVERED),
        "AESDTH": "Y" if died else "N",
        "start": record.start,
        "end": record.end,
    }


def _action(record: _Record, patient: TimeLine, *, interrupted: bool) -> str:
    if record.event.lead is not None:
        return record.event.lead.action
    if record.start > patient.last or record.event.grade == FATAL:
        return "NOT APPLICABLE"
    severe = record.event.grade >= SEVERE
    return _INTERRUPTED if severe and interrupted else "DOSE NOT CHANGED"


def _sorted(owners: list[int], rows: list[dict[str, object]]) -> pl.DataFrame:
    frame = pl.DataFrame(rows, infer_schema_length=None).with_columns(owner=pl.Series(owners))
    frame = frame.sort("owner", "start", "AEDECOD", "AETOXGR", maintain_order=True)
    sequence = pl.Series("AESEQ", numbered(frame.get_column("owner").to_numpy()))
    start = iso(frame.get_column("start").to_numpy()).alias("AESTDTC")
    end = iso(frame.get_column("end").to_numpy()).alias("AEENDTC")
    frame = frame.drop("owner", "start", "end").insert_column(1, sequence)
    return frame.with_columns(start, end)
