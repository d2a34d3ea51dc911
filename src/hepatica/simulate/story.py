"""One consistent story for each constructed patient, from consent to the last contact."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hepatica.protocol.model import Assessments, Protocol
from hepatica.simulate.draw import NEVER, Truth, Whole
from hepatica.simulate.lesions import Lesions, draw_lesions
from hepatica.simulate.people import STOP_REASONS, Fate, People, draw_fate, draw_people
from hepatica.simulate.plan import Collected, completed
from hepatica.simulate.scans import Scans, follow
from hepatica.simulate.treatment import Doses, draw_doses
from hepatica.stats.random_streams import stream

#: Why treatment ended; the last is still on treatment.
END_REASONS = (*STOP_REASONS, "PROGRESSIVE DISEASE", "DEATH", "LOST TO FOLLOW-UP")
_PROGRESSION, _DEATH, _LOST = 3, 4, 5


@dataclass(frozen=True, slots=True)
class Course:
    """What is recorded of each patient's course; days are day numbers, `NEVER` for none.

    Attributes
    ----------
    progression : array of int
        Day of the first scan that shows progression.
    end : array of int
        Last day on which treatment was given or could have been given.
    ended : array of bool
        Whether treatment ended, rather than being cut off.
    reason : array of int
        Position in `END_REASONS`.
    new_therapy : array of int
        First day of another anticancer therapy.
    death : array of int
        Day of a death that became known.
    last_contact : array of int
        Last day on which anything is known.
    left : array of bool
        Whether the patient left the study alive.
    fatal_event : array of bool
        Whether an adverse event caused the death.
    """

    progression: Whole
    end: Whole
    ended: Truth
    reason: Whole
    new_therapy: Whole
    death: Whole
    last_contact: Whole
    left: Truth
    fatal_event: Truth


@dataclass(frozen=True, slots=True)
class Story:
    """Everything that the tables tell.

    Attributes
    ----------
    protocol : Protocol
        With cut-off and assessments filled in.
    lesions, scans : optional
        ``None`` where the protocol has nothing that comes from tumour assessments.
    """

    protocol: Protocol
    options: Collected
    people: People
    fate: Fate
    course: Course
    doses: Doses
    lesions: Lesions | None
    scans: Scans | None

    @property
    def seed(self) -> int:
        """Seed of every stream."""
        return self.protocol.seed

    @property
    def plan(self) -> Assessments | None:
        """The tumour assessments."""
        return self.protocol.assessments


def tell_story(protocol: Protocol, patients: int, options: Collected) -> Story:
    """Draw the story of each patient.

    Parameters
    ----------
    protocol : Protocol
        Arms, treatments, assessments, cut-off and seed; what it leaves open is filled in by
        `completed`.
    patients : int
        Number of subjects, at least 1.
    options : Collected
        How the tables are constructed.

    Returns
    -------
    Story
        The same for the same protocol, number and options.
    """
    protocol = completed(protocol)
    people = draw_people(protocol, patients, options)
    fate = draw_fate(protocol, people)
    lesions, scans, progression = None, None, np.full(people.n, NEVER)
    if protocol.assessments is not None:
        lesions = draw_lesions(protocol, protocol.assessments, people)
        scans, progression = follow(protocol, protocol.assessments, people, fate, lesions)
    course = _course(protocol, people, fate, progression)
    doses = draw_doses(protocol, people, course.end)
    return Story(protocol, options, people, fate, course, doses, lesions, scans)


def _course(protocol: Protocol, people: People, fate: Fate, progression: Whole) -> Course:
    rng = stream(protocol.seed, "COURSE")
    horizon = people.horizon
    known_until = np.minimum(fate.leave, horizon)
    death = np.where(people.enrolled & (fate.death <= known_until), fate.death, NEVER)
    seen = np.minimum(progression + rng.integers(0, 4, size=people.n), NEVER)
    reason = np.select(
        [
            progression <= np.minimum(fate.stop, fate.leave),
            fate.stop < np.minimum(fate.death, fate.leave + (fate.stop_reason == 2)),
            fate.death <= fate.leave,
        ],
        [_PROGRESSION, fate.stop_reason, _DEATH],
        _LOST,
    )
    planned = np.select(
        [reason == _PROGRESSION, reason < _PROGRESSION, reason == _DEATH],
        [seen, fate.stop, fate.death - 1],
        fate.leave,
    )
    last = np.minimum(np.minimum(fate.death - 1, known_until), horizon)
    end = np.where(people.enrolled, np.minimum(planned, last), NEVER)
    ended = people.enrolled & (np.where(reason == _DEATH, fate.death, planned) <= known_until)
    ended |= (reason == _PROGRESSION) & (progression <= horizon)
    began = np.minimum(end + fate.gap, NEVER)
    again = ended & (reason != _LOST) & (reason != 2) & (began <= last)
    near = (fate.death - end <= 30) & (rng.random(people.n) < 0.35)
    return Course(
        progression=progression,
        end=end,
        ended=ended,
        reason=reason,
        new_therapy=np.where(again, began, NEVER),
        death=death,
        last_contact=np.where(people.enrolled, np.minimum(death, known_until), people.consent + 2),
        left=people.enrolled & (fate.leave <= horizon) & (fate.leave < fate.death),
        fatal_event=near & (death < NEVER),
    )
