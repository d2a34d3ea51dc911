"""Competing events as counts per group, cause and whole day: small whatever the numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import IntArray, freeze
from hepatica.stats.survival._causes import CauseTally, causes_of, check_cause
from hepatica.stats.survival._tally import dense_counts
from hepatica.stats.survival.aalen_johansen import (
    CumulativeIncidence,
    GroupedIncidence,
    check_incidence_options,
    incidence_from_tally,
)
from hepatica.stats.survival.gray import GrayTest, gray_from_tally

#: The longest follow-up that is counted day by day: about 2,700 years.
MAX_DAY = 1_000_000


@dataclass(frozen=True, slots=True, eq=False)
class CauseCounts:
    """Subjects with an event of each cause and censored on each whole day, for each group.

    Attributes
    ----------
    events : int array (groups, causes, days)
        Column j is day j; cause c + 1 stands at position c.
    censored : int array (groups, days)
        Column j is day j.
    """

    events: IntArray
    censored: IntArray

    @property
    def n(self) -> IntArray:
        """Subjects of each group."""
        total: IntArray = self.events.sum(axis=(1, 2)) + self.censored.sum(axis=1)
        return total

    def merge(self, other: CauseCounts) -> CauseCounts:
        """Return the counts of both; groups and causes are the same by position."""
        if self.events.shape[:2] != other.events.shape[:2]:
            raise InputError(
                "Counts to be merged must have the same number of groups and of causes; they "
                f"have {self.events.shape[:2]} and {other.events.shape[:2]}."
            )
        days = max(self.censored.shape[1], other.censored.shape[1])
        return CauseCounts(
            events=freeze(_widen(self.events, days) + _widen(other.events, days)),
            censored=freeze(_widen(self.censored, days) + _widen(other.censored, days)),
        )


def count_causes(
    time: npt.ArrayLike,
    cause: npt.ArrayLike,
    group: npt.ArrayLike | None = None,
    *,
    n_groups: int | None = None,
    n_causes: int | None = None,
) -> CauseCounts:
    """Count subjects by group, cause and day.

    Parameters
    ----------
    time : array (n,)
        Whole days; others are refused, not rounded.
    cause : array (n,)
        0 for a censoring, 1, 2, ... for an event of this cause.
    group : array (n,), optional
        Codes 0 to `n_groups` - 1; without it all subjects are in one group.
    n_groups, n_causes : int, optional
        Numbers of groups and causes; by default from the highest codes. Parts of a whole that are
        to be merged need them, because a part may lack one.

    Raises
    ------
    InputError
        If the arrays cannot be used.

    Examples
    --------
    >>> counts = count_causes([1, 2, 2], [1, 2, 0])
    >>> counts.events.tolist(), counts.censored.tolist()
    ([[[0, 1, 0], [0, 0, 1]]], [[0, 0, 1]])
    """
    checked = _checks.times(time)
    day = _whole("time", checked)
    _check_days(day)
    codes, m = causes_of(cause, len(day), n_causes)
    position = np.zeros(len(day), dtype=np.int64)
    if group is not None:
        position = _whole("group", _checks.numbers("group", group))
        _checks.check_length("group", position, len(day))
    k = _n_groups(position, n_groups)
    cell = position * m + np.maximum(codes - 1, 0)
    width = int(day.max()) + 1
    counts = dense_counts(day, codes > 0, cell, k * m, width).reshape(k, m, 2, width)
    return CauseCounts(
        events=freeze(counts[:, :, 1].copy()), censored=freeze(counts[:, 0, 0].copy())
    )


def cause_counts_from_cells(
    cells: npt.ArrayLike, *, n_groups: int | None = None, n_causes: int | None = None
) -> CauseCounts:
    """Make counts from one row a group, cause and day; rows of the same cell are added.

    Parameters
    ----------
    cells : int array (r, 4)
        Code of the group, cause (0 for censored), whole day, and number of subjects.
    n_groups, n_causes : int, optional
        As in `count_causes`.

    Raises
    ------
    InputError
        If the array cannot be used.

    Examples
    --------
    >>> counts = cause_counts_from_cells([[0, 1, 1, 1], [0, 2, 2, 1], [0, 0, 2, 1]])
    >>> counts.events.tolist(), counts.censored.tolist()
    ([[[0, 1, 0], [0, 0, 1]]], [[0, 0, 1]])
    """
    array = _whole("cells", _checks.numbers("cells", cells, ndim=2))
    if array.shape[1] != 4:
        raise InputError("cells must have four columns: group, cause, day, subjects.")
    if array.min() < 0:
        raise InputError("cells must not hold negative numbers.")
    group, cause, day, subjects = array.T
    _check_days(day)
    codes, m = causes_of(cause, len(day), n_causes)
    k = _n_groups(group, n_groups)
    # Position 0 holds the censored, so that a code is its own position.
    counts = np.zeros((k, m + 1, int(day.max()) + 1), dtype=np.int64)
    np.add.at(counts, (group, codes, day), subjects)
    return CauseCounts(events=freeze(counts[:, 1:].copy()), censored=freeze(counts[:, 0].copy()))


def cumulative_incidence_from_counts(
    counts: CauseCounts,
    *,
    variance: str = "greenwood",
    conf_type: str = "log-log",
    conf_level: float = 0.95,
) -> CumulativeIncidence:
    """Estimate the incidences of all groups together; see `cumulative_incidence`.

    Examples
    --------
    >>> curves = cumulative_incidence_from_counts(count_causes([1, 2, 2], [1, 2, 0]))
    >>> curves.incidence.round(3).tolist()
    [[0.333, 0.333], [0.0, 0.333]]
    """
    check_incidence_options(variance, conf_type, conf_level)
    if not counts.n.any():
        raise InputError("There is no subject to make a curve of.")
    options = (variance, conf_type, conf_level)
    day = np.arange(counts.censored.shape[1], dtype=np.float64)
    return incidence_from_tally(
        day, counts.events.sum(axis=0), counts.censored.sum(axis=0), options
    )


def cumulative_incidence_by_group_from_counts(
    counts: CauseCounts,
    *,
    variance: str = "greenwood",
    conf_type: str = "log-log",
    conf_level: float = 0.95,
) -> GroupedIncidence:
    """Estimate the incidences of each group that has subjects."""
    check_incidence_options(variance, conf_type, conf_level)
    options = (variance, conf_type, conf_level)
    found = np.flatnonzero(counts.n).tolist()
    day = np.arange(counts.censored.shape[1], dtype=np.float64)
    curves = tuple(
        incidence_from_tally(day, counts.events[code], counts.censored[code], options)
        for code in found
    )
    return GroupedIncidence(groups=tuple(found), curves=curves)


def gray_test_from_counts(
    counts: CauseCounts, *, cause_of_interest: int = 1, rho: float = 0.0
) -> GrayTest:
    """Compare the groups that have subjects; see `gray_test`.

    Examples
    --------
    >>> counts = count_causes([1, 2, 3, 4, 5, 6], [1, 2, 1, 0, 1, 2], [0, 0, 1, 0, 1, 1])
    >>> round(gray_test_from_counts(counts).statistic, 4)
    0.0179
    """
    position = check_cause(cause_of_interest, counts.events.shape[1])
    found = np.flatnonzero(counts.n)
    own = counts.events[found, position]
    told = np.stack([own, counts.events[found].sum(axis=1) - own], axis=1)
    censored = counts.censored[found]
    days = np.flatnonzero(told.any(axis=(0, 1)) | censored.any(axis=0))
    tally = CauseTally(days.astype(np.float64), told[:, :, days], censored[:, days])
    return gray_from_tally(tally, found, 1, cause_of_interest, rho)


def _n_groups(position: IntArray, n_groups: int | None) -> int:
    k = int(position.max()) + 1 if n_groups is None else _checks.count("n_groups", n_groups)
    if position.min() < 0 or position.max() >= k:
        raise InputError(f"group must hold codes from 0 to {k - 1}.")
    return k


def _check_days(day: IntArray) -> None:
    if day.max() > MAX_DAY:
        raise InputError(f"Days above {MAX_DAY} are not counted day by day; check the unit.")


def _widen(array: IntArray, days: int) -> IntArray:
    wide = np.zeros((*array.shape[:-1], days), dtype=np.int64)
    wide[..., : array.shape[-1]] = array
    return wide


def _whole(name: str, array: npt.NDArray[np.generic]) -> IntArray:
    return _checks.whole(array, f"{name} must hold whole numbers.")
