"""AE: adverse events with grades, and what was done with the drug because of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from hepatica.protocol.analyses import AdverseEventsAnalysis
from hepatica.simulate.draw import NEVER, Truth, Whole, chance, iso, numbered, partly, words
from hepatica.simulate.people import STOP_REASONS
from hepatica.simulate.story import Story
from hepatica.stats.random_streams import stream


@dataclass(frozen=True, slots=True)
class _Term:
    """An adverse event: how many a treated half-year brings, and how its grades are spread."""

    name: str
    body: str
    events: float
    grades: tuple[float, float, float, float]


_TERMS = (
    _Term("Hypertension", "Vascular disorders", 0.5, (0.3, 0.4, 0.28, 0.02)),
    _Term("Fatigue", "General disorders", 0.55, (0.6, 0.32, 0.08, 0.0)),
    _Term(
        "Palmar-plantar erythrodysesthesia syndrome", "Skin disorders", 0.4, (0.5, 0.35, 0.15, 0.0)
    ),
    _Term("Diarrhea", "Gastrointestinal disorders", 0.5, (0.6, 0.3, 0.09, 0.01)),
    _Term("Anorexia", "Metabolism disorders", 0.35, (0.65, 0.3, 0.05, 0.0)),
    _Term("Nausea", "Gastrointestinal disorders", 0.25, (0.7, 0.27, 0.03, 0.0)),
    _Term("Proteinuria", "Renal disorders", 0.3, (0.45, 0.42, 0.13, 0.0)),
    _Term("Hypothyroidism", "Endocrine disorders", 0.2, (0.4, 0.58, 0.02, 0.0)),
    _Term("Aspartate aminotransferase increased", "Investigations", 0.3, (0.55, 0.25, 0.18, 0.02)),
    _Term("Blood bilirubin increased", "Investigations", 0.25, (0.45, 0.35, 0.17, 0.03)),
    _Term("Platelet count decreased", "Investigations", 0.28, (0.45, 0.35, 0.16, 0.04)),
    _Term("Abdominal pain", "Gastrointestinal disorders", 0.2, (0.55, 0.35, 0.1, 0.0)),
    _Term("Rash maculo-papular", "Skin disorders", 0.12, (0.6, 0.33, 0.07, 0.0)),
    _Term("Ascites", "Gastrointestinal disorders", 0.1, (0.3, 0.4, 0.25, 0.05)),
)
_FATAL = (
    ("Hepatic failure", "Hepatobiliary disorders"),
    ("Upper gastrointestinal hemorrhage", "Gastrointestinal disorders"),
    ("Sepsis", "Infections"),
)
_NAMES = (*(one.name for one in _TERMS), *(name for name, _ in _FATAL))
_BODIES = (*(one.body for one in _TERMS), *(body for _, body in _FATAL))
_SEVERITIES = ("MILD", "MODERATE", "SEVERE", "LIFE THREATENING", "FATAL")
_ACTIONS = (
    "DOSE NOT CHANGED",
    "DRUG INTERRUPTED",
    "DOSE REDUCED",
    "DRUG WITHDRAWN",
    "NOT APPLICABLE",
)
_OUTCOMES = ("RECOVERED/RESOLVED", "NOT RECOVERED/NOT RESOLVED", "FATAL")
_FOLLOW_UP_DAYS = 30
#: Terms that lead to a lower dose or the end of treatment: hypertension, skin, proteinuria, liver.
_LEADING = np.array([0, 2, 6, 8, 10])


@dataclass(frozen=True, slots=True)
class _Events:
    """Adverse events; an end of `NEVER` is not yet known."""

    owner: Whole
    term: Whole
    grade: Whole
    start: Whole
    end: Whole
    action: Whole
    fatal: Truth


def adverse_event_table(story: Story) -> pl.DataFrame:
    """Construct AE.

    Most events begin under treatment or up to 30 days after it, a few at screening. Each dose
    reduction and each end of treatment for an adverse event has its event, and a fatal event ends
    on the day of death.
    """
    rng = stream(story.seed, "AE")
    kinds = (_common(story, rng), _reducing(story, rng), _stopping(story, rng), _fatal(story, rng))
    owner, term, grade, start, end, action, fatal = (
        np.concatenate([getattr(kind, name) for kind in kinds]) for name in _Events.__slots__
    )
    # Nothing is known of the end of an event that outlasts the patient's last contact.
    end = np.where(end <= story.course.last_contact[owner], end, NEVER)
    order = np.lexsort((term, start, owner))
    return _table(
        story,
        _Events(
            owner[order],
            term[order],
            grade[order],
            start[order],
            end[order],
            action[order],
            fatal[order],
        ),
        rng,
    )


def _common(story: Story, rng: np.random.Generator) -> _Events:
    people, course = story.people, story.course
    enrolled = np.flatnonzero(people.enrolled)
    first = people.first_dose[enrolled]
    until = np.minimum(course.end[enrolled] + _FOLLOW_UP_DAYS, course.last_contact[enrolled])
    exposure = np.minimum(until - first + 1, 365)
    rates = np.array([one.events for one in _TERMS])
    counts = rng.poisson(exposure[:, None] / 180 * rates[None, :])
    place, term = np.divmod(np.repeat(np.arange(counts.size), counts.ravel()), len(_TERMS))
    owner = enrolled[place]
    n = len(owner)
    early = rng.random(n) < 0.02
    treated = first[place] + np.floor(rng.random(n) * exposure[place]).astype(np.int64)
    start = np.where(early, first[place] - 1, treated)
    bounds = np.cumsum([one.grades for one in _TERMS], axis=1)[term]
    grade = 1 + (rng.random(n)[:, None] >= bounds[:, :3]).sum(axis=1)
    action = np.where((grade >= 3) & ~early & (rng.random(n) < 0.4), 1, 0)
    action = np.where(early | (start > course.end[owner]), 4, action)
    end = start + np.floor(rng.lognormal(2.6, 0.8, size=n)).astype(np.int64)
    return _Events(owner, term, grade, start, end, action, np.zeros(n, dtype=bool))


def _reducing(story: Story, rng: np.random.Generator) -> _Events:
    """Return an event of grade 3 before each dose reduction."""
    rows = np.flatnonzero(story.doses.reduced)
    owner = story.doses.owner[rows]
    start = story.doses.start[rows] - rng.integers(2, 15, size=len(rows))
    start = np.maximum(start, story.people.first_dose[owner])
    return _leading(owner, start, 2, rng)


def _stopping(story: Story, rng: np.random.Generator) -> _Events:
    """Return an event of grade 3 before each end of treatment for an adverse event."""
    course = story.course
    stopped = course.ended & (course.reason == STOP_REASONS.index("ADVERSE EVENT"))
    owner = np.flatnonzero(stopped)
    start = course.end[owner] - rng.integers(0, 8, size=len(owner))
    return _leading(owner, np.maximum(start, story.people.first_dose[owner]), 3, rng)


def _leading(owner: Whole, start: Whole, action: int, rng: np.random.Generator) -> _Events:
    n = len(owner)
    term = _LEADING[rng.integers(0, len(_LEADING), size=n)]
    end = start + 1 + rng.integers(7, 40, size=n)
    return _Events(
        owner, term, np.full(n, 3), start, end, np.full(n, action), np.zeros(n, dtype=bool)
    )


def _fatal(story: Story, rng: np.random.Generator) -> _Events:
    course, people = story.course, story.people
    owner = np.flatnonzero(course.fatal_event)
    n = len(owner)
    death = course.death[owner]
    start = np.maximum(death - rng.integers(0, 10, size=n), people.first_dose[owner])
    term = len(_TERMS) + rng.integers(0, len(_FATAL), size=n)
    action = np.full(n, _ACTIONS.index("NOT APPLICABLE"))
    return _Events(owner, term, np.full(n, 5), start, death, action, np.ones(n, dtype=bool))


def _table(story: Story, events: _Events, rng: np.random.Generator) -> pl.DataFrame:
    n = len(events.owner)
    grade = events.grade
    serious = (grade >= 4) | ((grade == 3) & (rng.random(n) < 0.25))
    related = chance((0.4, 0.6), n, rng)
    outcome = np.select([events.fatal, events.end == NEVER], [2, 1], 0)
    share = story.options.partial_dates
    start, end = iso(events.start), iso(events.end)
    kept = pl.Series(events.fatal)
    name = words(_NAMES, events.term)
    frame = pl.DataFrame(
        {
            "USUBJID": story.people.names.gather(events.owner),
            "AESEQ": numbered(events.owner),
            "AETERM": name.str.to_uppercase(),
            "AEDECOD": name,
            "AEBODSYS": words(_BODIES, events.term),
            "AETOXGR": pl.Series(grade.astype(np.int64)),
            "AESEV": words(_SEVERITIES, grade - 1),
            "AESER": words(("N", "Y"), serious.astype(np.int64)),
            "AEREL": words(("NOT RELATED", "RELATED"), related),
            "AEACN": words(_ACTIONS, events.action),
            "AEOUT": words(_OUTCOMES, outcome),
            "AESDTH": words(("N", "Y"), events.fatal.astype(np.int64)),
            "AESTDTC": partly(start, share, rng),
            "AEENDTC": end.zip_with(kept, partly(end, share, rng)),
        }
    )
    return frame.with_columns(_of_protocol(story, frame))


def _of_protocol(story: Story, frame: pl.DataFrame) -> list[pl.Expr]:
    """Return the columns by which the protocol names events and their severity, if others."""
    plans = [one for one in story.protocol.analyses if isinstance(one, AdverseEventsAnalysis)]
    named = {one.term: pl.col("AEDECOD") for one in plans}
    named |= {one.severity.column: pl.col("AETOXGR") for one in plans}
    return [
        source.alias(name)
        for name, source in named.items()
        if name not in (*frame.columns, "ATOXGR")
    ]
