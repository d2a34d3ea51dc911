"""Survival data as counts per stratum, group and whole day: small whatever the number of subjects.

The counts are the interface between tables of any size and the estimators: they are made in one
pass, parts of a whole merge by addition, and every estimator that knows only days and groups gives
the same answer from them as from the subjects.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import numpy as np
import numpy.typing as npt

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import IntArray, freeze
from hepatica.stats.survival._tally import dense_counts

#: The longest follow-up that is counted day by day: about 2,700 years.
MAX_DAY = 1_000_000

#: Most cells of stratum, group and day; above it the counts would no longer be small.
MAX_CELLS = 20_000_000


@dataclass(frozen=True, slots=True, eq=False)
class SurvivalCounts:
    """Subjects with an event, censored and entered on each whole day, by stratum and group.

    Attributes
    ----------
    events, censored : int array (strata, groups, days)
        Subjects whose follow-up ends on day j (column j), with and without an event.
    entered : int array (strata, groups, days)
        Subjects whose follow-up starts on day j; they are at risk from day j + 1 on, and those of
        day 0 from day 0 on. Without delayed entry all subjects are in column 0.
    """

    events: IntArray
    censored: IntArray
    entered: IntArray

    @property
    def n(self) -> IntArray:
        """Subjects of each group, over all strata."""
        total: IntArray = (self.events + self.censored).sum(axis=(0, 2))
        return total

    @property
    def delayed(self) -> bool:
        """Whether anybody enters after day 0."""
        return bool(self.entered[:, :, 1:].any())

    @property
    def at_risk(self) -> IntArray:
        """Subjects at risk on each day, (strata, groups, days)."""
        change = -(self.events + self.censored)
        change += self.entered
        at_risk = np.cumsum(change, axis=2)
        # On its day a leaver is still at risk, and one who enters is not yet, but on day 0.
        at_risk += self.events
        at_risk += self.censored
        at_risk[:, :, 1:] -= self.entered[:, :, 1:]
        return freeze(at_risk)

    def merge(self, *others: SurvivalCounts) -> SurvivalCounts:
        """Return the counts of all parts; strata and groups are the same by position."""
        return reduce(_merge_two, others, self)

    def without_strata(self) -> SurvivalCounts:
        """Return the counts with all strata in one."""
        arrays = (self.events, self.censored, self.entered)
        return SurvivalCounts(*(freeze(one.sum(axis=0, keepdims=True)) for one in arrays))

    def without_groups(self) -> SurvivalCounts:
        """Return the counts with all groups in one, strata kept."""
        arrays = (self.events, self.censored, self.entered)
        return SurvivalCounts(*(freeze(one.sum(axis=1, keepdims=True)) for one in arrays))


def _merge_two(one: SurvivalCounts, other: SurvivalCounts) -> SurvivalCounts:
    for axis, name in enumerate(("strata", "groups")):
        here, there = one.events.shape[axis], other.events.shape[axis]
        if here != there:
            raise InputError(
                f"Counts to be merged must have the same number of {name}; they have "
                f"{here} and {there}."
            )
    return SurvivalCounts(
        events=_add(one.events, other.events),
        censored=_add(one.censored, other.censored),
        entered=_add(one.entered, other.entered),
    )


def _add(one: IntArray, other: IntArray) -> IntArray:
    longer, shorter = (one, other) if one.shape[-1] >= other.shape[-1] else (other, one)
    total = longer.copy()
    total[..., : shorter.shape[-1]] += shorter
    return freeze(total)


def count_survival(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    group: npt.ArrayLike | None = None,
    *,
    entry: npt.ArrayLike | None = None,
    strata: npt.ArrayLike | None = None,
    n_groups: int | None = None,
    n_strata: int | None = None,
) -> SurvivalCounts:
    """Count subjects by stratum, group, day and event.

    Parameters
    ----------
    time : array (n,)
        Whole days; others are refused, not rounded.
    event : array (n,)
        1 for an event, 0 for a censoring.
    group : array (n,), optional
        Codes 0 to `n_groups` - 1; without it all subjects are in one group.
    entry : array (n,), optional
        Whole day after which each subject is followed, before its `time`; without it all are
        followed from the start.
    strata : array (n,), optional
        Codes 0 to `n_strata` - 1; without it all subjects are in one stratum.
    n_groups, n_strata : int, optional
        Their number; by default the highest code plus one. Parts of a whole that are to be merged
        need it, because a part may lack a group.

    Raises
    ------
    InputError
        If the arrays cannot be used.

    Examples
    --------
    >>> counts = count_survival([1, 2, 2], [1, 1, 0], entry=[0, 0, 1])
    >>> counts.events.tolist(), counts.censored.tolist(), counts.entered.tolist()
    ([[[0, 1, 1]]], [[[0, 0, 1]]], [[[2, 1, 0]]])
    """
    day = _whole("time", _checks.times(time))
    flags = _checks.events(event, len(day))
    groups, k = _codes("group", group, n_groups, len(day))
    stratum, s = _codes("strata", strata, n_strata, len(day))
    position = groups if s == 1 else stratum * k + groups
    width = _width(day, s * k)
    counts = dense_counts(day, flags, position, s * k, width)
    events, censored = counts[:, 1], counts[:, 0]
    if entry is None:
        entered = np.zeros((s * k, width), dtype=np.int64)
        entered[:, 0] = counts.sum(axis=(1, 2))
    else:
        start = _entry_days(entry, day)
        entered = np.bincount(position * width + start, minlength=s * k * width)
    shape = (s, k, width)
    return SurvivalCounts(
        *(freeze(one.reshape(shape).copy()) for one in (events, censored, entered))
    )


def counts_from_cells(
    group: npt.ArrayLike,
    day: npt.ArrayLike,
    events: npt.ArrayLike,
    censored: npt.ArrayLike,
    *,
    entered: npt.ArrayLike | None = None,
    strata: npt.ArrayLike | None = None,
    n_groups: int | None = None,
    n_strata: int | None = None,
) -> SurvivalCounts:
    """Make counts from one row a stratum, group and day; rows of the same cell are added.

    Parameters
    ----------
    group, day : array (m,)
        Code of the group, and whole day.
    events, censored : array (m,)
        Subjects whose follow-up ends on the day, whole numbers.
    entered : array (m,), optional
        Subjects whose follow-up starts on the day, whole numbers; without it all start on day 0.
    strata : array (m,), optional
        Code of the stratum.
    n_groups, n_strata : int, optional
        Their number; by default the highest code plus one.

    Raises
    ------
    InputError
        If a column cannot be used, or more subjects leave than have entered before.

    Examples
    --------
    >>> counts_from_cells([0, 0], [1, 2], [1, 1], [0, 1]).n.tolist()
    [3]
    """
    days = _not_negative("day", day, None)
    rows = len(days)
    numbers = [
        _not_negative("events", events, rows),
        _not_negative("censored", censored, rows),
    ]
    if entered is not None:
        numbers.append(_not_negative("entered", entered, rows))
    groups, k = _codes("group", group, n_groups, rows)
    stratum, s = _codes("strata", strata, n_strata, rows)
    width = _width(days, s * k)
    made = np.zeros((len(numbers), s, k, width), dtype=np.int64)
    for cells, added in zip(made, numbers, strict=True):
        np.add.at(cells, (stratum, groups, days), added)
    if entered is None:
        starts = np.zeros((1, s, k, width), dtype=np.int64)
        starts[0, :, :, 0] = made.sum(axis=(0, 3))
        made = np.concatenate([made, starts])
    counts = SurvivalCounts(*(freeze(one.copy()) for one in made))
    _check_balance(counts)
    return counts


def _check_balance(counts: SurvivalCounts) -> None:
    left = counts.events + counts.censored
    if not np.array_equal(counts.entered.sum(axis=2), left.sum(axis=2)):
        raise InputError(
            "In each stratum and group as many subjects must enter as leave (events and "
            "censored together); count every subject once in entered and once among those."
        )
    if (counts.at_risk < left).any():
        raise InputError(
            "More subjects leave than have entered before; check that entry lies before time."
        )


def _codes(
    name: str, values: npt.ArrayLike | None, size: int | None, n: int
) -> tuple[IntArray, int]:
    size = (
        None if size is None else _checks.count("n_groups" if name == "group" else "n_strata", size)
    )
    if values is None:
        return np.zeros(n, dtype=np.int64), 1 if size is None else size
    position = _whole(name, _checks.numbers(name, values))
    _checks.check_length(name, position, n)
    highest = int(position.max())
    k = highest + 1 if size is None else size
    if position.min() < 0 or highest >= k:
        raise InputError(f"{name} must hold codes from 0 to {k - 1}.")
    return position, k


def _entry_days(entry: npt.ArrayLike, day: IntArray) -> IntArray:
    start = _not_negative("entry", entry, len(day))
    late = int(np.count_nonzero(start >= day))
    if late:
        raise InputError(f"entry must lie before time; {late} of {len(day)} values do not.")
    return start


def _not_negative(name: str, values: npt.ArrayLike, rows: int | None) -> IntArray:
    whole = _whole(name, _checks.numbers(name, values))
    if rows is not None:
        _checks.check_length(name, whole, rows)
    if whole.min() < 0:
        raise InputError(f"{name} must not be negative.")
    return whole


def _whole(name: str, array: npt.NDArray[np.generic]) -> IntArray:
    return _checks.whole(array, f"{name} must hold whole numbers.")


def _width(day: IntArray, groups: int) -> int:
    """Return the number of days to be counted, if they are not too many."""
    longest = int(day.max())
    if longest > MAX_DAY:
        raise InputError(f"Days above {MAX_DAY} are not counted day by day; check the unit.")
    if (longest + 1) * groups > MAX_CELLS:
        raise InputError(
            f"Counts of {groups} strata and groups over {longest + 1} days are more than "
            f"{MAX_CELLS} cells; use fewer strata."
        )
    return longest + 1
