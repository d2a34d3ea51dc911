"""Goals of a search: a statistic of a group or a model, and the interval it has to lie in."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
from scipy.special import erfc, ndtri

from hepatica.errors import InputError
from hepatica.simulate.rebuild.search_statistics import (
    Curves,
    Flags,
    Real,
    Whole,
    curves_of,
    median_of,
)
from hepatica.simulate.rebuild.sheet_search_statistics import (
    Coefficients,
    Ordered,
    cox_rows,
    logrank_p,
    ordered,
)

_Z = float(ndtri(0.975))
_MONTH = 30.4375
Limit = Literal["", "lower", "upper"]
_LIMITS: tuple[Limit, Limit, Limit] = ("", "lower", "upper")
#: Distance of a statistic that is not reached at all.
_FAR = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A statistic and the interval it has to lie in.

    Attributes
    ----------
    kind : {"median", "rank", "logrank", "hazard_ratio", "p_value"}
        Kaplan-Meier median; the time that is the `rank`-th smallest; log-rank p-value; hazard
        ratio, and p-value of Wald's test, of the characteristic `of` in a model of `names`.
    names : tuple of str
        The characteristic that makes the group, or the covariates of the model.
    level : int
        Value of the characteristic in the group.
    limit : {"", "lower", "upper"}
        The estimate or a limit of it.
    low, high : float
        The interval; both ends belong to it.
    unit : float
        Distance that counts 1; of a hazard ratio on the scale of its logarithm.
    other : bool
        Whether it is about the endpoint that stays as it is.
    """

    kind: Literal["median", "rank", "logrank", "hazard_ratio", "p_value"]
    names: tuple[str, ...]
    low: float
    high: float
    unit: float
    level: int = 1
    of: str = ""
    limit: Limit = ""
    rank: int = 0
    other: bool = False


def printed_median(name: str, level: int, text: str) -> list[Goal]:
    """Return the goals of a median with its limits, printed in months.

    Examples
    --------
    >>> [(goal.limit, round(goal.low)) for goal in printed_median("arm", 1, "11.8 (9.2-16.2)")]
    [('', 358), ('lower', 279), ('upper', 492)]
    """
    goals = []
    for limit, number in zip(_LIMITS, _numbers(text), strict=True):
        value, half = number
        edge = 0.01 * half
        goals.append(
            Goal(
                kind="median", names=(name,), level=level, limit=limit,
                low=(value - half) * _MONTH, high=(value + half - edge) * _MONTH, unit=3.0,
            )
        )  # fmt: skip
    return goals


def printed_ratio(of: str, names: Sequence[str], text: str, unit: float = 0.01) -> list[Goal]:
    """Return the goals of a hazard ratio with its limits.

    Examples
    --------
    >>> [round(goal.high, 4) for goal in printed_ratio("ecog", ["ecog"], "3.474 (1.812-6.660)")]
    [3.4745, 1.8125, 6.6605]
    """
    return [
        Goal(
            kind="hazard_ratio", names=tuple(names), of=of, limit=limit,
            low=value - half, high=value + 0.99 * half, unit=unit,
        )
        for limit, (value, half) in zip(_LIMITS, _numbers(text), strict=True)
    ]  # fmt: skip


def _numbers(text: str) -> list[tuple[float, float]]:
    """Return printed numbers, each with half a unit of its last decimal."""
    words = text.replace("(", " ").replace(")", " ").replace("-", " ").split()
    return [(float(one), 0.5 * 10.0 ** -len(one.partition(".")[2])) for one in words]


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """Sets of patients as goals look at them; models are fitted once.

    Attributes
    ----------
    time, event : array (sets, patients)
        The endpoint that is searched.
    flags : mapping of str to array, (patients,) or (sets, patients)
        Characteristics.
    ordered, other : Ordered
        The patients in the order of each endpoint.
    """

    time: Whole
    event: Flags
    flags: Mapping[str, Whole]
    ordered: Ordered
    other: Ordered | None
    fits: dict[tuple[bool, tuple[str, ...]], Coefficients]
    curves: dict[tuple[str, int], Curves]

    @classmethod
    def of(
        cls, time: Whole, event: Flags, flags: Mapping[str, Whole],
        other: tuple[Whole, Flags] | None,
    ) -> Self:  # fmt: skip
        """Order the patients."""
        second = None
        if other is not None:
            second = ordered(
                np.broadcast_to(other[0], time.shape), np.broadcast_to(other[1], time.shape)
            )
        return cls(time, event, flags, ordered(time, event), second, {}, {})

    def members(self, goal: Goal) -> Whole:
        """Return the positions of the patients of a group; it is not one that is searched."""
        flags = self.flags[goal.names[0]]
        if flags.ndim != 1:
            raise InputError("A group whose members are searched has no median as its goal.")
        return np.flatnonzero(flags == goal.level)

    def curve(self, goal: Goal) -> Curves:
        """Return the curves of a group."""
        key = (goal.names[0], goal.level)
        if key not in self.curves:
            at = self.members(goal)
            self.curves[key] = curves_of(self.time[:, at], self.event[:, at])
        return self.curves[key]

    def fit(self, goal: Goal, start: Real) -> Coefficients:
        """Return the model of a goal."""
        key = (goal.other, goal.names)
        if key not in self.fits:
            sets = self.other if goal.other and self.other is not None else self.ordered
            x = np.stack([sets.take(self.flags[name]) for name in goal.names])
            self.fits[key] = cox_rows(sets, x, start)
        return self.fits[key]


def losses(goals: Sequence[Goal], looked: Looked) -> Real:
    """Return how far each set lies outside of the intervals of all goals."""
    starts = _starts(goals)
    total = np.zeros(len(looked.time))
    for goal in goals:
        total += distance(goal, value_of(goal, looked, starts))
    return total


def distance(goal: Goal, value: Real) -> Real:
    """Return how far values lie outside of the interval of a goal, in its unit."""
    low, high, seen = goal.low, goal.high, value
    if goal.kind == "hazard_ratio":
        low, high, seen = math.log(low), math.log(high), np.log(np.maximum(value, 1e-9))
    far = np.maximum(np.maximum(low - seen, seen - high), 0.0) / goal.unit
    capped: Real = np.minimum(np.nan_to_num(far, nan=_FAR, posinf=_FAR), 5 * _FAR)
    return capped


def value_of(goal: Goal, looked: Looked, starts: Mapping[tuple[str, ...], Real]) -> Real:
    """Return the statistic of a goal in each set."""
    if goal.kind == "median":
        return median_of(looked.curve(goal), goal.limit)
    if goal.kind == "rank":
        times = np.sort(looked.time[:, looked.members(goal)], axis=1)
        return times[:, goal.rank - 1].astype(np.float64)
    if goal.kind == "logrank":
        sets = looked.other if goal.other and looked.other is not None else looked.ordered
        return logrank_p(sets, sets.take(looked.flags[goal.names[0]]))
    fit = looked.fit(goal, starts[goal.names])
    at = goal.names.index(goal.of)
    coef, error = fit.coef[:, at], fit.error[:, at]
    if goal.kind == "p_value":
        p: Real = erfc(np.abs(coef) / error / math.sqrt(2.0))
        return p
    sign = {"": 0.0, "lower": -1.0, "upper": 1.0}[goal.limit]
    ratio: Real = np.exp(coef + sign * _Z * error)
    return ratio


def _starts(goals: Sequence[Goal]) -> dict[tuple[str, ...], Real]:
    """Return where Newton's method starts for each model: at the printed values."""
    starts: dict[tuple[str, ...], Real] = {}
    for goal in goals:
        start = starts.setdefault(goal.names, np.zeros(len(goal.names)))
        if goal.kind == "hazard_ratio" and not goal.limit:
            start[goal.names.index(goal.of)] = math.log((goal.low + goal.high) / 2.0)
    return starts
