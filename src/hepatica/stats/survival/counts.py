"""Survival data as counts per group and whole day: small whatever the number of subjects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import IntArray, freeze
from hepatica.stats.survival._tally import compress, dense_counts
from hepatica.stats.survival.kaplan_meier import GroupedCurves, KaplanMeier, product_limit
from hepatica.stats.survival.logrank import LogRank, logrank_from_tally

#: The longest follow-up that is counted day by day: about 2,700 years.
MAX_DAY = 1_000_000


@dataclass(frozen=True, slots=True, eq=False)
class SurvivalCounts:
    """Subjects with an event and censored on each whole day, for each group.

    Attributes
    ----------
    events, censored : int array (groups, days)
        Column j is day j.
    """

    events: IntArray
    censored: IntArray

    @property
    def n(self) -> IntArray:
        """Subjects of each group."""
        total: IntArray = (self.events + self.censored).sum(axis=1)
        return total

    def merge(self, other: SurvivalCounts) -> SurvivalCounts:
        """Return the counts of both; groups are the same by position, days may differ."""
        if len(self.events) != len(other.events):
            raise InputError(
                f"Counts to be merged must have the same number of groups; they have "
                f"{len(self.events)} and {len(other.events)}."
            )
        return SurvivalCounts(
            events=_add(self.events, other.events),
            censored=_add(self.censored, other.censored),
        )


def _add(one: IntArray, other: IntArray) -> IntArray:
    longer, shorter = (one, other) if one.shape[1] >= other.shape[1] else (other, one)
    total = longer.copy()
    total[:, : shorter.shape[1]] += shorter
    return freeze(total)


def count_survival(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    group: npt.ArrayLike | None = None,
    *,
    n_groups: int | None = None,
) -> SurvivalCounts:
    """Count subjects by group, day and event.

    Parameters
    ----------
    time : array (n,)
        Whole days; others are refused, not rounded.
    event : array (n,)
        1 for an event, 0 for a censoring.
    group : array (n,), optional
        Codes 0 to `n_groups` - 1; without it all subjects are in one group.
    n_groups : int, optional
        Number of groups; by default the highest code plus one. Parts of a whole that are to be
        merged need it, because a part may lack a group.

    Raises
    ------
    InputError
        If the arrays cannot be used.

    Examples
    --------
    >>> counts = count_survival([1, 2, 2], [1, 1, 0])
    >>> counts.events.tolist(), counts.censored.tolist()
    ([[0, 1, 1]], [[0, 0, 1]])
    """
    checked = _checks.times(time)
    day = _whole("time", checked)
    flags = _checks.events(event, len(day))
    position = np.zeros(len(day), dtype=np.int64)
    if group is not None:
        position = _whole("group", _checks.numbers("group", group))
        _checks.check_length("group", position, len(day))
    k = _n_groups(position, n_groups)
    _check_days(day)
    counts = dense_counts(day, flags, position, k, int(day.max()) + 1)
    return SurvivalCounts(events=freeze(counts[:, 1].copy()), censored=freeze(counts[:, 0].copy()))


def counts_from_cells(
    group: npt.ArrayLike,
    day: npt.ArrayLike,
    events: npt.ArrayLike,
    censored: npt.ArrayLike,
    *,
    n_groups: int | None = None,
) -> SurvivalCounts:
    """Make counts from one row a group and day; rows of the same cell are added.

    Parameters
    ----------
    group, day : array (m,)
        Code of the group, and whole day.
    events, censored : array (m,)
        Subjects, whole numbers.
    n_groups : int, optional
        Number of groups; by default the highest code plus one.

    Examples
    --------
    >>> counts_from_cells([0, 0], [1, 2], [1, 1], [0, 1]).n.tolist()
    [3]
    """
    columns = {"group": group, "day": day, "events": events, "censored": censored}
    whole = {name: _whole(name, _checks.numbers(name, values)) for name, values in columns.items()}
    rows = len(whole["day"])
    for name, column in whole.items():
        _checks.check_length(name, column, rows)
        if column.min() < 0:
            raise InputError(f"{name} must not be negative.")
    k = _n_groups(whole["group"], n_groups)
    _check_days(whole["day"])
    shape = (k, int(whole["day"].max()) + 1)
    made = SurvivalCounts(events=np.zeros(shape, np.int64), censored=np.zeros(shape, np.int64))
    np.add.at(made.events, (whole["group"], whole["day"]), whole["events"])
    np.add.at(made.censored, (whole["group"], whole["day"]), whole["censored"])
    freeze(made.events)
    freeze(made.censored)
    return made


def kaplan_meier_from_counts(
    counts: SurvivalCounts,
    *,
    conf_type: str = "log-log",
    conf_level: float = 0.95,
    median_rule: str = "midpoint_or_first",
) -> KaplanMeier:
    """Estimate the curve of all groups together; see `kaplan_meier`.

    Examples
    --------
    >>> kaplan_meier_from_counts(count_survival([1, 2, 2], [1, 1, 0])).survival.round(3).tolist()
    [0.667, 0.333]
    """
    return _curve(
        counts.events.sum(axis=0), counts.censored.sum(axis=0), conf_type, conf_level, median_rule
    )


def reverse_kaplan_meier_from_counts(
    counts: SurvivalCounts,
    *,
    conf_type: str = "log-log",
    conf_level: float = 0.95,
    median_rule: str = "midpoint_or_first",
) -> KaplanMeier:
    """Estimate the distribution of follow-up; see `reverse_kaplan_meier`."""
    return kaplan_meier_from_counts(
        SurvivalCounts(events=counts.censored, censored=counts.events),
        conf_type=conf_type,
        conf_level=conf_level,
        median_rule=median_rule,
    )


def kaplan_meier_by_group_from_counts(
    counts: SurvivalCounts,
    *,
    conf_type: str = "log-log",
    conf_level: float = 0.95,
    median_rule: str = "midpoint_or_first",
) -> GroupedCurves:
    """Estimate one curve for each group that has subjects; see `kaplan_meier_by_group`."""
    found = np.flatnonzero(counts.n).tolist()
    curves = tuple(
        _curve(counts.events[code], counts.censored[code], conf_type, conf_level, median_rule)
        for code in found
    )
    return GroupedCurves(groups=tuple(found), curves=curves)


def logrank_from_counts(counts: SurvivalCounts) -> LogRank:
    """Compare the groups that have subjects; see `logrank`.

    Examples
    --------
    >>> test = logrank_from_counts(count_survival([1, 2, 3, 4], [1, 1, 1, 1], [0, 0, 1, 1]))
    >>> round(test.statistic, 4)
    2.8824
    """
    found = np.flatnonzero(counts.n)
    cells = np.stack([counts.censored[found], counts.events[found]], axis=1)
    return logrank_from_tally(compress(cells), found, 1)


def _curve(
    events: IntArray, censored: IntArray, conf_type: str, conf_level: float, median_rule: str
) -> KaplanMeier:
    day = np.arange(len(events), dtype=np.float64)
    if not (events.any() or censored.any()):
        raise InputError("There is no subject to make a curve of.")
    return product_limit(day, events, censored, conf_type, conf_level, median_rule)


def _whole(name: str, array: npt.NDArray[np.generic]) -> IntArray:
    whole: IntArray = array.astype(np.int64)
    if array.dtype.kind == "f" and not np.array_equal(whole, array):
        raise InputError(f"{name} must hold whole numbers.")
    return whole


def _n_groups(position: IntArray, n_groups: int | None) -> int:
    highest = int(position.max())
    k = highest + 1 if n_groups is None else n_groups
    if position.min() < 0 or highest >= k:
        raise InputError(f"group must hold codes from 0 to {k - 1}.")
    return k


def _check_days(day: IntArray) -> None:
    if day.max() > MAX_DAY:
        raise InputError(f"Days above {MAX_DAY} are not counted day by day; check the unit.")
