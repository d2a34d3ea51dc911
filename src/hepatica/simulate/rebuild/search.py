"""Search for times of patients whose statistics round to printed numbers.

Simulated annealing over many sets of times at once. A set changes one patient at a time: her time
moves a little, or anywhere she is allowed, or to where a printed median lies. The loss of a set is
how far its statistics lie outside of the rounding intervals of the printed numbers. The same seed
finds the same times.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from hepatica.dialect import TrialDialect
from hepatica.errors import InputError
from hepatica.simulate.rebuild.search_loss import loss_of, outside
from hepatica.simulate.rebuild.search_statistics import Real, Whole
from hepatica.simulate.rebuild.targets import Target, value_of

#: Shares of moves: up to 6 choices away, up to 40, to a printed median; the rest go anywhere.
_NEAR, _FAR, _TO_MEDIAN = 0.5, 0.72, 0.85


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a patient's time may be.

    Attributes
    ----------
    choices : tuple of (int, int)
        Allowed pairs of day and end mark, mark 0 a censoring; near ones next to each other.
    shift : int
        Days added to a chosen day to give the time of the endpoint.
    """

    choices: tuple[tuple[int, int], ...]
    shift: int = 0

    @classmethod
    def days(cls, mark: int, *ranges: tuple[int, int], shift: int = 0) -> Bounds:
        """Return bounds with one mark and the days of ranges, lowest and highest included."""
        days = (day for low, high in ranges for day in range(low, high + 1))
        return cls(tuple((day, mark) for day in days), shift)

    def __or__(self, other: Bounds) -> Bounds:
        """Return bounds that allow what either allows."""
        return Bounds(self.choices + other.choices, self.shift)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How long a search goes on.

    Attributes
    ----------
    sets : int
        Sets of times that are searched side by side.
    steps : int
        Changes of each set in one round.
    rounds : int
        Rounds; each starts hot, from new times.
    hot, cold : float
        Temperatures at the start and end of a round.
    """

    sets: int = 256
    steps: int = 3000
    rounds: int = 8
    hot: float = 1.0
    cold: float = 0.03


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The best times of a search.

    Attributes
    ----------
    day, mark : int array (patients,)
        Chosen days (without shift) and end marks.
    loss : float
        Distance from the printed numbers; 0 when all of them hold.
    missed : tuple of (Target, float)
        Targets that do not hold, and their values by the estimators of the house.
    round : int
        Round in which they were found.
    """

    day: Whole
    mark: Whole
    loss: float
    missed: tuple[tuple[Target, float], ...]
    round: int


def search_times(
    bounds: Sequence[Bounds],
    targets: Sequence[Target],
    dialect: TrialDialect,
    seed: int | tuple[int, ...],
    effort: Effort | None = None,
    accept: Callable[[Whole, Whole], bool] | None = None,
) -> Found:
    """Search for times that give all targets.

    Parameters
    ----------
    bounds : sequence of Bounds
        What each patient's time may be.
    targets : sequence of Target
        Printed numbers; with delayed entry a patient enters on the chosen day, and her time is
        later by the shift.
    dialect : TrialDialect
        Methods by which the result is judged; those of ``sas`` are the ones searched with.
    seed : int or tuple of int
        Seed of the random stream.
    effort : Effort, optional
        How long to search.
    accept : function (day, mark) -> bool, optional
        A further condition on the result.

    Returns
    -------
    Found
        Times that hold all targets, or the nearest ones when the effort is spent.

    Raises
    ------
    InputError
        If a patient has no choice, there is no target, or the methods are not those of ``sas``.

    Examples
    --------
    >>> from hepatica.dialect import trial_dialect
    >>> half = Target(statistic="median", members=(0, 1, 2), printed=2.0, decimals=1, unit=30.4375)
    >>> found = search_times([Bounds.days(1, (1, 90))] * 3, [half], trial_dialect("sas"), seed=1)
    >>> bool(59 <= sorted(found.day)[1] <= 62), found.missed
    (True, ())
    """
    _check(bounds, targets, dialect)
    plan = effort or Effort()
    space = _Space(bounds, targets)
    rng = np.random.default_rng(seed)
    best: Found | None = None
    for number in range(plan.rounds):
        for state in _round(space, targets, plan, rng):
            day, mark = space.read(state[None, :])
            found = _judge(space, targets, dialect, day[0], mark[0], number)
            if not found.missed and accept is not None and not accept(found.day, found.mark):
                continue
            if best is None or (len(found.missed) > 0, found.loss) < (
                len(best.missed) > 0,
                best.loss,
            ):
                best = found
            if not found.missed:
                return found
    if best is None:
        raise InputError("The search found times, but none that the further condition allows.")
    return best


def _check(bounds: Sequence[Bounds], targets: Sequence[Target], dialect: TrialDialect) -> None:
    if not targets or not bounds or not all(one.choices for one in bounds):
        raise InputError("A search needs a target, and an allowed time for each patient.")
    if any(max((*one.members, *one.versus)) >= len(bounds) for one in targets):
        raise InputError("A target names a patient that the search does not have.")
    methods = (dialect.conf_type, dialect.median_rule, dialect.ties)
    if methods != ("log-log", "midpoint_or_missing", "breslow"):
        raise InputError("The search knows the methods of the dialect sas only.")


class _Space:
    """Allowed days and marks of all patients as one table, chosen from by position."""

    def __init__(self, bounds: Sequence[Bounds], targets: Sequence[Target]) -> None:
        self.size = np.array([len(one.choices) for one in bounds], dtype=np.int64)
        self.shift = np.array([one.shift for one in bounds], dtype=np.int64)
        self._days = np.zeros((len(bounds), int(self.size.max())), dtype=np.int64)
        self._marks = np.zeros_like(self._days)
        for at, one in enumerate(bounds):
            pairs = np.array(one.choices, dtype=np.int64)
            self._days[at, : len(pairs)], self._marks[at, : len(pairs)] = pairs.T
        self._patients = np.arange(len(bounds))
        self.free = np.flatnonzero(self.size > 1)
        self._medians = self._nearest_to_medians(targets)

    def _nearest_to_medians(self, targets: Sequence[Target]) -> Whole:
        """Return for each patient the choices nearest to printed medians, events before others."""
        medians = sorted(
            {
                one.printed * one.unit
                for one in targets
                if one.statistic == "median" and np.isfinite(one.printed)
            }
        )
        nearest = np.zeros((len(self.size), len(medians)), dtype=np.int64)
        for at, (size, shift) in enumerate(zip(self.size, self.shift, strict=True)):
            times = self._days[at, :size] + shift
            later = 0.5 * (self._marks[at, :size] == 0)
            for place, median in enumerate(medians):
                nearest[at, place] = np.argmin(np.abs(times - median) + later)
        return nearest

    def read(self, state: Whole) -> tuple[Whole, Whole]:
        """Return days and marks of each set."""
        return self._days[self._patients, state], self._marks[self._patients, state]

    def start(self, sets: int, rng: np.random.Generator) -> Whole:
        """Draw sets anywhere."""
        drawn: Whole = (rng.random((sets, len(self.size))) * self.size).astype(np.int64)
        return drawn

    def move(self, state: Whole, rng: np.random.Generator) -> Whole:
        """Return sets with one patient of each moved."""
        rows = np.arange(len(state))
        at = self.free[rng.integers(len(self.free), size=len(rows))]
        size = self.size[at]
        kind, where = rng.random(len(rows)), rng.random(len(rows))
        reach = np.where(kind < _NEAR, 6, 40)
        step = 1 + (rng.random(len(rows)) * reach).astype(np.int64)
        near = state[rows, at] + np.where(where < 0.5, -step, step)
        place = np.where(kind < _FAR, near, (where * size).astype(np.int64))
        if count := self._medians.shape[1]:
            aimed = self._medians[at, (where * count).astype(np.int64)]
            # A day or so around it: the median of even numbers lies between two times.
            aimed = aimed + (step % 5) - 2
            place = np.where((kind >= _FAR) & (kind < _TO_MEDIAN), aimed, place)
        place = np.clip(place, 0, size - 1)
        moved = state.copy()
        moved[rows, at] = place
        return moved


def _round(
    space: _Space, targets: Sequence[Target], plan: Effort, rng: np.random.Generator
) -> list[Whole]:
    """Return the sets without loss of one round, or its best."""
    state = space.start(plan.sets, rng)
    loss = _loss(space, targets, state)
    best_state, best_loss = state[loss.argmin()].copy(), float(loss.min())
    for step in range(plan.steps if len(space.free) else 0):
        heat = plan.hot * (plan.cold / plan.hot) ** (step / plan.steps)
        moved = space.move(state, rng)
        new = _loss(space, targets, moved)
        taken = rng.random(plan.sets) < np.exp(np.minimum((loss - new) / heat, 0.0))
        state[taken], loss[taken] = moved[taken], new[taken]
        if loss.min() < best_loss:
            best_state, best_loss = state[loss.argmin()].copy(), float(loss.min())
        if best_loss <= 0.0:
            return [row.copy() for row in state[loss <= 0.0]]
    return [best_state]


def _judge(
    space: _Space,
    targets: Sequence[Target],
    dialect: TrialDialect,
    day: Whole,
    mark: Whole,
    number: int,
) -> Found:
    """Judge one set by the estimators of the house."""
    values = [(one, value_of(one, day + space.shift, mark, dialect, day)) for one in targets]
    loss = sum(float(outside(one, np.array([value]))[0]) for one, value in values)
    missed = tuple((one, value) for one, value in values if not one.holds(value))
    return Found(day, mark, loss, missed, number)


def _loss(space: _Space, targets: Sequence[Target], state: Whole) -> Real:
    """Return the loss of each set."""
    day, mark = space.read(state)
    return loss_of(targets, day + space.shift, mark, day)
