"""Search for times and characteristics of patients whose statistics lie in printed intervals.

Simulated annealing over many sets of patients side by side. A set changes in one place at a time:
the time of a patient moves a little, or anywhere she is allowed, or to where a printed median lies,
or two patients exchange their times or a characteristic. The loss of a set is how far its
statistics lie outside of their intervals. The same seed finds the same patients.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from hepatica.errors import InputError
from hepatica.simulate.rebuild.search import Bounds
from hepatica.simulate.rebuild.search_statistics import Flags, Real, Whole
from hepatica.simulate.rebuild.sheet_search_goals import Goal, Looked, losses

#: Loss of two events at one time: without ties all handlings of them agree.
_TIE = 0.5
#: Shares of moves: up to 3 choices away, up to 25, anywhere, of these to an aim where there are
#: aims; the rest exchange a characteristic.
_NEAR, _FAR, _AIMED, _ANYWHERE = 0.40, 0.70, 0.81, 0.85
#: A move to an aim ends up to so many choices from it.
_AROUND = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What is searched, and under which goals.

    Attributes
    ----------
    bounds : sequence of Bounds
        What each patient's time may be; mark 1 an event, mark 0 a censoring.
    flags : mapping of str to int array (patients,)
        Characteristics, each 0 or 1.
    swapped : mapping of str to int array (patients,)
        Characteristics that are searched, with groups: patients exchange them within a group.
    goals : sequence of Goal
        What the statistics have to be.
    other : tuple of arrays, optional
        Times and events of another endpoint, which stays as it is.
    aims : sequence of float
        Days to which times are moved, for example medians with their limits.
    """

    bounds: Sequence[Bounds]
    flags: Mapping[str, Whole]
    swapped: Mapping[str, Whole]
    goals: Sequence[Goal]
    other: tuple[Whole, Flags] | None = None
    aims: Sequence[float] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cooling:
    """How long a search goes on.

    Attributes
    ----------
    sets : int
        Sets that are searched side by side.
    steps : int
        Changes of each set in a round.
    rounds : int
        Rounds; each but the first starts from the best set so far.
    hot, warm, cold : float
        Temperatures at the start of the first round, of later rounds, and at the end of each.
    exchanged : float
        Share of moves in which two patients exchange their times, as far as these are allowed.
    """

    sets: int = 192
    steps: int = 4000
    rounds: int = 4
    hot: float = 2.0
    warm: float = 0.5
    cold: float = 0.01
    exchanged: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """The best set of a search.

    Attributes
    ----------
    time : int array (patients,)
        Times.
    event : bool array (patients,)
        Events.
    flags : dict of str to int array (patients,)
        All characteristics.
    loss : float
        How far its statistics lie outside of their intervals; 0 when all hold.
    """

    time: Whole
    event: Flags
    flags: dict[str, Whole]
    loss: float


@dataclass(slots=True, eq=False)
class _Sets:
    """Sets of patients: positions of their times, and their searched characteristics."""

    state: Whole
    swapped: dict[str, Whole] = field(default_factory=dict)

    def copy(self) -> _Sets:
        return _Sets(self.state.copy(), {name: one.copy() for name, one in self.swapped.items()})

    def accept(self, other: _Sets, rows: Flags) -> None:
        self.state[rows] = other.state[rows]
        for name, one in self.swapped.items():
            one[rows] = other.swapped[name][rows]

    def one(self, row: int, times: int = 1) -> _Sets:
        def repeated(values: Whole) -> Whole:
            return np.repeat(values[row : row + 1], times, axis=0)

        return _Sets(
            repeated(self.state), {name: repeated(one) for name, one in self.swapped.items()}
        )


def search_sheet(
    stage: Stage, seed: int | tuple[int, ...], cooling: Cooling | None = None,
    start: Whole | None = None, *, shuffle: bool = True,
) -> Sheet:  # fmt: skip
    """Search for times and characteristics that reach all goals.

    Parameters
    ----------
    stage : Stage
        What is searched.
    seed : int or tuple of int
        Seed of the random stream.
    cooling : Cooling, optional
        How long to search.
    start : int array (patients,), optional
        Times to start from; anywhere when not given.
    shuffle : bool
        Whether the searched characteristics are dealt anew at the start.

    Returns
    -------
    Sheet
        The patients, or the nearest ones when the effort is spent.

    Raises
    ------
    InputError
        If a patient has no allowed time or there is no goal.

    Examples
    --------
    >>> arm = np.array([0, 0, 0, 1, 1, 1])
    >>> goal = Goal(kind="median", names=("arm",), level=1, low=59.0, high=61.0, unit=1.0)
    >>> found = search_sheet(Stage(bounds=[Bounds.days(1, (1, 90))] * 6, flags={"arm": arm},
    ...     swapped={}, goals=[goal]), seed=1)
    >>> bool(59 <= sorted(found.time[3:])[1] <= 61), found.loss
    (True, 0.0)
    """
    if not stage.goals or not stage.bounds or not all(one.choices for one in stage.bounds):
        raise InputError("A search needs a goal, and an allowed time for each patient.")
    plan, space = cooling or Cooling(), _Space(stage)
    rng = np.random.default_rng(seed)
    sets = space.start(plan.sets, rng, start, shuffle=shuffle)
    best, lowest = sets.one(0), np.inf
    for number in range(plan.rounds):
        if number:
            sets = best.one(0, plan.sets)
        loss = space.loss(sets)
        hot = plan.warm if number or start is not None else plan.hot
        for step in range(plan.steps):
            if loss.min() < lowest:
                lowest, best = float(loss.min()), sets.one(int(loss.argmin()))
            if lowest <= 0.0:
                return space.sheet(best, lowest)
            heat = hot * (plan.cold / hot) ** (step / plan.steps)
            moved = space.move(sets, rng, plan.exchanged)
            new = space.loss(moved)
            taken = rng.random(plan.sets) < np.exp(np.minimum((loss - new) / heat, 0.0))
            sets.accept(moved, taken)
            loss[taken] = new[taken]
    return space.sheet(best, lowest)


class _Space:
    """Allowed days and marks of all patients as one table, chosen from by position."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        bounds = stage.bounds
        self.size = np.array([len(one.choices) for one in bounds], dtype=np.int64)
        self._days = np.zeros((len(bounds), int(self.size.max())), dtype=np.int64)
        self._marks = np.zeros_like(self._days)
        for at, one in enumerate(bounds):
            pairs = np.array(one.choices, dtype=np.int64)
            self._days[at, : len(pairs)], self._marks[at, : len(pairs)] = pairs.T
        self._patients = np.arange(len(bounds))
        self._free = np.flatnonzero(self.size > 1)
        self._place = np.stack(
            [self._nearest(float(day)) for day in range(int(self._days.max()) + 1)], axis=1
        )
        self._aims = (
            np.stack([self._nearest(aim) for aim in stage.aims], axis=1)
            if stage.aims
            else np.zeros((len(bounds), 0), dtype=np.int64)
        )

    def _nearest(self, day: float | Whole) -> Whole:
        """Return the choice nearest to a day, or to one day of each patient."""
        far = np.abs(self._days - day).astype(np.float64)
        far[np.arange(far.shape[1]) >= self.size[:, None]] = np.inf
        found: Whole = far.argmin(axis=1)
        return found

    def read(self, state: Whole) -> tuple[Whole, Flags]:
        """Return days and events of each set."""
        return self._days[self._patients, state], self._marks[self._patients, state] == 1

    def start(
        self, sets: int, rng: np.random.Generator, times: Whole | None, *, shuffle: bool
    ) -> _Sets:
        """Draw sets anywhere, or take the choices nearest to given times."""
        n = len(self.size)
        if times is None:
            state = (rng.random((sets, n)) * self.size).astype(np.int64)
        else:
            nearest = self._nearest(times[:, None])
            state = np.repeat(nearest[None, :], sets, axis=0)
        swapped = {}
        for name, groups in self.stage.swapped.items():
            dealt = np.repeat(self.stage.flags[name][None, :], sets, axis=0)
            for group in np.unique(groups):
                at = np.flatnonzero(groups == group)
                if shuffle:
                    dealt[:, at] = rng.permuted(dealt[:, at], axis=1)
            swapped[name] = dealt
        return _Sets(state, swapped)

    def move(self, sets: _Sets, rng: np.random.Generator, exchanged_times: float) -> _Sets:
        """Return sets with one change in each."""
        moved = sets.copy()
        rows, n = np.arange(len(sets.state)), len(self.size)
        kind = rng.random(len(rows))
        exchanged = (kind >= _ANYWHERE) & bool(sets.swapped)
        if len(self._free):
            at = self._free[rng.integers(len(self._free), size=len(rows))]
            reach = np.where(kind < _NEAR, 3, 25)
            step = 1 + (rng.random(len(rows)) * reach).astype(np.int64)
            near = sets.state[rows, at] + np.where(rng.random(len(rows)) < 0.5, -step, step)
            far = (rng.random(len(rows)) * self.size[at]).astype(np.int64)
            place = np.where(kind < _FAR, near, far)
            if count := self._aims.shape[1]:
                aimed = self._aims[at, rng.integers(count, size=len(rows))]
                aimed = aimed + rng.integers(-_AROUND, _AROUND + 1, size=len(rows))
                place = np.where((kind >= _FAR) & (kind < _AIMED), aimed, place)
            place = np.clip(place, 0, self.size[at] - 1)
            moved.state[rows, at] = np.where(exchanged, sets.state[rows, at], place)
            if exchanged_times:
                self._exchange_times(sets, moved, rows[kind < exchanged_times], rng)
        chosen = rng.integers(max(len(sets.swapped), 1), size=len(rows))
        for number, (name, one) in enumerate(moved.swapped.items()):
            who = rows[exchanged & (chosen == number)]
            first = rng.integers(n, size=len(who))
            groups, drawn = self.stage.swapped[name], rng.random((len(who), n))
            # Someone of the same group with another value.
            drawn[groups[None, :] != groups[first][:, None]] = -1.0
            drawn[one[who] == one[who, first][:, None]] = -1.0
            second = drawn.argmax(axis=1)
            usable = drawn[np.arange(len(who)), second] >= 0.0
            who, first, second = who[usable], first[usable], second[usable]
            one[who, first], one[who, second] = one[who, second], one[who, first]
        return moved

    def _exchange_times(
        self, sets: _Sets, moved: _Sets, who: Whole, rng: np.random.Generator
    ) -> None:
        """Let two patients of each of these sets exchange their times instead."""
        moved.state[who] = sets.state[who]
        first, second = (self._free[rng.integers(len(self._free), size=len(who))] for _ in "ab")
        days = self._days[self._patients, sets.state[who]]
        rows = np.arange(len(who))
        moved.state[who, first] = self._place[first, days[rows, second]]
        moved.state[who, second] = self._place[second, days[rows, first]]

    def loss(self, sets: _Sets) -> Real:
        """Return the loss of each set."""
        time, event = self.read(sets.state)
        looked = Looked.of(time, event, {**self.stage.flags, **sets.swapped}, self.stage.other)
        total: Real = losses(self.stage.goals, looked) + _TIE * looked.ordered.ties
        return total

    def sheet(self, best: _Sets, loss: float) -> Sheet:
        time, event = self.read(best.state)
        flags = {name: np.asarray(one) for name, one in self.stage.flags.items()}
        flags |= {name: one[0] for name, one in best.swapped.items()}
        return Sheet(time[0], event[0], flags, loss)
