"""Which patient has which adverse event, at which worst grade, so that printed counts hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from hepatica.errors import InputError
from hepatica.simulate.rebuild.construction import Events, SeriousEvent

SEVERE, FATAL = 3, 5
_MODERATE = 2
#: Share of grade 1 among events below grade 3.
_MILD = 0.62


@dataclass(frozen=True, slots=True)
class PrintedEvent:
    """An event with the printed numbers of patients of an arm: of any grade, and severe."""

    name: str
    patients: int
    severe: int


@dataclass(frozen=True, slots=True)
class Lead:
    """Something done with the drug on a day because of an adverse event of a patient."""

    patient: int
    day: int
    action: str


@dataclass(frozen=True, slots=True)
class DealtEvent:
    """An event of a patient at its worst grade, and what it led to."""

    name: str
    patient: int
    grade: int
    serious: SeriousEvent | None = None
    lead: Lead | None = None


@dataclass(slots=True)
class _Arm:
    """The events of an arm while they are dealt: by name, then patient."""

    printed: dict[str, PrintedEvent]
    weights: np.ndarray[tuple[int], np.dtype[np.float64]]
    rng: np.random.Generator
    dealt: dict[str, dict[int, DealtEvent]] = field(default_factory=dict)

    def has(self, event: str, patient: int) -> bool:
        return patient in self.dealt[event]

    def put(self, event: DealtEvent) -> None:
        self.dealt[event.name][event.patient] = event

    def someone(self, event: str, besides: Iterable[int] = ()) -> int:
        """Draw a patient without the event; who was treated longer is drawn more often."""
        weights = self.weights.copy()
        weights[[*self.dealt[event], *besides]] = 0.0
        if not weights.any():
            raise InputError(
                f"More patients have {event} than the arm has. Correct published.yaml."
            )
        return int(self.rng.choice(len(weights), p=weights / weights.sum()))

    def severe_left(self, names: Iterable[str]) -> list[str]:
        """Return each event as often as patients with a severe one are still to be dealt."""
        return [
            name
            for name in names
            for _ in range(self.printed[name].severe - self.severe_dealt(name))
        ]

    def severe_dealt(self, name: str) -> int:
        return sum(one.grade >= SEVERE for one in self.dealt[name].values())

    def room(self, name: str) -> int:
        """Return how many more patients may have the event below grade 3."""
        printed = self.printed[name]
        mild = len(self.dealt[name]) - self.severe_dealt(name)
        return printed.patients - printed.severe - mild


def deal_events(
    printed: Sequence[PrintedEvent],
    serious: Sequence[SeriousEvent],
    leads: Sequence[Lead],
    chosen: Events,
    treated: Sequence[int],
    rng: np.random.Generator,
    *,
    fatal: int | None = None,
) -> list[DealtEvent]:
    """Deal the events of an arm to its patients.

    Serious events come first, the fatal one to its patient; then severe events go to patients of
    whom the drug was reduced or withdrawn, then to others; at last events below grade 3 fill up
    the printed numbers.

    Parameters
    ----------
    printed : sequence of PrintedEvent
        Events of the arm.
    serious : sequence of SeriousEvent
        Serious events of the arm; each is one of the severe ones.
    leads : sequence of Lead
        Reductions and withdrawals that an event led to.
    chosen : Events
        Says which events lead to them.
    treated : sequence of int
        Days from first to last dose of each patient of the arm.
    rng : numpy.random.Generator
        Stream of the events.
    fatal : int, optional
        The patient of the fatal event.

    Raises
    ------
    InputError
        If the printed counts leave no room for what was chosen.
    """
    if more := [one.name for one in printed if one.severe > one.patients]:
        raise InputError(
            f"More patients have a severe event than any event: {', '.join(more)}. Correct "
            "published.yaml."
        )
    weights = np.sqrt(np.asarray(treated, dtype=np.float64) + 14.0)
    arm = _Arm({one.name: one for one in printed}, weights, rng)
    arm.dealt = {one.name: {} for one in printed}
    _deal_serious(arm, serious, fatal)
    _deal_leads(arm, leads, [name for name in chosen.leading if name in arm.printed])
    for name in arm.severe_left(arm.printed):
        arm.put(DealtEvent(name, arm.someone(name), SEVERE))
    for name in arm.printed:
        for _ in range(arm.room(name)):
            grade = 1 if rng.random() < _MILD else _MODERATE
            arm.put(DealtEvent(name, arm.someone(name), grade))
    return [one for event in arm.dealt.values() for _, one in sorted(event.items())]


def _deal_serious(arm: _Arm, serious: Sequence[SeriousEvent], fatal: int | None) -> None:
    for one in sorted(serious, key=lambda event: not event.fatal):
        if one.event not in arm.printed or not arm.severe_left([one.event]):
            raise InputError(
                f"construction.yaml has more serious events {one.event} than severe ones are "
                "printed of the arm. Take some out."
            )
        if one.fatal:
            if fatal is None:
                raise InputError(
                    f"{one.event} is fatal, but no patient of the arm dies without progression "
                    "soon after the last dose. Look at the courses."
                )
            arm.put(DealtEvent(one.event, fatal, FATAL, one))
        else:
            besides = () if fatal is None else (fatal,)
            arm.put(DealtEvent(one.event, arm.someone(one.event, besides), SEVERE, one))


def _deal_leads(arm: _Arm, leads: Sequence[Lead], leading: Sequence[str]) -> None:
    """Give each lead an event: a severe one while there are any, else a moderate one."""
    severe = arm.severe_left(leading)
    severe = [severe[place] for place in arm.rng.permutation(len(severe))]
    for lead in leads:
        name = next((one for one in severe if not arm.has(one, lead.patient)), None)
        if name is not None:
            severe.remove(name)
            arm.put(DealtEvent(name, lead.patient, SEVERE, lead=lead))
            continue
        free = [one for one in leading if arm.room(one) > 0 and not arm.has(one, lead.patient)]
        if not free:
            raise InputError(
                "More doses are reduced or withdrawn than there are events that lead to it. Name "
                "more under events.leading in construction.yaml."
            )
        name = free[int(arm.rng.integers(len(free)))]
        arm.put(DealtEvent(name, lead.patient, _MODERATE, lead=lead))


def milder(event: DealtEvent, grade: int) -> DealtEvent:
    """Return the same event at another time, at a lower grade, which led to nothing."""
    return replace(event, grade=grade, serious=None, lead=None)
